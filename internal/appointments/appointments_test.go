// SPDX-License-Identifier: Apache-2.0

package appointments_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/appointments"
	"fera/internal/audit"
	"fera/internal/calendars"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/procedures"
	"fera/internal/worldtest"
)

// An appointment is made, moved, kept or missed, and cancelled for a reason; each step is written down with who did it.
func TestTheLifeOfAnAppointment(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		_, c := somebody(t, d, worldtest.Amina())
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		a := book(t, d, amina, appointments.Booking{Case: c, At: at(10, 10, 30), Note: secret})
		if a.State != appointments.Booked || a.WithName != "Amina" || a.Minutes() != 30 || !a.RemindAt.Equal(at(9, 10, 30)) {
			t.Errorf("booked %+v", a)
		}
		_, err := note(t, d, amina, a.ID, appointments.Come)
		refused(t, err, "appointment.not_now")
		moved, err := shift(t, d, chandra, a.ID, appointments.Booking{With: amina.ID, Office: worldtest.Sylhet, At: at(11, 9, 0), Minutes: 45, Purpose: "loan", Reason: "she has to work that day"})
		if err != nil || moved.Sequence != 1 || moved.Minutes() != 45 || !moved.RemindAt.Equal(at(10, 9, 0)) {
			t.Errorf("moved %+v, %v", moved, err)
		}
		refused(t, callOff(t, d, amina, appointments.Acting{Appointment: a.ID}), "appointment.reason_needed")
		refused(t, callOff(t, d, amina, appointments.Acting{Appointment: a.ID, Why: "she is ill", Version: 1}), "appointment.changed")
		clock.Move(at(11, 9, 10).Sub(clock.Now()))
		if came, err := note(t, d, amina, a.ID, appointments.Come); err != nil || came.State != appointments.Came {
			t.Errorf("came: %+v, %v", came, err)
		}
		refused(t, callOff(t, d, amina, appointments.Acting{Appointment: a.ID, Why: "she is ill"}), "appointment.not_now")
		if _, err := note(t, d, amina, a.ID, appointments.Undo); err != nil {
			t.Error(err)
		}
		if missed, err := note(t, d, amina, a.ID, appointments.Miss); err != nil || missed.State != appointments.Missed {
			t.Errorf("missed: %+v, %v", missed, err)
		}
		got, err := find(t, d, amina, a.ID)
		var acts []string
		for _, e := range got.Events {
			acts = append(acts, string(e.Act)+" "+e.By)
		}
		if want := []string{"make Amina", "move Chandra", "come Amina", "undo Amina", "miss Amina"}; err != nil || !slices.Equal(acts, want) {
			t.Errorf("what was done: %v, %v, want %v", acts, err, want)
		}
		if got.Events[1].Why != "she has to work that day" || !got.Events[1].Was.Equal(at(10, 10, 30)) || got.Purpose != "loan" {
			t.Errorf("the move: %+v", got.Events[1])
		}
		other := book(t, d, amina, appointments.Booking{Case: c, At: at(12, 9, 0)})
		if err := callOff(t, d, amina, appointments.Acting{Appointment: other.ID, Why: "she is ill", Version: 1}); err != nil {
			t.Error(err)
		}
		if got, _ := find(t, d, amina, other.ID); got.State != appointments.Cancelled || got.Sequence != 1 || !got.RemindAt.IsZero() || got.Events[1].Why != "she is ill" {
			t.Errorf("cancelled: %+v", got)
		}
		book(t, d, amina, appointments.Booking{Case: c, At: at(12, 9, 0)}) // the time is free again
	})
}

