// SPDX-License-Identifier: Apache-2.0

package centre

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

type deskView struct {
	kit.Frame
	Problems      kit.Problems
	ID, Counter   string
	Title         string
	Ticket        *centres.Ticket // who is called or sits there
	Code          string
	Need, Since   string
	Tags          []kit.Tag
	Acts          []centres.Act
	Waiting       int    // how many wait for this counter
	Turn          string // the number whose turn it is
	Finish        bool   // who sits there is done when the next is called
	MayCall       bool
	Last          []kit.Row // whose visit is over, to put one back
	Stays, Beyond string
}

// desk is the counter as who sits there sees it: one button calls the next.
func desk(r *site.Request, q db.Reader) (templ.Component, error) {
	office := r.PathValue("id")
	c, err := centres.FindCounter(r.Context(), q, r.Who, office, r.PathValue("counter"))
	if err != nil {
		return nil, err
	}
	all, err := centres.Queue(r.Context(), q, r.Who, office)
	if err != nil {
		return nil, err
	}
	v := deskView{Frame: r.Frame(r.S.T("centre.desk")), Problems: r.Problems, ID: office, Counter: c.ID, Title: r.S.T("centre.counter_n", "number", c.Number) + " · " + c.Name(string(r.S.Lang()))}
	for _, t := range all {
		switch {
		case t.State == centres.Waiting && c.Serves(t):
			v.Waiting++
		case t.Counter == c.ID && !t.State.Over():
			v.Ticket = &t
		case t.Counter == c.ID && len(v.Last) < mostLast:
			v.Last = append(v.Last, kit.Row{Href: at(office, "tickets", t.ID), Cells: []templ.Component{kit.Text(r.S.Digits(t.Code())), kit.Text(r.S.T("centre.state." + string(t.State))), kit.Text(dates.Clock(r.S, t.EndedAt))}})
		}
	}
	if t, found := centres.Turn(c, all); found {
		v.Turn = r.S.Digits(t.Code())
	}
	if v.Ticket != nil {
		t := *v.Ticket
		v.Code, v.Need, v.Tags, v.Finish = r.S.Digits(t.Code()), needSaid(r.S, t.Need), tags(r.S, t), t.State == centres.AtDesk
		v.Since = dates.Clock(r.S, t.CalledAt)
		v.Acts = slices.DeleteFunc(t.Possible(), func(a centres.Act) bool { return a == centres.SendOn })
	}
	v.MayCall = c.MayServe && (v.Ticket == nil || v.Finish)
	return deskPage(v), nil
}

// mostLast is how many of those whose visit is over stand on the page of a desk.
const mostLast = 5

// next calls whoever's turn it is.
func next(r *site.Request, tx *db.Tx) (string, error) {
	office, counter := r.PathValue("id"), r.PathValue("counter")
	_, found, err := centres.Next(r.Context(), tx, r.Who, centres.Calling{Office: office, Counter: counter, Finish: r.PostFormValue("finish") == "yes"})
	if err == nil && !found {
		r.Say("centre_nobody")
	}
	return at(office, "counters", counter), err
}

// kindOf is the look of the button of an act: the one that comes next stands out.
func kindOf(a centres.Act) kit.Kind {
	if a == centres.Begin {
		return kit.Primary
	}
	return kit.Quiet
}
