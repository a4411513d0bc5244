package actions

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func TestSetOutput(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "output")
	getenv := environment(map[string]string{"GITHUB_OUTPUT": path})
	require.NoError(t, SetOutput(getenv, "a", "one\n_GitHubActionsFileCommandDelimeter_\nevil=1"))
	require.NoError(t, SetOutput(getenv, "b", ""))
	m := regexp.MustCompile(`\Aa<<(\S+)\none\n_GitHubActionsFileCommandDelimeter_\nevil=1\n(\S+)\nb<<(\S+)\n\n(\S+)\n\z`).
		FindStringSubmatch(contents(t, path))
	require.NotNil(t, m, contents(t, path))
	require.Equal(t, m[1], m[2])
	require.Equal(t, m[3], m[4])
	require.NotEqual(t, m[1], m[3], "a delimiter is used once")
}

func TestSetOutputRefuses(t *testing.T) {
	t.Parallel()
	require.EqualError(t, SetOutput(environment(nil), "a", "v"), "output a: GITHUB_OUTPUT is not set; are we in a step of GitHub Actions?")
	path := filepath.Join(t.TempDir(), "output")
	for _, name := range []string{"", "a=b", "a\nb", "a<<b"} {
		require.ErrorContains(t, SetOutput(environment(map[string]string{"GITHUB_OUTPUT": path}), name, "v"), "this is no name for an output")
	}
	require.NoFileExists(t, path)
	missing := environment(map[string]string{"GITHUB_OUTPUT": filepath.Join(path, "no", "folder")})
	require.ErrorContains(t, SetOutput(missing, "a", "v"), "output a: open ")
}

func TestAppendSummary(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "summary")
	require.NoError(t, AppendSummary(path, "# one"))
	require.NoError(t, AppendSummary(path, "two\n"))
	require.Equal(t, "# one\ntwo\n", contents(t, path))

	require.NoError(t, AppendSummary(path, strings.Repeat("0123456789abcde\n", 1<<17)))
	got := contents(t, path)
	require.LessOrEqual(t, len(got), MaxSummary)
	require.Greater(t, len(got), MaxSummary-32, "what fits is kept")
	require.True(t, strings.HasSuffix(got, "abcde"+summaryCut), "cut at the end of a line")

	require.NoError(t, AppendSummary(path, "nothing fits any more, not even the note\n"))
	require.LessOrEqual(t, len(contents(t, path)), MaxSummary)
}

func TestCut(t *testing.T) {
	t.Parallel()
	require.Equal(t, "abc", cut("abc", 3))
	require.Empty(t, cut(strings.Repeat("x", 100), 10))
	require.Empty(t, cut("x", -5))
	one := cut(strings.Repeat("ä", 200), len(summaryCut)+7)
	require.Equal(t, strings.Repeat("ä", 3)+summaryCut, one)
	require.True(t, utf8.ValidString(one))
}
