// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// office and organisation number i of the crowd; worker is one of an office's ten.
func officeOf(i int) string       { return fmt.Sprintf("00000000-0000-7000-8100-%012d", i) }
func organisationOf(i int) string { return fmt.Sprintf("00000000-0000-7000-8200-%012d", i) }
func workerOf(office, i int) string {
	return fmt.Sprintf("00000000-0000-7000-8300-%06d%06d", office, i)
}

// at an office of the crowd.
func of(role access.Role, office int, scope access.Scope) access.Actor {
	a := access.Actor{ID: workerOf(office, 0), Name: "Somebody", Office: officeOf(office), Organisation: organisationOf(office / 10)}
	a.Grant(role, scope)
	return a
}

// crowd writes n cases of n persons at so many offices, ten to an organisation, with the rows that Open would write beside them.
func crowd(t testing.TB, d *db.DB, n, offices int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	risks, statuses := []string{"", "low", "medium", "high", "critical"}, []string{"intake", "assigned", "assessed", "planned", "active", "aftercare", "closed"}
	const rows = 100
	for from := 0; from < n; from += 20 * rows {
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			for batch := from; batch < min(n, from+20*rows); batch += rows {
				var people, files, scopes []any
				count := min(rows, n-batch)
				for i := batch; i < batch+count; i++ {
					p, c := fmt.Sprintf("01900000-0000-7000-8000-%012d", i), fmt.Sprintf("01900000-0000-7000-9000-%012d", i)
					at := rng.IntN(offices)
					people = append(people, p, officeOf(at), "রহিমা", "Rahima", "", "female", "", "30", "", "", "", false, tx.Now(), tx.Now(), 1, 0)
					status, due, worker := statuses[rng.IntN(len(statuses))], dbtest.Noon.AddDate(0, 0, rng.IntN(90)-20).Format("2006-01-02"), workerOf(at, rng.IntN(10))
					var ended any
					if status == "closed" {
						due, ended = cases.Never, tx.Now()
					}
					if status == "intake" {
						worker = ""
					}
					files = append(files, c, p, "", "reintegration", organisationOf(at/10), officeOf(at), worker, "Worker", status, "self", risks[rng.IntN(len(risks))], 1, "", "", "2030-01-01", "",
						false, "x", due, "", nil, tx.Now(), tx.Now().Add(-time.Duration(rng.IntN(2000))*time.Hour), nil, ended, 1)
					scopes = append(scopes, access.AtOffice(officeOf(at)), c, access.OfOrganisation(organisationOf(at/10)), c, access.OnCaseload(worker), c,
						access.AtOffice(officeOf(at)), p, access.OfOrganisation(organisationOf(at/10)), p, access.OnCaseload(worker), p)
				}
				for _, statement := range []struct {
					text string
					args []any
				}{
					{`INSERT INTO persons (id, office_id, name_bn, name_latin, call_name, sex, birth, place_code, terms, photo_id, chosen, do_not_contact, registered_at, changed_at, version, lists) VALUES ` + db.Values(count, 16), people},
					{`INSERT INTO cases (id, person_id, registration_id, programme, organisation_id, office_id, worker_id, worker_name, status, origin, risk, openings, closure, returned_on, clock_from, clock_due,
						paused, due_for, due_on, alarm_to, alarm_at, opened_at, touched_at, closed_at, ended_at, version) VALUES ` + db.Values(count, 26), files},
					{`INSERT INTO access_scopes (scope, subject_id) VALUES ` + db.Values(6*count, 2) + ` ON CONFLICT DO NOTHING`, scopes},
				} {
					if _, err := tx.Exec(t.Context(), statement.text, statement.args...); err != nil {
						return err
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// wanted is what a list should hold, found the slow way: every live case, looked at one by one.
func wanted(t *testing.T, d *db.DB, who access.Actor, f cases.Filter) (all []cases.Case) {
	t.Helper()
	everybody := access.System(access.ReadCases, access.ReadPersons)
	grave := []cases.Risk{cases.Unrated, cases.Low, cases.Medium, cases.High, cases.Critical}
	for cursor := (cases.Cursor{}); ; {
		var page cases.Page
		reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
			page, err = cases.List(ctx, q, everybody, cases.Filter{Limit: 200, After: cursor})
			return err
		})
		for _, c := range page.Cases {
			worker := f.Worker == "" || c.Worker == f.Worker || f.Worker == cases.Nobody && c.Worker == ""
			reached := who.Covers(access.ReadCases, access.AtOffice(c.Office), access.OfOrganisation(c.Organisation), access.OnCaseload(c.Worker))
			if reached && worker && (f.Office == "" || c.Office == f.Office) && (f.Status == "" || c.Status == f.Status) && (f.DueBy.IsZero() || c.DueOn <= f.DueBy.String()) &&
				(f.Idle.IsZero() || c.TouchedAt.Before(f.Idle)) && (f.Risk == "" || slices.Index(grave, c.Risk) >= slices.Index(grave, f.Risk)) {
				all = append(all, c)
			}
		}
		if cursor = page.Next; cursor == (cases.Cursor{}) {
			return all
		}
	}
}

// Whatever is asked for by whom, the pages together hold each case that fits once, in order, and no other.
func TestListsHoldWhatFits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, 1500, 25)
		rng := chance(t, 3)
		some := 0
		for range 60 {
			office := rng.IntN(25)
			who := of(access.Supervisor, office, []access.Scope{"all", "own", access.AtOffice(officeOf(office)), access.OfOrganisation(organisationOf(office / 10))}[rng.IntN(4)])
			if rng.IntN(3) == 0 {
				who.Grant(access.Caseworker, access.AtOffice(officeOf(rng.IntN(25))))
			}
			f := cases.Filter{Limit: 1 + rng.IntN(60)}
			if rng.IntN(3) == 0 {
				f.Office = officeOf(office)
			}
			if rng.IntN(3) == 0 {
				f.Worker = []string{cases.Nobody, workerOf(office, 3), who.ID}[rng.IntN(3)]
			}
			if rng.IntN(4) == 0 {
				f.Status = cases.Statuses()[rng.IntN(7)]
			}
			if rng.IntN(4) == 0 {
				f.Risk = []cases.Risk{cases.Medium, cases.High, cases.Critical}[rng.IntN(3)]
			}
			if rng.IntN(4) == 0 {
				f.DueBy = dates.Of(dbtest.Noon)
			}
			if rng.IntN(4) == 0 {
				f.Idle = dbtest.Noon.AddDate(0, 0, -30)
			}
			want := wanted(t, d, who, f)
			var got []cases.Case
			for {
				var page cases.Page
				reading(t, d, func(ctx context.Context, q db.Reader) (err error) { page, err = cases.List(ctx, q, who, f); return err })
				got = append(got, page.Cases...)
				if f.After = page.Next; f.After == (cases.Cursor{}) {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v for %+v holds %d, want %d", f, who.Grants[access.ReadCases], len(got), len(want))
			}
			some += len(want)
		}
		if some < 500 {
			t.Errorf("%d cases in all lists: the test shows nothing", some)
		}
	})
}

