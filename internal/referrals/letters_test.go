// SPDX-License-Identifier: Apache-2.0

package referrals_test

import (
	"context"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/hooks"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/worldtest"
)

// air takes messages as a gateway does, and keeps them.
type air struct{ sent []messages.Outgoing }

// Name implements messages.Gateway.
func (*air) Name() string { return "air" }

// Ways implements messages.Gateway.
func (*air) Ways() []string { return []string{messages.SMS} }

// Carry implements messages.Gateway.
func (a *air) Carry(_ context.Context, o messages.Outgoing) (messages.Outcome, error) {
	a.sent = append(a.sent, o)
	return messages.Taken, nil
}

const deskNumber, herNumber = "01811111111", "01712345678"

// carries lets what is to be said be said, at an hour of the day, and returns it.
func (w *world) carries(a *air) (sent []messages.Outgoing) {
	w.t.Helper()
	if at := w.clock.Now().In(dates.Dhaka()); at.Hour() < 9 || at.Hour() > 19 {
		w.clock.Move(time.Duration((34-at.Hour())%24) * time.Hour)
	}
	before := len(a.sent)
	if _, err := referrals.Carry(w.t.Context(), w.d, "https://fera.example.org/"); err != nil {
		w.t.Fatal(err)
	}
	if _, err := messages.NewSender(w.d, messages.Options{Gateway: a, Holder: "test"}).Work(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return a.sent[before:]
}

var (
	linkForm = regexp.MustCompile(`https://fera\.example\.org/r/([a-z0-9]{32})`)
	codeForm = regexp.MustCompile(`[0-9]{5}`)
)

// A provider without accounts gets a link by message, on the number of whom one speaks to there; when it has reported she is asked, and what
// she answers closes the loop or opens it again. No text names her, the need or the provider.
func TestMessagesCloseTheLoop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.focal()
		a := &air{}
		id := w.send(w.drafting("business"))
		sent := w.carries(a)
		if len(sent) != 1 || !strings.HasSuffix(sent[0].To, deskNumber[1:]) {
			t.Fatalf("to the provider went %+v", sent)
		}
		link := linkForm.FindStringSubmatch(sent[0].Text)
		if link == nil {
			t.Fatalf("there is no link in %q", sent[0].Text)
		}
		var report string
		w.write(func(ctx context.Context, tx *db.Tx) (err error) {
			report, err = referrals.Use(ctx, tx, link[1], referrals.Reply{Act: course.Accept})
			return err
		})
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := referrals.Use(ctx, tx, report, referrals.Reply{Act: course.Serve})
			return err
		})
		for round, said := range []string{"2", "হ্যাঁ"} {
			sent = w.carries(a)
			if len(sent) != 1 || !strings.HasSuffix(sent[0].To, herNumber[1:]) {
				t.Fatalf("to her went %+v", sent)
			}
			w.arrives(codeForm.FindString(sent[0].Text) + " " + said)
			if round == 1 {
				break
			}
			sent = w.carries(a)
			w.state(id, course.Reopened)
			if len(sent) != 1 || linkForm.FindStringSubmatch(sent[0].Text) == nil {
				t.Fatalf("that it is open again the provider was told by %+v", sent)
			}
			w.write(func(ctx context.Context, tx *db.Tx) error {
				_, err := referrals.Use(ctx, tx, linkForm.FindStringSubmatch(sent[0].Text)[1], referrals.Reply{Act: course.Serve})
				return err
			})
		}
		w.carries(a)
		w.state(id, course.Confirmed)
		w.carries(a)
		if r := w.state(id, course.Confirmed); r.Rounds != 1 {
			t.Errorf("her no was taken %d times", r.Rounds)
		}
		for _, o := range a.sent {
			for _, word := range []string{"Rahima", "রহিমা", "Clinic", "business", "service", "Bandhan", "migra", "প্রবাস", "বিদেশ"} {
				if strings.Contains(o.Text, word) {
					t.Errorf("a message says %s: %s", word, o.Text)
				}
			}
		}
	})
}

// Whom it is not safe to reach is not asked by message, and what a woman was told of stops when she takes back her consent.
func TestNoMessageWhereItIsNotSafe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.focal()
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return persons.AnswerConsent(ctx, tx, worldtest.Amina(), w.person, persons.Consent{Purpose: persons.PurposeContact})
		})
		a := &air{}
		id := w.send(w.drafting("documents"))
		if r := w.look(id); r.Sheet["contact"] != "office" {
			t.Errorf("the provider gets the contact %q", r.Sheet["contact"])
		}
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept}))
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Serve}))
		if sent := w.carries(a); len(sent) != 0 {
			t.Errorf("she was sent %+v", sent)
		}
		shop := w.send(w.drafting("business"))
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Revoke(ctx, tx, worldtest.Amina(), referrals.Ending{ID: shop})
		})
		sent := w.carries(a) // the first letter has nothing to say any more but that it was taken back
		for _, o := range sent {
			link := linkForm.FindStringSubmatch(o.Text)
			w.read(func(ctx context.Context, q db.Reader) error {
				p, err := referrals.FindPass(ctx, q, link[1])
				if err == nil && len(p.Arrival.Sheet) != 0 {
					t.Errorf("after she took back her consent a link shows %v", p.Arrival.Sheet)
				}
				return err
			})
		}
	})
}