// What is wrong with a booking is said: past and far times, closed days and hours, purposes that tell.
func TestWhatIsRefused(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		_, c := somebody(t, d, worldtest.Amina())
		counter, amina := centre(t, d), worldtest.Amina()
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := calendars.Enter(ctx, tx, worldtest.Farid(), calendars.Day{Day: dates.Partial{Year: 2030, Month: 3, Day: 13}, NameBn: "ছুটি", NameEn: "A holiday", Source: "notification"})
			return err
		})
		for _, test := range []struct {
			what string
			b    appointments.Booking
			want string
		}{
			{"yesterday", appointments.Booking{At: at(4, 10, 0)}, "appointment.past"},
			{"in two years", appointments.Booking{At: at(10, 10, 0).AddDate(2, 0, 0)}, "appointment.too_far"},
			{"on a Friday", appointments.Booking{At: at(8, 10, 0)}, "appointment.closed_day"},
			{"on a holiday", appointments.Booking{At: at(13, 10, 0)}, "appointment.holiday"},
			{"at night", appointments.Booking{At: at(10, 3, 0)}, "appointment.closed_hours"},
			{"at lunch", appointments.Booking{At: at(10, 13, 0)}, "appointment.closed_hours"},
			{"into the evening", appointments.Booking{At: at(10, 16, 45)}, "appointment.closed_hours"},
			{"elsewhere at night", appointments.Booking{At: at(10, 3, 0), Place: "the bank"}, "appointment.closed_hours"},
			{"for what is protected", appointments.Booking{At: at(10, 10, 0), Purpose: "trafficking"}, "appointment.purpose_tells"},
			{"for her health", appointments.Booking{At: at(10, 10, 0), Purpose: "health"}, "appointment.purpose_tells"},
			{"for pigeons", appointments.Booking{At: at(10, 10, 0), Purpose: "pigeons"}, "fault.needed"},
			{"for a moment", appointments.Booking{At: at(10, 10, 0), Minutes: 1}, "fault.out_of_range"},
			{"with somebody of another organisation", appointments.Booking{At: at(10, 10, 0), With: worldtest.Basil().ID}, "appointment.with_whom"},
			{"at no office", appointments.Booking{At: at(10, 10, 0), Office: "nowhere"}, "fault.bad_choice"},
			{"at a counter elsewhere", appointments.Booking{At: at(10, 10, 0), Office: worldtest.Centre, Counter: counter}, "fault.bad_choice"},
			{"all the same without a reason", appointments.Booking{At: at(10, 3, 0), Override: true}, "appointment.reason_needed"},
		} {
			test.b.Case = c
			_, err := tryBook(t, d, amina, test.b)
			if key(err) != test.want {
				t.Errorf("%s: %v, want %s", test.what, err, test.want)
			}
		}
		a := book(t, d, amina, appointments.Booking{Case: c, At: at(13, 10, 0), Override: true, Reason: "the bank is open"})
		if got, err := find(t, d, amina, a.ID); err != nil || got.Events[0].Why != "the bank is open" {
			t.Errorf("on a holiday for a reason: %+v, %v", got, err)
		}
		for _, b := range []appointments.Booking{{Case: c, Place: secret, At: at(10, 9, 0)}, {Case: c, Office: worldtest.Sylhet, Counter: counter, At: at(10, 14, 0)}} {
			book(t, d, amina, b)
		}
		once := appointments.Booking{Operation: "one", Case: c, At: at(10, 15, 0)}
		if one, two := book(t, d, amina, once), book(t, d, amina, once); one.ID != two.ID {
			t.Error("the same act made two appointments")
		}
	})
}

// Nobody is booked twice for the same time, nor is a counter or she herself, also when twelve try at once.
func TestNobodyIsBookedTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		counter, amina := centre(t, d), worldtest.Amina()
		const tries = 12
		cs := make([]appointments.Booking, tries)
		for i := range cs {
			_, c := somebody(t, d, amina)
			cs[i] = appointments.Booking{Case: c, Office: worldtest.Sylhet, Purpose: "job", Minutes: 30, At: at(10, 10, 0).Add(time.Duration(i%3) * 10 * time.Minute)}
			if i%2 == 0 {
				cs[i].With = amina.ID
			}
			cs[i].Counter = counter
		}
		errs := make([]error, tries)
		var wg sync.WaitGroup
		for i := range cs {
			wg.Go(func() {
				for range 50 { // PostgreSQL may give up after a dozen tries
					_, errs[i] = tryBook(t, d, amina, cs[i])
					if errs[i] == nil || fault.Of(errs[i]) != nil {
						return
					}
				}
			})
		}
		wg.Wait()
		booked := 0
		for _, err := range errs {
			switch k := key(err); {
			case err == nil:
				booked++
			case k != "appointment.counter_taken" && k != "appointment.user_taken":
				t.Errorf("refused with %v", err)
			}
		}
		if booked != 1 {
			t.Errorf("%d were booked at one counter for overlapping times, want 1", booked)
		}
		_, c := somebody(t, d, amina)
		book(t, d, amina, appointments.Booking{Case: c, At: at(11, 10, 0)})
		_, err := tryBook(t, d, worldtest.Chandra(), appointments.Booking{Case: c, Office: worldtest.Centre, At: at(11, 10, 15)})
		refused(t, err, "appointment.person_taken")
		book(t, d, amina, appointments.Booking{Case: c, At: at(11, 10, 30)}) // right after it
	})
}

