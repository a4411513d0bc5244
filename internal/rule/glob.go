package rule

import (
	"errors"
	"fmt"
)

// element is one part of a pattern: a run of any characters, or one character out of some.
type element struct {
	star   bool
	any    bool
	negate bool
	ranges [][2]rune
}

func (e element) accepts(r rune) bool {
	if e.any {
		return true
	}
	for _, bounds := range e.ranges {
		if bounds[0] <= r && r <= bounds[1] {
			return !e.negate
		}
	}
	return e.negate
}

// parseGlob reads a pattern: * is any run of characters, ? any one, [a-z] and [!a-z] one of a class or not of it;
// \ takes the next character as it is.
func parseGlob(pattern string) ([]element, error) {
	var parsed []element
	for rest := []rune(pattern); len(rest) > 0; {
		var e element
		var err error
		switch rest[0] {
		case '*':
			e, rest = element{star: true}, rest[1:]
		case '?':
			e, rest = element{any: true}, rest[1:]
		case '[':
			e, rest, err = parseClass(rest[1:])
		default:
			var r rune
			r, rest, err = literal(rest)
			e.ranges = [][2]rune{{r, r}}
		}
		if err != nil {
			return nil, fmt.Errorf("bad pattern %.60q: %w", pattern, err)
		}
		parsed = append(parsed, e)
	}
	return parsed, nil
}

// parseClass reads what follows a [ up to and including the ].
func parseClass(rest []rune) (e element, left []rune, err error) {
	if len(rest) > 0 && (rest[0] == '!' || rest[0] == '^') {
		e.negate, rest = true, rest[1:]
	}
	for len(rest) > 0 && (rest[0] != ']' || len(e.ranges) == 0) {
		var low, high rune
		if low, rest, err = literal(rest); err != nil {
			return e, nil, err
		}
		high = low
		if len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
			if high, rest, err = literal(rest[1:]); err != nil {
				return e, nil, err
			}
		}
		if high < low {
			return e, nil, fmt.Errorf("the range %c-%c is the wrong way round", low, high)
		}
		e.ranges = append(e.ranges, [2]rune{low, high})
	}
	if len(rest) == 0 {
		return e, nil, errors.New("a [ is not closed")
	}
	return e, rest[1:], nil
}

func literal(rest []rune) (rune, []rune, error) {
	if rest[0] != '\\' {
		return rest[0], rest[1:], nil
	}
	if len(rest) == 1 {
		return 0, nil, errors.New("it ends with a \\")
	}
	return rest[1], rest[2:], nil
}

// matchGlob tells whether the pattern matches all of s. Only the last star is ever gone back to, so its time is
// bounded by the product of the two lengths.
func matchGlob(pattern []element, s []rune) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p].star:
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p].accepts(s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p].star {
		p++
	}
	return p == len(pattern)
}

func glob(args []any) (any, uint, error) {
	pattern, s := args[0].(string), args[1].(string)
	work := cost(len(pattern)) + cost(len(s)) + uint(len(pattern)*len(s)/256)
	if work > budget {
		return nil, 0, errTooLong
	}
	parsed, err := parseGlob(pattern)
	if err != nil {
		return nil, 0, err
	}
	return matchGlob(parsed, []rune(s)), work, nil
}
