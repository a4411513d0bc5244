package report

// paint puts colour on text, or does not. go-pretty's own colours obey the environment of the process, which is not
// for a package that is told what to do.
type paint bool

func (p paint) red(s string) string    { return p.sgr("31", s) }
func (p paint) green(s string) string  { return p.sgr("32", s) }
func (p paint) yellow(s string) string { return p.sgr("33", s) }
func (p paint) bold(s string) string   { return p.sgr("1", s) }
func (p paint) faint(s string) string  { return p.sgr("2", s) }

func (p paint) sgr(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// outcome is the outcome's mark and words in its colour.
func (p paint) outcome(o Outcome) string {
	text := o.mark() + " " + o.words()
	switch {
	case o == Succeeded:
		return p.green(text)
	case o == Cancelled:
		return p.yellow(text)
	case !o.Good():
		return p.red(text)
	}
	return text
}

// mark tells outcomes apart where there is no colour.
func (o Outcome) mark() string {
	switch {
	case o == Cancelled:
		return "⊘"
	case !o.Good():
		return "✗"
	case o == Succeeded:
		return "✓"
	}
	return "•"
}
