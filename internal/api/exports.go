// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"io"
	"net/http"

	"fera/internal/access"
	"fera/internal/api/exporting"
	"fera/internal/api/op"
	"fera/internal/db"
	"fera/internal/exports"
)

// exportOperations hands files over; what else is done with them says package exporting.
func exportOperations() []op.Operation {
	return []op.Operation{{Name: "fetch_export", Method: http.MethodPost, Path: "/exports/{id}/file", Need: access.MakeExport, Media: "application/octet-stream", Writes: true, Do: fetchExport}}
}

// fetchExport lets who asked have the file. It is written piece by piece, each read by itself, after that is in the trail.
func fetchExport(c *op.Call) (op.Answer, error) {
	id, err := exporting.ID(c.Path)
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
