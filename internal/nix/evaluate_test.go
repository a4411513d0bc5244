package nix

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

var allMeta = []string{"broken", "description", "insecure", "main_program", "platforms", "timeout", "unfree"}

func TestEvaluate(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = { a = drv "hello-1.2" // {
			meta = { broken = true; description = "it's"; mainProgram = "hi"; platforms = [ "x86_64-linux" { } ]; timeout = 7; };
			requiredSystemFeatures = [ "kvm" ];
		}; multi = derivation { name = "multi"; system = "s"; builder = "b"; outputs = [ "out" "dev" ]; }; }; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		got := facts(t, p, f, "a", allMeta...)
		require.Nil(t, got.Err)
		assert.FileExists(t, got.Drv.Path)
		assert.Equal(t, rule.Drv{
			Name: "hello-1.2", Pname: "hello", Version: "1.2", System: "x86_64-linux", Path: got.Drv.Path,
			Outputs: []string{"out"}, RequiredSystemFeatures: []string{"kvm"},
		}, got.Drv)
		assert.Equal(t, rule.Meta{Description: "it's", MainProgram: "hi", Platforms: []string{"x86_64-linux"}, Broken: true, Timeout: 7}, got.Meta)
		assert.True(t, strings.HasSuffix(got.Outputs["out"], "-hello-1.2"), got.Outputs)

		multi := facts(t, p, f, "multi", allMeta...)
		require.Nil(t, multi.Err)
		assert.Equal(t, []string{"out", "dev"}, multi.Drv.Outputs)
		assert.Zero(t, multi.Meta, "it has none")

		selected, err := p.Evaluate(t.Context(), Attribute{Flake: f, FlakeAttr: []string{"checks", "multi"}, Path: []string{"dev"}})
		require.NoError(t, err)
		assert.Equal(t, multi.Drv.Path, selected.Drv.Path)
	})
}

