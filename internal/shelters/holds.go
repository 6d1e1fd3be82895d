// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Age is how old a guest is, as far as a bed is chosen by it.
type Age string

// The ages. Of whom no age is known counts as grown up.
const (
	Grown Age = "grown" // 18 and older
	Teen  Age = "teen"  // 12 to 17
	Child Age = "child" // younger
)

// Ages are all ages, the oldest first.
func Ages() []Age { return []Age{Grown, Teen, Child} }

// ageOf reckons an age by what is known of a birth.
func ageOf(birth, today dates.Partial) Age {
	_, most := birth.Age(today)
	switch {
	case birth.IsZero() || most >= 18:
		return Grown
	case most >= 12:
		return Teen
	}
	return Child
}

// Hold is that a bed is asked for, kept or slept in, without who it is.
type Hold struct {
	Ref        string // by which keepers speak of it
	State      State
	Sex        persons.Sex
	Age        Age
	Accessible bool // she needs a bed that who walks badly can use
	From       dates.Partial
	Until      dates.Partial // the day on which she is to leave

	shelter      ID
	bed          string
	division     string
	organisation string // of who asked
	party        string
	placed       dates.Partial // since when this bed
	alarmTo      string
	alarmAt      time.Time
	sealed       []byte
}

// Code is how two people on the telephone, or at a door, name a stay without naming anybody.
func (h Hold) Code() string { return h.Ref[:min(5, len(h.Ref))] }

const holdColumns = `h.id, h.shelter_id, h.bed_id, h.division, h.organisation_id, h.party, h.state, h.sex, h.age, h.accessible, h.from_on, h.until_on, h.placed_on,
	h.alarm_to, h.alarm_at, h.sealed`

func scanHold(row interface{ Scan(...any) error }) (h Hold, err error) {
	err = row.Scan(&h.Ref, &h.shelter, &h.bed, &h.division, &h.organisation, &h.party, &h.State, &h.Sex, &h.Age, &h.Accessible, day{&h.From}, day{&h.Until}, day{&h.placed},
		&h.alarmTo, db.NullTime(&h.alarmAt), &h.sealed)
	return h, err
}

// day scans a day that may not be known yet.
type day struct{ dst *dates.Partial }

// Scan implements sql.Scanner.
func (d day) Scan(stored any) error {
	if stored == "" {
		*d.dst = dates.Partial{}
		return nil
	}
	return d.dst.Scan(stored)
}

// back is the way from a hold to the stay.
type back struct {
	Stay StayID `json:"stay"`
}

// refOf is the hold of a stay: a keyed hash of its id.
func refOf(ctx context.Context, q db.Reader, id StayID) (string, error) {
	return seal.Blind(ctx, q, "shelter_hold", string(id))
}

// stay is whose hold it is; nothing when she was erased.
func (h Hold) stay(ctx context.Context, q db.Reader) (StayID, error) {
	if len(h.sealed) == 0 {
		return "", nil
	}
	var b back
	err := seal.FromJSON(ctx, q, seal.Place{Subject: seal.System, Name: "shelter_holds:" + h.Ref, Sealed: h.sealed}, &b)
	return b.Stay, err
}

// enter writes a new hold of a stay.
func (h *Hold) enter(ctx context.Context, tx *db.Tx, of StayID) (err error) {
	if h.Ref, err = refOf(ctx, tx, of); err != nil {
		return err
	}
	if h.sealed, err = seal.JSON(ctx, tx, seal.System, "shelter_holds:"+h.Ref, back{of}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO shelter_holds (id, shelter_id, bed_id, division, organisation_id, party, state, sex, age, accessible, from_on, until_on, placed_on, alarm_to, sealed)
		VALUES (?, '', '', ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?)`, h.Ref, h.division, h.organisation, h.party, string(h.State), string(h.Sex), string(h.Age), h.Accessible,
		h.From.String(), h.Until.String(), h.sealed)
	return err
}

// keep writes a changed hold, with its next reminder.
func (h *Hold) keep(ctx context.Context, tx *db.Tx) error {
	if err := h.reckon(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE shelter_holds SET shelter_id = ?, bed_id = ?, state = ?, from_on = ?, until_on = ?, placed_on = ?, alarm_to = ?, alarm_at = ? WHERE id = ?`,
		string(h.shelter), h.bed, string(h.State), h.From.String(), h.Until.String(), h.placed.String(), h.alarmTo, db.When(h.alarmAt), h.Ref)
	return err
}

func findHold(ctx context.Context, q db.Reader, ref string) (Hold, error) {
	h, err := scanHold(q.QueryRow(ctx, `SELECT `+holdColumns+` FROM shelter_holds h WHERE h.id = ?`, ref))
	if errors.Is(err, sql.ErrNoRows) {
		return Hold{}, stayNotFound()
	}
	return h, err
}

