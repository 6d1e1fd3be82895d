// SPDX-License-Identifier: Apache-2.0

package indicators_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/indicators/counting"
	"fera/internal/persons"
	"fera/internal/procedures"
	"fera/internal/services"
	"fera/internal/ties"
	"fera/internal/worldtest"
)

// history is a random course of work on a store.
type history struct {
	t        *testing.T
	d        *db.DB
	clock    *dbtest.Clock
	rand     *rand.Rand
	people   []persons.ID
	by       map[persons.ID]access.Actor // who registered
	cases    []cases.ID
	of       map[cases.ID]persons.ID
	services []services.ID
	given    map[services.ID]cases.ID
	ties     []ties.Pair
	done     map[string]int // how often each act succeeded
}

func newHistory(t *testing.T, d *db.DB, clock *dbtest.Clock, seed uint64) *history {
	worldtest.Hire(t, d)
	return &history{t: t, d: d, clock: clock, rand: rand.New(rand.NewPCG(seed, 7)), by: map[persons.ID]access.Actor{}, of: map[cases.ID]persons.ID{}, given: map[services.ID]cases.ID{}, done: map[string]int{}}
}

func one[T any](h *history, all []T) T { return all[h.rand.IntN(len(all))] }

// try does an act; what is refused changes nothing, and is not an error of the figures.
func (h *history) try(name string, act func(ctx context.Context, tx *db.Tx) error) bool {
	h.clock.Move(time.Duration(h.rand.IntN(30*24)) * time.Hour)
	err := h.d.Write(h.t.Context(), func(tx *db.Tx) error { return act(h.t.Context(), tx) })
	if err == nil {
		h.done[name]++
	}
	return err == nil
}

func (h *history) registration() persons.Registration {
	r := worldtest.Rahima()
	r.Contacts = nil
	r.Values[persons.NameLatin] = fmt.Sprintf("Zaman %c%c", 'a'+h.rand.IntN(26), 'a'+h.rand.IntN(26))
	r.Values[persons.SexField] = one(h, []string{"female", "female", "male", "other", "unsaid"})
	r.Values[persons.Birth] = one(h, []string{"1991-04-12", "2010", "1950-01", "1984-12-31"})
	r.Values[persons.Home] = one(h, []string{"305670", "305622", "3056", "10", "100409"})
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	for range h.rand.IntN(3) {
		r.Journeys = append(r.Journeys, h.journey())
	}
	if h.rand.IntN(2) == 0 {
		r.Functioning = &persons.Functioning{Vision: 1 + h.rand.IntN(4), Hearing: 1}
	}
	if h.rand.IntN(3) == 0 {
		r.Values[persons.Ethnicity] = one(h, []string{"Chakma", "বাঙালি", "of a small people"})
	}
	return r
}

func (h *history) journey() persons.Journey {
	j := persons.Journey{Country: one(h, []string{"SA", "AE", "MY"}), Reasons: one(h, [][]string{nil, {"pay"}, {"pay", "health"}, {"family"}}),
		Returned: one(h, []dates.Partial{{}, {Year: 2029}, {Year: 2029, Month: 3}, {Year: 2029, Month: 11, Day: 4}, {Year: 2030, Month: 1, Day: 2}})}
	if h.rand.IntN(3) == 0 {
		j.Cost, j.Departed = int64(100_000*(1+h.rand.IntN(4))), dates.Partial{Year: 2027}
	}
	if h.rand.IntN(2) == 0 {
		j.Circumstances = &persons.Circumstances{Happened: one(h, [][]string{{"confined"}, {"wages_withheld", "beaten"}})}
	}
	return j
}

// act does one thing at random.
func (h *history) act() {
	if len(h.people) < 4 {
		h.register()
		return
	}
	p := one(h, h.people)
	who := h.by[p]
	acts := map[string]func(ctx context.Context, tx *db.Tx) error{
		"change": func(ctx context.Context, tx *db.Tx) error {
			field := one(h, []persons.Field{persons.SexField, persons.Home, persons.Birth})
			value := map[persons.Field][]string{persons.SexField: {"male", "female"}, persons.Home: {"305670", "100409"}, persons.Birth: {"1970", "2001-02-03"}}[field]
			return persons.Change(ctx, tx, who, persons.Amendment{Person: p, Source: persons.FromPaper, Values: map[persons.Field]string{field: one(h, value)}, Reason: "she showed her papers"})
		},
		"journey": func(ctx context.Context, tx *db.Tx) error { return persons.AddJourney(ctx, tx, who, p, h.journey()) },
		"functioning": func(ctx context.Context, tx *db.Tx) error {
			return persons.RecordFunctioning(ctx, tx, who, p, persons.Functioning{Hearing: 1 + h.rand.IntN(4)})
		},
		"open": func(ctx context.Context, tx *db.Tx) error {
			id, err := cases.Open(ctx, tx, who, cases.Opening{Person: p, Programme: "reintegration", Origin: "self", Why: "wants to begin anew"})
			if err == nil {
				err = cases.TakeUp(ctx, tx, who, id, 0)
			}
			h.cases, h.of[id] = append(h.cases, id), p
			return err
		},
		"give":    h.give,
		"undo":    h.undo,
		"close":   h.shut,
		"merge":   h.merge,
		"unmerge": h.unmerge,
		"erase": func(ctx context.Context, tx *db.Tx) error {
			_, err := procedures.Erase(ctx, tx, worldtest.Esha(), p, "she asked for it")
			return err
		},
		"withdraw": h.withdraw,
	}
	weights := []string{"change", "change", "journey", "journey", "functioning", "functioning", "open", "open", "open", "give", "give", "give", "give", "give", "give", "give", "give", "undo", "close", "merge", "merge", "unmerge", "erase", "withdraw"}
	name := one(h, weights)
	if h.rand.IntN(4) == 0 {
		h.register()
		return
	}
	h.try(name, acts[name])
}

