package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	maxFileLines     = 300
	maxFunctionLines = 60
	maxMedian        = 10
)

// source is a file below cmd, internal or schema. Only Go files outside testdata are parsed.
type source struct {
	name  string
	lines int
	files *token.FileSet
	tree  *ast.File
}

func readSource(t *testing.T, file, name string) source {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return parse(t, name, string(data))
}

func parse(t *testing.T, name, text string) source {
	t.Helper()
	s := source{name: name, lines: strings.Count(text, "\n"), files: token.NewFileSet()}
	if strings.HasSuffix(name, ".go") && !strings.Contains(name, "/testdata/") {
		var err error
		s.tree, err = parser.ParseFile(s.files, name, text, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
	}
	return s
}

// test tells whether a file is there for tests only, as testdata and packages such as nixbuildtest are too.
func (s source) test() bool {
	return strings.HasSuffix(s.name, "_test.go") || strings.Contains(s.name, "/testdata/") || strings.HasSuffix(path.Dir(s.name), "test")
}

func (s source) at(n ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s: %s", s.files.Position(n.Pos()), fmt.Sprintf(format, args...))
}

// span is how many lines a node takes.
func (s source) span(n ast.Node) int {
	return s.files.Position(n.End()).Line - s.files.Position(n.Pos()).Line + 1
}

func (s source) functions() []*ast.FuncDecl {
	var functions []*ast.FuncDecl
	if s.tree != nil {
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				functions = append(functions, f)
			}
		}
	}
	return functions
}

func againstSizes(sources []source) []string {
	var violations []string
	for _, s := range sources {
		if s.tree == nil || s.test() {
			continue
		}
		if s.lines > maxFileLines {
			violations = append(violations, fmt.Sprintf("%s has %d lines, more than %d", s.name, s.lines, maxFileLines))
		}
		for _, f := range s.functions() {
			if n := s.span(f); n > maxFunctionLines {
				violations = append(violations, s.at(f, "%s has %d lines, more than %d", f.Name.Name, n, maxFunctionLines))
			}
		}
	}
	if m := median(functionLengths(sources)); m > maxMedian {
		violations = append(violations, fmt.Sprintf("the median of all functions is %d lines, more than %d", m, maxMedian))
	}
	return violations
}

func functionLengths(sources []source) []int {
	var lengths []int
	for _, s := range sources {
		for _, f := range s.functions() {
			if !s.test() {
				lengths = append(lengths, s.span(f))
			}
		}
	}
	return lengths
}

func median(numbers []int) int {
	if len(numbers) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(numbers))[len(numbers)/2]
}

func againstFewTests(sources []source, least float64) []string {
	if share := shareOfTests(sources); share < least {
		return []string{fmt.Sprintf("there are %.2f lines of tests for each line of code, less than %.2f", share, least)}
	}
	return nil
}

func shareOfTests(sources []source) float64 {
	var code, tests int
	for _, s := range sources {
		switch {
		case s.test():
			tests += s.lines
		case s.tree != nil:
			code += s.lines
		}
	}
	return float64(tests) / float64(max(1, code))
}

var unfinished = regexp.MustCompile(`\b(TODO|FIXME)\b`)

func againstBans(sources []source) []string {
	var violations []string
	bubbles := bubblesOf(sources)
	for _, s := range sources {
		if s.tree == nil {
			continue
		}
		for _, f := range s.functions() {
			if f.Recv == nil && f.Name.Name == "init" {
				violations = append(violations, s.at(f, "init() hides an order of events"))
			}
		}
		for _, c := range s.tree.Comments {
			if word := unfinished.FindString(c.Text()); word != "" {
				violations = append(violations, s.at(c, "%s: do it, or say why not", word))
			}
		}
		// testscript runs a function of the test as if it were a program.
		program := strings.HasPrefix(s.name, "cmd/") || len(s.calls("github.com/rogpeppe/go-internal/testscript", "Main", nil)) > 0
		if !program {
			for _, call := range s.calls("os", "Exit", nil) {
				violations = append(violations, s.at(call, "os.Exit is main's"))
			}
		}
		if s.test() {
			for _, call := range s.calls("time", "Sleep", bubbles[path.Dir(s.name)]) {
				violations = append(violations, s.at(call, "time.Sleep in a test, outside a bubble of testing/synctest"))
			}
		}
	}
	return violations
}

// calls finds the uses of a function of an imported package, save within the arguments of calls that except holds.
func (s source) calls(imported, function string, except func(*ast.CallExpr) bool) []ast.Node {
	name := s.importName(imported)
	var found []ast.Node
	ast.Inspect(s.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			return except == nil || !except(n)
		case *ast.SelectorExpr:
			if selects(n, name, function) {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// importName is what a file calls a package that it imports, "" if it does not.
func (s source) importName(imported string) string {
	for _, i := range s.tree.Imports {
		if unquoted, _ := strconv.Unquote(i.Path.Value); unquoted == imported {
			if i.Name != nil {
				return i.Name.Name
			}
			return path.Base(imported)
		}
	}
	return ""
}

func selects(e ast.Expr, name, function string) bool {
	selector, ok := e.(*ast.SelectorExpr)
	if !ok || name == "" {
		return false
	}
	x, ok := selector.X.(*ast.Ident)
	return ok && x.Name == name && selector.Sel.Name == function
}

// bubblesOf tells, by folder, which calls run their argument on the clock of a synctest bubble: synctest.Test, and the
// functions of the folder's tests that call it.
func bubblesOf(sources []source) map[string]func(*ast.CallExpr) bool {
	bubbles := map[string]func(*ast.CallExpr) bool{}
	wrappers := map[string][]string{}
	for _, s := range sources {
		dir := path.Dir(s.name)
		for _, f := range s.functions() {
			if strings.HasPrefix(f.Name.Name, "Test") || !s.test() || f.Body == nil {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if e, ok := n.(*ast.SelectorExpr); ok && selects(e, s.importName("testing/synctest"), "Test") {
					wrappers[dir] = append(wrappers[dir], f.Name.Name)
				}
				return true
			})
		}
		bubbles[dir] = func(call *ast.CallExpr) bool {
			name, ok := call.Fun.(*ast.Ident)
			return selects(call.Fun, "synctest", "Test") || ok && slices.Contains(wrappers[dir], name.Name)
		}
	}
	return bubbles
}

// topLevel are the names that everybody who opens the repository sees; names with a dot are for tools.
var topLevel = []string{
	"cmd", "internal", "schema", "examples", "docs", "scripts",
	"README.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "action.yml", "go.mod", "go.sum",
}

func againstClutter(files []string) []string {
	var violations []string
	for _, file := range files {
		top, _, _ := strings.Cut(file, "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(topLevel, top) && !slices.Contains(violations, top) {
			violations = append(violations, top)
		}
	}
	return violations
}
