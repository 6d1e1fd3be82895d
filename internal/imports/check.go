// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"iter"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/index"
	"fera/internal/lists"
	"fera/internal/names"
	"fera/internal/persons"
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
	for _, err := range w.b.people(ctx, w.snapshot(ctx)) {
		if err != nil {
			return err
		}
		w.b.Total++
	}
	if w.b.Total == 0 {
		return fault.New(fault.Invalid, "import.no_rows")
	}
	err := w.upkeep(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM import_rows WHERE import_id = ?`, string(w.b.ID))
		return err
	})
	if err != nil {
		return err
	}
	if _, err := index.Settle(ctx, w.d, index.Bulk); err != nil { // who waits for the index is found one by one
		return err
	}
	seen := newRepeats()
	for p, err := range w.pieces(ctx) {
		if err != nil {
			return err
		}
		if err := w.checkPiece(ctx, p, seen); err != nil {
			return err
		}
	}
	w.b.State, w.b.next, w.b.Done = Checked, 0, 0
	return w.upkeep(ctx, func(tx *db.Tx) error { return w.b.tell(ctx, tx, "notice.import_checked") })
}

func (w *worker) checkPiece(ctx context.Context, p piece, seen *repeats) error {
	m := w.b.maker(dates.Of(w.d.Now()))
	var lines []Line
	regs := make([]persons.Registration, len(p.rows))
	for i, row := range p.rows {
		l := Line{Number: row.Number}
		if regs[i], l.Troubles = m.Make(row); len(l.Troubles) > 0 {
			l.State = RowWrong
			w.b.Wrong++
		} else if l.OfRow, l.OfWhy = seen.before(row.Number, regs[i]); l.OfRow > 0 {
			l.State = RowDouble
			w.b.Doubled++
		}
		lines = append(lines, l)
	}
	err := w.d.Read(ctx, func(q db.Reader) error {
		for i := range lines {
			if lines[i].State != "" {
				continue
			}
			var err error
			if lines[i].OfPerson, lines[i].OfWhy, err = likely(ctx, q, w.who, &regs[i]); err != nil {
				return err
			}
			if lines[i].OfPerson != "" {
				lines[i].State = RowDouble
				w.b.Doubled++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.b.Done, w.b.next = w.b.Done+len(p.rows), p.last+1
	return w.upkeep(ctx, func(tx *db.Tx) error {
		for i, l := range lines {
			if l.State == "" {
				continue
			}
			if err := l.insert(ctx, tx, w.b.ID, p.rows[i].Cells); err != nil {
				return err
			}
		}
		return nil
	})
}

// likely returns who in the register a registration is most likely about. It is
// the one place where importing asks for duplicates.
func likely(ctx context.Context, q db.Reader, who access.Actor, r *persons.Registration) (person, why string, err error) {
	all, err := persons.Likely(ctx, q, who, r)
	if err != nil || len(all) == 0 {
		return "", "", err
	}
	return string(all[0].Card.ID), all[0].Why, nil
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
	_, err := tx.Exec(ctx, `INSERT INTO import_rows (import_id, row_number, state, troubles, of_row, of_person, of_why, sealed, person_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (import_id, row_number) DO UPDATE SET state = excluded.state, troubles = excluded.troubles, sealed = excluded.sealed, person_id = excluded.person_id`,
		string(id), l.Number, string(l.State), troubles, l.OfRow, l.OfPerson, l.OfWhy, sealed, l.Person)
	return err
}

// repeats finds rows of one file that seem to be of one person. It holds eight
// bytes of each number and name, not the numbers and names.
type repeats struct {
	seed maphash.Seed
	rows map[uint64]int
}

func newRepeats() *repeats { return &repeats{maphash.MakeSeed(), map[uint64]int{}} }

// before returns the row before this one that seems to be of the same person:
// with the same number on a paper, the same telephone and a name that sounds
// alike, or the same name by sound, birth and home.
func (s *repeats) before(row int, r persons.Registration) (first int, why string) {
	v := r.Values
	sound := soundOf(v[persons.NameBn])
	if sound == "" {
		sound = soundOf(v[persons.NameLatin])
	}
	look := func(reason string, parts ...string) {
		key := maphash.String(s.seed, reason+"\x00"+strings.Join(parts, "\x00"))
		if before, ok := s.rows[key]; !ok {
			s.rows[key] = row
		} else if first == 0 && before != row {
			first, why = before, reason
		}
	}
	for _, i := range r.Identifiers {
		look("paper", i.Kind, i.Number)
	}
	for _, c := range r.Contacts {
		look("phone", c.Number, sound)
	}
	birth := v[persons.Birth]
	surely := len(birth) == len("1990-05-17") && !strings.HasSuffix(birth, "-01-01") // where nobody knows the day, it is 1 January
	if father := soundOf(v[persons.FatherName]); v[persons.Home] != "" && (surely || father != "" && birth != "") {
		look("name", sound, birth, v[persons.Home], father)
	}
	return first, why
}

// soundOf is a name by its sounds, whatever their order.
func soundOf(name string) string {
	keys := names.Keys(name)
	slices.Sort(keys)
	return strings.Join(keys, " ")
}
