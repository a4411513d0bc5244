package actions

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// gitIn runs the real git in a folder, apart from the user's own configuration.
func gitIn(dir string) func(context.Context, ...string) (string, error) {
	return func(ctx context.Context, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=" + dir,
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b"}
		out, err := cmd.Output()
		return string(out), err
	}
}

func TestGitEvent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	git := gitIn(dir)
	do := func(args ...string) string {
		out, err := git(t.Context(), args...)
		require.NoError(t, err, "git %v", args)
		return out
	}
	do("init", "--quiet", "--initial-branch", "topic/x")
	require.Equal(t, rule.Event{Name: "local", Ref: "refs/heads/topic/x", Branch: "topic/x"}, GitEvent(t.Context(), git), "no commit yet")

	do("commit", "--quiet", "--allow-empty", "-m", "one")
	do("remote", "add", "origin", "https://user:secret@github.com/acme/widgets.git")
	do("update-ref", "refs/remotes/origin/trunk", "HEAD")
	do("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
	got := GitEvent(t.Context(), git)
	require.Len(t, got.SHA, 40)
	require.Equal(t, rule.Event{Name: "local", Ref: "refs/heads/topic/x", Branch: "topic/x", DefaultBranch: "trunk",
		Repository: "acme/widgets", SHA: got.SHA}, got)

	do("checkout", "--quiet", "--detach")
	got = GitEvent(t.Context(), git)
	require.Empty(t, got.Branch, "detached")
	require.NotEmpty(t, got.SHA)
}

func TestGitEventOutsideARepository(t *testing.T) {
	t.Parallel()
	calls := 0
	got := GitEvent(t.Context(), func(context.Context, ...string) (string, error) {
		calls++
		return "", errors.New("not a git repository")
	})
	require.Equal(t, rule.Event{Name: "local"}, got)
	require.Equal(t, 1, calls, "one answer is enough")
}

func TestRepositoryOf(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"git@github.com:acme/widgets.git":            "acme/widgets",
		"git@github.com:acme/widgets":                "acme/widgets",
		"https://github.com/acme/widgets.git":        "acme/widgets",
		"https://github.com/acme/widgets/":           "acme/widgets",
		"https://x-token:s3cr3t@github.com/acme/wid": "acme/wid",
		"ssh://git@github.com/acme/widgets.js.git":   "acme/widgets.js",
		"ssh://git@ssh.github.com:443/acme/widgets":  "acme/widgets",
		"github.com:acme/widgets":                    "acme/widgets",
		"https://notgithub.com/acme/widgets":         "",
		"https://github.com.evil.example/acme/w":     "",
		"https://gitlab.com/acme/widgets":            "",
		"/srv/git/widgets.git":                       "",
		"":                                           "",
	}
	for remote, want := range cases {
		require.Equal(t, want, repositoryOf(remote), "%q", remote)
	}
}
