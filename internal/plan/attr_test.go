package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nixbuild/nixbuild-checks/internal/config"
)

func TestAttr(t *testing.T) {
	tests := []struct {
		path             []string
		attr, name, full string
	}{
		{nil, "", "", "checks"},
		{[]string{"x86_64-linux", "hello"}, "x86_64-linux.hello", "hello", "checks.x86_64-linux.hello"},
		{[]string{"a'b-c_1"}, "a'b-c_1", "a'b-c_1", "checks.a'b-c_1"},
		{[]string{"a.b", "c d"}, `"a.b"."c d"`, "c d", `checks."a.b"."c d"`},
		{[]string{"1a"}, `"1a"`, "1a", `checks."1a"`},
		{[]string{"-a"}, `"-a"`, "-a", `checks."-a"`},
		{[]string{""}, `""`, "", `checks.""`},
		{[]string{`say "hi"`}, `"say \"hi\""`, `say "hi"`, `checks."say \"hi\""`},
		{[]string{`back\slash`}, `"back\\slash"`, `back\slash`, `checks."back\\slash"`},
		{[]string{"new\nline\ttab"}, `"new\nline\ttab"`, "new\nline\ttab", `checks."new\nline\ttab"`},
		{[]string{"${x} $y $$"}, `"\${x} $y $$"`, "${x} $y $$", `checks."\${x} $y $$"`},
		{[]string{"100%^#"}, `"100%^#"`, "100%^#", `checks."100%^#"`},
		{[]string{"🚧ü"}, `"🚧ü"`, "🚧ü", `checks."🚧ü"`},
	}
	for _, test := range tests {
		target := Target{Job: &Job{Job: &config.Job{FlakeAttr: "checks"}}, Path: test.path}
		assert.Equal(t, test.attr, target.Attr())
		assert.Equal(t, test.name, target.AttrName())
		assert.Equal(t, test.full, target.FullAttr())
	}
	assert.Equal(t, "a", Target{Job: &Job{Job: &config.Job{}}, Path: []string{"a"}}.FullAttr())
}

func TestSystem(t *testing.T) {
	for _, system := range []string{
		"x86_64-linux", "i686-linux", "aarch64-darwin", "armv7l-linux", "armv6l-none", "armv5tel-linux", "riscv64-linux", "riscv32-none",
		"powerpc64le-linux", "powerpc64-linux", "mips64el-linux", "s390x-linux", "loongarch64-linux", "wasm32-wasi", "x86_64-freebsd",
		"x86_64-windows", "x86_64-cygwin", "x86_64-openbsd", "javascript-ghcjs",
	} {
		assert.Equal(t, system, System([]string{"checks", system, "hello"}))
	}
	tests := []struct {
		path []string
		want string
	}{
		{[]string{"packages", "x86_64-linux", "hello"}, "x86_64-linux"},
		{[]string{"packages", "x86_64-linux", "aarch64-linux"}, "x86_64-linux"},
		{[]string{"packages", "a.x86_64-linux.b", "aarch64-linux"}, "aarch64-linux"},
		{[]string{"nixosConfigurations", "server"}, ""},
		{[]string{"checks", "x86_64-linux-hello"}, ""},
		{[]string{"checks", "my-x86_64-linux"}, ""},
		{[]string{"checks", "hello", "x86_64-linux"}, "x86_64-linux"},
		{nil, ""},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, System(test.path))
	}
}
