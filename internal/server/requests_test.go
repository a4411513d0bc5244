package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/server"
)

func TestRequestsAreChecked(t *testing.T) {
	b := start(t, server.Options{Build: good})
	body, err := json.Marshal([]api.ProcessRequest{api.NewCheckRun(drvPath("x"), "the name", "the title")})
	require.NoError(t, err)
	ok := string(body)
	swap := func(old, with string) string {
		require.Contains(t, ok, old)
		return strings.Replace(ok, old, with, 1)
	}
	tests := map[string]struct{ body, want string }{
		"empty":              {"", "not a list"},
		"object":             {strings.Trim(ok, "[]"), "not a list"},
		"no process":         {"[]", "empty"},
		"null":               {"null", "empty"},
		"more":               {ok + "[]", "goes on"},
		"unknown field":      {swap(`[{`, `[{"x":1,`), "unknown field"},
		"output":             {swap("^*", "^out"), "installable"},
		"no drv":             {swap(".drv", ""), "installable"},
		"elsewhere":          {swap("/nix/store", "/nix/store/.."), "installable"},
		"short hash":         {swap("aaaa", ""), "installable"},
		"line feed":          {swap("^*", `^*\n`), "installable"},
		"attribute of one":   {swap(`,""`, ""), "not a pair"},
		"attribute of three": {swap(`,""`, `,"",""`), "not a pair"},
		"odd attribute":      {swap("NIXBUILDNET_HOOK", "LD_PRELOAD"), "not the name of an attribute"},
		"twice":              {swap("RUN_NAME", "RUN_TITLE"), "twice"},
		"no name":            {swap("the name", " "), "RUN_NAME is missing"},
		"control":            {swap("the title", `a\u0007b`), "control characters"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := b.do("POST", "/processes", test.body)
			assert.Equal(t, http.StatusBadRequest, w.Code)
			var answer api.Error
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
			assert.Contains(t, answer.Error, test.want)
		})
	}
	large := b.do("POST", "/processes", "["+strings.Repeat(" ", 2<<20)+"]")
	assert.Equal(t, http.StatusRequestEntityTooLarge, large.Code)
	var all []api.Process
	b.get("/processes", &all)
	assert.Empty(t, all, "nothing of it was taken on")
}

func TestOtherRefusals(t *testing.T) {
	b := start(t, server.Options{Build: good})
	id := b.submit("x")[0].ID
	assert.Equal(t, http.StatusNotFound, b.do("GET", "/processes/other", "").Code)
	assert.Equal(t, http.StatusBadRequest, b.do("GET", "/processes/"+id+"?wait=-1", "").Code)
	assert.Equal(t, http.StatusMethodNotAllowed, b.do("DELETE", "/processes/"+id, "").Code)
	for _, query := range []string{"limit=x", "limit=-1", "create_time_from=today", "create_time_to=1"} {
		assert.Equal(t, http.StatusBadRequest, b.do("GET", "/builds?"+query, "").Code, query)
		assert.Equal(t, http.StatusBadRequest, b.do("GET", "/builds/summary?"+query, "").Code, query)
	}
}

func TestToken(t *testing.T) {
	for _, token := range []string{"", "secret"} {
		handler := server.New(server.Options{Token: token}).Handler()
		for _, header := range []string{"", "Bearer", "Bearer ", "Bearer secre", "Bearer secret2", "secret", "Basic secret"} {
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/processes", nil)
			r.Header.Set("Authorization", header)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			assert.Equal(t, http.StatusUnauthorized, w.Code, header)
		}
	}
}

func TestBuildsQueries(t *testing.T) {
	b := start(t, server.Options{Build: good})
	tagged := `[{"installable":"` + drvPath("t") + `^*","attributes":[["NIXBUILDNET_TAG_REPO","a/b"],["NIXBUILDNET_TAG_X","1"]]}]`
	var processes []api.Process
	require.NoError(t, json.Unmarshal(b.do("POST", "/processes", tagged).Body.Bytes(), &processes))
	processes = append(processes, b.submit("x", "y")...)
	for _, p := range processes {
		b.await(p.ID)
	}
	for query, want := range map[string][]string{
		"":                                      {"y", "x", "t"},
		"limit=2":                               {"y", "x"},
		"status=built,cancelled":                {"y", "x", "t"},
		"status=build_failed":                   nil,
		"tags=REPO:a/b,X:1":                     {"t"},
		"tags=REPO:a/b,X:2":                     nil,
		"create_time_to=2001-01-01":             nil,
		"create_time_from=2001-01-01T00:00:00Z": {"y", "x", "t"},
		"derivation_path=" + url.QueryEscape(drvPath("x")): {"x"},
	} {
		var builds []api.Build
		b.get("/builds?"+query, &builds)
		var names []string
		for _, build := range builds {
			assert.NotNil(t, build.Duration)
			require.Len(t, build.Outputs, 1)
			assert.Equal(t, "out", build.Outputs[0].Name)
			_, name, _ := strings.Cut(build.DerivationPath, "a-")
			names = append(names, strings.TrimSuffix(name, ".drv"))
		}
		assert.Equal(t, want, names, query)
		var sum api.Summary
		b.get("/builds/summary?"+query, &sum)
		assert.Equal(t, api.Summary{Builds: len(want), Successful: len(want)}, sum, query)
	}
}
