// SPDX-License-Identifier: Apache-2.0

// Package giving is the pages of what is given in a case: the ordinary in one line, each kind with its own form, money with what was
// paid of the same before, and what is protected behind a look that enters the trail.
//
// What kind a form is about is sent, never written in an address: of class 3 not even that is anybody's.
package giving

import (
	"cmp"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/services"
	"fera/internal/web/casehead"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages about what is given in a case.
func Routes(_ *site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /cases/{id}/services", Perm: access.ReadCases, Page: list},
		{Path: "POST /cases/{id}/services", Perm: access.NoteCase, Act: quick, Page: list},
		{Path: "POST /cases/{id}/services/look", Perm: access.ReadCases, Act: look},
		{Path: "GET /cases/{id}/services/new", Perm: access.NoteCase, Page: choosing},
		{Path: "POST /cases/{id}/services/new", Perm: access.NoteCase, Act: chosen},
		{Path: "POST /cases/{id}/services/log", Perm: access.NoteCase, Act: log, Page: logging},
		{Path: "GET /cases/{id}/services/{service}/pay", Perm: access.WorkCase, Page: paying},
		{Path: "POST /cases/{id}/services/{service}/pay", Perm: access.WorkCase, Act: pay, Page: paying},
		{Path: "GET /cases/{id}/services/{service}/undo", Perm: access.NoteCase, Page: undoing},
		{Path: "POST /cases/{id}/services/{service}/undo", Perm: access.NoteCase, Act: undo, Page: undoing},
		{Path: "GET /cases/{id}/services/{service}/tell", Perm: access.NoteCase, Page: telling},
		{Path: "POST /cases/{id}/services/{service}/tell", Perm: access.NoteCase, Act: tell, Page: telling},
		{Path: "POST /cases/{id}/services/{service}/notes", Perm: access.ReadCases, Act: notes},
	}
}

func caseID(r *site.Request) cases.ID       { return cases.ID(r.PathValue("id")) }
func serviceID(r *site.Request) services.ID { return services.ID(r.PathValue("service")) }
func home(r *site.Request) string           { return casehead.Path(caseID(r), "services") }
func lang(s *words.Speaker) string          { return string(s.Lang()) }
func (v sheet) path(parts ...string) string {
	return casehead.Path(v.Head.Case.ID, append([]string{"services"}, parts...)...)
}
func (v sheet) kind(code string) services.Kind {
	if at := slices.IndexFunc(v.Kinds, func(k services.Kind) bool { return k.Code == code }); at >= 0 {
		return v.Kinds[at]
	}
	return services.Kind{Code: code, NameBn: code, NameEn: code}
}

// sheet is what every page about what is given has.
type sheet struct {
	Guide guide.View // how it is done well
	kit.Frame
	Head     casehead.Head
	Problems kit.Problems
	May      map[cases.Act]bool
	Secret   bool            // who reads may see what is of class 3
	Glass    bool            // because she broke the glass
	Me       string          // who reads
	Members  []cases.Member  // clients of the case beside her
	Kinds    []services.Kind // the catalogue of today, also what is not given any more
	Today    dates.Partial
}

// open begins a page about what is given in a case that the reader sees.
func open(r *site.Request, q db.Reader) (v sheet, err error) {
	v = sheet{Frame: r.Frame(r.S.T("service.title")), Problems: r.Problems, May: map[cases.Act]bool{}, Me: r.Who.ID, Today: dates.Of(r.Now)}
	v.QuickExit = true
	if v.Head, err = casehead.New(r, q, caseID(r), "services"); err != nil {
		return v, err
	}
	acts, err := cases.PossibleNow(r.Context(), q, r.Who, v.Head.Case)
	if err != nil {
		return v, err
	}
	for _, a := range acts {
		v.May[a] = true
	}
	secret, until, err := access.SeesProtected(r.Context(), q, r.Who, string(v.Head.Case.Person))
	if err != nil {
		return v, err
	}
	v.Secret, v.Glass = secret, !until.IsZero()
	if v.Members, err = cases.Members(r.Context(), q, r.Who, v.Head.Case.ID); err != nil && fault.KindOf(err) != fault.NotFound {
		return v, err
	}
	v.Kinds, err = services.Catalogue(r.Context(), q, v.Today)
	return v, err
}

