// SPDX-License-Identifier: Apache-2.0

package indicators_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
	"fera/internal/indicators/tables"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// kamal manages programmes for the whole country: he sees all records and all figures.
func kamal() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000021", Name: "Kamal", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.ProgrammeManager, "all")
	return a
}

// lima monitors: she sees all figures and no records.
func lima() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000022", Name: "Lima", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.MonitoringOfficer, "all")
	return a
}

func ask(t *testing.T, d *db.DB, who access.Actor, question indicators.Question) (table indicators.Table, err error) {
	t.Helper()
	_ = d.Read(t.Context(), func(q db.Reader) error {
		table, err = indicators.Ask(t.Context(), q, who, question)
		return nil
	})
	return table, err
}

func must(t *testing.T, d *db.DB, who access.Actor, question indicators.Question) indicators.Table {
	t.Helper()
	table, err := ask(t, d, who, question)
	if err != nil {
		t.Fatalf("ask %+v: %v", question, err)
	}
	return table
}

// cells are the numbers of a table by their keys.
func cells(all []indicators.Cell) map[string]int64 {
	got := map[string]int64{}
	for _, c := range all {
		got[strings.Join(c.Keys, "/")] = c.N
	}
	return got
}

func wantCells(t *testing.T, what string, got []indicators.Cell, want map[string]int64) {
	t.Helper()
	if c := cells(got); !maps.Equal(c, want) {
		t.Errorf("%s: %v, want %v", what, c, want)
	}
}

// enrol registers people, each given as sex, home and journeys "country date reasons".
func enrol(t *testing.T, d *db.DB, who access.Actor, sex, home string, journeys ...string) persons.ID {
	t.Helper()
	r := worldtest.Rahima()
	r.Contacts = nil
	r.Values[persons.SexField], r.Values[persons.Home] = sex, home
	for _, j := range journeys {
		f := strings.Fields(j)
		on, err := dates.Parse(f[1])
		if err != nil {
			t.Fatal(err)
		}
		r.Journeys = append(r.Journeys, persons.Journey{Country: f[0], Returned: on, Reasons: f[2:]})
	}
	var p persons.ID
	dbtest.Write(t, d, func(tx *db.Tx) (err error) { p, err = persons.Register(t.Context(), tx, who, r); return err })
	return p
}

func TestAFigureIsToldApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		amina, basil := worldtest.Amina(), worldtest.Basil()
		enrol(t, d, amina, "female", "305670", "SA 2029-03-04 pay", "AE 2029-08 family")
		enrol(t, d, amina, "female", "305622", "SA 2029-03-09 pay health")
		enrol(t, d, basil, "male", "10", "MY 2029")
		enrol(t, d, basil, "unsaid", "100409", "SA 2028-12-31 family")
		follow(t, d)
		agrees(t, d, "before asking")
		year := indicators.Question{From: 202901, To: 202912}
		with := func(indicator string, by ...string) indicators.Question {
			q := year
			q.Indicator, q.By = indicator, by
			return q
		}
		people := must(t, d, kamal(), with("people_returned", "sex"))
		if people.Whole.N != 3 || !people.Exact || people.Overlaps[0] != 0 {
			t.Errorf("people who returned: %+v", people)
		}
		wantCells(t, "people by sex", people.Cells, map[string]int64{"female": 2, "male": 1})
		returns := must(t, d, kamal(), with("returns", "month", "country"))
		if returns.Whole.N != 4 {
			t.Errorf("returns: %+v", returns.Whole)
		}
		wantCells(t, "returns by month and country", returns.Cells, map[string]int64{"2029-03/SA": 2, "2029-08/AE": 1, "2029-00/MY": 1})
		wantCells(t, "returns by month", returns.Margins[0], map[string]int64{"2029-03": 2, "2029-08": 1, "2029-00": 1})
		wantCells(t, "returns by country", returns.Margins[1], map[string]int64{"SA": 2, "AE": 1, "MY": 1})
		wantCells(t, "returns by district", must(t, d, kamal(), with("returns", "district")).Cells, map[string]int64{"3056": 3, "": 1})
		wantCells(t, "returns by day", must(t, d, kamal(), with("returns", "day")).Cells, map[string]int64{"2029-03-04": 1, "2029-03-09": 1, "2029-08-00": 1, "2029-00": 1})
		wantCells(t, "reasons, each mention", must(t, d, kamal(), with("return_reasons", "kind")).Cells, map[string]int64{"pay": 2, "health": 1, "family": 1})
		// A person is counted in each month in which she came back, and once in the year: the table says by how much the months come to more.
		months := must(t, d, kamal(), with("people_returned", "month"))
		wantCells(t, "people by month", months.Cells, map[string]int64{"2029-03": 2, "2029-08": 1, "2029-00": 1})
		if months.Overlaps[0] != 1 || !noted(months, "figure.note.overlap") {
			t.Errorf("the months come to %d more than the whole: %+v", months.Overlaps[0], months.Notes)
		}
		if orgs := must(t, d, kamal(), with("returns", "organisation")); cells(orgs.Cells)[worldtest.Aparajita] != 3 || cells(orgs.Cells)[worldtest.Bandhan] != 1 {
			t.Errorf("returns by organisation: %v", cells(orgs.Cells))
		}
		narrow := with("returns", "reason")
		narrow.Place, narrow.Filter = "3056", map[string]string{"country": "SA"}
		wantCells(t, "from Arabia to Manikganj by reason", must(t, d, kamal(), narrow).Cells, map[string]int64{"pay": 1, "several": 1})
		q4 := indicators.Question{Indicator: "people_returned", From: 202812, To: 202903, By: []string{"quarter"}}
		wantCells(t, "people by quarter", must(t, d, kamal(), q4).Cells, map[string]int64{"2028-Q4": 1, "2029-Q1": 2, "2029-00": 1})
	})
}

