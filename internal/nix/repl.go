package nix

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// repl is a `nix repl` process that is fed expressions on stdin and answers by traces on stderr, each marked
// with a token that no flake can guess.
type repl struct {
	cmd      *exec.Cmd
	stdin    io.WriteCloser
	messages chan string // traces and errors; closed when the process has ended
	token    string
	data     string // its XDG_DATA_HOME: repl writes a history
	serial   int
	last     *plan.EvalError // the last error seen, for the obituary
	ended    error           // valid once messages is closed
	tail     string          // the last line that is no message of Nix; likewise
	work     sync.WaitGroup
	once     sync.Once
}

func startRepl(cmd *exec.Cmd) (*repl, error) {
	data, err := os.MkdirTemp("", "nixbuild-checks-repl-")
	if err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Env, "XDG_DATA_HOME="+data, "NIX_DATA_HOME="+data, "TERM=dumb")
	endWithin(cmd, evaluatorDelay)
	r := &repl{cmd: cmd, token: rand.Text(), data: data, messages: make(chan string)}
	// An answer is one line, however long: all names of a large set, say.
	lines := &lineWriter{line: r.line, max: math.MaxInt}
	cmd.Stderr = lines
	if r.stdin, err = cmd.StdinPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		_ = os.RemoveAll(data)
		return nil, fmt.Errorf("starting nix repl: %w", err)
	}
	r.work.Go(func() {
		r.ended = ended(cmd.Wait())
		lines.flush()
		close(r.messages)
	})
	return r, nil
}

// line takes a line of stderr. What kills Nix (a stack overflow, say) is told past its logger.
func (r *repl) line(line string) {
	text := line
	if m, ok := ParseMessage(line); ok {
		text = m.Msg
	} else if strings.TrimSpace(line) != "" {
		r.tail = StripANSI(line)
	}
	if text = StripANSI(text); strings.HasPrefix(text, "error:") || strings.HasPrefix(text, "trace: "+r.token) {
		r.messages <- text
	}
}

func (r *repl) ask(ctx context.Context, flakeAttr []string, steps []Step) ([]Answer, error) {
	return r.put(ctx, replRoot(flakeAttr), steps)
}

// replRoot names a flake attribute in a repl, which has the outputs of its flake as variables.
func replRoot(flakeAttr []string) string {
	return selection(flakeAttr[0], flakeAttr[1:])
}

// put writes all steps at once and reads their answers.
func (r *repl) put(ctx context.Context, root string, steps []Step) ([]Answer, error) {
	first := r.serial
	r.serial += len(steps)
	script := r.script(first, root, steps)
	r.work.Go(func() { _, _ = io.WriteString(r.stdin, script) }) // ends with the process at the latest
	answers := make([]Answer, 0, len(steps))
	for range steps {
		a, err := r.answer(ctx, first+len(answers))
		if err != nil {
			return answers, err
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// script is the input for steps: for each, a line that traces its value and a line that traces its end.
func (r *repl) script(first int, root string, steps []Step) string {
	var b strings.Builder
	for i, step := range steps {
		n := strconv.Itoa(first + i)
		fmt.Fprintf(&b, "builtins.trace (\"%s done %s \" + builtins.toJSON (let root = %s; in %s)) null\n", r.token, n, root, step)
		fmt.Fprintf(&b, "builtins.trace \"%s end %s\" null\n", r.token, n)
	}
	return b.String()
}

// answer reads messages up to the end of step n.
func (r *repl) answer(ctx context.Context, n int) (Answer, error) {
	done := fmt.Sprintf("trace: %s done %d ", r.token, n)
	end := fmt.Sprintf("trace: %s end %d", r.token, n)
	var a Answer
	r.last = nil // what an earlier step said is not why this one ended
	for {
		select {
		case <-ctx.Done():
			return a, context.Cause(ctx)
		case text, ok := <-r.messages:
			if !ok {
				return a, r.obituary()
			}
			if text == end {
				return a.orEmpty(), nil
			}
			if value, ok := strings.CutPrefix(text, done); ok {
				a = Answer{JSON: json.RawMessage(value)}
			} else if strings.HasPrefix(text, "error:") && a.JSON == nil {
				// Several where a build that the evaluation needs fails: the last one is the evaluation's.
				a.Err = parseError(text)
				r.last = a.Err
			}
		}
	}
}

// orEmpty makes sure that an answer says something.
func (a Answer) orEmpty() Answer {
	if a.JSON == nil && a.Err == nil {
		a.Err = &plan.EvalError{Message: "Nix gave no answer"}
	}
	return a
}

// obituary says why the process ended, as well as it can be told.
func (r *repl) obituary() *deathError {
	switch {
	case r.last != nil:
		return &deathError{r.last}
	case r.tail != "":
		return died("the evaluator ended: %s", r.tail)
	case r.ended != nil:
		return died("the evaluator ended: %v", r.ended)
	}
	return died("the evaluator ended")
}

func (r *repl) memory() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", r.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// close ends the process, and returns when nothing is left of it.
func (r *repl) close() {
	r.once.Do(func() {
		_ = r.stdin.Close()
		_ = r.cmd.Cancel()
		for range r.messages { // read to the end, so that the reader can end
		}
		r.work.Wait()
		_ = os.RemoveAll(r.data)
	})
}
