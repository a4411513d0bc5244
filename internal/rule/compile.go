package rule

import (
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

const (
	maxSource = 4 << 10 // bytes
	maxNodes  = 500
)

// Compile checks src against the names of scope and the wanted type. It is the only way to make a Rule, and
// never evaluates. The error is nil when all is fine.
func Compile(src string, scope Scope, want Type) (_ *Rule, problem *Error) {
	text := source(src)
	if problem := text.refuse(); problem != nil {
		return nil, problem
	}
	defer func() { // expr panics on some trees it has parsed
		if r := recover(); r != nil {
			problem = text.whole(fmt.Sprintf("cannot compile this expression: %v", r), "")
		}
	}()
	config := newConfig(scope)
	tree, err := parser.ParseWithConfig(src, config)
	if err != nil {
		return nil, text.fromExpr(err)
	}
	guard := newGuard(text, scope)
	if problem := guard.check(tree.Node); problem != nil {
		return nil, problem
	}
	if problem := typeCheck(text, tree, config, want); problem != nil {
		return nil, problem
	}
	program, err := assemble(tree, config)
	if err != nil {
		return nil, text.fromExpr(err)
	}
	return &Rule{source: src, scope: scope, program: program, names: guard.names}, nil
}

// refuse checks what can be known before parsing.
func (s source) refuse() *Error {
	switch {
	case len(s) > maxSource:
		return s.whole(fmt.Sprintf("the expression has %d bytes, the most is %d", len(s), maxSource),
			"split it into several rules")
	case !utf8.ValidString(string(s)):
		return s.whole("the expression is not valid UTF-8", "")
	case s.blank():
		return s.whole("the expression is empty", "")
	}
	return nil
}

// newConfig knows the names of scope, our functions, and none of expr's own.
func newConfig(scope Scope) *conf.Config {
	config := conf.CreateNew()
	config.MaxNodes = maxNodes
	if scope == JobScope {
		config.WithEnv(meteredJobEnv{})
	} else {
		config.WithEnv(meteredEnv{})
	}
	for name := range config.Builtins {
		if !builtins[name] {
			config.Disabled[name] = true
			delete(config.Builtins, name)
		}
	}
	for name := range functions {
		config.Functions[name] = functions[name].builtin(name)
	}
	return config
}

// typeCheck holds every part of the tree to one known type, and the whole to the wanted one.
func typeCheck(text source, tree *parser.Tree, config *conf.Config, want Type) *Error {
	if _, err := new(checker.Checker).Check(tree, config); err != nil {
		return text.fromExpr(err)
	}
	types := &typeGuard{text: text}
	ast.Walk(&tree.Node, types)
	if types.problem != nil {
		return types.problem
	}
	kind := tree.Node.Type().Kind()
	switch {
	case want == Bool && kind != reflect.Bool:
		return text.whole(fmt.Sprintf("the expression gives %s, but true or false is wanted", kindName(kind)),
			`write a condition, such as system == "x86_64-linux"`)
	case want == Text && kind != reflect.String:
		return text.whole(fmt.Sprintf("the expression gives %s, but a text is wanted", kindName(kind)), textHint(kind))
	}
	return nil
}

func textHint(kind reflect.Kind) string {
	if kind == reflect.Slice {
		return `use join(…, ".")`
	}
	return "use string(…), or quotes inside the quotes: '\"a text\"'"
}

// assemble bounds what the tree can cost when it runs, and makes the program.
func assemble(tree *parser.Tree, config *conf.Config) (*vm.Program, error) {
	ast.Walk(&tree.Node, meter{})
	if err := optimizer.Optimize(&tree.Node, config); err != nil {
		return nil, err
	}
	return compiler.Compile(tree, config)
}
