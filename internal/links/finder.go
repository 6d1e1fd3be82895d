// SPDX-License-Identifier: Apache-2.0

package links

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/matching/index"
	"fera/internal/matching/model"
)

// Finder holds the register in memory as it is compared, and keeps it up to date
// from the trail: whatever was committed before a question is in it when the
// question is answered, whichever server did it. It is made when it is first
// asked, and can be lost at any time.
type Finder struct {
	d *db.DB

	making sync.Mutex // held while the index is made
	mu     sync.Mutex // guards what follows
	index  *index.Index
	upTo   int64           // position in the trail up to which the index is up to date
	ahead  map[string]bool // entries that are in the index, and had no position yet
}

// NewFinder makes a finder of a register. It reads nothing yet.
func NewFinder(d *db.DB) *Finder { return &Finder{d: d} }

// making is the message while the register is being read.
const making = "link.making"

// errMaking says that the register is being read.
func errMaking() error { return fault.New(fault.Conflict, making) }

// Make reads the register, if that was not done yet. It takes some ten seconds
// for a million records.
func (f *Finder) Make(ctx context.Context) error {
	f.making.Lock()
	defer f.making.Unlock()
	f.mu.Lock()
	made := f.index != nil
	f.mu.Unlock()
	if made {
		return nil
	}
	return f.d.Read(ctx, func(q db.Reader) error {
		m, err := modelOf(ctx, q)
		if err != nil {
			return err
		}
		var count int
		if err := q.QueryRow(ctx, `SELECT count(*) FROM persons WHERE erased_at IS NULL AND `+access.Real("id")).Scan(&count); err != nil {
			return err
		}
		upTo, ahead, err := trailAt(ctx, q)
		if err != nil {
			return err
		}
		var failed error
		x, err := index.Build(all(ctx, q, &failed), count, m)
		if err := errors.Join(failed, err); err != nil {
			return fmt.Errorf("read the register to compare it: %w", err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.index, f.upTo, f.ahead = x, upTo, ahead
		return nil
	})
}

// patience is how long a question waits for the register to be read.
const patience = 2 * time.Second

// begin makes the index if there is none, for as long as a question can wait; in
// a large register it goes on behind it.
func (f *Finder) begin(ctx context.Context) error {
	if f.Ready() {
		return nil
	}
	made := make(chan error, 1)
	go func() { made <- f.Make(context.WithoutCancel(ctx)) }()
	select {
	case err := <-made:
		return err
	case <-time.After(patience):
		return errMaking()
	}
}

// fresh brings the index up to date, if the register can be read soon enough.
// Who only wants to say why does without otherwise.
func (f *Finder) fresh(ctx context.Context) error {
	err := f.begin(ctx)
	if err == nil {
		err = f.d.Read(ctx, func(q db.Reader) error { _, err := f.catchUp(ctx, q); return err })
	}
	if told := fault.Of(err); told != nil && told.Key == making {
		return nil
	}
	return err
}

// all reads what is compared of every record, the oldest first, some ahead of
// who takes them. Nothing is read any more when it ends.
func all(ctx context.Context, q db.Reader, failed *error) iter.Seq[*index.Record] {
	return func(yield func(*index.Record) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		parts := make(chan []*index.Record, 2)
		var wrong error
		go func() {
			defer close(parts)
			wrong = sliced(ctx, q, parts)
		}()
		for some := range parts {
			for _, r := range some {
				if !yield(r) {
					stop()
					for range parts { // until it has seen that it should stop
					}
					return
				}
			}
		}
		*failed = wrong
	}
}

// sliced hands on what is compared of all records, some at a time.
func sliced(ctx context.Context, q db.Reader, to chan<- []*index.Record) error {
	for last := ""; ; {
		var next *string
		err := q.QueryRow(ctx, `SELECT max(id) FROM (SELECT id FROM persons WHERE id > ? ORDER BY id LIMIT ?) AS few`, last, slice).Scan(&next)
		if err != nil || next == nil {
			return err
		}
		some, err := features(ctx, q, part{"%s > ? AND %[1]s <= ?", []any{last, *next}})
		if err != nil {
			return err
		}
		select {
		case to <- some:
		case <-ctx.Done():
			return ctx.Err()
		}
		last = *next
	}
}

// modelOf is the model that was learned from this register, or the one to begin with.
func modelOf(ctx context.Context, q db.Reader) (*model.Model, error) {
	m, err := markOf(ctx, q, modelMark)
	if err != nil || m.text == "" {
		fallback, wrong := index.Default()
		return fallback, errors.Join(err, wrong)
	}
	learned, err := model.Read(strings.NewReader(m.text))
	if err == nil && index.Fits(learned) != nil { // by an earlier version, with fewer fields
		return index.Default()
	}
	return learned, err
}

// trailAt is how long the trail is, and which entries have no position yet.
func trailAt(ctx context.Context, q db.Reader) (upTo int64, ahead map[string]bool, err error) {
	if err := q.QueryRow(ctx, `SELECT COALESCE(max(position), 0) FROM audit_entries WHERE position IS NOT NULL`).Scan(&upTo); err != nil {
		return 0, nil, err
	}
	ahead = map[string]bool{}
	rows, err := q.Query(ctx, `SELECT id FROM audit_entries WHERE position IS NULL`)
	ids, err := db.Collect(rows, err, oneString)
	for _, id := range ids {
		ahead[id] = true
	}
	return upTo, ahead, err
}

func oneString(row interface{ Scan(...any) error }) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

// entry is one of the trail that may change what is compared.
type entry struct {
	id, record string
	act        access.Permission
	position   int64
}

// comparedActs are those after which something else is compared of a person.
func comparedActs() []access.Permission {
	return []access.Permission{access.RegisterPerson, access.ChangePerson, access.ErasePerson, access.WithdrawPerson, access.ImportPersons}
}

// changesSince reads the entries after a position of acts that change what is
// compared, the sealed ones in order and then those that wait to be.
func changesSince(ctx context.Context, q db.Reader, upTo int64, most int) (all []entry, reached int64, err error) {
	// Which acts and whether they are about a person is asked here and not in the
	// text: the engine would take another index for it, and read the whole trail.
	scan := func(row interface{ Scan(...any) error }) (e entry, err error) {
		err = row.Scan(&e.id, &e.record, &e.act, &e.position)
		return e, err
	}
	if err = q.QueryRow(ctx, `SELECT COALESCE(max(position), 0) FROM audit_entries WHERE position IS NOT NULL`).Scan(&reached); err != nil {
		return nil, 0, err
	}
	reached = min(reached, upTo+int64(most))
	rows, err := q.Query(ctx, `SELECT id, COALESCE(person_id, ''), act, position FROM audit_entries WHERE position > ? AND position <= ? ORDER BY position`, upTo, reached)
	if all, err = db.Collect(rows, err, scan); err != nil {
		return nil, 0, err
	}
	rows, err = q.Query(ctx, `SELECT id, COALESCE(person_id, ''), act, 0 FROM audit_entries WHERE position IS NULL`)
	waiting, err := db.Collect(rows, err, scan)
	all = slices.DeleteFunc(append(all, waiting...), func(e entry) bool { return e.record == "" || !slices.Contains(comparedActs(), e.act) })
	return all, reached, err
}

// catchUp brings the index up to date with what q sees.
func (f *Finder) catchUp(ctx context.Context, q db.Reader) (*index.Index, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.index == nil {
		return nil, errMaking()
	}
	for {
		entries, reached, err := changesSince(ctx, q, f.upTo, 10*slice)
		if err != nil {
			return nil, fmt.Errorf("follow the trail: %w", err)
		}
		if err := f.take(ctx, q, entries); err != nil {
			return nil, err
		}
		if reached <= f.upTo || reached-f.upTo < 10*slice {
			f.upTo = max(f.upTo, reached)
			break
		}
		f.upTo = reached
	}
	if f.index.Stale() {
		go f.index.Compact()
	}
	return f.index, nil
}

// take reads anew the records that entries name.
func (f *Finder) take(ctx context.Context, q db.Reader, entries []entry) error {
	wanted := map[string]bool{}
	for _, e := range entries {
		switch {
		case e.position > 0 && f.ahead[e.id]:
			delete(f.ahead, e.id) // it has its position now
		case !f.ahead[e.id]:
			wanted[e.record] = true
		}
	}
	var ids []string
	for id := range wanted {
		ids = append(ids, id)
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), 500)]
		ids = ids[len(some):]
		if err := f.read(ctx, q, some); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if e.position == 0 {
			f.ahead[e.id] = true
		}
	}
	return nil
}

