// SPDX-License-Identifier: Apache-2.0

// Package directory keeps who offers what where: organisations, the services they offer to people who come home, and the
// places at which they do. It is class 1 and open to the public, but for the partners' staff and the agreements with them.
//
// What is here is known from others and grows old, so each entry says where it is from, who confirmed it last and until when
// that holds. Nothing is written over: each version stays, and an earlier one can be brought back. Where a shelter is stands
// nowhere in it.
//
// What an entry says is package directory/listing, what ships is directory/bodies, and the exchange with other directories is
// directory/hsds. What was given to somebody is in package services.
package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Entry is one line of the directory as it stands.
type Entry struct {
	listing.Body
	ID          string
	Owner       string // the organisation that it belongs to
	State       listing.State
	Version     int           // grows by one with each change
	ConfirmedOn dates.Partial // unknown for one that nobody confirmed
	ConfirmedBy string
	DueOn       dates.Partial
	ChangedAt   time.Time
}

// Freshness says how old an entry is, in one word.
type Freshness string

// How old an entry is.
const (
	Unconfirmed Freshness = "unconfirmed" // nobody at the provider has said that it is right
	Fresh       Freshness = "fresh"
	Stale       Freshness = "stale" // it should have been confirmed again
)

// Freshness tells on a day how old an entry is, and how many days ago it was confirmed.
func (e Entry) Freshness(today dates.Partial) (f Freshness, days int) {
	if e.ConfirmedOn.IsZero() {
		return Unconfirmed, 0
	}
	days = int(today.Start().Sub(e.ConfirmedOn.Start()).Hours() / 24)
	if e.DueOn.SurelyBefore(today) {
		return Stale, days
	}
	return Fresh, days
}

// Source says where the entry is from.
func (e Entry) Source() listing.Source { return e.From() }

// Addition is what is needed to add an entry.
type Addition struct {
	ID     string // minted by who adds it; made when empty
	Body   listing.Body
	Reason string
}

// Change is an entry as it should be, with the version it was read at.
type Change struct {
	ID      string
	Version int
	Body    listing.Body
	Reason  string
}

// Add enters an organisation, a service or a location.
func Add(ctx context.Context, tx *db.Tx, who access.Actor, a Addition) (Entry, error) {
	body, err := a.Body.Clone()
	if err != nil {
		return Entry{}, err
	}
	if a.ID == "" {
		a.ID = ids.New(tx.Now())
	}
	perm, err := mayAdd(ctx, tx, who, body)
	if err != nil {
		return Entry{}, err
	}
	if err := right(ctx, tx, &body, a.ID); err != nil {
		return Entry{}, err
	}
	if a.Reason, err = reasonOf(a.Reason, false); err != nil {
		return Entry{}, err
	}
	e := Entry{Body: body, ID: a.ID, Owner: body.Belongs(a.ID), State: body.Says(), Version: 1}
	if err := insert(ctx, tx, e); err != nil {
		return Entry{}, fmt.Errorf("add entry: %w", err)
	}
	return e, keep(ctx, tx, who, writing{perm: perm, after: e, act: "added", reason: a.Reason})
}

// Alter changes an entry. To which organisation it belongs stays, and so does whose people keep an organisation, unless
// whoever changes it keeps the whole directory.
func Alter(ctx context.Context, tx *db.Tx, who access.Actor, c Change) (Entry, error) {
	before, perm, err := mayChange(ctx, tx, who, c.ID, c.Version)
	if err != nil {
		return Entry{}, err
	}
	body, err := c.Body.Clone()
	if err != nil {
		return Entry{}, err
	}
	if body.Kind() != before.Kind() {
		return Entry{}, fault.New(fault.Invalid, "fault.bad_choice").On("kind")
	}
	if err := right(ctx, tx, &body, c.ID); err != nil {
		return Entry{}, err
	}
	if perm != access.ManageDirectory && (body.Belongs(c.ID) != before.Owner || body.Organisation != nil && body.Organisation.Partner != before.Organisation.Partner) {
		return Entry{}, fault.New(fault.Forbidden, "access.not_allowed").On("organisation")
	}
	if c.Reason, err = reasonOf(c.Reason, false); err != nil {
		return Entry{}, err
	}
	after := before
	after.Body, after.Owner, after.State, after.Version = body, body.Belongs(c.ID), body.Says(), before.Version+1
	return after, keep(ctx, tx, who, writing{perm: perm, before: &before, after: after, act: "changed", reason: c.Reason})
}

