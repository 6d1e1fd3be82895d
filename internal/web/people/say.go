// SPDX-License-Identifier: Apache-2.0

// Package people says in words what the register knows of a person, for every room
// that shows one: her name, age and home, and how she may be contacted.
package people

import (
	"slices"
	"strings"

	"fera/internal/choices"
	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/geo"
	"fera/internal/occupations"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// Age says how old somebody is, as far as the date of birth is known.
func Age(s *words.Speaker, birth, today dates.Partial) string {
	least, most := birth.Age(today)
	switch {
	case least < 0:
		return s.T("person.age_unknown")
	case least == most:
		return s.T("person.age", "count", least)
	}
	return s.T("person.age_about", "from", least, "to", most)
}

// Home says where a person lives, as fully as the code knows, or that it was not said.
func Home(s *words.Speaker, code string) string {
	if full := geo.Full(s.Lang(), code); full != "" {
		return full
	}
	return s.T("person.place_unsaid")
}

// Name is the name by which the page calls a person, in the reader's script if there is one.
func Name(s *words.Speaker, bangla, latin string) string {
	first, second := bangla, latin
	if s.Lang() == words.English {
		first, second = latin, bangla
	}
	if first == "" {
		return second
	}
	return first
}

// Safe says in one line how a person may be contacted, the most careful
// answer first: that it is forbidden, refused, not safe, not asked.
func Safe(s *words.Speaker, p persons.Person) (string, kit.Tone) {
	answer := slices.IndexFunc(p.Consents, func(c persons.Consent) bool {
		return c.Purpose == persons.PurposeContact && c.EndedAt.IsZero() && !c.Given
	})
	switch {
	case p.DoNotContact:
		return s.T("person.safe.banned"), kit.Danger
	case answer >= 0:
		return s.T("person.safe.refused"), kit.Danger
	case len(p.Contacts) == 0:
		return s.T("person.safe.none"), kit.Attention
	}
	best := p.Contacts[0]
	order := choices.Safeties()
	for _, c := range p.Contacts {
		if rank := slices.Index([]string{order[0], order[1], order[3], order[2]}, c.Safety); rank < slices.Index([]string{order[0], order[1], order[3], order[2]}, best.Safety) {
			best = c
		}
	}
	switch best.Safety {
	case "unsafe":
		return s.T("person.safe.unsafe"), kit.Danger
	case "safe", "careful":
		if !p.Agreed(persons.PurposeContact) {
			return s.T("person.safe.unasked"), kit.Attention
		}
		tone := kit.Good
		if best.Safety == "careful" {
			tone = kit.Attention
		}
		return s.T("person.safe."+best.Safety, "how", How(s, best)), tone
	}
	return s.T("person.safe.unasked"), kit.Attention
}

// How says how a contact may be used: "only call, 10 to 12 in the morning; the phone is the husband's".
func How(s *words.Speaker, c persons.Contact) string {
	var parts []string
	if c.Kind != "phone" {
		parts = append(parts, s.T("person.contact_kind."+c.Kind))
	}
	if len(c.Ways) > 0 {
		parts = append(parts, s.T("person.ways_only", "ways", Said(s, "person.way", c.Ways)))
	}
	if c.Hours != "" {
		parts = append(parts, c.Hours)
	}
	how := strings.Join(parts, ", ")
	switch {
	case c.Kind == "email" || c.Kind == "neighbour":
		return how
	case how == "":
		return s.T("person.owned." + c.Owner)
	case c.Owner == "own":
		return how
	}
	return how + "; " + s.T("person.owned."+c.Owner)
}

// Said lists answers in words.
func Said(s *words.Speaker, prefix string, values []string) string {
	said := make([]string, len(values))
	for i, v := range values {
		said[i] = s.T(prefix + "." + v)
	}
	return strings.Join(said, ", ")
}

// Value says the value of a field.
func Value(s *words.Speaker, f persons.Field, value string) string {
	key := ""
	switch f {
	case persons.SexField:
		key = "person.sex." + value
	case persons.Marital, persons.Schooling:
		key = "person." + string(f) + "." + value
	case persons.DoNotContact:
		key = "person.value_" + value
	case persons.PapersHome:
		key = "person.papers_home." + value
	case persons.Birth:
		return Date(s, value)
	case persons.Home:
		if full := geo.Full(s.Lang(), value); full != "" {
			return full
		}
	}
	if key != "" && s.Has(key) {
		return s.T(key)
	}
	return value
}

// Date says a stored date in the reader's words; what is no date is said as it stands.
func Date(s *words.Speaker, stored string) string {
	d, err := dates.Parse(stored)
	if err != nil {
		return stored
	}
	return dates.Format(s, d)
}

// Journey names a journey: where and what.
func Journey(s *words.Speaker, j persons.Journey) string {
	title := countries.Name(s.Lang(), j.Country)
	if j.City != "" {
		title = j.City + ", " + title
	}
	work := j.Work
	if work == "" {
		work = occupations.Name(s.Lang(), j.Occupation)
	}
	if work != "" {
		title += ": " + work
	}
	return title
}

// Stay says when a journey was.
func Stay(s *words.Speaker, j persons.Journey) string {
	from, to := dates.Format(s, j.Departed), dates.Format(s, j.Returned)
	switch {
	case j.Departed.IsZero() && j.Returned.IsZero():
		return ""
	case j.Departed.IsZero():
		return s.T("person.journey_back", "to", to)
	case j.Returned.IsZero():
		return s.T("person.journey_left", "from", from)
	}
	return s.T("person.journey_dates", "from", from, "to", to)
}

// Kin says who somebody of her family is: "Amena Begum (mother)".
func Kin(s *words.Speaker, r persons.Relation) string {
	kinship := s.T("person.kinship." + r.Relation)
	if r.Name == "" {
		return kinship
	}
	return r.Name + " (" + kinship + ")"
}

// Taka says an amount, or nothing for none.
func Taka(s *words.Speaker, n int64) string {
	if n == 0 {
		return ""
	}
	return s.T("person.taka", "count", int(n))
}

// Facts keeps the facts that are known.
func Facts(facts ...kit.Fact) []kit.Fact {
	return slices.DeleteFunc(facts, func(f kit.Fact) bool { return f.Value == "" && f.Body == nil })
}
