// SPDX-License-Identifier: Apache-2.0

// Package open is the published figures for everybody: pages in both languages, and
// the same as JSON and CSV. Nobody signs in, no cookie is read or set, and nothing
// but issues that were published is ever read. The pages on which tables are
// published are here too, for those who may.
package open

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/release"
	"fera/internal/simulated"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// room is the open pages of one site.
type room struct{ licence release.Licence }

// Routes are the pages and files of published figures, and the pages for publishing them.
func Routes(s *site.Site) (all []site.Route) {
	here := room{release.LicenceOf(s.Licence)}
	get := func(path string, page site.Page) {
		all = append(all, site.Route{Path: "GET " + path, Open: true, Blind: true, Shared: true, Page: page})
	}
	for _, lang := range words.Languages() {
		in := func(page func(*site.Request, db.Reader) (templ.Component, error)) site.Page {
			return func(r *site.Request, q db.Reader) (templ.Component, error) {
				r.S = words.In(lang)
				return page(r, q)
			}
		}
		get(address(lang, ""), in(here.list))
		get(address(lang, "/about"), in(here.about))
		get(address(lang, "/tables/{code}/{year}"), in(here.table))
	}
	get("/open/key", key)
	get("/open/schema.json", schema)
	get("/open/v1/tables", here.index)
	get("/open/v1/tables/{code}/{file}", here.file)
	return append(all, publishing()...)
}

// address is where a page is in a language.
func address(lang words.Lang, rest string) string {
	if lang == words.English {
		return "/open/en" + rest
	}
	return "/open" + rest
}

// place is where the figures are served, and whether anybody who is counted exists.
func (h room) place(r *site.Request, q db.Reader) (release.Place, error) {
	made, err := simulated.Is(r.Context(), q)
	return release.Place{Origin: r.Origin(), Licence: h.licence, Simulated: made}, err
}

// frame is what surrounds an open page: the same address in the other language, and that the figures are of nobody, where they are.
func frame(r *site.Request, at release.Place, title, rest string) (kit.Frame, kit.NavItem) {
	f := kit.Frame{S: r.S, Title: title, Path: address(r.S.Lang(), ""), Found: true}
	if at.Simulated {
		f.Simulated = r.S.T("open.simulated")
	}
	if r.S.Lang() == words.English {
		return f, kit.NavItem{Href: address(words.Bangla, rest), Label: "বাংলা"}
	}
	return f, kit.NavItem{Href: address(words.English, rest), Label: "English"}
}

// listed is one published table of the list.
type listed struct {
	Title, How string
	Years      []kit.NavItem
}

type listView struct {
	kit.Frame
	Other   kit.NavItem
	About   string
	Licence release.Licence
	Tables  []listed
}

func (h room) list(r *site.Request, q db.Reader) (templ.Component, error) {
	at, err := h.place(r, q)
	if err != nil {
		return nil, err
	}
	v := listView{About: address(r.S.Lang(), "/about"), Licence: h.licence}
	v.Frame, v.Other = frame(r, at, r.S.T("open.title"), "")
	all, err := editions(r, q)
	if err != nil {
		return nil, err
	}
	for _, t := range definitions.Catalogue() {
		if len(all[t.Code]) == 0 {
			continue
		}
		_, i, err := indicators.TableOf(r.Context(), q, t.Code)
		if err != nil {
			return nil, err
		}
		one := listed{Title: at.Titled(r.S, i.Name(string(r.S.Lang()))), How: indicators.How(r.S, i)}
		for _, e := range all[t.Code] {
			one.Years = append(one.Years, kit.NavItem{Href: tablePath(r.S.Lang(), e.Code, e.Year), Label: r.S.Digits(strconv.Itoa(e.Year))})
		}
		v.Tables = append(v.Tables, one)
	}
	return listPage(v), nil
}

func tablePath(lang words.Lang, code string, year int) string {
	return address(lang, "/tables/"+code+"/"+strconv.Itoa(year))
}

// editions are what is published, by table.
func editions(r *site.Request, q db.Reader) (map[string][]indicators.Edition, error) {
	all, err := indicators.Published(r.Context(), q)
	by := map[string][]indicators.Edition{}
	for _, e := range all {
		by[e.Code] = append(by[e.Code], e)
	}
	return by, err
}

type aboutView struct {
	kit.Frame
	Other   kit.NavItem
	Back    string
	Licence release.Licence
	Origin  string
}

