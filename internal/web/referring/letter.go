// SPDX-License-Identifier: Apache-2.0

package referring

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/web/kit"
	"fera/internal/web/listed"
	"fera/internal/web/people"
	"fera/internal/web/shared"
	"fera/internal/web/site"
	"fera/internal/words"
)

// The copies of the form.
const (
	forProvider = "provider"
	forOffice   = "office"
	forHer      = "her"
)

// writeView asks what is printed, and whether her name may stand on it.
type writeView struct {
	oneView
	Copies []kit.Option
	Home   string // what she said of paper where she lives
}

func writing(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := referralID(r)
	if err != nil {
		return nil, err
	}
	ref, err := here(r, q, id)
	if err != nil {
		return nil, err
	}
	v := writeView{}
	if v.oneView, err = one(r, q, ref); err != nil {
		return nil, err
	}
	if err := v.prints(r, q); err != nil {
		return nil, err
	}
	for _, c := range []string{forProvider, forOffice, forHer} {
		v.Copies = append(v.Copies, kit.Option{Value: c, Label: r.S.T("referring.copy." + c), Hint: r.S.T("referring.copy." + c + "_hint"), Chosen: r.Ticked("copies", c, c != forHer)})
	}
	v.Home = r.S.T("paper.unasked")
	if said := v.Head.Person.PapersAtHome(); said != "" {
		v.Home = r.S.T("person.papers_home." + said)
	}
	return writePage(v), nil
}

// prints refuses what may not be printed: before it was sent, after it was withdrawn, and by who may not print at all.
func (v oneView) prints(r *site.Request, q db.Reader) error {
	may, err := people.Reaches(r, q, access.PrintPerson, v.Ref.Person)
	if err == nil && may {
		may, err = access.Reaches(r.Context(), q, r.Who, access.SendReferral, string(v.Ref.Case))
	}
	switch {
	case err != nil:
		return err
	case !may:
		return notFound()
	case v.Ref.SentAt.IsZero() || v.Ref.State == course.Withdrawn:
		return fault.New(fault.Conflict, "referral.not_now")
	}
	return nil
}

// letterView is the form on paper.
type letterView struct {
	kit.Frame
	Back    string
	Letter  referrals.Letter
	Copies  []string
	Tongues []tongue
	Code    code
	Address string
	Named   bool
	Plain   bool // her copy carries nothing but the number
}

// tongue is the form in one language.
type tongue struct {
	S        *words.Speaker
	Lang     string
	Sender   shared.Sender
	By       string
	Provider provider
	Need     string
	Lines    []shared.Line
	Papers   []kit.Fact
	Facts    []kit.Fact
	Ends     string
	Her      []kit.Fact
	Meets    string
}

// letter prints the form: for the provider, for the office, for her.
func letter(r *site.Request, tx *db.Tx) (string, error) {
	id, err := referralID(r)
	if err != nil {
		return "", err
	}
	ref, err := here(r, tx, id)
	if err != nil {
		return "", err
	}
	page, err := one(r, tx, ref)
	if err == nil {
		err = page.prints(r, tx)
	}
	if err != nil {
		return "", err
	}
	v := letterView{Frame: r.Frame(r.S.T("referring.letter")), Back: path(ref), Named: r.PostForm.Get("named") == "yes"}
	v.QuickExit = true
	for _, c := range []string{forProvider, forOffice, forHer} {
		if slices.Contains(r.PostForm["copies"], c) {
			v.Copies = append(v.Copies, c)
		}
	}
	if len(v.Copies) == 0 {
		return "", fault.New(fault.Invalid, "referring.copy_needed").On("copies")
	}
	if _, err := persons.Print(r.Context(), tx, r.Who, ref.Person); err != nil {
		return "", err
	}
	if v.Letter, err = referrals.WriteLetter(r.Context(), tx, r.Who, id, v.Named); err != nil {
		return "", err
	}
	v.Plain = page.Head.Person.MayCarry() != nil || v.Letter.Protected
	if v.Letter.Secret != "" {
		v.Address = r.Origin() + "/r/" + v.Letter.Secret
		if v.Code, err = codeOf(v.Address); err != nil {
			return "", err
		}
	}
	for _, lang := range words.Languages() {
		t, err := v.tongue(r, tx, page.Say, lang)
		if err != nil {
			return "", err
		}
		v.Tongues = append(v.Tongues, t)
	}
	r.Answer = letterPage(v)
	return "", nil
}

