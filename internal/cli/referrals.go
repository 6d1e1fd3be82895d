// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"fera/internal/referrals"
)

// referralCommands are fera referral.
type referralCommands struct {
	Recount referralRecountCommand `cmd:"" help:"Count anew how many referrals came how far."`
}

// referralRecountCommand is fera referral recount.
type referralRecountCommand struct{ where }

// Help implements kong.HelpProvider.
func (referralRecountCommand) Help() string {
	return `Counts from the referrals themselves how many came how far and how long each step took, and puts right the totals that the overview is drawn
from. They are kept with each act, so nothing should be wrong; it tells how many were. It may run beside a server, which waits meanwhile.

  fera referral recount --data /var/lib/fera`
}

// Run implements the command.
func (c *referralRecountCommand) Run(p *program) error {
	return p.within(c.where, func(st *store) error {
		wrong, err := referrals.Recount(p.ctx, st.d)
		switch {
		case err != nil:
			return err
		case wrong == 0:
			fmt.Fprintln(p.out, "All totals are right.")
		default:
			fmt.Fprintf(p.out, "%d totals were wrong and are right now.\n", wrong)
		}
		return nil
	})
}
