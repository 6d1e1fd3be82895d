// SPDX-License-Identifier: Apache-2.0

package index

import "sync/atomic"

// Nodes are kept in blocks that never move, so that readers need no lock while a writer appends.
const (
	blockBits = 13
	blockSize = 1 << blockBits
	maxBlocks = 1 << 14
)

// blocks is an array that only grows. One writer appends; what it has published through an atomic store elsewhere, others may read.
type blocks[T any] struct {
	list [maxBlocks]atomic.Pointer[[blockSize]T]
	n    uint32
}

// at gives the place of an element.
func (b *blocks[T]) at(i uint32) *T { return &b.list[i>>blockBits].Load()[i&(blockSize-1)] }

// grow appends an element and gives its place, or none when there is no room left.
func (b *blocks[T]) grow() (*T, uint32, bool) {
	i := b.n
	block := i >> blockBits
	if block >= maxBlocks {
		return nil, 0, false
	}
	if b.list[block].Load() == nil {
		b.list[block].Store(new([blockSize]T))
	}
	b.n++
	return b.at(i), i, true
}

// chains is a hash table from keys to lists of numbers that only grows. It keeps no keys: who reads a list checks what it finds.
type chains struct {
	heads []atomic.Uint32 // index of the newest node, plus one
	nodes blocks[node]
}

type node struct{ value, next uint32 }

// newChains makes room for about so many different keys.
func newChains(keys int) *chains {
	size := 1 << 10
	for size < keys && size < 1<<24 {
		size <<= 1
	}
	return &chains{heads: make([]atomic.Uint32, size)}
}

func (c *chains) head(key uint64) *atomic.Uint32 { return &c.heads[key&uint64(len(c.heads)-1)] }

// add puts a number first on the list of a key.
func (c *chains) add(key uint64, value uint32) bool {
	n, i, ok := c.nodes.grow()
	if !ok {
		return false
	}
	head := c.head(key)
	n.value, n.next = value, head.Load()
	head.Store(i + 1)
	return true
}

// each calls f with the numbers of a key, the newest first, until it has enough.
func (c *chains) each(key uint64, f func(value uint32) bool) {
	for i := c.head(key).Load(); i != 0; {
		n := c.nodes.at(i - 1)
		if !f(n.value) {
			return
		}
		i = n.next
	}
}

// hash is FNV-1a with its bits spread.
func hash(seed uint64, s string) uint64 {
	h := seed ^ 14695981039346656037
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// mix spreads the bits of a number (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
