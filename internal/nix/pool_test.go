package nix

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// evaluateAll asks for checks n0, n1, … from as many goroutines as the pool has workers.
func evaluateAll(t *testing.T, p *Pool, f Flake, count int) []*plan.Facts {
	t.Helper()
	all := make([]*plan.Facts, count)
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range cap(p.places) {
		workers.Go(func() {
			for i := range numbers {
				got, err := p.Evaluate(t.Context(), Attribute{Flake: f, FlakeAttr: []string{"checks"}, Path: []string{fmt.Sprint("n", i)}})
				assert.NoError(t, err)
				all[i] = got
			}
		})
	}
	for i := range count {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
	return all
}

const numbered = `builtins.listToAttrs (builtins.genList (i: { name = "n${toString i}"; value = `

// A broken target costs no process.
func TestWorkersAreReused(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks = `+numbered+`if i == 3 || i == 7 || i == 11 then throw "broken" else drv "d"; }) 20); }`)
		wrapped, started := counted(t, n)
		p := newPool(t, wrapped, style, PoolOptions{Workers: 2})
		broken := 0
		for _, got := range evaluateAll(t, p, f, 20) {
			if got.Err != nil {
				broken++
			}
		}
		assert.Equal(t, 3, broken)
		if style == Repl {
			assert.LessOrEqual(t, len(started()), 2)
		}
	})
}

func TestWorkersAreRecycled(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		if style == Slices {
			t.Skip("has no process to recycle")
		}
		f := writeFlake(t, `{ checks = `+numbered+`drv "d"; }) 6); }`)
		wrapped, started := counted(t, n)
		p := newPool(t, wrapped, style, PoolOptions{Workers: 1, PerWorker: 2})
		evaluateAll(t, p, f, 6)
		assert.Len(t, started(), 3)
		assert.Empty(t, p.idle, "the last one has served its share, too")

		wrapped, started = counted(t, n)
		p = newPool(t, wrapped, style, PoolOptions{Workers: 1, MaxMemory: 24 << 20}) // less than a repl has from the start
		for _, got := range evaluateAll(t, p, f, 3) {
			assert.Nil(t, got.Err, "nobody is blamed")
		}
		assert.Len(t, started(), 3)
	})
}

// Two flakes share a worker by turns; there are never more processes than workers.
func TestFlakesTakeTurns(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		a, b := writeFlake(t, `{ checks.a = drv "a"; }`), writeFlake(t, `{ checks.b = drv "b"; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		for range 2 {
			assert.Equal(t, "a", facts(t, p, a, "a").Drv.Name)
			assert.Len(t, p.idle, 1)
			assert.Equal(t, "b", facts(t, p, b, "b").Drv.Name)
			assert.Len(t, p.idle, 1)
		}
		assert.Zero(t, p.busy)
	})
}

// A worker that dies while nobody asks it, as when the kernel needs memory, is nobody's fault.
func TestWorkerDiesIdle(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		if style == Slices {
			t.Skip("has no idle process")
		}
		f := writeFlake(t, `{ checks.a = drv "a"; }`)
		p := newPool(t, n, style, PoolOptions{Workers: 1})
		assert.Nil(t, facts(t, p, f, "a").Err)
		idle, ok := p.idle[0].evaluator.(*repl)
		require.True(t, ok)
		require.NoError(t, idle.cmd.Process.Kill())
		assert.Nil(t, facts(t, p, f, "a").Err)
	})
}

func TestCancellationLeavesNothing(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		temp := t.TempDir()
		f := writeFlake(t, `{ checks.endless = `+endlessNix+`; }`)
		t.Setenv("TMPDIR", temp)
		fifo := filepath.Join(t.TempDir(), "pid")
		require.NoError(t, syscall.Mkfifo(fifo, 0o600))
		p := NewPool(wrap(t, n, fmt.Sprintf(`echo $$ > '%s'`, fifo)), style, PoolOptions{Workers: 1})
		ctx, cancel := context.WithCancelCause(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := p.Evaluate(ctx, Attribute{Flake: f, FlakeAttr: []string{"checks"}, Path: []string{"endless"}})
			failed <- err
		}()
		pid, err := os.ReadFile(fifo) // it has begun
		require.NoError(t, err)
		cancel(os.ErrClosed)
		require.ErrorIs(t, <-failed, os.ErrClosed)
		p.Close()

		number, err := strconv.Atoi(strings.TrimSpace(string(pid)))
		require.NoError(t, err)
		assert.ErrorIs(t, syscall.Kill(-number, 0), syscall.ESRCH, "its process group is gone")
		left, err := os.ReadDir(temp)
		require.NoError(t, err)
		assert.Empty(t, left)

		_, err = p.Evaluate(ctx, Attribute{Flake: f, FlakeAttr: []string{"checks"}})
		assert.ErrorIs(t, err, os.ErrClosed, "nothing is begun any more")
	})
}

// The store is made by Probe, so that workers do not all want to make it.
func TestFreshStore(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, _ Style) {
		n = n.WithStore(t.TempDir())
		style, err := n.Probe(t.Context())
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(n.Store, "nix/var/nix/db/db.sqlite"))
		f := writeFlake(t, `{ checks = `+numbered+`drv "d${toString i}"; }) 12); }`)
		for _, got := range evaluateAll(t, newPool(t, n, style, PoolOptions{Workers: 4}), f, 12) {
			require.Nil(t, got.Err)
			assert.FileExists(t, n.Store+got.Drv.Path)
		}
	})
}

func TestCopyDerivations(t *testing.T) {
	eachNix(t, func(t *testing.T, n *Nix, style Style) {
		f := writeFlake(t, `{ checks.top = derivation { name = "top"; system = "s"; builder = "b"; dep = drv "dep"; src = ./flake.nix; }; }`)
		for _, from := range []string{"", t.TempDir()} {
			n := n.WithStore(from)
			got := facts(t, newPool(t, n, style, PoolOptions{Workers: 1}), f, "top")
			require.Nil(t, got.Err)
			to := "local?root=" + t.TempDir()
			for range 2 { // the second time there is nothing to do
				require.NoError(t, n.CopyDerivations(t.Context(), to, nil, []string{got.Drv.Path}))
			}
			out, err := n.WithStore(to).Command(t.Context(), "nix-store", "--query", "--requisites", got.Drv.Path).Output()
			require.NoError(t, err)
			closure := strings.Fields(string(out))
			assert.GreaterOrEqual(t, len(closure), 3, "the .drv, its dependency's, and its source")
			out, err = n.WithStore(to).Command(t.Context(), "nix-store", append([]string{"--check-validity"}, closure...)...).CombinedOutput()
			assert.NoError(t, err, "%s", out)
		}
		err := n.CopyDerivations(t.Context(), "local?root="+t.TempDir(), nil, []string{"/nix/store/" + strings.Repeat("a", 32) + "-gone.drv"})
		assert.ErrorContains(t, err, "gone.drv")
		assert.NotContains(t, err.Error(), "warning")
	})
}
