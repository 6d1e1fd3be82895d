// SPDX-License-Identifier: Apache-2.0

// Package handout is the room in which a returnee is handed the copy of what is kept about her.
package handout

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/copies"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of the room.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /persons/{id}/copy", Perm: access.CopyPerson, Page: ask},
		{Path: "POST /persons/{id}/copy", Perm: access.CopyPerson, Act: hand, Page: ask},
	}
}

// view is the form in which is said what she asks for.
type view struct {
	kit.Frame
	ID        persons.ID
	Problems  kit.Problems
	Language  kit.Input
	Languages []kit.Option
	Protected *kit.Input // only for who may hand out what is protected
	Unsafe    bool
	Insists   kit.Input
	Notes     kit.Input
	Written   []kit.Option
}

func ask(r *site.Request, q db.Reader) (templ.Component, error) {
	text, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	id := persons.ID(text)
	p, err := persons.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	plain, protected, err := copies.May(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	if !plain || p.CardOnly || !p.ErasedAt.IsZero() {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	v := view{Frame: r.Frame(r.S.T("copy.page_title")), ID: id, Problems: r.Problems, Unsafe: copies.Unsafe(p)}
	v.QuickExit = true
	v.Language = r.Input("language", r.S.T("copy.language"), string(words.Bangla))
	for _, lang := range words.Languages() {
		v.Languages = append(v.Languages, kit.Option{Value: string(lang), Label: r.S.T("language." + string(lang))})
	}
	if protected {
		v.Protected = tick(r, "protected")
	}
	v.Insists = *tick(r, "insists")
	v.Notes = kit.Input{Name: "leave_out", Label: r.S.T("copy.notes"), Hint: r.S.T("copy.notes_hint")}
	v.Written, err = notes(r, q, id)
	return page(v), err
}

// tick is a yes or no with a hint.
func tick(r *site.Request, name string) *kit.Input {
	in := r.Input(name, r.S.T("copy.ask_"+name), "")
	in.Hint = r.S.T("copy.ask_" + name + "_hint")
	return &in
}

// notes are the ordinary ones of her cases, to choose those that tell of others.
func notes(r *site.Request, q db.Reader, id persons.ID) (all []kit.Option, err error) {
	return written(r, q, id, func(c cases.ID, part cases.Part) ([]cases.Note, error) {
		return cases.Notes(r.Context(), q, r.Who, c, part)
	})
}

// protectedNotes are the others. That they were looked at is in the trail.
func protectedNotes(r *site.Request, tx *db.Tx, id persons.ID) (all []kit.Option, err error) {
	return written(r, tx, id, func(c cases.ID, part cases.Part) ([]cases.Note, error) {
		return cases.LookAtNotes(r.Context(), tx, r.Who, c, part)
	})
}

// written are the notes of her cases as the reader chooses among them.
func written(r *site.Request, q db.Reader, id persons.ID, list func(cases.ID, cases.Part) ([]cases.Note, error)) (all []kit.Option, err error) {
	if !r.Who.Holds(access.ReadCases) {
		return nil, nil
	}
	hers, err := cases.Of(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	for _, c := range hers {
		some, err := list(c.ID, cases.Part{Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, n := range some {
			all = append(all, kit.Option{Value: n.ID, Label: dates.Format(r.S, dates.Of(n.At)) + ": " + beginning(n.Text), Chosen: r.Ticked("leave_out", n.ID, false)})
		}
	}
	return all, nil
}

// beginning is a text as far as one sees from it what it is about.
func beginning(text string) string {
	const most = 160
	text = strings.Join(strings.Fields(text), " ")
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return text
}

func hand(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	lang, known := words.ParseLang(r.PostForm.Get("language"))
	if !known {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("language")
	}
	asking := copies.Asking{Person: persons.ID(id), Language: lang, Protected: r.PostForm.Get("protected") == "yes", Insists: r.PostForm.Get("insists") == "yes", LeaveOut: slices.Clone(r.PostForm["leave_out"])}
	if asking.Protected && r.PostForm.Get("chosen") != "yes" {
		v, err := choose(r, tx, asking)
		if err != nil {
			return "", err
		}
		if len(v.Written) > 0 {
			r.Answer = choosePage(v)
			return "", nil
		}
	}
	c, err := copies.Make(r.Context(), tx, r.Who, asking)
	if err != nil {
		return "", err
	}
	d := site.Download{Name: "copy.pdf", File: site.File{Kind: "application/pdf"}}
	if r.PostForm.Get("form") == "json" {
		d.Name, d.Kind = "copy.json", "application/json"
		d.Body, err = json.MarshalIndent(c, "", "  ")
	} else {
		d.Body, err = c.Paper()
	}
	r.Answer = d
	return "", err
}

// choice asks which of the protected notes stay out. What was said before goes along.
type choice struct {
	kit.Frame
	ID      persons.ID
	Said    [][2]string
	Notes   kit.Input
	Written []kit.Option
}

func choose(r *site.Request, tx *db.Tx, asking copies.Asking) (v choice, err error) {
	if _, err := asking.Check(r.Context(), tx, r.Who); err != nil {
		return v, err
	}
	v = choice{Frame: r.Frame(r.S.T("copy.page_title")), ID: asking.Person, Notes: kit.Input{Name: "leave_out", Label: r.S.T("copy.notes"), Hint: r.S.T("copy.notes_hint")}}
	v.QuickExit = true
	for _, name := range []string{"language", "protected", "insists", "form"} {
		v.Said = append(v.Said, [2]string{name, r.PostForm.Get(name)})
	}
	for _, note := range asking.LeaveOut {
		v.Said = append(v.Said, [2]string{"leave_out", note})
	}
	v.Written, err = protectedNotes(r, tx, asking.Person)
	return v, err
}
