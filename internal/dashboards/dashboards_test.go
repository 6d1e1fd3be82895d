// SPDX-License-Identifier: Apache-2.0

package dashboards_test

import (
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dashboards"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// kamal manages programmes for the whole country: he sees all records.
func kamal() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000021", Name: "Kamal", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.ProgrammeManager, "all")
	return a
}

// lima monitors: she sees figures and no records.
func lima(scope access.Scope) access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000022", Name: "Lima", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.MonitoringOfficer, scope)
	return a
}

// people registers some who came home to a district in a month, and counts them.
func people(t *testing.T, d *db.DB, n int, sex, home, returned string) {
	t.Helper()
	on, err := dates.Parse(returned)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		r := worldtest.Rahima()
		r.Contacts = nil
		r.Values[persons.SexField], r.Values[persons.Home] = sex, home
		r.Journeys = []persons.Journey{{Country: "SA", Returned: on, Reasons: []string{"pay"}}}
		dbtest.Write(t, d, func(tx *db.Tx) error { _, err := persons.Register(t.Context(), tx, worldtest.Amina(), r); return err })
	}
}

func count(t *testing.T, d *db.DB) {
	t.Helper()
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := counting.Follow(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func answer(t *testing.T, d *db.DB, who access.Actor, code string, v dashboards.View) (all []dashboards.Answered, err error) {
	t.Helper()
	board, ok := dashboards.Find(code)
	if !ok {
		t.Fatalf("there is no dashboard %q", code)
	}
	_ = d.Read(t.Context(), func(q db.Reader) error {
		all, err = dashboards.Answer(t.Context(), q, who, board, v)
		return nil
	})
	return all, err
}

// panel is the panel of an indicator that is drawn in a way.
func panel(t *testing.T, all []dashboards.Answered, indicator string, draw dashboards.Drawing) dashboards.Answered {
	t.Helper()
	at := slices.IndexFunc(all, func(a dashboards.Answered) bool { return a.Indicator == indicator && a.Draw == draw })
	if at < 0 {
		t.Fatalf("no panel of %s as %s", indicator, draw)
	}
	return all[at]
}

// numbers are the numbers of a table by their keys; -1 stands for one that is not shown.
func numbers(t indicators.Table) map[string]int64 {
	got := map[string]int64{}
	for _, c := range t.Cells {
		if got[strings.Join(c.Keys, "/")] = c.N; c.Hidden {
			got[strings.Join(c.Keys, "/")] = -1
		}
	}
	return got
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestTheSixShip(t *testing.T) {
	var codes []string
	for _, d := range dashboards.List() {
		codes = append(codes, d.Code)
		if len(d.Panels) < 6 {
			t.Errorf("%s has %d panels", d.Code, len(d.Panels))
		}
	}
	if !slices.Equal(codes, []string{"returns", "caseload", "services", "referrals", "outcomes", "equity"}) {
		t.Errorf("the dashboards: %v", codes)
	}
	if _, ok := dashboards.Find("nothing"); ok {
		t.Error("a dashboard is found that is not there")
	}
}

func TestADashboardIsAnswered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		people(t, d, 6, "female", "305670", "2029-03-04")
		people(t, d, 2, "male", "305622", "2029-05-04")
		people(t, d, 3, "male", "100409", "2028-05-04")
		count(t, d)
		year := dashboards.View{From: 202901, To: 202912}
		for _, d2 := range dashboards.List() {
			all, err := answer(t, d, kamal(), d2.Code, year)
			if err != nil || len(all) != len(d2.Panels) {
				t.Fatalf("%s: %d panels, %v", d2.Code, len(all), err)
			}
			for _, a := range all {
				if a.Refused != nil {
					t.Errorf("%s, %s as %s: %v", d2.Code, a.Indicator, a.Draw, a.Refused)
				}
			}
		}
		all, _ := answer(t, d, kamal(), "returns", year)
		one := panel(t, all, "people_returned", dashboards.Number)
		want(t, "people who returned", one.Table.Whole.N, int64(8))
		want(t, "the year before", one.Before.Whole.N, int64(3))
		months := numbers(panel(t, all, "people_returned", dashboards.Course).Table)
		want(t, "women in March", months["2029-03/female"], int64(6))
		want(t, "all lie in one district, of which the upazilas are drawn", numbers(panel(t, all, "people_returned", dashboards.Map).Table)["305670"], int64(6))
		both, _ := answer(t, d, kamal(), "returns", dashboards.View{From: 202801, To: 202912})
		want(t, "on the map", numbers(panel(t, both, "people_returned", dashboards.Map).Table)["3056"], int64(8))
		all, _ = answer(t, d, kamal(), "returns", dashboards.View{From: 202901, To: 202912, Place: "3056", Filter: map[string]string{"sex": "male"}})
		want(t, "men in the upazila", numbers(panel(t, all, "people_returned", dashboards.Map).Table)["305622"], int64(2))
		all, _ = answer(t, d, kamal(), "returns", dashboards.View{From: 202001, To: 202912})
		want(t, "many years", numbers(panel(t, all, "people_returned", dashboards.Course).Table)["2028/male"], int64(3))
	})
}

