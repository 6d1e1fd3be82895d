// SPDX-License-Identifier: Apache-2.0

// Package memory keeps the program small.
package memory

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"
)

// The program's own heap is small and its garbage much: it is collected less often than usual, as long as all of it takes no more than headroom
// beside what is in use. That may be a register of millions held in memory to compare it, which a limit of a fixed size would have
// collected without an end. What SQLite caches is not counted here.
const (
	headroom   = 56 << 20
	gcPercent  = 400
	gcVariable = "GOGC"
	followed   = "/gc/heap/live:bytes"
	made       = "/gc/heap/allocs:bytes"
	often      = time.Second
)

// At rest the program makes little that is thrown away. Then what was thrown away before goes back to the system: after the start, and
// whenever there was much to do. More than worth was made since the last time, and less than calm in the last second.
const (
	worth = 8 << 20
	calm  = 512 << 10
)

// Settle sets how often memory is collected, until ctx ends, unless whoever runs the program has said so.
func Settle(ctx context.Context) {
	if os.Getenv(gcVariable) != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(headroom)
	go func() {
		var r rest
		for tick := time.NewTicker(often); ; {
			select {
			case <-tick.C:
				debug.SetMemoryLimit(headroom + read(followed))
				if r.begins(read(made)) {
					debug.FreeOSMemory()
				}
			case <-ctx.Done():
				tick.Stop()
				return
			}
		}
	}()
}

// rest tells when the program comes to rest after work. Its fields count bytes ever made: a second ago, and when it was last at rest.
type rest struct{ before, at int64 }

func (r *rest) begins(now int64) bool {
	quiet := now-r.before < calm
	r.before = now
	if !quiet || now-r.at < worth {
		return false
	}
	r.at = now
	return true
}

// read returns a count of the Go runtime, in bytes.
func read(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
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
