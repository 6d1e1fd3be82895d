// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"time"

	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/ids"
)

// instrumentRescoreCommand is fera instrument rescore.
type instrumentRescoreCommand struct {
	where
	Name    string `arg:"" help:"The name of the questionnaire."`
	Version string `placeholder:"VERSION" help:"The version to score by; it has to be in use (default: the one that is)."`
}

// Help implements kong.HelpProvider.
func (instrumentRescoreCommand) Help() string {
	return `Scores the latest answers of everybody by a version that is in use. Scores that are there stay, and each new one is in the trail. When a
version is activated a server does this by itself; the command is for doing it now, or again. It may run beside a server and be stopped
at any time: it goes on where it was.

  fera instrument rescore progress_check --data /var/lib/fera`
}

// Run implements the command.
func (c *instrumentRescoreCommand) Run(p *program) error {
	s, err := c.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer st.close()
	var ref assessments.Ref
	err = st.d.Write(p.ctx, func(tx *db.Tx) (err error) {
		ref, err = assessments.RescoreAll(p.ctx, tx, terminal(), assessments.Ref{Name: c.Name, Version: c.Version})
		return err
	})
	if err != nil {
		return err
	}
	return c.follow(p, st, ref)
}

// follow does the work, or waits while a server does it, and tells how far it is.
func (c *instrumentRescoreCommand) follow(p *program, st *store, ref assessments.Ref) error {
	holder, progress := "terminal "+ids.New(st.d.Now()), p.progress("Scoring anew")
	for {
		if _, err := assessments.Work(p.ctx, st.d, holder, func(done, total int) { progress(done, total) }); err != nil {
			return err
		}
		var now assessments.Rescoring
		err := st.d.Read(p.ctx, func(q db.Reader) (err error) {
			now, _, err = assessments.FindRescoring(p.ctx, q, terminal(), ref)
			return err
		})
		if err != nil {
			return err
		}
		progress(now.Scored, now.Scored+now.Left)
		if !now.EndedAt.IsZero() {
			fmt.Fprintf(p.out, "%d assessments were scored by version %s of %s. What they were scored by before stays.\n", now.Scored, ref.Version, ref.Name)
			return nil
		}
		select {
		case <-p.ctx.Done():
			return p.ctx.Err()
		case <-time.After(time.Second):
		}
	}
}
