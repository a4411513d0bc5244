package server

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/nixbuild/nixbuild-checks/internal/nix"
)

// maxOpenLogs bounds the files open for one build, which may build thousands of derivations; a closed one is opened again.
const maxOpenLogs = 32

// logs are the log files of one build, one for each derivation that is built for it. Lines are written as they come, for who watches.
type logs struct {
	dir string

	mu   sync.Mutex
	open map[string]*os.File // by .drv
	err  error               // the first
}

func newLogs(logDir, id string) *logs {
	return &logs{dir: filepath.Join(logDir, id), open: map[string]*os.File{}}
}

// path keeps the hash: two derivations of one closure often have the same name.
func (l *logs) path(drv string) string {
	return filepath.Join(l.dir, strings.TrimSuffix(filepath.Base(drv), ".drv")+".log")
}

// line writes one line. A log that cannot be written does not stop the build.
func (l *logs) line(drv, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := l.file(drv)
	if err == nil {
		_, err = f.WriteString(line + "\n")
	}
	l.err = cmp.Or(l.err, err)
}

func (l *logs) file(drv string) (*os.File, error) {
	if f := l.open[drv]; f != nil {
		return f, nil
	}
	if len(l.open) >= maxOpenLogs {
		l.closeAll()
	}
	if err := os.MkdirAll(l.dir, 0o750); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(l.path(drv), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	l.open[drv] = f
	return f, nil
}

func (l *logs) closeAll() {
	for drv, f := range l.open {
		l.err = cmp.Or(l.err, f.Close())
		delete(l.open, drv)
	}
}

// finish gives silent builders their file too, and says where the log is that matters: that of what failed, or drv's own.
func (l *logs) finish(drv string, r nix.BuildResult) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, built := range slices.Concat(r.Built, r.Failed) {
		_, err := l.file(built)
		l.err = cmp.Or(l.err, err)
	}
	l.closeAll()
	path := l.path(cmp.Or(r.FailedDependency, drv))
	if _, err := os.Stat(path); err != nil {
		return "", l.err // nothing was built, or nothing could be written
	}
	return path, l.err
}
