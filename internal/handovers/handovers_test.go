// SPDX-License-Identifier: Apache-2.0

package handovers_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/handovers"
	"fera/internal/persons"
	"fera/internal/procedures"
	"fera/internal/words"
	"fera/internal/worldtest"
)

func all() []handovers.Part { return append(handovers.PartsOf(2), handovers.PartsOf(3)...) }

// hers is what the caseworker of the new case finds: her record, what is protected of it, and both kinds of notes.
type hers struct {
	Person    persons.Person
	Protected persons.Protected
	Notes     []cases.Note
	Closed    []cases.Note
	Files     int
}

func (w *world) hers(who access.Actor, of cases.ID) (h hers) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		c, err := cases.Find(ctx, tx, who, of)
		if err != nil {
			return err
		}
		if h.Person, err = persons.Find(ctx, tx, who, c.Person); err != nil {
			return err
		}
		if h.Protected, err = persons.Look(ctx, tx, who, c.Person); err != nil {
			return err
		}
		if h.Notes, err = cases.Notes(ctx, tx, who, of, cases.Part{}); err != nil {
			return err
		}
		if h.Closed, err = cases.LookAtNotes(ctx, tx, who, of, cases.Part{}); err != nil {
			return err
		}
		files, err := persons.Files(ctx, tx, who, c.Person, false)
		h.Files = len(files)
		return err
	})
	return h
}

// A case goes from one organisation to another: what was chosen lies in a record of the other's own, and each side sees its own record.
func TestACaseIsHandedOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := worldtest.Live(t, w.d, w.clock, worldtest.Amina())
		o := offering(l.Case, all()...)
		o.Summary, o.Files, o.Protected = "she trusts her mother most", append(o.Files, l.Signed), append(o.Protected, l.Paper)
		id := w.offered(o)
		w.minimum(id)
		of, err := w.take(worldtest.Basil(), id)
		w.done(err)
		h := w.hers(worldtest.Basil(), of)
		if h.Person.NameLatin != "Rahima Khatun" || len(h.Person.Contacts) != 1 || h.Person.Contacts[0].Safety != "careful" || len(h.Person.Journeys) != 1 || h.Files != 1 || len(h.Person.Identifiers) != 0 {
			t.Errorf("the record: %+v, %d files", h.Person, h.Files)
		}
		protected := says(t, h.Protected) + says(t, h.Closed)
		for _, want := range []string{"-account", "-goal", "-rating", "ounselling"} {
			if !strings.Contains(protected, want) {
				t.Errorf("what was confided lacks %s: %s", want, protected)
			}
		}
		p, err := w.plan(of)
		w.done(err)
		open := says(t, h.Person) + says(t, h.Notes) + says(t, p)
		for _, want := range []string{"she trusts her mother most", "a shop of my own", "find a place", "nformation"} {
			if !strings.Contains(open, want) {
				t.Errorf("what was handed over lacks %q: %s", want, open)
			}
		}
		if strings.Contains(open, worldtest.Canary) || strings.Contains(open, "learn to keep books") {
			t.Errorf("class 3, or a step that is done, lies in class 2: %s", open)
		}
		w.apart(l, of)
		w.state(id, handovers.Taken)
		if closed, err := w.finish(worldtest.Amina(), id); err != nil || !closed {
			t.Fatalf("closed %t, %v", closed, err)
		}
		w.state(id, handovers.Done)
		w.read(func(ctx context.Context, q db.Reader) error {
			c, err := cases.Find(ctx, q, worldtest.Amina(), l.Case)
			if c.Status != cases.Closed || c.Closure != "transferred" {
				t.Errorf("the case is %s, %s", c.Status, c.Closure)
			}
			return err
		})
		if a, err := w.opened(worldtest.Basil(), id); err != nil || a.Case != of || a.State != handovers.Done || len(a.Events) != 4 {
			t.Errorf("afterwards Basil sees %+v, %v", a, err)
		}
	})
}

