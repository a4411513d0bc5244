package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

func TestInlineIsNeverMarkup(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain-name.1":           "plain-name.1",
		"a|b":                    "a&#124;b",
		"<img src=x>":            "&lt;img src=x&gt;",
		"a & b":                  "a &amp; b",
		"&lt;":                   "&amp;lt;",
		"`code`":                 "&#96;code&#96;",
		"**bold** _it_":          "&#42;&#42;bold&#42;&#42; &#95;it&#95;",
		"[x](y)":                 "&#91;x&#93;(y)",
		"~~gone~~":               "&#126;&#126;gone&#126;&#126;",
		"$x$":                    "&#36;x&#36;",
		"@octocat":               "&#64;octocat",
		"https://evil.example":   "https&#58;//evil.example",
		"two\nlines":             "two&#92;nlines",
		"two\r\nlines":           "two&#92;r&#92;nlines",
		"\x1b[31mred\x1b[0m":     "red",
		"\u202egnp.exe":          "&#92;u202egnp.exe",
		"</summary></details>\n": "&lt;/summary&gt;&lt;/details&gt;&#92;n",
		"\"it's\"":               "&#34;it&#39;s&#34;",
	} {
		require.Equal(t, want, inline(text), "%q", text)
	}
}

func TestRowsStayRows(t *testing.T) {
	t.Parallel()
	r := Results{Checks: []CheckResult{{Name: "a|b\n| c |", System: "`x`|\n", Outcome: Succeeded}}}
	lines := strings.Split(Markdown(r), "\n")
	require.Equal(t, "| ✅ succeeded | a&#124;b&#92;n&#124; c &#124; | &#96;x&#96;&#124;&#92;n |  |  |", lines[4])
	require.Equal(t, 6, strings.Count(lines[4], "|"), "five cells")
}

func TestPreformatted(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", maxLineWidth)
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"nothing":           {nil, ""},
		"a blank line":      {[]string{"a", "", "b"}, "\n<pre>\na\n\nb\n</pre>\n"},
		"its own end":       {[]string{"</pre>"}, "\n<pre>\n&lt;/pre&gt;\n</pre>\n"},
		"markdown is text":  {[]string{"`a` | *b*"}, "\n<pre>\n`a` | *b*\n</pre>\n"},
		"just fits":         {[]string{long}, "\n<pre>\n" + long + "\n</pre>\n"},
		"cut between runes": {[]string{long + "é"}, "\n<pre>\n" + long[:2*(maxLineWidth-1)] + "…\n</pre>\n"},
		"cut before escape": {[]string{strings.Repeat("<", maxLineWidth+1)}, "\n<pre>\n" + strings.Repeat("&lt;", maxLineWidth-1) + "…\n</pre>\n"},
	} {
		require.Equal(t, test.want, preformatted(test.lines), name)
	}
}

func TestTablesFoldAboveThirty(t *testing.T) {
	t.Parallel()
	for n, folds := range map[int]bool{1: false, 30: false, 31: true} {
		out := Markdown(Results{Checks: make([]CheckResult, n)})
		require.Equal(t, folds, strings.Contains(out, fmt.Sprintf("<summary>All %d checks</summary>", n)), "%d", n)
	}
	require.NotContains(t, Markdown(Results{}), "| Outcome |", "no table of nothing")
}

// The summary's cut: pieces are whole, in order, and elements closed.
func TestDocument(t *testing.T) {
	t.Parallel()
	note := func(n string) string {
		return "\n*This summary ends here, " + n + " short: GitHub takes 1 MiB of a step. The whole is in the results file.*\n"
	}
	t.Run("exactly full", func(t *testing.T) {
		t.Parallel()
		d := newDocument(reserve + 4)
		d.add("ab")
		d.add("cd")
		require.Equal(t, "abcd", d.String())
	})
	t.Run("nothing comes in after what did not fit", func(t *testing.T) {
		t.Parallel()
		d := newDocument(reserve + 4)
		d.add("ab")
		d.add("too long")
		d.add("c")
		require.Equal(t, "ab"+note("2 entries"), d.String())
	})
	t.Run("room is kept for the end of an element", func(t *testing.T) {
		t.Parallel()
		d := newDocument(reserve + 6)
		d.open("<a>", "!!")
		d.add("xy")
		d.close()
		require.Equal(t, "<a>!!"+note("1 entry"), d.String())
	})
	t.Run("what was not opened is not closed", func(t *testing.T) {
		t.Parallel()
		d := newDocument(reserve + 4)
		d.open("<a>", "!!")
		d.add("x")
		d.close()
		require.Equal(t, note("2 entries"), d.String())
	})
	t.Run("the note has room", func(t *testing.T) {
		t.Parallel()
		require.Less(t, len(note("1000000000 entries")), reserve)
	})
}

