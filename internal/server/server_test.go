package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/nix"
	"github.com/nixbuild/nixbuild-checks/internal/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type logFunc = func(drv, line string)

func drvPath(name string) string {
	return "/nix/store/" + strings.Repeat("a", 32) + "-" + name + ".drv"
}

// good builds everything.
func good(_ context.Context, drv string, log logFunc) (nix.BuildResult, error) {
	log(drv, "building")
	return nix.BuildResult{OK: true, Built: []string{drv}, Outputs: []string{strings.TrimSuffix(drv, ".drv")}}, nil
}

// box is a server whose queue runs, spoken to without a network.
type box struct {
	t       *testing.T
	handler http.Handler
	stop    func()
	logDir  string
}

func start(t *testing.T, o server.Options) *box {
	t.Helper()
	o.Token = "secret"
	if o.LogDir == "" {
		o.LogDir = t.TempDir()
	}
	s := server.New(o)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { assert.NoError(t, s.Run(ctx)) })
	stop := func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return &box{t: t, handler: s.Handler(), stop: stop, logDir: o.LogDir}
}

func (b *box) do(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer secret")
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func (b *box) get(path string, into any) {
	b.t.Helper()
	w := b.do("GET", path, "")
	require.Equal(b.t, http.StatusOK, w.Code, w.Body.String())
	require.NoError(b.t, json.Unmarshal(w.Body.Bytes(), into))
}

func (b *box) submit(names ...string) []api.Process {
	b.t.Helper()
	var requests []api.ProcessRequest
	for _, name := range names {
		requests = append(requests, api.NewCheckRun(drvPath(name), name, "Build "+name))
	}
	body, err := json.Marshal(requests)
	require.NoError(b.t, err)
	w := b.do("POST", "/processes", string(body))
	require.Equal(b.t, http.StatusOK, w.Code, w.Body.String())
	var processes []api.Process
	require.NoError(b.t, json.Unmarshal(w.Body.Bytes(), &processes))
	return processes
}

func (b *box) await(id string) (p api.Process) {
	b.t.Helper()
	b.get("/processes/"+id+"?wait=60", &p)
	require.True(b.t, p.Status.Final(), p.Status)
	return p
}

func TestBuilds(t *testing.T) {
	b := start(t, server.Options{Build: good})
	submitted := b.submit("x")[0]
	assert.Equal(t, drvPath("x")+"^*", submitted.Installable)
	assert.Equal(t, "x", submitted.Name)
	assert.Equal(t, "Build x", submitted.Title)
	assert.NotEmpty(t, submitted.CreateTime)
	p := b.await(submitted.ID)
	assert.Equal(t, api.Built, p.Status)
	assert.Equal(t, []string{drvPath("x")}, p.BuiltDerivations)
	assert.Len(t, p.Outputs, 1)
	log, err := os.ReadFile(p.LogFile)
	require.NoError(t, err)
	assert.Equal(t, "building\n", string(log))
	var all []api.Process
	b.get("/processes", &all)
	assert.Equal(t, []api.Process{p}, all)
}

func TestOutcomes(t *testing.T) {
	x, dep := drvPath("x"), drvPath("dep")
	tests := map[string]struct {
		result nix.BuildResult
		err    error
		want   api.Status
		log    string // the drv whose log it is
	}{
		"failed":      {result: nix.BuildResult{Failed: []string{x}, Message: "m", LogTail: []string{"l"}}, want: api.BuildFailed, log: "x"},
		"dependency":  {result: nix.BuildResult{Failed: []string{dep}, FailedDependency: dep, Message: "m"}, want: api.BuildFailed, log: "dep"},
		"timeout":     {result: nix.BuildResult{Failed: []string{x}, Timeout: true, Message: "m"}, want: api.Timeout, log: "x"},
		"nobody's":    {result: nix.BuildResult{Message: "m"}, want: api.InternalError},
		"no nix":      {err: errors.New("m"), want: api.InternalError},
		"substituted": {result: nix.BuildResult{OK: true}, want: api.Built},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := start(t, server.Options{Build: func(context.Context, string, logFunc) (nix.BuildResult, error) { return test.result, test.err }})
			p := b.await(b.submit("x")[0].ID)
			assert.Equal(t, test.want, p.Status)
			assert.Equal(t, test.result.FailedDependency, p.FailedDependency)
			assert.Equal(t, test.result.LogTail, p.LogTail)
			assert.Equal(t, test.want != api.Built, p.Message == "m", p.Message)
			if test.log == "" {
				assert.Empty(t, p.LogFile)
				return
			}
			assert.FileExists(t, p.LogFile)
			assert.Contains(t, p.LogFile, p.ID+"/"+strings.Repeat("a", 32)+"-"+test.log+".log")
		})
	}
}

