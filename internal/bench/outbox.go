// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/memory"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/simulate"
	"fera/internal/words"
)

// What the work of the background is held to: how many messages a second leave at the least, how much memory the process may hold then, and
// how long all cases take to be reckoned anew, which is done once a day.
const (
	messagesBar = 100
	outboxBar   = 300 << 20
	reckonBar   = 5 * time.Minute
)

// nowhere is a gateway that takes all and says nothing of it.
type nowhere struct{}

// Name implements messages.Gateway.
func (nowhere) Name() string { return "nowhere" }

// Ways implements messages.Gateway.
func (nowhere) Ways() []string { return []string{messages.SMS, messages.Email} }

// Carry implements messages.Gateway.
func (nowhere) Carry(context.Context, messages.Outgoing) (messages.Outcome, error) {
	return messages.Taken, nil
}

// noon is a clock that began at noon in Dhaka today: at night nothing leaves.
func noon() func() time.Time {
	began := time.Now()
	day := dates.Of(began).Start().Add(12 * time.Hour)
	return func() time.Time { return day.Add(time.Since(began)).UTC() }
}

// background measures what the program does by itself: letting messages leave, and reckoning all cases anew.
func background(ctx context.Context, o options, t *table) error {
	if o.messages > 0 {
		if err := outbox(ctx, o, t); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	if o.cases > 0 {
		if err := reckoning(ctx, o, t); err != nil {
			return fmt.Errorf("reckoning: %w", err)
		}
	}
	return nil
}

// emptyStore opens a new SQLite store of offices and caseworkers, at noon.
func emptyStore(ctx context.Context, dir string) (d *db.DB, clerks []access.Actor, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	ring, err := seal.LoadRing(filepath.Join(dir, "fera.key"), "", true)
	if err != nil {
		return nil, nil, err
	}
	if d, err = db.Open(ctx, filepath.Join(dir, "fera.db"), db.Options{Keys: ring, Clock: noon()}); err != nil {
		return nil, nil, err
	}
	if err := errors.Join(d.Migrate(ctx), seal.Prepare(ctx, d)); err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	clerks, err = new(store).people(ctx, d)
	return d, clerks, err
}

// outbox lets messages leave that wait: half of them to people, half to organisations.
func outbox(ctx context.Context, o options, t *table) error {
	d, clerks, err := emptyStore(ctx, filepath.Join(o.dir, "outbox"))
	if err != nil {
		return err
	}
	defer d.Close()
	to, err := reachable(ctx, d, clerks[0], o.messages/2)
	if err != nil {
		return err
	}
	t.say("%d people can be reached; putting %d messages down", len(to), o.messages)
	began := time.Now()
	for at := 0; at < o.messages; at += 200 {
		if err := d.Write(ctx, func(tx *db.Tx) error { return putDown(ctx, tx, clerks[0], to, span{at, min(at+200, o.messages)}) }); err != nil {
			return err
		}
	}
	put := time.Since(began)
	t.add(fmt.Sprintf("putting %d messages down, sqlite", o.messages), fmt.Sprintf("%.0f/s", float64(o.messages)/put.Seconds()), "", true)
	sender := messages.NewSender(d, messages.Options{Gateway: nowhere{}, Holder: "bench"})
	if err := sender.Open(ctx); err != nil {
		return err
	}
	began = time.Now()
	for n := 1; n > 0; {
		if n, err = sender.Work(ctx); err != nil {
			return err
		}
	}
	took, left := time.Since(began), 0
	if err := d.Read(ctx, func(q db.Reader) error {
		return q.QueryRow(ctx, `SELECT count(*) FROM messages WHERE state = 'sent'`).Scan(&left)
	}); err != nil {
		return err
	}
	if left != o.messages {
		return fmt.Errorf("%d of %d messages left", left, o.messages)
	}
	speed, peak := float64(left)/took.Seconds(), int64(memory.Peak())
	t.add(fmt.Sprintf("letting %d messages leave, sqlite", left), fmt.Sprintf("%.0f/s, %s in all, at most %s", speed, took.Round(time.Second), mb(peak)),
		fmt.Sprintf("%d/s, under %s", messagesBar, mb(outboxBar)), speed >= messagesBar && peak < outboxBar)
	return nil
}

// reachable registers people who may be sent short messages.
func reachable(ctx context.Context, d *db.DB, who access.Actor, n int) (all []persons.ID, err error) {
	people, err := simulate.Draw(simulate.Options{Persons: n, Seed: 2, District: simulate.Everywhere, Lean: true, Clerks: []access.Actor{who}, Today: dates.Of(d.Now())})
	if err != nil {
		return nil, err
	}
	var some []persons.Registration
	flush := func() error {
		var added []persons.ID
		err := d.Write(ctx, func(tx *db.Tx) error {
			added = nil
			for _, r := range some {
				id, err := persons.Register(ctx, tx, who, r)
				if err != nil {
					return err
				}
				added = append(added, id)
			}
			return nil
		})
		all, some = append(all, added...), nil
		return err
	}
	for p := range people {
		r := p.Registration
		r.Contacts = []persons.Contact{{Kind: "phone", Number: fmt.Sprintf("017%08d", 10_000_000+len(all)+len(some)), Owner: "own", Safety: "safe", Ways: []string{"sms", "call"}}}
		r.Consents = append(slices.DeleteFunc(slices.Clone(r.Consents), func(c persons.Consent) bool { return c.Purpose == persons.PurposeContact }),
			persons.Consent{Purpose: persons.PurposeContact, Given: true, Method: "spoken", Language: "bn"})
		delete(r.Values, persons.DoNotContact)
		if some = append(some, r); len(some) == 200 {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	return all, flush()
}

// span is a part of the messages.
type span struct{ from, until int }

// putDown puts some messages down, every other one to a person.
func putDown(ctx context.Context, tx *db.Tx, who access.Actor, to []persons.ID, some span) error {
	tx.Allowed()
	for n := some.from; n < some.until; n++ {
		about := fmt.Sprintf("referral:%d", n)
		var err error
		if n%2 == 0 && n/2 < len(to) {
			_, err = messages.Send(ctx, tx, messages.Program(), messages.Message{Person: to[n/2], Kind: "please_call", With: map[string]any{"number": "16135"}, Subject: about})
		} else {
			_, err = messages.SendTo(ctx, tx, who, messages.Letter{To: fmt.Sprintf("018%08d", 10_000_000+n), Language: words.Bangla, Kind: "work", Link: "https://fera.example.org/r/abc", Subject: about})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reckoning reckons all cases anew: once when the day of each is another than it was, and once when all are as they should be.
func reckoning(ctx context.Context, o options, t *table) error {
	d, clerks, err := emptyStore(ctx, filepath.Join(o.dir, "reckoning"))
	if err != nil {
		return err
	}
	defer d.Close()
	if _, err := fillBare(ctx, d, simulate.Options{Persons: o.cases, Seed: 3, District: simulate.Everywhere, Lean: true, Clerks: clerks, Today: dates.Of(d.Now())}); err != nil {
		return err
	}
	if err := caseOfEach(ctx, d, clerks[0].Organisation, o.cases); err != nil {
		return err
	}
	if err := d.Analyze(ctx); err != nil {
		return err
	}
	for _, what := range []string{"all due on another day", "none"} {
		began := time.Now()
		changed, err := cases.Reckon(ctx, d)
		if err != nil {
			return err
		}
		took := time.Since(began)
		t.add(fmt.Sprintf("reckoning %d cases, %s, sqlite", o.cases, what), fmt.Sprintf("%.1f s, %.0f/s, %d changed, at most %s", took.Seconds(), float64(o.cases)/took.Seconds(), changed, mb(int64(memory.Peak()))),
			fmt.Sprintf("under %s", reckonBar), took < reckonBar)
	}
	return nil
}

// caseOfEach writes a case for each of so many people, past the program.
func caseOfEach(ctx context.Context, d *db.DB, organisation string, n int) error {
	var all []bareCase
	if err := d.Read(ctx, func(q db.Reader) error {
		rows, err := q.Query(ctx, `SELECT r.person_id, r.id, r.office_id FROM person_registrations r ORDER BY r.person_id LIMIT ?`, n)
		all, err = db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c bareCase, err error) {
			return c, row.Scan(&c.person, &c.registration, &c.office)
		})
		return err
	}); err != nil {
		return err
	}
	statuses := []cases.Status{cases.Intake, cases.Assigned, cases.Assessed, cases.Planned, cases.Active, cases.Active}
	for at := 0; at < len(all); at += bareAtOnce {
		some := all[at:min(at+bareAtOnce, len(all))]
		if err := d.Maintain(ctx, func(tx *db.Tx) error {
			for i, c := range some {
				touched := tx.Now().AddDate(0, 0, -i%60)
				if _, err := tx.Exec(ctx, `INSERT INTO cases (id, person_id, registration_id, programme, organisation_id, office_id, worker_id, worker_name, status, origin, risk, openings, closure,
					returned_on, clock_from, clock_due, paused, due_for, due_on, alarm_to, opened_at, touched_at, version)
					VALUES (?, ?, ?, 'reintegration', ?, ?, ?, ?, ?, 'registration', ?, 1, '', '', ?, '', ?, 'review', '2000-01-01', '', ?, ?, 1)`,
					ids.Nth(touched.Add(time.Duration(at)*time.Millisecond), i%4000), c.person, c.registration, organisation, c.office, worker(0, i%workersOfOffice), "Bench", string(statuses[i%len(statuses)]), string(cases.Medium),
					dates.Of(touched).String(), false, touched, touched); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
