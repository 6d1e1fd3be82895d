// SPDX-License-Identifier: Apache-2.0

// Package files keeps the photographs and papers of persons, sealed in the
// database under the person's key. Their bytes leave only through Open, which
// asks for the right to see the person.
//
// It knows pictures and PDF, by what the bytes are. It does not know what a
// person agreed to; persons asks before it keeps a photograph.
package files

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/operations"
	"fera/internal/seal"
)

// ID identifies a file.
type ID string

// Kind is what a file is for.
type Kind string

// The kinds.
const (
	Photo    Kind = "photo"    // of the person's face
	Document Kind = "document" // a paper, as a picture or as PDF
)

// File is what is known of a file without its bytes.
type File struct {
	ID        ID        `json:"id"`
	Person    string    `json:"-"`
	Kind      Kind      `json:"kind"`
	Protected bool      `json:"-"` // class 3
	Type      string    `json:"type"`
	Title     string    `json:"title,omitempty"`
	Size      int       `json:"size"`
	By        string    `json:"-"` // name of who added it
	At        time.Time `json:"-"`
}

// Upload is a file to be kept.
type Upload struct {
	Operation string // id of the act; see package operations
	Person    string
	Kind      Kind
	Protected bool // health, law, what happened: class 3
	Title     string
	Content   Content // see Read
}

// chunk is how many bytes are sealed together.
const chunk = 256 << 10

// Add keeps a file of a person whose record who may change; class 3 only for
// who may write class 3 of that person.
func Add(ctx context.Context, tx *db.Tx, who access.Actor, u Upload) (ID, error) {
	if err := mayAdd(ctx, tx, who, u); err != nil {
		return "", err
	}
	title, problem := names.Check(u.Title, 200)
	switch {
	case problem != "":
		return "", fault.New(fault.Invalid, problem).With("max", 200).On("title")
	case title == "" && u.Kind == Document:
		return "", fault.New(fault.Invalid, "file.title_needed").On("title")
	case len(u.Content.body) == 0:
		return "", fault.New(fault.Invalid, "file.needed").On("file")
	case u.Kind != Photo && u.Kind != Document:
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("kind")
	}
	f := File{ID: ID(ids.New(tx.Now())), Person: u.Person, Kind: u.Kind, Protected: u.Protected, Type: u.Content.Type, Title: title, Size: len(u.Content.body)}
	same := fmt.Appendf(nil, "%s %s %t %q ", f.Person, f.Kind, f.Protected, f.Title)
	earlier, err := operations.Once(ctx, tx, who, u.Operation, string(f.ID), append(same, u.Content.body...))
	if err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	if err := insert(ctx, tx, who, f, u.Content.body); err != nil {
		return "", fmt.Errorf("add file: %w", err)
	}
	return f.ID, audit.Record(ctx, tx, who, f.act(access.ChangePerson, access.ChangeProtected), audit.Entry{Subject: "file:" + string(f.ID), Person: f.Person,
		After: map[string]any{string(f.Kind): f}})
}

// act is the permission under which the trail enters what was done to a file, so
// that who may not see class 3 does not learn of it from the trail.
func (f File) act(plain, protected access.Permission) access.Permission {
	if f.Protected {
		return protected
	}
	return plain
}

func mayAdd(ctx context.Context, tx *db.Tx, who access.Actor, u Upload) error {
	if err := mustSee(ctx, tx, who, u.Person); err != nil {
		return err
	}
	if u.Protected {
		if err := access.CheckOn(ctx, tx, who, access.ChangeProtected, u.Person); err != nil {
			return err
		}
	}
	return access.CheckOn(ctx, tx, who, access.ChangePerson, u.Person)
}

func notFound() error { return fault.New(fault.NotFound, "file.not_found") }

// mustSee answers that there is nothing to who may not see the person.
func mustSee(ctx context.Context, q db.Reader, who access.Actor, person string) error {
	ok, err := access.Reaches(ctx, q, who, access.ReadPersons, person)
	if err == nil && !ok {
		return notFound()
	}
	return err
}

func insert(ctx context.Context, tx *db.Tx, who access.Actor, f File, body []byte) error {
	title, err := seal.Seal(ctx, tx, f.Person, titlePlace(f.ID), []byte(f.Title))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO files (id, person_id, kind, protected, type, title, size, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(f.ID), f.Person, string(f.Kind), f.Protected, f.Type, title, f.Size, who.ID, who.Name, tx.Now())
	if err != nil {
		return err
	}
	for n := 0; len(body) > 0; n++ {
		piece := body[:min(len(body), chunk)]
		body = body[len(piece):]
		sealed, err := seal.Seal(ctx, tx, f.Person, chunkPlace(f.ID, n), piece)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO file_chunks (file_id, n, sealed) VALUES (?, ?, ?)`, string(f.ID), n, sealed); err != nil {
			return err
		}
	}
	return nil
}

func titlePlace(id ID) string        { return "files:" + string(id) }
func chunkPlace(id ID, n int) string { return "file_chunks:" + string(id) + ":" + strconv.Itoa(n) }

// List returns the files of a person, the newest first: those of class 2, or
// those of class 3 for who sees them now. The caller enters that look.
func List(ctx context.Context, q db.Reader, who access.Actor, person string, protected bool) ([]File, error) {
	if err := mustSee(ctx, q, who, person); err != nil {
		return nil, err
	}
	if protected {
		if ok, _, err := access.SeesProtected(ctx, q, who, person); err != nil || !ok {
			return nil, err
		}
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM files WHERE person_id = ? AND protected = ? AND ended_at IS NULL ORDER BY id DESC`, person, protected)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	found := make([]File, len(all))
	for i, r := range all {
		if found[i], err = r.open(ctx, q); err != nil {
			return nil, fmt.Errorf("list files: %w", err)
		}
	}
	return found, nil
}

