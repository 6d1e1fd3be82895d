// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/fault"
	"fera/internal/names"
)

const columns = `id, organisation_id, state, definition, version, confirmed_on, confirmed_by, due_on, changed_at`

func scan(row interface{ Scan(...any) error }) (e Entry, err error) {
	var definition string
	if err := row.Scan(&e.ID, &e.Owner, &e.State, &definition, &e.Version, &e.ConfirmedOn, &e.ConfirmedBy, &e.DueOn, db.Time(&e.ChangedAt)); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(definition), &e.Body)
}

// insert makes the row of an entry; update fills it.
func insert(ctx context.Context, tx *db.Tx, e Entry) error {
	n, err := tx.Exec(ctx, `INSERT INTO directory_entries (`+columns+`, kind, name_bn, name_en, sorted, number)
		SELECT ?, ?, ?, '{}', 0, '', '', '', ?, ?, '', '', '', COALESCE(max(number), 0) + 1 FROM directory_entries WHERE NOT EXISTS (SELECT 1 FROM directory_entries WHERE id = ?)`,
		e.ID, e.Owner, string(e.State), tx.Now(), string(e.Kind()), e.ID)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "directory.there_already").On("id")
	}
	return err
}

func update(ctx context.Context, tx *db.Tx, e Entry) error {
	definition, err := json.Marshal(e.Body)
	if err != nil {
		return err
	}
	name, partner := e.Name(), ""
	if e.Organisation != nil {
		partner = e.Organisation.Partner
	}
	_, err = tx.Exec(ctx, `UPDATE directory_entries SET organisation_id = ?, state = ?, definition = ?, version = ?, confirmed_on = ?, confirmed_by = ?, due_on = ?, changed_at = ?,
		name_bn = ?, name_en = ?, sorted = ?, partner_id = ? WHERE id = ?`,
		e.Owner, string(e.State), string(definition), e.Version, e.ConfirmedOn.String(), e.ConfirmedBy, e.DueOn.String(), e.ChangedAt, name.Bn, name.En, sortKey(name), partner, e.ID)
	return err
}

// sortKey is a name as it is sorted, so that it fits in a key of either engine.
func sortKey(name listing.Text) string {
	key := names.SortKey(name.In("bn"))
	return hex.EncodeToString(key[:min(len(key), 60)])
}

