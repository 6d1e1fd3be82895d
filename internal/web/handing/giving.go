// SPDX-License-Identifier: Apache-2.0

package handing

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/handovers"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/referrals/course"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// caseView is the hand-overs of a case, and the form to offer it.
type caseView struct {
	kit.Frame
	Problems  kit.Problems
	Head      casehead.Head
	Action    string
	Version   int
	Rows      []kit.Row
	May       bool
	To        kit.Input
	Tos       []kit.Option
	Urgency   kit.Input
	Urgencies []kit.Option
	Why       kit.Input
	Summary   kit.Input
	Parts     kit.Input
	Open      []kit.Option
	Closed    []kit.Option // nothing for who sees no class 3, or when she did not agree to such notes
	Files     kit.Input
	Papers    []kit.Option
	Private   kit.Input // documents of class 3
	Secrets   []kit.Option
	Looked    bool // at the documents of class 3
}

func caseOf(r *site.Request, q db.Reader) (casehead.Head, error) {
	id, err := r.ID("id")
	if err != nil {
		return casehead.Head{}, err
	}
	return casehead.New(r, q, cases.ID(id), "handover")
}

func ofCase(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := ofCaseView(r, q)
	return casePage(v), err
}

func ofCaseView(r *site.Request, q db.Reader) (v caseView, err error) {
	h, err := caseOf(r, q)
	if err != nil {
		return v, err
	}
	v = caseView{Frame: r.Frame(r.S.T("handing.title")), Problems: r.Problems, Head: h, Action: casehead.Path(h.Case.ID, "handover"), Version: r.Version(h.Case.Version)}
	v.QuickExit = true
	all, err := handovers.List(r.Context(), q, r.Who, h.Case.ID)
	if err != nil {
		return v, err
	}
	names, err := named(r, q)
	if err != nil {
		return v, err
	}
	under := false
	for _, one := range all {
		under = under || one.EndedAt.IsZero()
		v.Rows = append(v.Rows, kit.Row{Href: "/handovers/" + string(one.ID), Cells: []templ.Component{kit.Text(names.said(r.S, one.To)), kit.Text(dates.Near(r.S, one.OfferedAt, r.Now)),
			kit.Pills(state(r.S, one.State, one.Late(dates.Of(r.Now))))}})
	}
	may, err := access.Reaches(r.Context(), q, r.Who, access.CloseCase, string(h.Case.ID))
	if v.May = may && h.Case.Live() && !under && !r.Who.Practises(); err != nil || !v.May {
		return v, err
	}
	return v, v.fields(r, q)
}

// fields fills in the form.
func (v *caseView) fields(r *site.Request, q db.Reader) error {
	all, err := handovers.Organisations(r.Context(), q, r.Who)
	if err != nil {
		return err
	}
	for _, o := range all {
		v.Tos = append(v.Tos, kit.Option{Value: o.ID, Label: o.Name(string(r.S.Lang()))})
	}
	v.To, v.Urgency = r.Input("to", r.S.T("handing.to"), ""), r.Input("urgency", r.S.T("handing.urgency"), "weeks")
	v.Urgencies = urgencies(r)
	v.Why, v.Summary = r.Input("why", r.S.T("handing.why"), ""), r.Input("summary", r.S.T("handing.summary"), "")
	v.Why.Hint, v.Summary.Hint, v.Summary.Optional, v.Summary.MaxLength, v.Summary.Rows = r.S.T("handing.why_hint"), r.S.T("handing.summary_hint"), true, 5000, 6
	v.Parts, v.Files = kit.Input{Name: "parts", Label: r.S.T("handing.parts"), Error: r.Problems.On("parts")}, kit.Input{Name: "files", Label: r.S.T("handing.files"), Error: r.Problems.On("files")}
	for _, p := range handovers.PartsOf(2) {
		if p != handovers.Identity {
			v.Open = append(v.Open, v.part(r, p, p == handovers.Contact))
		}
	}
	sees, _, err := access.SeesProtected(r.Context(), q, r.Who, string(v.Head.Case.Person))
	if err != nil {
		return err
	}
	if sees && v.Head.Person.Agreed(persons.PurposeProtected) {
		for _, p := range handovers.PartsOf(3) {
			v.Closed = append(v.Closed, v.part(r, p, false))
		}
		v.Private = kit.Input{Name: secrets, Label: r.S.T("handing.secrets"), Error: r.Problems.On(secrets)}
		for i, id := range r.PostForm[secrets] { // what was chosen stays chosen, and is named to who looks again
			v.Secrets = append(v.Secrets, kit.Option{Value: id, Label: r.S.T("handing.secret", "number", i+1), Chosen: true})
		}
	}
	papers, err := persons.Files(r.Context(), q, r.Who, v.Head.Case.Person, false)
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return nil
	}
	for _, f := range papers {
		if f.Kind == files.Document {
			v.Papers = append(v.Papers, kit.Option{Value: string(f.ID), Label: f.Title, Chosen: r.Ticked("files", string(f.ID), false)})
		}
	}
	return err
}

