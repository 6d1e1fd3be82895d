// SPDX-License-Identifier: Apache-2.0

package projects_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
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

// record is one that has something of everything.
func record() projects.Record {
	return projects.Record{
		TitleEn: "Coming home", TitleBn: "ফেরা", TextEn: "What it does.", Theme: "labour migration", PlannedFrom: day("2029-01-01"), PlannedTo: day("2031-12-31"), Started: day("2029-02-01"),
		Places: []string{"3056"}, Identifiers: []projects.Identifier{{Kind: "A1", Value: "BD1"}},
		Partners: []projects.Partner{{NameEn: "A fund", Role: projects.Funding, Type: "60", Ref: "XI-IATI-1"}, {Organisation: worldtest.Bandhan, NameEn: "Bandhan", Role: projects.Implementing, Type: "22", Part: "legal aid"}},
		Sectors:  []projects.Sector{{Code: "15190", Percent: 60}, {Code: "16070", Percent: 40}}, Gender: 1,
		Lines: []projects.Line{{Code: "1.1", NameEn: "Staff"}, {Code: "1.2", NameEn: "Training"}},
		Results: []projects.Result{{Code: "G", Level: projects.Goal, TitleEn: "At home for good"}, {Code: "O1", Level: projects.Outcome, Under: "G", TitleEn: "They live from their work",
			Indicators: []projects.Measured{{Indicator: "persons_reached", Unit: "number", Baseline: &projects.Figure{From: day("2028"), Value: 0},
				Targets: []projects.Figure{{From: day("2029-01-01"), Until: day("2029-12-31"), Place: "3056", Value: 500000}}}}},
			{Code: "A1", Level: projects.Activity, Under: "O1", TitleEn: "Meetings"}},
		Documents: []projects.Document{{TitleEn: "Agreement", Href: "https://example.org/a.pdf", Category: "A09"}},
	}
}

func open(t *testing.T, d *db.DB, who access.Actor, code string, r projects.Record) (id projects.ID, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
		id, err = projects.Open(t.Context(), tx, who, projects.Opening{Code: code, State: projects.Running, Record: r})
		return err
	})
	return id, err
}

func made(t *testing.T, d *db.DB) projects.ID {
	t.Helper()
	id, err := open(t, d, worldtest.Mitu(), "coming-home", record())
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

// What is said of a project changes by version; what it said before stays.
func TestAmendKeepsWhatWasSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id, mitu := made(t, d), worldtest.Mitu()
		r := record()
		r.TitleEn, r.Places = "Home again", []string{"3056", "305670"}
		amend := func(version int, why string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := projects.Amend(t.Context(), tx, mitu, projects.Amendment{Project: id, Version: version, State: projects.Completed, Record: r, Why: why})
				return err
			})
		}
		if err := amend(1, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		if err := amend(1, "the fund asked for it"); err != nil {
			t.Fatal(err)
		}
		if err := amend(1, "the fund asked for it"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("over a version that was not read: %v", err)
		}
		p := read(t, d, func(q db.Reader) (projects.Project, error) {
			return projects.ByCode(t.Context(), q, mitu, "coming-home")
		})
		if p.ID != id || p.TitleEn != "Home again" || p.State != projects.Completed || p.Version != 2 || len(p.Places) != 2 {
			t.Errorf("it is %+v", p)
		}
		all := read(t, d, func(q db.Reader) ([]projects.Version, error) { return projects.Versions(t.Context(), q, mitu, id) })
		if len(all) != 2 || all[1].Record.TitleEn != "Coming home" || all[0].Why != "the fund asked for it" || all[1].State != projects.Running {
			t.Errorf("versions = %+v", all)
		}
		if _, err := open(t, d, mitu, "coming-home", record()); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a code twice: %v", err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	worldtest.Hire(t, d)
	for name, change := range map[string]func(*projects.Record){
		"title_bn":                 func(r *projects.Record) { r.TitleBn, r.TitleEn = "", "" },
		"sectors.0.code":           func(r *projects.Record) { r.Sectors[0].Code = "15240" },
		"sectors":                  func(r *projects.Record) { r.Sectors[0].Percent = 50 },
		"places":                   func(r *projects.Record) { r.Places = []string{"99"} },
		"planned_until":            func(r *projects.Record) { r.PlannedTo = day("2028-01-01") },
		"partners.0.role":          func(r *projects.Record) { r.Partners[0].Role = "friend" },
		"partners":                 func(r *projects.Record) { r.Partners[1].Organisation = "00000000-0000-7000-8000-0000000000ff" },
		"results.1.under":          func(r *projects.Record) { r.Results[1].Under = "A1" },
		"results.2.code":           func(r *projects.Record) { r.Results[2].Code = "O1" },
		"documents.0.href":         func(r *projects.Record) { r.Documents[0].Href = "javascript:alert(1)" },
		"identifiers.0.kind":       func(r *projects.Record) { r.Identifiers[0].Kind = "x" },
		"lines.1.code":             func(r *projects.Record) { r.Lines[1].Code = "1.1" },
		"gender":                   func(r *projects.Record) { r.Gender = 3 },
		"results.1.indicators.0.u": func(r *projects.Record) { r.Results[1].Indicators[0].Unit = "x" },
	} {
		r := record()
		change(&r)
		_, err := open(t, d, worldtest.Mitu(), "x-"+strings.ReplaceAll(name[:3], ".", ""), r)
		f := fault.Of(err)
		if f == nil || fault.KindOf(err) != fault.Invalid || !slices.ContainsFunc(f.All(), func(f *fault.Error) bool { return strings.HasPrefix(f.Field, name) }) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := open(t, d, worldtest.Mitu(), "Not A Code", record()); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a bad code: %v", err)
	}
}

