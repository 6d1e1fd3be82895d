// SPDX-License-Identifier: Apache-2.0

package reports_test

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/projects"
	"fera/internal/reports"
	"fera/internal/reports/content"
	"fera/internal/services"
	"fera/internal/worldtest"
)

// help registers somebody, opens a case and gives some services in it.
func help(t *testing.T, d *db.DB, codes ...string) (file cases.ID) {
	t.Helper()
	ctx, amina := t.Context(), worldtest.Amina()
	var person persons.ID
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		r := worldtest.Rahima()
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
		person, err = persons.Register(ctx, tx, amina, r)
		return err
	})
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		if file, err = cases.Open(ctx, tx, amina, cases.Opening{Person: person, Programme: "reintegration", Origin: "self", Why: "begins anew"}); err != nil {
			return err
		}
		return cases.TakeUp(ctx, tx, amina, file, 0)
	})
	for _, code := range codes {
		give(t, d, file, code)
	}
	return file
}

func give(t *testing.T, d *db.DB, file cases.ID, code string) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		g := services.Giving{Case: file, Code: code}
		if code == "health_care" {
			g.Details = map[string]string{"complaint": "hands hurt"}
		}
		_, err := services.Log(t.Context(), tx, worldtest.Amina(), g)
		return err
	})
}

// project is one of Amina's organisation for which all its cases of the programme count.
func project(t *testing.T, d *db.DB) (id projects.ID) {
	t.Helper()
	today := dates.Of(d.Now())
	begin, end := today.Add(-40), today.Add(400)
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		id, err = projects.Open(t.Context(), tx, worldtest.Mitu(), projects.Opening{Code: "coming-home", State: projects.Running, Record: projects.Record{TitleEn: "Coming home", TitleBn: "ফেরা", PlannedFrom: begin, PlannedTo: end, Places: []string{"3056"},
			Partners: []projects.Partner{{Organisation: worldtest.Bandhan, NameEn: "Bandhan", Role: projects.Implementing, Type: "22"}},
			Results:  []projects.Result{{Code: "O", Level: projects.Output, TitleEn: "Help", Indicators: []projects.Measured{{Indicator: "people_served", Unit: "number", Targets: []projects.Figure{{From: begin, Until: end, Value: 5000}}}}}}}})
		if err != nil {
			return err
		}
		_, err = projects.AddRule(t.Context(), tx, worldtest.Mitu(), id, projects.Rule{Programme: "reintegration", From: begin, Until: end})
		return err
	})
	return id
}

// month is the one in which the clock stands.
func month(d *db.DB) content.Period {
	today := dates.Of(d.Now())
	return content.Period{From: today.Year*100 + today.Month, To: today.Year*100 + today.Month}
}

func begin(t *testing.T, d *db.DB, who access.Actor, b reports.Beginning) (id reports.ID, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) { id, err = reports.Begin(t.Context(), tx, who, b); return err })
	return id, err
}

func do(t *testing.T, d *db.DB, act func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { return act(t.Context(), tx) })
}

func found(t *testing.T, d *db.DB, who access.Actor, id reports.ID) reports.Report {
	t.Helper()
	return look(t, d, func(q db.Reader) (reports.Report, error) { return reports.Find(t.Context(), q, who, id) })
}

func write(t *testing.T, d *db.DB, id reports.ID, after int, said string) error {
	t.Helper()
	return do(t, d, func(ctx context.Context, tx *db.Tx) error {
		_, err := reports.Write(ctx, tx, worldtest.Mitu(), reports.Writing{Report: id, Section: "summary", After: after, TextBn: said, TextEn: said})
		return err
	})
}

func issue(t *testing.T, d *db.DB, who access.Actor, id reports.ID) error {
	t.Helper()
	version := found(t, d, who, id).Version
	return do(t, d, func(ctx context.Context, tx *db.Tx) error {
		return reports.Issue(ctx, tx, who, reports.Issuing{Report: id, Version: version})
	})
}

