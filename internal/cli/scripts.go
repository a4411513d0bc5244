package cli

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/nixbuild/nixbuild-checks/internal/nix"
)

// runScripts runs the pre_evaluation_scripts of the jobs, one after another in the order of the file, equal ones
// once. Their output goes to stderr. A script that fails fails the jobs that name it: the map tells which and why.
func (s *session) runScripts(ctx context.Context) map[string]error {
	failed := map[string]error{}
	results := map[string]error{}
	for _, j := range s.selected() {
		script := j.PreEvaluationScript
		if script == "" || s.flags.noScripts {
			continue
		}
		err, done := results[script]
		if !done {
			err = s.runScript(ctx, script)
			results[script] = err
		}
		if err != nil {
			failed[j.Name] = err
		}
	}
	return failed
}

// runScript runs a file of the repository in the configuration's folder, by bash as GitHub's `shell: bash` does.
func (s *session) runScript(ctx context.Context, script string) error {
	path := script
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.dir, path)
	}
	s.note("running %s", script)
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "--", path)
	cmd.Dir, cmd.Env = s.dir, s.world.Environ
	cmd.Stdout, cmd.Stderr = s.world.Stderr, s.world.Stderr
	nix.OwnGroup(cmd)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pre_evaluation_script %s: %w", script, err)
	}
	return nil
}
