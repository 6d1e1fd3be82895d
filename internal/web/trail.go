// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/web/kit"
)

// linesAtOnce is how many entries of the trail one page holds, and mostLooked
// how many it looks at to find them.
const (
	linesAtOnce = 50
	mostLooked  = 1000
)

func (s *Server) trailRoutes() []route {
	return []route{
		{path: "GET /roles", perm: access.ReadRoles, page: s.matrix},
		{path: "GET /trail", perm: access.ReadTrail, page: s.trail},
	}
}

// right says that a role has a permission, and how far.
type right struct{ Mark, Said string }

// rightsTable is a part of the table of rights: some roles, all permissions.
type rightsTable struct {
	Title   string
	Columns []kit.Column
	Rows    []kit.Row
}

type matrixView struct {
	kit.Frame
	Tables []rightsTable
	Legend []right
}

// deskRoles is how many of the roles work at desks; they come first, and have a table of their own.
const deskRoles = 8

// matrix is the table of rights: what each role may do.
func (s *Server) matrix(r *request, _ db.Reader) (templ.Component, error) {
	full, own := right{"●", r.S.T("access.reach.reach")}, right{"○", r.S.T("access.reach.own")}
	v := matrixView{Frame: r.Frame(r.S.T("web.room.roles")), Legend: []right{full, own}}
	for i, roles := range [][]access.Role{access.Roles()[:deskRoles], access.Roles()[deskRoles:]} {
		t := rightsTable{Title: r.S.T([]string{"web.roles.desks", "web.roles.others"}[i]), Columns: kit.Columns(r.S, "web.roles.permission")}
		for _, role := range roles {
			t.Columns = append(t.Columns, kit.Column{Label: r.S.T("access.role." + string(role))})
		}
		for _, p := range access.Permissions() {
			row := kit.Row{Cells: []templ.Component{kit.Text(r.S.T("access.perm." + string(p)))}}
			for _, role := range roles {
				a := access.Actor{ID: "her"}
				a.Grant(role, access.AtOffice("her"))
				var cell templ.Component
				if a.Covers(p, access.AtOffice("her")) {
					cell = rightMark(full)
				} else if a.Holds(p) {
					cell = rightMark(own)
				}
				row.Cells = append(row.Cells, cell)
			}
			t.Rows = append(t.Rows, row)
		}
		v.Tables = append(v.Tables, t)
	}
	return matrixPage(v), nil
}

type trailView struct {
	kit.Frame
	Act   kit.Input
	Acts  []kit.Option
	Actor string
	Name  string
	Rows  []kit.Row
	Pages kit.Pages
}

// trail lists who did what to which record; what was in the fields is not shown.
func (s *Server) trail(r *request, q db.Reader) (templ.Component, error) {
	f := audit.Filter{Act: access.Permission(r.FormValue("act")), Actor: r.FormValue("actor")}
	if before := r.FormValue("before"); ids.Valid(before) {
		f.Before = before
	}
	lines, more, err := s.lines(r, q, f)
	if err != nil {
		return nil, err
	}
	v := trailView{Frame: r.Frame(r.S.T("web.room.trail")), Actor: f.Actor, Act: kit.Input{Name: "act", Label: r.S.T("web.trail.act"), Value: string(f.Act)}}
	for _, act := range append(access.Permissions(), accounts.Acts()...) {
		v.Acts = append(v.Acts, kit.Option{Value: string(act), Label: r.S.T("access.perm." + string(act))})
	}
	for _, l := range lines {
		if f.Actor != "" {
			v.Name = l.Name
		}
		v.Rows = append(v.Rows, kit.Row{Cells: []templ.Component{kit.Text(dates.Near(r.S, l.At, r.Now)), trailActor(l.Name, r.actorLink(l, f)),
			kit.Text(r.act(l.Act)), trailSubject(r.subject(l.Subject)), kit.Text(strings.Join(l.Fields, ", "))}})
	}
	v.Pages.Said = r.S.T("web.trail.count", "count", len(lines))
	if more {
		v.Pages.Next = "/trail?" + url.Values{"act": {string(f.Act)}, "actor": {f.Actor}, "before": {lines[len(lines)-1].ID}}.Encode()
	}
	return trailPage(v), nil
}

// lines returns the entries of one page that lie where the visitor may read the
// trail, and whether there may be more.
func (s *Server) lines(r *request, q db.Reader, f audit.Filter) (found []audit.Line, more bool, err error) {
	for looked := 0; looked < mostLooked; {
		f.Limit = 2 * linesAtOnce
		some, err := audit.List(r.Context(), q, f)
		if err != nil {
			return nil, false, err
		}
		for _, l := range some {
			if mine, err := r.mayRead(q, l); err != nil {
				return nil, false, err
			} else if !mine {
				continue
			}
			if len(found) == linesAtOnce {
				return found, true, nil
			}
			found = append(found, l)
		}
		looked += len(some)
		if len(some) < f.Limit {
			return found, false, nil
		}
		f.Before = some[len(some)-1].ID
	}
	return found, len(found) > 0, nil
}

// mayRead reports whether the visitor may read an entry: its office is in her reach.
func (r *request) mayRead(q db.Reader, l audit.Line) (bool, error) {
	if r.Who.Grants[access.ReadTrail].Everywhere {
		return true, nil
	}
	if !ids.Valid(l.Office) {
		return false, nil
	}
	scopes, err := offices.Scopes(r.Context(), q, l.Office)
	return err == nil && r.Who.Covers(access.ReadTrail, scopes...), err
}

// act says an act of the trail in words.
func (r *request) act(act access.Permission) string {
	if key := "access.perm." + string(act); r.S.Has(key) {
		return r.S.T(key)
	}
	return string(act)
}

// actorLink leads to everything that an actor did.
func (r *request) actorLink(l audit.Line, f audit.Filter) string {
	if f.Actor == l.Actor {
		return ""
	}
	return "/trail?" + url.Values{"actor": {l.Actor}, "act": {string(f.Act)}}.Encode()
}

// record is what an entry is about, in words, with where it is.
type record struct{ Said, Href string }

func (r *request) subject(subject string) record {
	kind, id, _ := strings.Cut(subject, ":")
	v := record{Said: subject}
	if key := "web.subject." + kind; r.S.Has(key) {
		v.Said = r.S.T(key)
	}
	rooms := map[string]struct {
		path string
		perm access.Permission
	}{"person": {"/persons/", access.ReadPersons}, "user": {"/users/", access.ReadUsers}, "office": {"/offices/", access.ManageOffices}, "organisation": {"/organisations/", access.ManageOffices}}
	if room, ok := rooms[kind]; ok && r.Who.Holds(room.perm) && ids.Valid(id) {
		v.Href = room.path + id
	}
	return v
}
