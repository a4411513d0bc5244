package nix

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// eachNix runs a test with every installed Nix: the machine's, and those of NIXBUILD_CHECKS_NIX_DIRS.
func eachNix(t *testing.T, test func(t *testing.T, n *Nix, style Style)) {
	t.Helper()
	path := os.Getenv("PATH")
	paths := []string{path}
	for _, dir := range filepath.SplitList(os.Getenv("NIXBUILD_CHECKS_NIX_DIRS")) {
		require.FileExists(t, filepath.Join(dir, "nix"))
		paths = append(paths, dir+":"+path)
	}
	for _, path := range paths {
		n, err := Find(t.Context(), append(os.Environ(), "PATH="+path))
		if err != nil && os.Getenv("CI") == "" {
			t.Skip(err)
		}
		require.NoError(t, err)
		t.Run(n.Version.String(), func(t *testing.T) {
			style := Repl
			if n.Version.Less(Version{Major: 2, Minor: 10}) {
				style = Slices
			}
			test(t, n, style)
		})
	}
}

// drvNix is a function for fixtures: the derivation of a name.
const drvNix = `drv = name: derivation { inherit name; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; };`

// endlessNix ends by no limit of Nix's own, and hears no signal.
const endlessNix = `(let l = builtins.genList (x: x) 100000; in builtins.foldl' (a: _: builtins.foldl' (c: d: c + d) a l) 0 l)`

// hungryNix takes all the memory there is.
const hungryNix = `(builtins.length (builtins.foldl' (a: b: a ++ [ (builtins.genList (x: x + b) 100000) ]) [ ] (builtins.genList (x: x) 100000)))`

// writeFlake makes a flake with these outputs in a folder of its own.
func writeFlake(t *testing.T, outputs string) Flake {
	t.Helper()
	return writeFlakeIn(t, t.TempDir(), outputs)
}

func writeFlakeIn(t *testing.T, dir, outputs string) Flake {
	t.Helper()
	source := fmt.Sprintf("{ outputs = _: let %s in %s; }\n", drvNix, outputs)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "flake.nix"), []byte(source), 0o600))
	return Flake{Ref: FlakeRef(".", dir)}
}

func newPool(t *testing.T, n *Nix, style Style, o PoolOptions) *Pool {
	t.Helper()
	p := NewPool(n, style, o)
	t.Cleanup(p.Close)
	return p
}

// facts evaluates one attribute below "checks".
func facts(t *testing.T, p *Pool, f Flake, name string, metaKeys ...string) *plan.Facts {
	t.Helper()
	got, err := p.Evaluate(t.Context(), Attribute{Flake: f, FlakeAttr: []string{"checks"}, Path: []string{name}, MetaKeys: metaKeys})
	require.NoError(t, err)
	return got
}

// counted is n called through a script that logs its starts.
func counted(t *testing.T, n *Nix) (wrapped *Nix, started func() []string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	return wrap(t, n, fmt.Sprintf(`echo $$ >> '%s'`, log)), func() []string {
		data, err := os.ReadFile(log)
		if !os.IsNotExist(err) {
			require.NoError(t, err)
		}
		return strings.Fields(string(data))
	}
}

// wrap is n called through a script that does something first.
func wrap(t *testing.T, n *Nix, line string) *Nix {
	t.Helper()
	c := *n
	c.dir = t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n%s\nexec '%s/nix' \"$@\"\n", line, n.dir)
	require.NoError(t, os.WriteFile(filepath.Join(c.dir, "nix"), []byte(script), 0o700)) //nolint:gosec // a program
	return &c
}

// ask puts one step to a pool.
func ask(ctx context.Context, t *testing.T, p *Pool, f Flake, steps ...Step) []Answer {
	t.Helper()
	answers, err := p.ask(ctx, question{flake: f, flakeAttr: []string{"checks"}, steps: steps})
	require.NoError(t, err)
	require.Len(t, answers, len(steps))
	return answers
}
