package nix

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// What Nix really printed, colours and all where they matter.
const (
	throw28   = "\x1b[31;1merror:\x1b[0m boom\n       second line"
	missing28 = "\x1b[31;1merror:\x1b[0m attribute '\x1b[35;1mb\x1b[0m' missing\n\n       \x1b[34;1mat \x1b[35;1m/nix/store/h37dn8vq9d05gmc95l9abysrvf2bycvs-source/lib.nix:1:7\x1b[0m:\n\n" +
		"            1| { a = { }.b; }\n             |       \x1b[31;1m^\x1b[0m\n\n       … while evaluating the attribute 'a'\n\n" +
		"       at /nix/store/h37dn8vq9d05gmc95l9abysrvf2bycvs-source/lib.nix:1:3:\n\n            1| { a = { }.b; }\n             |   ^"
	throw234 = "\x1b[31;1merror:\x1b[0m\n       … while calling the '\x1b[35;1mtrace\x1b[0m' builtin\n         \x1b[34;1mat \x1b[35;1m«string»:1:1\x1b[0m:\n" +
		"            1| builtins.trace (\"X\" + builtins.toJSON (let root = checks; in root)) null\n             | \x1b[31;1m^\x1b[0m\n\n" +
		"       … while evaluating the attribute '\x1b[35;1mth\x1b[0m'\n         \x1b[34;1mat \x1b[35;1m/tmp/a b/flake.nix:1:102\x1b[0m:\n            1| th = throw \"x\";\n             | ^\n            2|\n\n" +
		"       … while calling the '\x1b[35;1mthrow\x1b[0m' builtin\n         \x1b[34;1mat \x1b[35;1m/tmp/a b/flake.nix:1:114\x1b[0m:\n            1| th = throw \"x\";\n             |      ^\n            2|\n\n" +
		"       \x1b[31;1merror:\x1b[0m x"
	truncated226 = "error:\n       … while calling the 'trace' builtin\n         at «string»:1:1:\n            1| builtins.trace\n\n" +
		"       (stack trace truncated; use '--show-trace' to show the full, detailed trace)\n\n" +
		"       error: infinite recursion encountered\n       at /nix/store/2pzizz9k0f41rmpizwzbdaqlpiss4in5-source/flake.nix:1:95:\n            1| i = let x = x; in x;\n             |             ^"
	syntax234 = "error: syntax error, unexpected end of file\n       at /nix/store/k898d1zpga8g12npbqpa2d3np4xw4j1s-source/flake.nix:2:1:\n            1| { outputs =\n            2|\n             | ^"
)

func TestParseError(t *testing.T) {
	tests := map[string]struct {
		text string
		want plan.EvalError
	}{
		"throw, 2.8":             {throw28, plan.EvalError{Message: "boom\nsecond line", Trace: "boom\nsecond line"}},
		"missing attribute, 2.8": {missing28, plan.EvalError{Message: "attribute 'b' missing", File: "/nix/store/h37dn8vq9d05gmc95l9abysrvf2bycvs-source/lib.nix", Line: 1, Column: 7}},
		"throw, 2.34":            {throw234, plan.EvalError{Message: "x", File: "/tmp/a b/flake.nix", Line: 1, Column: 114}},
		"truncated, 2.26":        {truncated226, plan.EvalError{Message: "infinite recursion encountered", File: "/nix/store/2pzizz9k0f41rmpizwzbdaqlpiss4in5-source/flake.nix", Line: 1, Column: 95}},
		"syntax, 2.34":           {syntax234, plan.EvalError{Message: "syntax error, unexpected end of file", File: "/nix/store/k898d1zpga8g12npbqpa2d3np4xw4j1s-source/flake.nix", Line: 2, Column: 1}},
		"past the logger":        {"error: stack overflow (possible infinite recursion)", plan.EvalError{Message: "stack overflow (possible infinite recursion)", Trace: "stack overflow (possible infinite recursion)"}},
		"empty":                  {"error:", plan.EvalError{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := parseError(test.text)
			assert.NotContains(t, got.Trace, "\x1b")
			assert.NotContains(t, got.Trace, "«string»", "our own question is none of the user's business")
			if test.want.Trace == "" {
				assert.Contains(t, got.Trace, test.want.Message)
				got.Trace = ""
			}
			assert.Equal(t, test.want, *got)
		})
	}
}

func TestTraceIsBounded(t *testing.T) {
	frame := "\n\n       … from call site\n         at /flake.nix:1:2:"
	got := parseError("error:" + strings.Repeat(frame, 10000) + "\n\n       error: deep")
	assert.Equal(t, "deep", got.Message)
	assert.Equal(t, 2, got.Column)
	assert.LessOrEqual(t, strings.Count(got.Trace, "\n"), maxTrace+1)
	assert.Contains(t, got.Trace, "lines left out]")
	assert.True(t, strings.HasSuffix(got.Trace, "deep"))
}
