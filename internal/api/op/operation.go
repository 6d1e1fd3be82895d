// SPDX-License-Identifier: Apache-2.0

// Package op is how an operation of the API is answered: what every room of the
// API stands on. It knows no room.
//
// A room is a table of operations that say what each path needs, what it takes
// and what answers it. A request is answered in one order: who is asking, may she
// do this at all, can the body be read, and only then is the act tried. Reads
// resolve the key and find the record in one snapshot. Errors are problem details
// (RFC 9457) with a message key; they never repeat what was sent.
package op

import (
	"net/http"

	"fera/internal/access"
)

// Operation is one line of the table.
type Operation struct {
	Name    string              // in the document, and of its texts: api.op.<name>
	Method  string              //
	Path    string              // below the prefix
	Need    access.Permission   // to be held somewhere; empty: any permission will do
	Params  []string            // of the query
	Keyed   bool                // may be repeated under an Idempotency-Key
	In      Shape               // what the body holds
	Out     Shape               // what the answer holds
	Status  int                 // 200 when zero
	Text    bool                // the answer is plain text
	Media   string              // of an answer that is a file; empty for others
	Example string              // a body that would be accepted
	Most    int64               // how long a body may be; mostBytes when zero
	Writes  bool                // runs in a transaction rather than a snapshot
	Ready   func(*Call) error   // what can be done before the transaction
	Field   func(string) string // how what is wrong is called in the body; as the room calls it when nil
	Do      func(*Call) (Answer, error)

	// Instead of Do: an act, done once under the key, and what is shown after it.
	Act     func(*Call) error        // nil for what is read, and where the answer is made by the act
	Own     bool                     // the act itself is done once under the key
	Unkeyed bool                     // takes no key: each time it does something new, or nothing
	Show    func(*Call) (any, error) // of an answer that is a file, its bytes
}

// Acts completes a table of readings and acts: what says no method is an act. Acts write, and may be repeated under a key; a look at
// what is protected writes too, for it is in the trail.
func Acts(all []Operation) []Operation {
	for i := range all {
		o := &all[i]
		if o.Method == "" {
			o.Method = http.MethodPost
		}
		acts := o.Method != http.MethodGet
		o.Writes = acts || o.Need == access.ReadProtected
		o.Keyed = acts && !o.Unkeyed
	}
	return all
}

// open reports whether who may try the operation at all.
func (o *Operation) open(who access.Actor) bool {
	if o.Need != "" {
		return who.Holds(o.Need)
	}
	for p := range who.Grants {
		if who.Holds(p) {
			return true
		}
	}
	return false
}

// Answers is the status of success.
func (o *Operation) Answers() int {
	if o.Status == 0 {
		return http.StatusOK
	}
	return o.Status
}
