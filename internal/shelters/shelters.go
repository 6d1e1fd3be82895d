// SPDX-License-Identifier: Apache-2.0

// Package shelters keeps the houses in which people are safe for a time, who stays in which bed until when, and how she leaves.
//
// Where a shelter is, is known to its keepers and to who has somebody in it on the caseload now; each look is in the trail.
// Who is in which shelter is of class 3: a stay (who, and what was done) and a hold (which bed, which nights) lie in tables of
// their own, and only the key ring leads from one to the other. Those who look for a bed see how many there are in a division.
//
// What may be done with a stay is one pure function, Possible. Stays belong to a case; what is planned for after them is
// with cases and plans.
package shelters

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/seal"
)

// ID identifies a shelter.
type ID string

// Shelter is a house, without where it is.
type Shelter struct {
	ID           ID        `json:"id"`
	Organisation string    `json:"organisation"`
	Name         string    `json:"name"`      // tells nothing of the place
	Division     string    `json:"division"`  // code of the division in which it is
	Days         int       `json:"days"`      // how long a stay is, unless somebody says otherwise
	Extension    int       `json:"extension"` // by how many days at most it is prolonged at a time
	Shared       bool      `json:"shared"`    // it takes people for other organisations too
	Version      int       `json:"-"`
	ClosedAt     time.Time `json:"-"`
	Runs         bool      `json:"-"` // who asked is a keeper of it
}

// Opening opens a shelter, or changes what was said of it.
type Opening struct {
	ID        ID // of the one to change
	Version   int
	Name      string
	Division  string
	Days      int
	Extension int
	Shared    bool
	Rules     string
}

// The bounds of what is said of a shelter.
const (
	mostDays  = 365
	mostRules = 8000
)

func (o *Opening) check(at Whereabouts) *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	clean, problem := names.Check(o.Name, 40)
	switch o.Name = clean; {
	case problem != "":
		faults = append(faults, fault.New(fault.Invalid, problem).With("max", 40).On("name"))
	case clean == "":
		bad("fault.needed", "name")
	case tells(clean) || at.told(clean):
		bad("shelter.name_tells", "name")
	}
	if p, ok := geo.Find(o.Division); !ok || p.Kind != geo.Division {
		bad("fault.bad_choice", "division")
	}
	for field, days := range map[string]int{"days": o.Days, "extension": o.Extension} {
		if days < 1 || days > mostDays {
			faults = append(faults, fault.New(fault.Invalid, "fault.out_of_range").With("min", 1).With("max", mostDays).On(field))
		}
	}
	if f := text(&o.Rules, 0, mostRules, "rules"); f != nil {
		faults = append(faults, f)
	} else if at.told(o.Rules) {
		bad("shelter.rules_tell", "rules")
	}
	return fault.Join(faults...)
}

// tells whether a name holds that of a division or a district.
func tells(name string) bool {
	known := map[string]bool{}
	for _, division := range geo.Children("") {
		for _, p := range append(geo.Children(division.Code), division) {
			known[names.Fold(p.NameEn)], known[names.Fold(p.NameBn)] = true, true
		}
	}
	return slices.ContainsFunc(strings.Fields(names.Fold(name)), func(word string) bool { return known[word] })
}

