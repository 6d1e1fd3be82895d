// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

var seed = flag.Int64("seed", 0, "seed of the random tests; 0 takes one from the clock")

func chance(t *testing.T, stream uint64) *rand.Rand {
	s := *seed
	if s == 0 {
		s = time.Now().UnixNano()
	}
	t.Logf("seed %d", s)
	return rand.New(rand.NewPCG(uint64(s), stream))
}

// somebody is a user of any role, at any office, organisation, area or nowhere.
func somebody(rng *rand.Rand) access.Actor {
	one := func(of ...string) string { return of[rng.IntN(len(of))] }
	a := access.Actor{ID: fmt.Sprintf("00000000-0000-7000-9000-0000000001%02d", rng.IntN(50)), Name: "Somebody", Office: one(worldtest.Sylhet, worldtest.Barishal, worldtest.Centre), Organisation: one(worldtest.Aparajita, worldtest.Bandhan)}
	if rng.IntN(4) == 0 {
		a.ID = worldtest.Amina().ID
	}
	for range rng.IntN(4) {
		a.Grant(access.Roles()[rng.IntN(len(access.Roles()))], one("all", "own", access.AtOffice(a.Office), access.OfOrganisation(a.Organisation), access.InArea("30"), access.InArea("40")))
	}
	return a
}

// acts are those of this package by the act that they are.
func acts(id cases.ID, who access.Actor, approval, task string, relation string) map[cases.Act]func(ctx context.Context, tx *db.Tx) error {
	duties := []string{"prepared", "last_review", "where_to_turn"}
	return map[cases.Act]func(ctx context.Context, tx *db.Tx) error{
		cases.Take: func(ctx context.Context, tx *db.Tx) error { return cases.TakeUp(ctx, tx, who, id, 0) },
		cases.AddMember: func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Include(ctx, tx, who, id, relation)
			return err
		},
		cases.AddTask: func(ctx context.Context, tx *db.Tx) error {
			if _, err := cases.Remember(ctx, tx, who, cases.Task{Case: id, What: "call her", DueOn: dates.Partial{Year: 2030, Month: 4, Day: 1}}); err != nil {
				return err
			}
			return cases.Tick(ctx, tx, who, task)
		},
		cases.WriteNote: func(ctx context.Context, tx *db.Tx) error {
			return cases.Write(ctx, tx, who, id, cases.Note{Text: "she came"})
		},
		cases.WriteProtected: func(ctx context.Context, tx *db.Tx) error {
			return cases.Write(ctx, tx, who, id, cases.Note{Text: "she told", Protected: true})
		},
		cases.Assess: func(ctx context.Context, tx *db.Tx) error {
			return cases.Rate(ctx, tx, who, cases.Rating{Case: id, Risk: cases.Low, Why: "all is well at home"})
		},
		cases.Start: func(ctx context.Context, tx *db.Tx) error { return cases.Begun(ctx, tx, who, id, 0) },
		cases.Decide: func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Say(ctx, tx, who, cases.Deciding{Approval: approval, Yes: true})
			return err
		},
		cases.Pause: func(ctx context.Context, tx *db.Tx) error {
			return cases.Stop(ctx, tx, who, cases.Stopping{Case: id, Why: "she is away"})
		},
		cases.Resume: func(ctx context.Context, tx *db.Tx) error { return cases.GoOn(ctx, tx, who, id, 0) },
		cases.Close: func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Shut(ctx, tx, who, cases.Closing{Case: id, Code: "goals_reached", Duties: duties, Why: "all is well"})
			return err
		},
		cases.BeginAfterCare: func(ctx context.Context, tx *db.Tx) error { return cases.LookAfter(ctx, tx, who, id, 0) },
		cases.EndAfterCare:   func(ctx context.Context, tx *db.Tx) error { return cases.LeaveAlone(ctx, tx, who, id, 0) },
		cases.Reopen: func(ctx context.Context, tx *db.Tx) error {
			return cases.TakeUpAgain(ctx, tx, who, cases.Reopening{Case: id, Why: "she came back"})
		},
	}
}

