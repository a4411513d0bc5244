package nixbuild_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild/nixbuildtest"
)

func TestRedirects(t *testing.T) {
	for status, refusal := range map[int]string{
		301: "turns it into a GET", 302: "turns it into a GET", 303: "turns it into a GET", 307: "", 308: "",
	} {
		s := nixbuildtest.New(t, nixbuildtest.Options{})
		s.Script(moved(status, "/processes"))
		_, err := clientOf(t, s, nixbuild.Options{}).CreateProcess(t.Context(), request())
		if refusal == "" {
			require.NoError(t, err, "%d", status)
			assert.Equal(t, request(), s.Requests()[len(s.Requests())-1], "%d: with its body", status)
			continue
		}
		require.ErrorContains(t, err, refusal, "%d", status)
		assert.False(t, engine.IsTransient(err), "%d", status)
	}
}

// Neither another port nor another scheme of the same machine sees the token.
func TestTheTokenStaysWhereItBelongs(t *testing.T) {
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	for _, status := range []int{302, 307, 308} {
		for _, to := range []string{other.URL + "/processes", "https://127.0.0.1/processes?secret=x"} {
			s := nixbuildtest.New(t, nixbuildtest.Options{})
			s.Script(moved(status, to))
			_, err := clientOf(t, s, nixbuild.Options{}).CreateProcess(t.Context(), request())
			require.ErrorContains(t, err, "where the token must not go", "%d %s", status, to)
			assert.NotContains(t, err.Error(), "secret=x")
			assert.False(t, engine.IsTransient(err))
		}
	}
	assert.False(t, reached)
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	s := nixbuildtest.New(t, nixbuildtest.Options{IDToken: func(token string) bool { return token == "id-secret" }})
	// Cut at 1024 bytes, the token would lose its end and be taken for other text.
	s.Script(nixbuildtest.Answer{Status: 400, Body: "id-secret " + strings.Repeat("x", 1010) + s.Token + " tail"})
	c := clientOf(t, s, nixbuild.Options{IDToken: func(context.Context) (string, error) { return "id-secret", nil }})
	_, err := c.CreateProcess(t.Context(), request())
	var status *nixbuild.StatusError
	require.ErrorAs(t, err, &status)
	assert.Equal(t, "*** "+strings.Repeat("x", 1010)+"*** tail", status.Text)

	c = nixbuild.New(nixbuild.Options{Base: "http://user:hunter2@127.0.0.1:1", Token: "secret"})
	defer c.Close()
	_, err = c.CreateProcess(t.Context(), request())
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestWithoutIDTokenNothingIsSent(t *testing.T) {
	s := nixbuildtest.New(t, nixbuildtest.Options{})
	cause := engine.Transient(errors.New("GitHub is busy"))
	c := clientOf(t, s, nixbuild.Options{IDToken: func(context.Context) (string, error) { return "", cause }})
	_, err := c.CreateProcess(t.Context(), request())
	require.ErrorIs(t, err, cause)
	assert.True(t, engine.IsTransient(err), "it may be better next time")
	assert.Empty(t, s.Requests())
}

func TestFromEnvVariants(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"https://api.nixbuild.net/v1":     {"SUBPATH": "v1"},
		"https://api.nixbuild.net/v1/x":   {"SUBPATH": "//v1/x//"},
		"https://api.nixbuild.net":        {"SUBPATH": "/", "HOST": " ", "PORT": "\n"},
		"https://api.nixbuild.net:80":     {"PORT": "80"},
		"http://api.nixbuild.net:443":     {"SCHEME": "http"},
		"https://api.nixbuild.net:8443/a": {"PORT": " 8443 ", "SUBPATH": " /a "},
		"http://localhost:443443/a":       {"SCHEME": "http", "HOST": "localhost", "PORT": "443443", "SUBPATH": "a"},
		"https://[2001:db8::443]":         {"HOST": "2001:db8::443"},
	} {
		got := nixbuild.FromEnv(func(name string) string { return env[strings.TrimPrefix(name, "NIXBUILDNET_HTTP_API_")] })
		assert.Equal(t, want, got)
	}
}
