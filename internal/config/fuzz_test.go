package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
)

// FuzzLoad holds that Load ends, and that every problem it tells stands in the file.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "../../.nixbuild-checks.example.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		config, problems := Load("f", data)
		if (config == nil) != diag.HasErrors(problems) {
			t.Errorf("config %v, %v", config, problems)
		}
		lines := newReporter("f", data).lines
		for _, p := range problems {
			outside := p.Line > len(lines) || p.Line > 0 && p.Column > len(lines[p.Line-1])+1
			if p.Line < 0 || outside || p.Line > 0 && p.Column < 1 || p.Length < 1 || p.Message == "" || p.Rule == "" {
				t.Errorf("%+v in %q", p, data)
			}
		}
	})
}
