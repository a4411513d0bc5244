package actions

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c := NewCommands(&out)
	require.NoError(t, c.AddMask("100%\nsecret"))
	require.NoError(t, c.AddMask(" \n"))
	require.NoError(t, c.Group("a\r\n::error::b"))
	require.NoError(t, c.EndGroup())
	require.Equal(t, "::add-mask::100%25%0Asecret\n::group::a%0D%0A::error::b\n::endgroup::\n", out.String())
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAddMaskTellsWhenItDoesNotMask(t *testing.T) {
	t.Parallel()
	err := NewCommands(broken{}).AddMask("s3cr3t")
	require.ErrorIs(t, err, io.ErrClosedPipe)
	require.NotContains(t, err.Error(), "s3cr3t")
}

func TestUntrusted(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	oops := errors.New("oops")
	err := NewCommands(&out).Untrusted(func(w io.Writer) error {
		_, _ = io.WriteString(w, "::add-mask::e")
		return oops
	})
	require.ErrorIs(t, err, oops)
	require.Regexp(t, `\A::stop-commands::(untrusted-[A-Z2-7]{26})\n::add-mask::e\n::untrusted-[A-Z2-7]{26}::\n\z`, out.String())
	tokens := regexp.MustCompile(`untrusted-\w+`).FindAllString(out.String(), -1)
	require.Equal(t, tokens[0], tokens[1])
}

func TestAnnotate(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		d    diag.Diagnostic
		want string
	}{
		"full": {diag.Diagnostic{Position: diag.Position{File: "a,b:c.yaml", Line: 3, Column: 5}, Severity: diag.Error, Rule: "unknown-field",
			Message: "no field\x1b[31m \"x\"", Hint: "did you mean 50%?", Length: 4},
			"::error col=5,endColumn=9,endLine=3,file=a%2Cb%3Ac.yaml,line=3,title=unknown-field::no field[31m \"x\"%0Adid you mean 50%25?\n"},
		"whole file": {diag.Diagnostic{Position: diag.Position{File: "a.yaml"}, Severity: diag.Warning, Message: "empty"},
			"::warning file=a.yaml::empty\n"},
		"no length": {diag.Diagnostic{Position: diag.Position{File: "a", Line: 1, Column: 1}, Severity: diag.Error, Message: "m"},
			"::error col=1,endColumn=2,endLine=1,file=a,line=1::m\n"},
		"too long": {diag.Diagnostic{Severity: diag.Error, Message: strings.Repeat("ä", 5000)},
			"::error::" + strings.Repeat("ä", 4095) + "…\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			require.NoError(t, NewCommands(&out).Annotate([]diag.Diagnostic{c.d}))
			require.Equal(t, c.want, out.String())
		})
	}
}

func TestAnnotateKeepsToTheLimit(t *testing.T) {
	t.Parallel()
	var list []diag.Diagnostic
	for i := range 13 {
		list = append(list, diag.Diagnostic{Severity: diag.Error, Message: fmt.Sprint("e", i)})
	}
	list = append(list, diag.Diagnostic{Severity: diag.Warning, Message: "w"})
	var out strings.Builder
	c := NewCommands(&out)
	require.NoError(t, c.Annotate(list))
	require.Equal(t, 10, strings.Count(out.String(), "::error::"))
	require.Contains(t, out.String(), "::warning::w\n", "warnings have a limit of their own")
	require.True(t, strings.HasSuffix(out.String(), "\n3 more problems without an annotation: GitHub shows 10 of a kind\n"))

	out.Reset()
	require.NoError(t, c.Annotate(list[:1]))
	require.NotContains(t, out.String(), "::error", "the limit is the step's, not the call's")
}
