package rule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxText is the longest text an expression can make.
const maxText = 16 << 10

var errTooLong = fmt.Errorf("the text becomes longer than %d bytes", maxText)

// cost is what a text charges.
func cost(bytes int) uint { return uint(bytes/16 + 1) }

func limited(s string) (any, uint, error) {
	if len(s) > maxText {
		return nil, 0, errTooLong
	}
	return s, cost(len(s)), nil
}

// one lifts a function of one text.
func one(f func(string) string) func([]any) (any, uint, error) {
	return func(args []any) (any, uint, error) {
		s := args[0].(string)
		if len(s) > maxText {
			return nil, 0, errTooLong
		}
		return limited(f(s))
	}
}

// texts lifts a function of two texts whose result is not longer than the first.
func texts[T any](f func(a, b string) T) func([]any) (any, uint, error) {
	return func(args []any) (any, uint, error) {
		a := args[0].(string)
		return f(a, args[1].(string)), cost(len(a)), nil
	}
}

func trim(args []any) (any, uint, error) {
	s := args[0].(string)
	if len(args) == 2 {
		return strings.Trim(s, args[1].(string)), cost(len(s)), nil
	}
	return strings.TrimSpace(s), cost(len(s)), nil
}

func concat(args []any) (any, uint, error) {
	a, b := args[0].(string), args[1].(string)
	if len(a)+len(b) > maxText {
		return nil, 0, errTooLong
	}
	return limited(a + b)
}

func split(args []any) (any, uint, error) {
	s, limit := args[0].(string), -1
	if len(s) > maxText {
		return nil, 0, errTooLong
	}
	if len(args) == 3 {
		limit = args[2].(int)
	}
	parts := strings.SplitN(s, args[1].(string), limit)
	return parts, cost(len(s)) + uint(len(parts)), nil
}

func join(args []any) (any, uint, error) {
	separator := ""
	if len(args) == 2 {
		separator = args[1].(string)
	}
	parts, err := textList(args[0])
	if err != nil {
		return nil, 0, err
	}
	size := len(separator) * len(parts)
	for _, part := range parts {
		size += len(part)
	}
	if size > maxText {
		return nil, 0, errTooLong
	}
	return strings.Join(parts, separator), cost(size) + uint(len(parts)), nil
}

func replace(args []any) (any, uint, error) {
	s, old, with := args[0].(string), args[1].(string), args[2].(string)
	if len(s) > maxText || strings.Count(s, old)*len(with)+len(s) > 2*maxText {
		return nil, 0, errTooLong
	}
	return limited(strings.ReplaceAll(s, old, with))
}

func toText(args []any) (any, uint, error) { return limited(fmt.Sprint(args[0])) }

func toInt(args []any) (any, uint, error) {
	switch v := args[0].(type) {
	case int:
		return v, 0, nil
	case float64:
		return int(v), 0, nil
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil {
			return nil, 0, fmt.Errorf("int(%.40q): not a whole number", v)
		}
		return n, 0, nil
	}
	return nil, 0, fmt.Errorf("int(%v): not a number", args[0])
}

// firstOf and lastOf give "" for an empty list.
func firstOf(args []any) (any, uint, error) {
	parts, err := textList(args[0])
	if err != nil || len(parts) == 0 {
		return "", 0, err
	}
	return parts[0], uint(len(parts)), nil
}

func lastOf(args []any) (any, uint, error) {
	parts, err := textList(args[0])
	if err != nil || len(parts) == 0 {
		return "", 0, err
	}
	return parts[len(parts)-1], uint(len(parts)), nil
}

// textList is a list of texts in either of the two forms expr has for it.
func textList(value any) ([]string, error) {
	switch v := value.(type) {
	case []string:
		return v, nil
	case []any:
		parts := make([]string, len(v))
		for i, part := range v {
			s, ok := part.(string)
			if !ok {
				return nil, fmt.Errorf("the list holds %T, not only texts", part)
			}
			parts[i] = s
		}
		return parts, nil
	}
	return nil, errors.New("not a list")
}
