// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"fera/internal/access"
	"fera/internal/dashboards"
	"fera/internal/db"
)

// boards answers each dashboard whole, once cold and five times more, for those who see all records and those who see none.
func boards(ctx context.Context, d *db.DB) error {
	views := []struct {
		name string
		who  access.Actor
		dashboards.View
	}{
		{"a year", access.System(access.ReadFigures, access.ReadPersons), dashboards.View{From: 202501, To: 202512}},
		{"five years", access.System(access.ReadFigures, access.ReadPersons), dashboards.View{From: 202101, To: 202512}},
		{"a year, one district", access.System(access.ReadFigures, access.ReadPersons), dashboards.View{From: 202501, To: 202512, Place: "3056"}},
		{"a year, one organisation", access.System(access.ReadFigures, access.ReadPersons), dashboards.View{From: 202501, To: 202512, Filter: map[string]string{"organisation": "organisation-07"}}},
		{"a year, without records", access.System(access.ReadFigures), dashboards.View{From: 202501, To: 202512}},
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "whole dashboard\tof\tpanels\trefused\tfirst\tmedian of 5\tbar\t")
	for _, v := range views {
		for _, board := range dashboards.List() {
			var took []time.Duration
			refused := 0
			for range 6 {
				began := time.Now()
				var all []dashboards.Answered
				if err := d.Read(ctx, func(q db.Reader) (err error) {
					all, err = dashboards.Answer(ctx, q, v.who, board, v.View)
					return err
				}); err != nil {
					return fmt.Errorf("dashboard %s: %w", board.Code, err)
				}
				took, refused = append(took, time.Since(began)), 0
				for _, a := range all {
					if a.Refused != nil {
						refused++
					}
				}
			}
			first, rest := took[0], took[1:]
			slices.Sort(rest)
			held := "held"
			if max(first, rest[2]) > bar {
				held = "MISSED"
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d ms\t%d ms\t1 s\t%s\n", board.Code, v.name, len(board.Panels), refused, first.Milliseconds(), rest[2].Milliseconds(), held)
		}
	}
	return w.Flush()
}
