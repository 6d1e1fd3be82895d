// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/persons"
)

// Opened is an assessment with what was answered.
type Opened struct {
	Assessment
	Definition *instruments.Definition // not to be changed
	Filling    *filling.Filling        // of the draft, if there is one and it is asked for, else of the latest round
	Working    bool                    // it is being filled in or corrected
	Rounds     []Round
	Scores     []Scored // the latest first
	Alerts     []Alert  // those ever raised
	Heard      bool     // there is somebody to be told of alerts

	form *filling.Form
}

// At fills the form with an earlier round.
func (o Opened) At(round int) *filling.Filling {
	for _, r := range o.Rounds {
		if r.Number == round {
			return o.fill(o.form, r.answers, r.By, r.At)
		}
	}
	return nil
}

// opened adds to a filling all that is known of the assessment.
func (w *work) opened(ctx context.Context, q db.Reader, who access.Actor, f *filling.Filling) (o Opened, err error) {
	o = Opened{Assessment: w.Assessment, Definition: w.d, Filling: f, Rounds: w.rounds, form: w.form}
	if o.Scores, err = scoresOf(ctx, q, w.Assessment); err != nil {
		return o, err
	}
	if o.Alerts, err = alertsOf(ctx, q, w.Assessment); err != nil || len(o.Alerts) == 0 {
		return o, err
	}
	told, err := watchers(ctx, q, w.Person)
	if o.Heard = len(told) > 0; err != nil || !w.Protected {
		return o, err
	}
	sees, _, err := access.SeesProtected(ctx, q, who, string(w.Person))
	for i := range o.Alerts {
		if !sees {
			o.Alerts[i].Done = "" // she sees what she wrote herself, and not what others wrote about it
		}
	}
	return o, err
}

// InHand returns what who is filling in or correcting, as long as it is in her hands.
func InHand(ctx context.Context, q db.Reader, who access.Actor, id ID) (Opened, error) {
	a, err := find(ctx, q, who, id)
	if err != nil {
		return Opened{}, err
	}
	if a.Hand != who.ID {
		if err := mayOpen(ctx, q, who, a); err != nil {
			return Opened{}, err
		}
	}
	if _, err := personOf(ctx, q, who, a.Person); err != nil {
		return Opened{}, err
	}
	w, err := read(ctx, q, a)
	if err != nil {
		return Opened{}, err
	}
	if w.answers == nil {
		return Opened{}, fault.New(fault.Conflict, "assessment.complete_already")
	}
	if err := w.held(who, q); err != nil {
		return Opened{}, err
	}
	o, err := w.opened(ctx, q, who, w.fill(w.form, w.answers, who.Name, q.Now()))
	o.Working = true
	return o, err
}

// Find returns an assessment of class 2 with its latest answers. For what is protected there is Look.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Opened, error) {
	a, err := find(ctx, q, who, id)
	if err != nil {
		return Opened{}, err
	}
	if err := mayOpen(ctx, q, who, a); err != nil {
		return Opened{}, err
	}
	if a.Protected {
		return Opened{}, fault.New(fault.Forbidden, "assessment.closed")
	}
	return latest(ctx, q, who, a)
}

// Look opens an assessment of either class. That it was looked at is in the trail, if it is protected.
func Look(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Opened, error) {
	a, err := find(ctx, tx, who, id)
	if err != nil {
		return Opened{}, err
	}
	if err := mayOpen(ctx, tx, who, a); err != nil {
		return Opened{}, err
	}
	o, err := latest(ctx, tx, who, a)
	if err != nil || !a.Protected {
		return o, err
	}
	tx.Allowed()
	return o, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: a.subject(), Person: string(a.Person), Named: []string{"assessment", a.Ref.Name}})
}

// LookAtTwo opens two completed assessments of one person by one questionnaire, the earlier first. Both looks are in the trail.
func LookAtTwo(ctx context.Context, tx *db.Tx, who access.Actor, one, other ID) (first, second Opened, err error) {
	if first, err = Look(ctx, tx, who, one); err != nil {
		return first, second, err
	}
	if second, err = Look(ctx, tx, who, other); err != nil {
		return first, second, err
	}
	if first.Person != second.Person || first.Ref.Name != second.Ref.Name || first.Round == 0 || second.Round == 0 {
		return Opened{}, Opened{}, notFound()
	}
	if second.BeganAt.Before(first.BeganAt) {
		first, second = second, first
	}
	return first, second, nil
}

// latest opens the latest round; of one that was never completed, the draft.
func latest(ctx context.Context, q db.Reader, who access.Actor, a Assessment) (Opened, error) {
	if _, err := personOf(ctx, q, who, a.Person); err != nil {
		return Opened{}, err
	}
	w, err := read(ctx, q, a)
	if err != nil {
		return Opened{}, fmt.Errorf("open assessment: %w", err)
	}
	answers, by, at := w.answers, a.HandName, a.SavedAt
	if n := len(w.rounds); n > 0 {
		answers, by, at = w.rounds[n-1].answers, w.rounds[n-1].By, w.rounds[n-1].At
	}
	working := w.answers != nil
	o, err := w.opened(ctx, q, who, w.fill(w.form, answers, by, at))
	o.Working = working
	return o, err
}

// Listed is an assessment as a list shows it.
type Listed struct {
	Assessment
	Title   instruments.Texts
	Working bool // it is being filled in or corrected
}

