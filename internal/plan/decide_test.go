package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

func at(line int) diag.Position { return diag.Position{File: "c.yaml", Line: line, Column: 1} }

func expression(t testing.TB, line int, src string, want rule.Type) *config.Expr {
	t.Helper()
	if src == "" {
		return nil
	}
	r, err := rule.Compile(src, rule.TargetScope, want)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return &config.Expr{Rule: r, Position: at(line)}
}

// Where things stand in the file that the tests pretend to have.
const (
	jobLine = iota + 1
	systemsLine
	filterLine
	labelLine
	titleLine
	ruleLine = 10 // rule i: 10i, its when 10i+1, label 10i+2, title 10i+3
)

type ruleSpec struct{ when, skip, label, title string }

type jobSpec struct {
	systems              []string
	filter, label, title string
	rules                []ruleSpec
}

func (s jobSpec) job(t testing.TB, name string) *Job {
	t.Helper()
	job := &config.Job{
		Name: name, FlakeAttr: "checks", Systems: s.systems, Position: at(jobLine), SystemsPosition: at(systemsLine),
		Filter: expression(t, filterLine, s.filter, rule.Bool),
		Label:  expression(t, labelLine, s.label, rule.Text), Title: expression(t, titleLine, s.title, rule.Text),
	}
	for i, r := range s.rules {
		line := (i + 1) * ruleLine
		job.Rules = append(job.Rules, config.Rule{
			When: expression(t, line+1, r.when, rule.Bool), Skip: r.skip, Position: at(line),
			Label: expression(t, line+2, r.label, rule.Text), Title: expression(t, line+3, r.title, rule.Text),
		})
	}
	return &Job{Job: job, Event: rule.Event{Name: "push"}}
}

