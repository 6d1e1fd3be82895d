// SPDX-License-Identifier: Apache-2.0

package tables_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"fera/internal/indicators/tables"
)

// atom is one group that a family of these tests is made of: a leaf of the first way, a leaf of the second, a column.
type atom struct{ a, b, col int }

// world is a population, atom by atom.
type world struct {
	places [][2]string // of each leaf of the first way: its parent and itself
	ages   []string
	cols   []string
	counts map[atom]int64
}

// draw makes a small world with many small counts.
func draw(t *rapid.T) world {
	w := world{cols: []string{"f", "m", "x"}[:rapid.IntRange(1, 3).Draw(t, "columns")], counts: map[atom]int64{}}
	for i := range rapid.IntRange(1, 2).Draw(t, "divisions") {
		for j := range rapid.IntRange(1, 3).Draw(t, "districts") {
			w.places = append(w.places, [2]string{fmt.Sprint(i), fmt.Sprint(i, ".", j)})
		}
	}
	w.ages = []string{"young", "old", "unknown"}[:rapid.IntRange(1, 3).Draw(t, "ages")]
	size := rapid.SampledFrom([]int{1, 3, 8, 20}).Draw(t, "size")
	for a := range w.places {
		for b := range w.ages {
			for c := range w.cols {
				if n := rapid.IntRange(-size/2, size).Draw(t, "count"); n > 0 {
					w.counts[atom{a, b, c}] = int64(n)
				}
			}
		}
	}
	return w
}

func (w world) sum(keep func(atom) bool) []int64 {
	out := make([]int64, len(w.cols))
	for at, n := range w.counts {
		if keep(at) {
			out[at.col] += n
		}
	}
	return out
}

func (w world) family() tables.Family {
	f := tables.Family{Columns: w.cols, Counts: w.sum(func(atom) bool { return true })}
	place, age := tables.Way{Code: "place"}, tables.Way{Code: "age"}
	for i, p := range w.places {
		if i == 0 || w.places[i-1][0] != p[0] {
			place.Parts = append(place.Parts, tables.Node{Code: p[0], Counts: w.sum(func(at atom) bool { return w.places[at.a][0] == p[0] })})
		}
		division := &place.Parts[len(place.Parts)-1]
		division.Parts = append(division.Parts, tables.Node{Code: p[1], Counts: w.sum(func(at atom) bool { return at.a == i })})
	}
	for i, a := range w.ages {
		age.Parts = append(age.Parts, tables.Node{Code: a, Counts: w.sum(func(at atom) bool { return at.b == i })})
	}
	f.Ways = []tables.Way{place, age}
	return f
}

// equation says that some atoms add up to a number that is shown.
type equation struct {
	of  map[atom]bool
	sum int64
}

// atoms are all that there could be, also those of whom there are none.
func (w world) atoms() (all []atom) {
	for a := range w.places {
		for b := range w.ages {
			for c := range w.cols {
				all = append(all, atom{a, b, c})
			}
		}
	}
	return all
}

func (w world) pick(keep func(atom) bool) map[atom]bool {
	some := map[atom]bool{}
	for _, at := range w.atoms() {
		if keep(at) {
			some[at] = true
		}
	}
	return some
}

// equations are all that an answer tells an attacker.
func (w world) equations(a tables.Answer) (all []equation) {
	var tell func(rows []tables.Shown, in func(code string, at atom) bool)
	say := func(r tables.Shown, keep func(atom) bool) {
		all = append(all, equation{w.pick(keep), r.Total})
		for i, v := range r.Split {
			all = append(all, equation{w.pick(func(at atom) bool { return keep(at) && slices.Contains(a.Columns[i], w.cols[at.col]) }), v})
		}
	}
	tell = func(rows []tables.Shown, in func(code string, at atom) bool) {
		for _, r := range rows {
			say(r, func(at atom) bool { return slices.ContainsFunc(r.Codes, func(c string) bool { return in(c, at) }) })
			tell(r.Parts, in)
		}
	}
	say(a.Whole, func(atom) bool { return true })
	tell(a.Ways[0].Rows, func(code string, at atom) bool { return slices.Contains(w.places[at.a][:], code) })
	tell(a.Ways[1].Rows, func(code string, at atom) bool { return w.ages[at.b] == code })
	return all
}

