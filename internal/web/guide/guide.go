// SPDX-License-Identifier: Apache-2.0

// Package guide shows how a step of the work is done well: folded beside the step, in any room, and as pages where an
// organisation writes its own texts.
package guide

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/guidance"
	"fera/internal/reports"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// View is what is said about one step, ready to be drawn by Aside. The zero view draws nothing.
type View struct {
	S        *words.Speaker
	Topic    string
	Title    string
	Whose    string
	Draft    bool
	Blocks   []guidance.Block
	Material []guidance.Material
}

// For reads what is said about a step, for the visitor: a page keeps it in its view and draws it with Aside.
func For(r *site.Request, q db.Reader, topic string) (View, error) {
	t, ok, err := guidance.For(r.Context(), q, r.Who, topic)
	if err != nil || !ok {
		return View{}, err
	}
	return view(r.S, t), nil
}

func view(s *words.Speaker, t guidance.Text) View {
	title, text := t.In(string(s.Lang()))
	v := View{S: s, Topic: t.Topic, Title: title, Draft: t.Draft(), Blocks: guidance.Read(text), Material: t.Material, Whose: s.T("guidance.draft")}
	if !t.Draft() {
		v.Whose = s.T("guidance.own", "name", t.By, "date", dates.Format(s, dates.Of(t.At)))
	}
	return v
}

// Routes are the pages of the texts.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /guidance", Perm: access.ReadOffices, Page: list},
		{Path: "GET /guidance/{topic}", Perm: access.ReadOffices, Page: show},
		{Path: "GET /guidance/{topic}/write", Perm: access.ManageGuidance, Page: form},
		{Path: "POST /guidance/{topic}/write", Perm: access.ManageGuidance, Page: form, Act: write},
		{Path: "POST /guidance/{topic}/withdraw", Perm: access.ManageGuidance, Act: withdraw},
	}
}

type listView struct {
	kit.Frame
	Rows []kit.Row
}

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v := listView{Frame: r.Frame(r.S.T("guidance.title"))}
	for _, topic := range guidance.Topics() {
		one, err := For(r, q, topic)
		if err != nil {
			return nil, err
		}
		whose := kit.Tag{Text: r.S.T("guidance.whose_own"), Tone: kit.Good}
		if one.Draft {
			whose = kit.Tag{Text: r.S.T("guidance.whose_draft"), Tone: kit.Attention}
		}
		v.Rows = append(v.Rows, kit.Row{Href: "/guidance/" + topic, Cells: []templ.Component{kit.Text(one.Title), kit.Pill(whose)}})
	}
	return listPage(v), nil
}

// topic is the step in the address, which has to be one there is.
func topic(r *site.Request) (string, error) {
	t := r.PathValue("topic")
	if !slices.Contains(guidance.Topics(), t) {
		return "", fault.New(fault.NotFound, "guidance.topic_unknown")
	}
	return t, nil
}

type showView struct {
	kit.Frame
	View
	May     bool
	Own     bool
	After   int
	History []kit.Event
	Learnt  []string // lessons of issued reports that were put forward
}

func show(r *site.Request, q db.Reader) (templ.Component, error) {
	at, err := topic(r)
	if err != nil {
		return nil, err
	}
	t, _, err := guidance.For(r.Context(), q, r.Who, at)
	if err != nil {
		return nil, err
	}
	v := showView{Frame: r.Frame(r.S.T("guidance.title")), View: view(r.S, t), May: mayWrite(r), Own: !t.Draft(), After: t.Number}
	learnt, err := reports.Lessons(r.Context(), q, r.Who, at, true)
	if err != nil {
		return nil, err
	}
	for _, l := range learnt {
		v.Learnt = append(v.Learnt, l.Said.In(string(r.S.Lang())))
	}
	all, err := guidance.History(r.Context(), q, r.Who, at)
	for _, old := range all {
		e := kit.Event{When: dates.Near(r.S, old.At, r.Now), ISO: old.At.Format("2006-01-02T15:04:05Z07:00"), Who: old.By, Text: old.Why,
			Title: r.S.T("guidance.version", "number", strconv.Itoa(old.Number))}
		if old.Withdrawn {
			e.Text = strings.TrimSpace(r.S.T("guidance.withdrawn") + " " + old.Why)
		} else {
			e.Body = Words(guidance.Read(said(r, old)))
		}
		v.History = append(v.History, e)
	}
	return showPage(v), err
}

