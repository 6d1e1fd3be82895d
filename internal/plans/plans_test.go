// SPDX-License-Identifier: Apache-2.0

package plans_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/programmes"
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

// world is a case that was assessed, of a woman who agreed to everything, and what she signed.
type world struct {
	d      *db.DB
	clock  *dbtest.Clock
	person persons.ID
	id     cases.ID
	signed files.ID
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		w := world{d: d, clock: clock}
		worldtest.Hire(t, d)
		r := worldtest.Rahima()
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
		r.Relations = []persons.Relation{{Relation: "mother", Name: "Ayesha Khatun"}}
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			w.person, err = persons.Register(ctx, tx, amina, r)
			return err
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			if w.id, err = cases.Open(ctx, tx, amina, cases.Opening{Person: w.person, Programme: "reintegration", Origin: "self"}); err != nil {
				return err
			}
			if err := cases.TakeUp(ctx, tx, amina, w.id, 0); err != nil {
				return err
			}
			return cases.Rate(ctx, tx, amina, cases.Rating{Case: w.id, Risk: cases.Low, Why: "all is well at home"})
		})
		picture := image.NewGray(image.Rect(0, 0, 40, 20))
		picture.Set(3, 3, color.White)
		var b bytes.Buffer
		if err := png.Encode(&b, picture); err != nil {
			t.Fatal(err)
		}
		content, err := files.Read(files.Document, b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			w.signed, err = persons.AddFile(ctx, tx, amina, files.Upload{Person: string(w.person), Kind: files.Document, Title: "signed plan", Content: content})
			return err
		})
		fn(t, w)
	})
}

func day(y, m, d int) dates.Partial { return dates.Partial{Year: y, Month: m, Day: d} }

// shop and calm are two goals; the second one is class 3.
func shop() plans.Goal {
	return plans.Goal{Dimension: plans.Economic, Level: plans.Individual, Words: "Zqshop of my own", Steps: []plans.Step{
		{What: "learn to keep books", Who: "returnee", By: day(2030, 4, 1)}, {What: "ask for a grant", Who: "worker", User: worldtest.Amina().ID, By: day(2030, 5, 1), Service: "grant"}}}
}

func calm() plans.Goal {
	return plans.Goal{Dimension: plans.Psychosocial, Level: plans.Individual, Words: "Zqsleep through the night", Steps: []plans.Step{{What: "Zqtalk with the counsellor", Who: "provider", By: day(2030, 4, 1)}}}
}

func (w world) draw(t *testing.T, who access.Actor, version int, goals ...plans.Goal) error {
	t.Helper()
	return try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
		_, err := plans.Draw(ctx, tx, who, plans.Drawing{Case: w.id, Version: version, Goals: goals})
		return err
	})
}

func (w world) agree(t *testing.T, version int) error {
	t.Helper()
	return try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
		return plans.Agree(ctx, tx, worldtest.Amina(), plans.Agreement{Case: w.id, Version: version, How: "paper", File: w.signed})
	})
}

func (w world) find(t *testing.T, who access.Actor, number int) (p plans.Plan) {
	t.Helper()
	reading(t, w.d, func(ctx context.Context, q db.Reader) (err error) {
		p, err = plans.Find(ctx, q, who, w.id, number)
		return err
	})
	return p
}

func (w world) look(t *testing.T, who access.Actor, number int) (p plans.Plan, err error) {
	t.Helper()
	err = try(t, w.d, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = plans.Look(ctx, tx, who, w.id, number)
		return err
	})
	return p, err
}

func (w world) found(t *testing.T) (c cases.Case) {
	t.Helper()
	reading(t, w.d, func(ctx context.Context, q db.Reader) (err error) {
		c, err = cases.Find(ctx, q, worldtest.Amina(), w.id)
		return err
	})
	return c
}

