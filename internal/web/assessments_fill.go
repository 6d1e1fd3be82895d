// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fera/internal/web/site"

	"github.com/a-h/templ"

	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/web/kit"
)

// fillView is the page on which a questionnaire is filled in: one group of it, or all.
type fillView struct {
	kit.Frame
	Problems kit.Problems
	ID       assessments.ID
	Person   persons.ID
	Title    string
	Group    string // of questions, on this page
	Asked    string // language of the questions
	Caution  string
	Entries  []askedEntry
	Alerts   []alertSaid
	Page     int // from 0
	Count    int
	Whole    bool
	Protect  bool // class 3
	Correct  bool // it is a correction
	Free     bool // every question on the page may be left out
}

// alertSaid is an alert as who fills in sees it: why, what to do, and whether anybody was told.
type alertSaid struct {
	Message string
	Steps   []string
	Told    string
	Done    string
}

// mostWhole is up to how many questions a form is shown whole on a desk.
const mostWhole = 80

func (s *Server) fillAssessment(r *request, q db.Reader) (templ.Component, error) {
	o, err := assessments.InHand(r.Context(), q, r.Who, r.assessmentID())
	if away := r.notInHand(err); away != nil {
		return away()
	}
	if err != nil {
		return nil, err
	}
	page, _ := strconv.Atoi(r.FormValue("page"))
	return fillPage(r.fill(o, page, false)), nil
}

// notInHand is what is shown of an assessment that is not in the visitor's hands, or complete.
func (r *request) notInHand(err error) func() (templ.Component, error) {
	f := fault.Of(err)
	switch {
	case f == nil:
		return nil
	case f.Key == "assessment.complete_already":
		return func() (templ.Component, error) { return nil, site.Elsewhere(assessmentPath(r.assessmentID())) }
	case f.Key == "assessment.not_in_hand":
		return func() (templ.Component, error) {
			return takePage(r.Frame(r.S.T("assessment.questionnaire")), r.assessmentID(), r.S.Fault(f)), nil
		}
	}
	return nil
}

// whole tells whether the form is shown whole: as the visitor chose, else on a desk if it is not too long.
func (r *request) whole(o assessments.Opened) bool {
	switch r.FormValue("as") {
	case "whole":
		return true
	case "pages":
		return false
	}
	return !strings.Contains(r.UserAgent(), "Mobi") && len(o.Filling.Whole(o.Language).Entries) <= mostWhole
}

// fill lays out a page of a form. Strict is after it was sent: what is missing is said, too.
func (r *request) fill(o assessments.Opened, page int, strict bool) fillView {
	v := fillView{Frame: r.Frame(r.S.T("assessment.questionnaire")), ID: o.ID, Person: o.Person, Title: r.text(o.Definition.Title), Asked: o.Language, Protect: o.Protected,
		Correct: o.Round > 0, Caution: r.text(o.Definition.Caution), Alerts: r.alertsSaid(o)}
	v.QuickExit = true
	v.Whole = r.whole(o)
	pages := o.Filling.Pages(o.Language)
	if v.Whole || len(pages) == 0 {
		pages = []filling.Page{o.Filling.Whole(o.Language)}
	}
	v.Count, v.Page = len(pages), max(0, min(page, len(pages)-1))
	if !v.Whole {
		v.Group = pages[v.Page].Title
	}
	v.Problems = r.fieldProblems()
	for _, e := range pages[v.Page].Entries {
		asked := r.asked(e, o)
		asked.Top = v.Group == ""
		if e.Item.Kind.Holds() && asked.Said == v.Group {
			continue // the page is headed by it
		}
		if f := e.Fault; f != nil && (strict || !f.Missing) {
			asked.Error = r.faultSaid(*f, o)
			v.Problems = append(v.Problems, kit.Problem{Field: asked.Name, Text: asked.Said + ": " + asked.Error})
		}
		if said := v.Problems.On(asked.Name); asked.Error == "" {
			asked.Error = said
		}
		v.Entries = append(v.Entries, asked)
	}
	v.Free = allFree(v.Entries)
	return v
}

// allFree tells whether every question may be left out, which is then said once, and takes the mark off each.
func allFree(entries []askedEntry) bool {
	if slices.ContainsFunc(entries, func(e askedEntry) bool { return e.settable() && !e.Optional }) {
		return false
	}
	for i := range entries {
		entries[i].Optional, entries[i].MayClear = false, true
	}
	return true
}

// fieldProblems are the problems of an act at the names that the fields have in the page.
func (r *request) fieldProblems() (all kit.Problems) {
	for _, p := range r.Problems {
		if p.Field != "" && p.Field != "reason" {
			p.Field = fieldOf(p.Field)
		}
		all = append(all, p)
	}
	return all
}

// faultSaid says what is wrong with an answer: in the words of the form, if it has any.
func (r *request) faultSaid(f filling.Fault, o assessments.Opened) string {
	if said := f.Message.In(o.Language, string(r.S.Lang())); said != "" {
		return said
	}
	return r.S.Fault(f.Fault)
}

// alertsSaid are the alerts of an assessment that nobody has seen to yet, and those that somebody has.
func (r *request) alertsSaid(o assessments.Opened) (all []alertSaid) {
	for _, l := range o.Alerts {
		said := alertSaid{Message: r.text(l.Message), Told: r.S.T("assessment.alert_told"), Steps: stepsOf(r.text(l.Steps))}
		switch {
		case !l.HeededAt.IsZero():
			said.Told, said.Done = r.S.T("assessment.alert_heeded_by", "name", l.HeededBy, "when", dates.Near(r.S, l.HeededAt, r.Now)), l.Done
		case !o.Heard:
			said.Told = r.S.T("assessment.alert_nobody")
		}
		all = append(all, said)
	}
	return all
}

