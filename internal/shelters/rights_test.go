// SPDX-License-Identifier: Apache-2.0

package shelters_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/shelters"
	"fera/internal/worldtest"
)

// Whoever asks, a shelter found by a link is one that is listed; what Possible says is what happens; to whom a stay is nothing, every act on it is
// not found; and the place is shown to keepers and to who has her on the caseload, and to nobody else.
func TestRights(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		rng := chance(t, 3)
		amina := worldtest.Amina()
		keepers := []access.Actor{jorina(), moyna(), nilufa()}
		var houses []shelters.ID
		for i, k := range keepers {
			houses = append(houses, house(t, d, k, i == 2, room("A", shelters.Women, 3)))
			clock.Move(time.Second)
		}
		var stays []shelters.StayID
		var people []persons.ID
		for n := range 4 {
			clock.Move(time.Second)
			p, id := somebody(t, d, amina)
			stay := ask(t, d, amina, id)[0]
			if n > 0 {
				bed := beds(t, d, keepers[n-1], houses[n-1])[0]
				write(t, d, func(ctx context.Context, tx *db.Tx) error {
					return shelters.PutIn(ctx, tx, keepers[n-1], shelters.Placing{Acting: shelters.Acting{Stay: stay}, Bed: bed})
				})
			}
			if n > 1 {
				write(t, d, func(ctx context.Context, tx *db.Tx) error {
					return shelters.Admit(ctx, tx, keepers[n-1], shelters.Acting{Stay: stay})
				})
			}
			stays, people = append(stays, stay), append(people, p)
		}
		one := func(of ...string) string { return of[rng.IntN(len(of))] }
		outcomes := map[string]int{}
		for range 80 {
			who := access.Actor{ID: fmt.Sprintf("00000000-0000-7000-9000-0000000001%02d", rng.IntN(50)), Name: "Somebody", Office: one(worldtest.Sylhet, worldtest.Barishal), Organisation: one(worldtest.Aparajita, worldtest.Bandhan)}
			switch rng.IntN(5) {
			case 0:
				who.ID = amina.ID
				if rng.IntN(3) > 0 {
					who.Grant(access.Caseworker, access.AtOffice(worldtest.Sylhet))
				}
			case 1, 2:
				who.ID = keepers[rng.IntN(3)].ID
				if rng.IntN(2) > 0 {
					who.Grant(access.ShelterKeeper, access.AtOffice(who.Office))
				}
			}
			for range rng.IntN(4) {
				who.Grant(access.Roles()[rng.IntN(len(access.Roles()))], one("all", "own", access.AtOffice(who.Office), access.OfOrganisation(who.Organisation), access.InArea("30")))
			}
			listed := map[shelters.ID]bool{}
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				all, err := shelters.List(ctx, q, who)
				for _, s := range all {
					listed[s.ID] = true
				}
				return err
			})
			for i, id := range houses {
				_, err := tried(t, d, func(ctx context.Context, tx *db.Tx) (shelters.Whereabouts, error) {
					return shelters.Look(ctx, tx, who, id)
				})
				runs := who.ID == keepers[i].ID && who.Holds(access.ManageShelter)
				if (err == nil) != runs || err != nil && listed[id] != (fault.KindOf(err) == fault.Forbidden) {
					t.Errorf("%s with %v looks where %d is: %v; she keeps it: %t, it is listed: %t", who.ID, who.Roles, i, err, runs, listed[id])
				}
				outcomes[fmt.Sprint("look ", err == nil)]++
			}
			for n, stay := range stays {
				var possible []shelters.Act
				reading(t, d, func(ctx context.Context, q db.Reader) error {
					_, some, err := shelters.PossibleNow(ctx, q, who, stay)
					possible = some
					if fault.KindOf(err) == fault.NotFound {
						return nil
					}
					return err
				})
				_, err := tried(t, d, func(ctx context.Context, tx *db.Tx) (shelters.Whereabouts, error) {
					_, at, err := shelters.LookForStay(ctx, tx, who, stay)
					return at, err
				})
				carries := who.ID == amina.ID && who.Holds(access.PlaceInShelter) && who.Holds(access.ReadCases) && who.Holds(access.ReadPersons)
				if err == nil && (!carries || n == 0) {
					t.Errorf("%s with %v sees where stay %d is", who.ID, who.Roles, n)
				}
				outcomes[fmt.Sprint("place ", err == nil)]++
				for _, act := range []shelters.Act{shelters.Arrive, shelters.Extend, shelters.Leave, shelters.Gone, shelters.Undo, shelters.Cancel} {
					err := tryOut(t, d, func(ctx context.Context, tx *db.Tx) error { return doing(ctx, tx, who, act, stay) })
					if (err == nil) != in(act, possible) {
						t.Errorf("%s of stay %d by %s with %v: %v, possible is %v", act, n, who.ID, who.Roles, err, possible)
					}
					if err != nil && len(possible) == 0 && n > 0 && fault.KindOf(err) != fault.NotFound {
						t.Errorf("%s of what is hidden: %v", act, err)
					}
					outcomes[fmt.Sprint("act ", err == nil)]++
				}
			}
		}
		for _, what := range []string{"look true", "look false", "place true", "place false", "act true", "act false"} {
			if outcomes[what] < 5 {
				t.Errorf("outcomes are %v: the test shows too little", outcomes)
				break
			}
		}
	})
}

