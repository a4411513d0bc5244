package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nixbuild/nixbuild-checks/schema"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// compiled is the schema twice: to validate with, and as data, for the names that messages give.
var compiled = sync.OnceValues(func() (*jsonschema.Schema, map[string]any) {
	var data map[string]any
	if err := json.Unmarshal([]byte(schema.JSON), &data); err != nil {
		panic(err) // embedded, and tested
	}
	return jsonschema.MustCompileString(schema.URL, schema.JSON), data
})

// validator reports where a file departs from the schema. What the decoder says better (durations, sizes, names,
// fields that exclude one another) it leaves to the decoder.
type validator struct {
	*reporter
	root *node
	// patterns are the strings that some pattern of the schema refuses; the decoder should have said why.
	patterns []*field
}

func (v *validator) validate() {
	schema, _ := compiled()
	err := schema.Validate(v.root.any())
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		v.leaves(invalid)
	} else if err != nil {
		v.errorAt(1, 1, 1, "invalid-value", err.Error(), "")
	}
}

// leaves walks to the errors that have no further cause, but not into alternatives, whose leaves contradict each other.
func (v *validator) leaves(e *jsonschema.ValidationError) {
	_, pointer, _ := strings.Cut(e.AbsoluteKeywordLocation, "#")
	parent, keyword := cutLast(pointer)
	switch {
	case keyword == "oneOf", keyword == "anyOf", keyword == "not", strings.Contains(pointer, "/dependencies/"), strings.Contains(pointer, "/propertyNames"):
		return
	case len(e.Causes) > 0:
		for _, cause := range e.Causes {
			v.leaves(cause)
		}
		return
	}
	if target, path := v.find(e.InstanceLocation); target != nil && target.value.kind != kindInvalid {
		v.leaf(keyword, lookup(parent), target, path, e.Message)
	}
}

// leaf reports one violated keyword of the schema s at a value.
func (v *validator) leaf(keyword string, s map[string]any, at *field, path, message string) {
	switch keyword {
	case "additionalProperties":
		v.unknown(s, at.value, path)
	case "required":
		for _, name := range texts(s["required"]) {
			if at.value.field(name) == nil {
				v.missing(at, path, name)
			}
		}
	case "type":
		v.wrongType(s, at, path)
	case "enum":
		v.field(at, "unknown-value", fmt.Sprintf("%s cannot be %v", path, at.value.scalar), oneOf(s, at.value))
	case "pattern":
		v.patterns = append(v.patterns, at)
	case "minimum":
		v.field(at, "out-of-range", fmt.Sprintf("%s must be at least %v, but is %v", path, s["minimum"], at.value.scalar), "")
	case "minLength":
		v.field(at, "empty-value", path+" must not be empty", "leave the field out for its default")
	case "minItems":
		v.field(at, "empty-value", path+" must not be empty", "leave the field out for its default")
	case "minProperties":
		v.field(at, "empty-value", path+" must name at least one job", "write `NAME: {}` for a job with nothing but defaults")
	case "uniqueItems":
		v.field(at, "duplicate-item", path+" has an item twice", "")
	default:
		v.field(at, "invalid-value", path+": "+message, "")
	}
}

func (v *validator) unknown(s map[string]any, at *node, path string) {
	properties, _ := s["properties"].(map[string]any)
	known := slices.Sorted(maps.Keys(properties))
	for _, f := range at.fields {
		if properties[f.name] != nil {
			continue
		}
		hint := suggest(f.name, known)
		if path == "" && jobFields[f.name] != nil {
			hint = fmt.Sprintf("%q is a field of a job: put it below jobs.NAME, or below defaults", f.name)
		}
		where := "in " + path
		if path == "" {
			where = "at the top of the file"
		}
		v.at(f.key, "unknown-field", fmt.Sprintf("unknown field %q %s", f.name, where), hint)
	}
}

func (v *validator) missing(at *field, path, name string) {
	if path == "" {
		hints := map[string]string{"version": "write `version: 1` as the first line", "jobs": "below `jobs:` write a job, indented: `builds: {}`"}
		v.errorAt(1, 1, 1, "missing-field", fmt.Sprintf("the field %q is missing", name), hints[name])
		return
	}
	v.field(at, "missing-field", fmt.Sprintf("%s has no %q", path, name), "")
}

func (v *validator) wrongType(s map[string]any, at *field, path string) {
	words := map[string]kind{"string": kindString, "integer": "a whole number", "boolean": kindBool, "array": kindList, "object": kindMap}
	var want []string
	for _, t := range append(texts(s["type"]), text(s["type"])...) {
		want = append(want, string(words[t]))
	}
	if path == "" {
		path = "the file"
	}
	expected := strings.Join(want, " or ")
	is := string(at.value.kind)
	if at.value.kind == kindNumber && s["type"] != "string" {
		is = at.value.raw.Value
	}
	v.field(at, "wrong-type", fmt.Sprintf("%s must be %s, but is %s", path, expected, is), typeHint(s, at.value))
}

func typeHint(s map[string]any, n *node) string {
	switch want := s["type"]; {
	case n.kind == kindNull && want == "object":
		return "write {} for one without fields"
	case n.kind == kindNull:
		return "leave the field out for its default"
	case want == "string" && (n.kind == kindNumber || n.kind == kindBool):
		if examples, _ := s["examples"].([]any); s["pattern"] != nil && n.kind == kindNumber && len(examples) > 0 {
			return fmt.Sprintf("write it with its unit, as in %v", examples[len(examples)-1])
		}
		return fmt.Sprintf("write it in quotes: \"%s\"", n.raw.Value)
	case want == "boolean" && n.kind == kindString:
		return "write true or false, without quotes"
	case want == "integer" && n.kind == kindString && isInteger(n.raw.Value):
		return "write it without quotes"
	case want == "array" && n.kind == kindString:
		return fmt.Sprintf("write a list: [%s]", n.raw.Value)
	}
	return ""
}

func isInteger(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

func oneOf(s map[string]any, n *node) string {
	known := texts(s["enum"])
	if len(known) == 0 { // the one enum of a number is the version
		return "this release reads version 1"
	}
	return suggest(n.raw.Value, known)
}

// unexplained reports the strings that a pattern refuses and the decoder let pass: none, if the two agree.
func (v *validator) unexplained() {
	last := map[int]int{} // the last column with a problem, by line
	for _, d := range v.list {
		last[d.Line] = max(last[d.Line], d.Column)
	}
	for _, f := range v.patterns {
		if at, _ := v.span(f.value.raw); last[at.Line] < at.Column {
			v.field(f, "invalid-value", fmt.Sprintf("%q is not written as this field wants it", f.value.raw.Value), "")
		}
	}
}