// minimum fails unless Bandhan sees, before it takes her, no more than it needs to decide.
func (w *world) minimum(id handovers.ID) {
	w.t.Helper()
	w.read(func(ctx context.Context, q db.Reader) error {
		p, err := handovers.Inbox(ctx, q, worldtest.Basil(), handovers.Filter{})
		if len(p.Arrivals) != 1 || p.Arrivals[0].Why != "" || p.Arrivals[0].District != "3056" || p.Arrivals[0].Parts != nil {
			w.t.Errorf("the inbox: %+v", p.Arrivals)
		}
		return err
	})
	a, err := w.opened(worldtest.Basil(), id)
	w.done(err)
	if a.State != handovers.Received || a.Why != "she moves to your district" || a.Request.Sex != "female" || a.Request.AgeBand == "" || !slices.Contains(a.Acts, handovers.Take) {
		w.t.Errorf("opened: %+v", a)
	}
	text := says(w.t, a)
	for _, not := range []string{"Rahima", "01712345678", "mother", worldtest.Canary, "protected", "circumstances", "a shop"} {
		if strings.Contains(text, not) {
			w.t.Errorf("before it takes her Bandhan sees %s: %s", not, text)
		}
	}
}

// apart fails unless each side sees its own record alone, and what is protected in the new one is for its caseworker.
func (w *world) apart(l worldtest.Life, of cases.ID) {
	w.t.Helper()
	w.read(func(ctx context.Context, q db.Reader) error {
		c, err := cases.Find(ctx, q, worldtest.Basil(), of)
		if err != nil {
			return err
		}
		for who, other := range map[string]persons.ID{"Basil": l.Person, "Amina": c.Person} {
			actor := worldtest.Basil()
			if who == "Amina" {
				actor = worldtest.Amina()
			}
			_, err := persons.FindCard(ctx, q, actor, other)
			refused(w.t, err, "person.not_found")
		}
		_, err = cases.Find(ctx, q, worldtest.Basil(), l.Case)
		refused(w.t, err, "case.not_found")
		_, err = cases.Find(ctx, q, worldtest.Amina(), of)
		refused(w.t, err, "case.not_found")
		p, err := persons.Find(ctx, q, worldtest.Amina(), l.Person)
		if err == nil && len(p.Journeys) != 1 {
			w.t.Errorf("Amina sees %d journeys, want the one she entered", len(p.Journeys))
		}
		if c.Worker != worldtest.Basil().ID || c.Origin != "handover" {
			w.t.Errorf("the new case: %+v", c)
		}
		return err
	})
	refused(w.t, w.try(func(ctx context.Context, tx *db.Tx) error {
		_, err := cases.LookAtNotes(ctx, tx, bijoy(), of, cases.Part{})
		return err
	}), "person.protected_not_allowed")
}

// What was not chosen does not go along, by whichever room it is asked for.
func TestWhatWasNotChosenStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := worldtest.Live(t, w.d, w.clock, worldtest.Amina())
		id := w.offered(offering(l.Case))
		of, err := w.take(worldtest.Basil(), id)
		w.done(err)
		h := w.hers(worldtest.Basil(), of)
		if len(h.Person.Contacts)+len(h.Person.Journeys)+len(h.Notes)+len(h.Closed)+h.Files > 0 || h.Person.Agreed(persons.PurposeProtected) || h.Person.Agreed(persons.PurposeContact) {
			t.Errorf("more than her identity went along: %+v", h)
		}
		if text := says(t, h); strings.Contains(text, worldtest.Canary) {
			t.Errorf("class 3 went along: %s", text)
		}
		w.read(func(ctx context.Context, q db.Reader) error {
			var protected int
			err := q.QueryRow(ctx, `SELECT count(*) FROM handovers WHERE protected IS NOT NULL`).Scan(&protected)
			if protected != 0 {
				t.Error("something of class 3 was kept")
			}
			return err
		})
	})
}

