// SPDX-License-Identifier: Apache-2.0

package web

import (
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/offices"
	"fera/internal/web/kit"
)

// places says in words where a role holds, and offers where one may.
type places struct {
	r             *request
	organisations []offices.Organisation
	offices       []offices.Office
}

func newPlaces(r *request, q db.Reader) (places, error) {
	all := access.System(access.ReadOffices) // which offices there are is no secret
	organisations, err := offices.Organisations(r.Context(), q, all)
	if err != nil {
		return places{}, err
	}
	list, err := offices.List(r.Context(), q, all, "")
	return places{r, organisations, list}, err
}

// said says a scope in the reader's language.
func (p places) said(scope access.Scope) string {
	lang := p.r.s.Lang()
	kind, id, _ := strings.Cut(scope, ":")
	switch kind {
	case "o":
		for _, o := range p.offices {
			if o.ID == id {
				return o.Name(string(lang)) + ", " + p.organisation(o.Organisation)
			}
		}
	case "g":
		return p.organisation(id)
	case "a":
		return geo.Full(lang, id)
	case "u":
		return p.r.s.T("web.scope.own")
	case "own", "all":
		return p.r.s.T("web.scope." + kind)
	}
	return "?"
}

func (p places) organisation(id string) string {
	for _, o := range p.organisations {
		if o.ID == id {
			return o.Name(string(p.r.s.Lang()))
		}
	}
	return "?"
}

// openOffices offers the offices at which who has perm, and the one chosen.
func (p places) openOffices(perm access.Permission, chosen string) (options []kit.Option) {
	for _, o := range p.offices {
		mine := p.r.who.Covers(perm, access.AtOffice(o.ID), access.OfOrganisation(o.Organisation))
		if o.ID == chosen || mine && o.ClosedAt.IsZero() {
			options = append(options, kit.Option{Value: o.ID, Label: p.said(access.AtOffice(o.ID))})
		}
	}
	return options
}

// organisationOptions offers the organisations of which who has perm.
func (p places) organisationOptions(perm access.Permission) (options []kit.Option) {
	for _, o := range p.organisations {
		if p.r.who.Covers(perm, access.OfOrganisation(o.ID)) {
			options = append(options, kit.Option{Value: o.ID, Label: p.organisation(o.ID)})
		}
	}
	return options
}

// scopes offers where who may let somebody have perm: her own reach.
func (p places) scopes(perm access.Permission) []kit.Option {
	options := []kit.Option{{Value: "own", Label: p.r.s.T("web.scope.own")}}
	for _, o := range p.openOffices(perm, "") {
		options = append(options, kit.Option{Value: access.AtOffice(o.Value), Label: o.Label})
	}
	for _, o := range p.organisationOptions(perm) {
		options = append(options, kit.Option{Value: access.OfOrganisation(o.Value), Label: p.r.s.T("web.scope.organisation", "name", o.Label)})
	}
	if p.r.who.Grants[perm].Everywhere {
		options = append(options, kit.Option{Value: "all", Label: p.r.s.T("web.scope.all")})
	}
	return options
}
