// SPDX-License-Identifier: Apache-2.0

package centres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/offices"
)

// Counter is a desk of a centre.
type Counter struct {
	ID           string    `json:"-"`
	Office       string    `json:"office"`
	Organisation string    `json:"organisation"` // whose people sit there
	Letter       string    `json:"letter"`       // with which its tickets begin
	Number       int       `json:"number"`       // as it stands on the desk and on the wall
	NameBn       string    `json:"name_bn"`
	NameEn       string    `json:"name_en"`
	Needs        []string  `json:"needs"`     // see listing.Needs; none stands for all
	Languages    []string  `json:"languages"` // see listing.Spoken; none stands for Bangla
	Women        bool      `json:"women"`     // women sit there
	ClosedAt     time.Time `json:"-"`
	Version      int       `json:"-"`
	MayServe     bool      `json:"-"` // who asked may call people to it
}

// Name is the counter's name in "en" or "bn", or the only one it has.
func (c Counter) Name(lang string) string { return listing.Text{Bn: c.NameBn, En: c.NameEn}.In(lang) }

// Speaks tells whether somebody at the counter speaks a language. Bangla is spoken everywhere.
func (c Counter) Speaks(language string) bool {
	return language == "" || language == "bn" || slices.Contains(c.Languages, language)
}

// Meets tells whether a need is met at the counter.
func (c Counter) Meets(need string) bool {
	return len(c.Needs) == 0 || slices.Contains(c.Needs, need)
}

// Telling reports whether a need by itself tells what is protected about who has it: of abuse and trafficking, health, law and
// shelter. It is never set down beside a name.
func Telling(need string) bool {
	n, known := listing.NeedOf(need)
	return known && (n.Hidden || slices.Contains([]string{"trafficking", "counselling", "health", "disability", "legal_aid"}, need))
}

// mostCounters is how many counters a centre may have, and what its numbers go up to.
const mostCounters = 99

func (c *Counter) check() *fault.Error {
	r := &listing.Checker{}
	r.Line(&c.NameBn, 80, "name_bn")
	r.Line(&c.NameEn, 80, "name_en")
	if c.NameBn == "" && c.NameEn == "" {
		r.Bad("office.name_needed", "name_bn")
	}
	if c.Letter = strings.ToUpper(names.Clean(c.Letter)); len(c.Letter) != 1 || c.Letter[0] < 'A' || c.Letter[0] > 'Z' {
		r.Bad("centre.letter", "letter")
	}
	if c.Number < 1 || c.Number > mostCounters {
		r.Bad("centre.number", "number")
	}
	for _, need := range c.Needs {
		if _, known := listing.NeedOf(need); !known {
			r.Bad("fault.bad_choice", "needs")
		}
	}
	for _, language := range c.Languages {
		r.OneOf(language, listing.Spoken(), "languages")
	}
	c.Needs, c.Languages = sorted(c.Needs), sorted(c.Languages)
	return r.Done()
}

func sorted(all []string) []string { return slices.Compact(slices.Sorted(slices.Values(all))) }

// SetUp adds a counter to a centre, or changes the one that it names, if that still is at its version.
func SetUp(ctx context.Context, tx *db.Tx, who access.Actor, c Counter) (string, error) {
	at, err := running(ctx, tx, who, c.Office)
	if err != nil {
		return "", err
	}
	if at.Version == 0 {
		return "", notFound()
	}
	if f := c.check(); f != nil {
		return "", f
	}
	if _, err := offices.FindOrganisation(ctx, tx, who, c.Organisation); fault.KindOf(err) == fault.NotFound || ids.IsApart(c.Organisation) != ids.IsApart(c.Office) {
		return "", fault.New(fault.Invalid, "office.organisation_needed").On("organisation")
	} else if err != nil {
		return "", err
	}
	before := Counter{}
	if c.ID != "" {
		if before, err = counter(ctx, tx, who, c.Office, c.ID); err != nil {
			return "", err
		}
		if c.Version != before.Version || !before.ClosedAt.IsZero() {
			return "", fault.New(fault.Conflict, "fault.conflict")
		}
	}
	if err := c.beside(ctx, tx, who); err != nil {
		return "", err
	}
	if err := c.keep(ctx, tx); err != nil {
		return "", fmt.Errorf("set up counter: %w", err)
	}
	entry := audit.Entry{Subject: "counter:" + c.ID, After: c}
	if before.ID != "" {
		entry.Before = before
	}
	return c.ID, audit.Record(ctx, tx, who, access.ManageCentre, entry)
}

// beside refuses a counter that does not go with the others: a number that another has, and a letter by which everybody in the
// hall would know what its tickets are for.
func (c Counter) beside(ctx context.Context, q db.Reader, who access.Actor) error {
	others, err := Counters(ctx, q, who, c.Office)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(o Counter) bool { return o.ID == c.ID })
	if slices.ContainsFunc(others, func(o Counter) bool { return o.Number == c.Number }) {
		return fault.New(fault.Conflict, "centre.number_taken").On("number")
	}
	if tells(append(others, c)) {
		return fault.New(fault.Invalid, "centre.letter_tells").On("letter")
	}
	return nil
}

// tells finds a letter all of whose counters are only for needs that tell what is protected.
func tells(all []Counter) bool {
	plain := map[string]bool{}
	for _, c := range all {
		plain[c.Letter] = plain[c.Letter] || len(c.Needs) == 0 || slices.ContainsFunc(c.Needs, func(n string) bool { return !Telling(n) })
	}
	for _, is := range plain {
		if !is {
			return true
		}
	}
	return false
}

