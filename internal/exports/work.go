// SPDX-License-Identifier: Apache-2.0

package exports

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/exports/rows"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/queue"
	"fera/internal/seal"
	"fera/internal/words"
)

// leaseLasts is how long a process that died keeps others from going on with its work.
const leaseLasts = 30 * time.Second

// errLost says that another process does the work by now, or that it was given up.
var errLost = errors.New("the work is another's")

// worker makes one file.
type worker struct {
	d      *db.DB
	e      Export
	who    access.Actor
	holder string
	held   time.Time // when the lease was taken
	saved  time.Time // when it was last said how far the work is
}

// Work makes the file that has waited longest, if there is one that nobody makes, and reports whether there was. It may be stopped and killed at any time: whoever
// calls it next begins that file anew, and after some attempts says that it was cut off.
func Work(ctx context.Context, d *db.DB, holder string) (worked bool, err error) {
	var waiting []Export
	err = d.Read(ctx, func(q db.Reader) (err error) {
		found, err := q.Query(ctx, `SELECT `+all+` FROM exports WHERE state IN ('waiting', 'making') ORDER BY changed_at LIMIT 10`)
		waiting, err = db.Collect(found, err, scan)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, e := range waiting {
		held, err := queue.Lease(ctx, d, e.subject(), holder, leaseLasts)
		if err != nil {
			return false, err
		}
		if !held {
			continue
		}
		w := &worker{d: d, e: e, holder: holder, held: d.Now()}
		err = w.work(ctx)
		if errors.Is(err, errLost) {
			err = nil
		}
		return true, errors.Join(err, queue.Release(context.WithoutCancel(ctx), d, e.subject(), holder))
	}
	return false, nil
}

// work makes the file. What can be told to a person is told her.
func (w *worker) work(ctx context.Context) error {
	err := w.begin(ctx)
	if err == nil {
		err = w.make(ctx)
	}
	f := fault.Of(err)
	switch {
	case errors.Is(err, seal.ErrErased): // the file was given up
		return errLost
	case err == nil || f == nil || f.Kind == fault.Internal:
		return err
	case f.Key == "export.changed_meanwhile":
		return errLost
	}
	return w.move(ctx, func(tx *db.Tx, e *Export) error {
		if err := forget(ctx, tx, *e); err != nil {
			return err
		}
		e.State, e.Failure, e.Size = Failed, f, 0
		return e.tell(ctx, tx, "notice.export_failed")
	})
}

// begin finds out who asked, with the rights that she holds by now, and forgets what an earlier attempt left.
func (w *worker) begin(ctx context.Context) error {
	if w.e.attempts >= mostAttempt {
		return fault.New(fault.Conflict, "export.cut_off")
	}
	if err := w.d.Read(ctx, func(q db.Reader) (err error) {
		w.who, err = actorOf(ctx, q, w.e.User)
		return err
	}); err != nil {
		return err
	}
	if !w.who.Covers(access.MakeExport, w.e.scopes()...) {
		return fault.New(fault.Forbidden, "export.no_right_any_more")
	}
	if class, f := w.e.Order.Check(w.who); f != nil || class > w.e.Class || class >= 2 && w.e.DecidedBy == "" {
		return fault.New(fault.Forbidden, "export.no_right_any_more")
	}
	return w.move(ctx, func(tx *db.Tx, e *Export) error {
		if err := forget(ctx, tx, *e); err != nil {
			return err
		}
		e.State, e.Done, e.Size = Making, 0, 0
		e.attempts++
		return seal.NewKey(ctx, tx, e.Organisation, e.key())
	})
}

// actorOf is a user with the rights that she holds now.
func actorOf(ctx context.Context, q db.Reader, user string) (access.Actor, error) {
	u, err := accounts.FindUser(ctx, q, access.System(access.ReadUsers), user)
	if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && u.Disabled {
		return access.Actor{}, fault.New(fault.Forbidden, "export.no_right_any_more")
	}
	if err != nil {
		return access.Actor{}, err
	}
	a := access.Actor{ID: u.ID, Name: u.Name, Office: u.Office, Organisation: u.Organisation}
	held, err := accounts.Roles(ctx, q, u.ID)
	for _, h := range held {
		a.Grant(h.Role, h.Scope)
	}
	return a, err
}

// make reads the rows and keeps the file.
func (w *worker) make(ctx context.Context) error {
	s := &store{keep: func(n int, piece []byte) error {
		return w.move(ctx, func(tx *db.Tx, e *Export) error {
			sealed, err := seal.Seal(ctx, tx, e.key(), chunkPlace(n), piece)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO export_chunks (export_id, n, sealed) VALUES (?, ?, ?)`, string(e.ID), n, sealed)
			return err
		})
	}}
	m := maker{d: w.d, who: w.who, order: w.e.Order, class: w.e.Class, leaves: w.leaves, told: func(done int) error {
		w.e.Done = done
		if w.d.Now().Sub(w.saved) < time.Second {
			return w.stillMine(ctx)
		}
		return w.move(ctx, func(*db.Tx, *Export) error { return nil })
	}}
	if err := m.write(ctx, s); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	return w.move(ctx, func(tx *db.Tx, e *Export) error {
		e.State, e.Size, e.EndsAt = Ready, s.size, tx.Now().Add(KeptFor)
		return e.tell(ctx, tx, "notice.export_ready")
	})
}

// leaves enters in the trail of each of some that what says who she is leaves in this file.
func (w *worker) leaves(ctx context.Context, tx *db.Tx, of []rows.Row) error {
	if err := access.Check(tx, w.who, access.MakeExport, w.e.scopes()...); err != nil {
		return err
	}
	var named []string
	set, _ := columns.Find(w.e.Order.Set)
	for _, c := range set.Chosen(w.e.Order.Columns) {
		if c.Class >= 2 {
			named = append(named, c.Code)
		}
	}
	if len(named) == 0 {
		named = []string{"filter"} // what was asked for says it of every row
	}
	seen := map[persons.ID]bool{}
	for _, r := range of {
		if r.Person == "" || seen[r.Person] {
			continue
		}
		seen[r.Person] = true
		if err := audit.Record(ctx, tx, w.who, access.MakeExport, audit.Entry{Subject: w.e.subject(), Person: string(r.Person), Named: named}); err != nil {
			return err
		}
	}
	if len(seen) == 0 {
		tx.Recorded() // nobody is in these rows
	}
	return nil
}

// move does something in a transaction and moves the export on with it.
func (w *worker) move(ctx context.Context, do func(tx *db.Tx, e *Export) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var moved Export
	if err := w.d.Maintain(ctx, func(tx *db.Tx) error {
		moved = w.e // the transaction may run again
		if err := do(tx, &moved); err != nil {
			return err
		}
		return moved.step(ctx, tx)
	}); err != nil {
		return err
	}
	w.e, w.saved = moved, w.d.Now()
	return w.stillMine(ctx)
}

// stillMine makes the lease longer when some of it is over, unless another process has it by now.
func (w *worker) stillMine(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.d.Now().Sub(w.held) < leaseLasts/3 {
		return nil
	}
	held, err := queue.Lease(ctx, w.d, w.e.subject(), w.holder, leaseLasts)
	if err == nil && !held {
		return errLost
	}
	w.held = w.d.Now()
	return err
}

// tell tells who asked what became of it.
func (e Export) tell(ctx context.Context, tx *db.Tx, key string) error {
	return accounts.Tell(ctx, tx, []string{e.User}, key, e.subject())
}

// Sweep destroys the files whose end has come.
func Sweep(ctx context.Context, d *db.DB) error {
	return d.Maintain(ctx, func(tx *db.Tx) error {
		found, err := tx.Query(ctx, `SELECT `+all+` FROM exports WHERE state = 'ready' AND ends_at <= ? ORDER BY ends_at LIMIT 20`, tx.Now())
		over, err := db.Collect(found, err, scan)
		for _, e := range over {
			if err := forget(ctx, tx, e); err != nil {
				return err
			}
			e.State, e.Size = Ended, 0
			if err := e.step(ctx, tx); err != nil {
				return err
			}
		}
		return err
	})
}

// maker writes the rows of an order.
type maker struct {
	d      *db.DB
	who    access.Actor
	order  Order
	class  int
	leaves func(context.Context, *db.Tx, []rows.Row) error // enters that class 2 leaves
	told   func(done int) error
}

// write writes the file.
func (m maker) write(ctx context.Context, to io.Writer) error {
	set, _ := columns.Find(m.order.Set)
	lang, _ := words.ParseLang(m.order.Lang)
	title := words.In(lang).T("export.set." + set.Code)
	shape := formats.Shape{Format: m.order.Format, Title: title, Columns: set.Chosen(m.order.Columns), Lang: m.order.Lang, Tags: m.order.Tags}
	out, err := shape.New(to)
	if err != nil {
		return err
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	reader, err := rows.New(m.who, rows.Ask{Set: set, Filter: m.order.Filter, Lang: lang, Class: columns.ClassOf(shape.Columns), Sign: func(id string) string { return sign(secret, id) }})
	if err != nil {
		return err
	}
	done, cursor := 0, ""
	values := make([]string, len(shape.Columns))
	for {
		p, err := m.page(ctx, reader, cursor)
		if err != nil {
			return err
		}
		for _, r := range p.Rows {
			for i, c := range shape.Columns {
				values[i] = r.Values[c.Code]
			}
			if err := out.Write(values); err != nil {
				return err
			}
		}
		done += len(p.Rows)
		if err := m.told(done); err != nil {
			return err
		}
		if p.Next == "" {
			return out.Close()
		}
		cursor = p.Next
	}
}

// page reads one page in a short read; where class 2 leaves, in a transaction that enters it in the trail.
func (m maker) page(ctx context.Context, r *rows.Reader, cursor string) (p rows.Page, err error) {
	if m.class < 2 {
		err = m.d.Read(ctx, func(q db.Reader) (err error) {
			p, err = r.Page(ctx, q, cursor)
			return err
		})
		return p, err
	}
	err = m.d.Write(ctx, func(tx *db.Tx) (err error) {
		if p, err = r.Page(ctx, tx, cursor); err != nil {
			return err
		}
		if err := r.Numbers(ctx, tx, p.Rows); err != nil {
			return err
		}
		return m.leaves(ctx, tx, p.Rows)
	})
	return p, err
}

// sign makes the sign of an identifier in one file.
func sign(secret []byte, id string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)))[:16]
}

// Direct writes a file of class 1 for whoever sits at the terminal of the server, and enters that in the trail. What says who somebody is leaves only by Ask and Decide.
func Direct(ctx context.Context, d *db.DB, who access.Actor, o Order, to io.Writer) (done int, err error) {
	class, f := o.Check(who)
	if f != nil {
		return 0, f
	}
	if class >= 2 {
		return 0, fault.New(fault.Forbidden, "export.approval_needed")
	}
	m := maker{d: d, who: who, order: o, class: class, told: func(n int) error { done = n; return ctx.Err() }}
	if err := m.write(ctx, to); err != nil {
		return done, fmt.Errorf("write export: %w", err)
	}
	return done, d.Write(ctx, func(tx *db.Tx) error {
		if err := access.CheckAnywhere(tx, who, access.MakeExport); err != nil {
			return err
		}
		return audit.Record(ctx, tx, who, access.MakeExport, audit.Entry{Subject: "export:terminal", After: map[string]any{"set": o.Set, "columns": o.Columns, "filter": o.Filter, "rows": done}})
	})
}