// Random bookings, moves and cancellations: what is kept never overlaps for a colleague, and each free time that is offered can be booked.
func TestRandomBookingsNeverOverlap(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		r, amina, chandra := chance(t, 45), worldtest.Amina(), worldtest.Chandra()
		_, c := somebody(t, d, amina)
		var mine []appointments.ID
		for range 120 {
			when := at(6+r.IntN(6), 9+r.IntN(8), 15*r.IntN(4))
			b := appointments.Booking{Case: c, With: []string{amina.ID, chandra.ID}[r.IntN(2)], Office: worldtest.Sylhet, Purpose: "job", At: when, Minutes: 15 * (1 + r.IntN(5))}
			switch {
			case len(mine) > 0 && r.IntN(5) == 0:
				_ = callOff(t, d, amina, appointments.Acting{Appointment: mine[r.IntN(len(mine))], Why: "a reason"})
			case len(mine) > 0 && r.IntN(3) == 0:
				_, _ = shift(t, d, amina, mine[r.IntN(len(mine))], b)
			default:
				if a, err := tryBook(t, d, amina, b); err == nil {
					mine = append(mine, a.ID)
				}
			}
		}
		var all []appointments.Appointment
		var free []time.Time
		reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
			if all, err = appointments.OfCase(ctx, q, amina, c); err != nil {
				return err
			}
			free, err = appointments.Free(ctx, q, amina, appointments.Seeking{With: chandra.ID, Office: worldtest.Sylhet, Minutes: 30})
			return err
		})
		live := slices.DeleteFunc(slices.Clone(all), func(a appointments.Appointment) bool { return a.State != appointments.Booked })
		if len(live) < 5 || len(free) == 0 {
			t.Fatalf("%d appointments and %d free times: the history was too short to show anything", len(live), len(free))
		}
		for i, a := range live {
			for _, b := range live[:i] {
				if a.At.Before(b.Until) && b.At.Before(a.Until) {
					t.Errorf("%s to %s and %s to %s overlap", a.At, a.Until, b.At, b.Until)
				}
			}
		}
		_, other := somebody(t, d, amina)
		for _, when := range free {
			if _, err := tryBook(t, d, amina, appointments.Booking{Case: other, With: chandra.ID, Office: worldtest.Sylhet, At: when}); err != nil {
				t.Errorf("the free time %s: %v", when.In(dates.Dhaka()), err)
			}
		}
	})
}

// Free times lie within opening hours, on working days, and never in the past.
func TestFreeTimes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		counter, amina := centre(t, d), worldtest.Amina()
		_, c := somebody(t, d, amina)
		book(t, d, amina, appointments.Booking{Case: c, Counter: counter, Office: worldtest.Sylhet, At: at(6, 9, 0), Minutes: 60})
		var free []time.Time
		reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
			free, err = appointments.Free(ctx, q, amina, appointments.Seeking{Office: worldtest.Sylhet, Counter: counter, Minutes: 90})
			return err
		})
		want := []time.Time{at(6, 10, 0), at(6, 11, 30), at(6, 14, 0), at(6, 15, 30), at(7, 9, 0)}
		if len(free) < 5 || !slices.EqualFunc(free[:5], want, time.Time.Equal) {
			t.Errorf("free at %v, want %v first", free, want)
		}
		if n := slices.IndexFunc(free, func(f time.Time) bool { return dates.Of(f).Day == 8 || dates.Of(f).Day == 9 }); n >= 0 {
			t.Errorf("%v lies on a weekend", free[n])
		}
	})
}

