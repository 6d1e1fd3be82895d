// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/names"
	"fera/internal/seal"
)

// Field names one fact about a person that may have several values, each with
// its source.
type Field string

// The fields. Ethnicity and mother tongue are sealed: they are sensitive by law.
const (
	NameBn       Field = "name_bn"
	NameLatin    Field = "name_latin"
	CallName     Field = "call_name"
	SexField     Field = "sex"
	Birth        Field = "birth"
	FatherName   Field = "father_name"
	MotherName   Field = "mother_name"
	SpouseName   Field = "spouse_name"
	Home         Field = "home"      // code of an administrative unit
	HomeText     Field = "home_text" // village, house, landmark
	Marital      Field = "marital"
	Schooling    Field = "schooling"
	DoNotContact Field = "do_not_contact"
	PapersHome   Field = "papers_home" // whether paper about her is safe where she lives
	Ethnicity    Field = "ethnicity"
	MotherTongue Field = "mother_tongue"
)

// Fields returns all fields in the order in which a record shows them.
func Fields() []Field {
	return []Field{NameBn, NameLatin, CallName, SexField, Birth, FatherName, MotherName, SpouseName, Home, HomeText, Marital, Schooling,
		DoNotContact, PapersHome, Ethnicity, MotherTongue}
}

// Protected reports whether the field's values are sealed.
func (f Field) Protected() bool { return f == Ethnicity || f == MotherTongue }

// Source says how a value is known.
type Source string

// The sources, from the most to the least trusted. Papers come before words.
const (
	FromNID      Source = "nid"
	FromPassport Source = "passport"
	FromBirth    Source = "birth_registration"
	FromPaper    Source = "other_paper"
	OwnWord      Source = "own_word"
	Relative     Source = "relative"
	Handed       Source = "handed_over" // by another organisation with its case
	OfficersEye  Source = "officer"
)

// Sources returns the sources in order of trust.
func Sources() []Source {
	return []Source{FromNID, FromPassport, FromBirth, FromPaper, OwnWord, Relative, Handed, OfficersEye}
}

// paper reports whether the source is a document that was seen.
func (s Source) paper() bool {
	return s == FromNID || s == FromPassport || s == FromBirth || s == FromPaper
}

// Claim is one value for a field, with where it comes from.
type Claim struct {
	ID           string
	Registration string
	Field        Field
	Value        string
	Source       Source
	At           time.Time
	By           string // name of who entered it
	InUse        bool
	Why          string // message key suffix: only, paper, newest, chosen

	of ID // the record that it is in
}

// Why a claim is in use.
const (
	whyOnly   = "only"   // there is no other
	whyPaper  = "paper"  // it stands on a paper that was seen
	whyNewest = "newest" // it is the newest of equal standing
	whyChosen = "chosen" // a person decided
)

// prefer says which of a field's claims is in use and why: what a person chose,
// else what stands on a paper, else what is trusted more, else the newest.
func prefer(claims []*Claim, chosen string) (best int, why string) {
	if len(claims) == 1 {
		return 0, whyOnly
	}
	if at := slices.IndexFunc(claims, func(c *Claim) bool { return c.ID == chosen }); at >= 0 {
		return at, whyChosen
	}
	trust := Sources()
	rank := func(c *Claim) int {
		if c.Source.paper() || c.Field == PapersHome {
			return 0 // what is safe now is what was said last; among papers the newest counts: a corrected card replaces the old one
		}
		return 1 + slices.Index(trust, c.Source)
	}
	for i := range claims {
		if r, b := rank(claims[i]), rank(claims[best]); r < b || (r == b && claims[i].ID > claims[best].ID) {
			best = i
		}
	}
	if claims[best].Source.paper() {
		return best, whyPaper
	}
	return best, whyNewest
}

// readValue checks what was given for a field and returns it in the form kept.
func readValue(f Field, value string, today dates.Partial) (string, *fault.Error) {
	const longest = 200
	clean, problem := names.Check(value, longest)
	if problem != "" {
		return "", fault.New(fault.Invalid, problem).With("max", longest).On(string(f))
	}
	if clean == "" {
		return "", nil
	}
	switch f {
	case SexField:
		return oneOf(f, clean, string(Female), string(Male), string(Other), string(Unsaid))
	case Birth:
		return readBirth(clean, today)
	case Home:
		if _, ok := geo.Find(clean); !ok {
			return "", fault.New(fault.Invalid, "person.place_unknown").On(string(f))
		}
	case Marital:
		return oneOf(f, clean, choices.MaritalStates()...)
	case Schooling:
		return oneOf(f, clean, choices.SchoolingLevels()...)
	case DoNotContact, PapersHome:
		return oneOf(f, clean, "yes", "no")
	}
	return clean, nil
}

