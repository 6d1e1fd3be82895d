// SPDX-License-Identifier: Apache-2.0

package referrals_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory/listing"
	"fera/internal/persons"
	"fera/internal/procedures"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/worldtest"
)

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, build(t, d, clock)) })
}

// A referral goes from a draft to what she herself says, and her no takes it up again.
func TestALoopIsClosedByHerAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.drafting("documents")
		d.Share = []string{"country", "home"}
		id := w.send(d)
		a, err := w.opened(lima(), id)
		w.done(err)
		if a.State != course.Received || a.Sheet["ask"] == "" || a.Sheet["sex"] != "female" || a.Sheet["age_band"] == "" {
			t.Errorf("at first the provider sees %v %v", a.State, a.Sheet)
		}
		for _, code := range []string{"name", "contact", "home", "country", "birth"} {
			if a.Sheet[code] != "" {
				t.Errorf("before it agreed the provider sees %s", code)
			}
		}
		at := w.clock.Now().Add(48 * time.Hour)
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Enlist, Reason: "a place in some weeks"}))
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Appoint, At: at, Where: "room 3"}))
		a, err = w.opened(lima(), id)
		w.done(err)
		if !strings.Contains(a.Sheet["name"], "Rahima") || !strings.HasPrefix(a.Sheet["contact"], "+8801712345678;own;call;") || a.Sheet["home"] != "305670" || a.Sheet["birth"] != "" || a.Where != "room 3" {
			t.Errorf("after it agreed the provider sees %v", a.Sheet)
		}
		refused(t, w.hear(id, course.Confirm), "referral.not_now")
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Serve}))
		refused(t, w.try(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Close(ctx, tx, worldtest.Amina(), referrals.Ending{ID: id})
		}), "referral.ask_her_first")
		w.done(w.hear(id, course.Deny))
		r := w.state(id, course.Reopened)
		if r.Answer != "no" || r.Rounds != 1 {
			t.Errorf("she said %q, %d times", r.Answer, r.Rounds)
		}
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Serve, Reason: "now she has it"}))
		w.done(w.hear(id, course.Confirm))
		w.done(w.try(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Close(ctx, tx, worldtest.Amina(), referrals.Ending{ID: id})
		}))
		w.state(id, course.Closed)
		w.read(func(ctx context.Context, q db.Reader) error {
			all, err := referrals.Events(ctx, q, worldtest.Amina(), id)
			var acts []string
			for _, e := range all {
				acts = append(acts, string(e.Act))
			}
			if got, want := strings.Join(acts, " "), "send receive enlist appoint serve deny serve confirm close"; got != want {
				t.Errorf("what was done is %s, want %s", got, want)
			}
			if err == nil && all[2].Why != "a place in some weeks" {
				t.Errorf("why it was put on a list is %q", all[2].Why)
			}
			return err
		})
	})
}

// Who neither sees the case nor is asked finds nothing by any function.
func TestStrangersFindNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.send(w.drafting("documents"))
		protected := w.send(w.drafting("counselling"))
		for _, who := range []access.Actor{worldtest.Basil(), mitu(), worldtest.Harun(), worldtest.Gita(), worldtest.Esha()} {
			w.read(func(ctx context.Context, q db.Reader) error {
				_, err := referrals.Find(ctx, q, who, id)
				refused(t, err, "referral.not_found")
				if _, err := referrals.Events(ctx, q, who, id); key(err) != "referral.not_found" {
					t.Errorf("%s reads events: %v", who.Name, err)
				}
				if _, err := referrals.List(ctx, q, who, w.of, cases.Part{}); err == nil {
					t.Errorf("%s lists the referrals of the case", who.Name)
				}
				return nil
			})
			if who.Organisation == worldtest.Bandhan && who.Holds(access.AnswerReferral) {
				continue
			}
			_, err := w.opened(who, id)
			refused(t, err, "referral.not_found")
			refused(t, w.answer(who, referrals.Reply{ID: id, Act: course.Accept}), "referral.not_found")
		}
		w.read(func(ctx context.Context, q db.Reader) error {
			if _, err := referrals.Find(ctx, q, lima(), id); key(err) != "referral.not_found" {
				t.Errorf("the provider sees it as its sender does: %v", err)
			}
			if _, err := referrals.Find(ctx, q, worldtest.Chandra(), protected); key(err) != "referral.not_found" {
				t.Errorf("a supervisor who has not got her on the caseload sees a referral of class 3: %v", err)
			}
			some, err := referrals.List(ctx, q, worldtest.Chandra(), w.of, cases.Part{})
			if err != nil || len(some) != 1 || some[0].ID != id {
				t.Errorf("a supervisor lists %d of class 2, %v", len(some), err)
			}
			p, err := referrals.Inbox(ctx, q, mitu(), referrals.Filter{})
			if err != nil || len(p.Arrivals) != 0 {
				t.Errorf("another provider's inbox holds %d", len(p.Arrivals))
			}
			return err
		})
		refused(t, w.try(func(ctx context.Context, tx *db.Tx) error {
			_, err := referrals.Look(ctx, tx, worldtest.Chandra(), w.of, cases.Part{})
			return err
		}), "person.protected_not_allowed")
	})
}

