// SPDX-License-Identifier: Apache-2.0

// Package timelines is the page that tells what happened to one person, or in one case, the latest first.
package timelines

import (
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/programmes"
	"fera/internal/timeline"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of the room.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /persons/{id}/timeline", Perm: access.ReadPersons, Page: ofPerson},
		{Path: "POST /persons/{id}/timeline/look", Perm: access.ReadProtected, Act: lookAtPerson},
		{Path: "GET /cases/{id}/timeline", Perm: access.ReadCases, Page: ofCase},
		{Path: "POST /cases/{id}/timeline/look", Perm: access.ReadProtected, Act: lookAtCase},
	}
}

// onPage is how many entries a page shows.
const onPage = 40

// every is the answer that narrows nothing down.
const every = "all"

// view is a page of a timeline.
type view struct {
	kit.Frame
	Head   kit.Header
	Strip  kit.Strip // of a case
	Path   string
	Ask    asked
	Kinds  []timeline.Kind
	Cases  []cases.Case // among which the reader may choose
	Events []kit.Event
	Next   timeline.Place

	MayLook bool
	Opened  bool // class 3 is among the entries

	names map[string]programmes.Programme
}

// asked is what the address, or the form of a look, asks for.
type asked struct {
	Kind   timeline.Kind
	Period string // see periods
	Case   cases.ID
	Before timeline.Place
}

// periods are the times back from now that can be chosen, in days.
func periods() map[string]int { return map[string]int{"month": 30, "quarter": 91, "year": 365} }

// read reads what is asked for. What is none of the answers asks for all.
func read(form url.Values, kinds []timeline.Kind) asked {
	a := asked{Kind: timeline.Kind(form.Get("kind")), Period: form.Get("period"), Before: timeline.ParsePlace(form.Get("before"))}
	if !slices.Contains(kinds, a.Kind) {
		a.Kind = ""
	}
	if periods()[a.Period] == 0 {
		a.Period = ""
	}
	if id := form.Get("case"); ids.Valid(id) {
		a.Case = cases.ID(id)
	}
	return a
}

// values are what was asked for as a form holds it.
func (a asked) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"kind": string(a.Kind), "period": a.Period, "case": string(a.Case), "before": a.Before.String()} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// ask is what the timeline is asked.
func (a asked) ask(now time.Time) timeline.Ask {
	ask := timeline.Ask{Before: a.Before, Limit: onPage}
	if a.Kind != "" {
		ask.Kinds = []timeline.Kind{a.Kind}
	}
	if days := periods()[a.Period]; days > 0 {
		ask.Since = dates.Of(now).Add(-days).Start()
	}
	return ask
}

// Older is the address of the next page.
func (v view) Older() string {
	if v.Next == (timeline.Place{}) || v.Opened {
		return ""
	}
	next := v.Ask
	next.Before = v.Next
	return v.Path + "?" + next.values().Encode()
}

// begin is the page before it is told what happened.
func begin(r *site.Request, path string, form url.Values, ofCase bool) *view {
	v := &view{Frame: r.Frame(r.S.T("timeline.title")), Path: path, Kinds: timeline.Kinds(r.Who, ofCase)}
	v.Ask = read(form, v.Kinds)
	return v
}

func ofPerson(r *site.Request, q db.Reader) (templ.Component, error) {
	v, id, err := personView(r, q, r.URL.Query())
	if err != nil {
		return nil, err
	}
	ask := v.Ask.ask(r.Now)
	ask.Person = id
	p, err := timeline.List(r.Context(), q, r.Who, v.within(ask))
	if err != nil {
		return nil, err
	}
	err = v.tell(r, q, p)
	return timelinePage(*v), err
}

// within asks for one case of the person, if one is chosen.
func (v *view) within(ask timeline.Ask) timeline.Ask {
	if ask.Case = v.Ask.Case; ask.Case != "" {
		ask.Person = ""
	}
	return ask
}

