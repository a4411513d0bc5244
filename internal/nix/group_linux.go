package nix

import "syscall"

// processGroup has children end with us even where we end without a word.
func processGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
