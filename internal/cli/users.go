// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/offices"
	"fera/internal/words"
)

// terminal is who acts at the terminal: whoever may read the key file may do everything.
func terminal() access.Actor {
	a := access.System(access.Permissions()...)
	a.Name = "terminal"
	return a
}

// userCommands are fera user.
type userCommands struct {
	Add   userAddCommand   `cmd:"" help:"Add a user; the first one is the administrator."`
	List  userListCommand  `cmd:"" help:"List the users and what they hold."`
	Role  userRoleCommand  `cmd:"" help:"Give a user a role, or take it away."`
	Reset userResetCommand `cmd:"" help:"Let a user enrol again who has lost password or second factor."`
}

// userAddCommand is fera user add.
type userAddCommand struct {
	where
	Login        string `arg:"" help:"Small Latin letters and digits, or an e-mail address."`
	Name         string `required:"" help:"As the trail and colleagues see it."`
	Organisation string `placeholder:"NAME" help:"First user: the name of the organisation to add."`
	Office       string `required:"" placeholder:"NAME" help:"Name or id of her office; for the first user, of the office to add."`
	Place        string `default:"3026" placeholder:"CODE" help:"First user: code of the district or upazila where the office is (default: Dhaka)."`
	Role         string `placeholder:"ROLE" help:"A role to give at once; fera user role --help lists them."`
	Scope        string `placeholder:"SCOPE" help:"Where the role holds (default: at her office)."`
	Language     string `enum:"bn,en" default:"bn" help:"Of the pages: bn or en."`
}

// Help implements kong.HelpProvider.
func (userAddCommand) Help() string {
	return `Prints a code, once. With it and the login she chooses her own password and second factor at the page /enrol, within a week.
In a database without users it adds the first organisation, office and administrator:

  fera user add farid --name 'Farid Ahmed' --organisation 'Shetu Foundation' --office 'Head office' --data /var/lib/fera

and afterwards whoever else is needed:

  fera user add amina --name 'Amina Begum' --office 'Head office' --role caseworker --data /var/lib/fera`
}

// Run implements the command.
func (c *userAddCommand) Run(p *program) error {
	return p.write(c.where, opening{make: true}, func(tx *db.Tx) (string, error) {
		a := accounts.Addition{Login: c.Login, Name: c.Name, Language: words.Lang(c.Language)}
		some, err := accounts.ListUsers(p.ctx, tx, terminal(), accounts.UserFilter{Limit: 1})
		if err != nil {
			return "", err
		}
		if len(some) == 0 {
			return c.first(p.ctx, tx, a)
		}
		if a.Office, err = officeNamed(p.ctx, tx, c.Office); err != nil {
			return "", err
		}
		u, code, err := accounts.AddUser(p.ctx, tx, terminal(), a)
		if err != nil {
			return "", err
		}
		if c.Role != "" {
			scope := c.Scope
			if scope == "" {
				scope = access.AtOffice(a.Office)
			}
			if err := accounts.GrantRole(p.ctx, tx, terminal(), accounts.Held{User: u.ID, Role: access.Role(c.Role), Scope: scope}); err != nil {
				return "", err
			}
		}
		return enrolment(u, code), nil
	})
}

func (c *userAddCommand) first(ctx context.Context, tx *db.Tx, a accounts.Addition) (string, error) {
	if c.Organisation == "" {
		return "", wrong(codeUsage, "There are no users yet, so this is the administrator. Name her organisation with --organisation.")
	}
	if c.Role != "" && c.Role != string(access.Administrator) {
		return "", wrong(codeUsage, "There are no users yet, so this is the administrator; leave --role out.")
	}
	u, code, err := accounts.FirstAdministrator(ctx, tx, terminal(), accounts.First{Addition: a,
		Organisation: offices.Organisation{NameEn: c.Organisation, Kind: offices.CivilSociety},
		Opening:      offices.Opening{NameEn: c.Office, Kind: offices.HeadOffice, Place: c.Place}})
	return enrolment(u, code), err
}

func enrolment(u accounts.User, code string) string {
	return fmt.Sprintf("%s was added. She enrols at the page /enrol with her login and this code, within a week:\n\n  %s\n", u.Login, code)
}

// officeNamed finds an open office by its id or its name in either language.
func officeNamed(ctx context.Context, q db.Reader, name string) (string, error) {
	all, err := offices.List(ctx, q, terminal(), "")
	if err != nil {
		return "", err
	}
	var found, there []string
	for _, o := range all {
		if !o.ClosedAt.IsZero() {
			continue
		}
		there = append(there, o.Name("en"))
		if o.ID == name || strings.EqualFold(o.NameEn, name) || o.NameBn == name {
			found = append(found, o.ID)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", wrong(codeUsage, "There is no office %q. There are: %s.", name, strings.Join(there, "; "))
	}
	return "", wrong(codeUsage, "Several offices are called %q. Give the id of the one: %s.", name, strings.Join(found, ", "))
}

// write opens the store, does something in a transaction and prints what it says.
func (p *program) write(w where, o opening, do func(tx *db.Tx) (string, error)) error {
	s, err := w.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, o)
	if err != nil {
		return err
	}
	defer st.close()
	var said string
	if err := st.d.Write(p.ctx, func(tx *db.Tx) (err error) {
		said, err = do(tx)
		return err
	}); err != nil {
		return err
	}
	fmt.Fprint(p.out, said)
	return nil
}