// A list of what came names nobody, and of what is of class 3 not even the need; a provider that declined sees nothing any more.
func TestAnInboxNamesNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.drafting("counselling")
		d.Typed["help_needed"] = "zqcanary-help"
		d.Share = []string{"help_needed"}
		protected := w.send(d)
		plain := w.send(w.drafting("documents"))
		w.read(func(ctx context.Context, q db.Reader) error {
			p, err := referrals.Inbox(ctx, q, lima(), referrals.Filter{})
			if err != nil || len(p.Arrivals) != 2 {
				t.Fatalf("the inbox holds %d, %v", len(p.Arrivals), err)
			}
			for _, a := range p.Arrivals {
				text, _ := json.Marshal(a)
				for _, secret := range []string{"Rahima", "রহিমা", "01712345678", "zqcanary", "counselling", "please help", string(w.person), string(w.of)} {
					if strings.Contains(string(text), secret) {
						t.Errorf("a list shows %s: %s", secret, text)
					}
				}
				if a.ID == plain && a.Need != "documents" || a.ID == protected && (a.Need != "" || a.Service != "") {
					t.Errorf("the need in a list is %q", a.Need)
				}
			}
			return nil
		})
		a, err := w.opened(lima(), protected)
		w.done(err)
		if a.Need != "counselling" || a.Sheet["help_needed"] != "" {
			t.Errorf("opened, it shows %q and %v", a.Need, a.Sheet)
		}
		w.done(w.answer(lima(), referrals.Reply{ID: protected, Act: course.Decline, Reason: "full"}))
		a, err = w.opened(lima(), protected)
		w.done(err)
		if len(a.Sheet) != 0 || a.Need != "" || a.Location != "" || len(a.Papers) != 0 || a.District != "" {
			t.Errorf("after it declined the provider sees %+v", a)
		}
	})
}

