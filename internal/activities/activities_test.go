// SPDX-License-Identifier: Apache-2.0

package activities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/projects"
	"fera/internal/worldtest"
)

func day(text string) dates.Partial {
	d, err := dates.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

func at(n int) *int { return &n }

// village is a tally of a village, as a volunteer enters it.
func village() activities.Content {
	return activities.Content{Kind: "door_to_door", Way: activities.Tally, From: day("2030-03-01"), Place: "305670", Where: "পূর্বপাড়া", Households: 40, Team: "Dipu",
		Cells: []activities.Cell{{Sex: "female", People: 90}, {Sex: "male", Age: "18_24", Disability: "no", People: 31}, {Sex: "female", People: 10}}}
}

func log(t *testing.T, d *db.DB, who access.Actor, l activities.Logging) (id activities.ID, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) { id, err = activities.Log(t.Context(), tx, who, l); return err })
	return id, err
}

func logged(t *testing.T, d *db.DB, who access.Actor, c activities.Content, of ...projects.ID) activities.ID {
	t.Helper()
	id, err := log(t, d, who, activities.Logging{Content: c, Projects: of})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func read[T any](t *testing.T, d *db.DB, fn func(q db.Reader) (T, error)) (got T) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) { got, err = fn(q); return err }); err != nil {
		t.Fatal(err)
	}
	return got
}

func find(t *testing.T, d *db.DB, who access.Actor, id activities.ID) activities.Act {
	t.Helper()
	return read(t, d, func(q db.Reader) (activities.Act, error) { return activities.Find(t.Context(), q, who, id) })
}

func project(t *testing.T, d *db.DB, code string) (id projects.ID) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		id, err = projects.Open(t.Context(), tx, worldtest.Mitu(), projects.Opening{Code: code, Record: projects.Record{TitleEn: code, PlannedFrom: day("2029-01-01"), Nationwide: true}})
		return err
	})
	return id
}

// What is counted is the sum of its parts; the same act twice is one activity.
func TestLogCountsTheParts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		dipu := worldtest.Dipu()
		id, err := log(t, d, dipu, activities.Logging{Operation: "one", Content: village()})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := log(t, d, dipu, activities.Logging{Operation: "one", Content: village()}); err != nil || again != id {
			t.Errorf("the same act again: %s, %v", again, err)
		}
		a := find(t, d, dipu, id)
		if a.Reached != 131 || a.Difference() != 0 || len(a.Cells) != 2 || a.Cells[0] != (activities.Cell{Sex: "female", Age: "unknown", Disability: "unknown", People: 100}) {
			t.Errorf("it is %+v", a)
		}
		total := read(t, d, func(q db.Reader) (activities.Totals, error) {
			return activities.Sum(t.Context(), q, dipu, activities.Filter{})
		})
		if total.Entries != 1 || total.Reached != 131 || total.Households != 40 || activities.BySex(total.Cells)["female"] != 100 {
			t.Errorf("totals = %+v", total)
		}
	})
}

// A total that somebody typed in stays beside the parts, with the difference, and changes neither.
func TestATypedTotalStaysBesideTheParts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		c := village()
		c.Cells, c.Typed, c.TypedSays = []activities.Cell{{Sex: "female", People: 3764}, {Sex: "male", People: 1859}}, at(5625), "as published"
		a := find(t, d, worldtest.Amina(), logged(t, d, worldtest.Amina(), c))
		if a.Reached != 5623 || *a.Typed != 5625 || a.Difference() != 2 {
			t.Errorf("reached %d, typed %d, difference %d", a.Reached, *a.Typed, a.Difference())
		}
		logged(t, d, worldtest.Amina(), village())
		total := read(t, d, func(q db.Reader) (activities.Totals, error) {
			return activities.Sum(t.Context(), q, worldtest.Amina(), activities.Filter{Kind: "door_to_door"})
		})
		if total.Reached != 5623+131 || total.Typed != 5625 || total.Beside != 5623 || total.Difference() != 2 || total.Differing != 1 {
			t.Errorf("totals = %+v", total)
		}
	})
}

