// SPDX-License-Identifier: Apache-2.0

package phone

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

type formView struct {
	kit.Frame
	Problems    kit.Problems
	ID          persons.ID
	Operation   string
	Case        string
	Guide       guide.View
	Name        string
	Verdict     calls.Verdict
	Hours       string
	Contact     kit.Input
	Contacts    []kit.Option
	Way         kit.Input
	Ways        []kit.Option
	Other       kit.Input
	Others      []kit.Option
	Outcome     kit.Input
	Outcomes    []kit.Option
	About       kit.Input
	Next        kit.Input
	NextOn      kit.Input
	MayOverride bool
	Override    kit.Input
	Reason      kit.Input
}

func options(s *words.Speaker, prefix string, values []string) (all []kit.Option) {
	for _, v := range values {
		all = append(all, kit.Option{Value: v, Label: s.T(prefix + "." + v)})
	}
	return all
}

// entry is what the form says.
func entry(r *site.Request, id persons.ID) (calls.Entry, error) {
	e := calls.Entry{Operation: r.Typed("operation", ""), Person: id, Case: cases.ID(r.FormValue("case")), Contact: r.FormValue("contact"), Way: r.FormValue("way"), Other: r.FormValue("other"),
		Outcome: r.FormValue("outcome"), About: r.FormValue("about"), Next: r.FormValue("next"), Override: r.FormValue("override") == "yes", Reason: r.FormValue("reason")}
	var err error
	e.NextOn, err = day(r)
	return e, err
}

func day(r *site.Request) (dates.Partial, error) {
	text := strings.TrimSpace(r.FormValue("next_on"))
	if text == "" {
		return dates.Partial{}, nil
	}
	d, err := dates.Parse(text)
	if err != nil {
		return d, fault.Of(err).On("next_on")
	}
	return d, nil
}

func form(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := personOf(r)
	if err != nil {
		return nil, err
	}
	e, _ := entry(r, id)
	if e.Way == "" {
		e.Way = "call"
	}
	p, verdict, err := calls.Ask(r.Context(), q, r.Who, e)
	if err != nil {
		return nil, err
	}
	v := formView{Frame: r.Frame(r.S.T("call.make")), Problems: r.Problems, ID: id, Name: people.Name(r.S, p.NameBn, p.NameLatin), Verdict: verdict, Hours: hoursSaid(r.S, verdict.Hours)}
	v.QuickExit, v.Case, v.Operation = true, string(e.Case), r.Typed("operation", ids.New(r.Now))
	if v.Guide, err = guide.For(r, q, "call"); err != nil {
		return nil, err
	}
	v.MayOverride, err = people.Reaches(r, q, access.OverrideContact, id)
	v.fill(r, p, e)
	return formPage(v), err
}

func (v *formView) fill(r *site.Request, p persons.Person, e calls.Entry) {
	s := r.S
	v.Contact, v.Way = r.Input("contact", s.T("call.field.contact"), e.Contact), r.Input("way", s.T("call.field.way"), e.Way)
	for _, c := range p.Contacts {
		v.Contacts = append(v.Contacts, kit.Option{Value: c.ID, Label: number(s, c) + " · " + people.How(s, c)})
	}
	v.Contacts = append(v.Contacts, kit.Option{Value: "", Label: s.T("call.home")})
	v.Ways, v.Others, v.Outcomes = options(s, "call.way", calls.Ways()), options(s, "call.other", calls.Others()), options(s, "call.outcome", calls.Outcomes())
	v.Other, v.Outcome = r.Input("other", s.T("call.field.other"), ""), r.Input("outcome", s.T("call.field.outcome"), "")
	v.About, v.Next, v.NextOn = about(r), r.Input("next", s.T("call.field.next"), ""), r.Input("next_on", s.T("call.field.next_on"), "")
	v.Next.Optional, v.NextOn.Optional = true, true
	v.Override = kit.Input{Name: "override", Label: s.T("call.override"), Hint: s.T("call.override_hint"), Value: r.Typed("override", "")}
	v.Reason = r.Input("reason", s.T("call.field.reason"), "")
}