func refresh(t *testing.T, d *db.DB, who access.Actor, id reports.ID) (changes []content.Change) {
	t.Helper()
	if err := do(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		changes, err = reports.Refresh(ctx, tx, who, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return changes
}

func stamp(t *testing.T, d *db.DB, id reports.ID) reports.Stamp {
	t.Helper()
	return look(t, d, func(q db.Reader) (reports.Stamp, error) {
		return reports.StampOf(t.Context(), q, worldtest.Parvin(), id)
	})
}

// What was issued stays as it was to the byte, whatever becomes of the records; the report says that it was revised since.
func TestWhatWasIssuedStaysAsItWas(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		p, parvin := project(t, d), worldtest.Parvin()
		file := help(t, d, "information", "food")
		id, err := begin(t, d, parvin, reports.Beginning{Project: p, Kind: content.Monthly, Period: month(d), Audience: content.Inside})
		if err != nil {
			t.Fatal(err)
		}
		if err := issue(t, d, parvin, id); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a report in which nothing is written was issued: %v", err)
		}
		if err := write(t, d, id, 0, "এই মাসে একজন এসেছেন।"); err != nil {
			t.Fatal(err)
		}
		give(t, d, file, "food")
		if err := issue(t, d, parvin, id); fault.KindOf(err) != fault.Conflict {
			t.Errorf("figures that moved were issued unseen: %v", err)
		}
		if changes := refresh(t, d, parvin, id); len(changes) == 0 {
			t.Error("refreshing says that nothing changed")
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return nil })
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := issue(t, d, parvin, id); err != nil {
			t.Fatal(err)
		}
		before := stamp(t, d, id)
		if before.Hash != content.Hash(before.Text) || before.Position == 0 {
			t.Errorf("the stamp is %s at %d", before.Hash, before.Position)
		}
		clock.Move(time.Hour)
		give(t, d, file, "food")
		help(t, d, "food")
		after := stamp(t, d, id)
		if !bytes.Equal(before.Text, after.Text) || before.Hash != after.Hash {
			t.Error("what was issued has changed")
		}
		revised := look(t, d, func(q db.Reader) ([]content.Change, error) {
			return reports.Revised(t.Context(), q, parvin, found(t, d, parvin, id))
		})
		if !slices.ContainsFunc(revised, func(c content.Change) bool { return c.Row.En == "Food" && c.Was.N == 2 && c.Now.N == 4 }) {
			t.Errorf("revised: %+v", revised)
		}
		for name, act := range map[string]func(ctx context.Context, tx *db.Tx) error{
			"write": func(ctx context.Context, tx *db.Tx) error {
				_, err := reports.Write(ctx, tx, parvin, reports.Writing{Report: id, Section: "summary", After: 1, TextEn: "x"})
				return err
			},
			"refresh": func(ctx context.Context, tx *db.Tx) error { _, err := reports.Refresh(ctx, tx, parvin, id); return err },
			"learn": func(ctx context.Context, tx *db.Tx) error {
				_, err := reports.Learn(ctx, tx, parvin, reports.Learning{Report: id, Topic: "person.register", TextEn: "x"})
				return err
			},
			"issue": func(ctx context.Context, tx *db.Tx) error {
				return reports.Issue(ctx, tx, parvin, reports.Issuing{Report: id, Version: found(t, d, parvin, id).Version})
			},
		} {
			if err := do(t, d, act); fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s changes what was issued: %v", name, err)
			}
		}
	})
}

