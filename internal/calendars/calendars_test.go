// SPDX-License-Identifier: Apache-2.0

package calendars_test

import (
	"fmt"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/calendars"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/worldtest"
)

func day(text string) dates.Partial {
	d, err := dates.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// eid is a holiday that follows the moon.
func eid(on string) calendars.Day {
	return calendars.Day{Day: day(on), Moon: true, NameBn: "ঈদুল ফিতর", NameEn: "Eid ul-Fitr", Source: "made up for the tests"}
}

func enter(t *testing.T, d *db.DB, who access.Actor, e calendars.Day) (id string, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
		id, err = calendars.Enter(t.Context(), tx, who, e)
		return err
	})
	return id, err
}

func now(t *testing.T, d *db.DB) (c deadlines.Calendar) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		c, err = calendars.Now(t.Context(), q)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

func key(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Key
	}
	return ""
}

func TestHolidaysThatWereEnteredCount(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		farid := worldtest.Farid()
		if c := now(t, d); c.Working(day("2030-03-26")) || !c.Working(day("2030-03-06")) || c.Working(day("2030-03-08")) {
			t.Error("Independence Day or a Friday is worked, or a Wednesday is not")
		}
		before := d.Now()
		clock.Move(time.Hour)
		id, err := enter(t, d, farid, eid("2030-03-06"))
		if err != nil {
			t.Fatal(err)
		}
		if now(t, d).Working(day("2030-03-06")) {
			t.Error("Eid is worked")
		}
		if _, err := enter(t, d, farid, eid("2030-03-06")); key(err) != "calendar.day_entered" {
			t.Errorf("entered again: %v", err)
		}
		if _, err := enter(t, d, farid, calendars.Day{Day: day("2030-03-09"), Worked: true, NameBn: "কর্মদিবস", NameEn: "worked", Source: "notification"}); err != nil {
			t.Fatal(err)
		}
		if !now(t, d).Working(day("2030-03-09")) {
			t.Error("a Saturday that is to be worked is not")
		}
		clock.Move(time.Hour)
		sighted := d.Now()
		clock.Move(time.Hour)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			if _, err := calendars.Now(t.Context(), tx); err != nil { // what the transaction remembers of it is forgotten
				return err
			}
			if err := calendars.End(t.Context(), tx, farid, id, "the moon was sighted a day later"); err != nil {
				return err
			}
			if _, err := calendars.Enter(t.Context(), tx, farid, eid("2030-03-07")); err != nil {
				return err
			}
			c, err := calendars.Now(t.Context(), tx)
			if !c.Working(day("2030-03-06")) || c.Working(day("2030-03-07")) {
				t.Error("the calendar of the transaction is the old one")
			}
			return err
		})
		for at, want := range map[time.Time]bool{before: true, sighted: false, d.Now(): true} {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				c, err := calendars.At(t.Context(), q, at)
				if got := c.Working(day("2030-03-06")); got != want {
					t.Errorf("as known at %s the day is worked = %t, want %t", at, got, want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			all, err := calendars.Year(t.Context(), q, 2030)
			if len(all) != 8 || all[1].ID == "" || all[0].NameEn == "" {
				t.Errorf("2030 has %d days: %+v", len(all), all)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOnlyAnAdministratorEntersDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i, who := range worldtest.Cast() {
			_, err := enter(t, d, who, eid(fmt.Sprintf("2030-06-%02d", i+1)))
			if (err == nil) != (who.Name == "Farid") {
				t.Errorf("%s enters: %v", who.Name, err)
			}
			err = d.Write(t.Context(), func(tx *db.Tx) error { return calendars.End(t.Context(), tx, who, "nothing", "so") })
			if want := map[bool]string{true: "calendar.day_not_found", false: "access.not_allowed"}[who.Name == "Farid"]; key(err) != want {
				t.Errorf("%s ends: %v, want %s", who.Name, err, want)
			}
		}
	})
}

func TestADayThatSaysTooLittleIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for want, e := range map[string]calendars.Day{"day": {NameBn: "ক", NameEn: "x", Source: "x"}, "name_bn": {Day: day("2030-01-01"), NameEn: "x", Source: "x"},
			"source": {Day: day("2030-01-01"), NameBn: "ক", NameEn: "x"}, "name_en": {Day: day("2030-01-01"), NameBn: "ক", NameEn: "a\x00b", Source: "x"}} {
			if _, err := enter(t, d, worldtest.Farid(), e); fault.Of(err) == nil || fault.Of(err).Field != want {
				t.Errorf("%+v: %v, want a fault of %s", e, err, want)
			}
		}
	})
}

// The lists that ship for 2026 and 2027 count; what somebody entered for one of their days stands instead of it.
func TestTheListsThatShipCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := now(t, d)
		for _, on := range []string{"2026-03-23", "2026-05-27", "2026-08-26", "2027-03-10", "2027-05-17"} {
			if c.Working(day(on)) {
				t.Errorf("%s is worked", on)
			}
		}
		if _, err := enter(t, d, worldtest.Farid(), calendars.Day{Day: day("2027-03-08"), Worked: true, NameBn: "কর্মদিবস", NameEn: "worked", Source: "notification"}); err != nil {
			t.Fatal(err)
		}
		if !now(t, d).Working(day("2027-03-08")) {
			t.Error("a forecast that was taken back still counts")
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			all, err := calendars.Year(t.Context(), q, 2027)
			forecasts := 0
			for _, one := range all {
				if one.Status == deadlines.Forecast {
					forecasts++
				}
				if one.Day == day("2027-03-08") && (one.Status != "" || one.ID == "") {
					t.Errorf("what was entered is %+v", one)
				}
			}
			if forecasts != 19 {
				t.Errorf("2027 has %d forecasts", forecasts)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
