// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/base64"
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/projects"
)

// activityOperations are those on what is done among people. Names are not exchanged.
func activityOperations() []operation {
	read, log, get, post := access.ReadActivities, access.LogActivity, http.MethodGet, http.MethodPost
	asked := []string{"kind", "place", "from", "until", "project"}
	return []operation{
		{name: "list_activities", method: get, path: "/activities", need: read, params: append([]string{"limit", "cursor"}, asked...), out: holds[page[activityView]](), do: listActivities},
		{name: "sum_activities", method: get, path: "/activities/totals", need: read, params: asked, out: holds[activityTotals](), do: sumActivities},
		{name: "log_activity", method: post, path: "/activities", need: log, keyed: true, in: sent[newActivity](), out: holds[activityView](), status: http.StatusCreated, writes: true, do: logActivity,
			example: `{"activity": {"kind": "door_to_door", "way": "tally", "from": "2026-03-01", "place": "305670", "households": 40, "cells": [{"sex": "female", "people": 90}, {"sex": "male", "people": 41}], "typed": 133, "typed_says": "the sheet"}}`},
		{name: "read_activity", method: get, path: "/activities/{id}", need: read, out: holds[activityView](), do: readActivity},
		{name: "correct_activity", method: post, path: "/activities/{id}/versions", need: log, in: sent[activityCorrection](), out: holds[activityView](), writes: true, do: correctActivity,
			example: `{"version": 1, "activity": {"kind": "door_to_door", "way": "tally", "from": "2026-03-01", "place": "305670", "households": 40, "cells": [{"sex": "female", "people": 91}]}, "why": "counted again"}`},
		{name: "undo_activity", method: post, path: "/activities/{id}/undo", need: log, in: sent[forReason](), out: holds[activityView](), writes: true, do: undoActivity, example: `{"why": "another village"}`},
	}
}

// activityView is an activity with what its parts come to.
type activityView struct {
	ID           string             `json:"id"`
	Version      int                `json:"version"`
	Organisation string             `json:"organisation"`
	Office       string             `json:"office"`
	Activity     activities.Content `json:"activity"`
	Reached      int                `json:"reached"`
	Difference   int                `json:"difference"`
	Estimate     bool               `json:"estimate"`
	Undone       bool               `json:"undone"`
	By           string             `json:"by"`
	At           time.Time          `json:"at"`
}

func activityOf(a activities.Act) activityView {
	return activityView{string(a.ID), a.Version, a.Organisation, a.Office, a.Content, a.Reached, a.Difference(), a.Estimate, a.Undone, a.By, a.At}
}

// newActivity enters an activity.
type newActivity struct {
	Activity activities.Content `json:"activity"`
	Projects []string           `json:"projects,omitempty"`
}

// activityCorrection says an activity anew.
type activityCorrection struct {
	Version  int                `json:"version"`
	Activity activities.Content `json:"activity"`
	Projects []string           `json:"projects,omitempty"`
	Why      string             `json:"why"`
}

func (b *activityCorrection) check() *fault.Error { return based(b.Version) }

// activityTotals is what activities come to. What was typed in stands beside what the parts of the same entries come to.
type activityTotals struct {
	Entries    int               `json:"entries"`
	Times      int               `json:"times"`
	Households int               `json:"households"`
	Reached    int               `json:"reached"`
	Estimated  int               `json:"estimated"`
	Cells      []activities.Cell `json:"cells"`
	Typed      int               `json:"typed"`
	Beside     int               `json:"beside"`
	Difference int               `json:"difference"`
	Differing  int               `json:"differing"`
}

func (c *call) activity() (activities.ID, error) {
	return pathID[activities.ID](c, "id", "activity.not_found")
}

// activityFilter reads what is asked for.
func (c *call) activityFilter() (f activities.Filter, err error) {
	if f.Kind, err = c.text("kind"); err != nil {
		return f, err
	}
	if f.Place, err = c.text("place"); err != nil {
		return f, err
	}
	project, err := c.text("project")
	if err != nil {
		return f, err
	}
	if f.Project = projects.ID(project); refersTo(project) != nil {
		return f, fault.New(fault.NotFound, "project.not_found")
	}
	for name, day := range map[string]*dates.Partial{"from": &f.From, "until": &f.Until} {
		if *day, err = c.day(name); err != nil {
			return f, err
		}
	}
	return f, nil
}

func listActivities(c *call) (answer, error) {
	f, err := c.activityFilter()
	if err != nil {
		return answer{}, err
	}
	if f.Limit, err = c.limit(50, 200); err != nil {
		return answer{}, err
	}
	if text, given := c.query["cursor"]; given {
		before, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(before) != 47 || refersTo(string(before[11:])) != nil {
			return answer{}, fault.New(fault.Invalid, "api.cursor").On("cursor")
		}
		f.Before = string(before)
	}
	p, err := activities.List(c.ctx, c.q, c.who, f)
	next := c.next(p.Next)
	return answer{body: page[activityView]{each(p.Acts, activityOf), next}, next: next}, err
}

func sumActivities(c *call) (answer, error) {
	f, err := c.activityFilter()
	if err != nil {
		return answer{}, err
	}
	t, err := activities.Sum(c.ctx, c.q, c.who, f)
	return answer{body: activityTotals{t.Entries, t.Times, t.Households, t.Reached, t.Estimated, each(t.Cells, func(c activities.Cell) activities.Cell { return c }), t.Typed, t.Beside, t.Difference(), t.Differing}}, err
}

// projectIDs are those named in a body.
func projectIDs(named []string) (all []projects.ID, err error) {
	for _, id := range named {
		if refersTo(id) != nil || id == "" {
			return nil, fault.New(fault.Invalid, "fault.bad_choice").On("projects")
		}
		all = append(all, projects.ID(id))
	}
	return all, nil
}

// activityNow is an activity as it stands after what was done.
func (c *call) activityNow(id activities.ID) (answer, error) {
	a, err := activities.Find(c.ctx, c.q, c.who, id)
	return answer{body: activityOf(a)}, err
}

func logActivity(c *call) (answer, error) {
	b := c.body.(*newActivity)
	of, err := projectIDs(b.Projects)
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	id, err := activities.Log(c.ctx, c.tx, c.who, activities.Logging{Operation: c.key, Content: b.Activity, Projects: of})
	if err != nil {
		return answer{}, err
	}
	a, err := c.activityNow(id)
	a.status, a.location, a.replayed = http.StatusCreated, c.r.URL.Path+"/"+string(id), replayed
	return a, err
}

func readActivity(c *call) (answer, error) {
	id, err := c.activity()
	if err != nil {
		return answer{}, err
	}
	return c.activityNow(id)
}

func correctActivity(c *call) (answer, error) {
	id, err := c.activity()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*activityCorrection)
	of, err := projectIDs(b.Projects)
	if err != nil {
		return answer{}, err
	}
	if _, err := activities.Correct(c.ctx, c.tx, c.who, activities.Correction{Activity: id, Version: b.Version, Projects: of, Content: b.Activity, Why: b.Why}); err != nil {
		return answer{}, err
	}
	return c.activityNow(id)
}

func undoActivity(c *call) (answer, error) {
	id, err := c.activity()
	if err != nil {
		return answer{}, err
	}
	if err := activities.Undo(c.ctx, c.tx, c.who, id, c.body.(*forReason).Why); err != nil {
		return answer{}, err
	}
	return c.activityNow(id)
}
