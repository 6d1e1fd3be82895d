// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"context"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/lists"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/sheets"
)

// Proposal is what a file seems to hold.
type Proposal struct {
	Format    sheets.Format
	Encoding  sheets.Encoding
	Delimiter rune
	Sheets    []sheets.Sheet
	Sheet     sheets.Sheet
	Heading   int // number of the row that seems to hold the headings
	Columns   []lists.Proposed
}

// lookedAt is how many rows a proposal is made from.
const lookedAt = 200

// From says which rows a proposal is made from.
type From struct {
	Batch   ID
	Sheet   string // the first that is not hidden when empty
	Heading int    // number of the row of headings; looked for when zero
}

// Propose looks at the first rows of a sheet and says what its columns seem to
// be about: what the same source meant the last time, what the headings say,
// what the values look like.
func Propose(ctx context.Context, q db.Reader, who access.Actor, from From) (p Proposal, err error) {
	b, err := Find(ctx, q, who, from.Batch)
	if err != nil {
		return p, err
	}
	book, err := b.open(ctx, within(q))
	if err != nil {
		return p, err
	}
	remembered, err := recall(ctx, q, b)
	if err != nil {
		return p, err
	}
	return proposed(book, remembered, from)
}

// Propose looks at a file before it is sent, as the function of that name does at
// one that was, so that no transaction waits for it to be read. The file must be Ready.
func (s *Sending) Propose(ctx context.Context, read func(func(db.Reader) error) error, who access.Actor, from From) (p Proposal, err error) {
	var remembered map[string]lists.Column
	err = read(func(q db.Reader) error {
		office, err := s.office(ctx, q, who)
		if err != nil {
			return err
		}
		if !who.Covers(access.ImportPersons, access.AtOffice(office.ID), access.OfOrganisation(office.Organisation)) {
			return fault.New(fault.Forbidden, "access.not_allowed")
		}
		remembered, err = recall(ctx, q, Batch{Organisation: office.Organisation, Source: names.Clean(s.Source)})
		return err
	})
	if err != nil {
		return p, err
	}
	book, err := sheets.Open(bytes.NewReader(s.Content), int64(len(s.Content)), limits())
	if err != nil {
		return p, err
	}
	return proposed(book, remembered, from)
}

// proposed is what the first rows of a sheet say.
func proposed(book *sheets.Book, remembered map[string]lists.Column, from From) (p Proposal, err error) {
	p = Proposal{Format: book.Format, Encoding: book.Encoding, Delimiter: book.Delimiter, Sheets: book.Sheets}
	if p.Sheet, err = book.Sheet(from.Sheet); err != nil {
		return p, err
	}
	var rows []sheets.Row
	for row, err := range book.Rows(p.Sheet) {
		if err != nil {
			return p, err
		}
		if rows = append(rows, row); len(rows) == lookedAt {
			break
		}
	}
	p.Heading, p.Columns = lists.Guess(rows, from.Heading, func(heading string) (lists.Column, bool) {
		c, ok := remembered[memoryOf(heading)]
		return c, ok
	})
	if p.Columns == nil {
		return p, fault.New(fault.Invalid, "import.no_rows")
	}
	return p, nil
}

// Plan makes a plan of a proposal, to be looked over.
func (p Proposal) Plan() lists.Plan {
	plan := lists.Plan{Sheet: p.Sheet.Name, Heading: p.Heading}
	for _, c := range p.Columns {
		plan.Columns = append(plan.Columns, c.Column)
	}
	return plan
}

// memoryOf is a heading or a source as it is remembered.
func memoryOf(text string) string {
	folded := names.Fold(text)
	return folded[:min(len(folded), 200)]
}

func recall(ctx context.Context, q db.Reader, b Batch) (map[string]lists.Column, error) {
	rows, err := q.Query(ctx, `SELECT heading, target, bijoy FROM import_headings WHERE organisation_id = ? AND source = ?`, b.Organisation, memoryOf(b.Source))
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c lists.Column, err error) {
		err = row.Scan(&c.Heading, &c.Target, &c.Bijoy)
		return c, err
	})
	remembered := map[string]lists.Column{}
	for _, c := range all {
		remembered[c.Heading] = c
	}
	return remembered, err
}

// remember keeps what the columns of a source mean, for its next file.
func remember(ctx context.Context, tx *db.Tx, b Batch) error {
	for _, c := range b.Plan.Columns {
		_, err := tx.Exec(ctx, `INSERT INTO import_headings (organisation_id, source, heading, target, bijoy) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (organisation_id, source, heading) DO UPDATE SET target = excluded.target, bijoy = excluded.bijoy`,
			b.Organisation, memoryOf(b.Source), memoryOf(c.Heading), string(c.Target), c.Bijoy)
		if err != nil {
			return err
		}
	}
	return nil
}

// Shown is a row as it would be entered.
type Shown struct {
	Number       int
	Registration persons.Registration
	Troubles     []lists.Trouble
}

// Preview returns the first rows of a batch as they will be entered.
func Preview(ctx context.Context, q db.Reader, who access.Actor, id ID, rows int) (all []Shown, err error) {
	b, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	m := b.maker(dates.Of(q.Now()))
	for row, err := range b.people(ctx, within(q)) {
		if err != nil {
			return all, err
		}
		reg, troubles := m.Make(row)
		if all = append(all, Shown{row.Number, reg, troubles}); len(all) == rows {
			break
		}
	}
	return all, nil
}