func TestPlanMarkdownKeepsToTheLimit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("|", 300)
	var checks, pending plan.Plan
	for range 2000 {
		checks.Checks = append(checks.Checks, plan.PlannedCheck{Place: at("a", ""), Name: long})
		pending.Pending = append(pending.Pending, plan.PendingTarget{Place: at("a", ""), Reason: long})
	}
	for name, p := range map[string]*plan.Plan{"checks": &checks, "pending": &pending} {
		out := PlanMarkdown(p)
		require.LessOrEqual(t, len(out), MaxMarkdown, name)
		require.Greater(t, len(out), MaxMarkdown-4096, name)
		require.Contains(t, out, "entries short", name)
		require.Equal(t, strings.Count(out, "<details>"), strings.Count(out, "</details>"), name)
	}
}

// Each outcome's row, in the table and in Markdown.
func TestEveryOutcomeIsShown(t *testing.T) {
	t.Parallel()
	tests := map[Outcome]struct{ table, color, markdown string }{
		Planned:          {"• planned", "", "🔹 planned"},
		Submitted:        {"• submitted", "", "🔹 submitted"},
		Succeeded:        {"✓ succeeded", "32", "✅ succeeded"},
		Failed:           {"✗ failed", "31", "❌ failed"},
		DependencyFailed: {"✗ dependency failed", "31", "❌ dependency failed"},
		EvalFailed:       {"✗ evaluation failed", "31", "❌ evaluation failed"},
		UploadFailed:     {"✗ upload failed", "31", "❌ upload failed"},
		SubmitFailed:     {"✗ submit failed", "31", "❌ submit failed"},
		Cancelled:        {"⊘ cancelled", "33", "🚫 cancelled"},
		"unheard_of":     {"✗ unheard_of", "31", "❌ unheard_of"},
	}
	for _, o := range outcomes {
		require.True(t, o == Skipped || tests[o].table != "", "%s is tested", o)
	}
	for o, want := range tests {
		r := Results{Checks: []CheckResult{{Name: "n", Outcome: o}}}
		require.Contains(t, tableOf(t, r, false), "n      "+want.table+"\n", "%s", o)
		require.Contains(t, Markdown(r), "\n| "+want.markdown+" | n |", "%s", o)
		require.Contains(t, tableOf(t, r, false), "\n1 check: 1 "+o.words()+"\n", "%s", o)
		colored := want.table
		if want.color != "" {
			colored = "\x1b[" + want.color + "m" + want.table + "\x1b[0m"
		}
		require.Contains(t, tableOf(t, r, true), "n      "+colored+"\n", "%s", o)
		// Whoever failed is told of above the table; who was cancelled is not.
		detailed := !o.Good() && o != Cancelled
		require.Equal(t, detailed, strings.HasPrefix(tableOf(t, r, false), "✗ n: "+o.words()+"\n\n"), "%s", o)
		require.Equal(t, detailed, strings.Contains(Markdown(r), "<details><summary>❌ <b>n</b>: "+o.words()+"</summary>"), "%s", o)
	}
}

func TestSkippedAreCountedOnly(t *testing.T) {
	t.Parallel()
	r := Results{Checks: []CheckResult{{Name: "n", Outcome: Skipped, Reason: "a\x1b[1m b"}, {Name: "m", Outcome: Skipped, Reason: "a b"}}}
	require.Equal(t, "2 skipped: a b\n\n2 checks: 2 skipped\n", tableOf(t, r, false))
	r.Checks[1].Reason = ""
	require.Equal(t, "2 skipped:\n  1 a b\n  1 no reason given\n\n2 checks: 2 skipped\n", tableOf(t, r, false))
	require.NotContains(t, Markdown(r), "| Outcome |")
}

