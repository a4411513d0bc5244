package config

import (
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
	"gopkg.in/yaml.v3"
)

// source is an expression of the file, and what is asked of it.
type source struct {
	raw   *yaml.Node
	scope rule.Scope
	want  rule.Type
}

// expression compiles the text of a value, once; nil after a report of what is wrong with it.
func (d *decoder) expression(n *node, text string, scope rule.Scope, want rule.Type) *Expr {
	key := source{n.raw, scope, want}
	if _, done := d.compiled[key]; !done {
		d.compiled[key] = d.compile(n, text, scope, want)
	}
	return d.compiled[key]
}

func (d *decoder) compile(n *node, text string, scope rule.Scope, want rule.Type) *Expr {
	compiled, problem := rule.Compile(text, scope, want)
	places := d.places(n.raw, text)
	if problem == nil {
		return &Expr{Rule: compiled, Position: d.position(places[0].line, places[0].column)}
	}
	runes := []rune(text)
	first := min(offset(runes, problem.Line, problem.Column), len(runes))
	last := min(first+max(problem.Length, 1)-1, len(runes))
	from, to := places[first], places[last]
	length := to.column - from.column + 1
	if to.line != from.line {
		length = len(d.line(from.line)) - from.column + 1
	}
	d.add(diag.Error, d.position(from.line, from.column), length, "invalid-expression", problem.Message, problem.Hint)
	return nil
}

// offset turns a line and column of a text into an index of its runes.
func offset(text []rune, line, column int) int {
	i := 0
	for ; line > 1 && i < len(text); i++ {
		if text[i] == '\n' {
			line--
		}
	}
	return max(i+column-1, 0)
}

// place is a line and column of the file, counted from 1.
type place struct{ line, column int }

// places tells for every rune of a scalar's text where in the file it stands, and last where the text ends. It walks the file
// and the text side by side: white space may be folded or stripped, all else is the same but for escapes.
func (r *reporter) places(y *yaml.Node, text string) []place {
	s := scan{lines: r.lines, double: y.Style&yaml.DoubleQuotedStyle != 0, single: y.Style&yaml.SingleQuotedStyle != 0}
	s.line, s.column = r.content(y)
	switch {
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		s.line, s.column = s.line+1, 1
		s.skipBlank()
	case s.double || s.single:
		s.column++
	}
	places := make([]place, 0, len(text)+1)
	for _, c := range text {
		places = append(places, s.take(c))
	}
	return append(places, s.place)
}

// scan is a place in the file that moves on as the runes of a scalar's text are found.
type scan struct {
	place
	lines          [][]rune
	double, single bool
}

// take finds the next rune of the text and moves behind it.
func (s *scan) take(c rune) place {
	if s.double {
		for s.peek(0) == '\\' && s.peek(1) == '\n' { // a line that goes on below
			s.column++
			s.skipBlank()
		}
	}
	blank := strings.ContainsRune(" \t\n", c)
	if s.double && s.peek(0) == '\\' && blank {
		return s.escape()
	}
	if blank {
		at := s.place
		if strings.ContainsRune(" \t\n", s.peek(0)) {
			s.next()
		}
		return at
	}
	s.skipBlank()
	at := s.place
	switch {
	case s.double && s.peek(0) == '\\' && s.peek(1) == '\n':
		return s.take(c)
	case s.double && s.peek(0) == '\\':
		return s.escape()
	case s.single && c == '\'':
		s.column++
	}
	s.next()
	return at
}

// escape moves behind an escape of a double-quoted text.
func (s *scan) escape() place {
	at := s.place
	s.column += 2 + map[rune]int{'x': 2, 'u': 4, 'U': 8}[s.peek(1)]
	return at
}

// peek is the rune ahead; the end of a line is '\n', the end of the file 0.
func (s *scan) peek(ahead int) rune {
	if s.line > len(s.lines) {
		return 0
	}
	line := s.lines[s.line-1]
	switch i := s.column - 1 + ahead; {
	case i < len(line):
		return line[i]
	case i == len(line):
		return '\n'
	}
	return 0
}

func (s *scan) next() {
	switch s.peek(0) {
	case '\n':
		s.line, s.column = s.line+1, 1
	case 0:
	default:
		s.column++
	}
}

func (s *scan) skipBlank() {
	for c := s.peek(0); c == ' ' || c == '\t' || c == '\n'; c = s.peek(0) {
		s.next()
	}
}
