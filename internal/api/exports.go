// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"io"
	"net/http"

	"fera/internal/access"
	"fera/internal/api/exporting"
	"fera/internal/db"
	"fera/internal/exports"
)

// exportOperations hands files over; what else is done with them says package exporting.
func exportOperations() []operation {
	return []operation{{name: "fetch_export", method: http.MethodPost, path: "/exports/{id}/file", need: access.MakeExport, media: "application/octet-stream", writes: true, do: fetchExport}}
}

// fetchExport lets who asked have the file. It is written piece by piece, each read by itself, after that is in the trail.
func fetchExport(c *call) (answer, error) {
	id, err := exporting.ID(c.r.PathValue)
	if err != nil {
		return answer{}, err
	}
	e, err := exports.Fetch(c.ctx, c.tx, c.who, id)
	if err != nil {
		return answer{}, err
	}
	read, who := func(_ context.Context, do func(db.Reader) error) error { return c.read(do) }, c.who
	return answer{stream: &stream{size: e.Size, write: func(to io.Writer) error { return exports.Send(c.ctx, read, who, e, to) }}}, nil
}

// stream is an answer that is too large to be held.
type stream struct {
	size  int64
	write func(io.Writer) error
}
