// SPDX-License-Identifier: Apache-2.0

// Package inbox is the room of a provider: the referrals that came to it, what it is told of each, what it does with them; and the
// pages behind links, by which a provider without accounts does the same, and by which she says what came of it.
//
// To open a referral is an act: it is received then, and each look is in the trail. So a page shows only that it came; what was shared
// is the answer to a button.
package inbox

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/shared"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of the room, and those behind links.
func Routes(*site.Site) []site.Route {
	perm := access.AnswerReferral
	return append([]site.Route{
		{Path: "GET /inbox", Perm: perm, Page: list},
		{Path: "GET /inbox/{id}", Perm: perm, Page: cover},
		{Path: "POST /inbox/{id}/open", Perm: perm, Act: open, Page: cover},
		{Path: "GET /inbox/{id}/{act}", Perm: perm, Page: form},
		{Path: "POST /inbox/{id}/{act}", Perm: perm, Act: answer, Page: form},
	}, linkRoutes()...)
}

// Told is where somebody looks at a referral of which a notice tells her: at the provider's, or where it was sent from.
func Told(who access.Actor, notice, id string) string {
	received := slices.Contains([]string{"notice.referral_sent", "notice.referral_withdrawn", "notice.referral_reopened", "notice.referral_due"}, notice)
	switch {
	case received && who.Holds(access.AnswerReferral):
		return "/inbox/" + id
	case !received && who.Holds(access.ReadCases):
		return "/referrals/" + id
	}
	return ""
}

// behind are the states that a provider has behind it.
func behind() []course.State {
	return []course.State{course.Served, course.Unserved, course.Confirmed, course.Declined, course.Withdrawn, course.Expired, course.Closed}
}

// ahead are the states that wait for a provider.
func ahead() []course.State {
	return []course.State{course.Sent, course.Received, course.Reopened, course.Accepted, course.Waiting, course.Appointed}
}

// asked is which referrals an address asks for.
type asked struct {
	State course.State
	Late  bool
	After referrals.Cursor
}

// ask reads an address. What it cannot mean asks for all that waits.
func ask(q url.Values) (a asked) {
	if s := course.State(q.Get("state")); slices.Contains(append(ahead(), behind()...), s) {
		a.State = s
	}
	a.Late = q.Get("late") == "yes"
	if due, id, ok := strings.Cut(q.Get("after"), "~"); ok && ids.Valid(id) {
		if day, err := dates.Parse(due); err == nil && day.Precision() == dates.Day {
			a.After = referrals.Cursor{DueOn: day.String(), ID: referrals.ID(id)}
		}
	}
	return a
}

// address is one that asks for the same.
func (a asked) address() string {
	q := url.Values{}
	if a.State != "" {
		q.Set("state", string(a.State))
	}
	if a.Late {
		q.Set("late", "yes")
	}
	if a.After != (referrals.Cursor{}) {
		q.Set("after", a.After.DueOn+"~"+string(a.After.ID))
	}
	if len(q) == 0 {
		return "/inbox"
	}
	return "/inbox?" + q.Encode()
}

type listView struct {
	kit.Frame
	Asked   asked
	Strip   kit.Strip
	Behind  kit.Input
	States  []kit.Option
	Said    string
	Rows    []kit.Row
	Columns []kit.Column
	Pages   kit.Pages
	Next    string // the first of them, for the key that opens what comes next
}

// list is what came, what is due first first.
func list(r *site.Request, q db.Reader) (templ.Component, error) {
	a := ask(r.URL.Query())
	v := listView{Frame: r.Frame(r.S.T("inbox.title")), Asked: a, Columns: kit.Columns(r.S, "inbox.what", "inbox.from", "inbox.home", "inbox.due", "inbox.stands")}
	by, late, err := referrals.Waiting(r.Context(), q, r.Who)
	if err != nil {
		return nil, err
	}
	v.Strip, v.Behind, v.States = strip(r.S, a, by, late), kit.Input{Name: "state", Label: r.S.T("inbox.behind"), Value: string(a.State)}, states(r.S)
	page, err := referrals.Inbox(r.Context(), q, r.Who, referrals.Filter{State: a.State, Late: a.Late, After: a.After})
	if err != nil {
		return nil, err
	}
	offices, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	for _, one := range page.Arrivals {
		v.Rows = append(v.Rows, row(r, offices, one))
	}
	if len(v.Rows) > 0 {
		v.Next = v.Rows[0].Href
	}
	v.Said = r.S.T("inbox.shown", "count", len(v.Rows))
	if page.Next != (referrals.Cursor{}) {
		v.Pages.Next = asked{a.State, a.Late, page.Next}.address()
	}
	if a.After != (referrals.Cursor{}) {
		v.Pages.Previous = asked{State: a.State, Late: a.Late}.address()
	}
	return listPage(v), nil
}