func noted(t indicators.Table, key string) bool {
	return slices.ContainsFunc(t.Notes, func(n indicators.Note) bool { return n.Key == key })
}

// One person of two organisations counts once in each and once in the whole.
func TestOnePersonOfTwoOrganisations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		one := enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay")
		other := enrol(t, d, worldtest.Basil(), "female", "305670", "SA 2029-03 pay")
		year := indicators.Question{Indicator: "people_registered", From: 203001, To: 203012, By: []string{"organisation"}}
		follow(t, d)
		if before := must(t, d, kamal(), year); before.Whole.N != 2 {
			t.Errorf("before the merge: %+v", before.Whole)
		}
		merging := persons.Merging{One: one, Other: other, Reason: "the same card and the same mother"}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := persons.Merge(t.Context(), tx, worldtest.Ishrat(), merging)
			return err
		})
		follow(t, d)
		merged := must(t, d, kamal(), year)
		if merged.Whole.N != 1 || merged.Overlaps[0] != 1 {
			t.Errorf("merged: %+v", merged)
		}
		wantCells(t, "by organisation", merged.Cells, map[string]int64{worldtest.Aparajita: 1, worldtest.Bandhan: 1})
		if back := must(t, d, kamal(), indicators.Question{Indicator: "returns", From: 202901, To: 202912}); back.Whole.N != 1 {
			t.Errorf("a return that two organisations wrote down counts %d times", back.Whole.N)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return persons.Unmerge(t.Context(), tx, worldtest.Ishrat(), merging) })
		follow(t, d)
		if after := must(t, d, kamal(), year); after.Whole.N != 2 {
			t.Errorf("taken apart: %+v", after.Whole)
		}
	})
}

// A late or corrected record moves the figure, and who saw it before is told.
func TestALateRecordRevises(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		for range 3 {
			enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay")
		}
		follow(t, d)
		seen := must(t, d, kamal(), indicators.Question{Indicator: "returns", From: 202901, To: 202912})
		clock.Move(24 * 3600e9)
		again := indicators.Question{Indicator: "returns", From: 202901, To: 202912, Since: seen.AsOf}
		if noted(must(t, d, kamal(), again), "figure.note.revised") {
			t.Error("nothing has changed, and it says revised")
		}
		enrol(t, d, worldtest.Amina(), "male", "305670", "SA 2029-06 pay")
		follow(t, d)
		if late := must(t, d, kamal(), again); late.Whole.N != 4 || !noted(late, "figure.note.revised") {
			t.Errorf("after a late record: %+v", late)
		}
	})
}