// Ending takes an entry out, for a reason.
type Ending struct {
	ID      string
	Version int
	Reason  string
}

// Withdraw takes an entry out of what is offered. It stays on record, and Restore brings it back.
func Withdraw(ctx context.Context, tx *db.Tx, who access.Actor, w Ending) (Entry, error) {
	before, perm, err := mayChange(ctx, tx, who, w.ID, w.Version)
	if err != nil {
		return Entry{}, err
	}
	if before.State == listing.Withdrawn {
		return Entry{}, fault.New(fault.Invalid, "directory.withdrawn_already")
	}
	if w.Reason, err = reasonOf(w.Reason, true); err != nil {
		return Entry{}, err
	}
	after := before
	after.State, after.Version = listing.Withdrawn, before.Version+1
	return after, keep(ctx, tx, who, writing{perm: perm, before: &before, after: after, act: "withdrawn", reason: w.Reason})
}

// Return brings an entry back to how it was at an earlier version.
type Return struct {
	ID      string
	Version int // at which it was read
	To      int
	Reason  string
}

// Restore makes an entry what it was at an earlier version, as a new version.
func Restore(ctx context.Context, tx *db.Tx, who access.Actor, b Return) (Entry, error) {
	before, perm, err := mayChange(ctx, tx, who, b.ID, b.Version)
	if err != nil {
		return Entry{}, err
	}
	earlier, err := versionOf(ctx, tx, b.ID, b.To)
	if err != nil {
		return Entry{}, err
	}
	if err := right(ctx, tx, &earlier.Body, b.ID); err != nil {
		return Entry{}, err
	}
	if perm != access.ManageDirectory && (earlier.Belongs(b.ID) != before.Owner || earlier.Organisation != nil && earlier.Organisation.Partner != before.Organisation.Partner) {
		return Entry{}, fault.New(fault.Forbidden, "access.not_allowed").On("version")
	}
	if b.Reason, err = reasonOf(b.Reason, false); err != nil {
		return Entry{}, err
	}
	after := before
	after.Body, after.Owner, after.State, after.Version = earlier.Body, earlier.Belongs(b.ID), earlier.State, before.Version+1
	return after, keep(ctx, tx, who, writing{perm: perm, before: &before, after: after, act: "restored", reason: b.Reason})
}

// mayAdd tells by which right who may add an entry: any of those who keep the directory, or a service or a location of the
// organisation whose partner's people who is one of.
func mayAdd(ctx context.Context, tx *db.Tx, who access.Actor, b listing.Body) (access.Permission, error) {
	if b.Kind() == listing.OfOrganisation || who.Covers(access.ManageDirectory, own(who)...) {
		return access.ManageDirectory, access.Check(tx, who, access.ManageDirectory, own(who)...)
	}
	return byOwner(ctx, tx, who, b.Belongs(""))
}

// mayChange finds an entry and tells by which right who may change it.
func mayChange(ctx context.Context, tx *db.Tx, who access.Actor, id string, version int) (Entry, access.Permission, error) {
	e, err := Find(ctx, tx, who, id)
	if err != nil {
		return Entry{}, "", err
	}
	perm := access.ManageDirectory
	if who.Covers(access.ManageDirectory, own(who)...) {
		err = access.Check(tx, who, access.ManageDirectory, own(who)...)
	} else {
		perm, err = byOwner(ctx, tx, who, e.Owner)
	}
	if err == nil && version != e.Version {
		err = fault.New(fault.Conflict, "fault.conflict")
	}
	return e, perm, err
}

func byOwner(ctx context.Context, tx *db.Tx, who access.Actor, owner string) (access.Permission, error) {
	partner, err := partnerOf(ctx, tx, owner)
	if err != nil {
		return "", err
	}
	return access.ConfirmDirectory, access.Check(tx, who, access.ConfirmDirectory, scopes(who, partner)...)
}

