package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// stage is one line of progress.
type stage struct {
	name    string
	total   int // 0: not known yet
	done    int // the failed included
	failed  int
	retries int
	start   time.Time
	end     time.Time // zero while items are missing
}

func (s *stage) complete() bool { return s.total > 0 && s.done >= s.total }

func (s *stage) count() string {
	if s.total == 0 {
		return fmt.Sprint(s.done)
	}
	return fmt.Sprintf("%d/%d", s.done, s.total)
}

// troubles is " (1 failed, 2 retries)", or nothing.
func (s *stage) troubles() string {
	var parts []string
	if s.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", s.failed))
	}
	if s.retries > 0 {
		parts = append(parts, plural(s.retries, "retry", "retries"))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (s *stage) line(now time.Time) string {
	return fmt.Sprintf("%s %s%s in %s", clean(s.name), s.count(), s.troubles(), clock(now.Sub(s.start)))
}

// liveLine is cut to fit the terminal: a line that wraps would be two, and the next redraw would miss one.
func (p *Progress) liveLine(s *stage, now time.Time) string {
	mark, color := "…", p.paint.faint
	switch {
	case s.failed > 0:
		mark, color = "✗", p.paint.red
	case s.complete():
		mark, color = "✓", p.paint.green
	}
	if !s.end.IsZero() {
		now = s.end
	}
	line := fmt.Sprintf("%-10s %s%s  %s", clean(s.name), s.count(), s.troubles(), clock(now.Sub(s.start)))
	return color(mark) + " " + text.Snip(line, max(p.options.Width-3, 1), "…")
}

// took is how long an item took, where that is worth telling.
func took(elapsed time.Duration) string {
	if elapsed < 50*time.Millisecond {
		return ""
	}
	return " (" + duration(elapsed.Seconds()) + ")"
}
