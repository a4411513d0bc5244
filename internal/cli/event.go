package cli

import (
	"context"
	"os"
	"os/exec"

	"github.com/nixbuild/nixbuild-checks/internal/actions"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// event is what started the run: as GitHub Actions tells it, else as git in the configuration's folder does,
// and as the flags have it before either.
func event(ctx context.Context, w World, f runFlags, dir string) rule.Event {
	e, ok := actions.Event(w.Getenv, os.ReadFile)
	if !ok {
		e = actions.GitEvent(ctx, func(ctx context.Context, args ...string) (string, error) {
			cmd := exec.CommandContext(ctx, "git", args...)
			cmd.Dir, cmd.Env = dir, w.Environ
			out, err := cmd.Output()
			return string(out), err
		})
	}
	if f.event != "" {
		e.Name = f.event
	}
	if f.branch != "" {
		e.Branch, e.Ref = f.branch, "refs/heads/"+f.branch
	}
	return e
}
