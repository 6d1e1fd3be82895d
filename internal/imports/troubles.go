// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/lists"
	"fera/internal/seal"
	"fera/internal/sheets"
	"fera/internal/words"
)

// RowState is what a row of a file came to.
type RowState string

// The states of a row. Rows that are right have none until they are entered.
const (
	RowWrong   RowState = "wrong"   // cannot be entered
	RowDouble  RowState = "double"  // seems to be of somebody who is there already; left out unless somebody decides otherwise
	RowAnyway  RowState = "anyway"  // seems so, and is to be entered all the same
	RowEntered RowState = "entered" // became a registration
	RowTaken   RowState = "taken"   // became one that was taken back
	RowClash   RowState = "clash"   // became one that was touched since, and waits for a decision
	RowKept    RowState = "kept"    // became one that somebody decided to keep
)

// RowStates returns the states that a row can be in.
func RowStates() []RowState {
	return []RowState{RowWrong, RowDouble, RowAnyway, RowEntered, RowTaken, RowClash, RowKept}
}

// Line is a row of which there is something to say.
type Line struct {
	Number   int
	State    RowState
	Troubles []lists.Trouble
	OfRow    int    // the row before it that seems to be the same person
	OfPerson string // the person in the register who seems to be the same
	OfWhy    string // message key suffix
	Person   string // whom it became
	sealed   []byte
}

// Wanted chooses lines of a batch.
type Wanted struct {
	Batch ID
	State RowState
	After int // only rows with a higher number
	Limit int
}

const lineColumns = `row_number, state, troubles, of_row, of_person, of_why, person_id, sealed`

func scanLine(row interface{ Scan(...any) error }) (l Line, err error) {
	var troubles string
	if err = row.Scan(&l.Number, &l.State, &troubles, &l.OfRow, &l.OfPerson, &l.OfWhy, &l.Person, &l.sealed); err == nil && troubles != "" {
		err = json.Unmarshal([]byte(troubles), &l.Troubles)
	}
	return l, err
}

// Lines returns rows of a batch in one state, in order.
func Lines(ctx context.Context, q db.Reader, who access.Actor, w Wanted) ([]Line, error) {
	if _, err := Find(ctx, q, who, w.Batch); err != nil {
		return nil, err
	}
	return linesOf(ctx, q, w)
}

func linesOf(ctx context.Context, q db.Reader, w Wanted) ([]Line, error) {
	rows, err := q.Query(ctx, `SELECT `+lineColumns+` FROM import_rows WHERE import_id = ? AND state = ? AND row_number > ? ORDER BY row_number LIMIT ?`,
		string(w.Batch), string(w.State), w.After, w.Limit)
	return db.Collect(rows, err, scanLine)
}

// Said says what is to be said of a line, in one or more sentences.
func (l Line) Said(s *words.Speaker, plan lists.Plan) string {
	var all []string
	for _, t := range l.Troubles {
		text := s.Fault(t.Fault())
		if heading := plan.HeadingOf(t.Column); heading != "" {
			text = heading + ": " + text
		}
		all = append(all, text)
	}
	switch {
	case l.OfRow > 0:
		all = append(all, s.T("import.double_row", "row", s.Digits(strconv.Itoa(l.OfRow)), "why", s.T("import.double_why."+l.OfWhy)))
	case l.OfPerson != "":
		all = append(all, s.T("import.double_person", "why", s.T("import.double_why."+l.OfWhy)))
	}
	return strings.Join(all, " ")
}

// WriteTroubles writes the rows that were not entered as the table that was sent,
// with a column in front that says of each row why, so that it can be corrected
// and sent again.
func WriteTroubles(ctx context.Context, q db.Reader, who access.Actor, id ID, to *sheets.Writer) error {
	b, err := Find(ctx, q, who, id)
	if err != nil {
		return err
	}
	s := words.In(words.Bangla)
	if lang, ok := words.ParseLang(b.Plan.Language); ok {
		s = words.In(lang)
	}
	head := append([]string{s.T("import.reason_column")}, b.Plan.Headings()...)
	if err := to.Write(head); err != nil {
		return err
	}
	for _, state := range []RowState{RowWrong, RowDouble} {
		for after := 0; ; {
			some, err := linesOf(ctx, q, Wanted{id, state, after, 500})
			if err != nil {
				return err
			}
			for _, l := range some {
				cells, err := l.cells(ctx, q, id)
				if err != nil {
					return err
				}
				if err := to.Write(append([]string{l.Said(s, b.Plan)}, cells...)); err != nil {
					return err
				}
				after = l.Number
			}
			if len(some) < 500 {
				break
			}
		}
	}
	return nil
}

// cells opens what the row held; nothing when it was forgotten meanwhile.
func (l Line) cells(ctx context.Context, q db.Reader, id ID) (cells []string, err error) {
	if len(l.sealed) == 0 {
		return nil, nil
	}
	text, err := seal.Open(ctx, q, keyOf(id), placeOf(l.Number), l.sealed)
	if err != nil {
		return nil, err
	}
	return cells, json.Unmarshal(text, &cells)
}

func placeOf(row int) string { return "import_rows:" + strconv.Itoa(row) }
