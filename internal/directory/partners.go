// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
)

// Appoint notes whom one speaks to at an organisation, about a service or at a location.
func Appoint(ctx context.Context, tx *db.Tx, who access.Actor, f listing.Focal) (string, error) {
	e, err := Find(ctx, tx, who, f.Entry)
	if err != nil {
		return "", err
	}
	_, perm, err := mayChange(ctx, tx, who, f.Entry, e.Version)
	if err != nil {
		return "", err
	}
	return appoint(ctx, tx, who, perm, f)
}

func appoint(ctx context.Context, tx *db.Tx, who access.Actor, perm access.Permission, f listing.Focal) (string, error) {
	if wrong := f.Check(); wrong != nil {
		return "", wrong
	}
	if f.ID == "" {
		f.ID = ids.New(tx.Now())
	}
	text, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO directory_people (id, entry_id, definition, user_name, at, ended_by) VALUES (?, ?, ?, ?, ?, '')
		ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, user_name = excluded.user_name, at = excluded.at`, f.ID, f.Entry, string(text), who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("appoint: %w", err)
	}
	return f.ID, audit.Record(ctx, tx, who, perm, audit.Entry{Subject: "directory:" + f.Entry, Named: []string{"people"}})
}

// Dismiss notes that somebody is not spoken to any more.
func Dismiss(ctx context.Context, tx *db.Tx, who access.Actor, entry, id string) error {
	e, err := Find(ctx, tx, who, entry)
	if err != nil {
		return err
	}
	_, perm, err := mayChange(ctx, tx, who, entry, e.Version)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE directory_people SET ended_at = ?, ended_by = ? WHERE id = ? AND entry_id = ? AND ended_at IS NULL`, tx.Now(), who.Name, id, entry)
	if err != nil {
		return fmt.Errorf("dismiss: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "directory.not_found")
	}
	return audit.Record(ctx, tx, who, perm, audit.Entry{Subject: "directory:" + entry, Named: []string{"people"}})
}

// Focals returns whom one speaks to, of an entry.
func Focals(ctx context.Context, q db.Reader, who access.Actor, entry string) ([]listing.Focal, error) {
	if _, err := Find(ctx, q, who, entry); err != nil {
		return nil, err
	}
	return focals(ctx, q, entry)
}

func focals(ctx context.Context, q db.Reader, entry string) ([]listing.Focal, error) {
	rows, err := q.Query(ctx, `SELECT id, entry_id, definition, at FROM directory_people WHERE entry_id = ? AND ended_at IS NULL ORDER BY id`, entry)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (f listing.Focal, err error) {
		var text string
		if err := row.Scan(&f.ID, &f.Entry, &text, db.Time(&f.At)); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(text), &f)
	})
}

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

// AgreementKinds returns what can be agreed.
func AgreementKinds() []string { return []string{"memorandum", "data_sharing"} }

// InForce tells whether an agreement holds on a day.
func (a Agreement) InForce(day dates.Partial) bool {
	return a.EndedAt.IsZero() && !day.SurelyBefore(a.SignedOn) && (a.EndsOn.IsZero() || !a.EndsOn.SurelyBefore(day))
}

// Agree notes what was agreed with an organisation. Only those who keep the directory do, never the partner itself.
func Agree(ctx context.Context, tx *db.Tx, who access.Actor, a Agreement) (string, error) {
	if err := access.Check(tx, who, access.ManageDirectory, own(who)...); err != nil {
		return "", err
	}
	if is, err := kindOf(ctx, tx, a.Organisation); err != nil || is != listing.OfOrganisation {
		return "", orNotFound(err)
	}
	r := &listing.Checker{}
	r.OneOf(a.Kind, AgreementKinds(), "agreement_kind")
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

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.NotFound, "directory.not_found")
}

// EndAgreement ends an agreement before its day, for a reason. It stays on record.
func EndAgreement(ctx context.Context, tx *db.Tx, who access.Actor, organisation string, e Ending) error {
	if err := access.Check(tx, who, access.ManageDirectory, own(who)...); err != nil {
		return err
	}
	reason, err := reasonOf(e.Reason, true)
	if err != nil {
		return err
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

// Agreements returns what was agreed with an organisation, the newest first, those that ended too.
func Agreements(ctx context.Context, q db.Reader, who access.Actor, organisation string) ([]Agreement, error) {
	if _, err := Find(ctx, q, who, organisation); err != nil {
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
