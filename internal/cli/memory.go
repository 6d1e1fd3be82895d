// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"runtime/debug"
)

// The program's own heap is small and its garbage much; it is collected less
// often than usual as long as it stays under softLimit. What SQLite caches is
// not counted here.
const (
	softLimit  = 128 << 20
	gcPercent  = 400
	gcVariable = "GOGC"
)

// settleMemory sets how often memory is collected, unless whoever runs the
// program has said so.
func settleMemory() {
	if os.Getenv(gcVariable) != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(softLimit)
}
