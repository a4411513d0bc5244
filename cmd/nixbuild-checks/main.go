// Command nixbuild-checks is CI for Nix flakes as one committed file.
package main

import (
	"os"

	"github.com/nixbuild/nixbuild-checks/internal/cli"
)

var version = "dev" // set by the linker

func main() {
	ctx, stop := cli.Signals()
	code := cli.Main(ctx, os.Args[1:], cli.System(version))
	stop()
	os.Exit(code)
}
