// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"errors"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/links"
	"fera/internal/queue"
)

// leaseLasts is how long a process that died keeps others from going on with its work.
const leaseLasts = 30 * time.Second

// worker does the work of one batch in the background.
type worker struct {
	d      *db.DB
	finder *links.Finder
	b      Batch
	who    access.Actor
	holder string
}

// errLost says that another process does the work by now.
var errLost = errors.New("the work is another's")

// Work does the work of the batch that has waited longest, if there is one that
// nobody works on, and reports whether there was. It may be stopped and killed at
// any time: whoever calls it next goes on where it stood. The finder compares
// people with those in the register.
func Work(ctx context.Context, d *db.DB, f *links.Finder, holder string) (worked bool, err error) {
	var waiting []Batch
	err = d.Read(ctx, func(q db.Reader) (err error) {
		rows, err := q.Query(ctx, `SELECT `+columns+` FROM imports WHERE state IN ('checking', 'entering', 'undoing') AND failure = '' ORDER BY changed_at LIMIT 10`)
		waiting, err = db.Collect(rows, err, scan)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, b := range waiting {
		if worked, err := WorkOn(ctx, d, f, Task{holder, b.ID}); worked || err != nil {
			return worked, err
		}
	}
	return false, nil
}

// Task is the work of one batch, and who does it.
type Task struct {
	Holder string // which process
	Batch  ID
}

// WorkOn does the work of one batch, unless another process does.
func WorkOn(ctx context.Context, d *db.DB, f *links.Finder, t Task) (worked bool, err error) {
	held, err := queue.Lease(ctx, d, keyOf(t.Batch), t.Holder, leaseLasts)
	if err != nil || !held {
		return false, err
	}
	w := &worker{d: d, finder: f, b: Batch{ID: t.Batch}, holder: t.Holder}
	err = w.work(ctx)
	if errors.Is(err, errLost) {
		err = nil
	}
	return true, errors.Join(err, queue.Release(context.WithoutCancel(ctx), d, keyOf(t.Batch), t.Holder))
}

// work does what the state of the batch asks for. What can be told to a person
// is, on the page of the batch, and waits for her.
func (w *worker) work(ctx context.Context) error {
	if err := w.fresh(ctx); err != nil {
		return err
	}
	err := w.actor(ctx)
	if err == nil {
		switch w.b.State {
		case Checking:
			err = w.check(ctx)
		case Entering:
			err = w.enter(ctx)
		case Undoing:
			err = w.undo(ctx)
		}
	}
	f := fault.Of(err)
	switch {
	case f == nil || f.Kind == fault.Internal:
		return err
	case f.Key == "import.changed_meanwhile":
		return errLost
	}
	if err := w.fresh(ctx); err != nil { // what the failed piece would have changed did not happen
		return err
	}
	w.b.Failure = &fault.Error{Kind: f.Kind, Key: f.Key, Args: f.Args}
	err = w.upkeep(ctx, func(tx *db.Tx) error { return w.b.tell(ctx, tx, "notice.import_stopped") })
	if fault.KindOf(err) == fault.Conflict {
		return errLost
	}
	return err
}

// fresh reads the batch again, now that nobody else works on it.
func (w *worker) fresh(ctx context.Context) error {
	return w.d.Read(ctx, func(q db.Reader) (err error) {
		w.b, err = scan(q.QueryRow(ctx, `SELECT `+columns+` FROM imports WHERE id = ?`, string(w.b.ID)))
		return err
	})
}

// actor finds out who had the work begun, with the rights that she holds by now,
// at the office to which the people will belong.
func (w *worker) actor(ctx context.Context) error {
	err := w.d.Read(ctx, func(q db.Reader) (err error) {
		w.who, err = actorOf(ctx, q, w.b.User)
		return err
	})
	w.who.Office, w.who.Organisation = w.b.Office, w.b.Organisation
	if err != nil {
		return err
	}
	for _, perm := range []access.Permission{access.ImportPersons, access.RegisterPerson} {
		if !w.who.Covers(perm, access.AtOffice(w.b.Office), access.OfOrganisation(w.b.Organisation)) {
			return fault.New(fault.Forbidden, "import.no_right_any_more")
		}
	}
	return nil
}

func actorOf(ctx context.Context, q db.Reader, user string) (access.Actor, error) {
	system := access.System(access.Permissions()...)
	if user == system.ID { // whoever sits at the terminal of the server
		system.Name = "terminal"
		return system, nil
	}
	u, err := accounts.FindUser(ctx, q, access.System(access.ReadUsers), user)
	if fault.KindOf(err) == fault.NotFound || err == nil && u.Disabled {
		return access.Actor{}, fault.New(fault.Forbidden, "import.no_right_any_more")
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

// snapshot reads from a view of its own each time.
func (w *worker) snapshot(ctx context.Context) reading {
	return func(do func(db.Reader) error) error { return w.d.Read(ctx, do) }
}

// upkeep does something that is no act upon a person, moves the batch on, and
// keeps the work.
func (w *worker) upkeep(ctx context.Context, do func(tx *db.Tx) error) error {
	return w.move(ctx, w.d.Maintain, do)
}

// move does something in a transaction and moves the batch on with it, so that
// both happen or neither.
func (w *worker) move(ctx context.Context, in func(context.Context, func(*db.Tx) error) error, do func(tx *db.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var moved Batch
	err := in(ctx, func(tx *db.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		moved = w.b // the transaction may run again
		return moved.step(ctx, tx)
	})
	if err != nil {
		return err
	}
	w.b = moved
	return w.hold(ctx)
}

// hold makes the lease longer, unless another process has it by now.
func (w *worker) hold(ctx context.Context) error {
	held, err := queue.Lease(ctx, w.d, keyOf(w.b.ID), w.holder, leaseLasts)
	if err == nil && !held {
		return errLost
	}
	return err
}

// tell tells who had the work begun what came of it.
func (b Batch) tell(ctx context.Context, tx *db.Tx, key string) error {
	if b.User == access.System().ID {
		return nil // whoever sits at the terminal sees it
	}
	return accounts.Tell(ctx, tx, []string{b.User}, key, "import:"+string(b.ID))
}

// keptFor is how long a file and its rows with errors are kept when nothing happens.
const keptFor = 30 * 24 * time.Hour

// Sweep forgets the files, and the rows with errors, of batches that nobody has
// touched for a month.
func Sweep(ctx context.Context, d *db.DB) error {
	return d.Maintain(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id FROM imports WHERE emptied_at IS NULL AND changed_at < ? ORDER BY changed_at LIMIT 20`, tx.Now().Add(-keptFor))
		old, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id ID, err error) {
			err = row.Scan(&id)
			return id, err
		})
		for _, id := range old {
			if err := forget(ctx, tx, id, true); err != nil {
				return err
			}
		}
		return err
	})
}
