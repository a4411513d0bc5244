package schema

import (
	"encoding/json"
	"testing"
)

func parsed(t *testing.T) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(JSON), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// walk visits every schema of the document, with its JSON pointer.
func walk(s map[string]any, path string, visit func(string, map[string]any)) {
	visit(path, s)
	for _, key := range []string{"properties", "definitions"} {
		parts, _ := s[key].(map[string]any)
		for name, part := range parts {
			if part, ok := part.(map[string]any); ok {
				walk(part, path+"/"+key+"/"+name, visit)
			}
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if part, ok := s[key].(map[string]any); ok {
			walk(part, path+"/"+key, visit)
		}
	}
}
