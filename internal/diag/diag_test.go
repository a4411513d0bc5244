package diag

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func problem(line, column, length int) Diagnostic {
	return Diagnostic{Position: Position{"f.yaml", line, column}, Severity: Error, Rule: "a-rule", Message: "m", Length: length}
}

func TestWriteText(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		problem Diagnostic
		source  string
		want    string
	}{
		"word":          {problem(2, 3, 4), "a\n  word: x\n", "    2 |   word: x\n      |   ^~~~\n"},
		"one rune":      {problem(1, 1, 1), "abc", "    1 | abc\n      | ^\n"},
		"length 0":      {problem(1, 2, 0), "abc", "    1 | abc\n      |  ^\n"},
		"wide before":   {problem(1, 3, 1), "日🚧x", "    1 | 日🚧x\n      |     ^\n"},
		"wide within":   {problem(1, 1, 2), "日本x", "    1 | 日本x\n      | ^~~~\n"},
		"combining":     {problem(1, 3, 1), "e\u0301x", "    1 | e\u0301x\n      |  ^\n"},
		"tab before":    {problem(1, 3, 2), "a\tbc", "    1 | a    bc\n      |      ^~\n"},
		"crlf":          {problem(1, 1, 9), "ab\r\nc", "    1 | ab\n      | ^~\n"},
		"end of line":   {problem(1, 4, 1), "abc\n", "    1 | abc\n      |    ^\n"},
		"mark":          {problem(1, 1, 1), "\ufeffabc", "    1 | abc\n      | ^\n"},
		"escapes":       {problem(1, 3, 1), "\x1b\u202exy", "    1 | ��xy\n      |   ^\n"},
		"command":       {problem(1, 1, 1), "::stop-commands::x", "    1 | ::stop-commands::x\n      | ^\n"},
		"line too far":  {problem(9, 1, 1), "abc", ""},
		"beyond column": {problem(1, 99, 5), "abc", "    1 | abc\n      |    ^\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := WriteText(&out, []Diagnostic{test.problem}, map[string][]byte{"f.yaml": []byte(test.source)}, false); err != nil {
				t.Fatal(err)
			}
			want := test.problem.Position.String() + ": error: m [a-rule]\n" + test.want
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWriteTextOfManyFiles(t *testing.T) {
	t.Parallel()
	list := []Diagnostic{
		{Position: Position{File: "a"}, Severity: Warning, Rule: "r", Message: "two\nlines", Hint: "do\nthis", Length: 1},
		{Position: Position{"b", 1, 1}, Severity: Error, Rule: "s", Message: "m", Length: 2},
	}
	var plain, colored bytes.Buffer
	sources := map[string][]byte{"b": []byte("xy")}
	if err := WriteText(&plain, list, sources, false); err != nil {
		t.Fatal(err)
	}
	want := "a: warning: two lines [r]\n  hint: do this\nb:1:1: error: m [s]\n    1 | xy\n      | ^~\n"
	if diff := cmp.Diff(want, plain.String()); diff != "" {
		t.Error(diff)
	}
	if err := WriteText(&colored, list, sources, true); err != nil {
		t.Fatal(err)
	}
	want = strings.NewReplacer("a:", "\x1b[1ma:\x1b[0m", "warning:", "\x1b[1;33mwarning:\x1b[0m", "hint:", "\x1b[1mhint:\x1b[0m",
		"b:1:1:", "\x1b[1mb:1:1:\x1b[0m", "error:", "\x1b[1;31merror:\x1b[0m", "^~", "\x1b[1;32m^~\x1b[0m").Replace(want)
	if diff := cmp.Diff(want, colored.String()); diff != "" {
		t.Error(diff)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	source := strings.Repeat("x", 1000) + "TOKEN" + strings.Repeat("y", 1000)
	if err := WriteText(&out, []Diagnostic{problem(1, 1001, 5)}, map[string][]byte{"f.yaml": []byte(source)}, false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	text, caret := []rune(lines[1]), []rune(lines[2])
	if len(text) > 180 || string(text[len(caret)-5:len(caret)]) != "TOKEN" || !strings.HasSuffix(lines[2], " ^~~~~") {
		t.Error(out.String())
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	var empty, one bytes.Buffer
	if err := WriteJSON(&empty, nil); err != nil || empty.String() != "[]\n" {
		t.Errorf("%q, %v", empty.String(), err)
	}
	if err := WriteJSON(&one, []Diagnostic{problem(2, 3, 4)}); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(one.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{{"file": "f.yaml", "line": 2.0, "column": 3.0, "severity": "error", "rule": "a-rule", "message": "m", "length": 4.0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	got := Sort([]Diagnostic{problem(2, 1, 1), problem(1, 2, 1), problem(2, 1, 1), problem(1, 1, 1)})
	if diff := cmp.Diff([]Diagnostic{problem(1, 1, 1), problem(1, 2, 1), problem(2, 1, 1)}, got); diff != "" {
		t.Error(diff)
	}
	if HasErrors([]Diagnostic{{Severity: Warning}}) || !HasErrors(got) {
		t.Error("HasErrors")
	}
}
