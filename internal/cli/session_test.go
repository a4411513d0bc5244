package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/report"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

func TestWantsColor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		env            []string
		pipe, terminal bool // wanted
	}{
		{nil, false, true},
		{[]string{"TERM=dumb"}, false, false},
		{[]string{"NO_COLOR=1"}, false, false},
		{[]string{"NO_COLOR="}, false, true},
		{[]string{"CLICOLOR_FORCE=1"}, true, true},
		{[]string{"CLICOLOR_FORCE=1", "TERM=dumb"}, true, true},
		{[]string{"CLICOLOR_FORCE=0"}, false, true},
		{[]string{"CLICOLOR_FORCE=1", "NO_COLOR=0"}, false, false},
	} {
		getenv := World{Environ: test.env}.Getenv
		require.Equal(t, test.pipe, wantsColor(getenv, false), "%v", test.env)
		require.Equal(t, test.terminal, wantsColor(getenv, true), "%v", test.env)
	}
}

func TestGetenv(t *testing.T) {
	t.Parallel()
	w := World{Environ: []string{"A=1", "AB=2", "EMPTY=", "EQ=a=b", "odd", "A=3"}}
	for name, want := range map[string]string{"A": "3", "AB": "2", "EMPTY": "", "EQ": "a=b", "odd": "", "B": "", "a": ""} {
		require.Equal(t, want, w.Getenv(name), name)
	}
}

func requireCode(t *testing.T, err error, code int) {
	t.Helper()
	var exit *exitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, code, exit.code)
}

func TestFindConfig(t *testing.T) {
	dir := t.TempDir()
	below := filepath.Join(dir, "a", "b")
	require.NoError(t, os.MkdirAll(below, 0o700))
	t.Chdir(below)
	file, err := findConfig("not/there.yaml")
	require.NoError(t, err)
	require.Equal(t, "not/there.yaml", file, "a name is taken as it is")
	_, err = findConfig("")
	requireCode(t, err, exitUsage)
	for _, test := range []struct{ at, want string }{
		{dir, "../../" + DefaultFile}, {below, DefaultFile}, // the nearest one
	} {
		require.NoError(t, os.WriteFile(filepath.Join(test.at, DefaultFile), nil, 0o600))
		file, err = findConfig("")
		require.NoError(t, err)
		require.Equal(t, test.want, file)
	}
}

func TestCheckRun(t *testing.T) {
	t.Parallel()
	for want, bad := range map[string][]runFlags{
		"--local builds on": {{local: true, api: "x"}, {local: true, destination: "x"}},
		"--eval goes with":  {{eval: true}, {eval: true, local: true}},
		"--results goes":    {{dryRun: true, results: "r"}},
	} {
		for _, f := range bad {
			err := f.checkRun()
			require.ErrorContains(t, err, want)
			requireCode(t, err, exitUsage)
		}
	}
	for _, f := range []runFlags{{}, {local: true, results: "r"}, {dryRun: true, eval: true, local: true}, {api: "x", destination: "y"}} {
		require.NoError(t, f.checkRun(), "%+v", f)
	}
}

func jobNamed(name string) *config.Job {
	return &config.Job{Name: name, FlakeAttr: "checks", Position: diag.Position{File: "c.yaml", Line: len(name), Column: 3}}
}

func condition(t *testing.T, text string) *config.Expr {
	t.Helper()
	compiled, problem := rule.Compile(text, rule.JobScope, rule.Bool)
	require.Nil(t, problem)
	return &config.Expr{Rule: compiled}
}

