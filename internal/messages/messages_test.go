// SPDX-License-Identifier: Apache-2.0

package messages_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/procedures"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// A message leaves by her telephone, in Bangla, and the trail has neither number nor text of it.
func TestAMessageLeaves(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		c := w.opened(p)
		id := w.send(messages.Message{Person: p, Case: c, Kind: "appointment", With: map[string]any{"date": "2030-05-03", "time": "10:30", "number": "16135"}})
		w.want(p, id, messages.Waiting, "")
		w.work()
		if len(w.wire.carried) != 1 {
			t.Fatalf("carried %d messages, want 1", len(w.wire.carried))
		}
		o := w.wire.carried[0]
		if o.To != dial || o.Text != "আপনার সময়: ৩ মে ২০৩০, সকাল ১০:৩০। না পারলে ফোন করুন: 16135" || !o.Unicode || o.Parts != 1 || !strings.Contains(o.Report, string(id)) {
			t.Errorf("carried %+v", o)
		}
		w.want(p, id, messages.Sent, "")
		if got := w.item(p, id); got.Owner != "own" || got.By != "Amina" || got.Case != c {
			t.Errorf("the list shows %+v", got)
		}
		w.read(func(q db.Reader) error {
			lines, err := persons.History(t.Context(), q, worldtest.Amina(), p, audit.Filter{Limit: 50})
			said := fmt.Sprintf("%+v", lines)
			if strings.Contains(said, "712345678") || strings.Contains(said, "ফোন করুন") || !strings.Contains(said, "sent_message") {
				t.Errorf("the trail: %s", said)
			}
			if of, err := messages.OfCase(t.Context(), q, worldtest.Amina(), c); err != nil || len(of) != 1 {
				t.Errorf("of the case: %v, %v", of, err)
			}
			if of, err := messages.OfPerson(t.Context(), q, worldtest.Basil(), p); err != nil || len(of) != 0 {
				t.Errorf("Basil, who does not know her, sees %v, %v", of, err)
			}
			if _, err := messages.OfCase(t.Context(), q, worldtest.Basil(), c); fault.KindOf(err) != fault.NotFound {
				t.Errorf("Basil and the case: %v", err)
			}
			return err
		})
		w.work()
		if len(w.wire.carried) != 1 || w.seen["sent"] != 1 {
			t.Errorf("left again: %d, seen %v", len(w.wire.carried), w.seen)
		}
	})
}

// Whether she may be reached is asked when the message leaves, not when it was put down.
func TestTheRuleIsAskedWhenItLeaves(t *testing.T) {
	unasked := safe()
	unasked.Safety, unasked.Ways = "unasked", nil
	husband := persons.Contact{Kind: "phone", Number: his, Owner: "husband", Safety: "careful", Ways: []string{"sms"}}
	calls := safe()
	calls.Ways = []string{"call"}
	each(t, func(w *world) {
		for name, one := range map[string]struct {
			contacts []persons.Contact
			why      string
		}{
			"nobody asked her":        {[]persons.Contact{unasked}, "call.no.unasked"},
			"her husband's telephone": {[]persons.Contact{husband}, "call.no.owner"},
			"calls alone":             {[]persons.Contact{calls}, "call.no.way"},
			"no telephone":            {[]persons.Contact{{Kind: "email", Number: "a@b.org", Owner: "own", Safety: "safe"}}, "call.no.contact"},
		} {
			p := w.rahima(one.contacts...)
			id := w.call(p)
			w.work()
			if got := w.item(p, id); got.State != messages.Held || got.Why != one.why {
				t.Errorf("%s: %s because of %q, want held because of %q", name, got.State, got.Why, one.why)
			}
		}
		if len(w.wire.carried) != 0 {
			t.Errorf("carried %+v", w.wire.carried)
		}
		his := husband
		his.Safety = "safe"
		both := w.rahima(husband, safe())
		w.call(both)
		w.clock.Move(time.Second)
		w.call(w.rahima(his)) // she said that her husband's is safe: she knows
		w.work()
		if len(w.wire.carried) != 2 || w.wire.carried[0].To != dial || w.wire.carried[1].To != dials {
			t.Errorf("carried %+v, want to her own and then to his", w.wire.carried)
		}
	})
}

