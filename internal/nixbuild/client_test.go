package nixbuild_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild/nixbuildtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var drv = "/nix/store/" + strings.Repeat("a", 32) + "-hello.drv"

func request() api.ProcessRequest {
	return api.NewCheckRun(drv, `🚧 <hello> & "co"`, "Build checks.hello")
}

func clientOf(t *testing.T, s *nixbuildtest.Server, o nixbuild.Options) *nixbuild.Client {
	t.Helper()
	o.Base, o.Token, o.HTTP = s.URL, s.Token, s.HTTP
	return nixbuild.New(o)
}

func TestCreateProcess(t *testing.T) {
	s := nixbuildtest.New(t, nixbuildtest.Options{Subpath: "/api/v1"})
	answer, err := clientOf(t, s, nixbuild.Options{}).CreateProcess(t.Context(), request())
	require.NoError(t, err)
	var processes []api.Process
	require.NoError(t, json.Unmarshal(answer, &processes))
	assert.Equal(t, drv+"^*", processes[0].Installable)
	assert.Equal(t, []api.ProcessRequest{request()}, s.Requests())
}

func TestIDTokenIsSent(t *testing.T) {
	s := nixbuildtest.New(t, nixbuildtest.Options{IDToken: func(token string) bool { return token == "good" }})
	c := clientOf(t, s, nixbuild.Options{IDToken: func(context.Context) (string, error) { return "good", nil }})
	_, err := c.CreateProcess(t.Context(), request())
	require.NoError(t, err)
	_, err = c.Process(t.Context(), "1")
	require.NoError(t, err)
}

func TestAnswers(t *testing.T) {
	tests := map[string]struct {
		answer    nixbuildtest.Answer
		want      string // the answer
		err       string
		transient bool
	}{
		"json":        {answer: nixbuildtest.Answer{Status: 200, Body: ` {"id": 1} `}, want: `{"id": 1}`},
		"text":        {answer: nixbuildtest.Answer{Status: 201, Body: "thank you\n"}, want: `"thank you"`},
		"nothing":     {answer: nixbuildtest.Answer{Status: 204}, want: `""`},
		"bad request": {answer: nixbuildtest.Answer{Status: 400, Body: "no such thing"}, err: "400 Bad Request: no such thing"},
		"no token":    {answer: nixbuildtest.Answer{Status: 401}, err: "`permissions: id-token: write`"},
		"forbidden":   {answer: nixbuildtest.Answer{Status: 403, Body: "nope"}, err: "403 Forbidden: nope (the nixbuild.net token lacks a permission, such as build:write"},
		"busy":        {answer: nixbuildtest.Answer{Status: 429, Header: map[string]string{"Retry-After": "7"}}, err: "429", transient: true},
		"busy until": {
			answer: nixbuildtest.Answer{Status: 503, Header: map[string]string{"Retry-After": "Thu, 01 Jan 2026 00:00:09 GMT"}},
			err:    "503", transient: true,
		},
		"busy, no hint":  {answer: nixbuildtest.Answer{Status: 429, Header: map[string]string{"Retry-After": "soon"}}, err: "429", transient: true},
		"broken":         {answer: nixbuildtest.Answer{Status: 500, Body: "oops"}, err: "500 Internal Server Error: oops", transient: true},
		"secrets":        {answer: nixbuildtest.Answer{Status: 400, Body: "bad token test-token"}, err: "bad token ***"},
		"moved":          {answer: moved(301, "/elsewhere"), err: "redirected in a way that turns it into a GET"},
		"moved to other": {answer: moved(308, "https://evil.example/processes?x=y"), err: "redirected to https://evil.example, where the token must not go"},
		"moved a little": {answer: moved(308, "/processes"), want: ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := nixbuildtest.New(t, nixbuildtest.Options{})
			s.Script(test.answer)
			answer, err := clientOf(t, s, nixbuild.Options{}).CreateProcess(t.Context(), request())
			if test.err == "" {
				require.NoError(t, err)
				if test.want != "" {
					assert.Equal(t, test.want, string(answer))
				}
				return
			}
			require.ErrorContains(t, err, test.err)
			assert.NotContains(t, err.Error(), "test-token")
			assert.Equal(t, 1, strings.Count(err.Error(), "/processes"), "context once: %v", err)
			assert.Equal(t, test.transient, engine.IsTransient(err))
		})
	}
}

