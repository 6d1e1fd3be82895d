// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
	"fera/internal/persons"
)

// subject is who or what is counted: a person however often she was registered, or an activity.
type subject struct {
	id      string
	records []string // of the register; none for what is no person
	facts   []facts.Fact
	gave    map[facts.Dim]string // which record says what of class 3 is known of her
}

// counter turns what the rooms say into facts.
type counter struct {
	ctx  context.Context
	q    db.Reader
	book *Book
}

func newCounter(ctx context.Context, q db.Reader) (*counter, error) {
	b, err := ReadBook(ctx, q)
	return &counter{ctx, q, b}, err
}

// persons counts people, each with the records that are of one person. Those of
// whom nothing is there to be counted are left out, and those made up for practice.
func (c *counter) persons(groups [][]string) ([]subject, error) {
	var all []string
	for _, g := range groups {
		for _, id := range g {
			if !ids.IsApart(id) {
				all = append(all, id)
			}
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	read, err := persons.CountedOf(c.ctx, c.q, recordsOf(all))
	if err != nil {
		return nil, err
	}
	counted := map[string]persons.Counted{}
	for _, r := range read {
		counted[string(r.ID)] = r
	}
	events := map[string][]sources.Event{}
	for _, s := range sources.All() {
		if s.Of != sources.OfPersons {
			continue
		}
		some, err := s.Events(c.ctx, c.q, all)
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			events[e.Person] = append(events[e.Person], e)
		}
	}
	var found []subject
	for _, g := range groups {
		s, err := c.person(g, counted, events)
		if err != nil {
			return nil, err
		}
		if len(s.facts) > 0 {
			found = append(found, s)
		}
	}
	return found, nil
}

func recordsOf(all []string) []persons.ID {
	of := make([]persons.ID, len(all))
	for i, id := range all {
		of[i] = persons.ID(id)
	}
	return of
}

// traits are what is known of a person as a whole.
type traits struct {
	sex, country, reason, home string
	birth                      dates.Partial
	by                         [facts.Dims]facts.Code // what does not depend on the event
	gave                       map[facts.Dim]string   // by which record
}

// person counts one person. What is known of her is what the oldest of her records
// says that says anything.
func (c *counter) person(group []string, counted map[string]persons.Counted, events map[string][]sources.Event) (subject, error) {
	s := subject{id: slices.Min(group), records: group}
	t := traits{gave: map[facts.Dim]string{}}
	var journeys []persons.Journey
	for _, id := range group {
		r, there := counted[id]
		if !there {
			continue
		}
		t.sex, t.home = cmp.Or(t.sex, sexOf(r.Sex)), cmp.Or(t.home, r.Home)
		if t.birth.IsZero() {
			t.birth = r.Birth
		}
		if err := c.protect(&t, r); err != nil {
			return s, err
		}
		journeys = append(journeys, r.Journeys...)
	}
	s.gave = t.gave
	t.country, t.reason = sources.LastReturn(journeys)
	seen := map[[4]string]string{}
	for _, id := range group {
		for _, e := range events[id] {
			if repeated(e, seen) {
				continue
			}
			e.Org = cmp.Or(e.Org, counted[id].Organisation)
			f, err := c.fact(e, t)
			if err != nil {
				return s, err
			}
			s.facts = append(s.facts, f)
		}
	}
	slices.SortFunc(s.facts, facts.Same)
	return s, nil
}

// repeated tells of a return whether it was counted already: two organisations
// registered one person, and each wrote down the same return.
func repeated(e sources.Event, seen map[[4]string]string) bool {
	if !slices.Contains([]string{"return", "return_reason", "happened", "recruitment"}, e.Measure) {
		return false
	}
	month := e.On
	month.Day = 0
	key := [4]string{e.Measure, e.Kind, e.Country, month.String()}
	if seen[key] == "" {
		seen[key] = e.Person
	}
	return seen[key] != e.Person
}

func sexOf(s persons.Sex) string {
	if s == persons.Unsaid {
		return ""
	}
	return string(s)
}

// protect reads what is of class 3 into the traits.
func (c *counter) protect(t *traits, r persons.Counted) (err error) {
	disability := ""
	if r.Asked {
		disability = map[bool]string{true: "yes", false: "no"}[r.Disabled]
	}
	for d, text := range map[facts.Dim]string{facts.Disability: disability, facts.Ethnicity: groupOf(r.Ethnicity)} {
		if t.by[d] != 0 {
			continue
		}
		if t.by[d], err = c.book.code(c.ctx, c.q, Named()[d], text); err != nil {
			return err
		}
		if t.by[d] != 0 {
			t.gave[d] = string(r.ID)
		}
	}
	return nil
}

// groups are the six largest that the census of 2022 counts, and the majority, with how
// their names begin. Others are counted together: a small group in one place is
// one family.
func groups() map[string][]string {
	return map[string][]string{
		"bengali": {"bengali", "bangali", "বাঙালি", "বাঙালী"}, "chakma": {"chakma", "চাকমা"}, "marma": {"marma", "মারমা"}, "tripura": {"tripura", "ত্রিপুরা"},
		"santal": {"santal", "সাঁওতাল", "সাওতাল"}, "oraon": {"oraon", "ওরাওঁ", "ওঁরাও", "ওরাও"}, "garo": {"garo", "mandi", "গারো", "মান্দি"},
	}
}

// groupOf is the ethnic group that somebody named in her own words.
func groupOf(said string) string {
	said = strings.ToLower(strings.TrimSpace(said))
	if said == "" {
		return ""
	}
	for group, begins := range groups() {
		for _, b := range begins {
			if strings.HasPrefix(said, b) {
				return group
			}
		}
	}
	return "other"
}

// fact puts an event into codes.
func (c *counter) fact(e sources.Event, t traits) (f facts.Fact, err error) {
	m, _ := sources.Find(e.Measure)
	f = facts.Fact{Kinded: m.Kinds != "", Hidden: e.Hidden, Record: e.Record, Person: e.Person, Month: facts.MonthOf(e.On), Day: uint8(e.On.Day), Events: e.Events, Amount: e.Amount, By: t.by}
	f.Place = facts.PlaceOf(cmp.Or(e.Place, t.home))
	for _, v := range []struct {
		to              *facts.Code
		dimension, text string
	}{
		{&f.Measure, OfMeasure, e.Measure}, {&f.What, OfKind, e.Kind}, {&f.Org, OfOrg, e.Org},
		{&f.By[facts.Sex], "sex", cmp.Or(e.Sex, t.sex)}, {&f.By[facts.Age], "age", cmp.Or(e.Age, facts.AgeBand(t.birth, e.On))},
		{&f.By[facts.Country], "country", cmp.Or(e.Country, t.country)}, {&f.By[facts.Reason], "reason", cmp.Or(e.Reason, t.reason)},
	} {
		if *v.to, err = c.book.code(c.ctx, c.q, v.dimension, v.text); err != nil {
			return f, err
		}
	}
	return f, nil
}

// others counts what is no person: the subjects of one source.
func (c *counter) others(s sources.Source, of []string) ([]subject, error) {
	some, err := s.Events(c.ctx, c.q, of)
	if err != nil {
		return nil, err
	}
	by := map[string]*subject{}
	var found []subject
	for _, e := range some {
		if ids.IsApart(e.Subject) {
			continue
		}
		f, err := c.fact(e, traits{})
		if err != nil {
			return nil, err
		}
		if by[e.Subject] == nil {
			by[e.Subject] = &subject{id: e.Subject}
		}
		by[e.Subject].facts = append(by[e.Subject].facts, f)
	}
	for _, id := range of {
		if one := by[id]; one != nil {
			slices.SortFunc(one.facts, facts.Same)
			found = append(found, *one)
		}
	}
	return found, nil
}