// Once it was declined, withdrawn, or ran out, nothing of it is seen there, and she may be offered to others.
func TestAfterAnEndNothingIsSeenThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		of := w.woman("Karima")
		for name, end := range map[string]func(id handovers.ID) error{
			"declined":  func(id handovers.ID) error { return w.refuse(worldtest.Basil(), id) },
			"withdrawn": func(id handovers.ID) error { return w.back(worldtest.Amina(), id) },
			"revoked": func(id handovers.ID) error {
				return w.try(func(ctx context.Context, tx *db.Tx) error {
					return handovers.TakeBackConsent(ctx, tx, worldtest.Amina(), handovers.Acting{ID: id})
				})
			},
			"expired": func(id handovers.ID) error {
				w.clock.Move(40 * 24 * time.Hour)
				_, err := handovers.Work(t.Context(), w.d)
				return err
			},
		} {
			id := w.offered(offering(of))
			if _, err := w.opened(worldtest.Basil(), id); err != nil {
				t.Fatal(err)
			}
			_, err := w.offer(worldtest.Amina(), offering(of))
			refused(t, err, "handover.already")
			w.done(end(id))
			a, err := w.opened(worldtest.Basil(), id)
			w.done(err)
			if a.Why != "" || a.District != "" || a.Request != (handovers.Request{}) || a.Parts != nil || a.Acts != nil || a.Events != nil || a.By != "" {
				t.Errorf("%s: Bandhan still sees %+v", name, a)
			}
			_, err = w.take(worldtest.Basil(), id)
			refused(t, err, "handover.not_now")
			refused(t, w.refuse(worldtest.Basil(), id), "handover.not_now")
			w.read(func(ctx context.Context, q db.Reader) error {
				p, err := handovers.Inbox(ctx, q, worldtest.Basil(), handovers.Filter{})
				if len(p.Arrivals) != 0 {
					t.Errorf("%s: it is in the inbox", name)
				}
				return err
			})
			var sealed bool
			w.read(func(ctx context.Context, q db.Reader) error {
				h, err := handovers.Find(ctx, q, worldtest.Amina(), id)
				sealed = len(h.Record.Registration.Values) > 0
				return err
			})
			if sealed {
				t.Errorf("%s: what was to be handed over is still kept", name)
			}
		}
	})
}

func TestWhatMayNotBeOfferedIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		of := w.woman("Karima")
		for name, c := range map[string]struct {
			who    access.Actor
			change func(o *handovers.Offering)
			want   string
		}{
			"without her yes":        {worldtest.Amina(), func(o *handovers.Offering) { o.Agreed = false }, "handover.consent_needed"},
			"to one's own":           {worldtest.Amina(), func(o *handovers.Offering) { o.To = worldtest.Aparajita }, "handover.own_organisation"},
			"to nobody":              {worldtest.Amina(), func(o *handovers.Offering) { o.To = "x" }, "handover.organisation_unknown"},
			"without a reason":       {worldtest.Amina(), func(o *handovers.Offering) { o.Why = "" }, "fault.needed"},
			"in no time":             {worldtest.Amina(), func(o *handovers.Offering) { o.Urgency = "now" }, "fault.bad_choice"},
			"what is no part":        {worldtest.Amina(), func(o *handovers.Offering) { o.Parts = []handovers.Part{"all"} }, "fault.bad_choice"},
			"a file that is not":     {worldtest.Amina(), func(o *handovers.Offering) { o.Files = append(o.Files, "x") }, "handover.file_unknown"},
			"by who sees no class 3": {worldtest.Chandra(), func(o *handovers.Offering) { o.Parts = all() }, "person.protected_not_allowed"},
			"by who closes no case":  {worldtest.Dipu(), func(*handovers.Offering) {}, "case.not_found"},
			"by a stranger":          {worldtest.Basil(), func(o *handovers.Offering) { o.To = worldtest.Aparajita }, "case.not_found"},
			"an older version":       {worldtest.Amina(), func(o *handovers.Offering) { o.Version = 1 }, "case.changed_meanwhile"},
		} {
			o := offering(of)
			c.change(&o)
			if _, err := w.offer(c.who, o); key(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		id := w.offered(offering(of))
		for _, who := range []access.Actor{lima(), worldtest.Chandra(), worldtest.Esha(), worldtest.Harun()} {
			_, err := w.opened(who, id)
			refused(t, err, "handover.not_found")
			_, err = w.take(who, id)
			refused(t, err, "handover.not_found")
		}
		w.read(func(ctx context.Context, q db.Reader) error {
			_, err := handovers.Find(ctx, q, worldtest.Basil(), id)
			refused(t, err, "handover.not_found")
			_, err = handovers.List(ctx, q, worldtest.Basil(), of)
			refused(t, err, "case.not_found")
			_, err = handovers.Inbox(ctx, q, lima(), handovers.Filter{})
			refused(t, err, "access.not_allowed")
			return nil
		})
		if _, err := w.finish(worldtest.Amina(), id); key(err) != "handover.not_now" {
			t.Errorf("closed before it was taken: %v", err)
		}
	})
}

