// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/seal"
)

// Functioning is the answers to the Washington Group Short Set: six questions,
// each 1 (no difficulty), 2 (some), 3 (a lot), 4 (cannot do at all), or 0 for
// not answered. The words and their order are the Group's and are not changed.
type Functioning struct {
	Vision        int `json:"vision"`
	Hearing       int `json:"hearing"`
	Mobility      int `json:"mobility"`
	Cognition     int `json:"cognition"`
	SelfCare      int `json:"self_care"`
	Communication int `json:"communication"`

	By string    `json:"-"` // who asked
	At time.Time `json:"-"`
}

// functioningInstrument names the instrument and its version in stored answers.
const functioningInstrument = "wg-ss"

// Domains returns the six domains in the order of the questions.
func (f Functioning) Domains() []int {
	return []int{f.Vision, f.Hearing, f.Mobility, f.Cognition, f.SelfCare, f.Communication}
}

// Disability applies the cut-off that the Group recommends: at least one domain
// with a lot of difficulty, or that one cannot do at all. What was not answered
// never raises it.
func (f Functioning) Disability() bool {
	return slices.ContainsFunc(f.Domains(), func(d int) bool { return d >= 3 })
}

func (f *Functioning) read(prefix string) *fault.Error {
	for _, d := range f.Domains() {
		if d < 0 || d > 4 {
			return fault.New(fault.Invalid, "fault.bad_choice").On(prefix)
		}
	}
	return nil
}

func insertFunctioning(ctx context.Context, tx *db.Tx, who access.Actor, to link, f Functioning) error {
	id := newID(tx)
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	sealed, err := seal.Seal(ctx, tx, string(to.person), "person_functioning:"+id, text)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO person_functioning (id, person_id, registration_id, instrument, sealed, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, string(to.person), to.registration, functioningInstrument, sealed, who.Name, tx.Now())
	return err
}

// RecordFunctioning adds a set of answers. Earlier ones stay.
func RecordFunctioning(ctx context.Context, tx *db.Tx, who access.Actor, person ID, f Functioning) error {
	e, err := editable(ctx, tx, who, access.ChangeProtected, person)
	if err != nil {
		return err
	}
	if wrong := f.read("functioning"); wrong != nil {
		return wrong
	}
	to, err := e.through(ctx, tx, who)
	if err != nil {
		return err
	}
	if err := e.mayProtect(ctx, tx, who, to.person, true); err != nil {
		return err
	}
	if err := insertFunctioning(ctx, tx, who, to, f); err != nil {
		return err
	}
	if err := revise(ctx, tx, to.person); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ChangeProtected, audit.Entry{Subject: "person:" + string(to.person), Person: string(to.person), After: map[string]any{"functioning": f}})
}

// Protected is the class-3 part of a person's record.
type Protected struct {
	Until         time.Time                // when the glass closes again; zero for who has her on the caseload
	Values        map[Field]string         // ethnicity, mother tongue
	Circumstances map[string]Circumstances // by journey id
	Functioning   []Functioning            // newest first
}

// Look opens the class-3 part of a person's record to who has her on the
// caseload or has broken the glass, and enters the look in the trail. Others are
// refused; the page that they see says nothing of what there is. Of several
// records, those are opened that lie on who's caseload, and no other.
func Look(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Protected, error) {
	of, until, err := opened(ctx, tx, who, id)
	if err != nil {
		return Protected{}, err
	}
	if len(of) == 0 {
		return Protected{}, fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	tx.Allowed()
	p := Protected{Until: until, Values: map[Field]string{}, Circumstances: map[string]Circumstances{}}
	all, err := claimsOf(ctx, tx, of)
	if err != nil {
		return Protected{}, fmt.Errorf("look at person: %w", err)
	}
	for _, id := range of {
		own := Protected{Values: map[Field]string{}, Circumstances: map[string]Circumstances{}}
		if err := own.open(ctx, tx, id, all); err != nil {
			return Protected{}, fmt.Errorf("look at person: %w", err)
		}
		p.add(own)
		if err := audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "person:" + string(id), Person: string(id), Named: own.shown()}); err != nil {
			return Protected{}, err
		}
	}
	return p, nil
}

