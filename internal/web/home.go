// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fera/internal/web/site"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/offices"
	"fera/internal/web/casework"
	"fera/internal/web/kit"
	"fera/internal/words"
)

func (s *Server) homeRoutes() []route {
	return []route{
		{path: "GET /{$}", perm: access.OwnAccount, page: s.home},
		{path: "POST /language", open: true, step: s.chooseLanguage},
	}
}

// rooms lists the rooms of the navigation.
func rooms() []site.Room {
	return []site.Room{
		{Href: "/day", Key: "web.room.day", Perm: access.ReadCases},
		{Href: "/persons", Key: "web.room.persons", Perm: access.ReadPersons},
		{Href: "/cases", Key: "web.room.cases", Perm: access.ReadCases},
		{Href: "/referrals", Key: "web.room.referrals", Perm: access.SendReferral},
		{Href: "/board", Key: "web.room.board", Perm: access.AssignCase},
		{Href: "/inbox", Key: "web.room.inbox", Perm: access.AnswerReferral},
		{Href: "/calls", Key: "web.room.calls", Perm: access.ReadCalls},
		{Href: "/takeovers", Key: "web.room.takeovers", Perm: access.WorkCase},
		{Href: "/messages", Key: "web.room.messages", Perm: access.ManageMessages},
		{Href: "/appointments", Key: "web.room.appointments", Perm: access.ReadAppointments},
		{Href: "/centre", Key: "web.room.centre", Perm: access.ServeQueue},
		{Href: "/shelters", Key: "web.room.shelters", Perm: access.ManageShelter},
		{Href: "/activities", Key: "web.room.activities", Perm: access.ReadActivities},
		{Href: "/projects", Key: "web.room.projects", Perm: access.ReadProjects},
		{Href: "/figures", Key: "web.room.figures", Perm: access.ReadFigures},
		{Href: "/reports", Key: "web.room.reports", Perm: access.ReadReports},
		{Href: "/alerts", Key: "web.room.alerts", Perm: access.HeedAlerts},
		{Href: "/pairs", Key: "web.room.pairs", Perm: access.ReviewMatches},
		{Href: "/imports", Key: "web.room.imports", Perm: access.ImportPersons},
		{Href: "/glass", Key: "web.room.glass", Perm: access.ReviewGlass},
		{Href: "/questionnaires", Key: "web.room.questionnaires", Perm: access.ReadInstruments},
		{Href: "/programmes", Key: "web.room.programmes", Perm: access.ManageCases},
		{Href: "/calendar", Key: "web.room.calendar", Perm: access.ManageCalendar},
		{Href: "/services", Key: "web.room.services", Perm: access.ManageServices},
		{Href: "/activity-kinds", Key: "web.room.activity_kinds", Perm: access.SetActivityKinds},
		{Href: "/guidance", Key: "web.room.guidance", Perm: access.OpenCase},
		{Href: "/directory", Key: "web.room.directory", Perm: access.ReadDirectory},
		{Href: "/referrals/flow", Key: "web.room.flow", Perm: access.ReadFlows},
		{Href: "/exports", Key: "web.room.exports", Perm: access.MakeExport},
		{Href: "/exports", Key: "web.room.exports", Perm: access.ApproveExport},
		{Href: "/figures/publish", Key: "web.room.publish", Perm: access.PublishFigures, Whole: true},
		{Href: "/users", Key: "web.room.users", Perm: access.ReadUsers},
		{Href: "/offices", Key: "web.room.offices", Perm: access.ReadOffices},
		{Href: "/roles", Key: "web.room.roles", Perm: access.ReadRoles},
		{Href: "/trail", Key: "web.room.trail", Perm: access.ReadTrail},
		{Href: "/hooks", Key: "web.room.hooks", Perm: access.ManageHooks},
		{Href: "/providers", Key: "web.room.providers", Perm: access.ManageKeys},
	}
}

type homeView struct {
	kit.Frame
	Name   string
	Office string
	Day    templ.Component // nil for who has no cases to see
	Told   []told

	Unfinished []unfinished
}

func (s *Server) home(r *request, q db.Reader) (templ.Component, error) {
	v := homeView{Frame: r.Frame(r.S.T("web.home.title")), Name: r.Who.Name}
	o, err := offices.Find(r.Context(), q, access.System(access.ReadOffices), r.Who.Office)
	if err != nil {
		return nil, err
	}
	v.Office = o.Name(string(r.S.Lang()))
	if v.Unfinished, err = r.unfinished(q); err != nil {
		return nil, err
	}
	if v.Day, err = casework.Glance(r.Request, q); err != nil {
		return nil, err
	}
	notices, err := accounts.Notices(r.Context(), q, r.Who, 5)
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
		r.Keep(site.CookieLanguage, string(lang), site.DeviceAge)
		err := s.DB.Read(r.Context(), func(q db.Reader) error { return r.Identify(q, site.Route{Open: true}) })
		if err == nil && r.In() {
			err = s.DB.Write(r.Context(), func(tx *db.Tx) error { return accounts.ChooseLanguage(r.Context(), tx, r.Signed.Self, lang) })
		}
		if err != nil {
			return "", err
		}
	}
	return site.Local(r.PostFormValue("next")), nil
}
