// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

// try does an act for good or not at all, and returns how it was answered.
func try(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

var errUndo = errors.New("undo")

// tryOut does an act and undoes it, and returns how it was answered.
func tryOut(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) (answer error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		answer = fn(t.Context(), tx)
		return errUndo
	}); !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	return answer
}

func reading(t *testing.T, d *db.DB, fn func(ctx context.Context, q db.Reader) error) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) error { return fn(t.Context(), q) }); err != nil {
		t.Fatal(err)
	}
}

func key(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if key(err) != want {
		t.Errorf("answered %v, want %s", err, want)
	}
}

// rahima registers a woman who agreed that protected things are written down.
func rahima(t *testing.T, d *db.DB, change ...func(r *persons.Registration)) (id persons.ID) {
	t.Helper()
	r := worldtest.Rahima()
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	for _, c := range change {
		c(&r)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = persons.Register(ctx, tx, worldtest.Amina(), r)
		return err
	})
	return id
}

func begin(t *testing.T, d *db.DB, who access.Actor, p persons.ID, name string) (id assessments.ID) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = assessments.Begin(ctx, tx, who, assessments.Beginning{Person: p, Name: name, Language: "bn"})
		return err
	})
	return id
}

func save(t *testing.T, d *db.DB, who access.Actor, id assessments.ID, answers map[string]string) (o assessments.Opened) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = assessments.Save(ctx, tx, who, assessments.Answering{ID: id, Answers: answers})
		return err
	})
	return o
}

func finish(t *testing.T, d *db.DB, who access.Actor, id assessments.ID, reason string) (o assessments.Opened) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = assessments.Finish(ctx, tx, who, assessments.Completing{ID: id, Reason: reason})
		return err
	})
	return o
}

func look(t *testing.T, d *db.DB, who access.Actor, id assessments.ID) (o assessments.Opened, err error) {
	t.Helper()
	err = try(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = assessments.Look(ctx, tx, who, id)
		return err
	})
	return o, err
}

// phq9 is answers to the nine items, in order.
func phq9(scores ...int) map[string]string {
	all := map[string]string{}
	for i, s := range scores {
		all["phq9_"+strconv.Itoa(i+1)] = strconv.Itoa(s)
	}
	return all
}

// check is answers to the progress check: the same to each of its questions.
func check(answer string) map[string]string {
	all := map[string]string{}
	for _, name := range []string{"income", "debt", "work", "home", "services", "papers", "support", "belonging", "choice"} {
		all["pc_"+name] = answer
	}
	return all
}

// value is the value of a scale in the first of the scores.
func value(t *testing.T, o assessments.Opened, scale string) float64 {
	t.Helper()
	if len(o.Scores) == 0 {
		t.Fatal("no scores")
	}
	return scaleIn(t, o.Scores[0].Results, scale)
}

func scaleIn(t *testing.T, results []instruments.Result, scale string) float64 {
	t.Helper()
	for _, r := range results {
		if r.Scale == scale && r.Value != nil {
			return *r.Value
		}
	}
	t.Fatalf("no score %s in %+v", scale, results)
	return 0
}

// household is a questionnaire that somebody brought: a person's age, a repeat, one answer that needs somebody.
func household(version string, weight float64) *instruments.Definition {
	one, two := instruments.Score(1), instruments.Score(2)
	texts := func(en, bn string) instruments.Texts { return instruments.Texts{"en": en, "bn": bn} }
	return &instruments.Definition{Name: "household", Version: version, Title: texts("Household", "পরিবার"), Status: instruments.Active, Source: "made up for the tests", Licence: "none needed",
		Languages: []instruments.Language{{Code: "bn", Name: "Bangla"}, {Code: "en", Name: "English"}}, Language: "bn",
		Lists: []instruments.List{{Name: "much", Options: []instruments.Option{{Name: "a", Label: texts("A little", "অল্প"), Score: &one}, {Name: "b", Label: texts("A lot", "অনেক"), Score: &two}}}},
		Items: []instruments.Item{
			{Name: "worry", Kind: instruments.SelectOne, List: "much", Label: texts("How much worry?", "কতটা দুশ্চিন্তা?"), Required: "true()"},
			{Name: "why", Kind: instruments.Text, Label: texts("Why?", "কেন?"), Relevant: "${worry} = 'b'",
				Alert: &instruments.Alert{When: "contains(., 'help')", Level: instruments.Soon, Message: texts("Asks for help", "সাহায্য চেয়েছেন"), Steps: texts("Call back", "ফোন করুন")}},
			{Name: "people", Kind: instruments.Repeat, Label: texts("Person", "মানুষ"), Items: []instruments.Item{
				{Name: "age", Kind: instruments.Integer, Label: texts("Age", "বয়স"), Constraint: ". < 120"}}},
		},
		Scales: []instruments.Scale{{Name: "burden", Label: texts("Burden", "ভার"), Method: instruments.Sum, Missing: instruments.Refuse, Lowest: weight, Highest: 2 * weight, Parts: []instruments.Part{{Item: "worry", Weight: weight}}}},
	}
}

// bring takes a questionnaire in and activates it from a day.
func bring(t *testing.T, d *db.DB, def *instruments.Definition, from dates.Partial) (ref assessments.Ref) {
	t.Helper()
	farid := worldtest.Farid()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		ref, err = assessments.Bring(ctx, tx, farid, def)
		return err
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return assessments.Activate(ctx, tx, farid, assessments.Activation{Ref: ref, From: from})
	})
	return ref
}
