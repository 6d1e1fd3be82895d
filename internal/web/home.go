// SPDX-License-Identifier: Apache-2.0

package web

import (
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/offices"
	"fera/internal/web/kit"
	"fera/internal/words"
)

func (s *Server) homeRoutes() []route {
	return []route{
		{path: "GET /{$}", perm: access.OwnAccount, page: s.home},
		{path: "POST /language", open: true, step: s.chooseLanguage},
	}
}

// room is a part of the program and who may enter it.
type room struct {
	href, key string
	perm      access.Permission
}

// allRooms lists the rooms of the navigation.
func allRooms() []room {
	return []room{
		{"/persons", "web.room.persons", access.ReadPersons},
		{"/alerts", "web.room.alerts", access.HeedAlerts},
		{"/pairs", "web.room.pairs", access.ReviewMatches},
		{"/imports", "web.room.imports", access.ImportPersons},
		{"/glass", "web.room.glass", access.ReviewGlass},
		{"/questionnaires", "web.room.questionnaires", access.ReadInstruments},
		{"/users", "web.room.users", access.ReadUsers},
		{"/offices", "web.room.offices", access.ReadOffices},
		{"/roles", "web.room.roles", access.ReadRoles},
		{"/trail", "web.room.trail", access.ReadTrail},
		{"/providers", "web.room.providers", access.ManageKeys},
	}
}

// rooms are those that the visitor may enter.
func (r *request) rooms() (items []kit.NavItem) {
	for _, room := range allRooms() {
		if r.who.Holds(room.perm) {
			items = append(items, kit.NavItem{Href: room.href, Label: r.s.T(room.key), Current: r.URL.Path == room.href || strings.HasPrefix(r.URL.Path, room.href+"/")})
		}
	}
	return items
}

// menu is what the visitor finds under her own name.
func (r *request) menu() []kit.NavItem {
	return []kit.NavItem{{Href: "/account", Label: r.s.T("web.room.account")}, {Href: "/notices", Label: r.s.T("web.room.notices")}}
}

type homeView struct {
	kit.Frame
	Name   string
	Office string
	Told   []told

	Unfinished []unfinished
}

func (s *Server) home(r *request, q db.Reader) (templ.Component, error) {
	v := homeView{Frame: r.frame(r.s.T("web.home.title")), Name: r.who.Name}
	o, err := offices.Find(r.Context(), q, access.System(access.ReadOffices), r.who.Office)
	if err != nil {
		return nil, err
	}
	v.Office = o.Name(string(r.s.Lang()))
	if v.Unfinished, err = r.unfinished(q); err != nil {
		return nil, err
	}
	notices, err := accounts.Notices(r.Context(), q, r.who, 5)
	for _, n := range notices {
		if !n.Read {
			v.Told = append(v.Told, r.told(n))
		}
	}
	return homePage(v), err
}

// chooseLanguage changes the language of the pages at once: for the user
// wherever she signs in, for a stranger in this browser.
func (s *Server) chooseLanguage(r *request) (string, error) {
	lang, ok := words.ParseLang(r.PostFormValue("lang"))
	if ok {
		r.keep(cookieLanguage, string(lang), deviceAge)
		err := s.DB.Read(r.Context(), func(q db.Reader) error { return r.identify(q, route{open: true}) })
		if err == nil && r.in() {
			err = s.DB.Write(r.Context(), func(tx *db.Tx) error { return accounts.ChooseLanguage(r.Context(), tx, r.who, lang) })
		}
		if err != nil {
			return "", err
		}
	}
	return local(r.PostFormValue("next")), nil
}
