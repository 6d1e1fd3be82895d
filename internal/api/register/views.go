// SPDX-License-Identifier: Apache-2.0

package register

import (
	"encoding/json"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/persons"
	"fera/internal/seal"
)

// The types here are what other systems are shown. They are written out field by
// field, so that what the register learns to keep is not told before somebody decided so.

// card is what a list shows of a person.
type card struct {
	ID           string        `json:"id"`
	Version      int           `json:"version"`
	NameBn       string        `json:"name_bn,omitempty"`
	NameLatin    string        `json:"name_latin,omitempty"`
	CallName     string        `json:"call_name,omitempty"`
	Sex          string        `json:"sex"`
	Birth        dates.Partial `json:"birth,omitzero"`
	Home         string        `json:"home,omitempty"`
	DoNotContact bool          `json:"do_not_contact"`
	Office       string        `json:"office"`
	RegisteredAt time.Time     `json:"registered_at"`
	ChangedAt    time.Time     `json:"changed_at"`
	ErasedAt     time.Time     `json:"erased_at,omitzero"`
}

func cardOf(c persons.Card) card {
	return card{string(c.ID), c.Version, c.NameBn, c.NameLatin, c.CallName, string(c.Sex), c.Birth, c.Place, c.DoNotContact, c.Office,
		c.RegisteredAt, c.ChangedAt, c.ErasedAt}
}

// person is a whole record, without what is protected.
type person struct {
	ID           string        `json:"id"`
	Version      int           `json:"version"`
	NameBn       string        `json:"name_bn,omitempty"`
	NameLatin    string        `json:"name_latin,omitempty"`
	CallName     string        `json:"call_name,omitempty"`
	Sex          string        `json:"sex"`
	Birth        dates.Partial `json:"birth,omitzero"`
	Home         string        `json:"home,omitempty"`
	DoNotContact bool          `json:"do_not_contact"`
	Office       string        `json:"office"`
	RegisteredAt time.Time     `json:"registered_at"`
	ChangedAt    time.Time     `json:"changed_at"`
	ErasedAt     time.Time     `json:"erased_at,omitzero"`

	Claims      []claim      `json:"claims"`
	Contacts    []contact    `json:"contacts"`
	Identifiers []identifier `json:"identifiers"`
	Consents    []consent    `json:"consents"`
	Journeys    []journey    `json:"journeys"`
	Relations   []relation   `json:"relations"`
	Recorded    []origin     `json:"recorded"`
}

func personOf(p persons.Person) *person {
	v := &person{ID: string(p.ID), Version: p.Version, NameBn: p.NameBn, NameLatin: p.NameLatin, CallName: p.CallName, Sex: string(p.Sex), Birth: p.Birth,
		Home: p.Place, DoNotContact: p.DoNotContact, Office: p.Office, RegisteredAt: p.RegisteredAt, ChangedAt: p.ChangedAt, ErasedAt: p.ErasedAt}
	// That a protected value was given is itself protected.
	open := slices.DeleteFunc(slices.Clone(p.Claims), func(c persons.Claim) bool { return c.Field.Protected() })
	v.Claims = op.Each(open, claimOf)
	v.Contacts = op.Each(p.Contacts, contactOf)
	v.Identifiers = op.Each(p.Identifiers, identifierOf)
	v.Consents = op.Each(p.Consents, consentOf)
	v.Journeys = op.Each(p.Journeys, journeyOf)
	v.Relations = op.Each(p.Relations, relationOf)
	v.Recorded = op.Each(p.Recorded, originOf)
	return v
}

