// SPDX-License-Identifier: Apache-2.0

package services

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// Kind is something that can be given, with what has to be true before it is.
type Kind struct {
	Code       string      `json:"code"`
	NameBn     string      `json:"name_bn"`
	NameEn     string      `json:"name_en"`
	Category   string      `json:"category"`
	Dimension  string      `json:"dimension"` // economic, social or psychosocial
	Unit       string      `json:"unit"`      // in which it is counted
	Class      int         `json:"class"`     // 2, or 3 for what is protected
	Notes      bool        `json:"notes,omitempty"`
	Money      bool        `json:"money,omitempty"`     // it has an amount, and may have to be allowed
	SameDays   int         `json:"same_days,omitempty"` // within how many days the same is shown before it is allowed; 0 for ever
	Provider   string      `json:"provider,omitempty"`  // who gives it, when it is not we
	Conditions []Condition `json:"conditions,omitempty"`
	Papers     []Condition `json:"papers,omitempty"`
	Fields     []Field     `json:"fields,omitempty"`
	Tell       int         `json:"tell_months,omitempty"` // within how many months she is told each time how it stands; 0 for what needs no telling
	Cost       int64       `json:"unit_cost,omitempty"`   // in poisha: what one unit usually costs, for plans and budgets; 0 when nobody said
	Ended      bool        `json:"ended,omitempty"`       // it is not given any more
}

// Condition is something that has to be so, or a paper that has to be seen.
type Condition struct {
	Key string `json:"key"`
	Bn  string `json:"bn"`
	En  string `json:"en"`
}

// Field is something more that is asked about a service.
type Field struct {
	Condition
	Kind    string      `json:"kind"` // text, number, date or choice
	Options []Condition `json:"options,omitempty"`
	Needed  bool        `json:"needed,omitempty"`
}

// Name is what a kind is called in a language.
func (k Kind) Name(lang string) string {
	if lang == "bn" {
		return k.NameBn
	}
	return k.NameEn
}

// In says a condition, or a question, in a language.
func (c Condition) In(lang string) string {
	if lang == "bn" {
		return c.Bn
	}
	return c.En
}

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// mostAsked is how many conditions, papers and further questions a service has at most together.
const mostAsked = 40

func (k *Kind) check() *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if !codeShape.MatchString(k.Code) {
		bad("programme.code", "code")
	}
	for _, f := range []struct {
		text  *string
		field string
	}{{&k.NameBn, "name_bn"}, {&k.NameEn, "name_en"}, {&k.Category, "category"}, {&k.Unit, "unit"}} {
		clean, problem := names.Check(*f.text, 120)
		if *f.text = clean; problem != "" || clean == "" {
			bad("fault.needed", f.field)
		}
	}
	if !slices.Contains([]string{"economic", "social", "psychosocial"}, k.Dimension) {
		bad("fault.bad_choice", "dimension")
	}
	if k.Class != 2 && k.Class != 3 || k.Class == 3 && k.Money || k.Notes && k.Class != 3 {
		bad("service.class", "class")
	}
	if k.SameDays < 0 || k.SameDays > 3660 {
		bad("calendar.term_implausible", "same_days")
	}
	if k.Tell < 0 || k.Tell > 12 || k.Tell > 0 && k.Class != 3 {
		bad("service.tell", "tell_months")
	}
	if k.Cost < 0 || k.Cost > mostAmount {
		bad("service.amount", "unit_cost")
	}
	if len(k.Conditions)+len(k.Papers)+len(k.Fields) > mostAsked {
		bad("service.asks_too_much", "fields")
	}
	faults = append(faults, conditions(k.Conditions, "conditions"), conditions(k.Papers, "papers"))
	for _, f := range k.Fields {
		faults = append(faults, conditions([]Condition{f.Condition}, "fields"), conditions(f.Options, "fields"))
		if !slices.Contains([]string{"text", "number", "date", "choice"}, f.Kind) || f.Kind == "choice" && len(f.Options) < 2 {
			bad("fault.bad_choice", "fields")
		}
	}
	return fault.Join(faults...)
}

func conditions(all []Condition, field string) *fault.Error {
	seen := map[string]bool{}
	for _, c := range all {
		if !codeShape.MatchString(c.Key) || seen[c.Key] || strings.TrimSpace(c.Bn) == "" || strings.TrimSpace(c.En) == "" {
			return fault.New(fault.Invalid, "service.condition").On(field)
		}
		seen[c.Key] = true
	}
	return nil
}

// missing are the keys of conditions that nobody said are so.
func missing(all []Condition, said []string) bool {
	return slices.ContainsFunc(all, func(c Condition) bool { return !slices.Contains(said, c.Key) })
}

