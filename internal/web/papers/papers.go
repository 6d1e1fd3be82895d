// SPDX-License-Identifier: Apache-2.0

// Package papers is what is printed about a case: the plan, the same to be signed, a summary, what she agreed to, a receipt; in either
// language, black on white.
//
// Every print asks where the paper goes. What she would take home is refused when she said that paper is not safe there, or when
// nobody asked her; what is of class 3 never goes home. That something was printed is in the trail.
package papers

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/programmes"
	"fera/internal/services"
	"fera/internal/web/casehead"
	"fera/internal/web/giving"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages from which papers about a case are printed.
func Routes(_ *site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /cases/{id}/print", Perm: access.PrintPerson, Page: choosing},
		{Path: "POST /cases/{id}/print", Perm: access.PrintPerson, Act: printed, Page: choosing},
	}
}

// The papers.
const (
	plan    = "plan"
	toSign  = "plan_sign"
	summary = "summary"
	consent = "consent"
	receipt = "receipt"
)

// chooseView asks what is to be printed, in which language, and where it goes.
type chooseView struct {
	kit.Frame
	Head     casehead.Head
	Problems kit.Problems
	What     string
	Lang     string
	Where    string
	Service  string
	Papers   string // what she said of paper where she lives
	Secret   bool
	Private  bool
}

func choosing(r *site.Request, q db.Reader) (templ.Component, error) {
	v := chooseView{Frame: r.Frame(r.S.T("paper.title")), Problems: r.Problems, Lang: r.Typed("lang", string(words.Bangla)), Where: r.Typed("where", "office"),
		Service: r.Typed("service", r.URL.Query().Get("service")), Private: r.Ticked("private", "yes", false)}
	v.QuickExit = true
	first := toSign
	if v.Service != "" {
		first = receipt
	}
	v.What = r.Typed("what", first)
	var err error
	if v.Head, err = casehead.New(r, q, cases.ID(r.PathValue("id")), "plan"); err != nil {
		return nil, err
	}
	her := v.Head.Person
	if may, err := people.Reaches(r, q, access.PrintPerson, v.Head.Case.Person); err != nil || !may || her.CardOnly {
		return nil, cmpErr(err, fault.New(fault.NotFound, "fault.not_found"))
	}
	v.Papers = her.PapersAtHome()
	v.Secret, _, err = access.SeesProtected(r.Context(), q, r.Who, string(v.Head.Case.Person))
	return choosePage(v), err
}

// cmpErr is the first error that there is.
func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// sheets are the papers that may be chosen.
func (v chooseView) sheets() (all []kit.Option) {
	papers := []string{toSign, plan, summary, consent}
	if v.Service != "" {
		papers = []string{receipt}
	}
	for _, p := range papers {
		all = append(all, kit.Option{Value: p, Label: v.S.T("paper." + p), Hint: v.S.T("paper." + p + "_hint")})
	}
	return all
}

func (v chooseView) languages() (all []kit.Option) {
	for _, l := range words.Languages() {
		all = append(all, kit.Option{Value: string(l), Label: v.S.T("language." + string(l))})
	}
	return all
}

// wheres are the places to which a paper may go, the safe one first.
func (v chooseView) wheres() []kit.Option {
	return []kit.Option{{Value: "office", Label: v.S.T("person.print_for.office")}, {Value: "home", Label: v.S.T("person.print_for.home"), Hint: v.home()}}
}

func (v chooseView) home() string {
	if v.Papers == "" {
		return v.S.T("paper.unasked")
	}
	return v.S.T("person.papers_home." + v.Papers)
}

// paperView is a paper.
type paperView struct {
	kit.Frame
	Head      casehead.Head
	Person    persons.Person
	What      string
	Office    string
	Programme string
	Printed   string
	Private   bool // with goals of class 3
	Plan      plans.Plan
	None      bool // there is no plan
	Clients   map[string]string
	Kinds     []services.Kind
	Reviews   []plans.Review
	Totals    []services.Total
	Service   services.Service
}