// For every indicator and each of its breakdowns the parts come to the whole, or the table says by how much they do not.
func TestPartsAddUp(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		h := newHistory(t, d, clock, 11)
		for range 150 {
			h.act()
		}
		follow(t, d)
		asked := 0
		for _, i := range definitions.Shipped() {
			for _, by := range i.By {
				table, err := ask(t, d, kamal(), indicators.Question{Indicator: i.Code, From: 202901, To: 203112, By: []string{by}})
				if told := fault.Of(err); told != nil && slices.Contains([]string{"figure.not_together", "figure.whole_years"}, told.Key) {
					continue
				}
				if err != nil {
					t.Fatalf("%s by %s: %v", i.Code, by, err)
				}
				if table.Whole.Hidden || table.Stock && definitions.Period(by) || i.Counts.Count == definitions.Mean {
					continue
				}
				asked++
				var sum int64
				for _, c := range table.Cells {
					sum += c.N
				}
				var over int64
				if len(table.Overlaps) > 0 {
					over = table.Overlaps[0]
				}
				people := i.Counts.Count == definitions.People
				several := definitions.Period(by) || by == "kind" || by == "organisation"
				if table.Exact && sum != table.Whole.N+over || over != 0 && !(people && several) {
					t.Errorf("%s by %s: the parts come to %d, the whole is %d, the overlap %d", i.Code, by, sum, table.Whole.N, over)
				}
			}
		}
		if asked < 80 {
			t.Errorf("only %d tables were asked for", asked)
		}
	})
}

// What each of the cast is told: nothing, what is not below the floor, or all.
func TestWhoIsToldWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		for range 7 {
			enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay")
		}
		for range 2 {
			enrol(t, d, worldtest.Amina(), "male", "100409", "AE 2029-04-04 pay")
		}
		enrol(t, d, worldtest.Basil(), "male", "305670", "AE 2029-05-04 pay")
		follow(t, d)
		year := indicators.Question{Indicator: "people_returned", From: 202901, To: 202912, By: []string{"sex"}}
		for _, who := range worldtest.Cast() {
			table, err := ask(t, d, who, year)
			switch who.Name {
			case "Chandra": // of her own organisation, exactly
				if err != nil || table.Whole.N != 9 || !table.Exact {
					t.Errorf("Chandra: %+v, %v", table, err)
				}
				wantCells(t, "Chandra", table.Cells, map[string]int64{"female": 7, "male": 2})
			case "Parvin": // of her own organisation, whose cases she sees
				if err != nil || table.Whole.N != 9 || !table.Exact {
					t.Errorf("Parvin: %+v, %v", table, err)
				}
			case "Mitu": // of her own organisation, and nothing small: she sees no person
				if err != nil || table.Whole.N != 9 || table.Exact || !noted(table, "figure.note.floor") {
					t.Errorf("Mitu: %+v, %v", table, err)
				}
				wantCells(t, "Mitu", table.Cells, map[string]int64{"female + male": 9, "other": 0, "": 0})
			case "Harun": // the country, and nothing small
				if err != nil || table.Whole.N != 10 || table.Exact || !noted(table, "figure.note.floor") {
					t.Errorf("Harun: %+v, %v", table, err)
				}
				wantCells(t, "Harun", table.Cells, map[string]int64{"female + male": 10, "other": 0, "": 0})
			default:
				if fault.KindOf(err) != fault.NotFound {
					t.Errorf("%s: %+v, %v", who.Name, table, err)
				}
			}
		}
		theirs := year
		theirs.Filter = map[string]string{"organisation": worldtest.Bandhan}
		if _, err := ask(t, d, worldtest.Chandra(), theirs); fault.KindOf(err) != fault.NotFound {
			t.Errorf("Chandra asks for another organisation: %v", err)
		}
		for _, bad := range []indicators.Question{
			{Indicator: "people_returned", From: 202902, To: 202903}, {Indicator: "people_returned", From: 202801, To: 202912},
			{Indicator: "people_returned", From: 202901, To: 202912, By: []string{"month", "country"}}, {Indicator: "people_returned", From: 202901, To: 202912, Filter: map[string]string{"country": "SA"}},
		} {
			if _, err := ask(t, d, lima(), bad); fault.Of(err) == nil || fault.Of(err).Key != "figure.whole_years" {
				t.Errorf("Lima asks %+v: %v", bad, err)
			}
		}
	})
}

