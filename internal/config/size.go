package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

var sizeForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(KiB|MiB|GiB|TiB)$`)

// parseSize reads 512MiB or 4GiB, in bytes. Problem says what is wrong with it.
func parseSize(s string) (bytes int64, problem string) {
	parts := sizeForm.FindStringSubmatch(s)
	if parts == nil {
		return 0, fmt.Sprintf("is no size: %q", s)
	}
	units := map[string]float64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
	number, err := strconv.ParseFloat(parts[1], 64)
	size := number * units[parts[2]]
	switch {
	case err != nil, size >= math.MaxInt64:
		return 0, fmt.Sprintf("is too large: %q", s)
	case size < 1:
		return 0, "must be more than nothing"
	}
	return int64(size), ""
}
