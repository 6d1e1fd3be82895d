// SPDX-License-Identifier: Apache-2.0

// Package memory keeps the program small.
package memory

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// The program's own heap is small and its garbage much; it is collected less
// often than usual as long as it stays under softLimit. What SQLite caches is
// not counted here.
const (
	softLimit  = 128 << 20
	gcPercent  = 400
	gcVariable = "GOGC"
)

// Settle sets how often memory is collected, unless whoever runs the
// program has said so.
func Settle() {
	if os.Getenv(gcVariable) != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(softLimit)
}

// Peak is the most memory that the program has held, in bytes: as the system counts it on Linux, elsewhere as much as the
// Go runtime has asked the system for.
func Peak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range strings.Lines(string(status)) {
			var kib int64
			if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
				return kib << 10
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
