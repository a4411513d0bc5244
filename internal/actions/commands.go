package actions

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/sethvargo/go-githubactions"
)

// Commands writes workflow commands, the lines beginning with :: that the runner acts upon. It is safe for
// concurrent use. The counts are of annotations so far, which the runner limits per step.
type Commands struct {
	mu       sync.Mutex
	w        io.Writer
	errors   int
	warnings int
}

// NewCommands writes to w, which in Actions is stdout or stderr: the runner reads both.
func NewCommands(w io.Writer) *Commands { return &Commands{w: w} }

// AddMask has the runner show every later occurrence of the secret as ***. An error means that it does not, so that
// nothing that may hold the secret may be printed.
func (c *Commands) AddMask(secret string) error {
	if strings.TrimSpace(secret) == "" {
		return nil // the runner warns of empty masks
	}
	if err := c.issue("add-mask", nil, secret); err != nil {
		return fmt.Errorf("masking a secret: %w", err)
	}
	return nil
}

// Group folds what is printed from here to EndGroup under the title. Groups do not nest.
func (c *Commands) Group(title string) error { return c.issue("group", nil, title) }

// EndGroup ends the group.
func (c *Commands) EndGroup() error { return c.issue("endgroup", nil, "") }

// Untrusted lets print write text that is not ours (logs, Nix's messages) without the runner taking any line of it
// for a command. Masks stay in force; other commands wait until print is done.
func (c *Commands) Untrusted(print func(io.Writer) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	token := "untrusted-" + rand.Text()
	if err := writeCommand(c.w, "stop-commands", nil, token); err != nil {
		return err
	}
	last := &lastByte{w: c.w, b: '\n'}
	err := print(last)
	resume := "::" + token + "::\n"
	if last.b != '\n' {
		resume = "\n" + resume // it only counts at the beginning of a line
	}
	_, failed := io.WriteString(c.w, resume)
	return errors.Join(err, failed)
}

func (c *Commands) issue(name string, properties githubactions.CommandProperties, data string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return writeCommand(c.w, name, properties, data)
}

func writeCommand(w io.Writer, name string, properties githubactions.CommandProperties, data string) error {
	command := githubactions.Command{Name: name, Properties: properties, Message: data}
	_, err := io.WriteString(w, command.String()+"\n")
	return err
}

// lastByte remembers how the text ended.
type lastByte struct {
	w io.Writer
	b byte
}

func (l *lastByte) Write(p []byte) (int, error) {
	if len(p) > 0 {
		l.b = p[len(p)-1]
	}
	return l.w.Write(p)
}