// focal gives the provider without accounts somebody to speak to, and lets her be reached by message.
func (w *world) focal() {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		known, err := directory.Several(ctx, tx, []string{w.shop})
		if err != nil {
			return err
		}
		_, err = directory.Appoint(ctx, tx, keya(), listing.Focal{Entry: known[w.shop].Owner, Name: "Desk", Phones: []listing.Phone{{Number: deskNumber}}})
		return err
	})
	w.write(func(ctx context.Context, tx *db.Tx) error {
		her, err := persons.Find(ctx, tx, worldtest.Amina(), w.person)
		if err != nil {
			return err
		}
		c := her.Contacts[0]
		c.Number, c.Ways, c.Hours = herNumber, []string{"call", "sms"}, ""
		return persons.ChangeContact(ctx, tx, worldtest.Amina(), w.person, c)
	})
}

// arrives is a message from her telephone.
func (w *world) arrives(text string) {
	w.t.Helper()
	w.clock.Move(time.Minute)
	if err := w.d.Maintain(w.t.Context(), func(tx *db.Tx) error {
		_, err := messages.Arrive(w.t.Context(), tx, messages.Arriving{From: herNumber, Text: text})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

// The systems of both sides are told where a referral stands, by number and state alone; the directory is told who is silent, and who is no
// longer.
func TestOtherSystemsAndTheDirectoryAreTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, organisation := range []string{worldtest.Aparajita, worldtest.Bandhan} {
			w.endpoint(organisation)
		}
		quiet, asked := w.send(w.drafting("documents")), w.send(w.drafting("job"))
		w.done(w.answer(lima(), referrals.Reply{ID: asked, Act: course.Accept, Reason: "zqcanary"}))
		kinds := w.deliveries()
		if got := strings.Join(kinds, " "); strings.Count(got, "referral.sent") != 4 || strings.Count(got, "referral.accepted") != 2 {
			t.Errorf("told were %v", kinds)
		}
		conduct := func() (c directory.Conduct) {
			if _, _, err := referrals.KeepConduct(t.Context(), w.d); err != nil {
				t.Fatal(err)
			}
			w.read(func(ctx context.Context, q db.Reader) error {
				all, err := directory.Conducts(ctx, q, keya(), []string{w.legal})
				c = all[w.legal]
				return err
			})
			return c
		}
		for range 8 {
			w.clock.Move(24 * time.Hour)
			w.work()
		}
		if c := conduct(); !c.Silent() || c.Days == nil || *c.Days != 0 {
			t.Errorf("of who is silent the directory says %+v", c)
		}
		w.done(w.answer(lima(), referrals.Reply{ID: quiet, Act: course.Decline, Reason: "full"}))
		if c := conduct(); c.Silent() {
			t.Errorf("of who has answered the directory says %+v", c)
		}
	})
}

// endpoint lets a system of an organisation be told of all.
func (w *world) endpoint(organisation string) {
	w.t.Helper()
	admin := access.Actor{ID: "00000000-0000-7000-9000-0000000000ad", Name: "Admin", Office: worldtest.Centre, Organisation: organisation}
	admin.Grant(access.Administrator, "all")
	w.write(func(ctx context.Context, tx *db.Tx) error {
		_, _, err := hooks.Add(ctx, tx, admin, hooks.Rules{}, hooks.Endpoint{Organisation: organisation, URL: "https://example.org/hook", Kinds: hooks.Kinds()})
		return err
	})
}

// deliveries are the kinds of what is to be told, one for each endpoint.
func (w *world) deliveries() (kinds []string) {
	w.t.Helper()
	w.read(func(ctx context.Context, q db.Reader) (err error) {
		rows, err := q.Query(ctx, `SELECT e.kind FROM hook_deliveries d JOIN hook_events e ON e.id = d.event_id ORDER BY d.id`)
		kinds, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (kind string, err error) { return kind, r.Scan(&kind) })
		return err
	})
	return kinds
}

// What other systems are told has a number and a state, and no field for anything else.
func TestWhatOtherSystemsAreTold(t *testing.T) {
	var fields []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[referrals.Happened]()) {
		fields = append(fields, f.Name)
	}
	if got := strings.Join(fields, " "); got != "ID Number State Act DueOn At" {
		t.Errorf("other systems are told %s", got)
	}
}

// A report that is taken back takes the question to her along that has not left yet; one that is asked after a new report leaves.
func TestSheIsNotAskedAboutWhatWasTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.focal()
		id := w.send(w.drafting("documents"))
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept}))
		states := func() (all []string) {
			w.read(func(ctx context.Context, q db.Reader) error {
				some, err := messages.OfPerson(ctx, q, worldtest.Amina(), w.person)
				for _, m := range some {
					all = append(all, string(m.State)+" "+m.Why)
				}
				return err
			})
			return all
		}
		carry := func() {
			if _, err := referrals.Carry(t.Context(), w.d, "https://fera.example.org"); err != nil {
				t.Fatal(err)
			}
		}
		for round, carried := range []bool{false, true} {
			w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Serve}))
			if carried {
				carry()
			}
			w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Correct, Reason: "it was somebody else"}))
			carry()
			if got := states(); len(got) != round || round == 1 && got[0] != "held message.held.over" {
				t.Errorf("round %d: %v", round, got)
			}
		}
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.NoShow}))
		carry()
		if got := states(); len(got) != 2 || got[0] != "waiting " {
			t.Errorf("asked anew: %v", got)
		}
	})
}
