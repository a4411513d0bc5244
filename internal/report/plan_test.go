package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

func at(attr, system string) plan.Place {
	return plan.Place{Job: "builds", FlakeAttr: "checks", Attr: attr, Path: strings.Split(attr, "."), System: system}
}

func samplePlan() *plan.Plan {
	return &plan.Plan{
		Jobs: []plan.PlannedJob{
			{Job: "builds", State: plan.JobPlanned},
			{Job: "docs", State: plan.JobFailed, Reason: "error:\n  no flake"},
			{Job: "nightly", State: plan.JobNotSelected, Reason: `event.name == "schedule"`},
		},
		Checks: []plan.PlannedCheck{
			{Place: at("x86_64-linux.a", "x86_64-linux"), Name: "🚧 a", Title: "Build | a", DecidedBy: "c.yaml:1:1", DrvPath: "/nix/store/x-a.drv"},
			{Place: at("x86_64-linux.b", "x86_64-linux"), Name: "b\x1b[2J", Title: "Build b", Error: "error: <b>\n at x"},
		},
		Pending:  []plan.PendingTarget{{Place: at("x86_64-linux.p", "x86_64-linux"), Reason: "meta.broken is not known yet", DecidedBy: "c.yaml:9:5"}},
		Skipped:  []plan.SkippedTarget{{Place: at("s", ""), Reason: "too large", DecidedBy: "c.yaml:7:3"}},
		Warnings: []diag.Diagnostic{{Position: diag.Position{File: "c.yaml", Line: 4, Column: 2}, Severity: diag.Warning, Message: "matches nothing", Hint: "drop it"}},
	}
}

func planText(t *testing.T, p *plan.Plan) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, WritePlan(&b, p, PlanOptions{Color: false}))
	return b.String()
}

func TestWritePlan(t *testing.T) {
	t.Parallel()
	want := joined(
		`✗ job docs failed`,
		`    | error:`,
		`    |   no flake`,
		``,
		`• job nightly is not part of this run: event.name == "schedule"`,
		``,
		`✗ b: evaluation failed`,
		`  attribute: checks.x86_64-linux.b`,
		`    | error: <b>`,
		`    |  at x`,
		``,
		`Check  Title      Attribute              System        Job     Derivation`,
		`🚧 a   Build | a  checks.x86_64-linux.a  x86_64-linux  builds  /nix/store/x-a.drv`,
		`b      Build b    checks.x86_64-linux.b  x86_64-linux  builds`,
		``,
		`1 pending, evaluation decides:`,
		`Attribute              Job     Because                       At`,
		`checks.x86_64-linux.p  builds  meta.broken is not known yet  c.yaml:9:5`,
		``,
		`1 skipped:`,
		`Attribute  Job     Because    At`,
		`checks.s   builds  too large  c.yaml:7:3`,
		``,
		`warning: c.yaml:4:2: matches nothing`,
		`  drop it`,
		``,
		`2 checks, 1 of them failed to evaluate, 1 pending, 1 skipped, 1 warning`,
	)
	require.Empty(t, cmp.Diff(want, planText(t, samplePlan())))
	require.Equal(t, "0 checks\n", planText(t, &plan.Plan{}))
}

func TestPlanMarkdown(t *testing.T) {
	t.Parallel()
	want := joined(
		`## nixbuild-checks plans 2 checks, 1 of them failed to evaluate, 1 pending, 1 skipped, 1 warning`,
		``,
		`<details><summary>❌ job docs failed</summary>`,
		``,
		``,
		`<pre>`,
		`error:`,
		`  no flake`,
		`</pre>`,
		``,
		`</details>`,
		``,
		`Job nightly is not part of this run: event.name == &#34;schedule&#34;`,
		``,
		`<details><summary>❌ <b>b</b>: evaluation failed</summary>`,
		``,
		``,
		`<pre>`,
		`error: &lt;b&gt;`,
		` at x`,
		`</pre>`,
		``,
		`</details>`,
		``,
		`- ⚠️ c.yaml:4:2: matches nothing drop it`,
		``,
		`| Check | Title | Attribute | System | Job | Derivation |`,
		`| --- | --- | --- | --- | --- | --- |`,
		`| 🚧 a | Build &#124; a | <code>checks.x86&#95;64-linux.a</code> | x86&#95;64-linux | builds | <code>/nix/store/x-a.drv</code> |`,
		`| b | Build b | <code>checks.x86&#95;64-linux.b</code> | x86&#95;64-linux | builds |  |`,
		``,
		`<details><summary>1 pending, evaluation decides</summary>`,
		``,
		`| Attribute | Job | Because | At |`,
		`| --- | --- | --- | --- |`,
		`| <code>checks.x86&#95;64-linux.p</code> | builds | meta.broken is not known yet | c.yaml:9:5 |`,
		``,
		`</details>`,
		``,
		`<details><summary>1 skipped</summary>`,
		``,
		`| Attribute | Job | Because | At |`,
		`| --- | --- | --- | --- |`,
		`| <code>checks.s</code> | builds | too large | c.yaml:7:3 |`,
		``,
		`</details>`,
		``,
	)
	require.Empty(t, cmp.Diff(want, PlanMarkdown(samplePlan())))
}

func TestPlanGroupsManySkipped(t *testing.T) {
	t.Parallel()
	p := &plan.Plan{}
	for i := range maxSkippedRows + 1 {
		s := plan.SkippedTarget{Place: at(fmt.Sprint("s", i), ""), Reason: "filter", DecidedBy: "c.yaml:5:1"}
		if i == 0 {
			s.Reason = "broken"
		}
		p.Skipped = append(p.Skipped, s)
	}
	require.Equal(t, joined(
		`51 skipped:`,
		`Targets  Job     Because  At`,
		`     50  builds  filter   c.yaml:5:1`,
		`      1  builds  broken   c.yaml:5:1`,
		``,
		`0 checks, 51 skipped`,
	), planText(t, p))
	require.Contains(t, PlanMarkdown(p), "| Targets | Job | Because | At |\n| --- | --- | --- | --- |\n| 50 | builds | filter | c.yaml:5:1 |\n| 1 |")
}
