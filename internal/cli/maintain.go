// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/queue"
	"fera/internal/seal"
)

// migrateCommand is fera migrate.
type migrateCommand struct{ where }

// Help implements kong.HelpProvider.
func (migrateCommand) Help() string {
	return `Makes the tables of an empty database, or brings an older one up to the schema of this program. It only goes forward: make a backup first.

  fera migrate --data /etc/fera --database postgres://owner:secret@db:5432/fera

On PostgreSQL run it as the owner of the tables; fera serve can then use a role that may not alter them.`
}

// Run implements the command.
func (c *migrateCommand) Run(p *program) error {
	s, err := c.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{make: true, migrate: true})
	if err != nil {
		return err
	}
	defer st.close()
	have, _, err := st.d.SchemaVersion(p.ctx)
	if err == nil {
		fmt.Fprintf(p.out, "The database is at schema %d, which is that of this program.\n", have)
	}
	return err
}

// moveCommand is fera move.
type moveCommand struct {
	where
	To string `required:"" placeholder:"URL" help:"postgres://… of an empty database that nobody else uses."`
}

// Help implements kong.HelpProvider.
func (moveCommand) Help() string {
	return `Copies everything from SQLite into an empty PostgreSQL database. Stop the server first. The key file stays the same: serve with it afterwards.

  fera move --data /var/lib/fera --to postgres://fera:secret@db:5432/fera`
}

// Run implements the command.
func (c *moveCommand) Run(p *program) (err error) {
	s, err := c.settings(p, nil)
	if err != nil {
		return err
	}
	if db.IsPostgres(s.DatabaseURL()) || !db.IsPostgres(c.To) {
		return wrong(codeUsage, "Moving goes from SQLite (--data or --database) to PostgreSQL (--to postgres://…).")
	}
	from, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer from.close()
	back, err := p.alone(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back()) }()
	target := s
	target.Database = c.To
	to, err := db.Open(p.ctx, c.To, db.Options{Keys: from.ring})
	if err != nil {
		return unopened(target, err)
	}
	defer to.Close()
	if have, _, err := to.SchemaVersion(p.ctx); err != nil || have != 0 {
		return errors.Join(err, wrong(codeFailed, "The database to move to is not empty. Make a fresh one for it."))
	}
	if err := to.Migrate(p.ctx); err != nil {
		return err
	}
	if err := db.Move(p.ctx, from.d, to, func(table string, rows int64) { fmt.Fprintf(p.out, "%8d rows of %s\n", rows, table) }); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "Moved. Check it with `fera verify --data %s --database URL`, and keep the SQLite file until you are sure.\n", s.Data)
	return nil
}

// verifyCommand is fera verify.
type verifyCommand struct {
	where
	Checkpoint []string `placeholder:"FILE" help:"A signed checkpoint that was kept elsewhere; may be given several times."`
	Save       string   `placeholder:"FILE" help:"Write the newest checkpoint there, to be kept by somebody else."`
}

// Help implements kong.HelpProvider.
func (verifyCommand) Help() string {
	return `Goes over the whole trail and says whether every entry is there, unaltered and in its place. It ends with exit code 3, and names the first
bad position, when it does not hold.

Who can write to the database and holds the key file could make a fresh trail that holds by itself. A checkpoint that was kept by
another organisation finds that out too: take one from time to time, and check against those that you have.

  fera verify --data /var/lib/fera --save 2030-03.checkpoint
  fera verify --data /var/lib/fera --checkpoint 2030-02.checkpoint --checkpoint 2030-03.checkpoint`
}

// Run implements the command.
func (c *verifyCommand) Run(p *program) error {
	s, err := c.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer st.close()
	kept, err := c.read(st.ring)
	if err != nil {
		return err
	}
	var report audit.Report
	var newest audit.Checkpoint
	if err := st.d.Read(p.ctx, func(q db.Reader) error {
		if report, err = audit.Verify(p.ctx, q, kept...); err != nil {
			return err
		}
		newest, err = audit.Latest(p.ctx, q)
		return err
	}); err != nil {
		return err
	}
	if !report.Holds() {
		return wrong(codeTrail, "The trail does not hold. The first bad position is %d: %s.", report.Bad, report.Why)
	}
	if c.Save != "" && newest.Size == 0 {
		return wrong(codeFailed, "There is no checkpoint to save yet: nothing has been sealed.")
	}
	fmt.Fprintf(p.out, "The trail holds: %d entries are sealed, %d wait to be.\nCheckpoints are signed by %s\n", report.Entries, report.Waiting, report.Verifier)
	if c.Save == "" {
		return nil
	}
	if err := os.WriteFile(c.Save, []byte(newest.Note), 0o644); err != nil {
		return wrong(codeFailed, "The checkpoint cannot be written to %s: %s.", c.Save, plain(err))
	}
	fmt.Fprintf(p.out, "The checkpoint of %d entries is in %s. Give it to somebody else to keep.\n", newest.Size, c.Save)
	return nil
}

