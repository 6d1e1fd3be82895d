// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

func picture(t *testing.T, side int) files.Content {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	c, err := files.Read(files.Photo, b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A photograph is kept only while she agrees to it; the one before goes when a new one comes.
func TestKeepPhoto(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		id := register(t, d, amina, worldtest.Rahima())
		keep := func(side int) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				return persons.KeepPhoto(t.Context(), tx, amina, persons.Picture{Person: id, Content: picture(t, side)})
			})
		}
		answer := func(yes bool) {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return persons.AnswerConsent(t.Context(), tx, amina, id, persons.Consent{Purpose: persons.PurposePhoto, Given: yes})
			})
		}
		kept := func() (n int) {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				return q.QueryRow(t.Context(), `SELECT count(DISTINCT file_id) FROM file_chunks`).Scan(&n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := keep(20); fault.Of(err) == nil || fault.Of(err).Key != "person.photo_refused" {
			t.Errorf("kept before she agreed: %v", err)
		}
		answer(true)
		if err := keep(20); err != nil {
			t.Fatal(err)
		}
		if err := keep(30); err != nil {
			t.Fatal(err)
		}
		if p, err := find(t, d, amina, id); err != nil || p.Photo == "" || kept() != 1 {
			t.Errorf("photo %q, %d kept, %v; want the last one alone", p.Photo, kept(), err)
		}
		answer(false)
		if p, err := find(t, d, amina, id); err != nil || p.Photo != "" || kept() != 0 {
			t.Errorf("she withdrew: photo %q, %d kept, %v; want none", p.Photo, kept(), err)
		}
	})
}

// What is put on paper is in the trail, and only who may print prints.
func TestPrint(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id := register(t, d, worldtest.Amina(), worldtest.Rahima())
		try := func(who access.Actor) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := persons.Print(t.Context(), tx, who, id)
				return err
			})
		}
		if err := try(worldtest.Amina()); err != nil {
			t.Fatal(err)
		}
		if err := try(worldtest.Esha()); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("the data-protection officer prints: %v, want forbidden", err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			lines, err := audit.List(t.Context(), q, audit.Filter{Person: string(id), Act: access.PrintPerson})
			if len(lines) != 1 {
				t.Errorf("%d prints in the trail, want one", len(lines))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
