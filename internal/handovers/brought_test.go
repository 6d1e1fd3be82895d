// SPDX-License-Identifier: Apache-2.0

package handovers_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/files"
	"fera/internal/handovers"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/worldtest"
)

// planned is a woman with a plan that she agreed to: a shop, of which one step is done; a licence, of which none is left; a protected goal; and
// a change of it all that she has not agreed to.
func (w *world) planned() (of cases.ID) {
	w.t.Helper()
	of = w.woman("Karima")
	amina, by := worldtest.Amina(), dates.Partial{Year: 2030, Month: 5, Day: 1}
	goals := []plans.Goal{
		{Dimension: plans.Economic, Level: plans.Individual, Words: "a shop of my own", Steps: []plans.Step{{What: "keep books", Who: "returnee", By: by}, {What: "find a place", Who: "worker", User: amina.ID, By: by, Service: "information"}}},
		{Dimension: plans.Social, Level: plans.Individual, Words: "a licence", Steps: []plans.Step{{What: "ask the union", Who: "returnee", By: by}}},
		{Dimension: plans.Psychosocial, Level: plans.Individual, Words: "zq to sleep again", Steps: []plans.Step{{What: "zq talk to Mitu", Who: "provider", By: by}}},
	}
	w.write(func(ctx context.Context, tx *db.Tx) error {
		if err := cases.Rate(ctx, tx, amina, cases.Rating{Case: of, Risk: cases.Low, Why: "nothing presses"}); err != nil {
			return err
		}
		_, err := plans.Draw(ctx, tx, amina, plans.Drawing{Case: of, Goals: goals})
		return err
	})
	w.write(func(ctx context.Context, tx *db.Tx) error {
		if err := plans.Agree(ctx, tx, amina, plans.Agreement{Case: of, Version: 1, How: "spoken", Witness: "Chandra"}); err != nil {
			return err
		}
		p, err := plans.Look(ctx, tx, amina, of, 0)
		if err != nil {
			return err
		}
		for _, s := range []plans.Step{p.Goals[0].Steps[0], p.Goals[1].Steps[0]} {
			if err := plans.End(ctx, tx, amina, plans.Ending{Case: of, Step: s.ID, Why: "it is done"}); err != nil {
				return err
			}
		}
		p.Goals[0].Words = "two shops"
		_, err = plans.Draw(ctx, tx, amina, plans.Drawing{Case: of, Version: p.Version, Goals: p.Goals})
		return err
	})
	return of
}

// plan is what Basil has as a plan, with what is protected.
func (w *world) plan(of cases.ID) (p plans.Plan, err error) {
	w.t.Helper()
	err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = plans.Look(ctx, tx, worldtest.Basil(), of, 0)
		return err
	})
	return p, err
}

// Goals come as the draft of a plan, with what is left to do and with who wrote them; it holds when she is assessed and agreed anew.
func TestGoalsComeAsADraft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		of, err := w.take(worldtest.Basil(), w.offered(offering(w.planned(), handovers.Goals, handovers.ProtectedGoals)))
		w.done(err)
		p, err := w.plan(of)
		w.done(err)
		if p.Draft != 1 || p.Agreed != 0 || !p.AgreedAt.IsZero() || p.How != plans.Brought || !strings.HasPrefix(p.By, "Amina, ") || len(p.Goals) != 2 {
			t.Fatalf("the plan: %+v", p)
		}
		shop, sleep := p.Goals[0], p.Goals[1]
		if shop.Words != "a shop of my own" || shop.Protected || len(shop.Steps) != 1 || shop.Steps[0].What != "find a place" || shop.Steps[0].User != "" || shop.Steps[0].By.String() != "2030-05-01" ||
			shop.Steps[0].Service != "information" || shop.Steps[0].State.Outcome != "" || sleep.Words != "zq to sleep again" || !sleep.Protected || len(sleep.Steps) != 1 {
			t.Errorf("the goals: %+v", p.Goals)
		}
		h := w.hers(worldtest.Basil(), of)
		if notes := says(t, h.Notes); !strings.Contains(notes, "a licence") || strings.Contains(notes, "shop") || len(h.Closed) != 0 {
			t.Errorf("the notes: %s, %+v", notes, h.Closed)
		}
		w.read(func(ctx context.Context, q db.Reader) error {
			open, err := plans.Find(ctx, q, bijoy(), of, 0)
			if len(open.Goals) != 1 || strings.Contains(says(t, open), "zq") {
				t.Errorf("who has not the case sees %+v", open.Goals)
			}
			return err
		})
		basil := worldtest.Basil()
		agree := func(version int) error {
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				return plans.Agree(ctx, tx, basil, plans.Agreement{Case: of, Version: version, How: "spoken", Witness: "Bijoy"})
			})
		}
		refused(t, agree(p.Version), "case.not_now")
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return cases.Rate(ctx, tx, basil, cases.Rating{Case: of, Risk: cases.Low, Why: "she is at home"})
		})
		w.write(func(ctx context.Context, tx *db.Tx) error {
			shop.Words = "a shop near her aunt"
			_, err := plans.Draw(ctx, tx, basil, plans.Drawing{Case: of, Version: p.Version, Goals: []plans.Goal{shop, sleep}})
			return err
		})
		refused(t, agree(p.Version), "plan.changed_meanwhile")
		w.done(agree(p.Version + 1))
		if p, err = w.plan(of); err != nil || p.Agreed != 1 || p.How != "spoken" || p.By != "Basil" || p.Goals[0].Words != "a shop near her aunt" {
			t.Errorf("once she agreed: %+v, %v", p, err)
		}
	})
}