// List returns the assessments of a person that who may see, the latest first. Those that are protected are there for who
// sees her class-3 data, and while she holds them, for who is filling them in.
func List(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) ([]Listed, error) {
	if _, err := personOf(ctx, q, who, person); err != nil {
		return nil, err
	}
	of, err := recordsOf(ctx, q, who, person)
	if err != nil {
		return nil, err
	}
	var all []Listed
	for _, record := range of {
		some, err := listOf(ctx, q, who, record)
		if err != nil {
			return nil, fmt.Errorf("list assessments: %w", err)
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b Listed) int { return strings.Compare(string(b.ID), string(a.ID)) })
	titles := map[Ref]instruments.Texts{}
	for i := range all {
		ref := all[i].Ref
		if titles[ref] == nil {
			k, err := version(ctx, q, ref)
			if err != nil {
				return nil, fmt.Errorf("list assessments: %w", err)
			}
			titles[ref] = k.Definition.Title
		}
		all[i].Title = titles[ref]
	}
	return all, nil
}

// listOf are the assessments of one record that who may see.
func listOf(ctx context.Context, q db.Reader, who access.Actor, record persons.ID) ([]Listed, error) {
	sees, _, err := access.SeesProtected(ctx, q, who, string(record))
	if err != nil {
		return nil, err
	}
	plain, err := access.Reaches(ctx, q, who, access.ReadAssessments, string(record))
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+columns+`, EXISTS (SELECT 1 FROM assessment_answers d WHERE d.assessment_id = a.id AND d.round = 0)
		FROM assessments a WHERE a.person_id = ? AND a.status <> 'dropped'`, string(record))
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (l Listed, err error) {
		l.Assessment, err = scan(also{row, []any{&l.Working}})
		return l, err
	})
	var some []Listed
	for _, l := range all {
		own := l.Working && l.Hand == who.ID && q.Now().Before(l.HandUntil)
		if l.Protected && !sees && !own && err == nil {
			own, err = l.ownSheet(ctx, q, who)
		}
		if own || l.Protected && sees || !l.Protected && plain {
			some = append(some, l)
		}
	}
	return some, err
}

// also scans the columns of an assessment and further places in one row.
type also struct {
	row  interface{ Scan(...any) error }
	more []any
}

// Scan reads the row.
func (a also) Scan(dest ...any) error { return a.row.Scan(append(dest, a.more...)...) }

// Offer is a questionnaire that may be begun with a person, or why not.
type Offer struct {
	Known
	Why   *fault.Error // why not; nil if it may
	Begun ID           // the one that is not complete yet
}

// Offered lists the questionnaires that are in use, as far as they concern who may ask a person, by name.
func Offered(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) ([]Offer, error) {
	p, err := personOf(ctx, q, who, person)
	if err != nil {
		return nil, err
	}
	if ok, err := p.Reached(ctx, q, who, access.Administer); err != nil || !ok {
		return nil, err
	}
	protects, err := p.Reached(ctx, q, who, access.ChangeProtected)
	if err != nil {
		return nil, err
	}
	screens, err := p.Reached(ctx, q, who, access.Screen)
	if err != nil {
		return nil, err
	}
	all, err := known(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("offer questionnaires: %w", err)
	}
	today := dates.Of(q.Now())
	var offers []Offer
	for _, k := range current(all, today) {
		if sensitive(k.Definition) && !protects && !(k.Definition.Sorts && screens) {
			continue
		}
		o := Offer{Known: k}
		err := mayAsk(ctx, q, who, p, k.Definition)
		if err == nil {
			err = free(ctx, q, who, Assessment{Person: person, Ref: k.Ref, Period: k.Definition.Period(today)})
		}
		if o.Why = fault.Of(err); err != nil && o.Why == nil {
			return nil, err
		}
		if o.Why != nil && o.Why.Key == "assessment.begun_already" {
			if o.Begun, err = begunAnywhere(ctx, q, who, person, k.Name); err != nil {
				return nil, err
			}
		}
		offers = append(offers, o)
	}
	return offers, nil
}

// begunAnywhere is the assessment that is begun in one of a person's records and may be gone on with.
func begunAnywhere(ctx context.Context, q db.Reader, who access.Actor, person persons.ID, instrument string) (begun ID, err error) {
	of, err := recordsOf(ctx, q, who, person)
	for _, record := range of {
		if begun == "" && err == nil {
			begun, err = openTo(ctx, q, who, record, instrument)
		}
	}
	return begun, err
}

// openTo is the first that was begun in a record and is not closed to who; empty if there is none.
func openTo(ctx context.Context, q db.Reader, who access.Actor, record persons.ID, instrument string) (ID, error) {
	all, err := begunOf(ctx, q, record, instrument)
	for _, b := range all {
		if closed, err := b.closedTo(ctx, q, who); err != nil || !closed {
			return b.ID, err
		}
	}
	return "", err
}

// Forget destroys all answers, scores and alerts of a person who is being erased. What stays is which questionnaire was asked
// and when, for totals. It checks nothing and enters nothing: the act that it is part of does.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	for _, statement := range []string{
		`DELETE FROM assessment_alerts WHERE person_id = ?`,
		`DELETE FROM assessment_scores WHERE assessment_id IN (SELECT id FROM assessments WHERE person_id = ?)`,
		`DELETE FROM assessment_answers WHERE assessment_id IN (SELECT id FROM assessments WHERE person_id = ?)`,
		`UPDATE assessments SET user_name = '', hand_id = '', hand_name = '', hand_until = NULL, language = '' WHERE person_id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, string(person)); err != nil {
			return fmt.Errorf("forget assessments: %w", err)
		}
	}
	return nil
}
