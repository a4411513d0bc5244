package pipeline

import (
	"context"
	"sync"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// upload sends the closures of all checks that wait to the destination, each .drv once, and gives out the
// items whose closure is there.
func (r *run) upload(ctx context.Context, checks <-chan *Item) <-chan *Item {
	sent := &pathSet{paths: map[string]bool{}}
	stage := r.stage(Upload, r.options.UploadWorkers, r.options.UploadRetry)
	results := engine.Batch(ctx, stage, checks, maxBatch, func(ctx context.Context, batch []*Item) error {
		paths := sent.missing(batch)
		if len(paths) == 0 {
			return nil
		}
		if err := r.ports.Upload(ctx, paths); err != nil {
			return err
		}
		sent.add(paths)
		return nil
	})
	uploaded := make(chan *Item)
	go func() {
		defer close(uploaded)
		for result := range results {
			result.Item.passed(Upload, result.Attempts, result.Elapsed, result.Err)
			if result.Err == nil {
				uploaded <- result.Item
			}
		}
	}()
	return uploaded
}

// maxBatch keeps the paths of one upload well below the limit of an argv.
const maxBatch = 1000

// pathSet is the .drv paths that the destination is known to have.
type pathSet struct {
	mu    sync.Mutex
	paths map[string]bool
}

// missing are the paths of a batch that are not known to be there, each once.
func (s *pathSet) missing(batch []*Item) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var paths []string
	seen := map[string]bool{}
	for _, item := range batch {
		if path := item.Facts.Drv.Path; !s.paths[path] && !seen[path] {
			seen[path] = true
			paths = append(paths, path)
		}
	}
	return paths
}

func (s *pathSet) add(paths []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range paths {
		s.paths[path] = true
	}
}

// uploaded is the item as the next link of the chain.
func (i *Item) uploaded() plan.Uploaded { return plan.Uploaded{Check: i.check()} }
