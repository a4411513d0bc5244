package nix

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os/exec"
	"slices"
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// sliced answers steps with `nix eval --apply`: one process answers them one after another until one fails,
// which is then that step's error, and a new process goes on behind it.
type sliced struct {
	nix       *Nix
	flake     Flake
	maxMemory int64
	token     string // marks our traces; no flake can guess it
}

// maxApply keeps the function well below 128 KiB, the limit of one argument.
const maxApply = 64 << 10

func (s *sliced) ask(ctx context.Context, flakeAttr []string, steps []Step) ([]Answer, error) {
	fragment, err := fragment(flakeAttr)
	if err != nil {
		return nil, err
	}
	answers := make([]Answer, 0, len(steps))
	for len(answers) < len(steps) {
		got, err := s.slice(ctx, fragment, steps[len(answers):])
		answers = append(answers, got...)
		if err != nil {
			return answers, err
		}
	}
	return answers, nil
}

// slice runs one process over as many steps as fit and go well; a failing step ends it and is its last answer.
func (s *sliced) slice(ctx context.Context, fragment string, steps []Step) ([]Answer, error) {
	function, count := applyFunction(s.token, steps)
	dir, ref := s.flake.place()
	args := slices.Concat([]string{"eval", "--json"}, evaluation, []string{"--apply", function}, s.flake.Args, []string{ref + "#" + fragment})
	cmd := s.nix.Command(ctx, "nix", args...)
	cmd.Dir = dir
	endWithin(cmd, evaluatorDelay)
	limitHeap(cmd, s.maxMemory)
	answers, failure, err := runSlice(cmd, "trace: "+s.token+" ")
	switch {
	case len(answers) >= count:
		return answers, nil
	case ctx.Err() != nil:
		return answers, context.Cause(ctx)
	case err != nil && failure != nil:
		if len(answers) > 0 && outOfMemory(failure) {
			return answers, nil // perhaps for what the others took: the next slice begins with this step
		}
		return append(answers, Answer{Err: failure}), nil
	case err != nil:
		return answers, died("the evaluator ended: %v", err)
	}
	return answers, died("Nix gave no answer")
}

// applyFunction traces each step's value in turn.
func applyFunction(token string, steps []Step) (function string, count int) {
	var b strings.Builder
	b.WriteString("root: ")
	for _, step := range steps {
		part := fmt.Sprintf("builtins.seq (builtins.trace (\"%s \" + builtins.toJSON (%s)) null) (", token, step)
		if count > 0 && b.Len()+len(part) > maxApply {
			break
		}
		b.WriteString(part)
		count++
	}
	b.WriteString("null" + strings.Repeat(")", count))
	return b.String(), count
}

// runSlice reads the answers of one process and the error it ended with.
func runSlice(cmd *exec.Cmd, mark string) (answers []Answer, failure *plan.EvalError, err error) {
	lines := &lineWriter{max: math.MaxInt, line: func(line string) {
		text := line
		if m, ok := ParseMessage(line); ok {
			text = m.Msg
		}
		text = StripANSI(text)
		if value, ok := strings.CutPrefix(text, mark); ok {
			answers = append(answers, Answer{JSON: json.RawMessage(value)})
		} else if strings.HasPrefix(text, "error:") {
			failure = parseError(text)
		}
	}}
	cmd.Stderr = lines
	err = ended(cmd.Run())
	lines.flush()
	return answers, failure, err
}

// fragment writes a flake attribute as the part of an installable behind '#'.
func fragment(flakeAttr []string) (string, error) {
	parts := make([]string, len(flakeAttr))
	for i, name := range flakeAttr {
		if strings.Contains(name, `"`) {
			return "", fmt.Errorf("Nix has no way to write the name %q on its command line", name) // a name
		}
		if strings.ContainsAny(name, ".") {
			name = `"` + name + `"`
		}
		parts[i] = url.PathEscape(name)
	}
	return strings.Join(parts, "."), nil
}

func (s *sliced) memory() int64 { return 0 }

func (s *sliced) close() {}
