package report

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func tableOf(t *testing.T, r Results, color bool) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, WriteTable(&b, r, color))
	return b.String()
}

func TestWriteTable(t *testing.T) {
	t.Parallel()
	want := joined(
		`✗ job docs failed`,
		`    | error: flake.lock is`,
		`    | ::error::broken`,
		``,
		`✗ bad <b>|\nname: evaluation failed (x86_64-linux)`,
		`  attribute: checks.x86_64-linux.bad`,
		`  at: flake.nix:12:3`,
		`    | error:`,
		`    |   attribute 'x' missing`,
		`    |`,
		`    | ::warning::y`,
		``,
		`✗ broken: dependency failed (x86_64-linux)`,
		`  attribute: checks.x86_64-linux.broken`,
		`    | a dependency failed`,
		`  failed dependency: /nix/store/abc-dep.drv`,
		`  the log ends:`,
		`    | compiling    x`,
		`    | ::add-mask::e`,
		`    | </pre><b>error</b>: no`,
		`  whole log: /var/log/dep.log`,
		``,
		`Check           Outcome              System        Built                   Time  Log`,
		`bad <b>|\nname  ✗ evaluation failed  x86_64-linux`,
		`broken          ✗ dependency failed  x86_64-linux  1 derivation                  log/dep.log`,
		`late            ⊘ cancelled`,
		`ok              ✓ succeeded          x86_64-linux  3 derivations          1m02s`,
		`生命 there      ✓ succeeded                        nothing, it was there   0.2s`,
		``,
		`Logs are in /var`,
		``,
		`3 skipped:`,
		`  2 marked broken`,
		`  1 too large`,
		``,
		`8 checks: 1 dependency failed, 1 evaluation failed, 1 cancelled, 2 succeeded, 3 skipped; 1 job failed in 3m05s`,
	)
	require.Empty(t, cmp.Diff(want, tableOf(t, sample(), false)))
}

func TestWriteTableColors(t *testing.T) {
	t.Parallel()
	r := Results{Checks: []CheckResult{{Name: "good", Outcome: Succeeded}, {Name: "bad", Outcome: Failed}}}
	want := joined(
		"\x1b[31m\x1b[1m✗ bad: failed\x1b[0m\x1b[0m",
		"",
		"Check  Outcome",
		"bad    \x1b[31m✗ failed\x1b[0m",
		"good   \x1b[32m✓ succeeded\x1b[0m",
		"",
		"\x1b[1m2 checks: 1 failed, 1 succeeded\x1b[0m",
	)
	require.Empty(t, cmp.Diff(want, tableOf(t, r, true)))
	require.NotContains(t, tableOf(t, r, false), "\x1b")
}

func TestWriteTableOfNothing(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0 checks\n", tableOf(t, Results{}, false))
}

func TestWriteTableBoundsDetails(t *testing.T) {
	t.Parallel()
	var r Results
	var long []string
	for i := range 40 {
		long = append(long, fmt.Sprint("line ", i))
	}
	for i := range maxDetailed + 2 {
		r.Checks = append(r.Checks, CheckResult{Name: fmt.Sprint("n", i), Outcome: Failed,
			Error: &CheckError{Message: strings.Join(long, "\n")}, Build: &Build{LogTail: long}})
	}
	out := tableOf(t, r, false)
	require.Contains(t, out, "… 2 more failures in the table below\n")
	require.Contains(t, out, "    | line 11\n    | … 28 more lines\n  the log ends:\n    | line 25\n",
		"the message's beginning, the log's end")
	require.Equal(t, maxDetailed, strings.Count(out, "  the log ends:"))
}

func TestWriteTableTellsOfFailure(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	require.NoError(t, r.Close())
	require.ErrorIs(t, WriteTable(w, sample(), false), io.ErrClosedPipe)
}
