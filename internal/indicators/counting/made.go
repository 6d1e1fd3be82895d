// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"context"
	"fmt"
	"iter"

	"fera/internal/db"
	"fera/internal/indicators/facts"
)

// Made is a subject that does not exist, with facts in words, for measuring how
// fast figures of a whole country are. No record stands behind it: its identifier
// says so, and a recount finds it out.
type Made struct {
	ID    string
	Facts []MadeFact
}

// MadeFact is a fact, with its codes in words.
type MadeFact struct {
	facts.Fact
	Texts map[string]string // by the dimensions of the book
}

// MadeBegins is how the identifiers of subjects begin that do not exist.
const MadeBegins = "simulated-"

// cellsMade is how many cells are in memory before they are written: there is much of it when one measures.
const cellsMade = 16_000_000

// subjectsMade is how many of them one transaction writes.
const subjectsMade = 2_000

// Fill keeps the facts of subjects that do not exist, and adds them to the totals.
// What is of class 3 of them is added to the totals only.
func Fill(ctx context.Context, d *db.DB, all iter.Seq[Made], told func(int)) error {
	totals, waiting, done := facts.Totals{}, []Made{}, 0
	flush := func(least int) error {
		if totals.Cells() < least {
			return nil
		}
		err := writeTotals(ctx, d, totals)
		totals = facts.Totals{}
		return err
	}
	take := func() error {
		var all [][]facts.Fact
		err := d.Maintain(ctx, func(tx *db.Tx) (err error) {
			all, err = keepMade(ctx, tx, waiting)
			return err
		})
		for _, one := range all {
			facts.Contribute(totals, one, 1)
		}
		if done += len(waiting); told != nil {
			told(done)
		}
		waiting = waiting[:0]
		if err != nil {
			return err
		}
		return flush(cellsMade)
	}
	for m := range all {
		if waiting = append(waiting, m); len(waiting) == subjectsMade {
			if err := take(); err != nil {
				return fmt.Errorf("make facts: %w", err)
			}
		}
	}
	if err := take(); err != nil {
		return fmt.Errorf("make facts: %w", err)
	}
	return flush(0)
}

func keepMade(ctx context.Context, tx *db.Tx, some []Made) (each [][]facts.Fact, err error) {
	b, err := ReadBook(ctx, tx)
	if err != nil {
		return nil, err
	}
	var open []factRow
	for _, m := range some {
		all := make([]facts.Fact, 0, len(m.Facts))
		for n, f := range m.Facts {
			if err := b.encode(ctx, tx, &f); err != nil {
				return nil, err
			}
			f.Person, f.Record = MadeBegins+m.ID, MadeBegins+m.ID
			all = append(all, f.Fact)
			if !f.Hidden {
				open = append(open, factRow{MadeBegins + m.ID, n, f.Fact})
			}
		}
		each = append(each, all)
	}
	return each, insertFacts(ctx, tx, open)
}

// encode puts the words of a fact into codes.
func (b *Book) encode(ctx context.Context, tx *db.Tx, f *MadeFact) (err error) {
	for dimension, text := range f.Texts {
		id, err := b.code(ctx, tx, dimension, text)
		if err != nil {
			return err
		}
		switch dimension {
		case OfMeasure:
			f.Measure = id
		case OfKind:
			f.What, f.Kinded = id, true
		case OfOrg:
			f.Org = id
		}
		for d, name := range Named() {
			if name == dimension {
				f.By[d] = id
			}
		}
	}
	return nil
}
