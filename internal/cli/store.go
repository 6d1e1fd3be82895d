// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"fera/internal/config"
	"fera/internal/db"
	"fera/internal/procedures"
	"fera/internal/seal"
)

// store is an open database with its keys.
type store struct {
	d    *db.DB
	ring *seal.Ring
	set  config.Settings
}

func (st *store) ledger() seal.Ledger { return seal.Ledger{Path: st.set.LedgerFile()} }

// opening says what may be done to a store that is not ready.
type opening struct {
	make    bool             // make it when there is none
	migrate bool             // bring an older one up to date, whatever the engine
	clock   func() time.Time // that of the wall when nil
}

// open opens the store of the settings.
func (p *program) open(s config.Settings, o opening) (*store, error) {
	if err := place(s, o); err != nil {
		return nil, err
	}
	if err := p.mayMakeKey(s, o); err != nil {
		return nil, err
	}
	ring, err := seal.LoadRing(s.KeyFile(), s.Passphrase, o.make)
	if errors.Is(err, seal.ErrPassphrase) && s.Passphrase == "" {
		return nil, wrong(codeKey, "The key file %s is protected by a passphrase. Give it in FERA_PASSPHRASE or with --passphrase-file.", s.KeyFile())
	}
	if errors.Is(err, seal.ErrPassphrase) {
		return nil, wrong(codeKey, "The passphrase does not open the key file %s.", s.KeyFile())
	}
	if err != nil {
		return nil, wrong(codeKey, "The key file cannot be used: %s.", err)
	}
	d, err := db.Open(p.ctx, s.DatabaseURL(), db.Options{Keys: ring, Clock: o.clock})
	if err != nil {
		return nil, unopened(s, err)
	}
	st := &store{d, ring, s}
	if err := st.ready(p, o); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return st, nil
}

// place checks the database's name and makes the data directory.
func place(s config.Settings, o opening) error {
	if scheme, _, ok := strings.Cut(s.Database, "://"); ok && !db.IsPostgres(s.Database) {
		return wrong(codeDatabase, "Fera knows no databases of the kind %q. Give postgres://user:password@host:5432/name, or the path of a SQLite file.", scheme)
	}
	if o.make {
		if err := os.MkdirAll(s.Data, 0o700); err != nil {
			return wrong(codeDatabase, "The data directory %s cannot be made: %s. Choose another with --data.", s.Data, plain(err))
		}
		return nil
	}
	if _, err := os.Stat(s.DatabaseURL()); err != nil && !db.IsPostgres(s.Database) {
		return wrong(codeDatabase, "There is no database at %s: %s. `fera serve` makes one; --data and --database say where.", s.DatabaseURL(), plain(err))
	}
	return nil
}

// plain is what the system says of a file, without the path once more.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// mayMakeKey refuses to make a fresh key where an old one must have been: with
// it nothing that was sealed could be read.
func (p *program) mayMakeKey(s config.Settings, o opening) error {
	if _, err := os.Stat(s.KeyFile()); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if info, err := os.Stat(s.DatabaseURL()); !db.IsPostgres(s.DatabaseURL()) && (err != nil || info.Size() == 0) {
		return nil // no database either: a fresh start
	}
	d, err := db.Open(p.ctx, s.DatabaseURL(), db.Options{})
	if err != nil {
		return unopened(s, err)
	}
	defer d.Close()
	have, known, err := d.SchemaVersion(p.ctx)
	switch {
	case err != nil:
		return unopened(s, err)
	case have > known:
		return db.ErrNewer
	case have == 0 && o.make:
		return nil
	}
	return wrong(codeKey, "The key file %s is missing, but the database is in use and cannot be read without it. Put the file back from its backup; "+
		"--data says in which directory to look. Fera makes no new one, for that would make what is sealed unreadable for good.", s.KeyFile())
}

func unopened(s config.Settings, err error) error {
	if !db.IsPostgres(s.DatabaseURL()) {
		return wrong(codeDatabase, "The database %s cannot be opened: %s. Does the directory exist, and may you write there?", s.DatabaseURL(), plain(err))
	}
	name := "PostgreSQL database"
	if u, wrongURL := url.Parse(s.Database); wrongURL == nil {
		name += " " + u.Redacted()
	}
	return wrong(codeDatabase, "The %s cannot be reached: %s. Is the server running, and are address, name and password right?", name, last(err))
}

// last is the innermost reason, which for a connection says most.
func last(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// ready brings the schema up to date, if that may be done, and checks the keys.
func (st *store) ready(p *program, o opening) error {
	have, known, err := st.d.SchemaVersion(p.ctx)
	if err != nil {
		return unopened(st.set, err)
	}
	switch {
	case have > known:
		return db.ErrNewer
	case have == 0 && o.make && st.d.Engine() == "sqlite":
		if err := st.d.Migrate(p.ctx); err != nil {
			return err
		}
	case have < known && !o.migrate:
		return wrong(codeDatabase, "The database is at schema %d and this program needs %d. Make a backup, then run `fera migrate`, or `fera serve --migrate`.", have, known)
	case have < known:
		if err := st.d.Migrate(p.ctx); err != nil {
			return err
		}
	}
	if err := seal.Prepare(p.ctx, st.d); err != nil {
		return err
	}
	return st.d.Read(p.ctx, func(q db.Reader) error {
		if _, err := seal.Blind(p.ctx, q, "key file", "fits"); err != nil {
			return wrong(codeKey, "The key file %s belongs to another database. --data says in which directory to look for the right one.", st.set.KeyFile())
		}
		return nil
	})
}

// settle makes the list of erasures and the database agree: who was erased and
// came back with a backup is erased again.
func (st *store) settle(ctx context.Context) (again int, err error) {
	erased, err := st.ledger().Sync(ctx, st.d, st.ring)
	if err != nil {
		return 0, err
	}
	for _, e := range erased {
		if err := st.d.Write(ctx, func(tx *db.Tx) error {
			return procedures.EraseAgain(ctx, tx, e)
		}); err != nil {
			return 0, err
		}
	}
	return len(erased), nil
}

func (st *store) close() error { return st.d.Close() }