// Who does not see the person finds no appointment of hers, by no way; what people typed lies nowhere in the clear; erasing takes it away.
func TestWhoSeesAppointments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		p, c := somebody(t, d, worldtest.Amina())
		amina, basil := worldtest.Amina(), worldtest.Basil()
		a := book(t, d, amina, appointments.Booking{Case: c, Place: secret + " place", At: at(10, 10, 0), Note: secret + " note"})
		for _, who := range worldtest.Cast() {
			sees := who.Name == "Amina" || who.Name == "Chandra"
			got, err := find(t, d, who, a.ID)
			if sees != (err == nil) || err != nil && key(err) != "appointment.not_found" {
				t.Errorf("%s finds %+v, %v", who.Name, got, err)
			}
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				all, err := appointments.List(ctx, q, who, appointments.Filter{From: at(1, 0, 0), Until: at(31, 0, 0)})
				if (len(all) == 1) != sees {
					t.Errorf("%s lists %d", who.Name, len(all))
				}
				if len(all) > 0 && all[0].Note+all[0].Place+all[0].Purpose != "" {
					t.Errorf("a list holds what is sealed: %+v", all[0].Said)
				}
				of, err2 := appointments.OfCase(ctx, q, who, c)
				if (len(of) == 1) != sees {
					t.Errorf("%s sees %d of the case, %v", who.Name, len(of), err2)
				}
				return err
			})
		}
		_, err := tryBook(t, d, basil, appointments.Booking{Case: c, At: at(12, 10, 0)})
		refused(t, err, "case.not_found")
		refused(t, callOff(t, d, basil, appointments.Acting{Appointment: a.ID, Why: "a reason"}), "appointment.not_found")
		_, err = shift(t, d, basil, a.ID, appointments.Booking{})
		refused(t, err, "appointment.not_found")
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			var raw string
			if err := q.QueryRow(ctx, `SELECT case_id || office_id || user_name || short || state FROM appointments`).Scan(&raw); err != nil {
				return err
			}
			var sealed []byte
			if err := q.QueryRow(ctx, `SELECT sealed FROM appointments`).Scan(&sealed); err != nil {
				return err
			}
			if strings.Contains(raw+string(sealed), secret) || strings.Contains(string(sealed), "job") {
				t.Error("what was typed lies in the clear")
			}
			lines, err := audit.List(ctx, q, audit.Filter{Person: string(p), Limit: 50})
			if strings.Contains(fmt.Sprintf("%+v", lines), secret) {
				t.Error("the trail holds what was typed")
			}
			return err
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := procedures.Erase(ctx, tx, worldtest.Esha(), p, "she asked for it")
			return err
		})
		var n int
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			return q.QueryRow(ctx, `SELECT count(*) FROM appointments`).Scan(&n)
		})
		if n != 0 {
			t.Errorf("%d appointments are left of who was erased", n)
		}
	})
}

// With whom an appointment is, is told when another makes it.
func TestTheColleagueIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		_, c := somebody(t, d, worldtest.Amina())
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		book(t, d, amina, appointments.Booking{Case: c, At: at(10, 10, 0)})
		book(t, d, chandra, appointments.Booking{Case: c, With: amina.ID, Office: worldtest.Sylhet, At: at(10, 11, 0)})
		told := func(who access.Actor) (n int) {
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				all, err := accounts.Notices(ctx, q, who, 50)
				for _, m := range all {
					if m.Key == "notice.appointment" && m.Subject == "case:"+string(c) {
						n++
					}
				}
				return err
			})
			return n
		}
		if told(amina) != 1 || told(chandra) != 0 {
			t.Errorf("Amina was told %d times and Chandra %d, want 1 and 0", told(amina), told(chandra))
		}
	})
}