func oneOf(f Field, value string, allowed ...string) (string, *fault.Error) {
	if !slices.Contains(allowed, value) {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On(string(f))
	}
	return value, nil
}

func readBirth(text string, today dates.Partial) (string, *fault.Error) {
	d, err := dates.Parse(text)
	if err != nil {
		if f := fault.Of(err); f != nil {
			return "", f.On(string(Birth))
		}
		return "", fault.New(fault.Invalid, "date.unreadable").On(string(Birth))
	}
	if lo, _ := d.Age(today); d.String() > today.String() || lo > 120 {
		return "", fault.New(fault.Invalid, "person.birth_implausible").On(string(Birth))
	}
	return d.String(), nil
}

func claimRows(ctx context.Context, q db.Reader, of records) ([]Claim, error) {
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT person_id, id, registration_id, field, value, source, at, user_name FROM person_claims WHERE person_id`+in+` ORDER BY id`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c Claim, err error) {
		err = row.Scan(&c.of, &c.ID, &c.Registration, &c.Field, &c.Value, &c.Source, db.Time(&c.At), &c.By)
		return c, err
	})
}

// insertClaims adds values to a person, all through one registration, in one statement.
func insertClaims(ctx context.Context, tx *db.Tx, who access.Actor, to link, claims []Claim) error {
	if len(claims) == 0 {
		return nil
	}
	args := make([]any, 0, 9*len(claims))
	for i := range claims {
		c := &claims[i]
		c.ID, c.Registration, c.At, c.By = newID(tx), to.registration, tx.Now(), who.Name
		value, sealed := c.Value, []byte(nil)
		if c.Field.Protected() {
			var err error
			if sealed, err = seal.Seal(ctx, tx, string(to.person), "person_claims:"+c.ID, []byte(c.Value)); err != nil {
				return err
			}
			value = ""
		}
		args = append(args, c.ID, string(to.person), to.registration, string(c.Field), value, sealed, string(c.Source), c.At, c.By)
	}
	_, err := tx.Exec(ctx, `INSERT INTO person_claims (id, person_id, registration_id, field, value, sealed, source, at, user_name) VALUES `+
		db.Values(len(claims), 9), args...)
	if err != nil {
		return err
	}
	return to.has(ctx, tx, listClaims)
}

// Choice says which of several values is to be used, and why.
type Choice struct {
	Person  ID
	Version int
	Claim   string
	Reason  string
}

// Choose puts a claim in use instead of the one that is, because a person
// decided so. The other values stay.
func Choose(ctx context.Context, tx *db.Tx, who access.Actor, o Choice) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, o.Person)
	if err != nil {
		return err
	}
	reason, problem := names.CheckText(o.Reason, 500)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 500).On("reason")
	}
	k, err := keptOf(ctx, tx, e.records)
	if err != nil {
		return err
	}
	all := k.claims()
	at := slices.IndexFunc(all, func(c Claim) bool { return c.ID == o.Claim })
	if at < 0 {
		return fault.New(fault.NotFound, "person.claim_not_found")
	}
	field, in := all[at].Field, all[at].of
	if err := e.mayProtect(ctx, tx, who, in, field.Protected()); err != nil {
		return err
	}
	if err := e.at(o.Version); err != nil {
		return err
	}
	before := map[string]string{string(field): inUse(all, field)}
	if err := k.choose(ctx, tx, all[at]); err != nil {
		return err
	}
	if err := refresh(ctx, tx, in); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, audit.Entry{Subject: "person:" + string(in), Person: string(in),
		Before: before, After: map[string]string{string(field): all[at].Value}, Reason: reason})
}

// choose keeps that a person decided for a claim, in the record that the claim is in.
func (k kept) choose(ctx context.Context, tx *db.Tx, c Claim) error {
	own := maps.Clone(k.chosen[c.of])
	if own == nil {
		own = chosen{}
	}
	own[c.Field] = c.ID + " " + newID(tx)
	text, err := json.Marshal(own)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE persons SET chosen = ? WHERE id = ?`, string(text), string(c.of))
	return err
}
