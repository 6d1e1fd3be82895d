// SPDX-License-Identifier: Apache-2.0

package web

import (
	"slices"
	"strconv"

	"fera/internal/web/people"

	"fera/internal/dates"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// personsNumberView is one number, shown once.
type personsNumberView struct {
	kit.Frame
	ID     persons.ID
	Number string
	How    string // how the person may be contacted, when the number is a contact
	Tone   kit.Tone
}

// personsAnywayView says why a number is not shown at once.
type personsAnywayView struct {
	kit.Frame
	ID           persons.ID
	Row, At, Why string
}

func personsSafetyTag(s *words.Speaker, safety string) kit.Tag {
	tones := map[string]kit.Tone{"safe": kit.Good, "careful": kit.Attention, "unsafe": kit.Danger}
	return kit.Tag{Text: s.T("person.safety." + safety), Tone: tones[safety]}
}

func personsContactFacts(v personsRecord) (facts []kit.Fact) {
	for _, c := range v.Person.Contacts {
		label := v.S.T("person.contact_kind." + c.Kind)
		if c.Kind != "neighbour" {
			label += ", " + v.S.T("person.owner."+c.Owner)
		}
		facts = append(facts, kit.Fact{Label: label, Body: personsContact(v, c)})
	}
	return facts
}

func personsFamilyFacts(v personsRecord) (facts []kit.Fact) {
	for _, r := range v.Person.Relations {
		facts = append(facts, kit.Fact{Label: v.S.T("person.kinship." + r.Relation), Body: personsRelation(v, r)})
	}
	return facts
}

func personsPaperFacts(v personsRecord) (facts []kit.Fact) {
	for _, i := range v.Person.Identifiers {
		facts = append(facts, kit.Fact{Label: v.S.T("person.paper_kind." + i.Kind), Body: personsPaper(v, i)})
	}
	return facts
}

func personsConsentFacts(v personsRecord) (facts []kit.Fact) {
	for _, p := range persons.Purposes() {
		f := kit.Fact{Label: v.S.T("person.purpose." + string(p)), Body: personsConsent(v, p)}
		if v.May.Change {
			f.Change = v.path("consents", string(p))
		}
		facts = append(facts, f)
	}
	return facts
}

func personsPrivateFacts(v personsRecord) (facts []kit.Fact) {
	for _, f := range []persons.Field{persons.Ethnicity, persons.MotherTongue} {
		facts = append(facts, kit.Fact{Label: v.S.T("person.field." + string(f)), Value: v.Private.Values[f]})
	}
	return people.Facts(facts...)
}

// personsQuestions are the names of the six questions, in their order.
func personsQuestions() []string {
	return []string{"vision", "hearing", "mobility", "cognition", "self_care", "communication"}
}

func personsFunctioning(s *words.Speaker, f persons.Functioning) (facts []kit.Fact) {
	for i, answer := range f.Domains() {
		said := s.T("person.functioning_unanswered")
		if answer > 0 {
			said = s.T("person.wg." + strconv.Itoa(answer))
		}
		facts = append(facts, kit.Fact{Label: s.T("person.wg." + personsQuestions()[i]), Value: said})
	}
	return facts
}

// personsSexes are the answers to the question of sex, the refusal last.
func personsSexes() []string {
	return personsLabels([]persons.Sex{persons.Female, persons.Male, persons.Other, persons.Unsaid})
}

// personsColumns are those of the list.
func personsColumns(s *words.Speaker) []kit.Column {
	return []kit.Column{{Label: s.T("person.col_name")}, {Label: s.T("person.col_who")}, {Label: s.T("person.col_home")}, {Label: s.T("person.col_since")}}
}

// personsProvenance says where a value comes from.
func personsProvenance(v personsValuesView, c persons.Claim) string {
	said := v.S.T("person.values_by", "source", v.S.T("person.source."+string(c.Source)), "name", c.By, "when", dates.Near(v.S, c.At, v.Now))
	if c.InUse {
		said += "; " + v.S.T("person.why."+c.Why)
	}
	return said
}

// personsEndQuestion asks before a row is taken out or brought back.
func personsEndQuestion(v personsEndView) kit.Confirmation {
	c := kit.Confirmation{Question: v.S.T("person.end_question"), Text: v.S.T("person.row."+v.List) + ". " + v.S.T("person.end_text"), Action: personsPath(v.ID, "end"),
		Yes: v.S.T("person.end_yes"), NoHref: personsPath(v.ID)}
	if v.Back {
		c.Question, c.Text, c.Action, c.Yes = v.S.T("person.undo_question"), v.S.T("person.row."+v.List), personsPath(v.ID, "restore"), v.S.T("person.undo")
	}
	return c
}

// paperKinds are the papers by their names, without their numbers.
func (v personsPaperView) paperKinds() (kinds []string) {
	for _, i := range v.Person.Identifiers {
		if kind := v.S.T("person.paper_kind." + i.Kind); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// finding is the field for the review of one opening.
func (v personsGlassView) finding(o personsOpening) kit.Input {
	in := kit.Input{Name: "finding_" + o.ID, Label: v.S.T("person.glass_finding"), MaxLength: 500, Rows: 2}
	if v.At == o.ID {
		in.Value, in.Error = v.F.Values.Get(in.Name), v.F.Problems.On(in.Name)
	}
	return in
}

// names are both names on one line.
func (v personsPaperView) names() string {
	first, second := people.Name(v.S, v.Person.NameBn, v.Person.NameLatin), people.Name(v.S, v.Person.NameLatin, v.Person.NameBn)
	if first == second {
		return first
	}
	return first + " · " + second
}

// plain are the values in use, without where they come from or what else is known.
func (v personsPaperView) plain() (facts []kit.Fact) {
	for _, f := range []persons.Field{persons.Birth, persons.FatherName, persons.MotherName, persons.SpouseName, persons.HomeText} {
		for _, c := range v.Person.Claims {
			if c.InUse && c.Field == f {
				facts = append(facts, kit.Fact{Label: v.S.T("person.field." + string(f)), Value: people.Value(v.S, f, c.Value)})
			}
		}
	}
	return facts
}
