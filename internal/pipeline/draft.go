package pipeline

import (
	"context"
	"slices"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// Found is a target that discovery met; Err says that the set at Path could not be listed.
type Found struct {
	Path []string
	Err  *plan.EvalError
}

// Draft is a run before anything of it is evaluated: every target of every job with what is decided of it.
type Draft struct {
	Items      []*Item // by job in the order of the file, then by path
	Failed     map[string]error
	attributes []*Attribute
}

// Discover lists the targets of all jobs and decides what can be decided about them now. What goes wrong with
// a source fails its jobs, not the run; the error is that of a cancelled ctx.
func Discover(ctx context.Context, jobs []*plan.Job, list func(context.Context, *Source) ([]Found, error)) (*Draft, error) {
	d := &Draft{Failed: map[string]error{}}
	byJob := map[string][]*Item{}
	for _, s := range Sources(jobs) {
		found, err := list(ctx, s)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		for _, j := range s.Jobs {
			if err != nil {
				d.Failed[j.Name] = err
			}
		}
		for _, f := range found {
			a := s.attribute(f)
			d.attributes = append(d.attributes, a)
			for _, item := range a.items {
				byJob[item.Target.Job.Name] = append(byJob[item.Target.Job.Name], item)
			}
		}
	}
	for _, j := range jobs {
		d.Items = append(d.Items, byJob[j.Name]...)
	}
	return d, nil
}

// attribute makes an item of what was found for each job of the source.
func (s *Source) attribute(f Found) *Attribute {
	a := &Attribute{Source: s, Path: f.Path}
	for _, j := range s.Jobs {
		t := plan.Target{Job: j, Path: f.Path, System: plan.System(slices.Concat(s.FlakeAttrPath, f.Path))}
		item := &Item{Target: t, Decision: plan.Decide(t, nil)}
		if f.Err != nil {
			item.fail(&plan.Facts{Err: f.Err})
		}
		item.Late = item.Decision.Kind == plan.Pending
		a.items = append(a.items, item)
	}
	return a
}

// fail notes that the target cannot be evaluated. A target that was skipped anyway stays skipped.
func (i *Item) fail(facts *plan.Facts) {
	if i.Decision.Kind == plan.Skipped {
		return
	}
	i.Facts = facts
	if i.Decision.Kind == plan.Pending {
		if i.Decision = plan.Decide(i.Target, facts); i.Decision.Kind != plan.Selected {
			return // nothing more will be known about it
		}
	}
	i.passed(Evaluate, 0, 0, facts.Err)
}

// Skip drops an item before it costs anything. One that is skipped already keeps its reason.
func (i *Item) Skip(reason string) {
	if i.Decision.Kind == plan.Skipped {
		return
	}
	i.Decision = plan.Decision{Kind: plan.Skipped, Reason: reason, Position: i.Target.Job.Position, Rule: -1}
	i.Facts, i.Err = nil, nil
}

// Refuse skips the items whose system the destination cannot build for.
func (d *Draft) Refuse(unfit func(system string) string) {
	if unfit == nil {
		return
	}
	for _, item := range d.Items {
		if item.Err != nil {
			continue // it could not be listed, on whatever machine
		}
		if reason := unfit(item.Target.System); reason != "" {
			item.Skip(reason)
		}
	}
}

// Wanted is how many attributes have to be evaluated.
func (d *Draft) Wanted() int {
	n := 0
	for _, a := range d.attributes {
		if a.wanted() {
			n++
		}
	}
	return n
}
