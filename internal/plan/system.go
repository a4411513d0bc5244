package plan

import (
	"regexp"
	"slices"
	"strings"
)

var systemName = regexp.MustCompile(`^(x86_64|i[3-6]86|aarch64(_be)?|arm(v[5-8][a-z]*)?|riscv(32|64)|powerpc(64)?(le)?|` +
	`mips(64)?(el)?|mipsisa(32|64)r6(el)?|s390x?|loongarch64|m68k|sparc(64)?|alpha|or1k|microblaze(el)?|avr|msp430|wasm(32|64)|javascript)` +
	`-(linux|darwin|freebsd|netbsd|openbsd|solaris|windows|cygwin|genode|redox|none|wasi|ghcjs)$`)

// System is the first name of flakeAttr and path that looks like a Nix system, or "".
func System(flakeAttr string, path []string) string {
	for _, name := range slices.Concat(splitAttr(flakeAttr), path) {
		if systemName.MatchString(name) {
			return name
		}
	}
	return ""
}

// splitAttr splits an attribute path at the dots that stand outside quotes, and takes the quotes off.
func splitAttr(attr string) []string {
	var names []string
	var name strings.Builder
	inQuotes, escaped := false, false
	for _, r := range attr {
		switch {
		case escaped:
			escaped = false
			name.WriteRune(r)
		case inQuotes && r == '\\':
			escaped = true
		case r == '"':
			inQuotes = !inQuotes
		case r == '.' && !inQuotes:
			names = append(names, name.String())
			name.Reset()
		default:
			name.WriteRune(r)
		}
	}
	return append(names, name.String())
}
