// SPDX-License-Identifier: Apache-2.0

package casefile

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/programmes"
	"fera/internal/web/casehead"
	"fera/internal/web/casework"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

func (v *fileView) history(r *site.Request, q db.Reader) error {
	all, err := cases.History(r.Context(), q, r.Who, v.Head.Case.ID, cases.Part{Limit: eventsShown})
	if err != nil {
		return err
	}
	v.Events, err = events(r, q, v.Head.Case, all)
	return err
}

// events are what was done to a case, in words.
func events(r *site.Request, q db.Reader, c cases.Case, all []cases.Event) (shown []kit.Event, err error) {
	s := r.S
	for _, e := range all {
		one := kit.Event{When: dates.Near(s, e.At, r.Now), ISO: e.At.UTC().Format(time.RFC3339), Who: e.By, Title: s.T("casework.did." + string(e.Act)), Text: e.Why}
		switch {
		case e.Act == cases.Assign && e.Detail["from"] != "":
			one.Title = s.T("casework.did_handed", "from", e.Detail["from"], "to", e.Detail["to"])
		case e.Act == cases.Assign:
			one.Title = s.T("casework.did_given", "to", e.Detail["to"])
		case e.Act == cases.Assess && e.Detail["risk"] != "":
			one.Title += ": " + s.T("case.risk."+e.Detail["risk"])
		case e.Act == cases.Close && e.Detail["code"] != "":
			reason, err := programmes.ClosureOf(r.Context(), q, c.Programme, e.Detail["code"])
			if err != nil {
				return nil, err
			}
			one.Title += ": " + pick(s, reason.Bn, reason.En)
		case e.Detail["origin"] != "":
			one.Title += ": " + s.T("casework.origin."+e.Detail["origin"])
		}
		shown = append(shown, one)
	}
	return shown, nil
}

type historyView struct {
	kit.Frame
	Head   casehead.Head
	Events []kit.Event
	Older  string
}

// eventsOnPage is how much of the history one page shows.
const eventsOnPage = 50

func history(r *site.Request, q db.Reader) (templ.Component, error) {
	h, _, err := head(r, q)
	if err != nil {
		return nil, err
	}
	all, err := cases.History(r.Context(), q, r.Who, h.Case.ID, cases.Part{Before: r.URL.Query().Get("before"), Limit: eventsOnPage + 1})
	if err != nil {
		return nil, err
	}
	v := historyView{Frame: r.Frame(r.S.T("casework.history")), Head: h}
	if len(all) > eventsOnPage {
		all = all[:eventsOnPage]
		v.Older = casehead.Path(h.Case.ID, "history") + "?before=" + all[eventsOnPage-1].ID
	}
	v.Events, err = events(r, q, h.Case, all)
	return historyShown(v), err
}

// decisionLine is something that one person may not decide alone, in words.
type decisionLine struct {
	What, Asked, Why string
	State            kit.Tag
	Votes            []kit.Event
	Href             string // where it is looked at, and decided
	Mine             bool   // it waits for the reader
}

func (v *fileView) decisions(r *site.Request, q db.Reader) error {
	all, err := cases.Approvals(r.Context(), q, r.Who, v.Head.Case.ID)
	for _, a := range all {
		v.Decisions = append(v.Decisions, decision(r, v.Head.Case, a))
	}
	return err
}

// decision says what was asked, by whom, and who said what to it.
func decision(r *site.Request, c cases.Case, a cases.Approval) decisionLine {
	s := r.S
	d := decisionLine{What: s.T("casework.asked." + string(a.Kind)), Asked: s.T("casework.asked_by", "name", a.AskedName, "when", dates.Near(s, a.AskedAt, r.Now), "count", a.Needed),
		Why: a.Why, State: kit.Tag{Text: s.T("casework.decision." + string(a.Decision))}, Href: below(c.ID, "decisions", a.ID)}
	if a.Kind == cases.OfMoney {
		d.What += ": " + money(s, a.Amount)
	}
	switch a.Decision {
	case cases.Waiting:
		d.State.Tone = kit.Attention
	case cases.Approved:
		d.State.Tone = kit.Good
	}
	voted := false
	for _, vote := range a.Votes {
		said := map[bool]string{true: "casework.said_yes", false: "casework.said_no"}[vote.Yes]
		d.Votes = append(d.Votes, kit.Event{When: dates.Near(s, vote.At, r.Now), ISO: vote.At.UTC().Format(time.RFC3339), Title: s.T(said, "name", vote.Name), Text: vote.Why})
		voted = voted || vote.User == r.Who.ID
	}
	d.Mine = a.Decision == cases.Waiting && !voted && a.AskedBy != r.Who.ID && c.Worker != r.Who.ID && r.Who.Covers(access.ApproveCase, scopes(c)...)
	return d
}

// scopes are where a case lies.
func scopes(c cases.Case) []access.Scope {
	all := []access.Scope{access.AtOffice(c.Office), access.OfOrganisation(c.Organisation)}
	if c.Worker != "" {
		all = append(all, access.OnCaseload(c.Worker))
	}
	return all
}

// Of is the line of a person's page that leads to her cases, and to opening one
// for who may; nothing for who sees neither.
func Of(r *site.Request, q db.Reader, p persons.Person) (templ.Component, error) {
	v := ofView{S: r.S}
	if r.Who.Holds(access.ReadCases) {
		all, err := cases.Of(r.Context(), q, r.Who, p.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			line := ofLine{Href: casehead.Path(c.ID), Tags: casework.Tags(r.S, c, dates.Of(r.Now)), Due: casework.Due(r.S, c, dates.Of(r.Now)), Title: r.S.T("casework.case_with", "name", c.WorkerName)}
			if c.Worker == "" {
				line.Title = r.S.T("casework.case_nobody")
			}
			v.Lines = append(v.Lines, line)
		}
	}
	offered, err := offered(r, q, p)
	if err != nil {
		return nil, err
	}
	if len(offered) > 0 {
		v.New = "/persons/" + string(p.ID) + "/cases/new"
	}
	if len(v.Lines) == 0 && v.New == "" {
		return nil, nil
	}
	return ofShown(v), nil
}

// offered are the programmes in which the visitor may open a case of a person at
// her own office: those in which she sees no live one already.
func offered(r *site.Request, q db.Reader, p persons.Person) (some []programmes.Programme, err error) {
	if p.CardOnly || !p.ErasedAt.IsZero() || !r.Who.Covers(access.OpenCase, access.AtOffice(r.Who.Office), access.OfOrganisation(r.Who.Organisation), access.OnCaseload(r.Who.ID)) {
		return nil, nil
	}
	if may, err := people.Reaches(r, q, access.OpenCase, p.ID); err != nil || !may {
		return nil, err
	}
	if some, err = programmes.List(r.Context(), q); err != nil {
		return nil, err
	}
	hers, err := cases.Of(r.Context(), q, r.Who, p.ID)
	return slices.DeleteFunc(some, func(one programmes.Programme) bool {
		return slices.ContainsFunc(hers, func(c cases.Case) bool { return c.Programme == one.Code && c.Live() })
	}), err
}
