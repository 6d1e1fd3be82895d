// SPDX-License-Identifier: Apache-2.0

// Package help is the public page on which somebody finds help near a place, without signing in: in Bangla first, light, without
// scripts, and with nothing kept of who looked for what.
//
// What she looks for is sent in the body of a form and never in an address, so that it stands in no history, no log and no link
// to another site. No cookie is read or set, also not that of somebody who is signed in.
package help

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/calendars"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/geo"
	"fera/internal/names"
	"fera/internal/web/kit"
	"fera/internal/web/listed"
	"fera/internal/web/site"
	"fera/internal/words"
)

// mostShown is how many matches a page shows.
const mostShown = 25

// mostLines is how many numbers that answer everybody a page shows.
const mostLines = 12

// Routes are the pages that are found without signing in.
func Routes(s *site.Site) (all []site.Route) {
	for path, lang := range map[string]words.Lang{"/help": words.Bangla, "/help/en": words.English} {
		all = append(all,
			site.Route{Path: "GET " + path, Open: true, Blind: true, Page: func(r *site.Request, q db.Reader) (templ.Component, error) {
				return page(r, q, lang, asked{})
			}},
			site.Route{Path: "POST " + path, Open: true, Blind: true, Step: func(r *site.Request) (string, error) {
				return "", s.DB.Read(r.Context(), func(q db.Reader) (err error) {
					r.Answer, err = page(r, q, lang, read(r))
					return err
				})
			}})
	}
	return all
}

// asked is what somebody looks for.
type asked struct {
	need, district, upazila string
	women, sent             bool
}

// read takes what the form offers, and nothing else.
func read(r *site.Request) (a asked) {
	a.sent, a.women = true, r.PostFormValue("women") == "yes"
	if n, ok := listing.NeedOf(r.PostFormValue("need")); ok {
		a.need = n.Code
	}
	if p, ok := geo.Find(r.PostFormValue("district")); ok && p.Kind == geo.District {
		a.district = p.Code
	}
	if p, ok := geo.Find(r.PostFormValue("upazila")); ok && p.Parent == a.district && a.district != "" {
		a.upazila = p.Code
	}
	return a
}

// choice is one option of a list, in its group.
type choice struct {
	Label   string
	Options []kit.Option
}

// line is a number that answers everybody.
type line struct{ Name, Number, Dial, About, Hours string }

// card is one match in words.
type card struct {
	Name, By, Where, About, How, Alert, Capacity, Areas, Languages, Source string
	Age                                                                    kit.Tag
	Phones                                                                 []line
	Hours, For, Papers, Costs, Access                                      []string
	Women                                                                  bool
	Website                                                                string
}

// view is what the page shows.
type view struct {
	kit.Frame
	Other     kit.NavItem
	Asked     asked
	Title     string
	Needs     []choice
	Districts []kit.Option
	Upazilas  []kit.Option
	Lines     []line
	Cards     []card
	Today     string
	More      bool
}

func page(r *site.Request, q db.Reader, lang words.Lang, a asked) (templ.Component, error) {
	r.S = words.In(lang)
	c, err := calendars.Now(r.Context(), q)
	if err != nil {
		return nil, err
	}
	l := listed.Speaker{S: r.S, Today: dates.Of(q.Now()), Calendar: c}
	v := view{Frame: kit.Frame{S: r.S, Title: r.S.T("help.title"), Path: "/help", QuickExit: true}, Other: kit.NavItem{Href: "/help/en", Label: "English"}, Asked: a, Title: r.S.T("help.title"),
		Needs: needs(r.S), Districts: places(r.S, districts()), Today: l.Day(l.Today)}
	if lang == words.English {
		v.Path, v.Other = "/help/en", kit.NavItem{Href: "/help", Label: "বাংলা"}
	}
	if v.Lines, err = lines(r, q, l); err != nil || !a.sent {
		return helpPage(v), err
	}
	w := near.Wanted{Need: a.need, Place: cmp.Or(a.upazila, a.district), Women: a.women, Limit: mostShown + 1}
	found, err := directory.Seek(r.Context(), q, w)
	if err != nil {
		return nil, err
	}
	if v.More = len(found) > mostShown; v.More {
		found = found[:mostShown]
	}
	for _, m := range found {
		v.Cards = append(v.Cards, cardOf(l, m))
	}
	if a.district != "" {
		v.Upazilas = places(r.S, geo.Children(a.district))
	}
	v.Title = heading(r.S, a)
	return helpPage(v), nil
}

