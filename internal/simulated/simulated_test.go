// SPDX-License-Identifier: Apache-2.0

package simulated_test

import (
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/simulated"
)

// A store is real until it is marked, and simulated from then on, however often it is marked.
func TestMark(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, want := range []bool{false, true, true} {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				is, err := simulated.Is(t.Context(), q)
				if is != want {
					t.Errorf("simulated: %t, want %t", is, want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if err := simulated.Mark(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	})
}
