// SPDX-License-Identifier: Apache-2.0

// Package exports takes lists away as files: what of them, whether that may be, and the
// file until its end.
//
// What is said of somebody without saying who she is (class 1) may be taken away by
// who sees the list; each row carries a sign that is another in every file. What says
// who somebody is (class 2) leaves only after a second person of the organisation
// approved the purpose, the recipient, the columns and the filter; each whose data
// leave has it in her own trail. What is protected (class 3) never leaves: there is no
// column for it.
//
// A file is made in the background, in memory that does not grow with it, by the
// rights that who asked holds at that time. It is kept sealed under a key of its own,
// fetched by her alone, and destroyed at its end.
package exports

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/fault"
)

// ID identifies an export.
type ID string

// State is where an export stands.
type State string

// The states, in the order of life.
const (
	Asked     State = "asked"     // a second person is to decide
	Refused   State = "refused"   // and did not allow it
	Waiting   State = "waiting"   // to be made
	Making    State = "making"    // rows are being read and written
	Ready     State = "ready"     // to be fetched
	Failed    State = "failed"    // it could not be made, see Failure
	Cancelled State = "cancelled" // given up by who asked
	Ended     State = "ended"     // the file is destroyed
)

// Working tells whether an export is being made, or about to be.
func (s State) Working() bool { return s == Waiting || s == Making }

// Order says what is taken away, and how.
type Order struct {
	Set     string         `json:"set"`
	Columns []string       `json:"columns"`
	Filter  columns.Filter `json:"filter"`
	Format  formats.Format `json:"format"`
	Tags    bool           `json:"hxl"`  // HXL tags in the second row
	Lang    string         `json:"lang"` // of headings and names
}

// Export is a list on its way out.
type Export struct {
	ID           ID
	Organisation string
	Office       string
	User         string // who asked, and alone may fetch it
	UserName     string
	Order        Order
	Class        int    // 1, or 2 with the approval of a second person
	Purpose      string // what for
	Recipient    string // who is given it
	State        State
	DecidedBy    string
	DecidedName  string
	DecidedAt    time.Time
	Remark       string // of who decided
	Failure      *fault.Error
	Done         int   // rows that are written
	Size         int64 // bytes of the file
	Fetched      int   // how often
	AskedAt      time.Time
	ChangedAt    time.Time
	EndsAt       time.Time // when the file is destroyed; zero before it is ready
	Version      int
	attempts     int
}

// The bounds of files.
const (
	KeptFor     = 72 * time.Hour
	MostFetched = 3 // times that a file of class 2 may be fetched: lines break
	mostAttempt = 3
	mostAtOnce  = 3 // that one person has under way
)

const all = `id, organisation_id, office_id, user_id, user_name, ask, class, purpose, recipient, state, decided_by, decided_name, decided_at, remark, failure, done, size, attempts, fetched,
	asked_at, changed_at, ends_at, version`

func scan(row interface{ Scan(...any) error }) (e Export, err error) {
	var order, failure string
	err = row.Scan(&e.ID, &e.Organisation, &e.Office, &e.User, &e.UserName, &order, &e.Class, &e.Purpose, &e.Recipient, &e.State, &e.DecidedBy, &e.DecidedName, db.NullTime(&e.DecidedAt), &e.Remark,
		&failure, &e.Done, &e.Size, &e.attempts, &e.Fetched, db.Time(&e.AskedAt), db.Time(&e.ChangedAt), db.NullTime(&e.EndsAt), &e.Version)
	if err != nil {
		return e, err
	}
	if failure != "" {
		e.Failure = fault.New(fault.Invalid, failure)
	}
	return e, json.Unmarshal([]byte(order), &e.Order)
}

func notFound() error { return fault.New(fault.NotFound, "export.not_found") }

// scopes are where who asked works: there others approve.
func (e Export) scopes() []access.Scope {
	return []access.Scope{access.AtOffice(e.Office), access.OfOrganisation(e.Organisation)}
}

// subject is how the trail calls it.
func (e Export) subject() string { return "export:" + string(e.ID) }

// key is under which subject the file is sealed: one for each attempt to make it, since what is destroyed is not made again.
func (e Export) key() string { return e.subject() + ":" + strconv.Itoa(e.attempts) }

// Mine tells whether who asked for it is who looks.
func (e Export) Mine(who access.Actor) bool { return e.User == who.ID }

// MayDecide tells whether who may decide on it: somebody else, of the same organisation, with the right to.
func (e Export) MayDecide(who access.Actor) bool {
	return e.State == Asked && !e.Mine(who) && who.Organisation == e.Organisation && who.Covers(access.ApproveExport, e.scopes()...)
}

// sees tells whether who may see it: who asked for it, and those who approve in her organisation.
func (e Export) sees(who access.Actor) bool {
	return e.Mine(who) && who.Holds(access.MakeExport) || who.Organisation == e.Organisation && who.Covers(access.ApproveExport, e.scopes()...)
}

// Find returns an export. One that who neither asked for nor may approve is not found.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Export, error) {
	e, err := scan(q.QueryRow(ctx, `SELECT `+all+` FROM exports WHERE id = ?`, string(id)))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !e.sees(who) {
		return Export{}, notFound()
	}
	if err != nil {
		return Export{}, fmt.Errorf("find export: %w", err)
	}
	return e, nil
}

// mostListed is how many exports a list has.
const mostListed = 100

// List returns what who asked for, the newest first.
func List(ctx context.Context, q db.Reader, who access.Actor) ([]Export, error) {
	rows, err := q.Query(ctx, `SELECT `+all+` FROM exports WHERE user_id = ? ORDER BY id DESC LIMIT ?`, who.ID, mostListed)
	mine, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list exports: %w", err)
	}
	return slices.DeleteFunc(mine, func(e Export) bool { return !e.sees(who) }), nil
}

// ToDecide returns what others of the organisation asked for and who may decide on, the oldest first.
func ToDecide(ctx context.Context, q db.Reader, who access.Actor) ([]Export, error) {
	rows, err := q.Query(ctx, `SELECT `+all+` FROM exports WHERE organisation_id = ? AND state = 'asked' ORDER BY id LIMIT ?`, who.Organisation, mostListed)
	asked, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list exports: %w", err)
	}
	return slices.DeleteFunc(asked, func(e Export) bool { return !e.MayDecide(who) }), nil
}

// step writes where an export stands, from where it was read. That it stands elsewhere by now is a conflict.
func (e *Export) step(ctx context.Context, tx *db.Tx) error {
	failure := ""
	if e.Failure != nil {
		failure = e.Failure.Key
	}
	optional := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return t
	}
	n, err := tx.Exec(ctx, `UPDATE exports SET state = ?, decided_by = ?, decided_name = ?, decided_at = ?, remark = ?, failure = ?, done = ?, size = ?, attempts = ?, fetched = ?, changed_at = ?, ends_at = ?, version = version + 1
		WHERE id = ? AND version = ?`, string(e.State), e.DecidedBy, e.DecidedName, optional(e.DecidedAt), e.Remark, failure, e.Done, e.Size, e.attempts, e.Fetched, tx.Now(), optional(e.EndsAt), string(e.ID), e.Version)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "export.changed_meanwhile")
	}
	e.Version++
	return err
}

// record enters in the trail what was done with an export.
func (e Export) record(ctx context.Context, tx *db.Tx, who access.Actor, act access.Permission, after map[string]any) error {
	return audit.Record(ctx, tx, who, act, audit.Entry{Subject: e.subject(), After: after})
}