// The same offer sent twice is one, and of two who take a case at once one has it.
func TestACaseIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := offering(w.woman("Karima"))
		o.Operation = "one"
		id := w.offered(o)
		if again, err := w.offer(worldtest.Amina(), o); err != nil || again != id {
			t.Errorf("again it is %s, %v", again, err)
		}
		var group sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			who := worldtest.Basil()
			if i%2 == 1 {
				who = bijoy()
			}
			group.Go(func() {
				errs[i] = w.d.Write(t.Context(), func(tx *db.Tx) error {
					_, err := handovers.Accept(t.Context(), tx, who, handovers.Taking{ID: id, Language: words.Bangla})
					return err
				})
			})
		}
		group.Wait()
		taken := 0
		for _, err := range errs {
			if err == nil {
				taken++
			} else if key(err) != "handover.not_now" && key(err) != "handover.changed_meanwhile" {
				t.Errorf("taken: %v", err)
			}
		}
		var records, files int
		w.read(func(ctx context.Context, q db.Reader) error {
			return errors.Join(q.QueryRow(ctx, `SELECT count(*) FROM persons`).Scan(&records), q.QueryRow(ctx, `SELECT count(*) FROM cases`).Scan(&files))
		})
		if taken != 1 || records != 2 || files != 2 {
			t.Errorf("taken %d times, %d records, %d cases", taken, records, files)
		}
	})
}

// A silent organisation is reminded, then others know of it, and at last it is over; who does not close the case is reminded too.
func TestSilenceIsToldAndEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.offered(offering(w.woman("Karima")))
		day := func() {
			w.clock.Move(24 * time.Hour)
			_, err := handovers.Work(t.Context(), w.d)
			w.done(err)
		}
		for range 40 {
			day()
		}
		w.state(id, handovers.Expired)
		if got := w.told(worldtest.Basil()); !strings.HasPrefix(got, "notice.handover_offered notice.handover_due") {
			t.Errorf("Basil was told %s", got)
		}
		if got := w.told(worldtest.Amina()); !strings.Contains(got, "notice.handover_silent") || !strings.HasSuffix(got, "notice.handover_expired") {
			t.Errorf("Amina was told %s", got)
		}
		if got := w.told(worldtest.Chandra()); !strings.Contains(got, "notice.handover_stuck") {
			t.Errorf("Chandra was told %s", got)
		}
		next := w.offered(offering(w.woman("Salma")))
		_, err := w.take(worldtest.Basil(), next)
		w.done(err)
		for range 20 {
			day()
		}
		if got := w.told(worldtest.Amina()); !strings.Contains(got, "notice.handover_taken") || !strings.HasSuffix(got, "notice.handover_close") {
			t.Errorf("Amina was told %s", got)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Shut(ctx, tx, worldtest.Amina(), cases.Closing{Case: w.found(next).Case, Code: "transferred", Duties: []string{"prepared", "agreed_to_transfer", "other_accepted"}, Why: "Bandhan goes on"})
			return err
		})
		day()
		w.state(next, handovers.Done)
	})
}

// Either side notes the day on which she meets both, and the other is told.
func TestTheyMeet(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.offered(offering(w.woman("Karima")))
		at := w.clock.Now().Add(72 * time.Hour)
		arrange := func(who access.Actor, at time.Time) error {
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				return handovers.Arrange(ctx, tx, who, handovers.Acting{ID: id, At: at, Where: "at our office"})
			})
		}
		refused(t, arrange(lima(), at), "handover.not_found")
		refused(t, arrange(worldtest.Basil(), w.clock.Now()), "handover.day_ahead")
		w.done(arrange(worldtest.Basil(), at))
		if h := w.found(id); !h.MeetsAt.Equal(at) || h.Where != "at our office" || !strings.HasSuffix(w.told(worldtest.Amina()), "notice.handover_meeting") {
			t.Errorf("Amina sees %+v", h)
		}
		_, err := w.take(worldtest.Basil(), id)
		w.done(err)
		w.done(arrange(worldtest.Amina(), at.Add(time.Hour)))
		if a, err := w.opened(worldtest.Basil(), id); err != nil || !a.MeetsAt.Equal(at.Add(time.Hour)) {
			t.Errorf("Basil sees %+v, %v", a, err)
		}
	})
}

