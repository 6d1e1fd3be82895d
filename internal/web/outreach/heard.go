// SPDX-License-Identifier: Apache-2.0

package outreach

import (
	"cmp"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// heardLine is an activity at which somebody heard of help, or may have.
type heardLine struct {
	ID, Title, Said string
}

type heardView struct {
	kit.Frame
	Person persons.ID
	Name   string
	At     []heardLine
	Near   []heardLine
	May    bool
}

// heard says where a person heard of help, and offers the activities of her upazila.
func heard(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	p, err := persons.Find(r.Context(), q, r.Who, persons.ID(id))
	if err != nil {
		return nil, err
	}
	v := heardView{Frame: r.Frame(r.S.T("activity.heard")), Person: p.ID, Name: people.Name(r.S, p.NameBn, p.NameLatin)}
	if v.May, err = people.Reaches(r, q, access.ChangePerson, p.ID); err != nil {
		return nil, err
	}
	names, err := kindNames(r, q)
	if err != nil {
		return nil, err
	}
	line := func(a activities.Act) heardLine {
		return heardLine{string(a.ID), cmp.Or(names[a.Kind], a.Kind), days(r.S, a.Content) + " · " + where(r.S, a.Content)}
	}
	at, err := activities.HeardOf(r.Context(), q, r.Who, p.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range at {
		v.At = append(v.At, line(a.Act))
	}
	near, err := activities.Near(r.Context(), q, r.Who, p.ID)
	for _, a := range near {
		if !slices.ContainsFunc(v.At, func(l heardLine) bool { return l.ID == string(a.ID) }) {
			v.Near = append(v.Near, line(a))
		}
	}
	return heardPage(v), err
}

// hear enters, or takes back, where she heard of it.
func hear(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	at := r.PostForm.Get("activity")
	if !ids.Valid(at) {
		at = ""
	}
	to := "/persons/" + id + "/heard"
	if r.PostForm.Get("do") == "undo" {
		r.Say("activity_unheard")
		return to, activities.Unhear(r.Context(), tx, r.Who, persons.ID(id), activities.ID(at))
	}
	r.Say("activity_heard")
	return to, activities.Hear(r.Context(), tx, r.Who, persons.ID(id), activities.ID(at))
}
