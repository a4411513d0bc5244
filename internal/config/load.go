package config

import (
	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"gopkg.in/yaml.v3"
)

// Load reads a configuration. The Config is nil if any of the problems is an Error; all problems of the file come at once, save
// that nothing else can be said of a file that is not YAML. File is the name that positions get.
func Load(file string, data []byte) (*Config, []diag.Diagnostic) {
	r := newReporter(file, data)
	config := r.load(data)
	problems := diag.Sort(r.list)
	if diag.HasErrors(problems) {
		return nil, problems
	}
	return config, problems
}

func (r *reporter) load(data []byte) *Config {
	document := r.parse(data)
	if document == nil {
		return nil
	}
	c := converter{reporter: r, open: map[*yaml.Node]bool{}}
	root := c.convert(document, 0)
	if c.visited > maxNodes { // every later walk would be over a tree that is cut off somewhere
		return nil
	}
	v := validator{reporter: r, root: root}
	v.validate()
	d := decoder{reporter: r, compiled: map[source]*Expr{}}
	config := d.config(root)
	v.unexplained()
	return config
}
