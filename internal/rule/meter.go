package rule

import (
	"errors"
	"reflect"

	"github.com/expr-lang/expr/ast"
)

// budget bounds what one evaluation may make and search, in units of 16 bytes or one list element. Lists are
// counted by expr's own machine, texts by our functions.
const budget = 1 << 15

var errTooMuch = errors.New("the expression needs too much memory")

// purse is what one evaluation has spent.
type purse struct{ spent uint }

func (p *purse) pay(units uint) error {
	p.spent += units
	if p.spent > budget {
		return errTooMuch
	}
	return nil
}

// purseName is how a compiled program names its purse; no expression can, because guard knows no such name.
const purseName = "$purse"

// meteredEnv is Env and the purse of one evaluation.
type meteredEnv struct {
	Env
	Purse *purse `expr:"$purse"`
}

// meteredJobEnv is JobEnv and the purse of one evaluation.
type meteredJobEnv struct {
	JobEnv
	Purse *purse `expr:"$purse"`
}

// meter has every function pay from the purse, and makes functions of the operators that make or search texts.
type meter struct{}

// Visit replaces one node of a checked tree.
func (meter) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.CallNode:
		n.Arguments = append([]ast.Node{&ast.IdentifierNode{Value: purseName}}, n.Arguments...)
	case *ast.BinaryNode:
		if n.Left.Type().Kind() != reflect.String {
			return
		}
		switch n.Operator {
		case "+":
			ast.Patch(node, metered(concatFunction, n.Left, n.Right))
		case "matches", "contains":
			charged := metered(chargeFunction, n.Left)
			charged.SetLocation(n.Left.Location())
			n.Left = charged
		}
	}
}

func metered(function string, arguments ...ast.Node) ast.Node {
	call := &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: function},
		Arguments: append([]ast.Node{&ast.IdentifierNode{Value: purseName}}, arguments...),
	}
	call.SetType(stringType)
	return call
}
