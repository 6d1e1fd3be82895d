// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
)

// Vacancy is how many beds are free in a division. It does not say where.
type Vacancy struct {
	Division   string `json:"division"`
	Serves     Serves `json:"serves"`
	Free       int    `json:"free"`
	Accessible int    `json:"accessible"` // of these
}

// Free counts the beds that are free in all nights from a day on, in the shelters that could take somebody for who. A bed in a family room
// counts when nobody is in the room.
func Free(ctx context.Context, q db.Reader, who access.Actor, from dates.Partial, nights int) ([]Vacancy, error) {
	if !who.Holds(access.PlaceInShelter) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	if from.IsZero() {
		from = dates.Of(q.Now())
	}
	if from.Precision() != dates.Day || from.Check() != nil || nights < 1 || nights > mostDays {
		return nil, fault.New(fault.Invalid, "shelter.day").On("from")
	}
	until, today := from.Add(nights).String(), dates.Of(q.Now()).String()
	rows, err := q.Query(ctx, `SELECT s.division, r.serves, count(*), sum(CASE WHEN b.accessible = TRUE THEN 1 ELSE 0 END)
		FROM shelter_beds b JOIN shelter_rooms r ON r.id = b.room_id JOIN shelters s ON s.id = b.shelter_id
		WHERE s.closed_at IS NULL AND b.unused = FALSE AND (s.organisation_id = ? OR s.shared = TRUE)
		AND NOT EXISTS (SELECT 1 FROM shelter_nights n WHERE n.bed_id = b.id AND n.night >= ? AND n.night < ?)
		AND NOT EXISTS (SELECT 1 FROM shelter_holds h WHERE h.shelter_id = s.id AND h.bed_id = b.id AND h.state IN ('there', 'away') AND h.until_on <= ? AND CAST(? AS TEXT) <= ?)
		AND (r.serves <> 'families' OR NOT EXISTS (SELECT 1 FROM shelter_nights n JOIN shelter_beds o ON o.id = n.bed_id WHERE o.room_id = r.id AND n.night >= ? AND n.night < ?))
		GROUP BY s.division, r.serves`, who.Organisation, from.String(), until, today, from.String(), today, from.String(), until)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v Vacancy, err error) {
		err = r.Scan(&v.Division, &v.Serves, &v.Free, &v.Accessible)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("count free beds: %w", err)
	}
	slices.SortFunc(all, func(a, b Vacancy) int {
		return cmp.Or(cmp.Compare(a.Division, b.Division), slices.Index(AllServes(), a.Serves)-slices.Index(AllServes(), b.Serves))
	})
	return all, nil
}

// Line is a bed on the board with who lies in it in each night; nobody where it is free.
type Line struct {
	Room   Room // without its beds
	Bed    Bed
	Nights []*Hold
}

// Board is the beds of a shelter for some days, without names.
type Board struct {
	Shelter Shelter
	Days    []dates.Partial
	Lines   []Line
	Now     []Hold // who has a bed, by when she is to leave
	Wanted  []Hold // who waits for a bed that this shelter could give; for its keepers alone
}

// Count is how many beds are free, kept, and slept in, in the first night of a board. Beds that are not used are in none.
func (b Board) Count() (free, kept, taken int) {
	for _, l := range b.Lines {
		switch h := l.Nights[0]; {
		case h == nil && !l.Bed.Unused:
			free++
		case h == nil:
		case h.State == Placed:
			kept++
		default:
			taken++
		}
	}
	return free, kept, taken
}

// mostBoard is how many days a board shows.
const mostBoard = 31

// Viewing says which board is wanted: that of a shelter, from a day on (today when unknown), for so many days.
type Viewing struct {
	Shelter ID
	From    dates.Partial
	Days    int
}

// ReadBoard reads the board of a shelter. Who oversees it and does not run it is shown no references.
func ReadBoard(ctx context.Context, q db.Reader, who access.Actor, v Viewing) (Board, error) {
	s, err := Find(ctx, q, who, v.Shelter)
	if err != nil {
		return Board{}, err
	}
	b := Board{Shelter: s}
	if v.From.Precision() != dates.Day || v.From.Check() != nil {
		v.From = dates.Of(q.Now())
	}
	for n := range max(1, min(v.Days, mostBoard)) {
		b.Days = append(b.Days, v.From.Add(n))
	}
	if err := b.draw(ctx, q); err != nil {
		return Board{}, fmt.Errorf("read board: %w", err)
	}
	if b.Now, err = s.held(ctx, q); err != nil {
		return Board{}, fmt.Errorf("read board: %w", err)
	}
	if s.Runs {
		b.Wanted, err = s.wanted(ctx, q)
		return b, err
	}
	for i := range b.Now {
		b.Now[i].Ref = ""
	}
	for _, l := range b.Lines {
		for i, h := range l.Nights {
			if h != nil {
				l.Nights[i] = &Hold{State: h.State}
			}
		}
	}
	return b, nil
}

