package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// suggest gives the hint for a word that is none of the known ones: the nearest of them, or all of them if they are few.
func suggest(word string, known []string) string {
	if best := nearest(word, known, (len([]rune(word))+2)/3); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(known) == 0 || len(known) > 8 {
		return ""
	}
	return "known here: " + strings.Join(known, ", ")
}

// nearest is the known word that the given one is most likely a misspelling of, at most so many letters away, or "".
func nearest(word string, known []string, most int) string {
	known = slices.Sorted(slices.Values(known))
	best, least := "", most+1
	if len(word) > 100 { // no misspelling, and the distance costs time
		return ""
	}
	for _, k := range known {
		distance := levenshtein.ComputeDistance(plain(word), plain(k))
		if distance < least {
			best, least = k, distance
		}
	}
	return best
}

// plain leaves of a name what camelCase, kebab-case and snake_case have in common.
func plain(s string) string { return strings.ToLower(separators.Replace(s)) }

var separators = strings.NewReplacer("_", "", "-", "")
