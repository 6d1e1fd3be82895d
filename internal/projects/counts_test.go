// SPDX-License-Identifier: Apache-2.0

package projects_test

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
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/projects"
	"fera/internal/services"
	"fera/internal/worldtest"
)

// helped is a person with a case and what was given in it.
type helped struct {
	person   persons.ID
	file     cases.ID
	opened   dates.Partial
	services map[services.ID]dates.Partial
}

func help(t *testing.T, d *db.DB, clock *dbtest.Clock, given int) (h helped) {
	t.Helper()
	ctx, amina := t.Context(), worldtest.Amina()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		h.person, err = persons.Register(ctx, tx, amina, worldtest.Rahima())
		return err
	})
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		h.opened = dates.Of(tx.Now())
		if h.file, err = cases.Open(ctx, tx, amina, cases.Opening{Person: h.person, Programme: "reintegration", Origin: "self", Why: "begins anew"}); err != nil {
			return err
		}
		return cases.TakeUp(ctx, tx, amina, h.file, 0)
	})
	h.services = map[services.ID]dates.Partial{}
	for range given {
		clock.Move(24 * time.Hour)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			id, err := services.Log(ctx, tx, amina, services.Giving{Case: h.file, Code: "information"})
			h.services[id] = dates.Of(tx.Now())
			return err
		})
	}
	return h
}

// counted runs the condition and returns what it keeps.
func counted(t *testing.T, d *db.DB, id projects.ID, subject projects.Subject) []string {
	t.Helper()
	query := map[projects.Subject]string{projects.Cases: `SELECT c.id FROM cases c WHERE `, projects.Persons: `SELECT c.id FROM persons c WHERE `, projects.Services: `SELECT c.id FROM services c WHERE `}[subject]
	cond := projects.Counts(id, subject, "c.id")
	all := read(t, d, func(q db.Reader) ([]string, error) {
		rows, err := q.Query(t.Context(), query+cond.SQL, cond.Args...)
		return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { err = r.Scan(&s); return s, err })
	})
	slices.Sort(all)
	return all
}

func sorted[K ~string](all map[K]bool) (some []string) {
	for k := range maps.Keys(all) {
		some = append(some, string(k))
	}
	slices.Sort(some)
	return some
}

// story is a project, the people of an office, and what was said of them.
type story struct {
	id    projects.ID
	all   []helped
	named map[cases.ID][2]dates.Partial
	not   map[cases.ID]bool
	rules [][2]dates.Partial
}

// want is what counts, worked out one by one.
func (s *story) want() (files map[cases.ID]bool, people map[persons.ID]bool, given map[services.ID]bool) {
	files, people, given = map[cases.ID]bool{}, map[persons.ID]bool{}, map[services.ID]bool{}
	for _, h := range s.all {
		var windows [][2]dates.Partial
		if w, ok := s.named[h.file]; ok {
			windows = append(windows, w)
		}
		for _, r := range s.rules {
			if !h.opened.SurelyBefore(r[0]) && !r[1].SurelyBefore(h.opened) {
				windows = append(windows, r)
			}
		}
		if len(windows) == 0 || s.not[h.file] {
			continue
		}
		files[h.file], people[h.person] = true, true
		for id, on := range h.services {
			for _, w := range windows {
				if !on.SurelyBefore(w[0]) && (w[1].IsZero() || !w[1].SurelyBefore(on)) {
					given[id] = true
				}
			}
		}
	}
	return files, people, given
}

func (s *story) compare(t *testing.T, d *db.DB) {
	t.Helper()
	files, people, given := s.want()
	for subject, want := range map[projects.Subject][]string{projects.Cases: sorted(files), projects.Persons: sorted(people), projects.Services: sorted(given)} {
		if got := counted(t, d, s.id, subject); !slices.Equal(got, want) {
			t.Errorf("%s: %d count, want %d", subject, len(got), len(want))
		}
	}
	tally := read(t, d, func(q db.Reader) (map[projects.Subject]int, error) {
		return projects.Tally(t.Context(), q, worldtest.Mitu(), s.id)
	})
	if tally[projects.Cases] != len(files) || tally[projects.Persons] != len(people) || tally[projects.Services] != len(given) {
		t.Errorf("tally = %v, want %d cases, %d people, %d services", tally, len(files), len(people), len(given))
	}
}

// However rules and rows overlap, each counts once, and what was taken out does not.
func TestCountsOnceHoweverItIsLetIn(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		rng := rand.New(rand.NewPCG(seed, 1))
		s := &story{id: made(t, d), named: map[cases.ID][2]dates.Partial{}, not: map[cases.ID]bool{}}
		for range 12 {
			clock.Move(time.Duration(rng.IntN(72)) * time.Hour)
			s.all = append(s.all, help(t, d, clock, rng.IntN(4)))
		}
		s.compare(t, d)
		begin := s.all[0].opened
		for range 14 {
			from := begin.Add(rng.IntN(40))
			until := from.Add(rng.IntN(12))
			h := s.all[rng.IntN(len(s.all))]
			dbtest.Write(t, d, func(tx *db.Tx) error { return s.say(t.Context(), tx, rng.IntN(3), h, [2]dates.Partial{from, until}) })
			s.compare(t, d)
		}
		files, _, given := s.want()
		if len(files) == 0 || len(given) == 0 || len(files) == len(s.all) {
			t.Logf("a dull run: %d of %d cases count, %d services", len(files), len(s.all), len(given))
		}
	})
}

