package report

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// screen collects what a Progress writes; within a synctest bubble it is read after synctest.Wait.
type screen struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// take is what was written since the last take.
func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.b.String()
	s.b.Reset()
	return out
}

func expect(t *testing.T, s *screen, want string) {
	t.Helper()
	synctest.Wait()
	require.Empty(t, cmp.Diff(want, s.take()))
}

// pass lets time go by within a bubble, and all that is due then happen.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestProgressInALog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := NewProgress(&out, Options{})
		p.Stage("evaluate", 2)
		p.Stage("submit", 0)
		pass(2 * time.Second)
		p.Done("evaluate", "a", nil, time.Second)
		expect(t, &out, "")
		p.Done("evaluate", "b\x1b[2J\n", errors.New("error:\n  no \x1b[1mx\x1b[0m\n  at y"), 1500*time.Millisecond)
		expect(t, &out, "✗ evaluate 2/2 b\\n: error: no x (1.5s)\nevaluate 2/2 (1 failed) in 2s\n")
		p.Retrying("submit", "a", 1, errors.New("HTTP 503"), 2*time.Second)
		expect(t, &out, "↻ submit a: attempt 1: HTTP 503; again in 2s\n")
		p.Done("submit", "a", nil, 0)
		expect(t, &out, "✓ submit 1 a\n")
		p.Stage("submit", 1)
		expect(t, &out, "submit 1/1 (1 retry) in 2s\n")
		p.Note("%d%% of\n%s", 50, "\x1b]0;title\x07disk")
		p.Close()
		expect(t, &out, "50% of\\ndisk\n")
	})
}

func TestProgressHeartbeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := NewProgress(&out, Options{})
		pass(29 * time.Second)
		expect(t, &out, "")
		pass(time.Second)
		expect(t, &out, "… still working after 30s\n")

		p.Stage("evaluate", 5)
		pass(20 * time.Second)
		p.Note("something")
		expect(t, &out, "something\n")
		pass(29 * time.Second) // 49 s after the heartbeat, 29 s after the note
		expect(t, &out, "")
		p.Done("evaluate", "x", errors.New("no"), 0)
		out.take()
		pass(30 * time.Second)
		expect(t, &out, "… still working after 1m49s: evaluate 1/5 (1 failed)\n")
		pass(30 * time.Second)
		expect(t, &out, "… still working after 2m19s: evaluate 1/5 (1 failed)\n")

		p.Close()
		pass(time.Hour)
		expect(t, &out, "")
	})
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := NewProgress(&out, Options{Terminal: true, Width: 40})
		p.Stage("evaluate", 2)
		p.Stage("upload", 0)
		expect(t, &out, "")
		pass(100 * time.Millisecond)
		expect(t, &out, "… evaluate   0/2  0s\n… upload     0  0s\n")
		pass(500 * time.Millisecond)
		expect(t, &out, "") // nothing changed, nothing is written
		pass(400 * time.Millisecond)
		expect(t, &out, "\x1b[2A\r\x1b[J… evaluate   0/2  1s\n… upload     0  1s\n")

		p.Done("evaluate", "a", nil, time.Second)
		expect(t, &out, "")
		p.Note("locked the flake")
		expect(t, &out, "\x1b[2A\r\x1b[Jlocked the flake\n… evaluate   1/2  1s\n… upload     0  1s\n")
		p.Done("evaluate", "b", errors.New("no"), 0)
		expect(t, &out, "\x1b[2A\r\x1b[J✗ evaluate 2/2 b: no\n✗ evaluate   2/2 (1 failed)  1s\n… upload     0  1s\n")
		p.Done("upload", "a", nil, 0)
		pass(time.Minute)
		out.take()
		p.Close()
		p.Close()
		p.Note("too late")
		p.Done("upload", "z", errors.New("too late"), 0)
		expect(t, &out, "")
	})
}

func TestProgressShowsTheLastState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := NewProgress(&out, Options{Terminal: true, Color: true})
		p.Stage("build", 1)
		p.Done("build", "a", nil, 0)
		p.Close()
		expect(t, &out, "\x1b[32m✓\x1b[0m build      1/1  0s\n")
	})
}

func TestProgressLinesNeverWrap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := NewProgress(&out, Options{Terminal: true, Width: 16})
		p.Stage("生命生命生命生命生命\n", 1)
		p.Close()
		expect(t, &out, "… 生命生命生命…\n")
	})
}

func TestProgressQuiet(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var out screen
			p := NewProgress(&out, Options{Quiet: true, Terminal: terminal})
			p.Stage("build", 2)
			p.Done("build", "a", nil, time.Second)
			p.Retrying("build", "b", 1, nil, time.Second)
			pass(time.Minute)
			p.Done("build", "b", errors.New("no"), time.Second)
			p.Note("and this")
			p.Close()
			expect(t, &out, "✗ build 2/2 b: no (1.0s)\nand this\n")
		})
	}
}

func TestProgressIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var out screen
	p := NewProgress(&out, Options{Refresh: time.Microsecond, Terminal: true})
	const workers, items = 8, 50
	p.Stage("build", workers*items)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range items {
				p.Retrying("build", "x", 1, nil, 0)
				p.Done("build", "x", nil, 0)
			}
		})
	}
	wg.Wait()
	p.Close()
	require.Contains(t, lastOf(strings.Split(out.take(), "\n"), 2)[0], "400/400 (400 retries)")
}