// What Possible says is what happens, whoever tries whatever in whatever status; and who sees a case by a link sees it in lists.
func TestRights(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		rng := chance(t, 1)
		type subject struct {
			id             cases.ID
			approval, task string
			relation       string
		}
		var all []subject
		amina := worldtest.Amina()
		for i, s := range cases.Statuses() {
			clock.Move(time.Second)
			p := rahima(t, d, amina)
			c := subject{id: open(t, d, amina, p)}
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				her, err := persons.Find(ctx, q, amina, p)
				c.relation = her.Relations[0].ID
				return err
			})
			c.approval = ask(t, d, amina, c.id, 1000).ID
			write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				c.task, err = cases.Remember(ctx, tx, amina, cases.Task{Case: c.id, What: "call her", DueOn: dates.Partial{Year: 2030, Month: 4, Day: 1}})
				return err
			})
			forward(t, d, c.id, s)
			if i == 2 {
				write(t, d, func(ctx context.Context, tx *db.Tx) error {
					return cases.Stop(ctx, tx, amina, cases.Stopping{Case: c.id, Why: "she is away"})
				})
			}
			all = append(all, c)
		}
		outcomes := map[string]int{}
		for range 60 {
			who := somebody(rng)
			var listed []cases.ID
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				page, err := cases.List(ctx, q, who, cases.Filter{Limit: 200})
				for _, c := range page.Cases {
					listed = append(listed, c.ID)
				}
				return err
			})
			for _, s := range all {
				var might []cases.Act
				seen, live := false, false
				reading(t, d, func(ctx context.Context, q db.Reader) error {
					c, err := cases.Find(ctx, q, who, s.id)
					if fault.KindOf(err) == fault.NotFound && err != nil {
						return nil
					}
					seen, live = err == nil, c.Live()
					if err == nil {
						might, err = cases.PossibleNow(ctx, q, who, c)
					}
					return err
				})
				if slices.Contains(listed, s.id) != (seen && live) {
					t.Errorf("%+v finds the case: %t, and in the list: %t", who.Grants, seen, slices.Contains(listed, s.id))
				}
				for act, do := range acts(s.id, who, s.approval, s.task, s.relation) {
					err := tryOut(t, d, do)
					want := slices.Contains(might, act)
					if act == cases.AddTask && want && key(err) == "case.task_not_found" {
						err = nil // what was left to do ended with the case
					}
					if (err == nil) != want {
						t.Errorf("%s by %s with %+v: %v, want done %t", act, who.ID, who.Grants, err, want)
					}
					if err != nil && !seen && fault.KindOf(err) != fault.NotFound {
						t.Errorf("%s of what is hidden: %v", act, err)
					}
					outcomes[fmt.Sprint(err == nil)]++
				}
			}
		}
		if outcomes["true"] < 50 || outcomes["false"] < 50 {
			t.Errorf("outcomes %v: the test shows nothing", outcomes)
		}
	})
}

// Nobody puts a person on her own caseload by way of a case, and who hands one on sees what is protected no longer.
func TestHandOver(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina, chandra, jamil := worldtest.Amina(), worldtest.Chandra(), jamil()
		p := rahima(t, d, amina)
		id := open(t, d, amina, p)
		over := func(who, to access.Actor, h cases.HandingOver) error {
			if h.Cases == nil {
				h.Cases = []cases.ID{id}
			}
			h.To = to.ID
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.HandOver(ctx, tx, who, h) })
		}
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.TakeUp(ctx, tx, jamil, id, 0) }), "case.take_caseload")
		refused(t, over(chandra, chandra, cases.HandingOver{}), "person.assign_self")
		refused(t, over(amina, jamil, cases.HandingOver{}), "case.worker_unknown") // she sees no users
		refused(t, over(chandra, worldtest.Basil(), cases.HandingOver{}), "case.worker_unknown")
		refused(t, over(chandra, kajol(), cases.HandingOver{}), "case.worker_elsewhere")
		refused(t, over(chandra, jamil, cases.HandingOver{Office: worldtest.Barishal}), "case.other_organisation")
		refused(t, over(chandra, jamil, cases.HandingOver{Version: 7}), "case.changed_meanwhile")
		forward(t, d, id, cases.Assigned)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Remember(ctx, tx, amina, cases.Task{Case: id, What: "ask the bank", DueOn: dates.Partial{Year: 2030, Month: 4, Day: 1}})
			return err
		})
		if err := over(chandra, jamil, cases.HandingOver{Why: "Amina is on leave"}); err != nil {
			t.Fatal(err)
		}
		refused(t, over(chandra, jamil, cases.HandingOver{}), "case.has_it_already")
		for _, test := range []struct {
			who  access.Actor
			want bool
		}{{amina, false}, {jamil, true}} {
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				ok, _, err := access.SeesProtected(ctx, q, test.who, string(p))
				if ok != test.want {
					t.Errorf("%s sees what is protected = %t, want %t", test.who.Name, ok, test.want)
				}
				tasks, err2 := cases.Tasks(ctx, q, test.who, 10)
				if err2 != nil || (len(tasks) == 1) != test.want || test.want && tasks[0].What != "ask the bank" {
					t.Errorf("%s has to do %+v, %v", test.who.Name, tasks, err2)
				}
				return err
			})
		}
		if c := found(t, d, chandra, id); c.Worker != jamil.ID || c.WorkerName != "Jamil" || c.Status != cases.Assigned {
			t.Errorf("handed over it is %+v", c)
		}
	})
}

