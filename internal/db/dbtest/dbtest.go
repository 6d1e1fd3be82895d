// SPDX-License-Identifier: Apache-2.0

// Package dbtest gives a test an empty, migrated database of each engine.
package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/seal"
)

// Noon is the instant at which every test clock stands until a test moves it.
var Noon = time.Date(2030, time.March, 5, 12, 0, 0, 0, time.UTC)

// Clock is a clock that a test can set. It is safe for concurrent use.
type Clock struct{ at atomic.Int64 }

// Now tells the time.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.at.Load()).UTC() }

// Move puts the clock forward, or back.
func (c *Clock) Move(by time.Duration) { c.at.Add(by.Milliseconds()) }

// ring is made once: deriving keys takes longer than a test should.
var ring = sync.OnceValue(func() *seal.Ring {
	r, err := seal.NewRing("fera-test")
	if err != nil {
		panic(err)
	}
	return r
})

// Ring returns the key ring with which all test databases are opened.
func Ring() *seal.Ring { return ring() }

// Each runs fn once on SQLite and once on PostgreSQL.
//
// TEST_POSTGRES names a server to make databases on. Without it the second run
// is skipped, or fails where REQUIRE_POSTGRES is set, as it is in CI.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachAt(t, func(t *testing.T, d *db.DB, _ *Clock) { fn(t, d) })
}

// EachAt is Each for tests that move the clock.
func EachAt(t *testing.T, fn func(t *testing.T, d *db.DB, clock *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		clock := noon()
		fn(t, Open(t, SQLite(t), clock.Now), clock)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		clock := noon()
		fn(t, Open(t, Postgres(t), clock.Now), clock)
	})
}

func noon() *Clock {
	c := &Clock{}
	c.at.Store(Noon.UnixMilli())
	return c
}

// Open opens the database at url with the test's keys and closes it at the end.
func Open(t testing.TB, url string, now func() time.Time) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url, db.Options{Clock: now, Keys: Ring()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// SQLite returns the path of a fresh, migrated SQLite file.
func SQLite(t testing.TB) string {
	t.Helper()
	text, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sqliteTemplate migrates one file, of which every test gets a copy.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "fera-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{Clock: func() time.Time { return Noon }, Keys: Ring()})
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), seal.Prepare(ctx, d), d.Close())
}

var count atomic.Int64

// Postgres returns the address of a fresh, migrated PostgreSQL database, which
// is dropped at the end of the test. See Each for when there is no server.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("TEST_POSTGRES")
	if server == "" {
		if os.Getenv("REQUIRE_POSTGRES") != "" {
			t.Fatal("TEST_POSTGRES is not set, and REQUIRE_POSTGRES is")
		}
		t.Skip("TEST_POSTGRES is not set")
	}
	template, err := postgresTemplate()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("fera_test_%d_%d", os.Getpid(), count.Add(1))
	if err := admin(server, `CREATE DATABASE `+name+` TEMPLATE `+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin(server, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`) })
	return named(server, name)
}

var postgresTemplate = sync.OnceValues(func() (string, error) {
	server := os.Getenv("TEST_POSTGRES")
	name := fmt.Sprintf("fera_template_%d", os.Getpid())
	if err := admin(server, `CREATE DATABASE `+name); err != nil {
		return "", err
	}
	return name, migrate(named(server, name))
})

var one sync.Mutex // CREATE DATABASE from one template does not like company

func admin(server, statement string) error {
	one.Lock()
	defer one.Unlock()
	d, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer d.Close()
	for try := 0; ; try++ {
		_, err = d.Exec(statement)
		if err == nil || try == 20 || !strings.Contains(err.Error(), "being accessed by other users") {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func named(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + database
	return u.String()
}

// Write runs fn in a transaction and fails the test if it fails.
func Write(t testing.TB, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}