func (h *history) register() {
	who := one(h, []access.Actor{worldtest.Amina(), worldtest.Amina(), worldtest.Basil()})
	r := h.registration()
	var p persons.ID
	if h.try("register", func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = persons.Register(ctx, tx, who, r)
		return err
	}) {
		h.people, h.by[p] = append(h.people, p), who
	}
}

func (h *history) give(ctx context.Context, tx *db.Tx) error {
	if len(h.cases) == 0 {
		return context.Canceled
	}
	of := one(h, h.cases)
	g := services.Giving{Case: of, Code: one(h, []string{"food", "information", "counselling_basic", "counselling_family", "shelter_night"}), Quantity: 1 + h.rand.IntN(3)}
	id, err := services.Log(ctx, tx, h.by[h.of[of]], g)
	if err == nil {
		h.services, h.given[id] = append(h.services, id), of
	}
	return err
}

func (h *history) undo(ctx context.Context, tx *db.Tx) error {
	if len(h.services) == 0 {
		return context.Canceled
	}
	id := one(h, h.services)
	return services.Undo(ctx, tx, h.by[h.of[h.given[id]]], services.Undoing{Service: id, Why: "a slip of the pen"})
}

func (h *history) shut(ctx context.Context, tx *db.Tx) error {
	if len(h.cases) == 0 {
		return context.Canceled
	}
	id := one(h, h.cases)
	_, err := cases.Shut(ctx, tx, h.by[h.of[id]], cases.Closing{Case: id, Code: one(h, []string{"goals_reached", "lost_contact", "conduct"}),
		Duties: []string{"prepared", "last_review", "where_to_turn", "tried_to_reach", "told_supervisor", "written_down"}, Why: "so it was"})
	return err
}

func (h *history) merge(ctx context.Context, tx *db.Tx) error {
	pair, err := persons.Merge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: one(h, h.people), Other: one(h, h.people), Reason: "the same card and the same mother"})
	if err == nil {
		h.ties = append(h.ties, pair)
	}
	return err
}

func (h *history) unmerge(ctx context.Context, tx *db.Tx) error {
	if len(h.ties) == 0 {
		return context.Canceled
	}
	p := one(h, h.ties)
	return persons.Unmerge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: persons.ID(p.One), Other: persons.ID(p.Other), Reason: "her sister, as they both say"})
}

func (h *history) withdraw(ctx context.Context, tx *db.Tx) error {
	p := one(h, h.people)
	var version int
	if err := tx.QueryRow(ctx, `SELECT version FROM persons WHERE id = ?`, string(p)).Scan(&version); err != nil {
		return err
	}
	return persons.Withdraw(ctx, tx, worldtest.Chandra(), persons.Withdrawal{Person: p, Version: version, Reason: "entered by mistake, a test of the form"})
}

// follow seals the trail and counts what changed.
func follow(t *testing.T, d *db.DB) {
	t.Helper()
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := counting.Follow(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// agrees makes sure that counting all anew comes to what is kept.
func agrees(t *testing.T, d *db.DB, when string) counting.Verdict {
	t.Helper()
	v, err := counting.Check(t.Context(), d)
	if err != nil {
		t.Fatalf("check %s: %v", when, err)
	}
	if len(v.Different) > 0 {
		t.Fatalf("%s: %d of %d pages differ from a recount: %+v", when, len(v.Different), v.Pages, v.Different[:min(len(v.Different), 5)])
	}
	return v
}

// Whatever happens in whatever order, what was counted bit by bit is what counting all anew comes to.
func TestAnyHistoryIsCountedExactly(t *testing.T) {
	for seed := range uint64(3) {
		dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
			h := newHistory(t, d, clock, seed)
			for i := range 190 {
				h.act()
				if h.rand.IntN(3) == 0 {
					follow(t, d)
				}
				if i%53 == 52 {
					follow(t, d)
					agrees(t, d, fmt.Sprintf("after act %d", i))
				}
			}
			follow(t, d)
			v := agrees(t, d, "at the end")
			clock.Move(time.Hour)
			if err := counting.Settle(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			agrees(t, d, "after a round")
			before := pages(t, d)
			if err := counting.Rebuild(t.Context(), d, nil); err != nil {
				t.Fatal(err)
			}
			after := pages(t, d)
			if v.Pages < 100 || !slices.Equal(before, after) {
				t.Errorf("%d pages before counting anew, %d after, or others", len(before), len(after))
			}
			agrees(t, d, "after counting anew")
			for _, act := range []string{"register", "change", "journey", "functioning", "open", "give", "merge"} {
				if h.done[act] == 0 {
					t.Errorf("nobody did %q in this history: %v", act, h.done)
				}
			}
			t.Log(h.done)
		})
	}
}

// pages names the pages of totals with how many cells each has.
func pages(t *testing.T, d *db.DB) (all []string) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) error {
		rows, err := q.Query(t.Context(), `SELECT measure, kind, lane, cube, month, cells FROM figure_pages ORDER BY measure, kind, lane, cube, month`)
		all, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (string, error) {
			var n [6]int
			err := r.Scan(&n[0], &n[1], &n[2], &n[3], &n[4], &n[5])
			return fmt.Sprint(n), err
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
