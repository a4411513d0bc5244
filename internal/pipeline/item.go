package pipeline

import (
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// Stage is a station of a run. Their names are those of the results file.
type Stage string

// The stages, in their order.
const (
	Evaluate Stage = "evaluate"
	Upload   Stage = "upload"
	Submit   Stage = "submit"
	Build    Stage = "build"
)

// Item is a target on its way through a run, and in the end what became of it. One stage at a time owns it.
type Item struct {
	Target   plan.Target
	Decision plan.Decision
	Late     bool // its name was not known before evaluation
	Facts    *plan.Facts
	Reached  Stage // the last stage that took it up; "" if none did
	Err      error // why it ended at Reached; nil if it went well
	Answer   []byte
	Process  *api.Process
	Attempts map[Stage]int
	Elapsed  map[Stage]time.Duration
}

// check is the item as the next link of the chain, once it is selected and evaluated.
func (i *Item) check() plan.Check {
	return plan.Check{
		Evaluated: plan.Evaluated{Target: i.Target, Facts: i.Facts},
		Name:      i.Decision.Name, Title: i.Decision.Title,
	}
}

// Cancelled tells whether the item was cut short by the end of the run.
func (i *Item) Cancelled() bool { return i.Err != nil && engine.Cancelled(i.Err) }

// String is what progress calls the item.
func (i *Item) String() string {
	if i.Decision.Name != "" {
		return i.Decision.Name
	}
	return i.Target.FullAttr()
}

// passed notes how a stage went.
func (i *Item) passed(s Stage, attempts int, elapsed time.Duration, err error) {
	if i.Attempts == nil {
		i.Attempts, i.Elapsed = map[Stage]int{}, map[Stage]time.Duration{}
	}
	i.Reached, i.Err = s, err
	i.Attempts[s] += attempts
	i.Elapsed[s] += elapsed
}

// uploaded is the item as a later link of the chain.
func (i *Item) uploaded() plan.Uploaded { return plan.Uploaded{Check: i.check()} }
