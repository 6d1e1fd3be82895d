// SPDX-License-Identifier: Apache-2.0

// Package directories is the room in which the directory of services is read and kept: who offers what where, how old that is,
// whom one speaks to, what was agreed, how it was before; and the exchange with other directories.
package directories

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/calendars"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/web/kit"
	"fera/internal/web/listed"
	"fera/internal/web/site"
)

// Routes are the pages of the room.
func Routes(s *site.Site) []site.Route {
	read, keep, manage := access.ReadDirectory, access.ConfirmDirectory, access.ManageDirectory
	return []site.Route{
		{Path: "GET /directory", Perm: read, Page: list},
		{Path: "GET /directory/new", Perm: keep, Page: newForm},
		{Path: "POST /directory/new", Perm: keep, Act: add, Page: newForm},
		{Path: "GET /directory/exchange", Perm: manage, Page: exchange},
		{Path: "POST /directory/exchange", Perm: manage, Step: takeIn(s), Page: exchange, Upload: 64 << 20},
		{Path: "GET /directory/export.zip", Perm: manage, Page: export("zip")},
		{Path: "GET /directory/export.json", Perm: manage, Page: export("json")},
		{Path: "POST /directory/seed", Perm: manage, Act: seed},
		{Path: "GET /directory/due", Perm: keep, Page: due},
		{Path: "POST /directory/due", Perm: keep, Act: confirmDue, Page: due},
		{Path: "POST /directory/due/undo", Perm: keep, Act: takeBack},
		{Path: "GET /directory/due/print", Perm: keep, Page: printDue},
		{Path: "GET /directory/{id}", Perm: read, Page: show},
		{Path: "GET /directory/{id}/change", Perm: keep, Page: changeForm},
		{Path: "POST /directory/{id}/change", Perm: keep, Act: change, Page: changeForm},
		{Path: "GET /directory/{id}/confirm", Perm: keep, Page: confirmForm},
		{Path: "POST /directory/{id}/confirm", Perm: keep, Act: confirm, Page: confirmForm},
		{Path: "GET /directory/{id}/room", Perm: keep, Page: roomForm},
		{Path: "POST /directory/{id}/room", Perm: keep, Act: count, Page: roomForm},
		{Path: "GET /directory/{id}/withdraw", Perm: keep, Page: withdrawForm},
		{Path: "POST /directory/{id}/withdraw", Perm: keep, Act: withdraw, Page: withdrawForm},
		{Path: "GET /directory/{id}/history", Perm: read, Page: history},
		{Path: "POST /directory/{id}/restore", Perm: keep, Act: restore},
		{Path: "GET /directory/{id}/people", Perm: keep, Page: peopleForm},
		{Path: "POST /directory/{id}/people", Perm: keep, Act: appoint, Page: peopleForm},
		{Path: "POST /directory/{id}/people/{row}/end", Perm: keep, Act: dismiss},
		{Path: "GET /directory/{id}/agreements", Perm: manage, Page: agreementForm},
		{Path: "POST /directory/{id}/agreements", Perm: manage, Act: agree, Page: agreementForm},
		{Path: "POST /directory/{id}/agreements/{row}/end", Perm: manage, Act: endAgreement},
	}
}

// speaker says entries in the reader's language.
func speaker(r *site.Request, q db.Reader) (listed.Speaker, error) {
	c, err := calendars.Now(r.Context(), q)
	return listed.Speaker{S: r.S, Today: dates.Of(q.Now()), Calendar: c}, err
}

// perPage is how many entries a page of the list holds.
const perPage = 40

type listView struct {
	kit.Frame
	Search    kit.Input
	Kind      kit.Input
	Kinds     []kit.Option
	Need      kit.Input
	Needs     []kit.Option
	Place     kit.Input
	Districts []kit.Option
	Fresh     kit.Input
	Ages      []kit.Option
	Said      string
	Columns   []kit.Column
	Rows      []kit.Row
	Pages     kit.Pages
	Asked     bool
	MayAdd    bool
	MayManage bool
}

