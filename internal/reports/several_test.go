// SPDX-License-Identifier: Apache-2.0

package reports_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/projects"
	"fera/internal/reports"
	"fera/internal/reports/content"
	"fera/internal/services"
	"fera/internal/worldtest"
)

// monthsTold is over how many months the reports of these tests go.
const monthsTold = 6

// history is what happens in some months: people come from here and there, and are given this and that, mostly once.
type history struct {
	t     *testing.T
	d     *db.DB
	clock *dbtest.Clock
	dice  *rand.Rand
	first int // the first month, as months since the year 0
	files []cases.ID
	once  bool // nobody comes twice: then people add up over time as their services do
}

func (h *history) monthAt(n int) int { return (h.first+n)/12*100 + (h.first+n)%12 + 1 }

func (h *history) span(from, to int) content.Period {
	return content.Period{From: h.monthAt(from), To: h.monthAt(to)}
}

// arrive registers some people, opens a case of each and gives them something.
func (h *history) arrive(people int) {
	ctx, amina := h.t.Context(), worldtest.Amina()
	for range people {
		var file cases.ID
		dbtest.Write(h.t, h.d, func(tx *db.Tx) error {
			r := worldtest.Rahima()
			r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
			r.Values[persons.SexField] = []string{"female", "female", "male"}[h.dice.IntN(3)]
			r.Values[persons.Home] = []string{"305670", "305670", "305646", "305678"}[h.dice.IntN(4)]
			r.Journeys = []persons.Journey{{Country: []string{"SA", "QA", "JO"}[h.dice.IntN(3)], Returned: dates.Of(tx.Now()).Add(-20 - 400*h.dice.IntN(3))}}
			person, err := persons.Register(ctx, tx, amina, r)
			if err != nil {
				return err
			}
			if file, err = cases.Open(ctx, tx, amina, cases.Opening{Person: person, Programme: "reintegration", Origin: "self", Why: "begins anew"}); err != nil {
				return err
			}
			return cases.TakeUp(ctx, tx, amina, file, 0)
		})
		h.files = append(h.files, file)
		h.give(file)
	}
}

func (h *history) give(file cases.ID) {
	code := []string{"health_care", "health_care", "health_care", "shelter_night", "shelter_night", "legal_advice", "food"}[h.dice.IntN(7)]
	dbtest.Write(h.t, h.d, func(tx *db.Tx) error {
		g := services.Giving{Case: file, Code: code}
		if code == "health_care" {
			g.Details = map[string]string{"complaint": "hands hurt"}
		}
		_, err := services.Log(h.t.Context(), tx, worldtest.Amina(), g)
		return err
	})
}

// more is given to somebody who was there before, or to somebody new.
func (h *history) more() {
	if h.once {
		h.arrive(1)
		return
	}
	h.give(h.files[h.dice.IntN(len(h.files))])
}

// live lets the months pass.
func live(t *testing.T, d *db.DB, clock *dbtest.Clock, seed uint64) *history {
	today := dates.Of(d.Now())
	h := &history{t: t, d: d, clock: clock, dice: rand.New(rand.NewPCG(seed, 29)), first: today.Year*12 + today.Month - 1, once: seed%2 == 1}
	for month := range monthsTold {
		for dates.Of(d.Now()).Year*12+dates.Of(d.Now()).Month-1 < h.first+month {
			clock.Move(24 * time.Hour)
		}
		h.arrive(4 + h.dice.IntN(10))
		for range h.dice.IntN(4) {
			h.more()
		}
	}
	return h
}

// spans are the times about which there may be a report: months, quarters, and what is longer.
func spans() (all [][2]int) {
	for from := range monthsTold {
		for to := from; to < monthsTold; to++ {
			if to-from != 1 {
				all = append(all, [2]int{from, to})
			}
		}
	}
	return all
}

func kindOf(s [2]int) string {
	switch s[1] - s[0] {
	case 0:
		return content.Monthly
	case 2:
		return content.Quarterly
	}
	return content.Annual
}

// publish begins, writes and issues a report for outside, and returns it.
func (h *history) publish(p projects.ID, s [2]int) reports.ID {
	id, err := begin(h.t, h.d, worldtest.Parvin(), reports.Beginning{Project: p, Kind: kindOf(s), Period: h.span(s[0], s[1])})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := write(h.t, h.d, id, 0, "যা হলো।"); err != nil {
		h.t.Fatal(err)
	}
	h.out(id)
	return id
}

func (h *history) out(id reports.ID) {
	refresh(h.t, h.d, worldtest.Parvin(), id)
	if err := issue(h.t, h.d, worldtest.Parvin(), id); err != nil {
		h.t.Fatal(err)
	}
	h.clock.Move(time.Second)
}

// known is a number that somebody has: of which kinds in which months, a bit for each.
type known struct {
	set uint64
	n   int64
}

