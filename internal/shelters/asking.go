// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Guest is somebody for whom a bed is asked for.
type Guest struct {
	Client     string      // member of the case; empty for the person herself
	Sex        persons.Sex // where the register does not know it
	Age        Age         // where the register does not know it
	Accessible bool
	CalledAs   string
}

// Asking asks for beds for those who come together.
type Asking struct {
	Case     cases.ID
	Division string
	From     dates.Partial // today when unknown
	Nights   int           // as many as the shelter gives when zero
	Guests   []Guest
	Needs    string
}

// mostGuests is how many come together at most.
const mostGuests = 12

// Ask asks for beds, and returns the stays in the order of the guests. Who asks has the person on the caseload, and she agreed that
// such things are written down.
func Ask(ctx context.Context, tx *db.Tx, who access.Actor, a Asking) ([]StayID, error) {
	c, err := cases.Begin(ctx, tx, who, a.Case, cases.Acting{Act: cases.GiveProtected})
	if err != nil {
		return nil, err
	}
	if err := access.CheckOn(ctx, tx, who, access.PlaceInShelter, string(c.Person)); err != nil {
		return nil, err
	}
	her, err := persons.Find(ctx, tx, who, c.Person)
	if err != nil {
		return nil, err
	}
	if !her.Agreed(persons.PurposeProtected) {
		return nil, fault.New(fault.Invalid, "person.protected_consent_needed").On("guests")
	}
	members, err := cases.Members(ctx, tx, who, c.ID)
	if err != nil {
		return nil, err
	}
	if err := a.check(dates.Of(tx.Now())); err != nil {
		return nil, err
	}
	all, err := a.guests(her, members, dates.Of(tx.Now()))
	if err != nil {
		return nil, err
	}
	return a.enter(ctx, tx, who, c, all)
}

func (a *Asking) check(today dates.Partial) error {
	if a.From.IsZero() {
		a.From = today
	}
	var faults []*fault.Error
	if a.From.Precision() != dates.Day || a.From.Check() != nil || a.From.SurelyBefore(today.Add(-earliest)) || today.Add(mostDays).SurelyBefore(a.From) {
		faults = append(faults, fault.New(fault.Invalid, "shelter.day").On("from"))
	}
	if a.Nights < 0 || a.Nights > mostDays {
		faults = append(faults, fault.New(fault.Invalid, "fault.out_of_range").With("min", 1).With("max", mostDays).On("nights"))
	}
	if !isDivision(a.Division) {
		faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On("division"))
	}
	if f := text(&a.Needs, 0, 2000, "needs"); f != nil {
		faults = append(faults, f)
	}
	if n := len(a.Guests); n == 0 {
		faults = append(faults, fault.New(fault.Invalid, "fault.needed").On("guests"))
	} else if n > mostGuests {
		faults = append(faults, fault.New(fault.Invalid, "fault.too_many").With("max", mostGuests).On("guests"))
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	return nil
}

// earliest is how many days ago a stay may have begun when it is written down.
const earliest = 7

// guests are the holds that are asked for, each as the register knows who it is for.
func (a *Asking) guests(her persons.Person, members []cases.Member, today dates.Partial) ([]Hold, error) {
	var all []Hold
	for i := range a.Guests {
		g := &a.Guests[i]
		sex, birth := her.Sex, her.Birth
		if g.Client != "" {
			at := slices.IndexFunc(members, func(m cases.Member) bool { return m.ID == g.Client })
			if at < 0 {
				return nil, fault.New(fault.Invalid, "plan.client_unknown").On("guests")
			}
			sex, birth = members[at].Relation.Sex, members[at].Relation.Birth
		}
		if slices.ContainsFunc(a.Guests[:i], func(o Guest) bool { return o.Client == g.Client }) {
			return nil, fault.New(fault.Invalid, "shelter.guest_twice").On("guests")
		}
		h := Hold{State: Asked, Sex: sex, Age: ageOf(birth, today), Accessible: g.Accessible, From: a.From}
		if (sex == "" || sex == persons.Unsaid) && slices.Contains([]persons.Sex{persons.Female, persons.Male, persons.Other}, g.Sex) {
			h.Sex = g.Sex
		}
		if birth.IsZero() && slices.Contains(Ages(), g.Age) {
			h.Age = g.Age
		}
		if f := text(&g.CalledAs, 0, 60, "called_as"); f != nil {
			return nil, f
		}
		all = append(all, h)
	}
	return all, nil
}

func isDivision(code string) bool {
	p, ok := geo.Find(code)
	return ok && p.Kind == geo.Division
}

