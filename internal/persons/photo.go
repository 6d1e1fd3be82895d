// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
)

// Picture is a photograph to be kept of a person.
type Picture struct {
	Operation string // id of the act; see package operations
	Person    ID
	Content   files.Content
}

// KeepPhoto keeps a photograph of a person who agreed to that, instead of the
// one before, which is destroyed.
func KeepPhoto(ctx context.Context, tx *db.Tx, who access.Actor, p Picture) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, p.Person)
	if err != nil {
		return err
	}
	to, err := e.through(ctx, tx, who)
	if err != nil {
		return fmt.Errorf("keep photo: %w", err)
	}
	ok, err := e.agreed(ctx, tx, to.person, PurposePhoto)
	if err != nil {
		return fmt.Errorf("keep photo: %w", err)
	}
	if !ok {
		return fault.New(fault.Invalid, "person.photo_refused").On("file")
	}
	id, err := files.Add(ctx, tx, who, files.Upload{Operation: p.Operation, Person: string(to.person), Kind: files.Photo, Content: p.Content})
	if err != nil || string(id) == e.Photo {
		return err
	}
	for _, record := range e.records {
		if err := dropPhoto(ctx, tx, who, record); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE persons SET photo_id = ? WHERE id = ?`, string(id), string(to.person)); err != nil {
		return fmt.Errorf("keep photo: %w", err)
	}
	return revise(ctx, tx, to.person) // files has entered the act in the trail
}

// dropPhoto destroys the photograph in a record, if there is one.
func dropPhoto(ctx context.Context, tx *db.Tx, who access.Actor, record ID) error {
	var photo string
	if err := tx.QueryRow(ctx, `SELECT photo_id FROM persons WHERE id = ?`, string(record)).Scan(&photo); err != nil || photo == "" {
		return err
	}
	if err := files.Remove(ctx, tx, who, files.ID(photo)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE persons SET photo_id = '' WHERE id = ?`, string(record))
	return err
}

// Print returns what may be put on paper of a person, and enters in the trail
// that it was.
func Print(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Person, error) {
	e, err := editable(ctx, tx, who, access.PrintPerson, id)
	if err != nil {
		return Person{}, err
	}
	p, err := Find(ctx, tx, who, id)
	if err != nil {
		return Person{}, err
	}
	return p, e.each(func(id ID) error {
		return audit.Record(ctx, tx, who, access.PrintPerson, audit.Entry{Subject: "person:" + string(id), Person: string(id)})
	})
}
