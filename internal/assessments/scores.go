// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/persons"
)

// Scored is what a round comes to by one version of the questionnaire.
type Scored struct {
	Round   int
	Version string // of the definition that scored it
	At      time.Time
	Results []instruments.Result
}

// score keeps the scores of the latest round by a version. What is kept already stays.
func (a Assessment) score(ctx context.Context, tx *db.Tx, version string, f *filling.Filling) error {
	sealed, err := sealJSON(ctx, tx, a.Person, scoresPlace(a.ID, a.Round, version), f.Scores())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO assessment_scores (assessment_id, round, version, sealed, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(a.ID), a.Round, version, sealed, tx.Now())
	return err
}

// scoresOf opens the scores of an assessment: of the latest round first, and of each by the version that it was asked by first.
func scoresOf(ctx context.Context, q db.Reader, a Assessment) ([]Scored, error) {
	type row struct {
		Scored
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT round, version, sealed, at FROM assessment_scores WHERE assessment_id = ? ORDER BY round DESC, at, version`, string(a.ID))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.Round, &v.Version, &v.sealed, db.Time(&v.At))
		return v, err
	})
	scores := make([]Scored, len(all))
	for i, r := range all {
		scores[i] = r.Scored
		if scores[i].Results, err = openJSON[[]instruments.Result](ctx, q, a.Person, scoresPlace(a.ID, r.Round, r.Version), r.sealed); err != nil {
			return nil, fmt.Errorf("scores of %s: %w", a.ID, err)
		}
	}
	return scores, err
}

// Rescore works out what the latest answers come to by another version of the same questionnaire, and keeps that beside the
// scores that are there.
func Rescore(ctx context.Context, tx *db.Tx, who access.Actor, id ID, by string) error {
	a, err := find(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if err := mayOpen(ctx, tx, who, a); err != nil {
		return err
	}
	if err := access.CheckOn(ctx, tx, who, access.Administer, string(a.Person)); err != nil {
		return err
	}
	k, err := version(ctx, tx, Ref{a.Ref.Name, by})
	if err != nil {
		return err
	}
	switch {
	case a.Round == 0:
		return fault.New(fault.Conflict, "assessment.not_complete")
	case !k.activated:
		return fault.New(fault.Conflict, "instrument.not_active")
	}
	if err := a.rescore(ctx, tx, who, k); err != nil {
		return fmt.Errorf("score anew: %w", err)
	}
	return nil
}

// Point is one completed assessment of a course, with the scores of its latest round: by the version it was asked by first,
// then by others. Scores by different versions are never put together.
type Point struct {
	Assessment
	Scores []Scored
}

// Course returns the scores of a person by one questionnaire of class 2 over time, the earliest first.
func Course(ctx context.Context, q db.Reader, who access.Actor, person persons.ID, name string) ([]Point, error) {
	points, protected, err := course(ctx, q, who, person, name)
	if err == nil && protected {
		return nil, fault.New(fault.Forbidden, "assessment.closed")
	}
	return points, err
}

// LookCourse is Course for either class. That it was looked at is in the trail, if any of it is protected.
func LookCourse(ctx context.Context, tx *db.Tx, who access.Actor, person persons.ID, name string) ([]Point, error) {
	points, protected, err := course(ctx, tx, who, person, name)
	if err != nil || !protected {
		return points, err
	}
	tx.Allowed()
	return points, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "person:" + string(person), Person: string(person), Named: []string{"assessment", name}})
}

func course(ctx context.Context, q db.Reader, who access.Actor, person persons.ID, name string) (points []Point, protected bool, err error) {
	if _, err := personOf(ctx, q, who, person); err != nil {
		return nil, false, err
	}
	of, err := recordsOf(ctx, q, who, person)
	if err != nil {
		return nil, false, err
	}
	var all []Assessment
	for _, record := range of {
		rows, err := q.Query(ctx, `SELECT `+columns+` FROM assessments a WHERE a.person_id = ? AND a.instrument = ? AND a.status = 'complete'`, string(record), name)
		some, err := db.Collect(rows, err, scan)
		if err != nil {
			return nil, false, fmt.Errorf("scores over time: %w", err)
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b Assessment) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for _, a := range all {
		if mayOpen(ctx, q, who, a) != nil {
			continue
		}
		scores, err := scoresOf(ctx, q, a)
		if err != nil {
			return nil, false, fmt.Errorf("scores over time: %w", err)
		}
		scores = slices.DeleteFunc(scores, func(s Scored) bool { return s.Round != a.Round })
		points, protected = append(points, Point{a, scores}), protected || a.Protected
	}
	if len(points) == 0 {
		return nil, false, notFound()
	}
	return points, protected, nil
}
