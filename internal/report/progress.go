package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Options says how progress is shown. The zero value is that of a CI log.
type Options struct {
	Terminal  bool // redraw one live line per stage, instead of printing lines
	Color     bool
	Quiet     bool          // only failures and notes
	Width     int           // columns of the terminal, 80 if 0
	Heartbeat time.Duration // how long a log may be silent, 30 s if 0
	Refresh   time.Duration // how often the live lines are redrawn, 100 ms if 0
}

// Progress tells on a terminal or in a log how far a run is. All methods may be called concurrently. What cannot be
// written is lost: a run does not fail because nobody watches it.
type Progress struct {
	w       io.Writer
	options Options
	paint   paint
	start   time.Time

	mu      sync.Mutex
	stages  []*stage
	frame   string // the live area as it is on the screen
	printed time.Time
	closed  bool

	stop    chan struct{}
	stopped chan struct{}
}

// NewProgress begins to show progress on w. Close ends it.
func NewProgress(w io.Writer, options Options) *Progress {
	if options.Width <= 0 {
		options.Width = 80
	}
	if options.Heartbeat <= 0 {
		options.Heartbeat = 30 * time.Second
	}
	if options.Refresh <= 0 {
		options.Refresh = 100 * time.Millisecond
	}
	now := time.Now()
	p := &Progress{
		w: w, options: options, paint: paint(options.Color), start: now, printed: now,
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go p.loop()
	return p
}

// Stage announces a stage, or a new total of one: 0 means that it is not known yet. Announce the stages in their
// order before the first item is done: a log has a line for each item that is through the last of them.
func (p *Progress) Stage(name string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stage(name)
	s.total = total
	p.finish(s)
}

// Done tells that an item is through a stage, or has failed in it for good. A failure always gets a line.
func (p *Progress) Done(stageName, item string, err error, elapsed time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stage(stageName)
	s.done++
	line := fmt.Sprintf("%s %s %s", clean(s.name), s.count(), clean(item))
	switch {
	case err != nil:
		s.failed++
		p.print(p.paint.red("✗") + " " + line + ": " + firstLine(err.Error()) + took(elapsed))
	case !p.options.Terminal && !p.options.Quiet && s == p.stages[len(p.stages)-1]:
		p.print(p.paint.green("✓") + " " + line + took(elapsed))
	}
	p.finish(s)
}

// Retrying tells that an item will be tried again after wait; attempt is the one that failed, counting from 1.
func (p *Progress) Retrying(stageName, item string, attempt int, err error, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stage(stageName)
	s.retries++
	if p.options.Quiet {
		return
	}
	reason := ""
	if err != nil {
		reason = ": " + firstLine(err.Error())
	}
	p.print(fmt.Sprintf("%s %s %s: attempt %d%s; again in %s", p.paint.yellow("↻"), clean(s.name), clean(item), attempt,
		reason, wait.Round(100*time.Millisecond)))
}

// Note prints a line of its own, above the live area where there is one.
func (p *Progress) Note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.print(clean(fmt.Sprintf(format, args...)))
}

// Close leaves the last state on the screen and waits until nothing more is written. Calls after it are ignored.
func (p *Progress) Close() {
	p.mu.Lock()
	first := !p.closed
	if first {
		p.redraw()
		p.closed = true
		close(p.stop)
	}
	p.mu.Unlock()
	<-p.stopped
}

// stage finds the stage, or adds one that nobody announced.
func (p *Progress) stage(name string) *stage {
	for _, s := range p.stages {
		if s.name == name {
			return s
		}
	}
	s := &stage{name: name, start: time.Now()}
	p.stages = append(p.stages, s)
	return s
}

// finish notes when a stage is through, and tells it in a log.
func (p *Progress) finish(s *stage) {
	if !s.complete() {
		s.end = time.Time{}
		return
	}
	if !s.end.IsZero() {
		return
	}
	s.end = time.Now()
	if !p.options.Terminal && !p.options.Quiet {
		p.print(s.line(s.end))
	}
}

// print writes a line above the live area, in one write so that lines of other writers do not come between.
func (p *Progress) print(line string) {
	if p.closed {
		return
	}
	p.printed = time.Now()
	p.write(line+"\n", p.draw())
}

// redraw brings the live area up to date, if it is not.
func (p *Progress) redraw() {
	if frame := p.draw(); !p.closed && frame != p.frame {
		p.write("", frame)
	}
}

// write moves to the first live line, clears from there to the end of the screen, and writes anew.
func (p *Progress) write(above, frame string) {
	erase := ""
	if p.frame != "" {
		erase = fmt.Sprintf("\x1b[%dA\r\x1b[J", strings.Count(p.frame, "\n"))
	}
	p.frame = frame
	_, _ = io.WriteString(p.w, erase+above+frame)
}

// draw is the live area as it should be, "" where there is none.
func (p *Progress) draw() string {
	if !p.options.Terminal || p.options.Quiet {
		return ""
	}
	var b strings.Builder
	now := time.Now()
	for _, s := range p.stages {
		b.WriteString(p.liveLine(s, now) + "\n")
	}
	return b.String()
}
