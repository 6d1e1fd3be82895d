// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/choices"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/numbers"
	"fera/internal/seal"
)

// Contact is one way to reach a person, with whose it is and when and how it is
// safe to use. The number is kept sealed; Last is what may be shown of it.
type Contact struct {
	ID           string    `json:"id,omitempty"`
	Registration string    `json:"-"`
	Kind         string    `json:"kind"`             // see ContactKinds
	Number       string    `json:"number,omitempty"` // as typed; empty when read from the register, see Reveal
	Last         string    `json:"last,omitempty"`
	Owner        string    `json:"owner"`           // see ContactOwners
	Safety       string    `json:"safety"`          // see Safeties
	Ways         []string  `json:"ways,omitempty"`  // see ContactWays: what is safe
	Hours        string    `json:"hours,omitempty"` // when it is safe, in her words
	Warnings     []string  `json:"warnings,omitempty"`
	At           time.Time `json:"at,omitzero"`
	Version      int       `json:"version,omitempty"`
	blind        string
	of           ID // the record that it is in
}

func (c *Contact) read(prefix string) *fault.Error {
	var faults []*fault.Error
	choice := func(field, value string, allowed []string) {
		if !slices.Contains(allowed, value) {
			faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On(prefix+field))
		}
	}
	c.Kind, c.Owner, c.Safety = orElse(c.Kind, "phone"), orElse(c.Owner, "own"), orElse(c.Safety, "unasked")
	choice("kind", c.Kind, choices.ContactKinds())
	choice("owner", c.Owner, choices.ContactOwners())
	choice("safety", c.Safety, choices.Safeties())
	for _, w := range c.Ways {
		choice("ways", w, choices.ContactWays())
	}
	if c.Safety == "unsafe" {
		c.Ways = nil
	}
	faults = append(faults, line(&c.Hours, 200, prefix+"hours"), c.readNumber(prefix))
	return fault.Join(faults...)
}

func (c *Contact) readNumber(prefix string) *fault.Error {
	if c.Kind == "email" {
		f := line(&c.Number, 200, prefix+"number")
		if f == nil && !strings.Contains(c.Number, "@") {
			f = fault.New(fault.Invalid, "person.email_form").On(prefix + "number")
		}
		c.Number = strings.ToLower(c.Number)
		return f
	}
	n, err := numbers.Phone(c.Number, "BD")
	if err != nil {
		return fault.Of(err).On(prefix + "number")
	}
	c.Number, c.Last, c.Warnings = n.Normal, n.Last, n.Warnings
	return nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// line cleans a one-line text in place.
func line(s *string, longest int, field string) *fault.Error {
	clean, problem := names.Check(*s, longest)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", longest).On(field)
	}
	*s = clean
	return nil
}

// hash makes the hash by which the number is found.
func (c *Contact) hash(ctx context.Context, q db.Reader) (err error) {
	if c.blind == "" {
		c.blind, err = seal.Blind(ctx, q, "phone", c.Number)
	}
	return err
}

// Blind is the hash by which a number as typed is found.
func (c Contact) Blind(ctx context.Context, q db.Reader) (string, error) {
	if f := c.read(""); f != nil {
		return "", f
	}
	err := c.hash(ctx, q)
	return c.blind, err
}

