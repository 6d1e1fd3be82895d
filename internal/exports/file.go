// SPDX-License-Identifier: Apache-2.0

package exports

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/seal"
)

// chunk is how many bytes of a file are sealed at a time.
const chunk = 256 << 10

func chunkPlace(n int) string { return "export_chunks:" + strconv.Itoa(n) }

// Name is what the file is called: it says nothing of whom it is about.
func (e Export) Name() string {
	return "fera-" + e.Order.Set + "-" + e.AskedAt.Format("2006-01-02") + "." + string(e.Order.Format)
}

// Reading does something with a snapshot of its own.
type Reading func(context.Context, func(db.Reader) error) error

// Send writes the file, piece by piece, each read by itself. Fetch was called before.
func Send(ctx context.Context, read Reading, who access.Actor, e Export, to io.Writer) error {
	for n := 0; ; n++ {
		var piece []byte
		err := read(ctx, func(q db.Reader) error {
			now, err := Find(ctx, q, who, e.ID)
			if err != nil {
				return err
			}
			if !now.Mine(who) || now.State != Ready {
				return fault.New(fault.Conflict, "export.file_gone")
			}
			var sealed []byte
			if err := q.QueryRow(ctx, `SELECT sealed FROM export_chunks WHERE export_id = ? AND n = ?`, string(e.ID), n).Scan(&sealed); err != nil {
				return err
			}
			piece, err = seal.Open(ctx, q, e.key(), chunkPlace(n), sealed)
			return err
		})
		if errors.Is(err, sql.ErrNoRows) && int64(n)*chunk >= e.Size {
			return nil
		}
		if err != nil {
			return fmt.Errorf("send export: %w", err)
		}
		if _, err := to.Write(piece); err != nil {
			return err
		}
	}
}

// store is a file that is being written: it seals each piece as soon as it is full.
type store struct {
	keep func(n int, piece []byte) error
	held []byte
	n    int
	size int64
}

// Write implements io.Writer.
func (s *store) Write(p []byte) (int, error) {
	s.held = append(s.held, p...)
	s.size += int64(len(p))
	for len(s.held) >= chunk {
		if err := s.flush(s.held[:chunk]); err != nil {
			return 0, err
		}
		s.held = append(s.held[:0], s.held[chunk:]...)
	}
	return len(p), nil
}

func (s *store) flush(piece []byte) error {
	if err := s.keep(s.n, piece); err != nil {
		return err
	}
	s.n++
	return nil
}

// Close keeps what is left.
func (s *store) Close() error {
	if len(s.held) == 0 {
		return nil
	}
	return s.flush(s.held)
}