// Behind a number are the records of which who asks may see each.
func TestRecordsBehindANumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		hers := enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay")
		enrol(t, d, worldtest.Amina(), "male", "305670", "SA 2029-04-04 pay")
		enrol(t, d, worldtest.Basil(), "female", "305670", "SA 2029-03-04 pay")
		follow(t, d)
		look := func(who access.Actor, l indicators.Looking) (b indicators.Behind, err error) {
			_ = d.Read(t.Context(), func(q db.Reader) error { b, err = indicators.Look(t.Context(), q, who, l); return nil })
			return b, err
		}
		l := indicators.Looking{Question: indicators.Question{Indicator: "people_returned", From: 202901, To: 202912, By: []string{"sex", "month"}}, Keys: []string{"female", "2029-03"}}
		b, err := look(worldtest.Chandra(), l)
		if err != nil || len(b.Records) != 1 || b.Records[0].Ref != "person:"+string(hers) || b.Records[0].On != "2029-03-04" {
			t.Errorf("Chandra sees %+v, %v", b, err)
		}
		if b, err := look(kamal(), l); err != nil || len(b.Records) != 2 {
			t.Errorf("Kamal sees %+v, %v", b, err)
		}
		if b, err := look(lima(), l); err != nil || len(b.Records) != 0 {
			t.Errorf("Lima sees %+v, %v", b, err)
		}
		if _, err := look(worldtest.Amina(), l); fault.KindOf(err) != fault.NotFound {
			t.Errorf("Amina: %v", err)
		}
		enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-04 pay", "QA 2029 pay")
		follow(t, d)
		l.Indicator, l.By = "returns", []string{"day", "sex"}
		days := must(t, d, kamal(), l.Question)
		if len(days.Cells) != 4 {
			t.Errorf("by day: %v", cells(days.Cells))
		}
		for _, c := range days.Cells {
			l.Keys = c.Keys
			if b, err := look(kamal(), l); err != nil || int64(len(b.Records)) != c.N {
				t.Errorf("behind the %d of %v are %+v, %v", c.N, c.Keys, b.Records, err)
			}
		}
		for _, bad := range []string{"2029-03", "2029-13-01", "2029-03-4", "2029-03-32", "soon"} {
			l.Keys = []string{bad, "female"}
			if _, err := look(kamal(), l); fault.KindOf(err) != fault.Invalid {
				t.Errorf("the day %q: %v", bad, err)
			}
		}
		l.Indicator = "people_returned"
		l.Limit, l.By, l.Keys = 1, nil, nil
		seen := 0
		for {
			page, err := look(kamal(), l)
			if err != nil {
				t.Fatal(err)
			}
			seen += len(page.Records)
			if l.After = page.Next; l.After == "" {
				break
			}
		}
		if seen != 5 {
			t.Errorf("page by page Kamal sees %d records, want 5", seen)
		}
	})
}