// The purpose that looks right is refused with a reason of its own.
func TestThePurposeOfCombatantsIsRefused(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	worldtest.Hire(t, d)
	r := record()
	r.Sectors = []projects.Sector{{Code: "15240"}}
	if _, err := open(t, d, worldtest.Mitu(), "trap", r); fault.Of(err) == nil || fault.Of(err).Key != "project.sector_trap" {
		t.Errorf("15240: %v", err)
	}
	for _, p := range projects.Purposes() {
		r.Sectors = []projects.Sector{{Code: p.Code}}
		if _, err := open(t, d, worldtest.Mitu(), "p-"+p.Code, r); err != nil {
			t.Errorf("%s: %v", p.Code, err)
		}
	}
}

func TestChainGoesFromTheTop(t *testing.T) {
	var got []string
	for _, l := range record().Chain() {
		got = append(got, strings.Repeat("-", l.Depth)+l.Code)
	}
	if !slices.Equal(got, []string{"G", "-O1", "--A1"}) {
		t.Errorf("chain = %v", got)
	}
	if m, err := record().Measure("persons_reached"); err != nil || len(m.Targets) != 1 {
		t.Errorf("measure = %+v, %v", m, err)
	}
	if _, err := record().Measure("no_such"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown indicator: %v", err)
	}
}

// Money is entered once, reversed once, and never changed.
func TestMoneyIsReversedAndNeverChanged(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		id, mitu := made(t, d), worldtest.Mitu()
		enter := func(e projects.Entering) (entry string, err error) {
			e.Project = id
			clock.Move(time.Second)
			err = d.Write(t.Context(), func(tx *db.Tx) (err error) { entry, err = projects.Enter(t.Context(), tx, mitu, e); return err })
			return entry, err
		}
		if _, err := enter(projects.Entering{Kind: projects.Budget, Line: "1.1", Currency: "USD", Amount: 1_000_000, On: day("2029-01-01"), Until: day("2029-12-31")}); err != nil {
			t.Fatal(err)
		}
		spent := projects.Entering{Operation: "one", Kind: projects.Spent, Line: "1.1", Currency: "USD", Amount: 250_050, On: day("2029-03-01"), Says: "salaries"}
		first, err := enter(spent)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := enter(spent); err != nil || again != first {
			t.Errorf("the same act again: %s, %v; want %s", again, err, first)
		}
		for name, e := range map[string]projects.Entering{
			"a line that is not there": {Kind: projects.Spent, Line: "9", Currency: "USD", Amount: 1, On: day("2029-03-01")},
			"yen":                      {Kind: projects.Spent, Currency: "JPY", Amount: 1, On: day("2029-03-01")},
			"nothing":                  {Kind: projects.Spent, Currency: "USD", On: day("2029-03-01")},
			"a later day":              {Kind: projects.Spent, Currency: "USD", Amount: 1, On: day("2033-03-01")},
			"a budget without end":     {Kind: projects.Budget, Currency: "USD", Amount: 1, On: day("2029-03-01")},
		} {
			if _, err := enter(e); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		reverse := func(entry string) error {
			clock.Move(time.Second)
			return d.Write(t.Context(), func(tx *db.Tx) error {
				return projects.Reverse(t.Context(), tx, mitu, projects.Reversal{Project: id, Entry: entry, Why: "entered twice"})
			})
		}
		if err := reverse(first); err != nil {
			t.Fatal(err)
		}
		if err := reverse(first); fault.KindOf(err) != fault.Conflict {
			t.Errorf("reversed again: %v", err)
		}
		if _, err := enter(projects.Entering{Kind: projects.Spent, Line: "1.1", Currency: "USD", Amount: 99, On: day("2029-03-01")}); err != nil {
			t.Fatal(err)
		}
		all := read(t, d, func(q db.Reader) ([]projects.Entry, error) { return projects.Money(t.Context(), q, mitu, id) })
		if len(all) != 4 || all[1].Amount != 250_050 || !all[1].Reversed || all[2].Amount != -250_050 || all[2].Reverses != first {
			t.Errorf("the book is %+v", all)
		}
		totals := projects.Totals(all)
		if len(totals) != 1 || totals[0].Sums[projects.Spent] != 99 || totals[0].Left() != 1_000_000-99 {
			t.Errorf("totals = %+v", totals)
		}
		if err := reverse(all[2].ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("what reverses is reversed: %v", err)
		}
	})
}