// A corrected issue has the texts of the one before and figures of its own; the old one stays and both are listed.
func TestACorrectedIssueLeavesTheOldOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		p, parvin := project(t, d), worldtest.Parvin()
		help(t, d, "food")
		id := issued(t, d, p, content.Inside)
		first := stamp(t, d, id)
		help(t, d, "food")
		correct := func(id reports.ID, operation string) (next reports.ID, err error) {
			err = do(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				next, err = reports.Correct(ctx, tx, parvin, reports.Correcting{Operation: operation, Report: id, Why: "one was entered late"})
				return err
			})
			return next, err
		}
		next, err := correct(id, "op-correct")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := correct(id, "op-correct"); err != nil || again != next {
			t.Errorf("the same act again made %s, %v", again, err)
		}
		if _, err := correct(id, "op-other"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a second correction of the same issue: %v", err)
		}
		r, c := read(t, d, parvin, next)
		if r.Issue != 2 || r.Corrects != id || r.Number != found(t, d, parvin, id).Number || c.Sections[0].Text.En == "" || len(c.Lessons) != 1 {
			t.Errorf("the corrected issue is %+v with %+v", r, c.Sections[0])
		}
		if err := issue(t, d, parvin, next); err != nil {
			t.Fatal(err)
		}
		if got := stamp(t, d, id); !bytes.Equal(got.Text, first.Text) {
			t.Error("the first issue has changed")
		}
		if got := figure(t, read2(t, d, parvin, next), "services"); at(t, got, "food", "times").N != 2 {
			t.Errorf("the corrected issue counts %+v", got.Rows)
		}
		all := look(t, d, func(q db.Reader) ([]reports.Report, error) { return reports.Issues(t.Context(), q, parvin, r) })
		if len(all) != 2 || all[0].ID != id || all[1].ID != next {
			t.Errorf("issues: %+v", all)
		}
		lessons := look(t, d, func(q db.Reader) ([]reports.Lesson, error) {
			return reports.Lessons(t.Context(), q, worldtest.Amina(), "person.register", true)
		})
		if len(lessons) != 1 || lessons[0].Report != next {
			t.Errorf("lessons of the last issue alone: %+v", lessons)
		}
	})
}

func read(t *testing.T, d *db.DB, who access.Actor, id reports.ID) (r reports.Report, c content.Content) {
	t.Helper()
	c = look(t, d, func(q db.Reader) (c content.Content, err error) {
		r, c, err = reports.Read(t.Context(), q, who, id)
		return c, err
	})
	return r, c
}

func read2(t *testing.T, d *db.DB, who access.Actor, id reports.ID) content.Content {
	t.Helper()
	_, c := read(t, d, who, id)
	return c
}

// issued makes a report with a text and a lesson, and issues it.
func issued(t *testing.T, d *db.DB, p projects.ID, a content.Audience) reports.ID {
	t.Helper()
	parvin := worldtest.Parvin()
	id, err := begin(t, d, parvin, reports.Beginning{Project: p, Kind: content.Monthly, Period: month(d), Audience: a})
	if err != nil {
		t.Fatal(err)
	}
	if err := write(t, d, id, 0, "এই মাসে যা হলো।"); err != nil {
		t.Fatal(err)
	}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		_, err := reports.Learn(t.Context(), tx, parvin, reports.Learning{Report: id, Topic: "person.register", TextEn: "Offer water first.", Forward: true})
		return err
	})
	refresh(t, d, parvin, id)
	if err := issue(t, d, parvin, id); err != nil {
		t.Fatal(err)
	}
	return id
}

// Two who write over the same text: one is kept, the other is told; nothing that was written is lost.
func TestTwoWritersDoNotOverwrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id, err := begin(t, d, worldtest.Mitu(), reports.Beginning{Project: project(t, d), Kind: content.Monthly, Period: month(d)})
		if err != nil {
			t.Fatal(err)
		}
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = write(t, d, id, 0, strings.Repeat("ক", i+1)) })
		}
		wg.Wait()
		kept := 0
		for _, err := range errs {
			if err == nil {
				kept++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Errorf("Write: %v, want a conflict", err)
			}
		}
		if kept != 1 {
			t.Errorf("%d texts were kept, want 1", kept)
		}
		if err := write(t, d, id, 1, "পরে লেখা"); err != nil {
			t.Fatal(err)
		}
		texts := look(t, d, func(q db.Reader) ([]reports.Text, error) { return reports.Texts(t.Context(), q, worldtest.Mitu(), id) })
		if len(texts) != 2 || texts[0].Said.Bn != "পরে লেখা" || texts[1].Number != 1 {
			t.Errorf("texts: %+v", texts)
		}
		version := found(t, d, worldtest.Parvin(), id).Version
		if err := write(t, d, id, 2, "still later"); err != nil {
			t.Fatal(err)
		}
		if err := do(t, d, func(ctx context.Context, tx *db.Tx) error {
			return reports.Issue(ctx, tx, worldtest.Parvin(), reports.Issuing{Report: id, Version: version})
		}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("issued over a later text: %v", err)
		}
	})
}

