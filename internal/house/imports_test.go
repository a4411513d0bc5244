package house

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// listed is a package as `go list` describes it.
type listed struct {
	ImportPath, Name                   string
	Imports, TestImports, XTestImports []string
}

// layers are the floors of the house. A new package gets its place here first.
var layers = map[string]int{
	"cmd/nixbuild-checks":            6,
	"internal/cli":                   5,
	"internal/pipeline":              4,
	"internal/server":                4,
	"internal/migrate":               4,
	"internal/report":                4,
	"internal/nix":                   3,
	"internal/nixstore":              3,
	"internal/evalstore":             3,
	"internal/nixbuild":              3,
	"internal/nixbuild/nixbuildtest": 3,
	"internal/github":                3,
	"internal/actions":               3,
	"internal/plan":                  2,
	"internal/engine":                2,
	"internal/api":                   2,
	"internal/config":                1,
	"internal/rule":                  0,
	"internal/diag":                  0,
	"schema":                         0,
	"internal/house":                 0,
}

// neighbours are the imports that stay on one floor.
var neighbours = map[string]string{"internal/evalstore": "internal/nix"}

// owners are the packages that may import a third-party one; one of them must.
var owners = map[string][]string{
	"gopkg.in/yaml.v3":                         {"internal/config", "internal/migrate"},
	"github.com/santhosh-tekuri/jsonschema/v5": {"internal/config"},
	"github.com/expr-lang/expr":                {"internal/rule"},
	"github.com/cenkalti/backoff/v4":           {"internal/engine"},
	// The server's queue waits for its workers with conc's pool alone: the engine's stages are for streams that end, and
	// are the client's.
	"github.com/sourcegraph/conc": {"internal/engine", "internal/server"},
}

// testOnly are the packages for tests; some test must import the first.
var testOnly = []string{
	"github.com/stretchr/testify",
	"github.com/google/go-cmp",
	"github.com/rogpeppe/go-internal",
	"go.uber.org/goleak",
	module + "internal/nixbuild/nixbuildtest",
}

func againstLayers(packages []listed) []string {
	var violations []string
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		layer, known := layers[name]
		if !known {
			violations = append(violations, name+" has no place in the house: add it to layers")
		}
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module)
			if !ours || neighbours[name] == other {
				continue
			}
			if below := layers[other]; known && below >= layer {
				violations = append(violations, fmt.Sprintf("%s (layer %d) imports %s (layer %d)", name, layer, other, below))
			}
		}
	}
	return violations
}

func againstOwners(packages []listed) []string {
	var violations []string
	for third, allowed := range owners {
		used := false
		for _, p := range packages {
			if !slices.ContainsFunc(p.Imports, within(third)) {
				continue
			}
			used = true
			if name := strings.TrimPrefix(p.ImportPath, module); !slices.Contains(allowed, name) {
				violations = append(violations, fmt.Sprintf("%s imports %s, which is for %v", name, third, allowed))
			}
		}
		if !used {
			violations = append(violations, third+" is not used")
		}
	}
	return violations
}

func againstTestOnly(packages []listed) []string {
	var violations []string
	used := false
	for _, p := range packages {
		used = used || slices.ContainsFunc(slices.Concat(p.TestImports, p.XTestImports), within(testOnly[0]))
		for _, third := range testOnly {
			if slices.ContainsFunc(p.Imports, within(third)) {
				violations = append(violations, fmt.Sprintf("%s imports %s outside its tests", p.ImportPath, third))
			}
		}
	}
	if !used {
		violations = append(violations, testOnly[0]+" is not used")
	}
	return violations
}

// vague are the names that anything could hide behind.
var vague = []string{"utils", "util", "common", "helpers", "helper", "types", "misc", "shared"}

func againstVagueNames(packages []listed) []string {
	var violations []string
	for _, p := range packages {
		if slices.Contains(vague, p.Name) || slices.Contains(vague, path.Base(p.ImportPath)) {
			violations = append(violations, p.ImportPath+" says nothing by its name")
		}
	}
	return violations
}

// within tells whether an import is a package or one below it.
func within(third string) func(string) bool {
	return func(imported string) bool { return imported == third || strings.HasPrefix(imported, third+"/") }
}

// room is a package of ours in a test.
func room(name string, imports ...string) listed {
	return listed{ImportPath: module + name, Name: path.Base(name), Imports: imports}
}

func TestAgainstLayers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		p    listed
		want []string
	}{
		{"down", room("internal/cli", module+"internal/nix", "fmt"), nil},
		{"several down", room("cmd/nixbuild-checks", module+"schema"), nil},
		{"up", room("internal/rule", module+"internal/config"), []string{"internal/rule (layer 0) imports internal/config (layer 1)"}},
		{"beside", room("internal/nix", module+"internal/actions"), []string{"internal/nix (layer 3) imports internal/actions (layer 3)"}},
		{"a neighbour", room("internal/evalstore", module+"internal/nix"), nil},
		{"not the other way", room("internal/nix", module+"internal/evalstore"), []string{"internal/nix (layer 3) imports internal/evalstore (layer 3)"}},
		{"no place", room("internal/attic", module+"internal/cli"), []string{"internal/attic has no place in the house: add it to layers"}},
	} {
		assert.Equal(t, test.want, againstLayers([]listed{test.p}), test.name)
	}
	up := room("internal/rule")
	up.TestImports = []string{module + "internal/config"}
	assert.Empty(t, againstLayers([]listed{up}), "tests may look up")
}

func TestAgainstOwners(t *testing.T) {
	t.Parallel()
	good := []listed{
		room("internal/config", "gopkg.in/yaml.v3", "github.com/santhosh-tekuri/jsonschema/v5"),
		room("internal/rule", "github.com/expr-lang/expr/vm"),
		room("internal/engine", "github.com/cenkalti/backoff/v4", "github.com/sourcegraph/conc/pool"),
	}
	assert.Empty(t, againstOwners(good))
	assert.Equal(t, []string{"internal/plan imports gopkg.in/yaml.v3, which is for [internal/config internal/migrate]"},
		againstOwners(append(slices.Clone(good), room("internal/plan", "gopkg.in/yaml.v3"))))
	assert.Equal(t, []string{"internal/cli imports github.com/expr-lang/expr, which is for [internal/rule]"},
		againstOwners(append(slices.Clone(good), room("internal/cli", "github.com/expr-lang/expr/ast"))))
	assert.Equal(t, []string{"github.com/expr-lang/expr is not used"},
		againstOwners([]listed{good[0], room("internal/rule", "github.com/expr-lang/expression"), good[2]}))
}

func TestAgainstTestOnly(t *testing.T) {
	t.Parallel()
	tested := room("internal/rule")
	tested.XTestImports = []string{"github.com/stretchr/testify/assert"}
	assert.Empty(t, againstTestOnly([]listed{tested}))
	assert.Equal(t, []string{module + "internal/nix imports github.com/stretchr/testify outside its tests"},
		againstTestOnly([]listed{tested, room("internal/nix", "github.com/stretchr/testify/mock")}))
	assert.Equal(t, []string{"github.com/stretchr/testify is not used"}, againstTestOnly([]listed{room("internal/nix")}))
}

func TestAgainstVagueNames(t *testing.T) {
	t.Parallel()
	assert.Empty(t, againstVagueNames([]listed{room("internal/nix")}))
	hidden := listed{ImportPath: module + "internal/nixhelp", Name: "helpers"}
	assert.Len(t, againstVagueNames([]listed{room("internal/utils"), room("internal/nix/types"), hidden}), 3)
}
