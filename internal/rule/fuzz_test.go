package rule

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzCompile: nothing panics or hangs, and every error points inside the source.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "true", `attr == "a"`, `attr_name startsWith "builds/"`, `"🚧 " + trimPrefix(attr_name, "b") + "." + system`,
		`meta.broken`, `drv.pname in ["a", "b"]`, `any(path, # == "x")`, `all(path, any(path, # == #))`, `let x = 1; x`,
		`1..9`, `glob("[a-z]*", attr)`, `attr matches "["`, `event?.name`, `event.nmae`, `meta[attr]`, "a\n ==\n )", `1 < 2 < 3`,
		`if true { "a" } else { 1 }`, `attr[1:2]`, `path[-1]`, `{"a": 1}.a`, `$env["attr"]`, `::now()`, `"\u{1F6A7}" ?? nil`, "`raw`",
		`attr | upper() | split("x") | join("y")`, `b"x"`, `not attr`, `-1 ** 2`, `#`, `.x`, `reduce(path, #acc + #)`, `0x1g`, `/*`, `$purse`,
	} {
		f.Add(seed, true, true)
		f.Add(seed, false, false)
	}
	env := Env{Attr: strings.Repeat("ab.", 100), Path: []string{"a", "b"}, Drv: Drv{Outputs: []string{"out"}}}
	f.Fuzz(func(t *testing.T, src string, target, text bool) {
		scope, want := JobScope, Bool
		if target {
			scope = TargetScope
		}
		if text {
			want = Text
		}
		watchdog := time.AfterFunc(10*time.Second, func() { panic("takes too long: " + src) })
		defer watchdog.Stop()
		r, problem := Compile(src, scope, want)
		switch {
		case problem != nil:
			inside(t, src, problem)
		case text:
			s, err := r.Text(env)
			if err == nil && len(s) > maxText {
				t.Errorf("a text of %d bytes", len(s))
			}
		default:
			_, _ = r.Bool(env)
			_, _ = r.BoolForJob(JobEnv{})
		}
	})
}

func inside(t *testing.T, src string, e *Error) {
	t.Helper()
	lines := strings.Split(src, "\n")
	if e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Length < 1 {
		t.Fatalf("%q: %+v", src, e)
	}
	if width := utf8.RuneCountInString(lines[e.Line-1]); e.Column > width+1 {
		t.Errorf("%q: column of %+v", src, e)
	}
	if e.Length > max(1, utf8.RuneCountInString(src)) {
		t.Errorf("%q: length of %+v", src, e)
	}
}