// add puts what is in another record beside what is in this one.
func (p *Protected) add(other Protected) {
	maps.Copy(p.Values, other.Values)
	maps.Copy(p.Circumstances, other.Circumstances)
	p.Functioning = append(p.Functioning, other.Functioning...)
	slices.SortStableFunc(p.Functioning, func(a, b Functioning) int { return b.At.Compare(a.At) })
}

// SeesProtected reports whether who may see the class-3 part of a person now, and
// until when if not for good; see Look.
func SeesProtected(ctx context.Context, q db.Reader, who access.Actor, id ID) (bool, time.Time, error) {
	of, until, err := opened(ctx, q, who, id)
	if fault.KindOf(err) == fault.NotFound {
		return false, time.Time{}, nil
	}
	return len(of) > 0, until, err
}

// opened are the records of a person whose class-3 part who may see now, and when
// the first of them closes again.
func opened(ctx context.Context, q db.Reader, who access.Actor, id ID) (of records, until time.Time, err error) {
	c, err := FindCard(ctx, q, who, id)
	if err != nil {
		return nil, until, err
	}
	all := records{c.ID}
	if c.group != "" {
		s, err := see(ctx, q, who, c.group)
		if err != nil {
			return nil, until, err
		}
		all = s.records
	}
	for _, id := range all {
		ok, ends, err := access.SeesProtected(ctx, q, who, string(id))
		if err != nil {
			return nil, until, err
		}
		if ok {
			of = append(of, id)
		}
		if !ends.IsZero() && (until.IsZero() || ends.Before(until)) {
			until = ends
		}
	}
	return of, until, nil
}

// shown lists what a look showed, for the trail.
func (p *Protected) shown() (fields []string) {
	for f := range p.Values {
		fields = append(fields, string(f))
	}
	if len(p.Circumstances) > 0 {
		fields = append(fields, "circumstances")
	}
	if len(p.Functioning) > 0 {
		fields = append(fields, "functioning")
	}
	return fields
}

func (p *Protected) open(ctx context.Context, q db.Reader, id ID, claims []Claim) error {
	type row struct {
		id, kind string
		sealed   []byte
		name     string
		at       time.Time
	}
	used := func(claim string) bool {
		return slices.ContainsFunc(claims, func(c Claim) bool { return c.ID == claim && c.InUse })
	}
	rows, err := q.Query(ctx, `SELECT id, field, sealed, user_name, at FROM person_claims WHERE person_id = ? AND sealed IS NOT NULL
		UNION ALL SELECT id, 'person_journeys', sealed, '', at FROM person_journeys WHERE person_id = ? AND sealed IS NOT NULL AND ended_at IS NULL
		UNION ALL SELECT id, 'person_functioning', sealed, user_name, at FROM person_functioning WHERE person_id = ? ORDER BY 1`, string(id), string(id), string(id))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.id, &v.kind, &v.sealed, &v.name, db.Time(&v.at))
		return v, err
	})
	if err != nil {
		return err
	}
	for _, r := range all {
		table := r.kind
		if Field(r.kind).Protected() {
			if table = "person_claims"; !used(r.id) {
				continue
			}
		}
		text, err := seal.Open(ctx, q, string(id), table+":"+r.id, r.sealed)
		if err != nil {
			return err
		}
		switch table {
		case "person_claims":
			p.Values[Field(r.kind)] = string(text)
		case "person_journeys":
			var c Circumstances
			if err := json.Unmarshal(text, &c); err != nil {
				return err
			}
			p.Circumstances[r.id] = c
		default:
			f := Functioning{By: r.name, At: r.at}
			if err := json.Unmarshal(text, &f); err != nil {
				return err
			}
			p.Functioning = append([]Functioning{f}, p.Functioning...)
		}
	}
	return nil
}

// RowOf names one row of a person.
type RowOf struct {
	Person ID
	Row    Row
	ID     string
}

