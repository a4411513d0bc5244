package config

// unsupported lists the fields of the file that this version accepts and whose effect it lacks.
func (d *decoder) unsupported(root *node) []Unsupported {
	var list []Unsupported
	add := func(f *field, name string) {
		if f != nil {
			list = append(list, Unsupported{Field: name, Position: d.start(f.key)})
		}
	}
	add(root.value("eval_store").field("tmpfs"), "eval_store.tmpfs")
	if upload := root.value("destination").field("upload"); upload != nil && upload.value.scalar == "protocol" {
		add(upload, "destination.upload")
	}
	add(root.field("on_missing_credentials"), "on_missing_credentials")
	job := func(name string, n *node) {
		if recurse := n.field("recurse"); recurse != nil && recurse.value.scalar == true {
			add(recurse, name+".recurse")
		}
		for _, field := range []string{"flake_apply", "gc", "cache"} {
			add(n.field(field), name+"."+field)
		}
	}
	job("defaults", root.value("defaults"))
	if jobs := root.value("jobs"); jobs != nil {
		for _, f := range jobs.fields {
			job("jobs."+f.name, f.value)
		}
	}
	return list
}
