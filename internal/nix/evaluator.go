package nix

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// Step is one Nix expression about the value of a flake attribute, which it calls `root`. Its answer is a JSON value.
type Step string

// Answer is what Nix said to a Step: a JSON value or an error.
type Answer struct {
	JSON json.RawMessage
	Err  *plan.EvalError
}

// evaluator answers steps about one flake. It is used by one goroutine at a time.
type evaluator interface {
	// ask puts steps one after another; an error in one does not cost another. The error is a *deathError
	// when the process ended, and the cause of ctx when it had to be ended; the answers up to there are
	// returned with it, and the evaluator is of no further use.
	ask(ctx context.Context, flakeAttr []string, steps []Step) ([]Answer, error)
	// memory is the resident memory of the evaluator's process in bytes, 0 if it has none.
	memory() int64
	close()
}

// deathError says that an evaluator ended while it was at a step, and its last words.
type deathError struct{ *plan.EvalError }

func died(format string, args ...any) *deathError {
	return &deathError{&plan.EvalError{Message: fmt.Sprintf(format, args...)}}
}

// Flake is what a pool evaluates: a flake reference as nix takes it, and the user's nix_args.
type Flake struct {
	Ref  string
	Args []string
}

func (f Flake) equal(other Flake) bool { return f.Ref == other.Ref && slices.Equal(f.Args, other.Args) }

// Style is the way an installation can be asked questions.
type Style string

// Repl asks many steps of one process; Slices starts a `nix eval` for as many steps as go well.
const (
	Repl   Style = "repl"
	Slices Style = "slices"
)

// evaluatorDelay is shorter than killDelay: an evaluator has nothing to tidy up, and Nix does not hear of signals
// while it is in a loop of its own.
const evaluatorDelay = 300 * time.Millisecond

// evaluation is what every evaluation is told: no answers of earlier runs, and all of an error's trace, since only
// that tells where a throw stands.
var evaluation = []string{"--option", "eval-cache", "false", "--log-format", "internal-json", "--show-trace", "--no-write-lock-file"}

// Probe finds out by trying which way of asking this installation has. Nix 2.8's repl, for one, is never pure.
// It also has Nix initialise its store, which several evaluators at once might trip over.
func (n *Nix) Probe(ctx context.Context) (Style, error) {
	cmd := n.Command(ctx, "nix", "repl", "--option", "pure-eval", "true", "--log-format", "internal-json")
	r, err := startRepl(cmd)
	if err != nil {
		return "", err
	}
	defer r.close()
	answers, err := r.put(ctx, "null", []Step{"builtins ? currentSystem"})
	if cause := context.Cause(ctx); cause != nil {
		return "", cause
	}
	if err == nil && answers[0].Err == nil && string(answers[0].JSON) == "false" {
		return Repl, nil
	}
	return Slices, nil
}

// evaluator starts an evaluator of a flake. maxMemory bounds its heap in bytes, 0 leaves it unbounded.
func (n *Nix) evaluator(ctx context.Context, style Style, f Flake, maxMemory int64) (evaluator, error) {
	switch style {
	case Repl:
		dir, ref := f.place()
		args := slices.Concat([]string{"repl", "--option", "pure-eval", "true"}, evaluation, f.Args, []string{ref})
		cmd := n.Command(ctx, "nix", args...)
		cmd.Dir = dir
		limitHeap(cmd, maxMemory)
		return startRepl(cmd)
	case Slices:
		return &sliced{nix: n, flake: f, maxMemory: maxMemory, token: rand.Text()}, nil
	}
	return nil, fmt.Errorf("unknown style of evaluation %q", style)
}
