// Package actions speaks with the GitHub Actions runner: what started the run, id tokens, masks, annotations,
// outputs and the step summary.
package actions

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

const branchRef = "refs/heads/"

// InActions tells whether the process runs in a step of GitHub Actions.
func InActions(getenv func(string) string) bool { return getenv("GITHUB_ACTIONS") == "true" }

// payload is the part of the event's JSON that says more than the environment does.
type payload struct {
	Repository struct {
		DefaultBranch string `json:"default_branch"`
	} `json:"repository"`
	PullRequest *pullRequest `json:"pull_request"`
	MergeGroup  struct {
		BaseRef string `json:"base_ref"`
	} `json:"merge_group"`
}

type pullRequest struct {
	Number int `json:"number"`
	Head   end `json:"head"`
	Base   end `json:"base"`
}

type end struct {
	Ref  string `json:"ref"`
	SHA  string `json:"sha"`
	Repo *struct {
		FullName string `json:"full_name"`
	} `json:"repo"`
}

// Event is what started the workflow, and false outside GitHub Actions. An event file that is missing or broken
// costs only what it alone could have told.
func Event(getenv func(string) string, readFile func(string) ([]byte, error)) (rule.Event, bool) {
	if !InActions(getenv) {
		return rule.Event{}, false
	}
	event := rule.Event{
		Name:       getenv("GITHUB_EVENT_NAME"),
		Ref:        getenv("GITHUB_REF"),
		Branch:     getenv("GITHUB_HEAD_REF"),
		BaseBranch: getenv("GITHUB_BASE_REF"),
		Actor:      getenv("GITHUB_ACTOR"),
		Repository: getenv("GITHUB_REPOSITORY"),
		SHA:        getenv("GITHUB_SHA"),
	}
	if branch, ok := strings.CutPrefix(event.Ref, branchRef); ok && event.Branch == "" {
		event.Branch = branch
	}
	event.PullRequest = numberOf(event.Ref)
	fromPayload(&event, readPayload(getenv("GITHUB_EVENT_PATH"), readFile))
	return event, true
}

func readPayload(path string, readFile func(string) ([]byte, error)) payload {
	var p payload
	if path == "" {
		return p
	}
	data, err := readFile(path)
	if err != nil || json.Unmarshal(data, &p) != nil {
		return payload{}
	}
	return p
}

func fromPayload(event *rule.Event, p payload) {
	event.DefaultBranch = p.Repository.DefaultBranch
	if event.BaseBranch == "" {
		event.BaseBranch = strings.TrimPrefix(p.MergeGroup.BaseRef, branchRef)
	}
	if pr := p.PullRequest; pr != nil {
		fromPullRequest(event, pr)
	}
}

func fromPullRequest(event *rule.Event, pr *pullRequest) {
	event.PullRequest = pr.Number
	event.Fork = isFork(pr, event.Repository)
	if event.BaseBranch == "" {
		event.BaseBranch = pr.Base.Ref
	}
	// GITHUB_SHA is then the merge commit that GitHub makes up, on which nobody looks for Check Runs. Under
	// pull_request_target it is the base branch's commit, which is what is checked out, so it stays.
	if event.Name == "pull_request" || strings.HasPrefix(event.Ref, "refs/pull/") {
		if event.Branch == "" {
			event.Branch = pr.Head.Ref
		}
		if pr.Head.SHA != "" {
			event.SHA = pr.Head.SHA
		}
	}
}

// isFork holds too where the head's repository is null: it was a fork and has been deleted.
func isFork(pr *pullRequest, repository string) bool {
	if pr.Head.Repo == nil {
		return true
	}
	if pr.Base.Repo != nil {
		repository = pr.Base.Repo.FullName
	}
	return !strings.EqualFold(pr.Head.Repo.FullName, repository)
}

// numberOf is the N of refs/pull/N/merge, 0 for any other ref.
func numberOf(ref string) int {
	rest, ok := strings.CutPrefix(ref, "refs/pull/")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}
