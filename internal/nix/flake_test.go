package nix

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFlakeRef(t *testing.T) {
	for ref, want := range map[string]string{
		"":                        "/repo/ci",
		".":                       "/repo/ci",
		"./sub":                   "/repo/ci/sub",
		"..":                      "/repo",
		"../a b":                  "/repo/a b",
		".?dir=sub":               "/repo/ci?dir=sub",
		"/abs":                    "/abs",
		"path:./x?lastModified=1": "path:/repo/ci/x?lastModified=1",
		"path:/x y":               "path:/x%20y",
		"path:x":                  "path:/repo/ci/x",
		"nixpkgs":                 "nixpkgs",
		"github:NixOS/nixpkgs":    "github:NixOS/nixpkgs",
		"git+file:///x?ref=main":  "git+file:///x?ref=main",
	} {
		assert.Equal(t, want, FlakeRef(ref, "/repo/ci"), "%q", ref)
	}
}

func TestPlace(t *testing.T) {
	odd := filepath.Join(t.TempDir(), "a b#c?d%20")
	require.NoError(t, os.Mkdir(odd, 0o700))
	dir, ref := Flake{Ref: odd}.place()
	assert.Equal(t, []string{odd, "."}, []string{dir, ref}, "no version reads that as a reference")

	for _, plain := range []string{filepath.Dir(odd), "nixpkgs", "path:/x%20y", "github:a/b?dir=c"} {
		dir, ref = Flake{Ref: plain}.place()
		assert.Equal(t, []string{"", plain}, []string{dir, ref})
	}
	_, ref = Flake{Ref: "/no such folder"}.place()
	assert.Equal(t, "path:/no%20such%20folder", ref, "Nix says what is wrong with it")
}

func TestLockLeavesLocalFlakesAlone(t *testing.T) {
	for _, ref := range []string{"/x", "path:/x", "git+file:///x"} {
		f, err := (&Nix{dir: t.TempDir()}).Lock(t.Context(), Flake{Ref: ref})
		require.NoError(t, err, "nix is not asked")
		assert.Equal(t, ref, f.Ref)
	}
}
