// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/ids"
	"fera/internal/instruments"
	"fera/internal/operations"
	"fera/internal/persons"
)

// Beginning asks one questionnaire of one person.
type Beginning struct {
	Operation string // id of the act, minted by who asks; see package operations
	Person    persons.ID
	Name      string // of the questionnaire; the version is the one in use
	Language  string // in which it is asked; the definition's own when empty
}

// Begin begins an assessment and puts it in who's hands. The act may be repeated with the same operation id.
func Begin(ctx context.Context, tx *db.Tx, who access.Actor, b Beginning) (ID, error) {
	p, err := personOf(ctx, tx, who, b.Person)
	if err != nil {
		return "", err
	}
	record, registration, err := persons.Through(ctx, tx, who, access.Administer, b.Person)
	if err != nil {
		return "", err
	}
	id := ID(ids.New(tx.Now()))
	same := fmt.Appendf(nil, "assessment %s %q %q", b.Person, b.Name, b.Language)
	if earlier, err := operations.Once(ctx, tx, who, b.Operation, string(id), same); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	today := dates.Of(tx.Now())
	k, err := inUse(ctx, tx, b.Name, today)
	if err != nil {
		return "", err
	}
	if err := mayAsk(ctx, tx, who, p, k.Definition); err != nil {
		return "", err
	}
	a := Assessment{ID: id, Person: record, Registration: registration, Ref: k.Ref, Protected: sensitive(k.Definition), Status: Begun, Language: spoken(k.Definition, b.Language),
		Period: k.Definition.Period(today), By: who.Name, Hand: who.ID, HandName: who.Name, HandUntil: tx.Now().Add(HandLasts), BeganAt: tx.Now(), SavedAt: tx.Now()}
	if err := free(ctx, tx, who, a); err != nil {
		return "", err
	}
	if err := k.insert(ctx, tx, who.Name); err != nil {
		return "", fmt.Errorf("begin assessment: %w", err)
	}
	if err := insert(ctx, tx, who, a, k.Definition); err != nil {
		return "", fmt.Errorf("begin assessment: %w", err)
	}
	return id, audit.Record(ctx, tx, who, a.act(), audit.Entry{Subject: a.subject(), Person: string(a.Person), Named: []string{"assessment", a.Ref.Name}})
}

// mayAsk refuses to ask a questionnaire of a person: for the role of who asks, her age, what she agreed to, the class.
func mayAsk(ctx context.Context, q db.Reader, who access.Actor, p persons.Person, d *instruments.Definition) error {
	if len(d.Administers) > 0 && !slices.ContainsFunc(who.Roles, func(r access.Role) bool { return slices.Contains(d.Administers, string(r)) }) {
		return fault.New(fault.Forbidden, "assessment.not_yours_to_ask").On("instrument")
	}
	if sensitive(d) {
		ok, err := mayProtect(ctx, q, who, p, d)
		if err != nil || !ok {
			return errors.Join(err, fault.New(fault.Forbidden, "person.protected_not_allowed"))
		}
		if !p.Agreed(persons.PurposeProtected) {
			return fault.New(fault.Invalid, "person.protected_consent_needed").On("instrument")
		}
	}
	// A year of birth alone leaves two ages open; she is refused only if she is too young by both.
	if _, most := p.Birth.Age(dates.Of(q.Now())); most >= 0 && most < d.MinimumAge {
		if d.Younger == "child" {
			return fault.New(fault.Invalid, "assessment.child_route").With("age", d.MinimumAge).On("instrument")
		}
		return fault.New(fault.Invalid, "instrument.too_young").On("instrument")
	}
	return nil
}

// spoken is the language in which a questionnaire is asked.
func spoken(d *instruments.Definition, wanted string) string {
	if slices.ContainsFunc(d.Languages, func(l instruments.Language) bool { return l.Code == wanted }) {
		return wanted
	}
	if d.Language == "" && len(d.Languages) > 0 {
		return d.Languages[0].Code
	}
	return d.Language
}

// free refuses a second assessment where the first is not complete, or the quarter has one already, in any of her records.
func free(ctx context.Context, q db.Reader, who access.Actor, a Assessment) error {
	of, err := recordsOf(ctx, q, who, a.Person)
	if err != nil {
		return err
	}
	for _, record := range of {
		begun, err := begunOf(ctx, q, record, a.Ref.Name)
		if err != nil {
			return err
		}
		if blocks, err := anyBlocks(ctx, q, who, begun); err != nil || blocks {
			if err != nil {
				return err
			}
			return fault.New(fault.Conflict, "assessment.begun_already").On("instrument")
		}
		if a.Period == "" {
			continue
		}
		var had int
		err = q.QueryRow(ctx, `SELECT count(*) FROM assessments WHERE person_id = ? AND instrument = ? AND status = 'complete' AND period = ?`,
			string(record), a.Ref.Name, a.Period).Scan(&had)
		if err != nil {
			return err
		}
		if had > 0 {
			return fault.New(fault.Conflict, "assessment.once_a_quarter").On("instrument")
		}
	}
	return nil
}

