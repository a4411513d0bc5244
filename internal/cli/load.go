package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

// DefaultFile is the name of the configuration.
const DefaultFile = ".nixbuild-checks.yaml"

// findConfig is the file to read: the one named, or the nearest one above the current folder.
func findConfig(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", &exitError{exitUsage, err}
	}
	for at := dir; ; at = filepath.Dir(at) {
		path := filepath.Join(at, DefaultFile)
		if _, err := os.Stat(path); err == nil {
			if rel, err := filepath.Rel(dir, path); err == nil {
				return rel, nil
			}
			return path, nil
		}
		if at == filepath.Dir(at) {
			return "", usage("there is no %s here or in a folder above: write one (README has a short one to start from), or name it with --config", DefaultFile)
		}
	}
}

// readConfig reads a file, or standard input for "-".
func readConfig(w World, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(w.Stdin)
	}
	data, err := os.ReadFile(file)
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("%s: %w", file, path.Err)
	}
	return data, err
}

// loadConfig reads and validates a file exactly as lint does. Problems are printed; errors end the program.
func loadConfig(w World, named string) (*config.Config, error) {
	file, err := findConfig(named)
	if err != nil {
		return nil, err
	}
	data, err := readConfig(w, file)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	c, problems := config.Load(file, data)
	if err := diag.WriteText(w.Stderr, problems, map[string][]byte{file: data}, w.Color); err != nil {
		return nil, err
	}
	if c == nil {
		return nil, usage("%s is not valid", file)
	}
	return c, nil
}

// supported refuses fields whose effect this version does not have: to ignore them would be worse.
func supported(w World, c *config.Config) error {
	for _, u := range c.Unsupported {
		fmt.Fprintf(w.Stderr, "%s: error: not supported yet: %s\n", u.Position, u.Field)
	}
	if len(c.Unsupported) > 0 {
		return usage("%s uses fields that this version does not support yet: remove them, or keep to `lint`", c.File)
	}
	return nil
}

// configDir is the folder that relative paths in a config count from.
func configDir(c *config.Config) (string, error) {
	if c.File == "-" {
		return os.Getwd()
	}
	return filepath.Abs(filepath.Dir(c.File))
}

// quietConfig loads a configuration for completion, which has nowhere to show problems.
func quietConfig(named string) (*config.Config, error) {
	file, err := findConfig(named)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c, _ := config.Load(file, data)
	if c == nil {
		return nil, fmt.Errorf("%s is not valid", file)
	}
	return c, nil
}
