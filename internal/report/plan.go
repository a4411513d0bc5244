package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// maxSkippedRows is how many skipped targets a plan lists one by one. Beyond it, equal reasons are counted: a filter that
// picks ten of five thousand is not worth five thousand lines. The JSON has them all.
const maxSkippedRows = 50

// PlanOptions say how a plan is shown. Brief counts the skipped targets by reason instead of listing them.
type PlanOptions struct{ Color, Brief bool }

// WritePlan shows a plan: what went wrong, the checks, what is pending or skipped and why, then the counts.
func WritePlan(w io.Writer, p *plan.Plan, o PlanOptions) error {
	paint := paint(o.Color)
	var b strings.Builder
	for _, j := range p.Jobs {
		writePlannedJob(&b, paint, j)
	}
	for _, c := range p.Checks {
		writePlanError(&b, paint, c)
	}
	section(&b, "", plannedTable(p.Checks))
	section(&b, fmt.Sprintf("%d pending, evaluation decides:", len(p.Pending)), pendingTable(p.Pending))
	section(&b, fmt.Sprintf("%d skipped:", len(p.Skipped)), skippedTable(p.Skipped, o.Brief))
	for _, d := range p.Warnings {
		writeDiagnostic(&b, paint, d)
	}
	b.WriteString(paint.bold(planSummary(p)) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func section(b *strings.Builder, title string, t table.Writer) {
	if t.Length() == 0 {
		return
	}
	if title != "" {
		b.WriteString(title + "\n")
	}
	b.WriteString(t.Render() + "\n\n")
}

func writePlannedJob(b *strings.Builder, p paint, j plan.PlannedJob) {
	switch j.State {
	case plan.JobFailed:
		b.WriteString(p.red(p.bold("✗ job "+clean(j.Job)+" failed")) + "\n")
		writeQuoted(b, firstOf(cleanLines(j.Reason), maxMessageLines))
		b.WriteByte('\n')
	case plan.JobNotSelected:
		fmt.Fprintf(b, "• job %s is not part of this run: %s\n\n", clean(j.Job), reasonOr(j.Reason))
	case plan.JobPlanned:
	}
}

func writePlanError(b *strings.Builder, p paint, c plan.PlannedCheck) {
	if c.Error == "" {
		return
	}
	b.WriteString(p.red(p.bold("✗ "+clean(c.Name)+": evaluation failed")) + "\n")
	fmt.Fprintf(b, "  attribute: %s\n", attrOf(c.Place))
	writeQuoted(b, firstOf(cleanLines(c.Error), maxMessageLines))
	b.WriteByte('\n')
}

func writeDiagnostic(b *strings.Builder, p paint, d diag.Diagnostic) {
	fmt.Fprintf(b, "%s %s: %s\n", p.yellow(string(d.Severity)+":"), clean(d.Position.String()), clean(d.Message))
	if d.Hint != "" {
		fmt.Fprintf(b, "  %s\n", clean(d.Hint))
	}
	b.WriteByte('\n')
}

func attrOf(p plan.Place) string { return clean(attribute(p.FlakeAttr, p.Attr)) }

func plannedTable(checks []plan.PlannedCheck) table.Writer {
	t := newTable("Check", "Title", "Attribute", "System", "Job", "Derivation")
	for _, c := range checks {
		t.AppendRow(table.Row{clean(c.Name), clean(c.Title), attrOf(c.Place), clean(c.System), clean(c.Job), clean(c.DrvPath)})
	}
	return t
}

func pendingTable(pending []plan.PendingTarget) table.Writer {
	t := newTable("Attribute", "Job", "Check", "Because", "At")
	for _, c := range pending {
		t.AppendRow(table.Row{attrOf(c.Place), clean(c.Job), clean(c.Name), reasonOr(c.Reason), clean(c.DecidedBy)})
	}
	return t
}

func skippedTable(skipped []plan.SkippedTarget, brief bool) table.Writer {
	if brief || len(skipped) > maxSkippedRows {
		return skippedGroups(skipped)
	}
	t := newTable("Attribute", "Job", "Because", "At")
	for _, c := range skipped {
		t.AppendRow(table.Row{attrOf(c.Place), clean(c.Job), reasonOr(c.Reason), clean(c.DecidedBy)})
	}
	return t
}

func skippedGroups(skipped []plan.SkippedTarget) table.Writer {
	t := newTable("Targets", "Job", "Because", "At")
	for _, g := range groupSkipped(skipped) {
		t.AppendRow(table.Row{g.n, clean(g.job), reasonOr(g.reason), clean(g.decidedBy)})
	}
	return t
}

// skippedGroup is the targets of a job that one place in the configuration skips for one reason.
type skippedGroup struct {
	job, reason, decidedBy string
	n                      int
}

// groupSkipped is the largest groups first, equal ones in the order of the plan.
func groupSkipped(skipped []plan.SkippedTarget) []skippedGroup {
	var groups []skippedGroup
	index := map[skippedGroup]int{}
	for _, s := range skipped {
		key := skippedGroup{job: s.Job, reason: s.Reason, decidedBy: s.DecidedBy}
		i, known := index[key]
		if !known {
			i = len(groups)
			index[key] = i
			groups = append(groups, key)
		}
		groups[i].n++
	}
	slices.SortStableFunc(groups, func(a, b skippedGroup) int { return cmp.Compare(b.n, a.n) })
	return groups
}

// planSummary counts what the plan holds.
func planSummary(p *plan.Plan) string {
	line := plural(len(p.Checks), "check", "checks")
	failed := 0
	for _, c := range p.Checks {
		if c.Error != "" {
			failed++
		}
	}
	if failed > 0 {
		line += fmt.Sprintf(", %d of them failed to evaluate", failed)
	}
	for _, c := range []struct {
		n    int
		word string
	}{{len(p.Pending), "pending"}, {len(p.Skipped), "skipped"}} {
		if c.n > 0 {
			line += fmt.Sprintf(", %d %s", c.n, c.word)
		}
	}
	if n := len(p.Warnings); n > 0 {
		line += ", " + plural(n, "warning", "warnings")
	}
	return line
}
