// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/operations"
	"fera/internal/persons"
)

// Opening opens a case.
type Opening struct {
	Operation string // id of the act, minted by who asks; see package operations
	Person    persons.ID
	Programme string // code; see package programmes
	Origin    string // how she came: see Origins
	Why       string // what she asks for, in a few words; sealed
}

// Origins are the ways in which people come to a case.
func Origins() []string {
	return []string{"registration", "screening", "referral", "outreach", "airport", "hotline", "handover", "self"}
}

// Open opens a case at who's office. A person has at most one live case in a programme, over all of her records that who
// sees. The act may be repeated with the same operation id.
func Open(ctx context.Context, tx *db.Tx, who access.Actor, o Opening) (ID, error) {
	p, err := persons.Find(ctx, tx, who, o.Person)
	switch {
	case err != nil:
		return "", err
	case p.CardOnly:
		return "", fault.New(fault.Forbidden, "person.card_only")
	case !p.ErasedAt.IsZero():
		return "", fault.New(fault.Invalid, "person.erased")
	}
	record, registration, err := persons.Through(ctx, tx, who, access.OpenCase, o.Person)
	if err != nil {
		return "", err
	}
	if err := access.Check(tx, who, access.OpenCase, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation), access.OnCaseload(who.ID)); err != nil {
		return "", err
	}
	if !slices.Contains(Origins(), o.Origin) {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("origin")
	}
	if f := text(&o.Why, 0, 2000, "why"); f != nil {
		return "", f
	}
	c := Case{ID: ID(ids.Beside(string(record), tx.Now())), Person: record, Registration: registration, Programme: o.Programme, Organisation: who.Organisation, Office: who.Office,
		Status: Intake, Origin: o.Origin, Openings: 1, returned: returned(p), clockFrom: dates.Of(tx.Now()).String(), OpenedAt: tx.Now(), TouchedAt: tx.Now(), Version: 1}
	earlier, err := operations.Once(ctx, tx, who, o.Operation, string(c.ID), fmt.Appendf(nil, "case %s %q %q %q", o.Person, o.Programme, o.Origin, o.Why))
	if err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	if err := c.shared(ctx, tx); err != nil {
		return "", err
	}
	if err := c.alone(ctx, tx, who); err != nil {
		return "", err
	}
	return c.ID, c.enter(ctx, tx, who, o.Why)
}

// returned is the day of her last return as far as it is known to the day.
func returned(p persons.Person) (day string) {
	for _, j := range p.Journeys {
		if j.Returned.Precision() == dates.Day {
			day = max(day, j.Returned.String())
		}
	}
	return day
}

// shared refuses a case of an organisation that has no record of the person: its colleagues would not see whose it is.
func (c Case) shared(ctx context.Context, q db.Reader) error {
	scopes, err := access.ScopesOf(ctx, q, string(c.Person))
	if err == nil && !slices.Contains(scopes, access.OfOrganisation(c.Organisation)) {
		return fault.New(fault.Forbidden, "case.register_first")
	}
	return err
}

// alone refuses a second live case in the programme, in any of her records that who sees. Records that who does not see
// are left out, for the refusal would tell that there are any.
func (c Case) alone(ctx context.Context, q db.Reader, who access.Actor) error {
	of, err := persons.Records(ctx, q, who, access.ReadPersons, c.Person)
	if err != nil {
		return err
	}
	args := []any{c.Programme, string(c.ID), string(c.Person)}
	for _, id := range of {
		args = append(args, string(id))
	}
	var n int
	err = q.QueryRow(ctx, `SELECT count(*) FROM cases WHERE programme = ? AND ended_at IS NULL AND id <> ? AND person_id IN `+db.In(len(args)-2), args...).Scan(&n)
	if err == nil && n > 0 {
		return fault.New(fault.Conflict, "case.already_open").On("person")
	}
	return err
}

func (c *Case) enter(ctx context.Context, tx *db.Tx, who access.Actor, why string) error {
	if err := c.reckon(ctx, tx); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO cases (id, person_id, registration_id, programme, organisation_id, office_id, worker_id, worker_name, status, origin, risk, openings, closure,
		returned_on, clock_from, clock_due, paused, due_for, due_on, alarm_to, alarm_at, opened_at, touched_at, version)
		VALUES (?, ?, ?, ?, ?, ?, '', '', ?, ?, '', 1, '', ?, ?, '', ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING`,
		string(c.ID), string(c.Person), c.Registration, c.Programme, c.Organisation, c.Office, string(c.Status), c.Origin,
		c.returned, c.clockFrom, false, c.DueFor, c.DueOn, c.alarmTo, orNull(c.alarmAt), c.OpenedAt, c.TouchedAt)
	if err != nil {
		return fmt.Errorf("open case: %w", err)
	}
	if n == 0 { // another opened one at the same moment
		return fault.New(fault.Conflict, "case.already_open").On("person")
	}
	if err := access.Place(ctx, tx, string(c.ID), c.scopes()...); err != nil {
		return fmt.Errorf("open case: %w", err)
	}
	if err := c.happened(ctx, tx, who, change{act: "open", why: why, detail: map[string]string{"origin": c.Origin}}); err != nil {
		return fmt.Errorf("open case: %w", err)
	}
	return audit.Record(ctx, tx, who, access.OpenCase, audit.Entry{Subject: c.subject(), Person: string(c.Person), After: *c, Reason: why})
}
