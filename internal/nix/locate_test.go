package nix

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

func TestLocate(t *testing.T) {
	root, store := t.TempDir(), t.TempDir()
	source := filepath.Join("/nix/store", "00000000000000000000000000000000-source")
	write := func(content string, path ...string) {
		file := filepath.Join(path...)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(root, ".git"), 0o700))
	write("a", root, "sub", "flake.nix")
	write("b", root, "lib.nix")
	write("a", store, source, "flake.nix") // as of a flake that is a folder
	write("b", store, source, "lib.nix")   // as of a repository, whose root is the source
	write("of an input", store, source, "sub", "flake.nix")
	write("x", filepath.Dir(root), "outside.nix")
	write("x", store, source, "outside.nix")

	n := (&Nix{}).WithStore(store)
	for file, want := range map[string]string{
		source + "/flake.nix":     "flake.nix",
		source + "/lib.nix":       "../lib.nix",
		source + "/sub/flake.nix": source + "/sub/flake.nix",
		source + "/outside.nix":   source + "/outside.nix",
		source + "/gone.nix":      source + "/gone.nix",
		root + "/sub/x.nix":       "x.nix",
		"":                        "",
	} {
		e := &plan.EvalError{File: file}
		n.locate(Flake{Ref: "path:" + root + "/sub"}, e)
		assert.Equal(t, want, e.File, file)
	}
	e := &plan.EvalError{File: source + "/flake.nix"}
	n.locate(Flake{Ref: "github:a/b"}, e)
	assert.Equal(t, source+"/flake.nix", e.File, "a flake that lies elsewhere has no folder")
	n.locate(Flake{Ref: "/x"}, nil)
}
