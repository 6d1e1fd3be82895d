// SPDX-License-Identifier: Apache-2.0

package calls

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/operations"
	"fera/internal/persons"
	"fera/internal/seal"
)

// ID identifies a call.
type ID string

// Others are who may have been on the other side, or nobody.
func Others() []string {
	return []string{"herself", "husband", "wife", "parent", "in_law", "child", "relative", "neighbour", "employer", "recruiter", "official", "unknown", "nobody"}
}

// Outcomes are how a call, visit or message that went out may have ended.
func Outcomes() []string {
	return []string{"talked", "other_answered", "no_answer", "wrong_number", "message_left", "met", "not_met", "would_not_talk"}
}

// How a call that came in ended. It is not chosen: it follows from the word.
const (
	Proven  = "proven"
	Nothing = "nothing_said"
)

// Call is one call, visit or message.
type Call struct {
	ID         ID            `json:"id"`
	Person     persons.ID    `json:"person"`
	Case       cases.ID      `json:"case,omitempty"`
	Incoming   bool          `json:"incoming"`
	Way        string        `json:"way"`
	Contact    string        `json:"contact,omitempty"`
	Other      string        `json:"other"` // see Others: who was on the other side
	Outcome    string        `json:"outcome"`
	Proven     bool          `json:"proven"`     // the caller said the word that the person chose
	Overridden bool          `json:"overridden"` // done against the rule, for a reason
	NextOn     dates.Partial `json:"next_on,omitzero"`
	NextDone   time.Time     `json:"next_done,omitzero"`
	Office     string        `json:"office"`
	User       string        `json:"-"`
	UserName   string        `json:"user_name"`
	At         time.Time     `json:"at"`
	Said
	sealed []byte
}

// Said is what people wrote about a call. It is sealed.
type Said struct {
	About  string `json:"about,omitempty"`
	Next   string `json:"next,omitempty"`
	Reason string `json:"reason,omitempty"` // why it was done against the rule
}

// Entry is a call, visit or message that goes out.
type Entry struct {
	Operation string // id of the act, minted by who asks; see package operations
	Person    persons.ID
	Case      cases.ID // empty when it is about none
	Contact   string   // empty for a visit to her home or a letter
	Way       string
	Other     string
	Outcome   string
	About     string
	Next      string
	NextOn    dates.Partial
	Follows   ID     // whose next step this was
	Override  bool   // all the same
	Reason    string // why
}

// Incoming is a call that somebody makes about a person, or she herself.
type Incoming struct {
	Operation string
	Person    persons.ID
	Case      cases.ID
	Other     string // who the caller says that he or she is
	Word      string // what the caller says when asked for the word
	About     string
	Next      string
	NextOn    dates.Partial
}

// Result is what came of an act: the entry, or the verdict against it.
type Result struct {
	ID      ID
	Verdict Verdict
}

// Ask tells whether a person may be contacted now by a contact of hers in a way, and how.
func Ask(ctx context.Context, q db.Reader, who access.Actor, e Entry) (persons.Person, Verdict, error) {
	p, err := persons.Find(ctx, q, who, e.Person)
	if err != nil {
		return p, Verdict{}, err
	}
	if p.CardOnly {
		return p, Verdict{}, fault.New(fault.Forbidden, "person.card_only")
	}
	hours, err := HoursOf(ctx, q, who, e.Person)
	if err != nil {
		return p, Verdict{}, err
	}
	a := asking(p, e.Way)
	if e.Contact == "" { // to her home: some contact has to say that a visit or a letter is safe
		_, v := MaySend(p, e.Way, hours, q.Now())
		return p, v, nil
	}
	i := slices.IndexFunc(p.Contacts, func(c persons.Contact) bool { return c.ID == e.Contact })
	if i < 0 {
		a.Ended = true
		return p, May(persons.Contact{}, q.Now(), a), nil
	}
	a.Hours = hours[e.Contact]
	return p, May(p.Contacts[i], q.Now(), a), nil
}

