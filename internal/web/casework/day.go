// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"cmp"
	"errors"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/services"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// How much one page of My day shows, and how far it looks ahead.
const (
	mostOfDay = 100
	mostFresh = 20
	daysAhead = 7
)

// item is one thing that waits for the visitor.
type item struct {
	Key   string // by which the next is found; empty where no case is behind it
	Href  string
	Who   string
	What  string
	When  string
	Tags  []kit.Tag
	dueOn string
}

// group is a part of the day: what is late, what is to be decided, and so on.
type group struct {
	Key   string
	Items []item
}

// day is all that waits for the visitor, the most urgent first.
type day struct {
	Groups []group
	More   bool // there is more than a page holds
}

// count is how many things wait.
func (d day) count() (n int) {
	for _, g := range d.Groups {
		n += len(g.Items)
	}
	return n
}

// first is where the first thing is; empty when nothing waits.
func (d day) first() string { return d.after("") }

// after is where the thing after one is: the first when that one does not wait any more, nothing when it was the last.
func (d day) after(key string) string {
	var keys, hrefs []string
	for _, g := range d.Groups {
		for _, i := range g.Items {
			if i.Key == "" || !slices.Contains(keys, i.Key) {
				keys, hrefs = append(keys, i.Key), append(hrefs, i.Href)
			}
		}
	}
	at := -1
	if key != "" {
		at = slices.Index(keys, key)
	}
	if at+1 < len(hrefs) {
		return hrefs[at+1]
	}
	return ""
}

// myDay gathers what waits for the visitor.
func myDay(r *site.Request, q db.Reader) (d day, err error) {
	today := dates.Of(r.Now)
	late, now, soon := group{Key: "late"}, group{Key: "today"}, group{Key: "week"}
	mine, err := cases.List(r.Context(), q, r.Who, cases.Filter{Worker: r.Who.ID, DueBy: today.Add(daysAhead), Limit: mostOfDay})
	if err != nil {
		return d, err
	}
	fresh, err := freshCases(r, q)
	if err != nil {
		return d, err
	}
	cards, err := names(r, q, append(slices.Clone(mine.Cases), fresh...))
	if err != nil {
		return d, err
	}
	put := func(i item) {
		switch {
		case i.dueOn < today.String():
			late.Items = append(late.Items, i)
		case i.dueOn == today.String():
			now.Items = append(now.Items, i)
		case i.dueOn <= today.Add(daysAhead).String():
			soon.Items = append(soon.Items, i)
		}
	}
	for _, c := range mine.Cases {
		put(caseItem(r.S, c, cards, today))
	}
	tasks, err := cases.Tasks(r.Context(), q, r.Who, mostOfDay)
	if err != nil {
		return d, err
	}
	if err := errors.Join(taskItems(r, q, tasks, put), toTell(r, q, put)); err != nil {
		return d, err
	}
	decide, err := decisions(r, q, mostFresh)
	if err != nil {
		return d, err
	}
	alerts, wrong := alertItems(r, q)
	referred, err := referred(r, q)
	if err := errors.Join(wrong, err); err != nil {
		return d, err
	}
	newly := group{Key: "new"}
	for _, c := range fresh {
		if !slices.ContainsFunc(mine.Cases, func(m cases.Case) bool { return m.ID == c.ID }) {
			newly.Items = append(newly.Items, freshItem(r, c, cards))
		}
	}
	for _, g := range []group{late, {Key: "alerts", Items: alerts}, now, {Key: "decide", Items: decide}, {Key: "referrals", Items: referred}, newly, soon} {
		if len(g.Items) > 0 {
			slices.SortStableFunc(g.Items, func(a, b item) int { return cmp.Compare(a.dueOn, b.dueOn) })
			d.Groups = append(d.Groups, g)
		}
	}
	d.More = mine.Next != (cases.Cursor{}) || len(tasks) == mostOfDay
	return d, nil
}

