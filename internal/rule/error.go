package rule

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
)

// Error is what is wrong with an expression. Line and Column count from 1, Column and Length in runes, relative
// to the expression's own source.
type Error struct {
	Line, Column, Length int
	Message, Hint        string
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("%d:%d: %s (%s)", e.Line, e.Column, e.Message, e.Hint)
}

// source is the text of an expression; it turns places of expr's into ours.
type source string

func (s source) blank() bool { return strings.TrimSpace(string(s)) == "" }

// whole is a problem with the expression as a whole.
func (s source) whole(message, hint string) *Error {
	return &Error{Line: 1, Column: 1, Length: max(1, utf8.RuneCountInString(string(s))), Message: message, Hint: hint}
}

// at is a problem with the runes of loc. Its length ends with the line.
func (s source) at(loc file.Location, message, hint string) *Error {
	runes := []rune(string(s))
	from := max(0, min(loc.From, len(runes)-1))
	e := &Error{Line: 1, Column: 1, Length: 1, Message: message, Hint: hint}
	for _, r := range runes[:from] {
		e.Column++
		if r == '\n' {
			e.Line, e.Column = e.Line+1, 1
		}
	}
	for i := from + 1; i < min(loc.To, len(runes)) && runes[i] != '\n'; i++ {
		e.Length++
	}
	return e
}

// fromExpr words an error of expr's parser, checker or compiler.
func (s source) fromExpr(err error) *Error {
	var located *file.Error
	if !errors.As(err, &located) {
		message, _, _ := strings.Cut(err.Error(), "\n") // of a panic, expr adds the stack
		return s.whole(message, "")
	}
	message := strings.TrimSpace(located.Message)
	switch {
	case strings.Contains(message, "exceeds maximum allowed nodes"):
		return s.whole(fmt.Sprintf("the expression has more than %d parts", maxNodes), "split it into several rules")
	case strings.HasPrefix(message, "unexpected token EOF"), message == "unexpected end of expression":
		message = "the expression ends too early"
	}
	return s.at(located.Location, message, "")
}

// runtimeError words an error of expr's machine.
func runtimeError(err error) error {
	var located *file.Error
	if !errors.As(err, &located) {
		return err
	}
	message := located.Message
	if message == "memory budget exceeded" {
		message = errTooMuch.Error()
	}
	return fmt.Errorf("at %d:%d: %s", located.Line, located.Column+1, message)
}
