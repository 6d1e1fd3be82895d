// SPDX-License-Identifier: Apache-2.0

package reports_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/iati"
	"fera/internal/indicators/counting"
	"fera/internal/projects"
	"fera/internal/reports"
	"fera/internal/reports/content"
	"fera/internal/reports/counted"
	"fera/internal/reports/papers"
	"fera/internal/simulate"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// teller is whoever has the key file.
func teller() access.Actor { return access.System(access.Permissions()...) }

// year makes the published year in a store of each engine.
func year(t *testing.T, fn func(t *testing.T, d *db.DB, id projects.ID)) {
	t.Helper()
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := simulate.NewClock(dbtest.Noon)
			d := dbtest.Open(t, url(t), clock.Now)
			worldtest.Hire(t, d, worldtest.Parvin())
			o := simulate.Options{Seed: 3, Clerks: []access.Actor{worldtest.Dipu(), worldtest.Amina()}, Deciders: []access.Actor{worldtest.Chandra(), worldtest.Parvin()}, Clock: clock}
			if err := simulate.Year(t.Context(), d, o); err != nil {
				t.Fatal(err)
			}
			fn(t, d, look(t, d, func(q db.Reader) (projects.ID, error) {
				p, err := projects.ByCode(t.Context(), q, teller(), simulate.YearProject)
				return p.ID, err
			}))
		})
	}
}

func look[T any](t *testing.T, d *db.DB, fn func(q db.Reader) (T, error)) (got T) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) { got, err = fn(q); return err }); err != nil {
		t.Fatal(err)
	}
	return got
}

func made(t *testing.T, d *db.DB, id projects.ID, a content.Audience) content.Content {
	t.Helper()
	return look(t, d, func(q db.Reader) (content.Content, error) {
		return reports.Make(t.Context(), q, teller(), reports.Wanted{Project: id, Kind: content.Annual, Period: content.Period{From: 202212, To: 202312}, Audience: a})
	})
}

// figure finds a figure of a report by its code.
func figure(t *testing.T, c content.Content, code string) content.Figure {
	t.Helper()
	for _, s := range c.Sections {
		for _, f := range s.Figures {
			if f.Code == code {
				return f
			}
		}
	}
	t.Fatalf("the report has no figure %s", code)
	return content.Figure{}
}

// at is what stands in a row under a column; the whole is the row "whole".
func at(t *testing.T, f content.Figure, row, column string) content.Value {
	t.Helper()
	rows := slices.Clone(f.Rows)
	if f.Whole != nil {
		rows = append(rows, *f.Whole)
	}
	for _, r := range rows {
		for i, c := range f.Columns {
			if r.Key == row && c.Key == column {
				return r.Values[i]
			}
		}
	}
	t.Fatalf("%s has no %s under %s", f.Code, row, column)
	return content.Value{}
}

// Each number that was published of the year is counted out of the records, stands beside what was published, and where they differ that is said.
func TestThePublishedYear(t *testing.T) {
	t.Parallel()
	year(t, func(t *testing.T, d *db.DB, id projects.ID) {
		c := made(t, d, id, content.Exact)
		results := figure(t, c, "results")
		for _, one := range []struct {
			row                string
			published, records int64
			verdict            string
		}{
			{"S/basic_counselling", 76, 76, "agrees"}, {"S/people_health", 29, 29, "agrees"}, {"S/people_sheltered", 33, 33, "agrees"}, {"S/people_met_at_airport", 7, 7, "agrees"},
			{"S/people_legal", 6, 6, "agrees"}, {"U/union_orientations", 120, 120, "agrees"}, {"D/reached_door_to_door", 5625, 5623, "differs by 2: more was published"},
		} {
			p, r, v := at(t, results, one.row, "published"), at(t, results, one.row, "records"), at(t, results, one.row, "verdict")
			if p != content.Of(one.published) || r != content.Of(one.records) || v.Text.En != one.verdict {
				t.Errorf("%s: published %+v, records %+v, %q; want %d, %d, %q", one.row, p, r, v.Text.En, one.published, one.records, one.verdict)
			}
		}
		services := figure(t, c, "services")
		for kind, n := range map[string]int64{"counselling_basic": 76, "health_care": 29, "shelter_night": 33, "meet_and_greet": 7, "legal_advice": 6} {
			if times, people := at(t, services, kind, "times"), at(t, services, kind, "people"); times.N != n || people.N != n {
				t.Errorf("%s: %d times to %d people, want %d", kind, times.N, people.N, n)
			}
		}
		acts := figure(t, c, "activities")
		for column, n := range map[string]int64{"reached": 5623, "female": 3764, "male": 1859, "others": 0, "typed": 5625} {
			if got := at(t, acts, "door_to_door", column).N; got != n {
				t.Errorf("door to door, %s: %d, want %d", column, got, n)
			}
		}
		if !slices.ContainsFunc(acts.Flags, func(f content.Flag) bool {
			return f.Difference == 2 && strings.Contains(f.Text.En, "5,625") && strings.Contains(f.Text.En, "5,623")
		}) {
			t.Errorf("the difference of 2 is not flagged: %+v", acts.Flags)
		}
		if got := at(t, acts, "union_orientation", "times").N; got != 120 {
			t.Errorf("%d orientations, want 120", got)
		}
		returned := figure(t, c, "people:returned")
		women := int64(0)
		for _, r := range returned.Rows {
			if y, err := strconv.Atoi(r.Key); err != nil || y < 2020 || y > 2023 {
				t.Errorf("%d women came home in %q", r.Values[0].N, r.Key)
			}
			women += r.Values[0].N
		}
		if sex := figure(t, c, "people:sex"); women != 76 || returned.Whole.Values[0].N != 76 || at(t, sex, "female", "people").N != 76 || len(sex.Rows) != 1 {
			t.Errorf("%d women by year of return, %+v", women, sex.Rows)
		}
		addUp(t, c)
	})
}

