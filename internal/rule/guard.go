package rule

import (
	"fmt"
	"regexp"

	"github.com/expr-lang/expr/ast"
)

// guard refuses what an expression must not have, and notes the names it has. It goes through the tree before
// expr's own checker does, because that one takes exponential time on trees whose parts are shared.
type guard struct {
	text      source
	variables variables
	names     names
	seen      map[ast.Node]bool
	predicate int // how many predicates we are in
	problem   *Error
}

func newGuard(text source, scope Scope) *guard {
	return &guard{text: text, variables: variablesOf(scope), seen: map[ast.Node]bool{}}
}

func (g *guard) check(root ast.Node) *Error {
	g.visit(root)
	return g.problem
}

// refuse notes the first problem.
func (g *guard) refuse(node ast.Node, message, hint string) {
	if g.problem == nil {
		g.problem = g.text.at(node.Location(), message, hint)
	}
}

func (g *guard) visitAll(nodes ...ast.Node) {
	for _, node := range nodes {
		g.visit(node)
	}
}

func (g *guard) visit(node ast.Node) {
	if node == nil || g.problem != nil {
		return
	}
	if g.seen[node] {
		g.refuse(node, "this part would be evaluated twice", "write a < b < c as a < b && b < c, and a ?: b as a ? a : b")
		return
	}
	g.seen[node] = true
	switch n := node.(type) {
	case *ast.IdentifierNode:
		g.identifier(n)
	case *ast.MemberNode:
		g.member(n)
	case *ast.CallNode:
		g.call(n)
	case *ast.BuiltinNode:
		g.builtin(n)
	case *ast.BinaryNode:
		g.binary(n)
	default:
		g.plain(node)
	}
}

// plain are the nodes that are either refused or only passed through.
func (g *guard) plain(node ast.Node) {
	switch n := node.(type) {
	case *ast.UnaryNode:
		g.visit(n.Node)
	case *ast.ChainNode:
		g.visit(n.Node)
	case *ast.SliceNode:
		g.visitAll(n.Node, n.From, n.To)
	case *ast.ConditionalNode:
		g.visitAll(n.Cond, n.Exp1, n.Exp2)
	case *ast.ArrayNode:
		g.visitAll(n.Nodes...)
	case *ast.PredicateNode:
		g.visit(n.Node)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.PointerNode:
	default:
		g.refused(node)
	}
}

func (g *guard) refused(node ast.Node) {
	switch n := node.(type) {
	case *ast.VariableDeclaratorNode:
		g.refuse(n, "let is not available in rules", "write "+n.Name+" out where it is used")
	case *ast.SequenceNode:
		g.refuse(n, "an expression is one expression, without ;", "")
	case *ast.NilNode:
		g.refuse(n, "nil is not available in rules", `what is not known is "", 0, false or an empty list`)
	case *ast.MapNode:
		g.refuse(n, "maps are not available in rules", `write conditions: system == "x86_64-linux" ? "a" : "b"`)
	default:
		g.refuse(node, fmt.Sprintf("%s is not available in rules", node.String()), "")
	}
}

func (g *guard) identifier(n *ast.IdentifierNode) {
	if members, known := g.variables[n.Value]; !known {
		message, hint := g.variables.unknown(n.Value)
		g.refuse(n, message, hint)
	} else if members != nil {
		g.refuse(n, n.Value+" can only be used with one of its members", fmt.Sprintf("such as %s.%s", n.Value, members[0]))
	}
	g.names.note(n.Value, "")
}

// member allows event.name, and a constant or computed index of anything that is not a set of members.
func (g *guard) member(n *ast.MemberNode) {
	root, isName := n.Node.(*ast.IdentifierNode)
	if !isName || g.variables[root.Value] == nil {
		g.visitAll(n.Node, n.Property)
		return
	}
	property, constant := n.Property.(*ast.StringNode)
	if !constant {
		g.refuse(n, "the member of "+root.Value+" must be named, not computed", "rules tell beforehand which facts they need")
		return
	}
	members := g.variables[root.Value]
	if !contains(members, property.Value) {
		g.refuse(n.Property, fmt.Sprintf("%s has no member %s", root.Value, property.Value), didYouMean(property.Value, members))
		return
	}
	g.names.note(root.Value, property.Value)
}

func (g *guard) call(n *ast.CallNode) {
	callee, isName := n.Callee.(*ast.IdentifierNode)
	if !isName {
		g.refuse(n, "only functions can be called", "")
		return
	}
	if _, known := functions[callee.Value]; !known || internal(callee.Value) {
		message, hint := unknownFunction(callee.Value)
		g.refuse(n, message, hint)
		return
	}
	if callee.Value == "glob" && len(n.Arguments) > 0 {
		g.globPattern(n.Arguments[0])
	}
	g.visitAll(n.Arguments...)
}

func (g *guard) globPattern(node ast.Node) {
	if pattern, constant := node.(*ast.StringNode); constant {
		if _, err := parseGlob(pattern.Value); err != nil {
			g.refuse(node, err.Error(), "* is any run of characters, ? any one, [a-z] one of a class; \\ takes the next as it is")
		}
	}
}

func (g *guard) builtin(n *ast.BuiltinNode) {
	if !builtins[n.Name] {
		message, hint := unknownFunction(n.Name)
		g.refuse(n, message, hint)
		return
	}
	for _, argument := range n.Arguments {
		if _, is := argument.(*ast.PredicateNode); !is {
			g.visit(argument)
			continue
		}
		if g.predicate > 0 {
			g.refuse(n, n.Name+" inside another function's condition is not available in rules", "conditions over lists do not nest")
			return
		}
		g.predicate++
		g.visit(argument)
		g.predicate--
	}
}

func (g *guard) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		g.refuse(n, "ranges are not available in rules", "")
	case "matches":
		g.pattern(n.Right)
	}
	g.visitAll(n.Left, n.Right)
}

func (g *guard) pattern(node ast.Node) {
	pattern, constant := node.(*ast.StringNode)
	if !constant {
		g.refuse(node, "the pattern of matches must be a constant text", "glob(pattern, text) takes a computed pattern")
		return
	}
	if _, err := regexp.Compile(pattern.Value); err != nil {
		g.refuse(node, err.Error(), "")
	}
}
