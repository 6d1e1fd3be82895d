// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
)

// tokenCommands are fera token.
type tokenCommands struct {
	Add    tokenAddCommand    `cmd:"" help:"Make a key for another system."`
	List   tokenListCommand   `cmd:"" help:"List the keys that act for a user."`
	Revoke tokenRevokeCommand `cmd:"" help:"Make a key worthless at once."`
}

// tokenAddCommand is fera token add.
type tokenAddCommand struct {
	where
	Login string   `arg:"" help:"The user for whom it acts."`
	Name  string   `required:"" help:"What the key is for; it stands in the trail."`
	Allow []string `required:"" placeholder:"PERMISSION" help:"What it may do, of what she may do; several with commas."`
	Scope string   `placeholder:"SCOPE" help:"Only there: o:OFFICE-ID, g:ORGANISATION-ID or a:PLACE-CODE (default: wherever she may)."`
	Days  int      `default:"90" help:"For how many days it holds, 366 at most."`
}

// Help implements kong.HelpProvider.
func (tokenAddCommand) Help() string {
	var all []string
	for _, p := range access.Permissions() {
		all = append(all, string(p))
	}
	return `Prints the key, once; only a hash of it is kept. It is sent as "Authorization: Bearer KEY". The permissions are ` + strings.Join(all, ", ") + `.

  fera token add amina --name 'airport kiosk' --allow person.register,person.read --days 30 --data /var/lib/fera`
}

// Run implements the command.
func (c *tokenAddCommand) Run(p *program) error {
	return p.write(c.where, opening{}, func(tx *db.Tx) (string, error) {
		u, err := userNamed(p.ctx, tx, c.Login)
		if err != nil {
			return "", err
		}
		t := accounts.Token{Owner: u.ID, Name: c.Name, Scope: c.Scope, EndsAt: tx.Now().Add(time.Duration(c.Days) * 24 * time.Hour)}
		for _, name := range c.Allow {
			if !slices.Contains(access.Permissions(), access.Permission(name)) {
				return "", wrong(codeUsage, "There is no permission %q; `fera token add --help` lists them.", name)
			}
			t.Permissions = append(t.Permissions, access.Permission(name))
		}
		_, key, err := accounts.AddToken(p.ctx, tx, terminal(), t)
		return key + "\n", err
	})
}

// tokenListCommand is fera token list.
type tokenListCommand struct {
	where
	Login string `arg:"" help:"Whose keys to list."`
}

// Help implements kong.HelpProvider.
func (tokenListCommand) Help() string {
	return `Prints the keys without their secrets, the latest first.

  fera token list amina --data /var/lib/fera`
}

// Run implements the command.
func (c *tokenListCommand) Run(p *program) error {
	return p.read(c.where, func(q db.Reader) error {
		u, err := userNamed(p.ctx, q, c.Login)
		if err != nil {
			return err
		}
		all, err := accounts.Tokens(p.ctx, q, terminal(), u.ID)
		if err != nil {
			return err
		}
		t := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(t, "ID\tNAME\tENDS\tMAY")
		for _, k := range all {
			ends := k.EndsAt.UTC().Format("2006-01-02")
			if !k.RevokedAt.IsZero() {
				ends = "revoked"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", k.ID, k.Name, ends, strings.Trim(fmt.Sprint(k.Permissions), "[]"))
		}
		return t.Flush()
	})
}

// tokenRevokeCommand is fera token revoke.
type tokenRevokeCommand struct {
	where
	ID string `arg:"" help:"Id of the key, as fera token list prints it."`
}

// Help implements kong.HelpProvider.
func (tokenRevokeCommand) Help() string {
	return `The next request with the key is refused.

  fera token revoke 019a8f3e-6d8c-7000-8000-000000000000 --data /var/lib/fera`
}

// Run implements the command.
func (c *tokenRevokeCommand) Run(p *program) error {
	return p.write(c.where, opening{}, func(tx *db.Tx) (string, error) {
		return "The key is worthless now.\n", accounts.RevokeToken(p.ctx, tx, terminal(), c.ID)
	})
}
