// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/seal"
)

// inboxBar is what a list of referrals has to be read within, flowBar the overview of all.
const (
	inboxBar = 100 * time.Millisecond
	flowBar  = time.Second
)

// providers is how many organisations the referrals go to; a tenth of all go to the first.
const providers = 2000

func provider(n int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", 700_000+n) }
func entryOf(n int) string  { return fmt.Sprintf("00000000-0000-7000-8000-%012d", 800_000+n) }

// network measures the lists of referrals with so many of them, on SQLite and, where there is a server, on PostgreSQL. The referrals
// are written past the program, and nobody stands behind them: nothing is sealed in them, and the lists open nothing.
func network(ctx context.Context, o options, t *table) error {
	dir := filepath.Join(o.dir, "network")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	d, err := openStore(ctx, dir)
	if err != nil {
		return err
	}
	err = refer(ctx, o, t, d)
	d.Close()
	if err != nil || o.postgres == "" {
		return err
	}
	to, drop, err := o.database(ctx)
	if err != nil {
		return err
	}
	defer drop()
	if d, err = openPostgres(ctx, dir, to); err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	if err := seal.Prepare(ctx, d); err != nil {
		return err
	}
	return refer(ctx, o, t, d)
}

// refer fills a database with referrals and measures what is read of them.
func refer(ctx context.Context, o options, t *table, d *db.DB) error {
	began := time.Now()
	var have int
	if err := d.Read(ctx, func(q db.Reader) error {
		return q.QueryRow(ctx, `SELECT count(*) FROM referrals`).Scan(&have)
	}); err != nil {
		return err
	}
	if have == 0 {
		t.say("writing %d referrals, %s", o.referrals, d.Engine())
		indexes, err := unindexed(ctx, d, "referrals")
		if err != nil {
			return err
		}
		if err := writeReferrals(ctx, d, o.referrals); err != nil {
			return err
		}
		for _, text := range indexes {
			if err := d.Maintain(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, text); return err }); err != nil {
				return err
			}
		}
		if err := d.Analyze(ctx); err != nil {
			return err
		}
	}
	t.say("written in %s; counting", time.Since(began).Round(time.Second))
	began = time.Now()
	if _, err := referrals.Recount(ctx, d); err != nil {
		return err
	}
	t.add(fmt.Sprintf("counting %d referrals anew, %s", o.referrals, d.Engine()), time.Since(began).Round(100*time.Millisecond).String(), "", true)
	if err := d.Analyze(ctx); err != nil {
		return err
	}
	return readReferrals(ctx, o, t, d)
}

