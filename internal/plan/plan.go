package plan

import "github.com/nixbuild/nixbuild-checks/internal/diag"

// SchemaVersion is the version of a Plan's JSON.
const SchemaVersion = 1

// Plan is what a run is going to do, and why, as data. Its lists are never nil.
type Plan struct {
	SchemaVersion int               `json:"schema_version"`
	Jobs          []PlannedJob      `json:"jobs"`
	Checks        []PlannedCheck    `json:"checks"`
	Pending       []PendingTarget   `json:"pending"`
	Skipped       []SkippedTarget   `json:"skipped"`
	Warnings      []diag.Diagnostic `json:"warnings"`
}

// JobState is what becomes of a job.
type JobState string

// The states of a planned job.
const (
	JobPlanned     JobState = "planned"
	JobNotSelected JobState = "not_selected"
	JobFailed      JobState = "failed"
)

// PlannedJob is a job and what becomes of it. Reason is set where it is not planned.
type PlannedJob struct {
	Job    string   `json:"job"`
	State  JobState `json:"state"`
	Reason string   `json:"reason,omitempty"`
}

// Place is where a target is.
type Place struct {
	Job       string   `json:"job"`
	FlakeAttr string   `json:"flake_attr"`
	Attr      string   `json:"attr"`
	Path      []string `json:"path"`
	System    string   `json:"system"`
}

// PlannedCheck is a selected target: one Check Run. DrvPath and Error are known only after evaluation.
type PlannedCheck struct {
	Place
	Name      string `json:"name"`
	Title     string `json:"title"`
	DecidedBy string `json:"decided_by"`
	DrvPath   string `json:"drv_path,omitempty"`
	Error     string `json:"error,omitempty"`
}

// PendingTarget is one that evaluation decides about.
type PendingTarget struct {
	Place
	Name      string `json:"name,omitempty"`
	Reason    string `json:"reason"`
	DecidedBy string `json:"decided_by"`
}

// SkippedTarget is one that is not built.
type SkippedTarget struct {
	Place
	Reason    string `json:"reason"`
	DecidedBy string `json:"decided_by"`
}

func placeOf(t Target) Place {
	return Place{
		Job: t.Job.Name, FlakeAttr: t.Job.FlakeAttr, Attr: t.Attr(), Path: append([]string{}, t.Path...), System: t.System,
	}
}
