// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"context"
	"fmt"
	"io"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/words"
)

// Publication says which tables are published.
type Publication struct {
	Year  int    `required:"" help:"The year, which is over."`
	Table string `placeholder:"CODE" help:"Only this table (default: all of the catalogue)."`
}

// Publish publishes tables and says of each what came of it.
func Publish(ctx context.Context, d *db.DB, out io.Writer, p Publication) error {
	who := access.System(access.PublishFigures)
	who.Name = "terminal"
	known := false
	for _, t := range definitions.Catalogue() {
		if p.Table != "" && p.Table != t.Code {
			continue
		}
		known = true
		var i indicators.Issue
		err := d.Write(ctx, func(tx *db.Tx) (err error) {
			i, err = indicators.Publish(ctx, tx, who, indicators.Publishing{Code: t.Code, Year: p.Year})
			return err
		})
		switch f := fault.Of(err); {
		case f != nil && f.Kind == fault.Conflict:
			fmt.Fprintf(out, "%s %d: %s\n", t.Code, p.Year, words.In(words.English).Fault(f))
		case err != nil:
			return err
		default:
			fmt.Fprintf(out, "%s %d: published as issue no. %d\n", t.Code, p.Year, i.Issue)
		}
	}
	if !known {
		return fault.New(fault.NotFound, "figure.table_not_found")
	}
	return nil
}
