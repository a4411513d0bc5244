package plan

import (
	"slices"
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

// Builder collects the decisions of a run, in any order, and makes the Plan of them. It is not for concurrent use.
type Builder struct {
	file      string
	maxChecks int
	jobs      []*jobEntry // in the order of the file
	index     map[string]*jobEntry
}

// jobEntry is a job and what is known about its targets.
type jobEntry struct {
	job     *Job
	planned PlannedJob
	targets map[string]entry // by path
}

// entry is one target's decision.
type entry struct {
	target   Target
	decision Decision
	facts    *Facts
}

// New makes a Builder for the jobs of the configuration named file, in its order.
func New(file string, maxChecks int) *Builder {
	return &Builder{file: file, maxChecks: maxChecks, index: map[string]*jobEntry{}}
}

// AddJob adds a job, with a reason where it is not planned; a job that is added again changes its state.
func (b *Builder) AddJob(job *Job, state JobState, reason string) {
	planned := PlannedJob{Job: job.Name, State: state, Reason: reason}
	if known := b.index[job.Name]; known != nil {
		known.planned = planned
		return
	}
	added := &jobEntry{job: job, planned: planned, targets: map[string]entry{}}
	b.jobs, b.index[job.Name] = append(b.jobs, added), added
}

// Add adds what was decided about a target, with its facts if it is evaluated. A target that is added again, as
// evaluation settles what was pending, replaces itself.
func (b *Builder) Add(t Target, d Decision, f *Facts) {
	if b.index[t.Job.Name] == nil {
		b.AddJob(t.Job, JobPlanned, "")
	}
	b.index[t.Job.Name].targets[strings.Join(t.Path, "\x00")] = entry{target: t, decision: d, facts: f}
}

// sorted are the job's targets in the order of their paths.
func (j *jobEntry) sorted() []entry {
	list := make([]entry, 0, len(j.targets))
	for _, e := range j.targets {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b entry) int { return slices.Compare(a.target.Path, b.target.Path) })
	return list
}

// Plan is what has been decided so far, and every problem with it, sorted. The warnings among them are in the
// Plan as well.
func (b *Builder) Plan() (*Plan, []diag.Diagnostic) {
	p := &Plan{
		SchemaVersion: SchemaVersion, Jobs: []PlannedJob{}, Checks: []PlannedCheck{}, Pending: []PendingTarget{},
		Skipped: []SkippedTarget{}, Warnings: []diag.Diagnostic{},
	}
	var all []entry
	for _, job := range b.jobs {
		p.Jobs = append(p.Jobs, job.planned)
		entries := job.sorted()
		for _, e := range entries {
			p.add(e)
		}
		all = append(all, entries...)
	}
	problems := b.problems(all)
	for _, problem := range problems {
		if problem.Severity == diag.Warning {
			p.Warnings = append(p.Warnings, problem)
		}
	}
	return p, problems
}

func (p *Plan) add(e entry) {
	d, place, by := e.decision, placeOf(e.target), e.decision.Position.String()
	switch d.Kind {
	case Selected:
		check := PlannedCheck{Place: place, Name: d.Name, Title: d.Title, DecidedBy: by}
		if e.facts != nil && e.facts.Err != nil {
			check.Error = e.facts.Err.Message
		} else if e.facts != nil {
			check.DrvPath = e.facts.Drv.Path
		}
		p.Checks = append(p.Checks, check)
	case Skipped:
		p.Skipped = append(p.Skipped, SkippedTarget{Place: place, Reason: d.Reason, DecidedBy: by})
	case Pending:
		p.Pending = append(p.Pending, PendingTarget{Place: place, Name: d.Name, Reason: d.Reason, DecidedBy: by})
	}
}

// problems are all that is wrong with the decisions.
func (b *Builder) problems(all []entry) []diag.Diagnostic {
	problems := duplicates(all)
	problems = append(problems, b.tooMany(all)...)
	for _, e := range all {
		if e.decision.Kind == Invalid {
			problems = append(problems, e.decision.Diagnostic())
		}
	}
	for _, job := range b.jobs {
		problems = append(problems, job.problems()...)
	}
	return diag.Sort(problems)
}
