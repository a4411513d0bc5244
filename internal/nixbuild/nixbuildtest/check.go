package nixbuildtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

var installable = regexp.MustCompile(`^/nix/store/[0-9a-z]{32}-[0-9A-Za-z+\-._?=]+\.drv\^\*$`)

// what Go's client adds by itself; Referer after a redirect
var harmless = []string{"Accept-Encoding", "Content-Length", "Referer", "User-Agent"}

// check holds a request against the one that is known to work.
func (s *Server) check(r *http.Request, body []byte) (api.ProcessRequest, []string) {
	var problems []string
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if r.Method != http.MethodPost || r.URL.RequestURI() != s.options.Subpath+"/processes" {
		complain("not POST %s/processes", s.options.Subpath)
	}
	s.checkHeaders(r.Header, complain)
	request := checkBody(body, complain)
	return request, problems
}

func (s *Server) checkHeaders(got http.Header, complain func(string, ...any)) {
	want := map[string]string{
		"Content-Type": "application/json", "Accept": "application/json", api.AuthorizationHeader: "Bearer " + s.Token,
	}
	known := slices.Clone(harmless)
	for name, value := range want {
		known = append(known, name)
		if all := got.Values(name); len(all) != 1 || all[0] != value {
			complain("header %s is %q", name, all)
		}
	}
	if s.options.IDToken != nil {
		name := http.CanonicalHeaderKey(api.OIDCTokenHeader)
		known = append(known, name)
		if all := got.Values(name); len(all) != 1 || !s.options.IDToken(all[0]) {
			complain("header %s is %q", name, all)
		}
	}
	for name := range got {
		if !slices.Contains(known, name) {
			complain("header %s is not part of it", name)
		}
	}
}

// checkBody reads the body twice: Go's decoder forgives what JSON forbids us, such as other cases of a name.
func checkBody(body []byte, complain func(string, ...any)) api.ProcessRequest {
	var raw []map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil || len(raw) != 1 {
		complain("body %q is not a list of one object (%v)", body, err)
		return api.ProcessRequest{}
	}
	if names := slices.Sorted(maps.Keys(raw[0])); !slices.Equal(names, []string{"attributes", "installable"}) {
		complain("the object has %q", names)
	}
	var requests []api.ProcessRequest
	if err := json.Unmarshal(body, &requests); err != nil {
		complain("body %q: %v", body, err)
		return api.ProcessRequest{}
	}
	if again, err := json.Marshal(requests); err != nil || !bytes.Equal(again, body) {
		complain("body %s has more than is known, or in another form", body)
	}
	request := requests[0]
	if !installable.MatchString(request.Installable) {
		complain("installable is %q", request.Installable)
	}
	checkAttributes(request.Attributes, complain)
	return request
}

func checkAttributes(got [][2]string, complain func(string, ...any)) {
	names := []string{api.HookGitHubCheckRun, api.GitHubCheckRunName, api.GitHubCheckRunTitle}
	if !slices.EqualFunc(got, names, func(a [2]string, name string) bool { return a[0] == name }) {
		complain("attributes are %q", got)
		return
	}
	if got[0][1] != "" || got[1][1] == "" || got[2][1] == "" {
		complain("attributes have the values %q", got)
	}
}