// begunOf are the assessments of a record that are begun and not complete.
func begunOf(ctx context.Context, q db.Reader, record persons.ID, instrument string) ([]Assessment, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM assessments a WHERE a.person_id = ? AND a.instrument = ? AND a.status = 'begun' ORDER BY a.id`, string(record), instrument)
	return db.Collect(rows, err, scan)
}

// anyBlocks tells whether one of those that were begun has to be gone on with, or left alone, before another may be begun. One
// that who may not take up, and that nobody holds any more, does not: whoever asks at a desk could never ask otherwise.
func anyBlocks(ctx context.Context, q db.Reader, who access.Actor, begun []Assessment) (bool, error) {
	for _, b := range begun {
		closed, err := b.closedTo(ctx, q, who)
		if err != nil || !closed || q.Now().Before(b.HandUntil) {
			return true, err
		}
	}
	return false, nil
}

func insert(ctx context.Context, tx *db.Tx, who access.Actor, a Assessment, d *instruments.Definition) error {
	_, err := tx.Exec(ctx, `INSERT INTO assessments (id, person_id, registration_id, instrument, version, protected, status, language, period, user_name,
		hand_id, hand_name, hand_until, began_at, saved_at, round) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
		string(a.ID), string(a.Person), a.Registration, a.Ref.Name, a.Ref.Version, a.Protected, string(a.Status), a.Language, a.Period, a.By,
		a.Hand, a.HandName, a.HandUntil, a.BeganAt, a.SavedAt)
	if err != nil {
		return err
	}
	form, problems := filling.New(d)
	if form == nil {
		return fmt.Errorf("form of %s: %v", d.Name, problems)
	}
	return a.keep(ctx, tx, who, 0, kept{Answers: a.fill(form, nil, who.Name, tx.Now()).Answers()})
}