func (h room) about(r *site.Request, q db.Reader) (templ.Component, error) {
	at, err := h.place(r, q)
	v := aboutView{Back: address(r.S.Lang(), ""), Licence: h.licence, Origin: at.Origin}
	v.Frame, v.Other = frame(r, at, r.S.T("open.about"), "/about")
	return aboutPage(v), err
}

func notFound() error { return fault.New(fault.NotFound, "figure.table_not_found") }

// found reads the issues of a table and chooses one: the latest, or that which the address names.
func found(r *site.Request, q db.Reader, code, year string) (all []indicators.Issue, chosen indicators.Issue, err error) {
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 {
		return nil, chosen, notFound()
	}
	if all, err = indicators.Issues(r.Context(), q, code, y); err != nil || len(all) == 0 {
		return nil, chosen, orElse(err, notFound())
	}
	asked := r.URL.Query().Get("issue")
	if asked == "" {
		return all, all[len(all)-1], nil
	}
	at := slices.IndexFunc(all, func(i indicators.Issue) bool { return strconv.Itoa(i.Issue) == asked })
	if at < 0 {
		return nil, chosen, notFound()
	}
	return all, all[at], nil
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func key(_ *site.Request, q db.Reader) (templ.Component, error) {
	k, err := indicators.VerifierOf(q)
	return site.File{Kind: "text/plain; charset=utf-8", Body: []byte(k + "\n")}, err
}

func schema(*site.Request, db.Reader) (templ.Component, error) {
	return site.File{Kind: "application/schema+json", Body: release.Schema()}, nil
}

// index lists what is published, for programs.
func (h room) index(r *site.Request, q db.Reader) (templ.Component, error) {
	here, err := h.place(r, q)
	if err != nil {
		return nil, err
	}
	origin := here.Origin
	i := release.Index{Schema: origin + "/open/schema.json", Kind: "index", Notice: here.Notice(), Licence: h.licence, Key: origin + "/open/key", Tables: []release.Listed{}}
	by, err := editions(r, q)
	if err != nil {
		return nil, err
	}
	for _, t := range definitions.Catalogue() {
		if len(by[t.Code]) == 0 {
			continue
		}
		n, err := release.NamerOf(r.Context(), q, t.Code)
		if err != nil {
			return nil, err
		}
		one := release.Listed{Code: t.Code, Title: here.Title(n)}
		for _, e := range by[t.Code] {
			at := origin + "/open/v1/tables/" + e.Code + "/" + strconv.Itoa(e.Year)
			one.Years = append(one.Years, release.ListedYear{Year: e.Year, Issue: e.Issue, PublishedAt: e.At, JSON: at + ".json", CSV: at + ".csv", Metadata: at + ".csv-metadata.json",
				Page: origin + tablePath(words.English, e.Code, e.Year)})
		}
		i.Tables = append(i.Tables, one)
	}
	return asJSON("application/json", i)
}

func asJSON(kind string, v any) (templ.Component, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return site.File{Kind: kind, Body: b.Bytes()}, err
}

// file is one issue as JSON or CSV, or the description of the CSV.
func (h room) file(r *site.Request, q db.Reader) (templ.Component, error) {
	year, form, _ := strings.Cut(r.PathValue("file"), ".")
	all, i, err := found(r, q, r.PathValue("code"), year)
	if err != nil {
		return nil, err
	}
	n, err := release.NamerOf(r.Context(), q, i.Code)
	if err != nil {
		return nil, err
	}
	at, err := h.place(r, q)
	if err != nil {
		return nil, err
	}
	switch form {
	case "json":
		return asJSON("application/json", n.Document(i, at, i.Issue == len(all)))
	case "csv-metadata.json":
		return asJSON("application/csvm+json", n.Metadata(i, at))
	case "csv":
		var b bytes.Buffer
		name := i.Code + "-" + year + "-" + strconv.Itoa(i.Issue) + ".csv"
		if at.Simulated {
			name = "simulated-" + name
		}
		err := n.CSV(&b, i)
		return site.Download{File: site.File{Kind: "text/csv; charset=utf-8; header=present", Body: b.Bytes()}, Name: name}, err
	}
	return nil, notFound()
}

// day says the day of a moment.
func day(s *words.Speaker, i indicators.Issue) string { return dates.Format(s, dates.Of(i.At)) }
