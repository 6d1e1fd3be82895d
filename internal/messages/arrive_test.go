// SPDX-License-Identifier: Apache-2.0

package messages_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// ask asks a person something, and returns the code of the question.
func (w *world) ask(p persons.ID, subject string) (id messages.ID, code string) {
	w.t.Helper()
	id = w.send(messages.Message{Person: p, Kind: "ask_received", Subject: subject})
	w.work()
	w.want(p, id, messages.Sent, "")
	text := w.wire.carried[len(w.wire.carried)-1].Text
	return id, regexp.MustCompile(`[0-9]{5}`).FindString(text)
}

// Yes and no come by the code, by the number, or both, in either script; anything else is for a person to look at.
func TestAnswers(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		id, code := w.ask(p, "referral:7")
		for _, one := range []struct {
			from, text string
			value      messages.Value
			by         string
		}{
			{"8801712345678", code + " 1", messages.Yes, "both"},
			{own, code + " ২", messages.No, "both"},
			{"+880 1712-345678", "হ্যাঁ", messages.Yes, "number"},
			{own, "NO.", messages.No, "number"},
			{his, code + "1", messages.Yes, "code"}, // run together
			{his, code + " 1", messages.Yes, "code"},
			{own, "they told me to pay", messages.Other, "number"},
		} {
			w.clock.Move(time.Minute)
			before := len(w.answers("referral:"))
			what := w.arrive(one.from, one.text)
			all := w.answers("referral:")
			if what != messages.Answered || len(all) != before+1 {
				t.Fatalf("%q by %s: %s, %d answers", one.text, one.from, what, len(all))
			}
			if a := all[len(all)-1]; a.Value != one.value || a.By != one.by || a.Message != id || a.Person != p || a.Subject != "referral:7" {
				t.Errorf("%q by %s: %+v", one.text, one.from, a)
			}
		}
		if got := w.item(p, id); got.Answer != messages.Other || got.Words != "they told me to pay" || got.AnswerBy != "number" {
			t.Errorf("the list shows %+v", got)
		}
		if len(w.answers("survey:")) != 0 {
			t.Error("answers about something else")
		}
		w.read(func(q db.Reader) error {
			all := w.answers("referral:")
			tail, err := messages.Answers(t.Context(), q, "referral:", all[len(all)-1].ID)
			if len(tail) == 0 || len(tail) > 2 || tail[len(tail)-1].ID != all[len(all)-1].ID {
				t.Errorf("after the last one: %+v", tail)
			}
			var n int
			if err := q.QueryRow(t.Context(), `SELECT count(*) FROM message_answers WHERE CAST(sealed AS TEXT) LIKE '%pay%' OR value LIKE '%pay%'`).Scan(&n); err != nil || n > 0 {
				t.Errorf("her words lie in clear (%v)", err)
			}
			return err
		})
	})
}

// A telephone that two women were asked by: without the code nobody knows whose answer it is, and neither's words are the other's.
func TestASharedTelephoneIsNotGuessed(t *testing.T) {
	each(t, func(w *world) {
		one, two := w.rahima(safe()), w.rahima(safe())
		first, code := w.ask(one, "referral:1")
		w.ask(two, "referral:2")
		if what := w.arrive(own, "না, পাইনি আমি"); what != messages.Unclear {
			t.Errorf("without the code: %s", what)
		}
		all := w.answers("referral:")
		if len(all) != 2 || all[0].Value != messages.Other || all[1].Value != messages.Other || w.item(one, first).Words != "" {
			t.Errorf("%+v", all)
		}
		w.clock.Move(time.Minute)
		if what := w.arrive(own, code+" 2"); what != messages.Answered {
			t.Errorf("with the code: %s", what)
		}
		if a := w.answers("referral:1"); a[len(a)-1].Value != messages.No {
			t.Errorf("%+v", a)
		}
	})
}

// After two weeks nothing is waited for; strangers get nowhere, and cannot guess codes.
func TestStrangersGetNowhere(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		_, code := w.ask(p, "referral:1")
		for n := range 6 {
			if what := w.arrive(his, fmt.Sprintf("%05d 1", n)); what != messages.Unmatched {
				t.Errorf("a guess: %s", what)
			}
		}
		if what := w.arrive(his, code+" 1"); what != messages.Unmatched {
			t.Errorf("the right code after too many guesses: %s", what)
		}
		if what := w.arrive("hello", "1"); what != messages.Unmatched {
			t.Errorf("from no number: %s", what)
		}
		w.clock.Move(15 * 24 * time.Hour)
		if what := w.arrive(own, "1"); what != messages.Unmatched {
			t.Errorf("after two weeks: %s", what)
		}
		if len(w.answers("")) != 0 || len(w.wire.carried) != 1 {
			t.Error("something came of it")
		}
	})
}

