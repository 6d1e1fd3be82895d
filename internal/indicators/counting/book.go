// SPDX-License-Identifier: Apache-2.0

// Package counting keeps the figures: of each subject (a person, an activity) the
// facts that are counted of it, and of all of them the totals.
//
// It reads everything and writes its own tables only. When a record changes, the
// trail says so, and what its subject came to is taken out of the totals and put
// in anew; see Follow. What is of class 3 is kept of a person under her own key
// only, and otherwise in totals.
package counting

import (
	"context"
	"fmt"

	"fera/internal/db"
	"fera/internal/indicators/facts"
)

// The dimensions whose values have codes in the book, beside those of facts.
const (
	OfMeasure = "measure"
	OfKind    = "kind"
	OfOrg     = "organisation"
)

// Named returns the dimensions of facts as the book names them.
func Named() [facts.Dims]string {
	return [facts.Dims]string{facts.Sex: "sex", facts.Age: "age", facts.Country: "country", facts.Reason: "reason", facts.Disability: "disability", facts.Ethnicity: "ethnicity"}
}

// Book says what the codes stand for.
type Book struct {
	ids   map[[2]string]facts.Code
	texts map[string][]string // by dimension, from code zero on
}

// openBook is the name under which a transaction remembers the book.
type openBook struct{}

// ReadBook reads the book once in a snapshot or transaction.
func ReadBook(ctx context.Context, q db.Reader) (*Book, error) {
	b, err := q.Memo(openBook{}, func() (any, error) {
		type row struct {
			dimension, text string
			id              facts.Code
		}
		rows, err := q.Query(ctx, `SELECT dimension, id, code FROM figure_codes ORDER BY dimension, id`)
		all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
			err = r.Scan(&v.dimension, &v.id, &v.text)
			return v, err
		})
		b := &Book{ids: map[[2]string]facts.Code{}, texts: map[string][]string{}}
		for _, r := range all {
			b.put(r.dimension, r.text)
			if got := b.ids[[2]string{r.dimension, r.text}]; got != r.id {
				return nil, fmt.Errorf("the code %d of %s has the number %d", r.id, r.dimension, got)
			}
		}
		return b, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the codes of figures: %w", err)
	}
	return b.(*Book), nil
}

func (b *Book) put(dimension, text string) facts.Code {
	if len(b.texts[dimension]) == 0 {
		b.texts[dimension] = []string{""}
	}
	id := facts.Code(len(b.texts[dimension]))
	b.texts[dimension] = append(b.texts[dimension], text)
	b.ids[[2]string{dimension, text}] = id
	return id
}

// mostCodes is how many values a dimension can have.
const mostCodes = 1<<16 - 2

// code is the code of a value. One that has none yet is given one: for good in a
// transaction that writes, else for as long as this book is open.
func (b *Book) code(ctx context.Context, q db.Reader, dimension, text string) (facts.Code, error) {
	if text == "" {
		return 0, nil
	}
	if id, known := b.ids[[2]string{dimension, text}]; known {
		return id, nil
	}
	if len(b.texts[dimension]) > mostCodes {
		return 0, fmt.Errorf("there are more than %d values of %s", mostCodes, dimension)
	}
	id := b.put(dimension, text)
	tx, writes := q.(*db.Tx)
	if !writes {
		return id, nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO figure_codes (dimension, id, code) VALUES (?, ?, ?)`, dimension, int(id), text)
	return id, err
}

// Find is the code of a value, if it has one.
func (b *Book) Find(dimension, text string) (facts.Code, bool) {
	if text == "" {
		return 0, true
	}
	id, known := b.ids[[2]string{dimension, text}]
	return id, known
}

// Text is what a code stands for, empty for what is not known.
func (b *Book) Text(dimension string, id facts.Code) string {
	if all := b.texts[dimension]; int(id) < len(all) {
		return all[id]
	}
	return ""
}
