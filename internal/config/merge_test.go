package config

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func toJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestMergeOfDefaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		defaults, job string
		get           func(*Job) any
		want          any
	}{
		"inherited":                {`flake: ./d`, ``, func(j *Job) any { return j.Flake }, "./d"},
		"own wins":                 {`flake: ./d`, `flake: ./j`, func(j *Job) any { return j.Flake }, "./j"},
		"own false wins":           {`allow_empty: true`, `allow_empty: false`, func(j *Job) any { return j.AllowEmpty }, false},
		"lists replace":            {`nix_args: [a, b]`, `nix_args: [c]`, func(j *Job) any { return j.NixArgs }, []string{"c"}},
		"an empty list replaces":   {`nix_args: [a, b]`, `nix_args: []`, func(j *Job) any { return j.NixArgs }, []string{}},
		"rules replace":            {`rules: [{when: "true", skip: d}]`, `rules: [{when: "true", skip: j}]`, func(j *Job) any { return len(j.Rules) == 1 && j.Rules[0].Skip == "j" }, true},
		"maps merge":               {`retry: {max_attempts: 2, max_interval: 9s}`, `retry: {max_interval: 8s}`, func(j *Job) any { return j.Retry }, Retry{2, time.Second, 8 * time.Second, 5 * time.Minute}},
		"an empty map merges":      {`retry: {max_attempts: 2}`, `retry: {}`, func(j *Job) any { return j.Retry.MaxAttempts }, 2},
		"auto wins over a number":  {`concurrency: {evaluation_workers: 3}`, `concurrency: {evaluation_workers: auto}`, func(j *Job) any { return j.Concurrency.EvaluationWorkers }, 0},
		"expression":               {`label: attr`, ``, func(j *Job) any { return j.Label.Source() }, "attr"},
		"depth of inherited attr":  {`flake_attr: nixosConfigurations`, ``, func(j *Job) any { return j.Depth }, 1},
		"depth of own attr":        {`flake_attr: nixosConfigurations`, `flake_attr: packages`, func(j *Job) any { return j.Depth }, 2},
		"own depth, their recurse": {`recurse: true`, `depth: 3`, func(j *Job) any { return j.Depth }, 3},
		"own recurse, their depth": {`depth: 3`, `recurse: true`, func(j *Job) any { return j.Depth }, 2},
		"expression's position":    {`label: attr`, ``, func(j *Job) any { return j.Label.Position }, at(3, 10)},
		"systems' position":        {`systems: [x86_64-linux]`, ``, func(j *Job) any { return j.SystemsPosition }, at(3, 3)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defaults := "version: 1\ndefaults:\n  " + test.defaults
			c := mustLoad(t, defaults+"\njobs:\n  j:\n    description: x\n    "+test.job+"\n")
			if diff := cmp.Diff(test.want, test.get(c.Jobs[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDefaultDepth(t *testing.T) {
	t.Parallel()
	for attr, want := range map[string]int{
		"checks": 2, "packages": 2, "formatter": 1, "nixosConfigurations": 1, "darwinConfigurations": 1, "x.homeConfigurations": 1,
		`x."homeConfigurations"`: 1, "nixosConfigurations.host": 2, "legacyPackages.x86_64-linux": 2, "formatters": 2,
	} {
		if got := defaultDepth(attr); got != want {
			t.Errorf("%s: %d, want %d", attr, got, want)
		}
	}
}

func TestAnchorsAndMergeKeys(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, `version: 1
jobs:
  a: &a
    flake: ./a
    depth: 1
    retry: &retry {max_attempts: 3}
  b: &b
    <<: *a
    depth: 5
  c:
    <<: [*b, *a]
    flake: ./c
    retry: *retry
  d: *a
  2020-01-01:
    description: 2020-01-01
    <<: {flake: ./inline}
`)
	var got []Job
	for _, j := range c.Jobs {
		got = append(got, Job{Name: j.Name, Flake: j.Flake, Depth: j.Depth, Retry: Retry{MaxAttempts: j.Retry.MaxAttempts}})
	}
	three := Retry{MaxAttempts: 3}
	want := []Job{
		{Name: "a", Flake: "./a", Depth: 1, Retry: three}, {Name: "b", Flake: "./a", Depth: 5, Retry: three},
		{Name: "c", Flake: "./c", Depth: 5, Retry: three}, {Name: "d", Flake: "./a", Depth: 1, Retry: three},
		{Name: "2020-01-01", Flake: "./inline", Depth: 2, Retry: Retry{MaxAttempts: 5}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
