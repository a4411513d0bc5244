package cli

import (
	"fmt"
	"path"

	"github.com/agnivade/levenshtein"

	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
)

// onlyNamed skips what the command line does not name, where it names anything. A name that fits nothing is bad
// usage: whoever typed it expects something of it.
func (s *session) onlyNamed() error {
	used := make([]bool, len(s.flags.attrs))
	for _, item := range s.draft.Items {
		named := len(s.flags.attrs) == 0
		for i, pattern := range s.flags.attrs {
			if fits(pattern, item) {
				named, used[i] = true, true
			}
		}
		if !named {
			item.Skip("not named on the command line")
		}
	}
	for i, pattern := range s.flags.attrs {
		if !used[i] {
			return usage("nothing that the jobs see is called %q%s", pattern, nearestTo(pattern, s.draft.Items))
		}
	}
	return nil
}

// namesOf are what an item may be called: below its flake_attr, in full, and by its check's name.
func namesOf(item *pipeline.Item) []string {
	names := []string{item.Target.Attr(), item.Target.FullAttr()}
	if item.Decision.Name != "" {
		names = append(names, item.Decision.Name)
	}
	return names
}

// fits tells whether a pattern is one of the item's names, as it is or as a glob.
func fits(pattern string, item *pipeline.Item) bool {
	for _, name := range namesOf(item) {
		if ok, err := path.Match(pattern, name); pattern == name || (ok && err == nil) {
			return true
		}
	}
	return false
}

func nearestTo(pattern string, items []*pipeline.Item) string {
	best, distance := "", len(pattern)/2+1
	for _, item := range items {
		for _, name := range namesOf(item) {
			if d := levenshtein.ComputeDistance(pattern, name); d < distance {
				best, distance = name, d
			}
		}
	}
	if best == "" {
		return ": `nixbuild-checks plan` lists what there is"
	}
	return fmt.Sprintf(": did you mean %q?", best)
}
