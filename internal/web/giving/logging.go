// SPDX-License-Identifier: Apache-2.0

package giving

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/services"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// quick logs an ordinary service from the one line.
func quick(r *site.Request, tx *db.Tx) (string, error) {
	g, err := typed(r)
	if err != nil {
		return "", err
	}
	r.Say("service_logged")
	_, err = services.Log(r.Context(), tx, r.Who, g)
	return home(r), err
}

// chooseView is where it is said what is to be logged.
type chooseView struct {
	sheet
	Shelves []shelf
}

func choosing(r *site.Request, q db.Reader) (templ.Component, error) {
	s, err := open(r, q)
	if err != nil {
		return nil, err
	}
	return choosePage(chooseView{s, s.shelves()}), nil
}

// logView is the form of one kind of service.
type logView struct {
	sheet
	Kind      services.Kind
	Form      map[string]string // what was typed
	Said      []string          // conditions that were said to be so
	Papers    []string          // papers that were seen
	Same      []services.Payment
	Offices   places.Offices
	Seen      bool // she said that she looked at what was paid before
	Operation string
}

// chosen shows the form of the kind that was chosen. Nothing is written.
func chosen(r *site.Request, tx *db.Tx) (string, error) {
	v, err := form(r, tx)
	if err != nil {
		return "", err
	}
	if replaces := r.PostForm.Get("replaces"); replaces != "" {
		if old, err := services.Find(r.Context(), tx, r.Who, services.ID(replaces)); err == nil && old.Case == v.Head.Case.ID {
			v.refill(old)
		}
	}
	r.Answer = logPage(v)
	return "", nil
}

func logging(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := form(r, q)
	return logPage(v), err
}

// form begins the form of a kind, with what was typed.
func form(r *site.Request, q db.Reader) (logView, error) {
	s, err := open(r, q)
	v := logView{sheet: s, Form: map[string]string{}, Said: r.PostForm["conditions"], Papers: r.PostForm["papers"], Seen: r.PostForm.Get("seen") == "yes", Operation: r.Typed("operation", "")}
	if err != nil {
		return v, err
	}
	if v.Operation == "" {
		v.Operation = ids.New(r.Now)
	}
	for name := range r.PostForm {
		v.Form[name] = r.PostForm.Get(name)
	}
	day := v.Today
	if on, err := dates.Parse(v.Form["on"]); err == nil && on.Precision() == dates.Day {
		day = on // what has to be so, was as it was on that day
	}
	if v.Kind, err = services.FindKind(r.Context(), q, v.Form["code"], day); err != nil {
		return v, err
	}
	if v.Kind.Class == 3 && !v.Secret {
		return v, fault.New(fault.NotFound, "fault.not_found")
	}
	switch {
	case v.Kind.Money:
		v.Guide, err = guide.For(r, q, "case.money")
	case v.Kind.Notes:
		v.Guide, err = guide.For(r, q, "case.counselling")
	}
	if err != nil {
		return v, err
	}
	if v.Kind.Money {
		if v.Same, err = services.Same(r.Context(), q, r.Who, v.Head.Case.ID, v.Kind.Code); err != nil {
			return v, err
		}
		v.Same = slices.DeleteFunc(v.Same, func(p services.Payment) bool { return string(p.Service) == v.Form["replaces"] })
		v.Offices, err = places.New(r, q)
	}
	return v, err
}

// refill begins a correction with what was logged.
func (v *logView) refill(old services.Service) {
	v.Form["on"], v.Form["quantity"], v.Form["client"], v.Form["remark"] = v.S.Digits(old.On.String()), v.S.Digits(strconv.Itoa(old.Quantity)), old.Client, old.Remark
	if old.Amount > 0 {
		v.Form["amount"] = v.S.Digits(services.WriteAmount(old.Amount, services.Taka))
	}
	for key, said := range old.Details {
		v.Form["details."+key] = said
	}
}

// log logs what was given, or asks for money.
func log(r *site.Request, tx *db.Tx) (string, error) {
	g, err := typed(r)
	if err != nil {
		return "", err
	}
	if g.Same > 0 && r.PostForm.Get("seen") != "yes" {
		return "", fault.New(fault.Invalid, "service.look_first").On("seen")
	}
	r.Say("service_logged")
	if g.Amount > 0 {
		r.Say("service_asked")
	}
	_, err = services.Log(r.Context(), tx, r.Who, g)
	return home(r), err
}

// typed reads a sent form as what is to be logged. What cannot be read is said at its place.
func typed(r *site.Request) (services.Giving, error) {
	f := r.PostForm
	g := services.Giving{Operation: f.Get("operation"), Case: caseID(r), Code: f.Get("code"), Client: f.Get("client"), Conditions: f["conditions"], Papers: f["papers"],
		Details: map[string]string{}, Remark: f.Get("remark"), Notes: f.Get("notes"), Replaces: services.ID(f.Get("replaces"))}
	var faults []*fault.Error
	if text := f.Get("on"); text != "" {
		day, err := dates.Parse(text)
		if err != nil {
			faults = append(faults, fault.New(fault.Invalid, "date.unreadable").On("on"))
		}
		g.On = day
	}
	whole := func(name string, into *int) {
		text := strings.TrimSpace(f.Get(name))
		n, err := services.ReadAmount(text, "JPY") // whole units, in either digits
		if text != "" && (err != nil || n > 1_000_000) {
			faults = append(faults, fault.New(fault.Invalid, "fault.bad_number").On(name))
		}
		*into = int(n)
	}
	whole("quantity", &g.Quantity)
	whole("same", &g.Same)
	var err error
	if g.Amount, err = services.ReadAmount(f.Get("amount"), services.Taka); err != nil {
		faults = append(faults, fault.Of(err))
	}
	if g.Foreign.Currency = strings.ToUpper(strings.TrimSpace(f.Get("currency"))); g.Foreign.Currency != "" {
		if g.Foreign.Amount, err = services.ReadAmount(f.Get("foreign"), g.Foreign.Currency); err != nil && fault.Of(err).Field == "amount" {
			faults = append(faults, fault.New(fault.Invalid, "service.amount_form").On("foreign"))
		}
	}
	for name := range f {
		if key, ok := strings.CutPrefix(name, "details."); ok && strings.TrimSpace(f.Get(name)) != "" {
			g.Details[key] = f.Get(name)
		}
	}
	if joined := fault.Join(faults...); joined != nil {
		return g, joined
	}
	return g, nil
}

