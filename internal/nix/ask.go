package nix

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// question is what a pool is asked: steps about a flake attribute.
type question struct {
	flake     Flake
	flakeAttr []string
	steps     []Step
	timeout   time.Duration // 0 is none
	oneTarget bool          // the steps are about one target, which the timeout is for; else it is for each step
}

// timeoutError says that a target took too long.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("evaluation took longer than %s (evaluation.timeout)", e.after)
}

// ask has every step answered. A step at which an evaluator dies, or takes too long, has that as its answer; the
// error says that nothing could be asked.
func (p *Pool) ask(ctx context.Context, q question) ([]Answer, error) {
	select {
	case p.places <- struct{}{}:
		defer func() { <-p.places }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	a := asking{pool: p, question: q}
	for len(q.steps) > len(a.answers) {
		if err := a.next(ctx); err != nil {
			return nil, err
		}
	}
	for _, answer := range a.answers {
		p.explain(answer.Err)
	}
	return a.answers, nil
}

// asking is a question half answered.
type asking struct {
	pool *Pool
	question
	answers []Answer
	alone   bool // the next step gets an evaluator of its own
	deaths  int  // steps that were blamed for one
}

// next puts the steps that are left to one evaluator, and blames the step that it does not get past. A death is
// blamed on a step only where the evaluator had done nothing before, because it may have had its fill from others.
func (a *asking) next(ctx context.Context) error {
	q := a.question
	q.steps = q.steps[len(a.answers):]
	got, fresh, err := a.pool.attempt(ctx, q, a.alone)
	a.answers = append(a.answers, got...)
	if err == nil {
		return nil
	}
	a.alone = false
	late, death := blamable(err)
	switch {
	case late != nil && a.oneTarget:
		a.refuse(len(q.steps)-len(got), &plan.EvalError{Message: late.Error()})
	case late != nil && len(got) == 0:
		a.refuse(1, &plan.EvalError{Message: late.Error()})
	case late != nil: // the time went to the steps before it
	case death != nil && (len(got) > 0 || !fresh):
		a.alone = true
	case death != nil:
		a.deaths++
		if a.oneTarget && a.deaths > 1 {
			a.refuse(len(q.steps), death.EvalError)
			return nil
		}
		a.refuse(1, death.EvalError)
	default:
		return err
	}
	return nil //nolint:nilerr // the error has become the answer of the steps it hit
}

// refuse answers the next steps with an error.
func (a *asking) refuse(count int, err *plan.EvalError) {
	for range count {
		own := *err
		a.answers = append(a.answers, Answer{Err: &own})
	}
}

// explain adds to an error what only we know.
func (p *Pool) explain(e *plan.EvalError) {
	if e == nil || p.options.MaxMemory <= 0 || !outOfMemory(e) {
		return
	}
	e.Message = fmt.Sprintf("out of memory: it needs more than the %d MiB that a worker may take (evaluation.max_memory)", p.options.MaxMemory>>20)
}

func outOfMemory(e *plan.EvalError) bool {
	return strings.HasPrefix(e.Message, "out of memory") || strings.Contains(e.Message, "std::bad_alloc")
}