// heading says what was looked for and where.
func heading(s *words.Speaker, a asked) string {
	what := s.T("help.any")
	if n, ok := listing.NeedOf(a.need); ok {
		what = n.Name(string(s.Lang()))
	}
	if place := cmp.Or(a.upazila, a.district); place != "" {
		what += " · " + geo.Full(s.Lang(), place)
	}
	return what
}

func needs(s *words.Speaker) (all []choice) {
	for _, n := range listing.Needs() {
		if n.Public != nil && !*n.Public {
			continue
		}
		group := s.T("help.group." + n.Group)
		if len(all) == 0 || all[len(all)-1].Label != group {
			all = append(all, choice{Label: group})
		}
		last := &all[len(all)-1]
		last.Options = append(last.Options, kit.Option{Value: n.Code, Label: n.Name(string(s.Lang()))})
	}
	return all
}

func districts() (all []geo.Place) {
	for _, division := range geo.Children("") {
		all = append(all, geo.Children(division.Code)...)
	}
	return all
}

// places offers places in the order of their names in the language.
func places(s *words.Speaker, all []geo.Place) (options []kit.Option) {
	slices.SortFunc(all, func(a, b geo.Place) int {
		return bytes.Compare(names.SortKey(a.Name(s.Lang())), names.SortKey(b.Name(s.Lang())))
	})
	for _, p := range all {
		options = append(options, kit.Option{Value: p.Code, Label: p.Name(s.Lang())})
	}
	return options
}

// lines are the numbers that one may call from anywhere to talk to somebody.
func lines(r *site.Request, q db.Reader, l listed.Speaker) (all []line, err error) {
	found, err := directory.Seek(r.Context(), q, near.Wanted{Need: "talk", Country: true, Limit: mostLines})
	for _, m := range found {
		s := m.Service.Service
		for _, p := range phones(l, s.Phones) {
			p.Name = l.Text(s.Name)
			if h := l.Hours(s.Hours); len(h) > 0 {
				p.Hours = h[0]
			}
			all = append(all, p)
		}
	}
	return all, err
}

func phones(l listed.Speaker, some []listing.Phone) (all []line) {
	for _, p := range some {
		all = append(all, line{Number: l.S.Digits(p.Number), Dial: p.Dial(), About: l.Phone(p)})
	}
	return all
}

func cardOf(l listed.Speaker, m directory.Match) card {
	s := m.Service.Service
	c := card{Name: l.Text(s.Name), By: l.Text(m.Organisation.Name()), Where: l.Where(m), About: l.Text(s.About), How: l.Text(s.How), Alert: l.Text(s.Alert), Capacity: l.Capacity(m.Capacity()), Languages: l.Languages(s.Languages),
		Age: l.Age(m.Service), Source: l.Source(m.Service), Phones: phones(l, m.Phones()), Hours: l.Hours(m.Hours()), For: l.For(s.For), Papers: l.Papers(s.Papers), Costs: l.Costs(s),
		Women: s.Staff == "women" || s.Staff == "both", Website: s.Website}
	if m.Location == nil {
		c.Areas = l.Areas(s.Areas)
	} else {
		for _, a := range m.Location.Location.Access {
			c.Access = append(c.Access, l.Text(a.About))
		}
	}
	return c
}

func lead(v view) string {
	if v.Asked.sent {
		return v.S.T("help.as_of", "date", v.Today)
	}
	return v.S.T("help.lead")
}
