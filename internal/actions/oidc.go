package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

const (
	idTokenURL     = "ACTIONS_ID_TOKEN_REQUEST_URL"
	idTokenRequest = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
)

// TokenError is why GitHub gave no id token. Status is 0 where there was no answer at all.
type TokenError struct {
	Status     int
	RetryAfter string // the header, as it came
	err        error
}

func (e *TokenError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("asking GitHub for an id token: %v", e.err)
	}
	return fmt.Sprintf("asking GitHub for an id token: HTTP %d: %v", e.Status, e.err)
}

func (e *TokenError) Unwrap() error { return e.err }

// Temporary tells whether asking again may help.
func (e *TokenError) Temporary() bool {
	if e.Status == 0 {
		return !errors.Is(e.err, context.Canceled)
	}
	return e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooManyRequests || e.Status >= 500
}

// HasIDToken tells whether the job may ask for id tokens.
func HasIDToken(getenv func(string) string) bool { return missing(getenv) == "" }

func missing(getenv func(string) string) string {
	for _, name := range []string{idTokenURL, idTokenRequest} {
		if getenv(name) == "" {
			return name
		}
	}
	return ""
}

// IDToken asks GitHub once for an id token for nixbuild.net. It lives for five minutes; the caller masks it and,
// where the error is a Temporary *TokenError, retries.
//
// go-githubactions has a GetIDToken, but its errors hold the URL and the answer's body and hide the status, which
// the caller's retries need; and it takes an answer without a token for an empty token.
func IDToken(ctx context.Context, getenv func(string) string, client *http.Client) (string, error) {
	if name := missing(getenv); name != "" {
		return "", fmt.Errorf("this job may not ask GitHub for an id token (%s is not set): add `permissions: id-token: write` "+
			"to the job in the workflow; pull requests from forks get no id token whatever the workflow says", name)
	}
	secret := getenv(idTokenRequest)
	token, err := requestToken(ctx, getenv(idTokenURL), secret, client)
	if err == nil {
		return token, nil
	}
	var failure *TokenError
	if !errors.As(err, &failure) {
		failure = &TokenError{err: err}
	}
	if strings.Contains(failure.err.Error(), secret) {
		failure.err = errors.New(strings.ReplaceAll(failure.err.Error(), secret, "***"))
	}
	return "", failure
}

func requestToken(ctx context.Context, address, secret string, client *http.Client) (string, error) {
	target, err := url.Parse(address)
	if err != nil {
		return "", &TokenError{Status: 0, err: fmt.Errorf("%s is no URL", idTokenURL)}
	}
	query := target.Query()
	query.Set("audience", api.OIDCAudience)
	target.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return "", withoutURL(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return "", withoutURL(err)
	}
	defer resp.Body.Close()
	return readToken(resp)
}

// readToken never quotes the body: in part or whole it may be a token.
func readToken(resp *http.Response) (string, error) {
	refuse := func(err error) error {
		return &TokenError{Status: resp.StatusCode, RetryAfter: resp.Header.Get("Retry-After"), err: err}
	}
	if resp.StatusCode != http.StatusOK {
		return "", refuse(errors.New(http.StatusText(resp.StatusCode)))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", &TokenError{err: err} // the connection broke: as good as no answer
	}
	var answer struct {
		Value string `json:"value"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Value == "" {
		return "", refuse(errors.New("the answer holds no token"))
	}
	return answer.Value, nil
}

// withoutURL drops the URL that net/http puts before its errors.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
