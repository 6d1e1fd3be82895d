// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/index"
	"fera/internal/projects"
	"fera/internal/simulated"
)

// The totals that were published of a year in Manikganj, which its records here come to.
const (
	reachedWomen     = 3764
	reachedMen       = 1859
	reachedAsSaid    = 5625 // two more than both together
	orientationsHeld = 120
	counselled       = 76
	healthHelped     = 29
	sheltered        = 33
	metAtAirport     = 7
	legallyHelped    = 6
)

// yearBegins and yearEnds are the first and the last day of that year.
func yearBegins() dates.Partial { return dates.Partial{Year: 2022, Month: 12, Day: 1} }
func yearEnds() dates.Partial   { return dates.Partial{Year: 2023, Month: 12, Day: 31} }

// YearProject is the code of the project that the year is of.
const YearProject = "manikganj-women"

// published is a project of which something was published.
type published struct {
	Code   string              `json:"code"`
	State  projects.State      `json:"state"`
	Record projects.Record     `json:"record"`
	Money  []projects.Entering `json:"money"`
}

//go:embed data/published.json
var publishedText []byte

var publishedProjects = sync.OnceValue(func() (all []published) {
	if err := json.Unmarshal(publishedText, &all); err != nil {
		panic("published projects: " + err.Error()) // a test reads the file
	}
	return all
})

// year is the work of the published year, while it is being made up.
type year struct {
	Options
	ctx     context.Context
	d       *db.DB
	dice    dice
	manager access.Actor
	workers []access.Actor // caseworkers of her organisation
	field   []access.Actor // and those who go out
	project projects.ID
	met     []woman
	held    []held
}

// held is an activity that was held.
type held struct {
	id     activities.ID
	office string
	on     dates.Partial
}

// Year makes up what the published totals of a year in Manikganj were made of: the people, the villages and the days are
// simulated, and only what they come to was published. It enters the published record of another project beside it. It is for
// stores whose clock can be moved; the clock stands where it stood when it is done.
func Year(ctx context.Context, d *db.DB, o Options) error {
	if o.Clock == nil {
		return errors.New("simulate: the published year needs a clock that can be moved")
	}
	if err := simulated.Mark(ctx, d); err != nil {
		return err
	}
	now := d.Now()
	defer o.Clock.Set(now)
	y := &year{Options: o, ctx: ctx, d: d}
	y.dice = (&world{Options: o}).throw(0, whatWasPublished)
	if err := y.gather(); err != nil {
		return fmt.Errorf("simulate the published year: %w", err)
	}
	for _, part := range []func() error{y.openProjects, y.goFromDoorToDoor, y.orient, y.help, y.train, y.meetAsForum} {
		if err := part(); err != nil {
			return fmt.Errorf("simulate the published year: %w", err)
		}
	}
	o.Clock.Set(now)
	if _, err := index.Settle(ctx, d, index.Bulk); err != nil {
		return fmt.Errorf("simulate the published year: %w", err)
	}
	return nil
}

// gather finds who manages projects, and her colleagues.
func (y *year) gather() error {
	i := slices.IndexFunc(y.Deciders, func(a access.Actor) bool { return a.Holds(access.ManageProjects) })
	if i < 0 {
		return errors.New("nobody is there who manages projects")
	}
	y.manager = y.Deciders[i]
	for _, c := range y.Clerks {
		switch {
		case c.Organisation != y.manager.Organisation:
		case slices.Contains(c.Roles, access.Caseworker):
			y.workers = append(y.workers, c)
			fallthrough
		case slices.Contains(c.Roles, access.FieldOfficer):
			y.field = append(y.field, c)
		}
	}
	if len(y.workers) == 0 {
		return errors.New("the organisation has no caseworkers")
	}
	return nil
}

// at moves the clock to an hour of a day and writes.
func (y *year) at(day dates.Partial, h int, act func(tx *db.Tx) error) error {
	y.Clock.Set(hour(day, h, y.dice.between(0, 59)))
	return y.d.Write(y.ctx, act)
}

