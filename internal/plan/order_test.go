package plan

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// TestDecideOrder has each step decide ahead of the later ones, all of which would decide otherwise.
func TestDecideOrder(t *testing.T) {
	const wrong = `path[9]` // at fault whenever it is evaluated
	good := &Facts{Drv: rule.Drv{Pname: "hello"}, Meta: rule.Meta{Broken: true}}
	failed := &Facts{Meta: rule.Meta{Broken: true}, Err: &EvalError{Message: "thrown"}}
	tests := []struct {
		name  string
		job   jobSpec
		facts *Facts
		kind  Kind
		at    int
		says  string // name, reason or message
	}{
		{"systems ahead of all", jobSpec{systems: []string{"s"}, filter: wrong + ` == ""`, label: wrong, title: wrong}, nil, Skipped, systemsLine, "system x86_64-linux is not in systems"},
		{"systems ahead of a failure", jobSpec{systems: []string{"s"}, filter: `drv.name == ""`}, failed, Skipped, systemsLine, "system x86_64-linux is not in systems"},
		{"one of several systems", jobSpec{systems: []string{"s", "x86_64-linux"}, label: `"n"`}, nil, Selected, labelLine, "n"},
		{"filter ahead of rules", jobSpec{filter: "false", rules: []ruleSpec{{when: wrong + ` == ""`, skip: "s"}}, label: wrong}, nil, Skipped, filterLine, "filter: false"},
		{"waiting filter ahead of a faulty label", jobSpec{filter: "meta.broken", label: wrong}, nil, Pending, filterLine, "filter needs the evaluation: meta.broken"},
		{"filter that meta settles", jobSpec{filter: "meta.broken", label: `"n"`}, good, Selected, labelLine, "n"},
		{"failed, filter on meta alone", jobSpec{filter: "!meta.broken"}, failed, Skipped, filterLine, "filter: !meta.broken"},
		{"failed, filter on both", jobSpec{filter: `!meta.broken && drv.name == ""`}, failed, Selected, jobLine, "x86_64-linux.hello"},
		{"rules ahead of label", jobSpec{rules: []ruleSpec{{when: "true", skip: "s"}}, label: wrong, title: wrong}, nil, Skipped, 10, "s"},
		{"rule 1 at fault", jobSpec{rules: []ruleSpec{{when: wrong + ` == ""`, skip: "s"}, {when: "true", skip: "t"}}}, nil, Invalid, 11,
			"checks.x86_64-linux.hello: rule 1: at 1:5: index out of range: 9 (array length is 2)"},
		{"rules after the match are not asked", jobSpec{rules: []ruleSpec{{when: "true", skip: "s"}, {when: wrong + ` == ""`, skip: "t"}}}, nil, Skipped, 10, "s"},
		{"waiting rule ahead of a matching one", jobSpec{rules: []ruleSpec{{when: "meta.broken", skip: "s"}, {when: "true", skip: "t"}}}, nil, Pending, 11, "rule 1 needs the evaluation: meta.broken"},
		{"no rule matches", jobSpec{rules: []ruleSpec{{when: "false", skip: "s"}}}, nil, Selected, jobLine, "x86_64-linux.hello"},
		{"label of a rule, not the job's", jobSpec{rules: []ruleSpec{{when: "true", label: `"r"`}}, label: wrong}, nil, Selected, 12, "r"},
		{"title of a rule, not the job's", jobSpec{rules: []ruleSpec{{when: "true", title: `"r"`}}, title: wrong}, nil, Selected, 10, "x86_64-linux.hello"},
		{"label of a rule waits", jobSpec{rules: []ruleSpec{{when: "true", label: "drv.name"}}}, nil, Pending, 12, "label needs the evaluation: drv.name"},
		{"title of a rule waits", jobSpec{rules: []ruleSpec{{when: "true", title: "drv.name"}}}, nil, Pending, 13, "title needs the evaluation: drv.name"},
		{"waiting label ahead of a faulty title", jobSpec{label: "drv.name", title: wrong}, nil, Pending, labelLine, "label needs the evaluation: drv.name"},
		{"faulty label ahead of a waiting title", jobSpec{label: wrong, title: "drv.name"}, nil, Invalid, labelLine,
			"checks.x86_64-linux.hello: label: at 1:5: index out of range: 9 (array length is 2)"},
		{"bad name ahead of a waiting title", jobSpec{label: `""`, title: "drv.name"}, nil, Invalid, labelLine, "checks.x86_64-linux.hello: the check's name is empty"},
		{"faulty title", jobSpec{title: wrong}, nil, Invalid, titleLine, "checks.x86_64-linux.hello: title: at 1:5: index out of range: 9 (array length is 2)"},
		{"failed, lost label of a rule", jobSpec{rules: []ruleSpec{{when: "true", label: "drv.name"}}}, failed, Selected, 12, "x86_64-linux.hello"},
		{"failed, label from meta", jobSpec{label: `string(meta.broken)`}, failed, Selected, labelLine, "true"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := Decide(target(test.job.job(t, "builds"), "x86_64-linux", "hello"), test.facts)
			assert.Equal(t, test.kind.String(), d.Kind.String())
			assert.Equal(t, at(test.at), d.Position)
			says := map[Kind]string{Selected: d.Name, Skipped: d.Reason, Pending: d.Reason, Invalid: d.Message}
			assert.Equal(t, test.says, says[d.Kind])
		})
	}
}

