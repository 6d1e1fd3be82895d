// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/programmes"
	"fera/internal/web/casefile"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

type listView struct {
	kit.Frame
	Rows []kit.Row
}

func programmeList(r *site.Request, q db.Reader) (templ.Component, error) {
	v := listView{Frame: r.Frame(r.S.T("programme.title"))}
	codes, err := programmes.Codes(r.Context(), q)
	if err != nil {
		return nil, err
	}
	for _, code := range codes {
		versions, err := programmes.Versions(r.Context(), q, code)
		if err != nil {
			return nil, err
		}
		last := versions[len(versions)-1]
		v.Rows = append(v.Rows, kit.Row{Href: "/programmes/" + code, Cells: []templ.Component{kit.Text(pick(r.S, last.NameBn, last.NameEn)), kit.Text(code), kit.Text(set(r.S, last))}})
	}
	return listShown(v), nil
}

// set says who set a version, and from which day.
func set(s *words.Speaker, v programmes.Version) string {
	if v.From.IsZero() {
		return s.T("programme.ships")
	}
	return s.T("programme.set_by", "name", v.By, "day", dates.Format(s, v.From))
}

// found is the programme of the address as it is today; as it will be, for one that has not begun.
func found(r *site.Request, q db.Reader) (programmes.Programme, []programmes.Version, error) {
	versions, err := programmes.Versions(r.Context(), q, r.PathValue("code"))
	if err != nil {
		return programmes.Programme{}, nil, err
	}
	if len(versions) == 0 {
		return programmes.Programme{}, nil, fault.New(fault.NotFound, "fault.not_found")
	}
	p := versions[0].Programme
	for _, v := range versions {
		if !dates.Of(r.Now).SurelyBefore(v.From) {
			p = v.Programme
		}
	}
	p.Version = len(versions)
	return p, versions, nil
}

// base is the programme as it is on the day from which a change is to hold, so that
// what the form does not show stays as it is then.
func base(r *site.Request, q db.Reader, from dates.Partial) (programmes.Programme, error) {
	p, err := programmes.On(r.Context(), q, r.PathValue("code"), from)
	if fault.KindOf(err) == fault.Invalid {
		err = fault.New(fault.Invalid, "programme.from").On("from")
	}
	p.Version = r.Version(0)
	return p, err
}

type programmeView struct {
	kit.Frame
	Code     string
	Facts    []kit.Fact
	Reasons  []kit.Row
	Versions []kit.Row
	Own      bool // has reasons of its own
}

func (v programmeView) path(parts ...string) string {
	return strings.Join(append([]string{"/programmes", v.Code}, parts...), "/")
}

func programmePage(r *site.Request, q db.Reader) (templ.Component, error) {
	p, versions, err := found(r, q)
	if err != nil {
		return nil, err
	}
	s := r.S
	v := programmeView{Frame: r.Frame(pick(s, p.NameBn, p.NameEn)), Code: p.Code, Own: len(p.Closures) > 0}
	add := func(key, value string) {
		v.Facts = append(v.Facts, kit.Fact{Label: s.T("programme.field." + key), Value: value})
	}
	for _, t := range terms(&p) {
		add(t.key, casefile.Term(s, *t.term))
	}
	add("reviews", s.T("programme.months", "list", listed(s, p.Reviews)))
	add("untouched_days", s.T("casework.unit.days", "count", p.Untouched))
	add("alone_up_to", taka(s, p.AloneUpTo))
	add("one_up_to", taka(s, p.OneUpTo))
	yes := map[bool]string{true: s.T("common.yes"), false: s.T("common.no")}
	add("approve_plan", yes[p.ApprovePlan])
	add("approve_closure", yes[p.ApproveClosure])
	var reminders []string
	for _, rung := range p.Reminders {
		reminders = append(reminders, reminder(s, rung))
	}
	add("reminders", strings.Join(reminders, "; "))
	for _, c := range p.Reasons() {
		duties := s.T("programme.duties", "count", len(c.Duties))
		if c.Approval {
			duties += "; " + s.T("programme.needs_other")
		}
		v.Reasons = append(v.Reasons, kit.Row{Href: v.path("reasons", c.Code), Cells: []templ.Component{kit.Text(pick(s, c.Bn, c.En)), kit.Text(s.T("programme.group." + c.Group)), kit.Text(duties)}})
	}
	for _, version := range versions {
		v.Versions = append(v.Versions, kit.Row{Cells: []templ.Component{kit.Text(set(s, version)), kit.Text(dates.FormatTime(s, version.At))}})
		if version.From.IsZero() {
			v.Versions[len(v.Versions)-1].Cells[1] = nil
		}
	}
	return programmeShown(v), nil
}