// say names a case, takes one out, or adds a rule.
func (s *story) say(ctx context.Context, tx *db.Tx, what int, h helped, w [2]dates.Partial) error {
	c := projects.Counting{Project: s.id, Subject: projects.Cases, ID: string(h.file)}
	switch what {
	case 0:
		delete(s.not, h.file)
		s.named[h.file] = w
		c.Since, c.Until = w[0], w[1]
		return projects.Count(ctx, tx, worldtest.Mitu(), c)
	case 1:
		delete(s.named, h.file)
		s.not[h.file] = true
		c.Not, c.Why = true, "of another programme"
		return projects.Count(ctx, tx, worldtest.Mitu(), c)
	}
	s.rules = append(s.rules, w)
	_, err := projects.AddRule(ctx, tx, worldtest.Mitu(), s.id, projects.Rule{Office: worldtest.Sylhet, Programme: "reintegration", From: w[0], Until: w[1]})
	return err
}

// A rule of another office or programme covers nothing here, and one that ended neither.
func TestARuleCoversWhatItSays(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		s := &story{id: made(t, d), all: []helped{help(t, d, clock, 2)}, named: map[cases.ID][2]dates.Partial{}, not: map[cases.ID]bool{}}
		whole := [2]dates.Partial{day("2030-01-01"), day("2030-12-31")}
		add := func(r projects.Rule) (id string, err error) {
			r.From, r.Until = whole[0], whole[1]
			clock.Move(time.Second)
			err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
				id, err = projects.AddRule(t.Context(), tx, worldtest.Mitu(), s.id, r)
				return err
			})
			return id, err
		}
		for _, r := range []projects.Rule{{Office: worldtest.Centre}, {Programme: "other"}, {Organisation: worldtest.Bandhan}} {
			if _, err := add(r); err != nil {
				t.Fatal(err)
			}
			s.compare(t, d)
		}
		if _, err := add(projects.Rule{Office: worldtest.Barishal}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an office of another organisation: %v", err)
		}
		rule, err := add(projects.Rule{})
		if err != nil {
			t.Fatal(err)
		}
		s.rules = append(s.rules, whole)
		s.compare(t, d)
		dbtest.Write(t, d, func(tx *db.Tx) error { return projects.EndRule(t.Context(), tx, worldtest.Mitu(), s.id, rule) })
		s.rules = nil
		s.compare(t, d)
		if all := read(t, d, func(q db.Reader) ([]projects.Rule, error) {
			return projects.Rules(t.Context(), q, worldtest.Mitu(), s.id)
		}); len(all) != 4 || all[3].EndedBy != "Mitu" {
			t.Errorf("rules = %+v", all)
		}
	})
}

// One person may count for two projects, once in each; a service undone counts for none.
func TestOnceInEachAndNothingUndone(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		first := made(t, d)
		second, err := open(t, d, worldtest.Parvin(), "second", record())
		if err != nil {
			t.Fatal(err)
		}
		h := help(t, d, clock, 2)
		for _, id := range []projects.ID{first, second, second} {
			for subject, what := range map[projects.Subject]string{projects.Persons: string(h.person), projects.Cases: string(h.file)} {
				dbtest.Write(t, d, func(tx *db.Tx) error {
					return projects.Count(t.Context(), tx, worldtest.Parvin(), projects.Counting{Project: id, Subject: subject, ID: what})
				})
			}
		}
		for _, id := range []projects.ID{first, second} {
			if got := fmt.Sprint(len(counted(t, d, id, projects.Persons)), len(counted(t, d, id, projects.Cases)), len(counted(t, d, id, projects.Services))); got != "1 1 2" {
				t.Errorf("persons, cases, services = %s, want 1 1 2", got)
			}
		}
		for id := range h.services {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return services.Undo(t.Context(), tx, worldtest.Amina(), services.Undoing{Service: id, Why: "not given"})
			})
		}
		if got := counted(t, d, first, projects.Services); len(got) != 0 {
			t.Errorf("%d services count that were undone", len(got))
		}
		if of := read(t, d, func(q db.Reader) ([]projects.ID, error) {
			return projects.Of(t.Context(), q, projects.Persons, string(h.person))
		}); len(of) != 2 {
			t.Errorf("she counts for %v", of)
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error {
			return projects.Count(t.Context(), tx, worldtest.Mitu(), projects.Counting{Project: first, Subject: projects.Cases, ID: string(h.person)})
		})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("a person counts as a case: %v", err)
		}
	})
}
