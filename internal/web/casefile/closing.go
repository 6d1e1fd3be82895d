// SPDX-License-Identifier: Apache-2.0

package casefile

import (
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/programmes"
	"fera/internal/services"
	"fera/internal/web/casehead"
	"fera/internal/web/giving"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

func pausePage(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := begin(r, q, cases.Pause)
	if err != nil {
		return nil, err
	}
	v.Action, v.Lead = v.path("pause"), r.S.T("casework.pause_lead")
	v.Parts = []templ.Component{kit.Area(r.S, area(r, "why", "common.reason", "casework.pause_hint"))}
	return sheetShown(v), nil
}

func pause(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_paused", func(id cases.ID) error {
		return cases.Stop(r.Context(), tx, r.Who, cases.Stopping{Case: id, Version: version(r), Why: r.PostFormValue("why")})
	})
}

func reopenPage(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := begin(r, q, cases.Reopen)
	if err != nil {
		return nil, err
	}
	v.Action, v.Lead = v.path("reopen"), r.S.T("casework.reopen_lead")
	v.Parts = []templ.Component{kit.Area(r.S, area(r, "why", "common.reason", ""))}
	return sheetShown(v), nil
}

func reopen(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_reopened", func(id cases.ID) error {
		return cases.TakeUpAgain(r.Context(), tx, r.Who, cases.Reopening{Case: id, Version: version(r), Why: r.PostFormValue("why")})
	})
}

// reasonsView is the choice of the reason for which a case is closed.
type reasonsView struct {
	kit.Frame
	Head   casehead.Head
	Groups []reasonGroup
}

type reasonGroup struct {
	Title string
	Links []kit.NavItem
}

// closePage asks for the reason first, and then for the duties that go with it.
func closePage(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := begin(r, q, cases.Close)
	if err != nil {
		return nil, err
	}
	p, err := programmes.Find(r.Context(), q, v.Head.Case.Programme)
	if err != nil {
		return nil, err
	}
	reasons := p.Reasons()
	at := slices.IndexFunc(reasons, func(c programmes.Closure) bool { return c.Code == r.FormValue("code") })
	if at < 0 {
		return reasonsShown(chooseReason(r, v, reasons)), nil
	}
	reason := reasons[at]
	v.Action, v.Lead = v.path("close"), pick(r.S, reason.Bn, reason.En)
	duties := kit.Input{Name: "duties", Label: r.S.T("casework.duties"), Hint: r.S.T("casework.duties_hint"), Error: r.Problems.On("duties")}
	var options []kit.Option
	for _, key := range reason.Duties {
		d := p.Duty(key)
		options = append(options, kit.Option{Value: key, Label: pick(r.S, d.Bn, d.En), Chosen: r.Ticked("duties", key, false)})
	}
	v.Parts = []templ.Component{kit.Hidden("code", reason.Code), kit.Checks(r.S, duties, options), kit.Area(r.S, area(r, "why", "casework.close_why", "casework.close_why_hint"))}
	if reason.Approval || p.ApproveClosure {
		v.Parts = append(v.Parts, kit.NoticeBar(kit.Notice{Tone: kit.Attention, Text: r.S.T("casework.close_asks")}))
		v.Button = r.S.T("casework.close_ask")
	}
	v.Back = v.path("close")
	return sheetShown(v), nil
}

func chooseReason(r *site.Request, v sheet, reasons []programmes.Closure) reasonsView {
	c := reasonsView{Frame: v.Frame, Head: v.Head}
	for _, group := range programmes.Groups() {
		g := reasonGroup{Title: r.S.T("programme.group." + group)}
		for _, one := range reasons {
			if one.Group == group {
				g.Links = append(g.Links, kit.NavItem{Href: v.path("close") + "?code=" + url.QueryEscape(one.Code), Label: pick(r.S, one.Bn, one.En)})
			}
		}
		if len(g.Links) > 0 {
			c.Groups = append(c.Groups, g)
		}
	}
	return c
}

