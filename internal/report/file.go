package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/renameio/v2"
)

// WriteJSON writes the results as indented JSON. Lists are never null, so that `jq '.checks[]'` always works.
func WriteJSON(w io.Writer, r Results) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(normal(r))
}

// normal is the results as they are written: version set, times in whole seconds of UTC, lists instead of nulls, and
// answers that are no JSON as strings: an odd answer must not cost the results of a whole run.
func normal(r Results) Results {
	r.SchemaVersion = SchemaVersion
	r.StartedAt = r.StartedAt.UTC().Truncate(time.Second)
	r.FinishedAt = r.FinishedAt.UTC().Truncate(time.Second)
	r.Phases = append([]Phase{}, r.Phases...)
	r.Jobs = append([]JobResult{}, r.Jobs...)
	r.Checks = append([]CheckResult{}, r.Checks...)
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Path = append([]string{}, c.Path...)
		if len(c.Process) > 0 && !json.Valid(c.Process) {
			c.Process, _ = json.Marshal(string(c.Process)) // a string always encodes
		}
	}
	return r
}

// WriteFile writes the results to path in one step: whoever reads it sees the old file or the whole new one.
func WriteFile(path string, r Results) error {
	var data bytes.Buffer
	if err := WriteJSON(&data, r); err != nil {
		return fmt.Errorf("results file %s: %w", path, err)
	}
	if err := replace(path, data.Bytes()); err != nil {
		return fmt.Errorf("results file %s: %w%s", path, withoutPath(err), advice(path, err))
	}
	return nil
}

// replace writes straight to what is not a regular file (/dev/stdout, a pipe): renaming would replace it.
func replace(path string, data []byte) error {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return syscall.EISDIR
	}
	if err == nil && !info.Mode().IsRegular() {
		return writeDirectly(path, data)
	}
	if err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target // the link stays, the file it means is replaced
		}
	}
	return renameio.WriteFile(path, data, 0o644, renameio.WithTempDir(filepath.Dir(path)))
}

func writeDirectly(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// withoutPath drops the path of the temporary file, which tells the user nothing.
func withoutPath(err error) error {
	var inPath *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &inPath):
		return inPath.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

func advice(path string, err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "; free some space, or name a file on another disk with --results"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Sprintf("; create the folder %s first", filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Sprintf("; name a file in a folder you may write to (not %s) with --results", filepath.Dir(path))
	case errors.Is(err, syscall.EISDIR):
		return "; name a file, not a folder, with --results"
	}
	return ""
}
