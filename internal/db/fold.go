// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql/driver"
	"os"
	"sync"
	"time"
)

// How often the log is looked at, and from what size on it is folded.
const (
	foldEvery = 200 * time.Millisecond
	foldFrom  = 8 << 20
)

// folder copies SQLite's write-ahead log into the file beside the writer, so that
// a commit seldom has to: what is left for the writer, when the log has reached its
// bound, is the last bit. It never waits for anybody, and nobody for it.
type folder struct {
	stop chan struct{}
	done chan struct{}
	once sync.Once
}

func newFolder(d driver.Driver, source, log string, f *flavor) *folder {
	w := &folder{stop: make(chan struct{}), done: make(chan struct{})}
	go w.run(d, source, log, f)
	return w
}

func (w *folder) run(d driver.Driver, source, log string, f *flavor) {
	defer close(w.done)
	var c *conn
	var folded time.Time // when the log was last written before it was folded
	for {
		select {
		case <-w.stop:
			if c != nil {
				c.close()
			}
			return
		case <-time.After(foldEvery):
		}
		info, err := os.Stat(log)
		if err != nil || info.Size() < foldFrom || info.ModTime().Equal(folded) {
			continue
		}
		folded = info.ModTime()
		if c == nil {
			if c, err = connect(d, source, f); err != nil {
				c = nil
				continue
			}
		}
		// What fails here is done by the writer or by the next round.
		c.exec(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)", nil)
	}
}

func (w *folder) close() {
	w.once.Do(func() { close(w.stop) })
	<-w.done
}
