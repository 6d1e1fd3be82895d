// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Kind is a sort of activity.
type Kind struct {
	Code     string `json:"code"`
	NameBn   string `json:"name_bn"`
	NameEn   string `json:"name_en"`
	Group    string `json:"group"`              // outreach, meeting, training or media
	Way      Way    `json:"way"`                // in which it is usually entered
	Estimate bool   `json:"estimate,omitempty"` // who was reached can only be estimated, and is never added to who was counted
	Ended    bool   `json:"ended,omitempty"`    // it is not done any more
}

// Name is what a kind is called in a language.
func (k Kind) Name(lang string) string {
	if lang == "bn" {
		return k.NameBn
	}
	return k.NameEn
}

// Groups returns the groups of kinds, in the order in which they are offered.
func Groups() []string { return []string{"outreach", "meeting", "training", "media"} }

//go:embed data/kinds.json
var kindsText []byte

var shipped = sync.OnceValue(func() (all []Kind) {
	if err := json.Unmarshal(kindsText, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

func (k *Kind) check() *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if !codeShape.MatchString(k.Code) {
		bad("programme.code", "code")
	}
	for field, text := range map[string]*string{"name_bn": &k.NameBn, "name_en": &k.NameEn} {
		clean, problem := names.Check(*text, 120)
		if *text = clean; problem != "" || clean == "" {
			bad("fault.needed", field)
		}
	}
	if !slices.Contains(Groups(), k.Group) {
		bad("fault.bad_choice", "group")
	}
	if !slices.Contains(Ways(), k.Way) {
		bad("fault.bad_choice", "way")
	}
	return fault.Join(faults...)
}

// SetKind says what a kind is from a day on: one that ships, differently or not any more, or one of its own.
func SetKind(ctx context.Context, tx *db.Tx, who access.Actor, k Kind, from dates.Partial) error {
	if err := access.CheckAnywhere(tx, who, access.SetActivityKinds); err != nil {
		return err
	}
	if f := k.check(); f != nil {
		return f
	}
	if from.Precision() != dates.Day || from.Check() != nil || from.SurelyBefore(dates.Of(tx.Now())) {
		return fault.New(fault.Invalid, "programme.from").On("from")
	}
	definition, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO activity_kinds (id, code, starts, definition, user_name, at) VALUES (?, ?, ?, ?, ?, ?)`,
		ids.New(tx.Now()), k.Code, from.String(), string(definition), who.Name, tx.Now()); err != nil {
		return fmt.Errorf("set kind of activity: %w", err)
	}
	return audit.Record(ctx, tx, who, access.SetActivityKinds, audit.Entry{Subject: "activity_kind:" + k.Code, After: k})
}

// FindKind returns a kind as it was on a day.
func FindKind(ctx context.Context, q db.Reader, code string, day dates.Partial) (k Kind, err error) {
	var definition string
	err = q.QueryRow(ctx, `SELECT definition FROM activity_kinds WHERE code = ? AND starts <= ? ORDER BY starts DESC, at DESC, id DESC LIMIT 1`, code, day.String()).Scan(&definition)
	switch {
	case err == nil:
		return k, json.Unmarshal([]byte(definition), &k)
	case !errors.Is(err, sql.ErrNoRows):
		return k, fmt.Errorf("find kind of activity: %w", err)
	}
	if i := slices.IndexFunc(shipped(), func(k Kind) bool { return k.Code == code }); i >= 0 {
		return shipped()[i], nil
	}
	return k, fault.New(fault.Invalid, "activity.kind_unknown").On("kind")
}

// Kinds returns all kinds as they are on a day, also those that are not done any more: those that ship in their order, then the others by code.
func Kinds(ctx context.Context, q db.Reader, day dates.Partial) (all []Kind, err error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT code FROM activity_kinds WHERE starts <= ? ORDER BY code`, day.String())
	more, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s string, err error) { err = row.Scan(&s); return s, err })
	if err != nil {
		return nil, fmt.Errorf("list kinds of activities: %w", err)
	}
	var codes []string
	for _, k := range shipped() {
		codes = append(codes, k.Code)
	}
	for _, code := range more {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	for _, code := range codes {
		k, err := FindKind(ctx, q, code, day)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}

// KindVersion is a kind as it is from a day on.
type KindVersion struct {
	Kind
	From dates.Partial // unknown for the one that ships
	By   string
	At   time.Time
}

// KindVersions returns what was said of a kind, the latest first; the last of one that ships is that.
func KindVersions(ctx context.Context, q db.Reader, who access.Actor, code string) (all []KindVersion, err error) {
	if !who.Holds(access.SetActivityKinds) {
		return nil, fault.New(fault.NotFound, "activity.kind_unknown")
	}
	rows, err := q.Query(ctx, `SELECT starts, definition, user_name, at FROM activity_kinds WHERE code = ? ORDER BY starts DESC, at DESC, id DESC`, code)
	all, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v KindVersion, err error) {
		var definition string
		if err = r.Scan(&v.From, &definition, &v.By, db.Time(&v.At)); err != nil {
			return v, err
		}
		return v, json.Unmarshal([]byte(definition), &v.Kind)
	})
	if err != nil {
		return nil, fmt.Errorf("list versions of kind: %w", err)
	}
	if i := slices.IndexFunc(shipped(), func(k Kind) bool { return k.Code == code }); i >= 0 {
		all = append(all, KindVersion{Kind: shipped()[i]})
	}
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "activity.kind_unknown")
	}
	return all, nil
}
