// SPDX-License-Identifier: Apache-2.0

package referring

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/web/kit"
	"fera/internal/web/shared"
	"fera/internal/web/site"
)

// draftView is the form in which is written down what the provider is told.
type draftView struct {
	sheet
	Action   string
	Back     string
	Version  int
	Draft    referrals.Drafting
	Provider provider
	Alert    string
	Unasked  bool // she did not agree that private things are written down
	Papers   []listing.Paper
	Offered  map[string]string // what the register has of what may be shared, in words
}

// choose begins a draft for a service that was chosen. Nothing is written; when another referral came to nothing, its words are taken over.
func choose(r *site.Request, tx *db.Tx) (string, error) {
	f, w := r.PostForm, wished(r)
	d := referrals.Drafting{Operation: ids.New(r.Now), Case: caseID(r), Service: f.Get("service"), Location: f.Get("location"), Need: w.Need, Papers: w.Papers, Urgency: "days", Typed: sharing.Sheet{}}
	if ids.Valid(w.From) {
		old, err := referrals.LookAt(r.Context(), tx, r.Who, referrals.ID(w.From))
		if err == nil && old.Case == d.Case && old.Need == d.Need {
			d.Urgency, d.Share, d.Typed = old.Urgency, slices.Clone(old.Fields), typedOf(old)
		} else if err != nil && fault.KindOf(err) != fault.NotFound {
			return "", err
		}
	}
	if w.Women == "yes" {
		d.Typed["women_staff"] = "yes"
	}
	v, err := form(r, tx, d)
	v.Action = v.path("draft")
	r.Answer = draftPage(v)
	return "", err
}

// typedOf is what was written for a provider, without what came from the register.
func typedOf(ref referrals.Referral) sharing.Sheet {
	some := sharing.Sheet{}
	for code, value := range ref.Sheet {
		if f, ok := sharing.FieldOf(code); ok && f.Typed {
			some[code] = value
		}
	}
	return some
}

// form begins the form of a draft.
func form(r *site.Request, q db.Reader, d referrals.Drafting) (v draftView, err error) {
	if v.sheet, err = open(r, q); err != nil {
		return v, err
	}
	if !v.may(d.Need) {
		return v, notFound()
	}
	v.Draft, v.Back, v.Offered = d, v.path("new"), map[string]string{}
	her := v.Head.Person
	v.Unasked = !her.Agreed(persons.PurposeProtected)
	ref := referrals.Referral{Person: v.Head.Case.Person, Content: referrals.Content{Need: d.Need, Service: d.Service, Location: d.Location, Papers: d.Papers}}
	for _, f := range sharing.For(d.Need) {
		if !f.Typed {
			ref.Fields = append(ref.Fields, f.Code)
		}
	}
	all, err := referrals.Preview(r.Context(), q, r.Who, ref)
	if err != nil {
		return v, err
	}
	for _, l := range shared.Fields(r, all) {
		v.Offered[l.Code] = l.Value
	}
	known, err := directory.Several(r.Context(), q, []string{d.Service})
	if err != nil {
		return v, err
	}
	if s := known[d.Service].Service; s != nil {
		v.Alert, ref.Organisation = v.Say.Text(s.Alert), s.Organisation
		v.Papers = slices.DeleteFunc(slices.Clone(s.Papers), func(p listing.Paper) bool { return p.Code == "" })
	}
	v.Provider, err = providerOf(r, q, ref, v.Say)
	return v, err
}

// typed reads a sent form of a draft.
func typed(r *site.Request) referrals.Drafting {
	f := r.PostForm
	d := referrals.Drafting{Operation: f.Get("operation"), Case: caseID(r), Service: f.Get("service"), Location: f.Get("location"), Need: f.Get("need"), Urgency: f.Get("urgency"), Share: slices.Clone(f["share"]),
		Papers: slices.Clone(f["papers"]), Anyway: f.Get("anyway"), Typed: written(f, f.Get("need"))}
	return d
}

// written are the fields that were typed, of those that belong to the need.
func written(f url.Values, need string) sharing.Sheet {
	some := sharing.Sheet{}
	for _, field := range sharing.For(need) {
		if value := f.Get(field.Code); field.Typed && strings.TrimSpace(value) != "" {
			some[field.Code] = value
		}
	}
	return some
}

func draft(r *site.Request, tx *db.Tx) (string, error) {
	id, err := referrals.Draft(r.Context(), tx, r.Who, typed(r))
	if err != nil {
		return "", err
	}
	r.Say("referral_drafted")
	return after(r, tx, id)
}

func drafting(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := form(r, q, typed(r))
	v.Action = v.path("draft")
	return draftPage(v), err
}

// edit opens the form of a draft with what is written.
func edit(r *site.Request, tx *db.Tx) (string, error) {
	ref, err := opened(r, tx)
	if err != nil {
		return "", err
	}
	if ref.State != course.Drafted {
		return "", fault.New(fault.Conflict, "referral.not_now")
	}
	v, err := form(r, tx, referrals.Drafting{Case: ref.Case, Service: ref.Service, Location: ref.Location, Need: ref.Need, Urgency: ref.Urgency, Share: ref.Fields, Typed: typedOf(ref), Papers: ref.Papers, Anyway: ref.Anyway})
	v.Action, v.Back, v.Version = v.path(string(ref.ID), "change"), v.path(string(ref.ID)), ref.Version
	r.Answer = draftPage(v)
	return "", err
}

