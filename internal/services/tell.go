// SPDX-License-Identifier: Apache-2.0

package services

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/calendars"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/programmes"
	"fera/internal/seal"
)

// Telling says that she was told how a matter stands.
type Telling struct {
	Service ID
	On      dates.Partial // today when unknown
	What    string        // class 3
	Over    bool          // the matter is over: she need not be told again

	By string    // read only
	At time.Time // read only
}

// Promise is until when she is to be told how a matter stands, and when she was.
type Promise struct {
	Months   int
	ToldOn   dates.Partial
	DueOn    dates.Partial // unknown while the clock of the case stands still
	Over     bool
	Tellings []Telling // the latest first
}

// Tell notes that she was told how a matter stands. From that day the next month runs, unless the matter is over.
func Tell(ctx context.Context, tx *db.Tx, who access.Actor, t Telling) error {
	s, err := find(ctx, tx, who, t.Service)
	if err != nil {
		return err
	}
	if _, err := cases.Begin(ctx, tx, who, s.Case, cases.Acting{Act: cases.WriteProtected}); err != nil {
		return err
	}
	k, err := s.clock(ctx, tx)
	if err != nil {
		return err
	}
	today := dates.Of(tx.Now())
	if t.On.IsZero() {
		t.On = today
	}
	what, problem := names.CheckText(t.What, 2000)
	var faults []*fault.Error
	switch {
	case problem != "":
		faults = append(faults, fault.New(fault.Invalid, problem).With("max", 2000).On("what"))
	case len([]rune(what)) < 3:
		faults = append(faults, fault.New(fault.Invalid, "fault.needed").On("what"))
	}
	if t.On.Precision() != dates.Day || t.On.CheckPast(today) != nil || t.On.String() < s.On.String() {
		faults = append(faults, fault.New(fault.Invalid, "service.told_day").On("on"))
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	if err := s.told(ctx, tx, who, Telling{On: t.On, What: what}); err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	k.toldOn = max(k.toldOn, t.On.String())
	if t.Over {
		k.endedAt = tx.Now()
	}
	if err := k.write(ctx, tx); err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ChangeProtected, audit.Entry{Subject: s.subject(), Person: string(s.Person), Named: []string{"told"}})
}

// said is what is sealed of a telling.
type said struct {
	What string `json:"what"`
}

func (s Service) told(ctx context.Context, tx *db.Tx, who access.Actor, t Telling) error {
	id := ids.New(tx.Now())
	sealed, err := seal.JSON(ctx, tx, string(s.Person), "service_tellings:"+id, said{t.What})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO service_tellings (id, service_id, told_on, sealed, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, string(s.ID), t.On.String(), sealed, who.ID, who.Name, tx.Now())
	return err
}

// clock is a row of service_clocks.
type clock struct {
	service ID
	of      cases.ID
	months  int
	toldOn  string
	dueOn   string
	alarmTo string
	alarmAt time.Time
	endedAt time.Time
}

const clockColumns = `k.service_id, k.case_id, k.months, k.told_on, k.due_on, k.alarm_to, k.alarm_at, k.ended_at`

func scanClock(row interface{ Scan(...any) error }) (k clock, err error) {
	err = row.Scan(&k.service, &k.of, &k.months, &k.toldOn, &k.dueOn, &k.alarmTo, db.NullTime(&k.alarmAt), db.NullTime(&k.endedAt))
	return k, err
}

// clock finds until when she is to be told about a service; one of which nothing is to be told is a conflict.
func (s Service) clock(ctx context.Context, q db.Reader) (clock, error) {
	k, err := scanClock(q.QueryRow(ctx, `SELECT `+clockColumns+` FROM service_clocks k WHERE k.service_id = ? AND k.ended_at IS NULL`, string(s.ID)))
	if errors.Is(err, sql.ErrNoRows) {
		return k, fault.New(fault.Conflict, "service.nothing_to_tell")
	}
	return k, err
}

// promise begins a clock when a service is given of which she is to be told how it stands. What a correction replaces goes on.
func (s Service) promise(ctx context.Context, tx *db.Tx, months int) error {
	if months == 0 {
		return nil
	}
	k := clock{service: s.ID, of: s.Case, months: months, toldOn: s.On.String()}
	if s.Replaces != "" {
		var before string
		err := tx.QueryRow(ctx, `SELECT told_on FROM service_clocks WHERE service_id = ?`, string(s.Replaces)).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		k.toldOn = max(k.toldOn, before)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO service_clocks (service_id, case_id, months, told_on, due_on, alarm_to) VALUES (?, ?, ?, ?, ?, '')`,
		string(k.service), string(k.of), k.months, k.toldOn, cases.Never); err != nil {
		return err
	}
	return k.write(ctx, tx)
}

// unpromise ends the clock of a service that is undone.
func (s Service) unpromise(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE service_clocks SET ended_at = ?, alarm_at = NULL WHERE service_id = ? AND ended_at IS NULL`, tx.Now(), string(s.ID))
	return err
}