func shut(r *site.Request, tx *db.Tx) (string, error) {
	said := "case_closed"
	id, err := caseID(r)
	if err != nil {
		return "", err
	}
	closed, err := cases.Shut(r.Context(), tx, r.Who, cases.Closing{Case: id, Version: version(r), Code: r.PostFormValue("code"), Duties: r.PostForm["duties"], Why: r.PostFormValue("why")})
	if !closed {
		said = "case_closing_asked"
	}
	return back(r, id, said), err
}

// decisionView is what was asked, and what the reader may say to it.
type decisionView struct {
	kit.Frame
	Head     casehead.Head
	Problems kit.Problems
	Line     decisionLine
	Facts    []kit.Fact
	Why      kit.Input
}

// approval finds what is to be decided, as the reader sees it.
func approval(r *site.Request, q db.Reader) (casehead.Head, cases.Approval, error) {
	h, _, err := head(r, q)
	if err != nil {
		return h, cases.Approval{}, err
	}
	id, err := r.ID("approval")
	if err != nil {
		return h, cases.Approval{}, err
	}
	a, err := cases.FindApproval(r.Context(), q, r.Who, h.Case.ID, id)
	return h, a, err
}

func decisionPage(r *site.Request, q db.Reader) (templ.Component, error) {
	h, a, err := approval(r, q)
	if err != nil {
		return nil, err
	}
	v := decisionView{Frame: r.Frame(r.S.T("casework.decision")), Head: h, Problems: r.Problems, Line: decision(r, h.Case, a), Why: area(r, "why", "casework.decide_why", "casework.decide_why_hint")}
	v.Why.Optional = true
	if closing := a.Closing(); closing.Code != "" {
		p, err := programmes.Find(r.Context(), q, h.Case.Programme)
		if err != nil {
			return nil, err
		}
		reason, err := programmes.ClosureOf(r.Context(), q, h.Case.Programme, closing.Code)
		if err != nil {
			return nil, err
		}
		v.Facts = append(v.Facts, kit.Fact{Label: r.S.T("programme.reason"), Value: pick(r.S, reason.Bn, reason.En)})
		for _, key := range closing.Duties {
			d := p.Duty(key)
			v.Facts = append(v.Facts, kit.Fact{Label: r.S.T("casework.duty_done"), Value: pick(r.S, d.Bn, d.En)})
		}
	}
	more, err := asked(r, q, a)
	v.Facts = append(v.Facts, more...)
	return decisionShown(v), err
}

// asked says what money others are asked to allow, and what of the same was paid or asked for before; nothing when it is not about money.
func asked(r *site.Request, q db.Reader, a cases.Approval) (facts []kit.Fact, err error) {
	want, before, err := services.Behind(r.Context(), q, r.Who, a)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kind, err := services.FindKind(r.Context(), q, want.Code, want.On)
	if err != nil {
		return nil, err
	}
	where, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	facts = []kit.Fact{{Label: r.S.T("casework.money_for"), Value: kind.Name(string(r.S.Lang()))}, {Label: r.S.T("casework.money_amount"), Value: giving.Amount(r.S, want.Amount)}}
	if want.Remark != "" {
		facts = append(facts, kit.Fact{Label: r.S.T("casework.money_remark"), Value: want.Remark})
	}
	for _, p := range before {
		facts = append(facts, kit.Fact{Label: r.S.T("casework.money_before"), Value: giving.Before(r.S, where, p)})
	}
	if len(before) == 0 {
		facts = append(facts, kit.Fact{Label: r.S.T("casework.money_before"), Value: r.S.T("casework.money_none")})
	}
	return facts, nil
}

func decide(r *site.Request, tx *db.Tx) (string, error) {
	h, a, err := approval(r, tx)
	if err != nil {
		return "", err
	}
	said := r.PostFormValue("yes")
	if said != "yes" && said != "no" {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("why")
	}
	_, err = cases.Say(r.Context(), tx, r.Who, cases.Deciding{Approval: a.ID, Yes: said == "yes", Why: r.PostFormValue("why")})
	return back(r, h.Case.ID, "case_decided") + "#decisions", err
}