func TestEqualDerivationsAreBuiltOnce(t *testing.T) {
	for _, rebuild := range []bool{false, true} {
		t.Run(fmt.Sprint(rebuild), func(t *testing.T) {
			goOn, calls := make(chan struct{}), 0
			b := start(t, server.Options{Workers: 4, Rebuild: rebuild, Build: func(ctx context.Context, drv string, log logFunc) (nix.BuildResult, error) {
				calls++
				<-goOn
				return good(ctx, drv, log)
			}})
			first, second := b.submit("x")[0], b.submit("x")[0]
			close(goOn)
			one, two := b.await(first.ID), b.await(second.ID)
			assert.NotEqual(t, one.ID, two.ID)
			assert.Equal(t, one.LogFile, two.LogFile)
			assert.Equal(t, 1, calls)
			b.await(b.submit("x")[0].ID)
			assert.Equal(t, map[bool]int{false: 1, true: 2}[rebuild], calls, "a later one")
		})
	}
}

func TestMishapsAreNotShared(t *testing.T) {
	calls := 0
	b := start(t, server.Options{Build: func(ctx context.Context, drv string, log logFunc) (nix.BuildResult, error) {
		if calls++; calls == 1 {
			return nix.BuildResult{}, errors.New("no nix today")
		}
		return good(ctx, drv, log)
	}})
	assert.Equal(t, api.InternalError, b.await(b.submit("x")[0].ID).Status)
	assert.Equal(t, api.Built, b.await(b.submit("x")[0].ID).Status)
}

func TestParallelismIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		b := start(t, server.Options{Workers: 3, LogDir: os.DevNull, Build: func(context.Context, string, logFunc) (nix.BuildResult, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Minute) // of the bubble's time
			mu.Lock()
			now--
			mu.Unlock()
			return nix.BuildResult{OK: true}, nil
		}})
		for i := range 20 {
			b.submit(fmt.Sprint("x", i))
		}
		time.Sleep(7*time.Minute + time.Second)
		var sum api.Summary
		b.get("/builds/summary", &sum)
		assert.Equal(t, 20, sum.Successful, "three at a time take seven minutes")
		assert.Equal(t, 3, most)
		b.stop()
	})
}

func TestLongPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, server.Options{LogDir: os.DevNull, Build: func(context.Context, string, logFunc) (nix.BuildResult, error) {
			time.Sleep(time.Minute)
			return nix.BuildResult{OK: true}, nil
		}})
		began := time.Now()
		id := b.submit("x")[0].ID
		synctest.Wait()
		var p api.Process
		b.get("/processes/"+id, &p)
		assert.Equal(t, api.Running, p.Status)
		assert.Zero(t, time.Since(began))
		b.get("/processes/"+id+"?wait=10", &p)
		assert.Equal(t, api.Running, p.Status)
		assert.Equal(t, 10*time.Second, time.Since(began))
		b.get("/processes/"+id+"?wait=100", &p)
		assert.Equal(t, api.Built, p.Status)
		assert.Equal(t, time.Minute, time.Since(began))
		b.stop()
	})
}

func TestWhoWaitsHearsOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, server.Options{LogDir: os.DevNull, Build: func(ctx context.Context, _ string, _ logFunc) (nix.BuildResult, error) {
			<-ctx.Done()
			return nix.BuildResult{}, ctx.Err()
		}})
		began := time.Now()
		for _, p := range b.submit("running", "waiting") {
			go func() { assert.Equal(t, api.Cancelled, b.await(p.ID).Status) }()
		}
		synctest.Wait()
		b.stop()
		synctest.Wait()
		assert.Zero(t, time.Since(began))
	})
}

func TestTheEndCancels(t *testing.T) {
	begun := make(chan struct{}, 1)
	b := start(t, server.Options{Build: func(ctx context.Context, _ string, _ logFunc) (nix.BuildResult, error) {
		begun <- struct{}{}
		<-ctx.Done()
		return nix.BuildResult{}, ctx.Err()
	}})
	processes := b.submit("x", "y", "z")
	<-begun
	b.stop()
	for _, p := range processes {
		assert.Equal(t, api.Cancelled, b.await(p.ID).Status)
	}
	body, err := json.Marshal([]api.ProcessRequest{api.NewCheckRun(drvPath("late"), "n", "t")})
	require.NoError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, b.do("POST", "/processes", string(body)).Code)
}

func TestUnwritableLogsDoNotFailTheBuild(t *testing.T) {
	b := start(t, server.Options{LogDir: os.DevNull, Build: good})
	p := b.await(b.submit("x")[0].ID)
	assert.Equal(t, api.Built, p.Status)
	assert.Empty(t, p.LogFile)
	assert.Contains(t, p.Message, "log:")
}

func TestManyLogs(t *testing.T) {
	b := start(t, server.Options{Build: func(_ context.Context, drv string, log logFunc) (nix.BuildResult, error) {
		for line := range 2 {
			for i := range 100 {
				log(drvPath(fmt.Sprint("dep", i)), fmt.Sprint("line ", line))
			}
		}
		return nix.BuildResult{OK: true, Built: []string{drv}}, nil
	}})
	p := b.await(b.submit("x")[0].ID)
	assert.FileExists(t, p.LogFile)
	log, err := os.ReadFile(strings.Replace(p.LogFile, "-x.log", "-dep7.log", 1))
	require.NoError(t, err)
	assert.Equal(t, "line 0\nline 1\n", string(log))
}