// workday is a day of the year on which offices work, so many days after it began or a little later.
func (y *year) workday(after int) dates.Partial {
	day := yearBegins().Add(after)
	for weekend(day) {
		day = day.Add(1)
	}
	if yearEnds().SurelyBefore(day) {
		return dates.Partial{Year: 2023, Month: 12, Day: 28}
	}
	return day
}

// openProjects enters the projects with what was published of them, and lets the cases of the year count for its own.
func (y *year) openProjects() error {
	for _, p := range publishedProjects() {
		if err := y.at(yearBegins(), 9, func(tx *db.Tx) error {
			id, err := projects.Open(y.ctx, tx, y.manager, projects.Opening{Code: p.Code, State: p.State, Record: p.Record})
			if err != nil {
				return err
			}
			for _, e := range p.Money {
				e.Project = id
				if _, err := projects.Enter(y.ctx, tx, y.manager, e); err != nil {
					return err
				}
			}
			if p.Code != YearProject {
				return nil
			}
			y.project = id
			_, err = projects.AddRule(y.ctx, tx, y.manager, id, projects.Rule{Programme: "reintegration", From: yearBegins(), Until: yearEnds()})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// unions are those of Manikganj.
func unions() (all []geo.Place) {
	for _, upazila := range geo.Children(Manikganj) {
		all = append(all, geo.Children(upazila.Code)...)
	}
	return all
}

// who goes to a place: those of the office whose upazila it is in, or one in turn.
func (y *year) who(turn int) access.Actor { return y.field[turn%len(y.field)] }

// split cuts a whole into n parts of at least one, at random, which come to the whole.
func split(d dice, whole, n int) []int {
	cuts := map[int]bool{}
	for len(cuts) < n-1 {
		cuts[d.between(1, whole-1)] = true
	}
	var at []int
	for c := range cuts {
		at = append(at, c)
	}
	slices.Sort(at)
	parts, last := make([]int, 0, n), 0
	for _, c := range append(at, whole) {
		parts, last = append(parts, c-last), c
	}
	return parts
}

// log enters an activity of the project.
func (y *year) log(who access.Actor, c activities.Content) error {
	day := c.From
	if !c.Until.IsZero() {
		day = c.Until
	}
	return y.at(day, 18, func(tx *db.Tx) error {
		id, err := activities.Log(y.ctx, tx, who, activities.Logging{Content: c, Projects: []projects.ID{y.project}})
		y.held = append(y.held, held{id, who.Office, c.From})
		return err
	})
}

// goFromDoorToDoor enters two tallies for each union. On two sheets the total that was written down is one more than its parts,
// which is how a published total can be two more than its own.
func (y *year) goFromDoorToDoor() error {
	places := unions()
	n := 2 * len(places)
	women, men := split(y.dice, reachedWomen, n), split(y.dice, reachedMen, n)
	villages := villages()
	for i := range n {
		total := women[i] + men[i]
		if i < reachedAsSaid-reachedWomen-reachedMen {
			total++
		}
		if err := y.log(y.who(i), activities.Content{Kind: "door_to_door", Way: activities.Tally, From: y.workday(i * 390 / n), Place: places[i%len(places)].Code, Where: pick(y.dice, villages).bn,
			Households: (women[i] + men[i] + 2) / 3, Team: y.who(i).Name, Cells: []activities.Cell{{Sex: "female", People: women[i]}, {Sex: "male", People: men[i]}},
			Typed: &total, TypedSays: "total on the tally sheet (reconstructed)"}); err != nil {
			return err
		}
	}
	return nil
}

// orient enters the orientations in unions. How many came was not published, so nobody is counted.
func (y *year) orient() error {
	places := unions()
	for i := range orientationsHeld {
		if err := y.log(y.who(i), activities.Content{Kind: "union_orientation", Way: activities.Event, From: y.workday(20 + i*360/orientationsHeld), Place: places[(i*7)%len(places)].Code, Where: "ইউনিয়ন পরিষদ",
			Topic: "নিরাপদ অভিবাসন ও ফিরে আসার পরে সহায়তা", Team: y.who(i).Name, Remark: "How many were there was not published. (reconstructed)"}); err != nil {
			return err
		}
	}
	return nil
}