// A plan is drawn, agreed, amended and reviewed; what was agreed before stays as it was.
func TestALife(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		if err := w.draw(t, amina, 0, shop(), calm()); err != nil {
			t.Fatal(err)
		}
		refused(t, w.draw(t, amina, 0, shop()), "plan.changed_meanwhile")
		refused(t, w.agree(t, 7), "plan.changed_meanwhile")
		if err := w.agree(t, 1); err != nil {
			t.Fatal(err)
		}
		if c := w.found(t); c.Status != cases.Planned || c.DueFor != "start" {
			t.Errorf("agreed, the case is %+v", c)
		}
		refused(t, w.agree(t, 2), "plan.no_draft")
		p, err := w.look(t, amina, 0)
		if err != nil || p.Agreed != 1 || p.Draft != 0 || len(p.Goals) != 2 || p.How != "paper" || p.AgreedBy != "Amina" || p.Grid()[plans.Economic][plans.Individual] != 1 {
			t.Fatalf("agreed it is %+v, %v", p, err)
		}
		end := func(e plans.Ending) error {
			e.Case = w.id
			return try(t, w.d, func(ctx context.Context, tx *db.Tx) error { return plans.End(ctx, tx, amina, e) })
		}
		books, grant := p.Goals[0].Steps[0].ID, p.Goals[0].Steps[1].ID
		if err := end(plans.Ending{Step: books, Why: "Zqcourse passed"}); err != nil {
			t.Fatal(err)
		}
		refused(t, end(plans.Ending{Step: books}), "plan.step_ended")
		refused(t, end(plans.Ending{Step: "nothing"}), "plan.step_not_found")
		refused(t, end(plans.Ending{Step: grant, Dropped: true}), "fault.needed")
		w.clock.Move(time.Minute)
		amended := p.Goals[0]
		amended.Words, amended.Steps = "a larger shop", amended.Steps[:1]
		if err := w.draw(t, amina, 2, amended); err != nil {
			t.Fatal(err)
		}
		if p := w.find(t, amina, 0); p.Draft != 2 || p.Agreed != 1 || p.Goals[0].Words != "a larger shop" {
			t.Errorf("the draft is %+v", p)
		}
		if err := w.agree(t, 3); err != nil {
			t.Fatal(err)
		}
		now, before := w.find(t, amina, 0), w.find(t, amina, 1)
		if now.Number != 2 || now.Goals[0].Steps[0].State.Outcome != "done" || now.Goals[0].Steps[0].State.Why != "Zqcourse passed" || len(now.Goals) != 1 {
			t.Errorf("now it is %+v", now)
		}
		if before.Goals[0].Words != "Zqshop of my own" || len(before.Goals[0].Steps) != 2 || before.Goals[0].Steps[1].State.Outcome != "dropped" {
			t.Errorf("before it was %+v", before)
		}
		old, err := w.look(t, amina, 1)
		if err != nil || len(old.Goals) != 2 || !old.Goals[1].Protected {
			t.Errorf("with what was protected it was %+v, %v", old, err)
		}
	})
}

// The reviews come when the programme says, and each one held or put off moves what is due.
func TestReviews(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina() // it is Tuesday, 5 March 2030
		if err := w.draw(t, amina, 0, shop()); err != nil {
			t.Fatal(err)
		}
		if err := w.agree(t, 1); err != nil {
			t.Fatal(err)
		}
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error { return cases.Begun(ctx, tx, amina, w.id, 0) })
		all := func() (all []plans.Review) {
			reading(t, w.d, func(ctx context.Context, q db.Reader) (err error) {
				all, err = plans.Reviews(ctx, q, amina, w.id)
				return err
			})
			return all
		}
		var due []string
		for _, r := range all() {
			due = append(due, r.DueOn.String())
		}
		if want := []string{"2030-04-07", "2030-06-05", "2030-09-05", "2031-03-05"}; !slices.Equal(due, want) { // the first 5th is a Friday
			t.Errorf("reviews are due on %v, want %v", due, want)
		}
		if c := w.found(t); c.DueFor != "review" || c.DueOn != "2030-04-07" {
			t.Errorf("%s is due on %s", c.DueFor, c.DueOn)
		}
		hold := func(r plans.Reviewing) error {
			r.Case = w.id
			return try(t, w.d, func(ctx context.Context, tx *db.Tx) error { return plans.Hold(ctx, tx, amina, r) })
		}
		first := all()[0].ID
		refused(t, hold(plans.Reviewing{Review: first}), "fault.needed")
		refused(t, hold(plans.Reviewing{Review: first, Found: "she is away", Until: day(2030, 3, 4)}), "plan.review_later")
		refused(t, hold(plans.Reviewing{Review: "nothing", Found: "x"}), "plan.review_not_found")
		if err := hold(plans.Reviewing{Review: first, Found: "she is away", Until: day(2030, 4, 20)}); err != nil {
			t.Fatal(err)
		}
		if c := w.found(t); c.DueOn != "2030-04-20" {
			t.Errorf("put off, it is due on %s", c.DueOn)
		}
		if err := hold(plans.Reviewing{Review: first, Found: "Zqreview: the shop is open"}); err != nil {
			t.Fatal(err)
		}
		refused(t, hold(plans.Reviewing{Review: first, Found: "again"}), "plan.review_held")
		if c, r := w.found(t), all()[0]; c.DueOn != "2030-06-05" || r.Found != "Zqreview: the shop is open" || r.By != "Amina" {
			t.Errorf("held, the next is due on %s: %+v", c.DueOn, r)
		}
	})
}

