package config

import "regexp"

var systemName = regexp.MustCompile(`^[A-Za-z0-9_]+-[A-Za-z0-9_]+$`)

// knownSystems are those that misspelt ones are compared to. Others are allowed.
var knownSystems = []string{
	"x86_64-linux", "aarch64-linux", "i686-linux", "armv5tel-linux", "armv6l-linux", "armv7l-linux", "riscv64-linux", "riscv32-linux",
	"powerpc64le-linux", "powerpc64-linux", "powerpc-linux", "mipsel-linux", "mips64el-linux", "loongarch64-linux", "s390x-linux",
	"x86_64-darwin", "aarch64-darwin", "x86_64-freebsd", "aarch64-freebsd", "x86_64-netbsd", "x86_64-openbsd", "x86_64-cygwin", "x86_64-windows",
}