func TestLogsColumn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		logs []string
		root string
		want []string
	}{
		"no build":     {nil, "", nil},
		"no log":       {[]string{""}, "", []string{""}},
		"one":          {[]string{"/l/run/1/x.log"}, "/l/run", []string{"1/x.log"}},
		"one root":     {[]string{"/l/run/1/x.log", "", "/l/run/2/y.log"}, "/l/run", []string{"1/x.log", "", "2/y.log"}},
		"many roots":   {[]string{"/l/run/1/x.log", "/l/other/2/y.log"}, "", []string{"/l/run/1/x.log", "/l/other/2/y.log"}},
		"root's name":  {[]string{"/l/run/1/x.log", "/l/run2/1/x.log"}, "", []string{"/l/run/1/x.log", "/l/run2/1/x.log"}},
		"back to many": {[]string{"/a/1/x.log", "/b/1/x.log", "/b/1/x.log"}, "", []string{"/a/1/x.log", "/b/1/x.log", "/b/1/x.log"}},
	} {
		checks := []CheckResult{{Name: "none", Outcome: Submitted}}
		for _, log := range test.logs {
			checks = append(checks, CheckResult{Name: "n", Outcome: Succeeded, Build: &Build{LogFile: log}})
		}
		root := logRoot(checks)
		require.Equal(t, test.root, root, name)
		require.Empty(t, logBelow(root, checks[0]), name)
		for i, want := range test.want {
			require.Equal(t, want, logBelow(root, checks[i+1]), name)
		}
		out := tableOf(t, Results{Checks: checks}, false)
		require.Equal(t, test.root != "", strings.Contains(out, "\n\nLogs are in "+test.root+"\n\n"), name)
		require.Equal(t, strings.Join(test.logs, "") != "", strings.Contains(strings.SplitN(out, "\n", 2)[0], "Log"), name)
	}
}

func TestPlanBrief(t *testing.T) {
	t.Parallel()
	p := &plan.Plan{Skipped: []plan.SkippedTarget{
		{Place: at("s1", ""), Reason: "broken", DecidedBy: "c.yaml:7:3"},
		{Place: at("s2", ""), Reason: "filter", DecidedBy: "c.yaml:5:1"},
		{Place: at("s3", ""), Reason: "filter", DecidedBy: "c.yaml:5:1"},
		{Place: at("s4", ""), Reason: "filter", DecidedBy: "c.yaml:6:1"}, // for the same reason elsewhere
	}}
	var b strings.Builder
	require.NoError(t, WritePlan(&b, p, PlanOptions{Brief: true}))
	require.Equal(t, joined(
		`4 skipped:`,
		`Targets  Job     Because  At`,
		`      2  builds  filter   c.yaml:5:1`,
		`      1  builds  broken   c.yaml:7:3`,
		`      1  builds  filter   c.yaml:6:1`,
		``,
		`0 checks, 4 skipped`,
	), b.String())
	require.Contains(t, planText(t, p), "checks.s4  builds  filter   c.yaml:6:1\n", "in full otherwise")
}

func TestPlanColors(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, WritePlan(&b, samplePlan(), PlanOptions{Color: true}))
	for _, want := range []string{
		"\x1b[31m\x1b[1m✗ job docs failed\x1b[0m\x1b[0m\n", "\x1b[31m\x1b[1m✗ b: evaluation failed\x1b[0m\x1b[0m\n",
		"\x1b[33mwarning:\x1b[0m c.yaml:4:2", "\x1b[1m2 checks, ",
	} {
		require.Contains(t, b.String(), want)
	}
}

func TestPlanSummary(t *testing.T) {
	t.Parallel()
	good, bad := plan.PlannedCheck{}, plan.PlannedCheck{Error: "no"}
	for want, p := range map[string]plan.Plan{
		"0 checks":                               {},
		"1 check":                                {Checks: []plan.PlannedCheck{good}},
		"1 check, 1 of them failed to evaluate":  {Checks: []plan.PlannedCheck{bad}},
		"3 checks, 2 of them failed to evaluate": {Checks: []plan.PlannedCheck{bad, good, bad}},
		"0 checks, 2 pending":                    {Pending: make([]plan.PendingTarget, 2)},
		"0 checks, 1 skipped, 1 warning":         {Skipped: make([]plan.SkippedTarget, 1), Warnings: make([]diag.Diagnostic, 1)},
		"1 check, 1 pending, 2 skipped, 3 warnings": {
			Checks: []plan.PlannedCheck{good}, Pending: make([]plan.PendingTarget, 1),
			Skipped: make([]plan.SkippedTarget, 2), Warnings: make([]diag.Diagnostic, 3),
		},
		"0 checks, 1 warning": {Warnings: make([]diag.Diagnostic, 1), Jobs: []plan.PlannedJob{{State: plan.JobFailed}}},
	} {
		require.Equal(t, want, planSummary(&p))
	}
}

func TestPlanMarkdownWithoutDerivations(t *testing.T) {
	t.Parallel()
	out := PlanMarkdown(&plan.Plan{Checks: []plan.PlannedCheck{{Place: at("a`|b", ""), Name: "n", Title: "t"}}})
	require.Contains(t, out, "| Check | Title | Attribute | System | Job |\n| --- | --- | --- | --- | --- |\n"+
		"| n | t | <code>checks.a&#96;&#124;b</code> |  | builds |\n")
}

