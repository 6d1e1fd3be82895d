// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
)

// StayID identifies a stay.
type StayID string

// Stay is that somebody needs a bed, has one or had one.
type Stay struct {
	Hold
	ID           StayID
	Case         cases.ID
	Person       persons.ID
	Registration string // through which it belongs to her
	Client       string // member of the case whose stay it is; the person of the case herself when empty
	Party        string // those who come together have the same
	Shelter      ID     // empty until there is a bed
	House        string // name of the shelter
	Bed          string // room and bed, as its keepers call it
	Version      int
	Content
	Events []Event // the latest first

	ended string
}

// Content is what is sealed of a stay.
type Content struct {
	CalledAs string        `json:"called_as,omitempty"` // what she wants to be called in the shelter
	Needs    string        `json:"needs,omitempty"`     // what its keepers have to know: food, illness, fears
	AskedBy  string        `json:"asked_by"`            // user
	Asker    string        `json:"asker"`
	BackOn   dates.Partial `json:"back_on,omitzero"` // when she is expected back, while away
	Plan     *Plan         `json:"plan,omitempty"`
}

// Event is something that was done about a stay.
type Event struct {
	Act    Act               `json:"act"` // or "ask"
	State  State             `json:"state"`
	User   string            `json:"user"`
	By     string            `json:"by"`
	At     time.Time         `json:"at"`
	Why    string            `json:"why,omitempty"`
	Detail map[string]string `json:"detail,omitempty"` // of the act: shelter, room, until, back
}

const stayColumns = `s.id, s.case_id, s.person_id, s.registration_id, s.client, s.party, s.ended_on, s.sealed, s.version`

func stayNotFound() error { return fault.New(fault.NotFound, "shelter.stay_not_found") }

func (s Stay) subject() string { return "stay:" + string(s.ID) }

func scanStay(row interface{ Scan(...any) error }) (s Stay, sealed []byte, err error) {
	err = row.Scan(&s.ID, &s.Case, &s.Person, &s.Registration, &s.Client, &s.Party, &s.ended, &sealed, &s.Version)
	return s, sealed, err
}

// open reads of a stay what is sealed, and its hold.
func (s *Stay) open(ctx context.Context, q db.Reader, sealed []byte) error {
	if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(s.Person), Name: "shelter_stays:" + string(s.ID), Sealed: sealed}, &s.Content); err != nil {
		return fmt.Errorf("open stay: %w", err)
	}
	ref, err := refOf(ctx, q, s.ID)
	if err != nil {
		return err
	}
	if s.Hold, err = findHold(ctx, q, ref); err != nil {
		return fmt.Errorf("open stay: %w", err)
	}
	s.Shelter = s.shelter
	if s.bed == "" {
		return nil
	}
	err = q.QueryRow(ctx, `SELECT s.name, r.label, b.label FROM shelter_beds b JOIN shelter_rooms r ON r.id = b.room_id JOIN shelters s ON s.id = b.shelter_id WHERE b.id = ?`, s.bed).
		Scan(&s.House, &s.Bed, &ref)
	s.Bed += " · " + ref
	return err
}