func moved(status int, to string) nixbuildtest.Answer {
	return nixbuildtest.Answer{Status: status, Header: map[string]string{"Location": to}}
}

func TestErrorTextIsBounded(t *testing.T) {
	s := nixbuildtest.New(t, nixbuildtest.Options{})
	s.Script(nixbuildtest.Answer{Status: 400, Body: strings.Repeat("é", 5000)})
	_, err := clientOf(t, s, nixbuild.Options{}).CreateProcess(t.Context(), request())
	var status *nixbuild.StatusError
	require.ErrorAs(t, err, &status)
	assert.Equal(t, strings.Repeat("é", 512)+"…", status.Text)
}

func TestRedirectsInCircles(t *testing.T) {
	s := nixbuildtest.New(t, nixbuildtest.Options{})
	for range 10 {
		s.Script(moved(308, "/processes"))
	}
	_, err := clientOf(t, s, nixbuild.Options{}).CreateProcess(t.Context(), request())
	require.ErrorContains(t, err, "circles")
	assert.False(t, engine.IsTransient(err))
}

func TestNetworkErrorsAreTransient(t *testing.T) {
	h := httptest.NewServer(nil)
	h.Close()
	c := nixbuild.New(nixbuild.Options{Base: h.URL, Token: "secret"})
	defer c.Close()
	_, err := c.CreateProcess(t.Context(), request())
	assert.True(t, engine.IsTransient(err))
	assert.Equal(t, 1, strings.Count(err.Error(), h.URL), "%v", err)
}

func TestCancelledIsNotTransient(t *testing.T) {
	s := nixbuildtest.New(t, nixbuildtest.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	_, err := clientOf(t, s, nixbuild.Options{}).CreateProcess(ctx, request())
	require.ErrorIs(t, err, cause)
	assert.False(t, engine.IsTransient(err))
}

func TestUntrustedCertificateIsFinal(t *testing.T) {
	h := httptest.NewUnstartedServer(http.NotFoundHandler())
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	h.StartTLS()
	defer h.Close()
	for _, base := range []string{h.URL, "gopher://x", "::"} {
		c := nixbuild.New(nixbuild.Options{Base: base, Token: "secret"})
		_, err := c.CreateProcess(t.Context(), request())
		require.Error(t, err)
		assert.False(t, engine.IsTransient(err), "%v", err)
		c.Close()
	}
}

func TestProcess(t *testing.T) {
	s := nixbuildtest.New(t, nixbuildtest.Options{Created: func(p api.Process) api.Process {
		p.Status = api.Built
		return p
	}})
	c := clientOf(t, s, nixbuild.Options{})
	_, err := c.CreateProcess(t.Context(), request())
	require.NoError(t, err)
	p, err := c.Process(t.Context(), "1")
	require.NoError(t, err)
	assert.Equal(t, api.Built, p.Status)
	_, err = c.Process(t.Context(), "a/../b")
	require.ErrorContains(t, err, "404")
	s.Script(nixbuildtest.Answer{Status: 200, Body: "hello"})
	_, err = c.Process(t.Context(), "1")
	require.ErrorContains(t, err, "not a process")
}

func TestFromEnv(t *testing.T) {
	tests := []struct{ scheme, host, port, subpath, want string }{
		{want: "https://api.nixbuild.net"},
		{scheme: "https", host: "nix.example", port: "443", want: "https://nix.example"},
		{host: "nix.example", port: "8443", subpath: "/api/v1", want: "https://nix.example:8443/api/v1"},
		{scheme: "http", host: "localhost", port: "80", subpath: "x/", want: "http://localhost/x"},
		{scheme: "http", host: "::1", port: "8080", want: "http://[::1]:8080"},
		{scheme: "http", host: "[::1]", port: "80", want: "http://[::1]"},
	}
	for _, test := range tests {
		env := map[string]string{"SCHEME": test.scheme, "HOST": test.host, "PORT": test.port, "SUBPATH": test.subpath}
		got := nixbuild.FromEnv(func(name string) string {
			short, ok := strings.CutPrefix(name, "NIXBUILDNET_HTTP_API_")
			require.True(t, ok, name)
			return env[short]
		})
		assert.Equal(t, test.want, got, fmt.Sprint(test))
	}
}
