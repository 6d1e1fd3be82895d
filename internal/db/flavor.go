// SPDX-License-Identifier: Apache-2.0

package db

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// What the engines say of rows that cannot be written. The first three states of
// PostgreSQL a second try may not meet again. A key that is
// there already is among them: whoever looked before writing met another writer,
// and finds the row when looking again.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	uniqueViolation      = "23505"
	foreignKeyViolation  = "23503"
	sqliteForeignKey     = 787 // SQLITE_CONSTRAINT_FOREIGNKEY
)

// Referred tells whether a row stayed because another refers to it.
func Referred(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == foreignKeyViolation
	}
	var lite interface{ Code() int }
	return errors.As(err, &lite) && lite.Code() == sqliteForeignKey
}

// flavor holds everything that differs between the two engines.
type flavor struct {
	name                      string
	readOptions, writeOptions *sql.TxOptions
	rebind                    func(query string) string
	bind                      func(args []any) []any
	overlapped                func(err error) bool // two writers collided; try again
	types                     map[string]string    // type words used in schema files
}

func sqliteFlavor() *flavor {
	return &flavor{
		name:   "sqlite",
		rebind: strings.TrimSpace,
		bind:   func(args []any) []any { return args },
		types: map[string]string{"ID": "TEXT", "KEY": "TEXT", "TIME": "TEXT", "DATE": "TEXT", "JSON": "TEXT", "FLAG": "INTEGER", "BYTES": "BLOB", "INT": "INTEGER",
			"TABLE": "STRICT", "PACKED": "STRICT, WITHOUT ROWID"},
	}
}

func postgresFlavor() *flavor {
	return &flavor{
		name:         "postgres",
		readOptions:  &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		writeOptions: &sql.TxOptions{Isolation: sql.LevelSerializable},
		rebind:       numberArguments,
		bind:         func(args []any) []any { return args },
		overlapped: func(err error) bool {
			var e *pgconn.PgError
			return errors.As(err, &e) && slices.Contains([]string{serializationFailure, deadlockDetected, uniqueViolation}, e.Code)
		},
		types: map[string]string{"ID": `TEXT COLLATE "C"`, "KEY": `TEXT COLLATE "C"`, "TIME": "TIMESTAMPTZ", "DATE": "TEXT", "JSON": "TEXT", "FLAG": "BOOLEAN", "BYTES": "BYTEA", "INT": "BIGINT",
			"TABLE": "", "PACKED": ""},
	}
}

// numberArguments turns each ? outside quotes into $1, $2 and so on.
func numberArguments(query string) string {
	var b strings.Builder
	var quote byte
	n := 0
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

const timeLayout = "2006-01-02T15:04:05.000Z"

// Time scans an instant from either engine into dst.
func Time(dst *time.Time) sql.Scanner { return timeScanner{dst} }

// NullTime scans an instant that may be missing into dst, which is then zero.
func NullTime(dst *time.Time) sql.Scanner { return nullTimeScanner{dst} }

// When is t as an argument, or NULL when it is zero.
func When(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

type timeScanner struct{ dst *time.Time }

// Scan implements sql.Scanner.
func (s timeScanner) Scan(src any) (err error) {
	switch v := src.(type) {
	case time.Time:
		*s.dst = v.UTC()
	case string:
		*s.dst, err = time.Parse(timeLayout, v)
	default:
		err = fmt.Errorf("cannot read a time from %T", src)
	}
	return err
}

type nullTimeScanner struct{ dst *time.Time }

// Scan implements sql.Scanner.
func (s nullTimeScanner) Scan(src any) error {
	if src == nil {
		*s.dst = time.Time{}
		return nil
	}
	return timeScanner{s.dst}.Scan(src)
}
