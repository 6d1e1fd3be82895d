// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"cmp"
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/seal"
)

// Picture is a photograph of an activity.
type Picture struct {
	Operation string // id of the act; see package operations
	Activity  ID
	Agreed    bool // everybody in it agreed to be seen
	Title     string
	Content   files.Content
}

// AddPhoto keeps a picture of an activity, sealed under its key. Everybody in it has to have agreed to be seen.
func AddPhoto(ctx context.Context, tx *db.Tx, who access.Actor, p Picture) (files.ID, error) {
	a, err := change(ctx, tx, who, p.Activity, 0)
	if err != nil {
		return "", err
	}
	if !p.Agreed {
		return "", fault.New(fault.Invalid, "activity.photo_agreed").On("agreed")
	}
	if err := seal.NewKey(ctx, tx, a.Organisation, string(a.ID)); err != nil {
		return "", fmt.Errorf("keep picture: %w", err)
	}
	return files.Add(ctx, tx, who, files.Upload{Operation: p.Operation, Person: string(a.ID), Kind: files.Photo, Title: cmp.Or(p.Title, a.Topic), Content: p.Content})
}

// Photos returns what pictures of an activity there are, to who may know who was there.
func Photos(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]files.File, error) {
	a, err := Find(ctx, q, who, id)
	if err != nil || !SeesNames(who, a) {
		return nil, err
	}
	return files.List(ctx, q, who, string(id), false)
}