// Keeps tells whether who may change an entry and say that it is right.
func Keeps(ctx context.Context, q db.Reader, who access.Actor, e Entry) (bool, error) {
	if who.Covers(access.ManageDirectory, own(who)...) {
		return true, nil
	}
	if !who.Holds(access.ConfirmDirectory) {
		return false, nil
	}
	partner, err := partnerOf(ctx, q, e.Owner)
	return err == nil && who.Covers(access.ConfirmDirectory, scopes(who, partner)...), err
}

// own is where somebody works. The directory is one for all, so that is where the right to keep it is looked for.
func own(who access.Actor) []access.Scope {
	return []access.Scope{access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)}
}

// scopes are those of a partner: its organisation, and who's own office if that belongs to it.
func scopes(who access.Actor, partner string) (all []access.Scope) {
	if partner == "" {
		return nil
	}
	if all = append(all, access.OfOrganisation(partner)); who.Organisation == partner {
		all = append(all, access.AtOffice(who.Office))
	}
	return all
}

func reasonOf(text string, needed bool) (string, error) {
	clean, problem := names.CheckText(text, listing.LongestLine)
	switch {
	case problem != "":
		return "", fault.New(fault.Invalid, problem).With("max", listing.LongestLine).On("reason")
	case needed && clean == "":
		return "", fault.New(fault.Invalid, "fault.needed").On("reason")
	}
	return clean, nil
}

// right refuses a body that is wrong by itself or that leads to what is not there.
func right(ctx context.Context, tx *db.Tx, b *listing.Body, id string) error {
	if !ids.Valid(id) {
		return fault.New(fault.Invalid, "directory.identifier").On("id")
	}
	if f := b.Check(); f != nil {
		return f
	}
	var wrong []*fault.Error
	want := func(other string, kind listing.Kind, key, field string) error {
		is, err := kindOf(ctx, tx, other)
		if err == nil && is != kind {
			wrong = append(wrong, fault.New(fault.Invalid, key).On(field))
		}
		return err
	}
	if owner := b.Belongs(id); owner != id && owner != "" {
		if err := want(owner, listing.OfOrganisation, "directory.organisation_needed", "organisation"); err != nil {
			return err
		}
	}
	if b.Service != nil {
		for i := range b.Service.At {
			o := &b.Service.At[i]
			if o.ID == "" {
				o.ID = ids.New(tx.Now())
			}
			if err := want(o.Location, listing.OfLocation, "directory.location_needed", "at"); err != nil {
				return err
			}
		}
	}
	if f := fault.Join(wrong...); f != nil {
		return f
	}
	return nil
}

// writing is an entry on its way into the store.
type writing struct {
	perm   access.Permission
	before *Entry
	after  Entry
	act    string
	reason string
}

// keep writes an entry, its version, what it is found by, and the trail.
func keep(ctx context.Context, tx *db.Tx, who access.Actor, w writing) error {
	e := w.after
	e.ChangedAt = tx.Now()
	if !e.ConfirmedOn.IsZero() {
		e.DueOn = e.ConfirmedOn.Add(e.Every())
	}
	if err := update(ctx, tx, e); err != nil {
		return fmt.Errorf("write entry: %w", err)
	}
	if err := insertVersion(ctx, tx, who, e, w); err != nil {
		return fmt.Errorf("write version: %w", err)
	}
	if err := errors.Join(tally(ctx, tx, w), reindex(ctx, tx, e)); err != nil {
		return fmt.Errorf("index entry: %w", err)
	}
	entry := audit.Entry{Subject: "directory:" + e.ID, After: record(e), Reason: w.reason}
	if w.before != nil {
		entry.Before = record(*w.before)
	}
	return audit.Record(ctx, tx, who, w.perm, entry)
}

// record is what the trail keeps of an entry.
func record(e Entry) any {
	return struct {
		listing.Body
		State listing.State `json:"state"`
	}{e.Body, e.State}
}

// today is the day in Dhaka on which a snapshot was taken.
func today(q db.Reader) dates.Partial { return dates.Of(q.Now()) }
