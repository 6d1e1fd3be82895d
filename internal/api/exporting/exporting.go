// SPDX-License-Identifier: Apache-2.0

// Package exporting is the part of the API by which lists are taken away as files:
// asked for, decided on by a second person, followed and given up. The file itself is
// handed over by package api, piece by piece.
package exporting

import (
	"net/http"
	"reflect"
	"time"

	"fera/internal/access"
	"fera/internal/api/network"
	"fera/internal/exports"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/words"
)

// Operations is the table.
func Operations() []network.Operation {
	view, list := reflect.TypeFor[exportView](), reflect.TypeFor[exportList]()
	return []network.Operation{
		{Name: "list_exports", Method: http.MethodGet, Path: "/exports", Need: access.MakeExport, Out: list, Show: mine},
		{Name: "list_exports_to_decide", Method: http.MethodGet, Path: "/exports/to-decide", Need: access.ApproveExport, Out: list, Show: toDecide},
		{Name: "ask_export", Method: http.MethodPost, Path: "/exports", Need: access.MakeExport, In: reflect.TypeFor[newExport](), Out: view, Status: http.StatusCreated, Own: true, Act: ask, Show: made,
			Example: `{"list": "persons", "format": "csv", "columns": ["person", "sex", "district"], "filter": {"place": "3056"}, "hxl": true}`},
		{Name: "find_export", Method: http.MethodGet, Path: "/exports/{id}", Out: view, Show: find},
		{Name: "decide_export", Method: http.MethodPost, Path: "/exports/{id}/decide", Need: access.ApproveExport, In: reflect.TypeFor[decision](), Out: view, Act: decide, Show: find,
			Example: `{"version": 1, "approve": false, "remark": "the district is enough"}`},
		{Name: "cancel_export", Method: http.MethodPost, Path: "/exports/{id}/cancel", Need: access.MakeExport, Out: view, Act: cancel, Show: find},
	}
}

// newExport asks for a file.
type newExport struct {
	List      string         `json:"list"`
	Format    string         `json:"format"`
	Columns   []string       `json:"columns,omitempty"`
	Filter    columns.Filter `json:"filter,omitzero"`
	HXL       bool           `json:"hxl,omitempty"`
	Language  string         `json:"language,omitempty"`
	Purpose   string         `json:"purpose,omitempty"`
	Recipient string         `json:"recipient,omitempty"`
}

// decision is what a second person says.
type decision struct {
	Version int    `json:"version"`
	Approve bool   `json:"approve"`
	Remark  string `json:"remark,omitempty"`
}

// Check refuses a decision that does not say what it is about.
func (d *decision) Check() *fault.Error {
	if d.Version < 1 {
		return fault.New(fault.Invalid, "api.version_needed").On("version")
	}
	return nil
}

// exportView is how a file stands.
type exportView struct {
	ID        string         `json:"id"`
	List      string         `json:"list"`
	Format    string         `json:"format"`
	Columns   []string       `json:"columns"`
	Filter    columns.Filter `json:"filter"`
	HXL       bool           `json:"hxl"`
	Class     int            `json:"class"`
	Purpose   string         `json:"purpose,omitempty"`
	Recipient string         `json:"recipient,omitempty"`
	State     string         `json:"state"`
	AskedBy   string         `json:"asked_by"`
	AskedAt   time.Time      `json:"asked_at"`
	DecidedBy string         `json:"decided_by,omitempty"`
	Remark    string         `json:"remark,omitempty"`
	Failure   string         `json:"failure,omitempty"`
	Rows      int            `json:"rows_written"`
	Size      int64          `json:"size"`
	EndsAt    *time.Time     `json:"ends_at,omitempty"`
	Version   int            `json:"version"`
}

// exportList are files, the newest first.
type exportList struct {
	Items []exportView `json:"items"`
}

func viewOf(e exports.Export) exportView {
	v := exportView{string(e.ID), e.Order.Set, string(e.Order.Format), e.Order.Columns, e.Order.Filter, e.Order.Tags, e.Class, e.Purpose, e.Recipient, string(e.State), e.UserName, e.AskedAt,
		e.DecidedName, e.Remark, "", e.Done, e.Size, nil, e.Version}
	if e.Failure != nil {
		v.Failure = words.In(words.English).Fault(e.Failure)
	}
	if !e.EndsAt.IsZero() {
		v.EndsAt = &e.EndsAt
	}
	return v
}

func listOf(all []exports.Export, err error) (any, error) {
	list := exportList{Items: []exportView{}}
	for _, e := range all {
		list.Items = append(list.Items, viewOf(e))
	}
	return list, err
}

func mine(c *network.Call) (any, error) { return listOf(exports.List(c.Ctx, c.Q, c.Who)) }

func toDecide(c *network.Call) (any, error) { return listOf(exports.ToDecide(c.Ctx, c.Q, c.Who)) }

// ID reads the identifier in the path. What is no identifier is nobody's.
func ID(path func(string) string) (exports.ID, error) {
	id := path("id")
	if !ids.Valid(id) {
		return "", fault.New(fault.NotFound, "export.not_found")
	}
	return exports.ID(id), nil
}

func ask(c *network.Call) error {
	b := c.Body.(*newExport)
	e, err := exports.Ask(c.Ctx, c.Tx, c.Who, exports.Asking{Operation: c.Operation, Purpose: b.Purpose, Recipient: b.Recipient,
		Order: exports.Order{Set: b.List, Columns: b.Columns, Filter: b.Filter, Format: formats.Format(b.Format), Tags: b.HXL, Lang: b.Language}})
	c.Made = "/exports/" + string(e.ID)
	return err
}

func made(c *network.Call) (any, error) {
	e, err := exports.Find(c.Ctx, c.Q, c.Who, exports.ID(c.Made[len("/exports/"):]))
	return viewOf(e), err
}

func find(c *network.Call) (any, error) {
	id, err := ID(c.Path)
	if err != nil {
		return nil, err
	}
	e, err := exports.Find(c.Ctx, c.Q, c.Who, id)
	return viewOf(e), err
}

func decide(c *network.Call) error {
	id, err := ID(c.Path)
	if err != nil {
		return err
	}
	b := c.Body.(*decision)
	return exports.Decide(c.Ctx, c.Tx, c.Who, id, exports.Decision{Approve: b.Approve, Remark: b.Remark, Version: b.Version})
}

func cancel(c *network.Call) error {
	id, err := ID(c.Path)
	if err != nil {
		return err
	}
	return exports.Cancel(c.Ctx, c.Tx, c.Who, id)
}
