package nix

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSettings(t *testing.T) {
	assert.Nil(t, Settings(nil))
	assert.Nil(t, Settings([]string{"--option", "sandbox"}), "its value is missing")
	assert.Equal(t, []string{"--option", "sandbox", "false", "--option", "a", "--option"},
		Settings([]string{"--impure", "--option", "sandbox", "false", "--override-input", "x", "y", "--option", "a", "--option"}))
}

func TestBuilderSystems(t *testing.T) {
	file := filepath.Join(t.TempDir(), "machines")
	require.NoError(t, os.WriteFile(file, []byte("# all of them\nssh://c riscv64-linux\n\n"), 0o600))
	for builders, want := range map[string][]string{
		"":                            nil,
		"ssh://a aarch64-linux":       {"aarch64-linux"},
		"ssh://a":                     {"own"},
		"ssh://a - key 4":             {"own"},
		"ssh://a x,y k 1 ; ssh://b z": {"x", "y", "z"},
		"# none\nssh://a x":           {"x"},
		"@" + file:                    {"riscv64-linux"},
		"@/no/such/file":              nil,
		" ;\n; ":                      nil,
	} {
		assert.Equal(t, want, builderSystems(builders, "own"), "%q", builders)
	}
}
