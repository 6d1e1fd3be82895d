// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"io"
)

// warnings lets through of a log in JSON only what is not mere information, so
// that the sign-ins of a demonstration stay in sight.
type warnings struct{ to io.Writer }

// Write implements io.Writer. The log writes one line at a time.
func (w *warnings) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(`"level":"INFO"`)) {
		return len(line), nil
	}
	return w.to.Write(line)
}
