// SPDX-License-Identifier: Apache-2.0

// Package agreements keeps what was agreed with organisations of the directory: memorandums and terms for sharing data, until when they
// hold and why one ended. They are for those who keep the directory, and go out with no exchange.
package agreements

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Agreement is what was agreed with an organisation.
type Agreement struct {
	ID           string        `json:"-"`
	Organisation string        `json:"-"`
	Kind         string        `json:"kind"` // memorandum or data_sharing
	Title        string        `json:"title"`
	SignedOn     dates.Partial `json:"signed_on,omitzero"`
	EndsOn       dates.Partial `json:"ends_on,omitzero"` // open when not known
	Terms        string        `json:"terms,omitempty"`  // what may be shared, for what, with whom, and until when it is kept
	By           string        `json:"-"`
	At           time.Time     `json:"-"`
	EndedAt      time.Time     `json:"-"`
	EndedWhy     string        `json:"-"`
}

// Kinds returns what can be agreed.
func Kinds() []string { return []string{"memorandum", "data_sharing"} }

// InForce tells whether an agreement holds on a day.
func (a Agreement) InForce(day dates.Partial) bool {
	return a.EndedAt.IsZero() && !day.SurelyBefore(a.SignedOn) && (a.EndsOn.IsZero() || !a.EndsOn.SurelyBefore(day))
}

// Agree notes what was agreed with an organisation. Only those who keep the directory do, never the partner itself.
func Agree(ctx context.Context, tx *db.Tx, who access.Actor, a Agreement) (string, error) {
	if err := access.Check(tx, who, access.ManageDirectory, own(who)...); err != nil {
		return "", err
	}
	if o, err := directory.Find(ctx, tx, who, a.Organisation); err != nil || o.Organisation == nil {
		return "", orNotFound(err)
	}
	r := &listing.Checker{}
	r.OneOf(a.Kind, Kinds(), "agreement_kind")
	r.Line(&a.Title, listing.LongestName, "title")
	if a.Title == "" {
		r.Bad("fault.needed", "title")
	}
	terms := listing.Text{En: a.Terms}
	r.Text(&terms, listing.LongestText, "terms")
	a.Terms = terms.En
	if a.SignedOn.Precision() != dates.Day || a.SignedOn.Check() != nil {
		r.Bad("directory.signed_day", "signed_on")
	}
	if !a.EndsOn.IsZero() && (a.EndsOn.Precision() != dates.Day || a.EndsOn.Check() != nil || a.EndsOn.SurelyBefore(a.SignedOn)) {
		r.Bad("directory.ends_day", "ends_on")
	}
	if f := r.Done(); f != nil {
		return "", f
	}
	text, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	a.ID = ids.New(tx.Now())
	if _, err := tx.Exec(ctx, `INSERT INTO directory_agreements (id, organisation_id, definition, ends_on, user_name, at, ended_by, ended_why) VALUES (?, ?, ?, ?, ?, ?, '', '')`,
		a.ID, a.Organisation, string(text), a.EndsOn.String(), who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("agree: %w", err)
	}
	return a.ID, audit.Record(ctx, tx, who, access.ManageDirectory, audit.Entry{Subject: "directory:" + a.Organisation, After: map[string]any{"agreement": a}})
}

// End ends an agreement before its day, for a reason. It stays on record.
func End(ctx context.Context, tx *db.Tx, who access.Actor, organisation string, e directory.Ending) error {
	if err := access.Check(tx, who, access.ManageDirectory, own(who)...); err != nil {
		return err
	}
	reason, problem := names.CheckText(e.Reason, listing.LongestLine)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", listing.LongestLine).On("reason")
	}
	if reason == "" {
		return fault.New(fault.Invalid, "fault.needed").On("reason")
	}
	n, err := tx.Exec(ctx, `UPDATE directory_agreements SET ended_at = ?, ended_by = ?, ended_why = ? WHERE id = ? AND organisation_id = ? AND ended_at IS NULL`, tx.Now(), who.Name, reason, e.ID, organisation)
	if err != nil {
		return fmt.Errorf("end agreement: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "directory.not_found")
	}
	return audit.Record(ctx, tx, who, access.ManageDirectory, audit.Entry{Subject: "directory:" + organisation, Named: []string{"agreement"}, Reason: reason})
}

// List returns what was agreed with an organisation, the newest first, those that ended too.
func List(ctx context.Context, q db.Reader, who access.Actor, organisation string) ([]Agreement, error) {
	if _, err := directory.Find(ctx, q, who, organisation); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT id, organisation_id, definition, user_name, at, ended_at, ended_why FROM directory_agreements WHERE organisation_id = ? ORDER BY id DESC LIMIT 100`, organisation)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (a Agreement, err error) {
		var text string
		if err := row.Scan(&a.ID, &a.Organisation, &text, &a.By, db.Time(&a.At), db.NullTime(&a.EndedAt), &a.EndedWhy); err != nil {
			return a, err
		}
		return a, json.Unmarshal([]byte(text), &a)
	})
}

// own is where somebody works. The directory is one for all, so that is where the right to keep it is looked for.
func own(who access.Actor) []access.Scope {
	return []access.Scope{access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)}
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.NotFound, "directory.not_found")
}
