// SPDX-License-Identifier: Apache-2.0

package referrals_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/worldtest"
)

// abroad is the world with Mitu's organisation, another network, known to it.
func abroad(t *testing.T, fn func(t *testing.T, w *world)) {
	each(t, func(t *testing.T, w *world) {
		if err := w.d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO organisations (id, name_en, name_bn, kind, added_at, version) VALUES (?, 'Setu network', 'সেতু', 'international', ?, 1)`, mitu().Organisation, tx.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		fn(t, w)
	})
}

func (w *world) bringing(need string) referrals.Bringing {
	b := referrals.Bringing{Reference: "N-17", Service: w.legal, Location: w.place, Need: need, Urgency: "days", Papers: []string{"passport"},
		Sheet:     sharing.Sheet{"ask": "help her with her papers", "sex": "female", "age_band": "25-34", "district": "3056", "name": "Karima Begum", "contact": "01812345678;own;call;"},
		Statement: referrals.Statement{Agreed: true, Method: "signed", Language: "bn", By: "Nasrin", On: dates.Of(w.clock.Now())}}
	if need == "counselling" {
		b.Service = w.train
	}
	return b
}

func (w *world) bring(who access.Actor, b referrals.Bringing) (id referrals.ID, err error) {
	w.t.Helper()
	err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = referrals.Bring(ctx, tx, who, b)
		return err
	})
	return id, err
}

func (w *world) brought(who access.Actor, id referrals.ID) (b referrals.Brought, err error) {
	w.t.Helper()
	err = w.d.Read(w.t.Context(), func(q db.Reader) (err error) {
		b, err = referrals.FindBrought(w.t.Context(), q, who, id)
		return err
	})
	return b, err
}

func (w *world) follow(f referrals.Following) error {
	w.t.Helper()
	return w.try(func(ctx context.Context, tx *db.Tx) error { return referrals.Follow(ctx, tx, mitu(), f) })
}

// What another network brings is seen in two stages like any other, and the network learns what became of it.
func TestAnotherNetworkBringsAReferral(t *testing.T) {
	abroad(t, func(t *testing.T, w *world) {
		id, err := w.bring(mitu(), w.bringing("documents"))
		w.done(err)
		w.read(func(ctx context.Context, q db.Reader) error {
			p, err := referrals.Inbox(ctx, q, lima(), referrals.Filter{})
			if len(p.Arrivals) != 1 || p.Arrivals[0].From != "Setu network" || p.Arrivals[0].FromOffice != "" || p.Arrivals[0].Reference != "" || p.Arrivals[0].Sheet != nil {
				t.Errorf("the inbox has %+v", p.Arrivals)
			}
			return err
		})
		a, err := w.opened(lima(), id)
		w.done(err)
		if a.State != course.Received || a.Sheet["ask"] == "" || a.Sheet["name"] != "" || a.Sheet["contact"] != "" || a.Reference != "N-17" {
			t.Errorf("at first the provider sees %+v", a)
		}
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept}))
		if a, err = w.opened(lima(), id); err != nil || a.Sheet["name"] != "Karima Begum" {
			t.Errorf("after it agreed the provider sees %v, %v", a.Sheet, err)
		}
		refused(t, w.follow(referrals.Following{ID: id, Act: course.Confirm}), "referral.not_now")
		refused(t, w.follow(referrals.Following{ID: id, Act: course.Accept}), "fault.bad_choice")
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Unable, Reason: "the office was shut"}))
		b, err := w.brought(mitu(), id)
		w.done(err)
		if b.State != course.Unserved || b.Reference != "N-17" || len(b.Events) != 4 || b.Events[3].Why != "the office was shut" {
			t.Errorf("the network sees %+v", b)
		}
		refused(t, w.follow(referrals.Following{ID: id, Version: b.Version - 1, Act: course.Deny}), "referral.changed_meanwhile")
		w.done(w.follow(referrals.Following{ID: id, Version: b.Version, Act: course.Deny, Words: "it was open"}))
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Serve}))
		w.done(w.follow(referrals.Following{ID: id, Act: course.Confirm}))
		w.done(w.follow(referrals.Following{ID: id, Act: course.Close}))
		if b, err = w.brought(mitu(), id); err != nil || b.State != course.Closed || b.Rounds != 1 {
			t.Errorf("at last the network sees %+v, %v", b, err)
		}
		w.recounted()
	})
}

// recounted fails unless the totals are those of the referrals.
func (w *world) recounted() {
	w.t.Helper()
	if wrong, err := referrals.Recount(w.t.Context(), w.d); err != nil || wrong != 0 {
		w.t.Errorf("%d totals are wrong, %v", wrong, err)
	}
}

// The same reference is the same referral, and other content under it is refused.
func TestWhatIsBroughtTwiceComesOnce(t *testing.T) {
	abroad(t, func(t *testing.T, w *world) {
		id, err := w.bring(mitu(), w.bringing("documents"))
		w.done(err)
		again, err := w.bring(mitu(), w.bringing("documents"))
		if err != nil || again != id {
			t.Errorf("brought again it is %s, %v, want %s", again, err, id)
		}
		b := w.bringing("documents")
		b.Sheet["ask"] = "something else"
		_, err = w.bring(mitu(), b)
		refused(t, err, "referral.reference_used")
		b.Reference = "N-18"
		other, err := w.bring(mitu(), b)
		if err != nil || other == id {
			t.Errorf("under another reference it is %s, %v", other, err)
		}
		w.read(func(ctx context.Context, q db.Reader) error {
			for reference, want := range map[string]int{"": 2, "N-17": 1, " N-18 ": 1, "N-19": 0} {
				all, err := referrals.ListBrought(ctx, q, mitu(), reference, cases.Part{})
				if err != nil || len(all) != want {
					t.Errorf("under %q there are %d, %v, want %d", reference, len(all), err, want)
				}
			}
			return nil
		})
	})
}

func TestWhatMayNotComeIsRefused(t *testing.T) {
	abroad(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			change func(b *referrals.Bringing)
			want   string
		}{
			"no consent":         {func(b *referrals.Bringing) { b.Statement.Agreed = false }, "referral.statement_needed"},
			"asked tomorrow":     {func(b *referrals.Bringing) { b.Statement.On = dates.Of(w.clock.Now()).Add(2) }, "referral.statement_day"},
			"asked some month":   {func(b *referrals.Bringing) { b.Statement.On.Day = 0 }, "referral.statement_day"},
			"asked by nobody":    {func(b *referrals.Bringing) { b.Statement.By = " " }, "fault.needed"},
			"too much":           {func(b *referrals.Bringing) { b.Sheet["what_happened"] = "x" }, "referral.not_for_this_need"},
			"an unknown field":   {func(b *referrals.Bringing) { b.Sheet["religion"] = "x" }, "referral.not_for_this_need"},
			"nothing asked":      {func(b *referrals.Bringing) { delete(b.Sheet, "ask") }, "fault.needed"},
			"a wrong sex":        {func(b *referrals.Bringing) { b.Sheet["sex"] = "F" }, "referral.value_unreadable"},
			"a wrong place":      {func(b *referrals.Bringing) { b.Sheet["district"] = "Manikganj" }, "referral.value_unreadable"},
			"a bare number":      {func(b *referrals.Bringing) { b.Sheet["contact"] = "01812345678" }, "referral.value_unreadable"},
			"not a number":       {func(b *referrals.Bringing) { b.Sheet["contact"] = "by the mosque;own;call;" }, "referral.value_unreadable"},
			"no reference":       {func(b *referrals.Bringing) { b.Reference = "" }, "fault.needed"},
			"an unknown need":    {func(b *referrals.Bringing) { b.Need = "gold" }, "referral.need_unknown"},
			"an unknown urgency": {func(b *referrals.Bringing) { b.Urgency = "soon" }, "fault.bad_choice"},
			"a provider without": {func(b *referrals.Bringing) { b.Service, b.Location, b.Need = w.clinic, "", "health" }, "referral.not_with_us"},
			"another need":       {func(b *referrals.Bringing) { b.Need = "loan" }, "referral.service_other_need"},
		} {
			b := w.bringing("documents")
			c.change(&b)
			_, err := w.bring(mitu(), b)
			if key(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		_, err := w.bring(lima(), w.bringing("documents")) // to her own
		refused(t, err, "referral.not_with_us")
		_, err = w.bring(worldtest.Amina(), w.bringing("documents"))
		refused(t, err, "access.not_allowed")
	})
}

// What was brought is seen by the network that brought it and by the provider that it is for, and by nobody else.
func TestWhatIsBroughtIsSeenByItsSidesAlone(t *testing.T) {
	abroad(t, func(t *testing.T, w *world) {
		id, err := w.bring(mitu(), w.bringing("counselling"))
		w.done(err)
		w.read(func(ctx context.Context, q db.Reader) error {
			p, err := referrals.Inbox(ctx, q, lima(), referrals.Filter{})
			if len(p.Arrivals) != 1 || p.Arrivals[0].Need != "" || p.Arrivals[0].Service != "" || !p.Arrivals[0].Protected {
				t.Errorf("the inbox says what is of class 3: %+v", p.Arrivals)
			}
			return err
		})
		for _, who := range []access.Actor{worldtest.Amina(), worldtest.Chandra(), worldtest.Esha(), lima(), keya()} {
			_, err := w.brought(who, id)
			refused(t, err, "referral.not_found")
			w.read(func(ctx context.Context, q db.Reader) error {
				_, err := referrals.Find(ctx, q, who, id)
				refused(t, err, "referral.not_found")
				return nil
			})
			if who.Organisation != worldtest.Bandhan {
				_, err = w.opened(who, id)
				refused(t, err, "referral.not_found")
			}
		}
		_, err = w.opened(mitu(), id)
		refused(t, err, "referral.not_found")
		refused(t, w.answer(mitu(), referrals.Reply{ID: id, Act: course.Accept}), "referral.not_found")
	})
}

// When a network takes back what it brought the provider sees nothing any more, and says that it has seen that.
func TestANetworkTakesBackWhatItBrought(t *testing.T) {
	abroad(t, func(t *testing.T, w *world) {
		id, err := w.bring(mitu(), w.bringing("documents"))
		w.done(err)
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept}))
		refused(t, w.follow(referrals.Following{ID: id, Act: course.Withdraw}), "fault.needed")
		w.done(w.follow(referrals.Following{ID: id, Act: course.Revoke}))
		a, err := w.opened(lima(), id)
		w.done(err)
		if a.State != course.Withdrawn || len(a.Sheet) != 0 || a.Need != "documents" || a.Reference != "" {
			t.Errorf("the provider sees %+v", a)
		}
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Acknowledge}))
		if b, err := w.brought(mitu(), id); err != nil || b.Acknowledged.IsZero() {
			t.Errorf("the network sees %+v, %v", b, err)
		}
		w.recounted()
	})
}

// What was brought is kept for ninety days after it ended, or after nothing more was expected here, and then nobody can read it.
func TestWhatWasBroughtIsDiscarded(t *testing.T) {
	abroad(t, func(t *testing.T, w *world) {
		var all []referrals.ID
		for i, end := range []func(id referrals.ID){
			func(id referrals.ID) { w.done(w.follow(referrals.Following{ID: id, Act: course.Revoke})) },
			func(id referrals.ID) {
				w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Decline, Reason: "we are full"}))
			},
			func(id referrals.ID) {
				w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept}))
				w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Serve}))
			},
			func(id referrals.ID) { w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept})) },
		} {
			b := w.bringing("documents")
			b.Reference = strings.Repeat("N", i+1)
			id, err := w.bring(mitu(), b)
			w.done(err)
			end(id)
			all = append(all, id)
		}
		w.clock.Move(89 * 24 * time.Hour)
		w.work()
		for _, id := range all {
			if b, err := w.brought(mitu(), id); err != nil || b.Sheet["name"] == "" {
				t.Errorf("too early: %+v, %v", b, err)
			}
		}
		w.clock.Move(2 * 24 * time.Hour)
		w.work()
		for i, id := range all {
			b, err := w.brought(mitu(), id)
			w.done(err)
			if gone := b.Sheet == nil && b.Reference == "" && b.By == ""; gone != (i < 3) {
				t.Errorf("%d: discarded %t: %+v", i, gone, b)
			}
			var keys int
			w.read(func(ctx context.Context, q db.Reader) error {
				return q.QueryRow(ctx, `SELECT count(*) FROM seal_keys WHERE subject_id = ?`, "referral:"+string(id)).Scan(&keys)
			})
			if (keys == 0) != (i < 3) {
				t.Errorf("%d: %d keys", i, keys)
			}
		}
		b := w.bringing("documents")
		b.Reference, b.Statement.On = "N", dates.Of(w.clock.Now().Add(-91*24*time.Hour))
		if id, err := w.bring(mitu(), b); err != nil || id != all[0] {
			t.Errorf("the reference of what was discarded brings %s, %v", id, err)
		}
		refused(t, w.follow(referrals.Following{ID: all[1], Act: course.Withdraw, Words: "late"}), "referral.not_now")
		w.recounted()
		w.work()
	})
}
