package nix

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// inSource is a file in the copy of a flake that Nix evaluates.
var inSource = regexp.MustCompile(`^/nix/store/[^/]+/(.+)$`)

// locate names the file of an error as it is seen from a local flake's folder, where it is the flake's own. Nix names
// the copy in its store; that it is a copy of the file is told by its content.
func (n *Nix) locate(f Flake, e *plan.EvalError) {
	dir := strings.TrimPrefix(f.Ref, "path:")
	if e == nil || e.File == "" || !filepath.IsAbs(dir) {
		return
	}
	if m := inSource.FindStringSubmatch(e.File); m != nil {
		e.File = n.original(dir, e.File, m[1])
	}
	if relative, err := filepath.Rel(dir, e.File); err == nil && !inSource.MatchString(e.File) {
		e.File = relative
	}
}

// original looks for the file in the flake's folder and, up to the root of its repository, above it.
func (n *Nix) original(dir, stored, name string) string {
	copied := stored
	if filepath.IsAbs(n.Store) {
		copied = n.Store + stored
	}
	content, err := os.ReadFile(copied)
	if err != nil {
		return stored
	}
	for {
		file := filepath.Join(dir, name)
		if own, err := os.ReadFile(file); err == nil && bytes.Equal(own, content) {
			return file
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil || dir == filepath.Dir(dir) {
			return stored
		}
		dir = filepath.Dir(dir)
	}
}
