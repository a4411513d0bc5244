package nix

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Quote is the Nix expression of a string, in ASCII on one line: a repl reads lines, and its line editor takes
// control characters as commands.
func Quote(s string) string {
	for _, r := range s {
		if r > '~' || (r < ' ' && r != '\n' && r != '\r' && r != '\t') {
			return "(builtins.fromJSON " + quotePlain(asciiJSON(s)) + ")"
		}
	}
	return quotePlain(s)
}

var nixEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func quotePlain(s string) string { return `"` + nixEscapes.Replace(s) + `"` }

// asciiJSON is the JSON of a string with everything outside ASCII as \u escapes.
func asciiJSON(s string) string {
	data, _ := json.Marshal(s) // a string always marshals
	var b strings.Builder
	for _, r := range string(data) {
		switch {
		case r <= '~':
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// selection is the Nix expression of a path of names below an expression: root."a"."b".
func selection(root string, path []string) string {
	var b strings.Builder
	b.WriteString(root)
	for _, name := range path {
		b.WriteString(".${" + Quote(name) + "}")
	}
	return b.String()
}
