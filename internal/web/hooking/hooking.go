// SPDX-License-Identifier: Apache-2.0

// Package hooking is the pages of endpoints: which other systems are told what happened, and how that fares.
package hooking

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/hooks"
	"fera/internal/offices"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// room is the pages with what may be an endpoint here.
type room struct{ rules hooks.Rules }

// Routes are the pages of endpoints.
func Routes(s *site.Site) []site.Route {
	here := room{hooks.Rules{Private: s.HookPrivate}}
	return []site.Route{
		{Path: "GET /hooks", Perm: access.ManageHooks, Page: list},
		{Path: "GET /hooks/new", Perm: access.ManageHooks, Page: form},
		{Path: "POST /hooks/new", Perm: access.ManageHooks, Page: form, Act: here.add},
		{Path: "GET /hooks/{id}", Perm: access.ManageHooks, Page: show},
		{Path: "POST /hooks/{id}", Perm: access.ManageHooks, Page: show, Act: here.change},
		{Path: "POST /hooks/{id}/turn", Perm: access.ManageHooks, Act: turn},
		{Path: "POST /hooks/{id}/try", Perm: access.ManageHooks, Act: try},
		{Path: "POST /hooks/{id}/switch", Perm: access.ManageHooks, Act: turnTo},
		{Path: "POST /hooks/{id}/deliveries/{delivery}/again", Perm: access.ManageHooks, Act: again},
	}
}

func path(id hooks.ID, rest string) string { return "/hooks/" + string(id) + rest }

type listView struct {
	kit.Frame
	Rows []kit.Row
}

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	all, err := hooks.List(r.Context(), q, r.Who)
	if err != nil {
		return nil, err
	}
	names, err := organisations(r, q)
	if err != nil {
		return nil, err
	}
	v := listView{Frame: r.Frame(r.S.T("hook.title"))}
	for _, h := range all {
		v.Rows = append(v.Rows, kit.Row{Href: path(h.ID, ""), Cells: []templ.Component{kit.Text(h.URL), kit.Text(label(names, h.Organisation)), kit.Pill(state(r.S, h)), kit.Text(when(r, h))}})
	}
	return listPage(v), nil
}

func state(s *words.Speaker, h hooks.Hook) kit.Tag {
	tone := kit.Plain
	switch {
	case h.State == hooks.Disabled:
		tone = kit.Danger
	case h.State == hooks.On && !h.FailingSince.IsZero():
		tone = kit.Attention
	case h.State == hooks.On:
		tone = kit.Good
	}
	return kit.Tag{Text: s.T("hook.state." + string(h.State)), Tone: tone}
}

func when(r *site.Request, h hooks.Hook) string {
	if h.GoodAt.IsZero() {
		return r.S.T("hook.never")
	}
	return dates.Near(r.S, h.GoodAt, r.Now)
}

// organisations are those for which who may enter an endpoint.
func organisations(r *site.Request, q db.Reader) (all []kit.Option, err error) {
	known, err := offices.Organisations(r.Context(), q, access.System(access.ReadOffices))
	for _, o := range known {
		if r.Who.Covers(access.ManageHooks, access.OfOrganisation(o.ID)) {
			all = append(all, kit.Option{Value: o.ID, Label: o.Name(string(r.S.Lang()))})
		}
	}
	return all, err
}

func label(names []kit.Option, id string) string {
	if i := slices.IndexFunc(names, func(o kit.Option) bool { return o.Value == id }); i >= 0 {
		return names[i].Label
	}
	return ""
}

// fields are what is entered of an endpoint.
type fields struct {
	URL           kit.Input
	Kinds         kit.Input
	All           []kit.Option
	Organisation  kit.Input
	Organisations []kit.Option
}

func fieldsOf(r *site.Request, h hooks.Hook) fields {
	s := r.S
	f := fields{URL: r.Input("url", s.T("hook.url"), h.URL), Kinds: r.Input("kinds", s.T("hook.kinds"), ""), Organisation: r.Input("organisation", s.T("hook.organisation"), h.Organisation)}
	f.URL.Hint = s.T("hook.url_hint")
	for _, k := range hooks.Kinds() {
		f.All = append(f.All, kit.Option{Value: k, Label: s.T("hook.kind." + k), Chosen: r.Ticked("kinds", k, slices.Contains(h.Kinds, k))})
	}
	return f
}

type formView struct {
	kit.Frame
	Problems kit.Problems
	fields
}

func form(r *site.Request, q db.Reader) (templ.Component, error) {
	v := formView{Frame: r.Frame(r.S.T("hook.new")), Problems: r.Problems, fields: fieldsOf(r, hooks.Hook{})}
	var err error
	v.Organisations, err = organisations(r, q)
	if len(v.Organisations) == 1 {
		v.Organisation.Value = v.Organisations[0].Value
	}
	return formPage(v), err
}

type secretView struct {
	kit.Frame
	Secret string
	Next   string
}

// tell shows a secret, this once.
func tell(r *site.Request, id hooks.ID, secret string) {
	r.Answer = secretPage(secretView{Frame: r.Frame(r.S.T("hook.secret")), Secret: secret, Next: path(id, "")})
}

