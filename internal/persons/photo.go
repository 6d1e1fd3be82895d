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
	card, err := editable(ctx, tx, who, access.ChangePerson, p.Person)
	if err != nil {
		return err
	}
	consents, err := consentsOf(ctx, tx, p.Person)
	if err != nil {
		return fmt.Errorf("keep photo: %w", err)
	}
	if !agreed(current(consents), PurposePhoto) {
		return fault.New(fault.Invalid, "person.photo_refused").On("file")
	}
	id, err := files.Add(ctx, tx, who, files.Upload{Operation: p.Operation, Person: string(p.Person), Kind: files.Photo, Content: p.Content})
	if err != nil || string(id) == card.Photo {
		return err
	}
	if err := dropPhoto(ctx, tx, who, card); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE persons SET photo_id = ? WHERE id = ?`, string(id), string(p.Person)); err != nil {
		return fmt.Errorf("keep photo: %w", err)
	}
	return revise(ctx, tx, p.Person, 0) // files has entered the act in the trail
}

// dropPhoto destroys the photograph of a person, if there is one.
func dropPhoto(ctx context.Context, tx *db.Tx, who access.Actor, c Card) error {
	if c.Photo == "" {
		return nil
	}
	if err := files.Remove(ctx, tx, who, files.ID(c.Photo)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE persons SET photo_id = '' WHERE id = ?`, string(c.ID))
	return err
}

// Print returns what may be put on paper of a person, and enters in the trail
// that it was.
func Print(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Person, error) {
	if _, err := editable(ctx, tx, who, access.PrintPerson, id); err != nil {
		return Person{}, err
	}
	p, err := Find(ctx, tx, who, id)
	if err != nil {
		return Person{}, err
	}
	return p, audit.Record(ctx, tx, who, access.PrintPerson, audit.Entry{Subject: "person:" + string(id), Person: string(id)})
}