func TestSummaryLine(t *testing.T) {
	t.Parallel()
	start := time.Unix(1000, 0)
	failed := JobResult{State: JobFailed}
	for want, r := range map[string]Results{
		"0 checks":                    {},
		"0 checks; 1 job failed":      {Jobs: []JobResult{failed, {State: JobRan}, {State: JobNotSelected}}},
		"0 checks; 2 jobs failed":     {Jobs: []JobResult{failed, failed}},
		"0 checks in 1.5s":            {StartedAt: start, FinishedAt: start.Add(1500 * time.Millisecond)},
		"1 check: 1 planned":          {StartedAt: start, FinishedAt: start.Add(-time.Second), Checks: []CheckResult{{Outcome: Planned}}},
		"2 checks: 1 failed, 1 weird": {Checks: []CheckResult{{Outcome: "weird"}, {Outcome: Failed}}},
		"3 checks: 1 upload failed, 1 cancelled, 1 submitted": {
			Checks: []CheckResult{{Outcome: Submitted}, {Outcome: Cancelled}, {Outcome: UploadFailed}},
		},
	} {
		require.Equal(t, want, summaryLine(r))
	}
}

func TestBuilt(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]CheckResult{
		"":                      {Outcome: Succeeded},
		"nothing, it was there": {Outcome: Succeeded, Build: &Build{}},
		"1 derivation":          {Outcome: Failed, Build: &Build{Derivations: 1}},
		"12 derivations":        {Outcome: Succeeded, Build: &Build{Derivations: 12}},
	} {
		require.Equal(t, want, built(c))
	}
	require.Empty(t, built(CheckResult{Outcome: Failed, Build: &Build{}}), "a failure does not find things there")
}

func TestSecondsBetween(t *testing.T) {
	t.Parallel()
	const early, late = "2026-01-01T00:00:00Z", "2026-01-01T01:00:30+01:00"
	for _, test := range []struct {
		start, end string
		want       float64
	}{{early, late, 30}, {late, early, 0}, {"", late, 0}, {early, "", 0}, {early, early, 0}} {
		require.InDelta(t, test.want, secondsBetween(test.start, test.end), 0, "%v", test)
	}
}

func TestStageWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		stage           stage
		count, troubles string
		complete        bool
	}{
		{stage{}, "0", "", false},
		{stage{done: 3}, "3", "", false},
		{stage{done: 3, total: 4}, "3/4", "", false},
		{stage{done: 4, total: 4}, "4/4", "", true},
		{stage{done: 5, total: 4}, "5/4", "", true},
		{stage{total: 1, failed: 1}, "0/1", " (1 failed)", false},
		{stage{total: 1, retries: 1}, "0/1", " (1 retry)", false},
		{stage{total: 2, done: 2, failed: 2, retries: 3}, "2/2", " (2 failed, 3 retries)", true},
	} {
		require.Equal(t, test.count, test.stage.count())
		require.Equal(t, test.troubles, test.stage.troubles())
		require.Equal(t, test.complete, test.stage.complete())
	}
}

func TestTook(t *testing.T) {
	t.Parallel()
	for elapsed, want := range map[time.Duration]string{
		0: "", 49 * time.Millisecond: "", 50 * time.Millisecond: " (0.1s)", 75 * time.Second: " (1m15s)",
	} {
		require.Equal(t, want, took(elapsed), "%v", elapsed)
	}
}

// A total may grow after all of the former one is done: the stage is told as through again, at its new end.
func TestProgressTotalGrows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := NewProgress(&out, Options{})
		p.Stage("build", 1)
		p.Done("build", "a", nil, 0)
		expect(t, &out, "✓ build 1/1 a\nbuild 1/1 in 0s\n")
		p.Stage("build", 2)
		expect(t, &out, "")
		p.Retrying("build", "b", 2, nil, 1234*time.Millisecond)
		expect(t, &out, "↻ build b: attempt 2; again in 1.2s\n")
		pass(3 * time.Second)
		p.Done("build", "b", errors.New("error:\n\nfull"), 0)
		expect(t, &out, "✗ build 2/2 b: error: full\nbuild 2/2 (1 failed, 1 retry) in 3s\n")
		p.Stage("build", 2)
		p.Close()
		expect(t, &out, "") // told once
	})
}

// A stage that is through does not grow older on the screen while others go on.
func TestProgressClockStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := NewProgress(&out, Options{Terminal: true})
		p.Stage("evaluate", 1)
		p.Stage("build", 1)
		pass(2 * time.Second)
		p.Done("evaluate", "a", nil, 0)
		pass(5 * time.Second)
		out.take()
		p.Note("here")
		expect(t, &out, "\x1b[2A\r\x1b[Jhere\n✓ evaluate   1/1  2s\n… build      0/1  7s\n")
		p.Close()
	})
}
