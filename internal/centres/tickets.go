// SPDX-License-Identifier: Apache-2.0

package centres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/operations"
	"fera/internal/persons"
)

// Ticket is somebody's place in the queue of a day. It has no name.
type Ticket struct {
	ID        string    `json:"-"`
	Office    string    `json:"office"`
	Day       string    `json:"day"`
	Letter    string    `json:"letter"`
	Number    int       `json:"number"`
	Need      string    `json:"need"`
	Language  string    `json:"language"`
	Women     bool      `json:"women"` // wants to be served by a woman
	First     bool      `json:"first"` // goes first; why is not kept
	State     State     `json:"state"`
	Only      string    `json:"only,omitempty"`    // the one counter it was sent on to
	Counter   string    `json:"counter,omitempty"` // where it was called last
	Calls     int       `json:"calls"`
	ArrivedAt time.Time `json:"arrived_at"` // its place, which never changes
	CalledAt  time.Time `json:"-"`
	BegunAt   time.Time `json:"-"`
	EndedAt   time.Time `json:"-"`
	Version   int       `json:"-"`
}

// Code is the number as it is printed and shown, such as "A-014".
func (t Ticket) Code() string { return fmt.Sprintf("%s-%03d", t.Letter, t.Number) }

func (t Ticket) subject() string { return "ticket:" + t.ID }

// Drawing is what is asked of somebody who comes.
type Drawing struct {
	Operation string // id of the act, minted by who asks; see package operations
	Office    string
	Need      string
	Language  string // Bangla when empty
	Women     bool
	First     bool
	Person    persons.ID // whose ticket it is, if that is to be said
	Case      cases.ID   // and for which case of hers
}

// Draw gives somebody who came a place in the queue of today. It needs a counter that serves her as she wants to be served.
func Draw(ctx context.Context, tx *db.Tx, who access.Actor, d Drawing) (Ticket, error) {
	c, err := serving(ctx, tx, who, d.Office)
	if err != nil {
		return Ticket{}, err
	}
	if c.Version == 0 {
		return Ticket{}, notFound()
	}
	t := Ticket{ID: ids.Beside(d.Office, tx.Now()), Office: d.Office, Day: dates.Of(tx.Now()).String(), Need: d.Need, Language: d.Language, Women: d.Women, First: d.First,
		State: Waiting, ArrivedAt: tx.Now(), Version: 1}
	if t.Language == "" {
		t.Language = "bn"
	}
	if earlier, err := t.before(ctx, tx, who, d); err != nil || earlier.ID != "" {
		return earlier, err
	}
	if err := t.place(ctx, tx); err != nil {
		return Ticket{}, err
	}
	if err := insertTicket(ctx, tx, t); err != nil {
		return Ticket{}, fmt.Errorf("draw ticket: %w", err)
	}
	if err := audit.Record(ctx, tx, who, access.ServeQueue, audit.Entry{Subject: t.subject(), After: t}); err != nil {
		return Ticket{}, err
	}
	if d.Person != "" {
		err = tie(ctx, tx, who, t, Tie{Ticket: t.ID, Person: d.Person, Case: d.Case})
	}
	return t, err
}

// before is the ticket that the same act drew already, if it did.
func (t Ticket) before(ctx context.Context, tx *db.Tx, who access.Actor, d Drawing) (Ticket, error) {
	content, err := json.Marshal(d)
	if err != nil {
		return Ticket{}, err
	}
	earlier, err := operations.Once(ctx, tx, who, d.Operation, t.ID, content)
	if err != nil || earlier == "" {
		return Ticket{}, err
	}
	tx.Recorded() // the trail has the act already
	return findTicket(ctx, tx, d.Office, earlier)
}

// place gives a ticket the letter of the first counter that serves it, and the next number.
func (t *Ticket) place(ctx context.Context, tx *db.Tx) error {
	if _, known := listing.NeedOf(t.Need); !known {
		return fault.New(fault.Invalid, "fault.needed").On("need")
	}
	if !slices.Contains(listing.Spoken(), t.Language) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("language")
	}
	all, err := counters(ctx, tx, t.Office)
	if err != nil {
		return err
	}
	if f := t.lacks(all); f != nil {
		return f
	}
	t.Letter = all[slices.IndexFunc(all, func(c Counter) bool { return c.Serves(*t) })].Letter
	err = tx.QueryRow(ctx, `SELECT COALESCE(max(number), 0) + 1 FROM centre_tickets WHERE office_id = ? AND day = ? AND letter = ?`, t.Office, t.Day, t.Letter).Scan(&t.Number)
	if err != nil {
		return fmt.Errorf("draw ticket: %w", err)
	}
	return nil
}

