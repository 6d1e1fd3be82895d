// SPDX-License-Identifier: Apache-2.0

// Package assessments keeps what people answered to questionnaires, and which questionnaires there are.
//
// A questionnaire is known by its name and version. Those that ship (package questionnaires) are known at once; others are
// brought in. A version never changes. Only one that is in use may be begun.
//
// An assessment is one questionnaire asked of one person. While it is filled in it lies in one pair of hands, and every
// change is kept. What was completed stays for ever: a correction is a further round with its reason, a score by a newer
// version of the questionnaire stands beside the older one. All answers and scores are sealed under the person's key.
//
// If any answer of a questionnaire is of class 3, the whole assessment is protected: only who sees the person's class-3
// data learns that there is one, and each look is in the trail. Two ways lead past that, and docs/adr/0026 says why: who
// holds an assessment in her hands sees what she herself writes, and who has to act on an alert sees its reason.
package assessments

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/seal"
)

// ID identifies an assessment.
type ID string

// Status is where an assessment stands.
type Status string

// The statuses, in order of life. A correction does not change the status.
const (
	Begun    Status = "begun"
	Complete Status = "complete"
	Dropped  Status = "dropped" // begun, and thrown away with its answers
)

// HandLasts is how long an assessment stays in the hands of who goes on with it, after the last change. Another may take it
// up at any time; afterwards so must she, and that look is in the trail.
const HandLasts = 3 * time.Hour

// Assessment is one questionnaire asked of one person, without what was answered.
type Assessment struct {
	ID           ID
	Person       persons.ID
	Registration string // through which it belongs to her
	Ref          Ref
	Protected    bool // class 3
	Status       Status
	Language     string // in which it is asked
	Period       string // "2026-Q1", if it is asked once in a quarter
	By           string // who began it
	Hand         string // user who goes on with it, or did last
	HandName     string
	HandUntil    time.Time // when it leaves those hands
	BeganAt      time.Time
	SavedAt      time.Time
	CompletedAt  time.Time
	Round        int // the latest: 0 before it is complete, 1 as first given, more after corrections
}

// Day is the day that the answers are about: when it was begun.
func (a Assessment) Day() dates.Partial { return dates.Of(a.BeganAt) }

const columns = `a.id, a.person_id, a.registration_id, a.instrument, a.version, a.protected, a.status, a.language, a.period, a.user_name,
	a.hand_id, a.hand_name, a.hand_until, a.began_at, a.saved_at, a.completed_at, a.round`

func scan(row interface{ Scan(...any) error }) (a Assessment, err error) {
	err = row.Scan(&a.ID, &a.Person, &a.Registration, &a.Ref.Name, &a.Ref.Version, &a.Protected, &a.Status, &a.Language, &a.Period, &a.By,
		&a.Hand, &a.HandName, db.NullTime(&a.HandUntil), db.Time(&a.BeganAt), db.Time(&a.SavedAt), db.NullTime(&a.CompletedAt), &a.Round)
	return a, err
}

// notFound answers for an assessment that is not there, and for one that who may not see.
func notFound() error { return fault.New(fault.NotFound, "assessment.not_found") }

// find returns an assessment of a person whom who may see wholly, whatever its class.
func find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Assessment, error) {
	may, args := access.Where(who, access.ReadPersons, "a.person_id")
	a, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM assessments a WHERE a.id = ? AND a.status <> 'dropped' AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Assessment{}, notFound()
	}
	return a, err
}

// personOf finds a person about whom answers may be written or read.
func personOf(ctx context.Context, q db.Reader, who access.Actor, id persons.ID) (persons.Person, error) {
	p, err := persons.Find(ctx, q, who, id)
	switch {
	case err != nil:
		return persons.Person{}, err
	case p.CardOnly:
		return persons.Person{}, fault.New(fault.Forbidden, "person.card_only")
	case !p.ErasedAt.IsZero():
		return persons.Person{}, fault.New(fault.Invalid, "person.erased")
	}
	return p, nil
}

// recordsOf are those of a person's records whose assessments are looked at: she may have been registered more than once, and
// each assessment belongs to the record through which she was asked.
func recordsOf(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) ([]persons.ID, error) {
	all, err := persons.Records(ctx, q, who, access.ReadPersons, person)
	if err == nil && len(all) == 0 {
		all = []persons.ID{person}
	}
	return all, err
}

