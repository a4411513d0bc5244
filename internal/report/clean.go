package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escapeSequence matches what terminals take for commands: colours and cursor movement (CSI), titles and links
// (OSC and its like, to their end or to that of the text), and the short ones.
var escapeSequence = regexp.MustCompile(
	`(?:\x1b\[|\x{9b})[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x{9d}\x{90}\x{98}\x{9e}\x{9f}])[^\x07\x1b\x{9c}]*(?:\x07|\x1b\\|\x{9c})?|\x1b[ -/]*[0-~]?`)

// clean makes text that others wrote (attribute names, Nix's messages, logs) safe to print on one line: escape
// sequences go, other control characters and those that turn the reading direction become visible escapes.
// "##[" would be a command to the GitHub Actions runner wherever in a line it stands.
func clean(s string) string {
	if harmless(s) {
		return s
	}
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if strings.ContainsFunc(s, beginsSequence) {
		s = escapeSequence.ReplaceAllString(s, "")
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x100 && unicode.IsControl(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case r == '\u2028', r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "##[", "## [")
}

// harmless tells of printable ASCII, which is nearly all there is, that it needs no cleaning.
func harmless(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return !strings.Contains(s, "##[")
}

func beginsSequence(r rune) bool { return r == '\x1b' || r >= 0x80 && r <= 0x9f }

// cleanLines is the text line by line, each clean. Tabs are indentation there, not something to show.
func cleanLines(text string) []string {
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = clean(strings.ReplaceAll(line, "\t", "    "))
	}
	return lines
}

// firstLine is the first line that says something: Nix begins its messages with a bare "error:".
func firstLine(text string) string {
	lines := cleanLines(text)
	first := ""
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if line != "error:" {
			return strings.TrimSpace(first + " " + line)
		}
		first = line
	}
	return first
}
