// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"embed"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/choices"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/words"
)

// Purpose is what a person agrees to, or not.
type Purpose string

// The purposes, each asked for by itself.
const (
	PurposeRegister   Purpose = "register"   // keep a file on her
	PurposeContact    Purpose = "contact"    // get in touch with her again
	PurposeCoordinate Purpose = "coordinate" // let the desks of her home area see that she is registered
	PurposeProtected  Purpose = "protected"  // write down health, ethnicity and what happened to her
	PurposePhoto      Purpose = "photo"      // keep her photograph
)

// Purposes returns the purposes in the order in which they are asked.
func Purposes() []Purpose {
	return []Purpose{PurposeRegister, PurposeContact, PurposeCoordinate, PurposeProtected, PurposePhoto}
}

// Consent says what a person answered for one purpose, who asked her, when and
// how, and in which words.
type Consent struct {
	ID          string    `json:"id,omitempty"`
	Purpose     Purpose   `json:"purpose"`
	Given       bool      `json:"given"`
	Method      string    `json:"method,omitempty"`       // see ConsentMethods
	Language    string    `json:"language,omitempty"`     // in which the words were read out
	TextVersion string    `json:"text_version,omitempty"` // which words; see ConsentText
	AskedBy     string    `json:"asked_by,omitempty"`
	AskedName   string    `json:"asked_name,omitempty"`
	At          time.Time `json:"at,omitzero"`
	EndedAt     time.Time `json:"ended_at,omitzero"` // when a later answer took its place

	of ID // the record that it is in
}

//go:embed texts/*.json
var consentTexts embed.FS

// consentText is one dated set of the words that are read out. Sets are data:
// a changed wording is a new file, and older ones stay.
type consentText struct {
	Version string                        `json:"version"`
	From    string                        `json:"from"`
	Texts   map[Purpose]map[string]string `json:"texts"` // purpose → language → words
}

var consentSets = sync.OnceValue(func() []consentText {
	files, err := consentTexts.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	var all []consentText
	for _, f := range files {
		text, err := consentTexts.ReadFile("texts/" + f.Name())
		if err != nil {
			panic(err)
		}
		var set consentText
		if err := json.Unmarshal(text, &set); err != nil {
			panic(err)
		}
		all = append(all, set)
	}
	return all
})

// ConsentVersion is the version of the words that are read out at present.
func ConsentVersion() string { return consentSets()[len(consentSets())-1].Version }

// ConsentText returns the words of a version for a purpose in a language, or
// nothing when there are none.
func ConsentText(version string, p Purpose, lang words.Lang) string {
	for _, set := range consentSets() {
		if set.Version == version {
			return set.Texts[p][string(lang)]
		}
	}
	return ""
}

func (c *Consent) read(prefix string) *fault.Error {
	c.EndedAt = time.Time{} // only a later answer ends one
	c.Method, c.Language, c.TextVersion = orElse(c.Method, "spoken"), orElse(c.Language, string(words.Bangla)), orElse(c.TextVersion, ConsentVersion())
	switch {
	case !slices.Contains(Purposes(), c.Purpose):
		return fault.New(fault.Invalid, "fault.bad_choice").On(prefix + "purpose")
	case !slices.Contains(choices.ConsentMethods(), c.Method):
		return fault.New(fault.Invalid, "fault.bad_choice").On(prefix + "method")
	case ConsentText(c.TextVersion, c.Purpose, words.Lang(c.Language)) == "":
		return fault.New(fault.Invalid, "person.consent_words_unknown").On(prefix + "text_version")
	}
	return c.readElsewhere(prefix)
}

// agreed reports whether the answer to a purpose is yes. A refusal anywhere in
// the list wins over a yes.
func agreed(consents []Consent, p Purpose) bool {
	yes := false
	for _, c := range consents {
		if c.Purpose == p && c.EndedAt.IsZero() {
			if !c.Given {
				return false
			}
			yes = true
		}
	}
	return yes
}

// current leaves out the answers whose place a later one took.
func current(all []Consent) []Consent {
	return slices.DeleteFunc(slices.Clone(all), func(c Consent) bool { return !c.EndedAt.IsZero() })
}

// Agreed reports whether a person agrees to a purpose now.
func (p Person) Agreed(purpose Purpose) bool { return agreed(p.Consents, purpose) }

// insertAnswer adds an answer that was given after the registration.
func insertAnswer(ctx context.Context, tx *db.Tx, who access.Actor, to link, c *Consent) error {
	if c.ID = newID(tx); c.TextVersion != Elsewhere {
		c.AskedBy, c.AskedName, c.At = who.ID, who.Name, tx.Now()
	}
	_, err := tx.Exec(ctx, `INSERT INTO person_consents (id, person_id, registration_id, purpose, given, method, language, text_version, asked_by, asked_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, string(to.person), to.registration, string(c.Purpose), c.Given, c.Method, c.Language, c.TextVersion, c.AskedBy, c.AskedName, c.At)
	if err != nil {
		return err
	}
	return to.has(ctx, tx, listConsents)
}

// answersOf are the answers given after the registration, in order.
func answersOf(ctx context.Context, q db.Reader, of records) ([]Consent, error) {
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT person_id, id, purpose, given, method, language, text_version, asked_by, asked_name, at, ended_at FROM person_consents WHERE person_id`+in+` ORDER BY id`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c Consent, err error) {
		err = row.Scan(&c.of, &c.ID, &c.Purpose, &c.Given, &c.Method, &c.Language, &c.TextVersion, &c.AskedBy, &c.AskedName, db.Time(&c.At), db.NullTime(&c.EndedAt))
		return c, err
	})
}

// AnswerConsent writes down a new answer for a purpose. The answer before it is
// ended, and what followed from it is undone: who no longer agrees to be seen by
// her area's desks is no longer seen by them. It holds for each of her records
// that who may change, for she was asked once.
func AnswerConsent(ctx context.Context, tx *db.Tx, who access.Actor, person ID, c Consent) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	if f := c.read(""); f != nil {
		return f
	}
	return e.each(func(id ID) error { return answer(ctx, tx, who, id, c) })
}

// answer writes down an answer in one record.
func answer(ctx context.Context, tx *db.Tx, who access.Actor, person ID, c Consent) error {
	to, err := editing{records: records{person}}.through(ctx, tx, who)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE person_consents SET ended_at = ? WHERE person_id = ? AND purpose = ? AND ended_at IS NULL`, tx.Now(), string(person), string(c.Purpose)); err != nil {
		return err
	}
	if err := insertAnswer(ctx, tx, who, to, &c); err != nil {
		return err
	}
	if err := resettle(ctx, tx, person); err != nil {
		return err
	}
	if c.Purpose == PurposePhoto && !c.Given {
		if err := dropPhoto(ctx, tx, who, person); err != nil {
			return err
		}
	}
	if err := revise(ctx, tx, person); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, audit.Entry{Subject: "person:" + string(person), Person: string(person), After: map[string]any{"consent": c}})
}