// secrets is the field by which documents of class 3 are chosen.
const secrets = "protected_files"

// choose draws the form again with the documents of class 3 to choose from. That they were looked at is in the trail.
func choose(r *site.Request, tx *db.Tx, h casehead.Head) error {
	drawn, err := ofCaseView(r, tx)
	if err == nil && len(drawn.Closed) == 0 {
		err = fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	if err != nil {
		return err
	}
	if _, err := persons.Look(r.Context(), tx, r.Who, h.Case.Person); err != nil {
		return err
	}
	all, err := persons.Files(r.Context(), tx, r.Who, h.Case.Person, true)
	if err != nil {
		return err
	}
	drawn.Secrets, drawn.Looked = nil, true
	for _, f := range all {
		if f.Kind == files.Document {
			drawn.Secrets = append(drawn.Secrets, kit.Option{Value: string(f.ID), Label: f.Title, Chosen: r.Ticked(secrets, string(f.ID), false)})
		}
	}
	r.Answer = casePage(drawn)
	return nil
}

func (v *caseView) part(r *site.Request, p handovers.Part, usual bool) kit.Option {
	return kit.Option{Value: string(p), Label: r.S.T("handing.part." + string(p)), Chosen: r.Ticked("parts", string(p), usual)}
}

func urgencies(r *site.Request) []kit.Option {
	var codes []string
	for _, u := range course.Standard().Urgencies {
		codes = append(codes, u.Code)
	}
	return options(r.S, "handing.urgency.", codes)
}

// previewView is what would go along, before she is asked.
type previewView struct {
	kit.Frame
	Head     casehead.Head
	Action   string
	To       string
	First    []kit.Fact // seen before the case is taken
	Then     []kit.Fact
	Closed   []string
	Kept     []kept // what was typed, sent along
	Agreed   kit.Input
	Method   kit.Input
	Methods  []kit.Option
	Language kit.Input
	Langs    []kit.Option
	Version  int
}

// kept is something that was typed on the first page.
type kept struct{ Name, Value string }

func offering(r *site.Request, of cases.ID) handovers.Offering {
	o := handovers.Offering{Operation: r.PostFormValue("operation"), Case: of, Version: r.Version(0), To: r.PostFormValue("to"), Urgency: r.PostFormValue("urgency"), Why: r.PostFormValue("why"),
		Summary: r.PostFormValue("summary"), Agreed: r.PostFormValue("agreed") == "yes", Method: r.PostFormValue("method"), Language: r.PostFormValue("language")}
	for _, p := range r.PostForm["parts"] {
		o.Parts = append(o.Parts, handovers.Part(p))
	}
	for _, f := range r.PostForm["files"] {
		o.Files = append(o.Files, files.ID(f))
	}
	for _, f := range r.PostForm[secrets] {
		o.Protected = append(o.Protected, files.ID(f))
	}
	return o
}

// offer shows what would go along; and offers it, once she was asked.
func offer(r *site.Request, tx *db.Tx) (string, error) {
	h, err := caseOf(r, tx)
	if err != nil {
		return "", err
	}
	o := offering(r, h.Case.ID)
	switch r.PostFormValue("do") {
	case "choose":
		return "", choose(r, tx, h)
	case "make":
		id, err := handovers.Make(r.Context(), tx, r.Who, o)
		r.Say("handover_offered")
		return "/handovers/" + string(id), err
	}
	preview, err := handovers.Preview(r.Context(), tx, r.Who, o)
	if err != nil {
		return "", err
	}
	r.Answer, err = asked(r, tx, h, preview)
	return "", err
}

func asked(r *site.Request, q db.Reader, h casehead.Head, p handovers.Handover) (templ.Component, error) {
	names, err := named(r, q)
	if err != nil {
		return nil, err
	}
	s := r.S
	v := previewView{Frame: r.Frame(s.T("handing.preview")), Head: h, Action: casehead.Path(h.Case.ID, "handover"), To: names.said(s, p.To), Version: r.Version(h.Case.Version)}
	v.QuickExit = true
	v.First = append(request(s, p.Request, p.District), people.Facts(fact(s, "why", p.Why), kit.Fact{Label: s.T("handing.parts"), Value: people.Said(s, "handing.part", plain(p.Parts))})...)
	v.Then = goes(r, h.Person, p)
	for _, part := range r.PostForm["parts"] {
		if handovers.Part(part).Protected() {
			v.Closed = append(v.Closed, s.T("handing.part."+part))
		}
	}
	if n := len(r.PostForm[secrets]); n > 0 {
		v.Closed = append(v.Closed, s.T("handing.secrets_count", "count", n))
	}
	for _, name := range []string{"to", "urgency", "why", "summary", "parts", "files", secrets} {
		for _, value := range r.PostForm[name] {
			v.Kept = append(v.Kept, kept{name, value})
		}
	}
	v.Agreed = kit.Input{Name: "agreed", Label: s.T("handing.agreed", "organisation", v.To)}
	v.Method, v.Methods = kit.Input{Name: "method", Label: s.T("handing.method"), Value: "spoken"}, options(s, "person.method.", choices.ConsentMethods())
	v.Language, v.Langs = kit.Input{Name: "language", Label: s.T("handing.language"), Value: "bn"}, options(s, "handing.language.", []string{"bn", "en"})
	return previewPage(v), nil
}

func plain(all []handovers.Part) (codes []string) {
	for _, p := range all {
		codes = append(codes, string(p))
	}
	return codes
}

// goes says what goes into the record of the other organisation, as it would be now.
func goes(r *site.Request, her persons.Person, p handovers.Handover) []kit.Fact {
	s, facts := r.S, []kit.Fact(nil)
	for _, f := range persons.Fields() {
		if value := p.Record.Registration.Values[f]; value != "" {
			facts = append(facts, kit.Fact{Label: s.T("person.field." + string(f)), Value: people.Value(s, f, value)})
		}
	}
	if slices.Contains(p.Parts, handovers.Contact) {
		n := 0
		for _, c := range her.Contacts {
			if !her.DoNotContact && her.Agreed(persons.PurposeContact) && (c.Safety == "safe" || c.Safety == "careful") {
				n++
			}
		}
		facts = append(facts, fact(s, "part.contact", s.T("handing.numbers", "count", n)))
	}
	for _, j := range p.Record.Registration.Journeys {
		facts = append(facts, fact(s, "part.journeys", people.Journey(s, j)))
	}
	for _, g := range p.Record.Plan {
		facts = append(facts, fact(s, "part.goals", inWords(g)))
	}
	for _, g := range p.Record.Goals {
		facts = append(facts, fact(s, "part.goals", g))
	}
	if n := len(p.Record.Given); n > 0 {
		facts = append(facts, fact(s, "part.services", s.T("handing.services", "count", n)))
	}
	for _, name := range p.FileNames {
		facts = append(facts, fact(s, "files", name))
	}
	return append(facts, people.Facts(fact(s, "summary", p.Summary))...)
}

// inWords is a goal with the steps that go along.
func inWords(g plans.Goal) string {
	var steps []string
	for _, st := range g.Steps {
		steps = append(steps, st.What)
	}
	return g.Words + " (" + strings.Join(steps, "; ") + ")"
}