// Many cases are offered at once: who said no stays, and so does who is in another hand-over or is not seen.
func TestManyAreOfferedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		yes, second, no, elsewhere := w.woman("Karima"), w.woman("Salma"), w.woman("Rina"), w.woman("Moyna")
		w.offered(offering(elsewhere))
		m := handovers.Many{Operation: "many", To: worldtest.Bandhan, Urgency: "weeks", Why: "our office closes", Parts: []handovers.Part{handovers.Contact}, Asked: []handovers.Asked{
			{Case: yes, Agreed: true, Method: "spoken", Language: "bn"}, {Case: second, Agreed: true, Method: "signed", Language: "bn"}, {Case: no}, {Case: elsewhere, Agreed: true, Method: "spoken", Language: "bn"},
			{Case: "01900000-0000-7000-8000-000000000001", Agreed: true, Method: "spoken", Language: "bn"}, {Case: yes, Agreed: true, Method: "spoken", Language: "bn"}}}
		many := func(who access.Actor, m handovers.Many) (id string, err error) {
			err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
				id, err = handovers.MakeMany(ctx, tx, who, m)
				return err
			})
			return id, err
		}
		bad := m
		bad.Parts = all()
		_, err := many(worldtest.Amina(), bad)
		refused(t, err, "handover.protected_alone")
		bad = m
		bad.To = worldtest.Aparajita
		_, err = many(worldtest.Amina(), bad)
		refused(t, err, "handover.own_organisation")
		_, err = many(worldtest.Dipu(), m)
		refused(t, err, "access.not_allowed")
		batch, err := many(worldtest.Amina(), m)
		w.done(err)
		if again, err := many(worldtest.Amina(), m); err != nil || again != batch {
			t.Errorf("again it is %s, %v", again, err)
		}
		bad = m
		bad.Why = "another reason"
		_, err = many(worldtest.Amina(), bad)
		refused(t, err, "operation.reused")
		var offered []handovers.Handover
		w.read(func(ctx context.Context, q db.Reader) (err error) {
			b, err := handovers.FindBatch(ctx, q, worldtest.Amina(), batch)
			if err != nil {
				return err
			}
			why := map[cases.ID]string{}
			for _, l := range b.Left {
				why[l.Case] = l.Why
			}
			if b.Count[handovers.Offered] != 2 || len(b.Left) != 2 || why[no] != "handover.no_consent" || why[elsewhere] != "handover.already" || b.Others != 1 {
				t.Errorf("the batch: %+v", b)
			}
			_, err = handovers.FindBatch(ctx, q, worldtest.Basil(), batch)
			refused(t, err, "handover.not_found")
			if all, err := handovers.Batches(ctx, q, worldtest.Chandra(), 10); err != nil || len(all) != 1 {
				t.Errorf("Chandra sees %d batches, %v", len(all), err)
			}
			offered, err = handovers.OfBatch(ctx, q, worldtest.Amina(), batch)
			return err
		})
		_, err = w.take(worldtest.Basil(), offered[0].ID)
		w.done(err)
		w.done(w.refuse(worldtest.Basil(), offered[1].ID))
		w.read(func(ctx context.Context, q db.Reader) error {
			b, err := handovers.FindBatch(ctx, q, worldtest.Amina(), batch)
			if b.Count[handovers.Taken] != 1 || b.Count[handovers.Declined] != 1 || b.Count[handovers.Offered] != 0 {
				t.Errorf("how far it came: %+v", b.Count)
			}
			return err
		})
	})
}

