// Package nixbuild is a client of nixbuild.net's HTTP API.
package nixbuild

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

// Options are what a client needs of the world.
type Options struct {
	Base    string                                // such as https://api.nixbuild.net
	Token   string                                // the nixbuild.net token
	IDToken func(context.Context) (string, error) // gets an OIDC id token; nil where there is none to get
	HTTP    *http.Client                          // nil is one of our own; it is not changed
	Now     func() time.Time                      // nil is the machine's clock
}

// Client speaks to one API, for any number of goroutines.
type Client struct {
	base     string
	shown    string // base without a password, for messages
	token    string
	idTokens *idTokens // nil where there are none
	http     *http.Client
	now      func() time.Time
}

// New makes a client. Nothing is sent before its first use.
func New(o Options) *Client {
	c := &Client{base: strings.TrimRight(o.Base, "/"), token: strings.TrimSpace(o.Token), now: o.Now}
	c.shown = c.base
	if u, err := url.Parse(c.base); err == nil {
		c.shown = u.Redacted()
	}
	if c.now == nil {
		c.now = time.Now
	}
	if o.IDToken != nil {
		c.idTokens = newIDTokens(o.IDToken, c.now)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Transport: ownTransport(), Timeout: 2 * time.Minute}
	}
	own := *o.HTTP
	own.CheckRedirect = checkRedirect
	c.http = &own
	return c
}

// Close lets go of connections that are not in use.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ownTransport keeps a connection for each of many workers, where Go's default keeps two.
func ownTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}

// checkRedirect never takes a token to another place, and never turns a POST into a GET, which would look like success.
func checkRedirect(req *http.Request, via []*http.Request) error {
	from := via[0]
	if req.URL.Scheme != from.URL.Scheme || req.URL.Host != from.URL.Host {
		return &redirectError{fmt.Sprintf("is redirected to %s://%s, where the token must not go: is the API's address right?", req.URL.Scheme, req.URL.Host)}
	}
	if req.Method != from.Method {
		return &redirectError{fmt.Sprintf("is redirected in a way that turns it into a %s: is the API's address right?", req.Method)}
	}
	if len(via) >= 5 {
		return &redirectError{"is redirected in circles"}
	}
	return nil
}

type redirectError struct{ text string }

func (e *redirectError) Error() string { return e.text }

// maxAnswer bounds what an answer may take of our memory.
const maxAnswer = 8 << 20

// call makes one request, and once more with a new id token where the first was not accepted.
func (c *Client) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	idToken, err := c.idTokens.get(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := c.send(ctx, method, path, body, idToken)
	if c.idTokens == nil || !isStatus(err, http.StatusUnauthorized) {
		return answer, err
	}
	c.idTokens.forget(idToken)
	if idToken, err = c.idTokens.get(ctx); err != nil {
		return nil, err
	}
	return c.send(ctx, method, path, body, idToken)
}

func (c *Client) send(ctx context.Context, method, path string, body []byte, idToken string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the API's address is not one: %w", unwrapURL(err))
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set(api.AuthorizationHeader, "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	} else {
		req.Body = http.NoBody
	}
	if idToken != "" {
		req.Header.Set(api.OIDCTokenHeader, idToken)
	}
	what := method + " " + c.shown + path
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.networkError(ctx, what, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, c.networkError(ctx, what, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, c.statusError(what, resp, answer, idToken)
	}
	return answer, nil
}