// tally keeps how many entries there are of each kind.
func tally(ctx context.Context, tx *db.Tx, w writing) error {
	there := func(e *Entry) int {
		if e == nil || e.State == listing.Withdrawn {
			return 0
		}
		return 1
	}
	more := there(&w.after) - there(w.before)
	if more == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO directory_totals (kind, entries) VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET entries = directory_totals.entries + excluded.entries`, string(w.after.Kind()), more)
	return err
}

func insertVersion(ctx context.Context, tx *db.Tx, who access.Actor, e Entry, w writing) error {
	definition, err := json.Marshal(e.Body)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_versions (entry_id, version, act, state, definition, reason, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID, e.Version, w.act, string(e.State), string(definition), w.reason, who.ID, who.Name, tx.Now())
	return err
}

// Find returns an entry, whatever its state.
func Find(ctx context.Context, q db.Reader, who access.Actor, id string) (Entry, error) {
	if !who.Holds(access.ReadDirectory) {
		return Entry{}, fault.New(fault.NotFound, "directory.not_found")
	}
	return find(ctx, q, id)
}

func find(ctx context.Context, q db.Reader, id string) (Entry, error) {
	e, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM directory_entries WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, fault.New(fault.NotFound, "directory.not_found")
	}
	if err != nil {
		return Entry{}, fmt.Errorf("find entry: %w", err)
	}
	return e, nil
}

// kindOf is what sort of entry one is; empty if there is none.
func kindOf(ctx context.Context, q db.Reader, id string) (k listing.Kind, err error) {
	err = q.QueryRow(ctx, `SELECT kind FROM directory_entries WHERE id = ?`, id).Scan(&k)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return k, err
}

// partnerOf is the organisation of package offices whose people keep what is of an organisation here; empty if nobody's do.
func partnerOf(ctx context.Context, q db.Reader, owner string) (string, error) {
	if owner == "" {
		return "", nil
	}
	e, err := find(ctx, q, owner)
	if fault.KindOf(err) == fault.NotFound || err == nil && e.Organisation == nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return e.Organisation.Partner, nil
}

// Several returns entries by their ids; those that are not there are left out.
func Several(ctx context.Context, q db.Reader, wanted []string) (map[string]Entry, error) {
	found := map[string]Entry{}
	wanted = slices.Compact(slices.Sorted(slices.Values(wanted)))
	for part := range slices.Chunk(wanted, 200) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		rows, err := q.Query(ctx, `SELECT `+columns+` FROM directory_entries WHERE id IN `+db.In(len(args)), args...)
		some, err := db.Collect(rows, err, scan)
		if err != nil {
			return nil, fmt.Errorf("find entries: %w", err)
		}
		for _, e := range some {
			found[e.ID] = e
		}
	}
	return found, nil
}

// Version is an entry as it was once.
type Version struct {
	listing.Body
	Number int
	Act    string // added, changed, withdrawn, restored, counted, imported
	State  listing.State
	Reason string
	By     string
	At     time.Time
}

// History returns the versions of an entry, the newest first.
func History(ctx context.Context, q db.Reader, who access.Actor, id string, limit int) ([]Version, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+versionColumns+` FROM directory_versions WHERE entry_id = ? ORDER BY version DESC LIMIT ?`, id, limit)
	return db.Collect(rows, err, scanVersion)
}

func versionOf(ctx context.Context, q db.Reader, id string, number int) (Version, error) {
	v, err := scanVersion(q.QueryRow(ctx, `SELECT `+versionColumns+` FROM directory_versions WHERE entry_id = ? AND version = ?`, id, number))
	if errors.Is(err, sql.ErrNoRows) {
		return v, fault.New(fault.NotFound, "directory.not_found")
	}
	return v, err
}

const versionColumns = `version, act, state, definition, reason, user_name, at`

func scanVersion(row interface{ Scan(...any) error }) (v Version, err error) {
	var definition string
	if err := row.Scan(&v.Number, &v.Act, &v.State, &definition, &v.Reason, &v.By, db.Time(&v.At)); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(definition), &v.Body)
}

// reindex writes anew what an entry, and what hangs on it, is found by.
func reindex(ctx context.Context, tx *db.Tx, e Entry) error {
	if err := enterTerms(ctx, tx, e); err != nil {
		return err
	}
	switch e.Kind() {
	case listing.OfService:
		return errors.Join(near.EnterOffers(ctx, tx, e.ID, e.Service), enterWays(ctx, tx, e))
	case listing.OfLocation:
		return again(ctx, tx, `SELECT `+columns+` FROM directory_entries WHERE id IN (SELECT service_id FROM directory_offers WHERE location_id = ?)`, e.ID)
	}
	if e.State == listing.Withdrawn || e.Version > 1 {
		return again(ctx, tx, `SELECT `+columns+` FROM directory_entries WHERE organisation_id = ? AND kind = 'service'`, e.ID)
	}
	return nil
}

// again writes anew what services are found by.
func again(ctx context.Context, tx *db.Tx, query, id string) error {
	rows, err := tx.Query(ctx, query, id)
	services, err := db.Collect(rows, err, scan)
	if err != nil {
		return err
	}
	for _, s := range services {
		if err := errors.Join(enterTerms(ctx, tx, s), enterWays(ctx, tx, s)); err != nil {
			return err
		}
	}
	return nil
}

// shelfOf is the kind under which the words of an entry are kept.
func shelfOf(e Entry) string {
	if e.State == listing.Withdrawn {
		return string(listing.Withdrawn)
	}
	return string(e.Kind())
}

// enterTerms writes anew which words an entry is found by; those that it had already stay.
func enterTerms(ctx context.Context, tx *db.Tx, e Entry) error {
	after, err := termsOf(ctx, tx, e)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT kind, word FROM directory_terms WHERE entry_id = ?`, e.ID)
	before, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (t term, err error) { return t, row.Scan(&t.kind, &t.word) })
	if err != nil {
		return err
	}
	for _, t := range before {
		if slices.Contains(after, t) {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM directory_terms WHERE kind = ? AND word = ? AND entry_id = ?`, t.kind, t.word, e.ID); err != nil {
			return err
		}
	}
	var args []any
	for _, t := range after {
		if !slices.Contains(before, t) {
			args = append(args, t.kind, t.word, e.ID)
		}
	}
	if len(args) > 0 {
		if _, err := tx.Exec(ctx, `INSERT INTO directory_terms (kind, word, entry_id) VALUES `+db.Values(len(args)/3, 3), args...); err != nil {
			return err
		}
	}
	return turn(ctx, tx, e.ID, before, after)
}

// termsOf are the words of the names of an entry, and of a service also those of who offers it.
func termsOf(ctx context.Context, tx *db.Tx, e Entry) (all []term, err error) {
	name := e.Name()
	said := name.Bn + " " + name.En
	if e.Service != nil && e.Owner != "" {
		owner, err := find(ctx, tx, e.Owner)
		if err != nil {
			return nil, err
		}
		said += " " + owner.Name().Bn + " " + owner.Name().En
	}
	for _, w := range wordsOf(said) {
		all = append(all, term{shelfOf(e), w})
	}
	return all, nil
}

// wordsOf are the different words of a text, as they are compared.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(names.Fold(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) && !unicode.IsDigit(c) })
	for i, w := range words {
		if runes := []rune(w); len(runes) > 40 {
			words[i] = string(runes[:40])
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}
