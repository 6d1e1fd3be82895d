// SPDX-License-Identifier: Apache-2.0

package sheets

import (
	"errors"
	"io"
)

// The errors of a meter. They are turned into faults where the place is known.
var (
	errTotal = errors.New("more bytes than the whole may have")
	errPiece = errors.New("more bytes than one piece may have")
)

// meter lets through so many bytes in all, and so many between two calls of
// Next. It stands before parsers that put together a whole piece, a token or a
// record, before they hand it over.
type meter struct {
	from  io.Reader
	total int64
	piece int64
	left  int64
	count int64 // bytes let through
}

func newMeter(from io.Reader, total, piece int64) *meter {
	return &meter{from: from, total: total, piece: piece, left: piece}
}

// next begins another piece.
func (m *meter) next() { m.left = m.piece }

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.count >= m.total {
		// Exactly as much as allowed is allowed.
		if n, err := m.from.Read(make([]byte, 1)); n == 0 && err != nil {
			return 0, err
		}
		return 0, errTotal
	}
	if m.left <= 0 {
		return 0, errPiece
	}
	p = p[:min(int64(len(p)), m.total-m.count, m.left)]
	n, err := m.from.Read(p)
	m.count += int64(n)
	m.left -= int64(n)
	return n, err
}