// groups are the groups that somebody might want to know of: each place, age and column, and each that is made of two or of all three.
func (w world) groups() (all []map[atom]bool) {
	for a := -1; a < len(w.places); a++ {
		for b := -1; b < len(w.ages); b++ {
			for c := -1; c < len(w.cols); c++ {
				all = append(all, w.pick(func(at atom) bool { return (a < 0 || at.a == a) && (b < 0 || at.b == b) && (c < 0 || at.col == c) }))
			}
		}
	}
	return all
}

// attacker works out what all that is told of a world says about a group.
type attacker struct {
	atoms []atom
	told  []equation
	s     *simplex
}

func newAttacker(w world, told []equation) *attacker {
	x := &attacker{atoms: w.atoms(), told: told}
	x.s = x.solve(nil)
	return x
}

// bound says that a number is at most, or at least, so many.
type bound struct {
	at    int
	least bool
	n     *big.Int
}

// solve finds a population that agrees with what is told and with bounds; nothing when there is none.
func (x *attacker) solve(bounds []bound) *simplex {
	s := &simplex{vars: len(x.atoms) + len(bounds)}
	for _, e := range x.told {
		row := make([]int64, s.vars)
		for j, at := range x.atoms {
			if e.of[at] {
				row[j] = 1
			}
		}
		s.equate(row, e.sum)
	}
	for i, b := range bounds {
		row := make([]int64, s.vars)
		row[b.at], row[len(x.atoms)+i] = 1, 1
		if b.least {
			row[len(x.atoms)+i] = -1
		}
		s.equate(row, b.n.Int64())
	}
	if !s.begin() {
		return nil
	}
	return s
}

// most is how many there may be in a group at most: the greatest sum over
// populations of whole people that agree with all that is told.
func (x *attacker) most(of map[atom]bool) int64 {
	return x.whole(x.s, of, nil, -1)
}

// whole searches among whole numbers below a bound in fractions, and returns the best, or what is known already.
func (x *attacker) whole(s *simplex, of map[atom]bool, bounds []bound, known int64) int64 {
	if s == nil {
		return known
	}
	goal := make([]bool, s.vars)
	for i, at := range x.atoms {
		goal[i] = of[at]
	}
	best, point := s.maximise(goal)
	floor := new(big.Int).Quo(best.Num(), best.Denom())
	if floor.Int64() <= known {
		return known
	}
	at := slices.IndexFunc(point[:len(x.atoms)], func(v *big.Rat) bool { return !v.IsInt() })
	if at < 0 {
		return floor.Int64()
	}
	down := new(big.Int).Quo(point[at].Num(), point[at].Denom())
	up := new(big.Int).Add(down, big.NewInt(1))
	for _, b := range []bound{{at, false, down}, {at, true, up}} {
		more := append(slices.Clone(bounds), b)
		known = max(known, x.whole(x.solve(more), of, more, known))
	}
	return known
}

// Nobody can work out that a group is below the floor, whatever is shown of a family.
func TestNothingSmallCanBeWorkedOut(t *testing.T) {
	shown, split := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w, floor := draw(t), int64(rapid.IntRange(2, 6).Draw(t, "floor"))
		a, any := tables.Protect(w.family(), floor)
		if !any {
			return
		}
		shown++
		for _, r := range a.Ways[0].Rows {
			split += len(r.Split)
		}
		attack := newAttacker(w, w.equations(a))
		for _, g := range w.groups() {
			var n int64
			for at := range g {
				n += w.counts[at]
			}
			if n == 0 || n >= floor {
				continue
			}
			if hi := attack.most(g); hi < floor {
				t.Fatalf("an attacker knows that at most %d are in %v, of whom there are %d; the floor is %d\n%+v", hi, g, n, floor, a)
			}
		}
	})
	if shown < 20 || split == 0 {
		t.Errorf("only %d families were shown, with %d numbers by column: this proves little", shown, split)
	}
}