// Goals of class 3 leave no trace for who may not see them, and who may not write them cannot lose them.
func TestProtectedGoals(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, chandra, basil := worldtest.Amina(), worldtest.Chandra(), worldtest.Basil()
		if err := w.draw(t, amina, 0, shop(), calm()); err != nil {
			t.Fatal(err)
		}
		seen := w.find(t, chandra, 0)
		if len(seen.Goals) != 1 || seen.Goals[0].Dimension != plans.Economic {
			t.Errorf("Chandra sees %+v", seen.Goals)
		}
		_, err := w.look(t, chandra, 0)
		refused(t, err, "person.protected_not_allowed")
		_, err = w.look(t, basil, 0)
		refused(t, err, "case.not_found")
		refused(t, w.draw(t, chandra, 1, shop(), calm()), "person.protected_not_allowed")
		refused(t, w.draw(t, basil, 1, shop()), "case.not_found")
		if err := w.draw(t, chandra, 1, shop()); err != nil { // she knows nothing of the other
			t.Fatal(err)
		}
		whole, err := w.look(t, amina, 0)
		if err != nil || len(whole.Goals) != 2 || whole.Goals[1].Words != "Zqsleep through the night" {
			t.Errorf("after Chandra wrote it is %+v, %v", whole.Goals, err)
		}
		if err := w.agree(t, 2); err != nil {
			t.Fatal(err)
		}
		secret := whole.Goals[1].Steps[0].ID
		for _, test := range []struct {
			who  access.Actor
			want string
		}{{chandra, "plan.step_not_found"}, {basil, "case.not_found"}, {amina, ""}} {
			refused(t, try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
				return plans.End(ctx, tx, test.who, plans.Ending{Case: w.id, Step: secret, Why: "Zqended"})
			}), test.want)
		}
		for _, canary := range []string{"Zqshop", "Zqsleep", "Zqtalk", "Zqended"} {
			if bytes.Contains(everything(t, w.d), []byte(canary)) {
				t.Errorf("%s lies in the open", canary)
			}
		}
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			return persons.AnswerConsent(ctx, tx, amina, w.person, persons.Consent{Purpose: persons.PurposeProtected})
		})
		refused(t, w.draw(t, amina, 3, shop(), calm()), "person.protected_consent_needed")
	})
}

// everything is the content of the tables of plans, and of the trail.
func everything(t *testing.T, d *db.DB) []byte {
	t.Helper()
	var b bytes.Buffer
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		for _, table := range []string{"plans", "plan_versions", "plan_goals", "plan_steps", "plan_reviews", "audit_entries", "audit_values"} {
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

// Eight draw the first plan at the same moment: one draws it, the others are told that it changed.
func TestDrawOnlyOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				errs[i] = w.d.Write(t.Context(), func(tx *db.Tx) error {
					_, err := plans.Draw(t.Context(), tx, worldtest.Amina(), plans.Drawing{Case: w.id, Goals: []plans.Goal{shop()}})
					return err
				})
			})
		}
		wg.Wait()
		drawn := 0
		for _, err := range errs {
			if err == nil {
				drawn++
				continue
			}
			refused(t, err, "plan.changed_meanwhile")
		}
		if drawn != 1 {
			t.Errorf("drawn %d times, want once", drawn)
		}
	})
}

// Every fault of a plan is shown at its place.
func TestDrawRefuses(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for field, change := range map[string]func(g *plans.Goal){
			"goals.0.dimension":       func(g *plans.Goal) { g.Dimension = "spiritual" },
			"goals.0.level":           func(g *plans.Goal) { g.Level = "world" },
			"goals.0.words":           func(g *plans.Goal) { g.Words = " " },
			"goals.0.steps":           func(g *plans.Goal) { g.Steps = nil },
			"goals.0.client":          func(g *plans.Goal) { g.Client = "a stranger" },
			"goals.0.id":              func(g *plans.Goal) { g.ID = "x" },
			"goals.0.steps.0.who":     func(g *plans.Goal) { g.Steps[0].Who = "nobody" },
			"goals.0.steps.0.by":      func(g *plans.Goal) { g.Steps[0].By = dates.Partial{Year: 2030} },
			"goals.0.steps.0.what":    func(g *plans.Goal) { g.Steps[0].What = "" },
			"goals.0.steps.0.user":    func(g *plans.Goal) { g.Steps[0].User = worldtest.Amina().ID },
			"goals.0.steps.1.service": func(g *plans.Goal) { g.Steps[1].Service = "a\x00b" },
		} {
			g := shop()
			change(&g)
			if f := fault.Of(w.draw(t, worldtest.Amina(), 0, g)); f == nil || f.Field != field {
				t.Errorf("%s: %v", field, f)
			}
		}
		refused(t, w.draw(t, worldtest.Amina(), 0), "plan.goals_needed")
		refused(t, try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			if _, err := plans.Draw(ctx, tx, worldtest.Amina(), plans.Drawing{Case: w.id, Goals: []plans.Goal{shop()}}); err != nil {
				return err
			}
			return plans.Agree(ctx, tx, worldtest.Amina(), plans.Agreement{Case: w.id, Version: 1, How: "screen", File: "nothing"})
		}), "plan.signature_needed")
	})
}