// taka says a limit that is kept in poisha.
func taka(s *words.Speaker, poisha int64) string {
	return s.T("person.taka", "count", int(poisha/100))
}

// listed are some numbers in words.
func listed(s *words.Speaker, numbers []int) string {
	said := make([]string, len(numbers))
	for i, n := range numbers {
		said[i] = s.Number(n)
	}
	return strings.Join(said, ", ")
}

// reminder says when somebody is reminded: two days before, on the day, five days after.
func reminder(s *words.Speaker, rung deadlines.Rung) string {
	who := s.T("programme.to." + rung.To)
	switch {
	case rung.Days < 0:
		return s.T("programme.before", "who", who, "count", -rung.Days)
	case rung.Days > 0:
		return s.T("programme.after", "who", who, "count", rung.Days)
	}
	return s.T("programme.on_day", "who", who)
}

// named is one term of a programme.
type named struct {
	key  string
	term *deadlines.Term
}

func terms(p *programmes.Programme) []named {
	return []named{{"assign", &p.Assign}, {"assess", &p.Assess}, {"plan", &p.Plan}, {"start", &p.Start}, {"aftercare", &p.AfterCare}}
}

// rungs is how many reminders a form has room for.
const rungs = 8

// formView is the form of a programme.
type formView struct {
	kit.Frame
	Problems kit.Problems
	Action   string
	Back     string
	Version  int
	Code     *kit.Input // of a new one
	Names    []kit.Input
	Terms    []termInputs
	Units    []kit.Option
	Plain    []kit.Input
	Ticks    []kit.Input
	Rungs    []rungInputs
	Whom     []kit.Option
	Error    string // of the reminders
	From     kit.Input
	Later    bool // there are versions that begin later and stay as they are
}

type termInputs struct{ Count, Unit kit.Input }

type rungInputs struct{ Days, To kit.Input }

func form(r *site.Request, p programmes.Programme) formView {
	s := r.S
	v := formView{Frame: r.Frame(s.T("programme.change")), Problems: r.Problems, Action: "/programmes/" + p.Code + "/change", Back: "/programmes/" + p.Code, Version: p.Version}
	v.Names = []kit.Input{r.Input("name_bn", s.T("web.field.name_bn"), p.NameBn), r.Input("name_en", s.T("web.field.name_en"), p.NameEn)}
	v.Names[0].Lang, v.Names[1].Lang = "bn", "en"
	for _, u := range []deadlines.Unit{deadlines.WorkingDays, deadlines.Days, deadlines.Months} {
		v.Units = append(v.Units, kit.Option{Value: string(u), Label: s.T("programme.unit." + string(u))})
	}
	for _, t := range terms(&p) {
		count := r.Input(t.key, s.T("programme.field."+t.key), s.Digits(strconv.Itoa(t.term.Count)))
		count.Width, count.InputMode = kit.Short, "numeric"
		unit := r.Input(t.key+"_unit", s.T("programme.unit_of", "what", s.T("programme.field."+t.key)), string(t.term.Unit))
		v.Terms = append(v.Terms, termInputs{count, unit})
	}
	var months []string
	for _, m := range p.Reviews {
		months = append(months, s.Digits(strconv.Itoa(m)))
	}
	plain := func(name, value, hint string) {
		in := r.Input(name, s.T("programme.field."+name), value)
		in.Width, in.InputMode = kit.Medium, "numeric"
		if hint != "" {
			in.Hint = s.T(hint)
		}
		v.Plain = append(v.Plain, in)
	}
	plain("reviews", strings.Join(months, ", "), "programme.reviews_hint")
	plain("untouched_days", s.Digits(strconv.Itoa(p.Untouched)), "")
	plain("alone_up_to", s.Digits(strconv.FormatInt(p.AloneUpTo/100, 10)), "programme.alone_hint")
	plain("one_up_to", s.Digits(strconv.FormatInt(p.OneUpTo/100, 10)), "programme.one_hint")
	tick := func(name string, on bool) {
		in := kit.Input{Name: name, Label: s.T("programme.field." + name)}
		if r.Ticked(name, "yes", on) {
			in.Value = "yes"
		}
		v.Ticks = append(v.Ticks, in)
	}
	tick("approve_plan", p.ApprovePlan)
	tick("approve_closure", p.ApproveClosure)
	v.reminders(r, p)
	v.From = r.Input("from", s.T("programme.field.from"), s.Digits(typed(dates.Of(r.Now))))
	v.From.Hint = s.T("programme.from_hint")
	return v
}

