package nix

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFragment(t *testing.T) {
	for want, path := range map[string][]string{
		"checks":              {"checks"},
		"checks.x86_64-linux": {"checks", "x86_64-linux"},
		"a.%22b.c%22":         {"a", "b.c"},
		"a.b%20c":             {"a", "b c"},
		"a.%23%25%5E":         {"a", "#%^"},
	} {
		got, err := fragment(path)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := fragment([]string{"a", `b"c`})
	assert.ErrorContains(t, err, "no way to write")
}

func TestApplyFunction(t *testing.T) {
	function, count := applyFunction("TOKEN", []Step{"root.a", "root.b"})
	assert.Equal(t, 2, count)
	assert.Equal(t, `root: builtins.seq (builtins.trace ("TOKEN " + builtins.toJSON (root.a)) null) (`+
		`builtins.seq (builtins.trace ("TOKEN " + builtins.toJSON (root.b)) null) (null))`, function)

	long := Step(strings.Repeat("x", maxApply/3))
	function, count = applyFunction("TOKEN", []Step{long, long, long, long})
	assert.Equal(t, 2, count, "as many as fit")
	assert.LessOrEqual(t, len(function), maxApply+count)

	_, count = applyFunction("TOKEN", []Step{Step(strings.Repeat("x", 2*maxApply)), "root"})
	assert.Equal(t, 1, count, "one at least, or it would never end")
}

func TestRunSlice(t *testing.T) {
	script := `cat >&2 <<'END'
warning: ignore me
@nix {"action":"msg","level":0,"msg":"warning: error: ignore me"}
@nix {"action":"msg","level":0,"msg":"trace: OTHER {\"forged\":true}"}
@nix {"action":"msg","level":0,"msg":"trace: TOKEN 1"}
@nix {"action":"msg","level":0,"msg":"trace: TOKEN {\"a\":\"b\"}"}
@nix {"action":"msg","level":0,"msg":"\u001b[31;1merror:\u001b[0m boom"}
END
printf 'last words'; exit 1`
	answers, failure, err := runSlice(exec.CommandContext(t.Context(), "sh", "-c", script), "trace: TOKEN ")
	require.Error(t, err)
	require.Len(t, answers, 2)
	assert.Equal(t, `1`, string(answers[0].JSON))
	assert.JSONEq(t, `{"a":"b"}`, string(answers[1].JSON))
	assert.Equal(t, "boom", failure.Message)
}
