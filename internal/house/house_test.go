// Package house has no code: its tests hold the rules of the house (see CONTRIBUTING.md) over the whole repository.
package house

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	root   = "../.."
	module = "github.com/nixbuild/nixbuild-checks/"

	// testShare only ever rises: the goal is 1, a line of tests for each line of code.
	testShare = 0.95
)

func TestImports(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	holds(t, "imports go to lower layers", againstLayers(packages))
	holds(t, "a third-party package has one importer", againstOwners(packages))
	holds(t, "what is for tests stays in tests", againstTestOnly(packages))
	holds(t, "a package is named for what it does", againstVagueNames(packages))
}

func TestSources(t *testing.T) {
	t.Parallel()
	sources := readSources(t)
	holds(t, "sizes of files and functions", againstSizes(sources))
	holds(t, "there are as many tests as there were", againstFewTests(sources, testShare))
	holds(t, "what is banned", againstBans(sources))

	lengths := functionLengths(sources)
	t.Logf("functions: %d, median %d lines; test lines for each line of code: %.2f", len(lengths), median(lengths), shareOfTests(sources))
}

func TestTopLevel(t *testing.T) {
	t.Parallel()
	// The owner of a checkout in a container is often somebody else, which git refuses unless told.
	cmd := exec.CommandContext(t.Context(), "git", "-c", "safe.directory=*", "ls-files", "-z")
	cmd.Dir = root
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && strings.Contains(string(exit.Stderr), "not a git repository") {
		t.Skip("these sources are no git checkout")
	}
	require.NoError(t, err)
	files := strings.Split(strings.Trim(string(out), "\x00"), "\x00")
	require.Contains(t, files, "go.mod")
	holds(t, "the top level is for what everybody needs", againstClutter(files))
}

// holds reports every violation of a rule.
func holds(t *testing.T, rule string, violations []string) {
	t.Helper()
	assert.Empty(t, violations, "%s:\n%s", rule, strings.Join(violations, "\n"))
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Name,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &stderr)

	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		packages = append(packages, p)
	}
	require.NotEmpty(t, packages)
	return packages
}

// readSources walks the tree rather than asking `go list`: so it sees the files of every platform, and `go test` knows
// what its cached result depends on.
func readSources(t *testing.T) []source {
	t.Helper()
	var sources []source
	for _, top := range []string{"cmd", "internal", "schema"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(root, path)
			require.NoError(t, err)
			sources = append(sources, readSource(t, path, filepath.ToSlash(name)))
			return nil
		}))
	}
	return sources
}
