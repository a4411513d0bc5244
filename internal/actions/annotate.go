package actions

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/sethvargo/go-githubactions"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

// GitHub shows ten annotations of each kind a step, and cuts a message at 4096 characters.
const (
	maxAnnotations = 10
	maxMessage     = 4096
)

// Annotate shows the problems on the lines they stand at. What exceeds the runner's limit becomes one plain line
// with the number left out, so that nobody takes the first ten for all.
func (c *Commands) Annotate(list []diag.Diagnostic) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := 0
	for _, d := range list {
		if !c.take(d.Severity) {
			left++
			continue
		}
		if err := writeCommand(c.w, string(d.Severity), propertiesOf(d), messageOf(d)); err != nil {
			return fmt.Errorf("annotation: %w", err)
		}
	}
	if left == 0 {
		return nil
	}
	_, err := fmt.Fprintf(c.w, "%d more problems without an annotation: GitHub shows %d of a kind\n", left, maxAnnotations)
	return err
}

func (c *Commands) take(severity diag.Severity) bool {
	count := &c.errors
	if severity == diag.Warning {
		count = &c.warnings
	}
	*count++
	return *count <= maxAnnotations
}

func propertiesOf(d diag.Diagnostic) githubactions.CommandProperties {
	properties := githubactions.CommandProperties{}
	set := func(key, value string) {
		if value != "" {
			properties[key] = value
		}
	}
	set("file", d.File)
	set("title", d.Rule)
	if d.Line > 0 {
		set("line", strconv.Itoa(d.Line))
		set("endLine", strconv.Itoa(d.Line)) // the runner drops the columns without it
	}
	if d.Line > 0 && d.Column > 0 {
		set("col", strconv.Itoa(d.Column))
		set("endColumn", strconv.Itoa(d.Column+max(d.Length, 1)))
	}
	return properties
}

func messageOf(d diag.Diagnostic) string {
	message := d.Message
	if d.Hint != "" {
		message += "\n" + d.Hint
	}
	message = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, message)
	if runes := []rune(message); len(runes) > maxMessage {
		message = string(runes[:maxMessage-1]) + "…"
	}
	return message
}
