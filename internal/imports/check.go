// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/links"
	"fera/internal/lists"
	"fera/internal/seal"
	"fera/internal/sheets"
)

// Check gives the columns of a file their meaning and has every row checked, in
// the background. Nobody is entered by it.
func Check(ctx context.Context, tx *db.Tx, who access.Actor, id ID, p lists.Plan) error {
	b, err := mine(ctx, tx, who, id, Sent, Checked, Checking)
	if err != nil {
		return err
	}
	if err := p.Check(dates.Of(tx.Now())); err != nil {
		return err
	}
	if p.Protected() && !who.Holds(access.ChangeProtected) {
		return fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	b.Plan, b.State, b.Failure, b.User, b.UserName, b.Counts, b.next = p, Checking, nil, who.ID, who.Name, Counts{}, 0
	if err := b.step(ctx, tx); err != nil {
		return err
	}
	if err := remember(ctx, tx, b); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ImportPersons, audit.Entry{Subject: "import:" + string(id), After: map[string]any{"columns": p.Columns, "basis": p.Basis}})
}

// people reads the rows of a batch below the headings.
func (b Batch) people(ctx context.Context, read reading) iter.Seq2[sheets.Row, error] {
	return func(yield func(sheets.Row, error) bool) {
		book, err := b.open(ctx, read)
		if err != nil {
			yield(sheets.Row{}, err)
			return
		}
		sheet, err := book.Sheet(b.Plan.Sheet)
		if err != nil {
			yield(sheets.Row{}, err)
			return
		}
		for row, err := range book.Rows(sheet) {
			if err == nil && row.Number <= b.Plan.Heading {
				continue
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// maker makes registrations of the rows of a batch.
func (b Batch) maker(today dates.Partial) lists.Maker {
	return lists.Maker{Operation: "import:" + string(b.ID) + ":", Source: b.Source, Plan: b.Plan, Today: today}
}

// atOnce is how many rows one transaction deals with: enough that the disk does
// not matter, few enough that others are not kept waiting and that the rows of
// all of them keep their order.
const atOnce = 100

// piece is some rows that are dealt with together.
type piece struct {
	rows []sheets.Row
	last int
}

// pieces reads the rows of a batch from where the work stands, in pieces.
func (w *worker) pieces(ctx context.Context) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		var p piece
		for row, err := range w.b.people(ctx, w.snapshot(ctx)) {
			if err != nil {
				yield(piece{}, err)
				return
			}
			if row.Number < w.b.next {
				continue
			}
			p.rows, p.last = append(p.rows, row), row.Number
			if len(p.rows) == atOnce {
				if !yield(p, nil) {
					return
				}
				p = piece{}
			}
		}
		if len(p.rows) > 0 {
			yield(p, nil)
		}
	}
}

// check reads all rows and keeps what is to be said of them. It begins anew when
// it was stopped, for what repeats within the file is known only in one go.
func (w *worker) check(ctx context.Context) error {
	w.b.Counts, w.b.next = Counts{}, 0
	list, err := w.gather(ctx)
	if err != nil {
		return err
	}
	if w.b.Total == 0 {
		return fault.New(fault.Invalid, "import.no_rows")
	}
	err = w.upkeep(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM import_rows WHERE import_id = ?`, string(w.b.ID))
		return err
	})
	if err != nil {
		return err
	}
	for p, err := range w.pieces(ctx) {
		if err != nil {
			return err
		}
		if err := w.checkPiece(ctx, p, list); err != nil {
			return err
		}
	}
	w.b.State, w.b.next, w.b.Done = Checked, 0, 0
	return w.upkeep(ctx, func(tx *db.Tx) error { return w.b.tell(ctx, tx, "notice.import_checked") })
}

// holdEvery is after how many rows the lease is made longer while a file is gathered.
const holdEvery = 5_000

// gather reads the whole file once: it counts the rows, and keeps of those that
// are right what the others are compared with.
func (w *worker) gather(ctx context.Context) (list *links.List, err error) {
	if err := w.finder.Make(ctx); err != nil { // ten seconds for a million: while nothing of the file is held
		return nil, err
	}
	var failed error
	m := w.b.maker(dates.Of(w.d.Now()))
	list, err = w.finder.Gather(ctx, func(yield func(links.Row) bool) {
		for row, err := range w.b.people(ctx, w.snapshot(ctx)) {
			if failed = err; failed != nil {
				return
			}
			if w.b.Total++; w.b.Total%holdEvery == 1 {
				if failed = w.hold(ctx); failed != nil {
					return
				}
			}
			if reg, troubles := m.Make(row); len(troubles) == 0 && !yield(links.Row{Number: row.Number, Registration: reg}) {
				return
			}
		}
	}, int(w.b.Size/bytesOfRow))
	return list, errors.Join(failed, err)
}

// bytesOfRow is about how long a row of a text file is.
const bytesOfRow = 150

func (w *worker) checkPiece(ctx context.Context, p piece, list *links.List) error {
	m := w.b.maker(dates.Of(w.d.Now()))
	lines := make([]Line, len(p.rows))
	var right []links.Row
	var at []int // where the right ones stand among the lines
	for i, row := range p.rows {
		reg, troubles := m.Make(row)
		if lines[i] = (Line{Number: row.Number, Troubles: troubles}); len(troubles) > 0 {
			lines[i].State = RowWrong
			continue
		}
		right, at = append(right, links.Row{Number: row.Number, Registration: reg}), append(at, i)
	}
	var found []links.Resemblance
	err := w.d.Read(ctx, func(q db.Reader) (err error) {
		found, err = list.Resemble(ctx, q, w.who, right)
		return err
	})
	if err != nil {
		return err
	}
	for i, r := range found {
		lines[at[i]].resembles(r)
	}
	before := w.b
	before.Done, before.next = before.Done+len(p.rows), p.last+1
	keep := func(tx *db.Tx, known []bool) error {
		w.b = before // the transaction may run again
		for i, told := range known {
			if told {
				lines[at[i]].inNetwork()
			}
		}
		return w.keepLines(ctx, tx, lines, p)
	}
	if !slices.ContainsFunc(found, links.Resemblance.Asks) {
		return w.upkeep(ctx, func(tx *db.Tx) error { return keep(tx, nil) })
	}
	return w.move(ctx, w.d.Write, func(tx *db.Tx) error { // what is told is an act, and in the trail
		known, err := links.Tell(ctx, tx, w.who, "import:"+string(before.ID), found)
		if err != nil {
			return err
		}
		return keep(tx, known)
	})
}

// resembles says whom the person of a row may be. Who surely is there is left out
// unless somebody decides otherwise, who perhaps is is entered.
func (l *Line) resembles(r links.Resemblance) {
	if r.Strength == "" {
		return
	}
	l.State, l.Strength, l.OfRow, l.OfPerson, l.Why = RowAnyway, r.Strength, r.Row, string(r.Person), r.Why
	if r.Doubtful() {
		l.State = RowDouble
	}
}

// inNetwork says that the network knows her, and nothing else. She is entered all
// the same, and the two records come before the registry desk.
func (l *Line) inNetwork() {
	l.State, l.Strength, l.OfRow, l.OfPerson, l.Why = RowAnyway, links.InNetwork, 0, "", nil
}

// keepLines keeps and counts the lines of a piece of which there is something to say.
func (w *worker) keepLines(ctx context.Context, tx *db.Tx, lines []Line, p piece) error {
	for i, l := range lines {
		switch {
		case l.State == "":
			continue
		case l.State == RowWrong:
			w.b.Wrong++
		case l.State == RowDouble:
			w.b.Doubled++
		case l.Strength == links.InNetwork:
			w.b.Known++
		default:
			w.b.Perhaps++
		}
		if err := l.insert(ctx, tx, w.b.ID, p.rows[i].Cells); err != nil {
			return err
		}
	}
	return nil
}

// insert keeps a line, with the cells of a row that is not entered, sealed.
func (l Line) insert(ctx context.Context, tx *db.Tx, id ID, cells []string) error {
	var troubles string
	if len(l.Troubles) > 0 {
		text, err := json.Marshal(l.Troubles)
		if err != nil {
			return err
		}
		troubles = string(text)
	}
	var sealed []byte
	if cells != nil {
		text, err := json.Marshal(cells)
		if err != nil {
			return err
		}
		if sealed, err = seal.Seal(ctx, tx, keyOf(id), placeOf(l.Number), text); err != nil {
			return err
		}
	}
	why, err := json.Marshal(l.Why)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO import_rows (import_id, row_number, state, troubles, of_row, of_person, strength, why, sealed, person_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (import_id, row_number) DO UPDATE SET state = excluded.state, troubles = excluded.troubles, sealed = excluded.sealed, person_id = excluded.person_id`,
		string(id), l.Number, string(l.State), troubles, l.OfRow, l.OfPerson, string(l.Strength), string(why), sealed, l.Person)
	return err
}
