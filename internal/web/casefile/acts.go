// SPDX-License-Identifier: Apache-2.0

package casefile

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/web/casehead"
	"fera/internal/web/casework"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// openView is the page on which a case is opened for a person.
type openView struct {
	kit.Frame
	Problems   kit.Problems
	Name       string
	Person     persons.ID
	Operation  string // so that a form sent twice opens one case
	Programme  kit.Input
	Programmes []kit.Option
	Origin     kit.Input
	Origins    []kit.Option
	Why        kit.Input
}

func openPage(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	p, err := persons.Find(r.Context(), q, r.Who, persons.ID(id))
	if err != nil {
		return nil, err
	}
	some, err := offered(r, q, p)
	if err != nil {
		return nil, err
	}
	if len(some) == 0 && r.Method != "POST" {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	v := openView{Frame: r.Frame(r.S.T("casework.open")), Problems: r.Problems, Name: people.Name(r.S, p.NameBn, p.NameLatin), Person: p.ID, Operation: r.Typed("operation", ids.New(r.Now)),
		Programme: r.Input("programme", r.S.T("casework.fact.programme"), ""), Origin: r.Input("origin", r.S.T("casework.fact.origin"), "registration"), Why: area(r, "why", "casework.open_why", "casework.open_why_hint")}
	v.Why.Optional = true
	for _, one := range some {
		v.Programmes = append(v.Programmes, kit.Option{Value: one.Code, Label: programmeName(r.S, one)})
	}
	if len(some) == 1 && v.Programme.Value == "" {
		v.Programme.Value = some[0].Code
	}
	for _, o := range cases.Origins() {
		v.Origins = append(v.Origins, kit.Option{Value: o, Label: r.S.T("casework.origin." + o)})
	}
	return openShown(v), nil
}

func open(r *site.Request, tx *db.Tx) (string, error) {
	person, err := r.ID("id")
	if err != nil {
		return "", err
	}
	if !ids.Valid(r.PostFormValue("operation")) {
		return "", fault.New(fault.Invalid, "fault.stale_form")
	}
	id, err := cases.Open(r.Context(), tx, r.Who, cases.Opening{Operation: r.PostFormValue("operation"), Person: persons.ID(person),
		Programme: r.PostFormValue("programme"), Origin: r.PostFormValue("origin"), Why: r.PostFormValue("why")})
	return back(r, id, "case_opened"), err
}

// on does a plain act on the case of the address.
func on(r *site.Request, said string, act func(cases.ID) error) (string, error) {
	id, err := caseID(r)
	if err == nil {
		err = act(id)
	}
	return back(r, id, said), err
}

func take(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_taken", func(id cases.ID) error { return cases.TakeUp(r.Context(), tx, r.Who, id, version(r)) })
}

func resume(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_resumed", func(id cases.ID) error { return cases.GoOn(r.Context(), tx, r.Who, id, version(r)) })
}

func beginAfterCare(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_aftercare", func(id cases.ID) error { return cases.LookAfter(r.Context(), tx, r.Who, id, version(r)) })
}

func endAfterCare(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_aftercare_ended", func(id cases.ID) error { return cases.LeaveAlone(r.Context(), tx, r.Who, id, version(r)) })
}

func assignPage(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := begin(r, q, cases.Assign)
	if err != nil {
		return nil, err
	}
	c := v.Head.Case
	where, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	able, err := accounts.WhoHolds(r.Context(), q, access.WorkCase, access.AtOffice(c.Office), access.OfOrganisation(c.Organisation))
	if err != nil {
		return nil, err
	}
	colleagues, err := casework.Colleagues(r, q, able)
	var options []kit.Option
	for _, one := range colleagues {
		if one.ID != c.Worker {
			options = append(options, kit.Option{Value: one.ID, Label: one.Name + ", " + where.Said(access.AtOffice(one.Office))})
		}
	}
	to, why := r.Input("to", r.S.T("casework.assign_to"), ""), area(r, "why", "common.reason", "casework.hand_over_why_hint")
	why.Optional = true
	v.Action, v.Lead = v.path("assign"), r.S.T("casework.assign_lead")
	v.Parts = []templ.Component{kit.Select(r.S, to, options), kit.Area(r.S, why)}
	return sheetShown(v), err
}

// path is an address below that of the case.
func (v sheet) path(parts ...string) string { return casehead.Path(v.Head.Case.ID, parts...) }

func assign(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_assigned", func(id cases.ID) error {
		return cases.HandOver(r.Context(), tx, r.Who, cases.HandingOver{Cases: []cases.ID{id}, Version: version(r), To: r.PostFormValue("to"), Why: r.PostFormValue("why")})
	})
}