const columns = `id, person_id, kind, protected, type, title, size, user_name, at`

type row struct {
	File
	title []byte
}

func scan(r interface{ Scan(...any) error }) (f row, err error) {
	err = r.Scan(&f.ID, &f.Person, &f.Kind, &f.Protected, &f.Type, &f.title, &f.Size, &f.By, db.Time(&f.At))
	return f, err
}

func (r row) open(ctx context.Context, q db.Reader) (File, error) {
	title, err := seal.Open(ctx, q, r.Person, titlePlace(r.ID), r.title)
	r.Title = string(title)
	return r.File, err
}

func find(ctx context.Context, q db.Reader, who access.Actor, id ID) (File, error) {
	r, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM files WHERE id = ? AND ended_at IS NULL`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, notFound()
	}
	if err != nil {
		return File{}, fmt.Errorf("find file: %w", err)
	}
	if err := mustSee(ctx, q, who, r.Person); err != nil {
		return File{}, err
	}
	if r.Protected {
		if ok, _, err := access.SeesProtected(ctx, q, who, r.Person); err != nil || !ok {
			return File{}, errors.Join(err, notFound())
		}
	}
	return r.open(ctx, q)
}

// Open returns a file with its bytes, to who may see it. Of class 3 the look is
// entered in the trail.
func Open(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (File, []byte, error) {
	f, err := find(ctx, tx, who, id)
	if err != nil {
		return File{}, nil, err
	}
	body, err := bytesOf(ctx, tx, f)
	if err != nil || !f.Protected {
		return f, body, err
	}
	tx.Allowed()
	return f, body, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "file:" + string(id), Person: f.Person, Named: []string{string(f.Kind)}})
}

// OpenPlain is Open for files of class 2, for pages that only read.
func OpenPlain(ctx context.Context, q db.Reader, who access.Actor, id ID) (File, []byte, error) {
	f, err := find(ctx, q, who, id)
	if err != nil {
		return File{}, nil, err
	}
	if f.Protected {
		return File{}, nil, notFound()
	}
	body, err := bytesOf(ctx, q, f)
	return f, body, err
}

// Lend returns a file as it may be kept in another record, for an act in which somebody takes her case over and of which the caller has made
// sure that she agreed to this file. In the record that it comes from, the trail has that it was taken along.
func Lend(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (File, Upload, error) {
	r, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM files WHERE id = ? AND ended_at IS NULL`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, Upload{}, notFound()
	}
	if err != nil {
		return File{}, Upload{}, fmt.Errorf("find file: %w", err)
	}
	f, err := r.open(ctx, tx)
	if err != nil {
		return File{}, Upload{}, err
	}
	body, err := bytesOf(ctx, tx, f)
	if err != nil {
		return File{}, Upload{}, err
	}
	u := Upload{Kind: f.Kind, Protected: f.Protected, Title: f.Title, Content: Content{Type: f.Type, body: body}}
	return f, u, audit.Record(ctx, tx, who, f.act(access.AnswerReferral, access.ReadProtected), audit.Entry{Subject: "file:" + string(id), Person: f.Person, Named: []string{"handed_over"}})
}

func bytesOf(ctx context.Context, q db.Reader, f File) ([]byte, error) {
	rows, err := q.Query(ctx, `SELECT sealed FROM file_chunks WHERE file_id = ? ORDER BY n`, string(f.ID))
	pieces, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (piece []byte, err error) {
		err = r.Scan(&piece)
		return piece, err
	})
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	body := make([]byte, 0, f.Size)
	for n, sealed := range pieces {
		piece, err := seal.Open(ctx, q, f.Person, chunkPlace(f.ID, n), sealed)
		if err != nil {
			return nil, fmt.Errorf("open file: %w", err)
		}
		body = append(body, piece...)
	}
	if len(body) != f.Size {
		return nil, fmt.Errorf("open file: %d bytes of %d are there", len(body), f.Size)
	}
	return body, nil
}

// Remove takes a file out of the record and destroys its bytes.
func Remove(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	f, err := find(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if err := access.CheckOn(ctx, tx, who, access.ChangePerson, f.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM file_chunks WHERE file_id = ?`, string(id)); err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE files SET ended_at = ? WHERE id = ?`, tx.Now(), string(id)); err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	return audit.Record(ctx, tx, who, f.act(access.ChangePerson, access.ChangeProtected), audit.Entry{Subject: "file:" + string(id), Person: f.Person,
		Before: map[string]any{string(f.Kind): f}})
}

// Forget destroys all files of a person who is being erased. It checks nothing
// and enters nothing: the act that it is part of does.
func Forget(ctx context.Context, tx *db.Tx, person string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM file_chunks WHERE file_id IN (SELECT id FROM files WHERE person_id = ?)`, person); err != nil {
		return fmt.Errorf("forget files: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM files WHERE person_id = ?`, person); err != nil {
		return fmt.Errorf("forget files: %w", err)
	}
	return nil
}
