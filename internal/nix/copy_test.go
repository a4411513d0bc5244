package nix

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLastError(t *testing.T) {
	for stderr, want := range map[string]string{
		"": "",
		"warning: the group 'nixbld' specified in 'build-users-group' does not exist\n":                                    "",
		"warning: x\n\x1b[31;1merror:\x1b[0m boom\n       second line\n":                                                   "boom\nsecond line",
		"error: first\nerror: last\n":                                                                                      "last",
		"error:\n       … while fetching the input 'path:/x'\n\n       error: path '/x' does not exist\n":                  "path '/x' does not exist",
		"warning: y\nsegmentation fault\n":                                                                                 "segmentation fault",
		"ssh: connect to host x port 22: Connection refused\nerror: cannot open connection to remote store 'ssh-ng://x'\n": "ssh: connect to host x port 22: Connection refused: cannot open connection to remote store 'ssh-ng://x'",
		"ssh: Could not resolve hostname x: Name or service not known\r\nerror: cannot open connection to remote store 'ssh-ng://x': error: unexpected end-of-file": "ssh: Could not resolve hostname x: Name or service not known: cannot open connection to remote store 'ssh-ng://x': unexpected end-of-file",
		"me@x: Permission denied (publickey).\nerror: cannot connect to 'x'\n":                                                                                      "me@x: Permission denied (publickey).: cannot connect to 'x'",
	} {
		assert.Equal(t, want, lastError(stderr), "%q", stderr)
	}
}

func TestPassing(t *testing.T) {
	for text, want := range map[string]bool{
		"ssh: connect to host x port 22: Connection refused":                           true,
		"kex_exchange_identification: Connection closed by remote host":                true,
		"ssh: Could not resolve hostname x: Temporary failure in name resolution":      true,
		"unable to download 'https://x': HTTP error 503":                               true,
		"Timeout was reached (28)":                                                     true,
		"client_loop: send disconnect: Broken pipe":                                    true,
		"unexpected end-of-file":                                                       true,
		"SQLite database '/nix/var/nix/db/db.sqlite' is busy":                          true,
		"Nix daemon disconnected unexpectedly (maybe it crashed?)":                     true,
		"unable to download 'https://x': HTTP error 404":                               false,
		"path '/nix/store/x.drv' is not valid":                                         false,
		"me@x: Permission denied (publickey).":                                         false,
		"cannot add path '/nix/store/x' because it lacks a signature by a trusted key": false,
	} {
		assert.Equal(t, want, passing.MatchString(text), text)
	}
}
