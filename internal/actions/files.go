package actions

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// MaxSummary is how much summary, in bytes, GitHub takes of one step. Beyond it the step's whole summary is dropped.
const MaxSummary = 1 << 20

const summaryCut = "\n\n*The summary ends here: GitHub takes 1 MiB of a step.*\n"

// SetOutput sets an output of the step. The delimiter is random, so that no value can end itself and set another
// output; go-githubactions uses a fixed one.
func SetOutput(getenv func(string) string, name, value string) error {
	path := getenv("GITHUB_OUTPUT")
	if path == "" {
		return fmt.Errorf("output %s: GITHUB_OUTPUT is not set; are we in a step of GitHub Actions?", name)
	}
	if name == "" || strings.ContainsAny(name, "=\r\n") || strings.Contains(name, "<<") {
		return fmt.Errorf("output %q: this is no name for an output", name)
	}
	delimiter := "ghadelimiter_" + rand.Text()
	if err := appendTo(path, name+"<<"+delimiter+"\n"+value+"\n"+delimiter+"\n"); err != nil {
		return fmt.Errorf("output %s: %w", name, err)
	}
	return nil
}

// AppendSummary appends Markdown to the step's summary at path (GITHUB_STEP_SUMMARY). What does not fit is cut at
// the end of a line, with a note, because GitHub would drop all of it.
func AppendSummary(path, markdown string) error {
	used, err := sizeOf(path)
	if err != nil {
		return fmt.Errorf("step summary: %w", err)
	}
	if !strings.HasSuffix(markdown, "\n") {
		markdown += "\n"
	}
	if err := appendTo(path, cut(markdown, MaxSummary-used)); err != nil {
		return fmt.Errorf("step summary: %w", err)
	}
	return nil
}

// cut shortens text to at most limit bytes, whole lines where there are any, the note included. Where not even
// the note fits nothing is left.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	room := limit - len(summaryCut)
	if room < 0 {
		return ""
	}
	if end := strings.LastIndexByte(text[:room], '\n'); end >= 0 {
		return text[:end] + summaryCut
	}
	for room > 0 && !utf8.RuneStart(text[room]) {
		room--
	}
	return text[:room] + summaryCut
}

func sizeOf(path string) (int, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return int(info.Size()), nil
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
