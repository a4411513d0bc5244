// Package report shows what a run plans, does and has done: on a terminal, in a CI log, as Markdown and as JSON.
package report

import (
	"encoding/json"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// SchemaVersion is that of the results file. It changes when a field changes its meaning or goes away.
const SchemaVersion = 1

// Results is all that a run has to tell, as --results and --format json give it.
type Results struct {
	SchemaVersion int              `json:"schema_version"`
	NixVersion    string           `json:"nix_version"`
	StartedAt     time.Time        `json:"started_at"`
	FinishedAt    time.Time        `json:"finished_at"`
	Phases        []Phase          `json:"phases"`
	Store         map[string]int64 `json:"store,omitempty"` // sizes of the eval store in bytes
	Jobs          []JobResult      `json:"jobs"`
	Checks        []CheckResult    `json:"checks"`
}

// Phase is a stretch of the run and how long it took. Phases overlap.
type Phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// JobState is the one final state of a job.
type JobState string

// The states of a job. JobFailed means that the job as a whole could not do its work (its flake did not load, say);
// checks that fail leave their job JobRan.
const (
	JobRan         JobState = "ran"
	JobNotSelected JobState = "not_selected"
	JobFailed      JobState = "failed"
)

// JobResult is what became of a job.
type JobResult struct {
	Job   string   `json:"job"`
	State JobState `json:"state"`
	Error string   `json:"error,omitempty"`
}

// CheckResult is what became of a check, or of a target that was skipped or failed before it was one.
type CheckResult struct {
	Job       string            `json:"job"`
	FlakeAttr string            `json:"flake_attr"`
	Attr      string            `json:"attr"`
	Path      []string          `json:"path"`
	System    string            `json:"system"`
	Name      string            `json:"name,omitempty"`
	Title     string            `json:"title,omitempty"`
	Outcome   Outcome           `json:"outcome"`
	Reason    string            `json:"reason,omitempty"` // of a skipped one
	DrvPath   string            `json:"drv_path,omitempty"`
	DrvName   string            `json:"drv_name,omitempty"`
	Outputs   map[string]string `json:"outputs,omitempty"` // name to store path
	Error     *CheckError       `json:"error,omitempty"`
	Process   json.RawMessage   `json:"process,omitempty"` // the API's answer, as it came
	Build     *Build            `json:"build,omitempty"`
	Attempts  Attempts          `json:"attempts"`
	Seconds   Seconds           `json:"seconds"`
}

// CheckError is why a check failed. Stage is evaluate, upload, submit or build; the position is the one that Nix named.
type CheckError struct {
	Stage   string `json:"stage"`
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Trace   string `json:"trace,omitempty"`
}

// Build is what is known of a build that was waited for. Derivations counts those really built for the check, its
// dependencies included; 0 of a succeeded check means that everything was there already.
type Build struct {
	Derivations      int      `json:"derivations"`
	FailedDependency string   `json:"failed_dependency,omitempty"` // a .drv path
	LogFile          string   `json:"log_file,omitempty"`
	LogTail          []string `json:"log_tail,omitempty"`
}

// Attempts is how often each stage was tried.
type Attempts struct {
	Evaluate int `json:"evaluate,omitempty"`
	Upload   int `json:"upload,omitempty"`
	Submit   int `json:"submit,omitempty"`
}

// Seconds is how long each stage took, its waiting between attempts included.
type Seconds struct {
	Evaluate float64 `json:"evaluate,omitempty"`
	Upload   float64 `json:"upload,omitempty"`
	Submit   float64 `json:"submit,omitempty"`
	Build    float64 `json:"build,omitempty"`
}

func (s Seconds) total() float64 { return s.Evaluate + s.Upload + s.Submit + s.Build }

// Good tells whether all is well: every check reached a good outcome and no job failed.
func (r Results) Good() bool {
	for _, j := range r.Jobs {
		if j.State == JobFailed {
			return false
		}
	}
	for _, c := range r.Checks {
		if !c.Outcome.Good() {
			return false
		}
	}
	return true
}

// FromTarget is the result of a target of which nothing is known yet but that it is planned.
func FromTarget(t plan.Target) CheckResult {
	return CheckResult{
		Job:       t.Job.Name,
		FlakeAttr: t.Job.FlakeAttr,
		Attr:      t.Attr(),
		Path:      t.Path,
		System:    t.System,
		Outcome:   Planned,
	}
}

// FromEvaluated adds to FromTarget what evaluation told. A target that failed to evaluate is EvalFailed.
func FromEvaluated(e plan.Evaluated) CheckResult {
	c := FromTarget(e.Target)
	if e.Facts == nil {
		return c
	}
	c.DrvPath, c.DrvName, c.Outputs = e.Facts.Drv.Path, e.Facts.Drv.Name, e.Facts.Outputs
	if c.System == "" {
		c.System = e.Facts.Drv.System
	}
	if failure := e.Facts.Err; failure != nil {
		c.Outcome = EvalFailed
		c.Error = &CheckError{
			Stage: "evaluate", Message: failure.Message, File: failure.File,
			Line: failure.Line, Column: failure.Column, Trace: failure.Trace,
		}
	}
	return c
}

// FromCheck adds to FromEvaluated what the rules chose.
func FromCheck(check plan.Check) CheckResult {
	c := FromEvaluated(check.Evaluated)
	c.Name, c.Title = check.Name, check.Title
	return c
}

// SetProcess takes over what the destination tells of the check's build; raw is its answer as it came.
func (c *CheckResult) SetProcess(p api.Process, raw []byte) {
	c.Process = raw
	c.Outcome = OutcomeOf(p)
	if !p.Status.Final() {
		return
	}
	c.Build = &Build{
		Derivations: len(p.BuiltDerivations), FailedDependency: p.FailedDependency,
		LogFile: p.LogFile, LogTail: p.LogTail,
	}
	c.Seconds.Build = secondsBetween(p.StartTime, p.EndTime)
	if !c.Outcome.Good() {
		message := p.Message
		if message == "" {
			message = "the build ended as " + string(p.Status)
		}
		c.Error = &CheckError{Stage: "build", Message: message}
	}
}

func secondsBetween(start, end string) float64 {
	from, err1 := time.Parse(time.RFC3339, start)
	to, err2 := time.Parse(time.RFC3339, end)
	if err1 != nil || err2 != nil || to.Before(from) {
		return 0
	}
	return to.Sub(from).Seconds()
}

// label is what a check is called in a report: its name, or its attribute where the rules chose none yet.
func (c CheckResult) label() string {
	if c.Name != "" {
		return c.Name
	}
	return attribute(c.FlakeAttr, c.Attr)
}

func attribute(flakeAttr, attr string) string {
	if flakeAttr == "" || attr == "" {
		return flakeAttr + attr
	}
	return flakeAttr + "." + attr
}
