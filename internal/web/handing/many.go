// SPDX-License-Identifier: Apache-2.0

package handing

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/handovers"
	"fera/internal/persons"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// batchesView is how often many cases were offered at once, and how far each came.
type batchesView struct {
	kit.Frame
	Rows []kit.Row
}

func batches(r *site.Request, q db.Reader) (templ.Component, error) {
	all, err := handovers.Batches(r.Context(), q, r.Who, 50)
	if err != nil {
		return nil, err
	}
	names, err := named(r, q)
	v := batchesView{Frame: r.Frame(r.S.T("handing.many_ours"))}
	for _, b := range all {
		answered, total := b.Answered()
		v.Rows = append(v.Rows, kit.Row{Href: "/handing/" + b.ID, Cells: []templ.Component{kit.Text(names.said(r.S, b.To)), kit.Text(dates.Near(r.S, b.At, r.Now)), kit.Text(b.By),
			kit.Text(r.S.T("kit.progress", "done", answered, "total", total))}})
	}
	return batchesPage(v), err
}

// manyView is the form by which many cases are offered.
type manyView struct {
	kit.Frame
	Problems  kit.Problems
	To        kit.Input
	Tos       []kit.Option
	Urgency   kit.Input
	Urgencies []kit.Option
	Why       kit.Input
	Parts     kit.Input
	Open      []kit.Option
	Asked     []askedRow
	Operation string
}

// askedRow is a case with what its person said.
type askedRow struct {
	Href, Name, Number string
	Answer             kit.Input
	Answers            []kit.Option
}

// mostOffered is how many cases the form shows.
const mostOffered = 100

func many(r *site.Request, q db.Reader) (templ.Component, error) {
	s := r.S
	v := manyView{Frame: r.Frame(s.T("handing.many")), Problems: r.Problems, To: r.Input("to", s.T("handing.to"), ""), Urgency: r.Input("urgency", s.T("handing.urgency"), "weeks"), Urgencies: urgencies(r),
		Why: r.Input("why", s.T("handing.why_many"), ""), Parts: kit.Input{Name: "parts", Label: s.T("handing.parts"), Error: r.Problems.On("parts")}}
	v.Why.Hint = s.T("handing.why_hint")
	all, err := handovers.Organisations(r.Context(), q, r.Who)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		v.Tos = append(v.Tos, kit.Option{Value: o.ID, Label: o.Name(string(s.Lang()))})
	}
	for _, p := range handovers.PartsOf(2) {
		if p != handovers.Identity {
			v.Open = append(v.Open, kit.Option{Value: string(p), Label: s.T("handing.part." + string(p)), Chosen: r.Ticked("parts", string(p), p == handovers.Contact)})
		}
	}
	f := cases.Filter{Limit: mostOffered}
	if !r.Who.Holds(access.AssignCase) {
		f.Worker = r.Who.ID
	}
	page, err := cases.List(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	v.Asked, err = ask(r, q, page.Cases)
	return manyPage(v), err
}

// ask makes a line of each case.
func ask(r *site.Request, q db.Reader, some []cases.Case) (rows []askedRow, err error) {
	var wanted []persons.ID
	for _, c := range some {
		wanted = append(wanted, c.Person)
	}
	cards, err := persons.FindCards(r.Context(), q, r.Who, wanted)
	if err != nil {
		return nil, err
	}
	answers := []kit.Option{{Value: "", Label: r.S.T("handing.not_asked")}}
	for _, m := range choices.ConsentMethods() {
		answers = append(answers, kit.Option{Value: m, Label: r.S.T("handing.yes_by", "method", r.S.T("person.method."+m))})
	}
	answers = append(answers, kit.Option{Value: "no", Label: r.S.T("handing.said_no")})
	for _, c := range some {
		card, name := cards[c.Person], r.S.T("case.person_unseen")
		if card.ID != "" {
			name = people.Name(r.S, card.NameBn, card.NameLatin)
		}
		rows = append(rows, askedRow{Href: casehead.Path(c.ID), Name: name, Answer: kit.Input{Name: "asked_" + string(c.ID), Label: name, Value: r.Typed("asked_"+string(c.ID), "")}, Answers: answers})
	}
	return rows, nil
}

func offerMany(r *site.Request, tx *db.Tx) (string, error) {
	m := handovers.Many{To: r.PostFormValue("to"), Urgency: r.PostFormValue("urgency"), Why: r.PostFormValue("why")}
	for _, p := range r.PostForm["parts"] {
		m.Parts = append(m.Parts, handovers.Part(p))
	}
	for name, values := range r.PostForm {
		if len(name) != len("asked_")+36 || name[:6] != "asked_" || values[0] == "" {
			continue
		}
		a := handovers.Asked{Case: cases.ID(name[6:]), Language: "bn"}
		if values[0] != "no" {
			a.Agreed, a.Method = true, values[0]
		}
		m.Asked = append(m.Asked, a)
	}
	slices.SortFunc(m.Asked, func(a, b handovers.Asked) int {
		if a.Case < b.Case {
			return -1
		}
		return 1
	})
	id, err := handovers.MakeMany(r.Context(), tx, r.Who, m)
	r.Say("handover_many")
	return "/handing/" + id, err
}

// batchView is how far many cases came.
type batchView struct {
	kit.Frame
	To       string
	Lead     string
	Answered int
	Total    int
	Counts   []kit.Row
	Rows     []kit.Row
	Left     []kit.Row
	Others   string
}

func batch(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	b, err := handovers.FindBatch(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	names, err := named(r, q)
	if err != nil {
		return nil, err
	}
	s := r.S
	v := batchView{Frame: r.Frame(s.T("handing.many_ours")), To: names.said(s, b.To), Lead: s.T("handing.many_by", "name", b.By, "when", dates.Near(s, b.At, r.Now))}
	v.Answered, v.Total = b.Answered()
	for _, st := range handovers.States() {
		if b.Count[st] > 0 {
			v.Counts = append(v.Counts, kit.Row{Cells: []templ.Component{kit.Text(s.T("handing.state." + string(st))), kit.Text(s.Number(b.Count[st]))}})
		}
	}
	all, err := handovers.OfBatch(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	var wanted []persons.ID
	for _, h := range all {
		wanted = append(wanted, h.Person)
	}
	cards, err := persons.FindCards(r.Context(), q, r.Who, wanted)
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		card := cards[h.Person]
		v.Rows = append(v.Rows, kit.Row{Href: "/handovers/" + string(h.ID), Cells: []templ.Component{kit.Text(people.Name(s, card.NameBn, card.NameLatin)), kit.Pills(state(s, h.State, h.Late(dates.Of(r.Now))))}})
	}
	if v.Left, err = left(r, q, b.Left); b.Others > 0 {
		v.Others = s.T("handing.left_others", "count", b.Others)
	}
	return batchPage(v), err
}

// left are the cases that stayed behind, with why.
func left(r *site.Request, q db.Reader, all []handovers.Left) (rows []kit.Row, err error) {
	for _, l := range all {
		c, err := cases.Find(r.Context(), q, r.Who, l.Case)
		if err != nil {
			return nil, err
		}
		name := r.S.T("case.person_unseen")
		if card, err := persons.FindCard(r.Context(), q, r.Who, c.Person); err == nil {
			name = people.Name(r.S, card.NameBn, card.NameLatin)
		}
		rows = append(rows, kit.Row{Href: casehead.Path(c.ID), Cells: []templ.Component{kit.Text(name), kit.Text(r.S.T(l.Why))}})
	}
	return rows, nil
}
