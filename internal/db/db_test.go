// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
)

func insert(ctx context.Context, tx *db.Tx, scope, subject string) error {
	_, err := tx.Exec(ctx, `INSERT INTO access_scopes (scope, subject_id) VALUES (?, ?)`, scope, subject)
	return err
}

func count(t *testing.T, d *db.DB, scope string) (n int) {
	t.Helper()
	err := d.Read(t.Context(), func(q db.Reader) error {
		return q.QueryRow(t.Context(), `SELECT count(*) FROM access_scopes WHERE scope = ?`, scope).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Many acts at once share commits, and those that fail take nobody with them.
func TestWriteTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		refused := errors.New("refused")
		var wg sync.WaitGroup
		var wrong atomic.Int64
		for i := range 200 {
			wg.Go(func() {
				err := d.Maintain(t.Context(), func(tx *db.Tx) error {
					if err := insert(t.Context(), tx, "x", strings.Repeat("i", i+1)); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return refused
					case 2:
						return insert(t.Context(), tx, "x", strings.Repeat("i", i+1)) // breaks the key
					}
					return nil
				})
				if (i%4 == 1 || i%4 == 2) != (err != nil) {
					wrong.Add(1)
				}
			})
		}
		wg.Wait()
		if wrong.Load() != 0 {
			t.Errorf("%d acts were answered wrongly", wrong.Load())
		}
		if got := count(t, d, "x"); got != 100 {
			t.Errorf("kept %d rows, want 100", got)
		}
	})
}

// A panic undoes its own act, reaches its own caller and harms no other.
func TestWritePanic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic did not reach the caller")
				}
			}()
			d.Maintain(t.Context(), func(tx *db.Tx) error {
				insert(t.Context(), tx, "p", "1")
				panic("a programmer's mistake")
			})
		}()
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error { return insert(t.Context(), tx, "p", "2") }); err != nil {
			t.Fatal(err)
		}
		if got := count(t, d, "p"); got != 1 {
			t.Errorf("kept %d rows, want 1", got)
		}
	})
}

// A change that nobody was asked for, or that left no trace, is not kept.
func TestWriteRefusesUnseen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, note := range map[string]func(tx *db.Tx){
			"unchecked and unrecorded": func(*db.Tx) {},
			"checked only":             (*db.Tx).Allowed,
			"recorded only":            (*db.Tx).Recorded,
		} {
			for _, disguised := range []bool{false, true} {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					note(tx)
					if disguised {
						var s string
						return tx.QueryRow(t.Context(), ` INSERT INTO access_scopes (scope, subject_id) VALUES ('w', ?) RETURNING scope`, name).Scan(&s)
					}
					return insert(t.Context(), tx, "w", name)
				})
				if err == nil {
					t.Errorf("%s, disguised %t: committed", name, disguised)
				}
			}
		}
		if got := count(t, d, "w"); got != 0 {
			t.Errorf("kept %d rows, want none", got)
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			tx.Allowed()
			tx.Recorded()
			return insert(t.Context(), tx, "w", "seen")
		})
		if err != nil || count(t, d, "w") != 1 {
			t.Errorf("a seen change was refused: %v", err)
		}
	})
}

// A snapshot cannot write, even by an INSERT disguised as a query.
func TestReadCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		d.Read(t.Context(), func(q db.Reader) error {
			var s string
			if err := q.QueryRow(t.Context(), `INSERT INTO access_scopes (scope, subject_id) VALUES ('r', 'r') RETURNING scope`).Scan(&s); err == nil {
				t.Error("a reader wrote")
			}
			return nil
		})
		if got := count(t, d, "r"); got != 0 {
			t.Errorf("kept %d rows, want none", got)
		}
	})
}

// A client that leaves while others commit does not undo their work.
func TestWriteSurvivesLeaver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				err := d.Maintain(ctx, func(tx *db.Tx) error {
					if i%2 == 0 {
						leave()
					}
					return insert(ctx, tx, "l", strings.Repeat("i", i+1))
				})
				if i%2 == 1 && err != nil {
					t.Errorf("stayed, and was answered %v", err)
				}
			})
		}
		wg.Wait()
		if got := count(t, d, "l"); got < 32 {
			t.Errorf("kept %d rows, want at least those of the 32 who stayed", got)
		}
	})
}

// A database written by a newer program is left alone.
func TestMigrateRefusesNewer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, `+map[string]string{"sqlite": "1", "postgres": "TRUE"}[d.Engine()]+`)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context()); !errors.Is(err, db.ErrNewer) {
			t.Errorf("Migrate = %v, want ErrNewer", err)
		}
	})
}

// Mistakes in the address of the database are said plainly.
func TestOpenRefuses(t *testing.T) {
	for name, url := range map[string]string{
		"no such directory": filepath.Join(t.TempDir(), "missing", "x.db"),
		"bad address":       "postgres://%zz",
		"nobody there":      "postgres://fera@127.0.0.1:1/fera",
	} {
		d, err := db.Open(t.Context(), url, db.Options{})
		if err == nil {
			d.Close()
			t.Errorf("%s: opened", name)
		}
	}
}

// Every connection runs with what durability and integrity need.
func TestSettings(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var reader, writer string
		d.Read(t.Context(), func(q db.Reader) error { return q.QueryRow(t.Context(), "PRAGMA "+pragma).Scan(&reader) })
		d.Maintain(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), "PRAGMA "+pragma).Scan(&writer) })
		if reader != want || writer != want {
			t.Errorf("%s: reader %q, writer %q, want %q", pragma, reader, writer, want)
		}
	}
}