// Enter enters a call that goes out. What is against the rule is refused: the result then has no entry but the verdict, and the
// trail keeps that it was tried, without what it was about. A supervisor may do it all the same, for a reason.
func Enter(ctx context.Context, tx *db.Tx, who access.Actor, e Entry) (Result, error) {
	record, _, err := persons.Through(ctx, tx, who, access.LogCall, e.Person)
	if err != nil {
		return Result{}, err
	}
	if f := e.check(dates.Of(tx.Now())); f != nil {
		return Result{}, f
	}
	if err := ofCase(ctx, tx, who, e.Case, e.Person); err != nil {
		return Result{}, err
	}
	_, v, err := Ask(ctx, tx, who, e)
	if err != nil {
		return Result{}, err
	}
	if !v.OK {
		on, err := overrides(ctx, tx, who, e, v)
		if err != nil {
			return Result{}, err
		}
		if !on {
			return Result{Verdict: v}, audit.Record(ctx, tx, who, access.LogCall, audit.Entry{Subject: "person:" + string(record), Person: string(record),
				After: map[string]string{"refused": v.Why, "way": e.Way}})
		}
	}
	c := Call{ID: ID(ids.Beside(string(record), tx.Now())), Person: record, Case: e.Case, Way: e.Way, Contact: e.Contact, Other: e.Other, Outcome: e.Outcome, NextOn: e.NextOn,
		Overridden: !v.OK, Office: who.Office, User: who.ID, UserName: who.Name, At: tx.Now(), Said: Said{e.About, e.Next, ""}}
	act := access.LogCall
	if c.Overridden {
		c.Reason, act = e.Reason, access.OverrideContact
	}
	id, err := c.enter(ctx, tx, who, keeping{e.Operation, act, e.Follows})
	return Result{id, v}, err
}

// overrides tells whether who may and wants to go on against the rule.
func overrides(ctx context.Context, tx *db.Tx, who access.Actor, e Entry, v Verdict) (bool, error) {
	if !e.Override {
		return false, nil
	}
	may, err := persons.Records(ctx, tx, who, access.OverrideContact, e.Person)
	switch {
	case err != nil:
		return false, err
	case len(may) == 0:
		return false, nil
	case v.NeverOverride():
		return false, nil
	case len([]rune(strings.TrimSpace(e.Reason))) < 10:
		return false, fault.New(fault.Invalid, "call.reason_needed").On("reason")
	}
	return true, nil
}

func (e *Entry) check(today dates.Partial) error {
	wrong := []*fault.Error{oneOf(e.Way, Ways(), "way"), oneOf(e.Other, Others(), "other"), oneOf(e.Outcome, Outcomes(), "outcome"), text(&e.About, "about"), text(&e.Next, "next"),
		text(&e.Reason, "reason"), ahead(e.NextOn, today)}
	return plainly(fault.Join(wrong...))
}

func oneOf(value string, allowed []string, field string) *fault.Error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fault.New(fault.Invalid, "fault.bad_choice").On(field)
}

func text(s *string, field string) *fault.Error {
	clean, problem := names.CheckText(*s, 1000)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 1000).On(field)
	}
	*s = clean
	return nil
}

func ahead(d, today dates.Partial) *fault.Error {
	if d.IsZero() || d.Precision() == dates.Day && d.String() >= today.String() {
		return nil
	}
	return fault.New(fault.Invalid, "call.next_past").On("next_on")
}

// plainly turns an absent fault into an absent error.
func plainly(f *fault.Error) error {
	if f == nil {
		return nil
	}
	return f
}

// ofCase makes sure that a case is one of the person's that who sees.
func ofCase(ctx context.Context, q db.Reader, who access.Actor, id cases.ID, person persons.ID) error {
	if id == "" {
		return nil
	}
	c, err := cases.Find(ctx, q, who, id)
	if err != nil {
		return err
	}
	of, err := persons.Records(ctx, q, who, access.ReadPersons, person)
	if err == nil && !slices.Contains(of, c.Person) {
		return fault.New(fault.NotFound, "case.not_found")
	}
	return err
}

// Answer enters a call that came in. Only who says the person's word is told anything, and only if it is she herself; for all
// others it is as if nobody knew her. Those who work with her are told that there was a call.
func Answer(ctx context.Context, tx *db.Tx, who access.Actor, in Incoming) (Result, error) {
	record, _, err := persons.Through(ctx, tx, who, access.LogCall, in.Person)
	if err != nil {
		return Result{}, err
	}
	if f := fault.Join(oneOf(in.Other, Others()[:len(Others())-1], "other"), text(&in.About, "about"), text(&in.Next, "next"), ahead(in.NextOn, dates.Of(tx.Now()))); f != nil {
		return Result{}, f
	}
	if err := ofCase(ctx, tx, who, in.Case, in.Person); err != nil {
		return Result{}, err
	}
	proven, err := proves(ctx, tx, who, in.Person, in.Word)
	if err != nil {
		return Result{}, fmt.Errorf("answer call: %w", err)
	}
	c := Call{ID: ID(ids.Beside(string(record), tx.Now())), Person: record, Case: in.Case, Incoming: true, Way: "call", Other: in.Other, Outcome: Nothing, NextOn: in.NextOn,
		Proven: proven, Office: who.Office, User: who.ID, UserName: who.Name, At: tx.Now(), Said: Said{About: in.About, Next: in.Next}}
	v := Verdict{Why: "call.no.word"}
	if proven && in.Other == "herself" {
		c.Outcome, v = Proven, Verdict{OK: true}
	}
	id, err := c.enter(ctx, tx, who, keeping{in.Operation, access.LogCall, ""})
	if err != nil {
		return Result{}, err
	}
	if id != c.ID { // it was entered before, and they were told then
		return Result{id, v}, nil
	}
	return Result{id, v}, c.tell(ctx, tx, who)
}

