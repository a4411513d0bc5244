// Package nix calls the nix programs: it evaluates flakes with a pool of repl workers, copies closures and builds derivations.
package nix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// killDelay is how long a nix process may take to end by itself once it was asked to.
const killDelay = 3 * time.Second

// ErrNotFound says that there is no nix program on PATH.
var ErrNotFound = errors.New("nix is not installed: get it from https://nixos.org/download, or on Debian and Ubuntu: apt-get install nix-bin")

// Nix is an installation of the nix programs and the store they work on.
type Nix struct {
	Version Version
	Store   string // value of --store; "" is the machine's own
	dir     string // folder of the programs
	env     []string
}

// Find looks for nix on the PATH of environ, and asks it for its version.
func Find(ctx context.Context, environ []string) (*Nix, error) {
	path, err := lookPath("nix", environ)
	if err != nil {
		return nil, ErrNotFound
	}
	n := &Nix{dir: filepath.Dir(path), env: childEnv(environ)}
	out, err := n.Command(ctx, "nix", "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	n.Version, err = ParseVersion(string(out))
	if err != nil {
		return nil, err
	}
	if n.Version.Less(Minimum) {
		return nil, fmt.Errorf("%s is Nix %s, which is too old: %s or newer is needed", path, n.Version, Minimum)
	}
	return n, nil
}

// WithStore is the same installation working on another store.
func (n *Nix) WithStore(uri string) *Nix {
	c := *n
	c.Store = uri
	return &c
}

// Command prepares one of the nix programs ("nix", "nix-store"). It is an argv, never a shell line; when ctx
// ends, its whole process group is asked to end, and killed a little later.
func (n *Nix) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	argv := args
	if program == "nix" && (len(args) == 0 || args[0] != "--version") {
		argv = slices.Concat(args[:1], []string{"--extra-experimental-features", "nix-command flakes"}, args[1:])
	}
	if n.Store != "" {
		argv = append(slices.Clone(argv), "--store", n.Store)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(n.dir, program), argv...)
	cmd.Env = slices.Clone(n.env)
	OwnGroup(cmd)
	return cmd
}

// OwnGroup makes cmd the leader of a process group that ends as a whole, so that no ssh or builder is left behind.
func OwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = processGroup()
	endWithin(cmd, killDelay)
}

// endWithin sets how long cmd's group may take to end by itself once it is asked to.
func endWithin(cmd *exec.Cmd, delay time.Duration) {
	cmd.WaitDelay = killDelay
	cmd.Cancel = func() error {
		time.AfterFunc(delay, func() { _ = signalGroup(cmd.Process, syscall.SIGKILL) })
		return signalGroup(cmd.Process, syscall.SIGTERM)
	}
}

// signalGroup leaves alone what was waited for already: its number may be another's by now.
func signalGroup(leader *os.Process, s syscall.Signal) error {
	if err := leader.Signal(syscall.Signal(0)); err != nil {
		return err
	}
	return syscall.Kill(-leader.Pid, s)
}

// ended is how a program ended. One that went well did so even where a process it left behind (an ssh master, say)
// still holds its output.
func ended(err error) error {
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	return err
}

// kept out of the children's environment: nothing that evaluates or builds has any use for the right to ask
// for further id tokens.
var secretVariables = []string{"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_RUNTIME_TOKEN"}

func childEnv(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(secretVariables, name)
	})
}

// lookPath finds a program on the PATH of environ, which in tests is not that of this process.
func lookPath(program string, environ []string) (string, error) {
	for _, kv := range slices.Backward(environ) {
		list, ok := strings.CutPrefix(kv, "PATH=")
		if !ok {
			continue
		}
		for _, dir := range filepath.SplitList(list) {
			if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil && filepath.IsAbs(path) {
				return path, nil
			}
		}
		return "", ErrNotFound
	}
	return "", ErrNotFound
}
