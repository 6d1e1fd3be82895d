// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Serves is whom a room is for.
type Serves string

// Whom rooms are for. A family room is for one party at a time.
const (
	Women    Serves = "women"
	Men      Serves = "men"
	Families Serves = "families"
)

// AllServes are all kinds of rooms, in the order in which they are offered.
func AllServes() []Serves { return []Serves{Women, Men, Families} }

// Room is a room of a shelter with its beds.
type Room struct {
	ID     string
	Label  string
	Serves Serves
	Beds   []Bed
}

// Bed is a bed, or a mattress for a child.
type Bed struct {
	ID         string
	Label      string
	Accessible bool // somebody who walks badly can use it
	Unused     bool // nobody new is put there

	shelter ID
	room    string
	serves  Serves
}

// The bounds of a shelter.
const (
	mostRooms = 60
	mostBeds  = 40 // in a room
)

// Furnishing adds a room with so many beds.
type Furnishing struct {
	Shelter    ID
	Label      string
	Serves     Serves
	Beds       int
	Accessible int // how many of the beds are
}

// Furnish adds a room to a shelter. The beds are numbered; the accessible ones come first.
func Furnish(ctx context.Context, tx *db.Tx, who access.Actor, f Furnishing) error {
	s, err := running(ctx, tx, who, f.Shelter)
	if err != nil {
		return err
	}
	rooms, err := s.rooms(ctx, tx)
	if err != nil {
		return err
	}
	label, problem := names.Check(f.Label, 12)
	var faults []*fault.Error
	switch {
	case problem != "":
		faults = append(faults, fault.New(fault.Invalid, problem).With("max", 12).On("label"))
	case label == "":
		faults = append(faults, fault.New(fault.Invalid, "fault.needed").On("label"))
	case slices.ContainsFunc(rooms, func(r Room) bool { return r.Label == label }):
		faults = append(faults, fault.New(fault.Invalid, "shelter.room_twice").On("label"))
	case len(rooms) >= mostRooms:
		faults = append(faults, fault.New(fault.Invalid, "fault.too_many").With("max", mostRooms).On("label"))
	}
	if !slices.Contains(AllServes(), f.Serves) {
		faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On("serves"))
	}
	if f.Beds < 1 || f.Beds > mostBeds {
		faults = append(faults, fault.New(fault.Invalid, "fault.out_of_range").With("min", 1).With("max", mostBeds).On("beds"))
	} else if f.Accessible < 0 || f.Accessible > f.Beds {
		faults = append(faults, fault.New(fault.Invalid, "fault.out_of_range").With("min", 0).With("max", f.Beds).On("accessible"))
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	room := ids.New(tx.Now())
	if _, err := tx.Exec(ctx, `INSERT INTO shelter_rooms (id, shelter_id, label, serves) VALUES (?, ?, ?, ?)`, room, string(s.ID), label, string(f.Serves)); err != nil {
		return fmt.Errorf("furnish room: %w", err)
	}
	for n := range f.Beds {
		if _, err := tx.Exec(ctx, `INSERT INTO shelter_beds (id, shelter_id, room_id, label, accessible, unused) VALUES (?, ?, ?, ?, ?, ?)`,
			ids.Nth(tx.Now(), n), string(s.ID), room, fmt.Sprint(n+1), n < f.Accessible, false); err != nil {
			return fmt.Errorf("furnish room: %w", err)
		}
	}
	return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), After: map[string]any{"room": label, "serves": f.Serves, "beds": f.Beds}})
}

// Use says that a bed is not given to anybody new, or is again. Who lies in it stays there.
func Use(ctx context.Context, tx *db.Tx, who access.Actor, bed string, used bool) error {
	b, err := findBed(ctx, tx, bed)
	if err != nil {
		return err
	}
	s, err := running(ctx, tx, who, b.shelter)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE shelter_beds SET unused = ? WHERE id = ?`, !used, bed); err != nil {
		return fmt.Errorf("use bed: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), After: map[string]any{"bed": bed, "used": fmt.Sprint(used)}})
}

const bedColumns = `b.id, b.label, b.accessible, b.unused, b.shelter_id, b.room_id, r.serves`

func scanBed(row interface{ Scan(...any) error }) (b Bed, err error) {
	err = row.Scan(&b.ID, &b.Label, &b.Accessible, &b.Unused, &b.shelter, &b.room, &b.serves)
	return b, err
}

func findBed(ctx context.Context, q db.Reader, id string) (Bed, error) {
	b, err := scanBed(q.QueryRow(ctx, `SELECT `+bedColumns+` FROM shelter_beds b JOIN shelter_rooms r ON r.id = b.room_id WHERE b.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Bed{}, notFound()
	}
	return b, err
}

// Rooms are the rooms of a shelter that who runs or oversees, with their beds.
func Rooms(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Room, error) {
	s, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	return s.rooms(ctx, q)
}

func (s Shelter) rooms(ctx context.Context, q db.Reader) ([]Room, error) {
	rows, err := q.Query(ctx, `SELECT id, label, serves FROM shelter_rooms WHERE shelter_id = ? ORDER BY length(label), label, id`, string(s.ID))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (room Room, err error) {
		err = r.Scan(&room.ID, &room.Label, &room.Serves)
		return room, err
	})
	if err != nil {
		return nil, fmt.Errorf("list rooms: %w", err)
	}
	beds, err := s.beds(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, b := range beds {
			if b.room == all[i].ID {
				all[i].Beds = append(all[i].Beds, b)
			}
		}
	}
	return all, nil
}

func (s Shelter) beds(ctx context.Context, q db.Reader) ([]Bed, error) {
	rows, err := q.Query(ctx, `SELECT `+bedColumns+` FROM shelter_beds b JOIN shelter_rooms r ON r.id = b.room_id WHERE b.shelter_id = ? ORDER BY length(r.label), r.label, b.room_id, b.id`, string(s.ID))
	all, err := db.Collect(rows, err, scanBed)
	if err != nil {
		return nil, fmt.Errorf("list beds: %w", err)
	}
	return all, nil
}
