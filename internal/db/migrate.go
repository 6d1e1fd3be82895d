// SPDX-License-Identifier: Apache-2.0

package db

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed schema/*.sql
var schema embed.FS

// ErrNewer says that the database was written by a newer program.
var ErrNewer = errors.New("the database is newer than this program")

// Migrate applies the schema files that have not yet been applied, in order.
// A database newer than the program is refused with ErrNewer.
func (d *DB) Migrate(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if have > want {
		return fmt.Errorf("%w: its schema is %d, the program knows %d", ErrNewer, have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("apply schema: %w", err)
	}
	return nil
}

// SchemaVersion returns the schema the database has and the one the program knows.
func (d *DB) SchemaVersion(ctx context.Context) (have, known int64, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	return p.GetVersions(ctx)
}

func (d *DB) provider() (*goose.Provider, error) {
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if d.commit == nil {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, d.sql, expanded{files, d.flavor}, options...)
}

// expanded is the schema files with their type words replaced for one engine.
type expanded struct {
	fs.FS
	flavor *flavor
}

// Open implements fs.FS.
func (e expanded) Open(name string) (fs.File, error) {
	f, err := e.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := fs.ReadFile(e.FS, name)
	if err != nil {
		return nil, err
	}
	return file{f, bytes.NewReader([]byte(expand(string(text), e.flavor)))}, nil
}

// ReadFile implements fs.ReadFileFS.
func (e expanded) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(e.FS, name)
	return []byte(expand(string(text), e.flavor)), err
}

type file struct {
	fs.File
	text *bytes.Reader
}

// Read implements fs.File.
func (f file) Read(p []byte) (int, error) { return f.text.Read(p) }

var (
	typeWord = regexp.MustCompile(`\$(ID|KEY|TIME|DATE|JSON|FLAG|BYTES|INT|TABLE|PACKED)\b`)
	section  = regexp.MustCompile(`(?ms)^-- only (sqlite|postgres)\n(.*?)^-- end only\n`)
)

// expand replaces the type words and keeps only the sections of one engine,
// which stand between "-- only sqlite" or "-- only postgres" and "-- end only".
func expand(text string, f *flavor) string {
	text = section.ReplaceAllStringFunc(text, func(s string) string {
		m := section.FindStringSubmatch(s)
		if m[1] == f.name {
			return m[2]
		}
		return ""
	})
	return typeWord.ReplaceAllStringFunc(text, func(w string) string { return f.types[w[1:]] })
}