// load is a stay, whoever asks, without its events.
func load(ctx context.Context, q db.Reader, id StayID) (Stay, error) {
	s, sealed, err := scanStay(q.QueryRow(ctx, `SELECT `+stayColumns+` FROM shelter_stays s WHERE s.id = ?`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return Stay{}, stayNotFound()
	}
	if err != nil {
		return Stay{}, fmt.Errorf("find stay: %w", err)
	}
	return s, s.open(ctx, q, sealed)
}

// standing finds a stay with the rights of who over it. Of one over which she has none there is nothing.
func standing(ctx context.Context, q db.Reader, who access.Actor, id StayID) (Stay, Rights, error) {
	s, err := load(ctx, q, id)
	if err != nil {
		return Stay{}, Rights{}, err
	}
	var r Rights
	if r.Carries, err = s.carries(ctx, q, who); err != nil {
		return Stay{}, r, err
	}
	if r.Runs, err = s.Hold.run(ctx, q, who); err != nil {
		return Stay{}, r, err
	}
	if r == (Rights{}) {
		return Stay{}, r, stayNotFound()
	}
	return s, r, nil
}

// carries tells whether who sees the case and has the person on the caseload.
func (s Stay) carries(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	if _, err := cases.Find(ctx, q, who, s.Case); fault.KindOf(err) == fault.NotFound {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return access.Reaches(ctx, q, who, access.PlaceInShelter, string(s.Person))
}

// run tells whether who keeps the shelter of a hold; of who has no bed yet, one that could give it.
func (h Hold) run(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	switch {
	case h.shelter != "":
		return access.Reaches(ctx, q, keeper(who), access.ManageShelter, string(h.shelter))
	case h.State != Asked:
		return false, nil
	}
	may, args := access.Where(keeper(who), access.ManageShelter, "s.id")
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM shelters s WHERE s.closed_at IS NULL AND s.division = ? AND (s.organisation_id = ? OR s.shared = TRUE) AND `+may,
		append([]any{h.division, h.organisation}, args...)...).Scan(&n)
	return n > 0, err
}

func (s Stay) standing() Standing {
	return Standing{State: s.State, Planned: s.Plan != nil, Moved: s.State.holds() && s.From != s.placed}
}

// Acting is an act on a stay as it was when somebody decided to do it. Version 0 stands for any.
type Acting struct {
	Stay    StayID
	Version int
}

// begin finds a stay for an act, and lets the transaction commit.
func begin(ctx context.Context, tx *db.Tx, who access.Actor, a Acting, act Act) (Stay, error) {
	s, r, err := standing(ctx, tx, who, a.Stay)
	if err != nil {
		return Stay{}, err
	}
	if a.Version != 0 && a.Version != s.Version {
		return Stay{}, fault.New(fault.Conflict, "shelter.stay_changed")
	}
	if f := refusal(s.standing(), r, act); f != nil {
		return Stay{}, f
	}
	if carries, _ := doers(act); carries && r.Carries {
		return s, access.CheckOn(ctx, tx, who, access.PlaceInShelter, string(s.Person))
	}
	return s, access.Check(tx, keeper(who), access.ManageShelter, access.OnCaseload(who.ID))
}

// change is what an act did to a stay.
type change struct {
	act    Act
	why    string
	detail map[string]string
}

// keep writes a changed stay with its hold, what was done, and the trail. What keepers do is entered for their shelter, and not for
// the person: else who reads the trail would learn from the keeper in which shelter she is.
func (s *Stay) keep(ctx context.Context, tx *db.Tx, who access.Actor, ch change) error {
	if s.State == Left || s.State == Cancelled {
		s.ended = dates.Of(tx.Now()).String()
	}
	sealed, err := seal.JSON(ctx, tx, string(s.Person), "shelter_stays:"+string(s.ID), s.Content)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE shelter_stays SET ended_on = ?, sealed = ?, version = version + 1 WHERE id = ? AND version = ?`, s.ended, sealed, string(s.ID), s.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "shelter.stay_changed")
	}
	s.Version++
	if err := s.Hold.keep(ctx, tx); err != nil {
		return err
	}
	if err := s.happened(ctx, tx, who, ch); err != nil {
		return err
	}
	return s.record(ctx, tx, who, string(ch.act))
}

// record enters in the trail what was done about a stay.
func (s Stay) record(ctx context.Context, tx *db.Tx, who access.Actor, what string) error {
	carries, err := s.carries(ctx, tx, who)
	if err != nil {
		return err
	}
	if !carries {
		return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: "shelter:" + string(s.Shelter), Named: []string{"stay", what}})
	}
	return audit.Record(ctx, tx, who, access.ChangeProtected, audit.Entry{Subject: s.subject(), Person: string(s.Person), Named: []string{"stay"}})
}

func (s Stay) happened(ctx context.Context, tx *db.Tx, who access.Actor, ch change) error {
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM shelter_events WHERE stay_id = ?`, string(s.ID)).Scan(&n); err != nil {
		return err
	}
	e := Event{ch.act, s.State, who.ID, who.Name, tx.Now(), ch.why, ch.detail}
	sealed, err := seal.JSON(ctx, tx, string(s.Person), fmt.Sprintf("shelter_events:%s:%d", s.ID, n+1), e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO shelter_events (stay_id, place, sealed) VALUES (?, ?, ?)`, string(s.ID), n+1, sealed)
	return err
}

