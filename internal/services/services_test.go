// SPDX-License-Identifier: Apache-2.0

package services_test

import (
	"bytes"
	"context"
	"fmt"
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
	"fera/internal/services"
	"fera/internal/worldtest"
)

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

func try(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

func reading(t *testing.T, d *db.DB, fn func(ctx context.Context, q db.Reader) error) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) error { return fn(t.Context(), q) }); err != nil {
		t.Fatal(err)
	}
}

func key(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if key(err) != want {
		t.Errorf("answered %v, want %s", err, want)
	}
}

// world is a case that Amina has, of a woman who agreed to everything.
type world struct {
	d      *db.DB
	clock  *dbtest.Clock
	person persons.ID
	id     cases.ID
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d, lubna())
		w := world{d: d, clock: clock}
		w.person, w.id = w.client(t, worldtest.Amina())
		fn(t, w)
	})
}

// lubna supervises beside Chandra.
func lubna() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000012", Name: "Lubna", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.Supervisor, access.OfOrganisation(worldtest.Aparajita))
	return a
}

// client registers a woman and opens a case for her.
func (w world) client(t *testing.T, who access.Actor, family ...persons.Relation) (p persons.ID, id cases.ID) {
	t.Helper()
	r := worldtest.Rahima()
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	r.Relations = family
	write(t, w.d, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = persons.Register(ctx, tx, who, r)
		return err
	})
	write(t, w.d, func(ctx context.Context, tx *db.Tx) (err error) {
		if id, err = cases.Open(ctx, tx, who, cases.Opening{Person: p, Programme: "reintegration", Origin: "self"}); err != nil {
			return err
		}
		return cases.TakeUp(ctx, tx, who, id, 0)
	})
	return p, id
}

// log logs a service, a second after what was before.
func (w world) log(t *testing.T, who access.Actor, g services.Giving) (id services.ID, err error) {
	t.Helper()
	w.clock.Move(time.Second)
	if g.Case == "" {
		g.Case = w.id
	}
	err = try(t, w.d, func(ctx context.Context, tx *db.Tx) (err error) { id, err = services.Log(ctx, tx, who, g); return err })
	return id, err
}

func (w world) must(t *testing.T, who access.Actor, g services.Giving) services.ID {
	t.Helper()
	id, err := w.log(t, who, g)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w world) list(t *testing.T, who access.Actor) (all []services.Service) {
	t.Helper()
	reading(t, w.d, func(ctx context.Context, q db.Reader) (err error) {
		all, err = services.List(ctx, q, who, w.id, cases.Part{})
		return err
	})
	return all
}

func (w world) look(t *testing.T, who access.Actor) (all []services.Service, err error) {
	t.Helper()
	err = try(t, w.d, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = services.Look(ctx, tx, who, w.id, cases.Part{})
		return err
	})
	return all, err
}

// grant is a start-up grant with all that it asks.
func grant(amount int64) services.Giving {
	return services.Giving{Code: "business_grant", Amount: amount, Conditions: []string{"returned", "business_plan"}, Papers: []string{"nid"}, Remark: "a sewing machine"}
}

// The ordinary is one line; it is corrected by another, and taken back with a reason.
func TestAnOrdinaryService(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		first := w.must(t, amina, services.Giving{Operation: "op-1", Code: "life_skills", Quantity: 3, Remark: "Zqline"})
		if again := w.must(t, amina, services.Giving{Operation: "op-1", Code: "life_skills", Quantity: 3, Remark: "Zqline"}); again != first {
			t.Errorf("sent again it is %s, was %s", again, first)
		}
		second := w.must(t, amina, services.Giving{Code: "life_skills", Quantity: 2, Replaces: first})
		all := w.list(t, amina)
		if len(all) != 2 || all[0].ID != second || all[0].Quantity != 2 || all[1].State != services.Undone || all[1].Remark != "Zqline" {
			t.Errorf("after the correction there is %+v", all)
		}
		undo := func(who access.Actor, why string) error {
			return try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
				return services.Undo(ctx, tx, who, services.Undoing{Service: second, Why: why})
			})
		}
		refused(t, undo(amina, ""), "fault.needed")
		refused(t, undo(worldtest.Basil(), "not mine"), "service.not_found")
		if err := undo(amina, "it was another woman"); err != nil {
			t.Fatal(err)
		}
		refused(t, undo(amina, "again"), "service.undone_already")
		if s := w.list(t, amina)[0]; s.State != services.Undone || s.Why != "it was another woman" || s.EndedBy != "Amina" {
			t.Errorf("taken back it is %+v", s)
		}
	})
}

