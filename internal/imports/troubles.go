// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/links"
	"fera/internal/lists"
	"fera/internal/matching"
	"fera/internal/persons"
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
	RowAnyway  RowState = "anyway"  // perhaps is, or seems so, and is to be entered all the same
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
	OfRow    int                // the row before it that seems to be the same person
	OfPerson string             // the person in the register who seems to be the same
	Strength links.Strength     // how surely it is
	Why      []matching.Because // and why; nothing for who may not see it
	Person   string             // whom it became
	sealed   []byte
}

// Wanted chooses lines of a batch.
type Wanted struct {
	Batch ID
	State RowState
	After int // only rows with a higher number
	Limit int
}

const lineColumns = `row_number, state, troubles, of_row, of_person, strength, why, person_id, sealed`

func scanLine(row interface{ Scan(...any) error }) (l Line, err error) {
	var troubles, why string
	if err = row.Scan(&l.Number, &l.State, &troubles, &l.OfRow, &l.OfPerson, &l.Strength, &why, &l.Person, &l.sealed); err != nil {
		return l, err
	}
	if troubles != "" {
		err = json.Unmarshal([]byte(troubles), &l.Troubles)
	}
	return l, errors.Join(err, json.Unmarshal([]byte(why), &l.Why))
}

// Lines returns rows of a batch in one state, in order. Whom a row resembles, and
// why, is told as far as who may know it by now, whoever had it checked.
func Lines(ctx context.Context, q db.Reader, who access.Actor, w Wanted) ([]Line, error) {
	if _, err := Find(ctx, q, who, w.Batch); err != nil {
		return nil, err
	}
	return linesFor(ctx, q, who, w)
}

func linesFor(ctx context.Context, q db.Reader, who access.Actor, w Wanted) ([]Line, error) {
	lines, err := linesOf(ctx, q, w)
	for i := range lines {
		l := &lines[i]
		if l.OfPerson == "" {
			continue
		}
		sees, wholly, err := links.Legible(ctx, q, who, persons.ID(l.OfPerson))
		if err != nil {
			return nil, err
		}
		if !sees {
			l.OfPerson, l.Strength = "", ""
		}
		if !wholly {
			l.Why = nil
		}
	}
	return lines, err
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
	case l.Strength == "" && (l.State == RowDouble || l.State == RowAnyway):
		all = append(all, s.T("import.of_nobody"))
	case l.Strength != "":
		of := "import.of_person."
		if l.OfRow > 0 {
			of = "import.of_row."
		}
		all = append(all, s.T(of+string(l.Strength), "row", s.Digits(strconv.Itoa(l.OfRow))))
	}
	for _, side := range []struct {
		key string
		on  func(matching.Because) bool
	}{{"import.because", func(b matching.Because) bool { return b.Bits > 0 }}, {"import.against", func(b matching.Because) bool { return b.Bits <= 0 }}} {
		if why := l.why(s, side.on); why != "" {
			all = append(all, s.T(side.key, "why", why))
		}
	}
	return strings.Join(all, " ")
}

// mostReasons is how many reasons for and against one line gives: the weightiest say enough.
const mostReasons = 5

func (l Line) why(s *words.Speaker, on func(matching.Because) bool) string {
	var all []string
	for _, b := range l.Why {
		if on(b) && len(all) < mostReasons {
			all = append(all, s.T(b.Key, b.Args()...))
		}
	}
	return strings.Join(all, "; ")
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
			some, err := linesFor(ctx, q, who, Wanted{id, state, after, 500})
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