// The .drv is that of nix path-info.
func TestEvaluateIsWhatNixSays(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks.a = drv "a-${toString (builtins.stringLength (builtins.readFile ./flake.nix))}"; }`)
		got := facts(t, newPool(t, n, style, PoolOptions{Workers: 1}), f, "a")
		require.Nil(t, got.Err)
		out, err := n.Command(t.Context(), "nix", "path-info", "--derivation", f.Ref+"#checks.a").Output()
		require.NoError(t, err)
		assert.Equal(t, strings.TrimSpace(string(out)), got.Drv.Path)
	})
}

func TestEvaluateFails(t *testing.T) {
	wants := map[string]string{
		"throws": "boom", "aborts": "abandon", "asserts": "assertion", "missing": "attribute 'foo' missing", "recursion": "infinite recursion",
		"overflow": "stack overflow", "type": "cannot add", "set": "is a set, not a derivation", "text": "is a string, not a derivation",
		"null": "is null, not a derivation", "lines": "one\ntwo", "utf8": "🚧", "drvPath": "deep", "impure": "pure", "gone": "attribute 'gone' missing",
	}
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = {
			throws = throw "boom"; aborts = abort "abandon"; asserts = assert !true; 1; missing = { }.foo;
			recursion = let x = x; in x; overflow = let f = x: 1 + f x; in f 1; type = 1 + "a"; set = { a = 1; }; text = "t"; null = null;
			lines = throw "one\ntwo"; utf8 = throw "🚧"; drvPath = drv "x" // { drvPath = throw "deep"; };
			impure = builtins.readFile /etc/passwd; fine = drv "fine";
		}; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		for name, want := range wants {
			got := facts(t, p, f, name, "broken")
			require.NotNil(t, got.Err, name)
			assert.Contains(t, got.Err.Message, want, name)
			assert.NotContains(t, got.Err.Trace, p.nix.dir)
			assert.Nil(t, facts(t, p, f, "fine").Err, "after %s", name)
		}
		got := facts(t, p, f, "missing")
		assert.Equal(t, "flake.nix", got.Err.File, "as its author calls it")
		assert.NotZero(t, got.Err.Line*got.Err.Column)
	})
}

// A throw has no position of its own; the trace has it, where Nix tells one.
func TestThrowHasAPosition(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, "{\nchecks.a = throw \"boom\"; }")
		got := facts(t, newPool(t, n, style, PoolOptions{Workers: 1}), f, "a")
		assert.Equal(t, "boom", got.Err.Message)
		if style == Repl {
			assert.Equal(t, []any{"flake.nix", 2}, []any{got.Err.File, got.Err.Line})
		}
	})
}

// Each key is asked for alone: one that fails does not hide another, and a derivation that throws hides none.
func TestMetaAlone(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = {
			a = drv "a" // { drvPath = throw "no drv"; meta = { broken = true; description = throw "none"; timeout = abort "none"; unfree = "wrong type"; platforms = "p"; }; };
			b = drv "b" // { meta = throw "no meta"; }; c = throw "nothing";
		}; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		a := facts(t, p, f, "a", allMeta...)
		assert.Equal(t, "no drv", a.Err.Message)
		assert.Equal(t, rule.Meta{Broken: true}, a.Meta)
		b := facts(t, p, f, "b", allMeta...)
		assert.Nil(t, b.Err)
		assert.Zero(t, b.Meta)
		c := facts(t, p, f, "c", allMeta...)
		assert.Equal(t, "nothing", c.Err.Message)
		assert.Zero(t, c.Meta)
	})
}

func TestSetMeta(t *testing.T) {
	var m rule.Meta
	for _, key := range append(allMeta, "no such key") {
		for _, value := range []string{`null`, `{}`, `[]`, `1.5`, `"x"`, `[1,"p",{}]`, `true`, ``} {
			setMeta(&m, key, json.RawMessage(value))
		}
	}
	assert.Equal(t, rule.Meta{Broken: true, Description: "x", Insecure: true, MainProgram: "x", Unfree: true}, m, "the last that fits, and no panic")
}

func TestEvaluateTimeout(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = { endless = `+endlessNix+`; fine = drv "fine"; }; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		for range 2 {
			got, err := p.Evaluate(t.Context(), Attribute{
				Flake: f, FlakeAttr: []string{"checks"}, Path: []string{"endless"}, MetaKeys: []string{"broken"}, Timeout: time.Second,
			})
			require.NoError(t, err)
			require.NotNil(t, got.Err)
			assert.Equal(t, "evaluation took longer than 1s (evaluation.timeout)", got.Err.Message)
			assert.Nil(t, facts(t, p, f, "fine").Err)
		}
	})
}

func TestEvaluateMemory(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = { hungry = `+hungryNix+`; fine = drv "fine";
			meta = drv "meta" // { meta = { broken = `+hungryNix+`; unfree = true; }; }; }; }`)
		wrapped, started := counted(t, n)
		p := newPool(t, wrapped, style, PoolOptions{Workers: 1, MaxMemory: 300 << 20})
		assert.Nil(t, facts(t, p, f, "fine").Err)
		got := facts(t, p, f, "hungry")
		require.NotNil(t, got.Err)
		assert.Contains(t, got.Err.Message, "out of memory: it needs more than the 300 MiB")
		assert.Nil(t, facts(t, p, f, "fine").Err)
		if style == Repl {
			assert.Len(t, started(), 3, "one for all, one for the hungry alone, one to go on")
		}
		meta := facts(t, p, f, "meta", "broken", "unfree")
		assert.Nil(t, meta.Err, "a key that fails is nothing but a key that fails")
		assert.Equal(t, rule.Meta{Unfree: true}, meta.Meta)
	})
}

func TestCommandWithoutNix(t *testing.T) {
	p := newPool(t, &Nix{dir: t.TempDir()}, Repl, PoolOptions{})
	_, err := p.Evaluate(t.Context(), Attribute{Flake: Flake{Ref: "/x"}, FlakeAttr: []string{"checks"}})
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.Zero(t, p.busy)
}