// Goals that were not ticked are in no plan and no note; those of class 3 need a tick of their own.
func TestGoalsThatWereNotTickedStay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		of, err := w.take(worldtest.Basil(), w.offered(offering(w.planned(), handovers.Goals)))
		w.done(err)
		p, err := w.plan(of)
		if err != nil || len(p.Goals) != 1 || strings.Contains(says(t, p)+says(t, w.hers(worldtest.Basil(), of)), "zq") {
			t.Errorf("with goals of class 2 alone: %+v, %v", p, err)
		}
		of, err = w.take(worldtest.Basil(), w.offered(offering(w.planned())))
		w.done(err)
		if _, err = w.plan(of); key(err) != "plan.not_found" {
			t.Errorf("without goals there is a plan: %v", err)
		}
		if text := says(t, w.hers(worldtest.Basil(), of)); strings.Contains(text, "shop") || strings.Contains(text, "licence") || strings.Contains(text, "zq") {
			t.Errorf("without goals they lie elsewhere: %s", text)
		}
	})
}

// files adds documents to a woman's record, by title and whether they are of class 3.
func (w *world) files(of cases.ID, titles map[string]bool) (added map[string]files.ID, her persons.ID) {
	w.t.Helper()
	added = map[string]files.ID{}
	for title, protected := range titles {
		w.write(func(ctx context.Context, tx *db.Tx) error {
			c, err := cases.Find(ctx, tx, worldtest.Amina(), of)
			if err != nil {
				return err
			}
			content, err := files.Read(files.Document, []byte("%PDF-1.4\nof "+title))
			if err != nil {
				return err
			}
			her = c.Person
			added[title], err = persons.AddFile(ctx, tx, worldtest.Amina(), files.Upload{Person: string(c.Person), Kind: files.Document, Protected: protected, Title: title, Content: content})
			return err
		})
	}
	return added, her
}

// Of the protected documents those come that were chosen, with their bytes, under the key of the new record and for its caseworker alone; the
// trail of both records has it.
func TestProtectedDocumentsComeWhenChosen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		from := w.woman("Karima")
		all, her := w.files(from, map[string]bool{"zq police report": true, "zq discharge letter": true, "a certificate": false, "a school paper": false})
		o := offering(from)
		o.Files, o.Protected = []files.ID{all["a certificate"]}, []files.ID{all["zq police report"]}
		id := w.offered(o)
		if a, err := w.opened(worldtest.Basil(), id); err != nil || a.Files != 1 || strings.Contains(says(t, a), "zq") {
			t.Errorf("before it is taken Bandhan sees %+v, %v", a, err)
		}
		of, err := w.take(worldtest.Basil(), id)
		w.done(err)
		var mine persons.ID
		w.write(func(ctx context.Context, tx *db.Tx) error {
			c, err := cases.Find(ctx, tx, worldtest.Basil(), of)
			if err != nil {
				return err
			}
			mine = c.Person
			for protected, title := range map[bool]string{true: "zq police report", false: "a certificate"} {
				got, err := persons.Files(ctx, tx, worldtest.Basil(), mine, protected)
				if err != nil || len(got) != 1 || got[0].Title != title || got[0].Protected != protected || got[0].ID == all[title] || got[0].Person != string(mine) {
					t.Fatalf("protected %t: %+v, %v", protected, got, err)
				}
				_, body, err := files.Open(ctx, tx, worldtest.Basil(), got[0].ID)
				if err != nil || string(body) != "%PDF-1.4\nof "+title {
					t.Errorf("%s holds %q, %v", title, body, err)
				}
				_, _, err = files.Open(ctx, tx, worldtest.Basil(), all[title])
				refused(t, err, "file.not_found")
				if _, _, err = files.Open(ctx, tx, bijoy(), got[0].ID); protected != (key(err) == "file.not_found") {
					t.Errorf("%s for who has not the case: %v", title, err)
				}
			}
			return nil
		})
		w.trails(map[persons.ID]access.Permission{her: access.ReadProtected, mine: access.ChangeProtected}, all["zq police report"])
	})
}

