// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/choices"
	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/occupations"
	"fera/internal/seal"
)

// Journey is one stay abroad, from departure to return.
type Journey struct {
	ID            string         `json:"id,omitempty"`
	Registration  string         `json:"-"`
	Country       string         `json:"country"` // ISO 3166-1 alpha-2
	City          string         `json:"city,omitempty"`
	Occupation    string         `json:"occupation,omitempty"` // ISCO-08
	Work          string         `json:"work,omitempty"`       // in her own words
	Employer      string         `json:"employer,omitempty"`
	Recruiter     string         `json:"recruiter,omitempty"`
	LeftBy        string         `json:"left_by,omitempty"` // see WaysOfLeaving
	Cost          int64          `json:"cost,omitempty"`    // of going, in whole taka
	PaidBy        []string       `json:"paid_by,omitempty"` // see WaysOfPaying
	Departed      dates.Partial  `json:"departed,omitzero"`
	Returned      dates.Partial  `json:"returned,omitzero"`
	Port          string         `json:"port,omitempty"`          // see Ports
	Papers        []string       `json:"papers,omitempty"`        // see JourneyPapers: held on return
	Reasons       []string       `json:"reasons,omitempty"`       // see ReturnReasons
	Circumstances *Circumstances `json:"circumstances,omitempty"` // class 3; nil in a Person
	At            time.Time      `json:"at,omitzero"`
	Version       int            `json:"version,omitempty"`

	of ID // the record that it is in
}

// Circumstances are what happened abroad. They are class 3.
type Circumstances struct {
	Happened []string `json:"happened,omitempty"` // see Happenings
	Account  string   `json:"account,omitempty"`  // in her own words
	Owed     int64    `json:"owed,omitempty"`     // wages not paid, in whole taka
	Debt     int64    `json:"debt,omitempty"`     // still owed for the journey, in whole taka
}

func (c *Circumstances) any() bool {
	return c != nil && (len(c.Happened) > 0 || c.Account != "" || c.Owed != 0 || c.Debt != 0)
}

func (j *Journey) read(prefix string, today dates.Partial) *fault.Error {
	var faults []*fault.Error
	wrong := func(field, key string) { faults = append(faults, fault.New(fault.Invalid, key).On(prefix+field)) }
	j.Country = strings.ToUpper(j.Country)
	if _, ok := countries.Find(j.Country); !ok {
		wrong("country", "person.country_unknown")
	}
	if j.Occupation != "" {
		if _, ok := occupations.Find(j.Occupation); !ok {
			wrong("occupation", "person.occupation_unknown")
		}
	}
	among := func(field string, allowed []string, values ...string) {
		for _, v := range values {
			if v != "" && !slices.Contains(allowed, v) {
				wrong(field, "fault.bad_choice")
				return
			}
		}
	}
	among("left_by", choices.WaysOfLeaving(), j.LeftBy)
	among("paid_by", choices.WaysOfPaying(), j.PaidBy...)
	among("port", choices.Ports(), j.Port)
	among("papers", choices.JourneyPapers(), j.Papers...)
	among("reasons", choices.ReturnReasons(), j.Reasons...)
	for field, text := range map[string]*string{"city": &j.City, "work": &j.Work, "employer": &j.Employer, "recruiter": &j.Recruiter} {
		faults = append(faults, line(text, 200, prefix+field))
	}
	if j.Cost < 0 || j.Cost > 1_00_00_00_000 {
		wrong("cost", "person.amount_implausible")
	}
	if !j.Departed.IsZero() && !j.Returned.IsZero() && j.Returned.String() < j.Departed.String()[:min(len(j.Departed.String()), len(j.Returned.String()))] {
		wrong("returned", "person.returned_before_departed")
	}
	if !j.Returned.IsZero() && j.Returned.String() > today.String() {
		wrong("returned", "person.date_ahead")
	}
	if j.Circumstances != nil {
		own := *j.Circumstances // what the caller holds is left as it was
		j.Circumstances = &own
	}
	faults = append(faults, j.Circumstances.read(prefix))
	return fault.Join(faults...)
}

func (c *Circumstances) read(prefix string) *fault.Error {
	if c == nil {
		return nil
	}
	for _, h := range c.Happened {
		if !slices.Contains(choices.Happenings(), h) {
			return fault.New(fault.Invalid, "fault.bad_choice").On(prefix + "happened")
		}
	}
	if c.Owed < 0 || c.Debt < 0 || max(c.Owed, c.Debt) > 1_00_00_00_000 {
		return fault.New(fault.Invalid, "person.amount_implausible").On(prefix + "owed")
	}
	clean, problem := names.CheckText(c.Account, 5000)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 5000).On(prefix + "account")
	}
	c.Account = clean
	return nil
}

// sealedCircumstances returns what is kept of the circumstances, nil when there are none.
func (j *Journey) sealedCircumstances(ctx context.Context, tx *db.Tx, person ID) ([]byte, error) {
	if !j.Circumstances.any() {
		return nil, nil
	}
	text, err := json.Marshal(j.Circumstances)
	if err != nil {
		return nil, err
	}
	return seal.Seal(ctx, tx, string(person), "person_journeys:"+j.ID, text)
}

