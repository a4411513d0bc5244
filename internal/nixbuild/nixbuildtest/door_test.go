package nixbuildtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/nixbuild/nixbuildtest"
)

// TestDoor copies a closure through the door with the stock nix copy and ssh.
func TestDoor(t *testing.T) {
	nix, err := exec.LookPath("nix")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("nix is missing")
	}
	require.NoError(t, err, "nix is missing")
	store := filepath.Join(t.TempDir(), "remote")
	door := nixbuildtest.OpenDoor(t, "a-token", store)
	features := []string{"--extra-experimental-features", "nix-command flakes"}
	expression := `(derivation { name = "through-the-door"; system = "x86_64-linux"; builder = "/bin/sh"; }).drvPath`
	out, err := exec.CommandContext(t.Context(), nix, append([]string{"eval", "--raw", "--expr", expression}, features...)...).Output()
	require.NoError(t, err)
	drv := strings.TrimSpace(string(out))

	copy := exec.CommandContext(t.Context(), nix, append([]string{"copy", "--derivation", "--to", "ssh-ng://nixbuild", drv}, features...)...)
	copy.Env = append(os.Environ(), "NIX_SSHOPTS="+door.Options, "NIXBUILDNET_TOKEN=a-token", "NIXBUILDNET_OIDC_ID_TOKEN=an-id-token")
	output, err := copy.CombinedOutput()
	require.NoError(t, err, string(output))

	require.FileExists(t, filepath.Join(store, drv))
	require.Equal(t, "an-id-token", door.Sessions()[0]["NIXBUILDNET_OIDC_ID_TOKEN"])
}
