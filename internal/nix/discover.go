package nix

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// Found is a target that discovery met: its path below the flake attribute, or the set at that path that could
// not be listed.
type Found struct {
	Path []string
	Err  *plan.EvalError
}

// listing is what a step of discovery tells of an attribute.
type listing struct {
	Kind  string   `json:"kind"` // derivation, or a type as builtins.typeOf names it
	Names []string `json:"names"`
}

// Discover lists the targets below a flake attribute, level by level down to depth names, without forcing the
// values at the last level. The error says that the flake attribute itself cannot be listed. A listing that takes longer
// than timeout (0 is no limit) is that set's failure.
func (p *Pool) Discover(ctx context.Context, f Flake, flakeAttr []string, depth int, timeout time.Duration) ([]Found, error) {
	top, err := p.list(ctx, f, flakeAttr, [][]string{nil}, timeout)
	if err != nil {
		return nil, err
	}
	if top[0].err != nil {
		return nil, missingAttr(flakeAttr, top[0].err)
	}
	if top[0].Kind != "set" {
		return nil, notListable(flakeAttr, top[0].Kind)
	}
	found := expand(nil, top[0].Names)
	for level := 1; level < depth; level++ {
		open, closed := found.split()
		found = closed
		listed, err := p.list(ctx, f, flakeAttr, open, timeout)
		if err != nil {
			return nil, err
		}
		for i, l := range listed {
			found = append(found, l.below(open[i])...)
		}
	}
	slices.SortFunc(found, func(a, b target) int { return slices.Compare(a.Path, b.Path) })
	return found.results(), nil
}

// target is a Found that discovery may still have to open.
type target struct {
	Found
	closed bool // a derivation or a failure: nothing below it is looked for
}

type targets []target

// split takes the paths that are to be opened out of the targets.
func (t targets) split() (open [][]string, closed targets) {
	for _, one := range t {
		if one.closed {
			closed = append(closed, one)
		} else {
			open = append(open, one.Path)
		}
	}
	return open, closed
}

func (t targets) results() []Found {
	found := make([]Found, len(t))
	for i, one := range t {
		found[i] = one.Found
	}
	return found
}

type listed struct {
	listing
	err *plan.EvalError
}

// below is what stands at a listed path: the names below it, or itself.
func (l listed) below(path []string) targets {
	switch {
	case l.err != nil:
		return targets{{Found: Found{Path: path, Err: l.err}, closed: true}}
	case l.Kind == "derivation":
		return targets{{Found: Found{Path: path}, closed: true}}
	case l.Kind == "set":
		return expand(path, l.Names)
	}
	err := &plan.EvalError{Message: fmt.Sprintf("is %s, neither a set nor a derivation", article(l.Kind))}
	return targets{{Found: Found{Path: path, Err: err}, closed: true}}
}

func expand(path, names []string) targets {
	var t targets
	for _, name := range names {
		if name != "recurseForDerivations" {
			t = append(t, target{Found: Found{Path: append(slices.Clone(path), name)}})
		}
	}
	return t
}

// list asks what stands at each path.
func (p *Pool) list(ctx context.Context, f Flake, flakeAttr []string, paths [][]string, timeout time.Duration) ([]listed, error) {
	steps := make([]Step, len(paths))
	for i, path := range paths {
		steps[i] = Step(fmt.Sprintf(`let v = %s; in if !builtins.isAttrs v then { kind = builtins.typeOf v; } `+
			`else if (v.type or null) == "derivation" then { kind = "derivation"; } `+
			`else { kind = "set"; names = builtins.attrNames v; }`, selection("root", path)))
	}
	answers, err := p.ask(ctx, question{flake: f, flakeAttr: flakeAttr, steps: steps, timeout: timeout})
	if err != nil {
		return nil, err
	}
	result := make([]listed, len(answers))
	for i, a := range answers {
		p.nix.locate(f, a.Err)
		result[i] = a.listed()
	}
	return result, nil
}

func (a Answer) listed() listed {
	if a.Err != nil {
		return listed{err: a.Err}
	}
	var l listed
	if err := json.Unmarshal(a.JSON, &l.listing); err != nil {
		l.err = &plan.EvalError{Message: "the answer of Nix is not understood: " + err.Error()}
	}
	return l
}

var missing = regexp.MustCompile(`^undefined variable '|does not provide attribute|^attribute '.*' missing`)

// missingAttr explains why a flake attribute cannot be listed.
func missingAttr(flakeAttr []string, e *plan.EvalError) error {
	if missing.MatchString(e.Message) {
		return fmt.Errorf("the flake has no attribute %s (%s)", strings.Join(flakeAttr, "."), e.Message)
	}
	if e.File != "" {
		return fmt.Errorf("%s:%d:%d: listing %s: %w", e.File, e.Line, e.Column, strings.Join(flakeAttr, "."), e)
	}
	return fmt.Errorf("listing %s: %w", strings.Join(flakeAttr, "."), e)
}

func notListable(flakeAttr []string, kind string) error {
	name := strings.Join(flakeAttr, ".")
	if kind == "derivation" {
		return fmt.Errorf("%s is itself a derivation: let flake_attr name the set that holds it", name)
	}
	return fmt.Errorf("%s is %s, not a set", name, article(kind))
}

func article(kind string) string {
	switch kind {
	case "null":
		return kind
	case "int":
		return "an int"
	case "lambda":
		return "a function"
	}
	return "a " + kind
}
