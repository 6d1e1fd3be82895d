// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/iati"
	"fera/internal/projects"
	"fera/internal/reports/counted"
)

// projectCommands are fera project.
type projectCommands struct {
	List projectListCommand `cmd:"" help:"List the projects."`
	IATI projectIATICommand `cmd:"" name:"iati" help:"Write a project as an activity of IATI 2.03."`
}

// projectListCommand is fera project list.
type projectListCommand struct{ where }

// Help implements kong.HelpProvider.
func (projectListCommand) Help() string {
	return `Prints the code, the state and the title of each project.

  fera project list --data /var/lib/fera`
}

// Run implements the command.
func (c *projectListCommand) Run(p *program) error {
	return p.looking(c.where, func(q db.Reader) error {
		all, err := projects.List(p.ctx, q, terminal(), projects.Filter{})
		for _, one := range all {
			fmt.Fprintf(p.out, "%s\t%s\t%s\n", one.Code, one.State, one.Title("en"))
		}
		return err
	})
}

// projectIATICommand is fera project iati.
type projectIATICommand struct {
	where
	Project string `required:"" placeholder:"CODE" help:"Code of the project."`
	NoMoney bool   `help:"Leave the budget and the transactions out."`
}

// Help implements kong.HelpProvider.
func (projectIATICommand) Help() string {
	return `Prints the project as XML that follows the schema of IATI 2.03, with its budget, transactions and results. It is written when the record says who
publishes it, under which identifier. What its indicators come to by the records stands beside what was published of them; what is protected
is in it from eleven people on. Nobody who was helped is in it.

  fera project iati --project manikganj-women --data /var/lib/fera > activity.xml`
}

// Run implements the command.
func (c *projectIATICommand) Run(p *program) error {
	return p.looking(c.where, func(q db.Reader) error {
		one, err := projects.ByCode(p.ctx, q, terminal(), c.Project)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			return wrong(codeFailed, "There is no project %s. `fera project list` lists them.", c.Project)
		}
		if err != nil {
			return err
		}
		a := iati.Activity{Project: one}
		if a.Actuals, err = counted.Actuals(p.ctx, q, terminal(), one.ID); err != nil {
			return err
		}
		if !c.NoMoney {
			if a.Entries, err = projects.Money(p.ctx, q, terminal(), one.ID); err != nil {
				return err
			}
		}
		err = iati.Write(p.out, a, q.Now())
		if f := fault.Of(err); f != nil && f.Field == "reporter.ref" {
			return wrong(codeFailed, "The record of %s does not say who publishes it, with an identifier in IATI. Add that on its page, under Publishing.", c.Project)
		}
		return err
	})
}

// looking opens a store and reads from it.
func (p *program) looking(w where, do func(q db.Reader) error) error {
	s, err := w.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer st.close()
	return st.d.Read(p.ctx, do)
}
