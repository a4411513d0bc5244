package nix

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Version is the version of Nix that a program says it is compatible with.
type Version struct {
	Major, Minor, Patch int
	Text                string // as the program prints it
}

// Minimum is the oldest Nix that is supported.
var Minimum = Version{Major: 2, Minor: 8}

var versionLine = regexp.MustCompile(`^nix \(.*\) (\d+)\.(\d+)(?:\.(\d+))?`)

// ParseVersion reads what `nix --version` prints: stock Nix's, Determinate's or Lix's.
func ParseVersion(line string) (Version, error) {
	m := versionLine.FindStringSubmatch(line)
	if m == nil {
		return Version{}, fmt.Errorf("nix --version printed %q, which is no version", strings.TrimSpace(line))
	}
	v := Version{Text: strings.TrimSpace(line)}
	for i, part := range []*int{&v.Major, &v.Minor, &v.Patch} {
		*part, _ = strconv.Atoi(m[i+1])
	}
	return v, nil
}

// Less orders versions by their numbers.
func (v Version) Less(other Version) bool {
	return cmp.Or(cmp.Compare(v.Major, other.Major), cmp.Compare(v.Minor, other.Minor), cmp.Compare(v.Patch, other.Patch)) < 0
}

// String is the three numbers.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }
