// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/go-json-experiment/json"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/hooks"
	"fera/internal/ids"
	"fera/internal/links"
	keys "fera/internal/operations"
	"fera/internal/persons"
)

// operation is one line of the table.
type operation struct {
	name    string            // in the document, and of its texts: api.op.<name>
	method  string            //
	path    string            // below the prefix
	need    access.Permission // to be held somewhere; empty: any permission will do
	params  []string          // of the query: see parameters
	keyed   bool              // may be repeated under an Idempotency-Key
	in      shape             // what the body holds
	out     shape             // what the answer holds
	status  int               // 200 when zero
	text    bool              // the answer is plain text
	media   string            // of an answer that is a file; empty for others
	example string            // a body that would be accepted
	most    int64             // how long a body may be; mostBytes when zero
	writes  bool              // runs in a transaction rather than a snapshot
	ready   func(*call) error // what can be done before the transaction
	do      func(*call) (answer, error)
}

// shape is the type of a body or an answer.
type shape struct {
	of     reflect.Type
	decode func(text []byte) (any, error)
}

func (s shape) none() bool { return s.of == nil }

// holds makes the shape of T.
func holds[T any]() shape {
	return shape{of: reflect.TypeFor[T](), decode: func(text []byte) (any, error) {
		v := new(T)
		return v, json.Unmarshal(text, v, json.RejectUnknownMembers(true))
	}}
}

// open reports whether who may try the operation at all.
func (o *operation) open(who access.Actor) bool {
	if o.need != "" {
		return who.Holds(o.need)
	}
	for p := range who.Grants {
		if who.Holds(p) {
			return true
		}
	}
	return false
}

// answers is the status of success.
func (o *operation) answers() int {
	if o.status == 0 {
		return http.StatusOK
	}
	return o.status
}

// call is one request under way. A write may run again, so that acts leave the
// call as they found it.
type call struct {
	ctx    context.Context
	r      *http.Request
	op     *operation
	who    access.Actor
	q      db.Reader
	tx     *db.Tx // nil in a snapshot
	today  dates.Partial
	finder *links.Finder
	rules  hooks.Rules                       // which endpoints may be told
	read   func(func(db.Reader) error) error // a snapshot, for what is looked at before the act
	query  map[string]string
	key    string // the Idempotency-Key
	body   any    // what op.in decoded
}

// answer is what an operation answers.
type answer struct {
	status   int
	body     any
	text     string // instead of a body
	file     []byte // instead of either
	stream   *stream
	location string
	next     string // address of the next page
	replayed bool   // the act had been done before
}

// person returns the id in the path. What is no id is nobody's.
func (c *call) person() (persons.ID, error) {
	id := c.r.PathValue("id")
	if !ids.Valid(id) {
		return "", fault.New(fault.NotFound, "person.not_found")
	}
	return persons.ID(id), nil
}

// row returns the id of a row in the path.
func (c *call) row() (string, error) {
	id := c.r.PathValue("row")
	if !ids.Valid(id) {
		return "", fault.New(fault.NotFound, "person.row_not_found")
	}
	return id, nil
}

// done reports whether who did an act under this key before.
func (c *call) done() (bool, error) {
	if c.key == "" {
		return false, nil
	}
	var n int
	err := c.tx.QueryRow(c.ctx, `SELECT count(*) FROM operations WHERE actor_id = ? AND id = ?`, c.who.ID, c.key).Scan(&n)
	return n > 0, err
}

// once reports whether this act on a person was done before, and otherwise enters
// it. Who may not see the person learns nothing of her from a repetition.
func (c *call) once(id persons.ID) (bool, error) {
	if c.key == "" {
		return false, nil
	}
	if _, err := persons.FindCard(c.ctx, c.tx, c.who, id); err != nil {
		return false, err
	}
	if err := access.CheckOn(c.ctx, c.tx, c.who, c.op.need, string(id)); err != nil {
		return false, err
	}
	content, err := json.Marshal(map[string]any{"path": c.r.URL.Path, "body": c.body}, json.Deterministic(true))
	if err != nil {
		return false, err
	}
	earlier, err := keys.Once(c.ctx, c.tx, c.who, c.key, string(id), content)
	if err != nil || earlier == "" {
		return false, err
	}
	c.tx.Recorded() // the trail has the act already
	return true, nil
}
