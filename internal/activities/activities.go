// SPDX-License-Identifier: Apache-2.0

// Package activities keeps what was done among people (orientations from door to door and in unions, meetings, trainings,
// campaigns) and the forums that meet: where, when, about what, and how many were there.
//
// How many is a sum of cells by sex, age and disability, counted or from names; a total that somebody typed in stands beside it
// and never instead of it. Each correction is a version, and what is undone stays with its reason. Names are of class 2: of one
// in the register her id alone is kept, the name of another is sealed under a key of the activity. An activity is one entry in
// the figures for each project that it counts for; which these are is with projects.
package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/operations"
	"fera/internal/projects"
	"fera/internal/services"
)

// ID identifies an activity.
type ID string

// Way is how an activity was entered, so that nobody takes a tally for a list.
type Way string

// The ways: a line a household, a tally of a village, or one event.
const (
	Household Way = "household"
	Tally     Way = "tally"
	Event     Way = "event"
)

// Ways returns the ways, in the order in which they are offered.
func Ways() []Way { return []Way{Household, Tally, Event} }

// Content is what is said of an activity.
type Content struct {
	Kind       string        `json:"kind"`
	Way        Way           `json:"way"`
	From       dates.Partial `json:"from"`            // the day, or the first
	Until      dates.Partial `json:"until,omitzero"`  // the last day of several
	Place      string        `json:"place"`           // code of a union where it is known
	Where      string        `json:"where,omitempty"` // village, ward, house or hall
	Topic      string        `json:"topic,omitempty"`
	Team       string        `json:"team,omitempty"`       // who of the staff did it
	Forum      ForumID       `json:"forum,omitempty"`      // that met
	Times      int           `json:"times,omitempty"`      // how many such events the entry stands for; 1 when zero
	Households int           `json:"households,omitempty"` // that were visited
	Named      bool          `json:"named,omitempty"`      // who was there is listed by name, and counted from that
	Cells      []Cell        `json:"cells,omitempty"`      // how many were there, when they are not listed
	Typed      *int          `json:"typed,omitempty"`      // a total as it was typed in or published, beside what the cells come to
	TypedSays  string        `json:"typed_says,omitempty"` // where that total is from
	Currency   string        `json:"currency,omitempty"`   // of the cost; taka when empty
	Cost       int64         `json:"cost,omitempty"`       // in hundredths
	Remark     string        `json:"remark,omitempty"`
}

// Act is an activity as it stands now.
type Act struct {
	ID           ID
	Organisation string
	Office       string
	User         string // who entered it
	By           string // who said what it says now
	At           time.Time
	Reached      int  // what the cells come to
	Estimate     bool // it is an estimate, and not a count
	Undone       bool
	Version      int
	Content
}

// Difference is by how much a total that was typed in differs from what the parts come to: more when above zero.
func (a Act) Difference() int {
	if a.Typed == nil {
		return 0
	}
	return *a.Typed - a.Reached
}

// Logging enters an activity.
type Logging struct {
	Operation string        `json:"-"` // id of the act; see package operations
	Projects  []projects.ID `json:"projects,omitempty"`
	Content
}

// Log enters an activity of who's office. The act may be repeated with the same operation id.
func Log(ctx context.Context, tx *db.Tx, who access.Actor, l Logging) (ID, error) {
	if err := access.Check(tx, who, access.LogActivity, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation), access.OnCaseload(who.ID)); err != nil {
		return "", err
	}
	a := Act{ID: ID(ids.Beside(who.Office, tx.Now())), Organisation: who.Organisation, Office: who.Office, User: who.ID, By: who.Name, At: tx.Now(), Version: 1, Content: l.Content}
	same, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	if earlier, err := operations.Once(ctx, tx, who, l.Operation, string(a.ID), same); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	if err := a.check(ctx, tx, who); err != nil {
		return "", err
	}
	a.Reached = sum(a.Cells)
	if err := a.insert(ctx, tx); err != nil {
		return "", fmt.Errorf("log activity: %w", err)
	}
	if err := a.keep(ctx, tx, who, ""); err != nil {
		return "", err
	}
	if err := projects.Attach(ctx, tx, who, projects.Attaching{Act: access.LogActivity, Subject: projects.Activities, ID: string(a.ID), Projects: l.Projects}); err != nil {
		return "", err
	}
	return a.ID, audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: a.subject(), After: a.Content})
}