// tell lets those know who have her on their caseload.
func (c Call) tell(ctx context.Context, tx *db.Tx, who access.Actor) error {
	scopes, err := access.ScopesOf(ctx, tx, string(c.Person))
	if err != nil {
		return err
	}
	var users []string
	for _, s := range scopes {
		if user, ok := strings.CutPrefix(s, access.OnCaseload("")); ok && user != who.ID {
			users = append(users, user)
		}
	}
	return accounts.Tell(ctx, tx, users, "notice.call_in", "person:"+string(c.Person))
}

// keeping is how a call is kept: under which operation, as which act, as the next step of which call.
type keeping struct {
	operation string
	act       access.Permission
	follows   ID
}

func (c Call) enter(ctx context.Context, tx *db.Tx, who access.Actor, k keeping) (ID, error) {
	if k.operation != "" {
		same := c
		same.ID, same.At, same.Proven, same.Outcome = "", time.Time{}, false, ""
		content, err := json.Marshal(same)
		if err != nil {
			return "", err
		}
		earlier, err := operations.Once(ctx, tx, who, k.operation, string(c.ID), content)
		if err != nil || earlier != "" {
			if earlier != "" {
				tx.Recorded() // the trail has the act already
			}
			return ID(earlier), err
		}
	}
	if k.follows != "" {
		if err := done(ctx, tx, k.follows, c.Person); err != nil {
			return "", err
		}
	}
	sealed, err := seal.JSON(ctx, tx, string(c.Person), "calls:"+string(c.ID), c.Said)
	if err != nil {
		return "", fmt.Errorf("enter call: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO calls (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(c.ID), string(c.Person), string(c.Case), c.Incoming, c.Way, c.Contact, c.Other, c.Outcome, c.Proven, c.Overridden, c.NextOn.String(), nil, sealed,
		c.Office, c.User, c.UserName, c.At)
	if err != nil {
		return "", fmt.Errorf("enter call: %w", err)
	}
	kept := c
	kept.Said = Said{}
	return c.ID, audit.Record(ctx, tx, who, k.act, audit.Entry{Subject: "person:" + string(c.Person), Person: string(c.Person), After: map[string]any{"call": kept}, Reason: c.Reason})
}

// done says that the next step of a call was taken.
func done(ctx context.Context, tx *db.Tx, id ID, record persons.ID) error {
	n, err := tx.Exec(ctx, `UPDATE calls SET next_done = ? WHERE id = ? AND person_id = ? AND next_on <> '' AND next_done IS NULL`, tx.Now(), string(id), string(record))
	if err != nil {
		return fmt.Errorf("enter call: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "call.next_done").On("follows")
	}
	return nil
}

// Reveal shows a number of a person in full, as persons.Reveal does. When the contact may not be called now it first says why:
// who wants to see the number all the same says so, and the trail has that.
func Reveal(ctx context.Context, tx *db.Tx, who access.Actor, of persons.RowOf, anyway bool) (string, error) {
	if of.Row != persons.ContactRow {
		return persons.Reveal(ctx, tx, who, of)
	}
	_, v, err := Ask(ctx, tx, who, Entry{Person: of.Person, Contact: of.ID, Way: "call"})
	if err != nil {
		return "", err
	}
	if !v.OK && !v.NeverOverride() && !anyway {
		return "", fault.New(fault.Conflict, v.Why).On("anyway")
	}
	number, err := persons.Reveal(ctx, tx, who, of)
	if err != nil || v.OK {
		return number, err
	}
	return number, audit.Record(ctx, tx, who, access.RevealNumbers, audit.Entry{Subject: "person:" + string(of.Person), Person: string(of.Person),
		After: map[string]string{"against": v.Why}})
}
