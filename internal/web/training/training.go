// SPDX-License-Identifier: Apache-2.0

// Package training is the way to the training office and back, and what one finds there to practise with.
package training

import (
	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/practice"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// Routes are the pages of practice.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /practice", Perm: access.Practise, Page: show},
		{Path: "POST /practice/begin", Perm: access.Practise, Act: begin},
		{Path: "POST /practice/end", Perm: access.Practise, Act: end},
		{Path: "POST /practice/stories", Perm: access.Practise, Act: story},
		{Path: "GET /practice/empty", Perm: access.ManagePractice, Page: ask},
		{Path: "POST /practice/empty", Perm: access.ManagePractice, Page: ask, Act: empty},
	}
}

type view struct {
	kit.Frame
	There   bool // the organisation has a training office that is open
	Here    bool // the visitor practises
	Empties bool
	Stories []kit.Option
}

func show(r *site.Request, q db.Reader) (templ.Component, error) {
	v := view{Frame: r.Frame(r.S.T("practice.title")), Here: r.Who.Practises(), Empties: r.Who.Holds(access.ManagePractice)}
	o, err := offices.FindTraining(r.Context(), q, r.Signed.Self, r.Signed.Self.Organisation)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	v.There = err == nil && o.ClosedAt.IsZero()
	for _, s := range practice.Stories() {
		v.Stories = append(v.Stories, kit.Option{Value: s.Code, Label: s.Title(string(r.S.Lang()))})
	}
	return page(v), nil
}

func begin(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("practice_begun")
	return "/practice", accounts.BeginPractice(r.Context(), tx, r.Signed)
}

func end(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("practice_ended")
	return "/", accounts.EndPractice(r.Context(), tx, r.Signed)
}

func story(r *site.Request, tx *db.Tx) (string, error) {
	b, err := practice.Begin(r.Context(), tx, r.Who, r.PostFormValue("story"))
	r.Say("practice_story")
	return "/persons/" + string(b.Person), err
}

func ask(r *site.Request, _ db.Reader) (templ.Component, error) {
	if !r.Who.Practises() {
		return nil, fault.New(fault.NotFound, "practice.only_there")
	}
	return emptyPage(view{Frame: r.Frame(r.S.T("practice.title"))}), nil
}

func empty(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("practice_emptied")
	_, err := practice.Empty(r.Context(), tx, r.Who)
	return "/practice", err
}