// personView is the page about a person of whom the reader sees more than the card. A case that is none of hers is not asked for.
func personView(r *site.Request, q db.Reader, form url.Values) (*view, persons.ID, error) {
	text, err := r.ID("id")
	if err != nil {
		return nil, "", err
	}
	p, err := persons.Find(r.Context(), q, r.Who, persons.ID(text))
	if err == nil && p.CardOnly {
		err = fault.New(fault.NotFound, "person.not_found")
	}
	if err != nil {
		return nil, "", err
	}
	v := begin(r, "/persons/"+text+"/timeline", form, false)
	v.Head = kit.Header{NameBn: p.NameBn, NameEn: p.NameLatin, Facts: []string{people.Age(r.S, p.Birth, dates.Of(r.Now)), r.S.T("person.sex." + string(p.Sex)), people.Home(r.S, p.Place)}}
	v.Head.Safe, v.Head.SafeTone = people.Safe(r.S, p)
	v.Head.Main = &kit.Action{Href: "/persons/" + text, Label: r.S.T("person.shown_back"), Kind: kit.Quiet}
	if r.Who.Holds(access.ReadCases) {
		if v.Cases, err = cases.Of(r.Context(), q, r.Who, p.ID); err != nil {
			return nil, "", err
		}
	}
	if !slices.ContainsFunc(v.Cases, func(c cases.Case) bool { return c.ID == v.Ask.Case }) {
		v.Ask.Case = ""
	}
	v.MayLook, _, err = persons.SeesProtected(r.Context(), q, r.Who, p.ID)
	return v, p.ID, err
}

func lookAtPerson(r *site.Request, tx *db.Tx) (string, error) {
	v, id, err := personView(r, tx, r.PostForm)
	if err != nil {
		return "", err
	}
	ask := v.Ask.ask(r.Now)
	ask.Person = id
	return "", v.look(r, tx, v.within(ask))
}

// look shows the page with what is of class 3, which enters that in the trail.
func (v *view) look(r *site.Request, tx *db.Tx, ask timeline.Ask) error {
	p, err := timeline.Look(r.Context(), tx, r.Who, ask)
	if err != nil {
		return err
	}
	v.Opened, v.QuickExit = true, true
	if err := v.tell(r, tx, p); err != nil {
		return err
	}
	r.Answer = timelinePage(*v)
	return nil
}

// caseView is the page about one case.
func caseView(r *site.Request, q db.Reader, form url.Values) (*view, cases.ID, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, "", err
	}
	h, err := casehead.New(r, q, cases.ID(id), "timeline")
	if err != nil {
		return nil, "", err
	}
	v := begin(r, casehead.Path(h.Case.ID, "timeline"), form, true)
	v.Ask.Case = ""
	v.Head, v.Strip = h.Header, h.Strip
	v.MayLook, _, err = persons.SeesProtected(r.Context(), q, r.Who, h.Case.Person)
	return v, h.Case.ID, err
}

func ofCase(r *site.Request, q db.Reader) (templ.Component, error) {
	v, id, err := caseView(r, q, r.URL.Query())
	if err != nil {
		return nil, err
	}
	ask := v.Ask.ask(r.Now)
	ask.Case = id
	p, err := timeline.List(r.Context(), q, r.Who, ask)
	if err != nil {
		return nil, err
	}
	err = v.tell(r, q, p)
	return timelinePage(*v), err
}

func lookAtCase(r *site.Request, tx *db.Tx) (string, error) {
	v, id, err := caseView(r, tx, r.PostForm)
	if err != nil {
		return "", err
	}
	ask := v.Ask.ask(r.Now)
	ask.Case = id
	return "", v.look(r, tx, ask)
}

// kindOptions are the kinds that can be chosen.
func (v view) kindOptions() []kit.Option {
	all := []kit.Option{{Value: every, Label: v.S.T("timeline.all")}}
	for _, k := range v.Kinds {
		all = append(all, kit.Option{Value: string(k), Label: v.S.T("timeline.kind." + string(k))})
	}
	return all
}

func (v view) periodOptions() []kit.Option {
	all := []kit.Option{{Value: every, Label: v.S.T("timeline.period.all")}}
	for _, p := range []string{"month", "quarter", "year"} {
		all = append(all, kit.Option{Value: p, Label: v.S.T("timeline.period." + p)})
	}
	return all
}

func (v view) caseOptions() []kit.Option {
	all := []kit.Option{{Value: every, Label: v.S.T("timeline.case_all")}}
	for _, c := range v.Cases {
		all = append(all, kit.Option{Value: string(c.ID), Label: v.S.T("timeline.case_of", "programme", v.programme(c), "date", dates.Format(v.S, dates.Of(c.OpenedAt)))})
	}
	return all
}

// programme names the programme of a case.
func (v view) programme(c cases.Case) string {
	p, ok := v.names[c.Programme]
	switch {
	case !ok:
		return c.Programme
	case v.S.Lang() == words.Bangla:
		return p.NameBn
	}
	return p.NameEn
}
