package report

import (
	"fmt"
	"strings"
)

// document collects pieces of Markdown up to a limit. Pieces go in whole or not at all, so that no element stays
// open, and their order is kept: after the first that does not fit nothing more comes in.
type document struct {
	b       strings.Builder
	limit   int
	closing string
	left    int // pieces that did not fit
}

// reserve is room for the note on what was left out.
const reserve = 256

func newDocument(limit int) *document { return &document{limit: limit - reserve} }

func (d *document) add(piece string) {
	if d.left > 0 || d.b.Len()+len(piece)+len(d.closing) > d.limit {
		d.left++
		return
	}
	d.b.WriteString(piece)
}

// open begins an element that close ends with closing, for which room is kept. Both are left out if it does not fit.
func (d *document) open(opening, closing string) {
	d.closing = closing
	before := d.left
	d.add(opening)
	if d.left > before {
		d.closing = ""
	}
}

func (d *document) close() {
	d.b.WriteString(d.closing)
	d.closing = ""
}

func (d *document) String() string {
	if d.left == 0 {
		return d.b.String()
	}
	return d.b.String() + fmt.Sprintf("\n*This summary ends here, %s short: GitHub takes 1 MiB of a step. The whole is in the results file.*\n",
		plural(d.left, "entry", "entries"))
}
