// SPDX-License-Identifier: Apache-2.0

package links

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/matching/compare"
	"fera/internal/matching/index"
	"fera/internal/persons"
)

// part is which records to read: a condition on a column that holds their ids.
type part struct {
	cond string // with %s for the column
	args []any
}

func oneOf(ids []string) part {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return part{"%s IN " + db.In(len(ids)), args}
}

func (p part) on(column string) string { return fmt.Sprintf(p.cond, column) }

// slice is how many records are read at a time.
const slice = 2_000

// features reads what is compared of records: names, parents, birth, home, and
// the hashes of numbers. Those that were erased are left out, and those made up for practice.
func features(ctx context.Context, q db.Reader, p part) ([]*index.Record, error) {
	rows, err := q.Query(ctx, `SELECT p.id, p.name_bn, p.name_latin, p.call_name, p.sex, p.birth, p.place_code, r.given
		FROM persons p JOIN person_registrations r ON r.person_id = p.id WHERE `+p.on("p.id")+` AND p.erased_at IS NULL AND `+access.Real("p.id")+` ORDER BY p.id`, p.args...)
	all, err := db.Collect(rows, err, scanRecord)
	if err != nil {
		return nil, fmt.Errorf("read what is compared: %w", err)
	}
	byID := make(map[string]*index.Record, len(all))
	for _, r := range all {
		byID[textOf(r.ID)] = r
	}
	if err := addNumbers(ctx, q, p, byID); err != nil {
		return nil, fmt.Errorf("read what is compared: %w", err)
	}
	return all, nil
}

func scanRecord(row interface{ Scan(...any) error }) (*index.Record, error) {
	var id, bn, latin, call, sex, birth, place string
	var given []byte
	if err := row.Scan(&id, &bn, &latin, &call, &sex, &birth, &place, &given); err != nil {
		return nil, err
	}
	var said struct {
		Values map[persons.Field]string `json:"values"`
	}
	if err := json.Unmarshal(given, &said); err != nil {
		return nil, fmt.Errorf("registration of %s: %w", id, err)
	}
	v := said.Values
	if v == nil {
		v = map[persons.Field]string{}
	}
	v[persons.NameBn], v[persons.NameLatin], v[persons.CallName] = bn, latin, call
	v[persons.SexField], v[persons.Birth], v[persons.Home] = sex, birth, place
	r := recordOf(v)
	var err error
	r.ID, err = idOf(id)
	return r, err
}

// recordOf is what is compared of the values of a person.
func recordOf(v map[persons.Field]string) *index.Record {
	r := &index.Record{Name: v[persons.NameLatin], Other: v[persons.NameBn], Father: v[persons.FatherName], Mother: v[persons.MotherName],
		Spouse: v[persons.SpouseName], Place: v[persons.Home], Village: v[persons.HomeText]}
	if r.Name == "" {
		r.Name, r.Other = r.Other, ""
	}
	if r.Other == "" {
		r.Other = v[persons.CallName]
	}
	switch persons.Sex(v[persons.SexField]) {
	case persons.Female:
		r.Sex = "f"
	case persons.Male:
		r.Sex = "m"
	}
	if d, err := dates.Parse(v[persons.Birth]); err == nil {
		r.Birth = compare.Date{Year: d.Year, Month: d.Month, Day: d.Day}
	}
	return r
}

// addNumbers adds the hashes of numbers, and the names of relatives that were
// given after the registration.
func addNumbers(ctx context.Context, q db.Reader, p part, byID map[string]*index.Record) error {
	type row struct{ id, kind, value string }
	args := append(append(append([]any{}, p.args...), p.args...), p.args...)
	rows, err := q.Query(ctx, `SELECT person_id, 'phone', blind, id FROM person_contacts WHERE `+p.on("person_id")+` AND ended_at IS NULL AND kind <> 'email'
		UNION ALL SELECT person_id, kind, blind, id FROM person_identifiers WHERE `+p.on("person_id")+` AND ended_at IS NULL AND kind IN ('nid', 'birth', 'passport', 'permit', 'card')
		UNION ALL SELECT person_id, field, value, id FROM person_claims WHERE `+p.on("person_id")+` AND field IN ('father_name', 'mother_name', 'spouse_name', 'home_text') ORDER BY 4`, args...)
	all, err := db.Collect(rows, err, func(s interface{ Scan(...any) error }) (r row, err error) {
		var id string
		err = s.Scan(&r.id, &r.kind, &r.value, &id)
		return r, err
	})
	for _, one := range all {
		r := byID[one.id]
		if r == nil {
			continue // erased
		}
		switch one.kind {
		case string(persons.FatherName):
			r.Father = one.value
		case string(persons.MotherName):
			r.Mother = one.value
		case string(persons.SpouseName):
			r.Spouse = one.value
		case string(persons.HomeText):
			r.Village = one.value
		default:
			number(r, one.kind, one.value)
		}
	}
	return err
}

// number adds the hash of a telephone, an identity card or a passport.
func number(r *index.Record, kind, blind string) {
	switch {
	case kind == "nid" && !strings.HasPrefix(blind, persons.OldNID):
		r.NIDs = append(r.NIDs, blind[:10]) // as long as the number of a smart card, which is how they are told apart
	case kind == "nid":
		r.NIDs = append(r.NIDs, blind)
	case kind == "passport":
		r.Passports = append(r.Passports, blind)
	case kind == "birth":
		r.Births = append(r.Births, blind)
	case kind == "permit":
		r.Permits = append(r.Permits, blind)
	case kind == "card":
		r.Cards = append(r.Cards, blind)
	case kind == "phone":
		r.Phones = append(r.Phones, blind)
	}
}

// described is what is compared of a registration that is being typed. Numbers
// that cannot be read yet are passed over.
func described(ctx context.Context, q db.Reader, r persons.Registration) (*index.Record, error) {
	values := map[persons.Field]string{}
	for f, v := range r.Values {
		values[f] = clip(v)
	}
	found := recordOf(values)
	for _, c := range r.Contacts {
		if blind, err := c.Blind(ctx, q); err == nil && c.Kind != "email" {
			number(found, "phone", blind)
		}
	}
	for _, i := range r.Identifiers {
		if blind, err := i.Blind(ctx, q); err == nil {
			number(found, i.Kind, blind)
		}
	}
	return found, nil
}

// longest is how much of a value is compared: what the register keeps is no longer.
const longest = 200

// clip cuts what nobody's name is as long as, so that no question takes long.
func clip(text string) string {
	if len(text) > 4*longest {
		text = text[:4*longest]
	}
	if letters := []rune(text); len(letters) > longest {
		text = string(letters[:longest])
	}
	return text
}

func idOf(text string) (id index.ID, err error) {
	n, err := hex.Decode(id[:], []byte(strings.ReplaceAll(text, "-", "")))
	if err == nil && n != len(id) {
		err = fmt.Errorf("%q is no identifier", text)
	}
	return id, err
}

func textOf(id index.ID) string {
	s := hex.EncodeToString(id[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
