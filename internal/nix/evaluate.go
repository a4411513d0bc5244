package nix

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// Attribute is what a pool evaluates: a derivation below a flake attribute, and the meta keys (as rules spell
// them) that are wanted of it.
type Attribute struct {
	Flake     Flake
	FlakeAttr []string
	Path      []string // with what `select` names
	MetaKeys  []string
	Timeout   time.Duration // 0 is none
}

// metaNames are Nix's names of the meta keys, where rules spell them otherwise.
var metaNames = map[string]string{"main_program": "mainProgram"}

// Evaluate asks for the facts of an attribute. Whatever the attribute does is told in Facts.Err; the error says
// that it could not be asked.
func (p *Pool) Evaluate(ctx context.Context, a Attribute) (*plan.Facts, error) {
	answers, err := p.ask(ctx, question{
		flake: a.Flake, flakeAttr: a.FlakeAttr, steps: a.steps(), timeout: a.Timeout, oneTarget: true,
	})
	if err != nil {
		return nil, err
	}
	facts := &plan.Facts{}
	for i, key := range a.MetaKeys {
		if answers[i].Err == nil {
			setMeta(&facts.Meta, key, answers[i].JSON)
		}
	}
	answers[len(answers)-1].derivation(facts)
	p.nix.locate(a.Flake, facts.Err)
	return facts, nil
}

// steps asks for each meta key alone and first: meta is often readable where the derivation itself throws.
func (a Attribute) steps() []Step {
	it := selection("root", a.Path)
	steps := make([]Step, 0, len(a.MetaKeys)+1)
	for _, key := range a.MetaKeys {
		name := key
		if nixName, ok := metaNames[key]; ok {
			name = nixName
		}
		steps = append(steps, Step(fmt.Sprintf("(%s.meta or {}).%s or null", it, name)))
	}
	return append(steps, Step(fmt.Sprintf(derivationStep, it)))
}

// derivationStep is on one line in the end: a repl reads lines.
var derivationStep = strings.Join(strings.Fields(`
let t = %s;
    string = v: let r = builtins.tryEval v; in if r.success && builtins.isString r.value then r.value else "";
    list = v: let r = builtins.tryEval v; in if !r.success then [] else if builtins.isString r.value
      then builtins.filter (s: builtins.isString s && s != "") (builtins.split " +" r.value)
      else if builtins.isList r.value then builtins.filter builtins.isString r.value else [];
    parsed = builtins.parseDrvName (string (t.name or ""));
in if !builtins.isAttrs t then { kind = builtins.typeOf t; }
else if (t.type or null) != "derivation" then { kind = "set"; }
else {
  kind = "derivation"; drvPath = t.drvPath;
  name = string (t.name or ""); system = string (t.system or "");
  pname = string (t.pname or parsed.name); version = string (t.version or parsed.version);
  outputs = map (o: { name = o; path = string (t.${o}.outPath or ""); }) (list (t.outputs or [ "out" ]));
  features = list (t.requiredSystemFeatures or []);
}`), " ")

// derivation reads the answer to derivationStep into facts.
func (a Answer) derivation(facts *plan.Facts) {
	if a.Err != nil {
		facts.Err = a.Err
		return
	}
	var d struct {
		Kind, DrvPath, Name, System, Pname, Version string
		Outputs                                     []struct{ Name, Path string }
		Features                                    []string
	}
	if err := json.Unmarshal(a.JSON, &d); err != nil {
		facts.Err = &plan.EvalError{Message: "the answer of Nix is not understood: " + err.Error()}
		return
	}
	if d.Kind != "derivation" {
		facts.Err = &plan.EvalError{Message: fmt.Sprintf("is %s, not a derivation", article(d.Kind))}
		return
	}
	facts.Drv = rule.Drv{Name: d.Name, Pname: d.Pname, Version: d.Version, System: d.System, Path: d.DrvPath,
		RequiredSystemFeatures: d.Features}
	facts.Outputs = make(map[string]string, len(d.Outputs))
	for _, o := range d.Outputs {
		facts.Drv.Outputs = append(facts.Drv.Outputs, o.Name)
		if !strings.HasPrefix(o.Path, "/nix/store/") {
			o.Path = "" // a placeholder: the path is known once it is built
		}
		facts.Outputs[o.Name] = o.Path
	}
}

// setMeta fills in one meta key. A value of another type than the key's is as good as none.
func setMeta(m *rule.Meta, key string, value json.RawMessage) {
	fields := map[string]any{
		"description": &m.Description, "main_program": &m.MainProgram, "broken": &m.Broken,
		"unfree": &m.Unfree, "insecure": &m.Insecure, "timeout": &m.Timeout,
	}
	if key == "platforms" {
		var list []any
		_ = json.Unmarshal(value, &list)
		m.Platforms = slices.Clip(onlyStrings(list))
		return
	}
	if field, ok := fields[key]; ok {
		_ = json.Unmarshal(value, field)
	}
}

// onlyStrings drops the attribute sets by which meta.platforms may also describe systems.
func onlyStrings(list []any) []string {
	var names []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			names = append(names, s)
		}
	}
	return names
}
