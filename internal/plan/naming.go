package plan

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

// maxName is how many runes the name of a check may have.
const maxName = 200

// naming is how a selected target gets its name and title. Nil means by default.
type naming struct {
	label, title *config.Expr
	position     diag.Position // what decided on it
}

// override takes over what a rule sets.
func (n *naming) override(r config.Rule) {
	n.position = r.Position
	if r.Label != nil {
		n.label, n.position = r.Label, r.Label.Position
	}
	if r.Title != nil {
		n.title = r.Title
	}
}

// name selects the target, unless an expression waits or fails.
func (d *decider) name(n naming) {
	name, ok := d.text(n.label, "label", d.target.Attr())
	if !ok {
		return
	}
	at := d.target.Job.Position
	if n.label != nil {
		at = n.label.Position
	}
	name = strings.TrimSpace(name)
	if problem := badName(name); problem != "" {
		d.invalid(at, "set label so that it gives a short name", "the check's name %s", problem)
		return
	}
	d.decision.Name = name
	title, ok := d.text(n.title, "title", "Build "+d.target.FullAttr())
	if !ok {
		return
	}
	title = strings.TrimSpace(title)
	if problem := badText(title); problem != "" && n.title != nil {
		d.invalid(n.title.Position, "", "the check's title %s", problem)
		return
	}
	d.decision.Kind, d.decision.Title, d.decision.Position = Selected, title, n.position
}

// text evaluates an expression that names something, or gives what is due without it. Not ok means that the
// decision is made.
func (d *decider) text(e *config.Expr, field, otherwise string) (string, bool) {
	if e == nil {
		return otherwise, true
	}
	if d.waits(e, field) {
		return "", false
	}
	if d.lost(e) {
		return otherwise, true
	}
	s, err := e.Text(d.env)
	if err != nil {
		d.invalid(e.Position, "", "%s: %v", field, err)
		return "", false
	}
	return s, true
}

// badName says what is wrong with a trimmed name, "" if nothing is.
func badName(name string) string {
	if utf8.RuneCountInString(name) > maxName {
		return "is longer than 200 characters"
	}
	return badText(name)
}

func badText(s string) string {
	switch {
	case s == "":
		return "is empty"
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case strings.ContainsFunc(s, unicode.IsControl):
		return "has a control character, such as a line break"
	}
	return ""
}
