package config

import (
	"fmt"
	"net/url"
	"regexp"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"gopkg.in/yaml.v3"
)

var configFields = fields[Config]{
	"version":                ignored[Config], // the schema allows 1 only
	"max_checks":             intField(func(c *Config) *int { return &c.MaxChecks }),
	"eval_store":             nested(func(c *Config) *EvalStore { return &c.EvalStore }, evalStoreFields),
	"destination":            setDestination,
	"on_missing_credentials": textField(func(c *Config) *string { return &c.OnMissingCredentials }),
	"defaults":               ignored[Config], // part of every job
	"jobs":                   ignored[Config], // they need the defaults, see config
}

var evalStoreFields = fields[EvalStore]{
	"path":  textField(func(e *EvalStore) *string { return &e.Path }),
	"tmpfs": boolField(func(e *EvalStore) *bool { return &e.Tmpfs }),
}

var destinationFields = fields[Destination]{
	"store":     textField(func(d *Destination) *string { return &d.Store }),
	"api":       setAPI,
	"upload":    textField(func(d *Destination) *string { return &d.Upload }),
	"token_env": setTokenEnv,
}

var (
	jobName      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func (d *decoder) config(root *node) *Config {
	c := &Config{
		File: d.file, MaxChecks: 1000, OnMissingCredentials: "plan-on-forks",
		Destination: Destination{Upload: "auto"},
	}
	if f := root.field("defaults"); f != nil && f.value.kind == kindMap {
		d.job("defaults", f, nil) // for the problems of those that every job overrides
	}
	for _, f := range root.fields {
		if f.name == "jobs" {
			d.jobs(c, f.value, root.value("defaults"))
		} else if set := configFields[f.name]; set != nil {
			set(d, c, f)
		}
	}
	c.Unsupported = d.unsupported(root)
	return c
}

func (d *decoder) jobs(c *Config, n, defaults *node) {
	for _, f := range n.fields {
		if !jobName.MatchString(f.name) {
			d.at(f.key, "invalid-name", fmt.Sprintf("%q cannot be the name of a job", f.name),
				"up to 100 letters, digits, dots, dashes and underscores, the first a letter or digit")
		}
		if f.value.kind == kindMap {
			c.Jobs = append(c.Jobs, d.job(f.name, f, defaults))
		}
	}
}

func setDestination(d *decoder, c *Config, f *field) {
	c.Destination.Position = d.start(f.key)
	destinationFields.set(d, &c.Destination, f.value)
}

func setAPI(d *decoder, into *Destination, f *field) {
	s, ok := as[string](f.value)
	if !ok || s == "" {
		return
	}
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		d.field(f, "invalid-url", "api must be an http or https URL", "as in https://api.nixbuild.net")
	case u.User != nil:
		d.field(f, "invalid-url", "api must not hold a user or password", "name the variable that holds the token in token_env")
	}
	into.API = s
}

func setTokenEnv(d *decoder, into *Destination, f *field) {
	s, ok := as[string](f.value)
	if ok && s != "" && !variableName.MatchString(s) {
		d.field(f, "invalid-name", "token_env must be the name of an environment variable", "the name, such as MY_NIXBUILD_TOKEN, not the token itself")
	}
	into.TokenEnv = s
}

// start is where a key or value begins.
func (r *reporter) start(y *yaml.Node) (at diag.Position) {
	at, _ = r.span(y)
	return at
}
