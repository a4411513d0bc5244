package report

import "github.com/nixbuild/nixbuild-checks/internal/api"

// Outcome is the one final state of a check.
type Outcome string

// The outcomes, in the order a check can reach them.
const (
	Planned          Outcome = "planned"
	Skipped          Outcome = "skipped"
	Submitted        Outcome = "submitted"
	Succeeded        Outcome = "succeeded"
	Failed           Outcome = "failed"
	DependencyFailed Outcome = "dependency_failed"
	EvalFailed       Outcome = "eval_failed"
	UploadFailed     Outcome = "upload_failed"
	SubmitFailed     Outcome = "submit_failed"
	Cancelled        Outcome = "cancelled"
)

// outcomes is the order in which they are counted in summaries: bad ones first.
var outcomes = []Outcome{
	Failed, DependencyFailed, EvalFailed, UploadFailed, SubmitFailed, Cancelled,
	Succeeded, Submitted, Planned, Skipped,
}

// Good tells whether the outcome leaves the run's exit code at 0. An outcome nobody has heard of is not good.
func (o Outcome) Good() bool {
	switch o {
	case Planned, Skipped, Submitted, Succeeded:
		return true
	case Failed, DependencyFailed, EvalFailed, UploadFailed, SubmitFailed, Cancelled:
		return false
	}
	return false
}

// words is the outcome as prose.
func (o Outcome) words() string {
	switch o {
	case DependencyFailed:
		return "dependency failed"
	case EvalFailed:
		return "evaluation failed"
	case UploadFailed:
		return "upload failed"
	case SubmitFailed:
		return "submit failed"
	case Planned, Skipped, Submitted, Succeeded, Failed, Cancelled:
	}
	return string(o)
}

// OutcomeOf is the outcome that a process's status means for its check.
func OutcomeOf(p api.Process) Outcome {
	switch {
	case !p.Status.Final():
		return Submitted
	case p.Status == api.Built:
		return Succeeded
	case p.Status == api.Cancelled:
		return Cancelled
	case p.FailedDependency != "":
		return DependencyFailed
	}
	return Failed
}
