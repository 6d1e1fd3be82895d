// SPDX-License-Identifier: Apache-2.0

package index

// Compact builds the lists anew with all that has been added and without what was removed. Meanwhile questions are answered and
// records added and removed as ever. It does nothing while another is at work.
func (x *Index) Compact() {
	x.writing.Lock()
	if x.busy {
		x.writing.Unlock()
		return
	}
	x.busy, x.gone = true, nil
	old := x.state.Load()
	added, extra := old.added.Load(), old.extra
	x.writing.Unlock()

	fresh := x.renew(old, added, extra)

	x.writing.Lock()
	defer x.writing.Unlock()
	for _, id := range x.gone {
		if i, found := fresh.place(id); found {
			fresh.remove(i)
		}
	}
	more := map[uint32][]uint64{}
	for _, p := range old.extra[len(extra):] {
		more[p.record] = append(more[p.record], p.key)
	}
	for i := added; i < old.added.Load(); i++ {
		if n := uint32(len(old.records)) + i; !old.isRemoved(n) {
			x.append(fresh, *old.at(n), more[n])
		}
	}
	x.state.Store(fresh)
	x.busy, x.gone = false, nil
}

// renew lays out anew what an older state holds, but for what was added later than so many.
func (x *Index) renew(old *state, added uint32, extra []posting) *state {
	kept := make([]compact, 0, old.live.Load())
	numbers := make([]uint32, uint32(len(old.records))+added)
	for i := range numbers {
		if n := uint32(i); !old.isRemoved(n) {
			numbers[i] = uint32(len(kept)) + 1
			kept = append(kept, *old.at(n))
		}
	}
	var moved []posting
	for _, p := range extra {
		if n := numbers[p.record]; n != 0 {
			moved = append(moved, posting{p.key, n - 1})
		}
	}
	return x.lay(kept, moved)
}