// What changed between writing and leaving counts: consent withdrawn, contact unsafe, person banned, erased.
func TestWhatChangedCounts(t *testing.T) {
	each(t, func(w *world) {
		tomorrow := w.clock.Now().Add(24 * time.Hour)
		later := func(p persons.ID) messages.ID {
			return w.send(messages.Message{Person: p, Kind: "please_call", With: map[string]any{"number": "16135"}, Due: tomorrow})
		}
		withdrawn, unsafe, erased := w.rahima(safe()), w.rahima(safe()), w.rahima(safe())
		ids := []messages.ID{later(withdrawn), later(unsafe), later(erased)}
		w.work()
		if len(w.wire.carried) != 0 {
			t.Fatal("left before it was due")
		}
		w.write(func(tx *db.Tx) error {
			return persons.AnswerConsent(t.Context(), tx, worldtest.Amina(), withdrawn, persons.Consent{Purpose: persons.PurposeContact, Given: false})
		})
		c := w.contact(unsafe, 0)
		c.Safety = "unsafe"
		w.write(func(tx *db.Tx) error {
			return persons.ChangeContact(t.Context(), tx, worldtest.Amina(), unsafe, c)
		})
		w.write(func(tx *db.Tx) error {
			_, err := procedures.Erase(t.Context(), tx, worldtest.Esha(), erased, "she asked for it")
			return err
		})
		w.clock.Move(25 * time.Hour)
		w.work()
		w.want(withdrawn, ids[0], messages.Held, "call.no.refused")
		w.want(unsafe, ids[1], messages.Held, "call.no.unsafe")
		if len(w.wire.carried) != 0 {
			t.Errorf("carried %+v", w.wire.carried)
		}
		w.read(func(q db.Reader) error {
			var n int
			err := q.QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE person_id = ? AND sealed IS NULL AND state = 'held' AND contact_id = '' AND blind = ''`, string(erased)).Scan(&n)
			if n != 1 {
				t.Error("of the erased something is left")
			}
			return err
		})
	})
}

// Hours are waited for; nights too, unless she named hours of the night; and on one day only so much.
func TestItWaitsForTheHour(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		w.hours(p, w.contact(p, 0).ID, 14, 16)
		afternoon := w.call(p)
		night := w.rahima(safe())
		w.hours(night, w.contact(night, 0).ID, 22, 23)
		late := w.call(night)
		w.work()
		w.want(p, afternoon, messages.Waiting, "")
		w.clock.Move(4 * time.Hour) // 14:00
		w.work()
		w.want(p, afternoon, messages.Sent, "")
		w.want(night, late, messages.Waiting, "")
		w.clock.Move(8*time.Hour + time.Minute) // 22:01
		other := w.rahima(safe())
		usual := w.call(other)
		w.work()
		w.want(night, late, messages.Sent, "")
		w.want(other, usual, messages.Waiting, "")
		w.clock.Move(10 * time.Hour) // 08:01
		w.work()
		w.want(other, usual, messages.Sent, "")

		var all []messages.ID
		for range 4 {
			all = append(all, w.call(other))
		}
		w.work()
		if got := len(w.wire.carried); got != 3+2 {
			t.Errorf("carried %d, want no more than three on one day to one person", got-2)
		}
		w.clock.Move(24 * time.Hour)
		w.work()
		for _, id := range all {
			w.want(other, id, messages.Sent, "")
		}
	})
}

// What makes no sense any more does not leave, and those who work with her are told that it did not.
func TestTooLateIsNotSent(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		w.write(func(tx *db.Tx) error {
			return persons.Assign(t.Context(), tx, worldtest.Chandra(), persons.Assignment{Person: p, User: worldtest.Amina().ID, On: true})
		})
		w.clock.Move(12 * time.Hour) // 22:00
		id := w.send(messages.Message{Person: p, Kind: "ticket", With: map[string]any{"ticket": "W-012"}, Until: w.clock.Now().Add(time.Hour)})
		w.work()
		w.want(p, id, messages.Held, "message.held.late")
		w.read(func(q db.Reader) error {
			notices, err := accounts.Notices(t.Context(), q, worldtest.Amina(), 10)
			if !slices.ContainsFunc(notices, func(n accounts.Notice) bool { return n.Key == "notice.message_held" }) {
				t.Errorf("Amina was told %+v", notices)
			}
			return err
		})
	})
}

// The language is the one in which she was asked.
func TestItSpeaksHerLanguage(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		w.write(func(tx *db.Tx) error {
			return persons.AnswerConsent(t.Context(), tx, worldtest.Amina(), p, persons.Consent{Purpose: persons.PurposeContact, Given: true, Language: "en"})
		})
		w.call(p)
		w.work()
		if o := w.wire.carried[0]; o.Text != "Please call 16135 when you have time." || o.Unicode {
			t.Errorf("carried %+v", o)
		}
	})
}

// Values have forms, so that no name gets into a text; a kind that is not there, a stranger and somebody else's case are refused.
func TestSendRefuses(t *testing.T) {
	each(t, func(w *world) {
		p, other := w.rahima(safe()), w.rahima(safe())
		c := w.opened(other)
		good := messages.Message{Person: p, Kind: "please_call", With: map[string]any{"number": "16135"}}
		for name, change := range map[string]struct {
			with func(m *messages.Message)
			key  string
		}{
			"no such kind":        {func(m *messages.Message) { m.Kind = "love_letter" }, "message.kind_unknown"},
			"a kind for staff":    {func(m *messages.Message) { m.Kind = "work" }, "message.kind_unknown"},
			"a name for a number": {func(m *messages.Message) { m.With = map[string]any{"number": "Rahima"} }, "message.value_form"},
			"a value too many":    {func(m *messages.Message) { m.With = map[string]any{"number": "16135", "name": "Rahima"} }, "message.value_unknown"},
			"a value too few":     {func(m *messages.Message) { m.With = nil }, "message.value_missing"},
			"an address":          {func(m *messages.Message) { m.Link = "https://a.org" }, "message.link_form"},
			"without TLS":         {func(m *messages.Message) { m.Kind, m.With, m.Link = "questions", nil, "http://a.org/x" }, "message.link_form"},
			"too long an address": {func(m *messages.Message) {
				m.Kind, m.With, m.Link = "questions", nil, "https://a.org/"+strings.Repeat("x", 80)
			}, "message.link_form"},
			"an end before the beginning": {func(m *messages.Message) { m.Due = w.clock.Now().Add(time.Hour); m.Until = w.clock.Now() }, "message.until_order"},
			"another's case":              {func(m *messages.Message) { m.Case = c }, "case.not_found"},
			"nobody":                      {func(m *messages.Message) { m.Person = persons.ID(ids.New(w.clock.Now())) }, "person.not_found"},
		} {
			m := good
			change.with(&m)
			if _, err := w.try(worldtest.Amina(), m); err == nil || fault.Of(err).Key != change.key {
				t.Errorf("%s: %v, want %s", name, err, change.key)
			}
		}
		if _, err := w.try(worldtest.Basil(), good); fault.KindOf(err) != fault.NotFound {
			t.Errorf("by Basil: %v", err)
		}
		if _, err := w.try(worldtest.Ishrat(), good); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("by the registry officer, who does not call: %v", err)
		}
		if err := w.d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := messages.SendTo(t.Context(), tx, worldtest.Amina(), messages.Letter{To: "desk@example.org", Kind: "work", Link: "https://a.org/x", Subject: "referral:1"})
			return err
		}); err == nil {
			t.Error("a letter left that no act had allowed")
		}
	})
}

// The same operation is put down once.
func TestSendOnce(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		m := messages.Message{Operation: "op-1", Person: p, Kind: "please_call", With: map[string]any{"number": "16135"}}
		if one, two := w.send(m), w.send(m); one != two {
			t.Errorf("%s and %s", one, two)
		}
		w.work()
		if len(w.wire.carried) != 1 {
			t.Errorf("carried %d", len(w.wire.carried))
		}
		m.With = map[string]any{"number": "999"}
		if _, err := w.try(worldtest.Amina(), m); fault.KindOf(err) != fault.Conflict {
			t.Errorf("other content: %v", err)
		}
	})
}

// Staff are written to at their organisation's number or address, which is sealed and nowhere in clear.
func TestSendTo(t *testing.T) {
	each(t, func(w *world) {
		for _, to := range []string{"desk@example.org", "01912345678"} {
			w.write(func(tx *db.Tx) error {
				tx.Allowed()
				_, err := messages.SendTo(t.Context(), tx, worldtest.Amina(), messages.Letter{To: to, Language: words.English, Kind: "work", Link: "https://fera.example.org/r/abc", Subject: "referral:1"})
				return err
			})
		}
		w.read(func(q db.Reader) error {
			for _, held := range []string{"desk@example.org", "1912345678", "r/abc"} {
				var n int
				if err := q.QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE subject LIKE ? OR why LIKE ? OR CAST(sealed AS TEXT) LIKE ?`, "%"+held+"%", "%"+held+"%", "%"+held+"%").Scan(&n); err != nil || n > 0 {
					t.Errorf("%q lies in clear in %d rows (%v)", held, n, err)
				}
			}
			return nil
		})
		w.work()
		want := map[string]string{messages.SMS: "Something waits for your answer: https://fera.example.org/r/abc", messages.Email: "A referral waits for your answer. See it and answer here:\nhttps://fera.example.org/r/abc\n"}
		for _, o := range w.wire.carried {
			if !strings.Contains(o.Text, want[o.Way]) || want[o.Way] == "" || (o.Subject == "একটি রেফারেল অপেক্ষায় আছে · A referral waits") != (o.Way == messages.Email) || o.Way == messages.Email && o.Report != "" {
				t.Errorf("carried %+v", o)
			}
			delete(want, o.Way)
		}
		if len(want) > 0 {
			t.Errorf("not carried: %v", want)
		}
		if err := w.d.Write(t.Context(), func(tx *db.Tx) error {
			tx.Allowed()
			_, err := messages.SendTo(t.Context(), tx, worldtest.Amina(), messages.Letter{To: "a@b.org\nBcc: c@d.org", Kind: "work", Link: "https://a.org/x", Subject: "referral:1"})
			return err
		}); fault.Of(err).Key != "person.email_form" {
			t.Errorf("an address with a line end: %v", err)
		}
	})
}

