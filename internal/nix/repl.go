package nix

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
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
	messages chan Message // closed when the process has ended
	token    string
	data     string // its XDG_DATA_HOME: repl writes a history
	serial   int
	ended    error  // valid once messages is closed
	tail     string // the last line that was no message of Nix; likewise
	once     sync.Once
}

func startRepl(cmd *exec.Cmd) (*repl, error) {
	data, err := os.MkdirTemp("", "nixbuild-checks-repl-")
	if err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Env, "XDG_DATA_HOME="+data, "NIX_DATA_HOME="+data, "TERM=dumb")
	r := &repl{cmd: cmd, token: rand.Text(), data: data, messages: make(chan Message)}
	if r.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		_ = os.RemoveAll(data)
		return nil, fmt.Errorf("starting nix repl: %w", err)
	}
	go r.read(stderr)
	return r, nil
}

// read turns stderr into messages until the process ends.
func (r *repl) read(stderr io.Reader) {
	lines := bufio.NewReader(stderr)
	for {
		line, err := lines.ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		if m, ok := ParseMessage(line); ok {
			r.messages <- m
		} else if strings.TrimSpace(line) != "" {
			r.tail = StripANSI(line)
		}
		if err != nil {
			break
		}
	}
	r.ended = r.cmd.Wait()
	close(r.messages)
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
	go r.write(r.script(first, root, steps))
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

// write feeds the process. It ends with the process at the latest, whose death closes the pipe.
func (r *repl) write(script string) { _, _ = io.WriteString(r.stdin, script) }

// answer reads messages up to the end of step n.
func (r *repl) answer(ctx context.Context, n int) (Answer, error) {
	done := fmt.Sprintf("trace: %s done %d ", r.token, n)
	end := fmt.Sprintf("trace: %s end %d", r.token, n)
	var a Answer
	for {
		select {
		case <-ctx.Done():
			r.kill()
			return a, context.Cause(ctx)
		case m, ok := <-r.messages:
			if !ok {
				return a, &deathError{reason: r.obituary(a.Err)}
			}
			text := StripANSI(m.Msg)
			switch {
			case m.Action != "msg":
			case text == end:
				return a.orEmpty(), nil
			case strings.HasPrefix(text, done):
				a.JSON, a.Err = json.RawMessage(text[len(done):]), nil // errors on the way were got over
			case strings.HasPrefix(text, "error:"):
				a.Err = parseError(text)
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

// obituary says why the process ended, as well as it can be told: by an error at the step it died at, by what it
// said last, by how it ended.
func (r *repl) obituary(own *plan.EvalError) string {
	switch {
	case own != nil:
		return own.Message
	case r.tail != "":
		return "the evaluator ended: " + r.tail
	case r.ended != nil:
		return "the evaluator ended: " + r.ended.Error()
	}
	return "the evaluator ended"
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

func (r *repl) kill() { _ = r.cmd.Cancel() }

func (r *repl) close() {
	r.once.Do(func() {
		_ = r.stdin.Close()
		r.kill()
		for range r.messages { //nolint:revive // read to the end, so that the reader can end
		}
		_ = os.RemoveAll(r.data)
	})
}