func change(r *site.Request, tx *db.Tx) (string, error) {
	id, err := referralID(r)
	if err != nil {
		return "", err
	}
	d := typed(r)
	d.Operation = ""
	if err := referrals.Redraft(r.Context(), tx, r.Who, referrals.Acting{ID: id, Version: r.Version(0)}, d); err != nil {
		return "", err
	}
	r.Say("referral_drafted")
	return after(r, tx, id)
}

func changing(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := referralID(r)
	if err != nil {
		return nil, err
	}
	ref, err := referrals.Outline(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	if ref.Case != caseID(r) {
		return nil, notFound()
	}
	v, err := form(r, q, typed(r))
	v.Action, v.Back, v.Version = v.path(string(id), "change"), v.path(string(id)), r.Version(ref.Version)
	return draftPage(v), err
}

// after leads to the page of a referral; what of class 3 was just written is shown at once, and that is a look.
func after(r *site.Request, tx *db.Tx, id referrals.ID) (string, error) {
	ref, err := referrals.Outline(r.Context(), tx, r.Who, id)
	if err != nil {
		return "", err
	}
	if !ref.Veiled {
		return "/cases/" + string(ref.Case) + "/referrals/" + string(id), nil
	}
	if ref, err = referrals.LookAt(r.Context(), tx, r.Who, id); err != nil {
		return "", err
	}
	v, err := one(r, tx, ref)
	v.Opened = true
	r.Answer = onePage(v)
	return "", err
}

// urgencies are how soon the provider is to answer, in words.
func (v draftView) urgencies() (all []kit.Option) {
	for _, u := range course.Standard().Urgencies {
		all = append(all, kit.Option{Value: u.Code, Label: v.S.T("referring.urgency." + u.Code)})
	}
	return all
}

// fields are those that are written for this provider: the open ones, or those of class 3.
func (v draftView) fields(class3 bool) (all []sharing.Field) {
	for _, f := range sharing.For(v.Draft.Need) {
		if f.Typed && f.Code != "ask" && (f.Class == 3) == class3 {
			all = append(all, f)
		}
	}
	return all
}

// private tells whether the reader may write down what is of class 3.
func (v draftView) private() bool { return v.May[cases.ReferProtected] && !v.Unasked }

// in is a control for a field that is written.
func (v draftView) in(code string) kit.Input {
	in := kit.Input{Name: code, Label: v.S.T("shared.field." + code), Value: v.Draft.Typed[code], Error: v.Problems.On(code), Optional: code != "ask", MaxLength: sharing.LongestText, Rows: 3, Hint: v.stage(code)}
	if key := "referring.about." + code; v.S.Has(key) {
		in.Hint = v.S.T(key) + " " + in.Hint
	}
	return in
}

// stage says when the provider sees a field.
func (v draftView) stage(code string) string {
	if f, ok := sharing.FieldOf(code); ok && f.Stage == sharing.Accepted {
		return v.S.T("referring.seen_later")
	}
	return v.S.T("referring.seen_now")
}

// languages are those in which she may be served.
func (v draftView) languages() (all []kit.Option) {
	for _, code := range listing.Spoken() {
		all = append(all, kit.Option{Value: code, Label: v.S.T("directory.language." + code)})
	}
	return all
}

// optional are the fields of the register that may be shared, unticked at first.
func (v draftView) optional() (all []kit.Option) {
	for _, f := range sharing.For(v.Draft.Need) {
		if f.Typed || slices.Contains(sharing.Always(), f.Code) {
			continue
		}
		hint := v.stage(f.Code)
		if known := v.Offered[f.Code]; known != "" {
			hint = v.S.T("referring.register_says", "value", known) + " " + hint
		} else if f.Code != "papers" {
			hint = v.S.T("referring.register_empty")
		}
		all = append(all, kit.Option{Value: f.Code, Label: v.S.T("shared.field." + f.Code), Hint: hint, Chosen: slices.Contains(v.Draft.Share, f.Code)})
	}
	return all
}

// fixed are the fields that are always shared.
func (v draftView) fixed() (all []kit.Fact) {
	for _, code := range sharing.Always() {
		if code == "ask" {
			continue
		}
		value := v.Offered[code]
		if value == "" {
			value = v.S.T("referring.register_empty")
		}
		all = append(all, kit.Fact{Label: v.S.T("shared.field." + code), Value: value, Note: v.stage(code)})
	}
	return all
}

func (v draftView) papers() (all []kit.Option) {
	for _, p := range v.Papers {
		all = append(all, kit.Option{Value: p.Code, Label: p.Name(string(v.S.Lang())), Chosen: slices.Contains(v.Draft.Papers, p.Code)})
	}
	return all
}

// other is a control that is no field of the sheet.
func (v draftView) other(name, value string) kit.Input {
	in := kit.Input{Name: name, Label: v.S.T("referring." + name), Value: value, Error: v.Problems.On(name), MaxLength: 500, Rows: 2}
	if key := "referring." + name + "_hint"; v.S.Has(key) {
		in.Hint = v.S.T(key)
	}
	return in
}

// anyway is why she is sent although papers are missing.
func (v draftView) anyway() kit.Input {
	in := v.other("anyway", v.Draft.Anyway)
	in.Optional = true
	return in
}

// purpose says what she is referred for.
func (v draftView) purpose() string {
	return v.S.T("referring.for_need", "need", shared.Need(v.S, v.Draft.Need))
}

// closed says why what is private cannot be written here.
func (v draftView) closed() string {
	if v.May[cases.ReferProtected] {
		return v.S.T("referring.private_unasked")
	}
	return v.S.T("referring.private_not_yours")
}