// list finds entries by words, kind, need, place and age.
func list(r *site.Request, q db.Reader) (templ.Component, error) {
	l, err := speaker(r, q)
	if err != nil {
		return nil, err
	}
	v := listView{Frame: r.Frame(r.S.T("web.room.directory")), MayAdd: r.Who.Holds(access.ManageDirectory) || r.Who.Holds(access.ConfirmDirectory), MayManage: r.Who.Holds(access.ManageDirectory)}
	f := v.filters(r)
	f.After, f.Limit = r.URL.Query().Get("after"), perPage+1
	if !ids.Valid(f.After) {
		f.After = ""
	}
	found, total, err := directory.Page(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	if len(found) > perPage {
		found = found[:perPage]
		v.Pages.Next = next(r.URL.Query(), found[perPage-1].ID)
	}
	owners := make([]string, len(found))
	for i, e := range found {
		owners[i] = e.Owner
	}
	bodies, err := directory.Several(r.Context(), q, owners)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		v.Rows = append(v.Rows, v.row(l, e, bodies[e.Owner]))
	}
	if v.Said = r.S.T("directory.count", "count", total); total > directory.Many {
		v.Said = r.S.T("directory.count_more", "count", directory.Many)
	}
	v.Columns = kit.Columns(r.S, "directory.column.name", "directory.column.by", "directory.column.what", "directory.column.age")
	return listPage(v), nil
}

func next(asked url.Values, after string) string {
	asked.Set("after", after)
	return "/directory?" + asked.Encode()
}

// filters reads what was asked and draws it again.
func (v *listView) filters(r *site.Request) (f directory.Filter) {
	asked := r.URL.Query()
	input := func(name, label string) kit.Input {
		return kit.Input{Name: name, Label: r.S.T(label), Value: asked.Get(name), MaxLength: 200}
	}
	v.Search, v.Kind, v.Need, v.Place, v.Fresh = input("q", "directory.search"), input("kind", "directory.column.kind"), input("need", "directory.column.needs"), input("place", "directory.search_place"), input("fresh", "directory.column.age")
	for _, k := range listing.Kinds() {
		v.Kinds = append(v.Kinds, kit.Option{Value: string(k), Label: r.S.T("directory.kinds." + string(k))})
	}
	for _, n := range listing.Needs() {
		v.Needs = append(v.Needs, kit.Option{Value: n.Code, Label: n.Name(string(r.S.Lang()))})
	}
	v.Districts = districts(r)
	for _, a := range []string{"due", string(directory.Unconfirmed), string(directory.Stale)} {
		v.Ages = append(v.Ages, kit.Option{Value: a, Label: r.S.T("directory.aged." + a)})
	}
	f.Words = asked.Get("q")
	if f.Kind = listing.Kind(pick(v.Kinds, v.Kind.Value)); f.Kind == "" {
		f.Kind = listing.OfService
		v.Kind.Value = string(f.Kind)
	}
	f.Need, f.Place, f.Fresh = pick(v.Needs, v.Need.Value), pick(v.Districts, v.Place.Value), pick(v.Ages, v.Fresh.Value)
	if f.Kind != listing.OfService {
		f.Need, f.Place = "", ""
	}
	if id := asked.Get("of"); ids.Valid(id) {
		f.Organisation = id
	}
	if asked.Get("withdrawn") == "yes" {
		f.State = listing.Withdrawn
	}
	v.Asked = f.Words+f.Need+f.Place+f.Fresh != ""
	return f
}

// pick is a value if it is one of those offered.
func pick(options []kit.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return value
		}
	}
	return ""
}

// districts offers them, each under its division.
func districts(r *site.Request) (options []kit.Option) {
	for _, division := range geo.Children("") {
		for _, d := range geo.Children(division.Code) {
			options = append(options, kit.Option{Value: d.Code, Label: d.Name(r.S.Lang()) + ", " + division.Name(r.S.Lang())})
		}
	}
	return options
}

func (v *listView) row(l listed.Speaker, e, owner directory.Entry) kit.Row {
	what := ""
	switch {
	case e.Service != nil:
		what = l.Needs(e.Service.Needs)
	case e.Location != nil:
		what = geo.Full(l.S.Lang(), e.Location.Place)
	case e.Organisation.Sector != "":
		what = l.S.T("office.sector." + e.Organisation.Sector)
	}
	by := ""
	if e.Organisation == nil {
		by = l.Text(owner.Name())
	}
	return kit.Row{Href: "/directory/" + e.ID, Cells: []templ.Component{kit.Text(l.Text(e.Name())), kit.Text(by), kit.Text(what), kit.Pill(l.Age(e))}}
}

// entry finds the entry that an address names.
func entry(r *site.Request, q db.Reader) (directory.Entry, error) {
	id, err := r.ID("id")
	if err != nil {
		return directory.Entry{}, err
	}
	return directory.Find(r.Context(), q, r.Who, id)
}

// back is where an act on an entry leads.
func back(r *site.Request) string { return "/directory/" + strings.ToLower(r.PathValue("id")) }
