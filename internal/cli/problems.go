package cli

import (
	"os"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

// planProblems are what is wrong with a plan.
type planProblems []diag.Diagnostic

// emptyJob is the rule of the one problem that fails a job and not the run.
const emptyJob = "empty-job"

// fatal tells whether nothing may be run: the configuration is at fault.
func (p planProblems) fatal() bool {
	for _, d := range p {
		if d.Severity == diag.Error && d.Rule != emptyJob {
			return true
		}
	}
	return false
}

// show prints the problems with their source lines.
func (p planProblems) show(w World, file string) error {
	data, _ := os.ReadFile(file) // without it the lines are left out
	return diag.WriteText(w.Stderr, p, map[string][]byte{file: data}, w.Color)
}
