package report

import (
	"strings"
	"time"
)

// loop is the one goroutine of a Progress: it redraws the live lines, or breaks the silence of a log.
func (p *Progress) loop() {
	defer close(p.stopped)
	wait := p.options.Heartbeat
	if p.options.Terminal {
		wait = p.options.Refresh
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-timer.C:
			timer.Reset(p.tick())
		}
	}
}

// tick does what is due and tells when to come again.
func (p *Progress) tick() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.options.Terminal {
		p.redraw()
		return p.options.Refresh
	}
	if silent := time.Since(p.printed); silent < p.options.Heartbeat {
		return p.options.Heartbeat - silent
	}
	p.heartbeat()
	return p.options.Heartbeat
}

// heartbeat shows that a run that has nothing new to tell is not stuck, and how far it is. CI systems end jobs that are
// silent, and so do people.
func (p *Progress) heartbeat() {
	if p.options.Quiet {
		return
	}
	var parts []string
	for _, s := range p.stages {
		parts = append(parts, clean(s.name)+" "+s.count()+s.troubles())
	}
	line := "… still working after " + clock(time.Since(p.start))
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	p.print(line)
}