// Each may do with a report what her role says, and no more; drafts are for those who draft.
func TestWhoMayWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		p := project(t, d)
		b := reports.Beginning{Project: p, Kind: content.Monthly, Period: month(d)}
		for _, who := range []access.Actor{worldtest.Amina(), worldtest.Chandra(), worldtest.Dipu(), worldtest.Harun(), worldtest.Basil(), worldtest.Farid()} {
			if _, err := begin(t, d, who, b); fault.KindOf(err) != fault.Forbidden && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s began a report: %v", who.Name, err)
			}
		}
		id, err := begin(t, d, worldtest.Mitu(), b)
		if err != nil {
			t.Fatal(err)
		}
		sees := func(who access.Actor) bool {
			err := d.Read(t.Context(), func(q db.Reader) error { _, err := reports.Find(t.Context(), q, who, id); return err })
			if err != nil && fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", who.Name, err)
			}
			return err == nil
		}
		for who, want := range map[*access.Actor]bool{ptr(worldtest.Mitu()): true, ptr(worldtest.Parvin()): true, ptr(worldtest.Chandra()): false, ptr(worldtest.Harun()): false, ptr(worldtest.Basil()): false, ptr(worldtest.Amina()): false} {
			if got := sees(*who); got != want {
				t.Errorf("%s sees the draft: %t, want %t", who.Name, got, want)
			}
		}
		if err := write(t, d, id, 0, "text"); err != nil {
			t.Fatal(err)
		}
		if err := issue(t, d, worldtest.Mitu(), id); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("who drafts issued it: %v", err)
		}
		refresh(t, d, worldtest.Parvin(), id)
		if err := issue(t, d, worldtest.Parvin(), id); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[*access.Actor]bool{ptr(worldtest.Mitu()): true, ptr(worldtest.Parvin()): true, ptr(worldtest.Chandra()): true, ptr(worldtest.Harun()): true, ptr(worldtest.Basil()): false, ptr(worldtest.Amina()): false, ptr(worldtest.Farid()): false} {
			if got := sees(*who); got != want {
				t.Errorf("%s sees the issued report: %t, want %t", who.Name, got, want)
			}
		}
	})
}

func ptr(a access.Actor) *access.Actor { return &a }

// What is wrong is said, and nothing is kept.
func TestBeginRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		p := project(t, d)
		for name, b := range map[string]reports.Beginning{
			"no kind":            {Project: p, Period: month(d)},
			"too long":           {Project: p, Kind: content.Monthly, Period: content.Period{From: 202801, To: 202802}},
			"backwards":          {Project: p, Kind: content.Annual, Period: content.Period{From: 202812, To: 202801}},
			"ahead":              {Project: p, Kind: content.Monthly, Period: content.Period{From: 219901, To: 219901}},
			"exact":              {Project: p, Kind: content.Monthly, Period: month(d), Audience: content.Exact},
			"no such project":    {Project: projects.ID(ids.New(d.Now())), Kind: content.Monthly, Period: month(d)},
			"another's audience": {Project: p, Kind: content.Monthly, Period: month(d), Audience: "all"},
		} {
			if _, err := begin(t, d, worldtest.Parvin(), b); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if all := look(t, d, func(q db.Reader) ([]reports.Report, error) {
			return reports.List(t.Context(), q, worldtest.Parvin(), reports.Filter{})
		}); len(all) != 0 {
			t.Errorf("%d reports are there", len(all))
		}
	})
}

