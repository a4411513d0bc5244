package rule

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	wantsCondition = `write a condition, such as system == "x86_64-linux"`
	noClock        = "a rule gives the same answer at any time, so there is no clock"
	anySize        = "it can make values of any size"
	allFunctions   = "the functions are all, any, count, filter, first, glob, hasPrefix, hasSuffix, indexOf, int, join, last, " +
		"lastIndexOf, len, lower, map, none, one, replace, split, string, trim, trimPrefix, trimSuffix, upper"
)

// TestRefusalsInFull has each refusal as its reader sees it: place, message and hint, word by word.
func TestRefusalsInFull(t *testing.T) {
	tests := []struct {
		src           string
		at            [3]int // line, column, length
		message, hint string
	}{
		// operators
		{`attr + 1`, [3]int{1, 6, 1}, "invalid operation: + (mismatched types string and int)", ""},
		{`attr - "a"`, [3]int{1, 6, 1}, "invalid operation: - (mismatched types string and string)", ""},
		{`path + path`, [3]int{1, 6, 1}, "invalid operation: + (mismatched types []string and []string)", ""},
		{`1.5 % 2 == 1`, [3]int{1, 5, 1}, "invalid operation: % (mismatched types float64 and int)", ""},
		{`!attr`, [3]int{1, 1, 1}, "invalid operation: ! (mismatched type string)", ""},
		{`not 1`, [3]int{1, 1, 3}, "invalid operation: not (mismatched type int)", ""},
		{`-attr == 1`, [3]int{1, 1, 1}, "invalid operation: - (mismatched type string)", ""},
		{`attr && true`, [3]int{1, 6, 2}, "invalid operation: && (mismatched types string and bool)", ""},
		{`true == 1`, [3]int{1, 6, 2}, "invalid operation: == (mismatched types bool and int)", ""},
		{`attr < 1`, [3]int{1, 6, 1}, "invalid operation: < (mismatched types string and int)", ""},
		{`meta.timeout > "a"`, [3]int{1, 14, 1}, "invalid operation: > (mismatched types int and string)", ""},
		{`attr contains 1`, [3]int{1, 6, 8}, "invalid operation: contains (mismatched types string and int)", ""},
		{`attr startsWith 1`, [3]int{1, 6, 10}, "invalid operation: startsWith (mismatched types string and int)", ""},
		{`attr endsWith path`, [3]int{1, 6, 8}, "invalid operation: endsWith (mismatched types string and []string)", ""},
		{`attr in "abc"`, [3]int{1, 6, 2}, "invalid operation: in (mismatched types string and string)", ""},
		{`1 in path`, [3]int{1, 3, 2}, "cannot use int as type string in array", ""},
		{`attr ? true : false`, [3]int{1, 1, 4}, "non-bool expression (type string) used as condition", ""},
		{`attr matches 1`, [3]int{1, 14, 1}, "the pattern of matches must be a constant text", "glob(pattern, text) takes a computed pattern"},
		// members and indexes
		{`attr.x == ""`, [3]int{1, 6, 1}, "type string has no field x", ""},
		{`attr[1] == "a"`, [3]int{1, 5, 1}, "type string[int] is undefined", ""},
		{`path["a"] == ""`, [3]int{1, 6, 3}, "array elements can only be selected using an integer (got string)", ""},
		{`len(path[0:"a"]) == 1`, [3]int{1, 12, 3}, "non-integer slice index string", ""},
		{`any(path, .x == 1)`, [3]int{1, 12, 1}, "type string has no field x", ""},
		{`drv == drv`, [3]int{1, 1, 3}, "drv can only be used with one of its members", "such as drv.name"},
		{`event == event`, [3]int{1, 1, 5}, "event can only be used with one of its members", "such as event.name"},
		{`len(map(path, meta)) == 1`, [3]int{1, 15, 4}, "meta can only be used with one of its members", "such as meta.description"},
		{`drv[attr] == ""`, [3]int{1, 4, 1}, "the member of drv must be named, not computed", "rules tell beforehand which facts they need"},
		{`drv.zzzzzzzz == ""`, [3]int{1, 5, 8}, "drv has no member zzzzzzzz", ""},
		// conditions over lists
		{`all(attr, true)`, [3]int{1, 5, 4}, "builtin all takes only array (got string)", ""},
		{`all(path, #)`, [3]int{1, 11, 1}, "predicate should return boolean (got string)", ""},
		{`count(path, 1) == 1`, [3]int{1, 13, 1}, "predicate should return boolean (got int)", ""},
		{`any(path, #index == 0)`, [3]int{1, 11, 1}, "unknown pointer #index", ""},
		{`any(path, let x = #; true)`, [3]int{1, 15, 1}, "let is not available in rules", "write x out where it is used"},
		{`count(path, none(path, true)) == 1`, [3]int{1, 13, 4}, "none inside another function's condition is not available in rules", "conditions over lists do not nest"},
		{`# == 1`, [3]int{1, 1, 1}, `unexpected token Operator("#")`, ""},
		// arguments
		{`len() == 1`, [3]int{1, 1, 3}, "invalid number of arguments (expected 1, got 0)", ""},
		{`len(1) == 1`, [3]int{1, 1, 3}, "invalid argument for len (type int)", ""},
		{`split(attr, ".", "a") == path`, [3]int{1, 1, 5}, "argument 3 of split must be a whole number", ""},
		{`split(attr, ".", 1.5) == path`, [3]int{1, 1, 5}, "argument 3 of split must be a whole number", ""},
		{`join(attr) == ""`, [3]int{1, 1, 4}, "argument 1 of join must be a list of texts", ""},
		{`first(attr) == ""`, [3]int{1, 1, 5}, "argument 1 of first must be a list of texts", ""},
		{`last(1) == ""`, [3]int{1, 1, 4}, "argument 1 of last must be a list of texts", ""},
		{`int(path) == 1`, [3]int{1, 1, 3}, "argument 1 of int must be a text, a number or true or false", ""},
		{`indexOf(attr, 1) == 1`, [3]int{1, 1, 7}, "argument 2 of indexOf must be a text", ""},
		{`lower(meta.broken) == ""`, [3]int{1, 1, 5}, "argument 1 of lower must be a text", ""},
		{`replace(attr, "a") == ""`, [3]int{1, 1, 7}, "replace takes 3 arguments, not 2", ""},
		{`glob(attr)`, [3]int{1, 1, 4}, "glob takes 2 arguments, not 1", ""},
		{`trim() == ""`, [3]int{1, 1, 4}, "trim takes 1 or 2 arguments, not 0", ""},
		{`split(attr) == path`, [3]int{1, 1, 5}, "split takes 2 or 3 arguments, not 1", ""},
		// names
		{`fromJSON(attr) == ""`, [3]int{1, 1, 8}, "unknown function fromJSON", allFunctions},
		{`attr | foobar()`, [3]int{1, 8, 6}, "unknown function foobar", allFunctions},
		{`TRIM(attr) == ""`, [3]int{1, 1, 4}, "unknown function TRIM", "did you mean trim?"},
		{`timezone(attr) == ""`, [3]int{1, 1, 8}, "timezone is not available in rules", noClock},
		{`now() == 1`, [3]int{1, 1, 3}, "now is not available in rules", noClock},
		{`repeat(attr, 2) == ""`, [3]int{1, 1, 6}, "repeat is not available in rules", anySize},
		{`len == 1`, [3]int{1, 1, 3}, "len is a function", "call it: len(…)"},
		{`pull_request == 1`, [3]int{1, 1, 12}, "unknown name pull_request", "did you mean event.pull_request?"},
		{`version == ""`, [3]int{1, 1, 7}, "unknown name version", "did you mean drv.version?"},
		{`qqqqqqqq == ""`, [3]int{1, 1, 8}, "unknown name qqqqqqqq",
			"the names are attr, attr_name, drv, event, flake_attr, job, meta, path, system; texts stand in quotes"},
		// what is no rule at all
		{`attr == nil`, [3]int{1, 9, 3}, "nil is not available in rules", `what is not known is "", 0, false or an empty list`},
		{`{} == {}`, [3]int{1, 1, 1}, "maps are not available in rules", `write conditions: system == "x86_64-linux" ? "a" : "b"`},
		{`1 in 1..2`, [3]int{1, 7, 2}, "ranges are not available in rules", ""},
		{`upper("a")()`, [3]int{1, 11, 1}, `unexpected token Bracket("(")`, ""},
		{`attr here`, [3]int{1, 6, 4}, `unexpected token Identifier("here")`, ""},
		{`(true`, [3]int{1, 5, 1}, "the expression ends too early", ""},
		// results
		{`1.5`, [3]int{1, 1, 3}, "the expression gives a number, but true or false is wanted", wantsCondition},
		{`path`, [3]int{1, 1, 4}, "the expression gives a list, but true or false is wanted", wantsCondition},
		{"attr\n+ \"ü\"", [3]int{1, 1, 10}, "the expression gives a text, but true or false is wanted", wantsCondition},
		{`if true {1} else {"a"}`, [3]int{1, 4, 4}, "the two sides of this condition differ in type", "use string(…) on the one that is no text"},
		// several lines
		{"true &&\n  meta.timeout", [3]int{1, 6, 2}, "invalid operation: && (mismatched types bool and int)", ""},
		{"\"ü\" == \"🚧\" &&\n\tattr == 1", [3]int{2, 7, 2}, "invalid operation: == (mismatched types string and int)", ""},
		{"attr ==\n\"a\" + 1", [3]int{2, 5, 1}, "invalid operation: + (mismatched types string and int)", ""},
		{"\n\n  atr", [3]int{3, 3, 3}, "unknown name atr", "did you mean attr?"},
		{"any(path,\n  upper(#, 1) == \"\")", [3]int{2, 3, 5}, "upper takes 1 arguments, not 2", ""},
		{"true // ü\n&& true /*\n*/ && meta.brokn", [3]int{3, 12, 5}, "meta has no member brokn", "did you mean broken?"},
		{"true\r\n&& atr == \"\"", [3]int{2, 4, 3}, "unknown name atr", "did you mean attr?"},
	}
	for _, test := range tests {
		t.Run(test.src, func(t *testing.T) {
			r, err := Compile(test.src, TargetScope, Bool)
			require.NotNil(t, err, "accepted")
			assert.Nil(t, r)
			assert.Equal(t, Error{Line: test.at[0], Column: test.at[1], Length: test.at[2], Message: test.message, Hint: test.hint}, *err)
		})
	}
}

