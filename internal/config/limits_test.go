package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostileFilesEnd loads files that would take minutes if any step were quadratic. It measures nothing: the test's own timeout does.
func TestHostileFilesEnd(t *testing.T) {
	t.Parallel()
	var jobs, rules strings.Builder
	for i := range 5_000 {
		fmt.Fprintf(&jobs, "  j%d: {x: 1, evaluation: {timeout: x}}\n", i)
	}
	for range 4_000 {
		rules.WriteString("  - *r\n")
	}
	expression := "attr == \"" + strings.Repeat("a", 3000) + "\"" + strings.Repeat(" || broken", 80)
	for name, yaml := range map[string]string{
		"many bad jobs":      "version: 1\njobs:\n" + jobs.String(),
		"error at the end":   "version: 1\njobs:\n" + jobs.String() + " x\n",
		"error in the start": "version: 1\njobs: [\n" + jobs.String(),
		"one rule often":     "version: 1\njobs:\n a:\n  rules:\n  - &r {when: '" + expression + "', skip: x}\n" + rules.String(),
		"too large":          strings.Repeat("#", maxSize+1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if config, problems := Load("c.yaml", []byte(yaml)); config != nil || len(problems) == 0 {
				t.Errorf("%d problems", len(problems))
			}
		})
	}
}