// read is write for what only looks.
func (p *program) read(w where, look func(q db.Reader) error) error {
	s, err := w.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer st.close()
	return st.d.Read(p.ctx, look)
}

// userListCommand is fera user list.
type userListCommand struct{ where }

// Help implements kong.HelpProvider.
func (userListCommand) Help() string {
	return `Prints each user with her office, her roles and whether she can sign in.

  fera user list --data /var/lib/fera`
}

// Run implements the command.
func (c *userListCommand) Run(p *program) error {
	return p.read(c.where, func(q db.Reader) error {
		t := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(t, "LOGIN\tNAME\tOFFICE\tROLES\tSTATE")
		for after := ""; ; {
			some, err := accounts.ListUsers(p.ctx, q, terminal(), accounts.UserFilter{After: after, Limit: 100})
			if err != nil {
				return err
			}
			for _, u := range some {
				if err := p.printUser(t, q, u); err != nil {
					return err
				}
				after = u.Login
			}
			if len(some) < 100 {
				return t.Flush()
			}
		}
	})
}

func (p *program) printUser(t *tabwriter.Writer, q db.Reader, u accounts.User) error {
	office, err := offices.Find(p.ctx, q, terminal(), u.Office)
	if err != nil {
		return err
	}
	held, err := accounts.Roles(p.ctx, q, u.ID)
	if err != nil {
		return err
	}
	var roles []string
	for _, h := range held {
		roles = append(roles, string(h.Role)+"@"+h.Scope)
	}
	state := "signs in"
	switch {
	case u.Disabled:
		state = "disabled"
	case !u.Enrolled:
		state = "has not enrolled"
	}
	_, err = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", u.Login, u.Name, office.Name("en"), strings.Join(roles, " "), state)
	return err
}

// userRoleCommand is fera user role.
type userRoleCommand struct {
	where
	Login  string `arg:"" help:"Whose role it is."`
	Role   string `arg:"" help:"The role."`
	Scope  string `placeholder:"SCOPE" help:"Where it holds: o:OFFICE-ID, g:ORGANISATION-ID, a:PLACE-CODE, own for her caseload, or all (default: at her office)."`
	Revoke bool   `help:"Take the role away instead."`
}

// Help implements kong.HelpProvider.
func (userRoleCommand) Help() string {
	var roles []string
	for _, r := range access.Roles() {
		roles = append(roles, string(r))
	}
	return `What a role allows stands in the administration pages. The roles are ` + strings.Join(roles, ", ") + `.

  fera user role amina caseworker --data /var/lib/fera
  fera user role gita grievance_officer --scope a:3056 --data /var/lib/fera
  fera user role amina caseworker --revoke --data /var/lib/fera`
}

// Run implements the command.
func (c *userRoleCommand) Run(p *program) error {
	return p.write(c.where, opening{}, func(tx *db.Tx) (string, error) {
		if !slices.Contains(access.Roles(), access.Role(c.Role)) {
			return "", wrong(codeUsage, "There is no role %q; `fera user role --help` lists them.", c.Role)
		}
		u, err := userNamed(p.ctx, tx, c.Login)
		if err != nil {
			return "", err
		}
		h := accounts.Held{User: u.ID, Role: access.Role(c.Role), Scope: c.Scope}
		if h.Scope == "" {
			h.Scope = access.AtOffice(u.Office)
		}
		if c.Revoke {
			return fmt.Sprintf("%s no longer is %s at %s.\n", u.Login, h.Role, h.Scope), accounts.RevokeRole(p.ctx, tx, terminal(), h)
		}
		return fmt.Sprintf("%s is %s at %s.\n", u.Login, h.Role, h.Scope), accounts.GrantRole(p.ctx, tx, terminal(), h)
	})
}

func userNamed(ctx context.Context, q db.Reader, login string) (accounts.User, error) {
	some, err := accounts.ListUsers(ctx, q, terminal(), accounts.UserFilter{Login: login, Limit: 1})
	if err != nil {
		return accounts.User{}, err
	}
	if len(some) == 0 || !strings.EqualFold(some[0].Login, login) {
		return accounts.User{}, wrong(codeUsage, "There is no user %q. `fera user list` lists them.", login)
	}
	return some[0], nil
}

// userResetCommand is fera user reset.
type userResetCommand struct {
	where
	Login string `arg:"" help:"Who is to enrol again."`
}

// Help implements kong.HelpProvider.
func (userResetCommand) Help() string {
	return `Takes password and second factor away, ends her sessions, and prints a code with which she enrols again. Make sure that it is she who asks.

  fera user reset amina --data /var/lib/fera`
}

// Run implements the command.
func (c *userResetCommand) Run(p *program) error {
	return p.write(c.where, opening{}, func(tx *db.Tx) (string, error) {
		u, err := userNamed(p.ctx, tx, c.Login)
		if err != nil {
			return "", err
		}
		_, code, err := accounts.Reset(p.ctx, tx, terminal(), u.ID)
		return fmt.Sprintf("%s enrols again at the page /enrol with her login and this code, within a week:\n\n  %s\n", u.Login, code), err
	})
}