// history reads what was done about a stay.
func (s *Stay) history(ctx context.Context, q db.Reader) error {
	type row struct {
		place  int
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT place, sealed FROM shelter_events WHERE stay_id = ? ORDER BY place DESC`, string(s.ID))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.place, &v.sealed)
		return v, err
	})
	if err != nil {
		return fmt.Errorf("history of stay: %w", err)
	}
	for _, r := range all {
		var e Event
		at := seal.Place{Subject: string(s.Person), Name: fmt.Sprintf("shelter_events:%s:%d", s.ID, r.place), Sealed: r.sealed}
		if err := seal.FromJSON(ctx, q, at, &e); err != nil {
			return fmt.Errorf("history of stay: %w", err)
		}
		s.Events = append(s.Events, e)
	}
	return nil
}

// ofCase are the stays of a case, the latest first.
func ofCase(ctx context.Context, q db.Reader, id cases.ID) ([]Stay, error) {
	rows, err := q.Query(ctx, `SELECT s.id FROM shelter_stays s WHERE s.case_id = ? ORDER BY s.id DESC`, string(id))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s StayID, err error) { err = r.Scan(&s); return s, err })
	if err != nil {
		return nil, fmt.Errorf("list stays: %w", err)
	}
	stays := make([]Stay, len(all))
	for i, id := range all {
		if stays[i], err = load(ctx, q, id); err != nil {
			return nil, err
		}
	}
	return stays, nil
}

// LookAtStays returns the stays of a case with what was done about them, to who sees what is protected about the person. The look
// is in the trail.
func LookAtStays(ctx context.Context, tx *db.Tx, who access.Actor, id cases.ID) ([]Stay, error) {
	c, err := cases.Find(ctx, tx, who, id)
	if err != nil {
		return nil, err
	}
	if ok, _, err := access.SeesProtected(ctx, tx, who, string(c.Person)); err != nil || !ok {
		return nil, errors.Join(err, nothing())
	}
	all, err := ofCase(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := all[i].history(ctx, tx); err != nil {
			return nil, err
		}
	}
	tx.Allowed()
	return all, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "case:" + string(id), Person: string(c.Person), Named: []string{"stay"}})
}

// nothing answers who sees a case and not what is protected in it: there is nothing.
func nothing() error { return fault.New(fault.NotFound, "fault.not_found") }

// LookAtGuest returns the stay of a hold with what was done about it, to who keeps the shelter, or one that could give her a bed. The
// look is in the trail of the shelter.
func LookAtGuest(ctx context.Context, tx *db.Tx, who access.Actor, in ID, ref string) (Stay, error) {
	house, err := Find(ctx, tx, who, in)
	if err != nil {
		return Stay{}, err
	}
	h, err := findHold(ctx, tx, ref)
	if err != nil {
		return Stay{}, err
	}
	if ok, err := h.run(ctx, tx, who); err != nil || !ok || !house.Runs || h.shelter != "" && h.shelter != in || h.shelter == "" && !house.serves(h) {
		return Stay{}, errors.Join(err, stayNotFound())
	}
	id, err := h.stay(ctx, tx)
	if err != nil {
		return Stay{}, err
	}
	s, err := load(ctx, tx, id)
	if err != nil {
		return Stay{}, err
	}
	if err := s.history(ctx, tx); err != nil {
		return Stay{}, err
	}
	if err := access.CheckOn(ctx, tx, keeper(who), access.ManageShelter, string(in)); err != nil {
		return Stay{}, err
	}
	return s, audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: house.subject(), Named: []string{"guest_seen"}})
}

// serves tells whether a shelter may take who asked for a bed.
func (s Shelter) serves(h Hold) bool {
	return s.ClosedAt.IsZero() && s.Division == h.division && (s.Shared || s.Organisation == h.organisation)
}

// PossibleNow are the acts that who may do with a stay.
func PossibleNow(ctx context.Context, q db.Reader, who access.Actor, id StayID) (Stay, []Act, error) {
	s, r, err := standing(ctx, q, who, id)
	return s, Possible(s.standing(), r), err
}
