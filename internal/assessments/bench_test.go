// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"fmt"
	"testing"
	"time"

	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// large is a form of 500 questions, of which every fifth is relevant by the one before it.
func large() *instruments.Definition {
	d := household("1", 1)
	d.Name, d.Items, d.Scales = "large", nil, nil
	for i := range 500 {
		item := instruments.Item{Name: fmt.Sprintf("q%d", i), Kind: instruments.Integer, Label: instruments.Texts{"en": "How many?", "bn": "কত?"}, Constraint: ". >= 0 and . < 1000"}
		if i%5 == 4 {
			item.Relevant = fmt.Sprintf("${q%d} > 3", i-1)
		}
		d.Items = append(d.Items, item)
	}
	return d
}

// BenchmarkSave keeps one changed answer of a form of 500 questions: from the rows to the rows, with the page laid out.
func BenchmarkSave(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), time.Now)
	amina := worldtest.Amina()
	var id assessments.ID
	write := func(fn func(tx *db.Tx) error) {
		b.Helper()
		if err := d.Write(b.Context(), fn); err != nil {
			b.Fatal(err)
		}
	}
	write(func(tx *db.Tx) error {
		ref, err := assessments.Bring(b.Context(), tx, worldtest.Farid(), large())
		if err != nil {
			return err
		}
		return assessments.Activate(b.Context(), tx, worldtest.Farid(), assessments.Activation{Ref: ref, From: dates.Of(tx.Now())})
	})
	write(func(tx *db.Tx) error {
		p, err := persons.Register(b.Context(), tx, amina, worldtest.Rahima())
		if err != nil {
			return err
		}
		id, err = assessments.Begin(b.Context(), tx, amina, assessments.Beginning{Person: p, Name: "large", Language: "bn"})
		return err
	})
	all := map[string]string{}
	for i := range 500 {
		all[fmt.Sprintf("q%d", i)] = "7"
	}
	write(func(tx *db.Tx) error {
		_, err := assessments.Save(b.Context(), tx, amina, assessments.Answering{ID: id, Answers: all})
		return err
	})
	n := 0
	for b.Loop() {
		n++
		write(func(tx *db.Tx) error {
			o, err := assessments.Save(b.Context(), tx, amina, assessments.Answering{ID: id, Answers: map[string]string{"q3": fmt.Sprint(n % 9)}})
			if err == nil && len(o.Filling.Whole("bn").Entries) < 400 {
				b.Fatal("the form is not laid out")
			}
			return err
		})
	}
}
