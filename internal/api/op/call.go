// SPDX-License-Identifier: Apache-2.0

package op

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
)

// Call is one request under way. A write may run again, so that acts leave the
// call as they found it, but for Made.
type Call struct {
	Ctx   context.Context
	R     *http.Request
	Op    *Operation
	Who   access.Actor
	Q     db.Reader
	Tx    *db.Tx // nil in a snapshot
	Today dates.Partial
	Read  func(func(db.Reader) error) error // a snapshot, for what is looked at before the act
	Query map[string]string
	Key   string // the Idempotency-Key
	Body  any    // what Op.In decoded
	Made  string // where what the act made lies, below the prefix
}

// Path is a part of the path, by the name it has in the pattern.
func (c *Call) Path(name string) string { return c.R.PathValue(name) }

// PathID reads an identifier in the path. What is no identifier is nobody's.
func PathID[ID ~string](c *Call, name, missing string) (ID, error) {
	id := c.Path(name)
	if !ids.Valid(id) {
		return "", fault.New(fault.NotFound, missing)
	}
	return ID(id), nil
}

// Text reads a text of the query.
func (c *Call) Text(name string) (string, error) {
	s := c.Query[name]
	if len(s) > 100 || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On(name)
	}
	return s, nil
}

// Day reads a day of the query; unknown when there is none.
func (c *Call) Day(name string) (dates.Partial, error) {
	text, given := c.Query[name]
	if !given {
		return dates.Partial{}, nil
	}
	d, err := dates.Parse(text)
	if err != nil || d.Precision() != dates.Day {
		return dates.Partial{}, fault.New(fault.Invalid, "calendar.day_needed").On(name)
	}
	return d, nil
}

// Number reads a number of the query.
func (c *Call) Number(name string, usual, least, most int) (int, error) {
	text, given := c.Query[name]
	if !given {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fault.New(fault.Invalid, "fault.out_of_range").With("min", least).With("max", most).On(name)
	}
	return n, nil
}

// RefersTo refuses what is no identifier as what is not there.
func RefersTo(values ...string) error {
	for _, v := range values {
		if v != "" && !ids.Valid(v) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
	}
	return nil
}

// Person returns the id in the path. What is no id is nobody's.
func (c *Call) Person() (persons.ID, error) {
	return PathID[persons.ID](c, "id", "person.not_found")
}

// Row returns the id of a row in the path.
func (c *Call) Row() (string, error) {
	return PathID[string](c, "row", "person.row_not_found")
}

// MadeID is the identifier of what the act made.
func (c *Call) MadeID() string { return c.Made[strings.LastIndexByte(c.Made, '/')+1:] }
