// SPDX-License-Identifier: Apache-2.0

// Package places says in words where a role holds and where somebody lives, and
// offers places and offices to choose from.
package places

import (
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/offices"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// Offices says in words where a role holds, and offers where one may.
type Offices struct {
	r      *site.Request
	Bodies []offices.Organisation
	List   []offices.Office
}

// New reads which organisations and offices there are.
func New(r *site.Request, q db.Reader) (Offices, error) {
	all := access.System(access.ReadOffices) // which offices there are is no secret
	if r.Who.Practises() {
		all.Office, all.Organisation = r.Who.Office, r.Who.Organisation
	}
	organisations, err := offices.Organisations(r.Context(), q, all)
	if err != nil {
		return Offices{}, err
	}
	list, err := offices.List(r.Context(), q, all, "")
	return Offices{r, organisations, list}, err
}

// Said says a scope in the reader's language.
func (p Offices) Said(scope access.Scope) string {
	lang := p.r.S.Lang()
	kind, id, _ := strings.Cut(scope, ":")
	switch kind {
	case "o":
		for _, o := range p.List {
			if o.ID == id {
				return o.Name(string(lang)) + ", " + p.Organisation(o.Organisation)
			}
		}
	case "g":
		return p.Organisation(id)
	case "a":
		return geo.Full(lang, id)
	case "u":
		return p.r.S.T("web.scope.own")
	case "own", "all":
		return p.r.S.T("web.scope." + kind)
	}
	return "?"
}

// Organisation says the name of an organisation, "?" for one that is not there.
func (p Offices) Organisation(id string) string {
	for _, o := range p.Bodies {
		if o.ID == id {
			return o.Name(string(p.r.S.Lang()))
		}
	}
	return "?"
}

// Open offers the offices at which who has perm, and the one chosen.
func (p Offices) Open(perm access.Permission, chosen string) (options []kit.Option) {
	for _, o := range p.List {
		mine := p.r.Who.Covers(perm, access.AtOffice(o.ID), access.OfOrganisation(o.Organisation))
		if o.ID == chosen || mine && o.ClosedAt.IsZero() {
			options = append(options, kit.Option{Value: o.ID, Label: p.Said(access.AtOffice(o.ID))})
		}
	}
	return options
}

// Organisations offers the organisations of which who has perm.
func (p Offices) Organisations(perm access.Permission) (options []kit.Option) {
	for _, o := range p.Bodies {
		if p.r.Who.Covers(perm, access.OfOrganisation(o.ID)) {
			options = append(options, kit.Option{Value: o.ID, Label: p.Organisation(o.ID)})
		}
	}
	return options
}

// Scopes offers where who may let somebody have perm: her own reach.
func (p Offices) Scopes(perm access.Permission) []kit.Option {
	options := []kit.Option{{Value: "own", Label: p.r.S.T("web.scope.own")}}
	for _, o := range p.Open(perm, "") {
		options = append(options, kit.Option{Value: access.AtOffice(o.Value), Label: o.Label})
	}
	for _, o := range p.Organisations(perm) {
		options = append(options, kit.Option{Value: access.OfOrganisation(o.Value), Label: p.r.S.T("web.scope.organisation", "name", o.Label)})
	}
	if p.r.Who.Grants[perm].Everywhere {
		options = append(options, kit.Option{Value: "all", Label: p.r.S.T("web.scope.all")})
	}
	return options
}

// Lookup is the control for a place.
func Lookup(r *site.Request, name, label, code string) kit.Input {
	in := kit.Input{Name: name, Label: label, Error: r.Problems.On(name), MaxLength: 200}
	if code != "" {
		in.Code, in.Value = code, geo.Full(r.S.Lang(), code)
	}
	if r.Method == "POST" {
		t := kit.ReadTypeahead(r.PostForm, name)
		in.Value, in.Code, in.Was = t.Text, t.Code, t.Text
		if !t.Settled() {
			in.Choices = suggestions(r, t.Text)
		}
	}
	return in
}

// Read reads the control for a place: what was chosen, or the only one that the text can mean.
func Read(r *site.Request, name string) (string, error) {
	t := kit.ReadTypeahead(r.PostForm, name)
	if t.Settled() {
		return t.Code, nil
	}
	if found := geo.Search(t.Text, 2); len(found) == 1 {
		return found[0].Code, nil
	}
	return "", fault.New(fault.Invalid, "office.place_needed").On(name)
}

func suggestions(r *site.Request, text string) (found []kit.Suggestion) {
	for _, p := range geo.Search(text, 8) {
		found = append(found, kit.Suggestion{Code: p.Code, Label: geo.Full(r.S.Lang(), p.Code), Detail: r.S.T("place." + string(p.Kind))})
	}
	return found
}