func TestLogRefuses(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, test := range []struct {
			name string
			g    services.Giving
			want string
		}{
			{"what there is not", services.Giving{Code: "magic"}, "service.unknown"},
			{"tomorrow", services.Giving{Code: "food", On: dates.Partial{Year: 2030, Month: 3, Day: 7}}, "service.day"},
			{"a month", services.Giving{Code: "food", On: dates.Partial{Year: 2030, Month: 2}}, "service.day"},
			{"less than nothing", services.Giving{Code: "food", Quantity: -1}, "fault.bad_number"},
			{"food for money", services.Giving{Code: "food", Amount: 100}, "service.amount"},
			{"a grant of nothing", grant(0), "service.amount"},
			{"a grant without papers", services.Giving{Code: "business_grant", Amount: 100, Conditions: []string{"returned", "business_plan"}}, "service.papers_missing"},
			{"a grant without a plan", services.Giving{Code: "business_grant", Amount: 100, Conditions: []string{"returned"}, Papers: []string{"nid"}}, "service.conditions_missing"},
			{"notes of food", services.Giving{Code: "food", Notes: "it was good"}, "service.no_notes"},
			{"a stranger's food", services.Giving{Code: "food", Client: "x"}, "plan.client_unknown"},
			{"an injury of nothing", services.Giving{Code: "occupational_injury"}, "fault.needed"},
			{"an injury without degree", services.Giving{Code: "occupational_injury", Details: map[string]string{"body_site": "hand", "cause": "a press", "severity": "bad"}}, "fault.bad_choice"},
			{"too much asked", services.Giving{Code: "food", Details: map[string]string{"taste": "good"}}, "service.field_unknown"},
			{"nobody's case", services.Giving{Code: "food", Case: "01900000-0000-7000-8000-000000000000"}, "case.not_found"},
		} {
			if _, err := w.log(t, worldtest.Amina(), test.g); key(err) != test.want {
				t.Errorf("%s: %v, want %s", test.name, err, test.want)
			}
		}
		for _, test := range []struct {
			who  access.Actor
			code string
			want string
		}{{worldtest.Basil(), "food", "case.not_found"}, {worldtest.Chandra(), "food", ""}, {worldtest.Chandra(), "counselling_basic", "person.protected_not_allowed"}, {worldtest.Farid(), "food", "case.not_found"}} {
			_, err := w.log(t, test.who, services.Giving{Code: test.code})
			refused(t, err, test.want)
		}
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			return persons.AnswerConsent(ctx, tx, worldtest.Amina(), w.person, persons.Consent{Purpose: persons.PurposeProtected})
		})
		_, err := w.log(t, worldtest.Amina(), services.Giving{Code: "counselling_basic"})
		refused(t, err, "person.protected_consent_needed")
	})
}

// What is of class 3 leaves no trace for who may not see it, lies sealed with its kind, and its notes are for who wrote them.
func TestProtectedServices(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		session := w.must(t, amina, services.Giving{Code: "counselling_individual", Remark: "Zqremark", Notes: "Zqnotes of the session"})
		w.must(t, amina, services.Giving{Code: "occupational_injury", Details: map[string]string{"body_site": "Zqhand", "cause": "a press", "severity": "lasting", "incapacity": "30"}})
		if all := w.list(t, amina); len(all) != 0 {
			t.Errorf("the list of class 2 has %+v", all)
		}
		all, err := w.look(t, amina)
		if err != nil || len(all) != 2 || all[1].Code != "counselling_individual" || !all[1].HasNotes || all[0].Details["body_site"] != "Zqhand" {
			t.Errorf("Amina looks at %+v, %v", all, err)
		}
		_, err = w.look(t, chandra)
		refused(t, err, "person.protected_not_allowed")
		notes := func(who access.Actor) (text string, err error) {
			err = try(t, w.d, func(ctx context.Context, tx *db.Tx) (err error) {
				text, err = services.Notes(ctx, tx, who, session)
				return err
			})
			return text, err
		}
		if text, err := notes(amina); err != nil || text != "Zqnotes of the session" {
			t.Errorf("Amina reads %q, %v", text, err)
		}
		_, err = notes(chandra)
		refused(t, err, "service.not_found")
		refused(t, try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			return services.Undo(ctx, tx, chandra, services.Undoing{Service: session, Why: "so"})
		}), "service.not_found")
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			return persons.Assign(ctx, tx, chandra, persons.Assignment{Person: w.person, User: lubna().ID, On: true})
		})
		if all, err := w.look(t, lubna()); err != nil || len(all) != 2 {
			t.Errorf("Lubna, who has her on the caseload too, looks at %+v, %v", all, err)
		}
		_, err = notes(lubna())
		refused(t, err, "service.notes_not_yours")
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.BreakGlass(ctx, tx, chandra, w.person, "the counsellor is ill and she is in danger")
			return err
		})
		if text, err := notes(chandra); err != nil || text == "" {
			t.Errorf("through the glass Chandra reads %q, %v", text, err)
		}
		for _, canary := range []string{"Zqremark", "Zqnotes", "Zqhand", "counselling_individual", "occupational_injury"} {
			if bytes.Contains(everything(t, w.d), []byte(canary)) {
				t.Errorf("%s lies in the open", canary)
			}
		}
	})
}

