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

// show prints the errors with their source lines. The warnings are a part of the plan.
func (p planProblems) show(w World, file string) error {
	data, _ := os.ReadFile(file) // without it the lines are left out
	var errors []diag.Diagnostic
	for _, d := range p {
		if d.Severity == diag.Error {
			errors = append(errors, d)
		}
	}
	return diag.WriteText(w.Stderr, errors, map[string][]byte{file: data}, w.Color)
}
