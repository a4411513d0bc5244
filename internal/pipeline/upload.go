package pipeline

import (
	"context"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
)

// maxBatch keeps the paths of one upload well below the limit of an argv.
const maxBatch = 1000

// closure is a .drv and what it refers to: the unit of uploads.
type closure struct {
	drvPath string
	first   *Item         // the check that brought it
	others  []*Item       // checks that wait for it, too
	result  *uploadResult // nil as long as it is under way
}

type uploadResult = engine.Result[*closure, struct{}]

// String is what progress calls the upload.
func (c *closure) String() string { return c.first.String() }

// upload sends the closures of all checks that wait to the destination, and gives out the items whose closure is
// there. Each closure is sent once, whatever comes of it, however many checks have it.
func (r *run) upload(ctx context.Context, checks <-chan *Item) <-chan *Item {
	closures, uploaded := make(chan *closure), make(chan *Item)
	stage := r.stage(Upload, r.options.UploadWorkers, r.options.UploadRetry)
	results := engine.Batch(ctx, stage, closures, maxBatch, func(ctx context.Context, batch []*closure) error {
		paths := make([]string, len(batch))
		for i, c := range batch {
			paths[i] = c.drvPath
		}
		return r.ports.Upload(ctx, paths)
	})
	go func() {
		defer close(uploaded)
		r.distribute(checks, closures, results, uploaded)
	}()
	return queue(uploaded)
}

// distribute brings checks and the results of their closures together, until all checks are answered.
func (r *run) distribute(checks <-chan *Item, closures chan<- *closure, results <-chan uploadResult, uploaded chan<- *Item) {
	known := map[string]*closure{}
	for results != nil {
		select {
		case item, ok := <-checks:
			if !ok {
				checks = nil
				close(closures)
				continue
			}
			path := item.Facts.Drv.Path
			switch c := known[path]; {
			case c == nil:
				known[path] = &closure{drvPath: path, first: item}
				closures <- known[path] // Batch never stops whoever feeds it
			case c.result == nil:
				c.others = append(c.others, item)
			default:
				r.share(item, c.result, uploaded)
			}
		case result, ok := <-results:
			if !ok {
				results = nil
				continue
			}
			c := result.Item
			c.result = &result
			c.first.uploadedWith(&result, uploaded)
			for _, item := range c.others {
				r.share(item, &result, uploaded)
			}
		}
	}
}

// share gives a check what became of another's upload. To observers it is an upload as well: they count checks.
func (r *run) share(item *Item, result *uploadResult, uploaded chan<- *Item) {
	if o := r.options.Observer; o != nil && result.Attempts > 0 {
		o.Observe(engine.Event{Stage: string(Upload), Kind: engine.Started, Item: item, Attempt: 1})
		o.Observe(engine.Event{
			Stage: string(Upload), Kind: engine.Finished, Item: item,
			Attempt: result.Attempts, Err: result.Err, Elapsed: result.Elapsed,
		})
	}
	item.uploadedWith(result, uploaded)
}

// uploadedWith notes how the upload of the item's closure went, and passes the item on if it is there.
func (i *Item) uploadedWith(result *uploadResult, uploaded chan<- *Item) {
	i.passed(Upload, result.Attempts, result.Elapsed, result.Err)
	if result.Err == nil {
		uploaded <- i
	}
}
