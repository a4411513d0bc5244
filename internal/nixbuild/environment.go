package nixbuild

import (
	"cmp"
	"net"
	"strings"
)

// FromEnv is the API's address, as nixbuild-action leaves it in the environment of the steps after it.
func FromEnv(getenv func(string) string) (base string) {
	get := func(name, otherwise string) string {
		return cmp.Or(strings.TrimSpace(getenv("NIXBUILDNET_HTTP_API_"+name)), otherwise)
	}
	scheme := get("SCHEME", "https")
	host := strings.Trim(get("HOST", "api.nixbuild.net"), "[]")
	port := get("PORT", "443")
	address := net.JoinHostPort(host, port)
	if (scheme == "https" && port == "443") || (scheme == "http" && port == "80") {
		address = strings.TrimSuffix(address, ":"+port)
	}
	if subpath := strings.Trim(get("SUBPATH", ""), "/"); subpath != "" {
		address += "/" + subpath
	}
	return scheme + "://" + address
}
