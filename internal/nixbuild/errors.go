package nixbuild

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
)

// maxErrorText is how much of an answer's text an error holds.
const maxErrorText = 1 << 10

// StatusError is an answer that is not a success.
type StatusError struct {
	What   string // the request
	Status int
	Text   string // the answer's text, cut and without secrets
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s: %d %s", e.What, e.Status, http.StatusText(e.Status))
	if e.Text != "" {
		s += ": " + e.Text
	}
	if hint := e.hint(); hint != "" {
		s += " (" + hint + ")"
	}
	return s
}

func (e *StatusError) hint() string {
	const oidc = "a GitHub Actions job that is to show Check Runs needs `permissions: id-token: write`"
	switch e.Status {
	case http.StatusUnauthorized:
		return "the nixbuild.net token or the id token was not accepted: has it expired or been revoked? " + oidc
	case http.StatusForbidden:
		return "the nixbuild.net token lacks a permission, such as build:write; " + oidc
	}
	return ""
}

func isStatus(err error, status int) bool {
	var e *StatusError
	return errors.As(err, &e) && e.Status == status
}

// statusError makes the error of an answer; one that may be better next time is marked as transient.
func (c *Client) statusError(what string, resp *http.Response, body []byte, idToken string) error {
	err := &StatusError{What: what, Status: resp.StatusCode, Text: c.presentable(body, idToken)}
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < 500 {
		return err
	}
	if wait, ok := retryAfter(resp.Header.Get("Retry-After"), c.now()); ok {
		return engine.TransientAfter(err, wait)
	}
	return engine.Transient(err)
}

// presentable is the beginning of a text from outside. Secrets go first, so that none is cut in two and missed.
func (c *Client) presentable(body []byte, idToken string) string {
	text := strings.ToValidUTF8(string(body), "\uFFFD")
	for _, secret := range []string{c.token, idToken} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	text = strings.TrimSpace(text)
	if len(text) > maxErrorText {
		text = strings.ToValidUTF8(text[:maxErrorText], "") + "…"
	}
	return text
}

// networkError says what went wrong between us and the API. Only what another try cannot mend is final.
func (c *Client) networkError(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", what, context.Cause(ctx))
	}
	err = unwrapURL(err)
	if _, ok := errors.AsType[*redirectError](err); ok {
		return fmt.Errorf("%s %w", what, err)
	}
	wrapped := fmt.Errorf("%s: %w", what, err)
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) || strings.Contains(err.Error(), "unsupported protocol scheme") {
		return wrapped
	}
	return engine.Transient(wrapped)
}

// unwrapURL leaves out the method and address that net/http and net/url put ahead of an error: ours has them already.
func unwrapURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// retryAfter reads that header: seconds, or a date.
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now)), true
	}
	return 0, false
}
