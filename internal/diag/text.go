package diag

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

const (
	tabWidth   = 4
	maxExcerpt = 160 // runes of a source line that are shown
)

// cells measures text as terminals show it, whatever the locale of the process.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// WriteText writes each problem as `file:line:column: error: message [rule]`, the source line with a caret below it, and the hint.
// Sources maps the files to their content; without it the source line is left out.
func WriteText(w io.Writer, list []Diagnostic, sources map[string][]byte, color bool) error {
	var out strings.Builder
	style := palette(color)
	for _, d := range list {
		name := style.paint(style.severity(d.Severity), string(d.Severity)+":")
		fmt.Fprintf(&out, "%s %s %s [%s]\n", style.paint(bold, printable(d.Position.String())+":"), name, printable(d.Message), d.Rule)
		if line, ok := sourceLine(sources[d.File], d.Line); ok {
			writeExcerpt(&out, d, line, style)
		}
		if d.Hint != "" {
			fmt.Fprintf(&out, "  %s %s\n", style.paint(bold, "hint:"), printable(d.Hint))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// writeExcerpt writes the source line and the caret below it. The gutter with the line number also keeps a line
// that starts with `::` from being a workflow command of GitHub Actions.
func writeExcerpt(out *strings.Builder, d Diagnostic, line []rune, style palette) {
	start := min(max(d.Column-1, 0), len(line))
	end := min(max(start+d.Length, start+1), max(len(line), start+1))
	from, to := 0, len(line)
	if to > maxExcerpt {
		from = max(0, start-maxExcerpt/2)
		to = min(to, from+maxExcerpt)
	}
	shown := func(a, b int) string {
		a, b = min(max(a, from), to), min(max(b, from), to)
		return visible(line[a:b])
	}
	before, token := shown(from, start), shown(start, end)
	prefix, suffix := "", ""
	if from > 0 {
		prefix = "…"
	}
	if to < len(line) {
		suffix = "…"
	}
	number := fmt.Sprintf("%5d", d.Line)
	text := prefix + before + token + shown(end, len(line)) + suffix
	fmt.Fprintf(out, "%s | %s\n", number, strings.TrimRight(text, " "))
	caret := "^" + strings.Repeat("~", max(cells.StringWidth(token), 1)-1)
	pad := strings.Repeat(" ", cells.StringWidth(prefix+before))
	fmt.Fprintf(out, "%s | %s%s\n", strings.Repeat(" ", len(number)), pad, style.paint(green, caret))
}

func sourceLine(source []byte, number int) ([]rune, bool) {
	if number < 1 || source == nil {
		return nil, false
	}
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	for range number - 1 {
		_, rest, found := bytes.Cut(source, []byte("\n"))
		if !found {
			return nil, false
		}
		source = rest
	}
	line, _, _ := bytes.Cut(source, []byte("\n"))
	return []rune(strings.TrimSuffix(string(line), "\r")), true
}

// visible shows tabs as spaces, so that the caret line is aligned whatever the terminal's tab stops.
func visible(line []rune) string {
	return printable(strings.ReplaceAll(string(line), "\t", strings.Repeat(" ", tabWidth)))
}

// printable keeps text on one line and out of the terminal's command stream.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r == '\r':
			return -1
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // the latter turn the direction of writing
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
