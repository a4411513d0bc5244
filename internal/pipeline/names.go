package pipeline

import (
	"fmt"
	"slices"
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

// release frees the name of an item that turned out not to be a check.
func (n *names) release(item *Item) {
	if item.Late {
		return // it never took one
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	name := item.Decision.Name
	n.holders[name] = slices.DeleteFunc(n.holders[name], func(other *Item) bool { return other == item })
	n.count--
}

// settle says that no more names will come.
func (n *names) settle() { close(n.settled) }

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

// admit passes items on to be submitted: at once where the name was known from the start, else as soon as all names
// are known.
func (r *run) admit(uploaded <-chan *Item) <-chan *Item {
	admitted := make(chan *Item)
	go func() {
		defer close(admitted)
		var held []*Item
		settled := r.names.settled
		for uploaded != nil || settled != nil {
			select {
			case item, ok := <-uploaded:
				switch {
				case !ok:
					uploaded = nil
				case item.Late && settled != nil:
					held = append(held, item)
				default:
					r.enter(item, admitted)
				}
			case <-settled:
				settled = nil
				for _, item := range held {
					r.enter(item, admitted)
				}
			}
		}
	}()
	return admitted
}

// enter passes on an item whose name is its own.
func (r *run) enter(item *Item, admitted chan<- *Item) {
	if item.Late {
		if err := r.names.conflict(item); err != nil {
			item.passed(Submit, 0, 0, err)
			return
		}
	}
	admitted <- item
}
