package config

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

// mustLoad loads a file that has no problems at all.
func mustLoad(t *testing.T, yaml string) *Config {
	t.Helper()
	config, problems := Load("c.yaml", []byte(yaml))
	if len(problems) > 0 {
		t.Fatalf("problems in\n%s\n%+v", yaml, problems)
	}
	return config
}

func at(line, column int) diag.Position {
	return diag.Position{File: "c.yaml", Line: line, Column: column}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got := mustLoad(t, "version: 1\njobs: {a: {}}\n")
	want := &Config{
		File: "c.yaml", MaxChecks: 1000, OnMissingCredentials: "plan-on-forks", Destination: Destination{Upload: "auto"},
		Jobs: []*Job{{
			Name: "a", Position: at(2, 8), Flake: ".", FlakeAttr: "checks", FlakeAttrPath: []string{"checks"}, Depth: 2,
			Concurrency: Concurrency{SubmitWorkers: 8},
			Evaluation:  Evaluation{Timeout: 10 * time.Minute},
			Retry:       Retry{MaxAttempts: 5, InitialInterval: time.Second, MaxInterval: 30 * time.Second, MaxElapsedTime: 5 * time.Minute},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWholeFile(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, `version: 1
max_checks: 7
eval_store: {path: /s}
destination:
  store: ssh-ng://x
  api: http://localhost:1
  upload: nix-copy
  token_env: T
jobs:
  b:
    description: d
    if: event.name == "push"
    flake: ./f
    flake_attr: packages
    depth: 3
    select: config."a.b".c
    systems: [x86_64-linux]
    filter: >-
      attr == "x"
    label: 'attr'
    rules:
      - {when: meta.broken, skip: broken}
      - when: "true"
        label: attr
        title: system
    allow_empty: true
    nix_args: [--impure]
    pre_evaluation_script: ./p
    concurrency: {evaluation_workers: 2, derivations_per_worker: auto, upload_workers: 3}
    evaluation: {timeout: 1h30m, max_memory: 1.5GiB}
    retry: {max_attempts: 1, initial_interval: 500ms}
  a: {}
`)
	if c.MaxChecks != 7 || c.EvalStore.Path != "/s" {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff(Destination{"ssh-ng://x", "http://localhost:1", "nix-copy", "T", at(4, 1)}, c.Destination); diff != "" {
		t.Error(diff)
	}
	if len(c.Jobs) != 2 || c.Jobs[1].Name != "a" {
		t.Fatalf("%+v", c.Jobs)
	}
	b := c.Jobs[0]
	places := []diag.Position{b.Position, b.If.Position, b.SystemsPosition, b.Filter.Position, b.Label.Position,
		b.Rules[0].Position, b.Rules[0].When.Position, b.Rules[1].Position, b.Rules[1].When.Position, b.Rules[1].Title.Position}
	want := []diag.Position{at(10, 3), at(12, 9), at(17, 5), at(19, 7), at(20, 13),
		at(22, 9), at(22, 16), at(23, 9), at(23, 16), at(25, 16)}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
	got := *b
	got.If, got.Filter, got.Label, got.Rules = nil, nil, nil, nil
	if diff := cmp.Diff(Job{
		Name: "b", Description: "d", Flake: "./f", FlakeAttr: "packages", FlakeAttrPath: []string{"packages"}, Depth: 3, Select: []string{"config", "a.b", "c"},
		Systems: []string{"x86_64-linux"}, AllowEmpty: true, NixArgs: []string{"--impure"}, PreEvaluationScript: "./p",
		Concurrency: Concurrency{EvaluationWorkers: 2, UploadWorkers: 3, SubmitWorkers: 8},
		Evaluation:  Evaluation{90 * time.Minute, 3 << 29},
		Retry:       Retry{1, 500 * time.Millisecond, 30 * time.Second, 5 * time.Minute},
		Position:    at(10, 3), SystemsPosition: at(17, 5),
	}, got); diff != "" {
		t.Error(diff)
	}
	if b.Filter.Source() != `attr == "x"` || b.Rules[0].Skip != "broken" || b.Rules[1].Skip != "" {
		t.Errorf("%q %+v", b.Filter.Source(), b.Rules)
	}
}

func TestUnsupported(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, `version: 1
eval_store: {tmpfs: true}
destination: {upload: protocol}
on_missing_credentials: fail
defaults:
  cache: {enabled: true}
  recurse: false
jobs:
  builds:
    gc: {enabled: true}
    recurse: true
  apply:
    flake_apply: "x: x"
`)
	want := []Unsupported{
		{"eval_store.tmpfs", at(2, 14)}, {"destination.upload", at(3, 15)}, {"on_missing_credentials", at(4, 1)},
		{"defaults.cache", at(6, 3)}, {"jobs.builds.recurse", at(11, 5)}, {"jobs.builds.gc", at(10, 5)}, {"jobs.apply.flake_apply", at(13, 5)},
	}
	if diff := cmp.Diff(want, c.Unsupported); diff != "" {
		t.Error(diff)
	}
	if c := mustLoad(t, "version: 1\ndestination: {upload: auto}\njobs: {a: {recurse: false}}\n"); c.Unsupported != nil {
		t.Errorf("%+v", c.Unsupported)
	}
}

// TestExampleFile holds that the example has no problems and names every field.
func TestExampleFile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../.nixbuild-checks.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	mustLoad(t, string(data))
	if !strings.HasPrefix(string(data), "# yaml-language-server: $schema=https://") {
		t.Error("the first line tells editors no schema")
	}
	for _, known := range knownFields() {
		for _, name := range known {
			if !regexp.MustCompile(`(?m)^[ #-]*` + name + `:`).Match(data) {
				t.Errorf("%s is missing", name)
			}
		}
	}
}

// knownFields are the fields that the decoder knows, by their place in the schema.
func knownFields() map[string][]string {
	return map[string][]string{
		"":                        names(configFields),
		"/properties/eval_store":  names(evalStoreFields),
		"/properties/destination": names(destinationFields),
		"/definitions/job":        names(jobFields),
		"/definitions/job/properties/concurrency": names(concurrencyFields),
		"/definitions/job/properties/evaluation":  names(evaluationFields),
		"/definitions/job/properties/retry":       names(retryFields),
		"/definitions/job/properties/gc":          names(gcFields),
		"/definitions/job/properties/cache":       names(cacheFields),
		"/definitions/rule":                       names(ruleFields),
	}
}

func names[T any](known fields[T]) []string { return slices.Sorted(maps.Keys(known)) }

func TestSchemaAndDecoderAgree(t *testing.T) {
	t.Parallel()
	for pointer, known := range knownFields() {
		properties, _ := lookup(pointer)["properties"].(map[string]any)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(properties)), known); diff != "" {
			t.Errorf("%q: %s", pointer, diff)
		}
	}
}

// TestSchemaDefaultsAreTrue writes the schema's defaults out and expects what an empty job gives.
func TestSchemaDefaultsAreTrue(t *testing.T) {
	t.Parallel()
	job := map[string]any{}
	fill := func(into map[string]any, pointer string, names ...string) {
		for _, name := range names {
			into[name] = lookup(pointer + "/properties/" + name)["default"]
		}
	}
	fill(job, "/definitions/job", "flake", "flake_attr", "depth", "allow_empty")
	for _, part := range []string{"concurrency", "evaluation", "retry"} {
		sub := map[string]any{}
		pointer := "/definitions/job/properties/" + part
		fill(sub, pointer, knownFields()[pointer]...)
		job[part] = sub
	}
	root := map[string]any{"version": 1, "jobs": map[string]any{"a": job}}
	fill(root, "", "max_checks")
	got := mustLoad(t, toJSON(t, root))
	want := mustLoad(t, "version: 1\njobs: {a: {}}\n")
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(diag.Position{})); diff != "" {
		t.Error(diff)
	}
}