// TestNames holds names and titles to their bounds, after blanks around them are gone.
func TestNames(t *testing.T) {
	const long, control = "is longer than 200 characters", "has a control character, such as a line break"
	attr := `attr_name`
	tests := []struct {
		name, given, trimmed string
		asName, asTitle      string // what is wrong with it, "" if nothing
	}{
		{"plain", "a", "a", "", ""},
		{"blanks around", "\n\t a b \u00a0\r\n", "a b", "", ""},
		{"blanks alone", " \t\u2003", "", "is empty", "is empty"},
		{"the longest", strings.Repeat("🚧", 200), strings.Repeat("🚧", 200), "", ""},
		{"the longest with blanks", " " + strings.Repeat("ü", 200) + " ", strings.Repeat("ü", 200), "", ""},
		{"too long a name", strings.Repeat("a", 201), strings.Repeat("a", 201), long, ""},
		{"tab inside", "a\tb", "", control, control},
		{"line break inside", "a\nb", "", control, control},
		{"escape", "\x1b[1m", "", control, control},
		{"DEL", "a\x7f", "", control, control},
		{"C1 control", "a\u0085b", "", control, control},
		{"NUL", "\x00", "", control, control},
		{"not UTF-8", "a\xff", "", "is not valid UTF-8", "is not valid UTF-8"},
		{"joiner, as in emoji", "👩\u200d🚒", "👩\u200d🚒", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := Decide(target(jobSpec{label: attr, title: `"t"`}.job(t, "a"), test.given), nil)
			if test.asName == "" {
				assert.Equal(t, test.trimmed, d.Name)
				assert.Equal(t, Selected, d.Kind)
			} else {
				assert.Equal(t, Invalid, d.Kind)
				assert.True(t, strings.HasSuffix(d.Message, ": the check's name "+test.asName), d.Message)
			}
			d = Decide(target(jobSpec{label: `"n"`, title: attr}.job(t, "a"), test.given), nil)
			if test.asTitle == "" {
				assert.Equal(t, test.trimmed, d.Title)
				assert.Equal(t, Selected, d.Kind)
			} else {
				assert.True(t, strings.HasSuffix(d.Message, ": the check's title "+test.asTitle), d.Message)
				assert.Equal(t, at(titleLine), d.Position)
			}
		})
	}
}

