package nix

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// buildOptions let Nix build as root without build users, without a sandbox (/bin/sh is not in it) and without network.
var buildOptions = []string{
	"--option", "sandbox", "false", "--option", "substitute", "false", "--option", "build-users-group", "",
}

// buildFixture instantiates derivations that no one has built before, in the machine's own store.
func buildFixture(t *testing.T, body string) (*Nix, map[string]string) {
	t.Helper()
	n, err := Find(t.Context(), os.Environ())
	if err != nil {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "drvs.nix")
	source := fmt.Sprintf(`let salt = %q; drv = name: script: deps: derivation {
		inherit name deps salt; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ];
	}; in %s`, file, body)
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	out, err := n.Command(t.Context(), "nix-store", "--version").Output()
	require.NoError(t, err, "%s", out)
	cmd := exec.CommandContext(t.Context(), filepath.Join(n.dir, "nix-instantiate"), file)
	out, err = cmd.Output()
	require.NoError(t, err, "%s", out)
	drvs := map[string]string{}
	for drv := range strings.FieldsSeq(string(out)) {
		drv, _, _ = strings.Cut(drv, "!")
		_, name, _ := strings.Cut(strings.TrimSuffix(filepath.Base(drv), ".drv"), "-")
		drvs[name] = drv
	}
	return n, drvs
}

func TestBuildGood(t *testing.T) {
	defer goleak.VerifyNone(t)
	n, drvs := buildFixture(t, `rec {
		base = drv "base" "echo one; echo two >&2; echo x > $out" [ ];
		top = drv "top" "echo top; echo x > $out" [ base ];
	}`)
	var log []string
	b := BuildOptions{Drv: drvs["top"], Options: buildOptions, Log: func(drv, line string) { log = append(log, drv+" "+line) }}
	got, err := n.Build(t.Context(), b)
	require.NoError(t, err)
	assert.True(t, got.OK, got.Message)
	assert.Equal(t, []string{drvs["base"], drvs["top"]}, got.Built)
	assert.Empty(t, got.Failed)
	assert.Equal(t, []string{drvs["base"] + " one", drvs["base"] + " two", drvs["top"] + " top"}, log)
	require.Len(t, got.Outputs, 1)
	assert.FileExists(t, got.Outputs[0])

	again, err := n.Build(t.Context(), b)
	require.NoError(t, err)
	assert.Equal(t, BuildResult{OK: true, Outputs: got.Outputs}, again, "nothing is left to build")
}

func TestBuildAllOutputs(t *testing.T) {
	n, drvs := buildFixture(t, `derivation {
		name = "multi"; inherit salt; system = builtins.currentSystem; outputs = [ "out" "lib" ];
		builder = "/bin/sh"; args = [ "-c" "echo a > $out; echo b > $lib" ];
	}`)
	got, err := n.Build(t.Context(), BuildOptions{Drv: drvs["multi"], Options: buildOptions})
	require.NoError(t, err)
	assert.True(t, got.OK, got.Message)
	assert.Len(t, got.Outputs, 2)
}

func TestBuildFails(t *testing.T) {
	n, drvs := buildFixture(t, `rec {
		good = drv "good" "echo x > $out" [ ];
		bad = drv "bad" "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; exit 3" [ good ];
		middle = drv "middle" "echo x > $out" [ bad ];
		top = drv "top" "echo x > $out" [ middle ];
	}`)
	own, err := n.Build(t.Context(), BuildOptions{Drv: drvs["bad"], Options: buildOptions})
	require.NoError(t, err)
	assert.False(t, own.OK)
	assert.Equal(t, []string{drvs["good"]}, own.Built)
	assert.Equal(t, []string{drvs["bad"]}, own.Failed)
	assert.Empty(t, own.FailedDependency)
	assert.Contains(t, own.Message, "exit code 3")
	assert.NotContains(t, own.Message, "\x1b")
	require.Len(t, own.LogTail, 20)
	assert.Equal(t, "line 30", own.LogTail[19])

	top, err := n.Build(t.Context(), BuildOptions{Drv: drvs["top"], Options: buildOptions})
	require.NoError(t, err)
	assert.Empty(t, top.Built, "what was good is there already")
	assert.Equal(t, []string{drvs["bad"]}, top.Failed)
	assert.Equal(t, drvs["bad"], top.FailedDependency)
	assert.Equal(t, "line 30", top.LogTail[19])
}

func TestBuildNoOutput(t *testing.T) {
	n, drvs := buildFixture(t, `drv "lazy" "echo done nothing" [ ]`)
	got, err := n.Build(t.Context(), BuildOptions{Drv: drvs["lazy"], Options: buildOptions})
	require.NoError(t, err)
	assert.Equal(t, []string{drvs["lazy"]}, got.Failed)
	assert.Empty(t, got.Built)
	assert.Equal(t, []string{"done nothing"}, got.LogTail)
}

func TestBuildTimeout(t *testing.T) {
	n, drvs := buildFixture(t, `drv "slow" "echo begun; while :; do :; done" [ ]`)
	got, err := n.Build(t.Context(), BuildOptions{Drv: drvs["slow"], Options: append([]string{"--timeout", "1"}, buildOptions...)})
	require.NoError(t, err)
	assert.True(t, got.Timeout)
	assert.Equal(t, []string{drvs["slow"]}, got.Failed)
	assert.Empty(t, got.Built)
	assert.Equal(t, []string{"begun"}, got.LogTail)
}

func TestBuildCannotBegin(t *testing.T) {
	n, _ := buildFixture(t, `{ }`)
	missing := "/nix/store/" + strings.Repeat("a", 32) + "-missing.drv"
	got, err := n.Build(t.Context(), BuildOptions{Drv: missing, Options: buildOptions})
	require.NoError(t, err)
	assert.False(t, got.OK)
	assert.Contains(t, got.Message, "missing.drv")

	_, err = (&Nix{dir: t.TempDir()}).Build(t.Context(), BuildOptions{Drv: missing})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestBuildEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t)
	n, drvs := buildFixture(t, `drv "endless" "echo begun; while :; do :; done" [ ]`)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := n.Build(ctx, BuildOptions{Drv: drvs["endless"], Options: buildOptions, Log: func(string, string) { cancel() }})
	require.ErrorIs(t, err, context.Canceled)
}
