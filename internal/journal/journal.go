// SPDX-License-Identifier: Apache-2.0

// Package journal writes a log in few pieces.
package journal

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Delay and Most are how long, and how many bytes of, the log may wait to be
// written. A line for each request would cost a system call each.
const (
	Delay = 200 * time.Millisecond
	Most  = 32 << 10
)

// Journal gathers lines of the log. What is a warning or worse is written at once,
// with all before it; a server that is killed loses what was said of its last
// requests, which is no part of the trail.
type Journal struct {
	out io.Writer

	mu   sync.Mutex // guards what follows
	held []byte
	due  *time.Timer // nil when nothing waits
}

// New makes a journal that writes to out.
func New(out io.Writer) *Journal { return &Journal{out: out} }

// Logger logs to a journal by a handler over it: what somebody should see now,
// at once, and the rest in its time.
func (j *Journal) Logger(lines slog.Handler) *slog.Logger { return slog.New(prompt{lines, j}) }

// Write implements io.Writer.
func (j *Journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.held = append(j.held, line...)
	switch {
	case len(j.held) >= Most:
		return len(line), j.empty()
	case j.due == nil:
		j.due = time.AfterFunc(Delay, j.Flush)
	}
	return len(line), nil
}

// Flush writes what waits. A log that cannot be written stops nobody's work.
func (j *Journal) Flush() {
	j.mu.Lock()
	defer j.mu.Unlock()
	_ = j.empty()
}

func (j *Journal) empty() error {
	if j.due != nil {
		j.due.Stop()
		j.due = nil
	}
	if len(j.held) == 0 {
		return nil
	}
	_, err := j.out.Write(j.held)
	j.held = j.held[:0]
	return err
}

// prompt is a handler over a journal that writes what somebody should see now.
type prompt struct {
	slog.Handler
	journal *Journal
}

// Handle implements slog.Handler.
func (p prompt) Handle(ctx context.Context, r slog.Record) error {
	err := p.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		p.journal.Flush()
	}
	return err
}

// WithAttrs implements slog.Handler.
func (p prompt) WithAttrs(attrs []slog.Attr) slog.Handler {
	return prompt{p.Handler.WithAttrs(attrs), p.journal}
}

// WithGroup implements slog.Handler.
func (p prompt) WithGroup(name string) slog.Handler {
	return prompt{p.Handler.WithGroup(name), p.journal}
}
