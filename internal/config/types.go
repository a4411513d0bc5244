// Package config turns the bytes of a .nixbuild-checks.yaml into a Config, or into the list of everything that is wrong with it.
package config

import (
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// Config is a whole file: valid, defaulted, its expressions compiled.
type Config struct {
	File                 string // as it was given, for messages
	MaxChecks            int
	EvalStore            EvalStore
	Destination          Destination
	OnMissingCredentials string // fail | plan | plan-on-forks
	Jobs                 []*Job // in the order of the file
	Unsupported          []Unsupported
}

// EvalStore is where evaluation writes .drv files. Path "" is the default of the place the run happens in.
type EvalStore struct {
	Path  string
	Tmpfs bool
}

// Destination is where builds go. Empty fields mean: as the environment has it.
type Destination struct {
	Store    string
	API      string
	Upload   string // auto | protocol | nix-copy
	TokenEnv string // name of the environment variable that holds the token for this destination
	Position diag.Position
}

// Job is one job after defaults.
type Job struct {
	Name                string
	Description         string
	If                  *Expr // nil: always part of the run
	Flake               string
	FlakeAttr           string
	FlakeAttrPath       []string // FlakeAttr taken apart
	Depth               int
	Select              []string // attribute path below a target; empty: the target itself
	Systems             []string // empty: all
	Filter              *Expr    // nil: all
	Label               *Expr    // nil: the attribute itself
	Title               *Expr    // nil: "Build FLAKE_ATTR.ATTR"
	Rules               []Rule
	AllowEmpty          bool
	NixArgs             []string
	PreEvaluationScript string
	Concurrency         Concurrency
	Evaluation          Evaluation
	Retry               Retry
	Position            diag.Position // of the job's name
	SystemsPosition     diag.Position
}

// Expr is a compiled expression and where it stands.
type Expr struct {
	*rule.Rule
	Position diag.Position
}

// Rule is one of a job's rules: when When holds, it skips the target or names the check. Exactly one of Skip
// and Label/Title is set.
type Rule struct {
	When     *Expr
	Skip     string
	Label    *Expr
	Title    *Expr
	Position diag.Position
}

// Concurrency is a job's share of the machine. 0 means auto.
type Concurrency struct {
	EvaluationWorkers    int
	DerivationsPerWorker int
	UploadWorkers        int
	SubmitWorkers        int
}

// Evaluation limits what one target may cost. MaxMemory is in bytes per worker, 0 means auto.
type Evaluation struct {
	Timeout   time.Duration
	MaxMemory int64
}

// Retry is a job's policy for work that may be tried again.
type Retry struct {
	MaxAttempts     int
	InitialInterval time.Duration
	MaxInterval     time.Duration
	MaxElapsedTime  time.Duration
}

// Unsupported is a field that is valid but whose effect this version does not have.
type Unsupported struct {
	Field    string
	Position diag.Position
}
