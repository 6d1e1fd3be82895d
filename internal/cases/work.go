// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/seal"
)

// TakeUp puts a case that nobody has into who's hands. Only who has the person on her caseload already may do so, because
// nobody gives herself what is protected; others are given cases by a supervisor.
func TakeUp(ctx context.Context, tx *db.Tx, who access.Actor, id ID, version int) error {
	c, err := Begin(ctx, tx, who, id, Acting{Take, version})
	if err != nil {
		return err
	}
	before := c
	c.Worker, c.WorkerName, c.Status, c.clockFrom = who.ID, who.Name, Assigned, dates.Of(tx.Now()).String()
	return wrap("take case", c.keep(ctx, tx, who, change{act: Take, before: before, detail: map[string]string{"to": who.Name}}))
}

// HandingOver gives cases to a caseworker, from nobody or from another.
type HandingOver struct {
	Cases   []ID
	Version int    // of the case, when it is one; 0 stands for any
	To      string // user
	Office  string // to which the cases move, within the organisation; where they are when empty
	Why     string
}

// mostHandedOver is how many cases change hands in one act.
const mostHandedOver = 200

// HandOver gives cases to a caseworker. Her open tasks for them follow, and so does what is protected about the persons,
// which who had them before sees no longer unless she has another case of theirs. It is done for all cases or for none.
func HandOver(ctx context.Context, tx *db.Tx, who access.Actor, h HandingOver) error {
	switch n := len(h.Cases); {
	case n == 0:
		return fault.New(fault.Invalid, "fault.needed").On("cases")
	case n > mostHandedOver:
		return fault.New(fault.Invalid, "fault.too_many").With("max", mostHandedOver).On("cases")
	case n > 1:
		h.Version = 0
	}
	if f := text(&h.Why, 0, 500, "why"); f != nil {
		return f
	}
	to, err := accounts.FindUser(ctx, tx, who, h.To)
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.Invalid, "case.worker_unknown").On("to")
	}
	if err != nil {
		return err
	}
	done := map[ID]bool{}
	for _, id := range h.Cases {
		if done[id] {
			continue
		}
		done[id] = true
		if err := h.one(ctx, tx, who, id, to); err != nil {
			return err
		}
	}
	return nil
}

func (h HandingOver) one(ctx context.Context, tx *db.Tx, who access.Actor, id ID, to accounts.User) error {
	c, err := Begin(ctx, tx, who, id, Acting{Assign, h.Version})
	if err != nil {
		return err
	}
	before := c
	if err := c.move(ctx, tx, who, h.Office); err != nil {
		return err
	}
	if c.Worker == to.ID && c.Office == before.Office {
		return fault.New(fault.Conflict, "case.has_it_already").On("to")
	}
	able, err := accounts.WhoHolds(ctx, tx, access.WorkCase, access.AtOffice(c.Office), access.OfOrganisation(c.Organisation))
	if err != nil {
		return err
	}
	if !slices.Contains(able, to.ID) {
		return fault.New(fault.Invalid, "case.worker_elsewhere").On("to")
	}
	c.Worker, c.WorkerName = to.ID, to.Name
	if c.Status == Intake {
		c.Status, c.clockFrom = Assigned, dates.Of(tx.Now()).String()
	}
	if err := c.handed(ctx, tx, who, before); err != nil {
		return err
	}
	return wrap("hand over case", c.keep(ctx, tx, who, change{act: Assign, before: before, why: h.Why, detail: map[string]string{"from": before.WorkerName, "to": to.Name}}))
}

// move puts a case at another office of its organisation, whose people see the person from then on.
func (c *Case) move(ctx context.Context, tx *db.Tx, who access.Actor, office string) error {
	if office == "" || office == c.Office {
		return nil
	}
	scopes, err := offices.Scopes(ctx, tx, office)
	if err != nil || !slices.Contains(scopes, access.OfOrganisation(c.Organisation)) {
		return fault.New(fault.Invalid, "case.other_organisation").On("office")
	}
	if err := access.Check(tx, who, access.AssignCase, scopes...); err != nil {
		return err
	}
	c.Office = office
	return access.Add(ctx, tx, string(c.Person), access.AtOffice(office))
}

