package plan

import (
	"fmt"

	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

// duplicates finds names that several checks have, over all jobs. GitHub shows only the newest run of a name.
func duplicates(all []entry) []diag.Diagnostic {
	first, others := map[string]entry{}, map[string][]entry{}
	var order []string
	for _, e := range all {
		name := e.decision.Name
		if name == "" || (e.decision.Kind != Selected && e.decision.Kind != Pending) {
			continue
		}
		if _, taken := first[name]; !taken {
			first[name] = e
			continue
		}
		if others[name] == nil {
			order = append(order, name)
		}
		others[name] = append(others[name], e)
	}
	var problems []diag.Diagnostic
	for _, name := range order {
		problems = append(problems, duplicate(name, first[name], others[name]))
	}
	return problems
}

func duplicate(name string, first entry, others []entry) diag.Diagnostic {
	second := others[0]
	message := fmt.Sprintf("two checks have the name %q: %s and %s", name, whose(first), whose(second))
	if more := len(others) - 1; more > 0 {
		message += fmt.Sprintf(", and %d more", more)
	}
	return diag.Diagnostic{
		Position: second.decision.Position, Severity: diag.Error, Rule: "duplicate-name", Message: message, Length: 1,
		Hint: "GitHub shows only the newest run of a name; add to label what tells them apart, such as system",
	}
}

func whose(e entry) string {
	return fmt.Sprintf("%s of job %s (%s)", e.target.FullAttr(), e.target.Job.Name, e.decision.Position)
}

func (b *Builder) tooMany(all []entry) []diag.Diagnostic {
	count := 0
	for _, e := range all {
		if e.decision.Kind == Selected {
			count++
		}
	}
	if b.maxChecks <= 0 || count <= b.maxChecks {
		return nil
	}
	return []diag.Diagnostic{{
		Position: diag.Position{File: b.file}, Severity: diag.Error, Rule: "too-many-checks", Length: 1,
		Message: fmt.Sprintf("%d checks are planned, but max_checks is %d", count, b.maxChecks),
		Hint:    "raise max_checks, or have systems, filter or rules select fewer",
	}}
}

// tally counts what the job's targets came to.
type tally struct {
	selected, pending, invalid, unsure, passed int
	rules                                      []int
}

func (j *jobEntry) tally() tally {
	t := tally{rules: make([]int, len(j.job.Rules))}
	for _, e := range j.targets {
		d := e.decision
		t.selected += count(d.Kind == Selected)
		t.pending += count(d.Kind == Pending)
		t.invalid += count(d.Kind == Invalid)
		t.unsure += count(d.Unsure)
		t.passed += count(d.Passed)
		if d.Rule >= 0 && d.Rule < len(t.rules) {
			t.rules[d.Rule]++
		}
	}
	return t
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// problems are those of one job: it selects nothing, or a part of it has no effect.
func (j *jobEntry) problems() []diag.Diagnostic {
	if j.planned.State != JobPlanned {
		return nil
	}
	t := j.tally()
	var problems []diag.Diagnostic
	if t.selected+t.pending+t.invalid == 0 && !j.job.AllowEmpty {
		problems = append(problems, j.empty())
	}
	if t.pending+t.unsure+t.invalid > 0 {
		return problems // what matches is not known of all
	}
	if f := j.job.Filter; f != nil && t.passed == 0 && j.reachedFilter() {
		problems = append(problems, noEffect(f.Position, f, "the filter of job "+j.job.Name+" lets no target through"))
	}
	for i, r := range j.job.Rules {
		if t.passed > 0 && t.rules[i] == 0 {
			problems = append(problems, noEffect(r.Position, r.When, fmt.Sprintf("rule %d of job %s matches no target", i+1, j.job.Name)))
		}
	}
	return problems
}

// reachedFilter tells whether systems left the filter anything to decide about.
func (j *jobEntry) reachedFilter() bool {
	for _, e := range j.targets {
		if e.decision.Position == j.job.Filter.Position {
			return true
		}
	}
	return false
}

func (j *jobEntry) empty() diag.Diagnostic {
	message := fmt.Sprintf("job %s selects nothing: all %d targets below %s are skipped", j.job.Name, len(j.targets), j.job.FlakeAttr)
	if len(j.targets) == 0 {
		message = fmt.Sprintf("job %s selects nothing: there are no targets below %s", j.job.Name, j.job.FlakeAttr)
	}
	return diag.Diagnostic{
		Position: j.job.Position, Severity: diag.Error, Rule: "empty-job", Message: message, Length: 1,
		Hint: "set allow_empty: true if that is intended",
	}
}

func noEffect(at diag.Position, e *config.Expr, message string) diag.Diagnostic {
	return diag.Diagnostic{
		Position: at, Severity: diag.Warning, Rule: "matches-nothing", Message: message, Length: 1, Hint: "it is: " + e.Source(),
	}
}
