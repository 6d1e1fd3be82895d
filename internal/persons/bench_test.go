// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"strconv"
	"sync/atomic"
	"testing"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// BenchmarkRegister is one registration with the little that is asked first, by many clients at once.
func BenchmarkRegister(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), nil)
	amina := worldtest.Amina()
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := worldtest.Rahima()
			i := n.Add(1)
			r.Operation = strconv.FormatInt(i, 10)
			r.Contacts[0].Number = "017" + strconv.FormatInt(10000000+i, 10)
			if err := r.Ready(dates.Of(dbtest.Noon)); err != nil {
				b.Error(err)
			}
			if err := d.Write(b.Context(), func(tx *db.Tx) error {
				_, err := persons.Register(b.Context(), tx, amina, r)
				return err
			}); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkFind is one person by id, with rights and all that is not protected.
func BenchmarkFind(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), nil)
	amina := worldtest.Amina()
	var id persons.ID
	dbtest.Write(b, d, func(tx *db.Tx) (err error) {
		id, err = persons.Register(b.Context(), tx, amina, worldtest.Rahima())
		return err
	})
	for b.Loop() {
		if err := d.Read(b.Context(), func(q db.Reader) error {
			_, err := persons.Find(b.Context(), q, amina, id)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}
