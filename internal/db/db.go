// SPDX-License-Identifier: Apache-2.0

// Package db runs one SQL text on SQLite and on PostgreSQL.
//
// Queries are written once, in the subset both engines share, with ? for each
// argument. The few places where the engines differ are fields of flavor.
//
// Read gives a snapshot, Write gives a transaction that behaves as if it were
// alone. On SQLite concurrent writers share one commit, and so one fsync: each
// act runs in a savepoint of its own, one that fails takes nobody with it, and
// nobody is answered before the commit.
package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Reader runs queries. A View and a Tx are both Readers.
//
// Rows must be read to their end or closed before the next query of the same
// Reader: both engines run one query at a time on a connection.
type Reader interface {
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *Row
	// Now is the instant at which the snapshot or transaction began, in whole
	// milliseconds, which is what both engines keep. It stands still.
	Now() time.Time
	// Keys is the root of the key hierarchy that came with the database.
	Keys() Keys
	// Memo returns what the same key was given before in this snapshot or
	// transaction, or makes it.
	Memo(key any, make func() (any, error)) (any, error)
}

// Keys wraps and unwraps keys with the root key. Package seal implements it; db
// only carries it to where it is needed.
type Keys interface {
	Wrap(plain []byte, context string) ([]byte, error)
	Unwrap(sealed []byte, context string) ([]byte, error)
}

// Options are what a database is opened with.
type Options struct {
	Clock   func() time.Time // the wall clock; time.Now when nil
	Keys    Keys             // the root key; sealing fails without it
	Readers int              // SQLite: connections that read at the same time; 4 when zero
}

// DB is an open database.
type DB struct {
	flavor *flavor
	clock  func() time.Time
	keys   Keys
	sql    *sql.DB // PostgreSQL: everything; SQLite: the writing connection's pool
	pool   *readers
	commit *committer // SQLite only
	fold   *folder    // SQLite only

	closing sync.Once
	closed  error
}

// Open opens the database that url names: a file path, or postgres://...
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	d := &DB{clock: o.Clock, keys: o.Keys}
	if d.clock == nil {
		d.clock = time.Now
	}
	var err error
	if IsPostgres(url) {
		err = d.openPostgres(ctx, url)
	} else {
		err = d.openSQLite(ctx, url, max(o.Readers, 4))
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return d, nil
}

// Close waits for the writes under way and closes the database. It may be called again.
func (d *DB) Close() error {
	d.closing.Do(func() { d.closed = d.close() })
	return d.closed
}

func (d *DB) close() error {
	var errs []error
	if d.fold != nil {
		d.fold.close()
	}
	if d.commit != nil {
		errs = append(errs, d.commit.close())
	}
	if d.pool != nil {
		errs = append(errs, d.pool.close())
	}
	return errors.Join(append(errs, d.sql.Close())...)
}

// Engine names the engine: sqlite or postgres.
func (d *DB) Engine() string { return d.flavor.name }

// Now is the wall clock, in whole milliseconds.
func (d *DB) Now() time.Time { return d.clock().UTC().Truncate(time.Millisecond) }

// Broken is closed when the store has failed in a way that leaves the outcome of
// the last write unknown, such as a failed fsync. The process must then stop.
func (d *DB) Broken() <-chan struct{} {
	if d.commit == nil {
		return nil
	}
	return d.commit.broken
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	return d.Read(ctx, func(q Reader) error {
		var one int
		return q.QueryRow(ctx, `SELECT 1`).Scan(&one)
	})
}

// Read runs fn on a snapshot. What fn reads is consistent with itself.
func (d *DB) Read(ctx context.Context, fn func(Reader) error) error {
	if d.pool != nil {
		return d.pool.read(ctx, d, fn)
	}
	tx, err := d.sql.BeginTx(ctx, d.flavor.readOptions)
	if err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	defer tx.Rollback()
	return fn(d.view(pgRunner{tx: tx}))
}

// Write runs fn as if it were the only writer, and commits if fn returns nil.
//
// When writers overlap, fn may run again, so it must do nothing but read and
// write through its Tx. A Write that changed rows without a permission checked
// and an entry made in the trail is refused.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return d.write(ctx, fn, false)
}

// Maintain is Write for the program's own upkeep, which no person asked for:
// keys, sealing the trail, queues, sessions. It asks for no permission and no
// entry. Only the packages that a guard test names may call it.
func (d *DB) Maintain(ctx context.Context, fn func(*Tx) error) error {
	return d.write(ctx, fn, true)
}

func (d *DB) write(ctx context.Context, fn func(*Tx) error, upkeep bool) error {
	if d.commit != nil {
		return d.commit.do(ctx, fn, upkeep)
	}
	const tries = 12
	for try := 1; ; try++ {
		err := d.writeOnce(ctx, fn, upkeep)
		if err == nil || try == tries || !d.flavor.overlapped(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause(try)):
		}
	}
}

// pause is how long to wait before another try, never the same for two writers:
// those that collided once should not meet again.
func pause(try int) time.Duration {
	var b [1]byte
	rand.Read(b[:])
	return time.Duration(try*try) * time.Millisecond * time.Duration(64+int(b[0])) / 128
}

func (d *DB) writeOnce(ctx context.Context, fn func(*Tx) error, upkeep bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sqltx, err := d.sql.BeginTx(context.WithoutCancel(ctx), d.flavor.writeOptions)
	if err != nil {
		return fmt.Errorf("begin write: %w", err)
	}
	defer sqltx.Rollback() // no effect once committed
	tx := &Tx{View: *d.view(pgRunner{sqltx, true})}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.permitted(upkeep); err != nil {
		return err
	}
	return sqltx.Commit()
}

func (d *DB) view(run runner) *View {
	return &View{run: run, flavor: d.flavor, now: d.Now(), keys: d.keys}
}
