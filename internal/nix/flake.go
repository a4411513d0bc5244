package nix

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// FlakeRef is a job's flake as nix takes it from any folder: paths are absolute, relative ones count from dir.
func FlakeRef(ref, dir string) string {
	if isPath(ref) && !filepath.IsAbs(ref) {
		return filepath.Join(dir, ref)
	}
	if rest, ok := strings.CutPrefix(ref, "path:"); ok && !filepath.IsAbs(rest) {
		path, query, found := strings.Cut(rest, "?")
		if found {
			query = "?" + query
		}
		return "path:" + filepath.Join(dir, path) + query
	}
	return ref
}

func isPath(ref string) bool {
	return ref == "" || strings.HasPrefix(ref, ".") || strings.HasPrefix(ref, "/")
}

// Lock resolves a flake that lies elsewhere to the revision it has now, so that all evaluators of a run see the
// same. A local flake is as it is.
func (n *Nix) Lock(ctx context.Context, f Flake) (Flake, error) {
	if isPath(f.Ref) || strings.HasPrefix(f.Ref, "path:") {
		return f, nil
	}
	args := append([]string{"flake", "metadata", "--json", "--no-write-lock-file"}, f.Args...)
	cmd := n.Command(ctx, "nix", append(args, f.Ref)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
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

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_'-]*`)

// ParseAttrPath splits an attribute path as Nix does: at dots, double quotes hold a name together.
func ParseAttrPath(s string) ([]string, error) {
	var path []string
	for rest := s; ; {
		var name string
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			before, after, found := strings.Cut(quoted, `"`)
			if !found {
				return nil, fmt.Errorf("attribute path %q: a quote is not closed", s)
			}
			name, rest = before, after
		} else {
			i := strings.IndexByte(rest, '.')
			if i < 0 {
				i = len(rest)
			}
			name, rest = rest[:i], rest[i:]
			if name == "" {
				return nil, fmt.Errorf("attribute path %q: a name is empty", s)
			}
		}
		path = append(path, name)
		if rest == "" {
			break
		}
		if rest[0] != '.' {
			return nil, fmt.Errorf("attribute path %q: a dot is missing after %q", s, name)
		}
		rest = rest[1:]
	}
	if len(path) > 0 && identifier.FindString(path[0]) != path[0] {
		return nil, fmt.Errorf("attribute path %q: an output of a flake is a plain name, not %q", s, path[0])
	}
	return path, nil
}
