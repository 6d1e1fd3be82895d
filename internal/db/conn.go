// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// conn is one SQLite connection that keeps its statements prepared. It speaks to
// the driver itself: what lies between serves many kinds of connections and
// costs as much as a small query.
//
// A context that ends does not interrupt a statement. The writer's transaction is
// shared by others, and what a page reads is short.
type conn struct {
	c      driver.Conn
	flavor *flavor
	stmts  map[string]*stmt
}

// stmt is a prepared statement. While its rows are read it cannot run again.
type stmt struct {
	s    driver.Stmt
	open bool
}

func connect(d driver.Driver, source string, f *flavor) (*conn, error) {
	c, err := d.Open(source)
	if err != nil {
		return nil, err
	}
	return &conn{c: c, flavor: f, stmts: map[string]*stmt{}}, nil
}

// mostStmts is how many statements a connection keeps: IN lists of many lengths
// must not fill the memory.
const mostStmts = 500

func (c *conn) prepare(ctx context.Context, query string) (*stmt, error) {
	if s, ok := c.stmts[query]; ok && !s.open {
		return s, nil
	}
	prepared, err := c.c.(driver.ConnPrepareContext).PrepareContext(ctx, c.flavor.rebind(query))
	if err != nil {
		return nil, err
	}
	s := &stmt{s: prepared}
	delete(c.stmts, query) // one whose rows are being read is closed with them
	if len(c.stmts) >= mostStmts {
		for q, old := range c.stmts {
			if !old.open {
				old.s.Close()
				delete(c.stmts, q)
				break
			}
		}
	}
	c.stmts[query] = s
	return s, nil
}

func (c *conn) query(ctx context.Context, query string, args []any) (*Rows, error) {
	ctx = context.WithoutCancel(ctx)
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	values, err := named(args)
	if err != nil {
		return nil, err
	}
	rows, err := s.s.(driver.StmtQueryContext).QueryContext(ctx, values)
	if err != nil {
		return nil, err
	}
	s.open = true
	reading := &reading{Rows: rows, stmt: s, conn: c, query: query}
	return &Rows{rows: reading, values: make([]driver.Value, len(rows.Columns()))}, nil
}

func (c *conn) queryRow(ctx context.Context, query string, args []any) *Row {
	rows, err := c.query(ctx, query, args)
	return &Row{rows: rows, err: err}
}

func (c *conn) exec(ctx context.Context, query string, args []any) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	s, err := c.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	values, err := named(args)
	if err != nil {
		return 0, err
	}
	res, err := s.s.(driver.StmtExecContext).ExecContext(ctx, values)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// close lets the statements go first: with one left, the last connection to a
// file would not fold the write-ahead log into it.
func (c *conn) close() error {
	for _, s := range c.stmts {
		s.s.Close()
	}
	return c.c.Close()
}

// reading is the rows of a statement, which may run again once they are closed.
type reading struct {
	driver.Rows
	stmt  *stmt
	conn  *conn
	query string
}

// Close implements driver.Rows.
func (r *reading) Close() error {
	err := r.Rows.Close()
	r.stmt.open = false
	if r.conn.stmts[r.query] != r.stmt {
		return errors.Join(err, r.stmt.s.Close()) // another has taken its place
	}
	return err
}

// named puts arguments into the types that the driver takes.
func named(args []any) ([]driver.NamedValue, error) {
	values := make([]driver.NamedValue, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case string, []byte, int64, float64, bool, nil:
		case int:
			a = int64(v)
		case time.Time:
			a = v.UTC().Format(timeLayout)
		default:
			var err error
			if a, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
			if t, ok := a.(time.Time); ok {
				a = t.UTC().Format(timeLayout)
			}
		}
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return values, nil
}

// readers is the pool of connections that cannot write.
type readers struct {
	driver driver.Driver
	source string
	flavor *flavor
	idle   chan *conn
	most   int
}

func openReaders(d driver.Driver, source string, most int, f *flavor) *readers {
	p := &readers{driver: d, source: source, flavor: f, idle: make(chan *conn, most), most: most}
	for range most {
		p.idle <- nil // opened when first needed
	}
	return p
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
		opened, err := connect(p.driver, p.source, p.flavor)
		if err != nil {
			return fmt.Errorf("open for reading: %w", err)
		}
		c = opened
	}
	if _, err := c.exec(ctx, "BEGIN", nil); err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	defer c.exec(ctx, "ROLLBACK", nil)
	return fn(d.view(c))
}

func (p *readers) close() error {
	var errs []error
	for range p.most {
		if c := <-p.idle; c != nil {
			errs = append(errs, c.close())
		}
	}
	return errors.Join(errs...)
}
