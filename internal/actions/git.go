package actions

import (
	"context"
	"regexp"
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// LocalEvent is the name of the event on a machine that is no CI.
const LocalEvent = "local"

// GitEvent is the event of a local machine, as git tells it; run runs git with the given arguments and gives its
// stdout. What git does not know (no repository, no commit, a detached HEAD, no remote) stays empty.
func GitEvent(ctx context.Context, run func(ctx context.Context, args ...string) (string, error)) rule.Event {
	event := rule.Event{Name: LocalEvent}
	ask := func(args ...string) string {
		out, err := run(ctx, args...)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(out)
	}
	if ask("rev-parse", "--git-dir") == "" {
		return event
	}
	event.SHA = ask("rev-parse", "--verify", "--quiet", "HEAD")
	event.Ref = ask("symbolic-ref", "--quiet", "HEAD")
	event.Branch = strings.TrimPrefix(event.Ref, branchRef)
	origin := ask("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
	event.DefaultBranch = strings.TrimPrefix(origin, "refs/remotes/origin/")
	event.Repository = repositoryOf(ask("remote", "get-url", "origin"))
	return event
}

var gitHubURL = regexp.MustCompile(`(?:^|[@/])(?:www\.|ssh\.)?github\.com(?::\d+)?[:/]/?([\w.-]+)/([\w.-]+?)(?:\.git)?/?$`)

// repositoryOf is the owner/name that a remote's URL means on GitHub, "" for a remote elsewhere. Only these two
// names are taken, so that credentials within the URL go no further.
func repositoryOf(remote string) string {
	m := gitHubURL.FindStringSubmatch(remote)
	if m == nil {
		return ""
	}
	return m[1] + "/" + m[2]
}
