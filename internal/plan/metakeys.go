package plan

import (
	"slices"

	"github.com/nixbuild/nixbuild-checks/internal/config"
)

// expressions are all that are evaluated for the job's targets, in the order they are.
func (j *Job) expressions() []*config.Expr {
	all := []*config.Expr{j.Filter}
	for _, r := range j.Rules {
		all = append(all, r.When, r.Label, r.Title)
	}
	all = append(all, j.Label, j.Title)
	return slices.DeleteFunc(all, func(e *config.Expr) bool { return e == nil })
}

// MetaKeys are the keys of meta that evaluation must ask for, because an expression of the job names them; sorted.
func (j *Job) MetaKeys() []string {
	var keys []string
	for _, e := range j.expressions() {
		keys = append(keys, e.MetaKeys()...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
