// SPDX-License-Identifier: Apache-2.0

package referring

import (
	"fmt"
	"strings"

	"github.com/skip2/go-qrcode"
)

// code is a QR code as the outline of its dark squares.
type code struct {
	Box  string // of the drawing
	Path string
}

// codeOf draws a text as a QR code that can still be read when some of the paper is dirty.
func codeOf(text string) (code, error) {
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return code{}, err
	}
	squares := q.Bitmap()
	var path strings.Builder
	for y, line := range squares {
		for x := 0; x < len(line); x++ {
			from := x
			for x < len(line) && line[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return code{Box: fmt.Sprintf("0 0 %d %d", len(squares), len(squares)), Path: path.String()}, nil
}
