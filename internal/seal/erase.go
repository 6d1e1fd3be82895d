// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"fera/internal/db"
)

// Erasure says whose key was destroyed and when. The receipt is a signed note
// that names the subject by its id only; the person may be given it.
type Erasure struct {
	Subject  string    `json:"subject"`
	ErasedAt time.Time `json:"erased_at"`
	Receipt  string    `json:"receipt"`
}

// Destroy destroys a subject's key and enters that in the erasure table. What
// was sealed under the key can never be read again.
func Destroy(ctx context.Context, tx *db.Tx, subject string) (Erasure, error) {
	signer, err := ringOf(tx).Signer()
	if err != nil {
		return Erasure{}, err
	}
	text := fmt.Sprintf(receiptTitle+"\nsubject %s\nerased %s\n", subject, tx.Now().UTC().Format(time.RFC3339))
	receipt, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return Erasure{}, err
	}
	e := Erasure{Subject: subject, ErasedAt: tx.Now(), Receipt: string(receipt)}
	return e, enter(ctx, tx, e)
}

func enter(ctx context.Context, tx *db.Tx, e Erasure) error {
	tx.Forget(keyOf(e.Subject))
	if _, err := tx.Exec(ctx, `DELETE FROM seal_keys WHERE subject_id = ?`, e.Subject); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO seal_erasures (subject_id, erased_at, receipt) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, e.Subject, e.ErasedAt, e.Receipt)
	return err
}

// Destroyed reports whether a subject's key was destroyed by Destroy, and not by
// somebody who deleted it: there is a receipt, and this ring signed it.
func Destroyed(ctx context.Context, q db.Reader, subject string) (bool, error) {
	var text string
	err := q.QueryRow(ctx, `SELECT receipt FROM seal_erasures WHERE subject_id = ?`, subject).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	check, err := ringOf(q).receipts()
	return err == nil && check(Erasure{Subject: subject, Receipt: text}), err
}

// receipts returns a function that tells whether the receipt of an erasure was
// signed by this ring.
func (r *Ring) receipts() (func(Erasure) bool, error) {
	key, err := r.Verifier()
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, err
	}
	return func(e Erasure) bool {
		n, err := note.Open([]byte(e.Receipt), note.VerifierList(verifier))
		return err == nil && strings.HasPrefix(n.Text, receiptTitle+"\nsubject "+e.Subject+"\n")
	}, nil
}

// receiptTitle is the first line of every receipt.
const receiptTitle = "Fera erasure receipt"

// Erasures lists what was erased, oldest first.
func Erasures(ctx context.Context, q db.Reader) ([]Erasure, error) {
	rows, err := q.Query(ctx, `SELECT subject_id, erased_at, receipt FROM seal_erasures ORDER BY erased_at, subject_id`)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (e Erasure, err error) {
		err = row.Scan(&e.Subject, db.Time(&e.ErasedAt), &e.Receipt)
		return e, err
	})
}

// Ledger is the list of erasures kept outside the database, one JSON object a
// line, so that a restored older backup does not bring an erased person back.
type Ledger struct{ Path string }

// Sync makes ledger and database agree: what the database erased is appended to
// the file, and what the file says was erased is returned, so that the caller
// erases it again. A line whose receipt was not signed by this ring is refused.
func (l Ledger) Sync(ctx context.Context, d *db.DB, ring *Ring) (again []Erasure, err error) {
	written, err := l.read(ring)
	if err != nil {
		return nil, err
	}
	var have []Erasure
	if err := d.Read(ctx, func(q db.Reader) (err error) {
		have, err = Erasures(ctx, q)
		return err
	}); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, e := range have {
		known[e.Subject] = true
	}
	listed := map[string]bool{}
	for _, e := range written {
		listed[e.Subject] = true
		if !known[e.Subject] {
			again = append(again, e)
		}
	}
	var missing []Erasure
	for _, e := range have {
		if !listed[e.Subject] {
			missing = append(missing, e)
		}
	}
	return again, l.append(missing)
}

// Replay destroys once more the key that a ledger line names.
func Replay(ctx context.Context, tx *db.Tx, e Erasure) error { return enter(ctx, tx, e) }

func (l Ledger) append(more []Erasure) error {
	if len(more) == 0 {
		return nil
	}
	f, err := os.OpenFile(l.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("erasure ledger: %w", err)
	}
	if _, err := f.WriteString("\n"); err != nil { // the line before may have been cut by a power failure
		return errors.Join(err, f.Close())
	}
	enc := json.NewEncoder(f)
	for _, e := range more {
		if err := enc.Encode(e); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(f.Sync(), f.Close())
}

func (l Ledger) read(ring *Ring) ([]Erasure, error) {
	f, err := os.Open(l.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("erasure ledger: %w", err)
	}
	defer f.Close()
	ours, err := ring.receipts()
	if err != nil {
		return nil, err
	}
	var all []Erasure
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e Erasure
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // a line cut by a power failure: the database still has it
		}
		if !ours(e) {
			return nil, fmt.Errorf("erasure ledger: the receipt for %s is not ours", e.Subject)
		}
		all = append(all, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("erasure ledger: %w", err) // what follows must not be passed over
	}
	return all, nil
}

// Discard destroys the key of a subject that is no person, such as a file that
// is not needed any more. Nobody is owed a receipt for it.
func Discard(ctx context.Context, tx *db.Tx, subject string) error {
	tx.Forget(keyOf(subject))
	_, err := tx.Exec(ctx, `DELETE FROM seal_keys WHERE subject_id = ?`, subject)
	return err
}
