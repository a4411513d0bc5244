package nixbuild

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

func jwt(claims string) string {
	return "h." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".s"
}

func TestTokenLife(t *testing.T) {
	now := time.Unix(1000, 0)
	for token, want := range map[string]time.Duration{
		"opaque":                           unknownLife,
		"a.!.c":                            unknownLife,
		jwt(`[]`):                          unknownLife,
		jwt(`{"iat":1}`):                   unknownLife,
		jwt(`{"exp":1300}`):                300 * time.Second,
		jwt(`{"exp":900}`):                 0,
		jwt(`{"iat":500000,"exp":500300}`): 300 * time.Second,
		jwt(`{"exp":1e300}`):               24 * time.Hour,
	} {
		assert.Equal(t, want, tokenLife(token, now), token)
	}
}

// counter gives a new token each time, which lives five minutes.
func counter(now *time.Time) (*idTokens, *atomic.Int32) {
	var count atomic.Int32
	return newIDTokens(func(context.Context) (string, error) {
		n := count.Add(1)
		return jwt(fmt.Sprintf(`{"iat":0,"exp":%d,"n":%d}`, now.Unix()+300, n)), nil
	}, func() time.Time { return *now }), &count
}

func TestIDTokenIsSharedAndRenewed(t *testing.T) {
	now := time.Unix(1000, 0)
	tokens, count := counter(&now)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := tokens.get(t.Context())
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, count.Load())

	now = now.Add(239 * time.Second)
	first, err := tokens.get(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1, count.Load())
	now = now.Add(time.Second)
	second, err := tokens.get(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 2, count.Load(), "renewed a minute before it expires")

	tokens.forget(first)
	third, err := tokens.get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, second, third, "a newer one is not forgotten for an older one's sake")
}

func TestIDTokenWaiterEndsWithItsContext(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	tokens := newIDTokens(func(context.Context) (string, error) {
		close(begun)
		<-goOn
		return "", errors.New("no such luck")
	}, time.Now)
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := tokens.get(t.Context())
		assert.EqualError(t, err, "getting an OIDC id token: no such luck")
	})
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tokens.get(ctx)
	require.ErrorIs(t, err, context.Canceled)
	close(goOn)
	wg.Wait()
}

func TestUnauthorizedIsTriedOnceMoreWithANewToken(t *testing.T) {
	for accepted, wantErr := range map[string]bool{"token-2": false, "none": true} {
		var seen []string
		h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token := r.Header.Get(api.OIDCTokenHeader)
			seen = append(seen, token)
			if token != accepted {
				http.Error(w, "bad "+token, http.StatusUnauthorized)
				return
			}
			_, _ = w.Write([]byte("[]"))
		}))
		n := 0
		c := New(Options{Base: h.URL + "/", Token: "t", HTTP: h.Client(), IDToken: func(context.Context) (string, error) {
			n++
			return fmt.Sprintf("token-%d", n), nil
		}})
		_, err := c.CreateProcess(t.Context(), api.NewCheckRun("/nix/store/x.drv", "n", "t"))
		assert.Equal(t, []string{"token-1", "token-2"}, seen)
		if wantErr {
			require.ErrorContains(t, err, "bad ***")
		} else {
			require.NoError(t, err)
		}
		h.Close()
	}
}
