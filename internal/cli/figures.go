// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"fera/internal/cli/figure"
	"fera/internal/indicators/counting"
)

// figureCommands are fera figures.
type figureCommands struct {
	List    figureListCommand    `cmd:"" help:"List the indicators, and how each is counted."`
	Show    figureShowCommand    `cmd:"" help:"Show one figure."`
	Rebuild figureRebuildCommand `cmd:"" help:"Count everything anew."`
	Check   figureCheckCommand   `cmd:"" help:"Count everything anew beside the totals that are kept, and compare."`
	Publish figurePublishCommand `cmd:"" help:"Publish the tables of a year for everybody."`
}

// figureListCommand is fera figures list.
type figureListCommand struct {
	where
	Language string `default:"en" enum:"en,bn" help:"In which language: en or bn."`
}

// Help implements kong.HelpProvider.
func (figureListCommand) Help() string {
	return `Prints the code of each indicator, what it counts and by what it can be broken down.

  fera figures list --language bn --data /var/lib/fera`
}

// Run implements the command.
func (c *figureListCommand) Run(p *program) error {
	return p.within(c.where, func(st *store) error { return figure.List(p.ctx, st.d, p.out, c.Language) })
}

// figureShowCommand is fera figures show.
type figureShowCommand struct {
	where
	figure.Asked `embed:""`
}

// Help implements kong.HelpProvider.
func (figureShowCommand) Help() string {
	return `Prints a figure as a table, with its parts, what is to be said of it, and up to when it is counted. Whoever has the key file and the database
is told exactly, but for what is of class 3: there nothing small is shown.

  fera figures show people_returned --from 2029-01 --to 2029-12 --by district --by sex
  fera figures show services --by kind --place 3056 --language bn`
}

// Run implements the command.
func (c *figureShowCommand) Run(p *program) error {
	return p.within(c.where, func(st *store) error {
		if _, err := counting.Follow(p.ctx, st.d); err != nil {
			return err
		}
		return refusedFigure(figure.Show(p.ctx, st.d, p.out, c.Asked))
	})
}

// refusedFigure makes a sentence of what cannot be asked.
func refusedFigure(err error) error {
	if said, is := figure.Said(err); is {
		return wrong(codeUsage, "%s", said)
	}
	return err
}

// figureRebuildCommand is fera figures rebuild.
type figureRebuildCommand struct{ where }

// Help implements kong.HelpProvider.
func (figureRebuildCommand) Help() string {
	return `Forgets all totals and counts every record anew. Meanwhile figures are incomplete, and say so; a server beside it goes on and follows afterwards.
It changes nothing of what is shown, unless the totals were damaged or what counts as what has changed.

  fera figures rebuild --data /var/lib/fera`
}

// Run implements the command.
func (c *figureRebuildCommand) Run(p *program) error {
	return p.within(c.where, func(st *store) error {
		counted := 0
		err := counting.Rebuild(p.ctx, st.d, func(n int) {
			if counted = n; n%100_000 < 500 {
				fmt.Fprintf(p.errs, "%d counted …\n", n)
			}
		})
		if err == nil {
			fmt.Fprintf(p.out, "Counted %d people and other subjects.\n", counted)
		}
		return err
	})
}

// figureCheckCommand is fera figures check.
type figureCheckCommand struct{ where }

// Help implements kong.HelpProvider.
func (figureCheckCommand) Help() string {
	return `Counts every record anew and compares that with the totals that are kept, changing nothing. The exit code is 1 when they differ.

  fera figures check --data /var/lib/fera`
}

// Run implements the command.
func (c *figureCheckCommand) Run(p *program) error {
	return p.within(c.where, func(st *store) error {
		v, err := counting.Check(p.ctx, st.d)
		if err != nil {
			return err
		}
		for _, d := range v.Different {
			fmt.Fprintf(p.out, "%s %s in %d (cube %d, lane %d)\n", d.Measure, d.Kind, d.Month, d.Cube, d.Lane)
		}
		if n := len(v.Different); n > 0 {
			return wrong(codeFailed, "%d of %d pages of totals are not what %d subjects come to. `fera figures rebuild` counts them anew.", n, v.Pages, v.Subjects)
		}
		fmt.Fprintf(p.out, "The totals are what the records come to: %d subjects, %d pages.\n", v.Subjects, v.Pages)
		return nil
	})
}

// figurePublishCommand is fera figures publish.
type figurePublishCommand struct {
	where
	figure.Publication `embed:""`
}

// Help implements kong.HelpProvider.
func (figurePublishCommand) Help() string {
	return `Publishes the tables of the catalogue for a year that is over, signed, at /open: nothing below eleven is in them, nor anything from which it could be
worked out. A table that was published before is published anew only when enough has changed; what has to wait is said, and nothing is changed.

  fera figures publish --year 2029 --data /var/lib/fera
  fera figures publish --year 2029 --table returned`
}

// Run implements the command.
func (c *figurePublishCommand) Run(p *program) error {
	return p.within(c.where, func(st *store) error {
		if _, err := counting.Follow(p.ctx, st.d); err != nil {
			return err
		}
		return refusedFigure(figure.Publish(p.ctx, st.d, p.out, c.Publication))
	})
}
