// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/countries"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/facts"
	"fera/internal/persons"
)

func (r *Reader) persons(ctx context.Context, q db.Reader, after string) (Page, error) {
	list, err := persons.List(ctx, q, r.who, persons.Filter{Place: r.Filter.Place, After: persons.ID(after), Limit: PageSize})
	if err != nil {
		return Page{}, err
	}
	p := Page{Next: string(list.Next)}
	cards := slices.DeleteFunc(list.Cards, func(c persons.Card) bool {
		since, before := r.since(), r.before()
		return r.Filter.Office != "" && c.Office != r.Filter.Office || c.RegisteredAt.Before(since) || !before.IsZero() && !c.RegisteredAt.Before(before)
	})
	if r.Class >= 2 {
		for _, c := range cards {
			row, err := r.whole(ctx, q, c)
			if err != nil {
				return Page{}, err
			}
			p.Rows = append(p.Rows, row)
		}
		return p, nil
	}
	journeys, err := persons.JourneysOf(ctx, q, r.who, cards)
	if err != nil {
		return Page{}, err
	}
	for _, c := range cards {
		row, err := r.card(ctx, q, c, journeys[c.ID])
		if err != nil {
			return Page{}, err
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

// card is what is said of somebody.
func (r *Reader) card(ctx context.Context, q db.Reader, c persons.Card, journeys []persons.Journey) (Row, error) {
	v := map[string]string{"sex": string(c.Sex), "age": facts.AgeBand(c.Birth, r.today), "registered_month": month(c.RegisteredAt), "registered_on": onDay(c.RegisteredAt),
		"name_bn": c.NameBn, "name_latin": c.NameLatin, "call_name": c.CallName}
	if !c.Birth.IsZero() {
		v["birth"] = c.Birth.String()
	}
	r.signs(v, map[string]string{"person": string(c.ID)})
	r.place(v, c.Place)
	if j, ok := lastReturn(journeys); ok {
		v["country_code"], v["country"] = j.Country, countries.Name(r.Lang, j.Country)
		v["reasons"], v["occupation"] = strings.Join(j.Reasons, " "), j.Occupation
		if !j.Returned.IsZero() {
			v["returned_year"], v["returned_on"] = strconv.Itoa(j.Returned.Year), j.Returned.String()
		}
	}
	return Row{c.ID, v}, r.at(ctx, q, v, c.Office)
}

// lastReturn is the latest journey that is over. They are given the latest first, those without a day of return last.
func lastReturn(journeys []persons.Journey) (persons.Journey, bool) {
	for _, j := range journeys {
		if !j.Returned.IsZero() || j.Port != "" || len(j.Reasons) > 0 {
			return j, true
		}
	}
	return persons.Journey{}, false
}

// whole is what is said of somebody whose record leaves after approval. Of her of whom who asks sees the card alone, no more than that is in it.
func (r *Reader) whole(ctx context.Context, q db.Reader, c persons.Card) (Row, error) {
	p, err := persons.Find(ctx, q, r.who, c.ID)
	if err != nil {
		return Row{}, err
	}
	row, err := r.card(ctx, q, p.Card, p.Journeys)
	for _, claim := range p.Claims {
		if claim.InUse && claim.Field == persons.HomeText {
			row.Values["address"] = claim.Value
		}
	}
	return row, err
}

// Numbers puts in the telephones and papers of those in rows, for which who needs the right to reveal numbers; each that is
// revealed is in the trail. A telephone is in it when it is her own, she said that it is safe, and she may be contacted.
func (r *Reader) Numbers(ctx context.Context, tx *db.Tx, rows []Row) error {
	if r.Class < 2 || r.Set.Code != "persons" || !r.who.Holds(access.RevealNumbers) {
		return nil
	}
	for _, row := range rows {
		p, err := persons.Find(ctx, tx, r.who, row.Person)
		if err != nil {
			return err
		}
		for _, c := range p.Contacts {
			if p.DoNotContact || row.Values["phone"] != "" || c.Kind != "phone" || c.Owner != "own" || c.Safety != "safe" && c.Safety != "careful" {
				continue
			}
			if err := r.reveal(ctx, tx, row, persons.RowOf{Person: row.Person, Row: persons.ContactRow, ID: c.ID}, "phone"); err != nil {
				return err
			}
			if row.Values["phone"] != "" {
				row.Values["phone_safety"], row.Values["phone_hours"] = strings.Join(append([]string{c.Safety}, c.Ways...), " "), c.Hours
			}
		}
		for _, i := range p.Identifiers {
			if i.Kind != "nid" && i.Kind != "passport" || row.Values[i.Kind] != "" {
				continue
			}
			if err := r.reveal(ctx, tx, row, persons.RowOf{Person: row.Person, Row: persons.IdentifierRow, ID: i.ID}, i.Kind); err != nil {
				return err
			}
		}
	}
	return nil
}

// reveal puts one number in, unless who may not see it of this person.
func (r *Reader) reveal(ctx context.Context, tx *db.Tx, row Row, of persons.RowOf, code string) error {
	number, err := persons.Reveal(ctx, tx, r.who, of)
	if k := fault.KindOf(err); err != nil && (k == fault.Forbidden || k == fault.NotFound) {
		return nil
	}
	row.Values[code] = number
	return err
}