// Reveal returns one masked number in full: a contact's or an identifier's. It
// is one at a time, and each time is in the trail.
func Reveal(ctx context.Context, tx *db.Tx, who access.Actor, of RowOf) (string, error) {
	e, err := editable(ctx, tx, who, access.RevealNumbers, of.Person)
	if err != nil {
		return "", err
	}
	in, args := e.records.in()
	query := map[Row]string{
		ContactRow:    `SELECT person_id, sealed FROM person_contacts WHERE id = ? AND person_id` + in,
		IdentifierRow: `SELECT person_id, sealed FROM person_identifiers WHERE id = ? AND person_id` + in,
	}[of.Row]
	if query == "" {
		return "", fault.New(fault.NotFound, "person.row_not_found")
	}
	var person ID
	var sealed []byte
	err = tx.QueryRow(ctx, query, append([]any{of.ID}, args...)...).Scan(&person, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "person.row_not_found")
	}
	if err != nil {
		return "", err
	}
	number, err := seal.Open(ctx, tx, string(person), of.Row.table()+":"+of.ID, sealed)
	if err != nil {
		return "", err
	}
	return string(number), audit.Record(ctx, tx, who, access.RevealNumbers, audit.Entry{Subject: "person:" + string(person), Person: string(person),
		Named: []string{string(of.Row)}})
}

// BreakGlass opens the class-3 part of a person who is not on who's caseload,
// for a reason and for a time. The caller tells those whom it must, in the same
// transaction.
func BreakGlass(ctx context.Context, tx *db.Tx, who access.Actor, id ID, reason string) (access.Opening, error) {
	e, err := editable(ctx, tx, who, access.BreakGlass, id)
	if err != nil {
		return access.Opening{}, err
	}
	reason, problem := names.CheckText(reason, 500)
	if problem != "" {
		return access.Opening{}, fault.New(fault.Invalid, problem).With("max", 500).On("reason")
	}
	if len([]rune(reason)) < 10 {
		return access.Opening{}, fault.New(fault.Invalid, "person.glass_reason_needed").On("reason")
	}
	subjects := make([]string, len(e.records))
	for i, id := range e.records {
		subjects[i] = string(id)
	}
	all, err := access.Break(ctx, tx, who, reason, subjects...)
	if err != nil {
		return access.Opening{}, err
	}
	return all[0], e.each(func(id ID) error {
		return audit.Record(ctx, tx, who, access.BreakGlass, audit.Entry{Subject: "person:" + string(id), Person: string(id), Reason: reason, After: map[string]any{"ends_at": all[0].EndsAt}})
	})
}

// Review says what was found about an opening of a person's protected data.
type Review struct {
	Person  ID
	Opening string
	Finding string
}

// ReviewGlass writes down whether the glass was rightly broken.
func ReviewGlass(ctx context.Context, tx *db.Tx, who access.Actor, r Review) error {
	id, opening := r.Person, r.Opening
	if err := access.CheckOn(ctx, tx, who, access.ReviewGlass, string(id)); err != nil {
		return err
	}
	finding, problem := names.CheckText(r.Finding, 500)
	if problem != "" || finding == "" {
		return fault.New(fault.Invalid, orElse(problem, "fault.needed")).With("max", 500).On("finding")
	}
	if err := access.Review(ctx, tx, who, access.Opening{ID: opening, Subject: string(id), Finding: finding}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ReviewGlass, audit.Entry{Subject: "person:" + string(id), Person: string(id), Reason: finding, After: map[string]string{"opening": opening}})
}

// Assignment puts a person on a user's caseload, or takes her off it.
type Assignment struct {
	Person ID
	User   string
	On     bool
}

// Assign puts a person on a user's caseload, or takes her off it. Nobody puts one
// on her own: who needs to see what is protected is given it by another, or
// breaks the glass. The caller has made sure that the user is one of who's.
func Assign(ctx context.Context, tx *db.Tx, who access.Actor, a Assignment) error {
	user, on := a.User, a.On
	e, err := editable(ctx, tx, who, access.AssignPerson, a.Person)
	if err != nil {
		return err
	}
	if on && user == who.ID {
		return fault.New(fault.Forbidden, "person.assign_self")
	}
	change := access.Add
	if !on {
		change = access.Remove
	}
	return e.each(func(id ID) error {
		if err := change(ctx, tx, string(id), access.OnCaseload(user)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, who, access.AssignPerson, audit.Entry{Subject: "person:" + string(id), Person: string(id),
			Before: map[string]any{"caseload": cond(on, "", user)}, After: map[string]any{"caseload": cond(on, user, "")}})
	})
}

func cond(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