func insertContact(ctx context.Context, tx *db.Tx, to link, c *Contact) error {
	c.ID, c.Registration, c.At, c.Version = newID(tx), to.registration, tx.Now(), 1
	sealed, err := seal.Seal(ctx, tx, string(to.person), "person_contacts:"+c.ID, []byte(c.Number))
	if err != nil {
		return err
	}
	if err := c.hash(ctx, tx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO person_contacts (id, person_id, registration_id, kind, sealed, last, blind, owner, safety, ways, hours, warnings, at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		c.ID, string(to.person), to.registration, c.Kind, sealed, c.Last, c.blind, c.Owner, c.Safety, strings.Join(c.Ways, " "), c.Hours, strings.Join(c.Warnings, " "), c.At)
	return err
}

func contactsOf(ctx context.Context, q db.Reader, of records) ([]Contact, error) {
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT person_id, id, registration_id, kind, last, blind, owner, safety, ways, hours, warnings, at, version
		FROM person_contacts WHERE person_id`+in+` AND ended_at IS NULL ORDER BY id`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c Contact, err error) {
		var ways, warnings string
		err = row.Scan(&c.of, &c.ID, &c.Registration, &c.Kind, &c.Last, &c.blind, &c.Owner, &c.Safety, &ways, &c.Hours, &warnings, db.Time(&c.At), &c.Version)
		c.Ways, c.Warnings = strings.Fields(ways), strings.Fields(warnings)
		return c, err
	})
}

// shown is a contact as the trail keeps it: without the number, which is sealed in its row.
func (c Contact) shown() Contact {
	c.Number = ""
	return c
}

// AddContact adds a way to reach a person.
func AddContact(ctx context.Context, tx *db.Tx, who access.Actor, person ID, c Contact) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	if f := c.read(""); f != nil {
		return f
	}
	to, err := e.through(ctx, tx, who)
	if err != nil {
		return err
	}
	if err := insertContact(ctx, tx, to, &c); err != nil {
		return err
	}
	return rowChange{to.person, "contact", nil, c.shown()}.record(ctx, tx, who)
}

// ChangeContact changes whose a contact is and when and how it is safe; a new
// number is a new contact.
func ChangeContact(ctx context.Context, tx *db.Tx, who access.Actor, person ID, c Contact) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	all, err := contactsOf(ctx, tx, e.records)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(have Contact) bool { return have.ID == c.ID })
	if i < 0 {
		return fault.New(fault.NotFound, "person.row_not_found")
	}
	c.Kind, c.Number = all[i].Kind, "01700000000" // checked as a whole; the number itself does not change
	if all[i].Kind == "email" {
		c.Number = "a@b"
	}
	if f := c.read(""); f != nil {
		return f
	}
	n, err := tx.Exec(ctx, `UPDATE person_contacts SET owner = ?, safety = ?, ways = ?, hours = ?, version = version + 1 WHERE id = ? AND person_id = ? AND version = ? AND ended_at IS NULL`,
		c.Owner, c.Safety, strings.Join(c.Ways, " "), c.Hours, c.ID, string(all[i].of), c.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "person.changed_meanwhile")
	}
	before := all[i].shown()
	after := before
	after.Owner, after.Safety, after.Ways, after.Hours = c.Owner, c.Safety, c.Ways, c.Hours
	return rowChange{all[i].of, "contact", before, after}.record(ctx, tx, who)
}

// rowChange is a change of one row of a record, for the trail.
type rowChange struct {
	person        ID
	noun          string
	before, after any
}

// record raises the record's version, brings the index up to date and enters
// the change in the trail.
func (r rowChange) record(ctx context.Context, tx *db.Tx, who access.Actor) error {
	if err := revise(ctx, tx, r.person); err != nil {
		return err
	}
	if err := reindex(ctx, tx, r.person); err != nil {
		return err
	}
	wrap := func(v any) any {
		if v == nil {
			return nil
		}
		return map[string]any{r.noun: v}
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, audit.Entry{Subject: "person:" + string(r.person), Person: string(r.person), Before: wrap(r.before), After: wrap(r.after)})
}

// Row names one of the lists of a person, for End.
type Row string

// The lists whose rows can be ended.
const (
	ContactRow    Row = "contact"
	IdentifierRow Row = "identifier"
	JourneyRow    Row = "journey"
	RelationRow   Row = "relation"
)

func (r Row) table() string {
	switch r {
	case ContactRow:
		return "person_contacts"
	case IdentifierRow:
		return "person_identifiers"
	}
	return ""
}

// setEnded is the statement that ends a row or brings it back.
func (r Row) setEnded() string {
	switch r {
	case ContactRow:
		return `UPDATE person_contacts SET ended_at = ?, version = version + 1 WHERE id = ?`
	case IdentifierRow:
		return `UPDATE person_identifiers SET ended_at = ?, version = version + 1 WHERE id = ?`
	case JourneyRow:
		return `UPDATE person_journeys SET ended_at = ?, version = version + 1 WHERE id = ?`
	case RelationRow:
		return `UPDATE person_relations SET ended_at = ?, version = version + 1 WHERE id = ?`
	}
	return ""
}

// Ending takes a row out of use, because it was wrong or no longer holds.
type Ending struct {
	Person  ID
	Row     Row
	ID      string
	Version int
	Reason  string
}

// End takes a contact, identifier, journey or relation out of use. It is kept,
// and Restore brings it back.
func End(ctx context.Context, tx *db.Tx, who access.Actor, e Ending) error {
	return e.set(ctx, tx, who, tx.Now())
}

// Restore brings back a row that was taken out of use by mistake.
func Restore(ctx context.Context, tx *db.Tx, who access.Actor, e Ending) error {
	return e.set(ctx, tx, who, time.Time{})
}

func (e Ending) set(ctx context.Context, tx *db.Tx, who access.Actor, ended time.Time) error {
	p, err := editable(ctx, tx, who, access.ChangePerson, e.Person)
	if err != nil {
		return err
	}
	reason, problem := names.CheckText(e.Reason, 500)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 500).On("reason")
	}
	set := e.Row.setEnded()
	if set == "" {
		return fault.New(fault.NotFound, "person.row_not_found")
	}
	state := "IS NOT NULL"
	if !ended.IsZero() {
		state = "IS NULL"
	}
	in := ID("")
	for _, record := range p.records {
		n, err := tx.Exec(ctx, set+` AND person_id = ? AND ended_at `+state+` AND (version = ? OR ? = 0)`,
			db.When(ended), e.ID, string(record), e.Version, e.Version)
		if err != nil {
			return err
		}
		if n > 0 {
			in = record
		}
	}
	if in == "" {
		return changedMeanwhile()
	}
	if err := revise(ctx, tx, in); err != nil {
		return err
	}
	if err := reindex(ctx, tx, in); err != nil {
		return err
	}
	what := "restored"
	if !ended.IsZero() {
		what = "ended"
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, audit.Entry{Subject: "person:" + string(in), Person: string(in),
		After: map[string]any{what: map[string]string{"row": string(e.Row), "id": e.ID}}, Reason: reason})
}