// in is a control of the form by its name.
func (v logView) in(name, label string) kit.Input {
	return kit.Input{Name: name, Label: label, Value: v.Form[name], Error: v.Problems.On(name), MaxLength: 1000}
}

// about is in, by the key of the label.
func (v logView) about(name, key string) kit.Input {
	in := v.in(name, v.S.T(key))
	if hint := key + "_hint"; v.S.Has(hint) {
		in.Hint = v.S.T(hint)
	}
	return in
}

// free is about, for what may be left out.
func (v logView) free(name, key string) kit.Input {
	in := v.about(name, key)
	in.Optional = true
	return in
}

// checks are conditions, or papers, to be ticked.
func (v logView) checks(all []services.Condition, said []string) (options []kit.Option) {
	for _, c := range all {
		options = append(options, kit.Option{Value: c.Key, Label: c.In(lang(v.S)), Chosen: slices.Contains(said, c.Key)})
	}
	return options
}

// options are the answers of a further question.
func (v logView) options(f services.Field) (all []kit.Option) {
	for _, o := range f.Options {
		all = append(all, kit.Option{Value: o.Key, Label: o.In(lang(v.S))})
	}
	return all
}

// detail is the control of a further question.
func (v logView) detail(f services.Field) kit.Input {
	in := v.in("details."+f.Key, f.In(lang(v.S)))
	in.Optional = !f.Needed
	if f.Kind == "date" {
		in.Hint = v.S.T("plan.by_hint")
	}
	if f.Kind == "number" {
		in.InputMode, in.Width = "numeric", kit.Short
	}
	return in
}

// paid says what was paid or asked for of the same before.
func (v logView) paid(p services.Payment) string { return Before(v.S, v.Offices, p) }

// Before says what was paid or asked for of the same before: to whom, when, where, and what became of it.
func Before(s *words.Speaker, where places.Offices, p services.Payment) string {
	key := "service.same_hers"
	if p.Household {
		key = "service.same_household"
	}
	return s.T(key, "amount", Amount(s, p.Amount), "when", dates.Format(s, p.On), "office", where.Said(access.AtOffice(p.Office)), "state", s.T("service.state_of."+string(p.State)))
}

// mayUndo tells whether something can be undone or corrected by who reads.
func (v sheet) mayUndo(s services.Service) bool {
	act := cases.WriteNote
	if s.Protected {
		act = cases.WriteProtected
	}
	return s.State != services.Undone && v.May[act]
}

// why says why something was undone; what was corrected says so by itself.
func (v sheet) why(s services.Service) string {
	if s.Why == "corrected" {
		return v.S.T("service.corrected")
	}
	return s.Why
}

// lead says what is special about the form of a kind.
func (v logView) lead() string {
	switch {
	case v.Kind.Money:
		return v.S.T("service.lead_money")
	case v.Kind.Tell > 0:
		return v.S.T("service.lead_tell", "count", v.Kind.Tell)
	case v.Kind.Class == 3:
		return v.S.T("service.lead_private")
	}
	return ""
}

// seen is the tick that says that what was paid before was looked at.
func (v logView) seen() kit.Input {
	in := kit.Input{Name: "seen", Label: v.S.T("service.seen", "count", len(v.Same)), Error: v.Problems.On("seen")}
	if v.Problems.On("same") != "" {
		in.Error = v.Problems.On("same")
	}
	if v.Seen {
		in.Value = "yes"
	}
	return in
}

// count is how much of it was given, in its unit.
func (v logView) count() kit.Input {
	in := v.about("quantity", "service.quantity")
	in.InputMode, in.Width, in.MaxLength = "numeric", kit.Short, 6
	if in.Hint = v.S.T("service.unit_is", "unit", Unit(v.S, 1, v.Kind.Unit)); in.Value == "" {
		in.Value = v.S.Digits("1")
	}
	return in
}

// money is a control for an amount, which a phone answers with its digits.
func (v logView) money(name, key string) kit.Input {
	in := v.about(name, key)
	in.InputMode, in.Width, in.MaxLength = "decimal", kit.Medium, 30
	if name == "currency" {
		in.InputMode, in.Width, in.MaxLength = "", kit.Short, 3
	}
	return in
}

// notes is the control for the notes of a session.
func (v logView) notes() kit.Input {
	in := v.free("notes", "service.notes")
	in.Rows, in.MaxLength = 10, 20_000
	return in
}

// line is a control for some words about a further question.
func (v logView) line(f services.Field) kit.Input {
	in := v.detail(f)
	in.Rows = 2
	return in
}
