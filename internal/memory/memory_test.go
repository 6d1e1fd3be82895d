// SPDX-License-Identifier: Apache-2.0

package memory_test

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"fera/internal/memory"
)

// The limit follows what is in use, so that a large thing held for long is not collected without an end.
func TestTheLimitFollowsWhatIsInUse(t *testing.T) {
	t.Setenv("GOGC", "") // whoever runs the tests may have said how memory is collected
	t.Setenv("GOMEMLIMIT", "")
	ctx, stop := context.WithCancel(t.Context())
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	defer func() {
		stop()
		time.Sleep(10 * time.Millisecond)
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	memory.Settle(ctx)
	if first := debug.SetMemoryLimit(-1); first == math.MaxInt64 || first > 100<<20 {
		t.Fatalf("at first the limit is %d", first)
	}
	large := make([]byte, 200<<20)
	runtime.GC()
	for range 50 {
		if debug.SetMemoryLimit(-1) > 200<<20 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if now := debug.SetMemoryLimit(-1); now < 200<<20 || now > 320<<20 {
		t.Errorf("with 200 MB in use the limit is %d MB", now>>20)
	}
	runtime.KeepAlive(large)
}

// What was thrown away goes back when the work is over, not with the next work.
func TestAtRestMemoryIsGivenBack(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	ctx, stop := context.WithCancel(t.Context())
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	defer func() {
		stop()
		time.Sleep(10 * time.Millisecond)
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	memory.Settle(ctx)
	large := make([]byte, 30<<20)
	runtime.GC() // it is in use, so that the next collection by itself is far
	runtime.KeepAlive(large)
	large = nil
	var m runtime.MemStats
	for range 60 {
		if runtime.ReadMemStats(&m); m.HeapAlloc < 15<<20 && m.HeapIdle-m.HeapReleased < 8<<20 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("after some seconds at rest %d MB are still in use and %d MB wait to be given back", m.HeapAlloc>>20, (m.HeapIdle-m.HeapReleased)>>20)
}

func TestPeakIsWhatWasHeld(t *testing.T) {
	before := memory.Peak()
	large := make([]byte, 64<<20)
	for i := 0; i < len(large); i += 4096 {
		large[i] = 1
	}
	if now := memory.Peak(); now < before || now < 64<<20 {
		t.Errorf("the peak was %d and is %d after 64 MB were held", before, now)
	}
	runtime.KeepAlive(large)
}
