package report

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

func TestClean(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"plain 🚧 名":                             "plain 🚧 名",
		"a\nb\rc\td":                            `a\nb\rc\td`,
		"\x1b[1;31mred\x1b[0m":                  "red",
		"\x1b]0;title\x07x":                     "x",
		"\x1b]8;;http://e\x1b\\l\x1b]8;;\x1b\\": "l",
		"\x1b]52;c;never ends":                  "",
		"cut \x1b[31":                           "cut ",
		"bare \x1b":                             "bare ",
		"\u009b31mc1":                           "c1",
		"nul\x00bel\x07del\x7f":                 `nul\x00bel\x07del\x7f`,
		"turn\u202eexe.txt":                     `turn\u202eexe.txt`,
		"line\u2028sep":                         `line\u2028sep`,
		"bad\xffutf8":                           "bad\ufffdutf8",
		"x ##[add-mask]e":                       "x ## [add-mask]e",
	}
	for in, want := range cases {
		require.Equal(t, want, clean(in), "%q", in)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b\x1b[[31mx\u009b")
	f.Add("#\x1b[m#[\x1b]")
	f.Fuzz(func(t *testing.T, in string) {
		out := clean(in)
		if i := strings.IndexFunc(out, unicode.IsControl); i >= 0 {
			t.Errorf("%q became %q", in, out)
		}
		if strings.Contains(out, "##[") {
			t.Errorf("%q became %q, a command to the runner", in, out)
		}
	})
}

func TestCleanLines(t *testing.T) {
	t.Parallel()
	require.Nil(t, cleanLines("\n\n"))
	require.Equal(t, []string{"a", "", "    b"}, cleanLines("a\r\n\n\tb\n"))
}

func TestFirstLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "error: attribute 'x' missing", firstLine("error:\n\n   attribute 'x' missing\n   at x"))
	require.Equal(t, "one", firstLine("\none\ntwo"))
	require.Equal(t, "error:", firstLine("error:\n"))
	require.Empty(t, firstLine(""))
}
