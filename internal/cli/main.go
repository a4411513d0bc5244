// Package cli is the command line: one file a verb. It is the only package that sees all others, and the place
// where the outside world (streams, environment, HTTP) comes in.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// World is what the program sees of the outside.
type World struct {
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Environ  []string
	Version  string
	HTTP     *http.Client // nil is one with the time limits that each service deserves
	Terminal bool         // stderr is one
	Color    bool         // stdout may be coloured
	Width    int          // of the terminal, in columns
}

// System is the world as the operating system has it.
func System(version string) World {
	w := World{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Environ: os.Environ(), Version: version,
		Terminal: term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb",
	}
	w.Color = wantsColor(os.Getenv, term.IsTerminal(int(os.Stdout.Fd())))
	w.Width, _, _ = term.GetSize(int(os.Stderr.Fd()))
	return w
}

// wantsColor follows NO_COLOR (https://no-color.org) and CLICOLOR_FORCE before it looks at the terminal.
func wantsColor(getenv func(string) string, terminal bool) bool {
	switch {
	case getenv("NO_COLOR") != "":
		return false
	case getenv("CLICOLOR_FORCE") != "" && getenv("CLICOLOR_FORCE") != "0":
		return true
	}
	return terminal && getenv("TERM") != "dumb"
}

// Getenv is the value of an environment variable, "" if there is none.
func (w World) Getenv(name string) string {
	value := ""
	for _, kv := range w.Environ {
		if rest, ok := strings.CutPrefix(kv, name+"="); ok {
			value = rest
		}
	}
	return value
}

// Main runs one command line and returns the exit code. When ctx is cancelled the run is wound up and the code
// is that of the signal.
func Main(ctx context.Context, args []string, w World) int {
	root := newRoot(w)
	root.SetArgs(args)
	understood := false // flags and arguments, that is: what fails later is no bad usage
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if !understood {
		fmt.Fprintf(w.Stderr, "nixbuild-checks: %v\nRun '%s --help' for usage.\n", err, cmd.CommandPath())
		return exitUsage
	}
	if ctx.Err() != nil { // whatever went wrong then went wrong because of it
		err = interrupted(ctx)
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{exitEnvironment, err}
	}
	if exit.err != nil {
		fmt.Fprintf(w.Stderr, "nixbuild-checks: %v\n", exit.err)
	}
	return exit.code
}

func newRoot(w World) *cobra.Command {
	root := &cobra.Command{
		Use:   "nixbuild-checks",
		Short: "CI for Nix flakes as one committed file",
		Long: `nixbuild-checks reads .nixbuild-checks.yaml, picks and names the derivations of a flake
by its rules, and has them built asynchronously on nixbuild.net, each as a GitHub Check Run.

  nixbuild-checks lint          check the file
  nixbuild-checks plan          see what would run
  nixbuild-checks run --local   run it on this machine
  nixbuild-checks run           run it on nixbuild.net

Exit codes: 0 all well, 1 a problem was found or a check did not end well, 2 bad usage or an
invalid file, 3 the environment failed (no Nix, no token, ...), 130/143 interrupted.`,
		Version:       w.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(w.Stdin)
	root.SetOut(w.Stdout)
	root.SetErr(w.Stderr)
	root.AddCommand(newLint(w), newPlan(w), newRun(w), newSchema(w))
	return root
}
