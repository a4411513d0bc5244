package cli_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nixbuild/nixbuild-checks/internal/nixbuild/nixbuildtest"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

// Every secret of the scripts holds this word, so that they can look for it where none may be.
const secret = "s3cret"

// nixbuildnet starts a fake of nixbuild.net at $API, with its token in the environment. Where id-tokens came before,
// each request must have one of its tokens, else none.
func nixbuildnet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: nixbuildnet")
	}
	s := of(ts)
	options := nixbuildtest.Options{Token: "nixbuildnet-" + secret}
	if s.issuer != nil {
		options.IDToken = s.issuer.issued
	}
	s.remote = nixbuildtest.New(s.t, options)
	ts.Setenv("API", s.remote.URL)
	ts.Setenv("NIXBUILDNET_TOKEN", options.Token)
}

// door DIR opens nixbuild.net's ssh door to a store at DIR, and sets the environment that nixbuild-action leaves for the
// steps after it: with it, neither --api nor --destination is needed.
func door(ts *testscript.TestScript, neg bool, args []string) {
	s := of(ts)
	s.door = nixbuildtest.OpenDoor(s.t, s.remote.Token, ts.MkAbs(one(ts, neg, args)))
	ts.Setenv("NIX_SSHOPTS", s.door.Options)
	api, err := url.Parse(s.remote.URL)
	ts.Check(err)
	ts.Setenv("NIXBUILDNET_HTTP_API_SCHEME", api.Scheme)
	ts.Setenv("NIXBUILDNET_HTTP_API_HOST", api.Hostname())
	ts.Setenv("NIXBUILDNET_HTTP_API_PORT", api.Port())
}

// entered wants that somebody came through the door, and always with an id token of the issuer.
func entered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: entered")
	}
	sessions := of(ts).door.Sessions()
	if len(sessions) == 0 {
		ts.Fatalf("nobody came through the door")
	}
	for _, environment := range sessions {
		if !of(ts).issuer.issued(environment["NIXBUILDNET_OIDC_ID_TOKEN"]) {
			ts.Fatalf("a session has no id token of the issuer")
		}
	}
}

// answers STATUS... has the fake answer its next requests so.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: answers STATUS...")
	}
	for _, arg := range args {
		status, err := strconv.Atoi(arg)
		ts.Check(err)
		body := fmt.Sprintf(`{"error":"scripted, and it repeats the token nixbuildnet-%s"}`, secret)
		of(ts).remote.Script(nixbuildtest.Answer{Status: status, Body: body})
	}
}

// requested FILE compares the processes that the fake was asked for with the submitted checks of a results file.
func requested(ts *testscript.TestScript, neg bool, args []string) {
	var want, got []string
	for _, c := range results(ts, one(ts, neg, args)).Checks {
		if c.Outcome == report.Submitted {
			want = append(want, fmt.Sprintf("%s^* %q %q", c.DrvPath, c.Name, c.Title))
		}
	}
	for _, r := range of(ts).remote.Requests() {
		got = append(got, fmt.Sprintf("%s %q %q", r.Installable, r.Attributes[1][1], r.Attributes[2][1]))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		ts.Fatalf("requested:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	fmt.Fprintf(ts.Stdout(), "%d checks in %d requests\n", len(got), of(ts).remote.Count())
}

// copied URI FILE has real Nix say that the whole closure of every submitted check of a results file is valid in a store.
func copied(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copied URI FILE")
	}
	var drvs []string
	for _, c := range results(ts, args[1]).Checks {
		if c.Outcome == report.Submitted {
			drvs = append(drvs, c.DrvPath)
		}
	}
	if len(drvs) == 0 {
		ts.Fatalf("%s: nothing was submitted", args[1])
	}
	closure := nixStore(ts, append([]string{"--query", "--requisites"}, drvs...)...)
	nixStore(ts, append([]string{"--store", args[0], "--check-validity"}, closure...)...)
}

func nixStore(ts *testscript.TestScript, args ...string) []string {
	cmd := exec.CommandContext(of(ts).t.Context(), find(of(ts).path, "nix-store"), args...)
	cmd.Env = environ(ts)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		ts.Fatalf("nix-store %q: %v: %s", args, err, stderr.String())
	}
	return strings.Fields(string(out))
}

// issuer is a fake of GitHub's service for id tokens.
type issuer struct {
	mu     sync.Mutex
	tokens []string
	status int
}

func (i *issuer) issued(token string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Contains(i.tokens, token)
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.status != 0:
		http.Error(w, "the body of a refusal may hold "+secret, i.status)
		return
	case r.Method != http.MethodGet, r.URL.Query().Get("audience") != "nixbuild.net", r.URL.Query().Get("api-version") != "2.0",
		r.Header.Get("Authorization") != "Bearer request-"+secret:
		http.Error(w, "not a request for an id token", http.StatusBadRequest)
		return
	}
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"iat":1000,"exp":1300}`))
	token := fmt.Sprintf("id-%s.%s.%d", secret, claims, len(i.tokens)+1)
	i.tokens = append(i.tokens, token)
	_ = json.NewEncoder(w).Encode(map[string]string{"value": token})
}

// id-tokens [STATUS] starts a fake of GitHub's service for id tokens and sets the environment of a job that may use
// it. With a STATUS it refuses every request with that.
func idTokens(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: id-tokens [STATUS]")
	}
	i := &issuer{}
	if len(args) == 1 {
		status, err := strconv.Atoi(args[0])
		ts.Check(err)
		i.status = status
	}
	h := httptest.NewServer(i)
	ts.Defer(h.Close)
	of(ts).issuer = i
	ts.Setenv("ACTIONS_ID_TOKEN_REQUEST_URL", h.URL+"/token?api-version=2.0")
	ts.Setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-"+secret)
}