// trails fails unless each record's trail has that the document was handed over, under what hides class 3.
func (w *world) trails(of map[persons.ID]access.Permission, given files.ID) {
	w.t.Helper()
	w.read(func(ctx context.Context, q db.Reader) error {
		for person, act := range of {
			lines, err := audit.List(ctx, q, audit.Filter{Person: string(person), Limit: 200})
			if err != nil {
				return err
			}
			found := slices.ContainsFunc(lines, func(l audit.Line) bool {
				return l.Act == act && l.Actor == worldtest.Basil().ID && strings.HasPrefix(l.Subject, "file:") && (act == access.ChangeProtected || l.Subject == "file:"+string(given) && slices.Contains(l.Fields, "handed_over"))
			})
			if !found {
				w.t.Errorf("the trail of %s has no %s of the document: %+v", person, act, lines)
			}
		}
		return nil
	})
}

// Documents of class 3 are chosen as such, by who sees them, of who agreed; one that is gone when the case is taken does not come.
func TestProtectedDocumentsThatMayNotCome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		from := w.woman("Karima")
		all, _ := w.files(from, map[string]bool{"zq one": true, "zq two": true, "plain": false})
		other, _ := w.files(w.woman("Salma"), map[string]bool{"zq hers": true})
		for name, c := range map[string]struct {
			who    access.Actor
			change func(o *handovers.Offering)
			want   string
		}{
			"class 3 as class 2":       {worldtest.Amina(), func(o *handovers.Offering) { o.Files = []files.ID{all["zq one"]} }, "handover.file_unknown"},
			"class 2 as class 3":       {worldtest.Amina(), func(o *handovers.Offering) { o.Protected = []files.ID{all["plain"]} }, "handover.file_unknown"},
			"another's":                {worldtest.Amina(), func(o *handovers.Offering) { o.Protected = []files.ID{other["zq hers"]} }, "handover.file_unknown"},
			"by who sees no class 3":   {worldtest.Chandra(), func(o *handovers.Offering) { o.Protected = []files.ID{all["zq one"]} }, "person.protected_not_allowed"},
			"more than can be carried": {worldtest.Amina(), func(o *handovers.Offering) { o.Protected = slices.Repeat([]files.ID{all["zq one"]}, 21) }, "fault.too_many"},
		} {
			o := offering(from)
			c.change(&o)
			if _, err := w.offer(c.who, o); key(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		o := offering(from)
		o.Protected = []files.ID{all["zq one"], all["zq two"]}
		id := w.offered(o)
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return files.Remove(ctx, tx, worldtest.Amina(), all["zq one"])
		})
		of, err := w.take(worldtest.Basil(), id)
		w.done(err)
		w.read(func(ctx context.Context, q db.Reader) error {
			c, err := cases.Find(ctx, q, worldtest.Basil(), of)
			if err != nil {
				return err
			}
			got, err := persons.Files(ctx, q, worldtest.Basil(), c.Person, true)
			if len(got) != 1 || got[0].Title != "zq two" {
				t.Errorf("what was taken out came: %+v", got)
			}
			return err
		})
		third := w.woman("Nargis")
		its, nargis := w.files(third, map[string]bool{"zq three": true})
		if _, err := w.withoutConsent(nargis, third, its["zq three"]); key(err) != "person.protected_consent_needed" {
			t.Errorf("without her consent: %v", err)
		}
	})
}

// withoutConsent takes back that such things are written down of her, and offers her with a document of class 3.
func (w *world) withoutConsent(her persons.ID, of cases.ID, file files.ID) (handovers.ID, error) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		return persons.AnswerConsent(ctx, tx, worldtest.Amina(), her, persons.Consent{Purpose: persons.PurposeProtected, Given: false, Method: "spoken", Language: "bn"})
	})
	o := offering(of)
	o.Protected = []files.ID{file}
	return w.offer(worldtest.Amina(), o)
}
