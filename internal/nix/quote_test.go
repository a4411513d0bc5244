package nix

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuote(t *testing.T) {
	for name, want := range map[string]string{
		"":            `""`,
		"hello":       `"hello"`,
		"a.b c":       `"a.b c"`,
		`say "hi"`:    `"say \"hi\""`,
		`back\slash`:  `"back\\slash"`,
		"$":           `"\$"`,
		"${x}":        `"\${x}"`,
		"$${x}":       `"\$\${x}"`,
		"one\ntwo":    `"one\ntwo"`,
		"tab\tcr\r":   `"tab\tcr\r"`,
		"a%b^c#d":     `"a%b^c#d"`,
		"🚧":           `(builtins.fromJSON "\"\\ud83d\\udea7\"")`,
		"é":           `(builtins.fromJSON "\"\\u00e9\"")`,
		"bell\a":      `(builtins.fromJSON "\"bell\\u0007\"")`,
		"del\x7f":     `(builtins.fromJSON "\"del\\u007f\"")`,
		"${é}":        `(builtins.fromJSON "\"\${\\u00e9}\"")`,
		"é\"\\\n":     `(builtins.fromJSON "\"\\u00e9\\\"\\\\\\n\"")`,
		"esc\x1b[31m": `(builtins.fromJSON "\"esc\\u001b[31m\"")`,
	} {
		assert.Equal(t, want, Quote(name), "%q", name)
	}
}

func FuzzASCIIJSON(f *testing.F) {
	for _, s := range []string{"", "plain", "🚧é", "\x00\x1f\x7f", `"\`, "\u2028<&>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := asciiJSON(s)
		for _, r := range text {
			require.True(t, r >= ' ' && r <= '~', "%q in %s", r, text)
		}
		var back, want string
		require.NoError(t, json.Unmarshal([]byte(text), &back))
		data, err := json.Marshal(s)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &want))
		assert.Equal(t, want, back)
	})
}

func TestSelection(t *testing.T) {
	assert.Equal(t, "root", selection("root", nil))
	assert.Equal(t, `root.${"a.b"}.${"\${c}"}`, selection("root", []string{"a.b", "${c}"}))
}
