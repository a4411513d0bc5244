package report

import (
	"fmt"
	"html"
	"strings"
)

// MaxMarkdown is how much Markdown GitHub takes of a step, in bytes. Beyond it GitHub shows none of it.
const MaxMarkdown = 1 << 20

// Markdown shows how a run ended as GitHub-flavoured Markdown of at most MaxMarkdown bytes: failures first, their
// details folded, then all checks. Nothing of what others wrote is taken for Markdown or HTML.
func Markdown(r Results) string {
	doc := newDocument(MaxMarkdown)
	doc.add(fmt.Sprintf("## %s nixbuild-checks: %s\n\n", overallMark(r), inline(summaryLine(r))))
	for _, j := range failedJobs(r) {
		doc.add(folded("❌ job "+inline(j.Job)+" failed", preformatted(cleanLines(j.Error))))
	}
	for _, c := range failures(r) {
		if c.Outcome != Cancelled {
			doc.add(failureMarkdown(c))
		}
	}
	addCheckTable(doc, shown(r))
	if reasons := skippedReasons(r); len(reasons) > 0 {
		doc.add(skippedMarkdown(reasons))
	}
	return doc.String()
}

func overallMark(r Results) string {
	if r.Good() {
		return "✅"
	}
	return "❌"
}

func failureMarkdown(c CheckResult) string {
	head := "❌ <b>" + inline(c.label()) + "</b>: " + c.Outcome.words()
	if c.System != "" {
		head += " (" + inline(c.System) + ")"
	}
	var body strings.Builder
	fact := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&body, "%s: <code>%s</code><br>\n", name, inline(value))
		}
	}
	if c.Name != "" {
		fact("Attribute", attribute(c.FlakeAttr, c.Attr))
	}
	if e := c.Error; e != nil {
		fact("At", position(e))
		body.WriteString(preformatted(firstOf(cleanLines(e.Message), 2*maxMessageLines)))
	}
	if c.Build != nil {
		fact("Failed dependency", c.Build.FailedDependency)
		if lines := lastOf(logLines(*c.Build), 2*maxLogLines); len(lines) > 0 {
			body.WriteString("\nThe log ends:\n" + preformatted(lines))
		}
		fact("Whole log", c.Build.LogFile)
	}
	return folded(head, body.String())
}

// addCheckTable folds long tables away. Each row is a piece of its own, so that a table too large loses its end only.
func addCheckTable(doc *document, checks []CheckResult) {
	if len(checks) == 0 {
		return
	}
	const header = "| Outcome | Check | System | Built | Time |\n| --- | --- | --- | --- | ---: |\n"
	const longTable = 30
	fold := len(checks) > longTable
	if fold {
		doc.open(fmt.Sprintf("<details><summary>All %d checks</summary>\n\n%s", len(checks), header), "\n</details>\n\n")
	} else {
		doc.open(header, "\n")
	}
	for _, c := range checks {
		doc.add(row(markOf(c.Outcome)+" "+c.Outcome.words(), inline(c.label()), inline(c.System), built(c), duration(c.Seconds.total())))
	}
	doc.close()
}

func markOf(o Outcome) string {
	switch {
	case o == Succeeded:
		return "✅"
	case o == Cancelled:
		return "🚫"
	case !o.Good():
		return "❌"
	}
	return "🔹"
}

func skippedMarkdown(reasons []count) string {
	total, list := 0, strings.Builder{}
	for _, c := range reasons {
		total += c.n
		fmt.Fprintf(&list, "- %d: %s\n", c.n, inline(c.text))
	}
	return folded(fmt.Sprintf("%d skipped", total), list.String())
}

// row takes cells that are escaped already.
func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

func folded(summary, body string) string {
	return "<details><summary>" + summary + "</summary>\n\n" + body + "\n</details>\n\n"
}

// preformatted is a block that shows the lines as they are. The blank line before it makes it a block of its own,
// which ends at </pre> and not at the first blank line within.
func preformatted(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n<pre>\n")
	for _, line := range lines {
		if runes := []rune(line); len(runes) > maxLineWidth {
			line = string(runes[:maxLineWidth-1]) + "…"
		}
		b.WriteString(html.EscapeString(line) + "\n")
	}
	b.WriteString("</pre>\n")
	return b.String()
}

// markdownSigns become character references, which Markdown takes for text and never for syntax.
var markdownSigns = strings.NewReplacer(
	"\\", "&#92;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "[", "&#91;", "]", "&#93;", "|", "&#124;",
	"~", "&#126;", "$", "&#36;", "://", "&#58;//", "@", "&#64;",
)

// inline makes text safe within a line of Markdown, a table's cell or an HTML element.
func inline(s string) string { return markdownSigns.Replace(html.EscapeString(clean(s))) }
