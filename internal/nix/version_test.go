package nix

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseVersion(t *testing.T) {
	for line, want := range map[string]string{
		"nix (Nix) 2.8.0\n":                                           "2.8.0",
		"nix (Nix) 2.34.8":                                            "2.34.8",
		"nix (Nix) 2.26":                                              "2.26.0",
		"nix (Nix) 2.9.0pre20220530_af23d38\n":                        "2.9.0",
		"nix (Determinate Nix 3.6.2) 2.29.0\n":                        "2.29.0",
		"nix (Lix, like Nix) 2.93.3\n":                                "2.93.3",
		"nix (Lix, like Nix) 2.94.0-dev\nSystem type: x86_64-linux\n": "2.94.0",
	} {
		v, err := ParseVersion(line)
		require.NoError(t, err, line)
		assert.Equal(t, want, v.String(), line)
	}
	for _, line := range []string{"", "nix", "nix 2.8", "bash: nix: command not found", "nix (Nix) two"} {
		_, err := ParseVersion(line)
		assert.ErrorContains(t, err, "no version", line)
	}
}

func TestVersionOrder(t *testing.T) {
	ordered := []Version{{}, {Major: 1, Minor: 11}, {Major: 2, Minor: 7, Patch: 9}, Minimum, {Major: 2, Minor: 8, Patch: 1}, {Major: 2, Minor: 34}, {Major: 3}}
	for i, a := range ordered {
		for j, b := range ordered {
			assert.Equal(t, i < j, a.Less(b), "%s < %s", a, b)
		}
	}
}