func TestErrorText(t *testing.T) {
	assert.EqualError(t, &Error{Line: 2, Column: 3, Length: 4, Message: "bad"}, "2:3: bad")
	assert.EqualError(t, &Error{Line: 2, Column: 3, Length: 4, Message: "bad", Hint: "do this"}, "2:3: bad (do this)")
}

// TestJobScopeKnowsJobAndEventAlone has the names of a target refused with their reason, and their members too.
func TestJobScopeKnowsJobAndEventAlone(t *testing.T) {
	for _, name := range []string{"attr", "path", "attr_name", "system", "flake_attr", "drv", "meta"} {
		_, err := Compile(name+` == ""`, JobScope, Bool)
		require.NotNil(t, err, name)
		assert.Equal(t, Error{
			Line: 1, Column: 1, Length: len(name),
			Message: name + " is not known here", Hint: "whether a job is part of a run is decided by job and event alone",
		}, *err)
	}
	_, err := Compile(`meta.broken`, JobScope, Bool)
	require.NotNil(t, err)
	assert.Equal(t, "meta is not known here", err.Message)
	_, err = Compile(`qqqqqq == ""`, JobScope, Bool)
	require.NotNil(t, err)
	assert.Equal(t, "the names are event, job; texts stand in quotes", err.Hint)
}