func stepsOf(text string) (steps []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			steps = append(steps, line)
		}
	}
	return steps
}

// answering reads a sent page: the answers to the questions that stood on it, also those that send nothing when they are blank.
func (r *request) answering() assessments.Answering {
	s := assessments.Answering{ID: r.assessmentID(), Answers: map[string]string{}}
	for _, key := range r.PostForm["asked"] {
		kind, key, _ := strings.Cut(key, ":")
		s.Answers[key] = readAnswer(instruments.Kind(kind), r.PostForm[fieldOf(key)])
	}
	todo, key, _ := strings.Cut(r.PostForm.Get("go"), ":")
	switch todo {
	case "add":
		s.Add = key
	case "remove":
		s.Remove = key
	}
	return s
}

// doFillAssessment keeps what was sent and goes where the visitor wants: on, back, away, or to the next step on the same page.
func (s *Server) doFillAssessment(r *request, tx *db.Tx) (string, error) {
	sent := r.answering()
	o, err := assessments.Save(r.Context(), tx, r.Who, sent)
	if err != nil {
		return "", err
	}
	page, _ := strconv.Atoi(r.PostForm.Get("page"))
	if r.Header.Get("Fera-Fragment") != "" {
		r.Answer = fillKept(r.fill(o, page, false), r.S.T("draft.kept_at", "when", dates.Near(r.S, tx.Now(), tx.Now())))
		return "", nil
	}
	at := func(n int) string {
		to := assessmentPath(o.ID, "fill") + "?" + url.Values{"page": {strconv.Itoa(n)}}.Encode()
		if as := r.PostForm.Get("as"); as != "" {
			to += "&as=" + as
		}
		return to
	}
	todo, _, _ := strings.Cut(r.PostForm.Get("go"), ":")
	switch todo {
	case "keep":
		r.Say("assessment_kept")
		return personsPath(o.Person, "questionnaires"), nil
	case "back":
		return at(page - 1), nil
	case "add", "remove", "stay":
		return at(page), nil
	}
	v := r.fill(o, page, true)
	if fresh := v.fresh(sent.Answers); fresh != "" { // what was answered brings up more to ask
		r.Say("assessment_more")
		return at(page) + "#" + url.PathEscape(fresh), nil
	}
	if len(v.Problems) > 0 {
		r.Answer = fillPage(v)
		return "", nil
	}
	if page+1 < v.Count {
		return at(page + 1), nil
	}
	return assessmentPath(o.ID, "finish"), nil
}

// fresh finds the first question of the page that was not on it when it was sent.
func (v fillView) fresh(sent map[string]string) string {
	i := slices.IndexFunc(v.Entries, func(e askedEntry) bool {
		_, there := sent[e.Key]
		return e.settable() && !there
	})
	if i < 0 {
		return ""
	}
	return v.Entries[i].Name
}

// finishView is the last step: what is still missing, and why if it is a correction.
type finishView struct {
	kit.Frame
	Problems kit.Problems
	ID       assessments.ID
	Title    string
	Missing  []kit.NavItem // questions, each leading to its place
	Blank    int           // optional questions left blank
	Correct  bool
	Reason   kit.Input
	Alerts   []alertSaid
}

func (s *Server) finishAssessment(r *request, q db.Reader) (templ.Component, error) {
	o, err := assessments.InHand(r.Context(), q, r.Who, r.assessmentID())
	if away := r.notInHand(err); away != nil {
		return away()
	}
	if err != nil {
		return nil, err
	}
	v := finishView{Frame: r.Frame(r.S.T("assessment.questionnaire")), ID: o.ID, Title: r.text(o.Definition.Title), Correct: o.Round > 0, Alerts: r.alertsSaid(o)}
	v.QuickExit = true
	v.Reason = r.Input("reason", r.S.T("assessment.reason"), "")
	for _, p := range r.Problems {
		if p.Field == "" || p.Field == "reason" {
			v.Problems = append(v.Problems, p)
		}
	}
	pages := o.Filling.Pages(o.Language)
	if r.whole(o) {
		pages = []filling.Page{o.Filling.Whole(o.Language)}
	}
	for n, page := range pages {
		for _, e := range page.Entries {
			asked := r.asked(e, o)
			if e.Fault != nil {
				v.Missing = append(v.Missing, kit.NavItem{Href: assessmentPath(o.ID, "fill") + "?page=" + strconv.Itoa(n) + "#" + url.PathEscape(asked.Name), Label: asked.Said + ": " + r.faultSaid(*e.Fault, o)})
			} else if asked.settable() && e.Value == "" {
				v.Blank++
			}
		}
	}
	return finishPage(v), nil
}

// doFinishAssessment completes, and shows at once what it comes to: who gave the answers has just seen them.
func (s *Server) doFinishAssessment(r *request, tx *db.Tx) (string, error) {
	o, err := assessments.Finish(r.Context(), tx, r.Who, assessments.Completing{ID: r.assessmentID(), Reason: r.PostForm.Get("reason")})
	if err != nil {
		return "", err
	}
	if !o.Protected {
		r.Say("assessment_complete")
		return assessmentPath(o.ID), nil
	}
	v, err := r.result(tx, o)
	v.Notice = &kit.Notice{Tone: kit.Good, Text: r.S.T("said.assessment_complete")}
	r.Answer = resultPage(v)
	return "", err
}