func (c *verifyCommand) read(ring *seal.Ring) (kept []audit.Checkpoint, err error) {
	verifier, err := ring.Verifier()
	if err != nil {
		return nil, err
	}
	for _, path := range c.Checkpoint {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, wrong(codeUsage, "The checkpoint %s cannot be read: %s.", path, plain(err))
		}
		one, err := audit.ParseCheckpoint(string(text), verifier)
		if err != nil {
			return nil, wrong(codeUsage, "%s is no checkpoint of this installation: %s.", path, err)
		}
		kept = append(kept, one)
	}
	return kept, nil
}

// keysCommands are fera keys.
type keysCommands struct {
	Rotate rotateCommand `cmd:"" help:"Make a fresh key and wrap the others under it."`
}

// rotateCommand is fera keys rotate.
type rotateCommand struct {
	where
	Which        string `arg:"" enum:"root,organisation" help:"root, or organisation."`
	Organisation string `placeholder:"ID" help:"Only this organisation's key, and not those of all."`
}

// Help implements kong.HelpProvider.
func (rotateCommand) Help() string {
	return `The root key lies in the key file and wraps the keys of the organisations, which wrap those of the persons. What is sealed under a
person's key need not be touched.

  fera keys rotate organisation --data /var/lib/fera     beside a running server
  fera keys rotate root --data /var/lib/fera             stop all servers first, then give each the new key file

The old root key stays in the key file, so that older backups can be read. Keep a copy of the new file.`
}

// Run implements the command.
func (c *rotateCommand) Run(p *program) error {
	s, err := c.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer st.close()
	if c.Which == "root" {
		return p.rotateRoot(st)
	}
	return p.rotateOrganisations(st, c.Organisation)
}

// alone makes sure that no server runs, and keeps it so for a while: servers
// hold the lease on sealing the trail.
func (p *program) alone(st *store) (back func() error, err error) {
	holder := ids.New(st.d.Now())
	const lasts = time.Hour
	ours, err := queue.Lease(p.ctx, st.d, sealLease, holder, lasts)
	if err != nil {
		return nil, err
	}
	if !ours {
		return nil, wrong(codeFailed, "A server is running on this database, or was killed a few seconds ago. Stop it, and try again.")
	}
	return func() error { return queue.Release(p.ctx, st.d, sealLease, holder) }, nil
}

func (p *program) rotateRoot(st *store) (err error) {
	back, err := p.alone(st)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back()) }()
	if err := st.ring.Rotate(); err != nil {
		return err
	}
	// The file first: it opens what is wrapped under either key.
	if err := st.ring.Save(st.set.KeyFile(), st.set.Passphrase); err != nil {
		return wrong(codeKey, "The key file cannot be written: %s. Nothing was changed.", plain(err))
	}
	n, err := seal.RewrapRoot(p.ctx, st.d)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "The root key is fresh, and %d keys are wrapped under it. Keep a copy of %s.\n", n, st.set.KeyFile())
	return nil
}

func (p *program) rotateOrganisations(st *store, only string) error {
	which := []string{only}
	if only == "" {
		which = nil
		if err := st.d.Read(p.ctx, func(q db.Reader) error {
			all, err := offices.Organisations(p.ctx, q, terminal())
			for _, o := range all {
				which = append(which, o.ID)
			}
			return err
		}); err != nil {
			return err
		}
	}
	for _, organisation := range which {
		n, err := seal.RotateOrganisation(p.ctx, st.d, organisation)
		if err != nil && only != "" {
			return wrong(codeFailed, "The key was not made: %s.", err)
		}
		if err == nil {
			fmt.Fprintf(p.out, "Organisation %s has a fresh key, and %d persons' keys are wrapped under it.\n", organisation, n)
		}
	}
	return nil
}

// versionCommand is fera version.
type versionCommand struct{}

// Run implements the command.
func (versionCommand) Run(p *program) error {
	fmt.Fprintf(p.out, "fera %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// version names the source that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision := ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value[:min(12, len(s.Value))]
		}
	}
	switch v := info.Main.Version; {
	case v != "" && v != "(devel)":
		return v
	case revision != "":
		return revision
	}
	return "development"
}
