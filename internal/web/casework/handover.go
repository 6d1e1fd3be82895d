// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// mostHandedOver is how many cases are offered at once: as many as change hands in one act.
const mostHandedOver = 200

type handOverView struct {
	kit.Frame
	Problems  kit.Problems
	Office    kit.Input // in which the cases are
	Offices   []kit.Option
	Worker    kit.Input // who has them
	Workers   []kit.Option
	Which     kit.Input
	Cases     []kit.Option
	More      bool   // there are more than fit into one act
	Other     string // the same page, with none ticked or all
	OtherSaid string
	To        kit.Input
	Receivers []kit.Option
	Move      kit.Input // to which office they go
	Moves     []kit.Option
	Why       kit.Input
}

// handOverPage offers the cases of somebody who is away or leaves, all of them ticked.
func handOverPage(r *site.Request, q db.Reader) (templ.Component, error) {
	s := r.S
	office, from := r.FormValue("office"), r.FormValue("worker")
	where, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	open := where.Open(access.AssignCase, "")
	if !slices.ContainsFunc(open, func(o kit.Option) bool { return o.Value == office }) {
		if office = r.Who.Office; !slices.ContainsFunc(open, func(o kit.Option) bool { return o.Value == office }) && len(open) > 0 {
			office = open[0].Value
		}
	}
	v := handOverView{Frame: r.Frame(s.T("casework.hand_over")), Problems: r.Problems, Offices: open, Moves: open,
		Office: kit.Input{Name: "office", Label: s.T("casework.filter.office"), Value: office}, Worker: kit.Input{Name: "worker", Label: s.T("casework.hand_over_from"), Value: from},
		Which: kit.Input{Name: "cases", Label: s.T("casework.hand_over_which"), Error: r.Problems.On("cases")}, To: r.Input("to", s.T("casework.hand_over_to"), ""),
		Move: r.Input("move", s.T("casework.hand_over_move"), office), Why: r.Input("why", s.T("common.reason"), "")}
	v.Which.Hint, v.Why.Optional, v.Why.Hint = s.T("casework.hand_over_which_hint", "max", mostHandedOver), true, s.T("casework.hand_over_why_hint")
	if v.Workers, err = Workers(r, q, office); err != nil {
		return nil, err
	}
	v.Workers = append(v.Workers, kit.Option{Value: cases.Nobody, Label: s.T("casework.nobody")})
	if v.Receivers, err = receivers(r, q, where, open); err != nil {
		return nil, err
	}
	if from == "me" {
		v.Worker.Value, from = r.Who.ID, r.Who.ID
	}
	if from != cases.Nobody && !ids.Valid(from) {
		v.Worker.Value = ""
		return handOverShown(v), nil
	}
	found, err := cases.List(r.Context(), q, r.Who, cases.Filter{Office: office, Worker: from, Limit: mostHandedOver})
	if err != nil {
		return nil, err
	}
	none := r.FormValue("none") == "yes"
	v.More, v.Other, v.OtherSaid = found.Next != (cases.Cursor{}), "/cases/hand-over"+asked{Worker: from, Office: office}.query(), s.T("casework.hand_over_all")
	if !none {
		v.Other, v.OtherSaid = v.Other+"&none=yes", s.T("casework.hand_over_no")
	}
	cards, err := names(r, q, found.Cases)
	today := dates.Of(r.Now)
	for _, c := range found.Cases {
		o := kit.Option{Value: string(c.ID), Label: nameOf(s, cards, c.Person), Hint: s.T("case.status." + string(c.Status)), Chosen: r.Ticked("cases", string(c.ID), !none)}
		if due := Due(s, c, today); due != "" {
			o.Hint += " · " + due
		}
		v.Cases = append(v.Cases, o)
	}
	return handOverShown(v), err
}

// receivers are those who may work on cases of one of the offices, each with her office.
func receivers(r *site.Request, q db.Reader, where places.Offices, open []kit.Option) (options []kit.Option, err error) {
	var scopes []access.Scope
	for _, o := range open {
		scopes = append(scopes, access.AtOffice(o.Value))
		for _, known := range where.List {
			if known.ID == o.Value {
				scopes = append(scopes, access.OfOrganisation(known.Organisation))
			}
		}
	}
	able, err := accounts.WhoHolds(r.Context(), q, access.WorkCase, scopes...)
	if err != nil {
		return nil, err
	}
	all, err := Colleagues(r, q, able)
	for _, c := range all {
		options = append(options, kit.Option{Value: c.ID, Label: c.Name + ", " + where.Said(access.AtOffice(c.Office))})
	}
	return options, err
}

func handOver(r *site.Request, tx *db.Tx) (string, error) {
	h := cases.HandingOver{To: r.PostFormValue("to"), Office: r.PostFormValue("move"), Why: r.PostFormValue("why")}
	for _, id := range r.PostForm["cases"] {
		h.Cases = append(h.Cases, cases.ID(id))
	}
	r.Say("cases_handed_over")
	return "/cases" + ask(map[string][]string{"worker": {h.To}}).query(), cases.HandOver(r.Context(), tx, r.Who, h)
}