// sets are the numbers of one column of one table in several reports, of what is not to be told of a few.
func (h *history) sets(all []content.Content, code, column string) (some []known) {
	secret := map[string]int{}
	for _, c := range all {
		for _, r := range figure(h.t, c, code).Rows {
			for _, k := range r.Keys() {
				if _, there := secret[k]; !there && (r.Protected || code != "services") {
					secret[k] = len(secret) * monthsTold
				}
			}
		}
	}
	for _, c := range all {
		f := figure(h.t, c, code)
		left := slices.ContainsFunc(f.Rows, func(r content.Row) bool { return r.Values[0].Is == content.Hidden })
		add := func(keys []string, n int64) {
			k := known{n: n}
			for _, key := range keys {
				for m := range monthsTold {
					if first, there := secret[key]; there && c.Period.From <= h.monthAt(m) && h.monthAt(m) <= c.Period.To {
						k.set |= 1 << (first + m)
					}
				}
			}
			if k.set != 0 {
				some = append(some, k)
			}
		}
		seen := map[string]bool{}
		for _, r := range f.Rows {
			for _, k := range r.Keys() {
				seen[k] = true
			}
			if v := r.Values[slices.IndexFunc(f.Columns, func(c content.Column) bool { return c.Key == column })]; v.Is == content.Number {
				add(r.Keys(), v.N)
			}
		}
		for k := range secret {
			if !left && !seen[k] {
				add([]string{k}, 0)
			}
		}
	}
	return some
}

// mostKnown is how many numbers the attack works out of one another.
const mostKnown = 4000

// attack adds and takes away what reports tell until nothing new comes, and returns what of it is less than eleven, but some.
func attack(all []known) (few []string) {
	seen := map[uint64]bool{}
	var found []known
	take := func(k known) {
		if k.set != 0 && !seen[k.set] && len(found) < mostKnown {
			seen[k.set], found = true, append(found, k)
		}
	}
	for _, k := range all {
		take(k)
	}
	for i := 0; i < len(found); i++ {
		for j := range i {
			switch a, b := found[i], found[j]; a.set & b.set {
			case 0:
				take(known{a.set | b.set, a.n + b.n})
			case b.set:
				take(known{a.set &^ b.set, a.n - b.n})
			case a.set:
				take(known{b.set &^ a.set, b.n - a.n})
			}
		}
	}
	for _, k := range found {
		if k.n > 0 && k.n < content.Outside.Floor() {
			few = append(few, fmt.Sprintf("%d of %b", k.n, k.set))
		}
	}
	return few
}

// Whatever reports for outside are issued of a project, about whatever times and in whatever order, with corrections and late entries between:
// by adding and taking away nobody works out fewer than eleven of what was given to them under protection. Were each covered by itself alone, it
// is easily worked out.
func TestSeveralReportsTogetherTellOfNoFew(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				worldtest.Hire(t, d)
				p := project(t, d)
				h := live(t, d, clock, seed)
				all := spans()
				var alone []content.Content
				for _, i := range h.dice.Perm(len(all))[:9] {
					s := all[i]
					alone = append(alone, look(t, d, func(q db.Reader) (content.Content, error) {
						return reports.Make(t.Context(), q, teller(), reports.Wanted{Project: p, Kind: kindOf(s), Period: h.span(s[0], s[1]), Audience: content.Outside})
					}))
				}
				if len(attack(h.sets(alone, "services", "times"))) == 0 || h.once && len(attack(h.sets(alone, "people:country", "people"))) == 0 {
					t.Error("nothing is found in reports that were each covered by themselves alone: the attack sees nothing")
				}
				told := 0
				last := map[int]content.Content{}
				for n, i := range h.dice.Perm(len(all))[:9] {
					id := h.publish(p, all[i])
					last[n] = h.compare(id, nil)
					if n%4 == 3 {
						h.more()
						was := last[n]
						if err := do(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
							id, err = reports.Correct(ctx, tx, worldtest.Parvin(), reports.Correcting{Report: id, Why: "late"})
							return err
						}); err != nil {
							t.Fatal(err)
						}
						h.out(id)
						last[n] = h.compare(id, &was)
					}
					for _, r := range figure(t, last[n], "services").Rows {
						if r.Protected && r.Values[0].Is == content.Number {
							told++
						}
					}
				}
				if told < 3 {
					t.Errorf("only %d numbers of what is protected are told in nine reports", told)
				}
				issued := slices.Collect(maps.Values(last))
				if few := attack(h.sets(issued, "services", "times")); len(few) > 0 {
					t.Errorf("times that can be worked out: %v", few)
				}
				for _, by := range []string{"people:country", "people:upazila", "people:sex"} {
					if few := attack(h.sets(issued, by, "people")); h.once && len(few) > 0 {
						t.Errorf("people that can be worked out, %s: %v", by, few)
					}
				}
			})
		})
	}
}

// compare reads an issued report; against the issue before it no protected number may differ by a few.
func (h *history) compare(id reports.ID, was *content.Content) content.Content {
	c := read2(h.t, h.d, worldtest.Parvin(), id)
	if was == nil {
		return c
	}
	before := figure(h.t, *was, "services")
	for _, r := range figure(h.t, c, "services").Rows {
		for _, o := range before.Rows {
			for i, v := range r.Values {
				if d := max(v.N-o.Values[i].N, o.Values[i].N-v.N); r.Protected && r.Key == o.Key && v.Is == content.Number && o.Values[i].Is == content.Number && d > 0 && d < 11 {
					h.t.Errorf("a correction of %d of %s is told", d, r.Key)
				}
			}
		}
	}
	return c
}
