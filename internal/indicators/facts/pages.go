// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
)

// form is the first byte of a page: how it is written.
const form = 1

// Encode writes the cells of a page: in order, each number in as few bytes as it takes, and of a dimension that
// the cube does not have, nothing.
func (c Cube) Encode(cells map[Cell]Value) []byte {
	keys := make([]Cell, 0, len(cells))
	for k := range cells {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareCells)
	out := make([]byte, 0, 16*len(keys)+1)
	out = append(out, form)
	for _, k := range keys {
		out = binary.AppendUvarint(out, uint64(k.Place))
		if c.Orgs {
			out = binary.AppendUvarint(out, uint64(k.Org))
		}
		out = binary.AppendUvarint(out, uint64(k.Prev-Never))
		for _, d := range c.Dims {
			out = binary.AppendUvarint(out, uint64(k.By[d]))
		}
		v := cells[k]
		out = binary.AppendVarint(out, v.People)
		out = binary.AppendVarint(out, v.Events)
		out = binary.AppendVarint(out, v.Amount)
	}
	return out
}

func compareCells(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Org, b.Org), cmp.Compare(a.Prev, b.Prev), slices.Compare(a.By[:], b.By[:]))
}

var errPage = errors.New("a page of totals cannot be read")

// Decode reads what Encode wrote, cell by cell.
func (c Cube) Decode(page []byte, yield func(Cell, Value)) error {
	if len(page) == 0 || page[0] != form {
		return errPage
	}
	r := reader{rest: page[1:]}
	for len(r.rest) > 0 {
		var k Cell
		k.Place = Place(r.number())
		if c.Orgs {
			k.Org = Code(r.number())
		}
		k.Prev = Month(r.number()) + Never
		for _, d := range c.Dims {
			k.By[d] = Code(r.number())
		}
		v := Value{r.signed(), r.signed(), r.signed()}
		if r.bad {
			return errPage
		}
		yield(k, v)
	}
	return nil
}

// reader takes numbers off a page.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	return took(r, n, size)
}

func (r *reader) signed() int64 {
	n, size := binary.Varint(r.rest)
	return took(r, n, size)
}

func took[N uint64 | int64](r *reader, n N, size int) N {
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}