// strip are the states that wait, with how many there are.
func strip(s *words.Speaker, a asked, by map[course.State]int, late int) kit.Strip {
	all := 0
	for _, n := range by {
		all += n
	}
	items := []kit.NavItem{{Href: "/inbox", Label: counted(s, s.T("inbox.all"), all), Current: a.State == "" && !a.Late}}
	if late > 0 || a.Late {
		items = append(items, kit.NavItem{Href: "/inbox?late=yes", Label: counted(s, s.T("inbox.late"), late), Current: a.State == "" && a.Late})
	}
	for _, state := range append(ahead(), course.Withdrawn) {
		if by[state] > 0 || a.State == state {
			items = append(items, kit.NavItem{Href: asked{State: state}.address(), Label: counted(s, s.T("inbox.state."+string(state)), by[state]), Current: a.State == state})
		}
	}
	return kit.Strip{Label: s.T("inbox.strip"), Tabs: items}
}

func counted(s *words.Speaker, label string, n int) string {
	if n >= referrals.MostCounted {
		return s.T("inbox.counted_more", "label", label, "count", referrals.MostCounted)
	}
	return label + " (" + s.Number(n) + ")"
}

func states(s *words.Speaker) (options []kit.Option) {
	for _, state := range append(ahead(), behind()...) {
		options = append(options, kit.Option{Value: string(state), Label: s.T("inbox.state." + string(state))})
	}
	return options
}

// row is one of a list. It names nobody.
func row(r *site.Request, offices places.Offices, a referrals.Arrival) kit.Row {
	from := a.From
	if a.FromOffice != "" {
		from = offices.Said(access.AtOffice(a.FromOffice))
	}
	home := ""
	if a.District != "" {
		home = geo.Name(r.S.Lang(), a.District)
	}
	return kit.Row{Href: "/inbox/" + string(a.ID), Cells: []templ.Component{kit.Text(heading(r.S, a)), kit.Text(from), kit.Text(home), kit.Text(due(r.S, a)), kit.Pills(tags(r, a))}}
}

// heading names a referral by its number and, where that is no secret, by what it is for.
func heading(s *words.Speaker, a referrals.Arrival) string {
	number := s.Digits(a.Number)
	switch {
	case a.Protected:
		return number + " · " + s.T("inbox.protected")
	case shared.Need(s, a.Need) != "":
		return number + " · " + shared.Need(s, a.Need)
	}
	return number
}

// due says by when something is to be done; nothing when there is nothing.
func due(s *words.Speaker, a referrals.Arrival) string {
	day, err := dates.Parse(a.DueOn)
	if err != nil || day.Year > 9000 {
		return ""
	}
	return dates.Format(s, day)
}

// tags say where it stands, how urgent it is, and that it is late.
func tags(r *site.Request, a referrals.Arrival) []kit.Tag {
	all := []kit.Tag{{Text: r.S.T("inbox.state." + string(a.State)), Tone: tone(a)}}
	turn := slices.Contains(ahead(), a.State) || a.State == course.Withdrawn && !a.Acknowledged
	if turn && a.Late(dates.Of(r.Now)) {
		all = append(all, kit.Tag{Text: r.S.T("inbox.late_tag"), Tone: kit.Danger})
	}
	if a.State == course.Sent || a.State == course.Received {
		urgent := kit.Tag{Text: r.S.T("inbox.urgency." + a.Urgency)}
		if a.Urgency == "day" {
			urgent.Tone = kit.Attention
		}
		all = append(all, urgent)
	}
	return all
}

func tone(a referrals.Arrival) kit.Tone {
	switch a.State {
	case course.Sent:
		return kit.Accent
	case course.Reopened:
		return kit.Attention
	case course.Withdrawn:
		if !a.Acknowledged {
			return kit.Attention
		}
	case course.Confirmed:
		return kit.Good
	}
	return kit.Plain
}