func TestSelectJobs(t *testing.T) {
	t.Parallel()
	always, push := jobNamed("always"), jobNamed("push")
	push.If = condition(t, `event.name == "push"`)
	c := &config.Config{File: "c.yaml", Jobs: []*config.Job{always, push}}
	const unnamed, otherwise = "not named by --job", `if: event.name == "push"`
	for _, test := range []struct {
		named []string
		event string
		want  [2]string
	}{
		{nil, "push", [2]string{"", ""}},
		{nil, "schedule", [2]string{"", otherwise}},
		{[]string{"push"}, "push", [2]string{unnamed, ""}},
		{[]string{"push"}, "schedule", [2]string{unnamed, otherwise}}, // to name it is not to force it
		{[]string{"always"}, "schedule", [2]string{"", unnamed}},
		{[]string{"push", "always"}, "push", [2]string{"", ""}},
	} {
		jobs, err := selectJobs(c, test.named, rule.Event{Name: test.event})
		require.NoError(t, err)
		require.Len(t, jobs, 2)
		require.Equal(t, test.want, [2]string{jobs[0].reason, jobs[1].reason}, "%v", test)
		require.Equal(t, test.event, jobs[1].Event.Name)
	}
	_, err := selectJobs(c, []string{"always", "nope"}, rule.Event{})
	require.EqualError(t, err, `--job: c.yaml has no job "nope"; it has always or push`)
	requireCode(t, err, exitUsage)
}

func TestPoolOptions(t *testing.T) {
	t.Parallel()
	cores := runtime.NumCPU()
	job := func(workers, perWorker int, memory int64) *plan.Job {
		return &plan.Job{Job: &config.Job{
			Concurrency: config.Concurrency{EvaluationWorkers: workers, DerivationsPerWorker: perWorker},
			Evaluation:  config.Evaluation{MaxMemory: memory},
		}}
	}
	for name, test := range map[string]struct {
		jobs               []*plan.Job
		workers, perWorker int
		memory             int64 // 0: the machine's
	}{
		"auto":                     {[]*plan.Job{job(0, 0, 5)}, cores, 0, 5},
		"asks for less":            {[]*plan.Job{job(1, 7, 5)}, 1, 7, 5},
		"more than there is":       {[]*plan.Job{job(cores+9, 0, 5)}, cores, 0, 5},
		"most workers of all":      {[]*plan.Job{job(1, 0, 5), job(0, 0, 0)}, cores, 0, 5},
		"strictest limits of all":  {[]*plan.Job{job(1, 9, 8), job(1, 3, 4), job(1, 0, 0), job(1, 5, 6)}, 1, 3, 4},
		"the machine's own memory": {[]*plan.Job{job(1, 0, 0)}, 1, 0, 0},
	} {
		o := poolOptions(test.jobs)
		require.Equal(t, test.workers, o.Workers, name)
		require.Equal(t, test.perWorker, o.PerWorker, name)
		if test.memory > 0 {
			require.Equal(t, test.memory, o.MaxMemory, name)
		} else {
			require.Positive(t, o.MaxMemory, name)
		}
	}
	require.Zero(t, poolOptions(nil).Workers)
	require.Zero(t, poolOptions(nil).MaxMemory, "and nothing is divided by zero")
}

