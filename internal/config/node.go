package config

import "gopkg.in/yaml.v3"

// kind is what a value is, in the words of messages.
type kind string

const (
	kindNull    kind = "empty"
	kindBool    kind = "a boolean"
	kindNumber  kind = "a number"
	kindString  kind = "a string"
	kindList    kind = "a list"
	kindMap     kind = "a mapping"
	kindInvalid kind = "invalid" // reported already
)

// node is a value of the file without aliases, merges and tags. It knows where it stands, also after it was merged into another job.
type node struct {
	raw    *yaml.Node
	kind   kind
	scalar any // bool, number or string
	fields []*field
	items  []*node
	index  map[string]*field // of large mappings, made when first asked
}

// field is one entry of a mapping, in the order of the file.
type field struct {
	name  string
	key   *yaml.Node
	value *node
}

// field finds an entry by its name; nil if there is none.
func (n *node) field(name string) *field {
	if n == nil {
		return nil
	}
	if len(n.fields) > 32 {
		if n.index == nil {
			n.index = make(map[string]*field, len(n.fields))
			for _, f := range n.fields {
				n.index[f.name] = f
			}
		}
		return n.index[name]
	}
	for _, f := range n.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// value finds the value of an entry; nil if there is none.
func (n *node) value(name string) *node {
	if f := n.field(name); f != nil {
		return f.value
	}
	return nil
}

// any is the value as the validator takes it.
func (n *node) any() any {
	switch n.kind {
	case kindMap:
		m := make(map[string]any, len(n.fields))
		for _, f := range n.fields {
			m[f.name] = f.value.any()
		}
		return m
	case kindList:
		l := make([]any, len(n.items))
		for i, item := range n.items {
			l[i] = item.any()
		}
		return l
	default:
		return n.scalar
	}
}

// merge lays the fields of own over those of base: maps merge key by key, all else replaces.
func merge(base, own *node) *node {
	if base == nil || base.kind != kindMap || own.kind != kindMap {
		return own
	}
	merged := &node{raw: own.raw, kind: kindMap}
	for _, f := range base.fields {
		if mine := own.field(f.name); mine != nil {
			f = &field{name: f.name, key: mine.key, value: merge(f.value, mine.value)}
		}
		merged.fields = append(merged.fields, f)
	}
	for _, f := range own.fields {
		if base.field(f.name) == nil {
			merged.fields = append(merged.fields, f)
		}
	}
	return merged
}
