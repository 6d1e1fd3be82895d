// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/offices"
	"fera/internal/operations"
	"fera/internal/seal"
	"fera/internal/sheets"
)

// Sending is a file that somebody hands over.
type Sending struct {
	Operation string // id of the act, minted by who asks
	Office    string // to which its people will belong; who's own when empty
	Source    string // who kept the list
	FileName  string
	Content   []byte

	wrong error // what reading it said, once ready
	ready bool
}

// Ready finds out what kind of file it is, which needs no database, so that less
// is left to do in the transaction, and says what is wrong with it. Send does it
// itself for one that is not ready, and says so with all else that is wrong.
func (s *Sending) Ready() error {
	if s.ready {
		return s.wrong
	}
	s.ready = true
	if len(s.Content) == 0 {
		s.wrong = fault.New(fault.Invalid, "file.needed")
	} else {
		_, s.wrong = sheets.Open(bytes.NewReader(s.Content), int64(len(s.Content)), limits())
	}
	return s.wrong
}

// Largest is how large a file may be.
const Largest = 32 << 20

// Send takes a file in. It is kept sealed; nothing is read from it yet but what
// kind of file it is.
func Send(ctx context.Context, tx *db.Tx, who access.Actor, s Sending) (Batch, error) {
	b, err := s.read(ctx, tx, who)
	if err != nil {
		return Batch{}, err
	}
	earlier, err := operations.Once(ctx, tx, who, s.Operation, string(b.ID), s.Content)
	if err != nil {
		return Batch{}, err
	}
	if earlier != "" {
		tx.Recorded() // the trail has the act already
		return Find(ctx, tx, who, ID(earlier))
	}
	if err := seal.NewKey(ctx, tx, b.Organisation, keyOf(b.ID)); err != nil {
		return Batch{}, fmt.Errorf("send file: %w", err)
	}
	if err := insert(ctx, tx, b); err != nil {
		return Batch{}, fmt.Errorf("send file: %w", err)
	}
	if err := keep(ctx, tx, b.ID, s.Content); err != nil {
		return Batch{}, fmt.Errorf("send file: %w", err)
	}
	if err := access.Add(ctx, tx, string(b.ID), access.AtOffice(b.Office), access.OfOrganisation(b.Organisation)); err != nil {
		return Batch{}, err
	}
	return b, audit.Record(ctx, tx, who, access.ImportPersons, audit.Entry{Subject: "import:" + string(b.ID),
		After: map[string]any{"source": b.Source, "file": b.FileName, "office": b.Office, "size": b.Size}})
}

// read checks who and what, and finds the office.
func (s *Sending) read(ctx context.Context, tx *db.Tx, who access.Actor) (Batch, error) {
	office, err := s.office(ctx, tx, who)
	if err != nil {
		return Batch{}, err
	}
	for _, perm := range []access.Permission{access.ImportPersons, access.RegisterPerson} {
		if err := access.Check(tx, who, perm, access.AtOffice(office.ID), access.OfOrganisation(office.Organisation)); err != nil {
			return Batch{}, err
		}
	}
	var faults []*fault.Error
	if !office.ClosedAt.IsZero() {
		faults = append(faults, fault.New(fault.Invalid, "office.closed").On("office"))
	}
	for field, text := range map[string]*string{"source": &s.Source, "file": &s.FileName} {
		clean, problem := names.Check(*text, 200)
		if problem == "" && clean == "" {
			problem = "fault.needed"
		}
		if *text = clean; problem != "" {
			faults = append(faults, fault.New(fault.Invalid, problem).With("max", 200).On(field))
		}
	}
	if err := s.Ready(); err != nil {
		f := fault.Of(err)
		if f == nil {
			return Batch{}, err
		}
		faults = append(faults, f.On("file"))
	}
	if f := fault.Join(faults...); f != nil {
		return Batch{}, f
	}
	return Batch{ID: ID(ids.New(tx.Now())), Organisation: office.Organisation, Office: office.ID, User: who.ID, UserName: who.Name, Source: s.Source, FileName: s.FileName,
		Size: int64(len(s.Content)), State: Sent, SentAt: tx.Now(), ChangedAt: tx.Now(), Version: 1}, nil
}

