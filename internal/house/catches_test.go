package house

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// function writes one of so many lines.
func function(name string, lines int) string {
	return "func " + name + "() {\n" + strings.Repeat("\n", lines-2) + "}\n"
}

func TestAgainstSizes(t *testing.T) {
	t.Parallel()
	check := func(name, text string) []string {
		return againstSizes([]source{parse(t, name, "package p\n"+text)})
	}
	short := strings.Repeat(function("f", 3), 5)
	assert.Empty(t, check("internal/p/p.go", short+function("long", 60)))
	assert.Equal(t, []string{"internal/p/p.go:17:1: long has 61 lines, more than 60"}, check("internal/p/p.go", short+function("long", 61)))
	assert.Empty(t, check("internal/p/p.go", strings.Repeat("\n", 299)))
	assert.Equal(t, []string{"internal/p/p.go has 301 lines, more than 300"}, check("internal/p/p.go", strings.Repeat("\n", 300)))
	assert.Empty(t, check("internal/p/p_test.go", function("long", 400)), "tests are as long as they are")
	assert.Equal(t, []string{"the median of all functions is 11 lines, more than 10"},
		check("internal/p/p.go", function("a", 2)+function("b", 11)+function("c", 20)))
}

func TestAgainstFewTests(t *testing.T) {
	t.Parallel()
	code := parse(t, "internal/p/p.go", "package p\n"+strings.Repeat("\n", 9))
	test := parse(t, "internal/p/p_test.go", "package p\n"+strings.Repeat("\n", 4))
	data := parse(t, "internal/p/testdata/p.go", strings.Repeat("no Go, and tests for all that\n", 4))
	fake := parse(t, "internal/p/ptest/fake.go", "package ptest\n")
	other := parse(t, "schema/schema.json", strings.Repeat("\n", 1000))
	assert.Empty(t, againstFewTests([]source{code, test, data, fake, other}, 1))
	assert.Equal(t, []string{"there are 0.90 lines of tests for each line of code, less than 1.00"},
		againstFewTests([]source{code, test, data, other}, 1))
}

func TestAgainstBans(t *testing.T) {
	t.Parallel()
	const (
		sleep  = "import \"time\"\nfunc f() { time.Sleep(1) }\n"
		bubble = "import (\"testing/synctest\"; \"time\")\nfunc TestF() { synctest.Test(t, func() { time.Sleep(1) }) }\n"
		exit   = "import \"os\"\nfunc f() { os.Exit(1) }\n"
		script = "import (\"github.com/rogpeppe/go-internal/testscript\"; \"os\")\n"
	)
	for _, test := range []struct{ name, file, text, want string }{
		{"init", "internal/p/p.go", "func init() {}", "p.go:2:1: init() hides an order of events"},
		{"a method of that name", "internal/p/p.go", "func (p p) init() {}", ""},
		{"unfinished", "internal/p/p.go", "// A comment.\n// FIXME later\n", "p.go:2:1: FIXME: do it, or say why not"},
		{"unfinished in a test", "internal/p/p_test.go", "var x = 1 /* TODO */", "p_test.go:2:11: TODO: do it, or say why not"},
		{"a word in a string", "internal/p/p.go", `var x = "TODO"`, ""},
		{"within another word", "internal/p/p.go", "// MASTODONS", ""},
		{"exit", "internal/p/p.go", exit, "p.go:3:12: os.Exit is main's"},
		{"exit renamed", "internal/p/p_test.go", `import system "os"; var exit = system.Exit`, "p_test.go:2:32: os.Exit is main's"},
		{"exit of main", "cmd/p/main.go", exit, ""},
		{"exit of another", "internal/p/p.go", "func f(os T) { os.Exit(1) }", ""},
		{"exit of a script's program", "internal/p/p_test.go", script + "func TestMain(m T) { testscript.Main(m, f) }\nfunc f() { os.Exit(1) }", ""},
		{"exit of another test", "internal/p/p_test.go", script + "func f() { testscript.Run(t, p); os.Exit(1) }", "p_test.go:3:34: os.Exit is main's"},
		{"sleep", "internal/p/p_test.go", sleep, "p_test.go:3:12: time.Sleep in a test, outside a bubble of testing/synctest"},
		{"sleep in code", "internal/p/p.go", sleep, ""},
		{"sleep in a bubble", "internal/p/p_test.go", bubble, ""},
		{"sleep beside a bubble", "internal/p/p_test.go", bubble + "func g() { time.Sleep(1) }", "p_test.go:4:12: time.Sleep in a test, outside a bubble of testing/synctest"},
	} {
		want := []string(nil)
		if test.want != "" {
			want = []string{"internal/p/" + test.want}
		}
		assert.Equal(t, want, againstBans([]source{parse(t, test.file, "package p\n"+test.text)}), test.name)
	}
}

func TestBubblesOfAnotherFile(t *testing.T) {
	t.Parallel()
	sleeps := parse(t, "internal/p/a_test.go", "package p\nimport \"time\"\nfunc TestA() { inBubble(func() { time.Sleep(1) }) }")
	wraps := parse(t, "internal/p/b_test.go", "package p\nimport \"testing/synctest\"\nfunc inBubble(f func()) { synctest.Test(t, f) }")
	assert.Empty(t, againstBans([]source{sleeps, wraps}))
	assert.Len(t, againstBans([]source{sleeps}), 1)

	wraps.name = "internal/q/b_test.go"
	assert.Len(t, againstBans([]source{sleeps, wraps}), 1, "of another package")
}

func TestAgainstClutter(t *testing.T) {
	t.Parallel()
	assert.Empty(t, againstClutter([]string{".github/workflows/ci.yml", ".nixbuild-checks.example.yaml", "cmd/a/main.go", "go.sum", "LICENSE"}))
	assert.Equal(t, []string{"notes.txt", "pkg"}, againstClutter([]string{"go.mod", "notes.txt", "pkg/a.go", "pkg/b.go"}))
}
