// SPDX-License-Identifier: Apache-2.0

package register

import (
	"strconv"

	"fera/internal/api/op"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/persons"
)

// The types here are what other systems may send. What the register itself gives
// a record, such as ids and times, is not among it and is refused as unknown.

// newPerson is a registration.
type newPerson struct {
	MetAt       dates.Partial   `json:"met_at,omitzero"`
	Source      string          `json:"source,omitempty"`
	Values      Values          `json:"values"`
	Age         string          `json:"age,omitempty"`
	Contacts    []newContact    `json:"contacts,omitempty"`
	Identifiers []newIdentifier `json:"identifiers,omitempty"`
	Consents    []newConsent    `json:"consents"`
	Journeys    []newJourney    `json:"journeys,omitempty"`
	Relations   []newRelation   `json:"relations,omitempty"`
	Functioning *functioning    `json:"functioning,omitempty"`
}

// Values are what is said of a person, by field.
type Values map[persons.Field]string

// Check implements op.Checked.
func (b *newPerson) Check() *fault.Error {
	var faults []*fault.Error
	for i := range b.Consents {
		if wrong := b.Consents[i].Check(); wrong != nil {
			faults = append(faults, wrong.On("consents."+strconv.Itoa(i)+".given"))
		}
	}
	return fault.Join(faults...)
}

func (b *newPerson) registration(key string) persons.Registration {
	r := persons.Registration{Operation: key, MetAt: b.MetAt.String(), Source: persons.Source(b.Source), Values: b.Values, Age: b.Age,
		Contacts:    op.Each(b.Contacts, newContact.contact),
		Identifiers: op.Each(b.Identifiers, newIdentifier.identifier),
		Consents:    op.Each(b.Consents, newConsent.consent),
		Journeys:    op.Each(b.Journeys, newJourney.journey),
		Relations:   op.Each(b.Relations, newRelation.relation),
	}
	if b.Functioning != nil {
		f := b.Functioning.functioning()
		r.Functioning = &f
	}
	return r
}

// newContact is a way to reach a person.
type newContact struct {
	Kind   string   `json:"kind,omitempty"`
	Number string   `json:"number"`
	Owner  string   `json:"owner,omitempty"`
	Safety string   `json:"safety,omitempty"`
	Ways   []string `json:"ways,omitempty"`
	Hours  string   `json:"hours,omitempty"`
}

func (b newContact) contact() persons.Contact {
	return persons.Contact{Kind: b.Kind, Number: b.Number, Owner: b.Owner, Safety: b.Safety, Ways: b.Ways, Hours: b.Hours}
}

// contactChange says anew whose a contact is and when and how it is safe.
type contactChange struct {
	Version int      `json:"version"`
	Owner   string   `json:"owner,omitempty"`
	Safety  string   `json:"safety,omitempty"`
	Ways    []string `json:"ways,omitempty"`
	Hours   string   `json:"hours,omitempty"`
}

// Check implements op.Checked.
func (b *contactChange) Check() *fault.Error { return op.Based(b.Version) }

// newIdentifier is a paper.
type newIdentifier struct {
	Kind    string        `json:"kind"`
	Number  string        `json:"number"`
	Issued  dates.Partial `json:"issued,omitzero"`
	Expires dates.Partial `json:"expires,omitzero"`
	Issuer  string        `json:"issuer,omitempty"`
	Seen    bool          `json:"seen,omitzero"`
}

func (b newIdentifier) identifier() persons.Identifier {
	return persons.Identifier{Kind: b.Kind, Number: b.Number, Issued: b.Issued, Expires: b.Expires, Issuer: b.Issuer, Seen: b.Seen}
}

// newConsent is an answer to what was asked. A yes or no is needed: nothing is no answer.
type newConsent struct {
	Purpose     string `json:"purpose"`
	Given       *bool  `json:"given"`
	Method      string `json:"method,omitempty"`
	Language    string `json:"language,omitempty"`
	TextVersion string `json:"text_version,omitempty"`
}

// Check implements op.Checked.
func (b *newConsent) Check() *fault.Error {
	if b.Given == nil {
		return fault.New(fault.Invalid, "fault.needed").On("given")
	}
	return nil
}

func (b newConsent) consent() persons.Consent {
	return persons.Consent{Purpose: persons.Purpose(b.Purpose), Given: *b.Given, Method: b.Method, Language: b.Language, TextVersion: b.TextVersion}
}

// newJourney is a stay abroad.
type newJourney struct {
	Country       string         `json:"country"`
	City          string         `json:"city,omitempty"`
	Occupation    string         `json:"occupation,omitempty"`
	Work          string         `json:"work,omitempty"`
	Employer      string         `json:"employer,omitempty"`
	Recruiter     string         `json:"recruiter,omitempty"`
	LeftBy        string         `json:"left_by,omitempty"`
	Cost          int64          `json:"cost,omitzero"`
	PaidBy        []string       `json:"paid_by,omitempty"`
	Departed      dates.Partial  `json:"departed,omitzero"`
	Returned      dates.Partial  `json:"returned,omitzero"`
	Port          string         `json:"port,omitempty"`
	Papers        []string       `json:"papers,omitempty"`
	Reasons       []string       `json:"reasons,omitempty"`
	Circumstances *circumstances `json:"circumstances,omitempty"`
}

