package rule

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var hello = Env{
	Attr: "x86_64-linux.builds/hello", Path: []string{"x86_64-linux", "builds/hello"}, AttrName: "builds/hello",
	System: "x86_64-linux", FlakeAttr: "checks", Job: "builds",
	Event: Event{Name: "push", Branch: "main", PullRequest: 7},
	Drv:   Drv{Name: "hello-2.12", Pname: "hello", Outputs: []string{"out", "man"}},
	Meta:  Meta{Description: "über 🚧", Broken: true, Timeout: 60},
}

func TestBool(t *testing.T) {
	for src, want := range map[string]bool{
		`true`:                            true,
		`attr_name startsWith "builds/"`:  true,
		`not (system endsWith "-darwin")`: true,
		`system not in ["a", "b"]`:        true,
		`system in ["x86_64-linux"]`:      true,
		`if event.name == "push" { meta.broken } else { false }`: true,
		`event.pull_request > 6 and event.pull_request != 8`:     true,
		`event["name"] == "push"`:                                true,
		`attr_name matches "^builds/h.*o$"`:                      true,
		`"ü" + "🚧" matches "^..$"`:                               true,
		`any(drv.outputs, # == "man")`:                           true,
		`one(drv.outputs, {# == "man"})`:                         true,
		`all(drv.outputs, # contains "u")`:                       false,
		`none(drv.outputs, # contains "z")`:                      true,
		`count(drv.outputs, len(#) == 3) == 2`:                   true,
		`len(path) == 2`:                                         true,
		`meta.timeout / 2 == 30`:                                 true,
		`first([]) == ""`:                                        true,
		`last(filter(path, # contains "zz")) == ""`:              true,
		`"builds/hello" in path`:                                 true,
		`hasPrefix(attr_name, "builds") && hasSuffix(attr, "o")`: true,
		`indexOf("abcb", "b") == 1 && lastIndexOf("abcb", "b") == 3 && indexOf("a", "z") == -1`: true,
		`int(" 12 ") + int(1.9) == 13`: true,
		`glob("builds/*", attr_name)`:  true,
		`glob("hello", attr_name)`:     false,
		`attr_name | glob("builds/*")`: false,
		`job == "builds" // comment`:   true,
	} {
		got, err := compile(t, src, TargetScope, Bool).Bool(hello)
		require.NoError(t, err, src)
		assert.Equal(t, want, got, src)
	}
}

func TestText(t *testing.T) {
	for src, want := range map[string]string{
		`attr`: hello.Attr,
		`"🚧 " + trimPrefix(attr_name, "builds/") + "." + system`: "🚧 hello.x86_64-linux",
		`trimPrefix("aab", "a")`:                                 "ab",
		`trimPrefix("xxa", "xa")`:                                "xxa",
		`trimSuffix("baa", "a")`:                                 "ba",
		`trimSuffix("baa", "")`:                                  "baa",
		`trim("  a ") + trim("--b--", "-")`:                      "ab",
		`upper("aü") + lower("ÄB")`:                              "AÜäb",
		`join(path, "/")`:                                        "x86_64-linux/builds/hello",
		`join(map(path, upper(#)), "+")`:                         "X86_64-LINUX+BUILDS/HELLO",
		`join(filter(split("a.b.c", "."), # != "b"))`:            "ac",
		`join(split("a.b.c", ".", 2), "|")`:                      "a|b.c",
		`replace("a.b.c", ".", "")`:                              "abc",
		`string(7) + string(true) + string("x") + string(1.5)`:   "7truex1.5",
		`"#" + string(event.pull_request)`:                       "#7",
		`meta.broken ? "broken" : "fine"`:                        "broken",
		`path[0] + path[-1] + attr[0:3]`:                         "x86_64-linuxbuilds/hellox86",
		`first(path)`:                                            "x86_64-linux",
		`(path | last()) ?? ""`:                                  "builds/hello",
		"`raw \\n`":                                              `raw \n`,
	} {
		got, err := compile(t, src, TargetScope, Text).Text(hello)
		require.NoError(t, err, src)
		assert.Equal(t, want, got, src)
	}
}