// Correction says anew what an activity was.
type Correction struct {
	Activity ID
	Version  int // that it was read at
	Projects []projects.ID
	Content  Content
	Why      string
}

// Correct makes a new version of what is said of an activity. The one before stays.
func Correct(ctx context.Context, tx *db.Tx, who access.Actor, c Correction) (int, error) {
	a, err := change(ctx, tx, who, c.Activity, c.Version)
	if err != nil {
		return 0, err
	}
	before := a.Content
	a.Content, a.Version, a.By, a.At = c.Content, a.Version+1, who.Name, tx.Now()
	if f := text(&c.Why, 3, 500, "why"); f != nil {
		return 0, f
	}
	if a.Named != before.Named {
		return 0, fault.New(fault.Invalid, "activity.named_stays").On("named")
	}
	if err := a.check(ctx, tx, who); err != nil {
		return 0, err
	}
	if !a.Named {
		a.Reached = sum(a.Cells)
	}
	if err := a.update(ctx, tx); err != nil {
		return 0, fmt.Errorf("correct activity: %w", err)
	}
	if err := a.keep(ctx, tx, who, c.Why); err != nil {
		return 0, err
	}
	if err := projects.Attach(ctx, tx, who, projects.Attaching{Act: access.LogActivity, Subject: projects.Activities, ID: string(a.ID), Projects: c.Projects}); err != nil {
		return 0, err
	}
	return a.Version, audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: a.subject(), Before: before, After: a.Content, Reason: c.Why})
}

// Undo takes back what was entered by mistake. It stays on record with the reason, and counts nowhere.
func Undo(ctx context.Context, tx *db.Tx, who access.Actor, id ID, why string) error {
	a, err := change(ctx, tx, who, id, 0)
	if err != nil {
		return err
	}
	if f := text(&why, 3, 500, "why"); f != nil {
		return f
	}
	a.Undone, a.Version, a.By, a.At = true, a.Version+1, who.Name, tx.Now()
	if err := a.update(ctx, tx); err != nil {
		return fmt.Errorf("undo activity: %w", err)
	}
	if err := a.keep(ctx, tx, who, why); err != nil {
		return err
	}
	if err := projects.Detach(ctx, tx, who, projects.Attaching{Act: access.LogActivity, Subject: projects.Activities, ID: string(a.ID)}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: a.subject(), After: map[string]bool{"undone": true}, Reason: why})
}

// change finds an activity for an act of who entered it, or of who looks after those of the office, and lets the transaction commit.
func change(ctx context.Context, tx *db.Tx, who access.Actor, id ID, version int) (Act, error) {
	a, err := Find(ctx, tx, who, id)
	if err != nil {
		return a, err
	}
	if err := access.Check(tx, who, a.changes(who), a.scopes()...); err != nil {
		return a, err
	}
	switch {
	case a.Undone:
		return a, fault.New(fault.Conflict, "activity.undone_already")
	case version != 0 && version != a.Version:
		return a, fault.New(fault.Conflict, "fault.conflict")
	}
	return a, nil
}

// changes is the permission by which who may change an activity: hers, or another's.
func (a Act) changes(who access.Actor) access.Permission {
	if a.User == who.ID {
		return access.LogActivity
	}
	return access.ManageActivities
}

// areas are those of a place and of all around it.
func areas(place string) (all []access.Scope) {
	for _, p := range geo.Path(place) {
		all = append(all, access.InArea(p.Code))
	}
	return all
}

