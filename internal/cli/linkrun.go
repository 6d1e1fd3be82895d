// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"time"

	"fera/internal/links"
)

// linkRunCommand is fera link run.
type linkRunCommand struct{ where }

// Help implements kong.HelpProvider.
func (linkRunCommand) Help() string {
	return `Compares every record of the register with those that it resembles, and puts pairs that may be of one person before the review desk. Nothing is
merged. Pairs that somebody judged are not asked about again unless there is something new. From 20,000 records on, a model is learned from
the register itself. New records are linked as they come; this is for a register that was filled before, or after importing. It may run
beside a server, and goes on where it was when it was stopped.

  fera link run --data /var/lib/fera`
}

// Run implements the command.
func (c *linkRunCommand) Run(p *program) error {
	s, err := c.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer st.close()
	r, err := links.NewFinder(st.d).Run(p.ctx, p.progress("Comparing records"))
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d records were compared in %s with the model %q: %d pairs may be of one person.\n", r.Records, r.Took.Round(100*time.Millisecond), r.Model, r.Pairs)
	return nil
}
