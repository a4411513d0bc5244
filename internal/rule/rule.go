package rule

import (
	"fmt"

	"github.com/expr-lang/expr/vm"
)

// Scope says which names an expression may use.
type Scope int

// The scopes: JobScope knows JobEnv, TargetScope knows Env.
const (
	JobScope Scope = iota
	TargetScope
)

// Type is what an expression must give.
type Type int

// The types of a result.
const (
	Bool Type = iota
	Text
)

// Rule is one compiled expression. It is immutable and may be shared between goroutines.
type Rule struct {
	source  string
	scope   Scope
	program *vm.Program
	names   names
}

// Source is the expression as it was written.
func (r *Rule) Source() string { return r.source }

// Late tells whether the expression names drv or meta, which are known only after evaluation.
func (r *Rule) Late() bool { return r.names.drv || len(r.names.meta) > 0 }

// MetaKeys are the keys of meta that the expression names, as it spells them, sorted.
func (r *Rule) MetaKeys() []string { return r.names.metaKeys() }

// NamesDrv tells whether the expression names drv.
func (r *Rule) NamesDrv() bool { return r.names.drv }

// Constant tells whether the expression names no variable at all.
func (r *Rule) Constant() bool { return !r.names.any }

// Bool evaluates a condition about a target.
func (r *Rule) Bool(env Env) (bool, error) { return result[bool](r, r.environment(&env)) }

// Text evaluates an expression that gives a text about a target.
func (r *Rule) Text(env Env) (string, error) { return result[string](r, r.environment(&env)) }

// BoolForJob evaluates the condition of a job.
func (r *Rule) BoolForJob(env JobEnv) (bool, error) {
	if r.scope == JobScope {
		return result[bool](r, &meteredJobEnv{JobEnv: env, Purse: new(purse)})
	}
	return result[bool](r, &meteredEnv{Env: Env{Job: env.Job, Event: env.Event}, Purse: new(purse)})
}

// environment is what the program was compiled against, filled from env.
func (r *Rule) environment(env *Env) any {
	if r.scope == JobScope {
		return &meteredJobEnv{JobEnv: JobEnv{Job: env.Job, Event: env.Event}, Purse: new(purse)}
	}
	return &meteredEnv{Env: *env, Purse: new(purse)}
}

func result[T any](r *Rule, env any) (T, error) {
	var none T
	machine := vm.VM{MemoryBudget: budget}
	value, err := machine.Run(r.program, env)
	if err != nil {
		return none, runtimeError(err)
	}
	got, ok := value.(T)
	if !ok {
		return none, fmt.Errorf("the expression gave %T, not %T", value, none)
	}
	return got, nil
}
