// SPDX-License-Identifier: Apache-2.0

// Package calendars keeps which days are off. It knows the weekend, the holidays that have a fixed date, and those of the
// years for which a list ships; others that follow the moon, or that the government gives or takes, an administrator enters
// from the notification, each with its source. What was entered stays readable: a term that was reckoned last year can be reckoned again as it was known then.
//
// A calendar is class 1 and is shown to anybody who signs in. How to reckon with it is in package deadlines.
package calendars

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Day is a day that is not as its day of the week is.
type Day struct {
	ID     string        `json:"-"` // empty for one that comes with the program
	Day    dates.Partial `json:"day"`
	Worked bool          `json:"worked,omitempty"` // a day of the weekend, or a holiday, that is worked
	Moon   bool          `json:"moon,omitempty"`   // it follows the moon: until it is sighted, the day is a forecast
	Status string        `json:"-"`                // of one that comes with the program for a single year; see package deadlines
	NameBn string        `json:"name_bn"`
	NameEn string        `json:"name_en"`
	Source string        `json:"source"`
	By     string        `json:"-"`
	At     time.Time     `json:"-"`
}

func (d *Day) read() *fault.Error {
	var faults []*fault.Error
	if d.Day.Precision() != dates.Day || d.Day.Check() != nil {
		faults = append(faults, fault.New(fault.Invalid, "calendar.day_needed").On("day"))
	}
	for _, f := range []struct {
		text  *string
		most  int
		field string
	}{{&d.NameBn, 120, "name_bn"}, {&d.NameEn, 120, "name_en"}, {&d.Source, 300, "source"}} {
		clean, problem := names.Check(*f.text, f.most)
		switch *f.text = clean; {
		case problem != "":
			faults = append(faults, fault.New(fault.Invalid, problem).With("max", f.most).On(f.field))
		case clean == "":
			faults = append(faults, fault.New(fault.Invalid, "fault.needed").On(f.field))
		}
	}
	return fault.Join(faults...)
}

// Enter adds a day.
func Enter(ctx context.Context, tx *db.Tx, who access.Actor, d Day) (string, error) {
	if err := access.CheckAnywhere(tx, who, access.ManageCalendar); err != nil {
		return "", err
	}
	if f := d.read(); f != nil {
		return "", f
	}
	d.ID = ids.New(tx.Now())
	n, err := tx.Exec(ctx, `INSERT INTO calendar_days (id, day, worked, moon, name_bn, name_en, source, user_name, at, ended_by, ended_why)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '') ON CONFLICT DO NOTHING`,
		d.ID, d.Day.String(), d.Worked, d.Moon, d.NameBn, d.NameEn, d.Source, who.Name, tx.Now())
	if err != nil {
		return "", fmt.Errorf("enter day: %w", err)
	}
	if n == 0 {
		return "", fault.New(fault.Conflict, "calendar.day_entered").On("day")
	}
	tx.Forget(reckoned{})
	return d.ID, audit.Record(ctx, tx, who, access.ManageCalendar, audit.Entry{Subject: "calendar_day:" + d.ID, After: d})
}

// End takes a day back, because it was wrong or the moon was sighted later. It stays on record with the reason.
func End(ctx context.Context, tx *db.Tx, who access.Actor, id, reason string) error {
	if err := access.CheckAnywhere(tx, who, access.ManageCalendar); err != nil {
		return err
	}
	reason, problem := names.CheckText(reason, 300)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 300).On("reason")
	}
	if reason == "" {
		return fault.New(fault.Invalid, "fault.needed").On("reason")
	}
	d, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM calendar_days WHERE id = ? AND ended_at IS NULL`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "calendar.day_not_found")
	}
	if err != nil {
		return fmt.Errorf("end day: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE calendar_days SET ended_at = ?, ended_by = ?, ended_why = ? WHERE id = ?`, tx.Now(), who.Name, reason, id); err != nil {
		return fmt.Errorf("end day: %w", err)
	}
	tx.Forget(reckoned{})
	return audit.Record(ctx, tx, who, access.ManageCalendar, audit.Entry{Subject: "calendar_day:" + id, Before: d, Reason: reason})
}

const columns = `id, day, worked, moon, name_bn, name_en, source, user_name, at`

func scan(row interface{ Scan(...any) error }) (d Day, err error) {
	err = row.Scan(&d.ID, &d.Day, &d.Worked, &d.Moon, &d.NameBn, &d.NameEn, &d.Source, &d.By, db.Time(&d.At))
	return d, err
}

// Year returns the days of a year in order: those with a fixed date, unless somebody entered the day otherwise, and those entered.
func Year(ctx context.Context, q db.Reader, year int) ([]Day, error) {
	all, err := known(ctx, q, q.Now())
	return slices.DeleteFunc(all, func(d Day) bool { return d.Day.Year != year }), err
}

// Entered returns the days that somebody entered and nobody took back, in order.
func Entered(ctx context.Context, q db.Reader) ([]Day, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM calendar_days WHERE ended_at IS NULL ORDER BY day`)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("read calendar: %w", err)
	}
	return all, nil
}

// The years for which the holidays with a fixed date are reckoned with.
const (
	firstYear = 2020
	lastYear  = 2100
)

// known are all days that are not as their day of the week is, as they were known at a moment.
func known(ctx context.Context, q db.Reader, at time.Time) ([]Day, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM calendar_days WHERE at <= ? AND (ended_at IS NULL OR ended_at > ?) ORDER BY day`, at, at)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("read calendar: %w", err)
	}
	entered := map[dates.Partial]bool{}
	for _, d := range all {
		entered[d.Day] = true
	}
	for _, f := range deadlines.FixedHolidays() {
		for year := max(firstYear, f.Since); year <= lastYear; year++ {
			if day := f.In(year); !entered[day] {
				all = append(all, Day{Day: day, NameBn: f.Bn, NameEn: f.En, Source: f.Source})
			}
		}
	}
	for _, f := range deadlines.DatedHolidays() {
		if !entered[f.Day] {
			all = append(all, Day{Day: f.Day, Moon: f.Moon, NameBn: f.Bn, NameEn: f.En, Source: f.Source, Status: f.Status})
		}
	}
	slices.SortFunc(all, func(a, b Day) int { return strings.Compare(a.Day.String(), b.Day.String()) })
	return all, nil
}

// reckoned is the name under which a transaction remembers the calendar.
type reckoned struct{}

// Now is the calendar as it is known now.
func Now(ctx context.Context, q db.Reader) (deadlines.Calendar, error) {
	c, err := q.Memo(reckoned{}, func() (any, error) { return At(ctx, q, q.Now()) })
	if err != nil {
		return deadlines.Calendar{}, err
	}
	return c.(deadlines.Calendar), nil
}

// At is the calendar as it was known at a moment.
func At(ctx context.Context, q db.Reader, at time.Time) (deadlines.Calendar, error) {
	all, err := known(ctx, q, at)
	if err != nil {
		return deadlines.Calendar{}, err
	}
	exceptions := make([]deadlines.Exception, len(all))
	for i, d := range all {
		exceptions[i] = deadlines.Exception{Day: d.Day, Worked: d.Worked}
	}
	return deadlines.Dhaka(exceptions)
}
