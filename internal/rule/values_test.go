package rule

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFunctionEdges holds every function to what it gives at its edges: nothing, everything, beyond ASCII.
func TestFunctionEdges(t *testing.T) {
	tests := []struct{ src, want string }{
		{`trim("")`, ""},
		{`trim(" \t\n\u00a0a\u2003 ")`, "a"},
		{`trim("a b")`, "a b"},
		{`trim("üaßü", "ü")`, "aß"},
		{`trim("abcba", "ab")`, "c"},
		{`trim(" a ", "")`, " a "},
		{`trim("aaa", "a")`, ""},
		{`trimPrefix("", "a")`, ""},
		{`trimPrefix("a", "")`, "a"},
		{`trimPrefix("a", "ab")`, "a"},
		{`trimPrefix("🚧x", "🚧")`, "x"},
		{`trimPrefix("Ab", "a")`, "Ab"},
		{`trimSuffix("ab", "ab")`, ""},
		{`trimSuffix("xü", "ü")`, "x"},
		{`trimSuffix("abab", "ab")`, "ab"},
		{`trimSuffix("ab", "B")`, "ab"},
		{`upper("straße") + upper("")`, "STRAßE"},
		{`lower("ÀÉ🚧1_")`, "àé🚧1_"},
		{`replace("aaa", "aa", "b")`, "ba"},
		{`replace("ab", "", "-")`, "-a-b-"},
		{`replace("ü🚧ü", "ü", "🚧🚧")`, "🚧🚧🚧🚧🚧"},
		{`replace("", "a", "b")`, ""},
		{`replace("aXa", "x", "b")`, "aXa"},
		{`join([])`, ""},
		{`join([], ", ")`, ""},
		{`join(["a"], ", ")`, "a"},
		{`join(["a", "", "b"], "·")`, "a··b"},
		{`join(path)`, "x86_64-linuxbuilds/hello"},
		{`join(split("", ","), "|") + string(len(split("", ",")))`, "1"},
		{`join(split("üa🚧", ""), "|")`, "ü|a|🚧"},
		{`join(split("a,b,,c,", ","), "|")`, "a|b||c|"},
		{`join(split("a,b,c", ",", 1), "|")`, "a,b,c"},
		{`join(split("a,b,c", ",", 2), "|")`, "a|b,c"},
		{`join(split("a,b,c", ",", 9), "|")`, "a|b|c"},
		{`join(split("a,b,c", ",", -1), "|")`, "a|b|c"},
		{`join(split("a,b,c", ",", 0), "|") + string(len(split("a,b,c", ",", 0)))`, "0"},
		{`string(-7) + string(0) + string(-0.5)`, "-70-0.5"},
		{`string("") + string(false)`, "false"},
		{`string(1 / 2) + " " + string(4 / 2)`, "0.5 2"},
		{`string(int("-12")) + string(int("+3"))`, "-123"},
		{`string(int(-1.9)) + string(int(1.9))`, "-11"},
		{`string(int("\t007\n"))`, "7"},
		{`string(int(meta.timeout))`, "60"},
		{`first([""]) + last([""])`, ""},
		{`first(["a", "b"]) + last(["c", "d"])`, "ad"},
		{`first(meta.platforms) + last(meta.platforms)`, ""},
		{`first(map(path, len(#) > 3 ? "long" : "short"))`, "long"},
		{`last(drv.outputs)`, "man"},
		{`string(indexOf("ü🚧x", "x"))`, "6"},
		{`string(indexOf("abc", ""))`, "0"},
		{`string(indexOf("", "a"))`, "-1"},
		{`string(lastIndexOf("abc", ""))`, "3"},
		{`string(lastIndexOf("", "a"))`, "-1"},
		{`string(lastIndexOf("a.b.c", "."))`, "3"},
		{`string(hasPrefix("", "")) + string(hasPrefix("a", "")) + string(hasPrefix("", "a"))`, "truetruefalse"},
		{`string(hasSuffix("xü", "ü")) + string(hasSuffix("x", "xx")) + string(hasSuffix("xY", "y"))`, "truefalsefalse"},
		{`string(glob("", "")) + string(glob("?", "ü")) + string(glob("A*", "ab"))`, "truetruefalse"},
		{`string(len("ü🚧")) + string(len("")) + string(len([]))`, "200"},
		{`string(all([], false)) + string(any([], true)) + string(none([], true)) + string(one([], true))`, "truefalsetruefalse"},
		{`string(one(["a", "a"], # == "a")) + string(none(["a"], # == "a"))`, "falsefalse"},
		{`string(count(path, true)) + string(count([], true)) + string(count(path, # == "x86_64-linux"))`, "201"},
		{`join(filter(path, false)) + join(filter(path, true), " ")`, "x86_64-linux builds/hello"},
		{`join(map([], "x"))`, ""},
	}
	covered := map[string]bool{concatFunction: true, chargeFunction: true}
	for _, test := range tests {
		t.Run(test.src, func(t *testing.T) {
			got, err := compile(t, test.src, TargetScope, Text).Text(hello)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
		for name := range functions {
			covered[name] = covered[name] || strings.Contains(test.src, name+"(")
		}
		for name := range builtins {
			covered[name] = covered[name] || strings.Contains(test.src, name+"(")
		}
	}
	for name := range functions {
		assert.True(t, covered[name], "%s has no case", name)
	}
	for name := range builtins {
		assert.True(t, covered[name], "%s has no case", name)
	}
}

// TestOperators holds each operator to its meaning, and to how strongly it binds.
func TestOperators(t *testing.T) {
	for src, want := range map[string]bool{
		`true and not false`:                                     true,
		`!true || !false`:                                        true,
		`false && false || true`:                                 true,
		`true || false && false`:                                 true,
		`(true || false) && false`:                               false,
		`not true == false`:                                      true,
		`"a" == "A"`:                                             false,
		`"a" != "A"`:                                             true,
		`path == ["x86_64-linux", "builds/hello"]`:               true,
		`path == ["x86_64-linux"]`:                               false,
		`path != drv.outputs`:                                    true,
		`1 == 1.0`:                                               true,
		`"a" < "b" && "B" < "a" && "a" <= "a"`:                   true,
		`"b" > "a" && "ü" > "z" && "a" >= "a"`:                   true,
		`"10" < "9"`:                                             true,
		`10 < 9`:                                                 false,
		`2 <= 2 && 2 >= 2 && !(2 > 2) && !(2 < 2)`:               true,
		`1 + 2 * 3 == 7 && (1 + 2) * 3 == 9`:                     true,
		`-7 % 3 == -1 && 7 % 3 == 1`:                             true,
		`2 ** 3 == 8 && -2 ** 2 == -4`:                           true,
		`7 / 2 == 3.5`:                                           true,
		`5 - 7 == -2 && +5 == 5`:                                 true,
		`0x10 == 16 && 1_000 == 1000`:                            true,
		`"a" in ["a", "b"] && "c" not in ["a", "b"]`:             true,
		`"a" in []`:                                              false,
		`"A" in ["a"]`:                                           false,
		`"" startsWith "" && "a" startsWith ""`:                  true,
		`"ab" startsWith "b" || "ab" endsWith "a"`:               false,
		`"ab" endsWith "b" && "ü🚧" endsWith "🚧"`:                 true,
		`"abc" contains "" && "abc" contains "bc"`:               true,
		`"abc" contains "B"`:                                     false,
		`"abc" not contains "z"`:                                 true,
		`"abc" matches "b"`:                                      true,
		`"abc" matches "^b"`:                                     false,
		`"abc" matches "(?i)^ABC$"`:                              true,
		`not ("abc" matches "^$")`:                               true,
		`"a" + "b" + "c" == "abc"`:                               true,
		`"a" + "b" in ["ab"]`:                                    true,
		`true ? false : true`:                                    false,
		`(false ? "a" : true ? "b" : "c") == "b"`:                true,
		`attr[0:0] == "" && "abc"[1:] == "bc"`:                   true,
		`"abc"[-1:] == "c" && "abc"[:-1] == "ab"`:                true,
		`"abc"[2:1] == "" && "abc"[0:99] == "abc"`:               true,
		`len(path[1:]) == 1 && len(path[9:]) == 0`:               true,
		`path[-1] == attr_name && path[-2] == path[0]`:           true,
		`'a\'b' == "a'b"`:                                        true,
		`"\u00fc" == "ü"`:                                        true,
		`false && path[99] == ""`:                                false,
		`true || int("x") == 1`:                                  true,
		`/* all */ true // of it`:                                true,
		"true\n&&\nattr\n==\n\"x86_64-linux.builds/hello\"":      true,
		`(attr | upper() | trimPrefix("X86_64-")) contains "H"`:  true,
		`::upper("a") == "A"`:                                    true,
		`any(path, {# endsWith "linux"}) && all(path, len(#)>5)`: true,
	} {
		t.Run(src, func(t *testing.T) {
			got, err := compile(t, src, TargetScope, Bool).Bool(hello)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

// TestVariables has each variable come from its own field.
func TestVariables(t *testing.T) {
	env := Env{
		Attr: "v-attr", Path: []string{"v-path"}, AttrName: "v-attr_name", System: "v-system", FlakeAttr: "v-flake_attr", Job: "v-job",
		Event: Event{
			Name: "v-event.name", Ref: "v-event.ref", Branch: "v-event.branch", BaseBranch: "v-event.base_branch",
			DefaultBranch: "v-event.default_branch", Actor: "v-event.actor", Repository: "v-event.repository", SHA: "v-event.sha",
		},
		Drv: Drv{
			Name: "v-drv.name", Pname: "v-drv.pname", Version: "v-drv.version", System: "v-drv.system", Path: "v-drv.path",
			Outputs: []string{"v-drv.outputs"}, RequiredSystemFeatures: []string{"v-drv.required_system_features"},
		},
		Meta: Meta{Description: "v-meta.description", MainProgram: "v-meta.main_program", Platforms: []string{"v-meta.platforms"}},
	}
	for _, name := range []string{
		"attr", "attr_name", "system", "flake_attr", "job",
		"event.name", "event.ref", "event.branch", "event.base_branch", "event.default_branch", "event.actor", "event.repository", "event.sha",
		"drv.name", "drv.pname", "drv.version", "drv.system", "drv.path", "meta.description", "meta.main_program",
	} {
		got, err := compile(t, name, TargetScope, Text).Text(env)
		require.NoError(t, err)
		assert.Equal(t, "v-"+name, got)
	}
	for _, name := range []string{"path", "drv.outputs", "drv.required_system_features", "meta.platforms"} {
		got, err := compile(t, "join("+name+")", TargetScope, Text).Text(env)
		require.NoError(t, err)
		assert.Equal(t, "v-"+name, got)
	}
	for src, env := range map[string]Env{
		"event.fork":              {Event: Event{Fork: true}},
		"event.pull_request == 1": {Event: Event{PullRequest: 1}},
		"meta.broken":             {Meta: Meta{Broken: true}},
		"meta.unfree":             {Meta: Meta{Unfree: true}},
		"meta.insecure":           {Meta: Meta{Insecure: true}},
		"meta.timeout == 1":       {Meta: Meta{Timeout: 1}},
	} {
		r := compile(t, src, TargetScope, Bool)
		got, err := r.Bool(env)
		require.NoError(t, err)
		assert.True(t, got, src)
		got, err = r.Bool(Env{})
		require.NoError(t, err)
		assert.False(t, got, "%s where nothing is known", src)
	}
}

// TestWhatNestedRulesName has names found wherever an expression can hide them.
func TestWhatNestedRulesName(t *testing.T) {
	tests := []struct {
		src      string
		constant bool
		drv      bool
		meta     []string
	}{
		{`not (not meta.broken)`, false, false, []string{"broken"}},
		{`!(drv.name == "")`, false, true, nil},
		{`-meta.timeout < 0`, false, false, []string{"timeout"}},
		{`false && meta.unfree`, false, false, []string{"unfree"}},
		{`true ? true : meta.insecure`, false, false, []string{"insecure"}},
		{`(drv.name == "" ? "a" : "b") == "a"`, false, true, nil},
		{`upper(trim(lower(meta.description))) == ""`, false, false, []string{"description"}},
		{`any(path, # == meta.main_program)`, false, false, []string{"main_program"}},
		{`path[meta.timeout] == ""`, false, false, []string{"timeout"}},
		{`attr[0:meta.timeout] == ""`, false, false, []string{"timeout"}},
		{`attr[meta.timeout:] == ""`, false, false, []string{"timeout"}},
		{`"a" in [drv.name]`, false, true, nil},
		{`attr in meta.platforms`, false, false, []string{"platforms"}},
		{`meta.description matches "^x"`, false, false, []string{"description"}},
		{`glob(drv.pname + "*", "a")`, false, true, nil},
		{`(drv.outputs | first()) == ""`, false, true, nil},
		{`drv?.outputs[0] == ""`, false, true, nil},
		{`meta.unfree && meta.broken && meta.unfree && meta.insecure`, false, false, []string{"broken", "insecure", "unfree"}},
		{`"meta.broken" == "drv.name"`, true, false, nil},
		{`event.name == "meta.broken"`, false, false, nil},
		{`true // meta.broken`, true, false, nil},
		{`any(["a"], # == "a")`, true, false, nil},
		{`!(1 > 2) || len(split("a", "")) == 1`, true, false, nil},
		{`any(["a"], # == job)`, false, false, nil},
		{`false && attr == ""`, false, false, nil},
	}
	for _, test := range tests {
		t.Run(test.src, func(t *testing.T) {
			r := compile(t, test.src, TargetScope, Bool)
			assert.Equal(t, test.constant, r.Constant())
			assert.Equal(t, test.drv, r.NamesDrv())
			assert.Equal(t, test.meta, r.MetaKeys())
			assert.Equal(t, test.drv || test.meta != nil, r.Late())
		})
	}
}

// TestBudget has evaluations just within the bounds go through, and those just beyond them say which it was.
func TestBudget(t *testing.T) {
	const tooLong, tooMuch = "the text becomes longer than 16384 bytes", "the expression needs too much memory"
	text := func(bytes int) Env { return Env{Attr: strings.Repeat("a", bytes)} }
	list := func(n, bytes int) Env {
		e := Env{}
		for range n {
			e.Path = append(e.Path, strings.Repeat("p", bytes))
		}
		return e
	}
	tests := []struct {
		src  string
		env  Env
		want string
	}{
		{`len(attr + "a") > 0`, text(maxText - 1), ""},
		{`len(attr + "a") > 0`, text(maxText), tooLong},
		{`len(upper(attr)) > 0`, text(maxText), ""},
		{`len(upper(attr)) > 0`, text(maxText + 1), tooLong},
		{`len(lower(attr)) > 0`, text(maxText + 1), tooLong},
		{`len(string(attr)) > 0`, text(maxText), ""},
		{`len(string(attr)) > 0`, text(maxText + 1), tooLong},
		{`len(split(attr, ",")) == 1`, text(maxText), ""},
		{`len(split(attr, ",")) == 1`, text(maxText + 1), tooLong},
		{`len(replace(attr, "a", "bb")) > 0`, text(maxText / 2), ""},
		{`len(replace(attr, "a", "bb")) > 0`, text(maxText/2 + 1), tooLong},
		{`len(replace(attr, "a", "")) == 0`, text(maxText), ""},
		{`len(replace(attr, "a", "")) == 0`, text(maxText + 1), tooLong},
		{`len(join(path)) > 0`, list(16, 1024), ""},
		{`len(join(path)) > 0`, list(17, 1024), tooLong},
		{`len(join(path, ",")) > 0`, list(16, 1024), tooLong},
		{`hasPrefix(attr, "a")`, text(4 * maxText), ""},
		{`hasPrefix(attr, "a")`, text(64 * maxText), tooMuch},
		{`trim(attr) != ""`, text(64 * maxText), tooMuch},
		{`trim(attr, "b") != ""`, text(64 * maxText), tooMuch},
		{`attr contains "a"`, text(maxText), ""},
		{`attr contains "a"`, text(maxText + 1), tooLong},
		{`glob("a*", attr)`, text(maxText), ""},
		{`first(path) != ""`, list(budget, 1), ""},
		{`first(path) != ""`, list(budget+1, 1), tooMuch},
		{`last(path) != ""`, list(budget+1, 1), tooMuch},
		{`len(map(path, #)) > 0`, list(budget+2, 1), tooMuch},
	}
	for _, test := range tests {
		r := compile(t, test.src, TargetScope, Bool)
		for range 2 { // what one evaluation spends, the next one has again
			got, err := r.Bool(test.env)
			if test.want == "" {
				require.NoError(t, err, "%s of %d bytes, %d parts", test.src, len(test.env.Attr), len(test.env.Path))
				assert.True(t, got, test.src)
				continue
			}
			require.ErrorContains(t, err, test.want, "%s of %d bytes, %d parts", test.src, len(test.env.Attr), len(test.env.Path))
			assert.False(t, got, test.src)
		}
	}
}

// TestRunTimeErrorPlaces has the errors of an evaluation name their line and column, and nothing but one line.
func TestRunTimeErrorPlaces(t *testing.T) {
	for src, want := range map[string]string{
		`int("x") == 1`:                 `at 1:1: int("x"): not a whole number`,
		`int("") == 1`:                  `at 1:1: int(""): not a whole number`,
		`int("1.5") == 1`:               `at 1:1: int("1.5"): not a whole number`,
		`true && int("0x1") == 1`:       `at 1:9: int("0x1"): not a whole number`,
		"true &&\n  int(\"ü\") == 1":    `at 2:3: int("ü"): not a whole number`,
		`int(false) == 1`:               `at 1:1: int(false): not a number`,
		`join([1]) == ""`:               `at 1:1: the list holds int, not only texts`,
		`"🚧" != "" && first([1]) == ""`: `at 1:14: the list holds int, not only texts`,
		`last([true]) == ""`:            `at 1:1: the list holds bool, not only texts`,
		`path[2] == ""`:                 `at 1:5: index out of range: 2 (array length is 2)`,
		`glob(attr + "[", "a")`:         `at 1:1: bad pattern "x86_64-linux.builds/hello[": a [ is not closed`,
		`glob(trim("\\ "), "a")`:        `at 1:1: bad pattern "\\": it ends with a \`,
	} {
		got, err := compile(t, src, TargetScope, Bool).Bool(hello)
		require.Error(t, err, src)
		assert.Equal(t, want, err.Error())
		assert.False(t, got)
	}
}
