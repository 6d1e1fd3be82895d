// SPDX-License-Identifier: Apache-2.0

package register

import (
	"github.com/danielgtaylor/huma/v2"

	"fera/internal/api/op"
	"fera/internal/choices"
	"fera/internal/persons"
	"fera/internal/words"
)

// Schema implements huma.SchemaProvider: the fields of the register, and no others.
func (Values) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	for _, f := range persons.Fields() {
		s.Properties[string(f)] = &huma.Schema{Type: huma.TypeString, Description: words.In(words.English).T("api.field." + string(f))}
	}
	for field, allowed := range map[persons.Field][]string{
		persons.SexField: sexes(), persons.Marital: choices.MaritalStates(), persons.Schooling: choices.SchoolingLevels(), persons.DoNotContact: {"yes", "no"},
		persons.PapersHome: {"yes", "no"},
	} {
		s.Properties[string(field)].Enum = op.Each(allowed, func(s string) any { return s })
	}
	s.Properties[string(persons.Birth)].Examples = op.DateText{}.Schema(nil).Examples
	return s
}

func sexes() []string {
	return []string{string(persons.Female), string(persons.Male), string(persons.Other), string(persons.Unsaid)}
}

// Offered are the members of bodies and answers that take one of a few values, or a list of them, by schema and name.
func Offered() map[string][]string {
	ways, papers := choices.ContactWays(), choices.JourneyPapers()
	purposes := op.Each(persons.Purposes(), func(p persons.Purpose) string { return string(p) })
	sources := op.Each(persons.Sources(), func(s persons.Source) string { return string(s) })
	return map[string][]string{
		"NewContact.kind": choices.ContactKinds(), "Contact.kind": choices.ContactKinds(),
		"NewContact.owner": choices.ContactOwners(), "Contact.owner": choices.ContactOwners(), "ContactChange.owner": choices.ContactOwners(),
		"NewContact.safety": choices.Safeties(), "Contact.safety": choices.Safeties(), "ContactChange.safety": choices.Safeties(),
		"NewContact.ways": ways, "Contact.ways": ways, "ContactChange.ways": ways,
		"NewIdentifier.kind": choices.IdentifierKinds(), "Identifier.kind": choices.IdentifierKinds(),
		"NewConsent.purpose": purposes, "Consent.purpose": purposes,
		"NewConsent.method": choices.ConsentMethods(), "Consent.method": choices.ConsentMethods(),
		"NewJourney.left_by": choices.WaysOfLeaving(), "Journey.left_by": choices.WaysOfLeaving(), "JourneyChange.left_by": choices.WaysOfLeaving(),
		"NewJourney.paid_by": choices.WaysOfPaying(), "Journey.paid_by": choices.WaysOfPaying(), "JourneyChange.paid_by": choices.WaysOfPaying(),
		"NewJourney.port": choices.Ports(), "Journey.port": choices.Ports(), "JourneyChange.port": choices.Ports(),
		"NewJourney.papers": papers, "Journey.papers": papers, "JourneyChange.papers": papers,
		"NewJourney.reasons": choices.ReturnReasons(), "Journey.reasons": choices.ReturnReasons(), "JourneyChange.reasons": choices.ReturnReasons(),
		"Circumstances.happened": choices.Happenings(),
		"NewRelation.relation":   choices.Kinships(), "Relation.relation": choices.Kinships(),
		"NewRelation.sex": sexes(), "Relation.sex": sexes(), "Card.sex": sexes(), "Person.sex": sexes(),
		"NewPerson.source": sources, "PersonChange.source": sources, "Claim.source": sources,
		"Reveal.row": {string(persons.ContactRow), string(persons.IdentifierRow)},
	}
}
