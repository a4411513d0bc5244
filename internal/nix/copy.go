package nix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
)

// passing marks the words by which a failure that will pass can be told from a refusal.
var passing = regexp.MustCompile(`(?i)connection (refused|reset|closed|timed out)|timed? ?out|broken pipe|unexpected end-of-file|disconnected unexpectedly|` +
	`could not resolve|temporary failure|network is unreachable|no route to host|HTTP error 5\d\d|failed to start SSH connection|is busy|` +
	`not an absolute path: 'nix-archive-1'|File exists|schema is corrupt`) // the last three: copies that met on one path, or on a new store

// CopyDerivations copies the closures of .drv files from n's store to another store. env is added to the
// environment, where ssh may be told to send it. Network failures are marked as transient.
func (n *Nix) CopyDerivations(ctx context.Context, to string, env, drvs []string) error {
	args := append([]string{"copy", "--derivation", "--no-check-sigs", "--to", to}, drvs...)
	if n.Store != "" {
		// --store would name the machine that copies, --from names where the paths are.
		args = append([]string{"copy", "--derivation", "--no-check-sigs", "--from", n.Store, "--to", to}, drvs...)
	}
	cmd := n.WithStore("").Command(ctx, "nix", args...)
	cmd.Env = append(cmd.Env, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := ended(cmd.Run())
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	text := lastError(stderr.String())
	var exit *exec.ExitError
	if text == "" || !errors.As(err, &exit) {
		return fmt.Errorf("nix copy: %w", err)
	}
	err = fmt.Errorf("nix copy --to %s: %s", to, text)
	if passing.MatchString(text) {
		err = engine.Transient(err)
	}
	if !strings.Contains(text, "/nix/store/") {
		err = engine.Whole(err) // no path is to blame
	}
	return err
}

var errorLine = regexp.MustCompile(`(?m)^error:`)

// lastError is the last error in what a nix program printed, or all of it where none is marked. What ssh said
// right before is a part of it: Nix only sees that the connection ended.
func lastError(stderr string) string {
	text := strings.TrimSpace(withoutWarnings(StripANSI(strings.ReplaceAll(stderr, "\r\n", "\n"))))
	found := errorLine.FindAllStringIndex(text, -1)
	if found == nil {
		return strings.TrimPrefix(text, "error: ")
	}
	at := found[len(found)-1]
	own := text[at[1]:]
	if i := strings.LastIndex(own, "\n       error: "); i >= 0 {
		own = own[i+len("\n       error: "):]
	}
	own = strings.ReplaceAll(strings.TrimSpace(dedent(own)), ": error: ", ": ")
	before := lastLine(strings.TrimSpace(text[:at[0]]))
	if strings.Contains(before, "ssh") || strings.Contains(before, "ermission denied") || strings.Contains(before, "ost key") {
		return before + ": " + own
	}
	return own
}

// withoutWarnings drops the lines by which Nix warns.
func withoutWarnings(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.HasPrefix(line, "warning: ") })
	return strings.Join(lines, "\n")
}

func lastLine(s string) string { return s[strings.LastIndexByte(s, '\n')+1:] }