func TestLogRefuses(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), func() time.Time { return dbtest.Noon })
	worldtest.Hire(t, d)
	for field, change := range map[string]func(*activities.Content){
		"kind":       func(c *activities.Content) { c.Kind = "no_such" },
		"way":        func(c *activities.Content) { c.Way = "x" },
		"from":       func(c *activities.Content) { c.From = day("2031-01-01") },
		"until":      func(c *activities.Content) { c.Until = day("2030-02-01") },
		"place":      func(c *activities.Content) { c.Place = "99" },
		"households": func(c *activities.Content) { c.Households = 0 },
		"times":      func(c *activities.Content) { c.Times = 3 },
		"typed":      func(c *activities.Content) { c.TypedSays = "somewhere" },
		"cells":      func(c *activities.Content) { c.Cells[0].Sex = "x" },
		"cost":       func(c *activities.Content) { c.Cost = -1 },
		"currency":   func(c *activities.Content) { c.Currency = "JPY" },
		"forum":      func(c *activities.Content) { c.Forum = "x" },
		"topic":      func(c *activities.Content) { c.Topic = strings.Repeat("x", 301) },
	} {
		c := village()
		change(&c)
		_, err := log(t, d, worldtest.Amina(), activities.Logging{Content: c})
		if f := fault.Of(err); f == nil || !slices.ContainsFunc(f.All(), func(f *fault.Error) bool { return f.Field == field }) {
			t.Errorf("%s: %v", field, err)
		}
	}
	c := village()
	c.Way, c.Households = activities.Household, 2
	if _, err := log(t, d, worldtest.Amina(), activities.Logging{Content: c}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("two households in the line of one: %v", err)
	}
	if _, err := log(t, d, worldtest.Amina(), activities.Logging{Content: village(), Projects: []projects.ID{"x"}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a project that is not there: %v", err)
	}
}

// A correction is a version; the one before stays, and the figures follow.
func TestCorrectKeepsWhatWasSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		one, two := project(t, d, "one"), project(t, d, "two")
		amina := worldtest.Amina()
		id := logged(t, d, amina, village(), one)
		c := village()
		c.Cells = []activities.Cell{{Sex: "female", People: 7}}
		correct := func(version int, why string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := activities.Correct(t.Context(), tx, amina, activities.Correction{Activity: id, Version: version, Content: c, Why: why, Projects: []projects.ID{two}})
				return err
			})
		}
		if err := correct(1, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		if err := correct(1, "counted again"); err != nil {
			t.Fatal(err)
		}
		if err := correct(1, "counted again"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("over a version that was not read: %v", err)
		}
		if a := find(t, d, amina, id); a.Reached != 7 || a.Version != 2 {
			t.Errorf("it is %+v", a)
		}
		all := read(t, d, func(q db.Reader) ([]activities.Version, error) { return activities.Versions(t.Context(), q, amina, id) })
		if len(all) != 2 || all[1].Content.Households != 40 || len(all[1].Content.Cells) != 2 || all[0].Why != "counted again" {
			t.Errorf("versions = %+v", all)
		}
		counts := func(p projects.ID) int {
			return len(read(t, d, func(q db.Reader) (activities.Page, error) {
				return activities.List(t.Context(), q, amina, activities.Filter{Project: p})
			}).Acts)
		}
		if counts(one) != 0 || counts(two) != 1 {
			t.Errorf("it counts %d times for the first and %d for the second, want 0 and 1", counts(one), counts(two))
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return activities.Undo(t.Context(), tx, amina, id, "it was another village") })
		tally := read(t, d, func(q db.Reader) (map[projects.Subject]int, error) { return projects.Tally(t.Context(), q, amina, two) })
		if counts(two) != 0 || tally[projects.Activities] != 0 {
			t.Errorf("what was undone counts: %d, %v", counts(two), tally)
		}
		if err := correct(3, "counted again"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("what was undone is corrected: %v", err)
		}
		if undone := read(t, d, func(q db.Reader) (activities.Page, error) {
			return activities.List(t.Context(), q, amina, activities.Filter{Undone: true})
		}); len(undone.Acts) != 1 {
			t.Errorf("%d are listed as undone", len(undone.Acts))
		}
	})
}

