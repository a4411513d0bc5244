package schema

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

func TestSchemaIsValidDraft07(t *testing.T) {
	t.Parallel()
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft7
	meta, err := compiler.Compile("http://json-schema.org/draft-07/schema")
	if err != nil {
		t.Fatal(err)
	}
	document := parsed(t)
	if err := meta.Validate(document); err != nil {
		t.Errorf("%#v", err)
	}
	if _, err := jsonschema.CompileString(URL, JSON); err != nil {
		t.Errorf("%#v", err)
	}
	if document["$id"] != URL || document["$schema"] != "http://json-schema.org/draft-07/schema#" {
		t.Errorf("$id %v, $schema %v", document["$id"], document["$schema"])
	}
}

func TestEveryPropertyIsDescribed(t *testing.T) {
	t.Parallel()
	count := 0
	walk(parsed(t), "#", func(path string, s map[string]any) {
		properties, isObject := s["properties"].(map[string]any)
		if isObject && s["additionalProperties"] != false {
			t.Errorf("%s allows additional properties", path)
		}
		for name, value := range properties {
			count++
			p, _ := value.(map[string]any)
			for _, key := range []string{"description", "default", "examples"} {
				if p[key] == nil {
					t.Errorf("%s/properties/%s has no %s", path, name, key)
				}
			}
		}
	})
	if count < 45 {
		t.Errorf("only %d properties seen", count)
	}
}

// TestExamplesAreValid holds the examples against the very property they stand at.
func TestExamplesAreValid(t *testing.T) {
	t.Parallel()
	walk(parsed(t), "#", func(path string, s map[string]any) {
		examples, _ := s["examples"].([]any)
		if len(examples) == 0 {
			return
		}
		compiler := jsonschema.NewCompiler()
		compiler.Draft = jsonschema.Draft7
		if err := compiler.AddResource(URL, strings.NewReader(JSON)); err != nil {
			t.Fatal(err)
		}
		part, err := compiler.Compile(URL + path)
		if err != nil {
			t.Fatal(path, err)
		}
		for _, example := range examples {
			if err := part.Validate(example); err != nil {
				t.Errorf("%s: example %v: %v", path, example, err)
			}
		}
	})
}
