package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

var jobFields = fields[Job]{
	"description":           textField(func(j *Job) *string { return &j.Description }),
	"if":                    exprField(rule.JobScope, rule.Bool, func(j *Job) **Expr { return &j.If }),
	"flake":                 setFlake,
	"flake_attr":            setFlakeAttr,
	"depth":                 intField(func(j *Job) *int { return &j.Depth }),
	"recurse":               ignored[Job],
	"flake_apply":           ignored[Job],
	"select":                setSelect,
	"systems":               setSystems,
	"filter":                exprField(rule.TargetScope, rule.Bool, func(j *Job) **Expr { return &j.Filter }),
	"label":                 exprField(rule.TargetScope, rule.Text, func(j *Job) **Expr { return &j.Label }),
	"title":                 exprField(rule.TargetScope, rule.Text, func(j *Job) **Expr { return &j.Title }),
	"rules":                 setRules,
	"allow_empty":           boolField(func(j *Job) *bool { return &j.AllowEmpty }),
	"nix_args":              listField(func(j *Job) *[]string { return &j.NixArgs }),
	"pre_evaluation_script": textField(func(j *Job) *string { return &j.PreEvaluationScript }),
	"concurrency":           nested(func(j *Job) *Concurrency { return &j.Concurrency }, concurrencyFields),
	"evaluation":            nested(func(j *Job) *Evaluation { return &j.Evaluation }, evaluationFields),
	"retry":                 nested(func(j *Job) *Retry { return &j.Retry }, retryFields),
	"gc":                    nested(func(j *Job) *Job { return j }, gcFields),
	"cache":                 nested(func(j *Job) *Job { return j }, cacheFields),
}

var concurrencyFields = fields[Concurrency]{
	"evaluation_workers":     workersField(func(c *Concurrency) *int { return &c.EvaluationWorkers }),
	"derivations_per_worker": workersField(func(c *Concurrency) *int { return &c.DerivationsPerWorker }),
	"upload_workers":         workersField(func(c *Concurrency) *int { return &c.UploadWorkers }),
	"submit_workers":         intField(func(c *Concurrency) *int { return &c.SubmitWorkers }),
}

var evaluationFields = fields[Evaluation]{
	"timeout":    durationField(func(e *Evaluation) *time.Duration { return &e.Timeout }),
	"max_memory": sizeField(func(e *Evaluation) *int64 { return &e.MaxMemory }),
}

var retryFields = fields[Retry]{
	"max_attempts":     intField(func(r *Retry) *int { return &r.MaxAttempts }),
	"initial_interval": durationField(func(r *Retry) *time.Duration { return &r.InitialInterval }),
	"max_interval":     durationField(func(r *Retry) *time.Duration { return &r.MaxInterval }),
	"max_elapsed_time": durationField(func(r *Retry) *time.Duration { return &r.MaxElapsedTime }),
}

var (
	gcFields    = fields[Job]{"enabled": ignored[Job]}
	cacheFields = fields[Job]{"enabled": ignored[Job], "save": ignored[Job]}
)

// job decodes the job of a field, over the defaults.
func (d *decoder) job(name string, f *field, defaults *node) *Job {
	j := &Job{
		Name: name, Position: d.start(f.key), Flake: ".", FlakeAttr: "checks", FlakeAttrPath: []string{"checks"},
		Concurrency: Concurrency{SubmitWorkers: 8},
		Evaluation:  Evaluation{Timeout: 10 * time.Minute},
		Retry:       Retry{MaxAttempts: 5, InitialInterval: time.Second, MaxInterval: 30 * time.Second, MaxElapsedTime: 5 * time.Minute},
	}
	n := inherit(defaults, f.value)
	d.exclusive(n)
	jobFields.set(d, j, n)
	if j.Depth == 0 {
		j.Depth = defaultDepth(j.FlakeAttr)
	}
	d.intervals(n.value("retry"), j.Retry)
	return j
}

// intervals reports a first wait above the longest one, unless one of the two is wrong in itself.
func (d *decoder) intervals(n *node, r Retry) {
	var at *field
	for _, name := range []string{"initial_interval", "max_interval"} {
		f := n.field(name)
		if f == nil {
			continue
		}
		s, _ := as[string](f.value)
		if _, problem := parseDuration(s); problem != "" {
			return
		}
		at = f
	}
	if at != nil && r.InitialInterval > r.MaxInterval {
		d.field(at, "conflicting-fields", fmt.Sprintf("the initial_interval of %v is longer than the max_interval of %v",
			r.InitialInterval, r.MaxInterval), "")
	}
}

