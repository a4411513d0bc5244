package rule

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDocumentation has docs/expressions.md name every variable and every function.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../../docs/expressions.md")
	require.NoError(t, err)
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-zA-Z_.]+)(\\(|`)").FindAllStringSubmatch(string(data), -1) {
		documented[m[1]] = true
	}
	for _, name := range dotted("", reflect.TypeFor[Env]()) {
		assert.Contains(t, documented, name, "variable")
	}
	for name := range functions {
		if name == concatFunction || name == chargeFunction {
			continue // the compiler's own
		}
		assert.Contains(t, documented, name, "function")
	}
	for name := range builtins {
		assert.Contains(t, documented, name, "function")
	}
}

// dotted are the dotted names of an environment.
func dotted(prefix string, env reflect.Type) []string {
	var names []string
	for field := range env.Fields() {
		name := prefix + strings.Split(field.Tag.Get("expr"), ",")[0]
		if field.Type.Kind() == reflect.Struct {
			names = append(names, dotted(name+".", field.Type)...)
			continue
		}
		names = append(names, name)
	}
	return names
}