// STOP is heeded from any number, for every message by it, until it says START.
func TestStop(t *testing.T) {
	each(t, func(w *world) {
		second := persons.Contact{Kind: "phone", Number: his, Owner: "own", Safety: "safe", Ways: []string{"sms"}}
		p, alone := w.rahima(safe(), second), w.rahima(safe())
		for _, word := range []string{"STOP", "বন্ধ"} {
			if what := w.arrive(own, word); what != messages.Stopped {
				t.Fatalf("%s: %s", word, what)
			}
		}
		w.call(p)
		id := w.call(alone)
		w.work()
		if len(w.wire.carried) != 1 || w.wire.carried[0].To != dials {
			t.Errorf("carried %+v, want to her other number alone", w.wire.carried)
		}
		w.want(alone, id, messages.Held, "message.held.stopped")
		if what := w.arrive(own, "start"); what != messages.Started {
			t.Errorf("start: %s", what)
		}
		w.call(alone)
		w.work()
		if len(w.wire.carried) != 2 {
			t.Error("nothing left after START")
		}
	})
}

// A gateway may hand over the same message twice.
func TestWhatComesInTwiceCountsOnce(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		_, code := w.ask(p, "referral:1")
		for _, want := range []string{messages.Answered, messages.Repeated} {
			w.write(func(tx *db.Tx) error {
				tx.Allowed()
				tx.Recorded()
				what, err := messages.Arrive(t.Context(), tx, messages.Arriving{ID: "mo-1", From: own, Text: code + " 1"})
				if what != want {
					t.Errorf("%s, want %s", what, want)
				}
				return err
			})
		}
		if len(w.answers("")) != 1 {
			t.Error("it counted twice")
		}
	})
}

// Reports are believed that carry the signature of their message; delivery stands, whatever comes after it.
func TestReports(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		id := w.call(p)
		w.work()
		at, err := url.Parse(w.wire.carried[0].Report)
		if err != nil {
			t.Fatal(err)
		}
		tell := func(r messages.Report) error {
			return w.d.Maintain(t.Context(), func(tx *db.Tx) error { _, err := messages.Told(t.Context(), tx, r); return err })
		}
		sign := at.Query().Get("sign")
		for name, r := range map[string]messages.Report{"no signature": {ID: id, Arrived: true}, "another's": {ID: id, Signature: strings.Repeat("A", 26), Arrived: true}, "no message": {ID: "x", Signature: sign}} {
			if err := tell(r); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.want(p, id, messages.Sent, "")
		for _, step := range []struct {
			r     messages.Report
			state messages.State
		}{{messages.Report{}, messages.Sent}, {messages.Report{Lost: true}, messages.Undelivered}, {messages.Report{Arrived: true}, messages.Delivered}, {messages.Report{Lost: true}, messages.Delivered}} {
			step.r.ID, step.r.Signature = id, sign
			if err := tell(step.r); err != nil {
				t.Fatal(err)
			}
			w.want(p, id, step.state, "")
		}
	})
}

// A report that comes when nobody answered in time shows that the message did leave: it is not sent again.
func TestALateReportEndsTheDoubt(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		id := w.call(p)
		w.wire.answer = messages.Unsure
		w.work()
		w.want(p, id, messages.Waiting, "")
		at, _ := url.Parse(w.wire.carried[0].Report)
		if err := w.d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := messages.Told(t.Context(), tx, messages.Report{ID: id, Signature: at.Query().Get("sign")})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.want(p, id, messages.Sent, "")
		w.clock.Move(time.Hour)
		w.work()
		if len(w.wire.carried) != 1 {
			t.Error("it left twice")
		}
	})
}

// Whoever works with her sees her answers, and nobody else.
func TestWhoSeesAnswers(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		w.ask(p, "referral:1")
		w.arrive(own, "my husband reads this")
		w.read(func(q db.Reader) error {
			for _, who := range worldtest.Cast() {
				all, err := messages.OfPerson(t.Context(), q, who, p)
				if err != nil {
					t.Errorf("%s: %v", who.Name, err)
				}
				sees := who.Name == "Amina" || who.Name == "Chandra"
				if sees != (len(all) == 1) {
					t.Errorf("%s sees %d", who.Name, len(all))
				}
			}
			return nil
		})
	})
}
