// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"database/sql"
	"errors"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/persons"
)

// Undo takes a batch back, in the background: whoever was entered by it and not
// touched since is taken out of the register. Whoever was touched stays, and
// waits for a decision.
func Undo(ctx context.Context, tx *db.Tx, who access.Actor, id ID, reason string) error {
	b, err := mine(ctx, tx, who, id, Entering, Entered, Undone, Undoing)
	if err != nil {
		return err
	}
	reason, problem := names.CheckText(reason, 500)
	if problem == "" && reason == "" {
		problem = "fault.needed"
	}
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 500).On("reason")
	}
	if err := access.Check(tx, who, access.WithdrawPerson, access.AtOffice(b.Office), access.OfOrganisation(b.Organisation)); err != nil {
		return err
	}
	b.State, b.Failure, b.User, b.UserName, b.Reason, b.Done, b.next = Undoing, nil, who.ID, who.Name, reason, 0, 0
	if err := b.step(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ImportPersons, audit.Entry{Subject: "import:" + string(id), After: map[string]any{"state": b.State}, Reason: reason})
}

// undo takes people back, a piece at a time.
func (w *worker) undo(ctx context.Context) error {
	for {
		var lines []Line
		err := w.d.Read(ctx, func(q db.Reader) (err error) {
			lines, err = linesOf(ctx, q, Wanted{w.b.ID, RowEntered, w.b.next - 1, atOnce})
			return err
		})
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			break
		}
		if err := w.undoPiece(ctx, lines); err != nil {
			return err
		}
	}
	b := w.b
	b.State = Undone
	w.b = b
	return w.move(ctx, w.d.Write, func(tx *db.Tx) error {
		if err := access.Check(tx, w.who, access.ImportPersons, access.AtOffice(b.Office), access.OfOrganisation(b.Organisation)); err != nil {
			return err
		}
		if err := errors.Join(forget(ctx, tx, b.ID, false), b.tell(ctx, tx, "notice.import_undone")); err != nil {
			return err
		}
		return audit.Record(ctx, tx, w.who, access.ImportPersons, audit.Entry{Subject: "import:" + string(b.ID),
			After: map[string]any{"state": b.State, "taken": b.Taken, "clashes": b.Clashes}})
	})
}

func (w *worker) undoPiece(ctx context.Context, lines []Line) error {
	before := w.b
	return w.move(ctx, w.d.Write, func(tx *db.Tx) error {
		if err := access.Check(tx, w.who, access.WithdrawPerson, access.AtOffice(before.Office), access.OfOrganisation(before.Organisation)); err != nil {
			return err
		}
		w.b = before // the transaction may run again
		for _, l := range lines {
			state, err := w.takeBack(ctx, tx, persons.ID(l.Person))
			if err != nil {
				return err
			}
			if err := setState(ctx, tx, w.b.ID, l.Number, state); err != nil {
				return err
			}
			if w.b.Taken++; state == RowClash {
				w.b.Taken--
				w.b.Clashes++
			}
		}
		w.b.Done, w.b.next = w.b.Done+len(lines), lines[len(lines)-1].Number+1
		tx.Recorded() // each withdrawal is in the trail; a clash changes no person
		return nil
	})
}

// takeBack takes one person back if nobody touched her, and says what came of it.
func (w *worker) takeBack(ctx context.Context, tx *db.Tx, id persons.ID) (RowState, error) {
	version, gone, err := standing(ctx, tx, id)
	if err != nil || gone {
		return RowTaken, err
	}
	free, err := persons.Untouched(ctx, tx, id)
	if err != nil || !free {
		return RowClash, err
	}
	return RowTaken, persons.Withdraw(ctx, tx, w.who, persons.Withdrawal{Person: id, Version: version, Reason: w.b.Reason})
}

// standing tells whether a person is still in the register, and at which version.
func standing(ctx context.Context, q db.Reader, id persons.ID) (version int, gone bool, err error) {
	var erased bool
	err = q.QueryRow(ctx, `SELECT version, erased_at IS NOT NULL FROM persons WHERE id = ?`, string(id)).Scan(&version, &erased)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, true, nil
	}
	return version, erased, err
}

func setState(ctx context.Context, tx *db.Tx, id ID, row int, state RowState) error {
	_, err := tx.Exec(ctx, `UPDATE import_rows SET state = ? WHERE import_id = ? AND row_number = ?`, string(state), string(id), row)
	return err
}

// Settlement is the decision on somebody who was touched since she was entered.
type Settlement struct {
	Batch   ID
	Row     int
	Version int // of her record, as it was looked at
	Remove  bool
}

// Settle decides a clash: she stays, with what was added, or she is taken back
// all the same.
func Settle(ctx context.Context, tx *db.Tx, who access.Actor, s Settlement) error {
	b, err := mine(ctx, tx, who, s.Batch, Undone)
	if err != nil {
		return err
	}
	l, err := scanLine(tx.QueryRow(ctx, `SELECT `+lineColumns+` FROM import_rows WHERE import_id = ? AND row_number = ? AND state = ?`, string(b.ID), s.Row, string(RowClash)))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.Conflict, "import.changed_meanwhile")
	}
	if err != nil {
		return err
	}
	state := RowKept
	if s.Remove {
		state = RowTaken
		b.Taken++
		err = persons.Withdraw(ctx, tx, who, persons.Withdrawal{Person: persons.ID(l.Person), Version: s.Version, Reason: b.Reason})
		if err != nil {
			return err
		}
	}
	b.Clashes--
	if err := setState(ctx, tx, b.ID, s.Row, state); err != nil {
		return err
	}
	if err := b.step(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ImportPersons, audit.Entry{Subject: "import:" + string(b.ID), After: map[string]any{"row": s.Row, "state": state}})
}

// Drop gives up a batch of which nobody was entered, and forgets its file.
func Drop(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	b, err := mine(ctx, tx, who, id, Sent, Checking, Checked)
	if err != nil {
		return err
	}
	b.State, b.Failure = Dropped, nil
	if err := b.step(ctx, tx); err != nil {
		return err
	}
	if err := forget(ctx, tx, id, true); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ImportPersons, audit.Entry{Subject: "import:" + string(id), After: map[string]any{"state": b.State}})
}
