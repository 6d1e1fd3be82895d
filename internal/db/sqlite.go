// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// oldestSQLite is the first release without the fault that could lose a
// write-ahead log reset (present in 3.7.0 to 3.51.2).
const oldestSQLite = 3051003

func (d *DB) openSQLite(ctx context.Context, path string, readers int) error {
	d.flavor = sqliteFlavor()
	if sqlite3.SQLITE_VERSION_NUMBER < oldestSQLite {
		return fmt.Errorf("SQLite %d is too old, want %d or newer", sqlite3.SQLITE_VERSION_NUMBER, oldestSQLite)
	}
	if err := writable(path); err != nil {
		return err
	}
	var err error
	if d.sql, err = sql.Open("sqlite", dataSource(path, "&_txlock=immediate&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(8000)&_pragma=secure_delete(1)")); err != nil {
		return err
	}
	d.sql.SetMaxOpenConns(1)
	if err := d.sql.PingContext(ctx); err != nil {
		return err
	}
	if d.pool, err = openReaders(dataSource(path, "&_pragma=query_only(1)&_pragma=cache_size(-8192)"), readers, d.flavor); err != nil {
		return err
	}
	d.commit, err = newCommitter(ctx, d)
	return err
}

// dataSource names the file with the settings that every connection must have.
func dataSource(path, more string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=foreign_keys(1)&_pragma=journal_mode(wal)&_pragma=synchronous(full)" +
		"&_pragma=busy_timeout(10000)&_pragma=temp_store(memory)&_pragma=trusted_schema(0)" + more
}

// writable gives a plain error for what SQLite reports as "unable to open".
func writable(path string) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// fatal reports errors after which nobody knows what is on the disk.
func fatal(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// conn is one SQLite connection that keeps its statements prepared.
type conn struct {
	c      *sql.Conn
	flavor *flavor
	stmts  map[string]*sql.Stmt
	steady bool // a context that ends must not interrupt: others share the transaction
}

func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.c.PrepareContext(ctx, c.flavor.rebind(query))
	if err != nil {
		return nil, err
	}
	const most = 500 // IN lists of many lengths must not fill the memory
	if len(c.stmts) >= most {
		for q, old := range c.stmts {
			old.Close()
			delete(c.stmts, q)
			break
		}
	}
	c.stmts[query] = s
	return s, nil
}

func (c *conn) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if c.steady {
		ctx = context.WithoutCancel(ctx)
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (c *conn) queryRow(ctx context.Context, query string, args []any) *sql.Row {
	if c.steady {
		ctx = context.WithoutCancel(ctx)
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return c.c.QueryRowContext(ctx, query, args...) // fails with the same error, inside a Row
	}
	return s.QueryRowContext(ctx, args...)
}

func (c *conn) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	if c.steady {
		ctx = context.WithoutCancel(ctx)
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// close lets the statements go first: with one left, the last connection to a
// file would not fold the write-ahead log into it.
func (c *conn) close() error {
	for _, s := range c.stmts {
		s.Close()
	}
	return c.c.Close()
}

// readers is the pool of connections that cannot write.
type readers struct {
	sql    *sql.DB
	flavor *flavor
	idle   chan *conn
	most   int
}

func openReaders(source string, most int, f *flavor) (*readers, error) {
	pool, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(most)
	p := &readers{sql: pool, flavor: f, idle: make(chan *conn, most), most: most}
	for range most {
		p.idle <- nil // opened when first needed
	}
	return p, nil
}

func (p *readers) read(ctx context.Context, d *DB, fn func(Reader) error) error {
	var c *conn
	select {
	case c = <-p.idle:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { p.idle <- c }()
	if c == nil {
		opened, err := p.sql.Conn(ctx)
		if err != nil {
			return fmt.Errorf("open for reading: %w", err)
		}
		c = &conn{c: opened, flavor: p.flavor, stmts: map[string]*sql.Stmt{}}
	}
	plain := context.WithoutCancel(ctx)
	if _, err := c.exec(plain, "BEGIN", nil); err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	defer c.exec(plain, "ROLLBACK", nil)
	return fn(d.view(c))
}

func (p *readers) close() error {
	for range p.most {
		if c := <-p.idle; c != nil {
			c.close()
		}
	}
	return p.sql.Close()
}
