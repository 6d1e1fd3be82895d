// SPDX-License-Identifier: Apache-2.0

package handing

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/handovers"
	"fera/internal/ids"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// arrivalsView is what was offered to the organisation of who looks.
type arrivalsView struct {
	kit.Frame
	Strip   kit.Strip
	Rows    []kit.Row
	Columns []kit.Column
	Pages   kit.Pages
}

func arrivals(r *site.Request, q db.Reader) (templ.Component, error) {
	f := handovers.Filter{}
	if st := handovers.State(r.URL.Query().Get("state")); slices.Contains(handovers.States(), st) {
		f.State = st
	}
	if day, id, ok := strings.Cut(r.URL.Query().Get("after"), "~"); ok && ids.Valid(id) {
		if _, err := dates.Parse(day); err == nil || day == cases.Never {
			f.After = handovers.Cursor{DueOn: day, ID: handovers.ID(id)}
		}
	}
	page, err := handovers.Inbox(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	names, err := named(r, q)
	if err != nil {
		return nil, err
	}
	s := r.S
	v := arrivalsView{Frame: r.Frame(s.T("handing.arrivals")), Columns: kit.Columns(s, "handing.from", "handing.home", "handing.due", "handing.stands")}
	v.Strip = kit.Strip{Label: s.T("handing.stands"), Tabs: []kit.NavItem{{Href: "/takeovers", Label: s.T("handing.waiting"), Current: f.State == ""}}}
	for _, st := range []handovers.State{handovers.Taken, handovers.Done} {
		v.Strip.Tabs = append(v.Strip.Tabs, kit.NavItem{Href: "/takeovers?state=" + string(st), Label: s.T("handing.state." + string(st)), Current: f.State == st})
	}
	v.Strip.Tabs = append(v.Strip.Tabs, kit.NavItem{Href: "/handing", Label: s.T("handing.many_ours")})
	for _, a := range page.Arrivals {
		home := ""
		if a.District != "" {
			home = geo.Name(s.Lang(), a.District)
		}
		v.Rows = append(v.Rows, kit.Row{Href: "/takeovers/" + string(a.ID), Cells: []templ.Component{kit.Text(names.said(s, a.From)), kit.Text(home), kit.Text(due(s, a.DueOn)),
			kit.Pills(state(s, a.State, a.Late(dates.Of(r.Now))))}})
	}
	if page.Next.ID != "" {
		v.Pages.Next = "/takeovers?" + url.Values{"state": {string(f.State)}, "after": {page.Next.DueOn + "~" + string(page.Next.ID)}}.Encode()
	}
	return arrivalsPage(v), nil
}

// coverView is a hand-over before it is opened: that it came, and nothing else.
type coverView struct {
	kit.Frame
	Problems kit.Problems
	At       string
	From     string
	Tags     []kit.Tag
	Due      string
}

// cover shows that something came. To open it is an act, for then it is received, and the look is in the trail.
func cover(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	a, err := handovers.Came(r.Context(), q, r.Who, handovers.ID(id))
	if err != nil {
		return nil, err
	}
	names, err := named(r, q)
	return coverPage(coverView{Frame: r.Frame(r.S.T("handing.arrival")), Problems: r.Problems, At: "/takeovers/" + id, From: names.said(r.S, a.From), Tags: state(r.S, a.State, a.Late(dates.Of(r.Now))),
		Due: due(r.S, a.DueOn)}), err
}

// takenView is a hand-over that was opened.
type takenView struct {
	kit.Frame
	At      string
	From    string
	Tags    []kit.Tag
	First   []kit.Fact
	Case    string
	Acts    []handovers.Act
	Reasons []kit.Option
	Reason  kit.Input
	Words   kit.Input
	Meet    meets
	Events  []kit.Event
	Version int
}

func (v takenView) can(a handovers.Act) bool { return slices.Contains(v.Acts, a) }

// show answers with a hand-over that was opened.
func show(r *site.Request, tx *db.Tx, id handovers.ID) error {
	a, err := handovers.LookAt(r.Context(), tx, r.Who, id)
	if err != nil {
		return err
	}
	names, err := named(r, tx)
	if err != nil {
		return err
	}
	s := r.S
	v := takenView{Frame: r.Frame(s.T("handing.arrival")), At: "/takeovers/" + string(id), From: names.said(s, a.From), Tags: state(s, a.State, a.Late(dates.Of(r.Now))), Acts: a.Acts, Events: events(r, a.Events),
		Version: a.Version, Meet: meetFields(r)}
	v.QuickExit = true
	v.First = append(people.Facts(fact(s, "from", v.From), fact(s, "offered_by", a.By), fact(s, "why", a.Why), fact(s, "due", due(s, a.DueOn)), fact(s, "taker", a.TakerName),
		fact(s, "meeting", meeting(s, a.MeetsAt, a.Where))), request(s, a.Request, a.District)...)
	if len(a.Parts) > 0 {
		v.First = append(v.First, kit.Fact{Label: s.T("handing.parts"), Value: people.Said(s, "handing.part", plain(a.Parts))})
	}
	if a.Files > 0 {
		v.First = append(v.First, fact(s, "files", s.T("handing.papers", "count", a.Files)))
	}
	if a.Case != "" {
		v.Case = casehead.Path(a.Case)
	}
	v.Reason, v.Reasons = kit.Input{Name: "reason", Label: s.T("handing.decline_reason")}, options(s, "handing.decline.", handovers.Reasons())
	v.Words = kit.Input{Name: "why", Label: s.T("handing.decline_words"), Optional: true, MaxLength: 400}
	r.Answer = takenPage(v)
	return nil
}

func takerActs(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	at, a := "/takeovers/"+id, handovers.Acting{ID: handovers.ID(id), Version: r.Version(0), Where: r.PostFormValue("where")}
	switch act := handovers.Act(r.PathValue("act")); act {
	case handovers.Open:
		return "", show(r, tx, a.ID)
	case handovers.Take:
		of, err := handovers.Accept(r.Context(), tx, r.Who, handovers.Taking{ID: a.ID, Version: a.Version, Language: r.S.Lang()})
		r.Say("handover_take")
		return casehead.Path(of), err
	case handovers.Decline:
		if a.Why, err = declined(r); err != nil {
			return "", err
		}
		r.Say("handover_decline")
		return at, handovers.Refuse(r.Context(), tx, r.Who, a)
	case handovers.Meet:
		if a.At, err = moment(r); err != nil {
			return "", err
		}
		r.Say("handover_meet")
		return at, handovers.Arrange(r.Context(), tx, r.Who, a)
	}
	return "", fault.New(fault.NotFound, "fault.not_found")
}

// declined is the reason that was chosen, in words, and what was written beside it.
func declined(r *site.Request) (string, error) {
	code, more := r.PostFormValue("reason"), strings.TrimSpace(r.PostFormValue("why"))
	if !slices.Contains(handovers.Reasons(), code) {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("reason")
	}
	said := r.S.T("handing.decline." + code)
	if more != "" {
		said += ": " + more
	}
	return said, nil
}
