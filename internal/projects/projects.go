// SPDX-License-Identifier: Apache-2.0

// Package projects keeps what is done for returnees with money, for a time and at places: who pays and who does which part,
// what it is to come to, its budget and what was spent, and what counts for it.
//
// What is said of a project is a Record, kept by version; money is entries that are reversed and never changed. Which persons,
// cases, services and activities count is rows and rules, read by one condition, Counts. How figures are reckoned is not here:
// a project names indicators by their code.
package projects

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/offices"
	"fera/internal/operations"
)

// ID identifies a project.
type ID string

// State is where a project stands.
type State string

// The states, in the order of a project's life.
const (
	Planned   State = "planned"
	Running   State = "running"
	Completed State = "completed"
	Suspended State = "suspended"
	Cancelled State = "cancelled"
)

// States returns the states, in the order in which they are offered.
func States() []State { return []State{Planned, Running, Completed, Suspended, Cancelled} }

// Project is a project as it stands now.
type Project struct {
	ID           ID
	Code         string // by which people name it
	Organisation string // whose it is
	Office       string
	State        State
	Version      int
	By           string // who said what it says now
	At           time.Time
	Record
}

// Opening begins a project.
type Opening struct {
	Operation string // id of the act; see package operations
	Code      string
	State     State // Planned when empty
	Record    Record
}

// Amendment says anew what a project is, or where it stands. The version before it stays.
type Amendment struct {
	Project ID
	Version int // that it was read at
	State   State
	Record  Record
	Why     string
}

var codeShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// Open begins a project of who's organisation.
func Open(ctx context.Context, tx *db.Tx, who access.Actor, o Opening) (ID, error) {
	if err := access.Check(tx, who, access.ManageProjects, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return "", err
	}
	p := Project{ID: ID(ids.Beside(who.Office, tx.Now())), Code: o.Code, Organisation: who.Organisation, Office: who.Office, State: o.State, Version: 1, By: who.Name, At: tx.Now(), Record: o.Record}
	if p.State == "" {
		p.State = Planned
	}
	same, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	if earlier, err := operations.Once(ctx, tx, who, o.Operation, string(p.ID), same); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	var code *fault.Error
	if !codeShape.MatchString(p.Code) {
		code = fault.New(fault.Invalid, "project.code").On("code")
	}
	if f := fault.Join(code, p.check()); f != nil {
		return "", f
	}
	if err := p.insert(ctx, tx, who); err != nil {
		return "", err
	}
	return p.ID, audit.Record(ctx, tx, who, access.ManageProjects, audit.Entry{Subject: p.subject(), After: p.entry()})
}

