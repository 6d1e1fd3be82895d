// SPDX-License-Identifier: Apache-2.0

package content

// Change is a number that is another now than it was.
type Change struct {
	Figure, Row, Column Words
	Was, Now            Value
}

// Changes returns which numbers of a report are others in a later counting of the same. What either of them does not tell is left
// out: that something small moved is not said either.
func Changes(was, now []Section) (all []Change) {
	later := map[string]Figure{}
	for _, s := range now {
		for _, f := range s.Figures {
			later[f.Code] = f
		}
	}
	for _, s := range was {
		for _, f := range s.Figures {
			if other, there := later[f.Code]; there {
				all = append(all, f.changes(other)...)
			}
		}
	}
	return all
}

func (f Figure) changes(now Figure) (all []Change) {
	before, after := f.byKey(), now.byKey()
	for _, r := range f.lines() {
		other, there := after[r.Key]
		for i, c := range f.Columns {
			is := Value{Is: Nothing}
			if there {
				is = now.at(other, c.Key)
			}
			if differ(r.Values[i], is) {
				all = append(all, Change{f.Title, r.Title, c.Title, r.Values[i], is})
			}
		}
	}
	for _, r := range now.lines() {
		if _, there := before[r.Key]; there {
			continue
		}
		for i, c := range now.Columns {
			if was := (Value{Is: Nothing}); differ(was, r.Values[i]) {
				all = append(all, Change{f.Title, r.Title, c.Title, was, r.Values[i]})
			}
		}
	}
	return all
}

// differ tells whether a number is another than it was; nothing is the same as none.
func differ(was, is Value) bool {
	counts := func(v Value) bool { return v.Is == Number || v.Is == Cents || v.Is == Nothing }
	return counts(was) && counts(is) && (was.N != is.N || was.Unit != is.Unit && was.N != 0)
}

// lines are the rows with the whole.
func (f Figure) lines() []Row {
	if f.Whole == nil {
		return f.Rows
	}
	return append(f.Rows[:len(f.Rows):len(f.Rows)], *f.Whole)
}

func (f Figure) byKey() map[string]Row {
	all := map[string]Row{}
	for _, r := range f.lines() {
		all[r.Key] = r
	}
	return all
}

// at is what stands in a row under a column.
func (f Figure) at(r Row, column string) Value {
	for i, c := range f.Columns {
		if c.Key == column && i < len(r.Values) {
			return r.Values[i]
		}
	}
	return Value{Is: Nothing}
}
