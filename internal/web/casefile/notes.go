// SPDX-License-Identifier: Apache-2.0

package casefile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/web/casework"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// protected tells whether a note of class 3 is to be written.
func protected(r *site.Request) bool { return r.FormValue("protected") == "yes" }

func notePage(r *site.Request, q db.Reader) (templ.Component, error) {
	act := cases.WriteNote
	if protected(r) {
		act = cases.WriteProtected
	}
	v, err := begin(r, q, act)
	if err != nil {
		return nil, err
	}
	s := r.S
	was, err := corrected(r, q, v.Head.Case.ID)
	if err != nil {
		return nil, err
	}
	text := r.Input("text", s.T("casework.note_text"), was.Text)
	text.MaxLength, text.Rows, text.Autofocus = 10_000, 8, len(r.Problems) == 0
	v.Action, v.Button = v.path("notes"), s.T("casework.note_save")
	v.Parts = append(v.Parts, kit.Hidden("replaces", r.FormValue("replaces")))
	switch {
	case protected(r):
		v.QuickExit, v.Lead = true, s.T("casework.note_protected_lead")
		if !v.Head.Person.Agreed(persons.PurposeProtected) {
			v.Lead = s.T("casework.note_unagreed")
		}
		v.Parts = append(v.Parts, kit.Hidden("protected", "yes"), kit.Area(s, text))
	default:
		v.Lead = s.T("casework.note_lead")
		kind := r.Input("kind", s.T("casework.note_kind"), orPlain(was.Kind))
		on := r.Input("on", s.T("casework.note_on"), s.Digits(typed(was.On)))
		on.Optional, on.Hint = true, s.T("casework.note_on_hint")
		present := r.Input("present", s.T("casework.note_present"), was.Present)
		present.Optional = true
		v.Parts = append(v.Parts, kit.Choice(s, kind, []kit.Option{{Value: "plain", Label: s.T("casework.note.plain")}, {Value: "visit", Label: s.T("casework.note.visit")}, {Value: "conference", Label: s.T("casework.note.conference")}}),
			kit.Area(s, text), kit.DateField(s, on), kit.Field(s, present))
	}
	if r.FormValue("replaces") != "" {
		v.Lead = s.T("casework.note_correct_lead")
	}
	mention, err := mentions(r, q, v)
	if mention != nil {
		v.Parts = append(v.Parts, mention)
	}
	return sheetShown(v), err
}

// orPlain is the kind of a note as the form names it.
func orPlain(k cases.NoteKind) string {
	if k == cases.Plain {
		return "plain"
	}
	return string(k)
}

// typed is a day as somebody would type it.
func typed(d dates.Partial) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d/%d/%d", d.Day, d.Month, d.Year)
}

// corrected is the visitor's own note of class 2 that she corrects. The text of a
// protected one is not shown for that: it would be a look.
func corrected(r *site.Request, q db.Reader, id cases.ID) (cases.Note, error) {
	replaces := r.FormValue("replaces")
	if replaces == "" || protected(r) {
		return cases.Note{}, nil
	}
	all, err := cases.Notes(r.Context(), q, r.Who, id, cases.Part{Limit: 200})
	if err != nil {
		return cases.Note{}, err
	}
	at := slices.IndexFunc(all, func(n cases.Note) bool { return n.ID == replaces && n.User == r.Who.ID })
	if at < 0 {
		return cases.Note{}, fault.New(fault.NotFound, "case.note_not_found")
	}
	return all[at], nil
}

// mentions offers the colleagues who may read the note.
func mentions(r *site.Request, q db.Reader, v sheet) (templ.Component, error) {
	able, err := cases.Readers(r.Context(), q, v.Head.Case, protected(r))
	if err != nil {
		return nil, err
	}
	colleagues, err := casework.Colleagues(r, q, able)
	var options []kit.Option
	for _, c := range colleagues {
		if c.ID != r.Who.ID {
			options = append(options, kit.Option{Value: c.ID, Label: c.Name, Hint: "@" + c.Login, Chosen: r.Ticked("mention", c.ID, false)})
		}
	}
	if len(options) == 0 {
		return nil, err
	}
	in := r.Input("mention", r.S.T("casework.mention"), "")
	in.Hint, in.Optional = r.S.T("casework.mention_hint"), true
	return kit.Checks(r.S, in, options), err
}

// at finds what may be a login in a text: @amina.
var at = regexp.MustCompile(`@([\p{L}\p{M}\p{N}._@-]+)`)

// addressed adds to the colleagues who were ticked those whose login stands in the
// text after an @. What is nobody's login is text.
func addressed(r *site.Request, q db.Reader, id cases.ID, ticked []string, text string) ([]string, error) {
	found := at.FindAllStringSubmatch(text, 50)
	if len(found) == 0 {
		return ticked, nil
	}
	c, err := cases.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	able, err := cases.Readers(r.Context(), q, c, protected(r))
	if err != nil {
		return nil, err
	}
	colleagues, err := casework.Colleagues(r, q, able)
	for _, one := range colleagues {
		for _, m := range found {
			if strings.EqualFold(strings.TrimRight(m[1], ".-_"), one.Login) && !slices.Contains(ticked, one.ID) {
				ticked = append(ticked, one.ID)
			}
		}
	}
	return ticked, err
}

func addNote(r *site.Request, tx *db.Tx) (string, error) {
	n := cases.Note{Protected: protected(r), Replaces: r.PostFormValue("replaces"), Text: r.PostFormValue("text"), Present: r.PostFormValue("present")}
	if kind := r.PostFormValue("kind"); kind != "plain" {
		n.Kind = cases.NoteKind(kind)
	}
	var err error
	if n.Kind != cases.Plain {
		if n.On, err = day(r, "on"); err != nil {
			return "", err
		}
	}
	to, err := on(r, "case_note", func(id cases.ID) error {
		n.Mentions, err = addressed(r, tx, id, slices.Clone(r.PostForm["mention"]), n.Text)
		if err != nil {
			return err
		}
		return cases.Write(r.Context(), tx, r.Who, id, n)
	})
	return to + "#notes", err
}

func riskPage(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := begin(r, q, cases.Assess)
	if err != nil {
		return nil, err
	}
	var options []kit.Option
	for _, risk := range []cases.Risk{cases.Low, cases.Medium, cases.High, cases.Critical} {
		options = append(options, kit.Option{Value: string(risk), Label: r.S.T("case.risk." + string(risk)), Hint: r.S.T("casework.risk_hint." + string(risk))})
	}
	why := area(r, "why", "casework.risk_why", "casework.risk_why_hint")
	if !v.Head.Person.Agreed(persons.PurposeProtected) {
		why.Hint, why.Optional = r.S.T("casework.note_unagreed"), true
	}
	v.Action, v.Lead, v.QuickExit = v.path("risk"), r.S.T("casework.risk_lead"), true
	v.Parts = []templ.Component{kit.Choice(r.S, r.Input("risk", r.S.T("casework.fact.risk"), ""), options), kit.Area(r.S, why)}
	return sheetShown(v), nil
}

func rate(r *site.Request, tx *db.Tx) (string, error) {
	return on(r, "case_rated", func(id cases.ID) error {
		return cases.Rate(r.Context(), tx, r.Who, cases.Rating{Case: id, Version: version(r), Risk: cases.Risk(r.PostFormValue("risk")), Why: r.PostFormValue("why")})
	})
}
