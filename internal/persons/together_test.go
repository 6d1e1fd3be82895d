// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// atOnce does the same thing so many times at once and counts the answers.
func atOnce(n int, fn func(i int) error) (done, conflicts int, other error) {
	var wg sync.WaitGroup
	var d, c atomic.Int64
	var o atomic.Value
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			switch err := fn(i); {
			case err == nil:
				d.Add(1)
			case fault.KindOf(err) == fault.Conflict:
				c.Add(1)
			default:
				o.Store(err)
			}
		})
	}
	close(start)
	wg.Wait()
	other, _ = o.Load().(error)
	return int(d.Load()), int(c.Load()), other
}

// Of sixteen who change one version at once, one wins and fifteen are told.
func TestChangeIsOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		id := register(t, d, amina, worldtest.Rahima())
		p, err := find(t, d, amina, id)
		if err != nil {
			t.Fatal(err)
		}
		for n, act := range []func(ctx context.Context, tx *db.Tx, i int) error{
			func(ctx context.Context, tx *db.Tx, i int) error {
				return persons.Change(ctx, tx, amina, persons.Amendment{Person: id, Version: 1, Values: map[persons.Field]string{persons.CallName: fmt.Sprint("Rani ", i)}})
			},
			func(ctx context.Context, tx *db.Tx, i int) error {
				return persons.ChangeContact(ctx, tx, amina, id, persons.Contact{ID: p.Contacts[0].ID, Version: 1, Hours: fmt.Sprint("at ", i)})
			},
		} {
			done, conflicts, other := atOnce(16, func(i int) error {
				return d.Write(t.Context(), func(tx *db.Tx) error { return act(t.Context(), tx, i) })
			})
			if done != 1 || conflicts != 15 {
				t.Errorf("act %d: %d done, %d conflicts, %v; want 1 and 15", n, done, conflicts, other)
			}
		}
		after, err := find(t, d, amina, id)
		if err != nil || after.Version != 3 || after.CallName == "" || len(after.Contacts) != 1 || after.Contacts[0].Version != 2 {
			t.Errorf("afterwards %+v (%v)", after, err)
		}
	})
}

// Additions made at once are all kept, each with its entry in the trail.
func TestAdditionsAreAllKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		id := register(t, d, amina, worldtest.Rahima())
		done, _, other := atOnce(16, func(i int) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				return persons.AddContact(t.Context(), tx, amina, id, persons.Contact{Number: fmt.Sprintf("018123456%02d", i)})
			})
		})
		p, err := find(t, d, amina, id)
		if done != 16 || err != nil || len(p.Contacts) != 17 || p.Version != 17 {
			t.Errorf("%d done (%v), %d contacts at version %d", done, other, len(p.Contacts), p.Version)
		}
		var lines []audit.Line
		d.Read(t.Context(), func(q db.Reader) (err error) {
			lines, err = audit.List(t.Context(), q, audit.Filter{Person: string(id)})
			return err
		})
		if len(lines) != 17 {
			t.Errorf("%d entries in the trail, want 17", len(lines))
		}
	})
}

// The same registration sent many times at once makes one person.
func TestRegisterOnceAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var mu sync.Mutex
		made := map[persons.ID]bool{}
		_, _, other := atOnce(16, func(int) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				r := worldtest.Rahima()
				r.Operation = "op-1"
				id, err := persons.Register(t.Context(), tx, worldtest.Amina(), r)
				if err == nil {
					mu.Lock()
					made[id] = true
					mu.Unlock()
				}
				return err
			})
		})
		if got := list(t, d, worldtest.Amina(), persons.Filter{}); other != nil || len(got.Cards) != 1 {
			t.Errorf("made %d persons (%v)", len(got.Cards), other)
		}
	})
}

// Registrations that fail at the end leave nothing of themselves, and take nobody with them.
func TestRegisterWholeOrNotAtAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		late := errors.New("it failed late")
		done, _, _ := atOnce(40, func(i int) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				if _, err := persons.Register(t.Context(), tx, worldtest.Amina(), full()); err != nil {
					return err
				}
				if i%2 == 0 {
					return late
				}
				return nil
			})
		})
		if done != 20 {
			t.Errorf("%d registrations were kept, want 20", done)
		}
		want := map[string]int{"persons": 20, "person_registrations": 20, "person_contacts": 20, "person_identifiers": 20, "person_journeys": 20, "person_relations": 20,
			"person_functioning": 20, "index_waiting": 20, "audit_entries": 20, "access_scopes": 60}
		d.Read(t.Context(), func(q db.Reader) error {
			for table, n := range want {
				var got int
				if err := q.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&got); err != nil || got != n {
					t.Errorf("%s has %d rows (%v), want %d", table, got, err, n)
				}
			}
			return nil
		})
	})
}