// Nothing is sent without her yes, without the papers or a reason, or of class 3 where she did not agree to that.
func TestWhatIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.drafting("documents")
		d.Papers = nil
		id := w.draft(d)
		sending := func(s referrals.Sending) error {
			return w.try(func(ctx context.Context, tx *db.Tx) error { return referrals.Send(ctx, tx, worldtest.Amina(), s) })
		}
		refused(t, sending(referrals.Sending{ID: id, Method: "spoken", Language: "bn"}), "referral.consent_needed")
		refused(t, sending(referrals.Sending{ID: id, Agreed: true, Method: "spoken", Language: "bn"}), "referral.papers_missing")
		refused(t, sending(referrals.Sending{ID: id, Agreed: true, Method: "shouted", Language: "bn"}), "fault.bad_choice")
		d.Anyway = "the bank will make a copy"
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Redraft(ctx, tx, worldtest.Amina(), referrals.Acting{ID: id, Version: 1}, d)
		})
		refused(t, sending(referrals.Sending{ID: id, Version: 1, Agreed: true, Method: "spoken", Language: "bn"}), "referral.changed_meanwhile")
		w.done(sending(referrals.Sending{ID: id, Version: 2, Agreed: true, Method: "spoken", Language: "bn"}))
		refused(t, sending(referrals.Sending{ID: id, Agreed: true, Method: "spoken", Language: "bn"}), "referral.not_now")
		for name, change := range map[string]func(d *referrals.Drafting){
			"referral.need_unknown":        func(d *referrals.Drafting) { d.Need = "dragons" },
			"referral.service_unknown":     func(d *referrals.Drafting) { d.Service = w.place },
			"referral.service_other_need":  func(d *referrals.Drafting) { d.Need = "loan" },
			"referral.service_elsewhere":   func(d *referrals.Drafting) { d.Location = w.legal },
			"referral.not_for_this_need":   func(d *referrals.Drafting) { d.Share = []string{"health_note"} },
			"fault.bad_choice":             func(d *referrals.Drafting) { d.Urgency = "soon" },
			"fault.needed":                 func(d *referrals.Drafting) { d.Typed = nil },
			"case.not_found":               func(d *referrals.Drafting) { d.Case = "x" },
			"person.protected_not_allowed": nil,
		} {
			who, d := worldtest.Amina(), w.drafting("documents")
			if change == nil {
				who, d = worldtest.Chandra(), w.drafting("counselling")
			} else {
				change(&d)
			}
			refused(t, w.try(func(ctx context.Context, tx *db.Tx) error {
				_, err := referrals.Draft(ctx, tx, who, d)
				return err
			}), name)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return persons.AnswerConsent(ctx, tx, worldtest.Amina(), w.person, persons.Consent{Purpose: persons.PurposeProtected})
		})
		refused(t, w.try(func(ctx context.Context, tx *db.Tx) error {
			_, err := referrals.Draft(ctx, tx, worldtest.Amina(), w.drafting("counselling"))
			return err
		}), "person.protected_consent_needed")
	})
}

// When she takes back her consent, what is under way stops, the providers are told, and it shows who has not acknowledged.
func TestSheTakesBackHerConsent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sent, accepted, draft := w.send(w.drafting("documents")), w.send(w.drafting("training")), w.draft(w.drafting("job"))
		served := w.send(w.drafting("job"))
		w.done(w.answer(lima(), referrals.Reply{ID: accepted, Act: course.Accept}))
		w.done(w.answer(lima(), referrals.Reply{ID: served, Act: course.Accept}))
		w.done(w.answer(lima(), referrals.Reply{ID: served, Act: course.Serve}))
		w.write(func(ctx context.Context, tx *db.Tx) error {
			n, err := referrals.RevokeAll(ctx, tx, worldtest.Amina(), w.of, "")
			if n != 3 {
				t.Errorf("%d stopped, want 3", n)
			}
			return err
		})
		for _, id := range []referrals.ID{sent, accepted, draft} {
			w.state(id, course.Withdrawn)
		}
		w.state(served, course.Served)
		a, err := w.opened(lima(), accepted)
		w.done(err)
		if len(a.Sheet) != 0 || !slices.Equal(a.Acts, []course.Act{course.Acknowledge}) {
			t.Errorf("after it was withdrawn the provider sees %v and may %v", a.Sheet, a.Acts)
		}
		w.done(w.answer(lima(), referrals.Reply{ID: accepted, Act: course.Acknowledge}))
		refused(t, w.answer(lima(), referrals.Reply{ID: accepted, Act: course.Serve}), "referral.not_now")
		if w.look(accepted).Acknowledged.IsZero() || !w.look(sent).Acknowledged.IsZero() {
			t.Error("it does not show who has acknowledged")
		}
		w.read(func(ctx context.Context, q db.Reader) error {
			p, err := referrals.Inbox(ctx, q, lima(), referrals.Filter{})
			if err != nil || len(p.Arrivals) != 1 || p.Arrivals[0].ID != sent {
				t.Errorf("the inbox holds %+v, %v", p.Arrivals, err)
			}
			told, err := accounts.Notices(ctx, q, lima(), 50)
			n := 0
			for _, one := range told {
				if one.Key == "notice.referral_withdrawn" {
					n++
				}
			}
			if n != 2 {
				t.Errorf("the provider was told of %d withdrawals, want 2", n)
			}
			return err
		})
	})
}

