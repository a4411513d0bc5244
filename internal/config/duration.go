package config

import (
	"fmt"
	"regexp"
	"time"
)

var durationForm = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`)

// parseDuration reads 30s, 10m or 1h30m. Problem says what is wrong with it.
func parseDuration(s string) (d time.Duration, problem string) {
	if !durationForm.MatchString(s) {
		return 0, fmt.Sprintf("is no duration: %q", s)
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil: // the form is right, so it is the size
		return 0, fmt.Sprintf("is too long: %q", s)
	case d <= 0:
		return 0, "must be longer than nothing"
	}
	return d, ""
}
