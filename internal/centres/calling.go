// SPDX-License-Identifier: Apache-2.0

package centres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
)

// Calling is that a counter is free for the next.
type Calling struct {
	Office  string
	Counter string
	Finish  bool // who sits there was served
}

// Next calls whoever's turn it is to a counter. Nobody is called to two: both engines run this as if it were alone. Where nobody
// waits for the counter it says so, and who was served there is done all the same.
func Next(ctx context.Context, tx *db.Tx, who access.Actor, c Calling) (t Ticket, found bool, err error) {
	k, err := manning(ctx, tx, who, c.Office, c.Counter)
	if err != nil {
		return Ticket{}, false, err
	}
	if !k.ClosedAt.IsZero() {
		return Ticket{}, false, fault.New(fault.Conflict, "centre.counter_closed")
	}
	if err := k.free(ctx, tx, who, c.Finish); err != nil {
		return Ticket{}, false, err
	}
	all, err := waiting(ctx, tx, c.Office)
	if err != nil {
		return Ticket{}, false, err
	}
	if t, found = Turn(k, all); !found {
		tx.Recorded() // nobody waits: nothing was done, but for what free entered
		return Ticket{}, false, nil
	}
	t.State, t.Counter, t.CalledAt, t.Calls = Called, k.ID, tx.Now(), t.Calls+1
	return t, true, t.keep(ctx, tx, who, "call")
}

// free makes a counter free: who sits there was served, if that is what is said.
func (c Counter) free(ctx context.Context, tx *db.Tx, who access.Actor, finish bool) error {
	t, err := active(ctx, tx, c.ID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("call next: %w", err)
	case t.Day != dates.Of(tx.Now()).String(): // nobody said yesterday how it ended
		return t.endUnsaid(ctx, tx)
	case !finish || t.State != AtDesk:
		return fault.New(fault.Conflict, "centre.counter_busy").With("code", t.Code())
	}
	t.State, t.EndedAt = Done, tx.Now()
	return t.keep(ctx, tx, who, string(Finish))
}

// manning finds a counter for an act of who serves there, and lets the transaction commit.
func manning(ctx context.Context, tx *db.Tx, who access.Actor, office, id string) (Counter, error) {
	if _, err := serving(ctx, tx, who, office); err != nil {
		return Counter{}, err
	}
	k, err := counter(ctx, tx, who, office, id)
	if err == nil && !k.MayServe {
		return k, fault.New(fault.Forbidden, "access.not_allowed")
	}
	return k, err
}

func waiting(ctx context.Context, q db.Reader, office string) ([]Ticket, error) {
	rows, err := q.Query(ctx, `SELECT `+ticketColumns+` FROM centre_tickets t WHERE t.office_id = ? AND t.day = ? AND t.state = 'waiting'`, office, dates.Of(q.Now()).String())
	all, err := db.Collect(rows, err, scanTicket)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	return all, nil
}

// Acting is an act on a ticket as it was when somebody decided to do it. Version 0 stands for any.
type Acting struct {
	Office  string
	Ticket  string
	Version int
	Act     Act
	To      string // of SendOn: the counter
}

// Do does an act on a ticket of today. Who serves at one counter only does it with those who were called there; what concerns who
// still waits is for all who draw tickets.
func Do(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) (Ticket, error) {
	c, err := serving(ctx, tx, who, a.Office)
	if err != nil {
		return Ticket{}, err
	}
	t, err := findTicket(ctx, tx, a.Office, a.Ticket)
	if err != nil {
		return t, err
	}
	if a.Version != 0 && a.Version != t.Version {
		return t, fault.New(fault.Conflict, "centre.ticket_changed")
	}
	if t.Day != dates.Of(tx.Now()).String() {
		return t, fault.New(fault.Conflict, "centre.other_day")
	}
	if f := t.refusal(a.Act); f != nil {
		return t, f
	}
	if t.Counter != "" && t.State != Waiting && !c.MayServe {
		if _, err := manning(ctx, tx, who, a.Office, t.Counter); err != nil {
			return t, err
		}
	}
	if err := t.do(ctx, tx, who, a); err != nil {
		return t, err
	}
	return t, t.keep(ctx, tx, who, string(a.Act))
}

// do changes a ticket as an act says.
func (t *Ticket) do(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) error {
	t.State = becomes(a.Act)
	switch a.Act {
	case Again:
		t.CalledAt, t.Calls = tx.Now(), t.Calls+1
	case Begin:
		t.BegunAt = tx.Now()
	case Finish, NoShow, GoAway:
		t.EndedAt = tx.Now()
	case SendOn:
		k, err := FindCounter(ctx, tx, who, a.Office, a.To)
		if fault.KindOf(err) == fault.NotFound || err == nil && (k.ID == t.Counter || k.ID == t.Only) {
			return fault.New(fault.Invalid, "centre.send_where").On("to")
		}
		if err != nil {
			return err
		}
		t.Only = k.ID
		t.wait()
	case PutBack:
		t.wait()
	}
	return nil
}

// wait puts a ticket among those who wait, in its place.
func (t *Ticket) wait() {
	t.Counter, t.CalledAt, t.BegunAt, t.EndedAt = "", time.Time{}, time.Time{}, time.Time{}
}

// keep writes a changed ticket and the trail. Nobody is named there.
func (t *Ticket) keep(ctx context.Context, tx *db.Tx, who access.Actor, act string) error {
	if err := t.write(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ServeQueue, audit.Entry{Subject: t.subject(), After: map[string]any{"act": act, "state": t.State, "counter": t.Counter, "only": t.Only}})
}

func (t *Ticket) write(ctx context.Context, tx *db.Tx) error {
	n, err := tx.Exec(ctx, `UPDATE centre_tickets SET state = ?, only_id = ?, counter_id = ?, calls = ?, called_at = ?, begun_at = ?, ended_at = ?, version = version + 1 WHERE id = ? AND version = ?`,
		string(t.State), t.Only, t.Counter, t.Calls, db.When(t.CalledAt), db.When(t.BegunAt), db.When(t.EndedAt), t.ID, t.Version)
	if err != nil {
		return fmt.Errorf("change ticket: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "centre.ticket_changed")
	}
	t.Version++
	return nil
}

// endUnsaid ends a ticket of a day that is over. When a visit ended is then not known, so that it counts for no waiting time.
func (t Ticket) endUnsaid(ctx context.Context, tx *db.Tx) error {
	switch t.State {
	case Called:
		t.State = Absent
	case AtDesk:
		t.State, t.BegunAt = Done, time.Time{}
	default:
		t.State = Left
	}
	t.EndedAt = tx.Now()
	return t.write(ctx, tx)
}

// atOnce is how many tickets one transaction of upkeep ends.
const atOnce = 200

// Upkeep ends what was left open on days that are over: who waited is taken to have gone away, who was called not to have come, and
// who sat at a desk to have been served. It returns how many those were.
func Upkeep(ctx context.Context, d *db.DB) (n int, err error) {
	for {
		some := 0
		if err := d.Maintain(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+ticketColumns+` FROM centre_tickets t WHERE t.state IN ('waiting', 'called', 'desk') AND t.day < ? ORDER BY t.day LIMIT ?`, dates.Of(tx.Now()).String(), atOnce)
			all, err := db.Collect(rows, err, scanTicket)
			some = len(all)
			for _, t := range all {
				if err := t.endUnsaid(ctx, tx); err != nil {
					return err
				}
			}
			return err
		}); err != nil {
			return n, fmt.Errorf("upkeep of queues: %w", err)
		}
		if n += some; some < atOnce {
			return n, nil
		}
	}
}
