// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"context"
	"slices"
	"testing"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// ask asks for money in a case, and returns what was asked.
func ask(t *testing.T, d *db.DB, who access.Actor, id cases.ID, amount int64) (a cases.Approval) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		c, err := cases.Begin(ctx, tx, who, id, cases.Acting{Act: cases.Ask})
		if err != nil {
			return err
		}
		if a, err = cases.AskFor(ctx, tx, who, c, cases.Asking{Kind: cases.OfMoney, Subject: "service:x", Amount: amount, Why: "a sewing machine"}); a.ID == "" {
			tx.Recorded() // nothing was asked
		}
		return err
	})
	return a
}

func say(t *testing.T, d *db.DB, who access.Actor, a cases.Approval, yes bool) (after cases.Approval, err error) {
	t.Helper()
	err = try(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		after, err = cases.Say(ctx, tx, who, cases.Deciding{Approval: a.ID, Yes: yes, Why: "as it was agreed"})
		return err
	})
	return after, err
}

// toDecide is how much waits for somebody.
func toDecide(t *testing.T, d *db.DB, who access.Actor) (n int) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		all, err := cases.ToDecide(ctx, q, who, 50)
		for _, a := range all {
			if a.Why == "" {
				t.Errorf("%s is not told why %s was asked", who.Name, a.ID)
			}
		}
		n = len(all)
		return err
	})
	return n
}

// Above a limit one other decides, above a second one two do; never who asked, and never the same twice.
func TestMoneyIsNotDecidedAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina, basil, chandra, lubna := worldtest.Amina(), worldtest.Basil(), worldtest.Chandra(), lubna()
		id := open(t, d, amina, rahima(t, d, amina))
		forward(t, d, id, cases.Active)
		if a := ask(t, d, amina, id, 0); a.ID != "" || a.Decision != cases.Approved {
			t.Errorf("nothing needs %+v", a)
		}
		small, large := ask(t, d, amina, id, 2_000_000), ask(t, d, amina, id, 2_000_001)
		if small.Needed != 1 || large.Needed != 2 {
			t.Errorf("small needs %d, large %d", small.Needed, large.Needed)
		}
		for _, test := range []struct {
			who  access.Actor
			want string
		}{{amina, "access.not_allowed"}, {jamil(), "access.not_allowed"}, {basil, "case.approval_not_found"}, {worldtest.Farid(), "case.approval_not_found"}} {
			_, err := say(t, d, test.who, small, true)
			refused(t, err, test.want)
		}
		if n := toDecide(t, d, chandra); n != 2 {
			t.Errorf("%d things wait for Chandra, want 2", n)
		}
		if a, err := say(t, d, chandra, small, true); err != nil || a.Decision != cases.Approved {
			t.Errorf("small: %+v, %v", a, err)
		}
		_, err := say(t, d, lubna, small, true)
		refused(t, err, "case.decided_already")
		if a, err := say(t, d, chandra, large, true); err != nil || a.Decision != cases.Waiting {
			t.Errorf("large after one: %+v, %v", a, err)
		}
		_, err = say(t, d, chandra, large, true)
		refused(t, err, "case.voted_already")
		if a, b := toDecide(t, d, chandra), toDecide(t, d, kajol()); a != 0 || b != 1 {
			t.Errorf("%d wait for Chandra and %d for Kajol", a, b)
		}
		if a, err := say(t, d, kajol(), large, true); err != nil || a.Decision != cases.Approved || len(a.Votes) != 2 {
			t.Errorf("large after two: %+v, %v", a, err)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			all, err := cases.Approvals(ctx, q, amina, id)
			if len(all) != 2 {
				t.Errorf("approvals are %+v", all)
			}
			a, wrong := cases.FindApproval(ctx, q, amina, id, large.ID)
			if wrong != nil || len(a.Votes) != 2 || a.Votes[1].Why != "as it was agreed" {
				t.Errorf("the large one is %+v, %v", a, wrong)
			}
			return err
		})
		if got := notices(t, d, amina); !slices.Equal(got, []string{"notice.case_decided", "notice.case_decided"}) {
			t.Errorf("Amina was told %v", got)
		}
	})
}

// A supervisor who asks herself, or has the case, is one more who may not decide.
func TestNobodyDecidesForHerself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina, chandra, lubna := worldtest.Amina(), worldtest.Chandra(), lubna()
		id := open(t, d, amina, rahima(t, d, amina))
		asked := ask(t, d, chandra, id, 1000)
		_, err := say(t, d, chandra, asked, true)
		refused(t, err, "case.approve_own")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return cases.HandOver(ctx, tx, chandra, cases.HandingOver{Cases: []cases.ID{id}, To: lubna.ID})
		})
		_, err = say(t, d, lubna, asked, true)
		refused(t, err, "case.approve_own")
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Say(ctx, tx, kajol(), cases.Deciding{Approval: asked.ID})
			return err
		}), "fault.needed") // a no says why
		if a, err := say(t, d, kajol(), asked, false); err != nil || a.Decision != cases.Refused {
			t.Errorf("refused: %+v, %v", a, err)
		}
	})
}

// A closure that another has to allow leaves the case as it is until then.
func TestAClosureThatIsDecided(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		id := open(t, d, amina, rahima(t, d, amina))
		forward(t, d, id, cases.Active)
		closing := cases.Closing{Case: id, Code: "lost_contact", Duties: []string{"tried_to_reach", "told_supervisor"}, Why: "three visits in vain"}
		shut := func() error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				closed, err := cases.Shut(ctx, tx, amina, closing)
				if closed {
					t.Error("it was closed at once")
				}
				return err
			})
		}
		if err := shut(); err != nil {
			t.Fatal(err)
		}
		refused(t, shut(), "case.closure_asked")
		waiting := func() (a cases.Approval) {
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				all, err := cases.ToDecide(ctx, q, chandra, 10)
				if len(all) == 1 {
					a = all[0]
				}
				return err
			})
			return a
		}
		if _, err := say(t, d, chandra, waiting(), false); err != nil {
			t.Fatal(err)
		}
		if c := found(t, d, amina, id); c.Status != cases.Active {
			t.Errorf("refused, it is %s", c.Status)
		}
		if err := shut(); err != nil {
			t.Fatal(err)
		}
		if _, err := say(t, d, chandra, waiting(), true); err != nil {
			t.Fatal(err)
		}
		if c := found(t, d, amina, id); c.Status != cases.Closed || c.Closure != "lost_contact" {
			t.Errorf("allowed, it is %+v", c)
		}
	})
}