// write reckons a clock anew and keeps it.
func (k clock) write(ctx context.Context, tx *db.Tx) error {
	if err := k.reckon(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE service_clocks SET told_on = ?, due_on = ?, alarm_to = ?, alarm_at = ?, ended_at = ? WHERE service_id = ?`,
		k.toldOn, k.dueOn, k.alarmTo, db.When(k.alarmAt), db.When(k.endedAt), string(k.service))
	return err
}

// reckon says until when she is to be told, and when somebody is reminded: by the calendar, the pauses of the case and the reminders
// of its programme. While the case is paused or closed nothing is due.
func (k *clock) reckon(ctx context.Context, q db.Reader) error {
	k.dueOn, k.alarmTo, k.alarmAt = cases.Never, "", time.Time{}
	if !k.endedAt.IsZero() {
		return nil
	}
	var code string
	var idle bool
	if err := q.QueryRow(ctx, `SELECT programme, paused = TRUE OR ended_at IS NOT NULL FROM cases WHERE id = ?`, string(k.of)).Scan(&code, &idle); err != nil || idle {
		return err
	}
	calendar, err := calendars.Now(ctx, q)
	if err != nil {
		return err
	}
	p, err := programmes.Find(ctx, q, code)
	if err != nil {
		return err
	}
	from, err := dates.Parse(k.toldOn)
	if err != nil {
		return fmt.Errorf("clock of service %s: %w", k.service, err)
	}
	term := deadlines.Clock{From: from, Term: deadlines.Term{Count: k.months, Unit: deadlines.Months}}
	if term.Pauses, err = k.pauses(ctx, q); err != nil {
		return err
	}
	r := term.Read(calendar, dates.Of(q.Now()))
	if r.Stopped {
		return nil
	}
	k.dueOn = r.Due.String()
	for _, alarm := range deadlines.Ladder(calendar, r.Due, p.Reminders) {
		if alarm.At.After(q.Now()) {
			k.alarmTo, k.alarmAt = alarm.To, alarm.At.UTC()
			break
		}
	}
	return nil
}

// pauses are the times during which the clock of the case stood still; why, is not needed for reckoning.
func (k clock) pauses(ctx context.Context, q db.Reader) ([]deadlines.Pause, error) {
	rows, err := q.Query(ctx, `SELECT begins, ends FROM case_pauses WHERE case_id = ? ORDER BY id`, string(k.of))
	return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (p deadlines.Pause, err error) {
		err = r.Scan(&p.From, &p.Until)
		return p, err
	})
}

// promises adds to services until when she is to be told of them, and when she was.
func promises(ctx context.Context, q db.Reader, of cases.ID, all []Service) error {
	rows, err := q.Query(ctx, `SELECT `+clockColumns+` FROM service_clocks k WHERE k.case_id = ?`, string(of))
	clocks, err := db.Collect(rows, err, scanClock)
	if err != nil {
		return err
	}
	for _, k := range clocks {
		for i := range all {
			if all[i].ID != k.service {
				continue
			}
			p := Promise{Months: k.months, Over: !k.endedAt.IsZero()}
			p.ToldOn, _ = dates.Parse(k.toldOn)
			if k.dueOn != cases.Never {
				p.DueOn, _ = dates.Parse(k.dueOn)
			}
			if p.Tellings, err = all[i].tellings(ctx, q); err != nil {
				return err
			}
			all[i].Promise = &p
		}
	}
	return nil
}

func (s Service) tellings(ctx context.Context, q db.Reader) (all []Telling, err error) {
	type row struct {
		Telling
		id     string
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT id, told_on, sealed, user_name, at FROM service_tellings WHERE service_id = ? ORDER BY told_on DESC, id DESC`, string(s.ID))
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.id, &v.On, &v.sealed, &v.By, db.Time(&v.At))
		return v, err
	})
	for _, r := range some {
		var t said
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(s.Person), Name: "service_tellings:" + r.id, Sealed: r.sealed}, &t); err != nil {
			return nil, err
		}
		r.Service, r.What = s.ID, t.What
		all = append(all, r.Telling)
	}
	return all, err
}