// Who sees, enters and corrects: one's own, those of the office, those of the area.
func TestRights(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id := logged(t, d, worldtest.Dipu(), village())
		for _, test := range []struct {
			who                 access.Actor
			sees, names, change bool
		}{
			{worldtest.Dipu(), true, true, true},
			{worldtest.Amina(), true, true, false},
			{worldtest.Chandra(), true, true, true},
			{worldtest.Parvin(), true, true, true},
			{worldtest.Mitu(), true, false, false},
			{worldtest.Harun(), true, false, false},
			{worldtest.Gita(), true, false, false}, // she looks after the district
			{worldtest.Basil(), false, false, false},
			{worldtest.Farid(), false, false, false},
		} {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				a, err := activities.Find(t.Context(), q, test.who, id)
				p, listed := activities.List(t.Context(), q, test.who, activities.Filter{})
				if (err == nil) != test.sees || (len(p.Acts) == 1) != test.sees || listed != nil {
					t.Errorf("%s: %v, lists %d", test.who.Name, err, len(p.Acts))
				}
				if test.sees && (activities.SeesNames(test.who, a) != test.names || activities.MayChange(test.who, a) != test.change) {
					t.Errorf("%s: names %t, changes %t", test.who.Name, !test.names, !test.change)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := activities.Correct(t.Context(), tx, test.who, activities.Correction{Activity: id, Version: 99, Content: village(), Why: "so it was"})
				return err
			})
			want := fault.Conflict
			if !test.change {
				want = fault.Forbidden
			}
			if !test.sees {
				want = fault.NotFound
			}
			if fault.KindOf(err) != want {
				t.Errorf("%s corrects: %v", test.who.Name, err)
			}
		}
		for _, who := range []access.Actor{worldtest.Mitu(), worldtest.Harun(), worldtest.Farid()} {
			if _, err := log(t, d, who, activities.Logging{Content: village()}); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s enters: %v", who.Name, err)
			}
		}
	})
}

// What is made up at a training office is apart, and nobody else sees it.
func TestPracticeIsApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		there := access.Practising(access.Actor{ID: "ff000000-0000-7000-8000-000000000009", Name: "Amina", Office: "ff000000-0000-7000-8000-000000000001", Organisation: "ff000000-0000-7000-8000-00000000000a"}, map[access.Role]bool{access.Caseworker: true})
		id := logged(t, d, there, village())
		if !strings.HasPrefix(string(id), "ff") {
			t.Errorf("its id is %s", id)
		}
		for _, who := range worldtest.Cast() {
			if total := read(t, d, func(q db.Reader) (activities.Totals, error) {
				return activities.Sum(t.Context(), q, who, activities.Filter{})
			}); total.Entries != 0 {
				t.Errorf("%s counts what is made up", who.Name)
			}
		}
		if _, err := log(t, d, there, activities.Logging{Content: village(), Projects: []projects.ID{project(t, d, "real")}}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("what is made up counts for what is real: %v", err)
		}
		real := logged(t, d, worldtest.Amina(), village())
		clear := func(who access.Actor) (n int, err error) {
			err = d.Write(t.Context(), func(tx *db.Tx) (err error) { n, err = activities.Clear(t.Context(), tx, who); return err })
			return n, err
		}
		if _, err := clear(worldtest.Chandra()); fault.KindOf(err) != fault.NotFound {
			t.Errorf("an office that does not practise is cleared: %v", err)
		}
		there = access.Practising(access.Actor{ID: there.ID, Name: "Chandra", Office: there.Office, Organisation: there.Organisation}, map[access.Role]bool{access.Supervisor: true})
		if n, err := clear(there); err != nil || n != 1 {
			t.Errorf("cleared %d, %v", n, err)
		}
		if total := read(t, d, func(q db.Reader) (activities.Totals, error) {
			return activities.Sum(t.Context(), q, there, activities.Filter{})
		}); total.Entries != 0 {
			t.Errorf("%d are left at the training office", total.Entries)
		}
		find(t, d, worldtest.Amina(), real)
	})
}