// enter writes the stays of those who come together, and tells the keepers who could take them.
func (a Asking) enter(ctx context.Context, tx *db.Tx, who access.Actor, c cases.Case, guests []Hold) (all []StayID, err error) {
	if err := a.once(ctx, tx, who, c); err != nil {
		return nil, err
	}
	party := ids.New(tx.Now())
	hidden, err := seal.Blind(ctx, tx, "shelter_party", party)
	if err != nil {
		return nil, err
	}
	for i, h := range guests {
		h.division, h.organisation, h.party = a.Division, c.Organisation, hidden
		if a.Nights > 0 {
			h.Until = a.From.Add(a.Nights)
		}
		s := Stay{Hold: h, ID: StayID(ids.Nth(tx.Now(), i)), Case: c.ID, Person: c.Person, Registration: c.Registration, Client: a.Guests[i].Client, Party: party, Version: 1,
			Content: Content{CalledAs: a.Guests[i].CalledAs, Needs: a.Needs, AskedBy: who.ID, Asker: who.Name}}
		if err := s.insert(ctx, tx, who); err != nil {
			return nil, err
		}
		all = append(all, s.ID)
	}
	houses, err := serving(ctx, tx, a.Division, c.Organisation)
	if err != nil {
		return nil, err
	}
	for _, house := range houses {
		if err := house.tell(ctx, tx, who, "notice.shelter_asked"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Stay) insert(ctx context.Context, tx *db.Tx, who access.Actor) error {
	sealed, err := seal.JSON(ctx, tx, string(s.Person), "shelter_stays:"+string(s.ID), s.Content)
	if err != nil {
		return fmt.Errorf("ask for a bed: %w", err)
	}
	n, err := tx.Exec(ctx, `INSERT INTO shelter_stays (id, case_id, person_id, registration_id, client, party, ended_on, sealed, version) VALUES (?, ?, ?, ?, ?, ?, '', ?, 1) ON CONFLICT DO NOTHING`,
		string(s.ID), string(s.Case), string(s.Person), s.Registration, s.Client, s.Party, sealed)
	if err != nil {
		return fmt.Errorf("ask for a bed: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "shelter.has_stay").On("guests")
	}
	if err := s.Hold.enter(ctx, tx, s.ID); err != nil {
		return fmt.Errorf("ask for a bed: %w", err)
	}
	if err := s.happened(ctx, tx, who, change{act: "ask", detail: map[string]string{"division": s.division}}); err != nil {
		return fmt.Errorf("ask for a bed: %w", err)
	}
	return s.record(ctx, tx, who, "ask")
}

// once refuses a bed for who has one already, over all of her records that who sees.
func (a Asking) once(ctx context.Context, q db.Reader, who access.Actor, c cases.Case) error {
	if !slices.ContainsFunc(a.Guests, func(g Guest) bool { return g.Client == "" }) {
		return nil
	}
	of, err := persons.Records(ctx, q, who, access.ReadPersons, c.Person)
	if err != nil {
		return err
	}
	args := []any{}
	for _, id := range of {
		args = append(args, string(id))
	}
	var n int
	err = q.QueryRow(ctx, `SELECT count(*) FROM shelter_stays WHERE client = '' AND ended_on = '' AND person_id IN `+db.In(len(args)), args...).Scan(&n)
	if err == nil && n > 0 {
		return fault.New(fault.Conflict, "shelter.has_stay").On("guests")
	}
	return err
}

// serving are the shelters that may take who asks in a division, those of the asker's organisation first.
func serving(ctx context.Context, q db.Reader, division, organisation string) ([]Shelter, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM shelters s WHERE s.closed_at IS NULL AND s.division = ? AND (s.organisation_id = ? OR s.shared = TRUE)
		ORDER BY CASE WHEN s.organisation_id = ? THEN 0 ELSE 1 END, s.id`, division, organisation, organisation)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("find shelters: %w", err)
	}
	return all, nil
}

// tell leaves a notice for the keepers of a shelter, but for who did it.
func (s Shelter) tell(ctx context.Context, tx *db.Tx, who access.Actor, key string) error {
	users, err := s.keepers(ctx, tx)
	if err != nil {
		return err
	}
	users = slices.DeleteFunc(users, func(user string) bool { return user == who.ID })
	return accounts.Tell(ctx, tx, users, key, s.subject())
}

// tellWorker leaves a notice for who has the case of a stay, or for who asked for the bed when nobody has it. It says nothing of a shelter.
func (s Stay) tellWorker(ctx context.Context, tx *db.Tx, who access.Actor, key string) error {
	var worker string
	if err := tx.QueryRow(ctx, `SELECT worker_id FROM cases WHERE id = ?`, string(s.Case)).Scan(&worker); err != nil {
		return fmt.Errorf("tell worker: %w", err)
	}
	if worker == "" {
		worker = s.AskedBy
	}
	if worker == who.ID || worker == "" {
		return nil
	}
	return accounts.Tell(ctx, tx, []string{worker}, key, "case:"+string(s.Case))
}
