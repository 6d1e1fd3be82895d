// SPDX-License-Identifier: Apache-2.0

package referring

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/calendars"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/web/kit"
	"fera/internal/web/listed"
	"fera/internal/web/people"
	"fera/internal/web/places"
	"fera/internal/web/shared"
	"fera/internal/web/site"
)

// mine stands, in an address, for the referrals of the reader's own cases.
const mine = "mine"

// sentView is what an office sent, what is due first first.
type sentView struct {
	kit.Frame
	Office  kit.Input
	Offices []kit.Option
	State   kit.Input
	States  []kit.Option
	Turn    kit.Input
	Turns   []kit.Option
	Checks  []kit.Option
	Rows    []kit.Row
	Columns []kit.Column
	Pages   kit.Pages
}

// asked reads an address. What it cannot mean asks for all.
func asked(q url.Values) (f referrals.Filter) {
	if s := course.State(q.Get("state")); slices.Contains(course.States(), s) {
		f.State = s
	}
	if t := referrals.Turn(q.Get("turn")); t == referrals.Ours || t == referrals.Theirs {
		f.Turn = t
	}
	f.Late, f.Silent = slices.Contains(q["only"], "late"), slices.Contains(q["only"], "silent")
	if o := q.Get("office"); ids.Valid(o) {
		f.Office = o
	}
	if due, id, ok := strings.Cut(q.Get("after"), "~"); ok && ids.Valid(id) {
		if day, err := dates.Parse(due); err == nil && day.Precision() == dates.Day {
			f.After = referrals.Cursor{DueOn: day.String(), ID: referrals.ID(id)}
		}
	}
	f.Limit = perPage
	return f
}

// query is an address that asks for the same, from another place on.
func query(f referrals.Filter, office string, after referrals.Cursor) string {
	q := url.Values{}
	for name, value := range map[string]string{"state": string(f.State), "turn": string(f.Turn), "office": office, "after": after.DueOn + "~" + string(after.ID)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Late {
		q.Add("only", "late")
	}
	if f.Silent {
		q.Add("only", "silent")
	}
	return "/referrals?" + q.Encode()
}

func sent(r *site.Request, q db.Reader) (templ.Component, error) {
	where, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	f := asked(r.URL.Query())
	open := where.Open(access.ReadCases, "")
	if !slices.ContainsFunc(open, func(o kit.Option) bool { return o.Value == f.Office }) {
		f.Office = ""
	}
	chosen := f.Office
	if chosen == "" {
		if chosen = mine; r.URL.Query().Get("office") == "" && slices.ContainsFunc(open, func(o kit.Option) bool { return o.Value == r.Who.Office }) {
			f.Office, chosen = r.Who.Office, r.Who.Office
		}
	}
	v := sentView{Frame: r.Frame(r.S.T("referring.sent_title")), Offices: append([]kit.Option{{Value: mine, Label: r.S.T("referring.mine")}}, open...)}
	v.Office = kit.Input{Name: "office", Label: r.S.T("casework.filter.office"), Value: chosen}
	v.filters(f)
	all, next, err := referrals.Outbox(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	if next != (referrals.Cursor{}) {
		v.Pages.Next = query(f, chosen, next)
	}
	if v.Rows, err = rows(r, q, all); err != nil {
		return nil, err
	}
	v.Pages.Said = r.S.T("referring.count", "count", len(v.Rows))
	v.Columns = kit.Columns(r.S, "referring.who", "referring.what", "referring.provider", "referring.due", "referring.stand")
	return sentPage(v), nil
}

// filters fills in the controls above the list.
func (v *sentView) filters(f referrals.Filter) {
	v.State = kit.Input{Name: "state", Label: v.S.T("referring.stand"), Value: string(f.State)}
	v.States = []kit.Option{{Value: "", Label: v.S.T("referring.going")}}
	for _, s := range course.States() {
		v.States = append(v.States, kit.Option{Value: string(s), Label: v.S.T("referring.state." + string(s))})
	}
	v.Turn = kit.Input{Name: "turn", Label: v.S.T("referring.turn"), Value: string(f.Turn)}
	v.Turns = []kit.Option{{Value: "", Label: v.S.T("referring.turns.both")}, {Value: "ours", Label: v.S.T("referring.turns.ours")}, {Value: "theirs", Label: v.S.T("referring.turns.theirs")}}
	v.Checks = []kit.Option{{Value: "late", Label: v.S.T("referring.only_late"), Chosen: f.Late}, {Value: "silent", Label: v.S.T("referring.only_silent"), Chosen: f.Silent}}
}

// rows says referrals of several cases: whose, what for, whom was asked, by when. Of one of class 3, only whose and by when.
func rows(r *site.Request, q db.Reader, all []referrals.Referral) (rows []kit.Row, err error) {
	var hers []persons.ID
	var wanted []string
	for _, ref := range all {
		hers, wanted = append(hers, ref.Person), append(wanted, ref.Organisation)
	}
	cards, err := persons.FindCards(r.Context(), q, r.Who, hers)
	if err != nil {
		return nil, err
	}
	known, err := directory.Several(r.Context(), q, wanted)
	if err != nil {
		return nil, err
	}
	calendar, err := calendars.Now(r.Context(), q)
	if err != nil {
		return nil, err
	}
	say := listed.Speaker{S: r.S, Today: dates.Of(r.Now), Calendar: calendar}
	for _, ref := range all {
		who, what, name := r.S.T("case.person_unseen"), r.S.T("referring.private"), ""
		if c, ok := cards[ref.Person]; ok {
			who = people.Name(r.S, c.NameBn, c.NameLatin)
		}
		if o := known[ref.Organisation]; o.Organisation != nil && !ref.Protected {
			name = say.Text(o.Name())
		}
		if need := shared.Need(r.S, ref.Need); need != "" && !ref.Protected {
			what = need
		}
		due := ""
		if day, err := dates.Parse(ref.DueOn); err == nil && ref.DueOn != cases.Never {
			due = dates.Format(r.S, day)
		}
		rows = append(rows, kit.Row{Href: path(ref), Cells: []templ.Component{kit.Text(who), kit.Text(what), kit.Text(name), kit.Text(due), kit.Pills(Tags(r.S, ref, say.Today))}})
	}
	return rows, nil
}
