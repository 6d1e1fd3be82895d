// SPDX-License-Identifier: Apache-2.0

package drafts_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/drafts"
	"fera/internal/fault"
	"fera/internal/worldtest"
)

func save(t *testing.T, d *db.DB, who access.Actor, name, body string) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error {
		return drafts.Save(t.Context(), tx, who, drafts.Draft{Name: name, Body: []byte(body)})
	})
}

func find(t *testing.T, d *db.DB, who access.Actor, name string) (body string, err error) {
	t.Helper()
	err = d.Read(t.Context(), func(q db.Reader) error {
		f, err := drafts.Find(t.Context(), q, who, name)
		body = string(f.Body)
		return err
	})
	return body, err
}

func list(t *testing.T, d *db.DB, who access.Actor) (all []drafts.Draft) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		all, err = drafts.List(t.Context(), q, who)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestKeptUntilDropped(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		for _, body := range []string{"name=Ra", "name=Rahima"} {
			clock.Move(time.Second)
			if err := save(t, d, amina, "person 1", body); err != nil {
				t.Fatal(err)
			}
		}
		clock.Move(time.Second)
		if err := save(t, d, amina, "person 2", "name=Karim"); err != nil {
			t.Fatal(err)
		}
		if body, err := find(t, d, amina, "person 1"); body != "name=Rahima" || err != nil {
			t.Errorf("found %q, %v, want what was saved last", body, err)
		}
		if all := list(t, d, amina); len(all) != 2 || all[0].Name != "person 2" || all[0].Body != nil {
			t.Errorf("list = %+v, want the newest first, without bodies", all)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return drafts.Drop(t.Context(), tx, amina, "person 1") })
		if _, err := find(t, d, amina, "person 1"); fault.KindOf(err) != fault.NotFound || err == nil {
			t.Errorf("dropped: %v, want not found", err)
		}
	})
}

// Her supervisor, and who may read everything, do not see what she has not sent.
func TestNobodyElseSeesOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := save(t, d, worldtest.Amina(), "person 1", "name=Rahima"); err != nil {
			t.Fatal(err)
		}
		for _, other := range []access.Actor{worldtest.Chandra(), worldtest.Basil(), access.System(access.Permissions()...)} {
			if body, err := find(t, d, other, "person 1"); body != "" || fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s found %q, %v", other.Name, body, err)
			}
			if all := list(t, d, other); len(all) != 0 {
				t.Errorf("%s lists %+v", other.Name, all)
			}
		}
	})
}

// The clerk of the database who gives somebody else's draft her own name gets nothing either.
func TestAnotherWritersRowDoesNotOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := save(t, d, worldtest.Amina(), "person 1", "name=Rahima"); err != nil {
			t.Fatal(err)
		}
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE drafts SET user_id = ?`, worldtest.Basil().ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if body, err := find(t, d, worldtest.Basil(), "person 1"); err == nil || body != "" {
			t.Errorf("found %q, want an error", body)
		}
	})
}

func TestOldOnesAreGone(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		if err := save(t, d, amina, "person 1", "name=Rahima"); err != nil {
			t.Fatal(err)
		}
		clock.Move(drafts.Lasts + time.Minute)
		if _, err := find(t, d, amina, "person 1"); err == nil {
			t.Error("an old draft is found before the sweep")
		}
		if err := drafts.Sweep(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			var n int
			err := q.QueryRow(t.Context(), `SELECT count(*) FROM drafts`).Scan(&n)
			if n != 0 {
				t.Errorf("%d rows after the sweep, want none", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestBounds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		if err := save(t, d, amina, "person 0", string(make([]byte, 300<<10))); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("too large: %v", err)
		}
		for i := range 31 {
			err := save(t, d, amina, fmt.Sprintf("person %d", i), "x")
			if (i < 30) != (err == nil) {
				t.Errorf("draft %d: %v", i, err)
			}
		}
		if err := save(t, d, amina, "person 3", "again"); err != nil {
			t.Errorf("one that is there, once more: %v", err)
		}
	})
}

// The thief of the disk reads no draft.
func TestTheFileHoldsNoDraft(t *testing.T) {
	path := dbtest.SQLite(t)
	d := dbtest.Open(t, path, nil)
	if err := save(t, d, worldtest.Amina(), "person 1", "name=canary-of-a-draft"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("canary-of-a-draft")) || !bytes.Contains(text, []byte("person 1")) {
		t.Error("the file holds what was typed, or not the draft at all")
	}
}
