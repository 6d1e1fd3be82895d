// SPDX-License-Identifier: Apache-2.0

// Package network is the part of the API by which organisations ask one another for something: referrals, from the side of who
// sends them and of who answers them, and what became of all of them.
//
// It says what each operation takes, does and shows; package api, which has the table of all operations, admits who asks, reads the
// body, opens the transaction and does no act twice.
package network

import (
	"context"
	"encoding/base64"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"fera/internal/access"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/handovers"
	"fera/internal/ids"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
)

// Operation is one line of the table.
type Operation struct {
	Name    string            // in the document
	Method  string            //
	Path    string            // below the prefix of the API
	Need    access.Permission // to be held somewhere
	Params  []string          // of the query
	In      reflect.Type      // of the body; nil when there is none
	Out     reflect.Type      // of the answer
	Status  int               // 200 when zero
	Example string            // a body that would be accepted
	Own     bool              // the act itself is done once under the id of its operation
	Media   string            // of an answer that is a file, which Show returns as bytes; empty for others
	Unkeyed bool              // may not be repeated under such an id: each time it does something new, or nothing
	Act     func(*Call) error // nil for what is read, and where the answer is made by the act
	Show    func(*Call) (any, error)
}

// Writes tells whether it needs a transaction. A look at what is protected is in the trail.
func (o Operation) Writes() bool { return o.Method != http.MethodGet || o.Need == access.ReadProtected }

// Operations is the table.
func Operations() []Operation {
	return slices.Concat(sending(), receiving(), bringing(), counting(), handing())
}

// Call is a request under way, as an operation needs it. A write may run again, so that acts leave the call as they found it, but
// for Made.
type Call struct {
	Ctx       context.Context
	Who       access.Actor
	Q         db.Reader
	Tx        *db.Tx // nil in a snapshot
	Operation string // id of the act, from who asks
	Body      any    // what the operation's In says, as a pointer
	Path      func(name string) string
	Query     map[string]string
	Next      func(cursor string) string // address of the page that begins at a cursor
	Made      string                     // where what the act made lies, below the prefix
}

// madeID is the identifier of what the act made.
func (c *Call) madeID() string { return c.Made[strings.LastIndexByte(c.Made, '/')+1:] }

// Checked is a body that has rules of its own, besides those of the rooms.
type Checked interface{ Check() *fault.Error }

// page is a part of a list.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Following is the address of the next part.
func (p page[T]) Following() string { return p.Next }

func each[A, B any](all []A, one func(A) B) []B {
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = one(a)
	}
	return out
}

func plain[T ~string](all []T) []string { return each(all, func(t T) string { return string(t) }) }

// pathID reads an identifier in the path. What is no identifier is nobody's.
func pathID[ID ~string](c *Call, name, missing string) (ID, error) {
	id := c.Path(name)
	if !ids.Valid(id) {
		return "", fault.New(fault.NotFound, missing)
	}
	return ID(id), nil
}

// based refuses a change that does not say on which version it is based.
func based(version int) *fault.Error {
	if version < 1 || version > math.MaxInt32 {
		return fault.New(fault.Invalid, "api.version_needed").On("version")
	}
	return nil
}

// limit reads how many a page may hold.
func (c *Call) limit() (int, error) {
	const usual, most = 50, 200
	text, given := c.Query["limit"]
	if !given {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fault.New(fault.Invalid, "fault.out_of_range").With("min", 1).With("max", most).On("limit")
	}
	return n, nil
}

// text reads a text of the query.
func (c *Call) text(name string) (string, error) {
	s := c.Query[name]
	if len(s) > 100 || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On(name)
	}
	return s, nil
}

// yes reads a yes or no of the query; no when there is none.
func (c *Call) yes(name string) (bool, error) {
	switch c.Query[name] {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, fault.New(fault.Invalid, "fault.bad_choice").On(name)
}

func badCursor() error { return fault.New(fault.Invalid, "api.cursor").On("cursor") }

// cursor reads where a page begins: an identifier, after a day where two is asked for.
func (c *Call) cursor(dated bool) (day, id string, err error) {
	text, given := c.Query["cursor"]
	if !given {
		return "", "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", "", badCursor()
	}
	id = string(raw)
	if dated {
		day, id, _ = strings.Cut(id, " ")
		if d, err := dates.Parse(day); day != never && (err != nil || d.Precision() != dates.Day) {
			return "", "", badCursor()
		}
	}
	if !ids.Valid(id) {
		return "", "", badCursor()
	}
	return day, id, nil
}

// within says of what is wrong with a member of a body where that member lies.
func within(err error, place func(field string) string) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	var faults []*fault.Error
	for _, one := range f.All() {
		if one.Field != "" {
			one = one.On(place(one.Field))
		}
		faults = append(faults, one)
	}
	return fault.Join(faults...)
}

// Offered are the members of bodies and answers that take one of a few values, or a list of them, by schema and name.
func Offered() map[string][]string {
	states, acts := plain(course.States()), plain(course.Acts())
	urgencies := each(course.Standard().Urgencies, func(u course.Urgency) string { return u.Code })
	purposes := plain([]referrals.Purpose{referrals.ToAnswer, referrals.ToReport, referrals.ToConfirm})
	replies := plain(append([]course.Act{course.Accept, course.Enlist, course.Appoint, course.Decline, course.Acknowledge}, course.Reports()...))
	return map[string][]string{
		"NewReferral.urgency": urgencies, "ReferralChange.urgency": urgencies, "ReferralView.urgency": urgencies, "ArrivalView.urgency": urgencies,
		"ReferralView.state": states, "ArrivalView.state": states, "ReferralEvent.state": states, "ReferralEvent.act": acts, "ReferralView.possible": acts, "ArrivalView.possible": acts,
		"ReferralSending.method": choices.ConsentMethods(), "ReferralSending.language": {"bn", "en"}, "ReferralReply.act": replies,
		"Hearing.act": plain([]course.Act{course.Confirm, course.Deny, course.Try}), "Hearing.way": referrals.HearingWays(),
		"NewBrought.urgency": urgencies, "BroughtView.state": states, "BroughtView.urgency": urgencies, "Statement.method": choices.ConsentMethods(), "Statement.language": {"bn", "en"},
		"Following.act":       plain(referrals.FollowingActs()),
		"NewHandover.urgency": urgencies, "ManyCases.urgency": urgencies, "HandoverView.urgency": urgencies, "TakeoverView.urgency": urgencies, "HandoverView.state": plain(handovers.States()),
		"TakeoverView.state": plain(handovers.States()), "StateCount.state": plain(handovers.States()), "NewHandover.method": choices.ConsentMethods(), "AskedCase.method": choices.ConsentMethods(),
		"NewHandover.parts": plain(append(handovers.PartsOf(2), handovers.PartsOf(3)...)), "ManyCases.parts": plain(handovers.PartsOf(2)),
		"LinkWanted.purpose": purposes, "ReferralView.links": purposes,
	}
}
