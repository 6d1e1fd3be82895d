// SPDX-License-Identifier: Apache-2.0

package exporting

import (
	"cmp"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/exports"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/programmes"
	"fera/internal/services"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// control is one part of the filter, to be filled in: a control, with what it offers, or a value that came with the address.
type control struct {
	Input   kit.Input
	Options []kit.Option
	Kind    string // place, day, select or fixed
	Said    string
}

type formView struct {
	kit.Frame
	Problems  kit.Problems
	Operation string
	Set       columns.Set
	Sets      []kit.NavItem
	Parts     []control
	Columns   kit.Input
	Plain     []kit.Option // columns of class 1
	Named     []kit.Option // columns of class 2
	Format    kit.Input
	Formats   []kit.Option
	Tags      kit.Input
	Purpose   kit.Input
	Recipient kit.Input
}

// form asks what is to be taken away. The filter may come with the address, from a list.
func form(r *site.Request, q db.Reader) (templ.Component, error) {
	s := r.S
	v := formView{Frame: r.Frame(s.T("export.new")), Problems: r.Problems, Operation: r.Typed("operation", ids.New(r.Now))}
	code := cmp.Or(r.PostFormValue("set"), r.URL.Query().Get("set"))
	for _, one := range sets(r.Who) {
		if one.Code == code {
			v.Set = one
		}
		v.Sets = append(v.Sets, kit.NavItem{Href: "/exports/new?set=" + one.Code, Label: s.T("export.set." + one.Code), Current: one.Code == code})
	}
	if v.Set.Code == "" {
		return choosePage(v), nil
	}
	var err error
	if v.Parts, err = parts(r, q, v.Set); err != nil {
		return nil, err
	}
	v.Columns = r.Input("columns", s.T("export.columns"), "")
	for _, c := range v.Set.Columns {
		o := kit.Option{Value: c.Code, Label: c.Name(string(s.Lang())), Chosen: r.Ticked("columns", c.Code, c.Class == 1)}
		if c.Class >= 2 {
			v.Named = append(v.Named, o)
		} else {
			v.Plain = append(v.Plain, o)
		}
	}
	v.Format = r.Input("format", s.T("export.format"), string(formats.XLSX))
	for _, f := range formats.All() {
		v.Formats = append(v.Formats, kit.Option{Value: string(f), Label: s.T("export.format." + string(f)), Hint: s.T("export.format_hint." + string(f))})
	}
	v.Tags = r.Input("hxl", s.T("export.hxl"), "")
	v.Tags.Hint = s.T("export.hxl_hint")
	v.Purpose, v.Recipient = r.Input("purpose", s.T("export.purpose"), ""), r.Input("recipient", s.T("export.recipient"), "")
	v.Purpose.Hint, v.Recipient.Hint = s.T("export.purpose_hint"), s.T("export.recipient_hint")
	v.Purpose.MaxLength, v.Recipient.MaxLength = 300, 300
	return formPage(v), nil
}

// parts are the controls for what of a list is wanted.
func parts(r *site.Request, q db.Reader, set columns.Set) (all []control, err error) {
	known, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	for _, name := range columns.PartNames() {
		if !set.Knows(name) {
			continue
		}
		label, now := r.S.T("export.part."+name), r.URL.Query().Get(name)
		c := control{Input: r.Input(name, label, now), Kind: "select"}
		switch name {
		case "place":
			c.Kind, c.Input = "place", places.Lookup(r, name, label, now)
			c.Input.Optional = true
		case "from", "until":
			c.Kind, c.Input.Optional, c.Input.Width = "day", true, kit.Medium
		case "office":
			c.Options = known.Open(set.Need, now)
		default:
			if c.Options, err = options(r, q, set, name); err != nil {
				return nil, err
			}
		}
		if c.Kind == "select" && len(c.Options) == 0 {
			if c.Input.Value == "" {
				continue
			}
			c.Kind, c.Said = "fixed", partSaid(r.S, known, name, c.Input.Value)
		}
		if c.Kind == "select" {
			c.Options = append([]kit.Option{{Label: r.S.T("export.any")}}, c.Options...)
		}
		all = append(all, c)
	}
	return all, nil
}

// options are what a part of the filter offers.
func options(r *site.Request, q db.Reader, set columns.Set, part string) (all []kit.Option, err error) {
	lang := string(r.S.Lang())
	switch {
	case part == "status" && set.Code == "cases":
		for _, s := range cases.Statuses() {
			all = append(all, kit.Option{Value: string(s), Label: r.S.T("case.status." + string(s))})
		}
	case part == "risk":
		for _, risk := range []cases.Risk{cases.Medium, cases.High, cases.Critical} {
			all = append(all, kit.Option{Value: string(risk), Label: r.S.T("export.risk." + string(risk))})
		}
	case part == "programme":
		list, err := programmes.List(r.Context(), q)
		for _, p := range list {
			all = append(all, kit.Option{Value: p.Code, Label: map[string]string{"bn": p.NameBn, "en": p.NameEn}[lang]})
		}
		return all, err
	case part == "kind" && set.Code == "services":
		list, err := services.Kinds(r.Context(), q, dates.Of(r.Now))
		for _, k := range list {
			if k.Class < 3 {
				all = append(all, kit.Option{Value: k.Code, Label: k.Name(lang)})
			}
		}
		return all, err
	case part == "kind" && set.Code == "activities":
		list, err := activities.Kinds(r.Context(), q, dates.Of(r.Now))
		for _, k := range list {
			all = append(all, kit.Option{Value: k.Code, Label: k.Name(lang)})
		}
		return all, err
	case part == "kind" && set.Code == "directory":
		for _, k := range []string{"organisation", "service", "location"} {
			all = append(all, kit.Option{Value: k, Label: r.S.T("export.entry." + k)})
		}
	}
	return all, nil
}

// partSaid says a value of a part of a filter.
func partSaid(s *words.Speaker, known places.Offices, part, value string) string {
	switch part {
	case "place":
		return cmp.Or(geo.Full(s.Lang(), value), value)
	case "office":
		return known.Said(access.AtOffice(value))
	case "from", "until":
		if d, err := dates.Parse(value); err == nil {
			return dates.Format(s, d)
		}
	case "status":
		if s.Has("case.status." + value) {
			return s.T("case.status." + value)
		}
	case "risk":
		if s.Has("export.risk." + value) {
			return s.T("export.risk." + value)
		}
	case "worker", "project":
		return s.T("export.chosen_in_list")
	}
	return value
}

// ask sends the order.
func ask(r *site.Request, tx *db.Tx) (string, error) {
	o := exports.Order{Set: r.PostFormValue("set"), Format: formats.Format(r.PostFormValue("format")), Tags: r.PostFormValue("hxl") == "yes", Lang: string(r.S.Lang())}
	o.Columns = slices.Clone(r.PostForm["columns"])
	for part, to := range o.Filter.Parts() {
		if *to = r.PostFormValue(part); part != "place" {
			continue
		}
		place, err := places.Read(r, part)
		if err != nil {
			return "", err
		}
		*to = place
	}
	e, err := exports.Ask(r.Context(), tx, r.Who, exports.Asking{Operation: r.PostFormValue("operation"), Order: o, Purpose: r.PostFormValue("purpose"), Recipient: r.PostFormValue("recipient")})
	if err != nil {
		return "", err
	}
	if e.State == exports.Asked {
		r.Say("export_asked")
	}
	return path(e.ID, ""), nil
}
