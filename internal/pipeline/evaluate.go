package pipeline

import (
	"context"
	"errors"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// evaluate has every attribute evaluated that some job still wants, and gives out the items that are checks.
func (r *run) evaluate(ctx context.Context, attributes []*Attribute) <-chan *Item {
	var wanted []*Attribute
	for _, a := range attributes {
		if a.wanted() {
			wanted = append(wanted, a)
		}
	}
	results := engine.Each(ctx, r.stage(Evaluate, r.options.EvaluationWorkers, engine.Retry{}), feed(wanted), r.facts)
	checks := make(chan *Item)
	go func() {
		defer close(checks)
		defer r.names.settle()
		for result := range results {
			for _, item := range result.Item.items {
				if item.open() && item.evaluated(result) && r.fit(item) {
					r.names.take(item)
					checks <- item
				}
			}
		}
	}()
	return checks
}

// facts evaluates one attribute. Facts that tell of a failure are an error to observers.
func (r *run) facts(ctx context.Context, a *Attribute) (*plan.Facts, error) {
	facts, err := r.ports.Evaluate(ctx, a)
	if err == nil && facts.Err != nil {
		return nil, &noDerivationError{facts}
	}
	return facts, err
}

// noDerivationError is what evaluation told of an attribute that is no derivation, or throws.
type noDerivationError struct{ *plan.Facts }

func (e *noDerivationError) Error() string { return e.Err.Message }

// fit skips a check whose system was not known before evaluation and which the destination cannot build.
func (r *run) fit(item *Item) bool {
	if r.ports.Unfit == nil {
		return true
	}
	reason := r.ports.Unfit(item.Facts.Drv.System)
	if reason == "" {
		return true
	}
	r.names.release(item)
	facts := item.Facts
	item.Skip(reason)
	item.Facts = facts
	return false
}

func (a *Attribute) wanted() bool {
	for _, item := range a.items {
		if item.open() {
			return true
		}
	}
	return false
}

// open tells whether an item is still on its way: neither skipped, nor invalid, nor failed.
func (i *Item) open() bool {
	return i.Err == nil && (i.Decision.Kind == plan.Selected || i.Decision.Kind == plan.Pending)
}

// evaluated decides about an item with what evaluation told, and tells whether it is a check now.
func (i *Item) evaluated(result engine.Result[*Attribute, *plan.Facts]) bool {
	if failed, ok := errors.AsType[*noDerivationError](result.Err); ok {
		result.Value, result.Err = failed.Facts, nil
	}
	if result.Err != nil {
		i.passed(Evaluate, result.Attempts, result.Elapsed, result.Err)
		return false
	}
	i.Facts = result.Value
	i.Decision = plan.Decide(i.Target, i.Facts)
	i.passed(Evaluate, result.Attempts, result.Elapsed, nil)
	if i.Decision.Kind == plan.Selected && i.Facts.Err != nil {
		i.Err = i.Facts.Err
	}
	return i.open()
}