// The attack of that test is a real one: it works out what is hidden when only small numbers are left out.
func TestTheAttackFindsWhatIsHiddenBadly(t *testing.T) {
	w := world{places: [][2]string{{"0", "a"}, {"0", "b"}}, ages: []string{"all"}, cols: []string{"f", "m"},
		counts: map[atom]int64{{0, 0, 0}: 2, {0, 0, 1}: 20, {1, 0, 0}: 30, {1, 0, 1}: 40}}
	bad := tables.Answer{Floor: 11, Columns: [][]string{{"f"}, {"m"}}, Whole: tables.Shown{Total: 92, Split: []int64{32, 60}}, Ways: []tables.ShownWay{
		{Code: "place", Rows: []tables.Shown{{Codes: []string{"a"}, Total: 22}, {Codes: []string{"b"}, Total: 70, Split: []int64{30, 40}}}}, {Code: "age"}}}
	if hi := newAttacker(w, w.equations(bad)).most(map[atom]bool{{0, 0, 0}: true}); hi != 2 {
		t.Errorf("the attacker says at most %d, want 2: it can be taken away", hi)
	}
	good, _ := tables.Protect(w.family(), 11)
	if hi := newAttacker(w, w.equations(good)).most(map[atom]bool{{0, 0, 0}: true}); hi < 11 {
		t.Errorf("the attacker says at most %d: %+v", hi, good)
	}
}

// What is shown of a whole adds up to it, in each way, to the last.
func TestWhatIsShownAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, floor := draw(t), int64(rapid.IntRange(1, 12).Draw(t, "floor"))
		f := w.family()
		a, any := tables.Protect(f, floor)
		if !any {
			return
		}
		var check func(of tables.Shown, rows []tables.Shown)
		check = func(of tables.Shown, rows []tables.Shown) {
			if rows == nil {
				return
			}
			var total int64
			for _, r := range rows {
				total += r.Total
				if r.Total > 0 && r.Total < floor || slices.ContainsFunc(r.Split, func(v int64) bool { return v > 0 && v < floor }) {
					t.Fatalf("%+v is below the floor %d", r, floor)
				}
				check(r, r.Parts)
			}
			if total != of.Total {
				t.Fatalf("the parts of %+v come to %d", of, total)
			}
		}
		for _, way := range a.Ways {
			check(a.Whole, way.Rows)
		}
		if floor == 1 && (len(a.Ways[0].Rows) != len(f.Ways[0].Parts) || len(a.Columns) != len(w.cols)) {
			t.Fatalf("with a floor of one nothing need be hidden: %+v", a)
		}
	})
}

// A second issue of the same tables differs from the first nowhere by fewer than the floor, nor in what can be worked out of both.
func TestASecondIssueTellsOfNoFew(t *testing.T) {
	again := 0
	rapid.Check(t, func(t *rapid.T) {
		w, floor := draw(t), int64(rapid.IntRange(2, 4).Draw(t, "floor"))
		first, any := tables.Protect(w.family(), floor)
		if !any {
			return
		}
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			at := rapid.SampledFrom(w.atoms()).Draw(t, "where")
			w.counts[at] = max(0, w.counts[at]+int64(rapid.IntRange(-1, 8).Draw(t, "by")))
		}
		second, ok := tables.Refill(first, w.family())
		if !ok {
			return
		}
		again++
		was, now := w.equations(first), w.equations(second)
		if len(was) != len(now) {
			t.Fatalf("%d numbers, and %d in the second issue", len(was), len(now))
		}
		for i := range was {
			if d := max(now[i].sum-was[i].sum, was[i].sum-now[i].sum); d > 0 && d < floor {
				t.Fatalf("a number went from %d to %d; the floor is %d", was[i].sum, now[i].sum, floor)
			}
		}
		attack := newAttacker(w, now)
		for _, g := range w.groups() {
			var n int64
			for at := range g {
				n += w.counts[at]
			}
			if n > 0 && n < floor {
				if hi := attack.most(g); hi < floor {
					t.Fatalf("by the second issue at most %d are in %v", hi, g)
				}
			}
		}
	})
	if again < 10 {
		t.Errorf("only %d second issues were made: this proves little", again)
	}
}

