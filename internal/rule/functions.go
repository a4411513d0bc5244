package rule

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/builtin"
)

// builtins are the functions of expr's own that rules may use. They cannot make anything longer than it was.
var builtins = map[string]bool{
	"len": true, "all": true, "any": true, "none": true, "one": true, "filter": true, "map": true, "count": true,
}

// function is one of our own: its kinds of arguments, the last `optional` of which may be left out, its kind of
// result, and what it does. Everything it makes is charged to the budget of the evaluation, as it says.
type function struct {
	in       []kind
	optional int
	out      reflect.Type
	call     func(args []any) (any, uint, error)
}

// kind is what an argument must be.
type kind int

const (
	text kind = iota
	number
	list
	scalar // a text, a number, or true or false
)

func (k kind) String() string {
	return [...]string{"a text", "a whole number", "a list of texts", "a text, a number or true or false"}[k]
}

func (k kind) accepts(t reflect.Type) bool {
	switch k {
	case text:
		return t.Kind() == reflect.String
	case number:
		return t.Kind() == reflect.Int
	case list:
		return t.Kind() == reflect.Slice && (t.Elem().Kind() == reflect.String || t.Elem().Kind() == reflect.Interface)
	default:
		return slices.Contains([]reflect.Kind{reflect.String, reflect.Int, reflect.Float64, reflect.Bool}, t.Kind())
	}
}

// builtin is the function as expr wants it. Validate, unlike Types, has expr look at each argument only once.
func (f function) builtin(name string) *builtin.Function {
	return &builtin.Function{
		Name:     name,
		Func:     f.metered,
		Validate: func(args []reflect.Type) (reflect.Type, error) { return f.out, f.validate(name, args) },
	}
}

// metered calls the function; the compiler has put the evaluation's budget ahead of the arguments.
func (f function) metered(args ...any) (any, error) {
	value, units, err := f.call(args[1:])
	if err == nil {
		err = args[0].(*purse).pay(units)
	}
	return value, err
}

func (f function) validate(name string, args []reflect.Type) error {
	if least := len(f.in) - f.optional; len(args) < least || len(args) > len(f.in) {
		want := fmt.Sprint(least)
		if f.optional > 0 {
			want += fmt.Sprintf(" or %d", len(f.in))
		}
		return fmt.Errorf("%s takes %s arguments, not %d", name, want, len(args))
	}
	for i, arg := range args {
		if arg == nil || !f.in[i].accepts(arg) {
			return fmt.Errorf("argument %d of %s must be %s", i+1, name, f.in[i])
		}
	}
	return nil
}

// The names of functions that only the compiler calls; no expression can spell them.
const (
	concatFunction = "+"
	chargeFunction = "charge "
)

func internal(name string) bool { return name == concatFunction || name == chargeFunction }

var (
	boolType   = reflect.TypeFor[bool]()
	intType    = reflect.TypeFor[int]()
	stringType = reflect.TypeFor[string]()
	listType   = reflect.TypeFor[[]string]()
)

// functions are all of our own, by name.
var functions = map[string]function{
	"trim":         {[]kind{text, text}, 1, stringType, trim},
	"trimPrefix":   {[]kind{text, text}, 0, stringType, texts(strings.TrimPrefix)},
	"trimSuffix":   {[]kind{text, text}, 0, stringType, texts(strings.TrimSuffix)},
	"hasPrefix":    {[]kind{text, text}, 0, boolType, texts(strings.HasPrefix)},
	"hasSuffix":    {[]kind{text, text}, 0, boolType, texts(strings.HasSuffix)},
	"indexOf":      {[]kind{text, text}, 0, intType, texts(strings.Index)},
	"lastIndexOf":  {[]kind{text, text}, 0, intType, texts(strings.LastIndex)},
	"upper":        {[]kind{text}, 0, stringType, one(strings.ToUpper)},
	"lower":        {[]kind{text}, 0, stringType, one(strings.ToLower)},
	"split":        {[]kind{text, text, number}, 1, listType, split},
	"join":         {[]kind{list, text}, 1, stringType, join},
	"replace":      {[]kind{text, text, text}, 0, stringType, replace},
	"string":       {[]kind{scalar}, 0, stringType, toText},
	"int":          {[]kind{scalar}, 0, intType, toInt},
	"first":        {[]kind{list}, 0, stringType, firstOf},
	"last":         {[]kind{list}, 0, stringType, lastOf},
	"glob":         {[]kind{text, text}, 0, boolType, glob},
	concatFunction: {[]kind{text, text}, 0, stringType, concat},
	chargeFunction: {[]kind{text}, 0, stringType, one(func(s string) string { return s })},
}

// clock and growth are why some of expr's functions are not available.
const (
	clock  = "a rule gives the same answer at any time, so there is no clock"
	growth = "it can make values of any size"
)

var reasons = map[string]string{
	"now": clock, "date": clock, "duration": clock, "timezone": clock, "repeat": growth, "reduce": growth,
}

// unknownFunction words that there is no such function, why, and what to write instead.
func unknownFunction(name string) (message, hint string) {
	if reason, ok := reasons[name]; ok {
		return name + " is not available in rules", reason
	}
	known := slices.Sorted(maps.Keys(builtins))
	for _, candidate := range slices.Sorted(maps.Keys(functions)) {
		if !internal(candidate) {
			known = append(known, candidate)
		}
	}
	if hint = didYouMean(name, known); hint == "" {
		slices.Sort(known)
		hint = "the functions are " + strings.Join(known, ", ")
	}
	return "unknown function " + name, hint
}