// clients are those to whom something may be given.
func (v sheet) clients() []kit.Option {
	all := []kit.Option{{Value: "", Label: v.S.T("service.client_self")}}
	for _, m := range v.Members {
		all = append(all, kit.Option{Value: m.ID, Label: people.Kin(v.S, m.Relation)})
	}
	return all
}

// client says to whom something was given; nothing when it was to her.
func (v sheet) client(id string) string {
	if id == "" {
		return ""
	}
	if at := slices.IndexFunc(v.Members, func(m cases.Member) bool { return m.ID == id }); at >= 0 {
		return people.Kin(v.S, v.Members[at].Relation)
	}
	return v.S.T("plan.client_gone")
}

// listView is the page of what was given.
type listView struct {
	sheet
	Services  []services.Service
	Protected []services.Service
	Opened    bool
	Totals    []services.Total
	Approvals map[string]cases.Approval
	Next      string // address of what is older
	Code      string // typed into the one line
	On        string
	Quantity  string
	Client    string
	Remark    string
	Operation string
}

// perPage is how many services a page shows.
const perPage = 50

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := read(r, q)
	return listPage(v), err
}

func read(r *site.Request, q db.Reader) (v listView, err error) {
	if v.sheet, err = open(r, q); err != nil {
		return v, err
	}
	before := r.URL.Query().Get("before")
	if v.Services, err = services.List(r.Context(), q, r.Who, v.Head.Case.ID, cases.Part{Before: before, Limit: perPage}); err != nil {
		return v, err
	}
	if len(v.Services) == perPage {
		v.Next = v.path() + "?before=" + string(v.Services[perPage-1].ID)
	}
	if v.Totals, err = services.Totals(r.Context(), q, r.Who, v.Head.Case.ID); err != nil {
		return v, err
	}
	asked, err := cases.Approvals(r.Context(), q, r.Who, v.Head.Case.ID)
	v.Approvals = map[string]cases.Approval{}
	for _, a := range asked {
		v.Approvals[a.ID] = a
	}
	v.Code, v.On, v.Quantity, v.Client, v.Remark = r.Typed("code", ""), r.Typed("on", ""), r.Typed("quantity", r.S.Digits("1")), r.Typed("client", ""), r.Typed("remark", "")
	v.Operation = r.Typed("operation", ids.New(r.Now))
	return v, err
}

// look shows what is of class 3 too, and enters that it was looked at.
func look(r *site.Request, tx *db.Tx) (string, error) {
	v, err := read(r, tx)
	if err != nil {
		return "", err
	}
	v.Protected, err = services.Look(r.Context(), tx, r.Who, v.Head.Case.ID, cases.Part{Limit: 200})
	v.Opened = true
	r.Answer = listPage(v)
	return "", err
}

// ordinary are the kinds that are logged in one line: not protected, no money, nothing that has to be said first.
func (v sheet) ordinary() (all []kit.Option) {
	for _, k := range v.Kinds {
		if k.Class == 2 && !k.Ended && !k.Money && len(k.Conditions)+len(k.Papers) == 0 && !slices.ContainsFunc(k.Fields, func(f services.Field) bool { return f.Needed }) {
			all = append(all, kit.Option{Value: k.Code, Label: k.Name(lang(v.S))})
		}
	}
	slices.SortFunc(all, func(a, b kit.Option) int { return cmp.Compare(a.Label, b.Label) })
	return all
}

// shelf is the kinds of one category.
type shelf struct {
	Name  string
	Kinds []services.Kind
}