func (a Act) scopes() []access.Scope {
	return []access.Scope{access.AtOffice(a.Office), access.OfOrganisation(a.Organisation), access.OnCaseload(a.User)}
}

// MayChange tells whether who, who sees an activity, may correct or undo it.
func MayChange(who access.Actor, a Act) bool {
	return !a.Undone && who.Covers(a.changes(who), a.scopes()...)
}

func (a Act) subject() string { return "activity:" + string(a.ID) }

func notFound() error { return fault.New(fault.NotFound, "activity.not_found") }

// The bounds of what is said of an activity.
const (
	mostPeople = 1_000_000
	mostCost   = 100_000_000_000
	mostDays   = 366
)

func (a *Act) check(ctx context.Context, tx *db.Tx, who access.Actor) error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	today := dates.Of(tx.Now())
	if a.From.Precision() != dates.Day || a.From.CheckPast(today) != nil {
		bad("activity.day", "from")
	} else if !a.Until.IsZero() && (a.Until.Precision() != dates.Day || a.Until.CheckPast(today) != nil || a.Until.SurelyBefore(a.From) || a.From.Add(mostDays).SurelyBefore(a.Until)) {
		bad("activity.until", "until")
	}
	k, err := FindKind(ctx, tx, a.Kind, a.From)
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return err
	}
	if err != nil || k.Ended {
		bad("activity.kind_unknown", "kind")
	}
	a.Estimate = k.Estimate
	if !slices.Contains(Ways(), a.Way) {
		bad("fault.bad_choice", "way")
	}
	if _, ok := geo.Find(a.Place); !ok {
		bad("activity.place_needed", "place")
	}
	if a.Times == 0 {
		a.Times = 1
	}
	faults = append(faults, a.checkNumbers()...)
	for _, f := range []struct {
		s     *string
		most  int
		field string
	}{{&a.Where, 200, "where"}, {&a.Topic, 300, "topic"}, {&a.Team, 300, "team"}, {&a.TypedSays, 300, "typed_says"}, {&a.Remark, 2000, "remark"}} {
		if problem := text(f.s, 0, f.most, f.field); problem != nil {
			faults = append(faults, problem)
		}
	}
	if a.Forum != "" {
		if _, err := FindForum(ctx, tx, who, a.Forum); err != nil {
			bad("fault.bad_choice", "forum")
		}
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	return nil
}

func (a *Act) checkNumbers() (faults []*fault.Error) {
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if a.Times < 1 || a.Times > 1000 || a.Way != Event && a.Times != 1 {
		bad("activity.times", "times")
	}
	switch {
	case a.Households < 0 || a.Households > mostPeople:
		bad("fault.bad_number", "households")
	case a.Way == Household && a.Households == 0:
		a.Households = 1
	case a.Way == Household && a.Households != 1:
		bad("activity.one_household", "households")
	case a.Way == Tally && a.Households == 0 && a.Kind == "door_to_door":
		bad("activity.households_needed", "households")
	}
	if a.Typed != nil && (*a.Typed < 0 || *a.Typed > mostPeople) {
		bad("fault.bad_number", "typed")
	}
	if a.Typed == nil && a.TypedSays != "" {
		bad("fault.needed", "typed")
	}
	if a.Cost < 0 || a.Cost > mostCost {
		bad("service.amount", "cost")
	}
	if a.Cost > 0 && a.Currency == "" {
		a.Currency = services.Taka
	}
	if a.Currency != "" {
		if digits, err := services.Decimals(a.Currency); err != nil || digits != 2 {
			bad("service.currency", "currency")
		}
	}
	cells, f := gather(a.Cells)
	a.Cells = cells
	if f != nil {
		faults = append(faults, f)
	}
	if a.Named && len(a.Cells) > 0 {
		bad("activity.named_cells", "cells")
	}
	return faults
}
