package nixbuild

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

// pollWait is how long one request for a process waits for its end; short enough for the proxies on the way.
const pollWait = 30 * time.Second

// CreateProcess asks for one build, and gives the API's answer as it came: its shape is not documented, so
// what is not JSON is kept as a JSON string.
func (c *Client) CreateProcess(ctx context.Context, r api.ProcessRequest) (json.RawMessage, error) {
	body, err := json.Marshal([]api.ProcessRequest{r})
	if err != nil {
		return nil, fmt.Errorf("encoding the request for %s: %w", r.Installable, err)
	}
	answer, err := c.call(ctx, http.MethodPost, "/processes", body)
	if err != nil {
		return nil, err
	}
	if answer = bytes.TrimSpace(answer); json.Valid(answer) {
		return answer, nil
	}
	return json.Marshal(string(answer))
}

// Process asks for the state of a build; it waits a while for the end of one that is under way. Only our own server
// is known to answer this.
func (c *Client) Process(ctx context.Context, id string) (api.Process, error) {
	path := "/processes/" + url.PathEscape(id) + "?wait=" + strconv.Itoa(int(pollWait.Seconds()))
	answer, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return api.Process{}, err
	}
	var p api.Process
	if err := json.Unmarshal(answer, &p); err != nil {
		return api.Process{}, fmt.Errorf("GET %s%s: not a process: %w", c.shown, path, err)
	}
	return p, nil
}