func TestDestination(t *testing.T) {
	t.Parallel()
	const official, theirs = "https://api.nixbuild.net", "https://evil.example"
	at := diag.Position{File: "c.yaml", Line: 3, Column: 1}
	type file = config.Destination
	for name, test := range map[string]struct {
		flags      runFlags
		file       file
		env        []string
		store, api string
		token, err string
	}{
		"defaults":               {store: defaultStore, api: official, token: "main"},
		"the same, written down": {file: file{API: official + "/", Store: defaultStore}, store: defaultStore, api: official + "/", token: "main"},
		"the environment's": {
			file: file{API: "http://box:80"}, env: []string{"NIXBUILDNET_HTTP_API_SCHEME=http", "NIXBUILDNET_HTTP_API_HOST=box", "NIXBUILDNET_HTTP_API_PORT=80"},
			err: "gets no token", // said another way
		},
		"not the environment's any more": {
			file: file{API: official}, env: []string{"NIXBUILDNET_HTTP_API_HOST=box"}, err: "gets no token",
		},
		"another API":             {file: file{API: theirs}, err: "c.yaml:3:1: the destination " + theirs},
		"a longer host":           {file: file{API: official + ".evil.example"}, err: "gets no token"},
		"another subpath":         {file: file{API: official + "/x"}, err: "gets no token"},
		"another store":           {file: file{Store: "ssh-ng://evil"}, err: "gets no token"},
		"another API, own token":  {file: file{API: theirs, TokenEnv: "OTHER"}, store: defaultStore, api: theirs, token: "other"},
		"another, missing token":  {file: file{API: theirs, TokenEnv: "UNSET"}, err: "there is no token in UNSET"},
		"same API, own token":     {file: file{TokenEnv: "OTHER"}, store: defaultStore, api: official, token: "other"},
		"flags are trusted":       {flags: runFlags{api: theirs, destination: "ssh://b"}, store: "ssh://b", api: theirs, token: "main"},
		"flags are before file":   {flags: runFlags{api: "http://a", destination: "ssh://b"}, file: file{API: theirs, Store: "c"}, store: "ssh://b", api: "http://a", token: "main"},
		"a flag for the API only": {flags: runFlags{api: "http://a"}, file: file{API: theirs, Store: "ssh://evil"}, err: "gets no token"},
		"no token":                {env: []string{tokenEnv + "="}, err: "there is no token in " + tokenEnv},
		"no id token in Actions":  {env: []string{"GITHUB_ACTIONS=true"}, err: "`permissions: id-token: write`"},
	} {
		test.file.Position = at
		s := &session{flags: test.flags, config: &config.Config{Destination: test.file},
			world: World{Stderr: io.Discard, Environ: append([]string{tokenEnv + "=main", "OTHER=other"}, test.env...)}}
		d, err := s.destination()
		if test.err != "" {
			require.ErrorContains(t, err, test.err, name)
			requireCode(t, err, exitEnvironment)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, []string{test.store, test.api, test.token}, []string{d.store, d.api, d.token}, name)
		env, err := d.uploadEnv(t.Context())
		require.NoError(t, err, name)
		require.Empty(t, env, "%s: outside of Actions there is no id token", name)
	}
}

type answering func(*http.Request) (*http.Response, error)

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestUploadEnv(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	var stderr bytes.Buffer
	s := &session{config: &config.Config{}, world: World{
		Stderr: &stderr,
		Environ: []string{tokenEnv + "=main", "GITHUB_ACTIONS=true", "ACTIONS_ID_TOKEN_REQUEST_URL=https://github.example/t",
			"ACTIONS_ID_TOKEN_REQUEST_TOKEN=ask"},
		HTTP: &http.Client{Transport: answering(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(`{"value":"fresh"}`)), Header: http.Header{}, Request: r}, nil
		})},
	}}
	d, err := s.destination()
	require.NoError(t, err)
	require.Equal(t, "::add-mask::main\n", stderr.String())
	env, err := d.uploadEnv(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"NIXBUILDNET_OIDC_ID_TOKEN=fresh"}, env)
	require.Equal(t, "::add-mask::main\n::add-mask::fresh\n", stderr.String(), "before anything can print it")
	for code, transient := range map[int]bool{http.StatusServiceUnavailable: true, http.StatusForbidden: false} {
		status = code
		_, err = d.uploadEnv(t.Context())
		require.Error(t, err)
		require.Equal(t, transient, engine.IsTransient(err), "%d", code)
	}
}

func itemAt(path ...string) *pipeline.Item {
	return &pipeline.Item{Target: plan.Target{Job: &plan.Job{Job: jobNamed("builds")}, Path: path}}
}

