package nixbuildtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorder takes the complaints in place of the test.
type recorder struct {
	testing.TB
	complaints []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.complaints = append(r.complaints, fmt.Sprintf(format, args...))
}

const good = `[{"installable":"/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x.drv^*","attributes":[` +
	`["NIXBUILDNET_HOOK_GITHUB_CHECK_RUN",""],["NIXBUILDNET_GITHUB_CHECK_RUN_NAME","n"],["NIXBUILDNET_GITHUB_CHECK_RUN_TITLE","t"]]}]`

func TestStrictness(t *testing.T) {
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	tests := map[string]struct {
		body, path string
		change     func(*http.Request)
		want       string // "" is no complaint
	}{
		"good":               {body: good},
		"query":              {body: good, path: "/processes?x=y", want: "not POST /processes"},
		"path":               {body: good, path: "/process", want: "not POST /processes"},
		"method":             {body: good, change: func(r *http.Request) { r.Method = http.MethodPut }, want: "not POST"},
		"other token":        {body: good, change: header("Authorization", "Bearer x"), want: "header Authorization"},
		"no content type":    {body: good, change: header("Content-Type", "text/plain"), want: "header Content-Type"},
		"accepts all":        {body: good, change: header("Accept", "*/*"), want: "header Accept"},
		"bad id token":       {body: good, change: header("NIXBUILDNET-OIDC-ID-TOKEN", "x"), want: "header Nixbuildnet-Oidc-Id-Token"},
		"further header":     {body: good, change: header("X-More", "x"), want: "header X-More is not part of it"},
		"not a list":         {body: strings.Trim(good, "[]"), want: "not a list of one object"},
		"two":                {body: good[:len(good)-1] + "," + good[1:], want: "not a list of one object"},
		"further field":      {body: strings.Replace(good, `[{`, `[{"x":1,`, 1), want: `the object has`},
		"case":               {body: strings.Replace(good, "installable", "Installable", 1), want: "the object has"},
		"attribute of one":   {body: strings.Replace(good, `,""`, "", 1), want: "another form"},
		"other attributes":   {body: strings.Replace(good, "_HOOK_", "_TAG_", 1), want: "attributes are"},
		"no name":            {body: strings.Replace(good, `"n"`, `""`, 1), want: "attributes have the values"},
		"not an installable": {body: strings.Replace(good, "^*", "", 1), want: "installable is"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			s := New(r, Options{IDToken: func(token string) bool { return token == "id" }})
			if test.path == "" {
				test.path = "/processes"
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+test.path, strings.NewReader(test.body))
			require.NoError(t, err)
			req.Header = http.Header{
				"Content-Type": {"application/json"}, "Accept": {"application/json"},
				"Authorization": {"Bearer test-token"}, "Nixbuildnet-Oidc-Id-Token": {"id"},
			}
			if test.change != nil {
				test.change(req)
			}
			resp, err := s.HTTP.Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, 1, s.Count())
			if test.want == "" {
				assert.Empty(t, r.complaints)
				assert.Len(t, s.Requests(), 1)
				return
			}
			assert.Contains(t, strings.Join(r.complaints, "\n"), test.want)
			assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
			assert.Empty(t, s.Requests())
		})
	}
}