// Open opens a shelter of who's organisation, with where it is. Who opens it is its first keeper.
func Open(ctx context.Context, tx *db.Tx, who access.Actor, o Opening, at Whereabouts) (ID, error) {
	if err := access.Check(tx, who, access.ManageShelter, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation), access.OnCaseload(who.ID)); err != nil {
		return "", err
	}
	f := at.check()
	if f = fault.Join(f, o.check(at)); f != nil {
		return "", f
	}
	id := ID(ids.New(tx.Now()))
	if err := seal.NewKey(ctx, tx, who.Organisation, string(id)); err != nil {
		return "", fmt.Errorf("open shelter: %w", err)
	}
	where, err := seal.JSON(ctx, tx, string(id), "shelters.whereabouts", at)
	if err != nil {
		return "", fmt.Errorf("open shelter: %w", err)
	}
	rules, err := seal.Seal(ctx, tx, string(id), "shelters.rules", []byte(o.Rules))
	if err != nil {
		return "", fmt.Errorf("open shelter: %w", err)
	}
	s := Shelter{ID: id, Organisation: who.Organisation, Name: o.Name, Division: o.Division, Days: o.Days, Extension: o.Extension, Shared: o.Shared}
	if _, err := tx.Exec(ctx, `INSERT INTO shelters (id, organisation_id, name, division, days, extension, shared, whereabouts, rules, opened_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		string(id), s.Organisation, s.Name, s.Division, s.Days, s.Extension, s.Shared, where, rules, tx.Now()); err != nil {
		return "", fmt.Errorf("open shelter: %w", err)
	}
	if err := access.Place(ctx, tx, string(id), access.OfOrganisation(who.Organisation), access.OnCaseload(who.ID)); err != nil {
		return "", fmt.Errorf("open shelter: %w", err)
	}
	return id, audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), After: s})
}

// Alter changes what was said of a shelter, but where it is. Only its keepers may.
func Alter(ctx context.Context, tx *db.Tx, who access.Actor, o Opening) error {
	s, err := running(ctx, tx, who, o.ID)
	if err != nil {
		return err
	}
	if o.Version != 0 && o.Version != s.Version {
		return fault.New(fault.Conflict, "shelter.changed_meanwhile")
	}
	at, err := s.whereabouts(ctx, tx)
	if err != nil {
		return err
	}
	if f := o.check(at); f != nil {
		return f
	}
	rules, err := seal.Seal(ctx, tx, string(s.ID), "shelters.rules", []byte(o.Rules))
	if err != nil {
		return fmt.Errorf("alter shelter: %w", err)
	}
	before := s
	s.Name, s.Division, s.Days, s.Extension, s.Shared = o.Name, o.Division, o.Days, o.Extension, o.Shared
	if _, err := tx.Exec(ctx, `UPDATE shelters SET name = ?, division = ?, days = ?, extension = ?, shared = ?, rules = ?, version = version + 1 WHERE id = ?`,
		s.Name, s.Division, s.Days, s.Extension, s.Shared, rules, string(s.ID)); err != nil {
		return fmt.Errorf("alter shelter: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), Before: before, After: s, Named: []string{"rules"}})
}

// Close closes a shelter in which nobody is and into which nobody is to come.
func Close(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	s, err := running(ctx, tx, who, id)
	if err != nil {
		return err
	}
	var held int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM shelter_holds WHERE shelter_id = ? AND state IN ('placed', 'there', 'away')`, string(id)).Scan(&held); err != nil {
		return fmt.Errorf("close shelter: %w", err)
	}
	if held > 0 {
		return fault.New(fault.Conflict, "shelter.not_empty").With("count", held)
	}
	if _, err := tx.Exec(ctx, `UPDATE shelters SET closed_at = ?, version = version + 1 WHERE id = ?`, tx.Now(), string(id)); err != nil {
		return fmt.Errorf("close shelter: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), Named: []string{"closed"}})
}

const columns = `s.id, s.organisation_id, s.name, s.division, s.days, s.extension, s.shared, s.version, s.closed_at`

func scan(row interface{ Scan(...any) error }) (s Shelter, err error) {
	err = row.Scan(&s.ID, &s.Organisation, &s.Name, &s.Division, &s.Days, &s.Extension, &s.Shared, &s.Version, db.NullTime(&s.ClosedAt))
	return s, err
}

func (s Shelter) subject() string { return "shelter:" + string(s.ID) }

func notFound() error { return fault.New(fault.NotFound, "shelter.not_found") }

// keeper is who as far as she is a keeper: of her reach, her own shelters alone.
func keeper(who access.Actor) access.Actor {
	a := access.Actor{ID: who.ID, Grants: map[access.Permission]access.Reach{}}
	if who.Holds(access.ManageShelter) {
		a.Grants[access.ManageShelter] = access.Reach{Scopes: []access.Scope{access.OnCaseload(who.ID)}}
	}
	return a
}

// Find returns a shelter that who runs, or that is of an organisation or office whose shelters she oversees.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Shelter, error) {
	may, args := access.Where(who, access.ManageShelter, "s.id")
	s, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM shelters s WHERE s.id = ? AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Shelter{}, notFound()
	}
	if err != nil {
		return Shelter{}, fmt.Errorf("find shelter: %w", err)
	}
	s.Runs, err = access.Reaches(ctx, q, keeper(who), access.ManageShelter, string(s.ID))
	return s, err
}

// List returns the shelters that Find would find, those that who runs first, then by name; those that were closed last.
func List(ctx context.Context, q db.Reader, who access.Actor) ([]Shelter, error) {
	may, args := access.Where(who, access.ManageShelter, "s.id")
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM shelters s WHERE `+may+` ORDER BY s.name, s.id`, args...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list shelters: %w", err)
	}
	for i := range all {
		if all[i].Runs, err = access.Reaches(ctx, q, keeper(who), access.ManageShelter, string(all[i].ID)); err != nil {
			return nil, fmt.Errorf("list shelters: %w", err)
		}
	}
	rank := func(s Shelter) int {
		switch {
		case !s.ClosedAt.IsZero():
			return 2
		case s.Runs:
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b Shelter) int { return rank(a) - rank(b) })
	return all, nil
}

// running finds a shelter for an act of its keepers, and lets the transaction commit.
func running(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Shelter, error) {
	s, err := Find(ctx, tx, who, id)
	if err != nil {
		return Shelter{}, err
	}
	if !s.ClosedAt.IsZero() {
		return Shelter{}, fault.New(fault.Conflict, "shelter.closed")
	}
	return s, access.CheckOn(ctx, tx, keeper(who), access.ManageShelter, string(id))
}

// text checks what somebody typed. Least is how many letters it needs.
func text(s *string, least, most int, field string) *fault.Error {
	clean, problem := names.CheckText(*s, most)
	switch *s = clean; {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", most).On(field)
	case clean == "" && least > 0:
		return fault.New(fault.Invalid, "fault.needed").On(field)
	case len([]rune(clean)) < least:
		return fault.New(fault.Invalid, "fault.too_short").With("min", least).On(field)
	}
	return nil
}