// printed shows the paper, and enters in the trail that it was printed.
func printed(r *site.Request, tx *db.Tx) (string, error) {
	f := r.PostForm
	lang, ok := words.ParseLang(f.Get("lang"))
	switch {
	case !ok:
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("lang")
	case f.Get("where") != "home" && f.Get("where") != "office":
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("where")
	case !slices.Contains([]string{plan, toSign, summary, consent, receipt}, f.Get("what")):
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("what")
	case f.Get("where") == "home" && f.Get("private") == "yes":
		return "", fault.New(fault.Invalid, "paper.private_stays").On("private")
	}
	c, err := cases.Find(r.Context(), tx, r.Who, cases.ID(r.PathValue("id")))
	if err != nil {
		return "", err
	}
	v := paperView{What: f.Get("what"), Private: f.Get("private") == "yes", Clients: map[string]string{}}
	if v.Person, err = persons.Print(r.Context(), tx, r.Who, c.Person); err != nil {
		return "", err
	}
	if f.Get("where") == "home" {
		if err := v.Person.MayCarry(); err != nil {
			return "", err
		}
		if _, may := calls.MaySend(v.Person, calls.Paper, nil, r.Now); !may.OK {
			return "", fault.New(fault.Forbidden, may.Why).On("where")
		}
	}
	r.S = words.In(lang)
	v.Frame, v.Printed = r.Frame(r.S.T("paper.title")), dates.Format(r.S, dates.Of(r.Now))
	v.QuickExit = true
	if v.Head, err = casehead.New(r, tx, c.ID, "plan"); err != nil {
		return "", err
	}
	if err := v.fill(r, tx, c); err != nil {
		return "", err
	}
	r.Answer = paperPage(v)
	return "", nil
}

// fill reads what the paper needs.
func (v *paperView) fill(r *site.Request, tx *db.Tx, c cases.Case) error {
	all, err := places.New(r, tx)
	if err != nil {
		return err
	}
	v.Office = all.Said(access.AtOffice(c.Office))
	p, err := programmes.Find(r.Context(), tx, c.Programme)
	if err != nil {
		return err
	}
	if v.Programme = p.NameEn; r.S.Lang() == words.Bangla {
		v.Programme = p.NameBn
	}
	if v.Kinds, err = services.Catalogue(r.Context(), tx, dates.Of(r.Now)); err != nil {
		return err
	}
	members, err := cases.Members(r.Context(), tx, r.Who, c.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		v.Clients[m.ID] = people.Kin(r.S, m.Relation)
	}
	switch v.What {
	case receipt:
		v.Service, err = services.Find(r.Context(), tx, r.Who, services.ID(r.PostForm.Get("service")))
		if err == nil && (v.Service.Case != c.ID || v.Service.Amount == 0) {
			err = fault.New(fault.NotFound, "service.not_found")
		}
		return err
	case consent:
		return nil
	}
	return v.planned(r, tx, c)
}

// planned reads the plan and how it goes: to be signed the draft if there is one, else what holds.
func (v *paperView) planned(r *site.Request, tx *db.Tx, c cases.Case) (err error) {
	v.Plan, err = plans.Find(r.Context(), tx, r.Who, c.ID, 0)
	if err == nil && v.What != toSign && v.Plan.Agreed > 0 {
		v.Plan, err = plans.Find(r.Context(), tx, r.Who, c.ID, v.Plan.Agreed)
	}
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil && v.What == summary:
		v.None = true
	case err != nil:
		return err
	case v.Private && v.What != summary:
		if v.Plan, err = plans.Look(r.Context(), tx, r.Who, c.ID, v.Plan.Number); err != nil {
			return err
		}
	}
	if v.Reviews, err = plans.Reviews(r.Context(), tx, r.Who, c.ID); err != nil {
		return err
	}
	v.Totals, err = services.Totals(r.Context(), tx, r.Who, c.ID)
	return err
}

func (v paperView) kind(code string) services.Kind {
	if at := slices.IndexFunc(v.Kinds, func(k services.Kind) bool { return k.Code == code }); at >= 0 {
		return v.Kinds[at]
	}
	return services.Kind{Code: code, NameBn: code, NameEn: code}
}

