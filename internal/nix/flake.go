package nix

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// FlakeRef is a job's flake as nix takes it from any folder: paths are absolute, relative ones count from dir.
func FlakeRef(ref, dir string) string {
	rest, scheme := strings.CutPrefix(ref, "path:")
	if !scheme && !isPath(ref) {
		return ref
	}
	path, query, found := strings.Cut(rest, "?")
	if found {
		query = "?" + query
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if scheme {
		return "path:" + escapePath(path) + query
	}
	if query == "" || escapePath(path) == path {
		return path + query // place finds a way to name it
	}
	return escapedRef(path) + query
}

// place is where to call nix, and by which reference: from within its folder, a flake can be named whatever its path
// is, also to Nix 2.8, which does not decode URLs.
func (f Flake) place() (dir, ref string) {
	if filepath.IsAbs(f.Ref) && escapePath(f.Ref) != f.Ref {
		if info, err := os.Stat(f.Ref); err == nil && info.IsDir() {
			return f.Ref, "."
		}
		return "", escapedRef(f.Ref)
	}
	return "", f.Ref
}

// escapedRef writes a path that nix would not read as it stands (spaces, '#', '?') as the URL it would make of it.
func escapedRef(path string) string {
	for root := path; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
			ref := "git+file://" + escapePath(root)
			if rel, err := filepath.Rel(root, path); err == nil && rel != "." {
				ref += "?dir=" + url.QueryEscape(rel)
			}
			return ref
		}
		if root == filepath.Dir(root) {
			return "path:" + escapePath(path)
		}
	}
}

func escapePath(path string) string { return (&url.URL{Path: path}).EscapedPath() }

func isPath(ref string) bool {
	return ref == "" || strings.HasPrefix(ref, ".") || strings.HasPrefix(ref, "/")
}

// Lock resolves a flake that lies elsewhere to the revision it has now, so that all evaluators of a run see the
// same. A local flake is as it is.
func (n *Nix) Lock(ctx context.Context, f Flake) (Flake, error) {
	if isPath(f.Ref) || strings.HasPrefix(f.Ref, "path:") || strings.HasPrefix(f.Ref, "git+file:") {
		return f, nil
	}
	args := append([]string{"flake", "metadata", "--json", "--no-write-lock-file"}, f.Args...)
	cmd := n.Command(ctx, "nix", append(args, f.Ref)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return f, context.Cause(ctx)
	}
	if err != nil {
		return f, fmt.Errorf("flake %s: %s", f.Ref, lastError(stderr.String()))
	}
	var metadata struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(out, &metadata); err != nil || metadata.URL == "" {
		return f, fmt.Errorf("flake %s: nix flake metadata gave no url", f.Ref)
	}
	f.Ref = metadata.URL
	return f, nil
}
