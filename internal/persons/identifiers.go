// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/numbers"
	"fera/internal/seal"
)

// Identifier is a number on a paper. Nobody has all of them, several persons may
// show the same one, and one person may have several of a kind over the years;
// so none is a key, and what looks wrong is said and kept.
type Identifier struct {
	ID           string        `json:"id,omitempty"`
	Registration string        `json:"-"`
	Kind         string        `json:"kind"`             // see IdentifierKinds
	Number       string        `json:"number,omitempty"` // as typed; empty when read from the register, see Reveal
	Last         string        `json:"last,omitempty"`
	Issued       dates.Partial `json:"issued,omitzero"`
	Expires      dates.Partial `json:"expires,omitzero"`
	Issuer       string        `json:"issuer,omitempty"` // mission or office, where it matters
	Seen         bool          `json:"seen,omitempty"`   // the paper itself was seen
	Warnings     []string      `json:"warnings,omitempty"`
	At           time.Time     `json:"at,omitzero"`
	Version      int           `json:"version,omitempty"`
	blind        string
	year         int // of birth, inside the number
}

func (i *Identifier) parse() (numbers.Number, error) {
	switch i.Kind {
	case "nid":
		return numbers.NID(i.Number)
	case "birth":
		return numbers.BirthRegistration(i.Number)
	case "passport":
		return numbers.Passport(i.Number)
	case "permit":
		return numbers.TravelPermit(i.Number)
	}
	return numbers.ClearanceCard(i.Number)
}

func (i *Identifier) read(prefix string) *fault.Error {
	if !slices.Contains(choices.IdentifierKinds(), i.Kind) {
		return fault.New(fault.Invalid, "fault.bad_choice").On(prefix + "kind")
	}
	n, err := i.parse()
	if err != nil {
		return fault.Of(err).On(prefix + "number")
	}
	i.Number, i.Last, i.Warnings, i.year = n.Normal, n.Last, n.Warnings, n.Year
	return fault.Join(line(&i.Issuer, 200, prefix+"issuer"))
}

// against warns when the birth year inside the number is not the one given.
func (i *Identifier) against(born, thisYear int) []string {
	return numbers.Number{Year: i.year}.Against(born, thisYear)
}

// OldNID begins the hash of an old identity card's number, which cannot be
// compared with the ten digits of a smart card.
const OldNID = "o"

// hash makes the hash by which the number is found.
func (i *Identifier) hash(ctx context.Context, q db.Reader) (err error) {
	if i.blind != "" {
		return nil
	}
	i.blind, err = seal.Blind(ctx, q, blindField(i.Kind), i.Number)
	if i.Kind == "nid" && len(i.Number) > 10 {
		i.blind = OldNID + i.blind
	}
	return err
}

// Blind is the hash by which a number as typed is found.
func (i Identifier) Blind(ctx context.Context, q db.Reader) (string, error) {
	if f := i.read(""); f != nil {
		return "", f
	}
	err := i.hash(ctx, q)
	return i.blind, err
}

func insertIdentifier(ctx context.Context, tx *db.Tx, to link, i *Identifier) error {
	i.ID, i.Registration, i.At, i.Version = newID(tx), to.registration, tx.Now(), 1
	sealed, err := seal.Seal(ctx, tx, string(to.person), "person_identifiers:"+i.ID, []byte(i.Number))
	if err != nil {
		return err
	}
	if err := i.hash(ctx, tx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO person_identifiers (id, person_id, registration_id, kind, sealed, last, blind, issued, expires, issuer, seen, warnings, at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		i.ID, string(to.person), to.registration, i.Kind, sealed, i.Last, i.blind, i.Issued.String(), i.Expires.String(), i.Issuer, i.Seen, strings.Join(i.Warnings, " "), i.At)
	if err != nil {
		return err
	}
	return to.has(ctx, tx, listIdentifiers)
}

// blindField keeps the hashes of different papers apart.
func blindField(kind string) string { return "identifier." + kind }

func identifiersOf(ctx context.Context, q db.Reader, of records) ([]Identifier, error) {
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT id, registration_id, kind, last, blind, issued, expires, issuer, seen, warnings, at, version
		FROM person_identifiers WHERE person_id`+in+` AND ended_at IS NULL ORDER BY id`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (i Identifier, err error) {
		var warnings string
		err = row.Scan(&i.ID, &i.Registration, &i.Kind, &i.Last, &i.blind, partial{&i.Issued}, partial{&i.Expires}, &i.Issuer, &i.Seen, &warnings, db.Time(&i.At), &i.Version)
		i.Warnings = strings.Fields(warnings)
		return i, err
	})
}

// AddIdentifier adds a paper's number to a person.
func AddIdentifier(ctx context.Context, tx *db.Tx, who access.Actor, person ID, i Identifier) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	if f := i.read(""); f != nil {
		return f
	}
	i.Warnings = append(i.Warnings, i.against(e.Birth.Year, dates.Of(tx.Now()).Year)...)
	to, err := e.through(ctx, tx, who)
	if err != nil {
		return err
	}
	if err := insertIdentifier(ctx, tx, to, &i); err != nil {
		return err
	}
	i.Number = ""
	return rowChange{to.person, "identifier", nil, i}.record(ctx, tx, who)
}