func said(r *site.Request, t guidance.Text) string {
	_, text := t.In(string(r.S.Lang()))
	return text
}

func mayWrite(r *site.Request) bool {
	return r.Who.Covers(access.ManageGuidance, access.AtOffice(r.Who.Office), access.OfOrganisation(r.Who.Organisation))
}

type formView struct {
	kit.Frame
	Problems kit.Problems
	Topic    string
	After    int
	Titles   []kit.Input
	Texts    []kit.Input
	Material kit.Input
	Why      kit.Input
}

// last is the number of the latest version of a step, which the next is written over.
func last(r *site.Request, q db.Reader, topic string) (int, error) {
	all, err := guidance.History(r.Context(), q, r.Who, topic)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return all[0].Number, nil
}

func form(r *site.Request, q db.Reader) (templ.Component, error) {
	at, err := topic(r)
	if err != nil {
		return nil, err
	}
	t, _, err := guidance.For(r.Context(), q, r.Who, at)
	if err != nil {
		return nil, err
	}
	v := formView{Frame: r.Frame(r.S.T("guidance.title")), Problems: r.Problems, Topic: at}
	if v.After, err = last(r, q, at); err != nil {
		return nil, err
	}
	v.After = r.Version(v.After)
	area := func(name, lang, now string) kit.Input {
		in := r.Input(name, r.S.T("guidance.field."+name), now)
		in.Lang, in.Rows, in.MaxLength, in.Hint = lang, 12, 5000, r.S.T("guidance.field.text_hint")
		return in
	}
	v.Titles = []kit.Input{r.Input("title_bn", r.S.T("guidance.field.title_bn"), t.TitleBn), r.Input("title_en", r.S.T("guidance.field.title_en"), t.TitleEn)}
	v.Texts = []kit.Input{area("text_bn", "bn", t.TextBn), area("text_en", "en", t.TextEn)}
	var lines []string
	for _, m := range t.Material {
		lines = append(lines, m.Title+" "+m.Href)
	}
	v.Material = r.Input("material", r.S.T("guidance.field.material"), strings.Join(lines, "\n"))
	v.Material.Hint, v.Material.Optional, v.Material.MaxLength = r.S.T("guidance.material_form"), true, 4000
	v.Why = r.Input("why", r.S.T("guidance.field.why"), "")
	v.Why.Optional = true
	return formPage(v), nil
}

func write(r *site.Request, tx *db.Tx) (string, error) {
	at, err := topic(r)
	if err != nil {
		return "", err
	}
	r.Say("guidance")
	_, err = guidance.Write(r.Context(), tx, r.Who, guidance.Writing{Topic: at, After: r.Version(0), TitleBn: r.PostFormValue("title_bn"), TitleEn: r.PostFormValue("title_en"),
		TextBn: r.PostFormValue("text_bn"), TextEn: r.PostFormValue("text_en"), Material: r.PostFormValue("material"), Why: r.PostFormValue("why")})
	return "/guidance/" + at, err
}

func withdraw(r *site.Request, tx *db.Tx) (string, error) {
	at, err := topic(r)
	if err != nil {
		return "", err
	}
	r.Say("guidance_back")
	return "/guidance/" + at, guidance.Withdraw(r.Context(), tx, r.Who, guidance.Writing{Topic: at, After: r.Version(0)})
}

// writeLabel is the act that a text of one's own needs, or a first one.
func (v showView) writeLabel() string {
	if v.Own {
		return v.Frame.S.T("guidance.change")
	}
	return v.Frame.S.T("guidance.write")
}
