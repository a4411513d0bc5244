package rule

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// names are the variables an expression uses.
type names struct {
	any  bool
	drv  bool
	meta map[string]bool
}

func (n *names) note(variable, member string) {
	n.any = true
	switch variable {
	case "drv":
		n.drv = true
	case "meta":
		if n.meta == nil {
			n.meta = map[string]bool{}
		}
		n.meta[member] = true
	}
}

func (n *names) metaKeys() []string { return slices.Sorted(maps.Keys(n.meta)) }

// variables are the names of an environment, with their members where they are structs.
type variables map[string][]string

func variablesOf(scope Scope) variables {
	if scope == JobScope {
		return variablesIn(reflect.TypeFor[JobEnv]())
	}
	return variablesIn(reflect.TypeFor[Env]())
}

func variablesIn(env reflect.Type) variables {
	found := variables{}
	for field := range env.Fields() {
		var members []string
		if field.Type.Kind() == reflect.Struct {
			for member := range field.Type.Fields() {
				members = append(members, member.Tag.Get("expr"))
			}
		}
		found[field.Tag.Get("expr")] = members
	}
	return found
}

// unknown words that name is not one of the variables, and what to write instead.
func (v variables) unknown(name string) (message, hint string) {
	if _, ok := functions[name]; (ok && !internal(name)) || builtins[name] {
		return name + " is a function", "call it: " + name + "(…)"
	}
	if _, ok := variablesOf(TargetScope)[name]; ok {
		return name + " is not known here", "whether a job is part of a run is decided by job and event alone"
	}
	hint = didYouMean(name, slices.Sorted(maps.Keys(v)))
	if members := v.memberNamed(name); hint == "" && members != "" {
		hint = "did you mean " + members + "?"
	}
	if hint == "" {
		hint = "the names are " + strings.Join(slices.Sorted(maps.Keys(v)), ", ") + `; texts stand in quotes`
	}
	return "unknown name " + name, hint
}

// memberNamed is the first variable.member whose member is name.
func (v variables) memberNamed(name string) string {
	for _, variable := range slices.Sorted(maps.Keys(v)) {
		if contains(v[variable], name) {
			return variable + "." + name
		}
	}
	return ""
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// didYouMean is a hint at the candidate nearest to name, or "".
func didYouMean(name string, candidates []string) string {
	best, distance := "", 1+max(2, min(3, len(name)/3))
	for _, candidate := range candidates {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(candidate)); d < min(distance, len(candidate)) {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}