// take keeps the nights from a day until another in a bed for a hold. If one of them is another's, it takes none.
func (h Hold) take(ctx context.Context, tx *db.Tx, bed string, from, until dates.Partial) error {
	var args []any
	for day := from; day.SurelyBefore(until); day = day.Add(1) {
		args = append(args, bed, day.String(), h.Ref)
	}
	if len(args) == 0 {
		return nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO shelter_nights (bed_id, night, hold_id) VALUES `+db.Values(len(args)/3, 3)+` ON CONFLICT DO NOTHING`, args...)
	if err != nil {
		return fmt.Errorf("take nights: %w", err)
	}
	if int(n) != len(args)/3 {
		return fault.New(fault.Conflict, "shelter.bed_taken")
	}
	return nil
}

// free gives the nights of a hold back from a day on.
func (h Hold) free(ctx context.Context, tx *db.Tx, from dates.Partial) error {
	if _, err := tx.Exec(ctx, `DELETE FROM shelter_nights WHERE hold_id = ? AND night >= ?`, h.Ref, from.String()); err != nil {
		return fmt.Errorf("give nights back: %w", err)
	}
	return nil
}

// occupied are the beds of some shelters in which somebody lies in one of the nights from a day until another, with whom.
func occupied(ctx context.Context, q db.Reader, shelter ID, from, until dates.Partial) (map[string][]Hold, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT n.bed_id, `+holdColumns+` FROM shelter_nights n JOIN shelter_beds b ON b.id = n.bed_id JOIN shelter_holds h ON h.id = n.hold_id
		WHERE b.shelter_id = ? AND n.night >= ? AND n.night < ?`, string(shelter), from.String(), until.String())
	type lain struct {
		in string
		Hold
	}
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (l lain, err error) {
		err = r.Scan(&l.in, &l.Ref, &l.shelter, &l.bed, &l.division, &l.organisation, &l.party, &l.State, &l.Sex, &l.Age, &l.Accessible, &l.From, &l.Until, &l.placed,
			&l.alarmTo, db.NullTime(&l.alarmAt), &l.sealed)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("read nights: %w", err)
	}
	in := map[string][]Hold{}
	for _, l := range all {
		in[l.in] = append(in[l.in], l.Hold)
	}
	return in, nil
}

// overdue are those who should have left their bed and have not: it is not free, whatever the nights say.
func overdue(ctx context.Context, q db.Reader, shelter ID, today dates.Partial) (map[string]bool, error) {
	rows, err := q.Query(ctx, `SELECT bed_id FROM shelter_holds WHERE shelter_id = ? AND state IN ('there', 'away') AND until_on <= ?`, string(shelter), today.String())
	beds, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { err = r.Scan(&s); return s, err })
	still := map[string]bool{}
	for _, bed := range beds {
		still[bed] = true
	}
	return still, err
}

// fits says why a guest may not be put in a bed (no), and why somebody has to say a reason (but). The others are those who lie in
// the room, accompanied says that somebody grown up of her party is in the shelter.
func fits(bed Bed, h Hold, others []Hold, accompanied bool) (no, but *fault.Error) {
	with := func(sex persons.Sex) bool {
		return slices.ContainsFunc(others, func(o Hold) bool { return o.party == h.party && o.Sex == sex && o.Age == Grown })
	}
	refuse := func(key string) *fault.Error { return fault.New(fault.Invalid, key).On("bed") }
	ask := func(key string) *fault.Error { return fault.New(fault.Invalid, key).On("why") }
	var asks []*fault.Error
	known := h.Sex == persons.Female || h.Sex == persons.Male
	switch {
	case bed.Unused:
		return refuse("shelter.bed_unused"), nil
	case bed.serves == Women && h.Sex == persons.Male && h.Age != Child:
		return refuse("shelter.women_only"), nil
	case bed.serves == Men && h.Sex == persons.Female && h.Age != Child:
		return refuse("shelter.men_only"), nil
	case bed.serves == Women && h.Sex == persons.Male && !with(persons.Female), bed.serves == Men && h.Sex == persons.Female && !with(persons.Male):
		asks = append(asks, ask("shelter.child_among_others"))
	case bed.serves != Families && !known:
		asks = append(asks, ask("shelter.sex_unknown"))
	case bed.serves == Families && slices.ContainsFunc(others, func(o Hold) bool { return o.party != h.party }):
		asks = append(asks, ask("shelter.other_family"))
	}
	if h.Age != Grown && !accompanied {
		asks = append(asks, ask("shelter.child_alone"))
	}
	if h.Accessible && !bed.Accessible {
		asks = append(asks, ask("shelter.not_accessible"))
	}
	return nil, fault.Join(asks...)
}
