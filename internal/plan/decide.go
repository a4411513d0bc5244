package plan

import (
	"fmt"
	"slices"

	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// Decide tells what becomes of a target. Facts are nil before evaluation; then what needs them is Pending. It is
// pure: the same target and facts always give the same decision.
func Decide(t Target, f *Facts) Decision {
	d := &decider{target: t, facts: f, env: environment(t, f), decision: Decision{Rule: -1}}
	d.decide()
	return d.decision
}

// decider is one decision being made. Its steps return true once it is.
type decider struct {
	target   Target
	facts    *Facts
	env      rule.Env
	decision Decision
}

// answer is what an expression said.
type answer int

const (
	no answer = iota
	yes
	unknown // it names drv, and the target failed to evaluate
	decided // it could not be asked, and the decision is made
)

func environment(t Target, f *Facts) rule.Env {
	env := rule.Env{
		Attr: t.Attr(), Path: t.Path, AttrName: t.AttrName(), System: t.System,
		FlakeAttr: t.Job.FlakeAttr, Job: t.Job.Name, Event: t.Job.Event,
	}
	if f != nil {
		env.Drv, env.Meta = f.Drv, f.Meta
	}
	return env
}

func (d *decider) decide() {
	job := d.target.Job
	if d.systems() || d.filter() {
		return
	}
	d.decision.Passed = true
	naming := naming{label: job.Label, title: job.Title, position: job.Position}
	if naming.label != nil {
		naming.position = naming.label.Position
	}
	for i, r := range job.Rules {
		switch d.ask(r.When, fmt.Sprintf("rule %d", i+1)) {
		case no:
			continue
		case decided:
			return
		case unknown: // whatever the rule would say: the failure must be seen
			d.name(naming)
			return
		}
		d.decision.Rule = i
		if r.Label == nil && r.Title == nil {
			d.skip(r.Skip, r.Position)
			return
		}
		naming.override(r)
		break
	}
	d.name(naming)
}

func (d *decider) skip(reason string, at diag.Position) {
	d.decision.Kind, d.decision.Reason, d.decision.Position = Skipped, reason, at
}

func (d *decider) invalid(at diag.Position, hint, format string, args ...any) {
	d.decision.Kind, d.decision.Position, d.decision.Hint = Invalid, at, hint
	d.decision.Message = d.target.FullAttr() + ": " + fmt.Sprintf(format, args...)
}

func (d *decider) systems() bool {
	job := d.target.Job
	if len(job.Systems) == 0 || slices.Contains(job.Systems, d.target.System) {
		return false
	}
	reason := fmt.Sprintf("system %s is not in systems", d.target.System)
	if d.target.System == "" {
		reason = "no part of its attribute path is a system, and systems is set"
	}
	d.skip(reason, job.SystemsPosition)
	return true
}

func (d *decider) filter() bool {
	filter := d.target.Job.Filter
	if filter == nil {
		return false
	}
	switch d.ask(filter, "filter") {
	case decided:
		return true
	case no:
		d.skip("filter: "+filter.Source(), filter.Position)
		return true
	}
	return false
}

// waits tells whether the expression cannot be evaluated yet, and if so, makes the decision Pending.
func (d *decider) waits(e *config.Expr, field string) bool {
	if d.facts != nil || !e.Late() {
		return false
	}
	d.decision.Kind, d.decision.Position = Pending, e.Position
	d.decision.Reason = field + " needs the evaluation: " + e.Source()
	return true
}

// lost tells whether the expression needs what a failed evaluation did not give.
func (d *decider) lost(e *config.Expr) bool {
	if d.facts == nil || d.facts.Err == nil || !e.NamesDrv() {
		return false
	}
	d.decision.Unsure = true
	return true
}

func (d *decider) ask(e *config.Expr, field string) answer {
	if d.waits(e, field) {
		return decided
	}
	if d.lost(e) {
		return unknown
	}
	holds, err := e.Bool(d.env)
	switch {
	case err != nil:
		d.invalid(e.Position, "", "%s: %v", field, err)
		return decided
	case holds:
		return yes
	}
	return no
}
