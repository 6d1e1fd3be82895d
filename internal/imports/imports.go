// SPDX-License-Identifier: Apache-2.0

// Package imports brings files of people into the register: lists that an
// organisation kept before, or that another one handed over.
//
// A file is sent, its columns are given their meaning, every row is checked, and
// only then are people entered, a piece at a time. Whoever stops it in the middle
// finds it going on where it stood. A whole batch can be taken back; whoever was
// met since stays, until a person decides.
//
// The file is kept sealed under a key of its own, and only as long as it is
// needed. Each row is compared with the rows before it and with the register; who
// may not see whom a row resembles is told little of it, and seldom (see links).
// Nobody is entered without consent: how it was given is stated for the
// whole file or stands in its columns, and is never made up.
package imports

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/lists"
)

// ID identifies a batch: one file on its way into the register.
type ID string

// State is where a batch stands.
type State string

// The states, in the order of life. Checking, Entering and Undoing are work in
// the background.
const (
	Sent     State = "sent"     // its columns have no meaning yet
	Checking State = "checking" // each row is being read and compared
	Checked  State = "checked"  // somebody is to look and decide
	Entering State = "entering" // people are being registered
	Entered  State = "entered"  // all are in the register who could be
	Undoing  State = "undoing"  // those nobody touched are being taken back
	Undone   State = "undone"   // taken back, but for clashes
	Dropped  State = "dropped"  // given up before anybody was entered
)

// Working reports whether a batch is being worked on in the background.
func (s State) Working() bool { return s == Checking || s == Entering || s == Undoing }

// Batch is one file on its way into the register.
type Batch struct {
	ID           ID
	Organisation string
	Office       string // to which its people will belong
	User         string // who sent it, or had the last work begun
	UserName     string
	Source       string // who kept the list, in words
	FileName     string
	Size         int64
	State        State
	Failure      *fault.Error // why it stands still; nil when it does not
	Plan         lists.Plan
	Reason       string // why it was taken back
	Counts
	SentAt    time.Time
	ChangedAt time.Time
	EmptiedAt time.Time // when the file and the rows with errors were forgotten
	Version   int
	next      int // first row that the work under way has not dealt with
}

// Counts says how many rows there are of each kind.
type Counts struct {
	Total   int // rows with people; zero until counted
	Done    int // dealt with by the work under way
	Wrong   int // cannot be entered as they are
	Doubled int // seem to be of somebody who is there already
	Perhaps int // may be of somebody who is there, and are entered unless somebody decides otherwise
	Known   int // are of somebody whom the network knows, and whom who checked may not see
	Entered int // became registrations
	Taken   int // of those, taken back
	Clashes int // of those, kept because something was done since
}

const columns = `id, organisation_id, office_id, user_id, user_name, source, file_name, size, state, failure, plan, reason, total, done, wrong, doubled, perhaps, known, entered, taken,
	clashes, next_row, sent_at, changed_at, emptied_at, version`

func scan(row interface{ Scan(...any) error }) (b Batch, err error) {
	var failure, plan string
	err = row.Scan(&b.ID, &b.Organisation, &b.Office, &b.User, &b.UserName, &b.Source, &b.FileName, &b.Size, &b.State, &failure, &plan, &b.Reason,
		&b.Total, &b.Done, &b.Wrong, &b.Doubled, &b.Perhaps, &b.Known, &b.Entered, &b.Taken, &b.Clashes, &b.next, db.Time(&b.SentAt), db.Time(&b.ChangedAt), db.NullTime(&b.EmptiedAt), &b.Version)
	if err != nil {
		return b, err
	}
	if failure != "" {
		var t lists.Trouble
		if err := json.Unmarshal([]byte(failure), &t); err != nil {
			return b, err
		}
		b.Failure = t.Fault()
	}
	return b, json.Unmarshal([]byte(plan), &b.Plan)
}

// Find returns a batch. One of an office for which who may not import is not found.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Batch, error) {
	may, args := access.Where(who, access.ImportPersons, "i.id")
	b, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM imports i WHERE i.id = ? AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Batch{}, fault.New(fault.NotFound, "import.not_found")
	}
	return b, err
}

// List returns the batches that who may see, the newest first.
func List(ctx context.Context, q db.Reader, who access.Actor, limit int) ([]Batch, error) {
	may, args := access.Where(who, access.ImportPersons, "i.id")
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM imports i WHERE `+may+` ORDER BY i.id DESC LIMIT ?`, append(args, limit)...)
	return db.Collect(rows, err, scan)
}

// mine finds a batch on which who may act, in one of the states.
func mine(ctx context.Context, tx *db.Tx, who access.Actor, id ID, states ...State) (Batch, error) {
	b, err := Find(ctx, tx, who, id)
	if err != nil {
		return Batch{}, err
	}
	if err := access.CheckOn(ctx, tx, who, access.ImportPersons, string(id)); err != nil {
		return Batch{}, err
	}
	for _, s := range states {
		if b.State == s {
			return b, nil
		}
	}
	return Batch{}, fault.New(fault.Conflict, "import.not_now")
}

// step moves a batch on from where it was read. That it stands elsewhere by now
// is a conflict, so that no two do the same.
func (b *Batch) step(ctx context.Context, tx *db.Tx) error {
	plan, err := json.Marshal(b.Plan)
	if err != nil {
		return err
	}
	failure := ""
	if b.Failure != nil {
		text, err := json.Marshal(lists.TroubleOf(b.Failure))
		if err != nil {
			return err
		}
		failure = string(text)
	}
	n, err := tx.Exec(ctx, `UPDATE imports SET user_id = ?, user_name = ?, state = ?, failure = ?, plan = ?, reason = ?, total = ?, done = ?, wrong = ?, doubled = ?, perhaps = ?, known = ?, entered = ?,
		taken = ?, clashes = ?, next_row = ?, changed_at = ?, version = version + 1 WHERE id = ? AND version = ?`,
		b.User, b.UserName, string(b.State), failure, string(plan), b.Reason, b.Total, b.Done, b.Wrong, b.Doubled, b.Perhaps, b.Known, b.Entered,
		b.Taken, b.Clashes, b.next, tx.Now(), string(b.ID), b.Version)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "import.changed_meanwhile")
	}
	b.Version++
	return err
}

func keyOf(id ID) string { return "import:" + string(id) }