// act is the permission under which the trail enters what is done to an assessment: what is protected goes with the other
// class-3 acts, so that who may not see those does not learn from the trail that there is one.
func (a Assessment) act() access.Permission {
	if a.Protected {
		return access.ChangeProtected
	}
	return access.Administer
}

func (a Assessment) subject() string { return "assessment:" + string(a.ID) }

// sensitive tells whether any answer of a questionnaire, or its scores, are of class 3.
func sensitive(d *instruments.Definition) bool {
	if d.Class == 3 || d.ClassScores == 3 {
		return true
	}
	found := false
	d.Walk(func(item *instruments.Item, _ []*instruments.Item) { found = found || d.ClassOf(item) == 3 })
	return found
}

// Sensitive tells whether a questionnaire may be asked only of who agreed that protected things are written down.
func (k Known) Sensitive() bool { return sensitive(k.Definition) }

// kept is what is sealed of a round.
type kept struct {
	Answers map[string]string `json:"answers"`
	Reason  string            `json:"reason,omitempty"` // of a correction
}

// answersPlace and the other places say where a sealed text belongs.
func answersPlace(id ID, round int) string {
	return fmt.Sprintf("assessment_answers:%s:%d", id, round)
}

func scoresPlace(id ID, round int, version string) string {
	return fmt.Sprintf("assessment_scores:%s:%d:%s", id, round, version)
}

func alertPlace(id string) string { return "assessment_alerts:" + id }

// sealJSON seals a value as JSON under the person's key.
func sealJSON(ctx context.Context, q db.Reader, person persons.ID, place string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return seal.Seal(ctx, q, string(person), place, text)
}

// openJSON opens what sealJSON sealed.
func openJSON[T any](ctx context.Context, q db.Reader, person persons.ID, place string, sealed []byte) (v T, err error) {
	text, err := seal.Open(ctx, q, string(person), place, sealed)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(text, &v)
}

// Round is one set of answers that was completed.
type Round struct {
	Number int
	By     string
	At     time.Time
	Reason string // why it was corrected; none for the first

	answers map[string]string
}

// roundsOf opens the rounds of an assessment, in order; round 0 is the draft.
func roundsOf(ctx context.Context, q db.Reader, a Assessment) ([]Round, error) {
	type row struct {
		Round
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT round, sealed, user_name, at FROM assessment_answers WHERE assessment_id = ? ORDER BY round`, string(a.ID))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.Number, &v.sealed, &v.By, db.Time(&v.At))
		return v, err
	})
	rounds := make([]Round, len(all))
	for i, r := range all {
		k, err := openJSON[kept](ctx, q, a.Person, answersPlace(a.ID, r.Number), r.sealed)
		if err != nil {
			return nil, fmt.Errorf("answers of %s: %w", a.ID, err)
		}
		rounds[i] = r.Round
		rounds[i].Reason, rounds[i].answers = k.Reason, k.Answers
	}
	return rounds, err
}

// keep seals a round of answers.
func (a Assessment) keep(ctx context.Context, tx *db.Tx, who access.Actor, round int, k kept) error {
	sealed, err := sealJSON(ctx, tx, a.Person, answersPlace(a.ID, round), k)
	if err != nil {
		return err
	}
	if round == 0 {
		_, err = tx.Exec(ctx, `INSERT INTO assessment_answers (assessment_id, round, sealed, user_name, at) VALUES (?, 0, ?, ?, ?)
			ON CONFLICT (assessment_id, round) DO UPDATE SET sealed = excluded.sealed, user_name = excluded.user_name, at = excluded.at`,
			string(a.ID), sealed, who.Name, tx.Now())
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO assessment_answers (assessment_id, round, sealed, user_name, at) VALUES (?, ?, ?, ?, ?)`,
		string(a.ID), round, sealed, who.Name, tx.Now())
	return err
}

// fill makes a filling of the answers of a round, as it stood at a moment.
func (a Assessment) fill(f *filling.Form, answers map[string]string, by string, at time.Time) *filling.Filling {
	return f.Begin(answers, filling.Occasion{Began: a.BeganAt.In(dates.Dhaka()), Now: at.In(dates.Dhaka()), Language: a.Language, User: by, Seed: string(a.ID)})
}