// Paging gives everyone exactly once who was there when it began, whoever registers meanwhile.
func TestPagingGivesEachOnce(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		before := map[persons.ID]int{}
		for range 45 {
			clock.Move(1e6)
			before[register(t, d, amina, worldtest.Rahima())] = 0
		}
		for _, who := range []string{"Amina", "Chandra", "Esha"} {
			actor := amina
			for _, a := range worldtest.Cast() {
				if a.Name == who {
					actor = a
				}
			}
			seen := map[persons.ID]int{}
			f := persons.Filter{Limit: 7}
			for range 50 {
				page := list(t, d, actor, f)
				for _, c := range page.Cards {
					seen[c.ID]++
				}
				clock.Move(1e6)
				register(t, d, amina, worldtest.Rahima())
				if page.Next == "" {
					break
				}
				f.After = page.Next
			}
			for id := range before {
				if seen[id] != 1 {
					t.Errorf("%s was given somebody %d times", who, seen[id])
				}
			}
		}
	})
}

// Count counts no further than it is asked to, and only whom who may see.
func TestCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 5 {
			register(t, d, worldtest.Amina(), worldtest.Rahima())
		}
		for _, c := range []struct {
			most, amina, basil int
		}{{3, 3, 0}, {5, 5, 0}, {100, 5, 0}} {
			d.Read(t.Context(), func(q db.Reader) error {
				a, err1 := persons.Count(t.Context(), q, worldtest.Amina(), c.most)
				b, err2 := persons.Count(t.Context(), q, worldtest.Basil(), c.most)
				if a != c.amina || b != c.basil || err1 != nil || err2 != nil {
					t.Errorf("at most %d: Amina counts %d, Basil %d (%v, %v)", c.most, a, b, err1, err2)
				}
				return nil
			})
		}
	})
}

// The best value is in use: what a person chose, then the newest paper, then the more trusted word.
func TestPrefer(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		id := register(t, d, amina, worldtest.Rahima()) // 1991-04-12, her own word
		give := func(source persons.Source, birth string) {
			clock.Move(1e6)
			write(t, d, func(ctx context.Context, tx *db.Tx) error {
				return persons.Change(ctx, tx, amina, persons.Amendment{Person: id, Source: source, Values: map[persons.Field]string{persons.Birth: birth}})
			})
		}
		expect := func(birth, why string) {
			t.Helper()
			p, err := find(t, d, amina, id)
			if err != nil || p.Birth.String() != birth {
				t.Errorf("in use is %s (%v), want %s", p.Birth, err, birth)
			}
			used := 0
			for _, c := range p.Claims {
				if c.Field == persons.Birth && c.InUse {
					used++
					if c.Value != birth || c.Why != why {
						t.Errorf("in use is %+v, want %s because %s", c, birth, why)
					}
				}
			}
			if used != 1 {
				t.Errorf("%d values are in use", used)
			}
		}
		expect("1991-04-12", "only")
		give(persons.Relative, "1980")
		expect("1991-04-12", "newest")
		give(persons.OwnWord, "1992")
		expect("1992", "newest")
		give(persons.FromPassport, "1990-01-01")
		expect("1990-01-01", "paper")
		give(persons.OwnWord, "1993")
		expect("1990-01-01", "paper")
		give(persons.FromNID, "1990-02-02")
		expect("1990-02-02", "paper")
		p, _ := find(t, d, amina, id)
		for _, c := range p.Claims {
			if c.Value == "1980" {
				write(t, d, func(ctx context.Context, tx *db.Tx) error {
					return persons.Choose(ctx, tx, amina, persons.Choice{Person: id, Version: p.Version, Claim: c.ID, Reason: "her brother brought her horoscope"})
				})
			}
		}
		expect("1980", "chosen")
		give(persons.FromNID, "1990-03-03")
		expect("1980", "chosen")
		if p, _ = find(t, d, amina, id); len(p.Claims) < 8 {
			t.Errorf("%d values are left: what was said is never lost", len(p.Claims))
		}
	})
}