// everything is the content of the table of services, and of the trail.
func everything(t *testing.T, d *db.DB) []byte {
	t.Helper()
	var b bytes.Buffer
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		for _, table := range []string{"services", "service_clocks", "service_tellings", "audit_entries", "audit_values", "operations", "notices"} {
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
			}
			rows.Close()
		}
		return nil
	})
	if b.Len() < 1000 {
		t.Fatal("found nothing in the tables")
	}
	return b.Bytes()
}

func (w world) pay(t *testing.T, who access.Actor, id services.ID, receipt string) error {
	t.Helper()
	return try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
		return services.Pay(ctx, tx, who, services.Paying{Service: id, Receipt: receipt})
	})
}

// decide says yes or no to what was asked last of a case.
func (w world) decide(t *testing.T, who access.Actor, id cases.ID, yes bool) {
	t.Helper()
	write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
		all, err := cases.Approvals(ctx, tx, who, id)
		if err != nil {
			return err
		}
		_, err = cases.Say(ctx, tx, who, cases.Deciding{Approval: all[len(all)-1].ID, Yes: yes, Why: "as it was agreed"})
		return err
	})
}

// A grant is asked for, allowed by two above the limit, and paid against a receipt.
func TestAGrant(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		id := w.must(t, amina, grant(5_000_050)) // fifty thousand taka and fifty poisha
		refused(t, w.pay(t, amina, id, "R-1"), "service.not_allowed_yet")
		w.decide(t, chandra, w.id, true)
		refused(t, w.pay(t, amina, id, "R-1"), "service.not_allowed_yet")
		w.decide(t, lubna(), w.id, true)
		refused(t, w.pay(t, amina, id, ""), "service.receipt_needed")
		refused(t, w.pay(t, worldtest.Basil(), id, "R-1"), "service.not_found")
		if err := w.pay(t, amina, id, "R-1"); err != nil {
			t.Fatal(err)
		}
		refused(t, w.pay(t, amina, id, "R-1"), "service.not_asked")
		if s := w.list(t, amina)[0]; s.State != services.Paid || s.Amount != 5_000_050 || s.Receipt != "R-1" {
			t.Errorf("paid it is %+v", s)
		}
		undo := func(who access.Actor) error {
			return try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
				return services.Undo(ctx, tx, who, services.Undoing{Service: id, Why: "she gave it back"})
			})
		}
		refused(t, undo(amina), "access.not_allowed")
		if err := undo(chandra); err != nil {
			t.Error(err)
		}
	})
}

// What was given before, to her or in her household, is shown before money is asked for, and stops a payment that was overtaken.
func TestNothingIsPaidTwiceUnseen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		sister, hers := w.client(t, amina, persons.Relation{Relation: "sister", Other: w.person, LivesWith: true})
		neighbour, theirs := w.client(t, amina, persons.Relation{Relation: "sister", Other: w.person})
		_, _ = sister, neighbour
		shown := func(id cases.ID) (all []services.Payment) {
			reading(t, w.d, func(ctx context.Context, q db.Reader) (err error) {
				all, err = services.Same(ctx, q, amina, id, "business_grant")
				return err
			})
			return all
		}
		first := w.must(t, amina, grant(100))
		w.decide(t, chandra, w.id, true)
		second := grant(100)
		second.Case = hers
		_, err := w.log(t, amina, second)
		refused(t, err, "service.same_given")
		if all := shown(hers); len(all) != 1 || !all[0].Household || all[0].Amount != 100 || all[0].State != services.Asked {
			t.Errorf("for the sister there is %+v", all)
		}
		if all := shown(theirs); len(all) != 0 { // she does not live with her
			t.Errorf("for who lives elsewhere there is %+v", all)
		}
		second.Same = 1
		other := w.must(t, amina, second)
		w.decide(t, chandra, hers, true)
		if err := w.pay(t, amina, other, "R-2"); err != nil { // it was seen, and allowed
			t.Fatal(err)
		}
		refused(t, w.pay(t, amina, first, "R-1"), "service.same_given") // nobody had seen this one
		third := grant(100)
		third.Case, third.Same = hers, 2
		w.must(t, amina, third)
		w.decide(t, chandra, hers, false)
		if all := shown(w.id); len(all) != 2 {
			t.Errorf("what was refused counts: %+v", all)
		}
	})
}

