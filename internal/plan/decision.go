package plan

import "github.com/nixbuild/nixbuild-checks/internal/diag"

// Kind is what a decision came to.
type Kind int

// The kinds of decisions. Selected: the target is a check. Skipped: it is not. Pending: an expression waits for
// facts. Invalid: the configuration is at fault, Message says how.
const (
	Selected Kind = iota
	Skipped
	Pending
	Invalid
)

func (k Kind) String() string {
	return [...]string{"selected", "skipped", "pending", "invalid"}[k]
}

// Decision is what becomes of a target, and why.
type Decision struct {
	Kind    Kind
	Name    string // of a Selected one; of a Pending one "" unless it is known already
	Title   string // of a Selected one
	Reason  string // of a Skipped or Pending one
	Message string // of an Invalid one
	Hint    string // of an Invalid one, if there is one

	// Position is what decided: the expression or rule that names, skips, waits or is at fault; the job's
	// position where defaults did.
	Position diag.Position

	Passed bool // it came through systems and filter, to the rules
	Rule   int  // index of the rule that matched, -1 if none did
	Unsure bool // an expression needs drv, which failed evaluation left unknown
}

// Diagnostic is an Invalid decision as a problem to show.
func (d Decision) Diagnostic() diag.Diagnostic {
	return diag.Diagnostic{
		Position: d.Position, Severity: diag.Error, Rule: "bad-decision", Message: d.Message, Hint: d.Hint, Length: 1,
	}
}