// Nothing of class 3, and no name, leaves: whatever kind of message goes to a woman of whom every room knows something.
func TestNothingLeavesThatSaysAnything(t *testing.T) {
	each(t, func(w *world) {
		life := worldtest.Live(t, w.d, w.clock, worldtest.Amina())
		c := w.contact(life.Person, 0)
		c.Safety, c.Ways, c.Hours = "safe", []string{"sms"}, ""
		w.write(func(tx *db.Tx) error {
			return persons.ChangeContact(t.Context(), tx, worldtest.Amina(), life.Person, c)
		})
		with := map[string]any{"date": "2030-05-09", "time": "09:00", "number": "16135", "ticket": "W-001"}
		for n, kind := range messages.Kinds(w.clock.Now()) {
			m := messages.Message{Person: life.Person, Case: life.Case, Kind: kind, With: map[string]any{}, Subject: fmt.Sprint("referral:", n)}
			for range 6 { // give it what it asks for
				_, err := w.try(worldtest.Amina(), m)
				if err == nil {
					break
				}
				f := fault.Of(err)
				switch f.Key {
				case "message.value_missing":
					name := fmt.Sprint(f.Args["name"])
					m.With[name] = with[name]
				case "message.link_form":
					m.Link = "https://fera.example.org/q/abcdef"
				default:
					t.Fatal(kind, err)
				}
			}
		}
		for range 6 {
			w.clock.Move(24 * time.Hour)
			w.work()
		}
		if got, want := len(w.wire.carried), len(messages.Kinds(w.clock.Now())); got != want {
			t.Fatalf("carried %d kinds of %d", got, want)
		}
		for _, o := range w.wire.carried {
			low := strings.ToLower(o.Text)
			for _, said := range []string{worldtest.Canary, "rahima", "রহিমা", "amina", "fera", "ফেরা", "return", "refer", "case", "shelter", "violence", "migra", "health", "office", "ngo", "ফেরত", "প্রবাস", "মামলা", "নির্যাতন", "আশ্রয়", "স্বাস্থ্য", "ঋণ", "সেবা", "শেতু"} {
				if strings.Contains(low, said) && !strings.Contains(said, "fera") {
					t.Errorf("%q says %q", o.Text, said)
				}
			}
			if o.Parts > 2 {
				t.Errorf("%q takes %d parts", o.Text, o.Parts)
			}
		}
	})
}

