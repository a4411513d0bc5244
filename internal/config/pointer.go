package config

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// unescape undoes what JSON pointers do to a name.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// find gives the value at a JSON pointer, and its place as messages write it: jobs.builds.rules[0].when.
func (v *validator) find(pointer string) (*field, string) {
	at, path := &field{key: v.root.raw, value: v.root}, ""
	for _, step := range steps(pointer) {
		if at.value.kind == kindList {
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(at.value.items) {
				return nil, ""
			}
			item := at.value.items[i]
			at, path = &field{key: item.raw, value: item}, fmt.Sprintf("%s[%d]", path, i)
			continue
		}
		if at = at.value.field(step); at == nil {
			return nil, ""
		}
		path = join(path, step)
	}
	return at, path
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// lookup gives the part of the schema at a JSON pointer; nil if there is none.
func lookup(pointer string) map[string]any {
	_, at := compiled()
	for _, step := range steps(pointer) {
		at, _ = at[step].(map[string]any)
	}
	return at
}

func steps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	list := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i := range list {
		if plain, err := url.PathUnescape(list[i]); err == nil { // the validator escapes for URLs too
			list[i] = plain
		}
		list[i] = unescape.Replace(list[i])
	}
	return list
}

func cutLast(pointer string) (parent, last string) {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "", pointer
	}
	return pointer[:i], pointer[i+1:]
}

// texts gives the strings of a list of the schema.
func texts(list any) []string {
	var all []string
	items, _ := list.([]any)
	for _, item := range items {
		all = append(all, text(item)...)
	}
	return all
}

func text(value any) []string {
	if s, ok := value.(string); ok {
		return []string{s}
	}
	return nil
}
