// SPDX-License-Identifier: Apache-2.0

package content

// Steady leaves out of a corrected issue, for readers outside, what of protected rows differs from the issue before by fewer than
// the floor: both issues side by side would tell of so few. Where a row is left out the whole is too.
func Steady(before, now []Section, floor int64) {
	earlier := map[string]Figure{}
	for _, s := range before {
		for _, f := range s.Figures {
			earlier[f.Code] = f
		}
	}
	for i := range now {
		for j := range now[i].Figures {
			f := &now[i].Figures[j]
			if old, there := earlier[f.Code]; there {
				f.steady(old, floor)
			}
		}
	}
}

func (f *Figure) steady(before Figure, floor int64) {
	old := before.byKey()
	left := false
	for _, r := range f.Rows {
		was, there := old[r.Key]
		left = r.steady(f, before, was, there, floor) || left
	}
	if f.Whole == nil {
		return
	}
	was, there := old[f.Whole.Key]
	if f.Whole.steady(f, before, was, there, floor); left {
		for i := range f.Whole.Values {
			f.Whole.Values[i] = Value{Is: Hidden}
		}
	}
}

// steady hides what of a row differs by too few, and tells whether anything does. A row that there was not counts as none.
func (r Row) steady(f *Figure, before Figure, was Row, there bool, floor int64) (left bool) {
	if !r.Protected {
		return false
	}
	for i, c := range f.Columns {
		old := Value{Is: Nothing}
		if there {
			old = before.at(was, c.Key)
		}
		d := r.Values[i].N - old.N
		if differ(old, r.Values[i]) && max(d, -d) < floor {
			r.Values[i], left = Value{Is: Hidden}, true
		}
	}
	return left
}