func (v *formView) reminders(r *site.Request, p programmes.Programme) {
	v.Error = r.Problems.On("reminders")
	v.Whom = []kit.Option{{Value: programmes.ToWorker, Label: r.S.T("programme.to.worker")}, {Value: programmes.ToSupervisor, Label: r.S.T("programme.to.supervisor")}}
	for i := range min(rungs, len(p.Reminders)+2) {
		days, to := "", ""
		if i < len(p.Reminders) {
			days, to = r.S.Digits(strconv.Itoa(p.Reminders[i].Days)), p.Reminders[i].To
		}
		n := strconv.Itoa(i)
		one := rungInputs{r.Input("reminder_"+n, r.S.T("programme.reminder", "number", i+1), days), r.Input("reminder_to_"+n, r.S.T("programme.reminder_to", "number", i+1), to)}
		one.Days.Width, one.Days.Optional, one.To.Optional = kit.Short, true, true
		v.Rungs = append(v.Rungs, one)
	}
}

// read fills a programme with what was typed. What is no number is said beside its field.
func readForm(r *site.Request, p *programmes.Programme) error {
	var faults []*fault.Error
	whole := func(field string) int {
		n, ok := number(r.PostFormValue(field))
		if !ok {
			faults = append(faults, fault.New(fault.Invalid, "fault.bad_number").On(field))
		}
		return n
	}
	p.NameBn, p.NameEn = r.PostFormValue("name_bn"), r.PostFormValue("name_en")
	for _, t := range terms(p) {
		*t.term = deadlines.Term{Count: whole(t.key), Unit: deadlines.Unit(r.PostFormValue(t.key + "_unit"))}
	}
	p.Reviews = nil
	for _, text := range strings.FieldsFunc(r.PostFormValue("reviews"), func(c rune) bool { return c == ',' || c == ' ' || c == ';' }) {
		n, ok := number(text)
		if !ok {
			faults = append(faults, fault.New(fault.Invalid, "fault.bad_number").On("reviews"))
			break
		}
		p.Reviews = append(p.Reviews, n)
	}
	p.Untouched = whole("untouched_days")
	p.AloneUpTo, p.OneUpTo = int64(whole("alone_up_to"))*100, int64(whole("one_up_to"))*100
	p.ApprovePlan, p.ApproveClosure = r.PostFormValue("approve_plan") == "yes", r.PostFormValue("approve_closure") == "yes"
	p.Reminders = nil
	for i := range rungs {
		n := strconv.Itoa(i)
		if to := r.PostFormValue("reminder_to_" + n); to != "" {
			p.Reminders = append(p.Reminders, deadlines.Rung{Days: whole("reminder_" + n), To: to})
		}
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	return nil
}

func newProgramme(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := programmes.Find(r.Context(), q, "reintegration") // as good a beginning as any
	if err != nil {
		return nil, err
	}
	p.Code, p.NameBn, p.NameEn, p.Version = "", "", "", 0
	v := form(r, p)
	v.Title, v.Action, v.Back = r.S.T("programme.new"), "/programmes", "/programmes"
	code := r.Input("code", r.S.T("programme.field.code"), "")
	code.Hint = r.S.T("programme.code_hint")
	v.Code = &code
	return formShown(v), nil
}

func addProgramme(r *site.Request, tx *db.Tx) (string, error) {
	p := programmes.Programme{Code: r.PostFormValue("code")}
	if err := readForm(r, &p); err != nil {
		return "", err
	}
	there, err := programmes.Versions(r.Context(), tx, p.Code)
	if err != nil {
		return "", err
	}
	if len(there) > 0 {
		return "", fault.New(fault.Conflict, "programme.code_taken").On("code")
	}
	from, err := day(r, "from")
	if err != nil {
		return "", err
	}
	r.Say("saved")
	return "/programmes/" + p.Code, programmes.Set(r.Context(), tx, r.Who, p, from)
}

func changePage(r *site.Request, q db.Reader) (templ.Component, error) {
	p, versions, err := found(r, q)
	if err != nil {
		return nil, err
	}
	v := form(r, p)
	v.Later = dates.Of(r.Now).SurelyBefore(versions[len(versions)-1].From)
	return formShown(v), nil
}

func change(r *site.Request, tx *db.Tx) (string, error) {
	if _, _, err := found(r, tx); err != nil {
		return "", err
	}
	from, err := day(r, "from")
	if err != nil {
		return "", err
	}
	p, err := base(r, tx, from)
	if err != nil {
		return "", err
	}
	if err := readForm(r, &p); err != nil {
		return "", err
	}
	r.Say("saved")
	return "/programmes/" + p.Code, programmes.Set(r.Context(), tx, r.Who, p, from)
}
