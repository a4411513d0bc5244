package config

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

var update = flag.Bool("update", false, "write the .out files anew")

// TestErrors loads each testdata/err/NAME.yaml and compares what Load says, as text with carets, to NAME.out.
// `go test ./internal/config -update` writes the .out files anew; read each one before committing it.
func TestErrors(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(file)
			config, problems := Load(name, data)
			if (config == nil) != diag.HasErrors(problems) || len(problems) == 0 {
				t.Errorf("config %v with %d problems", config, len(problems))
			}
			var got bytes.Buffer
			if err := diag.WriteText(&got, problems, map[string][]byte{name: data}, false); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(got.Bytes(), []byte("is not written as this field wants it")) {
				t.Error("the schema refuses a value that the decoder lets pass")
			}
			compareGolden(t, strings.TrimSuffix(file, ".yaml")+".out", got.Bytes())
		})
	}
}

func compareGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}