// tongue says the form in one language.
func (v letterView) tongue(r *site.Request, q db.Reader, say listed.Speaker, lang words.Lang) (t tongue, err error) {
	s := words.In(lang)
	in := &site.Request{Request: r.Request, Who: r.Who, S: s, Now: r.Now}
	say.S = s
	ref := v.Letter.Referral
	t = tongue{S: s, Lang: string(lang), By: ref.By, Need: shared.Need(s, ref.Need), Lines: shared.Fields(in, ref.Sheet)}
	if t.Sender, err = shared.From(in, q, ref.From, ref.FromOffice); err != nil {
		return t, err
	}
	if t.Provider, err = providerOf(in, q, ref, say); err != nil {
		return t, err
	}
	t.Papers = papersOf(in, ref)
	t.Facts = []kit.Fact{{Label: s.T("referring.need"), Value: t.Need}, {Label: s.T("referring.service"), Value: t.Provider.Service}, {Label: s.T("referring.urgency"), Value: s.T("referring.urgency." + ref.Urgency)},
		{Label: s.T("referring.sent_on"), Value: dates.Format(s, dates.Of(ref.SentAt))}}
	if due, err := dates.Parse(ref.DueOn); err == nil && ref.State.Theirs() {
		t.Facts = append(t.Facts, kit.Fact{Label: s.T("referring.answer_by"), Value: dates.Format(s, due)})
	}
	if !v.Letter.Ends.IsZero() {
		t.Ends = dates.FormatTime(s, v.Letter.Ends)
	}
	if !ref.MeetsAt.IsZero() {
		t.Meets = dates.FormatTime(s, ref.MeetsAt)
	}
	t.Her = t.hers(ref)
	return t, nil
}

// papersOf says which papers she has and which she has not got.
func papersOf(r *site.Request, ref referrals.Referral) (facts []kit.Fact) {
	for key, codes := range map[string][]string{"referring.papers_has": ref.Papers, "referring.papers_missing": ref.Missing} {
		for _, l := range shared.Fields(r, sharing.Sheet{"papers": strings.Join(codes, ",")}) {
			facts = append(facts, kit.Fact{Label: r.S.T(key), Value: l.Value})
		}
	}
	slices.SortFunc(facts, func(a, b kit.Fact) int { return strings.Compare(a.Label, b.Label) })
	return facts
}

// hers is what stands on her own copy, where paper is safe with her.
func (t tongue) hers(ref referrals.Referral) []kit.Fact {
	var phones []string
	for _, p := range t.Provider.Phones {
		phones = append(phones, t.S.Digits(p.Number))
	}
	return people.Facts(
		kit.Fact{Label: t.S.T("referring.need"), Value: t.Need},
		kit.Fact{Label: t.S.T("referring.provider"), Value: t.Provider.Name},
		kit.Fact{Label: t.S.T("referring.where"), Value: t.Provider.Where},
		kit.Fact{Label: t.S.T("referring.phone"), Value: strings.Join(phones, ", ")},
		kit.Fact{Label: t.S.T("directory.field.hours"), Value: strings.Join(t.Provider.Hours, " · ")},
		kit.Fact{Label: t.S.T("referring.meets"), Value: t.Meets})
}

// pair is one line of the form in both languages.
type pair struct{ Labels, Values []said }

// said is a text in a language.
type said struct{ Lang, Text string }

// pairs puts what the form says in one language beside what it says in the other. A value that is the same in both stands once.
func (v letterView) pairs(of func(t tongue) []kit.Fact) (all []pair) {
	for _, t := range v.Tongues {
		for i, f := range of(t) {
			if i == len(all) {
				all = append(all, pair{})
			}
			all[i].Labels = append(all[i].Labels, said{t.Lang, f.Label})
			if !slices.ContainsFunc(all[i].Values, func(s said) bool { return s.Text == f.Value }) {
				all[i].Values = append(all[i].Values, said{t.Lang, f.Value})
			}
		}
	}
	return all
}

// request is what the provider sees at first, and name and contact if she agreed to that.
func request(t tongue) []kit.Fact {
	facts := slices.Clone(t.Facts)
	for _, l := range t.Lines {
		facts = append(facts, kit.Fact{Label: l.Label, Value: strings.Join(append([]string{l.Value}, l.Warnings...), ". ")})
	}
	return append(facts, t.Papers...)
}

// parties are who asks and who is asked.
func parties(t tongue) []kit.Fact {
	var phones []string
	for _, p := range t.Sender.Phones {
		phones = append(phones, p.Number)
	}
	return people.Facts(
		kit.Fact{Label: t.S.T("referring.to"), Value: t.Provider.Name},
		kit.Fact{Label: t.S.T("referring.where"), Value: t.Provider.Where},
		kit.Fact{Label: t.S.T("referring.from"), Value: t.Sender.Said()},
		kit.Fact{Label: t.S.T("referring.worker"), Value: strings.Trim(t.By+", "+strings.Join(phones, ", "), ", ")})
}

func hersOf(t tongue) []kit.Fact { return t.Her }

// both is a text in both languages.
func (v letterView) both(key string, args ...any) (all []said) {
	for _, t := range v.Tongues {
		all = append(all, said{t.Lang, t.S.T(key, args...)})
	}
	return all
}

// answers are the boxes to tick for who answers by hand.
func (v letterView) answers() []string {
	return []string{"accept", "enlist", "appoint", "decline", "serve", "not_served"}
}

// number is the number of the referral as it is read out.
func (v letterView) number(s *words.Speaker) string { return s.Digits(grouped(v.Letter.Number)) }

// last tells whether a copy is the last, after which no page begins.
func (v letterView) last(i int) bool { return i == len(v.Copies)-1 }