// Who is silent is reminded, then others are told, then it ends.
func TestSilence(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.send(w.drafting("documents"))
		told := func(who access.Actor) (keys []string) {
			w.read(func(ctx context.Context, q db.Reader) error {
				all, err := accounts.Notices(ctx, q, who, 50)
				for _, n := range all {
					if strings.HasPrefix(n.Key, "notice.referral") && n.Key != "notice.referral_sent" {
						keys = append(keys, strings.TrimPrefix(n.Key, "notice.referral_"))
					}
				}
				return err
			})
			slices.Sort(keys)
			return slices.Compact(keys)
		}
		w.work()
		if got := told(lima()); len(got) != 0 {
			t.Errorf("reminded before the day: %v", got)
		}
		silentFrom := 0
		for day := range 30 {
			w.clock.Move(24 * time.Hour)
			w.work()
			if r := w.look(id); r.Silent && silentFrom == 0 {
				silentFrom = day + 1
				w.read(func(ctx context.Context, q db.Reader) error {
					all, err := referrals.Conducts(ctx, q)
					if err != nil || len(all) != 1 || all[0].Unanswered != 1 {
						t.Errorf("the conduct of who is silent is %+v, %v", all, err)
					}
					return err
				})
			}
		}
		if silentFrom < 3 || silentFrom > 7 {
			t.Errorf("silent after %d days", silentFrom)
		}
		if got := told(lima()); !slices.Equal(got, []string{"due"}) {
			t.Errorf("the provider was told %v", got)
		}
		if got := told(worldtest.Amina()); !slices.Equal(got, []string{"expired", "silent", "turn"}) {
			t.Errorf("the caseworker was told %v", got)
		}
		if got := told(worldtest.Chandra()); !slices.Contains(got, "stuck") {
			t.Errorf("the supervisor was told %v", got)
		}
		w.state(id, course.Expired)
		refused(t, w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept}), "referral.not_now")
	})
}

// A link does one thing once, until its end; who has only the database can make none.
func TestALinkDoesOneThing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.send(w.drafting("business"))
		issue := func(purpose referrals.Purpose) (secret string) {
			w.write(func(ctx context.Context, tx *db.Tx) (err error) {
				secret, _, err = referrals.Issue(ctx, tx, worldtest.Amina(), id, purpose)
				return err
			})
			return secret
		}
		use := func(secret string, reply referrals.Reply) (next string, err error) {
			err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
				next, err = referrals.Use(ctx, tx, secret, reply)
				return err
			})
			return next, err
		}
		peek := func(secret string) (p referrals.Pass) {
			w.read(func(ctx context.Context, q db.Reader) (err error) {
				p, err = referrals.FindPass(ctx, q, secret)
				return err
			})
			return p
		}
		first := issue(referrals.ToAnswer)
		second := issue(referrals.ToAnswer)
		if !peek(first).Ended || peek(second).Ended {
			t.Error("a later link does not end the earlier")
		}
		if w.look(id).State != course.Sent {
			t.Error("to look at a link has received the referral")
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			p, err := referrals.OpenPass(ctx, tx, second)
			if p.Arrival.Sheet["name"] != "" || p.Arrival.Sheet["ask"] == "" || p.Arrival.ID != "" {
				t.Errorf("a link shows %+v", p.Arrival)
			}
			return err
		})
		w.state(id, course.Received)
		_, err := use(second, referrals.Reply{Act: course.Serve})
		refused(t, err, "access.not_allowed")
		_, err = use(first, referrals.Reply{Act: course.Accept})
		refused(t, err, "referral.link_over")
		report, err := use(second, referrals.Reply{Act: course.Accept})
		w.done(err)
		_, err = use(second, referrals.Reply{Act: course.Decline, Reason: "changed my mind"})
		refused(t, err, "referral.link_spent")
		if p := peek(second); !p.Spent || p.SpentOn != course.Accept || !reflect.DeepEqual(p.Arrival, referrals.Arrival{}) {
			t.Errorf("a spent link shows %+v", p)
		}
		if p := peek(report); p.Purpose != referrals.ToReport || p.Arrival.Sheet["name"] == "" {
			t.Errorf("the next link is %+v", p)
		}
		_, err = use(report, referrals.Reply{Act: course.Serve})
		w.done(err)
		hers := issue(referrals.ToConfirm)
		p := peek(hers)
		if text := fmt.Sprintf("%+v", p.Arrival); strings.Contains(text, "Rahima") || strings.Contains(text, "business") || strings.Contains(text, "help her") {
			t.Errorf("her link shows %s", text)
		}
		w.clock.Move(15 * 24 * time.Hour)
		_, err = use(hers, referrals.Reply{Act: course.Confirm})
		refused(t, err, "referral.link_over")
		if p := peek(hers); !p.Ended || !reflect.DeepEqual(p.Arrival, referrals.Arrival{}) {
			t.Errorf("a link after its end shows %+v", p)
		}
		hers = issue(referrals.ToConfirm)
		_, err = use(hers, referrals.Reply{Act: course.Deny, Reason: "nobody came"})
		w.done(err)
		w.state(id, course.Reopened)
		w.read(func(ctx context.Context, q db.Reader) error {
			_, err := referrals.FindPass(ctx, q, strings.Repeat("a", 32))
			refused(t, err, "referral.link_unknown")
			var n int
			if err := q.QueryRow(ctx, `SELECT count(*) FROM referral_passes WHERE id IN (?, ?, ?)`, first, second, hers).Scan(&n); err != nil || n != 0 {
				t.Errorf("the database holds the text of %d links, %v", n, err)
			}
			return nil
		})
	})
}

