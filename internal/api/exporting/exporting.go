// SPDX-License-Identifier: Apache-2.0

// Package exporting is the part of the API by which lists are taken away as files:
// asked for, decided on by a second person, followed and given up. The file itself is
// handed over piece by piece.
package exporting

import (
	"context"
	"io"
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/db"
	"fera/internal/exports"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/fault"
	"fera/internal/words"
)

// Operations is the table.
func Operations() []op.Operation {
	view, list := op.Holds[exportView](), op.Holds[exportList]()
	return op.Acts([]op.Operation{
		{Name: "list_exports", Method: http.MethodGet, Path: "/exports", Need: access.MakeExport, Out: list, Show: mine},
		{Name: "list_exports_to_decide", Method: http.MethodGet, Path: "/exports/to-decide", Need: access.ApproveExport, Out: list, Show: toDecide},
		{Name: "ask_export", Method: http.MethodPost, Path: "/exports", Need: access.MakeExport, In: op.Sent[newExport](), Out: view, Status: http.StatusCreated, Own: true, Act: ask, Show: made,
			Example: `{"list": "persons", "format": "csv", "columns": ["person", "sex", "district"], "filter": {"place": "3056"}, "hxl": true}`},
		{Name: "find_export", Method: http.MethodGet, Path: "/exports/{id}", Out: view, Show: find},
		{Name: "decide_export", Method: http.MethodPost, Path: "/exports/{id}/decide", Need: access.ApproveExport, In: op.Sent[decision](), Out: view, Act: decide, Show: find,
			Example: `{"version": 1, "approve": false, "remark": "the district is enough"}`},
		{Name: "cancel_export", Method: http.MethodPost, Path: "/exports/{id}/cancel", Need: access.MakeExport, Out: view, Act: cancel, Show: find},
	})
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

func mine(c *op.Call) (any, error) { return listOf(exports.List(c.Ctx, c.Q, c.Who)) }

func toDecide(c *op.Call) (any, error) { return listOf(exports.ToDecide(c.Ctx, c.Q, c.Who)) }

func at(c *op.Call) (exports.ID, error) { return op.PathID[exports.ID](c, "id", "export.not_found") }

func ask(c *op.Call) error {
	b := c.Body.(*newExport)
	e, err := exports.Ask(c.Ctx, c.Tx, c.Who, exports.Asking{Operation: c.Key, Purpose: b.Purpose, Recipient: b.Recipient,
		Order: exports.Order{Set: b.List, Columns: b.Columns, Filter: b.Filter, Format: formats.Format(b.Format), Tags: b.HXL, Lang: b.Language}})
	c.Made = "/exports/" + string(e.ID)
	return err
}

func made(c *op.Call) (any, error) {
	e, err := exports.Find(c.Ctx, c.Q, c.Who, exports.ID(c.MadeID()))
	return viewOf(e), err
}

func find(c *op.Call) (any, error) {
	id, err := at(c)
	if err != nil {
		return nil, err
	}
	e, err := exports.Find(c.Ctx, c.Q, c.Who, id)
	return viewOf(e), err
}

func decide(c *op.Call) error {
	id, err := at(c)
	if err != nil {
		return err
	}
	b := c.Body.(*decision)
	return exports.Decide(c.Ctx, c.Tx, c.Who, id, exports.Decision{Approve: b.Approve, Remark: b.Remark, Version: b.Version})
}

func cancel(c *op.Call) error {
	id, err := at(c)
	if err != nil {
		return err
	}
	return exports.Cancel(c.Ctx, c.Tx, c.Who, id)
}

// Files is the table of what hands files over.
func Files() []op.Operation {
	return []op.Operation{{Name: "fetch_export", Method: http.MethodPost, Path: "/exports/{id}/file", Need: access.MakeExport, Media: "application/octet-stream", Writes: true, Do: fetch}}
}

// fetch lets who asked have the file. It is written piece by piece, each read by itself, after that is in the trail.
func fetch(c *op.Call) (op.Answer, error) {
	id, err := at(c)
	if err != nil {
		return op.Answer{}, err
	}
	e, err := exports.Fetch(c.Ctx, c.Tx, c.Who, id)
	if err != nil {
		return op.Answer{}, err
	}
	read, who := func(_ context.Context, do func(db.Reader) error) error { return c.Read(do) }, c.Who
	return op.Answer{Stream: &op.Stream{Size: e.Size, Write: func(to io.Writer) error { return exports.Send(c.Ctx, read, who, e, to) }}}, nil
}