func TestListFilters(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), func() time.Time { return dbtest.Noon })
	worldtest.Hire(t, d)
	for i, place := range []string{"305670", "305646", "6090", "305670"} {
		c := village()
		c.Place, c.From = place, day("2030-01-10").Add(i*10)
		if i == 3 {
			c.Kind, c.Way, c.Times, c.Until = "union_orientation", activities.Event, 2, c.From.Add(3)
		}
		logged(t, d, worldtest.Amina(), c)
	}
	for _, test := range []struct {
		filter activities.Filter
		want   int
	}{
		{activities.Filter{}, 4}, {activities.Filter{Place: "3056"}, 3}, {activities.Filter{Place: "30"}, 3}, {activities.Filter{Place: "305670"}, 2}, {activities.Filter{Kind: "door_to_door"}, 3},
		{activities.Filter{From: day("2030-01-20"), Until: day("2030-01-30")}, 2}, {activities.Filter{From: day("2030-02-12")}, 1}, {activities.Filter{Until: day("2030-01")}, 3},
		{activities.Filter{Place: "3056", Kind: "union_orientation"}, 1}, {activities.Filter{Forum: "x"}, 0},
	} {
		got := read(t, d, func(q db.Reader) (activities.Page, error) {
			return activities.List(t.Context(), q, worldtest.Amina(), test.filter)
		})
		if len(got.Acts) != test.want {
			t.Errorf("%+v: %d, want %d", test.filter, len(got.Acts), test.want)
		}
	}
	seen := map[activities.ID]bool{}
	f := activities.Filter{Limit: 1}
	for range 4 {
		p := read(t, d, func(q db.Reader) (activities.Page, error) {
			return activities.List(t.Context(), q, worldtest.Amina(), f)
		})
		if len(p.Acts) != 1 || seen[p.Acts[0].ID] {
			t.Fatalf("page by page: %+v", p)
		}
		seen[p.Acts[0].ID], f.Before = true, p.Next
	}
	if f.Before != "" {
		t.Error("after the last page there is another")
	}
	total := read(t, d, func(q db.Reader) (activities.Totals, error) {
		return activities.Sum(t.Context(), q, worldtest.Amina(), activities.Filter{Kind: "union_orientation"})
	})
	if total.Entries != 1 || total.Times != 2 {
		t.Errorf("totals = %+v", total)
	}
}

// Kinds are data: one of one's own holds from a day on, and one that ended is not taken any more.
func TestKindsAreDated(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		set := func(who access.Actor, k activities.Kind, from string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return activities.SetKind(t.Context(), tx, who, k, day(from)) })
		}
		theatre := activities.Kind{Code: "street_theatre", NameBn: "পথনাটক", NameEn: "Street theatre", Group: "media", Way: activities.Event, Estimate: true}
		if err := set(worldtest.Chandra(), theatre, "2030-03-10"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a supervisor sets kinds: %v", err)
		}
		if err := set(worldtest.Farid(), theatre, "2030-03-10"); err != nil {
			t.Fatal(err)
		}
		c := village()
		c.Kind, c.Way, c.From = "street_theatre", activities.Event, day("2030-03-05")
		if _, err := log(t, d, worldtest.Amina(), activities.Logging{Content: c}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("before its day: %v", err)
		}
		clock.Move(10 * 24 * time.Hour)
		c.From = day("2030-03-12")
		if a := find(t, d, worldtest.Amina(), logged(t, d, worldtest.Amina(), c)); !a.Estimate {
			t.Error("an estimate is taken for a count")
		}
		total := read(t, d, func(q db.Reader) (activities.Totals, error) {
			return activities.Sum(t.Context(), q, worldtest.Amina(), activities.Filter{})
		})
		if total.Reached != 0 || total.Estimated != 131 || len(total.Cells) != 0 {
			t.Errorf("totals = %+v", total)
		}
		theatre.Ended = true
		if err := set(worldtest.Farid(), theatre, "2030-03-15"); err != nil {
			t.Fatal(err)
		}
		c.From = day("2030-03-15")
		if _, err := log(t, d, worldtest.Amina(), activities.Logging{Content: c}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("one that ended: %v", err)
		}
		if all := read(t, d, func(q db.Reader) ([]activities.KindVersion, error) {
			return activities.KindVersions(t.Context(), q, worldtest.Farid(), "street_theatre")
		}); len(all) != 2 || !all[0].Ended {
			t.Errorf("versions = %+v", all)
		}
		kinds := read(t, d, func(q db.Reader) ([]activities.Kind, error) {
			return activities.Kinds(t.Context(), q, day("2030-03-20"))
		})
		if len(kinds) < 11 || kinds[0].Code != "door_to_door" || kinds[len(kinds)-1].Code != "street_theatre" {
			t.Errorf("kinds = %+v", kinds)
		}
	})
}

func register(t *testing.T, d *db.DB, who access.Actor) (id persons.ID) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		id, err = persons.Register(t.Context(), tx, who, worldtest.Rahima())
		return err
	})
	return id
}