// When she is erased nothing is left of her in a hand-over, and the record of the other organisation stays until it is erased too.
func TestAnErasedPersonIsHandedOverNoMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		waiting, taken := w.woman("Karima"), w.woman("Salma")
		id, other := w.offered(offering(waiting)), w.offered(offering(taken))
		of, err := w.take(worldtest.Basil(), other)
		w.done(err)
		for _, c := range []cases.ID{waiting, taken} {
			w.write(func(ctx context.Context, tx *db.Tx) error {
				k, err := cases.Find(ctx, tx, worldtest.Amina(), c)
				if err != nil {
					return err
				}
				_, err = procedures.Erase(ctx, tx, worldtest.Esha(), k.Person, "her wish")
				return err
			})
		}
		a, err := w.opened(worldtest.Basil(), id)
		if err != nil || a.State != handovers.Withdrawn || a.Why != "" {
			t.Errorf("Bandhan sees %+v, %v", a, err)
		}
		var names int
		w.read(func(ctx context.Context, q db.Reader) error {
			if _, err := cases.Find(ctx, q, worldtest.Basil(), of); err != nil && key(err) != "case.not_found" {
				return err
			}
			return q.QueryRow(ctx, `SELECT count(*) FROM handovers WHERE sealed IS NOT NULL OR user_name <> ''`).Scan(&names)
		})
		if names != 0 {
			t.Errorf("%d hand-overs still say something", names)
		}
		if _, err := handovers.Work(t.Context(), w.d); err != nil {
			t.Error(err)
		}
	})
}

// In whatever order things are done: nobody is in two hand-overs at once, what ended shows nothing, what was taken has one record and
// one case, and neither side sees the other's.
func TestRandomHistoriesKeepTheRules(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := chance(t)
		var of []cases.ID
		for _, name := range []string{"Karima", "Salma", "Rina"} {
			of = append(of, w.woman(name))
		}
		var ids []handovers.ID
		givers, takers := []access.Actor{worldtest.Amina(), worldtest.Chandra(), worldtest.Basil()}, []access.Actor{worldtest.Basil(), bijoy(), worldtest.Amina(), lima()}
		pick := func() handovers.ID {
			if len(ids) == 0 {
				return "none"
			}
			return ids[r.IntN(len(ids))]
		}
		for range 120 {
			who, at := givers[r.IntN(len(givers))], takers[r.IntN(len(takers))]
			switch r.IntN(8) {
			case 0, 1, 2:
				if id, err := w.offer(who, offering(of[r.IntN(len(of))], all()[r.IntN(6)])); err == nil {
					ids = append(ids, id)
				}
			case 3:
				w.opened(at, pick())
			case 4:
				w.take(at, pick())
			case 5:
				w.refuse(at, pick())
			case 6:
				w.back(who, pick())
			case 7:
				if r.IntN(3) == 0 {
					w.finish(who, pick())
				} else {
					w.clock.Move(time.Duration(r.IntN(96)) * time.Hour)
					if _, err := handovers.Work(t.Context(), w.d); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.rules(ids)
		}
		if len(ids) < 3 {
			t.Errorf("only %d hand-overs were made: the test shows nothing", len(ids))
		}
	})
}

func (w *world) rules(ids []handovers.ID) {
	w.t.Helper()
	w.read(func(ctx context.Context, q db.Reader) error {
		open := map[persons.ID]int{}
		for _, id := range ids {
			h, err := handovers.Find(ctx, q, worldtest.Amina(), id)
			if err != nil {
				return err
			}
			if h.EndedAt.IsZero() {
				open[h.Person]++
			}
			if h.EndedAt.IsZero() != slices.Contains([]handovers.State{handovers.Offered, handovers.Received, handovers.Taken}, h.State) {
				w.t.Fatalf("it is %s and ended at %s", h.State, h.EndedAt)
			}
			if waits := h.State == handovers.Offered || h.State == handovers.Received; waits != (len(h.Record.Registration.Values) > 0) {
				w.t.Fatalf("it is %s and keeps %v", h.State, h.Record.Registration.Values)
			}
			if (h.DueOn == cases.Never) != h.EndedAt.After(time.Time{}) {
				w.t.Fatalf("it is %s and due on %s", h.State, h.DueOn)
			}
		}
		for person, n := range open {
			if n > 1 {
				w.t.Fatalf("%s is in %d hand-overs", person, n)
			}
		}
		var taken, records int
		err := errors.Join(q.QueryRow(ctx, `SELECT count(*) FROM handovers WHERE new_case <> ''`).Scan(&taken), q.QueryRow(ctx, `SELECT count(*) FROM cases WHERE origin = 'handover'`).Scan(&records))
		if taken != records {
			w.t.Fatalf("%d were taken and %d cases opened", taken, records)
		}
		return err
	})
}
