package config

import (
	"strings"
	"unicode/utf8"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"gopkg.in/yaml.v3"
)

// reporter gathers problems and knows the text they are in.
type reporter struct {
	file  string
	lines [][]rune
	list  []diag.Diagnostic
}

func newReporter(file string, data []byte) *reporter {
	r := &reporter{file: file}
	for line := range strings.SplitSeq(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		r.lines = append(r.lines, []rune(strings.TrimSuffix(line, "\r")))
	}
	return r
}

// line gives the runes of a line, counted from 1; none outside the file.
func (r *reporter) line(number int) []rune {
	if number < 1 || number > len(r.lines) {
		return nil
	}
	return r.lines[number-1]
}

func (r *reporter) position(line, column int) diag.Position {
	return diag.Position{File: r.file, Line: line, Column: column}
}

func (r *reporter) errorAt(line, column, length int, rule, message, hint string) {
	r.add(diag.Error, r.position(line, column), length, rule, message, hint)
}

func (r *reporter) add(severity diag.Severity, at diag.Position, length int, rule, message, hint string) {
	r.list = append(r.list, diag.Diagnostic{
		Position: at, Severity: severity, Rule: rule, Message: message, Hint: hint, Length: max(length, 1),
	})
}

// at reports an error about the whole of a key or value.
func (r *reporter) at(y *yaml.Node, rule, message, hint string) {
	at, length := r.span(y)
	r.add(diag.Error, at, length, rule, message, hint)
}

// field reports an error about a field: at its value, or at its key where the value is nothing that can be pointed at.
func (r *reporter) field(f *field, rule, message, hint string) {
	if f.value.kind == kindNull && f.value.raw.Value == "" {
		r.at(f.key, rule, message, hint)
		return
	}
	r.at(f.value.raw, rule, message, hint)
}

// span is where a key or value starts, after its anchor and tag, and how much of that line it takes.
func (r *reporter) span(y *yaml.Node) (diag.Position, int) {
	line, column := r.content(y)
	rest := r.line(line)
	rest = rest[min(max(column-1, 0), len(rest)):]
	length := 1
	switch {
	case y.Kind == yaml.AliasNode:
		length = 1 + utf8.RuneCountInString(y.Value)
	case y.Kind == yaml.MappingNode && y.Style&yaml.FlowStyle == 0 && len(y.Content) > 0:
		return r.span(y.Content[0])
	case y.Kind != yaml.ScalarNode:
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
	case y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		length = quotedLength(rest)
	case strings.HasPrefix(string(rest), y.Value):
		length = utf8.RuneCountInString(y.Value)
	default: // over several lines
		length = utf8.RuneCountInString(strings.TrimRight(string(rest), " \t"))
	}
	return r.position(line, column), max(length, 1)
}

// content is where a node starts once its anchor and its tag are passed, which the parser counts to the node.
func (r *reporter) content(y *yaml.Node) (line, column int) {
	line, column = y.Line, y.Column
	if y.Anchor == "" && y.Style&yaml.TaggedStyle == 0 {
		return line, column
	}
	for line <= len(r.lines) {
		text := r.line(line)
		i := min(column-1, len(text))
		for i < len(text) && (isBlank(text[i]) || text[i] == '&' || text[i] == '!') {
			for blank := isBlank(text[i]); i < len(text) && isBlank(text[i]) == blank; {
				i++
			}
		}
		if i < len(text) && text[i] != '#' {
			return line, i + 1
		}
		line, column = line+1, 1
	}
	return y.Line, y.Column
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' }

// quotedLength is how long a quoted string is that starts with the first rune, or all there is if it goes on below.
func quotedLength(text []rune) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[0] == '"' && text[i] == '\\':
			i++
		case text[0] == '\'' && text[i] == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		case text[i] == text[0]:
			return i + 1
		}
	}
	return len(text)
}
