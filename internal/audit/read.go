// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/seal"
)

const columns = `id, at, actor_id, actor_name, office_id, act, subject, COALESCE(person_id, ''), fields, reason, digest, mac, COALESCE(position, 0), chain`

func scan(row interface{ Scan(...any) error }) (s stored, err error) {
	err = row.Scan(&s.id, db.Time(&s.at), &s.actor, &s.name, &s.office, &s.act, &s.subject, &s.person, &s.fields, &s.reason, &s.digest, &s.mac, &s.position, &s.chain)
	return s, err
}

func list(ctx context.Context, q db.Reader, where string, args ...any) ([]stored, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM audit_entries WHERE `+where, args...)
	return db.Collect(rows, err, scan)
}

// Line is one entry of the trail as a person reads it.
type Line struct {
	ID       string
	At       time.Time
	Actor    string // user id
	Name     string // the actor's name at the time
	Office   string
	Act      access.Permission
	Subject  string
	Fields   []string
	Reason   string
	Position int64 // zero until sealed
	Before   map[string]json.RawMessage
	After    map[string]json.RawMessage
	Erased   bool // there were values, and their key is gone
}

func (s stored) line() Line {
	return Line{ID: s.id, At: s.at, Actor: s.actor, Name: s.name, Office: s.office, Act: access.Permission(s.act), Subject: s.subject,
		Fields: strings.Fields(s.fields), Reason: s.reason, Position: s.position}
}

// Filter chooses entries of the trail.
type Filter struct {
	Person string // entries about this person
	Actor  string
	Act    access.Permission
	Before string // entries older than the one with this id: the cursor
	Limit  int    // 50 when zero
}

// List returns entries, newest first, with their reasons and without their values.
func List(ctx context.Context, q db.Reader, f Filter) ([]Line, error) {
	where, args := []string{"TRUE"}, []any{}
	for _, part := range []struct{ cond, value string }{
		{"person_id = ?", f.Person}, {"actor_id = ?", f.Actor}, {"act = ?", string(f.Act)}, {"id < ?", f.Before},
	} {
		if part.value != "" {
			where, args = append(where, part.cond), append(args, part.value)
		}
	}
	if f.Limit == 0 {
		f.Limit = 50
	}
	found, err := list(ctx, q, strings.Join(where, " AND ")+` ORDER BY id DESC LIMIT ?`, append(args, f.Limit)...)
	lines := make([]Line, len(found))
	for i, s := range found {
		lines[i] = s.line()
		if s.reason == reasonSealed && err == nil {
			err = lines[i].unseal(ctx, q)
		}
	}
	return lines, err
}

// unseal puts the reason that is sealed beside the entry into the line.
func (l *Line) unseal(ctx context.Context, q db.Reader) error {
	v, err := valuesOf(ctx, q, l.ID)
	l.Reason = v.Reason
	if errors.Is(err, seal.ErrErased) {
		l.Erased, err = true, nil
	}
	if err != nil {
		return fmt.Errorf("read the trail: %w", err)
	}
	return nil
}

// WithValues opens the values of the lines given. The caller has made sure that
// the reader may see all of them.
func WithValues(ctx context.Context, q db.Reader, lines []Line) error {
	for i := range lines {
		v, err := valuesOf(ctx, q, lines[i].ID)
		switch {
		case errors.Is(err, seal.ErrErased):
			lines[i].Erased = true
		case err != nil:
			return fmt.Errorf("read the trail: %w", err)
		default:
			lines[i].Before, lines[i].After = v.Before, v.After
		}
	}
	return nil
}

func valuesOf(ctx context.Context, q db.Reader, entry string) (v values, err error) {
	text, err := openValues(ctx, q, entry)
	if err != nil || text == nil {
		return v, err
	}
	return v, json.Unmarshal(text, &v)
}

// openValues returns the sealed text beside an entry, nil when there is none.
func openValues(ctx context.Context, q db.Reader, entry string) ([]byte, error) {
	type row struct {
		keyOf  string
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT key_of, sealed FROM audit_values WHERE entry_id = ?`, entry)
	found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.keyOf, &v.sealed)
		return v, err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return seal.Open(ctx, q, found[0].keyOf, "audit_values:"+entry, found[0].sealed)
}