// tried does an act, undoes it, and returns what it answered.
func tried[T any](t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) (T, error)) (got T, answer error) {
	t.Helper()
	answer = tryOut(t, d, func(ctx context.Context, tx *db.Tx) (err error) { got, err = fn(ctx, tx); return err })
	return got, answer
}

func doing(ctx context.Context, tx *db.Tx, who access.Actor, act shelters.Act, stay shelters.StayID) error {
	at := shelters.Acting{Stay: stay}
	why := shelters.Reasoned{Acting: at, Why: "so it was said at the door", Day: dates.Of(tx.Now()).Add(12)}
	switch act {
	case shelters.Arrive:
		return shelters.Admit(ctx, tx, who, at)
	case shelters.Extend:
		return shelters.Prolong(ctx, tx, who, why)
	case shelters.Leave:
		return shelters.GoAway(ctx, tx, who, why)
	case shelters.Gone:
		return shelters.NoteGone(ctx, tx, who, why)
	case shelters.Undo:
		return shelters.TakeOut(ctx, tx, who, why)
	}
	return shelters.CallOff(ctx, tx, who, why)
}

// Nobody makes herself a keeper; who was one and is not any more knows nothing any more.
func TestKeepers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		in := house(t, d, jorina(), false, room("A", shelters.Women, 1))
		appoint := func(who access.Actor, user string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.Appoint(ctx, tx, who, in, user) })
		}
		look := func(who access.Actor) error {
			_, err := tried(t, d, func(ctx context.Context, tx *db.Tx) (shelters.Whereabouts, error) {
				return shelters.Look(ctx, tx, who, in)
			})
			return err
		}
		chandra := worldtest.Chandra()
		refused(t, look(chandra), "access.not_allowed")
		refused(t, appoint(chandra, chandra.ID), "shelter.appoint_self")
		refused(t, appoint(moyna(), moyna().ID), "shelter.not_found")
		refused(t, appoint(jorina(), nilufa().ID), "shelter.keeper_unknown")
		refused(t, appoint(jorina(), worldtest.Amina().ID), "shelter.keeper_unknown")
		refused(t, appoint(chandra, moyna().ID), "")
		refused(t, look(moyna()), "")
		dismiss := func(who access.Actor, user string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.Dismiss(ctx, tx, who, in, user) })
		}
		refused(t, dismiss(moyna(), jorina().ID), "")
		refused(t, look(jorina()), "shelter.not_found")
		refused(t, dismiss(moyna(), moyna().ID), "shelter.last_keeper")
	})
}