// office finds the office to which the people will belong.
func (s *Sending) office(ctx context.Context, q db.Reader, who access.Actor) (offices.Office, error) {
	if s.Office == "" {
		s.Office = who.Office
	}
	office, err := offices.Find(ctx, q, access.System(access.ReadOffices), s.Office)
	if fault.KindOf(err) == fault.NotFound {
		err = fault.New(fault.Invalid, "office.not_found").On("office")
	}
	return office, err
}

func limits() sheets.Limits {
	l := sheets.Usual()
	l.Bytes, l.Columns = Largest, 300
	return l
}

func insert(ctx context.Context, tx *db.Tx, b Batch) error {
	_, err := tx.Exec(ctx, `INSERT INTO imports (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '{}', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ?, ?, NULL, 1)`,
		string(b.ID), b.Organisation, b.Office, b.User, b.UserName, b.Source, b.FileName, b.Size, string(b.State), b.SentAt, b.ChangedAt)
	return err
}

// chunk is how many bytes of a file are sealed at a time.
const chunk = 256 << 10

func keep(ctx context.Context, tx *db.Tx, id ID, content []byte) error {
	for n := 0; n*chunk < len(content); n++ {
		sealed, err := seal.Seal(ctx, tx, keyOf(id), chunkPlace(n), content[n*chunk:min((n+1)*chunk, len(content))])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO import_chunks (import_id, n, sealed) VALUES (?, ?, ?)`, string(id), n, sealed); err != nil {
			return err
		}
	}
	return nil
}

func chunkPlace(n int) string { return "import_chunks:" + strconv.Itoa(n) }

// reading does something with a snapshot: one that is at hand, or one of its own
// for each piece of a file, so that a long reading holds none open.
type reading func(func(db.Reader) error) error

func within(q db.Reader) reading { return func(do func(db.Reader) error) error { return do(q) } }

// stored is the file of a batch, as something that can be read anywhere.
type stored struct {
	ctx  context.Context
	read reading
	id   ID
	size int64
	held []byte // the piece read last
	n    int
}

func (b Batch) open(ctx context.Context, read reading) (*sheets.Book, error) {
	if !b.EmptiedAt.IsZero() {
		return nil, fault.New(fault.Invalid, "import.file_gone")
	}
	return sheets.Open(&stored{ctx: ctx, read: read, id: b.ID, size: b.Size, n: -1}, b.Size, limits())
}

// ReadAt implements io.ReaderAt, for one reader at a time.
func (s *stored) ReadAt(p []byte, at int64) (done int, err error) {
	for done < len(p) {
		if at >= s.size {
			return done, io.EOF
		}
		if err := s.fetch(int(at / chunk)); err != nil {
			return done, err
		}
		n := copy(p[done:], s.held[min(at%chunk, int64(len(s.held))):])
		if n == 0 {
			return done, io.ErrUnexpectedEOF
		}
		done, at = done+n, at+int64(n)
	}
	return done, nil
}

func (s *stored) fetch(n int) error {
	if n == s.n {
		return nil
	}
	return s.read(func(q db.Reader) (err error) {
		var sealed []byte
		if err := q.QueryRow(s.ctx, `SELECT sealed FROM import_chunks WHERE import_id = ? AND n = ?`, string(s.id), n).Scan(&sealed); err != nil {
			return fmt.Errorf("read file: %w", err)
		}
		s.held, err = seal.Open(s.ctx, q, keyOf(s.id), chunkPlace(n), sealed)
		if err == nil {
			s.n = n
		}
		return err
	})
}

// forget takes the file of a batch out of the store, and with all also the rows
// that are kept of it, and then the key. What is deleted stays sealed on the disk
// until it is written over, and without the key for good.
func forget(ctx context.Context, tx *db.Tx, id ID, all bool) error {
	if _, err := tx.Exec(ctx, `DELETE FROM import_chunks WHERE import_id = ?`, string(id)); err != nil {
		return err
	}
	if !all {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE import_rows SET sealed = NULL WHERE import_id = ? AND sealed IS NOT NULL`, string(id)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE imports SET emptied_at = ? WHERE id = ?`, tx.Now(), string(id)); err != nil {
		return err
	}
	return seal.Discard(ctx, tx, keyOf(id))
}
