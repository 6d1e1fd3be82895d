// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	sqlite3 "modernc.org/sqlite/lib"
)

// mostActs is how many acts may share one commit.
const mostActs = 256

// errBroken answers every write after the store has failed.
var errBroken = errors.New("the store has failed; the program must be restarted")

// committer is the one writer of a SQLite file. Acts that wait while a commit
// is under way share the next one.
type committer struct {
	d      *DB
	conn   *conn
	asks   chan *ask
	mu     sync.RWMutex // held to send, so that close finds no sender
	closed bool
	done   chan struct{}
	broken chan struct{}
}

// ask is one act waiting to be done.
type ask struct {
	ctx      context.Context
	fn       func(*Tx) error
	upkeep   bool
	err      error
	panicked any
	answer   chan struct{}
}

func newCommitter(d *DB, writer *conn) *committer {
	w := &committer{d: d, conn: writer, asks: make(chan *ask, mostActs), done: make(chan struct{}), broken: make(chan struct{})}
	go w.run()
	return w
}

// do hands fn to the writer and waits for the commit that holds it.
func (w *committer) do(ctx context.Context, fn func(*Tx) error, upkeep bool) error {
	a := &ask{ctx: ctx, fn: fn, upkeep: upkeep, answer: make(chan struct{})}
	if err := w.send(a); err != nil {
		return err
	}
	// Once sent, the act may be in the commit under way: only its outcome is an answer.
	<-a.answer
	if a.panicked != nil {
		panic(a.panicked)
	}
	return a.err
}

func (w *committer) send(a *ask) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return sql.ErrConnDone
	}
	select {
	case w.asks <- a:
		return nil
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
}

func (w *committer) close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.asks)
	}
	w.mu.Unlock()
	<-w.done
	return w.conn.close()
}

func (w *committer) run() {
	defer close(w.done)
	for a := range w.asks {
		batch := []*ask{a}
	fill:
		for len(batch) < mostActs {
			select {
			case more, ok := <-w.asks:
				if !ok {
					break fill
				}
				batch = append(batch, more)
			default:
				break fill
			}
		}
		w.perform(batch)
	}
}

// perform does the acts of a batch in one commit, and answers them. Acts seldom
// fail after they wrote; so the batch is first tried without a way back for each
// of them, then with one, then act by act.
func (w *committer) perform(batch []*ask) {
	select {
	case <-w.broken:
		answer(batch, errBroken)
		return
	default:
	}
	err := w.together(batch, false)
	if errors.Is(err, errHalfDone) && len(batch) > 1 {
		err = w.together(batch, true)
	}
	switch {
	case errors.Is(err, errHalfDone): // the one act, which has its own error
	case err != nil && fatal(err):
		close(w.broken)
		answer(batch, fmt.Errorf("commit: %w", err))
		return
	case err != nil && len(batch) > 1:
		// The whole batch was undone, perhaps because of one act: try each alone.
		for _, a := range batch {
			w.perform([]*ask{a})
		}
		return
	case err != nil:
		batch[0].err = fmt.Errorf("commit: %w", err)
	}
	for _, a := range batch {
		close(a.answer)
	}
}

// errHalfDone says that an act failed after it wrote, where nothing but undoing
// the whole batch undoes it.
var errHalfDone = errors.New("an act failed half done")

func answer(batch []*ask, err error) {
	for _, a := range batch {
		a.err = err
		close(a.answer)
	}
}

// together does all acts and commits them, each in a savepoint of its own if
// careful. An error means that nothing of the batch was kept.
func (w *committer) together(batch []*ask, careful bool) error {
	ctx := context.Background() // a client that leaves must not interrupt the others' commit
	if err := w.begin(ctx); err != nil {
		return err
	}
	do := w.boldly
	if careful {
		do = w.carefully
	}
	for _, a := range batch {
		if err := do(ctx, a); err != nil {
			w.conn.exec(ctx, "ROLLBACK", nil)
			return err
		}
	}
	if _, err := w.conn.exec(ctx, "COMMIT", nil); err != nil {
		w.conn.exec(ctx, "ROLLBACK", nil)
		return err
	}
	return nil
}

// begin waits for another process that is writing, such as a command run beside the server.
func (w *committer) begin(ctx context.Context) error {
	const tries = 3 // each waits for the busy timeout
	for try := 1; ; try++ {
		_, err := w.conn.exec(ctx, "BEGIN IMMEDIATE", nil)
		if err == nil || try == tries || sqliteCode(err) != sqlite3.SQLITE_BUSY {
			return err
		}
	}
}

// boldly runs an act without a way back. It fails when the act wrote and then
// failed, or when the whole transaction is lost.
func (w *committer) boldly(ctx context.Context, a *ask) error {
	tx := a.attempt(w)
	switch {
	case a.err == nil && a.panicked == nil:
		return nil
	case fatal(a.err):
		return a.err
	case tx.wrote:
		return errHalfDone
	}
	return nil
}

// carefully runs an act in a savepoint. It fails only when the whole transaction is lost.
func (w *committer) carefully(ctx context.Context, a *ask) error {
	if _, err := w.conn.exec(ctx, "SAVEPOINT act", nil); err != nil {
		return err
	}
	a.attempt(w)
	if a.err != nil || a.panicked != nil {
		if fatal(a.err) {
			return a.err
		}
		if _, err := w.conn.exec(ctx, "ROLLBACK TO act", nil); err != nil {
			return errors.Join(a.err, err)
		}
	}
	_, err := w.conn.exec(ctx, "RELEASE act", nil)
	return err
}

// attempt runs an act once and keeps how it ended.
func (a *ask) attempt(w *committer) *Tx {
	a.err, a.panicked = nil, nil
	tx := &Tx{View: *w.d.view(w.conn)}
	if a.err = a.ctx.Err(); a.err != nil {
		return tx
	}
	a.run(tx)
	if a.err == nil && a.panicked == nil {
		a.err = tx.permitted(a.upkeep)
	}
	return tx
}

func (a *ask) run(tx *Tx) {
	defer func() { a.panicked = recover() }()
	a.err = a.fn(tx)
}
