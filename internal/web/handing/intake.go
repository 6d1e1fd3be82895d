// SPDX-License-Identifier: Apache-2.0

package handing

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/choices"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/handovers"
	"fera/internal/persons"
	"fera/internal/programmes"
	"fera/internal/referrals"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// intakeView is the form by which somebody whom another network sent becomes a person and a case; before the referral was opened, a
// button that opens it.
type intakeView struct {
	kit.Frame
	Problems   kit.Problems
	Action     string
	Opened     bool
	Case       string // that was opened for her already
	Ask        string
	NameBn     kit.Input
	NameLatin  kit.Input
	Sex        kit.Input
	Sexes      []kit.Option
	Birth      kit.Input
	Home       kit.Input
	Number     kit.Input
	Owner      kit.Input
	Owners     []kit.Option
	Safety     kit.Input
	Safeties   []kit.Option
	Register   kit.Input
	Contact    kit.Input
	Protected  kit.Input
	Method     kit.Input
	Methods    []kit.Option
	Programme  kit.Input
	Programmes []kit.Option
	Texts      []string // read out to her
}

// intake shows the button, or the form again when something in it is wrong.
func intake(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v := intakeView{Frame: r.Frame(r.S.T("handing.intake")), Problems: r.Problems, Action: "/intake/" + id, Opened: r.PostFormValue("do") == "register"}
	v.QuickExit = true
	if _, err := referrals.FindArrival(r.Context(), q, r.Who, referrals.ID(id)); err != nil {
		return nil, err
	}
	of, err := handovers.Admitted(r.Context(), q, referrals.ID(id))
	if err != nil {
		return nil, err
	}
	if of != "" {
		v.Case = casehead.Path(of)
	}
	if v.Opened {
		err = v.fields(r, q, persons.Registration{})
	}
	return intakePage(v), err
}

// fields fills in the form with what the network wrote.
func (v *intakeView) fields(r *site.Request, q db.Reader, p persons.Registration) error {
	s := r.S
	field := func(name string, f persons.Field) kit.Input {
		return r.Input(name, s.T("person.field."+string(f)), p.Values[f])
	}
	v.NameBn, v.NameLatin, v.Birth = field("name_bn", persons.NameBn), field("name_latin", persons.NameLatin), field("birth", persons.Birth)
	v.NameBn.Lang, v.NameBn.Optional, v.NameLatin.Optional, v.Birth.Optional = "bn", true, true, true
	v.Sex, v.Sexes = field("sex", persons.SexField), options(s, "person.sex.", []string{string(persons.Female), string(persons.Male), string(persons.Other), string(persons.Unsaid)})
	v.Home = places.Lookup(r, "home", s.T("person.field.home"), p.Values[persons.Home])
	if r.PostForm == nil && v.Home.Code == "" && p.Values[persons.Home] != "" { // it is shown for the first time
		v.Home.Code, v.Home.Value = p.Values[persons.Home], geo.Full(s.Lang(), p.Values[persons.Home])
	}
	number, owner := "", ""
	if len(p.Contacts) > 0 {
		number, owner = p.Contacts[0].Number, p.Contacts[0].Owner
	}
	v.Number, v.Owner, v.Safety = r.Input("number", s.T("handing.number"), number), r.Input("owner", s.T("handing.owner"), owner), r.Input("safety", s.T("handing.safety"), "unasked")
	v.Number.Optional, v.Number.Type = true, "tel"
	v.Owners, v.Safeties = options(s, "person.owner.", choices.ContactOwners()), options(s, "person.safety.", choices.Safeties())
	v.Register, v.Contact, v.Protected = r.Input("register", s.T("handing.agrees_register"), ""), r.Input("contact", s.T("handing.agrees_contact"), ""), r.Input("protected", s.T("handing.agrees_protected"), "")
	v.Register.Error = r.Problems.On("consents")
	v.Method, v.Methods = r.Input("method", s.T("handing.method"), "spoken"), options(s, "person.method.", choices.ConsentMethods())
	for _, purpose := range []persons.Purpose{persons.PurposeRegister, persons.PurposeContact, persons.PurposeProtected} {
		v.Texts = append(v.Texts, persons.ConsentText(persons.ConsentVersion(), purpose, s.Lang()))
	}
	all, err := programmes.List(r.Context(), q)
	for _, one := range all {
		name := one.NameEn
		if s.Lang() == "bn" {
			name = one.NameBn
		}
		v.Programmes = append(v.Programmes, kit.Option{Value: one.Code, Label: name})
	}
	v.Programme = r.Input("programme", s.T("handing.programme"), "reintegration")
	return err
}

// admit opens the referral and shows the form; and registers her and opens a case, once the form was filled in.
func admit(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	if r.PostFormValue("do") != "register" {
		return "", openIntake(r, tx, referrals.ID(id))
	}
	home, err := places.Read(r, "home")
	if err != nil {
		return "", err
	}
	f := r.PostForm
	p := persons.Registration{Source: persons.Handed, Values: map[persons.Field]string{persons.NameBn: f.Get("name_bn"), persons.NameLatin: f.Get("name_latin"), persons.SexField: f.Get("sex"), persons.Birth: f.Get("birth"),
		persons.Home: home}}
	if number := f.Get("number"); number != "" {
		p.Contacts = []persons.Contact{{Kind: "phone", Number: number, Owner: f.Get("owner"), Safety: f.Get("safety")}}
	}
	for name, purpose := range map[string]persons.Purpose{"register": persons.PurposeRegister, "contact": persons.PurposeContact, "protected": persons.PurposeProtected} {
		p.Consents = append(p.Consents, persons.Consent{Purpose: purpose, Given: f.Get(name) == "yes", Method: f.Get("method"), Language: string(r.S.Lang()), TextVersion: persons.ConsentVersion()})
	}
	slices.SortFunc(p.Consents, func(a, b persons.Consent) int { return len(a.Purpose) - len(b.Purpose) })
	of, err := handovers.Admit(r.Context(), tx, r.Who, handovers.Intake{Referral: referrals.ID(id), Registration: p, Programme: f.Get("programme")})
	r.Say("handover_admitted")
	return casehead.Path(of), err
}

func openIntake(r *site.Request, tx *db.Tx, id referrals.ID) error {
	a, err := referrals.OpenArrival(r.Context(), tx, r.Who, id)
	if err != nil {
		return err
	}
	if !handovers.Admissible(a) {
		return fault.New(fault.Conflict, "handover.not_agreed")
	}
	v := intakeView{Frame: r.Frame(r.S.T("handing.intake")), Action: "/intake/" + string(id), Opened: true, Ask: a.Sheet["ask"]}
	v.QuickExit = true
	r.PostForm = nil // what the form holds is what the network wrote
	if err := v.fields(r, tx, handovers.Prefill(a.Sheet)); err != nil {
		return err
	}
	r.Answer = intakePage(v)
	return nil
}
