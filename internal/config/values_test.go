package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "10m": 10 * time.Minute, "1h30m": 90 * time.Minute, "1.5s": 1500 * time.Millisecond, "250ms": 250 * time.Millisecond,
		"": 0, "30": 0, "1d": 0, "s": 0, "0s": 0, "-1s": 0, "1m ": 0, "1e3s": 0, "5us": 0, "999999999999h": 0,
	} {
		got, problem := parseDuration(s)
		if got != want || (problem == "") != (want > 0) {
			t.Errorf("%q: %v, %q", s, got, problem)
		}
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{
		"512MiB": 512 << 20, "4GiB": 4 << 30, "1KiB": 1024, "1.5GiB": 3 << 29, "2TiB": 2 << 40,
		"": 0, "4GB": 0, "4": 0, "4 GiB": 0, "0GiB": 0, "-1GiB": 0, "8388608TiB": 0, "4gib": 0,
	} {
		got, problem := parseSize(s)
		if got != want || (problem == "") != (want > 0) {
			t.Errorf("%q: %v, %q", s, got, problem)
		}
	}
	if got, problem := parseSize("8388607TiB"); got != 8388607<<40 || problem != "" {
		t.Errorf("%v, %q", got, problem)
	}
}

func TestParseAttrPath(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]string{
		"a": {"a"}, "config.system.build.toplevel": {"config", "system", "build", "toplevel"}, `a."b.c".d`: {"a", "b.c", "d"},
		`"a\"b"`: {`a"b`}, `""`: {""}, `a."b c"`: {"a", "b c"}, "a-b'.c_d": {"a-b'", "c_d"}, `"a\${b}"`: {"a${b}"},
		".": nil, "a.": nil, ".a": nil, "a..b": nil, `a"b"`: nil, `"a`: nil, `"a"b`: nil, "a b": nil, `"${x}"`: nil, "${x}": nil, `"a".`: nil,
	} {
		got, problem := parseAttrPath(s)
		if diff := cmp.Diff(want, got); diff != "" || (problem == "") != (want != nil) {
			t.Errorf("%s: %s, %q", s, diff, problem)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"depth", "flake", "flake_attr", "filter"}
	for word, want := range map[string]string{
		"depht": "depth", "flakeAttr": "flake_attr", "FLAKE-ATTR": "flake_attr", "flter": "filter", "zzz": "", "concurrency": "", "": "",
	} {
		if got := nearest(word, known, (len(word)+2)/3); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}
