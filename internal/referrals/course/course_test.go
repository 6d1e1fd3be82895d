// SPDX-License-Identifier: Apache-2.0

package course_test

import (
	"slices"
	"testing"

	"fera/internal/dates"
	"fera/internal/deadlines"
	"fera/internal/referrals/course"
)

// A referral ends well only by what she said: no way leads from a draft to the end past her, but for what was declined, not answered,
// or asked three times.
func TestNothingEndsPastHer(t *testing.T) {
	type at struct {
		s    course.Standing
		path string
	}
	seen := map[course.Standing]bool{}
	for next := []at{{course.Standing{State: course.Drafted}, "drafted"}}; len(next) > 0; {
		here := next[0]
		next = next[1:]
		if seen[here.s] {
			continue
		}
		seen[here.s] = true
		for _, side := range []course.Side{course.Sender, course.Receiver, course.Returnee, course.System} {
			for _, a := range course.Possible(here.s, side) {
				to := here.s
				to.State = course.After(here.s.State, a)
				to.Known = to.Known || a == course.Send
				switch {
				case a == course.Try:
					to.Tries++
				case slices.Contains(course.Reports(), a):
					to.Tries = 0
				case a == course.Acknowledge:
					to.Acknowledged = true
				}
				if to.State == course.Closed && !slices.Contains([]course.State{course.Confirmed, course.Declined, course.Expired}, here.s.State) && here.s.Tries < course.MostTries {
					t.Errorf("%s, %s: it ends and nobody asked her", here.path, a)
				}
				if to.Tries <= course.MostTries {
					next = append(next, at{to, here.path + ", " + string(a)})
				}
			}
		}
	}
	for _, state := range course.States() {
		found := false
		for s := range seen {
			found = found || s.State == state
		}
		if !found {
			t.Errorf("nothing leads to %s", state)
		}
	}
	for _, a := range course.Acts() {
		if !slices.ContainsFunc([]course.Side{course.Sender, course.Receiver, course.Returnee, course.System}, func(side course.Side) bool {
			for s := range seen {
				if s.Refusal(a, side) == nil {
					return true
				}
			}
			return false
		}) {
			t.Errorf("nobody can ever %s", a)
		}
	}
}

// The provider knows who she is only while it has agreed to serve her.
func TestWhoSheIsComesWithAgreement(t *testing.T) {
	for _, s := range []course.State{course.Drafted, course.Sent, course.Received, course.Declined, course.Withdrawn, course.Expired, course.Closed} {
		if s.Agreed() {
			t.Errorf("in %s the provider may know who she is", s)
		}
	}
}

// Whatever waits for somebody is due on some day, in working days of the calendar.
func TestWhatWaitsIsDue(t *testing.T) {
	calendar, err := deadlines.Dhaka(nil)
	if err != nil {
		t.Fatal(err)
	}
	day := dates.Partial{Year: 2026, Month: 11, Day: 26} // a Thursday
	for _, u := range course.Standard().Urgencies {
		if err := u.Answer.Check(); err != nil {
			t.Errorf("%s: %v", u.Code, err)
		}
	}
	for _, s := range course.States() {
		due := course.Standard().Due(calendar, s, course.Moment{Since: day, Sent: day, Meets: day.Add(4), Urgency: "days"})
		if waits := s != course.Drafted && s != course.Closed; waits == due.IsZero() {
			t.Errorf("%s is due on %s", s, due)
		}
	}
	if got := course.Standard().Due(calendar, course.Sent, course.Moment{Since: day, Sent: day, Urgency: "weeks"}); got != (dates.Partial{Year: 2026, Month: 12, Day: 10}) {
		t.Errorf("ten working days after %s is %s", day, got)
	}
}

// A provider takes a report back as long as nobody asked her; then only she says whether it was so.
func TestAReportIsTakenBackBeforeSheIsAsked(t *testing.T) {
	for _, s := range course.States() {
		told := s == course.Served || s == course.Unserved
		if may := slices.Contains(course.Possible(course.Standing{State: s, Known: true}, course.Receiver), course.Correct); may != told {
			t.Errorf("in %s a report may be taken back: %v", s, may)
		}
		for _, side := range []course.Side{course.Sender, course.Returnee, course.System} {
			if slices.Contains(course.Possible(course.Standing{State: s, Known: true}, side), course.Correct) {
				t.Errorf("in %s %s may take back what the provider reported", s, side)
			}
		}
	}
	if f := (course.Standing{State: course.Served, Tries: 1}).Refusal(course.Correct, course.Receiver); f == nil || f.Key != "referral.she_was_asked" {
		t.Errorf("after somebody tried to ask her: %v", f)
	}
	if to := course.After(course.Unserved, course.Correct); to != course.Accepted {
		t.Errorf("it stands at %s then", to)
	}
}
