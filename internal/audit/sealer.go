// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fera/internal/db"
)

// sealAtOnce is how many entries one transaction gives a position: few enough
// that the desk does not wait for it.
const sealAtOnce = 200

// signer is the part of the key ring that signs checkpoints.
type signer interface {
	Signer() (note.Signer, error)
	Verifier() (string, error)
}

// Origin is the first line of every checkpoint.
const Origin = "fera/trail"

// Seal gives positions to the entries that have none yet, in order of their ids,
// chains each to the one before, and signs a checkpoint over all of them. It
// returns how many it sealed. Only one sealer may run at a time; the caller
// holds the lease "audit.seal".
func Seal(ctx context.Context, d *db.DB) (int, error) {
	total := 0
	for {
		n := 0
		err := d.Maintain(ctx, func(tx *db.Tx) (err error) {
			n, err = sealSome(ctx, tx)
			return err
		})
		total += n
		if err != nil || n < sealAtOnce {
			return total, err
		}
	}
}

func sealSome(ctx context.Context, tx *db.Tx) (int, error) {
	t, err := loadTree(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("seal the trail: %w", err)
	}
	fresh, err := list(ctx, tx, `position IS NULL ORDER BY id LIMIT ?`, sealAtOnce)
	if err != nil || len(fresh) == 0 {
		return 0, err
	}
	chain, err := lastChain(ctx, tx, t.size)
	if err != nil {
		return 0, err
	}
	for _, s := range fresh {
		if err := t.add(s.leaf()); err != nil {
			return 0, err
		}
		chain = link(chain, s.leaf())
		if _, err := tx.Exec(ctx, `UPDATE audit_entries SET position = ?, chain = ? WHERE id = ? AND position IS NULL`, t.size, chain, s.id); err != nil {
			return 0, err
		}
	}
	return len(fresh), t.save(ctx, tx)
}

// link chains an entry to the one before it.
func link(previous, leaf []byte) []byte {
	h := sha256.New()
	h.Write(previous)
	h.Write(leaf)
	return h.Sum(nil)
}

func lastChain(ctx context.Context, q db.Reader, size int64) (chain []byte, err error) {
	if size == 0 {
		return nil, nil
	}
	err = q.QueryRow(ctx, `SELECT chain FROM audit_entries WHERE position = ?`, size).Scan(&chain)
	if err != nil {
		return nil, fmt.Errorf("the entry at position %d is missing: %w", size, err)
	}
	return chain, nil
}

// tree is the right edge of the Merkle tree over the trail (RFC 6962, as in
// golang.org/x/mod/sumdb/tlog): enough to add leaves and to tell the root.
type tree struct {
	size     int64
	frontier map[int64]tlog.Hash // by stored-hash index
}

// ReadHashes implements tlog.HashReader from the right edge.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		h, ok := t.frontier[x]
		if !ok {
			return nil, fmt.Errorf("tree hash %d is not at the edge", x)
		}
		out[i] = h
	}
	return out, nil
}

// add appends a leaf; its position is t.size afterwards, counted from one.
func (t *tree) add(leaf []byte) error {
	hashes, err := tlog.StoredHashes(t.size, leaf, t)
	if err != nil {
		return err
	}
	first := tlog.StoredHashIndex(0, t.size)
	for i, h := range hashes {
		t.frontier[first+int64(i)] = h
	}
	t.size++
	return nil
}

func (t *tree) root() (tlog.Hash, error) { return tlog.TreeHash(t.size, t) }

// prune forgets all but the hashes of which the root is made.
func (t *tree) prune() error {
	keep := map[int64]tlog.Hash{}
	_, err := tlog.TreeHash(t.size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes, err := t.ReadHashes(indexes)
		for i, x := range indexes {
			if err == nil {
				keep[x] = hashes[i]
			}
		}
		return hashes, err
	}))
	t.frontier = keep
	return err
}

func loadTree(ctx context.Context, q db.Reader) (*tree, error) {
	t := &tree{frontier: map[int64]tlog.Hash{}}
	rows, err := q.Query(ctx, `SELECT size, frontier FROM audit_checkpoints ORDER BY size DESC LIMIT 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var text string
	for rows.Next() {
		if err := rows.Scan(&t.size, &text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &t.frontier); err != nil {
			return nil, err
		}
	}
	return t, rows.Err()
}

func (t *tree) save(ctx context.Context, tx *db.Tx) error {
	if err := t.prune(); err != nil {
		return err
	}
	root, err := t.root()
	if err != nil {
		return err
	}
	keys, ok := tx.Keys().(signer)
	if !ok {
		return errors.New("the database was opened without its keys")
	}
	s, err := keys.Signer()
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: checkpointText(t.size, root)}, s)
	if err != nil {
		return err
	}
	edge, err := json.Marshal(t.frontier)
	if err != nil {
		return err
	}
	if err := thin(ctx, tx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit_checkpoints (size, at, note, frontier) VALUES (?, ?, ?, ?)`, t.size, tx.Now(), string(signed), string(edge))
	return err
}

// thin keeps one checkpoint a minute, and the tree's edge with the newest only.
func thin(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM audit_checkpoints WHERE frontier <> '' AND at >= ?`, tx.Now().Truncate(time.Minute)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE audit_checkpoints SET frontier = '' WHERE frontier <> ''`)
	return err
}

// checkpointText has the form of the C2SP checkpoint: origin, size, root hash.
func checkpointText(size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", Origin, size, root)
}

// Checkpoint is a signed statement of how long the trail was and what its root was.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	At   time.Time // when it was signed; zero for one that came from outside
	Note string    // the signed text, to be kept by others
}

// ParseCheckpoint checks the signature of a checkpoint and reads it.
func ParseCheckpoint(text, verifierKey string) (Checkpoint, error) {
	v, err := note.NewVerifier(verifierKey)
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("the checkpoint was not signed by this installation: %w", err)
	}
	c := Checkpoint{Note: text}
	var origin, root string
	if _, err := fmt.Sscanf(strings.ReplaceAll(n.Text, "\n", " "), "%s %d %s", &origin, &c.Size, &root); err != nil || origin != Origin {
		return Checkpoint{}, errors.New("this is not a checkpoint of the trail")
	}
	c.Root, err = tlog.ParseHash(root)
	return c, err
}

// Latest returns the newest checkpoint, with size zero when there is none.
func Latest(ctx context.Context, q db.Reader) (c Checkpoint, err error) {
	rows, err := q.Query(ctx, `SELECT size, at, note FROM audit_checkpoints ORDER BY size DESC LIMIT 1`)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c Checkpoint, err error) {
		err = row.Scan(&c.Size, db.Time(&c.At), &c.Note)
		return c, err
	})
	if err != nil || len(all) == 0 {
		return Checkpoint{}, err
	}
	return all[0], nil
}