// draw fills in who lies in which bed.
func (b *Board) draw(ctx context.Context, q db.Reader) error {
	rooms, err := b.Shelter.rooms(ctx, q)
	if err != nil {
		return err
	}
	type night struct{ bed, night, hold string }
	rows, err := q.Query(ctx, `SELECT n.bed_id, n.night, n.hold_id FROM shelter_nights n JOIN shelter_beds b ON b.id = n.bed_id WHERE b.shelter_id = ? AND n.night >= ? AND n.night <= ?`,
		string(b.Shelter.ID), b.Days[0].String(), b.Days[len(b.Days)-1].String())
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (n night, err error) {
		err = r.Scan(&n.bed, &n.night, &n.hold)
		return n, err
	})
	if err != nil {
		return err
	}
	lain, known := map[[2]string]*Hold{}, map[string]*Hold{}
	for _, n := range all {
		if known[n.hold] == nil {
			h, err := findHold(ctx, q, n.hold)
			if err != nil {
				return err
			}
			known[n.hold] = &h
		}
		lain[[2]string{n.bed, n.night}] = known[n.hold]
	}
	for _, room := range rooms {
		beds := room.Beds
		room.Beds = nil
		for _, bed := range beds {
			l := Line{Room: room, Bed: bed}
			for _, day := range b.Days {
				l.Nights = append(l.Nights, lain[[2]string{bed.ID, day.String()}])
			}
			b.Lines = append(b.Lines, l)
		}
	}
	return nil
}

// held are those who have a bed in a shelter, by when they are to leave.
func (s Shelter) held(ctx context.Context, q db.Reader) ([]Hold, error) {
	rows, err := q.Query(ctx, `SELECT `+holdColumns+` FROM shelter_holds h WHERE h.shelter_id = ? AND h.state IN ('placed', 'there', 'away') ORDER BY h.until_on, h.id`, string(s.ID))
	return db.Collect(rows, err, scanHold)
}

// wanted are those who wait for a bed that a shelter could give, who has waited longest first.
func (s Shelter) wanted(ctx context.Context, q db.Reader) ([]Hold, error) {
	rows, err := q.Query(ctx, `SELECT `+holdColumns+` FROM shelter_holds h WHERE h.state = 'asked' AND h.division = ? ORDER BY h.from_on, h.party, h.id`, s.Division)
	all, err := db.Collect(rows, err, scanHold)
	return slices.DeleteFunc(all, func(h Hold) bool { return !s.serves(h) }), err
}

// In is the bed of a hold.
func (h Hold) In() string { return h.bed }

// Roll returns what those who have a bed in a shelter are called there, by their references, to its keepers; and their own names to who sees
// what is protected about them. The look is in the trail.
func Roll(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (map[string]string, error) {
	s, err := Find(ctx, tx, who, id)
	if err != nil {
		return nil, err
	}
	if err := access.CheckOn(ctx, tx, keeper(who), access.ManageShelter, string(id)); err != nil {
		return nil, err
	}
	held, err := s.held(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("call the roll: %w", err)
	}
	called := map[string]string{}
	for _, h := range held {
		if called[h.Ref], err = h.called(ctx, tx, who); err != nil {
			return nil, fmt.Errorf("call the roll: %w", err)
		}
	}
	return called, audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), Named: []string{"roll"}})
}

// called is by which name who knows somebody.
func (h Hold) called(ctx context.Context, tx *db.Tx, who access.Actor) (string, error) {
	id, err := h.stay(ctx, tx)
	if err != nil || id == "" {
		return "", err
	}
	s, err := load(ctx, tx, id)
	if err != nil || s.Client != "" {
		return s.CalledAs, err
	}
	ok, _, err := access.SeesProtected(ctx, tx, who, string(s.Person))
	if err != nil || !ok {
		return s.CalledAs, err
	}
	card, err := persons.FindCard(ctx, tx, who, s.Person)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return s.CalledAs, nil
	}
	return card.Name(), err
}
