package nix

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// place is how Nix names the position of an error. It follows the innermost frame first.
var place = regexp.MustCompile(`(?m)^\s*at (/[^\n]*?):(\d+):(\d+):`)

// parseError takes an error apart as Nix prints it: with a trace above the error itself from 2.20 or so on,
// below it before.
func parseError(text string) *plan.EvalError {
	text = strings.TrimSpace(StripANSI(text))
	head, own := "", strings.TrimPrefix(text, "error:")
	if i := strings.LastIndex(text, "\n       error: "); i >= 0 {
		head, own = strings.TrimPrefix(text[:i], "error:"), text[i+len("\n       error:"):]
	}
	e := &plan.EvalError{Message: firstParagraph(own), Trace: trace(head, own)}
	found := place.FindStringSubmatch(own)
	if all := place.FindAllStringSubmatch(head, -1); found == nil && len(all) > 0 {
		found = all[len(all)-1]
	}
	if found != nil {
		e.File = found[1]
		e.Line, _ = strconv.Atoi(found[2])
		e.Column, _ = strconv.Atoi(found[3])
	}
	return e
}

// trace is all that Nix says about an error, without the frames that are about our own question and not the flake.
func trace(head, own string) string {
	frames := slices.DeleteFunc(strings.Split(head+"\n\n"+own, "\n\n"), func(frame string) bool {
		return strings.TrimSpace(frame) == "" || strings.Contains(frame, "«string»:")
	})
	lines := strings.Split(strings.TrimSpace(dedent(strings.Join(frames, "\n\n"))), "\n")
	if cut := len(lines) - maxTrace; cut > 0 { // the error itself is at one end or the other
		left := fmt.Sprintf("[%d lines left out]", cut)
		lines = slices.Concat(lines[:maxTrace/2], []string{left}, lines[len(lines)-maxTrace/2:])
	}
	return strings.Join(lines, "\n")
}

// maxTrace is how many lines of a trace are kept.
const maxTrace = 400

// firstParagraph is an error's message: what stands above the position and the quoted source.
func firstParagraph(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.Index(s, "\n       at "); i >= 0 {
		s = s[:i]
	}
	if i := strings.Index(s, "\n\n"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(dedent(s))
}

// dedent removes the seven columns by which Nix indents what follows "error:".
func dedent(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "       ")
	}
	return strings.Join(lines, "\n")
}