// unindexed takes the indexes of a table away while it is filled, and gives what makes them again.
func unindexed(ctx context.Context, d *db.DB, table string) (again []string, err error) {
	query := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?`
	if d.Engine() != "sqlite" {
		query = `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ? AND indexname NOT LIKE '%_pkey'`
	}
	return again, d.Maintain(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, query, table)
		all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (x [2]string, err error) {
			return x, row.Scan(&x[0], &x[1])
		})
		for _, x := range all {
			again = append(again, x[1])
			if _, err := tx.Exec(ctx, `DROP INDEX `+x[0]); err != nil {
				return err
			}
		}
		return err
	})
}

// readReferrals measures the lists, each in a snapshot of its own as a page reads it.
func readReferrals(ctx context.Context, o options, t *table, d *db.DB) error {
	manager := access.Actor{ID: "00000000-0000-7000-8000-999999000002", Name: "Bench"}
	manager.Grant(access.ProgrammeManager, "all")
	focal := func(n int) access.Actor {
		a := access.Actor{ID: "00000000-0000-7000-8000-999999000003", Name: "Bench", Office: "-", Organisation: provider(n)}
		a.Grant(access.ProviderFocal, access.OfOrganisation(provider(n)))
		return a
	}
	inbox := func(q db.Reader, who access.Actor, f referrals.Filter) error {
		p, err := referrals.Inbox(ctx, q, who, f)
		return some(len(p.Arrivals), err)
	}
	flows := func(f referrals.FlowFilter) func(q db.Reader, _ int) error {
		return func(q db.Reader, _ int) error {
			all, err := referrals.Flows(ctx, q, manager, f)
			return some(len(all), err)
		}
	}
	middle := referrals.Cursor{DueOn: time.Now().Format(time.DateOnly), ID: "0"}
	for _, k := range []struct {
		what string
		bar  time.Duration
		read func(q db.Reader, n int) error
	}{
		{"inbox of the provider with most", inboxBar, func(q db.Reader, n int) error { return inbox(q, focal(0), referrals.Filter{}) }},
		{"the same, in the middle", inboxBar, func(q db.Reader, n int) error { return inbox(q, focal(0), referrals.Filter{After: middle}) }},
		{"the same, what is late", inboxBar, func(q db.Reader, n int) error { return inbox(q, focal(0), referrals.Filter{Late: true}) }},
		{"inbox of others", inboxBar, func(q db.Reader, n int) error { return inbox(q, focal(1+n%200), referrals.Filter{}) }},
		{"flow of all by need", flowBar, flows(referrals.FlowFilter{By: "need"})},
		{"flow of all by provider", flowBar, flows(referrals.FlowFilter{By: "organisation"})},
		{"flow of all by district", flowBar, flows(referrals.FlowFilter{By: "district"})},
		{"flow of one district by need", flowBar, flows(referrals.FlowFilter{By: "need", District: "3056"})},
	} {
		t.say("%s, %s", k.what, d.Engine())
		n := 0
		f := load(1, o.lasts/2, func(int, int) error {
			n++
			return d.Read(ctx, func(q db.Reader) error { return k.read(q, n) })
		})
		t.add(fmt.Sprintf("%s, %d referrals, %s", k.what, o.referrals, d.Engine()), spread(f), "p95 under "+ms(k.bar), f.p95 < k.bar && f.failed == 0)
	}
	return nil
}

// referralsAtOnce is how many referrals one statement writes, bulk how many statements one transaction holds.
const (
	referralsAtOnce = 100
	bulk            = 50
)

// writeReferrals writes referrals of the last two years: of a hundred, eighty-five are closed.
func writeReferrals(ctx context.Context, d *db.DB, n int) error {
	r := rand.New(rand.NewPCG(6, uint64(n)))
	var districts []string
	for _, division := range geo.Children("") {
		for _, district := range geo.Children(division.Code) {
			districts = append(districts, district.Code)
		}
	}
	began := d.Now().AddDate(-2, 0, 0)
	step := d.Now().Sub(began) / time.Duration(n)
	for done := 0; done < n; {
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			for range bulk {
				var args []any
				for range min(referralsAtOnce, n-done) {
					args = append(args, madeUp(r, done, began.Add(time.Duration(done)*step), districts)...)
					done++
				}
				if len(args) == 0 {
					break
				}
				if _, err := tx.Exec(ctx, `INSERT INTO referrals (id, number, case_id, person_id, registration_id, from_organisation, from_office, user_id, user_name, to_organisation, to_partner,
					need, service_id, protected, district, urgency, state, outcome, answer, tries, rounds, silent, due_on, alarm_to, drafted_at, since_at, sent_at, received_at, decided_at,
					told_at, answered_at, ended_at, version) VALUES `+db.Values(len(args)/33, 33), args...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// madeUp is one referral, made up.
func madeUp(r *rand.Rand, n int, at time.Time, districts []string) []any {
	to := 0
	if r.IntN(10) > 0 {
		to = 1 + int(float64(providers-1)*r.Float64()*r.Float64())
	}
	need, state := listing.Needs()[r.IntN(len(listing.Needs()))].Code, course.Closed
	open := []course.State{course.Sent, course.Received, course.Accepted, course.Waiting, course.Appointed, course.Served, course.Confirmed, course.Withdrawn, course.Declined, course.Reopened}
	if r.IntN(100) < 15 {
		state = open[r.IntN(len(open))]
	}
	later := func(days int) time.Time { return at.Add(time.Duration(r.IntN(days*24)) * time.Hour) }
	due, ended := cases.Never, any(later(60))
	if state != course.Closed && state != course.Withdrawn {
		due, ended = time.Now().AddDate(0, 0, r.IntN(40)-15).Format(time.DateOnly), nil
	}
	answer, outcome := "yes", string(course.Serve)
	return []any{ids.New(at), fmt.Sprintf("%08d", 10_000_000+n), "", "", "", provider(1), entryOf(r.IntN(500)), "", "", entryOf(to), provider(to),
		need, "", false, districts[r.IntN(len(districts))], "days", string(state), outcome, answer, 0, 0, r.IntN(20) == 0, due, "", at, at, at, later(3), later(10),
		later(40), later(60), ended, 1}
}