func caseItem(s *words.Speaker, c cases.Case, cards map[persons.ID]persons.Card, today dates.Partial) item {
	i := item{Key: string(c.ID), Href: path(c.ID), Who: nameOf(s, cards, c.Person), What: s.T("casework.status_only"), Tags: Tags(s, c, today), dueOn: c.DueOn}
	if due, ok := c.DueDay(); ok {
		i.What, i.When = s.T("casework.due."+c.DueFor), Day(s, due, today)
	}
	return i
}

// freshItem is a case that came newly; who may only take it is told that.
func freshItem(r *site.Request, c cases.Case, cards map[persons.ID]persons.Card) item {
	i := caseItem(r.S, c, cards, dates.Of(r.Now))
	if c.Worker == "" && !r.Who.Holds(access.AssignCase) {
		i.What = r.S.T("casework.act." + string(cases.Take))
	}
	return i
}

// freshCases are those that came to the visitor and wait to be assessed, and, for
// who gives cases out or may take one, those that nobody has.
func freshCases(r *site.Request, q db.Reader) ([]cases.Case, error) {
	came, err := cases.List(r.Context(), q, r.Who, cases.Filter{Worker: r.Who.ID, Status: cases.Assigned, Limit: mostFresh})
	if err != nil {
		return nil, err
	}
	all := came.Cases
	if !r.Who.Holds(access.WorkCase) {
		return all, nil
	}
	lying, err := cases.List(r.Context(), q, r.Who, cases.Filter{Worker: cases.Nobody, Status: cases.Intake, Limit: mostFresh})
	if err != nil {
		return nil, err
	}
	for _, c := range lying.Cases {
		if r.Who.Covers(access.AssignCase, access.AtOffice(c.Office), access.OfOrganisation(c.Organisation)) {
			all = append(all, c)
			continue
		}
		possible, err := cases.PossibleNow(r.Context(), q, r.Who, c)
		if err != nil {
			return nil, err
		}
		if slices.Contains(possible, cases.Take) {
			all = append(all, c)
		}
	}
	return all, nil
}

// toTell puts whom the visitor promised to tell how a matter stands, which is not named.
func toTell(r *site.Request, q db.Reader, put func(item)) error {
	all, err := services.ToTell(r.Context(), q, r.Who, mostFresh)
	if err != nil {
		return err
	}
	var about []cases.Case
	for _, one := range all {
		c, err := cases.Find(r.Context(), q, r.Who, one.Case)
		if err != nil {
			return err
		}
		about = append(about, c)
	}
	cards, err := names(r, q, about)
	if err != nil {
		return err
	}
	for i, one := range all {
		put(item{Key: string(one.Case), Href: path(one.Case) + "/services", Who: nameOf(r.S, cards, about[i].Person), What: r.S.T("casework.to_tell"),
			When: Day(r.S, one.On, dates.Of(r.Now)), dueOn: one.On.String()})
	}
	return nil
}

// taskItems puts the visitor's tasks where they are due.
func taskItems(r *site.Request, q db.Reader, tasks []cases.Task, put func(item)) error {
	wanted := make([]persons.ID, len(tasks))
	for i, t := range tasks {
		wanted[i] = t.Person
	}
	cards, err := persons.FindCards(r.Context(), q, r.Who, wanted)
	for _, t := range tasks {
		put(item{Key: string(t.Case), Href: path(t.Case) + "#tasks", Who: nameOf(r.S, cards, t.Person), What: t.What,
			When: Day(r.S, t.DueOn, dates.Of(r.Now)), Tags: []kit.Tag{{Text: r.S.T("casework.task")}}, dueOn: t.DueOn.String()})
	}
	return err
}