// Amend makes a new version of what is said of a project.
func Amend(ctx context.Context, tx *db.Tx, who access.Actor, a Amendment) (int, error) {
	p, err := managed(ctx, tx, who, a.Project)
	if err != nil {
		return 0, err
	}
	if a.Version != p.Version {
		return 0, fault.New(fault.Conflict, "fault.conflict")
	}
	before := p
	p.Record, p.State, p.Version, p.By, p.At = a.Record, a.State, p.Version+1, who.Name, tx.Now()
	if f := fault.Join(text(&a.Why, 3, 500, "why"), p.check()); f != nil {
		return 0, f
	}
	definition, err := json.Marshal(p.Record)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE projects SET state = ?, from_on = ?, until_on = ?, definition = ?, version = ?, user_name = ?, at = ? WHERE id = ?`,
		string(p.State), p.Begins().String(), p.Ends().String(), string(definition), p.Version, p.By, p.At, string(p.ID)); err != nil {
		return 0, fmt.Errorf("amend project: %w", err)
	}
	if err := p.keep(ctx, tx, who, a.Why); err != nil {
		return 0, err
	}
	return p.Version, audit.Record(ctx, tx, who, access.ManageProjects, audit.Entry{Subject: p.subject(), Before: before.entry(), After: p.entry(), Reason: a.Why})
}

func (p *Project) check() *fault.Error {
	var state *fault.Error
	if !slices.Contains(States(), p.State) {
		state = fault.New(fault.Invalid, "fault.bad_choice").On("state")
	}
	return fault.Join(state, p.Record.check())
}

func (p Project) insert(ctx context.Context, tx *db.Tx, who access.Actor) error {
	definition, err := json.Marshal(p.Record)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO projects (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, string(p.ID), p.Code, p.Organisation, p.Office, string(p.State),
		p.Begins().String(), p.Ends().String(), string(definition), p.Version, p.By, p.At)
	if err != nil {
		return fmt.Errorf("open project: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "project.code_taken").On("code")
	}
	return p.keep(ctx, tx, who, "")
}

// keep keeps the version that p is, and says who sees it: its own people, those of its partners, and those of its places.
func (p Project) keep(ctx context.Context, tx *db.Tx, who access.Actor, why string) error {
	definition, err := json.Marshal(p.Record)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO project_versions (project_id, number, state, definition, why, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		string(p.ID), p.Version, string(p.State), string(definition), why, who.ID, who.Name, tx.Now()); err != nil {
		return fmt.Errorf("keep version of project: %w", err)
	}
	scopes := []access.Scope{access.AtOffice(p.Office), access.OfOrganisation(p.Organisation)}
	for _, one := range p.Partners {
		if one.Organisation == "" || one.Organisation == p.Organisation {
			continue
		}
		if _, err := offices.FindOrganisation(ctx, tx, access.System(access.ReadOffices), one.Organisation); fault.KindOf(err) == fault.NotFound {
			return fault.New(fault.Invalid, "fault.bad_choice").On("partners")
		} else if err != nil {
			return err
		}
		scopes = append(scopes, access.OfOrganisation(one.Organisation))
	}
	for _, place := range p.Places {
		for _, around := range geo.Path(place) {
			scopes = append(scopes, access.InArea(around.Code))
		}
	}
	return access.Place(ctx, tx, string(p.ID), scopes...)
}

func (p Project) subject() string { return "project:" + string(p.ID) }

// entry is what the trail keeps of a project.
func (p Project) entry() any {
	return struct {
		Code  string `json:"code"`
		State State  `json:"state"`
		Record
	}{p.Code, p.State, p.Record}
}

func notFound() error { return fault.New(fault.NotFound, "project.not_found") }

// managed finds a project for an act of those whose it is, and lets the transaction commit.
func managed(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Project, error) {
	p, err := Find(ctx, tx, who, id)
	if err != nil {
		return p, err
	}
	return p, access.Check(tx, who, access.ManageProjects, access.AtOffice(p.Office), access.OfOrganisation(p.Organisation))
}

// Manages tells whether who may change a project that she sees.
func Manages(who access.Actor, p Project) bool {
	return who.Covers(access.ManageProjects, access.AtOffice(p.Office), access.OfOrganisation(p.Organisation))
}

const columns = `id, code, organisation_id, office_id, state, from_on, until_on, definition, version, user_name, at`

func scan(row interface{ Scan(...any) error }) (p Project, err error) {
	var from, until, definition string
	if err = row.Scan(&p.ID, &p.Code, &p.Organisation, &p.Office, &p.State, &from, &until, &definition, &p.Version, &p.By, db.Time(&p.At)); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(definition), &p.Record)
}

// Find returns a project that who may see: one of her organisation, one in which her organisation has a part, or one at a
// place that she looks after.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Project, error) {
	may, args := access.Where(who, access.ReadProjects, "projects.id")
	return found(scan(q.QueryRow(ctx, `SELECT `+columns+` FROM projects WHERE id = ? AND `+may, append([]any{string(id)}, args...)...)))
}

// ByCode is Find for who knows the project's code.
func ByCode(ctx context.Context, q db.Reader, who access.Actor, code string) (Project, error) {
	may, args := access.Where(who, access.ReadProjects, "projects.id")
	return found(scan(q.QueryRow(ctx, `SELECT `+columns+` FROM projects WHERE code = ? AND `+may, append([]any{code}, args...)...)))
}

func found(p Project, err error) (Project, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return Project{}, notFound()
	}
	if err != nil {
		return Project{}, fmt.Errorf("find project: %w", err)
	}
	return p, nil
}

// Filter says which projects are wanted; empty values want all.
type Filter struct {
	State State
	Place string // those that work there, or in a part of it
	On    string // those that ran on a day, as YYYY-MM-DD
	After string // the code of the last one of the page before
	Limit int
}

// mostListed is how many projects a list has at most.
const mostListed = 500

// List returns the projects that who may see, by code.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) ([]Project, error) {
	may, args := access.Where(who, access.ReadProjects, "projects.id")
	if f.Limit <= 0 || f.Limit > mostListed {
		f.Limit = mostListed
	}
	args = append(args, f.After, string(f.State), string(f.State), f.On, f.On, f.On)
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM projects WHERE `+may+` AND code > ? AND (? = '' OR state = ?) AND (? = '' OR (from_on <= ? AND (until_on = '' OR until_on >= ?))) ORDER BY code`, args...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
	all = slices.DeleteFunc(all, func(p Project) bool { return !p.worksIn(f.Place) })
	return all[:min(len(all), f.Limit)], nil
}

func (p Project) worksIn(place string) bool {
	return place == "" || p.Nationwide || slices.ContainsFunc(p.Places, func(at string) bool { return geo.Within(at, place) || geo.Within(place, at) })
}

// Version is what was said of a project at a time, and why.
type Version struct {
	Number int
	State  State
	Record Record
	Why    string
	By     string
	At     time.Time
}

// Versions returns what was said of a project, the latest first.
func Versions(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Version, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT number, state, definition, why, user_name, at FROM project_versions WHERE project_id = ? ORDER BY number DESC`, string(id))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v Version, err error) {
		var definition string
		if err = r.Scan(&v.Number, &v.State, &definition, &v.Why, &v.By, db.Time(&v.At)); err != nil {
			return v, err
		}
		return v, json.Unmarshal([]byte(definition), &v.Record)
	})
	if err != nil {
		return nil, fmt.Errorf("list versions of project: %w", err)
	}
	return all, nil
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
