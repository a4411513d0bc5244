package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// How much of each failure is shown; the rest is in the log file and the results file.
const (
	maxDetailed     = 50 // failures with details; the others are in the table
	maxMessageLines = 12
	maxLogLines     = 15
	maxLineWidth    = 400
)

// quote stands before every line of text that others wrote. It also keeps the GitHub Actions runner from taking a
// line that begins with "::" for a command; indentation alone would not.
const quote = "    | "

// WriteTable shows how a run ended: failures with their reasons, a table of all checks, then the counts.
func WriteTable(w io.Writer, r Results, color bool) error {
	p := paint(color)
	var b strings.Builder
	writeFailedJobs(&b, p, r)
	writeFailures(&b, p, failures(r))
	if checks := shown(r); len(checks) > 0 {
		b.WriteString(checkTable(p, checks))
		b.WriteString("\n\n")
		if root := logRoot(checks); root != "" {
			b.WriteString("Logs are in " + clean(root) + "\n\n")
		}
	}
	writeSkipped(&b, r)
	b.WriteString(p.bold(summaryLine(r)) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeFailedJobs(b *strings.Builder, p paint, r Results) {
	for _, j := range failedJobs(r) {
		fmt.Fprintf(b, "%s\n", p.red(p.bold("✗ job "+clean(j.Job)+" failed")))
		writeQuoted(b, firstOf(cleanLines(j.Error), maxMessageLines))
		b.WriteByte('\n')
	}
}

// writeFailures leaves out the cancelled, of which there is nothing to tell.
func writeFailures(b *strings.Builder, p paint, list []CheckResult) {
	detailed := 0
	for _, c := range list {
		if c.Outcome == Cancelled {
			continue
		}
		if detailed++; detailed <= maxDetailed {
			writeFailure(b, p, c)
		}
	}
	if detailed > maxDetailed {
		fmt.Fprintf(b, "… %s in the table below\n\n", plural(detailed-maxDetailed, "more failure", "more failures"))
	}
}

func writeFailure(b *strings.Builder, p paint, c CheckResult) {
	head := "✗ " + clean(c.label()) + ": " + c.Outcome.words()
	if c.System != "" {
		head += " (" + clean(c.System) + ")"
	}
	b.WriteString(p.red(p.bold(head)) + "\n")
	if attr := attribute(c.FlakeAttr, c.Attr); c.Name != "" && attr != "" {
		fmt.Fprintf(b, "  attribute: %s\n", clean(attr))
	}
	if e := c.Error; e != nil {
		if at := position(e); at != "" {
			fmt.Fprintf(b, "  at: %s\n", at)
		}
		writeQuoted(b, firstOf(cleanLines(e.Message), maxMessageLines))
	}
	if c.Build != nil {
		writeLog(b, *c.Build)
	}
	b.WriteByte('\n')
}

func writeLog(b *strings.Builder, build Build) {
	if build.FailedDependency != "" {
		fmt.Fprintf(b, "  failed dependency: %s\n", clean(build.FailedDependency))
	}
	if lines := lastOf(logLines(build), maxLogLines); len(lines) > 0 {
		b.WriteString("  the log ends:\n")
		writeQuoted(b, lines)
	}
	if build.LogFile != "" {
		fmt.Fprintf(b, "  whole log: %s\n", clean(build.LogFile))
	}
}

func logLines(build Build) []string { return cleanLines(strings.Join(build.LogTail, "\n")) }

func writeQuoted(b *strings.Builder, lines []string) {
	for _, line := range lines {
		b.WriteString(strings.TrimRight(quote+text.Snip(line, maxLineWidth, "…"), " ") + "\n")
	}
}

func checkTable(p paint, checks []CheckResult) string {
	t := newTable("Check", "Outcome", "System", "Built", "Time", "Log")
	root := logRoot(checks)
	for _, c := range checks {
		t.AppendRow(table.Row{
			clean(c.label()), p.outcome(c.Outcome), clean(c.System), built(c), duration(c.Seconds.total()), clean(logBelow(root, c)),
		})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Name: "Time", Align: text.AlignRight, AlignHeader: text.AlignRight}})
	return t.Render()
}

// newTable is a table without lines: logs are searched and copied from. A column without any content is left out.
func newTable(columns ...string) table.Writer {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Name = "plain"
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.SuppressEmptyColumns()
	header := make(table.Row, len(columns))
	for i, c := range columns {
		header[i] = c
	}
	t.AppendHeader(header)
	return t
}

func writeSkipped(b *strings.Builder, r Results) {
	reasons := skippedReasons(r)
	total := 0
	for _, c := range reasons {
		total += c.n
	}
	switch len(reasons) {
	case 0:
		return
	case 1:
		fmt.Fprintf(b, "%d skipped: %s\n\n", total, reasons[0].text)
		return
	}
	fmt.Fprintf(b, "%d skipped:\n", total)
	for _, c := range reasons {
		fmt.Fprintf(b, "  %d %s\n", c.n, c.text)
	}
	b.WriteByte('\n')
}
