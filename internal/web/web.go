// SPDX-License-Identifier: Apache-2.0

// Package web is the pages that staff use in a browser.
//
// How a page is answered is web/site, what recurs on pages is drawn by web/kit,
// and every text comes from words. A room of its own is a package beside site;
// those that share much with the register are here side by side.
package web

import (
	"net/http"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/web/appointing"
	"fera/internal/web/casefile"
	"fera/internal/web/casework"
	"fera/internal/web/catalogue"
	"fera/internal/web/centre"
	"fera/internal/web/dashboards"
	"fera/internal/web/directories"
	"fera/internal/web/exporting"
	"fera/internal/web/flows"
	"fera/internal/web/funding"
	"fera/internal/web/giving"
	"fera/internal/web/guide"
	"fera/internal/web/handing"
	"fera/internal/web/handout"
	"fera/internal/web/help"
	"fera/internal/web/hooking"
	"fera/internal/web/inbox"
	"fera/internal/web/messaging"
	"fera/internal/web/open"
	"fera/internal/web/outreach"
	"fera/internal/web/papers"
	"fera/internal/web/phone"
	"fera/internal/web/planning"
	"fera/internal/web/referring"
	"fera/internal/web/reporting"
	"fera/internal/web/settings"
	"fera/internal/web/sheltering"
	"fera/internal/web/site"
	"fera/internal/web/timelines"
	"fera/internal/web/training"
)

// Options are what the pages are made with.
type Options = site.Options

// request is one visit to a room of this package.
type request struct{ *site.Request }

// page, act and step are those of site, for a visit to a room of this package.
type (
	page func(r *request, q db.Reader) (templ.Component, error)
	act  func(r *request, tx *db.Tx) (next string, err error)
	step func(r *request) (next string, err error)
)

// route is a route of site whose answers are of this package.
type route struct {
	path   string
	perm   access.Permission
	page   page
	act    act
	step   step
	open   bool
	upload int64
}

// Server serves the rooms of this package.
type Server struct{ *site.Site }

// New returns the pages, to be served at the root of a site.
func New(o Options) http.Handler {
	s := site.New(o, rooms())
	s.Add(routes(s))
	return s.Handler()
}

// others are the rooms that are packages of their own.
func others() []func(*site.Site) []site.Route {
	return []func(*site.Site) []site.Route{
		casework.Routes,
		casefile.Routes,
		settings.Routes,
		timelines.Routes,
		handout.Routes,
		sheltering.Routes,
		planning.Routes,
		giving.Routes,
		referring.Routes,
		papers.Routes,
		catalogue.Routes,
		phone.Routes,
		messaging.Routes,
		hooking.Routes,
		handing.Routes,
		guide.Routes,
		training.Routes,
		help.Routes,
		directories.Routes,
		inbox.Routes,
		centre.Routes,
		appointing.Routes,
		outreach.Routes,
		funding.Routes,
		reporting.Routes,
		flows.Routes,
		dashboards.Routes,
		open.Routes,
		exporting.Routes,
	}
}

// routes is the whole table.
func routes(s *site.Site) (all []site.Route) {
	here := &Server{s}
	for _, some := range [][]route{here.homeRoutes(), here.draftRoutes(), here.signInRoutes(), here.accountRoutes(), here.userRoutes(), here.officeRoutes(), here.trailRoutes(),
		here.personRoutes(), here.importRoutes(), here.linkRoutes(), here.assessmentRoutes(), here.questionnaireRoutes()} {
		for _, rt := range some {
			all = append(all, rt.public())
		}
	}
	for _, room := range others() {
		all = append(all, room(s)...)
	}
	return all
}

// public is the route as site knows it.
func (rt route) public() site.Route {
	p := site.Route{Path: rt.path, Perm: rt.perm, Open: rt.open, Upload: rt.upload}
	if rt.page != nil {
		p.Page = func(r *site.Request, q db.Reader) (templ.Component, error) { return rt.page(&request{r}, q) }
	}
	if rt.act != nil {
		p.Act = func(r *site.Request, tx *db.Tx) (string, error) { return rt.act(&request{r}, tx) }
	}
	if rt.step != nil {
		p.Step = func(r *site.Request) (string, error) { return rt.step(&request{r}) }
	}
	return p
}