// handed moves what follows a case from one caseworker to another: the caseload and the open tasks.
func (c Case) handed(ctx context.Context, tx *db.Tx, who access.Actor, before Case) error {
	if before.Worker == c.Worker {
		return nil
	}
	if before.Worker != "" {
		if _, err := tx.Exec(ctx, `UPDATE case_tasks SET user_id = ? WHERE case_id = ? AND user_id = ? AND ended_at IS NULL`, c.Worker, string(c.ID), before.Worker); err != nil {
			return fmt.Errorf("hand over tasks: %w", err)
		}
		var others int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM cases WHERE person_id = ? AND worker_id = ? AND ended_at IS NULL AND id <> ?`, string(c.Person), before.Worker, string(c.ID)).Scan(&others)
		if err != nil {
			return err
		}
		if others == 0 {
			if err := persons.Assign(ctx, tx, who, persons.Assignment{Person: c.Person, User: before.Worker}); err != nil {
				return err
			}
		}
	}
	has, err := access.ScopesOf(ctx, tx, string(c.Person))
	if err != nil || slices.Contains(has, access.OnCaseload(c.Worker)) {
		return err
	}
	return persons.Assign(ctx, tx, who, persons.Assignment{Person: c.Person, User: c.Worker, On: true})
}

// Rating says how much danger there is and why. The reason is class 3: it is needed from who agreed that such things are
// written down, and refused of who did not.
type Rating struct {
	Case    ID
	Version int
	Risk    Risk
	Why     string
}

// Rate assesses a case, or assesses it anew. If the danger is high, those who give cases out are told.
func Rate(ctx context.Context, tx *db.Tx, who access.Actor, r Rating) error {
	c, err := Begin(ctx, tx, who, r.Case, Acting{Assess, r.Version})
	if err != nil {
		return err
	}
	if !slices.Contains([]Risk{Low, Medium, High, Critical}, r.Risk) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("risk")
	}
	agreed, err := c.agreed(ctx, tx, who)
	if err != nil {
		return err
	}
	least := 10
	if !agreed {
		least = 0
	}
	if f := text(&r.Why, least, 4000, "why"); f != nil {
		return f
	}
	before := c
	c.Risk = r.Risk
	if c.Status == Assigned {
		c.Status, c.clockFrom = Assessed, dates.Of(tx.Now()).String()
	}
	if r.Why != "" {
		if err := c.addNote(ctx, tx, who, Note{Protected: true, Text: r.Why, Rating: r.Risk}); err != nil {
			return err
		}
	}
	if r.Risk != before.Risk && (r.Risk == High || r.Risk == Critical) {
		told, err := accounts.WhoHolds(ctx, tx, access.AssignCase, c.scopes()...)
		if err != nil {
			return err
		}
		told = slices.DeleteFunc(told, func(user string) bool { return user == who.ID })
		if err := accounts.Tell(ctx, tx, told, "notice.case_risk", c.subject()); err != nil {
			return err
		}
	}
	return wrap("rate case", c.keep(ctx, tx, who, change{act: Assess, before: before, detail: map[string]string{"risk": string(r.Risk)}}))
}

// Advance is what the rooms above do to a case: they have begun the act with Begin, and c is what that returned.
// Agreeing on a plan makes an assessed case a planned one; starting makes it an active one.
func Advance(ctx context.Context, tx *db.Tx, who access.Actor, c Case, act Act) error {
	before, err := Find(ctx, tx, who, c.ID)
	if err != nil {
		return err
	}
	switch {
	case act == AgreePlan && c.Status == Assessed:
		c.Status, c.clockFrom = Planned, dates.Of(tx.Now()).String()
	case act == Start && c.Status == Planned:
		c.Status, c.clockFrom = Active, dates.Of(tx.Now()).String()
	}
	return wrap("carry case forward", c.keep(ctx, tx, who, change{act: act, before: before}))
}

// Begun starts carrying out a plan.
func Begun(ctx context.Context, tx *db.Tx, who access.Actor, id ID, version int) error {
	c, err := Begin(ctx, tx, who, id, Acting{Start, version})
	if err != nil {
		return err
	}
	return Advance(ctx, tx, who, c, Start)
}

// Stopping stops the clock of a case for a reason.
type Stopping struct {
	Case    ID
	Version int
	Why     string
}

// Stop lets the clock of a case stand still: she is in hospital, abroad, or waits for a court. Today does not count any more.
func Stop(ctx context.Context, tx *db.Tx, who access.Actor, s Stopping) error {
	c, err := Begin(ctx, tx, who, s.Case, Acting{Pause, s.Version})
	if err != nil {
		return err
	}
	if f := text(&s.Why, 3, 500, "why"); f != nil {
		return f
	}
	id := newID(tx)
	sealed, err := c.seal(ctx, tx, "case_pauses:"+id, told{Why: s.Why})
	if err != nil {
		return fmt.Errorf("stop clock: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO case_pauses (id, case_id, begins, ends, sealed, user_name) VALUES (?, ?, ?, '', ?, ?)`,
		id, string(c.ID), dates.Of(tx.Now()).String(), sealed, who.Name); err != nil {
		return fmt.Errorf("stop clock: %w", err)
	}
	before := c
	c.Paused = true
	return wrap("stop clock", c.keep(ctx, tx, who, change{act: Pause, before: before, why: s.Why}))
}

// GoOn lets the clock of a case run again. Today counts.
func GoOn(ctx context.Context, tx *db.Tx, who access.Actor, id ID, version int) error {
	c, err := Begin(ctx, tx, who, id, Acting{Resume, version})
	if err != nil {
		return err
	}
	before := c
	if err := c.resume(ctx, tx); err != nil {
		return err
	}
	return wrap("let clock go on", c.keep(ctx, tx, who, change{act: Resume, before: before}))
}

func (c *Case) resume(ctx context.Context, tx *db.Tx) error {
	c.Paused = false
	_, err := tx.Exec(ctx, `UPDATE case_pauses SET ends = ? WHERE case_id = ? AND ends = ''`, dates.Of(tx.Now()).String(), string(c.ID))
	return err
}

// pauses are the times during which the clock of a case stood still, with the reasons.
func (c Case) pauses(ctx context.Context, q db.Reader) (all []deadlines.Pause, err error) {
	type row struct {
		id     string
		pause  deadlines.Pause
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT id, begins, ends, sealed FROM case_pauses WHERE case_id = ? ORDER BY id`, string(c.ID))
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.id, &v.pause.From, &v.pause.Until, &v.sealed)
		return v, err
	})
	for _, r := range some {
		var t told
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: "case_pauses:" + r.id, Sealed: r.sealed}, &t); err != nil {
			return nil, err
		}
		r.pause.Reason = t.Why
		all = append(all, r.pause)
	}
	return all, err
}

// Pauses are the times during which the clock of a case stood still, the earliest first.
func Pauses(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]deadlines.Pause, error) {
	c, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	return c.pauses(ctx, q)
}
