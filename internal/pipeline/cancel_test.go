package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// Wherever a run is when it is cancelled, nothing starts afterwards, and all items are answered.
func TestCancelled(t *testing.T) {
	for _, at := range []pipeline.Stage{pipeline.Evaluate, pipeline.Upload, pipeline.Submit, pipeline.Build} {
		t.Run(string(at), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				ctx, cancel := context.WithCancel(t.Context())
				w.hook = func(ctx context.Context, stage pipeline.Stage, _ string) {
					if stage == at {
						<-ctx.Done()
					}
				}
				var names []string
				for i := range 80 {
					names = append(names, fmt.Sprint("n", i))
				}
				d := w.draft(t, names, job(t, "early", "", "", ""), job(t, "late", lateLabel, "", ""))
				done := make(chan struct{})
				go func() {
					defer close(done)
					pipeline.Run(ctx, d, w.ports(), options(w, 2))
				}()
				synctest.Wait() // until all that can go on hangs at that stage
				before := maps.Clone(w.calls)
				assert.NotEmpty(t, only(before, string(at)))
				cancel()
				<-done
				if at == pipeline.Upload { // the rest of a batch that had begun
					before, w.calls = withoutUploads(before), withoutUploads(w.calls)
				}
				assert.Equal(t, before, w.calls)
				for what, end := range outcomes(d) {
					assert.Equal(t, "cancelled", end, what)
				}
			})
		})
	}
}

func withoutUploads(calls map[string]int) map[string]int {
	rest := maps.Clone(calls)
	maps.DeleteFunc(rest, func(what string, _ int) bool { return strings.HasPrefix(what, string(pipeline.Upload)) })
	return rest
}

// Nothing of a run that is cancelled from the start is begun.
func TestCancelledBefore(t *testing.T) {
	w := newWorld()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := w.draft(t, []string{"a", "b"}, job(t, "j", "", "", ""))
	pipeline.Run(ctx, d, w.ports(), options(w, 2))
	assert.Empty(t, w.calls)
	assert.Equal(t, map[string]string{"j a": "cancelled", "j b": "cancelled"}, outcomes(d))
}

// What is in flight has the grace to end; a build that is waited for does not.
func TestGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ctx, cancel := context.WithCancel(t.Context())
		ports := w.ports()
		ports.Submit = func(ctx context.Context, u plan.Uploaded) ([]byte, error) {
			if u.Name == "waits" {
				return w.submit(ctx, u)
			}
			select {
			case <-time.After(3 * time.Second):
				return []byte("x"), nil
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}
		ports.Wait = func(ctx context.Context, _ plan.Submission) (api.Process, error) {
			<-ctx.Done()
			return api.Process{}, context.Cause(ctx)
		}
		o := options(w, 2)
		o.Grace = 5 * time.Second
		d := w.draft(t, []string{"waits", "ends"}, job(t, "j", "", "", ""))
		begin := time.Now()
		time.AfterFunc(time.Second, cancel)
		pipeline.Run(ctx, d, ports, o)
		assert.Equal(t, 3*time.Second, time.Since(begin), "as long as the submission took")
		for _, item := range d.Items {
			assert.True(t, item.Cancelled())
			assert.NotEmpty(t, item.Answer, "both were submitted")
		}
	})
}

// A build that is known to have ended is no cancelled one, even if the run was cancelled meanwhile.
func TestBuildEndsAsTheRunIsCancelled(t *testing.T) {
	w := newWorld()
	ctx, cancel := context.WithCancel(t.Context())
	ports := w.ports()
	ports.Wait = func(context.Context, plan.Submission) (api.Process, error) {
		cancel()
		return api.Process{Status: api.BuildFailed, Message: "exit 1"}, nil
	}
	d := w.draft(t, []string{"a"}, job(t, "j", "", "", ""))
	pipeline.Run(ctx, d, ports, options(w, 1))
	assert.Equal(t, map[string]string{"j a": "build_failed"}, outcomes(d))
}

// One job that is told to wait holds up no other.
func TestSlowJobHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ports := w.ports()
		ports.Submit = func(ctx context.Context, u plan.Uploaded) ([]byte, error) {
			if u.Job.Name == "slow" {
				select {
				case <-time.After(time.Hour):
				case <-ctx.Done():
				}
			}
			return w.submit(ctx, u)
		}
		var names []string
		for i := range 30 {
			names = append(names, fmt.Sprint("n", i))
		}
		d := w.draft(t, names, job(t, "slow", `"slow " + attr`, "", ""), job(t, "quick", `"quick " + attr`, "", ""))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			pipeline.Run(ctx, d, ports, options(w, 1))
		}()
		synctest.Wait()
		assert.Equal(t, 30, w.count(pipeline.Submit), "all of the quick job's")
		cancel()
		<-done
		for _, item := range d.Items {
			assert.Equal(t, item.Target.Job.Name == "slow", item.Cancelled(), item)
		}
	})
}

// Retries go by the policy of the job, or of the uploads.
func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ports := w.ports()
		failures := 0
		ports.Submit = func(ctx context.Context, u plan.Uploaded) ([]byte, error) {
			if failures++; failures < 3 {
				return nil, engine.Transient(errFake)
			}
			return w.submit(ctx, u)
		}
		j := job(t, "j", "", "", "")
		j.Retry.MaxAttempts = 3
		d := w.draft(t, []string{"a"}, j)
		pipeline.Run(t.Context(), d, ports, options(w, 1))
		assert.Equal(t, 3, d.Items[0].Attempts[pipeline.Submit])
		assert.Equal(t, 1, d.Items[0].Attempts[pipeline.Upload])
		assert.Positive(t, d.Items[0].Elapsed[pipeline.Submit])
		assert.Equal(t, "built", outcome(d.Items[0]))
	})
}
