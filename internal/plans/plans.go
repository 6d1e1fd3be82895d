// SPDX-License-Identifier: Apache-2.0

// Package plans keeps what a returnee means to reach and how: goals in her own words, steps with who, what and by when,
// agreed with her, amended by version, reviewed on dates that the programme sets.
//
// The spine is the integrated approach: each goal is economic, social or psychosocial, and is about herself, her family, her
// community or the structures around them. Goals of class 3 are sealed apart; for who does not see class 3 there are none.
// A version that was agreed never changes. A plan belongs to a case, and is seen by who sees that.
package plans

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/seal"
)

// ID identifies a plan.
type ID string

// Dimension is what side of life a goal is about.
type Dimension string

// The dimensions of reintegration.
const (
	Economic     Dimension = "economic"
	Social       Dimension = "social"
	Psychosocial Dimension = "psychosocial"
)

// Level is where a goal is to change something.
type Level string

// The levels of reintegration; the family is ours, between the individual and the community.
const (
	Individual Level = "individual"
	Family     Level = "family"
	Community  Level = "community"
	Structural Level = "structural"
)

// Dimensions and Levels return the answers in the order in which they are asked.
func Dimensions() []Dimension { return []Dimension{Economic, Social, Psychosocial} }

// Levels returns the levels from the nearest to the farthest.
func Levels() []Level { return []Level{Individual, Family, Community, Structural} }

// Goal is something that she wants to reach.
type Goal struct {
	ID        string    `json:"id"`
	Dimension Dimension `json:"dimension"`
	Level     Level     `json:"level"`
	Words     string    `json:"words"`            // her own
	Client    string    `json:"client,omitempty"` // member of the case whose goal it is; hers when empty
	Protected bool      `json:"-"`                // class 3; a psychosocial goal of a person is always
	Steps     []Step    `json:"steps"`

	State State `json:"-"`
}

// Step is something that is done to reach a goal.
type Step struct {
	ID      string        `json:"id"`
	What    string        `json:"what"`
	Who     string        `json:"who"`            // see Doers
	User    string        `json:"user,omitempty"` // the colleague, when one of us does it
	By      dates.Partial `json:"by"`
	Service string        `json:"service,omitempty"` // code of the catalogue, when it is a service

	State State `json:"-"`
}

// State is how a step or a goal stands.
type State struct {
	Outcome string // of a step done or dropped, of a goal reached, partly or given_up; empty while it is open
	Why     string
	By      string
	At      time.Time
}

// Doers are those who may do a step.
func Doers() []string { return []string{"returnee", "family", "worker", "provider", "other"} }

// Plan is a plan as one of its versions has it.
type Plan struct {
	ID      ID
	Case    cases.ID
	Agreed  int // number of the version that holds, 0 before one does
	Draft   int // number of the version that is being written, 0 when none is
	Version int // grows by one with each act

	Number   int // of the version whose goals these are
	Goals    []Goal
	Closed   bool // goals of class 3 are left out, because they were not asked for
	By       string
	At       time.Time
	How      string // how it was agreed
	File     string // what she signed
	AgreedBy string // who was there for the office
	AgreedAt time.Time
	Approval string // which allowed it, where the programme asks for that

	sealed, protected []byte
}

// Grid counts the goals of each dimension and level.
func (p Plan) Grid() map[Dimension]map[Level]int {
	grid := map[Dimension]map[Level]int{}
	for _, d := range Dimensions() {
		grid[d] = map[Level]int{}
	}
	for _, g := range p.Goals {
		grid[g.Dimension][g.Level]++
	}
	return grid
}

// The bounds of a plan.
const (
	mostGoals = 20
	mostSteps = 20 // of one goal
	mostWords = 1000
)

// check refuses goals that cannot be kept, with every fault at its place, and fills in what is missing.
func check(goals []Goal, q db.Reader) ([]Goal, error) {
	if len(goals) == 0 || len(goals) > mostGoals {
		return nil, fault.New(fault.Invalid, "plan.goals_needed").With("max", mostGoals).On("goals")
	}
	var faults []*fault.Error
	all, n := slices.Clone(goals), 0
	known := map[string]bool{}
	name := func(id *string, field string) {
		if n++; *id == "" {
			*id = ids.Nth(q.Now(), n)
		}
		if !ids.Valid(*id) || known[*id] {
			faults = append(faults, fault.New(fault.Invalid, "plan.id_used").On(field))
		}
		known[*id] = true
	}
	for i := range all {
		g, at := &all[i], fmt.Sprintf("goals.%d.", i)
		name(&g.ID, at+"id")
		if !slices.Contains(Dimensions(), g.Dimension) {
			faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On(at+"dimension"))
		}
		if !slices.Contains(Levels(), g.Level) {
			faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On(at+"level"))
		}
		g.Protected = g.Protected || g.Dimension == Psychosocial && (g.Level == Individual || g.Level == Family)
		faults = append(faults, words(&g.Words, at+"words"))
		if len(g.Steps) == 0 || len(g.Steps) > mostSteps {
			faults = append(faults, fault.New(fault.Invalid, "plan.steps_needed").With("max", mostSteps).On(at+"steps"))
		}
		g.Steps = slices.Clone(g.Steps)
		for j := range g.Steps {
			s, at := &g.Steps[j], fmt.Sprintf("%ssteps.%d.", at, j)
			name(&s.ID, at+"id")
			faults = append(faults, s.check(at))
		}
	}
	if f := fault.Join(faults...); f != nil {
		return nil, f
	}
	return all, nil
}

