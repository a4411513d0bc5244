package report

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "results.json")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, os.Symlink("results.json", filepath.Join(dir, "link")))
	require.NoError(t, WriteFile(filepath.Join(dir, "link"), sample()))

	info, err := os.Lstat(filepath.Join(dir, "link"))
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeSymlink, "the link is kept")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var got Results
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, SchemaVersion, got.SchemaVersion)
	require.Len(t, got.Checks, 8)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "nothing is left behind")
}

func TestWriteFileToAPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	read := make(chan []byte)
	go func() {
		defer close(read)
		f, err := os.Open(path)
		if err != nil {
			return
		}
		defer f.Close()
		data, _ := io.ReadAll(f)
		read <- data
	}()
	require.NoError(t, WriteFile(path, sample()))
	require.True(t, json.Valid(<-read))
}

func TestWriteFileFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	missing := filepath.Join(dir, "no", "such", "r.json")
	below := filepath.Join(file, "r.json")
	cases := map[string]string{
		missing:     fmt.Sprintf("results file %s: no such file or directory; create the folder %s first", missing, filepath.Dir(missing)),
		below:       fmt.Sprintf("results file %s: not a directory; create the folder %s first", below, file),
		dir:         fmt.Sprintf("results file %s: is a directory; name a file, not a folder, with --results", dir),
		"/dev/full": "results file /dev/full: no space left on device; free some space, or name a file on another disk with --results",
	}
	for path, want := range cases {
		require.EqualError(t, WriteFile(path, sample()), want)
	}
}

func TestAdviceOnPermission(t *testing.T) {
	t.Parallel()
	for _, err := range []error{syscall.EACCES, syscall.EROFS} {
		require.Equal(t, "; name a file in a folder you may write to (not /etc) with --results", advice("/etc/x", err))
	}
	require.Empty(t, advice("/x", io.ErrUnexpectedEOF))
}

func TestWords(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{0: "", -1: "", 0.04: "0.0s", 9.94: "9.9s", 9.96: "10s", 59.6: "1m00s", 185: "3m05s", 3725: "1h02m"} {
		require.Equal(t, want, duration(seconds), "%v", seconds)
	}
	for want, e := range map[string]CheckError{"": {Line: 3}, "f": {File: "f"}, "f:3": {File: "f", Line: 3}, "f:3:4": {File: "f", Line: 3, Column: 4}} {
		require.Equal(t, want, position(&e))
	}
}