func (v paperView) name(code string) string { return v.kind(code).Name(string(v.S.Lang())) }

// who is whose paper this is.
func (v paperView) who() string { return people.Name(v.S, v.Person.NameBn, v.Person.NameLatin) }

// facts are what stands on top of every paper.
func (v paperView) facts() []kit.Fact {
	c := v.Head.Case
	facts := []kit.Fact{{Label: v.S.T("paper.programme"), Value: v.Programme}, {Label: v.S.T("paper.office"), Value: v.Office}, {Label: v.S.T("paper.worker"), Value: c.WorkerName}}
	if v.What == summary {
		facts = append(facts, kit.Fact{Label: v.S.T("paper.opened"), Value: dates.Format(v.S, dates.Of(c.OpenedAt))}, kit.Fact{Label: v.S.T("paper.status"), Value: v.S.T("case.status." + string(c.Status))})
	}
	return people.Facts(facts...)
}

// given says how much was given of what.
func (v paperView) given() (facts []kit.Fact) {
	for _, t := range v.Totals {
		f := kit.Fact{Label: v.name(t.Code), Value: giving.Unit(v.S, t.Quantity, v.kind(t.Code).Unit)}
		if t.Amount > 0 {
			f.Value = giving.Amount(v.S, t.Amount)
		}
		facts = append(facts, f)
	}
	return facts
}

// answer is what she said to one purpose, and when.
func (v paperView) answer(p persons.Purpose) string {
	for _, c := range v.Person.Consents {
		if c.Purpose != p || !c.EndedAt.IsZero() {
			continue
		}
		key := "paper.consent_no"
		if c.Given {
			key = "paper.consent_yes"
		}
		return v.S.T(key, "when", dates.FormatTime(v.S, c.At), "name", c.AskedName)
	}
	return v.S.T("paper.consent_unasked")
}

// words are those that were read out for a purpose, or those that would be now.
func (v paperView) words(p persons.Purpose) string {
	for _, c := range v.Person.Consents {
		if c.Purpose == p && c.EndedAt.IsZero() {
			if said := persons.ConsentText(c.TextVersion, p, v.S.Lang()); said != "" {
				return said
			}
		}
	}
	return persons.ConsentText(persons.ConsentVersion(), p, v.S.Lang())
}

// receiptFacts are what the receipt is about.
func (v paperView) receiptFacts() []kit.Fact {
	s := v.Service
	number := s.Receipt
	if number == "" {
		number = giving.ReceiptNumber(s)
	}
	return people.Facts(
		kit.Fact{Label: v.S.T("paper.receipt_number"), Value: number},
		kit.Fact{Label: v.S.T("paper.receipt_what"), Value: v.name(s.Code)},
		kit.Fact{Label: v.S.T("paper.receipt_amount"), Value: giving.Amount(v.S, s.Amount)},
		kit.Fact{Label: v.S.T("paper.receipt_foreign"), Value: giving.Abroad(v.S, s.Foreign)},
		kit.Fact{Label: v.S.T("paper.receipt_for"), Value: v.Clients[s.Client]},
		kit.Fact{Label: v.S.T("paper.receipt_paid"), Value: v.paidOn()})
}

// paidOn is when it was handed over; a line to write on before that.
func (v paperView) paidOn() string {
	if v.Service.State == services.Paid {
		return dates.Format(v.S, v.Service.On)
	}
	return "……………………"
}

// said says of a plan where it stands.
func (v paperView) said() string {
	if v.Plan.AgreedAt.IsZero() {
		return v.S.T("paper.plan_draft")
	}
	return v.S.T("plan.agreed_by", "when", dates.FormatTime(v.S, v.Plan.AgreedAt), "name", v.Plan.AgreedBy)
}

// doer says who does a step.
func (v paperView) doer(s plans.Step) string {
	if s.Who == "worker" && s.User != "" && s.User == v.Head.Case.Worker {
		return v.Head.Case.WorkerName
	}
	return v.S.T("plan.who." + s.Who)
}
