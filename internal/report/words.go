package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// duration is seconds as people say them: 0.42s, 12s, 3m05s, 1h02m. Nothing was measured where it is empty.
func duration(seconds float64) string {
	switch {
	case seconds <= 0:
		return ""
	case seconds < 9.95:
		return fmt.Sprintf("%.1fs", seconds)
	}
	return clock(time.Duration(math.Round(seconds)) * time.Second)
}

// clock is a duration in whole seconds.
func clock(d time.Duration) string {
	total := int(d / time.Second)
	switch {
	case total < 60:
		return fmt.Sprintf("%ds", total)
	case total < 3600:
		return fmt.Sprintf("%dm%02ds", total/60, total%60)
	}
	return fmt.Sprintf("%dh%02dm", total/3600, total%3600/60)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// built is what was built for the check, in words.
func built(c CheckResult) string {
	switch {
	case c.Build == nil:
		return ""
	case c.Build.Derivations > 0:
		return plural(c.Build.Derivations, "derivation", "derivations")
	case c.Outcome == Succeeded:
		return "nothing, it was there"
	}
	return ""
}

// summaryLine counts the checks by outcome, the bad ones first.
func summaryLine(r Results) string {
	counts := map[Outcome]int{}
	for _, c := range r.Checks {
		counts[c.Outcome]++
	}
	var parts []string
	for _, o := range outcomes {
		if counts[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[o], o.words()))
			delete(counts, o)
		}
	}
	for _, o := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[o], o.words()))
	}
	line := plural(len(r.Checks), "check", "checks")
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	if n := len(failedJobs(r)); n > 0 {
		line += "; " + plural(n, "job", "jobs") + " failed"
	}
	if took := r.FinishedAt.Sub(r.StartedAt).Seconds(); took > 0 {
		line += " in " + duration(took)
	}
	return line
}

// count is how many targets share a reason.
type count struct {
	text string
	n    int
}

// tally counts equal texts, the most frequent first, then in order of the alphabet.
func tally(texts []string) []count {
	counts := map[string]int{}
	for _, t := range texts {
		counts[t]++
	}
	list := make([]count, 0, len(counts))
	for _, t := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, count{t, counts[t]})
	}
	slices.SortStableFunc(list, func(a, b count) int { return b.n - a.n })
	return list
}

func skippedReasons(r Results) []count {
	var reasons []string
	for _, c := range r.Checks {
		if c.Outcome == Skipped {
			reasons = append(reasons, reasonOr(c.Reason))
		}
	}
	return tally(reasons)
}

func reasonOr(reason string) string {
	if reason == "" {
		return "no reason given"
	}
	return clean(reason)
}

func failedJobs(r Results) []JobResult {
	return slices.DeleteFunc(slices.Clone(r.Jobs), func(j JobResult) bool { return j.State != JobFailed })
}

func failures(r Results) []CheckResult {
	return slices.DeleteFunc(slices.Clone(r.Checks), func(c CheckResult) bool { return c.Outcome.Good() })
}

// shown are the checks of the table: all but the skipped ones, the failed ones first.
func shown(r Results) []CheckResult {
	list := slices.DeleteFunc(slices.Clone(r.Checks), func(c CheckResult) bool { return c.Outcome == Skipped })
	slices.SortStableFunc(list, func(a, b CheckResult) int { return rank(a) - rank(b) })
	return list
}

func rank(c CheckResult) int {
	if c.Outcome.Good() {
		return 1
	}
	return 0
}

func lastOf(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

func firstOf(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	return append(slices.Clone(lines[:n]), "… "+plural(len(lines)-n, "more line", "more lines"))
}

// position is where an error stands, as editors and terminals link it.
func position(e *CheckError) string {
	switch {
	case e.File == "":
		return ""
	case e.Line == 0:
		return clean(e.File)
	case e.Column == 0:
		return fmt.Sprintf("%s:%d", clean(e.File), e.Line)
	}
	return fmt.Sprintf("%s:%d:%d", clean(e.File), e.Line, e.Column)
}
