// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"fera/internal/db"
	"fera/internal/seal"
)

// Report is what Verify found.
type Report struct {
	Entries  int64  // sealed entries that were checked
	Waiting  int64  // entries not yet sealed
	Bad      int64  // the first bad position, zero when the trail holds
	Why      string // what is wrong there, in English, for the operator
	Verifier string // the key with which the checkpoints were checked
}

// Holds reports whether nothing was found wrong.
func (r Report) Holds() bool { return r.Why == "" }

// verifyAtOnce is how many entries are held in memory at a time.
const verifyAtOnce = 2000

// Verify goes over the whole trail: every entry's own hash, the chain, the
// sealed values beside it, the tree against every checkpoint in the database,
// and against checkpoints that others kept. It names the first bad position.
func Verify(ctx context.Context, q db.Reader, kept ...Checkpoint) (Report, error) {
	keys, ok := q.Keys().(signer)
	if !ok {
		return Report{}, errors.New("the database was opened without its keys")
	}
	verifier, err := keys.Verifier()
	if err != nil {
		return Report{}, err
	}
	v := &verification{q: q, report: Report{Verifier: verifier}, tree: &tree{frontier: map[int64]tlog.Hash{}}, gone: map[string]bool{}}
	if err := v.collectMarks(ctx, kept); err != nil {
		return Report{}, err
	}
	if err := v.walk(ctx); err != nil {
		return Report{}, err
	}
	if v.report.Holds() {
		v.tail()
	}
	for _, rest := range []func(context.Context) error{v.unsealed, v.strays} {
		if v.report.Holds() && err == nil {
			err = rest(ctx)
		}
	}
	return v.report, err
}

// verification is one run of Verify.
type verification struct {
	q      db.Reader
	report Report
	tree   *tree
	gone   map[string]bool // whose keys are gone, and whether by erasure
	chain  []byte
	marks  []Checkpoint // in order of size
	sound  int64        // size of the last checkpoint that agreed
	sealed int64        // size of the last checkpoint in the database
}

func (v *verification) bad(position int64, why string, args ...any) {
	if v.report.Holds() {
		v.report.Bad, v.report.Why = position, fmt.Sprintf(why, args...)
	}
}

// collectMarks reads the database's checkpoints and puts those kept by others among them.
func (v *verification) collectMarks(ctx context.Context, kept []Checkpoint) error {
	rows, err := v.q.Query(ctx, `SELECT size, note FROM audit_checkpoints ORDER BY size`)
	own, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c Checkpoint, err error) {
		err = row.Scan(&c.Size, &c.Note)
		return c, err
	})
	if err != nil {
		return err
	}
	for _, c := range own {
		parsed, err := ParseCheckpoint(c.Note, v.report.Verifier)
		if err != nil || parsed.Size != c.Size {
			v.bad(c.Size, "the checkpoint of %d entries was altered", c.Size)
			continue
		}
		v.marks, v.sealed = append(v.marks, parsed), parsed.Size
	}
	v.marks = merge(v.marks, kept)
	return nil
}

