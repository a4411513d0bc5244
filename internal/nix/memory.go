package nix

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// limitHeap has the garbage collector of a nix process stop at max bytes; 0 sets no limit.
func limitHeap(cmd *exec.Cmd, max int64) {
	if max > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GC_MAXIMUM_HEAP_SIZE=%d", max))
	}
}

// AvailableMemory is what the machine can give to new processes, in bytes; 0 where it does not tell.
func AvailableMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "MemAvailable:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}