// The mother's goal is the mother's, once she is a client.
func TestAGoalOfTheFamily(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		var member string
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			her, err := persons.Find(ctx, tx, amina, w.person)
			if err != nil {
				return err
			}
			member, err = cases.Include(ctx, tx, amina, w.id, her.Relations[0].ID)
			return err
		})
		g := shop()
		g.Level, g.Client = plans.Family, member
		if err := w.draw(t, amina, 0, g); err != nil {
			t.Fatal(err)
		}
		if p := w.find(t, amina, 0); p.Goals[0].Client != member {
			t.Errorf("the goal is %+v", p.Goals[0])
		}
	})
}

// Where a programme wants it, another allows a plan before it is agreed; a change after that has to be allowed anew.
func TestAPlanThatIsAllowed(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			p, err := programmes.Find(ctx, tx, "reintegration")
			if err != nil {
				return err
			}
			p.ApprovePlan = true
			return programmes.Set(ctx, tx, worldtest.Farid(), p, dates.Of(tx.Now()))
		})
		if err := w.draw(t, amina, 0, shop()); err != nil {
			t.Fatal(err)
		}
		refused(t, w.agree(t, 1), "plan.not_allowed_yet")
		propose := func(version int) (a cases.Approval, err error) {
			err = try(t, w.d, func(ctx context.Context, tx *db.Tx) (err error) {
				a, err = plans.Propose(ctx, tx, amina, w.id, version)
				return err
			})
			return a, err
		}
		a, err := propose(1)
		if err != nil {
			t.Fatal(err)
		}
		_, err = propose(1)
		refused(t, err, "plan.proposed_already")
		refused(t, w.agree(t, 1), "plan.not_allowed_yet")
		say := func(a cases.Approval) {
			t.Helper()
			write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
				_, err := cases.Say(ctx, tx, chandra, cases.Deciding{Approval: a.ID, Yes: true})
				return err
			})
		}
		say(a)
		if err := w.draw(t, amina, 1, shop()); err != nil {
			t.Fatal(err)
		}
		refused(t, w.agree(t, 2), "plan.not_allowed_yet")
		w.clock.Move(time.Second)
		if a, err = propose(2); err != nil {
			t.Fatal(err)
		}
		say(a)
		if err := w.agree(t, 2); err != nil {
			t.Error(err)
		}
	})
}

func TestForget(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		if err := w.draw(t, amina, 0, shop(), calm()); err != nil {
			t.Fatal(err)
		}
		if err := w.agree(t, 1); err != nil {
			t.Fatal(err)
		}
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			if _, err := persons.Erase(ctx, tx, worldtest.Esha(), w.person, "she asked for it"); err != nil {
				return err
			}
			if err := plans.Forget(ctx, tx, w.person); err != nil {
				return err
			}
			return cases.Forget(ctx, tx, w.person)
		})
		var rows, kept int
		reading(t, w.d, func(ctx context.Context, q db.Reader) error {
			return q.QueryRow(ctx, `SELECT (SELECT count(*) FROM plan_steps) + (SELECT count(*) FROM plan_versions WHERE protected IS NOT NULL OR agreed_by <> ''), (SELECT count(*) FROM plan_reviews)`).Scan(&rows, &kept)
		})
		if rows != 0 || kept != 4 {
			t.Errorf("%d rows are left, %d reviews kept", rows, kept)
		}
		reading(t, w.d, func(ctx context.Context, q db.Reader) error {
			_, err := plans.Find(ctx, q, amina, w.id, 0)
			refused(t, err, "case.not_found")
			return nil
		})
	})
}
