package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/nix"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/server"
)

// localPorts starts nixbuild.net in a box. The machine's own store is eval store and destination in one, so
// that there is nothing to upload.
func (s *session) localPorts(ctx context.Context) (*ports, error) {
	machine, err := s.nix.Machine(ctx)
	if err != nil {
		return nil, environment(err)
	}
	logs, err := s.logDir()
	if err != nil {
		return nil, environment(err)
	}
	settings := &buildSettings{byDrv: map[string][]string{}}
	running, err := server.Start(context.WithoutCancel(ctx), server.Options{
		Workers: runtime.NumCPU(), LogDir: logs,
		Build: func(ctx context.Context, drv string, log func(drv, line string)) (nix.BuildResult, error) {
			return s.nix.Build(ctx, nix.BuildOptions{Drv: drv, Options: slices.Concat(machine.Options, fastLocks, settings.of(drv)), Log: log})
		},
	})
	if err != nil {
		return nil, environment(err)
	}
	client := nixbuild.New(nixbuild.Options{Base: running.URL, Token: running.Token, HTTP: s.world.HTTP})
	return &ports{
		Ports: pipeline.Ports{
			Evaluate: s.evaluate,
			Upload:   func(context.Context, []string) error { return nil },
			Submit: func(ctx context.Context, u plan.Uploaded) ([]byte, error) {
				settings.note(u)
				return submitTo(client)(ctx, u)
			},
			Wait:  waitAt(client),
			Unfit: unfit(machine),
		},
		close: func() {
			client.Close()
			_ = running.Close() // every build is over, or its run is
		},
	}, nil
}

// buildSettings are the `--option NAME VALUE` among the nix_args of the job that a .drv is built for.
type buildSettings struct {
	mu    sync.Mutex
	byDrv map[string][]string
}

// note keeps the settings of the first job that wants a .drv: it is built once.
func (b *buildSettings) note(u plan.Uploaded) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.byDrv[u.Facts.Drv.Path]; !known {
		b.byDrv[u.Facts.Drv.Path] = nix.Settings(u.Job.NixArgs)
	}
}

func (b *buildSettings) of(drv string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.byDrv[drv]
}

// unfit tells why a machine cannot build for a system.
func unfit(m nix.Machine) func(system string) string {
	return func(system string) string {
		if system == "" || slices.Contains(m.Platforms, system) {
			return ""
		}
		return fmt.Sprintf("neither this machine nor its remote builders can build for %s", system)
	}
}

// fitness asks what this machine can build for.
func (s *session) fitness(ctx context.Context) (func(system string) string, error) {
	machine, err := s.nix.Machine(ctx)
	if err != nil {
		return nil, environment(err)
	}
	return unfit(machine), nil
}

// fastLocks has a nix that waits for another one's build look for its end every second: the default is five.
var fastLocks = []string{"--option", "build-poll-interval", "1"}

// waitAt waits for a build of our own server.
func waitAt(client *nixbuild.Client) func(context.Context, plan.Submission) (api.Process, error) {
	return func(ctx context.Context, submission plan.Submission) (api.Process, error) {
		var processes []api.Process
		if err := json.Unmarshal(submission.Answer, &processes); err != nil || len(processes) != 1 {
			return api.Process{}, errors.New("the server's answer names no process to wait for")
		}
		for p := processes[0]; ; {
			if p.Status.Final() {
				return p, nil
			}
			var err error
			if p, err = client.Process(ctx, p.ID); err != nil {
				return api.Process{}, err
			}
		}
	}
}

// logDir makes the folder for the build logs of this run, where they stay.
func (s *session) logDir() (string, error) {
	state := s.world.Getenv("XDG_STATE_HOME")
	if home := s.world.Getenv("HOME"); state == "" && home != "" {
		state = filepath.Join(home, ".local", "state")
	}
	if state == "" {
		state = os.TempDir()
	}
	dir := filepath.Join(state, "nixbuild-checks", "logs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		dir = "" // a home that cannot be written to must not stop a build: the folder for temporary files will do
	}
	return os.MkdirTemp(dir, s.started.Format(time.DateOnly+"T150405")+"-")
}