// Of a woman who was erased nothing stays by which she could be known; the provider is told, and the totals stay.
func TestErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		open, served := w.send(w.drafting("documents")), w.send(w.drafting("training"))
		w.done(w.answer(lima(), referrals.Reply{ID: served, Act: course.Accept}))
		w.done(w.answer(lima(), referrals.Reply{ID: served, Act: course.Serve}))
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := procedures.Erase(ctx, tx, worldtest.Esha(), w.person, "she asks for it")
			return err
		})
		a, err := w.opened(lima(), open)
		w.done(err)
		if a.State != course.Withdrawn || len(a.Sheet) != 0 || len(a.Acts) != 0 {
			t.Errorf("the provider sees %+v", a)
		}
		if a, err = w.opened(lima(), served); err != nil || len(a.Sheet) != 0 {
			t.Errorf("the provider sees %+v, %v", a, err)
		}
		if wrong, err := referrals.Recount(t.Context(), w.d); err != nil || wrong != 0 {
			t.Errorf("%d totals are wrong, %v", wrong, err)
		}
	})
}

// Whatever happens in whatever order, the totals are what a recount finds, and no state is reached that the course does not know.
func TestFlowsAreWhatARecountFinds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := chance(t)
		needs := []string{"documents", "job", "training", "counselling", "health", "business"}
		var all []referrals.ID
		for range 120 {
			w.clock.Move(time.Duration(r.IntN(40)) * time.Hour)
			if len(all) == 0 || r.IntN(5) == 0 {
				all = append(all, w.send(w.drafting(needs[r.IntN(len(needs))])))
				continue
			}
			w.random(r.IntN(len(course.Acts())), all[r.IntN(len(all))])
			if r.IntN(6) == 0 {
				w.work()
			}
		}
		counts := map[course.State]int{}
		for _, id := range all {
			counts[w.look(id).State]++
		}
		t.Logf("ended as %v", counts)
		if wrong, err := referrals.Recount(t.Context(), w.d); err != nil || wrong != 0 {
			t.Errorf("%d totals are wrong, %v", wrong, err)
		}
		w.read(func(ctx context.Context, q db.Reader) error {
			whole, err := referrals.Flows(ctx, q, keya(), referrals.FlowFilter{})
			if err != nil {
				return err
			}
			if len(whole) != 1 || whole[0].Count["sent"] != len(all) {
				t.Errorf("%+v were sent, want %d", whole, len(all))
			}
			for _, by := range []string{"need", "district", "organisation", "month"} {
				parts, err := referrals.Flows(ctx, q, keya(), referrals.FlowFilter{By: by})
				if err != nil {
					return err
				}
				sum := map[referrals.Step]int{}
				for _, p := range parts {
					for step, n := range p.Count {
						sum[step] += n
					}
				}
				if !reflect.DeepEqual(sum, whole[0].Count) {
					t.Errorf("by %s the parts are %v, the whole %v", by, sum, whole[0].Count)
				}
			}
			return nil
		})
	})
}

