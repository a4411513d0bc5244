package nix

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listedAs is what discovery found, as lines of a path and why it failed.
func listedAs(found []Found) map[string]string {
	lines := map[string]string{}
	for _, f := range found {
		message := ""
		if f.Err != nil {
			message = f.Err.Message
		}
		lines[strings.Join(f.Path, "|")] = message
	}
	return lines
}

func TestDiscover(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = {
			x86_64-linux = { a = drv "a"; broken = throw "not forced"; recurseForDerivations = true; };
			empty = { }; above = drv "above"; null = null; function = x: x; list = [ 1 ]; text = "t"; number = 1;
			throws = throw "boom"; aborts = abort "abandon"; missing = { }.foo; asserts = assert false; { };
			recursion = let x = x; in x; overflow = let f = x: 1 + f x; in f 1;
		}; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 2})
		found, err := p.Discover(t.Context(), f, []string{"checks"}, 2, 0)
		require.NoError(t, err)
		got := listedAs(found)
		for path, want := range map[string]string{
			"x86_64-linux|a": "", "x86_64-linux|broken": "", "above": "",
			"null": "is null, neither", "function": "is a function, neither", "list": "is a list, neither", "text": "is a string, neither",
			"number": "is an int, neither", "throws": "boom", "aborts": "abandon", "missing": "attribute 'foo' missing", "asserts": "failed",
			"recursion": "infinite recursion", "overflow": "stack overflow",
		} {
			message, there := got[path]
			assert.True(t, there, path)
			assert.Contains(t, message, want, path)
			assert.Equal(t, want == "", message == "", path)
			delete(got, path)
		}
		assert.Empty(t, got, "and nothing else")

		flat, err := p.Discover(t.Context(), f, []string{"checks"}, 1, 0)
		require.NoError(t, err)
		assert.Len(t, flat, 14, "at depth 1 no value is forced")
		for _, one := range flat {
			assert.Nil(t, one.Err, one.Path)
		}
		below, err := p.Discover(t.Context(), f, []string{"checks", "x86_64-linux"}, 1, 0)
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"a": "", "broken": ""}, listedAs(below))
	})
}

func TestDiscoverFails(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks.drv = drv "x"; list = [ 1 ]; throws = throw "boom"; }`)
		syntax := Flake{Ref: t.TempDir()}
		require.NoError(t, os.WriteFile(filepath.Join(syntax.Ref, "flake.nix"), []byte("{ outputs =\n"), 0o600))
		none := t.TempDir()
		for name, test := range map[string]struct {
			flake Flake
			attr  []string
			want  []string
		}{
			"no such attribute":  {f, []string{"nope"}, []string{"the flake has no attribute nope"}},
			"nor further down":   {f, []string{"checks", "nope"}, []string{"the flake has no attribute checks.nope"}},
			"a list":             {f, []string{"list"}, []string{"list is a list, not a set"}},
			"a derivation":       {f, []string{"checks", "drv"}, []string{"checks.drv is itself a derivation"}},
			"it throws":          {f, []string{"throws"}, []string{"listing throws", "boom"}},
			"the flake throws":   {writeFlake(t, `throw "whole"`), []string{"checks"}, []string{"listing checks", "whole"}},
			"no flake.nix":       {Flake{Ref: none}, []string{"checks"}, []string{"could not find a flake.nix file"}},
			"no folder":          {Flake{Ref: none + "/gone"}, []string{"checks"}, []string{none + "/gone"}},
			"no folder, a space": {Flake{Ref: none + "/gone for good"}, []string{"checks"}, []string{"gone"}},
			"no syntax":          {syntax, []string{"checks"}, []string{"flake.nix:", ": listing checks: syntax error"}},
		} {
			t.Run(name, func(t *testing.T) {
				wrapped, started := counted(t, n)
				p := newPool(t, wrapped, style, PoolOptions{Workers: 2})
				_, err := p.Discover(t.Context(), test.flake, test.attr, 2, 0)
				require.Error(t, err)
				for _, want := range test.want {
					assert.ErrorContains(t, err, want)
				}
				assert.Len(t, started(), 1, "asked once")
			})
		}
	})
}

// oddNames are names that shells, Nix, JSON or line editors would take for something else.
var oddNames = []string{
	"a.b", "with space", `quo"te`, "100%", "x^out", "c#1", "$dollar", "${interpolated}", `back\slash`, `\n`, "new\nline", "tab\t", "🚧 é",
	"bell\a", "del\x7f", "esc\x1b[31m", "\x01", "", "'", "--help", ":q", "=", "\u2028", "let", "x=1", "  ",
}

func TestOddNames(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		var sets strings.Builder
		for _, name := range oddNames {
			sets.WriteString(Quote(name) + " = { " + Quote(name) + ` = drv "x"; }; `)
		}
		// Names that are no literals have to be quoted in attribute sets.
		source := strings.ReplaceAll(sets.String(), "(builtins", "${(builtins")
		source = strings.ReplaceAll(source, `") =`, `")} =`)
		f := writeFlake(t, "{ checks = { "+source+"}; }")
		p := newPool(t, n, style, PoolOptions{Workers: 2})
		found, err := p.Discover(t.Context(), f, []string{"checks"}, 2, 0)
		require.NoError(t, err)
		require.Len(t, found, len(oddNames))
		for _, name := range oddNames {
			assert.Contains(t, found, Found{Path: []string{name, name}})
			got, err := p.Evaluate(t.Context(), Attribute{Flake: f, FlakeAttr: []string{"checks"}, Path: []string{name, name}, MetaKeys: []string{"broken"}})
			require.NoError(t, err)
			assert.Nil(t, got.Err, "%q", name)
			assert.Equal(t, "x", got.Drv.Name, "%q", name)
		}
	})
}

func TestFlakeInAnOddFolder(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		dir := filepath.Join(t.TempDir(), "a b#c?d%20é")
		require.NoError(t, os.Mkdir(dir, 0o700))
		f := writeFlakeIn(t, dir, `{ checks.a = drv "a"; checks.b = throw "boom"; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		assert.Nil(t, facts(t, p, f, "a").Err)
		assert.Equal(t, "boom", facts(t, p, f, "b").Err.Message)

		out, err := exec.CommandContext(t.Context(), "git", "-C", dir, "init", "-q").CombinedOutput()
		require.NoError(t, err, "%s", out)
		out, err = exec.CommandContext(t.Context(), "git", "-C", dir, "add", ".").CombinedOutput()
		require.NoError(t, err, "%s", out)
		if style == Slices {
			return // Nix 2.8 has no way to name a repository there
		}
		p.Close()
		assert.Nil(t, facts(t, p, f, "a").Err)
	})
}

// A set that takes forever to list costs itself and none of its neighbours.
func TestDiscoverTimeout(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = { a.x = drv "a"; b = `+endlessNix+`; c.x = drv "c"; }; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		found, err := p.Discover(t.Context(), f, []string{"checks"}, 2, 2*time.Second)
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"a|x": "", "c|x": "", "b": "evaluation took longer than 2s (evaluation.timeout)"}, listedAs(found))
	})
}
