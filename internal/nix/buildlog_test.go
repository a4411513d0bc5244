package nix

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func drvNamed(name string) string {
	return "/nix/store/" + strings.Repeat("a", 32) + "-" + name + ".drv"
}

// nixSays makes one line of stderr out of an error's text.
func nixSays(text string) string {
	line, _ := json.Marshal(map[string]any{"action": "msg", "level": 0, "msg": "\x1b[31;1merror:\x1b[0m " + text})
	return "@nix " + string(line)
}

func nixStarts(id int, drv string) string {
	return fmt.Sprintf(`@nix {"action":"start","id":%d,"type":105,"level":3,"text":"building","fields":[%q,"",1,1]}`, id, drv)
}

func nixStops(id int) string { return fmt.Sprintf(`@nix {"action":"stop","id":%d}`, id) }

func resultOf(drv string, lines ...string) BuildResult {
	l := newBuildLog(nil)
	for _, line := range lines {
		l.line(line)
	}
	return l.result(drv, false)
}

func TestBuildLogOfManyVersions(t *testing.T) {
	bad, top := drvNamed("bad"), drvNamed("top")
	tests := map[string][]string{
		"2.8": {
			nixSays("builder for '\x1b[35;1m" + bad + "\x1b[0m' failed with exit code 3"),
			nixSays("\x1b[35;1m1\x1b[0m dependencies of derivation '\x1b[35;1m" + top + "\x1b[0m' failed to build"),
		},
		"2.26": {
			nixSays("builder for '" + bad + "' failed with exit code 1;\n  last 2 log lines:\n  > see " + drvNamed("other") +
				"\n  > error: 3 dependencies failed\n  For full logs, run:\n    nix log " + bad),
			nixSays("1 dependencies of derivation '" + top + "' failed to build"),
		},
		"2.34": {
			nixSays("Cannot build '" + bad + "'.\nReason: builder failed with exit code 1.\nOutput paths:\n  /nix/store/x"),
			nixSays("Cannot build '" + top + "'.\nReason: 1 dependency failed.\nOutput paths:\n  /nix/store/y"),
			nixSays("Build failed due to failed dependency"),
		},
	}
	for name, errors := range tests {
		t.Run(name, func(t *testing.T) {
			lines := append([]string{nixStarts(1, bad)}, errors[0], nixStops(1))
			got := resultOf(top, append(lines, errors[1:]...)...)
			assert.Equal(t, []string{bad}, got.Failed)
			assert.Equal(t, bad, got.FailedDependency)
			assert.Empty(t, got.Built)
			assert.False(t, got.Timeout)
			assert.NotContains(t, got.Message, "\x1b")

			got = resultOf(bad, lines...)
			assert.Equal(t, []string{bad}, got.Failed)
			assert.Empty(t, got.FailedDependency)
		})
	}
}

func TestBuildLogWhoFailed(t *testing.T) {
	one, two := drvNamed("one"), drvNamed("two")
	tests := map[string]struct {
		lines  []string
		failed []string
		built  []string
		late   bool
	}{
		"hash mismatch":      {lines: []string{nixSays("hash mismatch in fixed-output derivation '" + one + "':\n specified: x")}, failed: []string{one}},
		"timeout, 2.8":       {lines: []string{nixSays("building of '" + one + "!*' from .drv file timed out after 2 seconds")}, failed: []string{one}, late: true},
		"no name, one works": {lines: []string{nixStarts(1, one), nixSays("output '/nix/store/x' is not allowed to refer"), nixStops(1)}, failed: []string{one}},
		"others are stopped": {
			lines:  []string{nixStarts(1, one), nixStarts(2, two), nixSays("builder for '" + one + "' failed"), nixStops(1), nixStops(2)},
			failed: []string{one},
		},
		"one was good before": {
			lines:  []string{nixStarts(1, two), nixStops(1), nixStarts(2, one), nixSays("builder for '" + one + "' failed"), nixStops(2)},
			failed: []string{one}, built: []string{two},
		},
		"warnings do not count": {lines: []string{`@nix {"action":"msg","level":0,"msg":"warning: no group nixbld"}`}},
		"nothing can be built":  {lines: []string{nixSays("unable to start any build")}},
		"not an object":         {lines: []string{"@nix [", `@nix {"action":"start","id":1,"type":105,"fields":[7]}`, `@nix {"action":"stop","id":9}`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := resultOf(one, test.lines...)
			assert.Equal(t, test.failed, nilIfNone(got.Failed))
			assert.Equal(t, test.built, got.Built)
			assert.Equal(t, test.late, got.Timeout)
			assert.Empty(t, got.FailedDependency)
		})
	}
}

func nilIfNone(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

func TestBuildLogKeepsWhatSshSaid(t *testing.T) {
	got := resultOf(drvNamed("a"), "ssh: connect to host nowhere port 22: no route")
	assert.Equal(t, "ssh: connect to host nowhere port 22: no route", got.Message)
	assert.Empty(t, got.Failed)
}

func TestLineWriter(t *testing.T) {
	var lines []string
	w := &lineWriter{line: func(s string) { lines = append(lines, s) }}
	long := strings.Repeat("x", maxLine+10)
	for _, part := range []string{"a", "b\nc\n\nd", "e\n", long, long + "\n", "end"} {
		n, err := w.Write([]byte(part))
		require.NoError(t, err)
		require.Equal(t, len(part), n)
	}
	w.flush()
	require.Len(t, lines, 5)
	assert.Equal(t, []string{"ab", "c", "de"}, lines[:3])
	assert.Len(t, lines[3], maxLine)
	assert.Equal(t, "end", lines[4])
}
