package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/actions"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild"
)

// What nixbuild-action sets up, and where nixbuild.net's token is found.
const (
	defaultStore = "ssh-ng://nixbuild"
	tokenEnv     = "NIXBUILDNET_TOKEN"
	oidcEnv      = "NIXBUILDNET_OIDC_ID_TOKEN" // ssh sends it along
)

// destination is where builds go, with what is needed to be let in.
type destination struct {
	store   string
	api     string
	token   string
	idToken func(context.Context) (string, error) // nil where there is none to get
}

// destination is what flags, file and environment say, in this order.
func (s *session) destination() (*destination, error) {
	file := s.config.Destination
	d := &destination{
		store: first(s.flags.destination, file.Store, defaultStore),
		api:   first(s.flags.api, file.API, nixbuild.FromEnv(s.world.Getenv)),
	}
	variable := tokenEnv
	if s.elsewhere(d) {
		// The file names another place than the environment: a pull request must not send a token there.
		if variable = file.TokenEnv; variable == "" {
			return nil, environment(fmt.Errorf("%s: the destination %s is not the one this environment is set up for, "+
				"so it gets no token: name the variable that holds its token as destination.token_env", file.Position, d.api))
		}
	} else if file.TokenEnv != "" {
		variable = file.TokenEnv
	}
	if d.token = s.world.Getenv(variable); d.token == "" {
		return nil, environment(fmt.Errorf("there is no token in %s: in GitHub Actions let nixbuild/nixbuild-action run before; "+
			"elsewhere set it to a nixbuild.net token. `nixbuild-checks run --local` builds on this machine and needs none", variable))
	}
	if actions.InActions(s.world.Getenv) {
		if err := s.mask(d.token); err != nil {
			return nil, err
		}
	}
	return d, s.addIDToken(d)
}

// elsewhere tells whether the file, and not a flag, sends builds to another place than the environment's.
func (s *session) elsewhere(d *destination) bool {
	file := s.config.Destination
	return (s.flags.api == "" && file.API != "" && !sameURL(d.api, nixbuild.FromEnv(s.world.Getenv))) ||
		(s.flags.destination == "" && file.Store != "" && file.Store != defaultStore)
}

// addIDToken finds out how to prove that this is a job of the repository.
func (s *session) addIDToken(d *destination) error {
	if !actions.InActions(s.world.Getenv) {
		return nil
	}
	if !actions.HasIDToken(s.world.Getenv) {
		return environment(errors.New("this job may not ask GitHub for an id token, without which nixbuild.net shows no Check Runs: " +
			"give it `permissions: id-token: write` (pull requests from forks cannot have it)"))
	}
	d.idToken = func(ctx context.Context) (string, error) {
		token, err := actions.IDToken(ctx, s.world.Getenv, s.idTokenHTTP())
		var failure *actions.TokenError
		if errors.As(err, &failure) && failure.Temporary() {
			return "", engine.Transient(err)
		}
		if err != nil {
			return "", err
		}
		return token, s.mask(token)
	}
	return nil
}

// uploadEnv is what ssh may send along with an upload: a fresh id token, because the one of the job's set-up
// lives for five minutes only.
func (d *destination) uploadEnv(ctx context.Context) ([]string, error) {
	if d.idToken == nil {
		return nil, nil
	}
	token, err := d.idToken(ctx)
	if err != nil {
		return nil, err
	}
	return []string{oidcEnv + "=" + token}, nil
}

// mask has the runner hide a secret in all that is printed later.
func (s *session) mask(secret string) error {
	s.masking.Lock()
	defer s.masking.Unlock()
	return actions.NewCommands(s.world.Stderr).AddMask(secret)
}

// idTokenHTTP asks GitHub, which answers in seconds or not at all.
func (s *session) idTokenHTTP() *http.Client {
	if s.world.HTTP != nil {
		return s.world.HTTP
	}
	return &http.Client{Timeout: 30 * time.Second}
}

func sameURL(a, b string) bool { return strings.TrimRight(a, "/") == strings.TrimRight(b, "/") }

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
