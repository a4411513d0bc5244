package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/nixbuild/nixbuild-checks/schema"
)

func newSchema(w World) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration of this very version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(w.Stdout, schema.JSON)
			return err
		},
	}
}
