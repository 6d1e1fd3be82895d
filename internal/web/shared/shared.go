// SPDX-License-Identifier: Apache-2.0

// Package shared says in words what goes to a provider with a referral: the pages of who sends it show it beforehand, those of who
// receives it as it came, and both say it alike.
package shared

import (
	"strings"

	"fera/internal/countries"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/occupations"
	"fera/internal/referrals/sharing"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Line is one field in words.
type Line struct {
	Code      string
	Label     string
	Value     string
	Dial      string // a number as telephones take it; only of a contact that is not masked
	Warnings  []string
	Later     bool // the provider sees it only once it has agreed to serve her
	Protected bool // it is of class 3
}

// Fact is the line as one of a list of facts.
func (l Line) Fact() kit.Fact {
	f := kit.Fact{Label: l.Label, Value: l.Value, Note: strings.Join(l.Warnings, " ")}
	if l.Dial != "" {
		f.Body = call(l.Value, l.Dial)
	}
	return f
}

// Fields says what a sheet holds, in the order in which it is shown.
func Fields(r *site.Request, sheet sharing.Sheet) (lines []Line) {
	for _, f := range sheet.Shown() {
		l := Line{Code: f.Code, Label: r.S.T("shared.field." + f.Code), Later: f.Stage == sharing.Accepted, Protected: f.Class == 3}
		value := sheet[f.Code]
		if f.Kind == "contact" {
			l.Value, l.Dial, l.Warnings = contact(r.S, value)
		} else {
			l.Value = say(r.S, f.Kind, value)
		}
		lines = append(lines, l)
	}
	return lines
}

// say says a value of a kind. What it does not know it says as it stands: a sheet from another network may hold anything.
func say(s *words.Speaker, kind, value string) string {
	known := func(key string) string {
		if s.Has(key) {
			return s.T(key)
		}
		return value
	}
	switch kind {
	case "sex":
		return known("person.sex." + value)
	case "schooling":
		return known("person.schooling." + value)
	case "yes":
		return known("shared.yes." + value)
	case "age_band":
		return ageBand(s, value)
	case "place":
		if full := geo.Full(s.Lang(), value); full != "" {
			return full
		}
	case "date":
		return people.Date(s, value)
	case "country":
		if name := countries.Name(s.Lang(), value); name != "" {
			return name
		}
	case "occupation":
		if name := occupations.Name(s.Lang(), value); name != "" {
			return name
		}
	case "language":
		return each(value, func(code string) string {
			if key := "directory.language." + code; s.Has(key) {
				return s.T(key)
			}
			return code
		})
	case "papers":
		return each(value, func(code string) string {
			if name := (listing.Paper{Code: code}).Name(string(s.Lang())); name != "" {
				return name
			}
			return code
		})
	}
	return value
}

// each says several values that are parted by commas.
func each(values string, say func(one string) string) string {
	var said []string
	for one := range strings.SplitSeq(values, ",") {
		if one = strings.TrimSpace(one); one != "" {
			said = append(said, say(one))
		}
	}
	return strings.Join(said, ", ")
}

// ageBand says "25-34" in words.
func ageBand(s *words.Speaker, band string) string {
	from, to, ranges := strings.Cut(band, "-")
	switch {
	case band == "0-17":
		return s.T("shared.age_under")
	case strings.HasSuffix(band, "+"):
		return s.T("shared.age_over", "from", s.Digits(strings.TrimSuffix(band, "+")))
	case ranges:
		return s.T("shared.age_band", "from", s.Digits(from), "to", s.Digits(to))
	}
	return s.Digits(band)
}

// contact says how she may be reached: a number with whose it is and how it is safe, or the office that sent her.
func contact(s *words.Speaker, value string) (said, dial string, warnings []string) {
	if value == "office" {
		return s.T("shared.contact_office"), "", []string{s.T("shared.contact_office_why")}
	}
	parts := append(strings.SplitN(value, ";", 4), "", "", "")
	number, owner, ways, hours := parts[0], parts[1], parts[2], parts[3]
	said = s.Digits(number)
	if !strings.HasPrefix(number, "…") {
		dial = listing.Phone{Number: number}.Dial()
	}
	if owner != "" && s.Has("person.owned."+owner) {
		warnings = append(warnings, s.T("shared.owned", "whose", s.T("person.owned."+owner)))
	}
	if ways != "" {
		warnings = append(warnings, s.T("shared.ways", "ways", each(ways, func(way string) string {
			if s.Has("person.way." + way) {
				return s.T("person.way." + way)
			}
			return way
		})))
	}
	if hours != "" {
		warnings = append(warnings, s.T("shared.hours", "hours", hours))
	}
	return said, dial, append(warnings, s.T("shared.silence"))
}

// Need says what somebody is referred for; nothing for what is not known.
func Need(s *words.Speaker, code string) string {
	n, ok := listing.NeedOf(code)
	if !ok {
		return ""
	}
	return n.Name(string(s.Lang()))
}