// everything is what all tables hold, as bytes.
func everything(t *testing.T, d *db.DB) []byte {
	t.Helper()
	var b bytes.Buffer
	tables := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if d.Engine() == "postgres" {
		tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`
	}
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		rows, err := q.Query(ctx, tables)
		names, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { err = r.Scan(&s); return s, err })
		if err != nil {
			return err
		}
		for _, table := range names {
			rows, err := q.Query(ctx, "SELECT * FROM "+table)
			if err != nil {
				return err
			}
			columns, _ := rows.Columns()
			for rows.Next() {
				cells, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range cells {
					into[i] = &cells[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				for _, c := range cells {
					if text, ok := c.([]byte); ok {
						b.Write(text)
						continue
					}
					fmt.Fprintf(&b, "%v ", c)
				}
				b.WriteByte('\n')
			}
			rows.Close()
		}
		return nil
	})
	return b.Bytes()
}

// Neither where a shelter is nor what was said about a stay lies in the open in any table, nor in any file of a store; and no row that names a stay or a
// person names a shelter, a bed or a hold.
func TestNothingTellsWhereSheIs(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina, jorina := worldtest.Amina(), jorina()
		in := house(t, d, jorina, false, room("A", shelters.Women, 2))
		all := beds(t, d, jorina, in)
		p, id := somebody(t, d, amina)
		stay := ask(t, d, amina, id)[0]
		at := shelters.Acting{Stay: stay}
		ref := ""
		for _, step := range []func(ctx context.Context, tx *db.Tx) error{
			func(ctx context.Context, tx *db.Tx) error {
				return shelters.PutIn(ctx, tx, jorina, shelters.Placing{Acting: at, Bed: all[0], Why: "Zqreason"})
			},
			func(ctx context.Context, tx *db.Tx) error {
				s, _, err := shelters.PossibleNow(ctx, tx, jorina, stay)
				ref = s.Ref
				return err
			},
			func(ctx context.Context, tx *db.Tx) error { return shelters.Admit(ctx, tx, jorina, at) },
			func(ctx context.Context, tx *db.Tx) error {
				return shelters.Rehouse(ctx, tx, jorina, shelters.Placing{Acting: at, Bed: all[1], Why: "Zqmoved"})
			},
			func(ctx context.Context, tx *db.Tx) error { _, err := shelters.Look(ctx, tx, jorina, in); return err },
			func(ctx context.Context, tx *db.Tx) error {
				_, _, err := shelters.LookForStay(ctx, tx, amina, stay)
				return err
			},
			func(ctx context.Context, tx *db.Tx) error {
				_, err := shelters.LookAtGuest(ctx, tx, jorina, in, ref)
				return err
			},
			func(ctx context.Context, tx *db.Tx) error { _, err := shelters.Roll(ctx, tx, jorina, in); return err },
			func(ctx context.Context, tx *db.Tx) error {
				return shelters.Prolong(ctx, tx, amina, shelters.Reasoned{Acting: at, Why: "Zqprolonged so", Day: dates.Of(tx.Now()).Add(12)})
			},
		} {
			clock.Move(time.Minute)
			write(t, d, step)
		}
		canaries := []string{"Zqlane", "Zqpara", secretTelephone, "Zqmill", "Zqneeds", "Zqcalled", "Zqreason", "Zqmoved", "Zqprolonged"}
		dump := everything(t, d)
		if len(dump) < 10_000 || !bytes.Contains(dump, []byte(stay)) || !bytes.Contains(dump, []byte(ref)) {
			t.Fatal("the dump holds too little")
		}
		for _, c := range canaries {
			if bytes.Contains(dump, []byte(c)) {
				t.Errorf("%s lies in the open", c)
			}
		}
		for line := range strings.SplitSeq(string(dump), "\n") {
			hers := strings.Contains(line, string(stay)) || strings.Contains(line, string(p)) || strings.Contains(line, string(id))
			for _, there := range []string{string(in), ref, all[0], all[1]} {
				if hers && strings.Contains(line, there) {
					t.Errorf("a row tells where she is: %.200s", line)
				}
			}
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			for _, who := range worldtest.Cast() {
				c, err := cases.Find(ctx, q, who, id)
				if err == nil && strings.Contains(fmt.Sprintf("%+v", c), string(in)) {
					t.Errorf("the case shows %s the shelter", who.Name)
				}
			}
			return nil
		})
	})
}

// The files of a store, as a backup takes them, hold nothing of the place.
func TestAFileHoldsNoPlace(t *testing.T) {
	path := dbtest.SQLite(t)
	d := dbtest.Open(t, path, nil)
	hire(t, d)
	house(t, d, jorina(), false, room("A", shelters.Women, 1))
	found, err := filepath.Glob(strings.TrimPrefix(path, "file:") + "*")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	held := false
	for _, name := range found {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		held = held || bytes.Contains(text, []byte("Shefali"))
		for _, c := range []string{"Zqlane", secretTelephone, "Zqmill", "Lights out"} {
			if bytes.Contains(text, []byte(c)) {
				t.Errorf("%s holds %s", filepath.Base(name), c)
			}
		}
	}
	if !held {
		t.Error("no file holds the shelter: nothing was looked at")
	}
}

// What was erased leads nowhere, and the bed is free; what the totals need stays.
func TestForget(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina := worldtest.Amina()
		house(t, d, jorina(), false, room("A", shelters.Women, 1))
		p, id := somebody(t, d, amina)
		stay := ask(t, d, amina, id)[0]
		take(t, d, amina, stay)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.Admit(ctx, tx, jorina(), shelters.Acting{Stay: stay})
		})
		clock.Move(3 * day)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			if _, err := persons.Erase(ctx, tx, worldtest.Esha(), p, "she asked for it"); err != nil {
				return err
			}
			return shelters.Forget(ctx, tx, p)
		})
		if free(t, d, amina) != 1 || told(t, d, jorina())["notice.shelter_changed"] != 1 {
			t.Error("the bed is not free, or its keeper was not told")
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			var stays, events, nights, ways int
			err := q.QueryRow(ctx, `SELECT (SELECT count(*) FROM shelter_stays), (SELECT count(*) FROM shelter_events), (SELECT count(*) FROM shelter_nights), (SELECT count(*) FROM shelter_holds WHERE sealed IS NOT NULL OR party <> '')`).
				Scan(&stays, &events, &nights, &ways)
			if stays != 0 || events != 0 || nights != 3 || ways != 0 {
				t.Errorf("%d stays, %d events, %d nights and %d ways back are left", stays, events, nights, ways)
			}
			return err
		})
		var upkeep shelters.Upkeep
		if err := upkeep.Work(t.Context(), d); err != nil {
			t.Error(err)
		}
	})
}