// shelves are the kinds that the reader may give in this case, by category.
func (v sheet) shelves() (all []shelf) {
	for _, k := range v.Kinds {
		if k.Ended || k.Class == 3 && !v.May[cases.GiveProtected] || k.Class == 2 && !v.May[cases.Give] || k.Money && !v.May[cases.Ask] {
			continue
		}
		name := k.Category
		if key := "service.category." + k.Category; v.S.Has(key) {
			name = v.S.T(key)
		}
		at := slices.IndexFunc(all, func(s shelf) bool { return s.Name == name })
		if at < 0 {
			all, at = append(all, shelf{Name: name}), len(all)
		}
		all[at].Kinds = append(all[at].Kinds, k)
	}
	slices.SortFunc(all, func(a, b shelf) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Amount says an amount in poisha as people read it: ৳ 1,25,000.50.
func Amount(s *words.Speaker, poisha int64) string {
	taka, rest := poisha/100, poisha%100
	said := s.Number(int(taka))
	if rest != 0 {
		said += "." + s.Digits(string([]byte{'0' + byte(rest/10), '0' + byte(rest%10)}))
	}
	return s.T("service.taka", "amount", said)
}

// Abroad says an amount in another currency: SAR 1,200.50.
func Abroad(s *words.Speaker, f services.Foreign) string {
	if f.Amount == 0 {
		return ""
	}
	return f.Currency + " " + s.Digits(services.WriteAmount(f.Amount, f.Currency))
}

// Unit says how much of something was given: 3 sessions.
func Unit(s *words.Speaker, n int, unit string) string {
	if key := "service.unit." + unit; s.Has(key) {
		return s.T(key, "count", n)
	}
	return s.Number(n) + " " + unit
}

// ReceiptNumber is the number that a receipt is printed with, and offered when the money is handed over.
func ReceiptNumber(s services.Service) string {
	id := string(s.ID)
	return "R-" + id[max(0, len(id)-12):]
}

// much says how much was given, in units or in money.
func (v sheet) much(s services.Service) string {
	if s.Amount == 0 {
		return Unit(v.S, s.Quantity, v.kind(s.Code).Unit)
	}
	said := Amount(v.S, s.Amount)
	if f := Abroad(v.S, s.Foreign); f != "" {
		said += " (" + f + ")"
	}
	return said
}

// state says where a service stands.
func (v listView) state(s services.Service) kit.Tag {
	switch s.State {
	case services.Given, services.Paid:
		return kit.Tag{Text: v.S.T("service.state." + string(s.State)), Tone: kit.Good}
	case services.Undone:
		return kit.Tag{Text: v.S.T("service.state.undone")}
	}
	a, ok := v.Approvals[s.Approval]
	switch {
	case s.Approval == "" || ok && a.Decision == cases.Approved:
		return kit.Tag{Text: v.S.T("service.state.allowed"), Tone: kit.Accent}
	case ok && a.Decision == cases.Refused:
		return kit.Tag{Text: v.S.T("service.state.refused"), Tone: kit.Danger}
	}
	return kit.Tag{Text: v.S.T("service.state.waiting", "yes", yeses(a), "needed", a.Needed), Tone: kit.Attention}
}

func yeses(a cases.Approval) (n int) {
	for _, vote := range a.Votes {
		if vote.Yes {
			n++
		}
	}
	return n
}

// payable tells whether money may be handed over.
func (v listView) payable(s services.Service) bool {
	return s.State == services.Asked && v.May[cases.Ask] && (s.Approval == "" || v.Approvals[s.Approval].Decision == cases.Approved)
}

// totals says how much was given in all, the kinds by name.
func (v sheet) totals(all []services.Total) (facts []kit.Fact) {
	for _, t := range all {
		k := v.kind(t.Code)
		f := kit.Fact{Label: k.Name(lang(v.S)), Value: Unit(v.S, t.Quantity, k.Unit)}
		if t.Amount > 0 {
			f.Value = Amount(v.S, t.Amount)
		}
		facts = append(facts, f)
	}
	slices.SortFunc(facts, func(a, b kit.Fact) int { return cmp.Compare(a.Label, b.Label) })
	return facts
}

// details are the answers to the further questions of a service, in words.
func (v sheet) details(s services.Service) (facts []kit.Fact) {
	for _, f := range v.kind(s.Code).Fields {
		said := s.Details[f.Key]
		switch at := slices.IndexFunc(f.Options, func(o services.Condition) bool { return o.Key == said }); {
		case said == "":
			continue
		case at >= 0:
			said = f.Options[at].In(lang(v.S))
		case f.Kind == "date":
			said = people.Date(v.S, said)
		case f.Kind == "number":
			said = v.S.Digits(said)
		}
		facts = append(facts, kit.Fact{Label: f.In(lang(v.S)), Value: said})
	}
	return facts
}