// random does whatever act it is, by whoever may.
func (w *world) random(n int, id referrals.ID) {
	w.t.Helper()
	act := course.Acts()[n]
	reply := referrals.Reply{ID: id, Act: act, Reason: "because it is so", At: w.clock.Now().Add(30 * time.Hour)}
	var err error
	switch {
	case act == course.Confirm || act == course.Deny || act == course.Try:
		err = w.hear(id, act)
	case act == course.Withdraw:
		err = w.try(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Withdraw(ctx, tx, worldtest.Amina(), referrals.Ending{ID: id, Why: "a mistake"})
		})
	case act == course.Close:
		err = w.try(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Close(ctx, tx, worldtest.Amina(), referrals.Ending{ID: id})
		})
	case act == course.Receive:
		_, err = w.opened(lima(), id)
	default:
		err = w.answer(lima(), reply)
	}
	if k := key(err); !slices.Contains([]string{"", "referral.not_now", "referral.not_found", "access.not_allowed", "referral.ask_her_first", "referral.she_was_asked"}, k) {
		w.t.Errorf("%s answered %s", act, k)
	}
}

// Each need that the directory knows has its fields, and what is always shared is among them; nothing of class 3 is taken from a file.
func TestEveryNeedHasItsFields(t *testing.T) {
	for _, f := range sharing.Fields() {
		if f.Class == 3 && !f.Typed {
			t.Errorf("%s is of class 3 and not typed", f.Code)
		}
	}
	for _, n := range listing.Needs() {
		if !sharing.Knows(n.Code) {
			t.Errorf("nobody says what may be shared for %s", n.Code)
		}
	}
	for _, code := range sharing.Always() {
		if f, ok := sharing.FieldOf(code); !ok || f.Class == 3 {
			t.Errorf("%s is always shared", code)
		}
	}
}

// The middle referral says how long a step takes, by whatever it is asked.
func TestHowLongAStepTakes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var all []referrals.ID
		for range 3 {
			all = append(all, w.send(w.drafting("documents")))
		}
		for i, days := range []int{1, 2, 2} { // on the first, the third, the fifth day
			w.clock.Move(time.Duration(days) * 24 * time.Hour)
			w.done(w.answer(lima(), referrals.Reply{ID: all[i], Act: course.Accept}))
		}
		w.read(func(ctx context.Context, q db.Reader) error {
			for _, f := range []referrals.FlowFilter{{}, {By: "need"}, {By: "district"}, {By: "organisation"}, {By: "month"}, {District: "3056"}, {Need: "documents"}} {
				got, err := referrals.Flows(ctx, q, keya(), f)
				if err != nil || len(got) != 1 || got[0].Count["agreed"] != 3 || got[0].Median["agreed"] != 3 {
					t.Errorf("%+v: %+v, %v, want 3 agreed in 3 days", f, got, err)
				}
			}
			all, err := referrals.Conducts(ctx, q)
			if err != nil || len(all) != 1 || all[0].Days != 3 || all[0].Answered != 3 {
				t.Errorf("the conduct is %+v, %v", all, err)
			}
			for _, who := range []access.Actor{worldtest.Amina(), lima(), worldtest.Farid()} {
				if _, err := referrals.Flows(ctx, q, who, referrals.FlowFilter{}); key(err) != "access.not_allowed" {
					t.Errorf("%s sees flows: %v", who.Name, err)
				}
			}
			_, err = referrals.Flows(ctx, q, keya(), referrals.FlowFilter{By: "need", Organisation: "x"})
			refused(t, err, "referral.flow_one_way")
			return nil
		})
	})
}
