package nix

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// The activities and results of internal-json that a build is read from.
const (
	activityBuild      = 105
	resultBuildLogLine = 101
)

// logTailLines is how much of a failing builder's log a result holds.
const logTailLines = 20

var (
	drvPath = regexp.MustCompile(`/nix/store/[0-9a-z]{32}-[0-9A-Za-z+\-._?=]+\.drv`)
	// A dependent is not itself at fault: "1 dependencies of derivation 'x' failed to build" up to Nix 2.31, then
	// "Cannot build 'x'.\nReason: 1 dependency failed."
	dependencyFailed = regexp.MustCompile(`(?i)\b\d+ dependenc(y|ies)\b[^\n]*\bfailed\b|failed dependency`)
	timedOut         = regexp.MustCompile(`timed out after`)
)

// activity is one builder at work.
type activity struct {
	drv     string
	stopped bool
	killed  bool // it ended after something else had failed: Nix stopped it, or nobody can tell
	tail    []string
}

// buildLog makes out of Nix's messages what was built and what failed.
type buildLog struct {
	log        func(drv, line string)
	activities map[uint64]*activity
	begun      []*activity
	errors     []string // Nix's error messages, in order
	other      []string // what was not Nix's: ssh's words, or a warning before the logger was set up
	failed     []string
	dependents []string
}

func newBuildLog(log func(drv, line string)) *buildLog {
	if log == nil {
		log = func(string, string) {}
	}
	return &buildLog{log: log, activities: map[uint64]*activity{}}
}

// line takes one line of Nix's stderr.
func (l *buildLog) line(line string) {
	m, ok := ParseMessage(line)
	if !ok {
		l.other = lastLines(append(l.other, StripANSI(line)))
		return
	}
	switch m.Action {
	case "start":
		l.start(m)
	case "result":
		l.builderLine(m)
	case "stop":
		l.stop(m)
	case "msg":
		l.message(m)
	}
}

func (l *buildLog) start(m Message) {
	if m.Type != activityBuild {
		return
	}
	drv := drvPath.FindString(stringField(m.Fields))
	if drv == "" {
		return
	}
	a := &activity{drv: drv}
	l.activities[m.ID] = a
	l.begun = append(l.begun, a)
}

func (l *buildLog) builderLine(m Message) {
	a := l.activities[m.ID]
	if a == nil || m.Type != resultBuildLogLine {
		return
	}
	line := stringField(m.Fields)
	l.log(a.drv, line)
	a.tail = lastLines(append(a.tail, StripANSI(line)))
}

func (l *buildLog) stop(m Message) {
	if a := l.activities[m.ID]; a != nil {
		a.stopped, a.killed = true, len(l.errors) > 0
		delete(l.activities, m.ID)
	}
}

// message takes an error message apart. Warnings have level 0 too in some versions, so it goes by the word.
func (l *buildLog) message(m Message) {
	text, found := strings.CutPrefix(strings.TrimSpace(StripANSI(m.Msg)), "error:")
	if m.Level != 0 || !found {
		return
	}
	text = strings.TrimSpace(text)
	l.errors = append(l.errors, text)
	// The summary of a message is ahead of the builder's own lines, which may name any derivation.
	summary, _, _ := strings.Cut(text, "log lines:")
	drv := drvPath.FindString(summary)
	switch {
	case dependencyFailed.MatchString(summary):
		l.dependents = appendNew(l.dependents, drv)
	case drv != "":
		l.failed = appendNew(l.failed, drv)
	default:
		l.failed = appendNew(l.failed, l.running())
	}
}

// running is the builder at work, if there is just one: a message without a name (an output that refers to what it must
// not, say) is about it.
func (l *buildLog) running() string {
	if len(l.activities) == 1 {
		for _, a := range l.activities {
			return a.drv
		}
	}
	return ""
}

// result sums up, once Nix has ended.
func (l *buildLog) result(drv string, ok bool) BuildResult {
	if ok {
		return BuildResult{OK: true, Built: l.built(nil)}
	}
	failed := slices.DeleteFunc(slices.Clone(l.failed), func(d string) bool { return slices.Contains(l.dependents, d) })
	r := BuildResult{Failed: failed, Built: l.built(failed), Message: l.explanation()}
	for _, text := range l.errors {
		r.Timeout = r.Timeout || timedOut.MatchString(text)
	}
	if len(failed) == 0 {
		return r
	}
	if !slices.Contains(failed, drv) {
		r.FailedDependency = failed[0]
	}
	r.LogTail = l.tail(failed[0])
	return r
}

func (l *buildLog) built(failed []string) []string {
	var built []string
	for _, a := range l.begun {
		if a.stopped && !a.killed && !slices.Contains(failed, a.drv) {
			built = appendNew(built, a.drv)
		}
	}
	return built
}

func (l *buildLog) tail(drv string) []string {
	for _, a := range slices.Backward(l.begun) {
		if a.drv == drv {
			return a.tail
		}
	}
	return nil
}

// explanation is Nix's own words, or what was said in their place (by ssh, say).
func (l *buildLog) explanation() string {
	if len(l.errors) > 0 {
		return strings.Join(l.errors, "\n")
	}
	return strings.Join(l.other, "\n")
}

func stringField(fields []json.RawMessage) string {
	var s string
	if len(fields) > 0 && json.Unmarshal(fields[0], &s) != nil {
		return ""
	}
	return s
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func lastLines(lines []string) []string {
	return lines[max(0, len(lines)-logTailLines):]
}
