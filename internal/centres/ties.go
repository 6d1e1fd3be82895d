// SPDX-License-Identifier: Apache-2.0

package centres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Tie says whose ticket one is.
type Tie struct {
	Ticket string     `json:"ticket"`
	Person persons.ID `json:"-"`
	Case   cases.ID   `json:"case,omitempty"`
}

// Say says whose ticket one of today is; no person takes that back. Who says it sees her and may change what is kept about her. Of a
// ticket for what tells by itself what is protected it is never said.
func Say(ctx context.Context, tx *db.Tx, who access.Actor, office string, t Tie) error {
	if _, err := serving(ctx, tx, who, office); err != nil {
		return err
	}
	of, err := findTicket(ctx, tx, office, t.Ticket)
	if err != nil {
		return err
	}
	before, err := tied(ctx, tx, who, of.ID)
	if err != nil {
		return err
	}
	ref, err := refOf(ctx, tx, of.ID)
	if err != nil {
		return err
	}
	var there int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM centre_ties WHERE ref = ?`, ref).Scan(&there); err != nil {
		return fmt.Errorf("tie ticket: %w", err)
	}
	switch {
	case there > 0 && before.Person == "": // somebody whom who does not see
		return fault.New(fault.Conflict, "centre.tied_already").On("person")
	case there > 0:
		if _, err := tx.Exec(ctx, `DELETE FROM centre_ties WHERE ref = ?`, ref); err != nil {
			return fmt.Errorf("tie ticket: %w", err)
		}
		if err := audit.Record(ctx, tx, who, access.ServeQueue, audit.Entry{Subject: "person:" + string(before.Person), Person: string(before.Person), Named: []string{"ticket"}}); err != nil {
			return err
		}
	}
	if t.Person == "" {
		if there == 0 {
			tx.Recorded() // there was nothing to take back
		}
		return nil
	}
	return tie(ctx, tx, who, of, t)
}

func tie(ctx context.Context, tx *db.Tx, who access.Actor, of Ticket, t Tie) error {
	if Telling(of.Need) {
		return fault.New(fault.Invalid, "centre.need_tells").On("person")
	}
	if of.Day != dates.Of(tx.Now()).String() {
		return fault.New(fault.Conflict, "centre.other_day")
	}
	record, _, err := persons.Through(ctx, tx, who, access.ChangePerson, t.Person)
	if err != nil {
		return err
	}
	if t.Case != "" {
		c, err := cases.Find(ctx, tx, who, t.Case)
		if err != nil {
			return err
		}
		of, err := persons.Records(ctx, tx, who, access.ReadPersons, t.Person)
		if err != nil {
			return err
		}
		if !slices.Contains(of, c.Person) {
			return fault.New(fault.NotFound, "case.not_found")
		}
	}
	ref, err := refOf(ctx, tx, of.ID)
	if err != nil {
		return err
	}
	sealed, err := seal.JSON(ctx, tx, string(record), "centre_ties:"+ref, t)
	if err != nil {
		return fmt.Errorf("tie ticket: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO centre_ties (ref, person_id, sealed) VALUES (?, ?, ?)`, ref, string(record), sealed); err != nil {
		return fmt.Errorf("tie ticket: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ServeQueue, audit.Entry{Subject: "person:" + string(record), Person: string(record), Named: []string{"ticket"}})
}

// refOf is the id of the tie of a ticket, a keyed hash from which nobody finds back.
func refOf(ctx context.Context, q db.Reader, ticket string) (string, error) {
	return seal.Blind(ctx, q, "centre_tie", ticket)
}

// Whose returns whose ticket one is, to who sees her. For all others, and where it was not said, the tie is empty.
func Whose(ctx context.Context, q db.Reader, who access.Actor, office, ticket string) (Tie, error) {
	if _, err := FindTicket(ctx, q, who, office, ticket); err != nil {
		return Tie{}, err
	}
	return tied(ctx, q, who, ticket)
}

func tied(ctx context.Context, q db.Reader, who access.Actor, ticket string) (Tie, error) {
	ref, err := refOf(ctx, q, ticket)
	if err != nil {
		return Tie{}, err
	}
	t, sealed := Tie{}, []byte(nil)
	err = q.QueryRow(ctx, `SELECT person_id, sealed FROM centre_ties WHERE ref = ?`, ref).Scan(&t.Person, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return Tie{}, nil
	}
	if err != nil {
		return Tie{}, fmt.Errorf("find tie: %w", err)
	}
	seen, err := persons.Records(ctx, q, who, access.ReadPersons, t.Person)
	if err != nil || !slices.Contains(seen, t.Person) {
		return Tie{}, err
	}
	return t, seal.FromJSON(ctx, q, seal.Place{Subject: string(t.Person), Name: "centre_ties:" + ref, Sealed: sealed}, &t)
}

// Tickets returns the tickets that were said to be a person's, the latest first, to who sees her.
func Tickets(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) (all []Ticket, err error) {
	of, err := persons.Records(ctx, q, who, access.ReadPersons, person)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	args := make([]any, len(of))
	for i, id := range of {
		args[i] = string(id)
	}
	type row struct {
		ref, person string
		sealed      []byte
	}
	rows, err := q.Query(ctx, `SELECT ref, person_id, sealed FROM centre_ties WHERE person_id IN `+db.In(len(args)), args...)
	ties, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.ref, &v.person, &v.sealed)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	for _, r := range ties {
		var t Tie
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: r.person, Name: "centre_ties:" + r.ref, Sealed: r.sealed}, &t); err != nil {
			return nil, fmt.Errorf("list tickets: %w", err)
		}
		found, err := scanTicket(q.QueryRow(ctx, `SELECT `+ticketColumns+` FROM centre_tickets t WHERE t.id = ?`, t.Ticket))
		if err != nil {
			return nil, fmt.Errorf("list tickets: %w", err)
		}
		all = append(all, found)
	}
	slices.SortFunc(all, func(a, b Ticket) int { return b.ArrivedAt.Compare(a.ArrivedAt) })
	return all, nil
}

// Forget takes away which tickets were those of a person who was erased. The tickets stay: they never named her.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM centre_ties WHERE person_id = ?`, string(person)); err != nil {
		return fmt.Errorf("forget tickets: %w", err)
	}
	return nil
}