// inherit lays a job over the defaults. Of depth and recurse, which exclude each other, the job's own wins.
func inherit(defaults, own *node) *node {
	n := merge(defaults, own)
	for name, other := range map[string]string{"depth": "recurse", "recurse": "depth"} {
		if own.field(name) != nil && own.field(other) == nil {
			n = without(n, other)
		}
	}
	return n
}

func without(n *node, name string) *node {
	rest := &node{raw: n.raw, kind: n.kind}
	for _, f := range n.fields {
		if f.name != name {
			rest.fields = append(rest.fields, f)
		}
	}
	return rest
}

// exclusive reports fields that cannot stand together.
func (d *decoder) exclusive(n *node) {
	report := func(f *field, other string) {
		d.at(f.key, "conflicting-fields", fmt.Sprintf("%s cannot be used together with %s", f.name, other), "leave one of them out")
	}
	if f := n.field("recurse"); f != nil && n.field("depth") != nil {
		report(f, "depth")
	}
	if n.field("flake_apply") == nil {
		return
	}
	for _, name := range []string{"depth", "select", "filter", "label", "rules"} {
		if f := n.field(name); f != nil {
			report(f, "flake_apply")
		}
	}
}

func defaultDepth(flakeAttr string) int {
	last := flakeAttr[strings.LastIndexByte(flakeAttr, '.')+1:]
	if flakeAttr == "formatter" || strings.HasSuffix(strings.Trim(last, `"`), "Configurations") {
		return 1
	}
	return 2
}

func setFlake(d *decoder, j *Job, f *field) {
	textField(func(j *Job) *string { return &j.Flake })(d, j, f)
	if strings.HasPrefix(j.Flake, "-") {
		d.field(f, "invalid-flake", "flake starts with a dash: nix would take it for an option", "write a flake reference, such as . or github:owner/repo")
	}
}

var outputName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_'-]*$`)

func setFlakeAttr(d *decoder, j *Job, f *field) {
	s, ok := as[string](f.value)
	if !ok || s == "" {
		return
	}
	path, problem := parseAttrPath(s)
	if problem == "" && !outputName.MatchString(path[0]) {
		problem = fmt.Sprintf("starts with %q, which is no name for an output of a flake", path[0])
	}
	if problem != "" {
		d.field(f, "invalid-attribute-path", "flake_attr "+problem, "name a set of the flake's outputs: checks, packages, or legacyPackages.x86_64-linux.tests")
		return
	}
	j.FlakeAttr, j.FlakeAttrPath = s, path
}

func setSelect(d *decoder, j *Job, f *field) {
	s, ok := as[string](f.value)
	if !ok || s == "" {
		return
	}
	path, problem := parseAttrPath(s)
	if problem != "" {
		d.field(f, "invalid-attribute-path", "select "+problem, `write it as in Nix: config.system.build.toplevel, or config."my.name"`)
	}
	j.Select = path
}

func setSystems(d *decoder, j *Job, f *field) {
	listField(func(j *Job) *[]string { return &j.Systems })(d, j, f)
	j.SystemsPosition = d.start(f.key)
	for _, item := range f.value.items {
		s, ok := as[string](item)
		if !ok || s == "" {
			continue
		}
		at, length := d.span(item.raw)
		if !systemName.MatchString(s) {
			d.add(diag.Error, at, length, "invalid-system", fmt.Sprintf("%q is not a system", s), "write it as x86_64-linux or aarch64-darwin")
		} else if best := nearest(s, knownSystems, 2); best != "" && best != s {
			d.add(diag.Warning, at, length, "unknown-system", fmt.Sprintf("the system %q is not known", s), fmt.Sprintf("did you mean %q?", best))
		}
	}
}

var ruleFields = fields[Rule]{
	"when":  exprField(rule.TargetScope, rule.Bool, func(r *Rule) **Expr { return &r.When }),
	"skip":  textField(func(r *Rule) *string { return &r.Skip }),
	"label": exprField(rule.TargetScope, rule.Text, func(r *Rule) **Expr { return &r.Label }),
	"title": exprField(rule.TargetScope, rule.Text, func(r *Rule) **Expr { return &r.Title }),
}

func setRules(d *decoder, j *Job, f *field) {
	j.Rules = nil
	for _, item := range f.value.items {
		if item.kind != kindMap {
			continue
		}
		r := Rule{Position: d.start(item.raw)}
		ruleFields.set(d, &r, item)
		j.Rules = append(j.Rules, r)
		skip, label, title := item.field("skip"), item.field("label"), item.field("title")
		switch names := label != nil || title != nil; {
		case skip != nil && names:
			d.at(skip.key, "conflicting-fields", "a rule either skips a target or names it: skip cannot be used together with label or title", "write two rules")
		case skip == nil && !names:
			d.at(item.raw, "missing-field", "the rule says nothing of what becomes of the target", "add skip with a reason, or label or title")
		}
	}
}
