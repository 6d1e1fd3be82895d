// SPDX-License-Identifier: Apache-2.0

package simulate_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/iati"
	"fera/internal/persons"
	"fera/internal/projects"
	"fera/internal/services"
	"fera/internal/simulate"
	"fera/internal/worldtest"
)

// published makes the published year in a store of its own.
func published(t *testing.T) *db.DB {
	t.Helper()
	clock := simulate.NewClock(dbtest.Noon)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	worldtest.Hire(t, d, worldtest.Parvin())
	o := simulate.Options{Seed: 3, Clerks: []access.Actor{worldtest.Dipu(), worldtest.Basil(), worldtest.Amina()}, Deciders: []access.Actor{worldtest.Chandra(), worldtest.Parvin()}, Clock: clock}
	begin := time.Now()
	if err := simulate.Year(t.Context(), d, o); err != nil {
		t.Fatal(err)
	}
	t.Logf("made in %v", time.Since(begin))
	if !clock.Now().Equal(dbtest.Noon) {
		t.Errorf("the clock was left at %v", clock.Now())
	}
	return d
}

func look[T any](t *testing.T, d *db.DB, fn func(q db.Reader) (T, error)) (got T) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) { got, err = fn(q); return err }); err != nil {
		t.Fatal(err)
	}
	return got
}

// The records come to what was published, and to the sum that the published total is not.
func TestThePublishedYearComesToItsTotals(t *testing.T) {
	t.Parallel()
	d, mitu := published(t), worldtest.Mitu()
	p := look(t, d, func(q db.Reader) (projects.Project, error) {
		return projects.ByCode(t.Context(), q, mitu, simulate.YearProject)
	})
	sum := func(kind string) activities.Totals {
		return look(t, d, func(q db.Reader) (activities.Totals, error) {
			return activities.Sum(t.Context(), q, mitu, activities.Filter{Kind: kind, Project: p.ID, From: dates.Partial{Year: 2022, Month: 12}, Until: dates.Partial{Year: 2023, Month: 12}, Place: "3056"})
		})
	}
	door := sum("door_to_door")
	sexes := activities.BySex(door.Cells)
	if door.Typed != 5625 || door.Reached != 5623 || door.Beside != 5623 || door.Difference() != 2 || door.Differing != 2 {
		t.Errorf("from door to door: %+v", door)
	}
	if want := map[string]int{"female": 3764, "male": 1859}; !maps.Equal(sexes, want) {
		t.Errorf("by sex: %v, want %v", sexes, want)
	}
	if union := sum("union_orientation"); union.Entries != 120 || union.Times != 120 || union.Reached != 0 {
		t.Errorf("orientations: %+v", union)
	}
	if training := sum("training_life_skills"); training.Entries == 0 || training.Reached == 0 {
		t.Errorf("training: %+v", training)
	}
	if forums := look(t, d, func(q db.Reader) ([]activities.Forum, error) { return activities.Forums(t.Context(), q, mitu) }); len(forums) != 1 || forums[0].Members != 12 {
		t.Errorf("forums: %+v", forums)
	}
	given, women := servicesOf(t, d, p.ID)
	if want := map[string]int{"counselling_basic": 76, "health_care": 29, "shelter_night": 33, "meet_and_greet": 7, "legal_advice": 6}; !maps.Equal(given, want) {
		t.Errorf("services: %v, want %v", given, want)
	}
	years := map[int]bool{}
	for _, w := range women {
		home := w.Journeys[0].Returned
		years[home.Year] = true
		if home.Year < 2020 || home.Year > 2023 || w.Sex != persons.Female {
			t.Errorf("she is %s and came home in %v", w.Sex, home)
		}
	}
	if len(years) != 4 {
		t.Errorf("they came home in %v, want in each of 2020 to 2023", years)
	}
	tally := look(t, d, func(q db.Reader) (map[projects.Subject]int, error) { return projects.Tally(t.Context(), q, mitu, p.ID) })
	if len(women) != 76 || tally[projects.Persons] != 76 || tally[projects.Cases] != 76 || tally[projects.Services] != 151 {
		t.Errorf("%d women; tally %v", len(women), tally)
	}
	if m, err := p.Measure("reached_door_to_door"); err != nil || m.Published[0].Value != 562500 {
		t.Errorf("as published: %+v, %v", m, err)
	}
	var came, ways int
	if err := d.Read(t.Context(), func(q db.Reader) error {
		return q.QueryRow(t.Context(), `SELECT count(DISTINCT person_id), count(*) FROM activity_heard`).Scan(&came, &ways)
	}); err != nil || came == 0 || came != ways {
		t.Errorf("%d women heard of it in %d ways, %v", came, ways, err)
	}
}