// The board counts what the lists hold.
func TestTheBoardCountsWhatListsHold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, 600, 3)
		who, idle := of(access.Supervisor, 1, access.OfOrganisation(organisationOf(0))), dbtest.Noon.AddDate(0, 0, -30)
		var board []cases.Load
		reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
			board, err = cases.Board(ctx, q, who, officeOf(1), idle)
			return err
		})
		if len(board) != 11 {
			t.Fatalf("the board has %d lines, want ten workers and nobody", len(board))
		}
		for _, l := range board {
			f := cases.Filter{Office: officeOf(1), Worker: l.Worker}
			if l.Worker == "" {
				f.Worker = cases.Nobody
			}
			count := func(change func(f *cases.Filter)) int {
				f := f
				change(&f)
				return len(wanted(t, d, who, f))
			}
			got := []int{l.Cases, l.Late, l.Grave, l.Idle}
			want := []int{count(func(*cases.Filter) {}), count(func(f *cases.Filter) { f.DueBy = dates.Of(dbtest.Noon).Add(-1) }), count(func(f *cases.Filter) { f.Risk = cases.High }), count(func(f *cases.Filter) { f.Idle = idle })}
			if !slices.Equal(got, want) {
				t.Errorf("%s: cases, late, grave, idle are %v, want %v", l.Worker, got, want)
			}
		}
		for _, stranger := range []access.Actor{of(access.Supervisor, 15, access.OfOrganisation(organisationOf(1))), worldtest.Farid(), of(access.FieldOfficer, 1, "own")} {
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				_, err := cases.Board(ctx, q, stranger, officeOf(1), idle)
				refused(t, err, "case.office_not_found")
				return nil
			})
		}
	})
}