// claim is one value that was given for a field, with its source.
type claim struct {
	ID     string    `json:"id"`
	Field  string    `json:"field"`
	Value  string    `json:"value"`
	Source string    `json:"source"`
	InUse  bool      `json:"in_use"`
	Why    string    `json:"why,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

func claimOf(c persons.Claim) claim {
	return claim{c.ID, string(c.Field), c.Value, string(c.Source), c.InUse, c.Why, c.By, c.At}
}

// contact is a way to reach a person, its number masked.
type contact struct {
	ID       string    `json:"id"`
	Version  int       `json:"version"`
	Kind     string    `json:"kind"`
	Last     string    `json:"last"`
	Owner    string    `json:"owner"`
	Safety   string    `json:"safety"`
	Ways     []string  `json:"ways"`
	Hours    string    `json:"hours,omitempty"`
	Warnings []string  `json:"warnings"`
	At       time.Time `json:"at"`
}

func contactOf(c persons.Contact) contact {
	return contact{c.ID, c.Version, c.Kind, c.Last, c.Owner, c.Safety, c.Ways, c.Hours, c.Warnings, c.At}
}

// identifier is a paper, its number masked.
type identifier struct {
	ID       string        `json:"id"`
	Version  int           `json:"version"`
	Kind     string        `json:"kind"`
	Last     string        `json:"last"`
	Issued   dates.Partial `json:"issued,omitzero"`
	Expires  dates.Partial `json:"expires,omitzero"`
	Issuer   string        `json:"issuer,omitempty"`
	Seen     bool          `json:"seen"`
	Warnings []string      `json:"warnings"`
	At       time.Time     `json:"at"`
}

func identifierOf(i persons.Identifier) identifier {
	return identifier{i.ID, i.Version, i.Kind, i.Last, i.Issued, i.Expires, i.Issuer, i.Seen, i.Warnings, i.At}
}

// consent is an answer that a person gave.
type consent struct {
	ID          string    `json:"id"`
	Purpose     string    `json:"purpose"`
	Given       bool      `json:"given"`
	Method      string    `json:"method"`
	Language    string    `json:"language"`
	TextVersion string    `json:"text_version"`
	AskedName   string    `json:"asked_name"`
	At          time.Time `json:"at"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
}

func consentOf(c persons.Consent) consent {
	return consent{c.ID, string(c.Purpose), c.Given, c.Method, c.Language, c.TextVersion, c.AskedName, c.At, c.EndedAt}
}

// journey is a stay abroad, without what happened there.
type journey struct {
	ID         string        `json:"id"`
	Version    int           `json:"version"`
	Country    string        `json:"country"`
	City       string        `json:"city,omitempty"`
	Occupation string        `json:"occupation,omitempty"`
	Work       string        `json:"work,omitempty"`
	Employer   string        `json:"employer,omitempty"`
	Recruiter  string        `json:"recruiter,omitempty"`
	LeftBy     string        `json:"left_by,omitempty"`
	Cost       int64         `json:"cost,omitzero"`
	PaidBy     []string      `json:"paid_by"`
	Departed   dates.Partial `json:"departed,omitzero"`
	Returned   dates.Partial `json:"returned,omitzero"`
	Port       string        `json:"port,omitempty"`
	Papers     []string      `json:"papers"`
	Reasons    []string      `json:"reasons"`
	At         time.Time     `json:"at"`
}

func journeyOf(j persons.Journey) journey {
	return journey{j.ID, j.Version, j.Country, j.City, j.Occupation, j.Work, j.Employer, j.Recruiter, j.LeftBy, j.Cost, j.PaidBy,
		j.Departed, j.Returned, j.Port, j.Papers, j.Reasons, j.At}
}

// relation is a member of the family or household.
type relation struct {
	ID        string        `json:"id"`
	Version   int           `json:"version"`
	Relation  string        `json:"relation"`
	Other     string        `json:"other,omitempty"`
	Name      string        `json:"name,omitempty"`
	Sex       string        `json:"sex"`
	Birth     dates.Partial `json:"birth,omitzero"`
	LivesWith bool          `json:"lives_with"`
	Depends   bool          `json:"depends"`
	At        time.Time     `json:"at"`
}