// answers checks what was said to the further fields, and keeps nothing else.
func (k Kind) answers(given map[string]string) (map[string]string, error) {
	kept := map[string]string{}
	var faults []*fault.Error
	for _, f := range k.Fields {
		text, problem := names.CheckText(given[f.Key], 1000)
		at := "details." + f.Key
		switch {
		case problem != "":
			faults = append(faults, fault.New(fault.Invalid, problem).With("max", 1000).On(at))
		case text == "" && f.Needed:
			faults = append(faults, fault.New(fault.Invalid, "fault.needed").On(at))
		case text == "":
		case f.Kind == "choice" && !slices.ContainsFunc(f.Options, func(o Condition) bool { return o.Key == text }):
			faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On(at))
		case f.Kind == "number":
			n, err := strconv.Atoi(western(text))
			if err != nil || n < 0 || n > 1_000_000 {
				faults = append(faults, fault.New(fault.Invalid, "fault.bad_number").On(at))
			}
			kept[f.Key] = strconv.Itoa(n)
		case f.Kind == "date":
			day, err := dates.Parse(text)
			if err != nil {
				faults = append(faults, fault.New(fault.Invalid, "date.unreadable").On(at))
			}
			kept[f.Key] = day.String()
		default:
			kept[f.Key] = text
		}
	}
	for key := range given {
		if !slices.ContainsFunc(k.Fields, func(f Field) bool { return f.Key == key }) {
			faults = append(faults, fault.New(fault.Invalid, "service.field_unknown").On("details"))
		}
	}
	if f := fault.Join(faults...); f != nil {
		return nil, f
	}
	return kept, nil
}

//go:embed data/kinds.json
var kindsText []byte

var shipped = sync.OnceValue(func() (all []Kind) {
	if err := json.Unmarshal(kindsText, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

// SetKind says how a service is given from a day on: one that ships, differently or not any more, or one of its own.
func SetKind(ctx context.Context, tx *db.Tx, who access.Actor, k Kind, from dates.Partial) error {
	if err := access.CheckAnywhere(tx, who, access.ManageServices); err != nil {
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
	if _, err := tx.Exec(ctx, `INSERT INTO service_kinds (id, code, starts, definition, user_name, at) VALUES (?, ?, ?, ?, ?, ?)`,
		ids.New(tx.Now()), k.Code, from.String(), string(definition), who.Name, tx.Now()); err != nil {
		return fmt.Errorf("set service: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageServices, audit.Entry{Subject: "service_kind:" + k.Code, After: k})
}

// FindKind returns a kind as it was given on a day.
func FindKind(ctx context.Context, q db.Reader, code string, day dates.Partial) (k Kind, err error) {
	var definition string
	err = q.QueryRow(ctx, `SELECT definition FROM service_kinds WHERE code = ? AND starts <= ? ORDER BY starts DESC, at DESC, id DESC LIMIT 1`, code, day.String()).Scan(&definition)
	switch {
	case err == nil:
		return k, json.Unmarshal([]byte(definition), &k)
	case !errors.Is(err, sql.ErrNoRows):
		return k, fmt.Errorf("find service: %w", err)
	}
	if i := slices.IndexFunc(shipped(), func(k Kind) bool { return k.Code == code }); i >= 0 {
		return shipped()[i], nil
	}
	return k, fault.New(fault.Invalid, "service.unknown").On("code")
}

// Version is a kind as it is given from a day on.
type Version struct {
	Kind
	From dates.Partial // unknown for the one that ships
	By   string
	At   time.Time
}

// Versions returns what was said of a kind, the latest first; the last of one that ships is that.
func Versions(ctx context.Context, q db.Reader, who access.Actor, code string) (all []Version, err error) {
	if !who.Holds(access.ManageServices) {
		return nil, fault.New(fault.NotFound, "service.unknown")
	}
	type row struct {
		Version
		definition string
	}
	rows, err := q.Query(ctx, `SELECT starts, definition, user_name, at FROM service_kinds WHERE code = ? ORDER BY starts DESC, at DESC, id DESC`, code)
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.From, &v.definition, &v.By, db.Time(&v.At))
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("list versions of service: %w", err)
	}
	for _, r := range some {
		if err := json.Unmarshal([]byte(r.definition), &r.Kind); err != nil {
			return nil, err
		}
		all = append(all, r.Version)
	}
	if i := slices.IndexFunc(shipped(), func(k Kind) bool { return k.Code == code }); i >= 0 {
		all = append(all, Version{Kind: shipped()[i]})
	}
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "service.unknown")
	}
	return all, nil
}

// Catalogue returns all kinds as they are on a day, also those that are not given any more, by code.
func Catalogue(ctx context.Context, q db.Reader, day dates.Partial) (all []Kind, err error) {
	return kinds(ctx, q, day)
}

// Kinds returns what can be given on a day, by code.
func Kinds(ctx context.Context, q db.Reader, day dates.Partial) ([]Kind, error) {
	all, err := kinds(ctx, q, day)
	return slices.DeleteFunc(all, func(k Kind) bool { return k.Ended }), err
}

func kinds(ctx context.Context, q db.Reader, day dates.Partial) (all []Kind, err error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT code FROM service_kinds WHERE starts <= ?`, day.String())
	codes, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s string, err error) { err = row.Scan(&s); return s, err })
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	for _, k := range shipped() {
		codes = append(codes, k.Code)
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		k, err := FindKind(ctx, q, code, day)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}