// decisions are what waits for the visitor's yes or no.
func decisions(r *site.Request, q db.Reader, limit int) (items []item, err error) {
	if !r.Who.Holds(access.ApproveCase) {
		return nil, nil
	}
	waiting, err := cases.ToDecide(r.Context(), q, r.Who, limit)
	if err != nil {
		return nil, err
	}
	var list []cases.Case
	for _, a := range waiting {
		c, err := cases.Find(r.Context(), q, r.Who, a.Case)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	cards, err := names(r, q, list)
	for n, a := range waiting {
		items = append(items, item{Key: string(a.Case), Href: path(a.Case) + "/decisions/" + url.PathEscape(a.ID), Who: nameOf(r.S, cards, list[n].Person),
			What: r.S.T("casework.asks."+string(a.Kind), "name", a.AskedName), When: dates.Near(r.S, a.AskedAt, r.Now), Tags: Tags(r.S, list[n], dates.Of(r.Now)), dueOn: dates.Of(a.AskedAt).String()})
	}
	return items, err
}

// alertItems are the answers that need somebody, as one thing to look at.
func alertItems(r *site.Request, q db.Reader) ([]item, error) {
	if !r.Who.Holds(access.HeedAlerts) {
		return nil, nil
	}
	open, err := assessments.ListAlerts(r.Context(), q, r.Who, mostFresh)
	open = slices.DeleteFunc(open, func(a assessments.Alert) bool { return !a.HeededAt.IsZero() })
	if err != nil || len(open) == 0 {
		return nil, err
	}
	return []item{{Key: "alerts", Href: "/alerts", Who: r.S.T("casework.alerts", "count", len(open)), What: r.S.T("casework.alerts_look"), When: dates.Near(r.S, open[len(open)-1].RaisedAt, r.Now)}}, nil
}

type dayView struct {
	kit.Frame
	day
	Lead string
}

func dayPage(r *site.Request, q db.Reader) (templ.Component, error) {
	d, err := myDay(r, q)
	if err != nil {
		return nil, err
	}
	v := dayView{Frame: r.Frame(r.S.T("casework.day")), day: d, Lead: lead(r, d)}
	return dayShown(v), nil
}

// lead says in one sentence how the day looks.
func lead(r *site.Request, d day) string {
	n := 0
	for _, g := range d.Groups {
		if g.Key == "late" {
			n = len(g.Items)
		}
	}
	switch {
	case d.count() == 0:
		return r.S.T("casework.day_empty")
	case n > 0:
		return r.S.T("casework.day_late", "count", d.count(), "late", n)
	}
	return r.S.T("casework.day_lead", "count", d.count())
}

// nextOfDay leads to what comes after a case in the day, and back to the day after the last.
func nextOfDay(r *site.Request, q db.Reader) (templ.Component, error) {
	d, err := myDay(r, q)
	if err != nil {
		return nil, err
	}
	if next := d.after(r.URL.Query().Get("after")); next != "" {
		return nil, site.Elsewhere(next)
	}
	return nil, site.Elsewhere("/day")
}

// Glance is what the first page shows of the day: how it looks, and the first few
// things; nothing for who has no cases to see.
func Glance(r *site.Request, q db.Reader) (templ.Component, error) {
	if !r.Who.Holds(access.ReadCases) {
		return nil, nil
	}
	d, err := myDay(r, q)
	if err != nil {
		return nil, err
	}
	return glance(dayView{Frame: kit.Frame{S: r.S}, day: d, Lead: lead(r, d)}), nil
}

// begin is the first things of the day.
func (d day) begin(most int) (items []item) {
	for _, g := range d.Groups {
		items = append(items, g.Items...)
	}
	return items[:min(most, len(items))]
}

type decisionsView struct {
	kit.Frame
	Items []item
}

// mostDecisions is how many things to decide one page shows.
const mostDecisions = 200

func decisionsPage(r *site.Request, q db.Reader) (templ.Component, error) {
	items, err := decisions(r, q, mostDecisions)
	if err != nil {
		return nil, err
	}
	if !r.Who.Holds(access.ReadCases) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	return decisionsShown(decisionsView{Frame: r.Frame(r.S.T("casework.decisions")), Items: items}), nil
}
