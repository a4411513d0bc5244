package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

func newLint(w World) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "lint [FILE...]",
		Short: "Check configuration files and show every problem at its line and column",
		Long: `lint reads configuration files (the nearest .nixbuild-checks.yaml if none is named, standard
input for -) and shows every problem at its line and column. It needs neither Nix nor a network.

Exit codes: 0 no errors, 1 errors were found, 2 a file could not be read.`,
		Example: "  nixbuild-checks lint\n  nixbuild-checks lint --format json ci/*.yaml",
		RunE: func(_ *cobra.Command, files []string) error {
			return lint(w, files, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "how problems are shown: text or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func lint(w World, files []string, format string) error {
	if format != "text" && format != "json" {
		return usage("--format is text or json, not %q", format)
	}
	if len(files) == 0 {
		file, err := findConfig("")
		if err != nil {
			return err
		}
		files = []string{file}
	}
	var problems []diag.Diagnostic
	sources := map[string][]byte{}
	for _, file := range files {
		data, err := readConfig(w, file)
		if err != nil {
			return &exitError{exitUsage, err}
		}
		sources[file] = data
		_, found := config.Load(file, data)
		problems = append(problems, found...)
	}
	problems = diag.Sort(problems)
	if format == "json" {
		if err := diag.WriteJSON(w.Stdout, problems); err != nil {
			return err
		}
	} else {
		if err := diag.WriteText(w.Stdout, problems, sources, w.Color); err != nil {
			return err
		}
		fmt.Fprintf(w.Stderr, "%s\n", lintSummary(len(files), problems))
	}
	if diag.HasErrors(problems) {
		return &exitError{code: exitProblems}
	}
	return nil
}

func lintSummary(files int, problems []diag.Diagnostic) string {
	errors := 0
	for _, p := range problems {
		if p.Severity == diag.Error {
			errors++
		}
	}
	return fmt.Sprintf("%s: %s, %s", count(files, "file"), count(errors, "error"), count(len(problems)-errors, "warning"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
