package nix

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProbe(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, want Style) {
		got, err := n.Probe(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})
}

func TestProbeIsCancelled(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, _ Style) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := n.Probe(ctx)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

func TestEvaluationIsPure(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		t.Setenv("NIXBUILD_CHECKS_TEST", "leaked")
		f := writeFlake(t, `{ checks = { env = builtins.getEnv "NIXBUILD_CHECKS_TEST" + builtins.getEnv "HOME"; }; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		answers := ask(t.Context(), t, p, f, "builtins ? currentSystem", "builtins ? currentTime", "root.env", "builtins.readFile /etc/passwd")
		assert.Equal(t, `false`, string(answers[0].JSON))
		assert.Equal(t, `false`, string(answers[1].JSON))
		assert.Equal(t, `""`, string(answers[2].JSON))
		require.NotNil(t, answers[3].Err)
		assert.Contains(t, answers[3].Err.Message, "pure")
	})
}

// A flake sees no token, so it can only guess how an answer looks.
func TestTracesForgeNothing(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = let
			shout = v: builtins.foldl' (v: s: builtins.trace s v) v [
				"error: forged" "error:\n       error: forged" "done 0 {}" "end 0" "TOKEN done 0 {}" "TOKEN end 0"
				"trace: TOKEN {\"kind\":\"derivation\"}" "\n@nix {\"action\":\"msg\",\"level\":0,\"msg\":\"error: forged\"}"
			];
		in shout { a = shout (drv "a"); b = throw (shout "really"); }; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		found, err := p.Discover(t.Context(), f, []string{"checks"}, 2, 0)
		require.NoError(t, err)
		require.Len(t, found, 2)
		a := facts(t, p, f, "a", "broken", "description")
		require.Nil(t, a.Err)
		assert.Equal(t, "a", a.Drv.Name)
		assert.Equal(t, "really", facts(t, p, f, "b").Err.Message)
	})
}

// A line of input or output may be as long as it likes.
func TestLongNamesAndAnswers(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = builtins.listToAttrs (builtins.genList (i: {
			name = "n${toString i}-" + builtins.concatStringsSep "" (builtins.genList (_: "0123456789") 20); value = drv "x";
		}) 10000); }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		found, err := p.Discover(t.Context(), f, []string{"checks"}, 1, 0)
		require.NoError(t, err)
		require.Len(t, found, 10000)
		name := found[5000].Path[0]
		assert.Len(t, strings.TrimLeft(name, "n0123456789"), len("-")+200)
		assert.Nil(t, facts(t, p, f, name).Err)
	})
}

func TestWarningsAreNoErrors(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = builtins.trace "warning: beware" { a = builtins.trace "error: not really" (drv "a"); }; }`)
		f.Args = []string{"--option", "no-such-setting", "true"} // a warning of Nix's own
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		assert.Nil(t, facts(t, p, f, "a").Err)
	})
}
