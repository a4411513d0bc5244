package plan

import "regexp"

var systemName = regexp.MustCompile(`^(x86_64|i[3-6]86|aarch64(_be)?|arm(v[5-8][a-z]*)?|riscv(32|64)|powerpc(64)?(le)?|` +
	`mips(64)?(el)?|mipsisa(32|64)r6(el)?|s390x?|loongarch64|m68k|sparc(64)?|alpha|or1k|microblaze(el)?|avr|msp430|wasm(32|64)|javascript)` +
	`-(linux|darwin|freebsd|netbsd|openbsd|solaris|windows|cygwin|genode|redox|none|wasi|ghcjs)$`)

// System is the first name of an attribute path, the flake attribute's included, that looks like a Nix system, or "".
func System(path []string) string {
	for _, name := range path {
		if systemName.MatchString(name) {
			return name
		}
	}
	return ""
}
