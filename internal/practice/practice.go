// SPDX-License-Identifier: Apache-2.0

// Package practice gives a worker somebody to practise with at the training office: a made-up person with a made-up story and a
// case of hers; and empties that office again.
//
// What is made here is apart in every table, as docs/adr/0067 says, and never counts.
package practice

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/procedures"
)

//go:embed data/stories.json
var data embed.FS

// Story is a made-up person and why she comes.
type Story struct {
	Code         string               `json:"code"`
	TitleBn      string               `json:"title_bn"`
	TitleEn      string               `json:"title_en"`
	Programme    string               `json:"programme"`
	Origin       string               `json:"origin"`
	Why          string               `json:"why"`
	Registration persons.Registration `json:"registration"`
}

// Title says in "bn" or "en" what the story is about.
func (s Story) Title(lang string) string {
	if lang == "en" {
		return s.TitleEn
	}
	return s.TitleBn
}

var shipped = sync.OnceValue(func() []Story {
	var all []Story
	text, err := data.ReadFile("data/stories.json")
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		panic("stories to practise with: " + err.Error())
	}
	return all
})

// Stories returns the stories, the easiest first.
func Stories() []Story { return shipped() }

// Begun is what a story became.
type Begun struct {
	Person persons.ID
	Case   cases.ID // empty for who may not open cases
}

// Begin makes the person of a story, on the caseload of who, and opens her case.
func Begin(ctx context.Context, tx *db.Tx, who access.Actor, code string) (Begun, error) {
	if !who.Practises() {
		return Begun{}, fault.New(fault.NotFound, "practice.only_there")
	}
	for _, s := range shipped() {
		if s.Code != code {
			continue
		}
		return s.begin(ctx, tx, who)
	}
	return Begun{}, fault.New(fault.Invalid, "fault.bad_choice").On("story")
}

func (s Story) begin(ctx context.Context, tx *db.Tx, who access.Actor) (b Begun, err error) {
	r := s.Registration
	if !who.Holds(access.ChangeProtected) {
		r.Journeys = slices.Clone(r.Journeys)
		for i := range r.Journeys {
			r.Journeys[i].Circumstances = nil
		}
	}
	if b.Person, err = persons.Register(ctx, tx, who, r); err != nil {
		return b, fmt.Errorf("begin practice: %w", err)
	}
	if !who.Holds(access.OpenCase) {
		return b, nil
	}
	if b.Case, err = cases.Open(ctx, tx, who, cases.Opening{Person: b.Person, Programme: s.Programme, Origin: s.Origin, Why: s.Why}); err != nil {
		return b, fmt.Errorf("begin practice: %w", err)
	}
	return b, nil
}

// atOnce is how many persons one emptying takes out; whoever empties a fuller office does it again.
const atOnce = 500

// Empty erases everybody who was made up at the training office where who practises, with all that hangs on them. It returns how many.
func Empty(ctx context.Context, tx *db.Tx, who access.Actor) (int, error) {
	if !who.Practises() || !ids.IsApart(who.Organisation) {
		return 0, fault.New(fault.NotFound, "practice.only_there")
	}
	if err := access.Check(tx, who, access.ManagePractice, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, `SELECT p.id FROM persons p WHERE p.office_id = ? AND p.erased_at IS NULL ORDER BY p.id LIMIT ?`, who.Office, atOnce)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return 0, fmt.Errorf("empty training office: %w", err)
	}
	here := maps.Clone(who.Grants)
	here[access.ErasePerson] = access.Reach{Scopes: []access.Scope{access.AtOffice(who.Office)}}
	who.Grants = here
	for _, id := range all {
		if _, err := procedures.Erase(ctx, tx, who, persons.ID(id), "practice"); err != nil {
			return 0, fmt.Errorf("empty training office: %w", err)
		}
	}
	if _, err := activities.Clear(ctx, tx, who); err != nil {
		return 0, fmt.Errorf("empty training office: %w", err)
	}
	return len(all), nil
}
