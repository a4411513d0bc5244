package nix

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Message is one line of Nix's internal-json log (https://nix.dev/manual, "--log-format internal-json"): a message
// for the user, or the start, a result or the end of an activity.
type Message struct {
	Action string            `json:"action"` // msg | start | result | stop
	Level  int               `json:"level"`  // 0 error, 1 warning, 2 notice, 3 info …
	Msg    string            `json:"msg"`
	RawMsg string            `json:"raw_msg"`
	File   string            `json:"file"`
	Line   int               `json:"line"`
	Column int               `json:"column"`
	ID     uint64            `json:"id"`
	Parent uint64            `json:"parent"`
	Type   int               `json:"type"`
	Text   string            `json:"text"`
	Fields []json.RawMessage `json:"fields"`
	Trace  []Frame           `json:"trace"`
}

// Frame is one step of an error's trace.
type Frame struct {
	RawMsg string `json:"raw_msg"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// ParseMessage reads one line of stderr. ok is false for a line that is not Nix's (ssh's or git's, say).
func ParseMessage(line string) (m Message, ok bool) {
	rest, found := strings.CutPrefix(line, "@nix ")
	if !found || json.Unmarshal([]byte(rest), &m) != nil {
		return Message{}, false
	}
	return m, true
}

var ansi = regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`)

// StripANSI removes colour codes.
func StripANSI(s string) string { return ansi.ReplaceAllString(s, "") }