func relationOf(r persons.Relation) relation {
	return relation{r.ID, r.Version, r.Relation, string(r.Other), r.Name, string(r.Sex), r.Birth, r.LivesWith, r.Depends, r.At}
}

// origin says who recorded a person.
type origin struct {
	ID           string    `json:"id"`
	Organisation string    `json:"organisation"`
	Office       string    `json:"office"`
	By           string    `json:"by"`
	At           time.Time `json:"at"`
}

func originOf(o persons.Origin) origin {
	return origin{o.ID, o.Organisation, o.Office, o.User, o.At}
}

// event is an entry of the trail about a person.
type event struct {
	ID     string            `json:"id"`
	At     time.Time         `json:"at"`
	By     string            `json:"by"`
	Office string            `json:"office"`
	Act    string            `json:"act"`
	Fields []string          `json:"fields"`
	Before map[string]string `json:"before,omitempty"`
	After  map[string]string `json:"after,omitempty"`
	Reason string            `json:"reason,omitempty"`
	Erased bool              `json:"erased,omitzero"`
}

func eventOf(l audit.Line) event {
	return event{ID: l.ID, At: l.At, By: l.Name, Office: l.Office, Act: string(l.Act), Fields: l.Fields,
		Before: plainValues(l.Before), After: plainValues(l.After), Reason: l.Reason, Erased: l.Erased}
}

// plainValues keeps the values of the fields that a person shows openly. Of
// everything else an entry tells only that it changed: protected values are shown
// by a look, which the trail keeps.
func plainValues(all map[string]json.RawMessage) map[string]string {
	out := map[string]string{}
	for _, f := range persons.Fields() {
		var text string
		if raw, ok := all[string(f)]; ok && !f.Protected() && json.Unmarshal(raw, &text) == nil {
			out[string(f)] = text
		}
	}
	return out
}

// protected is the class-3 part of a record.
type protected struct {
	Until         time.Time                `json:"until,omitzero"`
	Values        map[string]string        `json:"values"`
	Circumstances map[string]circumstances `json:"circumstances"`
	Functioning   []answers                `json:"functioning"`
}

// answers are one set of answers about functioning.
type answers struct {
	Vision        int       `json:"vision"`
	Hearing       int       `json:"hearing"`
	Mobility      int       `json:"mobility"`
	Cognition     int       `json:"cognition"`
	SelfCare      int       `json:"self_care"`
	Communication int       `json:"communication"`
	By            string    `json:"by"`
	At            time.Time `json:"at"`
}

func protectedOf(p persons.Protected) *protected {
	v := &protected{Until: p.Until, Values: map[string]string{}, Circumstances: map[string]circumstances{}}
	for f, value := range p.Values {
		v.Values[string(f)] = value
	}
	for id, c := range p.Circumstances {
		v.Circumstances[id] = circumstances{c.Happened, c.Account, c.Owed, c.Debt}
	}
	v.Functioning = op.Each(p.Functioning, func(f persons.Functioning) answers {
		return answers{f.Vision, f.Hearing, f.Mobility, f.Cognition, f.SelfCare, f.Communication, f.By, f.At}
	})
	return v
}

// receipt is what is given to a person whose record was erased.
type receipt struct {
	ErasedAt time.Time `json:"erased_at"`
	Receipt  string    `json:"receipt"`
}

// receiptOf puts the receipts of all of her records below one another.
func receiptOf(all []seal.Erasure) *receipt {
	r := &receipt{ErasedAt: all[0].ErasedAt}
	for _, e := range all {
		r.Receipt += e.Receipt
	}
	return r
}

// look is one time that somebody looked at what is protected, or at a number.
type look struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Office string    `json:"office"`
	Act    string    `json:"act"`
	Reason string    `json:"reason,omitempty"`
}

func lookOf(l audit.Line) look {
	return look{l.At, l.Name, l.Office, string(access.Permission(l.Act)), l.Reason}
}
