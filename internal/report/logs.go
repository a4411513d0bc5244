package report

import (
	"path/filepath"
	"strings"
)

// logRoot is the folder that holds the logs of all checks, so that a table need not repeat it: a log is
// ROOT/PROCESS/DERIVATION.log. It is "" where there are no logs, or no one place.
func logRoot(checks []CheckResult) string {
	root := ""
	for _, c := range checks {
		if c.Build == nil || c.Build.LogFile == "" {
			continue
		}
		dir := filepath.Dir(filepath.Dir(c.Build.LogFile))
		if root != "" && dir != root {
			return ""
		}
		root = dir
	}
	return root
}

// logBelow is a check's log as seen from root.
func logBelow(root string, c CheckResult) string {
	if c.Build == nil {
		return ""
	}
	if root == "" {
		return c.Build.LogFile
	}
	return strings.TrimPrefix(c.Build.LogFile, root+string(filepath.Separator))
}
