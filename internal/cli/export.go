// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"fera/internal/exports"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/fault"
	"fera/internal/words"
)

// exportCommand is fera export.
type exportCommand struct {
	where
	Set      string   `arg:"" enum:"persons,cases,services,referrals,activities,directory" help:"Which list: persons, cases, services, referrals, activities or directory."`
	Format   string   `default:"xlsx" enum:"xlsx,csv,jsonl" help:"xlsx, csv or jsonl."`
	Out      string   `required:"" placeholder:"FILE" help:"Where to write it; - for standard output."`
	Hxl      bool     `help:"Put HXL tags in the second row."`
	Columns  []string `placeholder:"CODE" help:"Only these columns (default: all that say of nobody who she is)."`
	Language string   `default:"en" enum:"en,bn" help:"Of headings and names: en or bn."`
	Place    string   `placeholder:"CODE" help:"Only there: a division, district, upazila or union."`
	Office   string   `placeholder:"ID" help:"Only of this office."`
	From     string   `placeholder:"DAY" help:"Only from this day on."`
	Until    string   `placeholder:"DAY" help:"Only until this day."`
}

// Help implements kong.HelpProvider.
func (exportCommand) Help() string {
	return `Writes a list to a file, row by row, in memory that does not grow with it. Each row carries a sign instead of a name, which is another in every file.
Columns that say who somebody is are refused here: they leave only after a second person approved, in the pages or by the API.

  fera export persons --out persons.xlsx --hxl --data /var/lib/fera
  fera export cases --format csv --out cases.csv`
}

// Run implements the command.
func (c *exportCommand) Run(p *program) error {
	return p.within(c.where, func(st *store) (err error) {
		o := exports.Order{Set: c.Set, Columns: c.Columns, Format: formats.Format(c.Format), Tags: c.Hxl, Lang: c.Language,
			Filter: columns.Filter{Place: c.Place, Office: c.Office, From: c.From, Until: c.Until}}
		var done int
		if c.Out == "-" {
			done, err = exports.Direct(p.ctx, st.d, terminal(), o, p.out)
		} else {
			err = intoFile(c.Out, func(to io.Writer) (err error) {
				done, err = exports.Direct(p.ctx, st.d, terminal(), o, to)
				return err
			})
		}
		if f := fault.Of(err); f != nil && f.Kind != fault.Internal {
			return wrong(codeUsage, "%s", words.In(words.English).Fault(f))
		}
		if err == nil {
			fmt.Fprintf(p.errs, "%d rows written.\n", done)
		}
		return err
	})
}

// intoFile writes a new file that its owner alone can read. What is half written is taken away.
func intoFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return wrong(codeUsage, "%s is there already. Choose another name, or remove it.", path)
	}
	if err != nil {
		return wrong(codeUsage, "%s cannot be written: %s.", path, plain(err))
	}
	out := bufio.NewWriterSize(f, 256<<10)
	if err := errors.Join(write(out), out.Flush(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
