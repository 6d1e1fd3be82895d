// SPDX-License-Identifier: Apache-2.0

package handovers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/sharing"
)

// Prefill is a registration as far as the sheet of a referral gives it that another network brought. What it says of her consent is not
// in it: who registers her asks her.
func Prefill(s sharing.Sheet) persons.Registration {
	r := persons.Registration{Source: persons.Handed, Values: map[persons.Field]string{}}
	bn, latin, both := strings.Cut(s["name"], " / ")
	switch name := strings.TrimSpace(bn); {
	case both:
		r.Values[persons.NameBn], r.Values[persons.NameLatin] = name, strings.TrimSpace(latin)
	case strings.ContainsFunc(name, func(c rune) bool { return c >= 'ঀ' && c <= '৿' }):
		r.Values[persons.NameBn] = name
	default:
		r.Values[persons.NameLatin] = name
	}
	for code, field := range map[string]persons.Field{"sex": persons.SexField, "birth": persons.Birth, "home": persons.Home, "schooling": persons.Schooling} {
		if s[code] != "" {
			r.Values[field] = s[code]
		}
	}
	if r.Values[persons.Home] == "" {
		r.Values[persons.Home] = s["district"]
	}
	if parts := strings.Split(s["contact"], ";"); len(parts) == 4 {
		c := persons.Contact{Kind: "phone", Number: parts[0], Owner: parts[1], Safety: "careful", Hours: parts[3]} // she has not told us yet
		if parts[2] != "" {
			c.Ways = strings.Split(parts[2], ",")
		}
		r.Contacts = []persons.Contact{c}
	}
	return r
}

// Intake registers somebody out of what another network brought, and opens a case for her.
type Intake struct {
	Referral     referrals.ID
	Registration persons.Registration // as Prefill made it and who registers her completed it, with her consents
	Programme    string
}

// Admit registers who was brought, once who's organisation has agreed to serve her, and opens a case. It is done once: again it
// returns the case that was opened.
func Admit(ctx context.Context, tx *db.Tx, who access.Actor, in Intake) (cases.ID, error) {
	a, err := referrals.OpenArrival(ctx, tx, who, in.Referral)
	if err != nil {
		return "", err
	}
	if earlier, err := Admitted(ctx, tx, in.Referral); err != nil || earlier != "" {
		return earlier, err
	}
	if !Admissible(a) {
		return "", fault.New(fault.Conflict, "handover.not_agreed")
	}
	person, err := persons.Register(ctx, tx, who, in.Registration)
	if err != nil {
		return "", err
	}
	of, err := cases.Open(ctx, tx, who, cases.Opening{Person: person, Programme: in.Programme, Origin: "referral", Why: why(a)})
	if err != nil {
		return "", err
	}
	n, err := tx.Exec(ctx, `INSERT INTO handover_intakes (referral_id, person_id, case_id, user_name, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(in.Referral), string(person), string(of), who.Name, tx.Now())
	if err == nil && n == 0 {
		err = changedMeanwhile()
	}
	if err != nil {
		return "", fmt.Errorf("admit: %w", err)
	}
	return of, nil
}

// why is what was asked, unless what it is for is of class 3: a case says why it was opened in class 2.
func why(a referrals.Arrival) string {
	if a.Protected {
		return ""
	}
	return a.Sheet["ask"]
}

// Admissible tells whether somebody can be registered out of a referral: another network brought it, and it was agreed to serve her.
func Admissible(a referrals.Arrival) bool { return a.FromOffice == "" && a.State.Agreed() }

// Admitted is the case that was opened for who was brought with a referral; empty when none was.
func Admitted(ctx context.Context, q db.Reader, id referrals.ID) (of cases.ID, err error) {
	err = q.QueryRow(ctx, `SELECT case_id FROM handover_intakes WHERE referral_id = ?`, string(id)).Scan(&of)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return of, err
}
