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

// group is one writing connection and one commit for all who wait, with the
// driver and the durability of the store.
type group struct {
	db    *sql.Conn
	unit  func(context.Context, *sql.Conn) error
	asks  chan chan error
	ended chan struct{}
}

func openGroup(ctx context.Context, path string, unit func(context.Context, *sql.Conn) error) (*group, error) {
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(8000)")
	if err != nil {
		return nil, err
	}
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	g := &group{db: c, unit: unit, asks: make(chan chan error, 256), ended: make(chan struct{})}
	go g.run(ctx)
	return g, nil
}

func (g *group) run(ctx context.Context) {
	defer close(g.ended)
	for first := range g.asks {
		batch := []chan error{first}
		for more := true; more && len(batch) < 256; {
			select {
			case a, ok := <-g.asks:
				if more = ok; ok {
					batch = append(batch, a)
				}
			default:
				more = false
			}
		}
		err := g.commit(ctx, len(batch))
		for _, a := range batch {
			a <- err
		}
	}
}

func (g *group) commit(ctx context.Context, units int) error {
	if _, err := g.db.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for range units {
		if err := g.unit(ctx, g.db); err != nil {
			g.db.ExecContext(ctx, "ROLLBACK")
			return err
		}
	}
	_, err := g.db.ExecContext(ctx, "COMMIT")
	return err
}

// write waits for the commit that holds one unit.
func (g *group) write() error {
	a := make(chan error, 1)
	g.asks <- a
	return <-a
}

func (g *group) close() {
	close(g.asks)
	<-g.ended
	g.db.Close()
}

// openBare is the floor under all ceilings: as many rows and bytes as one
// registration writes, appended to one table without an index.
func openBare(ctx context.Context, dir string, rows, bytes int) (*group, error) {
	body := make([]byte, bytes/rows)
	var insert *sql.Stmt
	return openGroup(ctx, filepath.Join(dir, "raw.db"), func(ctx context.Context, c *sql.Conn) (err error) {
		if insert == nil {
			if _, err = c.ExecContext(ctx, `CREATE TABLE raw (id INTEGER PRIMARY KEY, body BLOB) STRICT`); err != nil {
				return err
			}
			if insert, err = c.PrepareContext(ctx, `INSERT INTO raw (body) VALUES (?)`); err != nil {
				return err
			}
		}
		for range rows {
			if _, err := insert.ExecContext(ctx, body); err != nil {
				return err
			}
		}
		return nil
	})
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
