package actions

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

const requestSecret = "req-s3cr3t"

func tokenServer(t *testing.T, handle http.HandlerFunc) func(string) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return environment(map[string]string{
		"ACTIONS_ID_TOKEN_REQUEST_URL": server.URL + "/token?api-version=2.0", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": requestSecret,
	})
}

func TestIDToken(t *testing.T) {
	t.Parallel()
	getenv := tokenServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("Authorization") != "Bearer "+requestSecret ||
			r.URL.Query().Get("audience") != "nixbuild.net" || r.URL.Query().Get("api-version") != "2.0" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		fmt.Fprint(w, `{"count":1,"value":"the.jwt"}`)
	})
	require.True(t, HasIDToken(getenv))
	token, err := IDToken(t.Context(), getenv, http.DefaultClient)
	require.NoError(t, err)
	require.Equal(t, "the.jwt", token)
}

func TestIDTokenRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status    int
		body      string
		want      string
		temporary bool
	}{
		"busy":      {503, "wait " + requestSecret, "asking GitHub for an id token: HTTP 503: Service Unavailable", true},
		"too many":  {429, "", "asking GitHub for an id token: HTTP 429: Too Many Requests", true},
		"forbidden": {403, requestSecret, "asking GitHub for an id token: HTTP 403: Forbidden", false},
		"no token":  {200, `{"count":0}`, "asking GitHub for an id token: HTTP 200: the answer holds no token", false},
		"not JSON":  {200, `half.a.jwt`, "asking GitHub for an id token: HTTP 200: the answer holds no token", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			getenv := tokenServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "3")
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			})
			_, err := IDToken(t.Context(), getenv, http.DefaultClient)
			require.EqualError(t, err, c.want)
			var failure *TokenError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, c.status, failure.Status)
			require.Equal(t, "3", failure.RetryAfter)
			require.Equal(t, c.temporary, failure.Temporary())
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestIDTokenUnreachable(t *testing.T) {
	t.Parallel()
	getenv := environment(map[string]string{
		"ACTIONS_ID_TOKEN_REQUEST_URL": "https://host.example/path-s3cr3t", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": requestSecret,
	})
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("proxy refused %q", r.Header.Get("Authorization"))
	})}
	_, err := IDToken(t.Context(), getenv, client)
	require.EqualError(t, err, `asking GitHub for an id token: proxy refused "Bearer ***"`)
	var failure *TokenError
	require.ErrorAs(t, err, &failure)
	require.True(t, failure.Temporary())

	client.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, context.Canceled })
	_, err = IDToken(t.Context(), getenv, client)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorAs(t, err, &failure)
	require.False(t, failure.Temporary(), "an interrupted run does not try again")
}

func TestIDTokenWithoutPermission(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"} {
		vars := map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": "http://unused.example", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": requestSecret}
		delete(vars, missing)
		require.False(t, HasIDToken(environment(vars)))
		_, err := IDToken(t.Context(), environment(vars), nil)
		require.ErrorContains(t, err, missing)
		require.ErrorContains(t, err, "permissions: id-token: write")
		require.ErrorContains(t, err, "pull requests from forks")
		require.NotContains(t, err.Error(), requestSecret)
	}
}
