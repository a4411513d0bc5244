package server

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/nix"
)

// build is one run of Nix. The Server's lock guards it, except that done is closed for all to see once it is final.
type build struct {
	id      string
	drv     string
	tags    map[string]string
	created time.Time
	started time.Time
	ended   time.Time
	status  api.Status
	message string
	result  nix.BuildResult
	logFile string
	done    chan struct{}
}

// process is one submission. Several may share a build.
type process struct {
	id      string
	order   order
	created time.Time
	build   *build
}

// show is the process as the API tells of it; hold the lock.
func (p *process) show() api.Process {
	b := p.build
	return api.Process{
		ID:               p.id,
		Installable:      p.order.installable,
		Name:             p.order.attributes[api.GitHubCheckRunName],
		Title:            p.order.attributes[api.GitHubCheckRunTitle],
		Status:           b.status,
		Message:          b.message,
		FailedDependency: b.result.FailedDependency,
		Outputs:          b.result.Outputs,
		BuiltDerivations: b.result.Built,
		LogFile:          b.logFile,
		LogTail:          b.result.LogTail,
		CreateTime:       timestamp(p.created),
		StartTime:        timestamp(b.started),
		EndTime:          timestamp(b.ended),
	}
}

// timestamp is RFC 3339 in UTC, of one length, so that the texts have the order of the times.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// drvName is the name of a .drv without its hash.
func drvName(drv string) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(filepath.Base(drv), ".drv"), "-")
	return name
}
