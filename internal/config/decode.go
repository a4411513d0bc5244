package config

import (
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// decoder fills the typed Config. Values of the wrong type it passes over in silence: the validator has reported them.
type decoder struct {
	*reporter
	compiled map[source]*Expr // defaults and aliases give one expression to many jobs
}

// setter puts the value of one field where it belongs.
type setter[T any] func(d *decoder, into *T, f *field)

// fields are the known fields of a mapping. A test holds them equal to the schema's properties.
type fields[T any] map[string]setter[T]

// set runs the setters of the fields that are there, in the order of the file.
func (known fields[T]) set(d *decoder, into *T, n *node) {
	if n == nil {
		return
	}
	for _, f := range n.fields {
		if set := known[f.name]; set != nil {
			set(d, into, f)
		}
	}
}

// nested sets a mapping below a field.
func nested[T, U any](part func(*T) *U, known fields[U]) setter[T] {
	return func(d *decoder, into *T, f *field) { known.set(d, part(into), f.value) }
}

// as gives a scalar if it has the type that the field wants.
func as[V any](n *node) (value V, ok bool) {
	value, ok = n.scalar.(V)
	return value, ok
}

func textField[T any](part func(*T) *string) setter[T] {
	return func(_ *decoder, into *T, f *field) {
		if s, ok := as[string](f.value); ok {
			*part(into) = s
		}
	}
}

func boolField[T any](part func(*T) *bool) setter[T] {
	return func(_ *decoder, into *T, f *field) {
		if b, ok := as[bool](f.value); ok {
			*part(into) = b
		}
	}
}

// intField also takes 2.0, as JSON Schema does.
func intField[T any](part func(*T) *int) setter[T] {
	return func(d *decoder, into *T, f *field) {
		switch v := f.value.scalar.(type) {
		case int:
			*part(into) = v
		case float64:
			if i := int(v); float64(i) == v && v < 1<<53 {
				*part(into) = i
			} else if v >= 1<<53 {
				d.field(f, "out-of-range", f.name+" is too large", "")
			}
		case uint64:
			d.field(f, "out-of-range", f.name+" is too large", "")
		}
	}
}

// workersField takes a number, or "auto" as 0.
func workersField[T any](part func(*T) *int) setter[T] {
	number := intField(part)
	return func(d *decoder, into *T, f *field) {
		s, ok := as[string](f.value)
		switch {
		case !ok:
			number(d, into, f)
		case s == "auto":
			*part(into) = 0
		default:
			hint := "write a number without quotes, or auto"
			if !isInteger(s) {
				hint = suggest(s, []string{"auto"})
			}
			d.field(f, "unknown-value", f.name+` must be a whole number from 1 or "auto"`, hint)
		}
	}
}

func durationField[T any](part func(*T) *time.Duration) setter[T] {
	return func(d *decoder, into *T, f *field) {
		s, ok := as[string](f.value)
		if !ok || s == "" {
			return
		}
		value, problem := parseDuration(s)
		if problem != "" {
			d.field(f, "invalid-duration", f.name+" "+problem, "write it as 30s, 10m or 1h30m (units: ms, s, m, h)")
			return
		}
		*part(into) = value
	}
}

func sizeField[T any](part func(*T) *int64) setter[T] {
	return func(d *decoder, into *T, f *field) {
		s, ok := as[string](f.value)
		if !ok || s == "" {
			return
		}
		if s == "auto" {
			*part(into) = 0
			return
		}
		value, problem := parseSize(s)
		if problem != "" {
			d.field(f, "invalid-size", f.name+" "+problem, `write it as 512MiB or 4GiB (units: KiB, MiB, GiB, TiB), or "auto"`)
			return
		}
		*part(into) = value
	}
}

func listField[T any](part func(*T) *[]string) setter[T] {
	return func(_ *decoder, into *T, f *field) {
		if f.value.kind != kindList {
			return
		}
		list := []string{}
		for _, item := range f.value.items {
			if s, ok := as[string](item); ok {
				list = append(list, s)
			}
		}
		*part(into) = list
	}
}

func exprField[T any](scope rule.Scope, want rule.Type, part func(*T) **Expr) setter[T] {
	return func(d *decoder, into *T, f *field) {
		if s, ok := as[string](f.value); ok && s != "" {
			*part(into) = d.expression(f.value, s, scope, want)
		}
	}
}

// ignored are fields that this version knows and does nothing with; see unsupported.go.
func ignored[T any](*decoder, *T, *field) {}
