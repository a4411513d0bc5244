package actions

import (
	"errors"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// environment is a getenv over a map, in Actions unless it says otherwise.
func environment(vars map[string]string) func(string) string {
	return func(name string) string {
		if value, ok := vars[name]; ok {
			return value
		}
		if name == "GITHUB_ACTIONS" {
			return "true"
		}
		return ""
	}
}

var push = map[string]string{
	"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/feature/x", "GITHUB_REF_NAME": "feature/x",
	"GITHUB_ACTOR": "alice", "GITHUB_REPOSITORY": "acme/widgets", "GITHUB_SHA": "aaa", "GITHUB_EVENT_PATH": "event.json",
}

// with is push with some variables changed.
func with(changes map[string]string) map[string]string {
	vars := map[string]string{}
	for _, m := range []map[string]string{push, changes} {
		maps.Copy(vars, m)
	}
	return vars
}

var pullRequestVars = with(map[string]string{
	"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_REF_NAME": "7/merge",
	"GITHUB_HEAD_REF": "topic", "GITHUB_BASE_REF": "main",
})

func prPayload(headRepo string) string {
	return `{"repository":{"default_branch":"main"},"pull_request":{"number":7,
		"head":{"ref":"topic","sha":"bbb","repo":` + headRepo + `},"base":{"ref":"main","repo":{"full_name":"acme/widgets"}}}}`
}

func TestEvent(t *testing.T) {
	t.Parallel()
	base := rule.Event{Name: "push", Ref: "refs/heads/feature/x", Branch: "feature/x", DefaultBranch: "trunk", Actor: "alice",
		Repository: "acme/widgets", SHA: "aaa"}
	onPR := rule.Event{Name: "pull_request", Ref: "refs/pull/7/merge", Branch: "topic", BaseBranch: "main", DefaultBranch: "main",
		Actor: "alice", Repository: "acme/widgets", SHA: "bbb", PullRequest: 7}
	change := func(e rule.Event, f func(*rule.Event)) rule.Event { f(&e); return e }

	cases := map[string]struct {
		vars    map[string]string
		payload string
		want    rule.Event
	}{
		"push": {push, `{"repository":{"default_branch":"trunk"}}`, base},
		"tag has no branch": {with(map[string]string{"GITHUB_REF": "refs/tags/v1", "GITHUB_REF_NAME": "v1"}), `{"repository":{"default_branch":"trunk"}}`,
			change(base, func(e *rule.Event) { e.Ref, e.Branch = "refs/tags/v1", "" })},
		"pull request": {pullRequestVars, prPayload(`{"full_name":"acme/widgets"}`), onPR},
		"pull request of a fork": {pullRequestVars, prPayload(`{"full_name":"mallory/widgets"}`),
			change(onPR, func(e *rule.Event) { e.Fork = true })},
		"pull request of a deleted fork": {pullRequestVars, prPayload(`null`),
			change(onPR, func(e *rule.Event) { e.Fork = true })},
		"names of repositories ignore case": {pullRequestVars, prPayload(`{"full_name":"Acme/Widgets"}`), onPR},
		"pull_request_target keeps the commit that is checked out": {
			with(map[string]string{"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_REF": "refs/heads/main", "GITHUB_HEAD_REF": "topic", "GITHUB_BASE_REF": "main"}),
			prPayload(`{"full_name":"mallory/widgets"}`),
			change(onPR, func(e *rule.Event) {
				e.Name, e.Ref, e.SHA, e.Fork = "pull_request_target", "refs/heads/main", "aaa", true
			}),
		},
		"a review has its branches in the payload only": {
			with(map[string]string{"GITHUB_EVENT_NAME": "pull_request_review", "GITHUB_REF": "refs/pull/7/merge"}),
			prPayload(`{"full_name":"acme/widgets"}`),
			change(onPR, func(e *rule.Event) { e.Name = "pull_request_review" }),
		},
		"merge queue": {
			with(map[string]string{"GITHUB_EVENT_NAME": "merge_group"}),
			`{"repository":{"default_branch":"trunk"},"merge_group":{"base_ref":"refs/heads/trunk"}}`,
			change(base, func(e *rule.Event) { e.Name, e.BaseBranch = "merge_group", "trunk" }),
		},
		"broken payload costs only what it alone tells": {pullRequestVars, `{"pull_request":`,
			change(onPR, func(e *rule.Event) { e.DefaultBranch, e.SHA = "", "aaa" })},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := Event(environment(c.vars), func(path string) ([]byte, error) {
				require.Equal(t, "event.json", path)
				return []byte(c.payload), nil
			})
			require.True(t, ok)
			require.Equal(t, c.want, got)
		})
	}
}

func TestEventWithoutPayload(t *testing.T) {
	t.Parallel()
	got, ok := Event(environment(push), func(string) ([]byte, error) { return nil, errors.New("gone") })
	require.True(t, ok)
	require.Equal(t, "feature/x", got.Branch)
}

func TestEventOutsideActions(t *testing.T) {
	t.Parallel()
	_, ok := Event(environment(with(map[string]string{"GITHUB_ACTIONS": ""})), func(string) ([]byte, error) {
		t.Error("nothing is to be read outside Actions")
		return nil, nil
	})
	require.False(t, ok)
}