func (f *Finder) read(ctx context.Context, q db.Reader, ids []string) error {
	records, err := features(ctx, q, oneOf(ids))
	if err != nil {
		return err
	}
	there := map[index.ID]bool{}
	for _, r := range records {
		f.index.Add(r)
		there[r.ID] = true
	}
	for _, text := range ids {
		if id, err := idOf(text); err == nil && !there[id] {
			f.index.Remove(id) // erased
		}
	}
	return nil
}

// Ready reports whether the register is in memory.
func (f *Finder) Ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.index != nil
}

// Rest forgets the register until it is asked for again, and frees its memory.
func (f *Finder) Rest() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.index, f.ahead = nil, nil
}

// mark is how far work over the whole register has come, and what it works with.
type mark struct {
	at   int64
	text string
}

// The names of marks.
const (
	modelMark = "model"
	roundMark = "round"
	runMark   = "run"
)

func markOf(ctx context.Context, q db.Reader, name string) (mark, error) {
	rows, err := q.Query(ctx, `SELECT at, text FROM link_marks WHERE name = ?`, name)
	found, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (m mark, err error) {
		err = row.Scan(&m.at, &m.text)
		return m, err
	})
	if err != nil || len(found) == 0 {
		return mark{}, err
	}
	return found[0], nil
}

func setMark(ctx context.Context, tx *db.Tx, name string, m mark) error {
	_, err := tx.Exec(ctx, `INSERT INTO link_marks (name, at, text) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at, text = EXCLUDED.text`, name, m.at, m.text)
	return err
}