// cancelled is an item as a run that was cut short leaves it.
func cancelled(t *testing.T) *pipeline.Item {
	t.Helper()
	draft, err := pipeline.Discover(t.Context(), []*plan.Job{{Job: jobNamed("builds")}}, func(context.Context, *pipeline.Source) ([]pipeline.Found, error) {
		return []pipeline.Found{{Path: []string{"a"}}}, nil
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	pipeline.Run(ctx, draft, pipeline.Ports{Evaluate: func(ctx context.Context, _ *pipeline.Attribute) (*plan.Facts, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}}, pipeline.Options{EvaluationWorkers: 1, UploadWorkers: 1, MaxChecks: 9, Grace: time.Millisecond})
	require.True(t, draft.Items[0].Cancelled())
	return draft.Items[0]
}

func TestResultOf(t *testing.T) {
	t.Parallel()
	broken := &plan.Facts{Err: &plan.EvalError{Message: "Nix's words", File: "flake.nix"}}
	process := func(p api.Process) *api.Process { return &p }
	no := errors.New("no")
	short := cancelled(t)
	for name, test := range map[string]struct {
		item  pipeline.Item
		want  report.Outcome
		error string // "stage: message"
	}{
		"planned":              {item: pipeline.Item{}, want: report.Planned},
		"pending":              {item: pipeline.Item{Decision: plan.Decision{Kind: plan.Pending}}, want: report.Planned},
		"evaluated":            {item: pipeline.Item{Reached: pipeline.Evaluate}, want: report.Planned},
		"uploaded":             {item: pipeline.Item{Reached: pipeline.Upload}, want: report.Planned},
		"skipped":              {item: pipeline.Item{Decision: plan.Decision{Kind: plan.Skipped, Reason: "why"}}, want: report.Skipped},
		"skipped, if broken":   {item: pipeline.Item{Facts: broken, Decision: plan.Decision{Kind: plan.Skipped, Reason: "why"}}, want: report.Skipped},
		"invalid":              {item: pipeline.Item{Decision: plan.Decision{Kind: plan.Invalid, Message: "bad label"}}, want: report.EvalFailed, error: "evaluate: bad label"},
		"eval failed":          {item: pipeline.Item{Reached: pipeline.Evaluate, Facts: broken, Err: no}, want: report.EvalFailed, error: "evaluate: Nix's words"},
		"evaluator failed":     {item: pipeline.Item{Reached: pipeline.Evaluate, Err: no}, want: report.EvalFailed, error: "evaluate: no"},
		"upload failed":        {item: pipeline.Item{Reached: pipeline.Upload, Err: no}, want: report.UploadFailed, error: "upload: no"},
		"submit failed":        {item: pipeline.Item{Reached: pipeline.Submit, Err: no}, want: report.SubmitFailed, error: "submit: no"},
		"waiting failed":       {item: pipeline.Item{Reached: pipeline.Build, Err: no}, want: report.Failed, error: "build: no"},
		"submitted":            {item: pipeline.Item{Reached: pipeline.Submit, Answer: []byte(`[1]`)}, want: report.Submitted},
		"succeeded":            {item: pipeline.Item{Reached: pipeline.Build, Process: process(api.Process{Status: api.Built})}, want: report.Succeeded},
		"failed":               {item: pipeline.Item{Reached: pipeline.Build, Process: process(api.Process{Status: api.BuildFailed, Message: "exit 1"})}, want: report.Failed, error: "build: exit 1"},
		"dependency failed":    {item: pipeline.Item{Reached: pipeline.Build, Process: process(api.Process{Status: api.BuildFailed, Message: "m", FailedDependency: "d"})}, want: report.DependencyFailed, error: "build: m"},
		"cancelled there":      {item: pipeline.Item{Reached: pipeline.Build, Process: process(api.Process{Status: api.Cancelled, Message: "m"})}, want: report.Cancelled, error: "build: m"},
		"cancelled on the way": {item: *short, want: report.Cancelled, error: "evaluate: " + short.Err.Error()},
	} {
		item := test.item
		if item.Target.Job == nil {
			item.Target = itemAt("a").Target
		}
		c := resultOf(&item)
		require.Equal(t, test.want, c.Outcome, name)
		got := ""
		if c.Error != nil {
			got = c.Error.Stage + ": " + c.Error.Message
		}
		require.Equal(t, test.error, got, name)
		require.Equal(t, test.want == report.Skipped, c.Reason == "why", name)
	}
}

func TestResultOfTellsTheWay(t *testing.T) {
	t.Parallel()
	item := itemAt("x86_64-linux", "a")
	item.Decision = plan.Decision{Name: "n", Title: "t"}
	item.Reached, item.Answer = pipeline.Build, []byte(`["how it began"]`)
	item.Process = &api.Process{ID: "7", Status: api.Built}
	item.Attempts = map[pipeline.Stage]int{pipeline.Evaluate: 1, pipeline.Upload: 2, pipeline.Submit: 3}
	item.Elapsed = map[pipeline.Stage]time.Duration{pipeline.Evaluate: time.Second, pipeline.Upload: 2 * time.Second, pipeline.Submit: 3 * time.Second}
	c := resultOf(item)
	require.Equal(t, []string{"n", "t", "x86_64-linux.a"}, []string{c.Name, c.Title, c.Attr})
	require.Equal(t, report.Attempts{Evaluate: 1, Upload: 2, Submit: 3}, c.Attempts)
	require.Equal(t, report.Seconds{Evaluate: 1, Upload: 2, Submit: 3}, c.Seconds)
	var p api.Process
	require.NoError(t, json.Unmarshal(c.Process, &p))
	require.Equal(t, *item.Process, p, "how it ended, not how it began")
}

func TestFailures(t *testing.T) {
	t.Parallel()
	one, two, out := jobNamed("a"), jobNamed("bb"), jobNamed("ccc")
	s := &session{failed: map[string]error{}, jobs: []jobOfRun{{Job: &plan.Job{Job: one}}, {Job: &plan.Job{Job: two}}, {Job: &plan.Job{Job: out}, reason: "if"}}}
	s.failEmpty(planProblems{
		{Rule: "other", Position: one.Position, Message: "not this"},
		{Rule: emptyJob, Position: two.Position, Message: "100% empty"},
	})
	require.Len(t, s.failed, 1)
	require.EqualError(t, s.failed["bb"], "100% empty")
	require.Equal(t, []*plan.Job{s.jobs[0].Job}, s.healthy())
	why := errors.New("why")
	s.failAll(why)
	require.Equal(t, why, s.failed["a"])
	require.EqualError(t, s.failed["bb"], "100% empty", "its own reason is kept")
	require.NoError(t, s.failed["ccc"], "not part of the run")
	require.Empty(t, s.healthy())
}

func TestFatal(t *testing.T) {
	t.Parallel()
	empty := diag.Diagnostic{Severity: diag.Error, Rule: emptyJob}
	warning := diag.Diagnostic{Severity: diag.Warning, Rule: "x"}
	require.False(t, planProblems{}.fatal())
	require.False(t, planProblems{empty, warning}.fatal())
	require.True(t, planProblems{warning, empty, {Severity: diag.Error, Rule: "duplicate"}}.fatal())
}

func TestFits(t *testing.T) {
	t.Parallel()
	item := itemAt("x86_64-linux", "hello")
	item.Decision.Name = "ci/hello [1]"
	for pattern, want := range map[string]bool{
		"x86_64-linux.hello": true, "checks.x86_64-linux.hello": true, "*.hello": true, "x86*": true, "checks.*": true,
		"ci/hello [1]": true, "ci/*": true, "ci*": false, // a star does not pass a slash
		"hello": false, "": false, "x86_64-linux.hell": false, "[": false, "packages.*": false,
	} {
		require.Equal(t, want, fits(pattern, item), "%q", pattern)
	}
	odd := itemAt("[")
	odd.Decision.Name = "["
	require.True(t, fits("[", odd), "what is no glob is a name")
}

func TestOnlyNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attrs   []string
		skipped [2]bool
		err     string
	}{
		{nil, [2]bool{}, ""},
		{[]string{"hello"}, [2]bool{false, true}, ""},
		{[]string{"*o*"}, [2]bool{}, ""},
		{[]string{"hello", "h*"}, [2]bool{false, true}, ""}, // each has something, if the same
		{[]string{"hello", "wrold"}, [2]bool{false, true}, `nothing that the jobs see is called "wrold": did you mean "world"?`},
		{[]string{"zzzzzzzz"}, [2]bool{true, true}, "`nixbuild-checks plan` lists what there is"},
	} {
		items := []*pipeline.Item{itemAt("hello"), itemAt("world")}
		s := &session{flags: runFlags{attrs: test.attrs}, draft: &pipeline.Draft{Items: items}}
		err := s.onlyNamed()
		if test.err != "" {
			require.ErrorContains(t, err, test.err)
			requireCode(t, err, exitUsage)
		} else {
			require.NoError(t, err)
		}
		for i, item := range items {
			require.Equal(t, test.skipped[i], item.Decision.Kind == plan.Skipped, "%v", test.attrs)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	item := func(s pipeline.Stage, err error) *pipeline.Item { return &pipeline.Item{Reached: s, Err: err} }
	final, away := errors.New("refused"), engine.Transient(errors.New("no route"))
	evaluated := item(pipeline.Evaluate, away)
	upload, submit := item(pipeline.Upload, away), item(pipeline.Submit, away)
	for name, test := range map[string]struct {
		items []*pipeline.Item
		want  bool
	}{
		"nothing":            {nil, false},
		"not so far":         {[]*pipeline.Item{evaluated, item("", nil)}, false},
		"uploads":            {[]*pipeline.Item{evaluated, upload, upload}, true},
		"submits":            {[]*pipeline.Item{upload, submit}, true},
		"one was refused":    {[]*pipeline.Item{upload, item(pipeline.Submit, final)}, false},
		"one was submitted":  {[]*pipeline.Item{item(pipeline.Submit, nil), submit}, false},
		"one is being built": {[]*pipeline.Item{upload, item(pipeline.Build, away)}, false},
	} {
		require.Equal(t, test.want, (&session{draft: &pipeline.Draft{Items: test.items}}).unreachable(), name)
	}
	require.False(t, (&session{}).unreachable())
}

func TestBuildSettings(t *testing.T) {
	t.Parallel()
	wanted := func(drv string, args ...string) plan.Uploaded {
		j := jobNamed("j")
		j.NixArgs = args
		return plan.Uploaded{Check: plan.Check{Evaluated: plan.Evaluated{
			Target: plan.Target{Job: &plan.Job{Job: j}}, Facts: &plan.Facts{Drv: rule.Drv{Path: drv}}}}}
	}
	b := &buildSettings{byDrv: map[string][]string{}}
	b.note(wanted("a", "--impure", "--option", "cores", "1"))
	b.note(wanted("a", "--option", "cores", "2"))
	b.note(wanted("b"))
	b.note(wanted("b", "--option", "cores", "3"))
	require.Equal(t, []string{"--option", "cores", "1"}, b.of("a"), "the first job's, without what is for evaluation")
	require.Empty(t, b.of("b"), "the first job wanted none")
	require.Empty(t, b.of("c"))
}

func TestStagesOf(t *testing.T) {
	t.Parallel()
	upload := func(context.Context, []string) error { return nil }
	submit := func(context.Context, plan.Uploaded) ([]byte, error) { return nil, nil }
	wait := func(context.Context, plan.Submission) (api.Process, error) { return api.Process{}, nil }
	for _, test := range []struct {
		ports pipeline.Ports
		local bool
		want  string
	}{
		{pipeline.Ports{}, false, "[evaluate]"},
		{pipeline.Ports{Upload: upload, Submit: submit}, false, "[evaluate upload submit]"},
		{pipeline.Ports{Upload: upload, Submit: submit, Wait: wait}, false, "[evaluate upload submit build]"},
		{pipeline.Ports{Upload: upload, Submit: submit, Wait: wait}, true, "[evaluate submit build]"},
	} {
		s := &session{flags: runFlags{local: test.local}}
		words := []string{}
		for _, stage := range s.stagesOf(test.ports) {
			words = append(words, string(stage))
			require.NotEmpty(t, stageTitles[stage])
		}
		require.Equal(t, test.want, "["+strings.Join(words, " ")+"]")
	}
}