func merge(own, kept []Checkpoint) []Checkpoint {
	all := append(own, kept...)
	for i := 1; i < len(all); i++ {
		for j := i; j > 0 && all[j].Size < all[j-1].Size; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	return all
}

func (v *verification) walk(ctx context.Context) error {
	for v.report.Holds() {
		some, err := list(ctx, v.q, `position > ? ORDER BY position LIMIT ?`, v.tree.size, verifyAtOnce)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, s := range some {
			if err := v.entry(ctx, s); err != nil {
				return err
			}
			if !v.report.Holds() {
				return nil
			}
		}
	}
	return nil
}

func (v *verification) entry(ctx context.Context, s stored) error {
	want := v.tree.size + 1
	if s.position != want {
		v.bad(want, "the entry is missing")
		return nil
	}
	if !hmac.Equal(s.mac, s.sign(v.q)) {
		v.bad(want, "the entry was altered or inserted")
		return nil
	}
	if v.chain = link(v.chain, s.leaf()); !bytes.Equal(v.chain, s.chain) {
		v.bad(want, "the entry does not follow from those before it")
		return nil
	}
	if err := v.tree.add(s.leaf()); err != nil {
		return err
	}
	v.report.Entries++
	if err := v.values(ctx, s); err != nil {
		return err
	}
	return v.mark()
}

// values checks what is sealed beside an entry. Values whose key was destroyed
// cannot be checked and are not missed.
func (v *verification) values(ctx context.Context, s stored) error {
	if s.digest == "" {
		return nil
	}
	text, err := openValues(ctx, v.q, s.id)
	if errors.Is(err, seal.ErrErased) {
		// A key that is gone must have been destroyed by an act of erasure, and be the person's.
		rightly, err := v.erased(ctx, s.keyOf())
		if err == nil && !rightly {
			v.bad(s.position, "the values kept beside the entry cannot be read, and nobody was erased")
		}
		return err
	}
	sum := sha256.Sum256(text)
	if err != nil || text == nil || base64.RawStdEncoding.EncodeToString(sum[:]) != s.digest {
		v.bad(s.position, "the values kept beside the entry were altered or removed")
	}
	return nil
}

// erased reports whether a subject was erased, and remembers it.
func (v *verification) erased(ctx context.Context, subject string) (bool, error) {
	if gone, ok := v.gone[subject]; ok {
		return gone, nil
	}
	gone, err := seal.Destroyed(ctx, v.q, subject)
	v.gone[subject] = gone
	return gone, err
}

// strays finds values beside an entry that was made without any, or beside none.
func (v *verification) strays(ctx context.Context) error {
	var entry string
	var position int64
	err := v.q.QueryRow(ctx, `SELECT v.entry_id, COALESCE(e.position, 0) FROM audit_values v LEFT JOIN audit_entries e ON e.id = v.entry_id
		WHERE e.id IS NULL OR e.digest = '' ORDER BY COALESCE(e.position, 0), v.entry_id LIMIT 1`).Scan(&entry, &position)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		v.bad(max(position, 1), "values were put beside entry %s, which was made without any", entry)
	}
	return err
}

// mark compares the tree with the checkpoints of its present size.
func (v *verification) mark() error {
	if v.tree.size%1024 == 0 {
		if err := v.tree.prune(); err != nil {
			return err
		}
	}
	for len(v.marks) > 0 && v.marks[0].Size == v.tree.size {
		root, err := v.tree.root()
		if err != nil {
			return err
		}
		if root != v.marks[0].Root {
			v.bad(v.sound+1, "the trail is not the one that was signed: an entry between %d and %d was replaced", v.sound+1, v.tree.size)
			return nil
		}
		v.sound, v.marks = v.tree.size, v.marks[1:]
	}
	return nil
}

// tail finds that entries at the end are gone: a checkpoint speaks of more than
// there are. It also finds that the last checkpoint is gone, which every sealing
// leaves behind.
func (v *verification) tail() {
	if v.sealed < v.tree.size {
		v.bad(v.sealed+1, "the checkpoint is missing that signed the entries up to %d", v.tree.size)
	}
	if len(v.marks) > 0 {
		last := v.marks[len(v.marks)-1]
		v.bad(v.tree.size+1, "the trail was cut: %d entries were signed, %d are here; those up to %d are sound", last.Size, v.tree.size, v.sound)
	}
}

// unsealed checks the entries that wait for the sealer, and that none was slipped in.
func (v *verification) unsealed(ctx context.Context) error {
	hidden, err := list(ctx, v.q, `position < 1 ORDER BY id LIMIT 1`)
	if err != nil {
		return err
	}
	if len(hidden) > 0 {
		v.bad(v.tree.size+1, "entry %s has a position that none is given", hidden[0].id)
	}
	waiting, err := list(ctx, v.q, `position IS NULL ORDER BY id`)
	for i, s := range waiting {
		v.report.Waiting++
		if s.chain != nil || !hmac.Equal(s.mac, s.sign(v.q)) {
			v.bad(v.tree.size+1+int64(i), "an entry that waits to be sealed was altered or inserted")
		}
	}
	return err
}
