package nixbuild

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	// unknownLife is how long a token of which we cannot read how long it lives is used; GitHub's live five minutes.
	unknownLife = 4 * time.Minute
	// renewAhead is how long before its end a token is renewed: a request under way, and clocks, take time.
	renewAhead = time.Minute
)

// idTokens holds the one id token that all requests share. A nil one gives none.
type idTokens struct {
	fetch func(context.Context) (string, error)
	now   func() time.Time
	// lock holds one item while nobody is at it. A channel, because who waits for another's fetch must still end with its context.
	lock    chan struct{}
	token   string
	renewAt time.Time
}

func newIDTokens(fetch func(context.Context) (string, error), now func() time.Time) *idTokens {
	t := &idTokens{fetch: fetch, now: now, lock: make(chan struct{}, 1)}
	t.lock <- struct{}{}
	return t
}

// get gives the token, a new one where the last is about to expire. One caller fetches, the others wait for it.
func (t *idTokens) get(ctx context.Context) (string, error) {
	if t == nil {
		return "", nil
	}
	select {
	case <-t.lock:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { t.lock <- struct{}{} }()
	if t.token != "" && t.now().Before(t.renewAt) {
		return t.token, nil
	}
	token, err := t.fetch(ctx)
	if err != nil {
		return "", fmt.Errorf("getting an OIDC id token: %w", err)
	}
	life := tokenLife(token, t.now())
	t.token, t.renewAt = token, t.now().Add(life-min(renewAhead, life/2))
	return token, nil
}

// forget drops a token that was not accepted, unless another caller has renewed it meanwhile.
func (t *idTokens) forget(token string) {
	<-t.lock
	if t.token == token {
		t.token = ""
	}
	t.lock <- struct{}{}
}

// tokenLife reads from a JWT how long it lives. It is not verified: it is not for us to trust or not. Where the token says when
// it was issued, our own clock does not matter.
func tokenLife(token string, now time.Time) time.Duration {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return unknownLife
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return unknownLife
	}
	var claims struct {
		Exp float64 `json:"exp"`
		Iat float64 `json:"iat"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Exp == 0 {
		return unknownLife
	}
	if claims.Iat == 0 {
		claims.Iat = float64(now.Unix())
	}
	const day = 24 * 60 * 60
	return time.Duration(min(max(claims.Exp-claims.Iat, 0), day)) * time.Second
}