// addUp finds figures whose parts do not come to the whole though nothing says so.
func addUp(t *testing.T, c content.Content) {
	t.Helper()
	for _, s := range c.Sections {
		for _, f := range s.Figures {
			if astray := f.Astray(); len(astray) > 0 {
				t.Errorf("%s: %v do not add up, and nothing says so", f.Code, astray)
			}
		}
	}
}

// What leaves the house tells nothing of fewer than eleven, not even by what stands beside it; inside the floor is five.
func TestTheFloorHoldsInEveryFigure(t *testing.T) {
	t.Parallel()
	year(t, func(t *testing.T, d *db.DB, id projects.ID) {
		out := made(t, d, id, content.Outside)
		services, results := figure(t, out, "services"), figure(t, out, "results")
		if got := at(t, services, "legal_advice+health_care", "people").N; got != 35 {
			t.Errorf("legal advice and health care together: %d people, want 35", got)
		}
		for _, row := range []string{"S/people_legal", "S/people_health"} {
			if got := at(t, results, row, "records"); got.Is != content.Hidden {
				t.Errorf("outside, %s is told: %+v", row, got)
			}
		}
		if got := at(t, results, "S/people_sheltered", "records"); got.N != 33 {
			t.Errorf("outside, shelter: %+v, want 33", got)
		}
		if got := at(t, results, "S/people_met_at_airport", "records"); got.N != 7 {
			t.Errorf("who was met at the airport is not protected, and is %+v, want 7", got)
		}
		for _, s := range out.Sections {
			for _, f := range s.Figures {
				for _, r := range f.Rows {
					if n := r.Values[0].N; strings.HasPrefix(f.Code, "people:") && n > 0 && n < 11 {
						t.Errorf("outside, %s, %s: %d", f.Code, r.Key, n)
					}
				}
			}
		}
		addUp(t, out)
		in := made(t, d, id, content.Inside)
		if got := at(t, figure(t, in, "results"), "S/people_legal", "records"); got.N != 6 {
			t.Errorf("inside, six were given legal help: %+v", got)
		}
		addUp(t, in)
	})
}

// No name of anybody, and no identifier of hers, is in any form of the report.
func TestNoNameIsInAnyForm(t *testing.T) {
	t.Parallel()
	year(t, func(t *testing.T, d *db.DB, id projects.ID) {
		names := look(t, d, func(q db.Reader) ([]string, error) {
			rows, err := q.Query(t.Context(), `SELECT p.id FROM persons p UNION SELECT p.name_bn FROM persons p UNION SELECT p.name_latin FROM persons p UNION SELECT c.id FROM cases c`)
			return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { err = r.Scan(&s); return s, err })
		})
		if len(names) < 3*76 {
			t.Fatalf("only %d names and identifiers", len(names))
		}
		c := made(t, d, id, content.Exact)
		for _, f := range []papers.Format{papers.Text, papers.CSV, papers.JSON} {
			for _, lang := range words.Languages() {
				var b bytes.Buffer
				if err := papers.Write(&b, f, papers.Paper{Content: c, Money: true, Lang: lang}); err != nil {
					t.Fatal(err)
				}
				for _, name := range names {
					if name != "" && strings.Contains(b.String(), name) {
						t.Errorf("%s in %s: %q is in it", f, lang, name)
					}
				}
			}
		}
	})
}

// Both published projects are valid IATI, with what the records come to beside what was published and nothing small that is protected.
func TestThePublishedProjectsAreValidIATI(t *testing.T) {
	t.Parallel()
	year(t, func(t *testing.T, d *db.DB, _ projects.ID) {
		for _, code := range []string{"remaker", simulate.YearProject} {
			text := look(t, d, func(q db.Reader) (string, error) {
				p, err := projects.ByCode(t.Context(), q, teller(), code)
				if err != nil {
					return "", err
				}
				a := iati.Activity{Project: p}
				if a.Actuals, err = counted.Actuals(t.Context(), q, teller(), p.ID); err != nil {
					return "", err
				}
				if a.Entries, err = projects.Money(t.Context(), q, teller(), p.ID); err != nil {
					return "", err
				}
				var b bytes.Buffer
				err = iati.Write(&b, a, q.Now())
				return b.String(), err
			})
			valid(t, code, text)
			if code == "remaker" {
				continue
			}
			for _, want := range []string{`<actual value="5625">`, `<actual value="5623">`, `<actual value="3764">`, `<dimension name="sex" value="female">`, `<actual value="33">`, "Counted from the records."} {
				if !strings.Contains(text, want) {
					t.Errorf("%s is not in the file", want)
				}
			}
			if n := strings.Count(text, `<actual value="6">`); n != 1 {
				t.Errorf("six who had legal help stand %d times: as published, and never as counted", n)
			}
		}
	})
}

// valid runs the published schema over a file of IATI. Without xmllint it is skipped, or fails where it is asked for.
func valid(t *testing.T, name, text string) {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("REQUIRE_XMLLINT") != "" {
			t.Fatal("xmllint is not there, and REQUIRE_XMLLINT is set")
		}
		t.Skip("xmllint is not there")
	}
	path := filepath.Join(t.TempDir(), "activity.xml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), program, "--nonet", "--noout", "--schema", "../iati/testdata/schema/iati-activities-schema.xsd", path).CombinedOutput(); err != nil {
		t.Errorf("%s is not valid: %v\n%s", name, err, said)
	}
}

// follow brings the totals up to the trail.
func follow(t *testing.T, d *db.DB) {
	t.Helper()
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := counting.Follow(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}
