// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"compress/gzip"
	"slices"
	"sync"
)

// Sheet is a text that is seldom read and takes much to make: it is made when it is asked for first, and kept packed. The zero Sheet is
// ready.
type Sheet struct {
	lock   sync.Mutex
	packed []byte // nil until it was made
	length int
}

// Text returns what is on the sheet, and makes it when nobody asked before.
func (s *Sheet) Text(make func() ([]byte, error)) ([]byte, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.packed == nil {
		text, err := make()
		if err != nil {
			return nil, err
		}
		s.packed, s.length = pack(text), len(text)
		return text, nil
	}
	return unpack(s.packed, s.length)
}

func pack(text []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(text) // a buffer takes all
	z.Close()
	return slices.Clone(out.Bytes())
}

func unpack(data []byte, length int) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	text := bytes.NewBuffer(make([]byte, 0, length+bytes.MinRead))
	_, err = text.ReadFrom(z)
	return text.Bytes(), err
}