func about(r *site.Request) kit.Input {
	in := r.Input("about", r.S.T("call.field.about"), "")
	in.Hint, in.Optional = r.S.T("call.field.about_hint"), true
	return in
}

// enter keeps a call. One that must not be made is shown why, and what was typed is not kept.
func enter(r *site.Request, tx *db.Tx) (string, error) {
	id, err := personOf(r)
	if err != nil {
		return "", err
	}
	e, err := entry(r, id)
	if err != nil {
		return "", err
	}
	result, err := calls.Enter(r.Context(), tx, r.Who, e)
	if err != nil {
		return "", err
	}
	if result.ID == "" {
		v := refusedView{Frame: r.Frame(r.S.T("call.make")), ID: id, Why: r.S.T(result.Verdict.Why), Hours: hoursSaid(r.S, result.Verdict.Hours)}
		v.QuickExit = true
		r.Answer = refusedPage(v)
		return "", nil
	}
	r.Say("call")
	return path(id, "calls"), nil
}

type refusedView struct {
	kit.Frame
	ID         persons.ID
	Why, Hours string
}

type inView struct {
	kit.Frame
	Problems  kit.Problems
	ID        persons.ID
	Operation string
	Guide     guide.View
	Other     kit.Input
	Others    []kit.Option
	Word      kit.Input
	About     kit.Input
	Next      kit.Input
	NextOn    kit.Input
}

func inForm(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := personOf(r)
	if err != nil {
		return nil, err
	}
	if _, _, err := calls.Ask(r.Context(), q, r.Who, calls.Entry{Person: id, Way: "call"}); err != nil {
		return nil, err
	}
	s := r.S
	v := inView{Frame: r.Frame(s.T("call.answer")), Problems: r.Problems, ID: id, Operation: r.Typed("operation", ids.New(r.Now)),
		Other: r.Input("other", s.T("call.field.caller"), ""), Word: r.Input("word", s.T("call.field.word"), ""), About: about(r),
		Next: r.Input("next", s.T("call.field.next"), ""), NextOn: r.Input("next_on", s.T("call.field.next_on"), "")}
	v.QuickExit = true
	v.Word.Hint, v.Word.Optional, v.Next.Optional, v.NextOn.Optional = s.T("call.field.word_hint"), true, true, true
	v.Others = options(s, "call.other", calls.Others()[:len(calls.Others())-1])
	v.Guide, err = guide.For(r, q, "call")
	return inPage(v), err
}

type answeredView struct {
	kit.Frame
	ID     persons.ID
	OK     bool
	Family bool
}

func answer(r *site.Request, tx *db.Tx) (string, error) {
	id, err := personOf(r)
	if err != nil {
		return "", err
	}
	on, err := day(r)
	if err != nil {
		return "", err
	}
	in := calls.Incoming{Operation: r.PostFormValue("operation"), Person: id, Other: r.PostFormValue("other"), Word: r.PostFormValue("word"), About: r.PostFormValue("about"),
		Next: r.PostFormValue("next"), NextOn: on}
	result, err := calls.Answer(r.Context(), tx, r.Who, in)
	if err != nil {
		return "", err
	}
	v := answeredView{Frame: r.Frame(r.S.T("call.answered_title")), ID: id, OK: result.Verdict.OK, Family: in.Other != "herself"}
	v.QuickExit = true
	r.Answer = answeredPage(v)
	return "", nil
}

type wordView struct {
	kit.Frame
	Problems kit.Problems
	ID       persons.ID
	Word     kit.Input
	Guide    guide.View
	Shown    string
}

