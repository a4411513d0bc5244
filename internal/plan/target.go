// Package plan decides what becomes of each target of a run, and holds the outcome as data.
package plan

import (
	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// Job is a configured job within the run of one event.
type Job struct {
	*config.Job
	Event rule.Event
}

// Target is one attribute below a job's flake_attr. Path holds the names below it, outermost first.
type Target struct {
	Job    *Job
	Path   []string
	System string // "" where no component looks like a system
}

// Facts are what evaluation tells of a target. Err is nil unless evaluation failed; what was learnt before it
// failed (meta keys) is there all the same. Outputs maps an output's name to its store path, "" where it is not known.
type Facts struct {
	Drv     rule.Drv
	Meta    rule.Meta
	Outputs map[string]string
	Err     *EvalError
}

// EvalError is why a target could not be evaluated: Nix's own words, without colour codes, and the place Nix names.
type EvalError struct {
	Message string
	File    string
	Line    int
	Column  int
	Trace   string
}

func (e *EvalError) Error() string { return e.Message }

// Evaluated is a target with its facts.
type Evaluated struct {
	Target
	Facts *Facts
}

// Check is an evaluated target that the rules selected: one planned Check Run.
type Check struct {
	Evaluated
	Name  string
	Title string
}

// Uploaded is a check whose .drv closure the destination has.
type Uploaded struct{ Check }

// Submission is a check whose build the destination has accepted. Answer is the API's, as it came.
type Submission struct {
	Uploaded
	Answer []byte
}