// TakeUp puts a begun assessment, or one that is being corrected, in who's hands. Of a protected one that is a look at what
// was answered so far.
func TakeUp(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	w, err := atWork(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if err := w.hold(ctx, tx, who); err != nil {
		return fmt.Errorf("take up assessment: %w", err)
	}
	act := access.Administer
	if w.Protected {
		act = access.ReadProtected
	}
	return audit.Record(ctx, tx, who, act, audit.Entry{Subject: w.subject(), Person: string(w.Person), Named: []string{"assessment", w.Ref.Name}})
}

// work is an assessment with the form and the answers of its draft.
type work struct {
	Assessment
	d       *instruments.Definition
	form    *filling.Form
	answers map[string]string
	rounds  []Round
}

// atWork finds an assessment that is being filled in or corrected, and checks that who may go on with it.
func atWork(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (work, error) {
	w, p, err := unfinished(ctx, tx, who, id)
	if err != nil {
		return work{}, err
	}
	return w, mayAsk(ctx, tx, who, p, w.d)
}

// unfinished is atWork without asking whether more may be asked: what was begun may be thrown away by who could have gone on,
// also when the person has refused since.
func unfinished(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (w work, p persons.Person, err error) {
	a, err := find(ctx, tx, who, id)
	if err != nil {
		return w, p, err
	}
	if p, err = personOf(ctx, tx, who, a.Person); err != nil {
		return w, p, err
	}
	w, err = read(ctx, tx, a)
	if err != nil {
		return w, p, err
	}
	if closed, err := a.closedTo(ctx, tx, who); err != nil || closed {
		return w, p, errors.Join(err, notFound())
	}
	if err := access.CheckOn(ctx, tx, who, access.Administer, string(a.Person)); err != nil {
		return w, p, err
	}
	if w.answers == nil {
		return w, p, fault.New(fault.Conflict, "assessment.complete_already")
	}
	return w, p, nil
}

// read opens all that is kept of an assessment.
func read(ctx context.Context, q db.Reader, a Assessment) (w work, err error) {
	w.Assessment = a
	k, err := version(ctx, q, a.Ref)
	if err != nil {
		return w, err
	}
	var problems []instruments.Problem
	w.d = k.Definition
	if w.form, problems = filling.New(w.d); w.form == nil {
		return w, fmt.Errorf("form of %s %s: %v", a.Ref.Name, a.Ref.Version, problems)
	}
	all, err := roundsOf(ctx, q, a)
	for _, r := range all {
		if r.Number == 0 {
			w.answers = r.answers
			continue
		}
		w.rounds = append(w.rounds, r)
	}
	return w, err
}

func (w *work) hold(ctx context.Context, tx *db.Tx, who access.Actor) error {
	w.Hand, w.HandName, w.HandUntil = who.ID, who.Name, tx.Now().Add(HandLasts)
	_, err := tx.Exec(ctx, `UPDATE assessments SET hand_id = ?, hand_name = ?, hand_until = ? WHERE id = ?`, w.Hand, w.HandName, w.HandUntil, string(w.ID))
	return err
}

// held refuses changes by who does not hold the assessment: it was taken up by another, or lay too long.
func (w *work) held(who access.Actor, q db.Reader) error {
	if w.Hand != who.ID || !q.Now().Before(w.HandUntil) {
		return fault.New(fault.Conflict, "assessment.not_in_hand")
	}
	return nil
}

// Answering changes what is kept of an assessment that is being filled in.
type Answering struct {
	ID      ID
	Answers map[string]string // by key; a blank one takes an answer back
	Add     string            // key of a repeat that gets another instance
	Remove  string            // key of an instance that goes
}

// The bounds of answers.
const (
	mostAnswer = 10_000  // letters
	mostBytes  = 1 << 20 // of all answers together
)

// Save keeps answers as they are, right or not, and raises at once what needs somebody. Nothing of it is in the trail except
// alerts: what is not complete is not recorded yet.
func Save(ctx context.Context, tx *db.Tx, who access.Actor, s Answering) (Opened, error) {
	w, err := atWork(ctx, tx, who, s.ID)
	if err != nil {
		return Opened{}, err
	}
	if err := w.held(who, tx); err != nil {
		return Opened{}, err
	}
	f := w.fill(w.form, w.answers, who.Name, tx.Now())
	if err := s.apply(f); err != nil {
		return Opened{}, err
	}
	w.answers = f.Answers()
	size := 0
	for key, v := range w.answers {
		size += len(key) + len(v)
	}
	if size > mostBytes {
		return Opened{}, fault.New(fault.Invalid, "draft.too_large")
	}
	if err := w.saved(ctx, tx, who); err != nil {
		return Opened{}, fmt.Errorf("save answers: %w", err)
	}
	raised, err := raise(ctx, tx, who, w.Assessment, f.Alarms())
	if err != nil {
		return Opened{}, fmt.Errorf("save answers: %w", err)
	}
	if raised == 0 {
		tx.Recorded()
	}
	o, err := w.opened(ctx, tx, who, f)
	o.Working = true
	return o, err
}

// saved writes the draft and lengthens the time in hand.
func (w *work) saved(ctx context.Context, tx *db.Tx, who access.Actor) error {
	if err := w.keep(ctx, tx, who, 0, kept{Answers: w.answers}); err != nil {
		return err
	}
	w.SavedAt, w.HandUntil = tx.Now(), tx.Now().Add(HandLasts)
	_, err := tx.Exec(ctx, `UPDATE assessments SET saved_at = ?, hand_until = ? WHERE id = ?`, w.SavedAt, w.HandUntil, string(w.ID))
	return err
}

func (s Answering) apply(f *filling.Filling) error {
	for key, v := range s.Answers {
		if utf8.RuneCountInString(v) > mostAnswer {
			return fault.New(fault.Invalid, "fault.too_long").With("max", mostAnswer).On(key)
		}
	}
	if err := f.AnswerAll(s.Answers); err != nil {
		return err
	}
	if s.Add != "" {
		if err := f.Add(s.Add); err != nil {
			return err
		}
	}
	if s.Remove != "" {
		return f.Remove(s.Remove)
	}
	return nil
}

// Drop throws away what was begun, or a correction that was begun. What was completed stays, and so do alerts.
func Drop(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	w, _, err := unfinished(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM assessment_answers WHERE assessment_id = ? AND round = 0`, string(id)); err != nil {
		return fmt.Errorf("drop assessment: %w", err)
	}
	if w.Status == Begun {
		if _, err := tx.Exec(ctx, `UPDATE assessments SET status = 'dropped', hand_until = NULL WHERE id = ?`, string(id)); err != nil {
			return fmt.Errorf("drop assessment: %w", err)
		}
	}
	return audit.Record(ctx, tx, who, w.act(), audit.Entry{Subject: w.subject(), Person: string(w.Person), Named: []string{"assessment_dropped", w.Ref.Name}})
}