// A report of the whole work is drafted by who may ask for figures. What may not be told to who counts is said to be so, and not put as nothing.
func TestAReportOfTheWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		help(t, d, "food")
		follow(t, d)
		id, err := begin(t, d, worldtest.Parvin(), reports.Beginning{Kind: content.Monthly, Period: month(d), Audience: content.Inside})
		if err != nil {
			t.Fatal(err)
		}
		c := read2(t, d, worldtest.Parvin(), id)
		if got := figure(t, c, "indicator:cases_opened:sex"); got.Whole.Values[0] != content.Of(1) {
			t.Errorf("cases opened: %+v", got.Whole)
		}
		if got := figure(t, c, "indicator:people_served:"); got.Whole.Values[0].Is != content.Hidden {
			t.Errorf("one who was served is told: %+v", got.Whole)
		}
		addUp(t, c)
		if id, err = begin(t, d, worldtest.Mitu(), reports.Beginning{Kind: content.Monthly, Period: month(d), Audience: content.Inside}); err != nil {
			t.Fatal(err)
		}
		if got := figure(t, read2(t, d, worldtest.Mitu(), id), "indicator:cases_opened:sex"); got.Whole.Values[0].Is != content.Refused {
			t.Errorf("a month is told to who sees no records: %+v", got.Whole)
		}
	})
}

// Of two issues for readers outside side by side, nothing protected can be told that is less than the floor.
func TestACorrectionDoesNotTellOfAFew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		p := project(t, d)
		for range 12 {
			help(t, d, "health_care")
		}
		id := issued(t, d, p, content.Outside)
		if got := at(t, figure(t, read2(t, d, worldtest.Parvin(), id), "services"), "health_care", "people"); got.N != 12 {
			t.Fatalf("the first issue tells %+v, want 12", got)
		}
		help(t, d, "health_care")
		var next reports.ID
		if err := do(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			next, err = reports.Correct(ctx, tx, worldtest.Parvin(), reports.Correcting{Report: id, Why: "late"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		f := figure(t, read2(t, d, worldtest.Parvin(), next), "services")
		if got := at(t, f, "health_care", "people"); got.Is != content.Hidden || f.Whole.Values[0].Is != content.Hidden {
			t.Errorf("the second issue tells %+v, whole %+v", got, f.Whole.Values)
		}
	})
}

// Whatever was given to whom: the parts of each figure come to its whole or the difference is said, for each audience, and no row of
// what is protected is about fewer people than its floor.
func TestPartsAddUpOverRandomHistories(t *testing.T) {
	codes := []string{"information", "food", "health_care", "shelter_night", "counselling_family", "meet_and_greet"}
	for seed := range uint64(3) {
		dice := rand.New(rand.NewPCG(seed, 11))
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			worldtest.Hire(t, d)
			p := project(t, d)
			truth := map[string]map[int]bool{}
			for person := range 8 + dice.IntN(18) {
				var had []string
				for _, code := range codes {
					if dice.IntN(4) == 0 {
						had = append(had, code)
						if truth[code] == nil {
							truth[code] = map[int]bool{}
						}
						truth[code][person] = true
					}
				}
				help(t, d, had...)
			}
			for _, a := range []content.Audience{content.Exact, content.Inside, content.Outside} {
				c := look(t, d, func(q db.Reader) (content.Content, error) {
					return reports.Make(t.Context(), q, teller(), reports.Wanted{Project: p, Kind: content.Monthly, Period: month(d), Audience: a})
				})
				addUp(t, c)
				f := figure(t, c, "services")
				shown := map[string]bool{}
				for _, r := range f.Rows {
					people := map[int]bool{}
					for _, code := range strings.Split(r.Key, "+") {
						maps.Copy(people, truth[code])
						shown[code] = true
					}
					v := r.Values[1]
					if v.Is == content.Number && v.N != int64(len(people)) {
						t.Errorf("%s, %s: %d people, want %d", a, r.Key, v.N, len(people))
					}
					if r.Protected && v.Is == content.Number && v.N < a.Floor() {
						t.Errorf("%s, %s: %d people are told", a, r.Key, v.N)
					}
					if v.Is == content.Hidden && f.Whole != nil {
						t.Errorf("%s: the whole is told beside what is hidden", a)
					}
				}
				if a == content.Exact && len(shown) != len(truth) {
					t.Errorf("%d kinds are told, want %d", len(shown), len(truth))
				}
			}
		})
	}
}