func insertJourney(ctx context.Context, tx *db.Tx, to link, j *Journey) error {
	j.ID, j.Registration, j.At, j.Version = newID(tx), to.registration, tx.Now(), 1
	sealed, err := j.sealedCircumstances(ctx, tx, to.person)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO person_journeys (id, person_id, registration_id, country, city, occupation, work, employer, recruiter, left_by, cost, paid_by,
		departed, returned, port, papers, reasons, sealed, at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		j.ID, string(to.person), to.registration, j.Country, j.City, j.Occupation, j.Work, j.Employer, j.Recruiter, j.LeftBy, j.Cost, strings.Join(j.PaidBy, " "),
		j.Departed.String(), j.Returned.String(), j.Port, strings.Join(j.Papers, " "), strings.Join(j.Reasons, " "), sealed, j.At)
	if err != nil {
		return err
	}
	return to.has(ctx, tx, listJourneys)
}

func journeysOf(ctx context.Context, q db.Reader, of records) ([]Journey, error) {
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT person_id, id, registration_id, country, city, occupation, work, employer, recruiter, left_by, cost, paid_by, departed, returned, port, papers, reasons, at, version
		FROM person_journeys WHERE person_id`+in+` AND ended_at IS NULL ORDER BY returned DESC, id`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (j Journey, err error) {
		var paid, papers, reasons string
		err = row.Scan(&j.of, &j.ID, &j.Registration, &j.Country, &j.City, &j.Occupation, &j.Work, &j.Employer, &j.Recruiter, &j.LeftBy, &j.Cost, &paid,
			partial{&j.Departed}, partial{&j.Returned}, &j.Port, &papers, &reasons, db.Time(&j.At), &j.Version)
		j.PaidBy, j.Papers, j.Reasons = strings.Fields(paid), strings.Fields(papers), strings.Fields(reasons)
		return j, err
	})
}

// AddJourney adds a stay abroad.
func AddJourney(ctx context.Context, tx *db.Tx, who access.Actor, person ID, j Journey) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	if f := j.read("", dates.Of(tx.Now())); f != nil {
		return f
	}
	to, err := e.through(ctx, tx, who)
	if err != nil {
		return err
	}
	if err := e.mayProtect(ctx, tx, who, to.person, j.Circumstances.any()); err != nil {
		return err
	}
	if err := insertJourney(ctx, tx, to, &j); err != nil {
		return err
	}
	return rowChange{to.person, "journey", nil, j}.record(ctx, tx, who)
}

// ChangeJourney corrects a stay abroad. Circumstances that are nil stay as they are.
func ChangeJourney(ctx context.Context, tx *db.Tx, who access.Actor, person ID, j Journey) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	if f := j.read("", dates.Of(tx.Now())); f != nil {
		return f
	}
	all, err := journeysOf(ctx, tx, e.records)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(have Journey) bool { return have.ID == j.ID })
	if i < 0 {
		return fault.New(fault.NotFound, "person.row_not_found")
	}
	before := all[i]
	if err := e.mayProtect(ctx, tx, who, before.of, j.Circumstances != nil); err != nil {
		return err
	}
	if err := j.update(ctx, tx, before.of); err != nil {
		return err
	}
	j.At, j.Version, before.Version = before.At, 0, 0
	return rowChange{before.of, "journey", before, j}.record(ctx, tx, who)
}

func (j *Journey) update(ctx context.Context, tx *db.Tx, person ID) error {
	n, err := tx.Exec(ctx, `UPDATE person_journeys SET country = ?, city = ?, occupation = ?, work = ?, employer = ?, recruiter = ?, left_by = ?, cost = ?, paid_by = ?,
		departed = ?, returned = ?, port = ?, papers = ?, reasons = ?, version = version + 1 WHERE id = ? AND person_id = ? AND version = ? AND ended_at IS NULL`,
		j.Country, j.City, j.Occupation, j.Work, j.Employer, j.Recruiter, j.LeftBy, j.Cost, strings.Join(j.PaidBy, " "),
		j.Departed.String(), j.Returned.String(), j.Port, strings.Join(j.Papers, " "), strings.Join(j.Reasons, " "), j.ID, string(person), j.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return changedMeanwhile()
	}
	if j.Circumstances == nil {
		return nil
	}
	sealed, err := j.sealedCircumstances(ctx, tx, person)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE person_journeys SET sealed = ? WHERE person_id = ? AND id = ?`, sealed, string(person), j.ID)
	return err
}

// mayProtect refuses an act that writes class-3 data into a record outside who's
// caseload, or about a person who did not agree that such things are written
// down. She must have agreed in that record, and not refused in another.
func (e editing) mayProtect(ctx context.Context, tx *db.Tx, who access.Actor, in ID, protected bool) error {
	if !protected {
		return nil
	}
	ok, err := access.Reaches(ctx, tx, who, access.ChangeProtected, string(in))
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	ok, err = e.agreed(ctx, tx, in, PurposeProtected)
	if err == nil && !ok {
		return fault.New(fault.Invalid, "person.protected_consent_needed").On("consents.protected")
	}
	return err
}

// agreed reports whether she agrees to a purpose in one record, and refuses it in
// none of those that are changed.
func (e editing) agreed(ctx context.Context, q db.Reader, in ID, purpose Purpose) (bool, error) {
	consents, err := consentsOf(ctx, q, e.records)
	if err != nil || !agreed(current(consents), purpose) {
		return false, err
	}
	return agreed(slices.DeleteFunc(current(consents), func(c Consent) bool { return c.of != in }), purpose), nil
}
