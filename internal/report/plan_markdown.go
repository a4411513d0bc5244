package report

import (
	"fmt"
	"slices"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// PlanMarkdown shows a plan as GitHub-flavoured Markdown of at most MaxMarkdown bytes.
func PlanMarkdown(p *plan.Plan) string {
	doc := newDocument(MaxMarkdown)
	doc.add("## nixbuild-checks plans " + planSummary(p) + "\n\n")
	for _, j := range p.Jobs {
		addPlannedJob(doc, j)
	}
	for _, c := range p.Checks {
		if c.Error != "" {
			doc.add(folded("❌ <b>"+inline(c.Name)+"</b>: evaluation failed", preformatted(firstOf(cleanLines(c.Error), 2*maxMessageLines))))
		}
	}
	for _, d := range p.Warnings {
		doc.add(fmt.Sprintf("- ⚠️ %s: %s %s\n", inline(d.Position.String()), inline(d.Message), inline(d.Hint)))
	}
	doc.add("\n")
	addPlannedChecks(doc, p.Checks)
	addPending(doc, p.Pending)
	addSkipped(doc, p.Skipped)
	return doc.String()
}

func addPlannedJob(doc *document, j plan.PlannedJob) {
	switch j.State {
	case plan.JobFailed:
		doc.add(folded("❌ job "+inline(j.Job)+" failed", preformatted(cleanLines(j.Reason))))
	case plan.JobNotSelected:
		doc.add(fmt.Sprintf("Job %s is not part of this run: %s\n\n", inline(j.Job), inline(reasonOr(j.Reason))))
	case plan.JobPlanned:
	}
}

func addPlannedChecks(doc *document, checks []plan.PlannedCheck) {
	if len(checks) == 0 {
		return
	}
	evaluated := slices.ContainsFunc(checks, func(c plan.PlannedCheck) bool { return c.DrvPath != "" })
	head, rule := "| Check | Title | Attribute | System | Job |", "| --- | --- | --- | --- | --- |"
	if evaluated {
		head, rule = head+" Derivation |", rule+" --- |"
	}
	doc.open(head+"\n"+rule+"\n", "\n")
	for _, c := range checks {
		cells := []string{inline(c.Name), inline(c.Title), code(attribute(c.FlakeAttr, c.Attr)), inline(c.System), inline(c.Job)}
		if evaluated {
			cells = append(cells, code(c.DrvPath))
		}
		doc.add(row(cells...))
	}
	doc.close()
}

func addPending(doc *document, pending []plan.PendingTarget) {
	if len(pending) == 0 {
		return
	}
	doc.open(fmt.Sprintf("<details><summary>%d pending, evaluation decides</summary>\n\n", len(pending))+
		"| Attribute | Job | Because | At |\n| --- | --- | --- | --- |\n", "\n</details>\n\n")
	for _, c := range pending {
		doc.add(row(code(attribute(c.FlakeAttr, c.Attr)), inline(c.Job), inline(reasonOr(c.Reason)), inline(c.DecidedBy)))
	}
	doc.close()
}

func addSkipped(doc *document, skipped []plan.SkippedTarget) {
	if len(skipped) == 0 {
		return
	}
	first, rows := "Attribute", make([]string, 0, maxSkippedRows)
	if len(skipped) <= maxSkippedRows {
		for _, c := range skipped {
			rows = append(rows, row(code(attribute(c.FlakeAttr, c.Attr)), inline(c.Job), inline(reasonOr(c.Reason)), inline(c.DecidedBy)))
		}
	} else {
		first = "Targets"
		for _, g := range groupSkipped(skipped) {
			rows = append(rows, row(fmt.Sprint(g.n), inline(g.job), inline(reasonOr(g.reason)), inline(g.decidedBy)))
		}
	}
	doc.open(fmt.Sprintf("<details><summary>%d skipped</summary>\n\n| %s | Job | Because | At |\n| --- | --- | --- | --- |\n", len(skipped), first),
		"\n</details>\n\n")
	for _, r := range rows {
		doc.add(r)
	}
	doc.close()
}

// code is text in the typeface of code, or nothing.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + inline(s) + "</code>"
}