// Each list of the desk is a range of an index, in the order of that index: nothing is sorted and no table is read through.
func TestListsAreRangesOfIndexes(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), func() time.Time { return dbtest.Noon })
	crowd(t, d, 300, 3)
	for _, test := range []struct{ where, index string }{
		{"c.worker_id = ? AND", "cases_worker"}, {"c.office_id = ? AND", "cases_office"}, {"c.organisation_id = ? AND", "cases_organisation"}, {"", "cases_due"},
	} {
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			query := `SELECT c.id FROM cases c WHERE ` + test.where + ` c.ended_at IS NULL AND (c.due_on, c.id) > ('2030-01-01', 'x') ORDER BY c.due_on, c.id LIMIT 51`
			args := []any{"x"}[:strings.Count(test.where, "?")]
			rows, err := q.Query(ctx, `EXPLAIN QUERY PLAN `+query, args...)
			plan, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) {
				var a, b, c any
				err = r.Scan(&a, &b, &c, &s)
				return s, err
			})
			if text := strings.Join(plan, "; "); !strings.Contains(text, test.index) || strings.Contains(text, "TEMP B-TREE") {
				t.Errorf("%q is planned as %s, want a range of %s", test.where, text, test.index)
			}
			return err
		})
	}
}

func BenchmarkListsSQLite(b *testing.B) { lists(b, dbtest.SQLite(b)) }

func BenchmarkListsPostgres(b *testing.B) { lists(b, dbtest.Postgres(b)) }

// lists reads first and later pages of 200,000 cases at 200 offices.
func lists(b *testing.B, url string) {
	d := dbtest.Open(b, url, func() time.Time { return dbtest.Noon })
	crowd(b, d, 200_000, 200)
	if err := d.Analyze(b.Context()); err != nil {
		b.Fatal(err)
	}
	everybody, organisation, office := of(access.Supervisor, 41, "all"), of(access.Supervisor, 41, access.OfOrganisation(organisationOf(4))), of(access.Caseworker, 41, access.AtOffice(officeOf(41)))
	middle := cases.Cursor{DueOn: "2030-04-20", ID: "01900000-0000-7000-9000-000000100000"}
	for _, test := range []struct {
		name string
		who  access.Actor
		f    cases.Filter
	}{
		{"country", everybody, cases.Filter{}},
		{"country, in the middle", everybody, cases.Filter{After: middle}},
		{"organisation", organisation, cases.Filter{}},
		{"organisation, grave and idle", organisation, cases.Filter{Risk: cases.Critical, Idle: dbtest.Noon.AddDate(0, 0, -60)}},
		{"office", office, cases.Filter{}},
		{"office, nobody's", office, cases.Filter{Office: officeOf(41), Worker: cases.Nobody}},
		{"my day", office, cases.Filter{Worker: office.ID, DueBy: dates.Of(dbtest.Noon)}},
		{"another's office", office, cases.Filter{Office: officeOf(42)}},
	} {
		b.Run(test.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				started := time.Now()
				if err := d.Read(b.Context(), func(q db.Reader) error { _, err := cases.List(b.Context(), q, test.who, test.f); return err }); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(started))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
	b.Run("board of an office", func(b *testing.B) {
		for b.Loop() {
			if err := d.Read(b.Context(), func(q db.Reader) error {
				_, err := cases.Board(b.Context(), q, organisation, officeOf(41), dbtest.Noon.AddDate(0, 0, -30))
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
