package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

// maxBody bounds what a request may take of our memory.
const maxBody = 1 << 20

var (
	installable   = regexp.MustCompile(`^(/nix/store/[0-9a-z]{32}-[0-9A-Za-z+\-._?=]{1,207}\.drv)\^\*$`)
	attributeName = regexp.MustCompile(`^NIXBUILDNET_[A-Z0-9_]+$`)
)

// order is a request for a build that was found to be in order.
type order struct {
	installable string
	drv         string
	attributes  map[string]string
}

// wireRequest is api.ProcessRequest, except that Go would silently make a pair out of a list of any length.
type wireRequest struct {
	Installable string     `json:"installable"`
	Attributes  [][]string `json:"attributes"`
}

// readOrders reads the body of POST /processes; all of it is good or nothing is taken on.
func readOrders(w http.ResponseWriter, r *http.Request) ([]order, error) {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	var requests []wireRequest
	if err := decoder.Decode(&requests); err != nil {
		return nil, fmt.Errorf("the body is not a list of processes: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the body goes on after the list of processes")
	}
	if len(requests) == 0 {
		return nil, errors.New("the list of processes is empty")
	}
	orders := make([]order, len(requests))
	for i, request := range requests {
		o, err := readOrder(request)
		if err != nil {
			return nil, fmt.Errorf("process %d: %w", i, err)
		}
		orders[i] = o
	}
	return orders, nil
}

func readOrder(r wireRequest) (order, error) {
	m := installable.FindStringSubmatch(r.Installable)
	if m == nil {
		return order{}, fmt.Errorf("installable %q is not of the form /nix/store/HASH-NAME.drv^*", r.Installable)
	}
	attributes := map[string]string{}
	for _, pair := range r.Attributes {
		if len(pair) != 2 {
			return order{}, fmt.Errorf("attribute %q is not a pair of name and value", pair)
		}
		name, value := pair[0], pair[1]
		if !attributeName.MatchString(name) {
			return order{}, fmt.Errorf("%q is not the name of an attribute", name)
		}
		if _, twice := attributes[name]; twice {
			return order{}, fmt.Errorf("attribute %s is there twice", name)
		}
		attributes[name] = value
	}
	return order{installable: r.Installable, drv: m[1], attributes: attributes}, checkNames(attributes)
}

// checkNames wants of a Check Run that it can be shown.
func checkNames(attributes map[string]string) error {
	if _, ok := attributes[api.HookGitHubCheckRun]; !ok {
		return nil
	}
	for _, name := range []string{api.GitHubCheckRunName, api.GitHubCheckRunTitle} {
		if value := attributes[name]; strings.TrimSpace(value) == "" || strings.ContainsFunc(value, unicode.IsControl) {
			return fmt.Errorf("attribute %s is missing, empty or has control characters", name)
		}
	}
	return nil
}
