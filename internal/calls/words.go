// SPDX-License-Identifier: Apache-2.0

package calls

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/seal"
)

// How often a wrong word may be offered for a person.
const (
	mostMisses = 3
	missesIn   = time.Hour
)

// SetCodeWord keeps the word that a person chose, instead of the one before. An empty word takes it away.
func SetCodeWord(ctx context.Context, tx *db.Tx, who access.Actor, person persons.ID, word string) error {
	record, _, err := persons.Through(ctx, tx, who, access.SeeCodeWord, person)
	if err != nil {
		return err
	}
	word, problem := names.Check(word, 60)
	switch {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", 60).On("word")
	case word != "" && len([]rune(names.Fold(word))) < 3:
		return fault.New(fault.Invalid, "call.word_short").On("word")
	}
	of, err := persons.Records(ctx, tx, who, access.SeeCodeWord, person)
	if err != nil {
		return err
	}
	for _, id := range of {
		if _, err := tx.Exec(ctx, `DELETE FROM call_words WHERE person_id = ?`, string(id)); err != nil {
			return fmt.Errorf("set code word: %w", err)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM call_misses WHERE person_id = ?`, string(id)); err != nil {
			return fmt.Errorf("set code word: %w", err)
		}
	}
	if word != "" {
		sealed, err := seal.Seal(ctx, tx, string(record), "call_words:"+string(record), []byte(word))
		if err != nil {
			return fmt.Errorf("set code word: %w", err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO call_words (person_id, sealed, user_id, user_name, at) VALUES (?, ?, ?, ?, ?)`, string(record), sealed, who.ID, who.Name, tx.Now()); err != nil {
			return fmt.Errorf("set code word: %w", err)
		}
	}
	return audit.Record(ctx, tx, who, access.SeeCodeWord, audit.Entry{Subject: "person:" + string(record), Person: string(record), Named: []string{"code_word"}})
}

// CodeWord shows the word of a person. It is one at a time, and the look is in the trail.
func CodeWord(ctx context.Context, tx *db.Tx, who access.Actor, person persons.ID) (string, error) {
	record, _, err := persons.Through(ctx, tx, who, access.SeeCodeWord, person)
	if err != nil {
		return "", err
	}
	word, err := wordOf(ctx, tx, who, person)
	if err != nil {
		return "", err
	}
	if word == "" {
		return "", fault.New(fault.NotFound, "call.word_none")
	}
	return word, audit.Record(ctx, tx, who, access.SeeCodeWord, audit.Entry{Subject: "person:" + string(record), Person: string(record), Named: []string{"code_word"}})
}

// HasCodeWord reports whether a person chose a word, to who may see the calls about her; to others it is as if there were none.
func HasCodeWord(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) (bool, error) {
	of, err := persons.Records(ctx, q, who, access.ReadCalls, person)
	if err != nil || len(of) == 0 {
		return false, err
	}
	in, args := among(of)
	var n int
	err = q.QueryRow(ctx, `SELECT count(*) FROM call_words WHERE person_id IN `+in, args...).Scan(&n)
	return n > 0, err
}

// wordOf opens the word, empty when there is none.
func wordOf(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) (string, error) {
	of, err := persons.Records(ctx, q, who, access.ReadPersons, person)
	if err != nil || len(of) == 0 {
		return "", err
	}
	in, args := among(of)
	var record string
	var sealed []byte
	err = q.QueryRow(ctx, `SELECT person_id, sealed FROM call_words WHERE person_id IN `+in+` ORDER BY at DESC, person_id LIMIT 1`, args...).Scan(&record, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("open code word: %w", err)
	}
	word, err := seal.Open(ctx, q, record, "call_words:"+record, sealed)
	return string(word), err
}

// proves tells whether a word that a caller said is the person's. How it is spelled does not matter. After some wrong ones
// nothing is right for an hour, so that it cannot be guessed.
func proves(ctx context.Context, tx *db.Tx, who access.Actor, person persons.ID, said string) (bool, error) {
	if strings.TrimSpace(said) == "" {
		return false, nil
	}
	word, err := wordOf(ctx, tx, who, person)
	if err != nil {
		return false, err
	}
	of, err := persons.Records(ctx, tx, who, access.ReadPersons, person)
	if err != nil || len(of) == 0 {
		return false, err
	}
	in, args := among(of)
	var misses int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM call_misses WHERE person_id IN `+in+` AND at > ?`, append(args, tx.Now().Add(-missesIn))...).Scan(&misses); err != nil {
		return false, err
	}
	right := word != "" && subtle.ConstantTimeCompare([]byte(plain(word)), []byte(plain(said))) == 1
	if right && misses < mostMisses {
		return true, nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO call_misses (id, person_id, at) VALUES (?, ?, ?)`, ids.Beside(string(of[0]), tx.Now()), string(of[0]), tx.Now())
	return false, err
}

// plain is a word without the differences that nobody hears.
func plain(word string) string { return strings.Join(strings.Fields(names.Fold(word)), "") }

func among(of []persons.ID) (string, []any) {
	args := make([]any, len(of))
	for i, id := range of {
		args[i] = string(id)
	}
	return db.In(len(args)), args
}

// SetHours settles when a contact may be used; hours without an end take that away.
func SetHours(ctx context.Context, tx *db.Tx, who access.Actor, person persons.ID, h Hours) error {
	record, _, err := persons.Through(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	p, err := persons.Find(ctx, tx, who, person)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(p.Contacts, func(c persons.Contact) bool { return c.ID == h.Contact }) {
		return fault.New(fault.NotFound, "person.row_not_found")
	}
	for _, d := range h.Days {
		if !slices.Contains(Days(), d) {
			return fault.New(fault.Invalid, "fault.bad_choice").On("days")
		}
	}
	if h.Set() && (h.From < 0 || h.To > 24*60 || h.From >= h.To) {
		return fault.New(fault.Invalid, "call.hours_order").On("to")
	}
	if _, err := tx.Exec(ctx, `DELETE FROM call_hours WHERE contact_id = ?`, h.Contact); err != nil {
		return fmt.Errorf("set hours: %w", err)
	}
	if h.Set() {
		if _, err := tx.Exec(ctx, `INSERT INTO call_hours (contact_id, person_id, days, from_minute, to_minute, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			h.Contact, string(record), strings.Join(h.Days, " "), h.From, h.To, who.Name, tx.Now()); err != nil {
			return fmt.Errorf("set hours: %w", err)
		}
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, audit.Entry{Subject: "person:" + string(record), Person: string(record),
		After: map[string]any{"contact_hours": h}})
}

// HoursOf returns the hours that were settled for the contacts of a person, by contact.
func HoursOf(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) (map[string]Hours, error) {
	of, err := persons.Records(ctx, q, who, access.ReadPersons, person)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	in, args := among(of)
	rows, err := q.Query(ctx, `SELECT contact_id, days, from_minute, to_minute FROM call_hours WHERE person_id IN `+in, args...)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (h Hours, err error) {
		var days string
		err = r.Scan(&h.Contact, &days, &h.From, &h.To)
		h.Days = strings.Fields(days)
		return h, err
	})
	found := map[string]Hours{}
	for _, h := range all {
		found[h.Contact] = h
	}
	return found, err
}
