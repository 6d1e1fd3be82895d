// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// oldestSQLite is the first release without the fault that could lose a
// write-ahead log reset (present in 3.7.0 to 3.51.2).
const oldestSQLite = 3051003

func (d *DB) openSQLite(ctx context.Context, path string, readers int) error {
	d.flavor = sqliteFlavor()
	if sqlite3.SQLITE_VERSION_NUMBER < oldestSQLite {
		return fmt.Errorf("SQLite %d is too old, want %d or newer", sqlite3.SQLITE_VERSION_NUMBER, oldestSQLite)
	}
	if err := writable(path); err != nil {
		return err
	}
	source := dataSource(path, "&_txlock=immediate&_pragma=cache_size(-57344)&_pragma=wal_autocheckpoint(8000)&_pragma=secure_delete(1)")
	var err error
	if d.sql, err = sql.Open("sqlite", source); err != nil {
		return err
	}
	d.sql.SetMaxIdleConns(0) // it is for migrations only
	writer, err := connect(d.sql.Driver(), source, d.flavor)
	if err != nil {
		return err
	}
	d.commit = newCommitter(d, writer)
	d.fold = newFolder(d.sql.Driver(), dataSource(path, "&_pragma=wal_autocheckpoint(0)"), path+"-wal", d.flavor)
	d.pool = openReaders(d.sql.Driver(), dataSource(path, "&_pragma=query_only(1)&_pragma=cache_size(-4096)"), readers, d.flavor)
	return nil
}

// dataSource names the file with the settings that every connection must have.
func dataSource(path, more string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=foreign_keys(1)&_pragma=journal_mode(wal)&_pragma=synchronous(full)" +
		"&_pragma=busy_timeout(10000)&_pragma=temp_store(memory)&_pragma=trusted_schema(0)" + more
}

// writable gives a plain error for what SQLite reports as "unable to open".
func writable(path string) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// fatal reports errors after which nobody knows what is on the disk.
func fatal(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}