// Who sees no records is shown whole years, and nothing that is small or could be worked out; what may not be shown says so and
// leaves the rest standing.
func TestWhoSeesNoRecordsIsToldLess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		people(t, d, 9, "female", "305670", "2029-03-04")
		people(t, d, 7, "male", "305670", "2029-03-04")
		people(t, d, 2, "female", "100409", "2029-05-04")
		count(t, d)
		all, err := answer(t, d, lima("all"), "returns", dashboards.View{From: 202901, To: 202906})
		if err != nil {
			t.Fatal(err)
		}
		one := panel(t, all, "people_returned", dashboards.Number)
		want(t, "all who returned", one.Table.Whole.N, int64(18))
		months := panel(t, all, "people_returned", dashboards.Course).Table
		if len(months.Margins) != 2 || months.Margins[1][0].N != 11 {
			t.Errorf("the women of all months are known, and not which: %+v", months.Margins)
		}
		for keys, n := range numbers(months) {
			if n > 0 && n < 5 {
				t.Errorf("she is shown %d in %s", n, keys)
			}
		}
		want(t, "to the end of the year", int(one.Table.Question.To), 202912)
		for keys, n := range numbers(panel(t, all, "people_returned", dashboards.Map).Table) {
			if n > 0 && n < 5 {
				t.Errorf("she is shown %d in %s", n, keys)
			}
		}
		want(t, "the mean cost is refused", panel(t, all, "recruitment_cost", dashboards.Number).Refused.Key, "figure.whole_years")
		all, _ = answer(t, d, lima("all"), "returns", dashboards.View{From: 202903, To: 202904})
		for _, a := range all {
			want(t, "some months of "+a.Indicator, a.Refused != nil, true)
		}
		all, _ = answer(t, d, lima("all"), "returns", dashboards.View{From: 202901, To: 202912, Filter: map[string]string{"sex": "male"}})
		want(t, "the men, read off the sexes", panel(t, all, "people_returned", dashboards.Number).Table.Whole.N, int64(7))
		all, _ = answer(t, d, lima("all"), "returns", dashboards.View{From: 202901, To: 202912, Place: "10"})
		if n := panel(t, all, "people_returned", dashboards.Number); n.Refused == nil && !n.Table.Whole.Hidden {
			t.Errorf("the two of Barishal are shown: %+v", n.Table.Whole)
		}
		for _, place := range []string{"", "10", "3056"} {
			all, _ = answer(t, d, kamal(), "equity", dashboards.View{From: 202901, To: 202912, Place: place})
			for _, a := range all {
				if slices.ContainsFunc(a.By, definitions.Protected) && (a.Refused != nil || a.Table.Exact) {
					t.Errorf("%s by %v of %q: exact %t, %v", a.Indicator, a.By, place, a.Table.Exact, a.Refused)
				}
			}
		}
		for _, of := range []string{"services", "referrals"} {
			all, _ = answer(t, d, kamal(), of, dashboards.View{From: 202901, To: 202912, Place: "3056"})
			if m := all[slices.IndexFunc(all, func(a dashboards.Answered) bool { return a.Draw == dashboards.Map })]; m.Refused != nil || m.Table.Question.By[0] != "upazila" {
				t.Errorf("the map of %s in one district is by %v, %v", of, m.Table.Question.By, m.Refused)
			}
			all, _ = answer(t, d, lima("all"), of, dashboards.View{From: 202900, To: 202912, Place: "3056"})
			if m := all[slices.IndexFunc(all, func(a dashboards.Answered) bool { return a.Draw == dashboards.Map })]; m.Refused != nil || m.Table.Question.By[0] != "district" {
				t.Errorf("who sees no records is drawn %s in one district by %v, %v", of, m.Table.Question.By, m.Refused)
			}
		}
	})
}

// A place that is not hers, a period or a filter that there is not, is no panel's fault.
func TestWhatCannotBeLookedAt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		count(t, d)
		observer := access.Actor{ID: "00000000-0000-7000-9000-000000000023", Name: "Omar", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
		observer.Grant(access.NationalObserver, "a:30")
		for _, test := range []struct {
			who  access.Actor
			view dashboards.View
			want string
		}{
			{observer, dashboards.View{From: 202901, To: 202912, Place: "10"}, "figure.not_found"},
			{kamal(), dashboards.View{From: 202912, To: 202901}, "figure.bad_period"},
			{kamal(), dashboards.View{From: 202901, To: 202912, Place: "xx"}, "fault.bad_choice"},
			{kamal(), dashboards.View{From: 202901, To: 202912, Filter: map[string]string{"shoe": "9"}}, "fault.bad_choice"},
		} {
			_, err := answer(t, d, test.who, "returns", test.view)
			if f := fault.Of(err); f == nil || f.Key != test.want {
				t.Errorf("%+v: %v, want %s", test.view, err, test.want)
			}
		}
		if all, err := answer(t, d, observer, "returns", dashboards.View{From: 202901, To: 202912}); err != nil || panel(t, all, "people_returned", dashboards.Map).Table.Question.Place != "30" {
			t.Errorf("the own area: %v", err)
		}
		all, err := answer(t, d, access.Actor{ID: "x"}, "returns", dashboards.View{From: 202901, To: 202912})
		if err != nil || slices.ContainsFunc(all, func(a dashboards.Answered) bool { return a.Refused == nil }) {
			t.Errorf("who may read no figures is shown some: %v", err)
		}
	})
}