func (h room) add(r *site.Request, tx *db.Tx) (string, error) {
	id, secret, err := hooks.Add(r.Context(), tx, r.Who, h.rules, hooks.Endpoint{Organisation: r.PostFormValue("organisation"), URL: r.PostFormValue("url"), Kinds: r.PostForm["kinds"]})
	if err == nil {
		tell(r, id, secret)
	}
	return "", err
}

type showView struct {
	kit.Frame
	Problems   kit.Problems
	Hook       hooks.Hook
	State      kit.Tag
	Whose      string
	Good       string
	Notes      []string
	Version    int
	Deliveries []kit.Row
	Pages      kit.Pages
	fields
}

const onPage = 50

func idOf(r *site.Request) (hooks.ID, error) {
	id, err := r.ID("id")
	return hooks.ID(id), err
}

func show(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := idOf(r)
	if err != nil {
		return nil, err
	}
	h, err := hooks.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	names, err := organisations(r, q)
	if err != nil {
		return nil, err
	}
	v := showView{Frame: r.Frame(r.S.T("hook.title")), Problems: r.Problems, Hook: h, State: state(r.S, h), Whose: label(names, h.Organisation), Good: when(r, h), Version: r.Version(h.Version), fields: fieldsOf(r, h)}
	if h.Why != "" {
		v.Notes = append(v.Notes, r.S.T(h.Why))
	}
	if !h.FailingSince.IsZero() {
		v.Notes = append(v.Notes, r.S.T("hook.failing", "when", dates.Near(r.S, h.FailingSince, r.Now)))
	}
	if h.OldUntil.After(r.Now) {
		v.Notes = append(v.Notes, r.S.T("hook.turning", "when", dates.Near(r.S, h.OldUntil, r.Now)))
	}
	all, err := hooks.Deliveries(r.Context(), q, r.Who, id, hooks.Filter{Limit: onPage, Before: r.URL.Query().Get("before")})
	if len(all) == onPage {
		v.Pages.Next = path(id, "?") + url.Values{"before": {all[onPage-1].ID}}.Encode()
	}
	v.Deliveries = rows(r, h, all)
	return showPage(v), err
}

// rows are deliveries as lines of a list.
func rows(r *site.Request, h hooks.Hook, all []hooks.Delivery) (lines []kit.Row) {
	s := r.S
	for _, d := range all {
		tag := kit.Tag{Text: s.T("hook.delivery." + d.State)}
		switch d.State {
		case "done":
			tag.Tone = kit.Good
		case "dead":
			tag.Tone = kit.Danger
		case "waiting":
			if d.Attempts > 0 {
				tag.Tone = kit.Attention
			}
		}
		action := ""
		if d.MayAgain && h.State == hooks.On {
			action = path(h.ID, "/deliveries/"+d.ID+"/again")
		}
		lines = append(lines, kit.Row{Cells: []templ.Component{kit.Text(s.T("hook.kind." + d.Kind)), kit.Text(dates.Near(s, d.MadeAt, r.Now)), kit.Pill(tag), kit.Text(answered(s, d)), repeat(s, action)}})
	}
	return lines
}

// answered says what the endpoint answered last.
func answered(s *words.Speaker, d hooks.Delivery) string {
	if d.Attempts == 0 {
		return ""
	}
	text := s.T("hook.attempts", "count", d.Attempts)
	if d.Status > 0 {
		text += " · " + strconv.Itoa(d.Status)
	}
	if d.Why != "" {
		text += " · " + s.T(d.Why)
	}
	return text
}

func (h room) change(r *site.Request, tx *db.Tx) (string, error) {
	id, err := idOf(r)
	if err != nil {
		return "", err
	}
	r.Say("hook")
	return path(id, ""), hooks.Change(r.Context(), tx, r.Who, h.rules, hooks.Endpoint{ID: id, URL: r.PostFormValue("url"), Kinds: r.PostForm["kinds"], Version: r.Version(0)})
}

func turn(r *site.Request, tx *db.Tx) (string, error) {
	id, err := idOf(r)
	if err != nil {
		return "", err
	}
	secret, err := hooks.Turn(r.Context(), tx, r.Who, id)
	if err == nil {
		tell(r, id, secret)
	}
	return "", err
}

func try(r *site.Request, tx *db.Tx) (string, error) {
	id, err := idOf(r)
	if err != nil {
		return "", err
	}
	r.Say("hook_tried")
	return path(id, ""), hooks.Try(r.Context(), tx, r.Who, id)
}

func turnTo(r *site.Request, tx *db.Tx) (string, error) {
	id, err := idOf(r)
	if err != nil {
		return "", err
	}
	r.Say("hook_switched")
	to, next := hooks.State(r.PostFormValue("state")), path(id, "")
	if to == hooks.Removed {
		next = "/hooks"
	}
	return next, hooks.Switch(r.Context(), tx, r.Who, id, to)
}

func again(r *site.Request, tx *db.Tx) (string, error) {
	id, err := idOf(r)
	if err != nil {
		return "", err
	}
	delivery, err := r.ID("delivery")
	if err != nil {
		return "", err
	}
	r.Say("hook_again")
	return path(id, ""), hooks.Again(r.Context(), tx, r.Who, id, delivery)
}