func (c *Counter) keep(ctx context.Context, tx *db.Tx) error {
	needs, languages := strings.Join(c.Needs, " "), strings.Join(c.Languages, " ")
	if c.ID != "" {
		_, err := tx.Exec(ctx, `UPDATE centre_counters SET organisation_id = ?, letter = ?, number = ?, name_bn = ?, name_en = ?, needs = ?, languages = ?, women = ?, version = version + 1 WHERE id = ?`,
			c.Organisation, c.Letter, c.Number, c.NameBn, c.NameEn, needs, languages, c.Women, c.ID)
		return err
	}
	c.ID = ids.Beside(c.Office, tx.Now())
	_, err := tx.Exec(ctx, `INSERT INTO centre_counters (id, office_id, organisation_id, letter, number, name_bn, name_en, needs, languages, women, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		c.ID, c.Office, c.Organisation, c.Letter, c.Number, c.NameBn, c.NameEn, needs, languages, c.Women)
	return err
}

// Shut closes a counter to which nobody is called now. Its past stays, and with it what services there took.
func Shut(ctx context.Context, tx *db.Tx, who access.Actor, c Counter) error {
	if _, err := running(ctx, tx, who, c.Office); err != nil {
		return err
	}
	before, err := counter(ctx, tx, who, c.Office, c.ID)
	if err != nil {
		return err
	}
	if c.Version != before.Version || !before.ClosedAt.IsZero() {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	_, err = active(ctx, tx, c.ID)
	switch {
	case err == nil:
		return fault.New(fault.Conflict, "centre.counter_busy")
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	others, err := Counters(ctx, tx, who, c.Office)
	if err != nil {
		return err
	}
	if tells(slices.DeleteFunc(others, func(o Counter) bool { return o.ID == c.ID })) {
		return fault.New(fault.Conflict, "centre.letter_tells")
	}
	// who was sent on to it alone waits for any other that serves her
	if _, err := tx.Exec(ctx, `UPDATE centre_tickets SET only_id = '', version = version + 1 WHERE office_id = ? AND only_id = ? AND state = 'waiting'`, c.Office, c.ID); err != nil {
		return fmt.Errorf("shut counter: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE centre_counters SET closed_at = ?, version = version + 1 WHERE id = ?`, tx.Now(), c.ID); err != nil {
		return fmt.Errorf("shut counter: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageCentre, audit.Entry{Subject: "counter:" + c.ID, Named: []string{"closed"}})
}

const counterColumns = `k.id, k.office_id, k.organisation_id, k.letter, k.number, k.name_bn, k.name_en, k.needs, k.languages, k.women, k.closed_at, k.version`

func scanCounter(row interface{ Scan(...any) error }) (c Counter, err error) {
	var needs, languages string
	err = row.Scan(&c.ID, &c.Office, &c.Organisation, &c.Letter, &c.Number, &c.NameBn, &c.NameEn, &needs, &languages, &c.Women, db.NullTime(&c.ClosedAt), &c.Version)
	c.Needs, c.Languages = strings.Fields(needs), strings.Fields(languages)
	return c, err
}

// Counters returns the counters of a centre that who works at, in order of their numbers, without those that were closed.
func Counters(ctx context.Context, q db.Reader, who access.Actor, office string) ([]Counter, error) {
	at, err := Find(ctx, q, who, office)
	if err != nil {
		return nil, err
	}
	all, err := counters(ctx, q, office)
	for i := range all {
		all[i].MayServe = at.MayServe || mayServeFor(who, all[i].Organisation) && ids.IsApart(office) == who.Practises()
	}
	return all, err
}

func counters(ctx context.Context, q db.Reader, office string) ([]Counter, error) {
	rows, err := q.Query(ctx, `SELECT `+counterColumns+` FROM centre_counters k WHERE k.office_id = ? AND k.closed_at IS NULL ORDER BY k.number, k.id`, office)
	all, err := db.Collect(rows, err, scanCounter)
	if err != nil {
		return nil, fmt.Errorf("list counters: %w", err)
	}
	return all, nil
}

// counter is a counter of a centre that who works at, open or closed.
func counter(ctx context.Context, q db.Reader, who access.Actor, office, id string) (Counter, error) {
	at, err := Find(ctx, q, who, office)
	if err != nil {
		return Counter{}, err
	}
	c, err := scanCounter(q.QueryRow(ctx, `SELECT `+counterColumns+` FROM centre_counters k WHERE k.id = ? AND k.office_id = ?`, id, office))
	if errors.Is(err, sql.ErrNoRows) {
		return Counter{}, fault.New(fault.NotFound, "centre.counter_not_found")
	}
	if err != nil {
		return Counter{}, fmt.Errorf("find counter: %w", err)
	}
	c.MayServe = at.MayServe || mayServeFor(who, c.Organisation) && ids.IsApart(office) == who.Practises()
	return c, nil
}

// FindCounter returns a counter of a centre that who works at. One that was closed is not found.
func FindCounter(ctx context.Context, q db.Reader, who access.Actor, office, id string) (Counter, error) {
	c, err := counter(ctx, q, who, office, id)
	if err == nil && !c.ClosedAt.IsZero() {
		return Counter{}, fault.New(fault.NotFound, "centre.counter_not_found")
	}
	return c, err
}
