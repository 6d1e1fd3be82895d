// SPDX-License-Identifier: Apache-2.0

package outreach

import (
	"encoding/base64"
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/api/op"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/projects"
)

// activityOperations are those on what is done among people. Names are not exchanged.
func activityOperations() []op.Operation {
	read, log, get, post := access.ReadActivities, access.LogActivity, http.MethodGet, http.MethodPost
	asked := []string{"kind", "place", "from", "until", "project"}
	return []op.Operation{
		{Name: "list_activities", Method: get, Path: "/activities", Need: read, Params: append([]string{"limit", "cursor"}, asked...), Out: op.Holds[op.Page[activityView]](), Do: listActivities},
		{Name: "sum_activities", Method: get, Path: "/activities/totals", Need: read, Params: asked, Out: op.Holds[activityTotals](), Do: sumActivities},
		{Name: "log_activity", Method: post, Path: "/activities", Need: log, Keyed: true, In: op.Sent[newActivity](), Out: op.Holds[activityView](), Status: http.StatusCreated, Writes: true, Do: logActivity,
			Example: `{"activity": {"kind": "door_to_door", "way": "tally", "from": "2026-03-01", "place": "305670", "households": 40, "cells": [{"sex": "female", "people": 90}, {"sex": "male", "people": 41}], "typed": 133, "typed_says": "the sheet"}}`},
		{Name: "read_activity", Method: get, Path: "/activities/{id}", Need: read, Out: op.Holds[activityView](), Do: readActivity},
		{Name: "correct_activity", Method: post, Path: "/activities/{id}/versions", Need: log, In: op.Sent[activityCorrection](), Out: op.Holds[activityView](), Writes: true, Do: correctActivity,
			Example: `{"version": 1, "activity": {"kind": "door_to_door", "way": "tally", "from": "2026-03-01", "place": "305670", "households": 40, "cells": [{"sex": "female", "people": 91}]}, "why": "counted again"}`},
		{Name: "undo_activity", Method: post, Path: "/activities/{id}/undo", Need: log, In: op.Sent[forReason](), Out: op.Holds[activityView](), Writes: true, Do: undoActivity, Example: `{"why": "another village"}`},
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

// Check implements op.Checked.
func (b *activityCorrection) Check() *fault.Error { return op.Based(b.Version) }

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

func activityID(c *op.Call) (activities.ID, error) {
	return op.PathID[activities.ID](c, "id", "activity.not_found")
}

// activityFilter reads what is asked for.
func activityFilter(c *op.Call) (f activities.Filter, err error) {
	if f.Kind, err = c.Text("kind"); err != nil {
		return f, err
	}
	if f.Place, err = c.Text("place"); err != nil {
		return f, err
	}
	project, err := c.Text("project")
	if err != nil {
		return f, err
	}
	if f.Project = projects.ID(project); op.RefersTo(project) != nil {
		return f, fault.New(fault.NotFound, "project.not_found")
	}
	for name, day := range map[string]*dates.Partial{"from": &f.From, "until": &f.Until} {
		if *day, err = c.Day(name); err != nil {
			return f, err
		}
	}
	return f, nil
}

func listActivities(c *op.Call) (op.Answer, error) {
	f, err := activityFilter(c)
	if err != nil {
		return op.Answer{}, err
	}
	if f.Limit, err = c.Limit(50, 200); err != nil {
		return op.Answer{}, err
	}
	if text, given := c.Query["cursor"]; given {
		before, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(before) != 47 || op.RefersTo(string(before[11:])) != nil {
			return op.Answer{}, fault.New(fault.Invalid, "api.cursor").On("cursor")
		}
		f.Before = string(before)
	}
	p, err := activities.List(c.Ctx, c.Q, c.Who, f)
	next := c.Next(p.Next)
	return op.Answer{Body: op.Page[activityView]{Items: op.Each(p.Acts, activityOf), Next: next}, Next: next}, err
}

func sumActivities(c *op.Call) (op.Answer, error) {
	f, err := activityFilter(c)
	if err != nil {
		return op.Answer{}, err
	}
	t, err := activities.Sum(c.Ctx, c.Q, c.Who, f)
	return op.Answer{Body: activityTotals{t.Entries, t.Times, t.Households, t.Reached, t.Estimated, op.Each(t.Cells, func(c activities.Cell) activities.Cell { return c }), t.Typed, t.Beside, t.Difference(), t.Differing}}, err
}

// projectIDs are those named in a body.
func projectIDs(named []string) (all []projects.ID, err error) {
	for _, id := range named {
		if op.RefersTo(id) != nil || id == "" {
			return nil, fault.New(fault.Invalid, "fault.bad_choice").On("projects")
		}
		all = append(all, projects.ID(id))
	}
	return all, nil
}

// activityNow is an activity as it stands after what was done.
func activityNow(c *op.Call, id activities.ID) (op.Answer, error) {
	a, err := activities.Find(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: activityOf(a)}, err
}

func logActivity(c *op.Call) (op.Answer, error) {
	b := c.Body.(*newActivity)
	of, err := projectIDs(b.Projects)
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	id, err := activities.Log(c.Ctx, c.Tx, c.Who, activities.Logging{Operation: c.Key, Content: b.Activity, Projects: of})
	if err != nil {
		return op.Answer{}, err
	}
	a, err := activityNow(c, id)
	a.Status, a.Location, a.Replayed = http.StatusCreated, c.R.URL.Path+"/"+string(id), replayed
	return a, err
}

func readActivity(c *op.Call) (op.Answer, error) {
	id, err := activityID(c)
	if err != nil {
		return op.Answer{}, err
	}
	return activityNow(c, id)
}

func correctActivity(c *op.Call) (op.Answer, error) {
	id, err := activityID(c)
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*activityCorrection)
	of, err := projectIDs(b.Projects)
	if err != nil {
		return op.Answer{}, err
	}
	if _, err := activities.Correct(c.Ctx, c.Tx, c.Who, activities.Correction{Activity: id, Version: b.Version, Projects: of, Content: b.Activity, Why: b.Why}); err != nil {
		return op.Answer{}, err
	}
	return activityNow(c, id)
}

func undoActivity(c *op.Call) (op.Answer, error) {
	id, err := activityID(c)
	if err != nil {
		return op.Answer{}, err
	}
	if err := activities.Undo(c.Ctx, c.Tx, c.Who, id, c.Body.(*forReason).Why); err != nil {
		return op.Answer{}, err
	}
	return activityNow(c, id)
}
