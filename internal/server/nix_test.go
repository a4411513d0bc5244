package server_test

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

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/nix"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild"
	"github.com/nixbuild/nixbuild-checks/internal/server"
)

// instantiate makes three derivations that no one has built before: good, bad and one that needs bad.
func instantiate(t *testing.T) (good, bad, top string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "drvs.nix")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `let
		drv = name: script: deps: derivation {
			inherit name deps; salt = %q; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ];
		};
		bad = drv "bad" "echo out of luck; exit 1" [ ];
	in [ (drv "good" "echo fine; echo x > $out" [ ]) bad (drv "top" "echo x > $out" [ bad ]) ]`, file), 0o600))
	out, err := exec.CommandContext(t.Context(), "nix-instantiate", file).Output()
	require.NoError(t, err)
	drvs := strings.Fields(string(out))
	require.Len(t, drvs, 3)
	return drvs[0], drvs[1], drvs[2]
}

func TestWithRealNix(t *testing.T) {
	n, err := nix.Find(t.Context(), os.Environ())
	if err != nil {
		t.Skip(err)
	}
	good, bad, top := instantiate(t)
	options := []string{"--option", "sandbox", "false", "--option", "substitute", "false", "--option", "build-users-group", ""}
	r, err := server.Start(t.Context(), server.Options{LogDir: t.TempDir(), Workers: 2,
		Build: func(ctx context.Context, drv string, log logFunc) (nix.BuildResult, error) {
			return n.Build(ctx, nix.BuildOptions{Drv: drv, Options: options, Log: log})
		}})
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	c := nixbuild.New(nixbuild.Options{Base: r.URL, Token: r.Token})
	defer c.Close()

	built := buildOver(t, c, good)
	assert.Equal(t, api.Built, built.Status, built.Message)
	assert.Equal(t, []string{good}, built.BuiltDerivations)
	assert.Equal(t, "fine\n", contents(t, built.LogFile))
	assert.Equal(t, "x\n", contents(t, built.Outputs[0]))

	failed := buildOver(t, c, bad)
	assert.Equal(t, api.BuildFailed, failed.Status)
	assert.Equal(t, []string{"out of luck"}, failed.LogTail)
	assert.Empty(t, failed.FailedDependency)

	dependent := buildOver(t, c, top)
	assert.Equal(t, api.BuildFailed, dependent.Status)
	assert.Equal(t, bad, dependent.FailedDependency)
	assert.Equal(t, "out of luck\n", contents(t, dependent.LogFile), "the log of what failed")
	assert.Empty(t, dependent.BuiltDerivations)
}

func buildOver(t *testing.T, c *nixbuild.Client, drv string) api.Process {
	t.Helper()
	p := createdDrv(t, c, drv)
	for !p.Status.Final() {
		var err error
		p, err = c.Process(t.Context(), p.ID)
		require.NoError(t, err)
	}
	return p
}

func contents(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}
