package diag

import (
	"encoding/json"
	"io"
)

// WriteJSON writes the problems as one JSON array; it is empty, not null, where there are none.
func WriteJSON(w io.Writer, list []Diagnostic) error {
	if list == nil {
		list = []Diagnostic{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}
