package pipeline

import (
	"fmt"
	"sync"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// names keeps the names of a run's checks unique. Those known before evaluation were checked with the plan;
// the late ones are settled once all are decided, and only then may their checks be submitted.
type names struct {
	settled chan struct{}
	max     int
	mu      sync.Mutex
	holders map[string][]*Item
	count   int
}

func newNames(items []*Item, max int) *names {
	n := &names{settled: make(chan struct{}), max: max, holders: map[string][]*Item{}}
	for _, item := range items {
		if item.Decision.Kind == plan.Selected {
			n.hold(item)
		}
	}
	return n
}

func (n *names) hold(item *Item) {
	n.holders[item.Decision.Name] = append(n.holders[item.Decision.Name], item)
	n.count++
}

// take notes the name of a late item that has just got it.
func (n *names) take(item *Item) {
	if !item.Late {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hold(item)
}

// settle says that no more names will come.
func (n *names) settle() {
	select {
	case <-n.settled:
	default:
		close(n.settled)
	}
}

// conflict tells why a late item must not be submitted; nil if it may. It is asked after settle.
func (n *names) conflict(item *Item) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.max > 0 && n.count > n.max {
		return fmt.Errorf("the run has %d checks, more than max_checks: %d allows", n.count, n.max)
	}
	for _, other := range n.holders[item.Decision.Name] {
		if other != item {
			return fmt.Errorf("the name %q is also that of %s (%s): GitHub shows only the newest check of a name",
				item.Decision.Name, other.Target.FullAttr(), other.Decision.Position)
		}
	}
	return nil
}

// admit passes items on to be submitted: at once where the name was known from the start, else when all names
// are known.
func (r *run) admit(uploaded <-chan *Item) <-chan *Item {
	admitted := make(chan *Item)
	go func() {
		defer close(admitted)
		var held []*Item
		for item := range uploaded {
			if item.Late {
				held = append(held, item)
				continue
			}
			admitted <- item
		}
		<-r.names.settled
		for _, item := range held {
			if err := r.names.conflict(item); err != nil {
				item.passed(Submit, 0, 0, err)
				continue
			}
			admitted <- item
		}
	}()
	return admitted
}
