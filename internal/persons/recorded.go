// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/seal"
)

// given is what a registration says in the open: values that are not protected,
// and what was agreed to. They are read from here, and are not written a second
// time as rows; see docs/adr/0021.
type given struct {
	Source   Source           `json:"source"`
	Values   map[Field]string `json:"values"`
	Consents []Consent        `json:"consents,omitempty"`
}

// divide makes two texts of a registration: what it says in the open, and the
// rest, which is sealed.
func (r *Registration) divide() (open, rest []byte, err error) {
	g := given{Source: r.Source, Values: map[Field]string{}, Consents: slices.Clone(r.Consents)}
	secret := *r
	secret.Values, secret.Consents = map[Field]string{}, nil
	for f, v := range r.Values {
		if f.Protected() {
			secret.Values[f] = v
		} else {
			g.Values[f] = v
		}
	}
	for i := range g.Consents {
		c := &g.Consents[i]
		said := Consent{Purpose: c.Purpose, Given: c.Given, Method: c.Method, Language: c.Language, TextVersion: c.TextVersion}
		if c.TextVersion == Elsewhere { // who asked, and when, is not who registered her
			said.AskedName, said.At = c.AskedName, c.At
		}
		*c = said
	}
	if open, err = json.Marshal(g); err != nil {
		return nil, nil, err
	}
	rest, err = json.Marshal(secret)
	return open, rest, err
}

// registration is one that is kept.
type registration struct {
	Origin
	of    ID     // the record that it made
	clerk string // id of the user
	given given
}

func insertRegistration(ctx context.Context, tx *db.Tx, who access.Actor, to link, r Registration) error {
	sealed, err := seal.Seal(ctx, tx, string(to.person), "person_registrations:"+to.registration, r.rest)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO person_registrations (id, person_id, organisation_id, office_id, user_id, user_name, at, met_at, given, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		to.registration, string(to.person), who.Organisation, who.Office, who.ID, who.Name, tx.Now(), r.MetAt, string(r.given), sealed)
	return err
}

func registrationsOf(ctx context.Context, q db.Reader, of records) ([]registration, error) {
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT person_id, id, organisation_id, office_id, user_id, user_name, at, given FROM person_registrations WHERE person_id`+in+` ORDER BY id`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (r registration, err error) {
		var text []byte
		if err = row.Scan(&r.of, &r.ID, &r.Organisation, &r.Office, &r.clerk, &r.User, db.Time(&r.At), &text); err != nil || len(text) == 0 {
			return r, err // erased
		}
		if err = json.Unmarshal(text, &r.given); err != nil {
			return r, fmt.Errorf("registration %s: %w", r.ID, err)
		}
		return r, nil
	})
}

// claims are the values that the registration gave.
func (r registration) claims() (all []Claim) {
	for _, f := range Fields() {
		if v := r.given.Values[f]; v != "" {
			all = append(all, Claim{ID: r.ID + "." + string(f), of: r.of, Registration: r.ID, Field: f, Value: v, Source: r.given.Source, At: r.At, By: r.User})
		}
	}
	return all
}

// consents are the answers that were given with the registration.
func (r registration) consents() (all []Consent) {
	for i, c := range r.given.Consents {
		c.of = r.of
		if c.ID = r.ID + "." + strconv.Itoa(i); c.TextVersion != Elsewhere {
			c.AskedBy, c.AskedName, c.At = r.clerk, r.User, r.At
		}
		all = append(all, c)
	}
	return all
}

// kept is all that is kept of a person's values and answers.
type kept struct {
	registrations []registration
	rows          []Claim       // values given later
	answers       []Consent     // answers given later
	chosen        map[ID]chosen // by record, what a person chose
}

// chosen says which claim a person chose for a field, and when: the identifiers
// of the claim and of the moment, with a space between.
type chosen map[Field]string

// keptOf reads what is kept of a person's records.
func keptOf(ctx context.Context, q db.Reader, of records) (kept, error) {
	return of.kept(ctx, q, has{lists: everyList, chosen: "?"})
}

// kept reads what is kept, asking only for the rows that there are.
func (r records) kept(ctx context.Context, q db.Reader, h has) (k kept, err error) {
	k.chosen = map[ID]chosen{}
	if h.chosen != "" || len(r) > 1 {
		if err = k.readChosen(ctx, q, r); err != nil {
			return kept{}, err
		}
	}
	if k.registrations, err = registrationsOf(ctx, q, r); err != nil {
		return kept{}, err
	}
	if h.lists.has(listClaims) {
		if k.rows, err = claimRows(ctx, q, r); err != nil {
			return kept{}, err
		}
	}
	if h.lists.has(listConsents) {
		k.answers, err = answersOf(ctx, q, r)
	}
	return k, err
}

func (k *kept) readChosen(ctx context.Context, q db.Reader, of records) error {
	type row struct {
		id   ID
		text string
	}
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT id, chosen FROM persons WHERE chosen <> '' AND id`+in, args...)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.id, &v.text)
		return v, err
	})
	for _, r := range all {
		var c chosen
		if err := json.Unmarshal([]byte(r.text), &c); err != nil {
			return fmt.Errorf("what was chosen for %s: %w", r.id, err)
		}
		k.chosen[r.id] = c
	}
	return err
}

// choice is the claim that was chosen last for a field.
func (k kept) choice(f Field) (claim string) {
	latest := ""
	for _, c := range k.chosen {
		if id, moment, _ := strings.Cut(c[f], " "); moment > latest {
			claim, latest = id, moment
		}
	}
	return claim
}

// claims are all the values ever given, in the order in which they were, with
// those in use marked.
func (k kept) claims() []Claim {
	var all []Claim
	for _, r := range k.registrations {
		all = append(all, r.claims()...)
	}
	all = append(all, k.rows...)
	moment := func(c Claim) string { id, _, _ := strings.Cut(c.ID, "."); return id }
	slices.SortStableFunc(all, func(a, b Claim) int { return strings.Compare(moment(a), moment(b)) })
	for _, f := range Fields() {
		var of []*Claim
		for i := range all {
			if all[i].Field == f {
				of = append(of, &all[i])
			}
		}
		if len(of) > 0 {
			best, why := prefer(of, k.choice(f))
			of[best].InUse, of[best].Why = true, why
		}
	}
	return all
}

// consents are all the answers ever given, in order. A later answer ends those
// before it in the same record; those given with registrations stand side by side
// until then, and so do the answers of several records.
func (k kept) consents() []Consent {
	var all []Consent
	for _, r := range k.registrations {
		all = append(all, r.consents()...)
	}
	for i := range all {
		if later := slices.IndexFunc(k.answers, func(a Consent) bool { return a.Purpose == all[i].Purpose && a.of == all[i].of }); later >= 0 {
			all[i].EndedAt = k.answers[later].At
		}
	}
	return append(all, k.answers...)
}

func (k kept) origins() (all []Origin) {
	for _, r := range k.registrations {
		all = append(all, r.Origin)
	}
	return all
}

func claimsOf(ctx context.Context, q db.Reader, of records) ([]Claim, error) {
	k, err := keptOf(ctx, q, of)
	return k.claims(), err
}

func consentsOf(ctx context.Context, q db.Reader, of records) ([]Consent, error) {
	k, err := keptOf(ctx, q, of)
	return k.consents(), err
}
