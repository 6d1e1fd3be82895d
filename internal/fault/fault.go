// SPDX-License-Identifier: Apache-2.0

// Package fault gives every failure a kind, so each surface can answer it once.
package fault

import (
	"errors"
	"fmt"
	"maps"
)

// Kind says what sort of thing went wrong. It never says where or to whom.
type Kind uint8

// The kinds. Zero is Internal, so an error that nobody classified stays private.
const (
	Internal  Kind = iota // our mistake or the machine's; the user sees a reference number only
	Invalid               // the input breaks a rule; Key and Field say which
	NotFound              // no such record, or none that this actor may see
	Forbidden             // the record may be seen, the act may not be done
	Conflict              // someone else changed the record first
)

// Error is a failure that a person can be told about.
type Error struct {
	Kind  Kind
	Key   string         // message key in the language catalogues, e.g. "case.already_open"
	Args  map[string]any // values the message needs; never personal data
	Field string         // form field at fault, if one is
	Err   error          // cause, for the log; never shown
	More  []*Error       // further faults found in the same input, see Join
}

// New returns a fault of the given kind.
func New(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// Error prints the key and the cause, for logs and tests.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Key, e.Err)
	}
	if e.Field != "" {
		return e.Key + " (" + e.Field + ")"
	}
	return e.Key
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// On names the form field at fault.
func (e *Error) On(field string) *Error { e.Field = field; return e }

// With gives the message one of the values it needs.
func (e *Error) With(name string, value any) *Error {
	args := maps.Clone(e.Args)
	if args == nil {
		args = map[string]any{}
	}
	args[name] = value
	e.Args = args
	return e
}

// Because keeps the cause for the log.
func (e *Error) Because(err error) *Error { e.Err = err; return e }

// All returns the fault itself and those joined to it, in order.
func (e *Error) All() []*Error {
	head := *e
	head.More = nil
	return append([]*Error{&head}, e.More...)
}

// Join makes one fault of several found in the same input, so that a form can
// show all of them at once. It returns nil when there are none.
func Join(faults ...*Error) *Error {
	var all []*Error
	for _, f := range faults {
		if f != nil {
			all = append(all, f.All()...)
		}
	}
	if len(all) == 0 {
		return nil
	}
	head := *all[0]
	head.More = all[1:]
	return &head
}

// Of returns the first fault in err's chain, or nil.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// KindOf returns the kind of the first fault in err's chain, or Internal.
func KindOf(err error) Kind {
	if e := Of(err); e != nil {
		return e.Kind
	}
	return Internal
}
