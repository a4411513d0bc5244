package rule

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompileRefuses(t *testing.T) {
	tests := []struct {
		name, src string
		scope     Scope
		want      Type
		at        [3]int // line, column, length
		message   string
		hint      string
	}{
		{"empty", " \n", TargetScope, Bool, [3]int{1, 1, 2}, "the expression is empty", ""},
		{"not UTF-8", "attr == \"\xff\"", TargetScope, Bool, [3]int{1, 1, 11}, "not valid UTF-8", ""},
		{"too long", strings.Repeat("!", 5000) + "true", TargetScope, Bool, [3]int{1, 1, 5004}, "the most is 4096", "split"},
		{"too many parts", strings.Repeat("!", 600) + "true", TargetScope, Bool, [3]int{1, 1, 604}, "more than 500 parts", "split"},
		{"unknown name", "atr == \"a\"", TargetScope, Bool, [3]int{1, 1, 3}, "unknown name atr", "did you mean attr?"},
		{"unknown name, far", "1 == 1 and\n  quuux", TargetScope, Bool, [3]int{2, 3, 5}, "unknown name quuux", "the names are attr, "},
		{"a member alone", "broken", TargetScope, Bool, [3]int{1, 1, 6}, "unknown name broken", "did you mean meta.broken?"},
		{"unknown after emoji", `"🚧🚧" + nmae`, TargetScope, Text, [3]int{1, 8, 4}, "unknown name nmae", ""},
		{"unknown member", `event.nmae == "push"`, JobScope, Bool, [3]int{1, 7, 4}, "event has no member nmae", "did you mean name?"},
		{"unknown meta", `meta.brokn`, TargetScope, Bool, [3]int{1, 6, 5}, "meta has no member brokn", "did you mean broken?"},
		{"Go spelling", `meta.Broken`, TargetScope, Bool, [3]int{1, 6, 6}, "meta has no member Broken", "did you mean broken?"},
		{"optional unknown member", `event?.nmae == ""`, TargetScope, Bool, [3]int{1, 8, 4}, "event has no member nmae", "name"},
		{"not for jobs", `attr == "a"`, JobScope, Bool, [3]int{1, 1, 4}, "attr is not known here", "job and event alone"},
		{"whole meta", `meta == meta`, TargetScope, Bool, [3]int{1, 1, 4}, "meta can only be used with one of its members", "meta.description"},
		{"in meta", `"broken" in meta`, TargetScope, Bool, [3]int{1, 13, 4}, "meta can only be used", ""},
		{"computed meta", `meta[attr] == ""`, TargetScope, Bool, [3]int{1, 5, 1}, "must be named, not computed", ""},
		{"environment", `$env.attr == ""`, TargetScope, Bool, [3]int{1, 1, 4}, "unknown name $env", ""},
		{"environment, computed", `$env["at" + "tr"] == ""`, TargetScope, Bool, [3]int{1, 1, 4}, "unknown name $env", ""},
		{"function as a name", `upper == ""`, TargetScope, Bool, [3]int{1, 1, 5}, "upper is a function", "call it"},
		{"unknown function", `trimPrefx(attr, "a")`, TargetScope, Text, [3]int{1, 1, 9}, "unknown function trimPrefx", "did you mean trimPrefix?"},
		{"hidden function", `$env["+"]("a", "b")`, TargetScope, Text, [3]int{1, 10, 1}, "", ""},
		{"method", `attr.Foo()`, TargetScope, Text, [3]int{1, 6, 3}, "only functions can be called", ""},
		{"wrong type", `attr + "a"`, TargetScope, Bool, [3]int{1, 1, 10}, "gives a text, but true or false is wanted", "condition"},
		{"wrong type, text", `attr == "a"`, TargetScope, Text, [3]int{1, 1, 11}, "gives true or false, but a text is wanted", "string(…)"},
		{"list for text", `path`, TargetScope, Text, [3]int{1, 1, 4}, "gives a list", "join"},
		{"number for text", `event.pull_request`, TargetScope, Text, [3]int{1, 1, 18}, "gives a number", "string"},
		{"mismatch", `attr == 1`, TargetScope, Bool, [3]int{1, 6, 2}, "mismatched types string and int", ""},
		{"branches differ", `meta.broken ? "a" : 1`, TargetScope, Text, [3]int{1, 6, 6}, "differ in type", ""},
		{"mixed list", `["a", 1][0] == "a"`, TargetScope, Bool, [3]int{1, 9, 1}, "type of this part is not known", ""},
		{"let", `let x = attr; x == "a"`, TargetScope, Bool, [3]int{1, 5, 1}, "let is not available", "write x out"},
		{"sequence", `attr; true`, TargetScope, Bool, [3]int{1, 1, 4}, "without ;", ""},
		{"reduce", `reduce(path, #acc + #, "")`, TargetScope, Text, [3]int{1, 1, 6}, "reduce is not available", "any size"},
		{"sortBy", `len(sortBy(path, #)) == 1`, TargetScope, Bool, [3]int{1, 5, 6}, "unknown function sortBy", ""},
		{"repeat", `repeat(attr, 9)`, TargetScope, Text, [3]int{1, 1, 6}, "repeat is not available", "any size"},
		{"range", `all(1..9, # > 0)`, TargetScope, Bool, [3]int{1, 6, 2}, "ranges are not available", ""},
		{"now", `now() == now()`, TargetScope, Bool, [3]int{1, 1, 3}, "now is not available", "no clock"},
		{"global now", `::now() == ::now()`, TargetScope, Bool, [3]int{1, 3, 3}, "now is not available", "no clock"},
		{"date", `date("2020-01-01") == date("2020-01-01")`, TargetScope, Bool, [3]int{1, 1, 4}, "date is not available", "no clock"},
		{"duration", `duration("1s") == duration("1s")`, TargetScope, Bool, [3]int{1, 1, 8}, "duration is not available", "no clock"},
		{"nested", `all(path, any(path, # == "a"))`, TargetScope, Bool, [3]int{1, 11, 3}, "any inside another", "do not nest"},
		{"nested in a pipe", `path | all(path | any(# == "a"))`, TargetScope, Bool, [3]int{1, 19, 3}, "any inside another", ""},
		{"nil", `attr == nil`, TargetScope, Bool, [3]int{1, 9, 3}, "nil is not available", ""},
		{"map", `{"a": "b"}[attr] == "b"`, TargetScope, Bool, [3]int{1, 1, 1}, "maps are not available", "conditions"},
		{"bytes", `b"a" == b"a"`, TargetScope, Bool, [3]int{1, 1, 4}, "not available", ""},
		{"chained", `1 < event.pull_request < 3`, TargetScope, Bool, [3]int{1, 11, 12}, "evaluated twice", "&&"},
		{"elvis", `attr ?: "a"`, TargetScope, Text, [3]int{1, 1, 4}, "evaluated twice", "a ? a : b"},
		{"bad regex", `attr matches "["`, TargetScope, Bool, [3]int{1, 14, 3}, "error parsing regexp", ""},
		{"computed regex", `attr matches system`, TargetScope, Bool, [3]int{1, 14, 6}, "must be a constant text", "glob"},
		{"bad glob", `glob("[z-a]", attr)`, TargetScope, Bool, [3]int{1, 6, 7}, "wrong way round", "any run"},
		{"bad piped glob", `"a[" | glob(attr)`, TargetScope, Bool, [3]int{1, 1, 4}, "not closed", ""},
		{"few arguments", `trimPrefix(attr)`, TargetScope, Text, [3]int{1, 1, 10}, "trimPrefix takes 2 arguments, not 1", ""},
		{"many arguments", `trim(attr, "a", "b")`, TargetScope, Text, [3]int{1, 1, 4}, "trim takes 1 or 2 arguments, not 3", ""},
		{"argument of another type", `upper(path)`, TargetScope, Text, [3]int{1, 1, 5}, "argument 1 of upper must be a text", ""},
		{"list as text", `string(path)`, TargetScope, Text, [3]int{1, 1, 6}, "argument 1 of string", ""},
		{"syntax", `attr ==`, TargetScope, Bool, [3]int{1, 7, 1}, "ends too early", ""},
		{"syntax, later line", "attr\n  == ) 1", TargetScope, Bool, [3]int{2, 6, 1}, "unexpected token", ""},
		{"open text", `attr == "a`, TargetScope, Bool, [3]int{1, 10, 1}, "literal not terminated", ""},
		{"not a character", "attr == ~", TargetScope, Bool, [3]int{1, 9, 1}, "unrecognized character", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := Compile(test.src, test.scope, test.want)
			require.NotNil(t, err, "accepted: %s", test.src)
			assert.Nil(t, r)
			assert.Contains(t, err.Message, test.message)
			assert.Contains(t, err.Hint, test.hint)
			at := [3]int{err.Line, err.Column, err.Length}
			assert.Equal(t, test.at, at, "%v", err)
			assert.Contains(t, err.Error(), err.Message)
			assert.NotContains(t, err.Error(), "failed to")
		})
	}
}