func TestFewAreNotShownAtAll(t *testing.T) {
	if a, any := tables.Protect(tables.Family{Columns: []string{"f"}, Counts: []int64{10}}, tables.Outside); any {
		t.Errorf("shown: %+v", a)
	}
	if _, any := tables.Protect(tables.Family{Columns: []string{"f"}, Counts: []int64{0}}, tables.Outside); !any {
		t.Error("that there is nobody may be said")
	}
}

// simplex works out the greatest sum of some numbers, none below zero, under equations, in exact fractions.
type simplex struct {
	table [][]*big.Rat // a row for each equation, the right side last
	basis []int
	vars  int
	rows  [][]int64
	sums  []int64
}

func (s *simplex) equate(row []int64, sum int64) {
	s.rows, s.sums = append(s.rows, row), append(s.sums, sum)
}

// begin finds numbers that agree with the equations, if there are any.
func (s *simplex) begin() bool {
	width := s.vars + len(s.rows)
	goal := make([]*big.Rat, width)
	for j := range goal {
		goal[j] = new(big.Rat)
		if j >= s.vars {
			goal[j].SetInt64(-1)
		}
	}
	for i, coefficients := range s.rows {
		row := make([]*big.Rat, width+1)
		for j := range row {
			row[j] = new(big.Rat)
			if j < s.vars {
				row[j].SetInt64(coefficients[j])
			}
		}
		row[s.vars+i].SetInt64(1) // what is missing, which has to go
		row[width].SetInt64(s.sums[i])
		s.table, s.basis = append(s.table, row), append(s.basis, s.vars+i)
	}
	s.climb(goal, s.vars)
	for i := range s.basis {
		if s.basis[i] < s.vars {
			continue
		}
		if s.table[i][width].Sign() != 0 {
			return false
		}
		for j := range s.vars { // an equation that says nothing new keeps what is missing at zero
			if s.table[i][j].Sign() != 0 {
				s.pivot(i, j)
				break
			}
		}
	}
	return true
}

// climb pivots until no number makes the goal greater; the first of those that do is taken, so that it ends.
func (s *simplex) climb(goal []*big.Rat, allowed int) {
	for {
		enter := -1
		for j := 0; j < allowed && enter < 0; j++ {
			gain := new(big.Rat).Set(goal[j])
			for i, row := range s.table {
				gain.Sub(gain, new(big.Rat).Mul(goal[s.basis[i]], row[j]))
			}
			if gain.Sign() > 0 {
				enter = j
			}
		}
		if enter < 0 {
			return
		}
		leave, least := -1, new(big.Rat)
		for i, row := range s.table {
			if row[enter].Sign() <= 0 {
				continue
			}
			ratio := new(big.Rat).Quo(row[len(row)-1], row[enter])
			if leave < 0 || ratio.Cmp(least) < 0 || ratio.Cmp(least) == 0 && s.basis[i] < s.basis[leave] {
				leave, least = i, ratio
			}
		}
		if leave < 0 {
			panic("there is no bound, although all that is told is finite")
		}
		s.pivot(leave, enter)
	}
}

func (s *simplex) pivot(row, col int) {
	by := new(big.Rat).Inv(s.table[row][col])
	for _, v := range s.table[row] {
		v.Mul(v, by)
	}
	for i, r := range s.table {
		if i == row || r[col].Sign() == 0 {
			continue
		}
		times := new(big.Rat).Set(r[col])
		for j, v := range r {
			if s.table[row][j].Sign() != 0 {
				v.Sub(v, new(big.Rat).Mul(times, s.table[row][j]))
			}
		}
	}
	s.basis[row] = col
}

func (s *simplex) maximise(of []bool) (*big.Rat, []*big.Rat) {
	goal := make([]*big.Rat, len(s.table[0])-1)
	for j := range goal {
		goal[j] = new(big.Rat)
		if j < s.vars && of[j] {
			goal[j].SetInt64(1)
		}
	}
	s.climb(goal, s.vars)
	best, point := new(big.Rat), make([]*big.Rat, s.vars)
	for j := range point {
		point[j] = new(big.Rat)
	}
	for i, b := range s.basis {
		if b < s.vars {
			point[b].Set(s.table[i][len(s.table[i])-1])
			if of[b] {
				best.Add(best, point[b])
			}
		}
	}
	return best, point
}
