package nix

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"
)

// Settings are the `--option NAME VALUE` among arguments for evaluation: every nix program takes them.
func Settings(args []string) []string {
	var settings []string
	for i := 0; i+2 < len(args); i++ {
		if args[i] == "--option" {
			settings = append(settings, args[i:i+3]...)
			i += 2
		}
	}
	return settings
}

// Machine is what Nix's configuration tells of where builds happen.
type Machine struct {
	Platforms []string // systems that it and its remote builders build for, its own first
	Options   []string // what its builds need on the command line
}

// Machine asks for the configuration of this machine.
func (n *Nix) Machine(ctx context.Context) (Machine, error) {
	args := []string{"show-config", "--json"}
	if !n.Version.Less(Version{Major: 2, Minor: 20}) {
		args = []string{"config", "show", "--json"}
	}
	cmd := n.Command(ctx, "nix", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return Machine{}, context.Cause(ctx)
	}
	if err != nil {
		return Machine{}, fmt.Errorf("nix %s: %s", strings.Join(args, " "), lastError(stderr.String()))
	}
	var config struct {
		System          struct{ Value string }   `json:"system"`
		ExtraPlatforms  struct{ Value []string } `json:"extra-platforms"`
		Builders        struct{ Value string }   `json:"builders"`
		BuildUsersGroup struct{ Value string }   `json:"build-users-group"`
	}
	if err := json.Unmarshal(out, &config); err != nil {
		return Machine{}, fmt.Errorf("nix %s: %w", strings.Join(args, " "), err)
	}
	m := Machine{Platforms: append([]string{config.System.Value}, config.ExtraPlatforms.Value...)}
	for _, p := range builderSystems(config.Builders.Value, config.System.Value) {
		if !slices.Contains(m.Platforms, p) {
			m.Platforms = append(m.Platforms, p)
		}
	}
	if group := config.BuildUsersGroup.Value; group != "" && !groupExists(group) {
		// Debian's nix-bin alone, say: root builds as itself, or not at all.
		m.Options = []string{"--option", "build-users-group", ""}
	}
	return m, nil
}

func groupExists(name string) bool {
	_, err := user.LookupGroup(name)
	return err == nil
}

// builderSystems reads the systems out of the setting `builders`: machines separated by lines or semicolons,
// their second word a list of systems; @FILE stands for a file of such lines.
func builderSystems(builders, own string) []string {
	var systems []string
	for _, line := range strings.FieldsFunc(builders, func(r rune) bool { return r == '\n' || r == ';' }) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "#"):
		case strings.HasPrefix(words[0], "@"):
			if data, err := os.ReadFile(words[0][1:]); err == nil {
				systems = append(systems, builderSystems(string(data), own)...)
			}
		case len(words) == 1 || words[1] == "-":
			systems = append(systems, own)
		default:
			systems = append(systems, strings.Split(words[1], ",")...)
		}
	}
	return systems
}
