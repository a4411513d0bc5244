package cli_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nixbuild/nixbuild-checks/internal/nixbuild/nixbuildtest"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

// script is what the commands of one script share.
type script struct {
	t      testing.TB
	path   string
	remote *nixbuildtest.Server
	issuer *issuer
	door   *nixbuildtest.Door
}

type scriptKey struct{}

func of(ts *testscript.TestScript) *script { return ts.Value(scriptKey{}).(*script) }

// exits CODE PROGRAM [ARG...] runs a program that must end with this code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	program, err := exec.LookPath(args[1]) // on the test's PATH: some scripts have none
	ts.Check(err)
	err = ts.Exec(program, args[2:]...)
	wantCode(ts, args[0], err)
}

func wantCode(ts *testscript.TestScript, want string, err error) {
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != want {
		ts.Fatalf("exit code %d, want %s", code, want)
	}
}

// results reads a results file and holds it against what is true of every one: a target has one outcome, and one
// that failed says where and why.
func results(ts *testscript.TestScript, file string) report.Results {
	var r report.Results
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &r))
	if r.SchemaVersion != report.SchemaVersion || r.NixVersion == "" || r.FinishedAt.Before(r.StartedAt) {
		ts.Fatalf("%s: odd head: %+v", file, r)
	}
	seen := map[string]bool{}
	for _, c := range r.Checks {
		key := c.Job + "\x00" + c.FlakeAttr + "\x00" + strings.Join(c.Path, "\x00")
		if seen[key] {
			ts.Fatalf("%s: %s of job %s has two outcomes", file, c.Attr, c.Job)
		}
		seen[key] = true
		if !c.Outcome.Good() && (c.Error == nil || c.Error.Stage == "" || c.Error.Message == "") {
			ts.Fatalf("%s: %s is %s without a stage or a message: %+v", file, c.Attr, c.Outcome, c.Error)
		}
		if c.Outcome.Good() && c.Error != nil {
			ts.Fatalf("%s: %s is %s with an error: %+v", file, c.Attr, c.Outcome, c.Error)
		}
	}
	return r
}

// outcomes FILE prints the jobs that did not run and the targets of a results file with what became of them.
func outcomes(ts *testscript.TestScript, neg bool, args []string) {
	var lines []string
	r := results(ts, one(ts, neg, args))
	for _, j := range r.Jobs {
		if j.State != report.JobRan {
			lines = append(lines, fmt.Sprintf("job %s: %s", j.Job, j.State))
		}
	}
	for _, c := range r.Checks {
		lines = append(lines, fmt.Sprintf("%s: %s", c.Attr, c.Outcome))
	}
	printSorted(ts, lines)
}

// reasons FILE prints why jobs and targets of a results file were skipped or failed, each on one line.
func reasons(ts *testscript.TestScript, neg bool, args []string) {
	var lines []string
	r := results(ts, one(ts, neg, args))
	for _, j := range r.Jobs {
		if j.Error != "" {
			lines = append(lines, fmt.Sprintf("job %s: %s", j.Job, j.Error))
		}
	}
	for _, c := range r.Checks {
		if c.Reason != "" {
			lines = append(lines, fmt.Sprintf("%s: %s", c.Attr, c.Reason))
		}
		if c.Error != nil {
			lines = append(lines, fmt.Sprintf("%s: %s: %s", c.Attr, c.Error.Stage, c.Error.Message))
		}
	}
	printSorted(ts, lines)
}

func one(ts *testscript.TestScript, neg bool, args []string) string {
	if neg || len(args) != 1 {
		ts.Fatalf("want one file")
	}
	return args[0]
}

func printSorted(ts *testscript.TestScript, lines []string) {
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Fprintln(ts.Stdout(), strings.ReplaceAll(line, "\n", " "))
	}
}

// fifo FILE makes a pipe by which a builder tells that it runs, and one that it can wait at for ever, in a folder
// whose name it writes in place of @FIFO@ in FILE.
func fifo(ts *testscript.TestScript, neg bool, args []string) {
	dir, err := os.MkdirTemp("", "nixbuild-checks-fifo-")
	ts.Check(err)
	ts.Defer(func() { _ = os.RemoveAll(dir) })
	ts.Check(os.Chmod(dir, 0o755)) //nolint:gosec // builders may be other users
	for _, name := range []string{"running", "never"} {
		ts.Check(syscall.Mkfifo(filepath.Join(dir, name), 0o666))
		ts.Check(os.Chmod(filepath.Join(dir, name), 0o666)) //nolint:gosec // see above
	}
	file := ts.MkAbs(one(ts, neg, args))
	ts.Check(os.WriteFile(file, []byte(strings.ReplaceAll(ts.ReadFile(file), "@FIFO@", dir)), 0o600))
	ts.Setenv("FIFO", dir)
}

// interrupt CODE PROGRAM [ARG...] starts a program, sends it SIGINT once a builder tells that it runs, and wants this
// exit code.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: interrupt CODE PROGRAM [ARG...]")
	}
	// Open for writing too, so that opening does not wait and reading can have a deadline.
	running, err := os.OpenFile(filepath.Join(ts.Getenv("FIFO"), "running"), os.O_RDWR|syscall.O_NONBLOCK, 0)
	ts.Check(err)
	defer func() { _ = running.Close() }()
	ts.Check(running.SetReadDeadline(time.Now().Add(time.Minute)))
	program, err := exec.LookPath(args[1])
	ts.Check(err)
	cmd := exec.CommandContext(of(ts).t.Context(), program, args[2:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), environ(ts)
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	_, err = bufio.NewReader(running).ReadString('\n')
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		ts.Fatalf("no builder told that it runs: %v", err)
	}
	ts.Check(cmd.Process.Signal(os.Interrupt))
	wantCode(ts, args[0], cmd.Wait())
}

// environ is what programs that this file starts itself see of the script's environment.
func environ(ts *testscript.TestScript) []string {
	var list []string
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "NO_COLOR", "GORACE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
	} {
		list = append(list, name+"="+ts.Getenv(name))
	}
	return list
}