func (b newJourney) journey() persons.Journey {
	j := persons.Journey{Country: b.Country, City: b.City, Occupation: b.Occupation, Work: b.Work, Employer: b.Employer, Recruiter: b.Recruiter,
		LeftBy: b.LeftBy, Cost: b.Cost, PaidBy: b.PaidBy, Departed: b.Departed, Returned: b.Returned, Port: b.Port, Papers: b.Papers, Reasons: b.Reasons}
	if c := b.Circumstances; c != nil {
		j.Circumstances = &persons.Circumstances{Happened: c.Happened, Account: c.Account, Owed: c.Owed, Debt: c.Debt}
	}
	return j
}

// journeyChange is a journey as it is from now on. Circumstances that are left out stay.
type journeyChange struct {
	Version       int            `json:"version"`
	Country       string         `json:"country"`
	City          string         `json:"city,omitempty"`
	Occupation    string         `json:"occupation,omitempty"`
	Work          string         `json:"work,omitempty"`
	Employer      string         `json:"employer,omitempty"`
	Recruiter     string         `json:"recruiter,omitempty"`
	LeftBy        string         `json:"left_by,omitempty"`
	Cost          int64          `json:"cost,omitzero"`
	PaidBy        []string       `json:"paid_by,omitempty"`
	Departed      dates.Partial  `json:"departed,omitzero"`
	Returned      dates.Partial  `json:"returned,omitzero"`
	Port          string         `json:"port,omitempty"`
	Papers        []string       `json:"papers,omitempty"`
	Reasons       []string       `json:"reasons,omitempty"`
	Circumstances *circumstances `json:"circumstances,omitempty"`
}

func (b *journeyChange) journey() persons.Journey {
	return newJourney{b.Country, b.City, b.Occupation, b.Work, b.Employer, b.Recruiter, b.LeftBy, b.Cost, b.PaidBy, b.Departed, b.Returned, b.Port,
		b.Papers, b.Reasons, b.Circumstances}.journey()
}

// Check implements op.Checked.
func (b *journeyChange) Check() *fault.Error { return op.Based(b.Version) }

// circumstances are what happened abroad.
type circumstances struct {
	Happened []string `json:"happened,omitempty"`
	Account  string   `json:"account,omitempty"`
	Owed     int64    `json:"owed,omitzero"`
	Debt     int64    `json:"debt,omitzero"`
}

// newRelation is a member of the family or household.
type newRelation struct {
	Relation  string        `json:"relation"`
	Other     string        `json:"other,omitempty"`
	Name      string        `json:"name,omitempty"`
	Sex       string        `json:"sex,omitempty"`
	Birth     dates.Partial `json:"birth,omitzero"`
	LivesWith bool          `json:"lives_with,omitzero"`
	Depends   bool          `json:"depends,omitzero"`
}

func (b newRelation) relation() persons.Relation {
	return persons.Relation{Relation: b.Relation, Other: persons.ID(b.Other), Name: b.Name, Sex: persons.Sex(b.Sex), Birth: b.Birth,
		LivesWith: b.LivesWith, Depends: b.Depends}
}

// functioning is the answers to the Washington Group Short Set.
type functioning struct {
	Vision        int `json:"vision,omitzero"`
	Hearing       int `json:"hearing,omitzero"`
	Mobility      int `json:"mobility,omitzero"`
	Cognition     int `json:"cognition,omitzero"`
	SelfCare      int `json:"self_care,omitzero"`
	Communication int `json:"communication,omitzero"`
}

func (b functioning) functioning() persons.Functioning {
	return persons.Functioning{Vision: b.Vision, Hearing: b.Hearing, Mobility: b.Mobility, Cognition: b.Cognition, SelfCare: b.SelfCare, Communication: b.Communication}
}

// personChange gives further values for a person's fields.
type personChange struct {
	Version int    `json:"version"`
	Source  string `json:"source,omitempty"`
	Values  Values `json:"values"`
	Reason  string `json:"reason,omitempty"`
}

// Check implements op.Checked.
func (b *personChange) Check() *fault.Error {
	wrong := op.Based(b.Version)
	if len(b.Values) == 0 {
		wrong = fault.Join(wrong, fault.New(fault.Invalid, "fault.needed").On("values"))
	}
	return fault.Join(wrong, readReason(&b.Reason))
}

// choice puts one of several values in use.
type choice struct {
	Version int    `json:"version"`
	Claim   string `json:"claim"`
	Reason  string `json:"reason,omitempty"`
}

// Check implements op.Checked.
func (b *choice) Check() *fault.Error { return op.Based(b.Version) }

// ending takes a row out of use, or brings it back.
type ending struct {
	Version int    `json:"version"`
	Reason  string `json:"reason,omitempty"`
}

// Check implements op.Checked.
func (b *ending) Check() *fault.Error { return op.Based(b.Version) }

// reveal asks for one number in full.
type reveal struct {
	Row    string `json:"row"`
	ID     string `json:"id"`
	Anyway bool   `json:"anyway,omitempty"`
}

// erasure says why a person is to be forgotten.
type erasure struct {
	Reason string `json:"reason"`
}

func readReason(s *string) *fault.Error {
	const longest = 500
	clean, problem := names.CheckText(*s, longest)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", longest).On("reason")
	}
	*s = clean
	return nil
}
