package config

import (
	"fmt"
	"math"

	"gopkg.in/yaml.v3"
)

const (
	maxNodes = 100_000 // what a file may grow to by its aliases
	maxDepth = 50
)

// converter turns YAML into nodes: it follows aliases, merges `<<`, and reports what has no place in a configuration.
type converter struct {
	*reporter
	visited int
	open    map[*yaml.Node]bool // the nodes that are being converted, to find cycles
}

func (c *converter) convert(y *yaml.Node, depth int) *node {
	c.visited++
	switch {
	case c.visited > maxNodes:
		if c.visited == maxNodes+1 {
			c.at(y, "yaml-too-large", fmt.Sprintf("the file has more than %d values", maxNodes), "use fewer aliases")
		}
		return invalid(y)
	case depth > maxDepth:
		c.at(y, "yaml-too-large", fmt.Sprintf("nested more than %d levels deep", maxDepth), "")
		return invalid(y)
	case c.open[y]:
		c.at(y, "yaml-alias", "the anchor contains itself", "")
		return invalid(y)
	}
	c.open[y] = true
	defer delete(c.open, y)
	switch y.Kind {
	case yaml.AliasNode:
		return c.convert(y.Alias, depth+1)
	case yaml.MappingNode:
		return c.mapping(y, depth)
	case yaml.SequenceNode:
		return c.sequence(y, depth)
	default:
		return c.scalarNode(y)
	}
}

func invalid(y *yaml.Node) *node { return &node{raw: y, kind: kindInvalid} }

func (c *converter) sequence(y *yaml.Node, depth int) *node {
	if y.ShortTag() != "!!seq" {
		return c.badTag(y)
	}
	n := &node{raw: y, kind: kindList}
	for _, item := range y.Content {
		n.items = append(n.items, c.convert(item, depth+1))
	}
	return n
}

func (c *converter) mapping(y *yaml.Node, depth int) *node {
	if y.ShortTag() != "!!map" {
		return c.badTag(y)
	}
	n := &node{raw: y, kind: kindMap}
	seen := map[string]*yaml.Node{}
	var merged []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.Tag == "!!merge" {
			merged = append(merged, c.merged(value, depth)...)
			continue
		}
		name, ok := c.key(key)
		if !ok {
			continue
		}
		if first, twice := seen[name]; twice {
			c.at(key, "duplicate-key", fmt.Sprintf("%q is here twice", name), fmt.Sprintf("the first is at line %d", first.Line))
			c.convert(value, depth+1) // for the problems in it
			continue
		}
		seen[name] = key
		n.fields = append(n.fields, &field{name, key, c.convert(value, depth+1)})
	}
	for _, from := range merged { // a mapping's own keys win, then the earlier of the merged mappings
		for _, f := range from.fields {
			if seen[f.name] == nil {
				seen[f.name] = f.key
				n.fields = append(n.fields, f)
			}
		}
	}
	return n
}

// merged gives the mappings that the value of a `<<` stands for.
func (c *converter) merged(y *yaml.Node, depth int) []*node {
	n := c.convert(y, depth+1)
	list := []*node{n}
	if n.kind == kindList {
		list = n.items
	}
	for _, m := range list {
		if m.kind != kindMap && m.kind != kindInvalid {
			c.at(y, "yaml-alias", fmt.Sprintf("`<<` merges mappings, but this is %s", m.kind), "write `<<: *anchor`")
			return nil
		}
	}
	return list
}

func (c *converter) key(y *yaml.Node) (string, bool) {
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	if y.Kind != yaml.ScalarNode {
		c.at(y, "yaml-key", "a key must be a string", "")
		return "", false
	}
	switch y.ShortTag() {
	case "!!str", "!!timestamp", "!!binary":
		return y.Value, true
	}
	c.at(y, "yaml-key", "a key must be a string", fmt.Sprintf("write it in quotes: %q", y.Value))
	return "", false
}

func (c *converter) scalarNode(y *yaml.Node) *node {
	n := &node{raw: y}
	switch y.ShortTag() {
	case "!!null":
		n.kind = kindNull
		return n
	case "!!bool":
		n.kind = kindBool
	case "!!int", "!!float":
		n.kind = kindNumber
	case "!!str", "!!timestamp", "!!binary":
		n.kind, n.scalar = kindString, y.Value
		return n
	default:
		return c.badTag(y)
	}
	err := y.Decode(&n.scalar)
	f, isFloat := n.scalar.(float64)
	if err != nil || isFloat && (math.IsNaN(f) || math.IsInf(f, 0)) {
		c.at(y, "wrong-type", fmt.Sprintf("%q is not a number that can be used here", y.Value), "")
		return invalid(y)
	}
	return n
}

func (c *converter) badTag(y *yaml.Node) *node {
	c.at(y, "yaml-tag", fmt.Sprintf("the tag %s has no meaning here", y.Tag), "leave it out")
	return invalid(y)
}