// servicesOf opens each case that counts, as the caseworker who had it, and counts by women what of it counts for the project.
func servicesOf(t *testing.T, d *db.DB, id projects.ID) (given map[string]int, women []persons.Person) {
	t.Helper()
	given = map[string]int{}
	amina := worldtest.Amina()
	counting := projects.Counts(id, projects.Services, "s.id")
	count := look(t, d, func(q db.Reader) ([]string, error) {
		rows, err := q.Query(t.Context(), `SELECT s.id FROM services s WHERE `+counting.SQL, counting.Args...)
		return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { err = r.Scan(&s); return s, err })
	})
	files := projects.Counts(id, projects.Cases, "c.id")
	all := look(t, d, func(q db.Reader) ([]cases.ID, error) {
		rows, err := q.Query(t.Context(), `SELECT c.id FROM cases c WHERE `+files.SQL, files.Args...)
		return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s cases.ID, err error) { err = r.Scan(&s); return s, err })
	})
	for _, c := range all {
		dbtest.Write(t, d, func(tx *db.Tx) error {
			file, err := cases.Find(t.Context(), tx, amina, c)
			if err != nil {
				return err
			}
			if file.Status != cases.Closed {
				t.Errorf("a case of the year is left %s", file.Status)
			}
			her, err := persons.Find(t.Context(), tx, amina, file.Person)
			if err != nil {
				return err
			}
			women = append(women, her)
			plain, err := services.List(t.Context(), tx, amina, c, cases.Part{})
			if err != nil {
				return err
			}
			sealed, err := services.Look(t.Context(), tx, amina, c, cases.Part{})
			for _, s := range append(plain, sealed...) {
				if slices.Contains(count, string(s.ID)) {
					given[s.Code]++
				}
			}
			return err
		})
	}
	return given, women
}

// The other published project has what was published of it, and nothing else; both can be written as IATI.
func TestThePublishedProjectIsEnteredAsItWas(t *testing.T) {
	t.Parallel()
	d, parvin := published(t), worldtest.Parvin()
	p := look(t, d, func(q db.Reader) (projects.Project, error) { return projects.ByCode(t.Context(), q, parvin, "remaker") })
	if p.State != projects.Completed || p.Begins().Year != 2019 || p.Ends().Year != 2023 || !p.Nationwide || p.Region != "Asia and Oceania" || p.Theme != "labour migration" {
		t.Errorf("it is %+v", p)
	}
	if len(p.Identifiers) != 2 || p.Identifiers[0].Value != "BD10P0501" || p.Identifiers[1].Value != "LM.0379" {
		t.Errorf("identifiers: %+v", p.Identifiers)
	}
	doing := 0
	for _, one := range p.Partners {
		if one.Role == projects.Implementing {
			doing++
		}
	}
	book := look(t, d, func(q db.Reader) ([]projects.Entry, error) { return projects.Money(t.Context(), q, parvin, p.ID) })
	if doing != 3 || len(book) != 1 || book[0].Amount != 200_000*100 || book[0].Currency != "USD" {
		t.Errorf("%d partners, money %+v", doing, book)
	}
	for _, code := range []string{"remaker", simulate.YearProject} {
		p := look(t, d, func(q db.Reader) (projects.Project, error) { return projects.ByCode(t.Context(), q, parvin, code) })
		if err := iati.Write(&bytes.Buffer{}, iati.Activity{Project: p, Entries: book}, time.Now()); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}
