package diag

// palette paints, or leaves the text as it is.
type palette bool

const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	green  = "1;32"
)

func (p palette) severity(s Severity) string {
	if s == Error {
		return red
	}
	return yellow
}

func (p palette) paint(code, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