// TestPlanGolden has the whole JSON of a plan, with the order of its fields, as its readers get it.
func TestPlanGolden(t *testing.T) {
	job := jobSpec{
		systems: []string{"x86_64-linux"}, title: `"T " + attr_name`,
		rules: []ruleSpec{{when: `attr_name == "skip"`, skip: "no"}, {when: `attr_name == "late"`, title: "drv.name"}, {when: `attr_name == "zz"`, skip: "z"}},
	}.job(t, "one")
	b := New("c.yaml", 10)
	b.AddJob(job, JobPlanned, "")
	b.AddJob(jobSpec{}.job(t, "two"), JobFailed, "no flake")
	add := func(facts *Facts, path ...string) {
		tg := target(job, path...)
		b.Add(tg, Decide(tg, facts), facts)
	}
	add(&Facts{Drv: rule.Drv{Path: "/nix/store/a.drv"}}, "x86_64-linux", "a b")
	add(&Facts{Drv: rule.Drv{Path: "/never"}, Err: &EvalError{Message: "thrown", Trace: "not told"}}, "x86_64-linux", "bad")
	add(nil, "x86_64-linux", "late")
	add(nil, "x86_64-linux", "skip")
	add(nil, "other")
	p, problems := b.Plan()
	assert.Empty(t, problems, "late may yet be anything")
	got, err := json.MarshalIndent(p, "", " ")
	require.NoError(t, err)
	const place = `   "job": "one",
   "flake_attr": "checks",
   "attr": "x86_64-linux.NAME",
   "path": [
    "x86_64-linux",
    "NAME"
   ],
   "system": "x86_64-linux",
`
	of := func(name string) string { return strings.ReplaceAll(place, "NAME", name) }
	assert.Equal(t, `{
 "schema_version": 1,
 "jobs": [
  {
   "job": "one",
   "state": "planned"
  },
  {
   "job": "two",
   "state": "failed",
   "reason": "no flake"
  }
 ],
 "checks": [
  {
`+strings.Replace(of("a b"), "x86_64-linux.a b", `x86_64-linux.\"a b\"`, 1)+`   "name": "x86_64-linux.\"a b\"",
   "title": "T a b",
   "decided_by": "c.yaml:1:1",
   "drv_path": "/nix/store/a.drv"
  },
  {
`+of("bad")+`   "name": "x86_64-linux.bad",
   "title": "T bad",
   "decided_by": "c.yaml:1:1",
   "error": "thrown"
  }
 ],
 "pending": [
  {
`+of("late")+`   "name": "x86_64-linux.late",
   "reason": "title needs the evaluation: drv.name",
   "decided_by": "c.yaml:23:1"
  }
 ],
 "skipped": [
  {
   "job": "one",
   "flake_attr": "checks",
   "attr": "other",
   "path": [
    "other"
   ],
   "system": "",
   "reason": "no part of its attribute path is a system, and systems is set",
   "decided_by": "c.yaml:2:1"
  },
  {
`+of("skip")+`   "reason": "no",
   "decided_by": "c.yaml:10:1"
  }
 ],
 "warnings": []
}`, string(got))

	add(&Facts{Drv: rule.Drv{Name: "l-1", Path: "/l.drv"}}, "x86_64-linux", "late")
	p, problems = b.Plan()
	assert.Empty(t, p.Pending)
	assert.Len(t, p.Checks, 3, "re-added, it replaces itself")
	got, err = json.Marshal(p.Warnings)
	require.NoError(t, err)
	assert.Equal(t, `[{"file":"c.yaml","line":30,"column":1,"severity":"warning","rule":"matches-nothing",`+
		`"message":"rule 3 of job one matches no target","hint":"it is: attr_name == \"zz\"","length":1}]`, string(got))
	assert.Equal(t, p.Warnings, problems)
}

// TestWarningsWaitForAll has a rule without effect told only once nothing about its job is open.
func TestWarningsWaitForAll(t *testing.T) {
	job := jobSpec{rules: []ruleSpec{{when: `attr == "none"`, skip: "s"}}}.job(t, "a")
	for name, test := range map[string]struct {
		second Decision
		want   int
	}{
		"selected": {Decision{Kind: Selected, Name: "b", Rule: -1, Passed: true}, 1},
		"skipped":  {Decision{Kind: Skipped, Rule: -1}, 1},
		"pending":  {Decision{Kind: Pending, Rule: -1, Passed: true}, 0},
		"invalid":  {Decision{Kind: Invalid, Rule: -1, Passed: true}, 0},
		"unsure":   {Decision{Kind: Selected, Name: "b", Rule: -1, Passed: true, Unsure: true}, 0},
	} {
		b := New("c.yaml", 0)
		b.Add(target(job, "a"), Decide(target(job, "a"), nil), nil)
		b.Add(target(job, "b"), test.second, nil)
		p, _ := b.Plan()
		assert.Len(t, p.Warnings, test.want, name)
	}
}

func TestDuplicatesOfThreeJobs(t *testing.T) {
	b := New("c.yaml", 0)
	for _, name := range []string{"z", "y", "x"} { // the order of the file, not of names
		job := jobSpec{label: `"same"`}.job(t, name)
		b.Add(target(job, "t"), Decide(target(job, "t"), nil), nil)
	}
	_, problems := b.Plan()
	assert.Equal(t, []diag.Diagnostic{{
		Position: at(labelLine), Severity: diag.Error, Rule: "duplicate-name", Length: 1,
		Message: `two checks have the name "same": checks.t of job z (c.yaml:4:1) and checks.t of job y (c.yaml:4:1), and 1 more`,
		Hint:    "GitHub shows only the newest run of a name; add to label what tells them apart, such as system",
	}}, problems)
}

// TestMaxChecks counts what is selected and nothing else; 0 is no limit.
func TestMaxChecks(t *testing.T) {
	for limit, want := range map[int]bool{-1: false, 0: false, 1: true, 2: false, 3: false} {
		b := New("c.yaml", limit)
		job := jobSpec{}.job(t, "a")
		for name, kind := range map[string]Kind{"a": Selected, "b": Selected, "c": Skipped, "d": Pending} {
			b.Add(target(job, name), Decision{Kind: kind, Name: name, Rule: -1}, nil)
			b.Add(target(job, name), Decision{Kind: kind, Name: name, Rule: -1}, nil)
		}
		_, problems := b.Plan()
		assert.Equal(t, want, diag.HasErrors(problems), "max_checks %d", limit)
	}
}