// lacks says why no counter serves a ticket, or nothing when one does.
func (t Ticket) lacks(all []Counter) *fault.Error {
	any := func(is func(Counter) bool) bool { return slices.ContainsFunc(all, is) }
	switch {
	case any(func(c Counter) bool { return c.Serves(t) }):
		return nil
	case len(all) == 0:
		return fault.New(fault.Conflict, "centre.no_counters").On("need")
	case !any(func(c Counter) bool { return c.Meets(t.Need) }):
		return fault.New(fault.Invalid, "centre.need_unmet").On("need")
	case t.Women && !any(func(c Counter) bool { return c.Meets(t.Need) && c.Women }):
		return fault.New(fault.Invalid, "centre.no_women").On("women")
	}
	return fault.New(fault.Invalid, "centre.not_spoken").On("language")
}

// serving finds a centre for an act of those who work there, and lets the transaction commit.
func serving(ctx context.Context, tx *db.Tx, who access.Actor, office string) (Centre, error) {
	c, err := Find(ctx, tx, who, office)
	if err != nil {
		return c, err
	}
	if c.MayServe {
		scopes, err := offices.Scopes(ctx, tx, office)
		if err != nil {
			return c, err
		}
		return c, access.Check(tx, who, access.ServeQueue, scopes...)
	}
	guest, err := c.guest(ctx, tx, who)
	if err != nil {
		return c, err
	}
	if !guest {
		return c, fault.New(fault.Forbidden, "access.not_allowed")
	}
	return c, access.Check(tx, who, access.ServeQueue, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation))
}

const ticketColumns = `t.id, t.office_id, t.day, t.letter, t.number, t.need, t.language, t.women, t.goes_first, t.state, t.only_id, t.counter_id, t.calls, t.arrived_at, t.called_at, t.begun_at, t.ended_at, t.version`

func scanTicket(row interface{ Scan(...any) error }) (t Ticket, err error) {
	err = row.Scan(&t.ID, &t.Office, &t.Day, &t.Letter, &t.Number, &t.Need, &t.Language, &t.Women, &t.First, &t.State, &t.Only, &t.Counter, &t.Calls, db.Time(&t.ArrivedAt),
		db.NullTime(&t.CalledAt), db.NullTime(&t.BegunAt), db.NullTime(&t.EndedAt), &t.Version)
	return t, err
}

func insertTicket(ctx context.Context, tx *db.Tx, t Ticket) error {
	_, err := tx.Exec(ctx, `INSERT INTO centre_tickets (id, office_id, day, letter, number, need, language, women, goes_first, state, only_id, counter_id, calls, arrived_at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 0, ?, 1)`,
		t.ID, t.Office, t.Day, t.Letter, t.Number, t.Need, t.Language, t.Women, t.First, string(t.State), t.ArrivedAt)
	return err
}

// findTicket is a ticket of a centre, whoever asks.
func findTicket(ctx context.Context, q db.Reader, office, id string) (Ticket, error) {
	t, err := scanTicket(q.QueryRow(ctx, `SELECT `+ticketColumns+` FROM centre_tickets t WHERE t.id = ? AND t.office_id = ?`, id, office))
	if errors.Is(err, sql.ErrNoRows) {
		return Ticket{}, fault.New(fault.NotFound, "centre.ticket_not_found")
	}
	if err != nil {
		return Ticket{}, fmt.Errorf("find ticket: %w", err)
	}
	return t, nil
}

// FindTicket returns a ticket of a centre that who works at.
func FindTicket(ctx context.Context, q db.Reader, who access.Actor, office, id string) (Ticket, error) {
	if _, err := Find(ctx, q, who, office); err != nil {
		return Ticket{}, err
	}
	return findTicket(ctx, q, office, id)
}

// Queue returns who came to a centre today: those who wait in the order of their turn, then those who are called or at a desk, then
// those whose visit is over, the latest first.
func Queue(ctx context.Context, q db.Reader, who access.Actor, office string) ([]Ticket, error) {
	if _, err := Find(ctx, q, who, office); err != nil {
		return nil, err
	}
	return today(ctx, q, office)
}

func today(ctx context.Context, q db.Reader, office string) ([]Ticket, error) {
	rows, err := q.Query(ctx, `SELECT `+ticketColumns+` FROM centre_tickets t WHERE t.office_id = ? AND t.day = ? ORDER BY t.id`, office, dates.Of(q.Now()).String())
	all, err := db.Collect(rows, err, scanTicket)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	group := func(t Ticket) int {
		switch {
		case t.State == Waiting:
			return 0
		case !t.State.Over():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b Ticket) int {
		if d := group(a) - group(b); d != 0 {
			return d
		}
		switch group(a) {
		case 0:
			return earlier(a, b)
		case 1:
			return strings.Compare(a.Counter, b.Counter)
		}
		return b.EndedAt.Compare(a.EndedAt)
	})
	return all, nil
}

// active is who is called to a counter or sits there; sql.ErrNoRows when nobody is.
func active(ctx context.Context, q db.Reader, counter string) (Ticket, error) {
	return scanTicket(q.QueryRow(ctx, `SELECT `+ticketColumns+` FROM centre_tickets t WHERE t.counter_id = ? AND t.state IN ('called', 'desk')`, counter))
}
