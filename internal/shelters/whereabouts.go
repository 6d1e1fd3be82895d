// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"context"
	"fmt"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/seal"
)

// Whereabouts are where a shelter is and how it is reached. They leave the program only by a look that the trail has.
type Whereabouts struct {
	Address    string `json:"address"`
	Telephone  string `json:"telephone"`
	Directions string `json:"directions,omitempty"` // how to come there unseen, whom to ask for
}

func (at *Whereabouts) check() *fault.Error {
	telephone, problem := names.Check(at.Telephone, 60)
	at.Telephone = telephone
	f := fault.Join(text(&at.Address, 5, 300, "address"), text(&at.Directions, 0, 2000, "directions"))
	switch {
	case problem != "":
		f = fault.Join(f, fault.New(fault.Invalid, problem).With("max", 60).On("telephone"))
	case len(digits(telephone)) < 5:
		f = fault.Join(f, fault.New(fault.Invalid, "shelter.telephone").On("telephone"))
	}
	return f
}

// told tells whether a text gives the place away: a part of the address, or the telephone.
func (at Whereabouts) told(text string) bool {
	folded := names.Fold(text)
	for _, part := range strings.FieldsFunc(at.Address, func(r rune) bool { return r == ',' || r == '\n' || r == ';' || r == '।' }) {
		if part = names.Fold(part); len([]rune(part)) >= 6 && strings.Contains(folded, part) {
			return true
		}
	}
	number := digits(at.Telephone)
	return len(number) >= 7 && strings.Contains(digits(text), number[len(number)-7:])
}

// digits are those of a text, in either script.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '০' && r <= '৯':
			return '0' + r - '০'
		}
		return -1
	}, text)
}

// whereabouts opens where a shelter is. The caller has made sure that who asks may know, or tells nobody.
func (s Shelter) whereabouts(ctx context.Context, q db.Reader) (at Whereabouts, err error) {
	var sealed []byte
	if err := q.QueryRow(ctx, `SELECT whereabouts FROM shelters WHERE id = ?`, string(s.ID)).Scan(&sealed); err != nil {
		return at, fmt.Errorf("where a shelter is: %w", err)
	}
	return at, seal.FromJSON(ctx, q, seal.Place{Subject: string(s.ID), Name: "shelters.whereabouts", Sealed: sealed}, &at)
}

// Look returns where a shelter is, to its keepers. The look is in the trail.
func Look(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Whereabouts, error) {
	s, err := Find(ctx, tx, who, id)
	if err != nil {
		return Whereabouts{}, err
	}
	if err := access.CheckOn(ctx, tx, keeper(who), access.ManageShelter, string(id)); err != nil {
		return Whereabouts{}, err
	}
	at, err := s.whereabouts(ctx, tx)
	if err != nil {
		return Whereabouts{}, err
	}
	return at, audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), Named: []string{"place_seen"}})
}

// LookForStay returns where the shelter is in which somebody has a bed, to who has that person on the caseload now. To have
// broken the glass is not enough. The look is in the trail, which does not say which shelter it was.
func LookForStay(ctx context.Context, tx *db.Tx, who access.Actor, id StayID) (Shelter, Whereabouts, error) {
	none := Whereabouts{}
	s, r, err := standing(ctx, tx, who, id)
	if err != nil {
		return Shelter{}, none, err
	}
	if !r.Carries {
		return Shelter{}, none, fault.New(fault.Forbidden, "access.not_allowed")
	}
	if !s.State.holds() {
		return Shelter{}, none, fault.New(fault.Conflict, "shelter.no_place_yet")
	}
	if err := access.CheckOn(ctx, tx, who, access.PlaceInShelter, string(s.Person)); err != nil {
		return Shelter{}, none, err
	}
	house, err := byID(ctx, tx, s.Shelter)
	if err != nil {
		return Shelter{}, none, err
	}
	at, err := house.whereabouts(ctx, tx)
	if err != nil {
		return Shelter{}, none, err
	}
	return house, at, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: s.subject(), Person: string(s.Person), Named: []string{"shelter_place"}})
}

// byID is a shelter, whoever asks.
func byID(ctx context.Context, q db.Reader, id ID) (Shelter, error) {
	s, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM shelters s WHERE s.id = ?`, string(id)))
	if err != nil {
		return Shelter{}, fmt.Errorf("find shelter of stay: %w", err)
	}
	return s, nil
}

// Relocate says where a shelter is from now on.
func Relocate(ctx context.Context, tx *db.Tx, who access.Actor, id ID, at Whereabouts) error {
	s, err := running(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if f := at.check(); f != nil {
		return f
	}
	rules, err := s.rules(ctx, tx)
	if err != nil {
		return err
	}
	if at.told(rules) || at.told(s.Name) {
		return fault.New(fault.Invalid, "shelter.rules_tell").On("address")
	}
	sealed, err := seal.JSON(ctx, tx, string(id), "shelters.whereabouts", at)
	if err != nil {
		return fmt.Errorf("relocate shelter: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE shelters SET whereabouts = ?, version = version + 1 WHERE id = ?`, sealed, string(id)); err != nil {
		return fmt.Errorf("relocate shelter: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), Named: []string{"place"}})
}

func (s Shelter) rules(ctx context.Context, q db.Reader) (string, error) {
	var sealed []byte
	if err := q.QueryRow(ctx, `SELECT rules FROM shelters WHERE id = ?`, string(s.ID)).Scan(&sealed); err != nil {
		return "", fmt.Errorf("rules of shelter: %w", err)
	}
	plain, err := seal.Open(ctx, q, string(s.ID), "shelters.rules", sealed)
	return string(plain), err
}

// Rules are those of a shelter that who runs or oversees. They do not tell where it is.
func Rules(ctx context.Context, q db.Reader, who access.Actor, id ID) (string, error) {
	s, err := Find(ctx, q, who, id)
	if err != nil {
		return "", err
	}
	return s.rules(ctx, q)
}