func memberPage(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := begin(r, q, cases.AddMember)
	if err != nil {
		return nil, err
	}
	have, err := cases.Members(r.Context(), q, r.Who, v.Head.Case.ID)
	var options []kit.Option
	for _, one := range v.Head.Person.Relations {
		if !slices.ContainsFunc(have, func(m cases.Member) bool { return m.Relation.ID == one.ID }) {
			options = append(options, kit.Option{Value: one.ID, Label: one.Name, Hint: r.S.T("person.kinship." + one.Relation)})
		}
	}
	v.Action, v.Lead = v.path("members"), r.S.T("casework.member_lead")
	if len(options) == 0 {
		v.Parts = []templ.Component{kit.Empty(r.S.T("casework.member_none"), r.S.T("casework.member_none_text")),
			kit.LinkButton(kit.Quiet, r.S.T("person.family_add"), "/persons/"+string(v.Head.Person.ID)+"/family/new")}
		v.Button = ""
		return sheetShown(v), err
	}
	v.Parts = []templ.Component{kit.Choice(r.S, r.Input("relation", r.S.T("casework.member_which"), ""), options)}
	return sheetShown(v), err
}

func include(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_member", func(id cases.ID) error {
		_, err := cases.Include(r.Context(), tx, r.Who, id, r.PostFormValue("relation"))
		return err
	})
}

func taskPage(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := begin(r, q, cases.AddTask)
	if err != nil {
		return nil, err
	}
	able, err := accounts.WhoHolds(r.Context(), q, access.NoteCase, scopes(v.Head.Case)...)
	if err != nil {
		return nil, err
	}
	colleagues, err := casework.Colleagues(r, q, able)
	options := []kit.Option{{Value: r.Who.ID, Label: r.S.T("casework.me")}}
	for _, one := range colleagues {
		if one.ID != r.Who.ID {
			options = append(options, kit.Option{Value: one.ID, Label: one.Name})
		}
	}
	what := area(r, "what", "casework.task_what", "casework.task_hint")
	what.MaxLength, what.Rows = 500, 2
	v.Action, v.Lead = v.path("tasks"), r.S.T("casework.task_lead")
	v.Parts = []templ.Component{kit.Area(r.S, what), kit.DateField(r.S, r.Input("due_on", r.S.T("casework.task_due"), "")), kit.Select(r.S, r.Input("user", r.S.T("casework.task_whose"), r.Who.ID), options)}
	return sheetShown(v), err
}

func addTask(r *site.Request, tx *db.Tx) (string, error) {
	day, err := day(r, "due_on")
	if err != nil {
		return "", err
	}
	return on(r, "case_task", func(id cases.ID) error {
		_, err := cases.Remember(r.Context(), tx, r.Who, cases.Task{Case: id, User: r.PostFormValue("user"), DueOn: day, What: r.PostFormValue("what")})
		return err
	})
}

// day reads a day that was typed.
func day(r *site.Request, field string) (dates.Partial, error) {
	d, err := dates.Parse(r.PostFormValue(field))
	if f := fault.Of(err); f != nil {
		return d, f.On(field)
	}
	return d, err
}

// ticked says that something was done, or takes that back.
func ticked(r *site.Request, tx *db.Tx, said string, act func(context.Context, *db.Tx, access.Actor, string) error) (string, error) {
	task, err := r.ID("task")
	if err != nil {
		return "", err
	}
	to, err := on(r, said, func(cases.ID) error { return act(r.Context(), tx, r.Who, task) })
	return to + "#tasks", err
}

func tick(r *site.Request, tx *db.Tx) (string, error) {
	return ticked(r, tx, "case_task_done", cases.Tick)
}

func untick(r *site.Request, tx *db.Tx) (string, error) {
	return ticked(r, tx, "case_task_again", cases.Untick)
}