// Two hundred cases change hands in one act, or none does.
func TestACaseloadIsHandedOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina, chandra, jamil := worldtest.Amina(), worldtest.Chandra(), jamil()
		h := cases.HandingOver{To: jamil.ID, Why: "Amina moves to another office"}
		for range 200 {
			id := open(t, d, amina, rahima(t, d, amina))
			write(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.TakeUp(ctx, tx, amina, id, 0) })
			h.Cases = append(h.Cases, id)
		}
		with := func(last cases.ID) error {
			h := h
			h.Cases = append(slices.Clone(h.Cases[:199]), last)
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.HandOver(ctx, tx, chandra, h) })
		}
		refused(t, with("01900000-0000-7000-8000-000000000000"), "case.not_found")
		if c := found(t, d, chandra, h.Cases[0]); c.Worker != amina.ID {
			t.Error("some were handed over")
		}
		started := time.Now()
		if err := with(h.Cases[199]); err != nil {
			t.Fatal(err)
		}
		t.Logf("200 cases in %v", time.Since(started))
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			board, err := cases.Board(ctx, q, chandra, worldtest.Sylhet, q.Now().Add(-time.Hour))
			if len(board) != 1 || board[0].Worker != jamil.ID || board[0].Cases != 200 {
				t.Errorf("the board is %+v", board)
			}
			return err
		})
		h.Cases = append(h.Cases, "one more")
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.HandOver(ctx, tx, chandra, h) }), "fault.too_many")
	})
}

// Nothing that people typed lies readable in the store, and what is protected leaves no trace for who may not see it.
func TestNotesAreSealed(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina, chandra, basil := worldtest.Amina(), worldtest.Chandra(), worldtest.Basil()
		p := rahima(t, d, amina)
		id := open(t, d, amina, p)
		forward(t, d, id, cases.Assigned)
		clock.Move(time.Minute)
		before := found(t, d, chandra, id)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return cases.Write(ctx, tx, amina, id, cases.Note{Text: "Zqsecret", Protected: true})
		})
		if after := found(t, d, chandra, id); after != before {
			t.Errorf("a protected note changed what Chandra sees from %+v to %+v", before, after)
		}
		steps := []step{
			{"note", func(ctx context.Context, tx *db.Tx) error {
				return cases.Write(ctx, tx, amina, id, cases.Note{Text: "Zqnote"})
			}},
			{"rating", func(ctx context.Context, tx *db.Tx) error {
				return cases.Rate(ctx, tx, amina, cases.Rating{Case: id, Risk: cases.High, Why: "Zqrating of ten letters"})
			}},
			{"task", func(ctx context.Context, tx *db.Tx) error {
				_, err := cases.Remember(ctx, tx, amina, cases.Task{Case: id, What: "Zqtask", DueOn: dates.Partial{Year: 2030, Month: 4, Day: 1}})
				return err
			}},
			{"stop", func(ctx context.Context, tx *db.Tx) error {
				return cases.Stop(ctx, tx, amina, cases.Stopping{Case: id, Why: "Zqstop"})
			}},
			{"closing", func(ctx context.Context, tx *db.Tx) error {
				_, err := cases.Shut(ctx, tx, amina, cases.Closing{Case: id, Code: "harm", Duties: []string{"explored_why", "safety_planned", "told_supervisor"}, Why: "Zqclosing"})
				return err
			}},
		}
		for _, s := range steps {
			clock.Move(time.Second)
			write(t, d, s.do)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			notes, err := cases.Notes(ctx, q, chandra, id, cases.Part{})
			if len(notes) != 1 || notes[0].Text != "Zqnote" {
				t.Errorf("Chandra reads %+v", notes)
			}
			return err
		})
		for _, test := range []struct {
			who  access.Actor
			want string
		}{{chandra, "person.protected_not_allowed"}, {basil, "case.not_found"}, {worldtest.Esha(), "case.not_found"}, {worldtest.Farid(), "case.not_found"}} {
			refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := cases.LookAtNotes(ctx, tx, test.who, id, cases.Part{})
				return err
			}), test.want)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			notes, err := cases.LookAtNotes(ctx, tx, amina, id, cases.Part{})
			if len(notes) != 2 || notes[1].Text != "Zqsecret" || notes[0].Rating != cases.High {
				t.Errorf("Amina reads %+v", notes)
			}
			return err
		})
		for _, canary := range []string{"Zqsecret", "Zqnote", "Zqrating", "Zqtask", "Zqstop", "Zqclosing", "wants to begin anew"} {
			if bytes.Contains(everything(t, d), []byte(canary)) {
				t.Errorf("%s lies in the open", canary)
			}
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			lines, err := persons.History(ctx, q, chandra, p, part())
			for _, l := range lines {
				if l.Act == access.ChangeProtected || l.Act == access.ReadProtected {
					t.Errorf("the history shows Chandra %+v", l)
				}
			}
			return err
		})
	})
}

