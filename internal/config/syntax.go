package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const maxSize = 1 << 20

// parse gives the one document of the file, or nil after a report of why there is none.
func (r *reporter) parse(data []byte) *yaml.Node {
	if len(data) > maxSize {
		r.errorAt(0, 0, 1, "yaml-too-large", "the file is larger than 1 MiB", "")
		return nil
	}
	if !r.characters(data) {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF), err == nil && blank(&document):
		r.errorAt(1, 1, 1, "empty-file", "the file is empty", "the least there can be is version: 1, and a job below jobs")
		return nil
	case err != nil:
		r.syntaxError(data, err)
		return nil
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		r.errorAt(max(second.Line, 1), max(second.Column, 1), 3, "yaml-documents", "a second document starts here", "the file is one document: leave out the `---`")
		return nil
	case !errors.Is(err, io.EOF):
		r.syntaxError(data, err)
		return nil
	}
	return document.Content[0]
}

// blank tells a document that holds comments at most.
func blank(document *yaml.Node) bool {
	return len(document.Content) == 0 || document.Content[0].ShortTag() == "!!null" && document.Content[0].Value == ""
}

// characters reports the first one that YAML does not allow: the parser does not say where it is.
func (r *reporter) characters(data []byte) bool {
	if !utf8.Valid(data) {
		at := 0
		for rest := data; ; {
			c, size := utf8.DecodeRune(rest)
			if c == utf8.RuneError && size == 1 {
				break
			}
			at, rest = at+size, rest[size:]
		}
		before := data[:at]
		line := 1 + bytes.Count(before, []byte("\n"))
		column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
		r.errorAt(line, column, 1, "yaml-syntax", "the file is not UTF-8", "save it as UTF-8")
		return false
	}
	for i, line := range r.lines {
		for j, c := range line {
			if c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfffe || c == 0xffff || c == '\ufeff' {
				r.errorAt(i+1, j+1, 1, "yaml-syntax", fmt.Sprintf("the control character %U is not allowed", c), "remove it")
				return false
			}
		}
	}
	return true
}

// syntaxError finds the place of a syntax error by itself, since the parser tells no column and often a wrong line:
// the error is where the longest start of the file ends that can be parsed.
func (r *reporter) syntaxError(data []byte, err error) {
	text := strings.TrimPrefix(string(data), "\ufeff")
	offsets := []int{0}
	for i, c := range []byte(text) {
		if c == '\n' {
			offsets = append(offsets, i+1)
		}
	}
	offsets = append(offsets, len(text))
	good := goodLines(text, offsets)
	number := min(good+1, len(r.lines))
	line := r.line(number)
	column := len(line) - len([]rune(strings.TrimLeft(string(line), " \t"))) + 1
	message, hint := explainSyntax(err)
	if tab := strings.IndexRune(string(line[:column-1]), '\t'); tab >= 0 {
		r.errorAt(number, tab+1, 1, "yaml-syntax", "a tab in the indentation", "YAML indents with spaces only")
		return
	}
	if start := offsets[number-1]; start+len(line) < 1<<16 && len(line) <= 300 {
		for n := len(line) - 1; n >= column; n-- {
			if parses(text[:start] + string(line[:n])) {
				column = n + 1
				break
			}
		}
	}
	r.errorAt(number, column, 1, "yaml-syntax", message, hint)
}

// goodLines counts the lines of the longest start of the text that parses. Starts that end within a construct of several
// lines do not parse, hence the look ahead; after the error none does.
func goodLines(text string, offsets []int) int {
	ahead := 20
	if len(text) > 1<<16 { // each look costs a parse
		ahead = 2
	}
	ok := func(n int) bool { return parses(text[:offsets[n]]) }
	good, bad := 0, len(offsets)-1
	for range 20 {
		for bad-good > 1 {
			if middle := (good + bad) / 2; ok(middle) {
				good = middle
			} else {
				bad = middle
			}
		}
		next := 0
		for n := good + 2; n <= good+ahead && n < len(offsets); n++ {
			if ok(n) {
				next = n
			}
		}
		if next == 0 {
			break
		}
		good, bad = next, len(offsets)-1
	}
	return good
}

func parses(text string) bool {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var n yaml.Node
		if err := decoder.Decode(&n); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// explainSyntax says what the parser said, in words for people who do not write parsers.
func explainSyntax(err error) (message, hint string) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if _, after, found := strings.Cut(text, ": "); found && strings.HasPrefix(text, "line ") {
		text = after
	}
	for _, e := range []struct{ said, message, hint string }{
		{"mapping values are not allowed", "a `:` where no key can be", "put a text that contains `: ` in quotes, and check the indentation"},
		{"could not find expected ':'", "a key without its `:`", "write `key: value`, and check the indentation"},
		{"did not find expected key", "this fits no key or value of the mapping around it", "check the indentation; text that starts with a quote must end with it"},
		{"did not find expected '-'", "this fits no item of the list around it", "check the indentation"},
		{"found unexpected end of stream", "a quote is opened and never closed", ""},
		{"unknown anchor", text, "an anchor is set with `&name` above its first use"},
		{"found character that cannot start any token", "a text cannot start with this character", "put the text in quotes"},
		{"did not find expected ',' or", "a bracket is opened and not closed, or a comma is missing", ""},
		{"found unknown escape character", "an unknown escape in a double-quoted text", "write `\\\\` for a backslash, or use single quotes"},
	} {
		if strings.Contains(text, e.said) {
			return e.message, e.hint
		}
	}
	return text, ""
}
