package rule

import (
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
)

// typeGuard refuses parts whose type is known only when they are evaluated: they would make a mistake a run-time
// error, and escape the meter.
type typeGuard struct {
	text    source
	cache   nature.Cache
	problem *Error
}

// Visit looks at one node of a checked tree.
func (g *typeGuard) Visit(node *ast.Node) {
	if g.problem != nil {
		return
	}
	switch n := (*node).(type) {
	case *ast.ConditionalNode:
		if n.Nature().IsUnknown(&g.cache) {
			g.problem = g.text.at(n.Cond.Location(), "the two sides of this condition differ in type", "use string(…) on the one that is no text")
		}
	case *ast.MemberNode, *ast.PointerNode, *ast.BinaryNode, *ast.BuiltinNode, *ast.CallNode:
		if n.Nature().IsUnknown(&g.cache) {
			g.problem = g.text.at(n.Location(), "the type of this part is not known", "lists must hold one type")
		}
	}
}

// kindName names a type as users know it.
func kindName(kind reflect.Kind) string {
	switch kind {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Int, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	}
	return "a " + kind.String()
}
