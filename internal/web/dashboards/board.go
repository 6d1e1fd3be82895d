// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"fera/internal/dashboards"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/facts"
	"fera/internal/phrases"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// panel is a figure of a board.
type panel struct {
	drawn
	Title  string
	Href   string
	Great  cell   // the one number of a card
	Detail string // of what it is a share or a mean
	Before string // what it was a year before, in words
	None   string // nothing was counted
}

// silence is what a board does not show for one reason.
type silence struct {
	Why     string
	Of      []string // the titles
	Instead []kit.NavItem
}

type boardView struct {
	kit.Frame
	Lead    string
	Boards  kit.Strip
	Filters filters
	Wrong   string // what the address asks for that cannot be
	Numbers []panel
	Panels  []panel
	Silent  []silence
	Notes   []string // what holds for several panels, and up to when is counted
	Anew    string   // everything is being counted anew
}

func board(r *site.Request, q db.Reader) (templ.Component, error) {
	d, ok := dashboards.Find(r.PathValue("code"))
	if !ok {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	a, wrong := read(r)
	path := "/figures/board/" + d.Code
	a.By, a.Since = nil, a.Since.Truncate(0)
	say, err := phrases.New(r.Context(), q, r.S)
	if err != nil {
		return nil, err
	}
	v := boardView{Frame: r.Frame(d.Name(string(r.S.Lang()))), Boards: strip(r, a, d.Code)}
	v.Lead = r.S.T("board.lead", "lead", d.Lead(string(r.S.Lang())), "period", say.Period(a.From, a.To))
	if v.Filters, err = filtersOf(r, q, say, a, path); err != nil {
		return nil, err
	}
	if wrong == nil {
		wrong = v.answer(r, q, say, d, a)
	}
	if f := fault.Of(wrong); f != nil && f.Kind == fault.Invalid {
		v.Wrong, wrong = r.S.Fault(f), nil
	}
	return boardPage(v), wrong
}

// strip leads to the other dashboards, of the same months and place.
func strip(r *site.Request, a asked, current string) kit.Strip {
	s := kit.Strip{Label: r.S.T("board.boards")}
	for _, d := range dashboards.List() {
		s.Tabs = append(s.Tabs, kit.NavItem{Href: a.at("/figures/board/" + d.Code), Label: d.Name(string(r.S.Lang())), Current: d.Code == current})
	}
	return s
}

// answer asks for the panels and draws them.
func (v *boardView) answer(r *site.Request, q db.Reader, say *phrases.Phrases, d dashboards.Dashboard, a asked) error {
	all, err := dashboards.Answer(r.Context(), q, r.Who, d, dashboards.View{From: a.From, To: a.To, Place: a.Place, Filter: a.Filter})
	if err != nil {
		return err
	}
	var asOf time.Time
	for _, one := range all {
		if one.Refused != nil {
			v.refuse(r, say, one, a.instead(r, one.Refused.Key, "/figures/board/"+d.Code))
			continue
		}
		if p := panelOf(r, say, one, a); one.Draw == dashboards.Number {
			v.Numbers = append(v.Numbers, p)
		} else {
			v.Panels = append(v.Panels, p)
		}
		asOf = one.Table.AsOf
		for _, n := range one.Table.Notes {
			switch {
			case n.Key == "figure.note.counting":
				v.Anew = say.Note(n)
			case shared(n) && !slices.Contains(v.Notes, say.Note(n)):
				v.Notes = append(v.Notes, say.Note(n))
			}
		}
	}
	if !asOf.IsZero() {
		v.Notes = append(v.Notes, r.S.T("figure.as_of", "at", dates.FormatTime(r.S, asOf)))
	}
	return nil
}

// shared tells of a note that it is said once for a whole board.
func shared(n indicators.Note) bool {
	return n.Key == "figure.note.floor" || n.Key == "figure.note.counting"
}

// refuse puts what is not shown beside what is not for the same reason.
func (v *boardView) refuse(r *site.Request, say *phrases.Phrases, one dashboards.Answered, instead []kit.NavItem) {
	title := one.Indicator
	if i := one.Table.Indicator; i.Code != "" {
		title = i.Name(string(r.S.Lang()))
		if by := say.By(plain(one.By)); by != "" {
			title = r.S.T("board.title", "name", title, "by", by)
		}
	}
	why := r.S.Fault(one.Refused)
	at := slices.IndexFunc(v.Silent, func(s silence) bool { return s.Why == why })
	if at < 0 {
		at, v.Silent = len(v.Silent), append(v.Silent, silence{Why: why, Instead: instead})
	}
	if !slices.Contains(v.Silent[at].Of, title) {
		v.Silent[at].Of = append(v.Silent[at].Of, title)
	}
}

// instead is the same board, asked so that what was refused may be shown.
func (a asked) instead(r *site.Request, key, path string) []kit.NavItem {
	wide := a.clone()
	wide.Place = ""
	switch key {
	case "figure.whole_years":
		year := facts.Month(a.To.Year() * 100)
		wide = wide.months(year+1, year+12)
		wide.Filter = map[string]string{}
		return []kit.NavItem{{Href: wide.at(path), Label: r.S.T("board.instead_year", "year", r.S.Digits(monthText(year)[:4]))}}
	case "figure.not_for_place":
		return []kit.NavItem{{Href: wide.at(path), Label: r.S.T("board.instead_country")}}
	}
	return nil
}

// panelOf draws a panel.
func panelOf(r *site.Request, say *phrases.Phrases, one dashboards.Answered, a asked) panel {
	one.Table.Notes = slices.DeleteFunc(slices.Clone(one.Table.Notes), shared)
	x := tell(r, say, one.Table, a)
	p := panel{Title: x.title(), Href: x.asked.at(x.path())}
	if one.Draw == dashboards.Number {
		p.Great, p.Detail = x.great()
		if one.Before != nil {
			p.Before = r.S.T("board.before", "period", say.Period(one.Before.Question.From, one.Before.Question.To), "n", say.Number(one.Table.Indicator, one.Before.Whole))
		}
		return p
	}
	p.drawn = x.draw(one.Draw)
	if nothing(one.Table) {
		p.None, p.drawn = r.S.T("board.nothing"), drawn{}
	}
	return p
}

// great is the one number of a card: of a share and a mean the value alone, and under it of what it is one.
func (x told) great() (c cell, detail string) {
	c = x.cell(nil, x.t.Whole)
	if detail = x.say.Of(x.t.Indicator, x.t.Whole); detail != "" {
		c.Text = x.say.Value(x.t.Indicator, phrases.Worth(x.t.Indicator, x.t.Whole))
	}
	return c, detail
}

// plain are the dimensions of a panel that was not answered, by the names of figures.
func plain(by []string) (all []string) {
	for _, d := range by {
		switch d {
		case dashboards.ByTime:
			d = "month"
		case dashboards.ByPlace:
			d = "district"
		}
		all = append(all, d)
	}
	return all
}

// nothing tells of a figure that there is none of it.
func nothing(t indicators.Table) bool {
	return len(t.Cells) == 0 && t.Whole.N == 0 && t.Whole.Of == 0 && !t.Whole.Hidden
}