// Who sees a project, its money, and may change it.
func TestRights(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id := made(t, d)
		for _, test := range []struct {
			who                  access.Actor
			sees, money, changes bool
		}{
			{worldtest.Mitu(), true, true, true},
			{worldtest.Parvin(), true, true, true},
			{worldtest.Amina(), true, false, false},
			{worldtest.Dipu(), true, false, false},
			{worldtest.Chandra(), true, true, false},
			{worldtest.Harun(), true, false, false},
			{worldtest.Basil(), true, false, false}, // his organisation has a part in it
			{worldtest.Gita(), true, false, false},
			{worldtest.Farid(), false, false, false},
			{worldtest.Esha(), false, false, false},
		} {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				p, err := projects.Find(t.Context(), q, test.who, id)
				if got := err == nil; got != test.sees {
					t.Errorf("%s sees it: %t, %v", test.who.Name, got, err)
				}
				if !test.sees {
					if _, err := projects.Money(t.Context(), q, test.who, id); fault.KindOf(err) != fault.NotFound {
						t.Errorf("%s asks for money: %v", test.who.Name, err)
					}
					return nil
				}
				_, err = projects.Money(t.Context(), q, test.who, id)
				if got := err == nil; got != test.money {
					t.Errorf("%s sees the money: %t, %v", test.who.Name, got, err)
				}
				if got := projects.Manages(test.who, p); got != test.changes {
					t.Errorf("%s changes it: %t", test.who.Name, got)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := projects.Enter(t.Context(), tx, test.who, projects.Entering{Project: id, Kind: projects.Spent, Currency: "BDT", Amount: 100, On: day("2030-01-01")})
				return err
			})
			if got := err == nil; got != test.changes {
				t.Errorf("%s enters money: %v", test.who.Name, err)
			}
		}
	})
}

// A project where only its own have a part is hidden from others, and found by place for who looks after the place.
func TestOthersSeeNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		r := record()
		r.Partners, r.Places = r.Partners[:1], []string{"60"}
		id, err := open(t, d, worldtest.Mitu(), "own", r)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := worldtest.Basil()
		elsewhere.Grants = nil
		elsewhere.Grant(access.NationalObserver, access.InArea("6090"))
		for _, test := range []struct {
			who  access.Actor
			sees bool
		}{{worldtest.Basil(), false}, {worldtest.Gita(), false}, {worldtest.Amina(), true}, {elsewhere, false}} {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				_, err := projects.Find(t.Context(), q, test.who, id)
				all, listed := projects.List(t.Context(), q, test.who, projects.Filter{})
				if (err == nil) != test.sees || (len(all) == 1) != test.sees || listed != nil {
					t.Errorf("%s: %v, lists %d", test.who.Name, err, len(all))
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestListFilters(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	worldtest.Hire(t, d)
	made(t, d)
	r := record()
	r.Places, r.Nationwide, r.Started, r.PlannedFrom, r.PlannedTo = nil, true, dates.Partial{}, day("2019-01-01"), day("2023-12-31")
	if _, err := open(t, d, worldtest.Mitu(), "everywhere", r); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		filter projects.Filter
		want   string
	}{
		{projects.Filter{}, "coming-home everywhere"},
		{projects.Filter{Place: "305670"}, "coming-home everywhere"},
		{projects.Filter{Place: "60"}, "everywhere"},
		{projects.Filter{On: "2030-01-01"}, "coming-home"},
		{projects.Filter{On: "2020-05-05"}, "everywhere"},
		{projects.Filter{State: projects.Completed}, ""},
		{projects.Filter{After: "coming-home"}, "everywhere"},
		{projects.Filter{Limit: 1}, "coming-home"},
	} {
		var got []string
		for _, p := range read(t, d, func(q db.Reader) ([]projects.Project, error) {
			return projects.List(t.Context(), q, worldtest.Mitu(), test.filter)
		}) {
			got = append(got, p.Code)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%+v: %v, want %s", test.filter, got, test.want)
		}
	}
}