// A note is corrected by who wrote it, and the first one stays.
func TestANoteIsCorrected(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d, amina)
		id := open(t, d, amina, p)
		note := func(who access.Actor, n cases.Note) error {
			clock.Move(time.Second)
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.Write(ctx, tx, who, id, n) })
		}
		if err := note(amina, cases.Note{Text: "she has two sons"}); err != nil {
			t.Fatal(err)
		}
		var first string
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			all, err := cases.Notes(ctx, q, amina, id, cases.Part{})
			first = all[0].ID
			return err
		})
		refused(t, note(jamil(), cases.Note{Text: "no", Replaces: first}), "case.note_not_found")
		refused(t, note(amina, cases.Note{Text: "no", Replaces: first, Protected: true}), "case.note_not_found")
		refused(t, note(amina, cases.Note{}), "fault.needed")
		if err := note(amina, cases.Note{Text: "she has two daughters", Replaces: first}); err != nil {
			t.Fatal(err)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			all, err := cases.Notes(ctx, q, amina, id, cases.Part{})
			if len(all) != 2 || all[0].Text != "she has two daughters" || !all[1].Replaced || all[0].Replaced {
				t.Errorf("notes are %+v", all)
			}
			return err
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.AnswerConsent(ctx, tx, amina, p, persons.Consent{Purpose: persons.PurposeProtected})
		})
		refused(t, note(amina, cases.Note{Text: "she told", Protected: true}), "person.protected_consent_needed")
	})
}

// The mother is a client too, as the register names her, once.
func TestMembers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		p := rahima(t, d, amina)
		id := open(t, d, amina, p)
		var her persons.Person
		reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
			her, err = persons.Find(ctx, q, amina, p)
			return err
		})
		include := func(relation string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := cases.Include(ctx, tx, amina, id, relation)
				return err
			})
		}
		if err := include(her.Relations[0].ID); err != nil {
			t.Fatal(err)
		}
		refused(t, include(her.Relations[0].ID), "case.member_already")
		refused(t, include("another"), "case.relation_unknown")
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			all, err := cases.Members(ctx, q, amina, id)
			if len(all) != 1 || all[0].Relation.Name != "Ayesha Khatun" {
				t.Errorf("members are %+v", all)
			}
			return err
		})
	})
}

// Erasing a person leaves of her case what the totals need, for nobody to see.
func TestForget(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina := worldtest.Amina()
		p := rahima(t, d, amina)
		id := open(t, d, amina, p)
		ask(t, d, amina, id, 1000)
		forward(t, d, id, cases.Active)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			if _, err := persons.Erase(ctx, tx, worldtest.Esha(), p, "she asked for it"); err != nil {
				return err
			}
			return cases.Forget(ctx, tx, p)
		})
		for _, who := range worldtest.Cast() {
			if sees(t, d, who, id) {
				t.Errorf("%s still sees the case", who.Name)
			}
		}
		var rows, kept int
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			return q.QueryRow(ctx, `SELECT (SELECT count(*) FROM case_events) + (SELECT count(*) FROM case_notes) + (SELECT count(*) FROM case_approvals) + (SELECT count(*) FROM case_tasks),
				(SELECT count(*) FROM cases WHERE risk = 'medium' AND worker_name = '' AND ended_at IS NOT NULL AND alarm_at IS NULL)`).Scan(&rows, &kept)
		})
		if rows != 0 || kept != 1 {
			t.Errorf("%d rows are left, and %d cases kept", rows, kept)
		}
	})
}