func TestJobScope(t *testing.T) {
	r := compile(t, `job == "a" && event.name != "schedule"`, JobScope, Bool)
	for name, want := range map[string]bool{"push": true, "schedule": false} {
		got, err := r.BoolForJob(JobEnv{Job: "a", Event: Event{Name: name}})
		require.NoError(t, err)
		assert.Equal(t, want, got)
		got, err = r.Bool(Env{Job: "a", Event: Event{Name: name}})
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	got, err := compile(t, `event.name == "push" && attr == ""`, TargetScope, Bool).BoolForJob(JobEnv{Event: hello.Event})
	require.NoError(t, err)
	assert.True(t, got)
}

func TestRunTimeErrors(t *testing.T) {
	for src, message := range map[string]string{
		`path[9] == ""`:          "index out of range",
		`int(attr) == 1`:         "not a whole number",
		`int(true) == 1`:         "not a number",
		`glob(system + "[", "")`: "not closed",
		`1 % len("") == 1`:       "divide by zero",
	} {
		_, err := compile(t, src, TargetScope, Bool).Bool(hello)
		require.Error(t, err, src)
		assert.Contains(t, err.Error(), message)
		assert.Regexp(t, `^at \d+:\d+: `, err.Error())
		assert.NotContains(t, err.Error(), "\n")
	}
	_, err := compile(t, `attr`, TargetScope, Text).Bool(hello)
	assert.ErrorContains(t, err, "gave string, not bool")
}

func TestEvaluationEnds(t *testing.T) {
	grow := func(inner string, times int) string {
		return "join(" + strings.Repeat("map(", times) + "path" + strings.Repeat(", "+inner+")", times) + ")"
	}
	large := hello
	large.Attr = strings.Repeat("a", 8000)
	for name, src := range map[string]string{
		"doubling":           grow("# + #", 60),
		"squaring":           strings.Repeat("replace(", 20) + "attr" + strings.Repeat(`, "", attr)`, 20),
		"joining":            strings.Repeat("join(map(split(", 20) + "attr" + strings.Repeat(`, ""), # + attr))`, 20),
		"upper case":         strings.Repeat("upper(", 50) + "attr + attr + attr" + strings.Repeat(")", 50),
		"backtracking":       `string(any(split(attr, ""), glob("*a*a*a*a*a*a*b", attr + #)))`,
		"matching":           `string(any(split(attr, ""), attr matches "(a*)*b"))`,
		"comparing":          `string(any(split(attr, ""), attr + # == attr))`,
		"many large texts":   `string(` + strings.TrimSuffix(strings.Repeat(`len(map(split(attr, ""), # + attr)) + `, 30), " + ") + `)`,
		"lists of lists":     `string(len(map(split(attr, ""), split(attr, ""))))`,
		"a pattern too long": `string(glob(attr + attr, attr + attr))`,
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := compile(t, src, TargetScope, Text).Text(large)
			assert.Error(t, err)
			assert.Less(t, time.Since(start), 3*time.Second)
		})
	}
}

func TestShared(t *testing.T) {
	r := compile(t, `attr matches "^a" ? upper(join(path, "/")) : glob("b*", attr) ? "b" : attr + "!"`, TargetScope, Text)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			for j := range 50 {
				attr := fmt.Sprintf("%c%d", 'a'+rune(i%3), j)
				want := map[int]string{0: "X", 1: "b", 2: attr + "!"}[i%3]
				got, err := r.Text(Env{Attr: attr, Path: []string{"x"}})
				assert.NoError(t, err)
				assert.Equal(t, want, got)
			}
		})
	}
	group.Wait()
}

func BenchmarkText(b *testing.B) {
	r := compile(b, `"🚧 " + trimPrefix(attr_name, "builds/") + "." + system`, TargetScope, Text)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Text(hello); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBool(b *testing.B) {
	r := compile(b, `attr_name startsWith "builds/" && system in ["x86_64-linux", "aarch64-linux"]`, TargetScope, Bool)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Bool(hello); err != nil {
			b.Fatal(err)
		}
	}
}
