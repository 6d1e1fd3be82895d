// SPDX-License-Identifier: Apache-2.0

package services

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/operations"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Giving logs a service, or asks for money.
type Giving struct {
	Operation  string            `json:"-"` // id of the act, minted by who asks; see package operations
	Case       cases.ID          `json:"case"`
	Code       string            `json:"code"`
	On         dates.Partial     `json:"on"`                 // today when unknown
	Quantity   int               `json:"quantity"`           // 1 when zero
	Client     string            `json:"client,omitempty"`   // member of the case
	Amount     int64             `json:"amount,omitempty"`   // in poisha
	Foreign    Foreign           `json:"foreign,omitzero"`   // what is handed over, when it is not taka; Amount is what it is worth
	Conditions []string          `json:"said,omitempty"`     // which conditions are so
	Papers     []string          `json:"papers,omitempty"`   // which papers were seen
	Details    map[string]string `json:"details,omitempty"`  // answers to the further fields
	Remark     string            `json:"remark,omitempty"`   // in a line or some
	Notes      string            `json:"notes,omitempty"`    // of a session, for who held it alone
	Same       int               `json:"same,omitempty"`     // how often the same was shown to have been given
	Replaces   ID                `json:"replaces,omitempty"` // which is undone, because this is how it was
}

// The bounds of what is logged.
const (
	mostQuantity = 10_000
	mostAmount   = 100_000_000_000 // a hundred crore taka would be a slip of the pen
)

// Log logs a service that was given, or asks for money. The act may be repeated with the same operation id.
func Log(ctx context.Context, tx *db.Tx, who access.Actor, g Giving) (ID, error) {
	today := dates.Of(tx.Now())
	if g.On.IsZero() {
		g.On = today
	}
	if g.Quantity == 0 {
		g.Quantity = 1
	}
	if g.On.Precision() != dates.Day || g.On.CheckPast(today) != nil {
		return "", fault.New(fault.Invalid, "service.day").On("on")
	}
	k, err := FindKind(ctx, tx, g.Code, g.On)
	if err != nil {
		return "", err
	}
	act := cases.Acting{Act: cases.Give}
	if k.Class == 3 {
		act.Act = cases.GiveProtected
	}
	c, err := cases.Begin(ctx, tx, who, g.Case, act)
	if err != nil {
		return "", err
	}
	s := Service{ID: ID(ids.New(tx.Now())), Case: c.ID, Person: c.Person, Code: k.Code, Protected: k.Class == 3, State: Given, On: g.On, Client: g.Client, Quantity: g.Quantity,
		Amount: g.Amount, Office: c.Office, User: who.ID, By: who.Name, At: tx.Now(), Replaces: g.Replaces}
	content, err := json.Marshal(g)
	if err != nil {
		return "", err
	}
	if earlier, err := operations.Once(ctx, tx, who, g.Operation, string(s.ID), content); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	if err := g.check(ctx, tx, who, k, c); err != nil {
		return "", err
	}
	if s.Content.Details, err = k.answers(g.Details); err != nil {
		return "", err
	}
	s.Remark, s.Content.Foreign = g.Remark, g.Foreign
	return s.ID, s.log(ctx, tx, who, desk{c, k, g})
}

