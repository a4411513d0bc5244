package rule

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a/b.c", true}, {"a*", "ba", false}, {"*a", "ab", false},
		{"a*c*e", "abcde", true}, {"a*c*e", "abde", false}, {"?", "🚧", true}, {"?", "", false}, {"?", "ab", false},
		{"[a-c]x", "bx", true}, {"[a-c]x", "dx", false}, {"[!a-c]", "d", true}, {"[^a-c]", "a", false}, {"[]]", "]", true},
		{"[a-]", "-", true}, {"[ä-ü]", "ö", true}, {`\*`, "*", true}, {`\*`, "a", false}, {`[\]]`, "]", true}, {"a]", "a]", true},
		{"**", "x", true}, {"x86_64-*.hello", "x86_64-linux.hello", true}, {"a\nb", "a\nb", true}, {"*.x", "a.b\n.x", true},
	}
	for _, test := range tests {
		parsed, err := parseGlob(test.pattern)
		require.NoError(t, err, test.pattern)
		assert.Equal(t, test.want, matchGlob(parsed, []rune(test.text)), "%q %q", test.pattern, test.text)
	}
	for _, bad := range []string{"[", "[a", "[]", "[!", `\`, `[\`, "[z-a]", `[a-\`} {
		_, err := parseGlob(bad)
		assert.ErrorContains(t, err, "bad pattern", bad)
	}
}
