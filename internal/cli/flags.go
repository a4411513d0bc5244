package cli

import (
	"slices"

	"github.com/spf13/cobra"
)

// runFlags are the flags of plan and run.
type runFlags struct {
	config      string
	jobs        []string
	event       string
	branch      string
	noScripts   bool
	format      string
	eval        bool
	dryRun      bool
	local       bool
	results     string
	destination string
	api         string
	quiet       bool
	attrs       []string
}

// common adds what plan and run share.
func (f *runFlags) common(cmd *cobra.Command, formats ...string) {
	flags := cmd.Flags()
	flags.StringVarP(&f.config, "config", "c", "", "the configuration (default: the nearest "+DefaultFile+")")
	flags.StringSliceVarP(&f.jobs, "job", "j", nil, "only these jobs; repeat it or separate them by commas")
	flags.StringVar(&f.event, "event", "", "act as if this event had started the run, such as push or pull_request")
	flags.StringVar(&f.branch, "branch", "", "act as if the run were on this branch")
	flags.BoolVar(&f.noScripts, "no-scripts", false, "leave out pre_evaluation_script")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "show problems only, no progress")
	flags.StringVar(&f.format, "format", formats[0], "how the result is shown: "+list(formats))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("job", f.completeJobs)
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
}

func (f *runFlags) checkFormat(formats ...string) error {
	if !slices.Contains(formats, f.format) {
		return usage("--format is %s, not %q", list(formats), f.format)
	}
	return nil
}

// list writes words as "a, b or c".
func list(words []string) string {
	text := words[0]
	for i, word := range words[1:] {
		separator := ", "
		if i == len(words)-2 {
			separator = " or "
		}
		text += separator + word
	}
	return text
}

// completeJobs offers the names of the jobs in the configuration.
func (f *runFlags) completeJobs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	c, err := quietConfig(f.config)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, j := range c.Jobs {
		names = append(names, j.Name+"\t"+j.Description)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