// What is published is signed, has nothing small in it, and is published anew only when enough has changed.
func TestPublish(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		for range 12 {
			enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2028-03-04 pay")
		}
		for range 13 {
			enrol(t, d, worldtest.Basil(), "male", "100409", "AE 2028-04-04 pay")
		}
		follow(t, d)
		publish := func(who access.Actor, p indicators.Publishing) (i indicators.Issue, err error) {
			err = d.Write(t.Context(), func(tx *db.Tx) (err error) { i, err = indicators.Publish(t.Context(), tx, who, p); return err })
			return i, err
		}
		p := indicators.Publishing{Code: "returned", Year: 2028}
		for _, who := range worldtest.Cast() {
			if _, err := publish(who, p); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s publishes: %v", who.Name, err)
			}
		}
		first, err := publish(lima(), p)
		if err != nil || first.Answer.Whole.Total != 25 || first.Issue != 1 || first.Answer.Floor != tables.Outside {
			t.Fatalf("published: %+v, %v", first, err)
		}
		enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2028-03-09 pay")
		follow(t, d)
		if _, err := publish(lima(), p); fault.Of(err) == nil || fault.Of(err).Key != "figure.revision_too_small" {
			t.Errorf("one more is published: %v", err)
		}
		for range 10 {
			enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2028-03-09 pay")
		}
		follow(t, d)
		if second, err := publish(lima(), p); err != nil || second.Issue != 2 || second.Answer.Whole.Total != 36 {
			t.Errorf("second issue: %+v, %v", second, err)
		}
		checkIssues(t, d, p)
		for key, bad := range map[string]indicators.Publishing{"figure.year_not_over": {Code: "returned", Year: 2030}, "figure.table_not_found": {Code: "x", Year: 2028}} {
			if _, err := publish(lima(), bad); fault.Of(err) == nil || fault.Of(err).Key != key {
				t.Errorf("publish %+v: %v", bad, err)
			}
		}
	})
}