func TestDecide(t *testing.T) {
	good := &Facts{Drv: rule.Drv{Pname: "hello"}}
	broken := &Facts{Meta: rule.Meta{Broken: true}, Err: &EvalError{Message: "broken"}}
	thrown := &Facts{Err: &EvalError{Message: "thrown"}}
	const attr, title = "x86_64-linux.hello", "Build checks.x86_64-linux.hello"
	tests := []struct {
		name  string
		job   jobSpec
		facts *Facts
		want  Decision
	}{
		{"defaults", jobSpec{}, nil, Decision{Name: attr, Title: title, Position: at(jobLine), Passed: true, Rule: -1}},
		{"systems skip", jobSpec{systems: []string{"aarch64-darwin"}, filter: "meta.broken"}, nil,
			Decision{Kind: Skipped, Reason: "system x86_64-linux is not in systems", Position: at(systemsLine), Rule: -1}},
		{"filter skips", jobSpec{systems: []string{"x86_64-linux"}, filter: `attr_name == "x"`}, nil,
			Decision{Kind: Skipped, Reason: `filter: attr_name == "x"`, Position: at(filterLine), Rule: -1}},
		{"filter waits", jobSpec{filter: "!meta.broken", rules: []ruleSpec{{when: "true", skip: "no"}}}, nil,
			Decision{Kind: Pending, Reason: "filter needs the evaluation: !meta.broken", Position: at(filterLine), Rule: -1}},
		{"filter decided", jobSpec{filter: "meta.broken"}, good,
			Decision{Kind: Skipped, Reason: "filter: meta.broken", Position: at(filterLine), Rule: -1}},
		{"rule skips", jobSpec{rules: []ruleSpec{{when: `attr_name == "hello"`, skip: "too large"}, {when: "true", label: `"x"`}}}, nil,
			Decision{Kind: Skipped, Reason: "too large", Position: at(10), Passed: true, Rule: 0}},
		{"first match wins", jobSpec{label: `"job"`, rules: []ruleSpec{{when: "false", skip: "a"}, {when: "true", label: `"b"`}, {when: "true", skip: "c"}}}, nil,
			Decision{Name: "b", Title: title, Position: at(22), Passed: true, Rule: 1}},
		{"rule with title alone", jobSpec{label: `"job"`, rules: []ruleSpec{{when: "true", title: `"T"`}}}, nil,
			Decision{Name: "job", Title: "T", Position: at(10), Passed: true, Rule: 0}},
		{"rule waits", jobSpec{label: `"job"`, rules: []ruleSpec{{when: "false", skip: "a"}, {when: "meta.broken", skip: "b"}}}, nil,
			Decision{Kind: Pending, Reason: "rule 2 needs the evaluation: meta.broken", Position: at(21), Passed: true, Rule: -1}},
		{"early match ahead of a late rule", jobSpec{rules: []ruleSpec{{when: "true", skip: "a"}, {when: "meta.broken", skip: "b"}}}, nil,
			Decision{Kind: Skipped, Reason: "a", Position: at(10), Passed: true, Rule: 0}},
		{"label", jobSpec{label: `"  🚧 " + attr_name + " "`, title: `event.name + " " + job`}, nil,
			Decision{Name: "🚧 hello", Title: "push builds", Position: at(labelLine), Passed: true, Rule: -1}},
		{"label waits", jobSpec{label: "drv.pname"}, nil,
			Decision{Kind: Pending, Reason: "label needs the evaluation: drv.pname", Position: at(labelLine), Passed: true, Rule: -1}},
		{"title waits, name known", jobSpec{label: `"n"`, title: "drv.pname"}, nil,
			Decision{Kind: Pending, Name: "n", Reason: "title needs the evaluation: drv.pname", Position: at(titleLine), Passed: true, Rule: -1}},
		{"late label decided", jobSpec{label: "drv.pname"}, good,
			Decision{Name: "hello", Title: title, Position: at(labelLine), Passed: true, Rule: -1}},
		{"meta is known where evaluation fails", jobSpec{rules: []ruleSpec{{when: "meta.broken", skip: "marked broken"}}}, broken,
			Decision{Kind: Skipped, Reason: "marked broken", Position: at(10), Passed: true, Rule: 0}},
		{"eval error", jobSpec{rules: []ruleSpec{{when: "meta.broken", skip: "marked broken"}}}, thrown,
			Decision{Name: attr, Title: title, Position: at(jobLine), Passed: true, Rule: -1}},
		{"filter on drv, eval error", jobSpec{filter: `drv.pname == "x"`, label: `"n"`}, thrown,
			Decision{Name: "n", Title: title, Position: at(labelLine), Passed: true, Rule: -1, Unsure: true}},
		{"rule on drv, eval error", jobSpec{rules: []ruleSpec{{when: `drv.pname == "x"`, skip: "s"}, {when: "true", skip: "s"}}}, thrown,
			Decision{Name: attr, Title: title, Position: at(jobLine), Passed: true, Rule: -1, Unsure: true}},
		{"label and title on drv, eval error", jobSpec{label: "drv.pname", title: "drv.name"}, thrown,
			Decision{Name: attr, Title: title, Position: at(labelLine), Passed: true, Rule: -1, Unsure: true}},
		{"run-time error", jobSpec{filter: `path[7] == ""`}, nil, Decision{Kind: Invalid, Position: at(filterLine), Rule: -1,
			Message: "checks.x86_64-linux.hello: filter: at 1:5: index out of range: 7 (array length is 2)"}},
		{"run-time error in label", jobSpec{label: `path[7]`}, nil, Decision{Kind: Invalid, Position: at(labelLine), Rule: -1, Passed: true,
			Message: "checks.x86_64-linux.hello: label: at 1:5: index out of range: 7 (array length is 2)"}},
		{"empty name", jobSpec{label: `" " + trim("  ")`}, nil, Decision{Kind: Invalid, Position: at(labelLine), Rule: -1, Passed: true,
			Message: "checks.x86_64-linux.hello: the check's name is empty", Hint: "set label so that it gives a short name"}},
		{"control character", jobSpec{label: `"a\nb"`}, nil, Decision{Kind: Invalid, Position: at(labelLine), Rule: -1, Passed: true,
			Message: "checks.x86_64-linux.hello: the check's name has a control character, such as a line break", Hint: "set label so that it gives a short name"}},
		{"long name", jobSpec{label: `"` + strings.Repeat("ü", 201) + `"`}, nil, Decision{Kind: Invalid, Position: at(labelLine), Rule: -1, Passed: true,
			Message: "checks.x86_64-linux.hello: the check's name is longer than 200 characters", Hint: "set label so that it gives a short name"}},
		{"longest name", jobSpec{label: `"` + strings.Repeat("ü", 200) + `"`, title: `"t"`}, nil,
			Decision{Name: strings.Repeat("ü", 200), Title: "t", Position: at(labelLine), Rule: -1, Passed: true}},
		{"empty title", jobSpec{title: `""`}, nil, Decision{Kind: Invalid, Name: attr, Position: at(titleLine), Rule: -1, Passed: true,
			Message: "checks.x86_64-linux.hello: the check's title is empty"}},
		{"bad name of a rule", jobSpec{rules: []ruleSpec{{when: "true", label: `""`}}}, nil, Decision{Kind: Invalid, Position: at(12), Rule: 0, Passed: true,
			Message: "checks.x86_64-linux.hello: the check's name is empty", Hint: "set label so that it gives a short name"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			target := Target{Job: test.job.job(t, "builds"), Path: []string{"x86_64-linux", "hello"}, System: "x86_64-linux"}
			got := Decide(target, test.facts)
			assert.Empty(t, cmp.Diff(test.want, got))
			assert.Empty(t, cmp.Diff(got, Decide(target, test.facts)), "the same twice")
			if test.facts != nil {
				assert.NotEqual(t, Pending, got.Kind)
			}
		})
	}
}

func TestDecideStrangeNames(t *testing.T) {
	job := jobSpec{}.job(t, "builds")
	for _, name := range []string{"a.b", "c d", `q"q`, "100%", "a^b", "a#b", "$x", "${x}", `b\b`, "new\nline", "🚧"} {
		d := Decide(Target{Job: job, Path: []string{name}}, nil)
		assert.Equal(t, Selected, d.Kind, "%q: %+v", name, d)
		assert.Equal(t, Target{Job: job, Path: []string{name}}.Attr(), d.Name)
	}
	d := Decide(Target{Job: job, Path: []string{"bell\a"}}, nil)
	assert.Equal(t, Invalid, d.Kind)
	assert.Equal(t, at(jobLine), d.Diagnostic().Position)
	d = Decide(Target{Job: jobSpec{systems: []string{"x86_64-linux"}}.job(t, "a"), Path: []string{"server"}}, nil)
	assert.Equal(t, "no part of its attribute path is a system, and systems is set", d.Reason)
}

func TestMetaKeys(t *testing.T) {
	job := jobSpec{
		filter: "!meta.broken", label: `meta.main_program + drv.name`, title: "meta.description",
		rules: []ruleSpec{{when: "meta.unfree || meta.broken", label: `string(meta.timeout)`, title: `join(meta.platforms)`}, {when: "meta.insecure", skip: "x"}},
	}.job(t, "a")
	assert.Equal(t, []string{"broken", "description", "insecure", "main_program", "platforms", "timeout", "unfree"}, job.MetaKeys())
	assert.Empty(t, jobSpec{}.job(t, "a").MetaKeys())
}
