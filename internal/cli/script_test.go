package cli_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/cli"
)

// update has `go test ./internal/cli -update` write what the program prints now into the scripts and the examples' plan.json.
var update = flag.Bool("update", false, "write what is printed now as what is expected")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nixbuild-checks": program})
}

// program is what cmd/nixbuild-checks is, in the real world.
func program() {
	ctx, stop := cli.Signals()
	code := cli.Main(ctx, os.Args[1:], cli.System("test"))
	stop()
	os.Exit(code)
}

// TestScripts runs testdata/*.txtar, which have no use for more than one Nix, or for any.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, params(installations(t)[0], "testdata"))
}

// TestScriptsWithEveryNix runs testdata/nix/*.txtar, which evaluate or build, with each Nix there is.
func TestScriptsWithEveryNix(t *testing.T) {
	t.Parallel()
	for _, n := range installations(t) {
		t.Run(n.version, func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, params(n, filepath.Join("testdata", "nix")))
		})
	}
}

// installation is a Nix to test with.
type installation struct {
	version string
	path    string // the PATH by which it is found
}

// installations are the Nix on PATH and those of the folders in NIXBUILD_CHECKS_NIX_DIRS. Without any the test is
// skipped, and fails in CI.
func installations(t *testing.T) []installation {
	t.Helper()
	path := os.Getenv("PATH")
	var list []installation
	add := func(program, path string) {
		out, err := exec.CommandContext(t.Context(), program, "--version").Output()
		require.NoErrorf(t, err, "%s --version", program)
		words := strings.Fields(string(out))
		list = append(list, installation{version: words[len(words)-1], path: path})
	}
	if system, err := exec.LookPath("nix"); err == nil {
		add(system, path)
		if *update {
			return list // one is enough, and only one may write
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("NIXBUILD_CHECKS_NIX_DIRS")) {
		add(filepath.Join(dir, "nix"), dir+string(filepath.ListSeparator)+path)
	}
	if len(list) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no nix to test with")
		}
		t.Skip("there is no nix to test with")
	}
	return list
}

// find is where a program is on a PATH that is not this process's; its bare name if it is nowhere.
func find(path, program string) string {
	for _, dir := range filepath.SplitList(path) {
		if file, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return file
		}
	}
	return program
}

func params(n installation, dir string) testscript.Params {
	return testscript.Params{
		Dir:                dir,
		RequireUniqueNames: true,
		UpdateScripts:      *update,
		Setup:              func(e *testscript.Env) error { return setUp(e, n) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":       exits,
			"outcomes":    outcomes,
			"reasons":     reasons,
			"fifo":        fifo,
			"interrupt":   interrupt,
			"nixbuildnet": nixbuildnet,
			"door":        door,
			"entered":     entered,
			"answers":     answers,
			"requested":   requested,
			"copied":      copied,
			"id-tokens":   idTokens,
		},
	}
}

// setUp gives a script its Nix, a home of its own and a copy of the examples, whose folders are flakes and no git
// repositories there.
func setUp(e *testscript.Env, n installation) error {
	e.Setenv("PATH", n.path)
	home := filepath.Join(e.WorkDir, "home")
	e.Setenv("HOME", home)
	for name, dir := range map[string]string{"CACHE": ".cache", "CONFIG": ".config", "DATA": "share", "STATE": "state"} {
		e.Setenv("XDG_"+name+"_HOME", filepath.Join(home, dir))
	}
	e.Setenv("NO_COLOR", "1")
	e.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would have every process sleep for a second
	e.Values[scriptKey{}] = &script{t: e.T().(testing.TB), path: n.path}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(e.WorkDir, "examples"), os.DirFS(filepath.Join("..", "..", "examples")))
}
