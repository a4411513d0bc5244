package nix

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// BuildOptions say what to build, and where.
type BuildOptions struct {
	Drv     string
	Store   string                 // "" is that of n
	Options []string               // further arguments for Nix, such as --option sandbox false
	Log     func(drv, line string) // called for each line of each builder, one at a time; may be nil
}

// BuildResult is how a build ended. A build that fails is a result; an error is only that Nix could not be run.
type BuildResult struct {
	OK      bool
	Timeout bool     // it failed because it took too long, or was silent for too long
	Built   []string // the .drvs that were really built for it, in the order they were begun
	Failed  []string // the .drvs that themselves failed, first one first
	// FailedDependency is the .drv that failed, where that is not the one asked for.
	FailedDependency string
	Outputs          []string // store paths
	Message          string   // Nix's words, without colour codes
	LogTail          []string // the last lines of the builder that failed
}

// Build builds all outputs of one .drv. The old command nix-store is used because it means the same on every version
// of Nix, where `nix build x.drv` has meant two things.
func (n *Nix) Build(ctx context.Context, b BuildOptions) (BuildResult, error) {
	if b.Store != "" {
		n = n.WithStore(b.Store)
	}
	args := append([]string{"--realise", b.Drv, "--log-format", "internal-json"}, b.Options...)
	cmd := n.Command(ctx, "nix-store", args...)
	log := newBuildLog(b.Log)
	lines := &lineWriter{line: log.line}
	var stdout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, lines
	err := ended(cmd.Run())
	lines.flush()
	if ctx.Err() != nil {
		return BuildResult{}, fmt.Errorf("building %s: %w", b.Drv, context.Cause(ctx))
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return BuildResult{}, fmt.Errorf("building %s: %w", b.Drv, err)
	}
	result := log.result(b.Drv, err == nil)
	if err == nil {
		result.Outputs = strings.Fields(stdout.String())
	} else if result.Message == "" {
		result.Message = fmt.Sprintf("nix-store: %v", err)
	}
	return result, nil
}

// maxLine bounds what one line may take of our memory; what is longer is cut.
const maxLine = 1 << 20

// lineWriter hands on what is written to it line by line.
type lineWriter struct {
	line func(string)
	max  int // 0 is maxLine
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	written := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			w.keep(p)
			return written, nil
		}
		w.keep(p[:i])
		w.flush()
		p = p[i+1:]
	}
}

func (w *lineWriter) keep(p []byte) {
	w.rest = append(w.rest, p[:min(len(p), cmp.Or(w.max, maxLine)-len(w.rest))]...)
}

func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.line(string(w.rest))
		w.rest = w.rest[:0]
	}
}
