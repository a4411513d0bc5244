package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

const examplesDir = "../../examples"

// examples calls f for each example that the pattern names with each Nix, in a copy of the example that is no part of a
// git repository.
func examples(t *testing.T, pattern string, f func(t *testing.T, w workshop)) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(examplesDir, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	for _, n := range installations(t) {
		for _, dir := range dirs {
			name := filepath.Base(dir)
			t.Run(n.version+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := workshop{name: name, dir: filepath.Join(t.TempDir(), name), path: n.path, home: t.TempDir()}
				require.NoError(t, os.CopyFS(w.dir, os.DirFS(dir)))
				f(t, w)
			})
		}
	}
}

// workshop is a place to try out an example.
type workshop struct{ name, dir, path, home string }

// output runs a program in the example's folder. The program may fail.
func (w workshop) output(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), find(w.path, program), args...)
	cmd.Dir = w.dir
	cmd.Env = []string{"PATH=" + w.path, "HOME=" + w.home, "GORACE=atexit_sleep_ms=0"}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	t.Logf("%s %q: %v\n%s", program, args, err, stderr.String())
	return stdout.Bytes()
}

func (w workshop) nix(t *testing.T, command string, args ...string) []byte {
	t.Helper()
	return w.output(t, "nix", append([]string{command, "--extra-experimental-features", "nix-command flakes"}, args...)...)
}

func (w workshop) plan(t *testing.T, args ...string) (plan.Plan, []byte) {
	t.Helper()
	out := w.output(t, "nixbuild-checks", append([]string{"plan", "-c", ".nixbuild-checks.yaml", "--format", "json"}, args...)...)
	var p plan.Plan
	require.NoError(t, json.Unmarshal(out, &p))
	return p, out
}

// TestExamplesPlan compares the plan of each example with the plan.json beside it, which
// `go test ./internal/cli -run Examples -update` writes anew.
func TestExamplesPlan(t *testing.T) {
	t.Parallel()
	examples(t, "*", func(t *testing.T, w workshop) {
		t.Helper()
		_, got := w.plan(t)
		file := filepath.Join(examplesDir, w.name, "plan.json")
		if *update {
			require.NoError(t, os.WriteFile(file, got, 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	})
}

// TestExamplesDerivations compares the derivations of each example with those that Nix itself gives for the same
// attributes: in one go for those that evaluate, and an error of Nix for each of the others.
func TestExamplesDerivations(t *testing.T) {
	t.Parallel()
	examples(t, "*", func(t *testing.T, w workshop) {
		t.Helper()
		p, _ := w.plan(t, "--eval")
		assert.Empty(t, p.Pending, "evaluation decides all")
		var installables, got []string
		for _, c := range p.Checks {
			if c.Error == "" {
				installables = append(installables, ".#"+c.FlakeAttr+`."`+strings.Join(c.Path, `"."`)+`"`)
				got = append(got, c.DrvPath)
				continue
			}
			assert.Empty(t, c.DrvPath)
			assert.Emptyf(t, w.nix(t, "path-info", "--derivation", ".#"+c.FlakeAttr+"."+c.Attr), "Nix evaluates %s, which has the error %s", c.Attr, c.Error)
		}
		want := strings.Fields(string(w.nix(t, "path-info", append([]string{"--derivation"}, installables...)...)))
		slices.Sort(want)
		slices.Sort(got)
		assert.NotEmpty(t, got)
		assert.Equal(t, want, got)
	})
}

// TestExamplesFlakeApply compares the filter and the label of builds-prefix with the function that they stand for.
func TestExamplesFlakeApply(t *testing.T) {
	t.Parallel()
	type check struct{ Attr, Label string }
	examples(t, "builds-prefix", func(t *testing.T, w workshop) {
		t.Helper()
		function, err := os.ReadFile(filepath.Join(w.dir, "flake_apply.nix"))
		require.NoError(t, err)
		var want, got []check
		require.NoError(t, json.Unmarshal(w.nix(t, "eval", "--json", ".#checks", "--apply", string(function)), &want))
		p, _ := w.plan(t)
		for _, c := range p.Checks {
			got = append(got, check{Attr: strings.Join(c.Path, "."), Label: c.Name})
		}
		assert.NotEmpty(t, got)
		assert.ElementsMatch(t, want, got)
	})
}
