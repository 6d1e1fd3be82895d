// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strings"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/simulate"
)

// people say which people are thought up.
type people struct {
	Persons  int    `default:"20000" help:"How many."`
	Seed     uint64 `default:"1" help:"The same seed gives the same people."`
	District string `default:"3056" placeholder:"CODE" help:"Code of the district where they live, or all for the whole country (default: 3056, Manikganj)."`
	Caseload string `enum:"mixed,airport,women" default:"${caseload}" help:"Whom the offices meet, which decides how many are women: mixed, airport or women (default: ${caseload})."`
	Lean     bool   `help:"Only names, sex, birth, home, one contact and consent: for measuring."`
}

func (o people) options(clerks []access.Actor, progress func(done, total int)) (simulate.Options, error) {
	caseload := map[string]simulate.Caseload{"mixed": simulate.Mixed, "airport": simulate.Airport, "women": simulate.WomensCentre}[o.Caseload]
	all := simulate.Options{Persons: o.Persons, Seed: o.Seed, District: o.District, Caseload: caseload, Lean: o.Lean, Clerks: clerks, Progress: progress}
	if o.Persons < 0 {
		return all, wrong(codeUsage, "--persons is 0 or more, not %d.", o.Persons)
	}
	if _, err := simulate.Draw(all); err != nil {
		return all, wrong(codeUsage, "%s. A district has four digits, such as 3056 for Manikganj; all is the whole country.", strings.TrimPrefix(err.Error(), "simulate: "))
	}
	return all, nil
}

// simulateCommand is fera simulate.
type simulateCommand struct {
	where
	people
	Add bool `help:"Register them even though the store holds people already."`
}

// Help implements kong.HelpProvider.
func (simulateCommand) Help() string {
	return `Registers people who do not exist, through the same acts as a clerk: for training, for trying things out, for measuring. Their telephones and
papers have numbers that nobody can have. Who registers them are the users of the store who may; without any, a simulated
organisation is added. It can run beside a server. A store with people in it is left alone unless --add is given: never mix them with real
people, for nothing takes them out again.

  fera simulate --data /tmp/training --persons 5000
  fera simulate --data /tmp/big --persons 1000000 --district all --lean`
}

// Run implements the command.
func (c *simulateCommand) Run(p *program) error {
	s, err := c.settings(p, nil)
	if err != nil {
		return err
	}
	if _, err := c.options([]access.Actor{terminal()}, nil); err != nil {
		return err
	}
	st, err := p.open(s, opening{make: true})
	if err != nil {
		return err
	}
	defer st.close()
	if !c.Add {
		if err := p.mustBeEmpty(st); err != nil {
			return err
		}
	}
	clerks, err := p.clerks(st)
	if err != nil {
		return err
	}
	if len(clerks) == 0 {
		if clerks, _, err = p.settleCast(st, nil); err != nil {
			return err
		}
	}
	return p.fill(st, c.people, clerks, nil)
}

func (p *program) mustBeEmpty(st *store) error {
	return st.d.Read(p.ctx, func(q db.Reader) error {
		page, err := persons.List(p.ctx, q, terminal(), persons.Filter{Limit: 1})
		if err == nil && len(page.Cards) > 0 {
			return wrong(codeFailed, "The store holds people already. If they are simulated too, add more with --add; if one of them is real, do not.")
		}
		return err
	})
}

// clerks are the users who may register people, as actors.
func (p *program) clerks(st *store) (all []access.Actor, err error) {
	err = st.d.Read(p.ctx, func(q db.Reader) error {
		users, err := accounts.ListUsers(p.ctx, q, terminal(), accounts.UserFilter{Limit: 500})
		if err != nil {
			return err
		}
		for _, u := range users {
			a, err := actor(p.ctx, q, u)
			if err != nil {
				return err
			}
			if !u.Disabled && a.Covers(access.RegisterPerson, access.AtOffice(u.Office), access.OfOrganisation(u.Organisation)) {
				all = append(all, a)
			}
		}
		return nil
	})
	return all, err
}

// actor is a user with the rights that she holds.
func actor(ctx context.Context, q db.Reader, u accounts.User) (access.Actor, error) {
	a := access.Actor{ID: u.ID, Name: u.Name, Office: u.Office, Organisation: u.Organisation}
	held, err := accounts.Roles(ctx, q, u.ID)
	for _, h := range held {
		a.Grant(h.Role, h.Scope)
	}
	return a, err
}

// fill registers simulated people, shows how far it is, and seals the trail
// unless a server does. With a clock they are registered when they were met.
func (p *program) fill(st *store, o people, clerks []access.Actor, clock *simulate.Clock) error {
	options, err := o.options(clerks, p.progress("Registering simulated people"))
	if err != nil {
		return err
	}
	options.Clock = clock
	if err := simulate.Fill(p.ctx, st.d, options); err != nil {
		return err
	}
	back, err := p.alone(st)
	if err != nil {
		return nil // the server seals
	}
	if _, err := audit.Seal(p.ctx, st.d); err != nil {
		return err
	}
	return back()
}

// progress shows how far a piece of work is: a bar at a terminal, elsewhere a
// line for each tenth.
func (p *program) progress(what string) func(done, total int) {
	const width = 40
	shown := -1
	return func(done, total int) {
		percent := done * 100 / max(total, 1)
		if percent == shown {
			return
		}
		if atTerminal(p.out) {
			filled := percent * width / 100
			fmt.Fprintf(p.out, "\r%s [%s%s] %3d%%", what, strings.Repeat("#", filled), strings.Repeat(".", width-filled), percent)
			if percent == 100 {
				fmt.Fprintln(p.out)
			}
		} else if percent/10 != max(shown, 0)/10 {
			fmt.Fprintf(p.out, "%s: %d%%\n", what, percent/10*10)
		}
		shown = percent
	}
}