// Whoever registered her again elsewhere: the grant through one record is shown through the other.
func TestTheSameOverHerRecords(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		w.clock.Move(time.Minute)
		again, other := w.client(t, amina)
		w.must(t, amina, grant(100))
		count := func() (n int) {
			reading(t, w.d, func(ctx context.Context, q db.Reader) error {
				all, err := services.Same(ctx, q, amina, other, "business_grant")
				n = len(slices.DeleteFunc(all, func(p services.Payment) bool { return p.Household }))
				return err
			})
			return n
		}
		if n := count(); n != 0 {
			t.Errorf("before it is known that she is one, %d are shown", n)
		}
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Merge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: w.person, Other: again, Reason: "the same card"})
			return err
		})
		if n := count(); n != 1 {
			t.Errorf("afterwards %d are shown, want 1", n)
		}
	})
}

// A kind is data, dated: what it asked on a day is asked of what was given on that day.
func TestKindsAreDated(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, farid := worldtest.Amina(), worldtest.Farid()
		set := func(who access.Actor, k services.Kind, from string) error {
			day, _ := dates.Parse(from)
			return try(t, w.d, func(ctx context.Context, tx *db.Tx) error { return services.SetKind(ctx, tx, who, k, day) })
		}
		var all []services.Kind
		reading(t, w.d, func(ctx context.Context, q db.Reader) (err error) {
			all, err = services.Kinds(ctx, q, dates.Of(q.Now()))
			return err
		})
		i := slices.IndexFunc(all, func(k services.Kind) bool { return k.Code == "food" })
		food := all[i]
		if len(all) < 20 || food.NameBn == "" {
			t.Fatalf("%d kinds", len(all))
		}
		for _, k := range all { // those that ship pass their own check
			if err := set(farid, k, "2030-03-06"); err != nil {
				t.Errorf("%s: %v", k.Code, err)
			}
		}
		refused(t, set(amina, food, "2030-03-06"), "access.not_allowed")
		refused(t, set(farid, food, "2030-03-04"), "programme.from")
		bad := food
		bad.Class, bad.Money = 3, true
		refused(t, set(farid, bad, "2030-03-06"), "service.class")
		bad = food
		bad.Papers = []services.Condition{{Key: "x"}}
		refused(t, set(farid, bad, "2030-03-06"), "service.condition")
		w.clock.Move(time.Minute)
		food.Papers = []services.Condition{{Key: "card", Bn: "কার্ড", En: "the card"}}
		if err := set(farid, food, "2030-03-06"); err != nil {
			t.Fatal(err)
		}
		w.must(t, amina, services.Giving{Code: "food"})
		w.clock.Move(24 * time.Hour)
		_, err := w.log(t, amina, services.Giving{Code: "food"})
		refused(t, err, "service.papers_missing")
		w.must(t, amina, services.Giving{Code: "food", On: dates.Partial{Year: 2030, Month: 3, Day: 5}})
		food.Ended = true
		if err := set(farid, food, "2030-03-07"); err != nil {
			t.Fatal(err)
		}
		w.clock.Move(24 * time.Hour)
		_, err = w.log(t, amina, services.Giving{Code: "food", Papers: []string{"card"}})
		refused(t, err, "service.ended")
	})
}

func TestForget(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		w.must(t, amina, services.Giving{Code: "counselling_basic", Notes: "x"})
		w.must(t, amina, services.Giving{Code: "food"})
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			if _, err := persons.Erase(ctx, tx, worldtest.Esha(), w.person, "she asked for it"); err != nil {
				return err
			}
			return services.Forget(ctx, tx, w.person)
		})
		var kept, named int
		reading(t, w.d, func(ctx context.Context, q db.Reader) error {
			return q.QueryRow(ctx, `SELECT (SELECT count(*) FROM services WHERE code = 'food'), (SELECT count(*) FROM services WHERE protected = TRUE OR user_name <> '')`).Scan(&kept, &named)
		})
		if kept != 1 || named != 0 {
			t.Errorf("kept %d, and %d that say too much", kept, named)
		}
	})
}
