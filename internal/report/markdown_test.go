package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	want := joined(
		`## ❌ nixbuild-checks: 8 checks: 1 dependency failed, 1 evaluation failed, 1 cancelled, 2 succeeded, 3 skipped; 1 job failed in 3m05s`,
		``,
		`<details><summary>❌ job docs failed</summary>`,
		``,
		``,
		`<pre>`,
		`error: flake.lock is`,
		`::error::broken`,
		`</pre>`,
		``,
		`</details>`,
		``,
		`<details><summary>❌ <b>bad &lt;b&gt;&#124;&#92;nname</b>: evaluation failed (x86&#95;64-linux)</summary>`,
		``,
		`Attribute: <code>checks.x86&#95;64-linux.bad</code><br>`,
		`At: <code>flake.nix:12:3</code><br>`,
		``,
		`<pre>`,
		`error:`,
		`  attribute &#39;x&#39; missing`,
		``,
		`::warning::y`,
		`</pre>`,
		``,
		`</details>`,
		``,
		`<details><summary>❌ <b>broken</b>: dependency failed (x86&#95;64-linux)</summary>`,
		``,
		`Attribute: <code>checks.x86&#95;64-linux.broken</code><br>`,
		``,
		`<pre>`,
		`a dependency failed`,
		`</pre>`,
		`Failed dependency: <code>/nix/store/abc-dep.drv</code><br>`,
		``,
		`The log ends:`,
		``,
		`<pre>`,
		`compiling    x`,
		`::add-mask::e`,
		`&lt;/pre&gt;&lt;b&gt;error&lt;/b&gt;: no`,
		`</pre>`,
		`Whole log: <code>/var/log/dep.log</code><br>`,
		``,
		`</details>`,
		``,
		`| Outcome | Check | System | Built | Time |`,
		`| --- | --- | --- | --- | ---: |`,
		`| ❌ evaluation failed | bad &lt;b&gt;&#124;&#92;nname | x86&#95;64-linux |  |  |`,
		`| ❌ dependency failed | broken | x86&#95;64-linux | 1 derivation |  |`,
		`| 🚫 cancelled | late |  |  |  |`,
		`| ✅ succeeded | ok | x86&#95;64-linux | 3 derivations | 1m02s |`,
		`| ✅ succeeded | 生命 there |  | nothing, it was there | 0.2s |`,
		``,
		`<details><summary>3 skipped</summary>`,
		``,
		`- 2: marked broken`,
		`- 1: too large`,
		``,
		`</details>`,
		``,
	)
	require.Empty(t, cmp.Diff(want, Markdown(sample())))
}

func TestMarkdownFoldsLongTables(t *testing.T) {
	t.Parallel()
	var r Results
	for i := range 31 {
		r.Checks = append(r.Checks, CheckResult{Name: fmt.Sprint("n", i), Outcome: Submitted})
	}
	out := Markdown(r)
	require.True(t, strings.HasPrefix(out, "## ✅ nixbuild-checks: 31 checks: 31 submitted\n\n<details><summary>All 31 checks</summary>\n\n| Outcome |"))
	require.Contains(t, out, "| 🔹 submitted | n30 |  |  |  |\n\n</details>\n")
}

func TestMarkdownKeepsToTheLimit(t *testing.T) {
	t.Parallel()
	var many, failed Results
	for i := range 4000 {
		c := CheckResult{Name: fmt.Sprintf("%d %s", i, strings.Repeat("ä", 150)), Outcome: Succeeded}
		many.Checks = append(many.Checks, c)
		c.Outcome, c.Error = Failed, &CheckError{Message: strings.Repeat("x", 300)}
		failed.Checks = append(failed.Checks, c)
	}
	for name, r := range map[string]Results{"rows": many, "failures": failed} {
		out := Markdown(r)
		require.LessOrEqual(t, len(out), MaxMarkdown, name)
		require.Greater(t, len(out), MaxMarkdown-2048, "%s: what fits is kept", name)
		require.Equal(t, strings.Count(out, "<details>"), strings.Count(out, "</details>"), "%s: nothing stays open", name)
		require.Regexp(t, `\n\*This summary ends here, \d+ entries short: GitHub takes 1 MiB of a step\. The whole is in the results file\.\*\n\z`,
			out[len(out)-reserve:], name)
	}
}