// checkIssues makes sure that what is kept is what was signed, and that a changed one is not.
func checkIssues(t *testing.T, d *db.DB, p indicators.Publishing) {
	t.Helper()
	read := func() (all []indicators.Issue, key string) {
		if err := d.Read(t.Context(), func(q db.Reader) (err error) {
			if key, err = indicators.VerifierOf(q); err != nil {
				return err
			}
			all, err = indicators.Issues(t.Context(), q, p.Code, p.Year)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return all, key
	}
	all, key := read()
	if len(all) != 2 {
		t.Fatalf("%d issues", len(all))
	}
	for _, i := range all {
		if err := i.Verify(key); err != nil {
			t.Errorf("issue %d: %v", i.Issue, err)
		}
	}
	if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE figure_issues SET answer = ? WHERE issue = 2`, strings.Replace(all[1].Signed(), "36", "37", 1))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if all, key = read(); all[1].Verify(key) == nil {
		t.Error("a changed table passes for the signed one")
	}
}

// Whoever tampers with the totals or with the facts is found out.
func TestCheckFindsWhatWasTamperedWith(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay")
		enrol(t, d, worldtest.Amina(), "male", "305670", "SA 2029-04-04 pay")
		follow(t, d)
		agrees(t, d, "before")
		if err := counting.Rebuild(t.Context(), d, nil); err != nil { // so that nothing waits
			t.Fatal(err)
		}
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `DELETE FROM figure_pages WHERE month = 202903 AND cube = 1`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		v, err := counting.Check(t.Context(), d)
		if err != nil || len(v.Different) == 0 || v.Different[0].Month != 202903 {
			t.Errorf("check: %+v, %v", v, err)
		}
	})
}

// What another program has counted is counted anew, and so is a store whose trail is long and was never followed.
func TestWhatAnotherProgramCountedIsCountedAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay")
		follow(t, d)
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			for _, statement := range []string{`UPDATE figure_marks SET text = 'another'`, `DELETE FROM figure_waiting`, `DELETE FROM figure_pages`} {
				if _, err := tx.Exec(t.Context(), statement); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		follow(t, d)
		agrees(t, d, "by another program")
		if got := must(t, d, kamal(), indicators.Question{Indicator: "returns", From: 202901, To: 202912}); got.Whole.N != 1 {
			t.Errorf("counted %d", got.Whole.N)
		}
	})
}

// A figure that does not equal the sum of its parts is kept as it was published, with the difference.
func TestATypedFigureIsFlagged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		f := indicators.Typed{Indicator: "services", From: dates.Partial{Year: 2022, Month: 12}, To: dates.Partial{Year: 2023, Month: 12}, Source: "the project's report",
			Sum: tables.Sum{Whole: 5625, Parts: []tables.PartOf{{Code: "female", N: 3764}, {Code: "male", N: 1859}}}}
		dbtest.Write(t, d, func(tx *db.Tx) error { _, err := indicators.Enter(t.Context(), tx, lima(), f); return err })
		var all []indicators.Typed
		if err := d.Read(t.Context(), func(q db.Reader) (err error) {
			all, err = indicators.Entered(t.Context(), q, lima(), "services")
			return err
		}); err != nil || len(all) != 1 || all[0].Difference() != 2 || all[0].Of() != 5623 {
			t.Errorf("entered: %+v, %v", all, err)
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error { _, err := indicators.Enter(t.Context(), tx, worldtest.Chandra(), f); return err })
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("Chandra enters: %v", err)
		}
	})
}

// An indicator that a monitoring officer adds is counted like those that ship.
func TestAnIndicatorIsData(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay", "AE 2029-05 sent_back")
		follow(t, d)
		i := definitions.Indicator{Code: "returns_for_pay", Starts: dates.Partial{Year: 2030, Month: 1, Day: 1}, NameEn: "Returns for want of pay", NameBn: "বেতনের কারণে ফেরা", Owner: "Lima",
			Counts: definitions.Part{Count: definitions.Events, Measure: "return", Where: map[string]string{"reason": "pay"}}, By: []string{"month"}}
		define := func(who access.Actor, i definitions.Indicator) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return indicators.Define(t.Context(), tx, who, i) })
		}
		if err := define(worldtest.Chandra(), i); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("Chandra defines: %v", err)
		}
		if err := define(lima(), i); err != nil {
			t.Fatal(err)
		}
		if got := must(t, d, kamal(), indicators.Question{Indicator: "returns_for_pay", From: 202901, To: 202912}); got.Whole.N != 1 {
			t.Errorf("counted: %+v", got.Whole)
		}
		bad := i
		bad.Counts = definitions.Part{Count: definitions.People, Measure: "help", Kinds: []string{"legal", "health"}}
		if err := define(lima(), bad); fault.Of(err) == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("people of two kinds: %v", err)
		}
	})
}

// Everything that ships can be counted and asked in each of its ways, and says what it counts in both languages.
func TestWhatShipsCanBeAsked(t *testing.T) {
	measures := map[string]bool{}
	for _, m := range sources.Measures() {
		measures[m.Code] = m.Kinds != ""
	}
	codes := map[string]bool{}
	for _, i := range definitions.Shipped() {
		if f := i.Check(measures); f != nil {
			t.Errorf("%s: %v", i.Code, f)
		}
		codes[i.Code] = true
	}
	for _, table := range definitions.Catalogue() {
		if !codes[table.Indicator] {
			t.Errorf("the table %s has the indicator %s, which does not ship", table.Code, table.Indicator)
		}
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, i := range definitions.Shipped() {
			for _, by := range append([]string{""}, i.By...) {
				question := indicators.Question{Indicator: i.Code, From: 202901, To: 202912}
				if by != "" {
					question.By = []string{by}
				}
				if _, err := ask(t, d, kamal(), question); err != nil && fault.KindOf(err) != fault.Invalid {
					t.Errorf("%s by %q: %v", i.Code, by, err)
				}
			}
		}
	})
}

// Of class 3 nothing is in the clear: not in the facts, not in the codes of persons, not in the pages.
func TestNothingOfClass3IsInTheClear(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		worldtest.Live(t, d, clock, worldtest.Amina())
		follow(t, d)
		agrees(t, d, "with a life")
		if err := d.Read(t.Context(), func(q db.Reader) error {
			var n int
			for _, query := range []string{
				`SELECT count(*) FROM figure_facts f JOIN figure_codes c ON c.dimension = 'measure' AND c.id = f.measure WHERE c.code IN ('happened')`,
				`SELECT count(*) FROM figure_facts f JOIN figure_codes c ON c.dimension = 'kind' AND c.id = f.kind WHERE c.code IN ('counselling_basic', 'counselling', 'health_care', 'forced_labour_indicators', 'confined')`,
				`SELECT count(*) FROM figure_codes WHERE code LIKE '%` + worldtest.Canary + `%'`,
			} {
				if err := q.QueryRow(t.Context(), query).Scan(&n); err != nil {
					return err
				}
				if n != 0 {
					t.Errorf("%d rows: %s", n, query)
				}
			}
			return q.QueryRow(t.Context(), `SELECT count(*) FROM figure_subjects WHERE sealed IS NOT NULL`).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
		happened := must(t, d, kamal(), indicators.Question{Indicator: "happened_abroad", From: 203001, To: 203012})
		if !happened.Whole.Hidden || happened.Exact {
			t.Errorf("one woman to whom something happened is told of: %+v", happened)
		}
	})
}

// The trail is sealed by one and followed by several at a time: nothing is counted twice.
func TestSeveralFollowAtATime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		for n := range 30 {
			enrol(t, d, worldtest.Amina(), "female", "305670", fmt.Sprintf("SA 2029-%02d pay", n%12+1))
		}
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 4)
		for range 4 {
			go func() { _, err := counting.Follow(context.WithoutCancel(t.Context()), d); done <- err }()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		agrees(t, d, "after four at a time")
		if got := must(t, d, kamal(), indicators.Question{Indicator: "returns", From: facts.Month(202901), To: 202912}); got.Whole.N != 30 {
			t.Errorf("counted %d", got.Whole.N)
		}
	})
}

// What is there at a time opens to the cases that are open then, and a number of a place is that of the place, or not shown.
func TestTheRecordsOfAStockAndTheWholeOfAPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		var open []cases.ID
		for range 3 {
			p := enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay")
			dbtest.Write(t, d, func(tx *db.Tx) error {
				id, err := cases.Open(t.Context(), tx, worldtest.Amina(), cases.Opening{Person: p, Programme: "reintegration", Origin: "self", Why: "wants to begin anew"})
				open = append(open, id)
				return err
			})
		}
		for range 2 {
			enrol(t, d, worldtest.Basil(), "male", "100409", "SA 2029-03-09 pay")
		}
		for range 4 {
			enrol(t, d, worldtest.Amina(), "female", "305622", "SA 2029-03-09 pay")
		}
		follow(t, d)
		var now facts.Month
		behind := func(l indicators.Looking) (b indicators.Behind) {
			t.Helper()
			if err := d.Read(t.Context(), func(q db.Reader) (err error) {
				now = facts.MonthOf(dates.Of(q.Now()))
				l.From, l.To = now, now
				b, err = indicators.Look(t.Context(), q, kamal(), l)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return b
		}
		if b := behind(indicators.Looking{Question: indicators.Question{Indicator: "caseload"}}); len(b.Records) != 3 {
			t.Errorf("behind three open cases are %v", b.Records)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			c, err := cases.Find(t.Context(), tx, worldtest.Amina(), open[0])
			if err == nil {
				_, err = cases.Shut(t.Context(), tx, worldtest.Amina(), cases.Closing{Case: open[0], Version: c.Version, Code: "goals_reached", Duties: []string{"prepared", "last_review", "where_to_turn", "tried_to_reach", "told_supervisor", "written_down"}, Why: "so it was"})
			}
			return err
		})
		follow(t, d)
		if b := behind(indicators.Looking{Question: indicators.Question{Indicator: "caseload"}}); len(b.Records) != 2 || slices.ContainsFunc(b.Records, func(r indicators.Record) bool { return r.Ref == "case:"+string(open[0]) }) {
			t.Errorf("behind two open cases are %v", b.Records)
		}
		place := indicators.Question{Indicator: "people_returned", From: 202901, To: 202912, By: []string{"district"}, Place: "3056"}
		if got := must(t, d, lima(), place); got.Whole.N != 0 || !got.Whole.Hidden {
			t.Errorf("seven beside two that are too few: %+v", got.Whole)
		}
		for range 5 {
			enrol(t, d, worldtest.Basil(), "male", "100409", "SA 2029-03-09 pay")
		}
		follow(t, d)
		if got := must(t, d, lima(), place); got.Whole.N != 7 || got.Whole.Hidden {
			t.Errorf("the seven of Manikganj: %+v", got.Whole)
		}
		if _, err := ask(t, d, kamal(), place); err != nil {
			t.Error(err)
		}
		bad := indicators.Looking{Question: place, Keys: []string{"3056 + 1004"}}
		if err := d.Read(t.Context(), func(q db.Reader) error { _, err := indicators.Look(t.Context(), q, kamal(), bad); return err }); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a place that is none opens to %v", err)
		}
	})
}
