// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the same engine as the store's
)

// raw is the ceiling for creates: as many rows and bytes as one registration
// writes, into one table without an index, with the same driver, the same
// durability, prepared statements and one commit for all who wait.
type raw struct {
	db    *sql.Conn
	rows  int
	body  []byte
	asks  chan chan error
	ended chan struct{}
}

func openRaw(ctx context.Context, dir string, rows, bytes int) (*raw, error) {
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "raw.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		return nil, err
	}
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.ExecContext(ctx, `CREATE TABLE raw (id INTEGER PRIMARY KEY, body BLOB) STRICT`); err != nil {
		return nil, err
	}
	r := &raw{db: c, rows: rows, body: make([]byte, bytes/rows), asks: make(chan chan error, 256), ended: make(chan struct{})}
	insert, err := c.PrepareContext(ctx, `INSERT INTO raw (body) VALUES (?)`)
	if err != nil {
		return nil, err
	}
	go r.run(ctx, insert)
	return r, nil
}

func (r *raw) run(ctx context.Context, insert *sql.Stmt) {
	defer close(r.ended)
	for first := range r.asks {
		batch := []chan error{first}
		for more := true; more && len(batch) < 256; {
			select {
			case a, ok := <-r.asks:
				if more = ok; ok {
					batch = append(batch, a)
				}
			default:
				more = false
			}
		}
		err := r.commit(ctx, insert, len(batch))
		for _, a := range batch {
			a <- err
		}
	}
}

func (r *raw) commit(ctx context.Context, insert *sql.Stmt, units int) error {
	if _, err := r.db.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for range units * r.rows {
		if _, err := insert.ExecContext(ctx, r.body); err != nil {
			return err
		}
	}
	_, err := r.db.ExecContext(ctx, "COMMIT")
	return err
}

// write waits for the commit that holds one unit.
func (r *raw) write() error {
	a := make(chan error, 1)
	r.asks <- a
	return <-a
}

func (r *raw) close() {
	close(r.asks)
	<-r.ended
	r.db.Close()
}

// pingServer answers a fixed body to every request: the ceiling for anything over HTTP.
func pingServer(body []byte) (addr string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.Write(body)
	})}
	go s.Serve(l)
	return l.Addr().String(), func() { s.Close() }, nil
}