func (s *Step) check(at string) *fault.Error {
	s.State = State{}
	faults := []*fault.Error{words(&s.What, at+"what")}
	if !slices.Contains(Doers(), s.Who) {
		faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On(at+"who"))
	}
	if s.By.Precision() != dates.Day || s.By.Check() != nil {
		faults = append(faults, fault.New(fault.Invalid, "calendar.day_needed").On(at+"by"))
	}
	if s.User != "" && (s.Who != "worker" || !ids.Valid(s.User)) {
		faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On(at+"user"))
	}
	service, problem := names.Check(s.Service, 60)
	if s.Service = service; problem != "" {
		faults = append(faults, fault.New(fault.Invalid, problem).With("max", 60).On(at+"service"))
	}
	return fault.Join(faults...)
}

func words(s *string, field string) *fault.Error {
	clean, problem := names.CheckText(*s, mostWords)
	switch *s = clean; {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", mostWords).On(field)
	case clean == "":
		return fault.New(fault.Invalid, "fault.needed").On(field)
	}
	return nil
}

// place says where the goals of a version are sealed.
func (p Plan) place(number int, protected bool) string {
	table := "plan_versions.sealed"
	if protected {
		table = "plan_versions.protected"
	}
	return fmt.Sprintf("%s:%s:%d", table, p.ID, number)
}

const columns = `p.id, p.case_id, p.agreed, p.draft, p.version, v.number, v.sealed, v.protected, v.user_name, v.at, v.approval, v.how, v.file_id, v.agreed_by, v.agreed_at`

func scan(row interface{ Scan(...any) error }) (p Plan, err error) {
	err = row.Scan(&p.ID, &p.Case, &p.Agreed, &p.Draft, &p.Version, &p.Number, &p.sealed, &p.protected, &p.By, db.Time(&p.At), &p.Approval, &p.How, &p.File, &p.AgreedBy, db.NullTime(&p.AgreedAt))
	return p, err
}

func notFound() error { return fault.New(fault.NotFound, "plan.not_found") }

// read reads a version of the plan of a case: number 0 stands for the draft if there is one, else for what was agreed.
func read(ctx context.Context, q db.Reader, c cases.Case, number int) (Plan, error) {
	which, args := `v.number = CASE WHEN p.draft > 0 THEN p.draft ELSE p.agreed END`, []any{string(c.ID)}
	if number != 0 {
		which, args = `v.number = ?`, append(args, number)
	}
	p, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM plans p JOIN plan_versions v ON v.plan_id = p.id WHERE p.case_id = ? AND `+which, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return Plan{}, notFound()
	}
	if err != nil {
		return Plan{}, err
	}
	return p, seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: p.place(p.Number, false), Sealed: p.sealed}, &p.Goals)
}

// unlock adds the goals of class 3.
func (p *Plan) unlock(ctx context.Context, q db.Reader, c cases.Case) error {
	if p.protected == nil {
		return nil
	}
	var more []Goal
	if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: p.place(p.Number, true), Sealed: p.protected}, &more); err != nil {
		return err
	}
	for _, g := range more {
		g.Protected = true
		p.Goals = append(p.Goals, g)
	}
	return nil
}

// Find returns the goals of class 2 of the plan of a case that who may see: of a version by its number, or of the newest (0).
func Find(ctx context.Context, q db.Reader, who access.Actor, of cases.ID, number int) (Plan, error) {
	c, err := cases.Find(ctx, q, who, of)
	if err != nil {
		return Plan{}, err
	}
	p, err := read(ctx, q, c, number)
	if err != nil {
		return Plan{}, err
	}
	p.Closed = true
	return p, p.states(ctx, q, c)
}

// sees refuses who does not see what is protected about the person of a case.
func sees(ctx context.Context, q db.Reader, who access.Actor, c cases.Case) error {
	ok, _, err := access.SeesProtected(ctx, q, who, string(c.Person))
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	return err
}