// Practice is apart: nothing leaves to who is made up.
func TestNothingLeavesInPractice(t *testing.T) {
	each(t, func(w *world) {
		id := messages.ID("")
		trainer := worldtest.Amina()
		trainer.ID, trainer.Office, trainer.Organisation = ids.Apart(w.clock.Now()), ids.Apart(w.clock.Now()), ids.Apart(w.clock.Now())
		trainer = access.Practising(access.Actor{ID: trainer.ID, Name: "Amina", Office: trainer.Office, Organisation: trainer.Organisation}, map[access.Role]bool{access.Caseworker: true})
		r := worldtest.Rahima()
		r.Contacts = []persons.Contact{safe()}
		var p persons.ID
		w.write(func(tx *db.Tx) (err error) {
			p, err = persons.Register(t.Context(), tx, trainer, r)
			return err
		})
		w.write(func(tx *db.Tx) (err error) {
			id, err = messages.Send(t.Context(), tx, trainer, messages.Message{Person: p, Kind: "please_call", With: map[string]any{"number": "16135"}, Subject: "referral:1"})
			return err
		})
		w.work()
		w.read(func(q db.Reader) error {
			all, err := messages.OfPerson(t.Context(), q, trainer, p)
			if len(all) != 1 || all[0].ID != id || all[0].State != messages.Held || all[0].Why != "message.held.practice" || all[0].MayRepeat {
				t.Errorf("%+v", all)
			}
			return err
		})
		if len(w.wire.carried) != 0 {
			t.Error("it left")
		}
	})
}
