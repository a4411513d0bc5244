// Package pipeline is a run: it discovers the targets of its jobs, decides, evaluates, decides again, uploads,
// submits and waits. It is handed what it needs of the outside world as functions.
package pipeline

import (
	"slices"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// Source is one flake attribute as one or more jobs look at it. It is discovered once, and each of its
// attributes is evaluated once, however many jobs see it.
type Source struct {
	Flake         string
	NixArgs       []string
	FlakeAttr     string
	FlakeAttrPath []string
	Depth         int
	Select        []string
	Jobs          []*plan.Job
}

// Sources groups jobs, in their order, by what they look at.
func Sources(jobs []*plan.Job) []*Source {
	var sources []*Source
	for _, j := range jobs {
		i := slices.IndexFunc(sources, func(s *Source) bool { return s.serves(j) })
		if i < 0 {
			i = len(sources)
			sources = append(sources, &Source{
				Flake: j.Flake, NixArgs: j.NixArgs, FlakeAttr: j.FlakeAttr, FlakeAttrPath: j.FlakeAttrPath,
				Depth: j.Depth, Select: j.Select,
			})
		}
		sources[i].Jobs = append(sources[i].Jobs, j)
	}
	return sources
}

func (s *Source) serves(j *plan.Job) bool {
	return s.Flake == j.Flake && s.FlakeAttr == j.FlakeAttr && s.Depth == j.Depth &&
		slices.Equal(s.NixArgs, j.NixArgs) && slices.Equal(s.Select, j.Select)
}

// MetaKeys are the meta keys that any rule of any of its jobs names.
func (s *Source) MetaKeys() []string {
	var keys []string
	for _, j := range s.Jobs {
		keys = append(keys, j.MetaKeys()...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Attribute is one attribute of a source, with the items of the jobs that want to know about it.
type Attribute struct {
	*Source
	Path  []string
	items []*Item
}

// String is the attribute as a user would type it.
func (a *Attribute) String() string {
	if len(a.items) > 0 {
		return a.items[0].Target.FullAttr()
	}
	return a.FlakeAttr + "." + strings.Join(a.Path, ".")
}

// Timeout is how long one of its attributes may take to evaluate: the longest that a job grants it.
func (s *Source) Timeout() time.Duration {
	var longest time.Duration
	for _, j := range s.Jobs {
		longest = max(longest, j.Evaluation.Timeout)
	}
	return longest
}
