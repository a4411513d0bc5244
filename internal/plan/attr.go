package plan

import (
	"regexp"
	"strings"
)

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_'-]*$`)

var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", `\${`)

// quoted is one name of an attribute path as Nix reads it.
func quoted(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return `"` + quoting.Replace(name) + `"`
}

// Attr is the target's path below its job's flake_attr, joined by dots; names that are not plain are in quotes.
func (t Target) Attr() string {
	names := make([]string, len(t.Path))
	for i, name := range t.Path {
		names[i] = quoted(name)
	}
	return strings.Join(names, ".")
}

// AttrName is the last name of the target's path, "" where the path is empty.
func (t Target) AttrName() string {
	if len(t.Path) == 0 {
		return ""
	}
	return t.Path[len(t.Path)-1]
}

// FullAttr is the target's attribute path from the flake's outputs on.
func (t Target) FullAttr() string {
	if len(t.Path) == 0 {
		return t.Job.FlakeAttr
	}
	if t.Job.FlakeAttr == "" {
		return t.Attr()
	}
	return t.Job.FlakeAttr + "." + t.Attr()
}