// Each of these took expr itself from minutes to forever.
func TestCompileEnds(t *testing.T) {
	nest := func(before, middle, after string, times int) string {
		return strings.Repeat(before, times) + middle + strings.Repeat(after, times)
	}
	for name, src := range map[string]string{
		"deep calls":          nest("trim(", "attr", `, "x")`, 100),
		"deep joins":          nest("join([", "attr", `], "x")`, 100),
		"shared comparisons":  nest("len(string(1 < ", "2", " < 3))", 60),
		"shared conditions":   nest("(", "true", " ?: true)", 120),
		"deep parentheses":    nest("(", "true", ")", 2000),
		"deep lists":          nest("[", "true", "]", 2000),
		"unclosed":            strings.Repeat("(", 4000),
		"deep indexes":        "path" + strings.Repeat("[0]", 1000),
		"deep conditions":     strings.Repeat("if true {", 400),
		"a large regex":       `attr matches "((a{100}){10}){1}"`,
		"a very large regex":  `attr matches "(((a{1000}){1000}){1000}){1000}"`,
		"deep optional chain": "event" + strings.Repeat("?.name", 500),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, _ = Compile(src, TargetScope, Bool)
			assert.Less(t, time.Since(start), 2*time.Second)
		})
	}
}

func TestWhatARuleNames(t *testing.T) {
	tests := []struct {
		src      string
		constant bool
		drv      bool
		meta     []string
	}{
		{`"a" == "b"`, true, false, nil},
		{`len(["a"]) > 0 && !glob("*", "a")`, true, false, nil},
		{`attr == "a"`, false, false, nil},
		{`any(path, # == "a")`, false, false, nil},
		{`event.fork`, false, false, nil},
		{`meta.broken || meta["unfree"] || meta.broken`, false, false, []string{"broken", "unfree"}},
		{`meta?.main_program == ""`, false, false, []string{"main_program"}},
		{`drv.pname == "hello"`, false, true, nil},
		{`any(meta.platforms, # == drv.system)`, false, true, []string{"platforms"}},
	}
	for _, test := range tests {
		t.Run(test.src, func(t *testing.T) {
			r := compile(t, test.src, TargetScope, Bool)
			assert.Equal(t, test.src, r.Source())
			assert.Equal(t, test.constant, r.Constant())
			assert.Equal(t, test.drv, r.NamesDrv())
			assert.Empty(t, cmp.Diff(test.meta, r.MetaKeys()))
			assert.Equal(t, test.drv || test.meta != nil, r.Late())
		})
	}
}

// Exported methods of an environment's values would be callable from expressions.
func TestEnvironmentsHaveNoMethodsAndTaggedFields(t *testing.T) {
	for _, env := range []any{Env{}, JobEnv{}, Event{}, Drv{}, Meta{}} {
		typ := reflect.TypeOf(env)
		assert.Zero(t, reflect.PointerTo(typ).NumMethod(), "%v", typ)
		for field := range typ.Fields() {
			assert.NotEmpty(t, field.Tag.Get("expr"), "%v.%s", typ, field.Name)
		}
	}
}

func compile(t testing.TB, src string, scope Scope, want Type) *Rule {
	t.Helper()
	r, err := Compile(src, scope, want)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return r
}