// check refuses what may not be given so.
func (g *Giving) check(ctx context.Context, tx *db.Tx, who access.Actor, k Kind, c cases.Case) error {
	var problem string
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if k.Ended {
		bad("service.ended", "code")
	}
	if g.Quantity < 1 || g.Quantity > mostQuantity {
		bad("fault.bad_number", "quantity")
	}
	if k.Money != (g.Amount > 0) || g.Amount < 0 || g.Amount > mostAmount {
		bad("service.amount", "amount")
	}
	if f := g.Foreign.check(); f != nil {
		faults = append(faults, f)
	} else if g.Foreign != (Foreign{}) && !k.Money {
		bad("service.amount", "foreign")
	}
	if missing(k.Conditions, g.Conditions) {
		bad("service.conditions_missing", "conditions")
	}
	if missing(k.Papers, g.Papers) {
		bad("service.papers_missing", "papers")
	}
	if g.Remark, problem = names.CheckText(g.Remark, 1000); problem != "" {
		faults = append(faults, fault.New(fault.Invalid, problem).With("max", 1000).On("remark"))
	}
	if g.Notes, problem = names.CheckText(g.Notes, 20_000); problem != "" {
		faults = append(faults, fault.New(fault.Invalid, problem).With("max", 20_000).On("notes"))
	} else if g.Notes != "" && !k.Notes {
		bad("service.no_notes", "notes")
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	if g.Client != "" {
		members, err := cases.Members(ctx, tx, who, c.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(members, func(m cases.Member) bool { return m.ID == g.Client }) {
			return fault.New(fault.Invalid, "plan.client_unknown").On("client")
		}
	}
	if k.Class != 3 {
		return nil
	}
	her, err := persons.Find(ctx, tx, who, c.Person)
	if err == nil && !her.Agreed(persons.PurposeProtected) {
		return fault.New(fault.Invalid, "person.protected_consent_needed").On("code")
	}
	return err
}

// desk is what is given, to whom, and what kind of thing it is.
type desk struct {
	cases.Case
	kind   Kind
	giving Giving
}

// log undoes what this replaces, asks for what has to be allowed, and writes it down.
func (s *Service) log(ctx context.Context, tx *db.Tx, who access.Actor, on desk) error {
	g := on.giving
	if g.Replaces != "" {
		old, err := find(ctx, tx, who, g.Replaces)
		if err != nil {
			return err
		}
		if old.Case != s.Case || old.Protected != s.Protected {
			return notFound()
		}
		if err := old.undo(ctx, tx, who, "corrected"); err != nil {
			return err
		}
	}
	if on.kind.Money {
		if err := s.ask(ctx, tx, who, on); err != nil {
			return err
		}
	}
	if err := s.insert(ctx, tx, g.Notes); err != nil {
		return fmt.Errorf("log service: %w", err)
	}
	if err := s.promise(ctx, tx, on.kind.Tell); err != nil {
		return fmt.Errorf("log service: %w", err)
	}
	if !s.Protected {
		if err := cases.Touch(ctx, tx, s.Case); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, who, s.act(), audit.Entry{Subject: s.subject(), Person: string(s.Person), Named: []string{"service"}})
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, notes string) error {
	code := s.Code
	if s.Protected {
		s.Content.Code, code = s.Code, ""
	}
	sealed, err := seal.JSON(ctx, tx, string(s.Person), "services.sealed:"+string(s.ID), s.Content)
	if err != nil {
		return err
	}
	var closed any
	if notes != "" {
		if closed, err = seal.Seal(ctx, tx, string(s.Person), "services.notes:"+string(s.ID), []byte(notes)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO services (id, case_id, person_id, code, protected, state, given_on, client, quantity, amount, approval, same, sealed, notes, office_id, user_id, user_name, replaces, at, ended_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')`,
		string(s.ID), string(s.Case), string(s.Person), code, s.Protected, string(s.State), s.On.String(), s.Client, s.Quantity, s.Amount, s.Approval, s.Same, sealed, closed,
		s.Office, s.User, s.By, string(s.Replaces), s.At)
	return err
}

// find returns a service of a case that who may see, whatever its class. One of class 3 is not there for who does not see
// what is protected about the person.
func find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Service, error) {
	s, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM services s WHERE s.id = ?`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return Service{}, notFound()
	}
	if err != nil {
		return Service{}, err
	}
	if _, err := cases.Find(ctx, q, who, s.Case); fault.KindOf(err) == fault.NotFound && err != nil {
		return Service{}, notFound()
	} else if err != nil {
		return Service{}, err
	}
	if s.Protected {
		ok, _, err := access.SeesProtected(ctx, q, who, string(s.Person))
		if err != nil {
			return Service{}, err
		}
		if !ok {
			return Service{}, notFound()
		}
	}
	return s, s.open(ctx, q)
}

// Undoing takes back what was logged.
type Undoing struct {
	Service ID
	Why     string
}

// Undo takes back what was logged by mistake; it stays on record with the reason. Money that was paid is taken back only by who
// decides on money.
func Undo(ctx context.Context, tx *db.Tx, who access.Actor, u Undoing) error {
	s, err := find(ctx, tx, who, u.Service)
	if err != nil {
		return err
	}
	why, problem := names.CheckText(u.Why, 500)
	switch {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", 500).On("why")
	case len([]rune(why)) < 3:
		return fault.New(fault.Invalid, "fault.needed").On("why")
	}
	if err := s.undo(ctx, tx, who, why); err != nil {
		return err
	}
	entry := audit.Entry{Subject: s.subject(), Person: string(s.Person), Named: []string{"service_undone"}}
	if !s.Protected { // the trail is read without a look; the reason is with the service
		entry.Reason = why
	}
	return audit.Record(ctx, tx, who, s.act(), entry)
}

func (s *Service) undo(ctx context.Context, tx *db.Tx, who access.Actor, why string) error {
	act := cases.WriteNote
	if s.Protected {
		act = cases.WriteProtected
	}
	c, err := cases.Begin(ctx, tx, who, s.Case, cases.Acting{Act: act})
	if err != nil {
		return err
	}
	if s.State == Undone {
		return fault.New(fault.Conflict, "service.undone_already")
	}
	may := []access.Permission{}
	if s.User != who.ID {
		may = append(may, access.WorkCase)
	}
	if s.State == Paid {
		may = append(may, access.ApproveCase)
	}
	for _, perm := range may {
		if err := access.Check(tx, who, perm, access.AtOffice(c.Office), access.OfOrganisation(c.Organisation), access.OnCaseload(c.Worker)); err != nil {
			return err
		}
	}
	if err := s.unpromise(ctx, tx); err != nil {
		return fmt.Errorf("undo service: %w", err)
	}
	s.Why, s.State = why, Undone
	sealed, err := seal.JSON(ctx, tx, string(s.Person), "services.sealed:"+string(s.ID), s.Content)
	if err != nil {
		return fmt.Errorf("undo service: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE services SET state = 'undone', sealed = ?, ended_by = ?, ended_at = ? WHERE id = ?`, sealed, who.Name, tx.Now(), string(s.ID))
	return err
}
