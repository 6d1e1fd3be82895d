// SPDX-License-Identifier: Apache-2.0

package referrals_test

import (
	"context"
	"slices"
	"testing"

	"fera/internal/db"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/worldtest"
)

// A provider that reported by mistake takes that back and reports anew; once she was asked, by whom or what ever, it cannot.
func TestAMistakenReportIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.send(w.drafting("documents"))
		correct := func() error {
			return w.answer(lima(), referrals.Reply{ID: id, Act: course.Correct, Reason: "it was somebody else"})
		}
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept}))
		refused(t, correct(), "referral.not_now")
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.NoShow}))
		refused(t, w.answer(lima(), referrals.Reply{ID: id, Act: course.Correct}), "fault.needed")
		refused(t, w.answer(mitu(), referrals.Reply{ID: id, Act: course.Correct, Reason: "because"}), "referral.not_found")
		w.done(correct())
		if r := w.state(id, course.Accepted); r.Outcome != "" || !r.ToldAt.IsZero() || r.DecidedAt.IsZero() || r.DueOn == "" {
			t.Errorf("after it was taken back: %q told %v, decided %v, due %s", r.Outcome, r.ToldAt, r.DecidedAt, r.DueOn)
		}
		if wrong, err := referrals.Recount(t.Context(), w.d); err != nil || wrong != 0 {
			t.Errorf("%d totals are wrong, %v", wrong, err)
		}
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Serve}))
		w.done(w.hear(id, course.Try))
		refused(t, correct(), "referral.she_was_asked")
	})
}

// She who holds a link to say whether it was so was asked.
func TestAReportStandsOnceSheHoldsALink(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.send(w.drafting("documents"))
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Accept}))
		w.done(w.answer(lima(), referrals.Reply{ID: id, Act: course.Serve}))
		if a, err := w.opened(lima(), id); err != nil || !slices.Contains(a.Acts, course.Correct) {
			t.Errorf("it may do %v, %v", a.Acts, err)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, _, err := referrals.Issue(ctx, tx, worldtest.Amina(), id, referrals.ToConfirm)
			return err
		})
		if a, err := w.opened(lima(), id); err != nil || slices.Contains(a.Acts, course.Correct) {
			t.Errorf("when she holds a link it may do %v, %v", a.Acts, err)
		}
		refused(t, w.answer(lima(), referrals.Reply{ID: id, Act: course.Correct, Reason: "a mistake"}), "referral.she_was_asked")
	})
}

// What waits is counted by state and found alone as the list has it; a stranger finds and counts nothing.
func TestWhatWaitsIsCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first, second, declined := w.send(w.drafting("documents")), w.send(w.drafting("counselling")), w.send(w.drafting("job"))
		w.done(w.answer(lima(), referrals.Reply{ID: second, Act: course.Accept}))
		w.done(w.answer(lima(), referrals.Reply{ID: declined, Act: course.Decline, Reason: "full"}))
		w.read(func(ctx context.Context, q db.Reader) error {
			by, late, err := referrals.Waiting(ctx, q, lima())
			if by[course.Sent] != 1 || by[course.Accepted] != 1 || by[course.Declined] != 0 || late != 0 {
				t.Errorf("waiting: %v, %d late", by, late)
			}
			if by, late, err := referrals.Waiting(ctx, q, mitu()); err != nil || by[course.Sent] != 0 || late != 0 {
				t.Errorf("for a stranger: %v, %d, %v", by, late, err)
			}
			if _, _, err := referrals.Waiting(ctx, q, worldtest.Harun()); key(err) != "access.not_allowed" {
				t.Errorf("who answers nothing: %v", err)
			}
			if a, err := referrals.FindArrival(ctx, q, lima(), first); err != nil || a.Need != "documents" || len(a.Sheet) != 0 || a.State != course.Sent {
				t.Errorf("found alone: %+v, %v", a, err)
			}
			if a, err := referrals.FindArrival(ctx, q, lima(), second); err != nil || a.Need != "" || a.Service != "" {
				t.Errorf("of class 3: %+v, %v", a, err)
			}
			if a, err := referrals.FindArrival(ctx, q, lima(), declined); err != nil || a.District != "" {
				t.Errorf("declined: %+v, %v", a, err)
			}
			_, stranger := referrals.FindArrival(ctx, q, mitu(), first)
			refused(t, stranger, "referral.not_found")
			return err
		})
		w.clock.Move(40 * 24 * 3600 * 1e9)
		w.read(func(ctx context.Context, q db.Reader) error {
			_, late, err := referrals.Waiting(ctx, q, lima())
			if late != 2 {
				t.Errorf("%d are late", late)
			}
			return err
		})
	})
}