func wordForm(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := personOf(r)
	if err != nil {
		return nil, err
	}
	if _, err := persons.Find(r.Context(), q, r.Who, id); err != nil {
		return nil, err
	}
	v := wordView{Frame: r.Frame(r.S.T("call.word")), Problems: r.Problems, ID: id, Word: r.Input("word", r.S.T("call.word"), "")}
	v.Word.Hint, v.QuickExit = r.S.T("call.word_empty"), true
	v.Guide, err = guide.For(r, q, "safe_contact")
	return wordPage(v), err
}

func setWord(r *site.Request, tx *db.Tx) (string, error) {
	id, err := personOf(r)
	if err != nil {
		return "", err
	}
	r.Say("call_word")
	return path(id, "calls"), calls.SetCodeWord(r.Context(), tx, r.Who, id, r.PostFormValue("word"))
}

func showWord(r *site.Request, tx *db.Tx) (string, error) {
	id, err := personOf(r)
	if err != nil {
		return "", err
	}
	word, err := calls.CodeWord(r.Context(), tx, r.Who, id)
	v := wordView{Frame: r.Frame(r.S.T("call.word")), ID: id, Shown: word}
	v.QuickExit = true
	r.Answer = wordShownPage(v)
	return "", err
}

type hoursView struct {
	kit.Frame
	Problems kit.Problems
	ID       persons.ID
	Contact  string
	Days     kit.Input
	All      []kit.Option
	From, To kit.Input
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func hoursForm(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := personOf(r)
	if err != nil {
		return nil, err
	}
	if _, _, err := calls.Ask(r.Context(), q, r.Who, calls.Entry{Person: id, Way: "call"}); err != nil {
		return nil, err
	}
	all, err := calls.HoursOf(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	now := all[r.PathValue("contact")]
	from, to := "", ""
	if now.Set() {
		from, to = clock(now.From), clock(now.To)
	}
	v := hoursView{Frame: r.Frame(r.S.T("call.hours")), Problems: r.Problems, ID: id, Contact: r.PathValue("contact"), Days: r.Input("days", r.S.T("call.hours_days"), ""),
		From: r.Input("from", r.S.T("call.hours_from"), from), To: r.Input("to", r.S.T("call.hours_to"), to)}
	v.Days.Hint, v.From.Hint, v.From.Width, v.To.Width = r.S.T("call.hours_days_hint"), r.S.T("call.hours_hint"), kit.Short, kit.Short
	for _, d := range calls.Days() {
		v.All = append(v.All, kit.Option{Value: d, Label: r.S.T("call.day." + d), Chosen: r.Ticked("days", d, slices.Contains(now.Days, d))})
	}
	return hoursPage(v), nil
}

// minute reads a time of day, in either numerals.
func minute(text, field string) (int, error) {
	text = strings.Map(func(c rune) rune {
		if c >= '০' && c <= '৯' {
			return c - '০' + '0'
		}
		return c
	}, strings.TrimSpace(text))
	hour, rest, ok := strings.Cut(text, ":")
	if text == "" {
		return 0, nil
	}
	if !ok {
		rest = "0"
	}
	h, err := strconv.Atoi(hour)
	m, other := strconv.Atoi(rest)
	if err != nil || other != nil || h < 0 || h > 24 || m < 0 || m > 59 {
		return 0, fault.New(fault.Invalid, "call.hours_form").On(field)
	}
	return h*60 + m, nil
}

func setHours(r *site.Request, tx *db.Tx) (string, error) {
	id, err := personOf(r)
	if err != nil {
		return "", err
	}
	h := calls.Hours{Contact: r.PathValue("contact"), Days: r.PostForm["days"]}
	if h.From, err = minute(r.PostFormValue("from"), "from"); err != nil {
		return "", err
	}
	if h.To, err = minute(r.PostFormValue("to"), "to"); err != nil {
		return "", err
	}
	r.Say("call_hours")
	return path(id, "calls"), calls.SetHours(r.Context(), tx, r.Who, id, h)
}
