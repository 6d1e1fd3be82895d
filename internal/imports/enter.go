// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"errors"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/index"
	"fera/internal/persons"
)

// Enter has those entered whose rows are right, in the background. Rows with
// errors, and rows of people who seem to be there already, are left out.
func Enter(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	b, err := mine(ctx, tx, who, id, Checked, Entering)
	if err != nil {
		return err
	}
	if b.State == Entering && b.Failure == nil {
		tx.Recorded() // it is under way
		return nil
	}
	if b.State == Checked && b.ready() == 0 {
		return fault.New(fault.Invalid, "import.nobody_right")
	}
	b.State, b.Failure, b.User, b.UserName = Entering, nil, who.ID, who.Name
	if err := b.step(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ImportPersons, audit.Entry{Subject: "import:" + string(id), After: map[string]any{"state": b.State, "rows": b.ready()}})
}

// ready is how many rows will be entered.
func (b Batch) ready() int { return b.Total - b.Wrong - b.Doubled }

// Ready is how many rows would be entered as things stand.
func (b Batch) Ready() int { return b.ready() }

// Choice says what is to become of a row that seems to be of somebody who is there already.
type Choice struct {
	Batch ID
	Row   int // zero for all rows that seem so
	Enter bool
}

// Choose says whether a row is entered although it seems to be of somebody who
// is there already: because a person looked and says that it is another.
func Choose(ctx context.Context, tx *db.Tx, who access.Actor, c Choice) error {
	b, err := mine(ctx, tx, who, c.Batch, Checked)
	if err != nil {
		return err
	}
	from, to := RowAnyway, RowDouble
	if c.Enter {
		from, to = RowDouble, RowAnyway
	}
	n, err := tx.Exec(ctx, `UPDATE import_rows SET state = ? WHERE import_id = ? AND state = ? AND (row_number = ? OR ? = 0)`, string(to), string(b.ID), string(from), c.Row, c.Row)
	if err != nil {
		return err
	}
	if c.Enter {
		n = -n
	}
	b.Doubled += int(n)
	if err := b.step(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ImportPersons, audit.Entry{Subject: "import:" + string(b.ID), After: map[string]any{"row": c.Row, "enter": c.Enter}})
}

// enter registers people, a piece at a time. Those of a piece, and how far the
// work is, are one transaction.
func (w *worker) enter(ctx context.Context) error {
	for p, err := range w.pieces(ctx) {
		if err != nil {
			return err
		}
		if err := w.enterPiece(ctx, p); err != nil {
			return err
		}
		if w.b.Done/indexEvery > (w.b.Done-len(p.rows))/indexEvery {
			if _, err := index.Settle(ctx, w.d, index.Beside); err != nil {
				return err
			}
		}
	}
	if _, err := index.Settle(ctx, w.d, index.Beside); err != nil {
		return err
	}
	b := w.b
	b.State, b.Done = Entered, b.Total
	w.b = b
	return w.move(ctx, w.d.Write, func(tx *db.Tx) error {
		if err := access.Check(tx, w.who, access.ImportPersons, access.AtOffice(b.Office), access.OfOrganisation(b.Organisation)); err != nil {
			return err
		}
		if err := errors.Join(forget(ctx, tx, b.ID, false), b.tell(ctx, tx, "notice.import_entered")); err != nil {
			return err
		}
		return audit.Record(ctx, tx, w.who, access.ImportPersons, audit.Entry{Subject: "import:" + string(b.ID),
			After: map[string]any{"state": b.State, "entered": b.Entered, "wrong": b.Wrong, "doubled": b.Doubled}})
	})
}

// indexEvery is after how many rows the people are entered in the index of names,
// where no server does it.
const indexEvery = 10_000

func (w *worker) enterPiece(ctx context.Context, p piece) error {
	skip, err := w.skipped(ctx, p)
	if err != nil {
		return err
	}
	m := w.b.maker(dates.Of(w.d.Now()))
	var regs []persons.Registration
	var lines []Line
	before := w.b
	for _, row := range p.rows {
		if skip[row.Number] {
			continue
		}
		reg, troubles := m.Make(row)
		l := Line{Number: row.Number, State: RowEntered, Troubles: troubles}
		if len(troubles) > 0 { // it was right when it was checked: a day has passed since
			l.State = RowWrong
			w.b.Wrong++
		} else {
			w.b.Entered++
		}
		regs, lines = append(regs, reg), append(lines, l)
	}
	w.b.Done, w.b.next = w.b.Done+len(p.rows), p.last+1
	in := w.d.Write
	if len(regs) == 0 {
		in = w.d.Maintain // nobody is entered
	}
	err = w.move(ctx, in, func(tx *db.Tx) error {
		if err := access.Check(tx, w.who, access.ImportPersons, access.AtOffice(before.Office), access.OfOrganisation(before.Organisation)); err != nil {
			return err
		}
		for i, l := range lines {
			if l.State == RowWrong {
				if err := l.insert(ctx, tx, before.ID, cellsOf(p, l.Number)); err != nil {
					return err
				}
				tx.Recorded() // no person is changed by it
				continue
			}
			if err := w.register(ctx, tx, regs[i], l); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func cellsOf(p piece, number int) []string {
	for _, row := range p.rows {
		if row.Number == number {
			return row.Cells
		}
	}
	return nil
}

// register enters one person. She does not come on the caseload of who sent the
// file: that gives a look at what is protected, and is for somebody to decide.
func (w *worker) register(ctx context.Context, tx *db.Tx, r persons.Registration, l Line) error {
	id, err := persons.Register(ctx, tx, w.who, r)
	if err != nil {
		return err
	}
	if err := access.Remove(ctx, tx, string(id), access.OnCaseload(w.who.ID)); err != nil {
		return err
	}
	l.Person = string(id)
	return l.insert(ctx, tx, w.b.ID, nil)
}

// skipped returns which rows of a piece are not to be entered.
func (w *worker) skipped(ctx context.Context, p piece) (skip map[int]bool, err error) {
	skip = map[int]bool{}
	err = w.d.Read(ctx, func(q db.Reader) error {
		rows, err := q.Query(ctx, `SELECT row_number FROM import_rows WHERE import_id = ? AND row_number BETWEEN ? AND ? AND state <> ?`,
			string(w.b.ID), p.rows[0].Number, p.last, string(RowAnyway))
		numbers, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (n int, err error) {
			err = row.Scan(&n)
			return n, err
		})
		for _, n := range numbers {
			skip[n] = true
		}
		return err
	})
	return skip, err
}
