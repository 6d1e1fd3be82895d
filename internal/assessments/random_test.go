// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"testing"
	"time"

	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// memory is what a test remembers of one assessment, to compare with what is kept.
type memory struct {
	draft   map[string]string   // what was answered last, while it is worked on
	rounds  []map[string]string // what was completed
	working bool
	scores  []float64
}

// Whatever is done in whatever order, what was completed never changes, what was typed is there, and each score is the one
// that its answers come to.
func TestWhatWasCompletedNeverChanges(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		rng := chance(t, 2)
		amina := worldtest.Amina()
		p := rahima(t, d)
		all := map[assessments.ID]*memory{}
		var order []assessments.ID
		done := map[string]int{}
		for range 220 {
			clock.Move(time.Duration(rng.IntN(3000)) * time.Second)
			if len(order) == 0 || rng.IntN(8) == 0 {
				err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
					id, err := assessments.Begin(ctx, tx, amina, assessments.Beginning{Person: p, Name: "phq9"})
					if err == nil {
						all[id] = &memory{working: true, draft: map[string]string{}}
						order = append(order, id)
					}
					return err
				})
				done["begin "+key(err)]++
				continue
			}
			id := order[max(0, len(order)-1-rng.IntN(2))]
			m := all[id]
			act := []string{"save", "save", "save", "finish", "correct", "take", "drop"}[rng.IntN(7)]
			if act == "drop" && rng.IntN(4) > 0 {
				continue
			}
			given := map[string]string{"phq9_" + strconv.Itoa(1+rng.IntN(9)): strconv.Itoa(rng.IntN(4)), "phq9_" + strconv.Itoa(1+rng.IntN(9)): ""}
			err := try(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				switch act {
				case "save":
					_, err = assessments.Save(ctx, tx, amina, assessments.Answering{ID: id, Answers: given})
				case "finish":
					_, err = assessments.Finish(ctx, tx, amina, assessments.Completing{ID: id, Reason: "she said so"})
				case "correct":
					err = assessments.Correct(ctx, tx, amina, id)
				case "take":
					err = assessments.TakeUp(ctx, tx, amina, id)
				case "drop":
					err = assessments.Drop(ctx, tx, amina, id)
				}
				return err
			})
			done[act+" "+key(err)]++
			if err != nil {
				continue
			}
			m.follow(act, given)
			if act == "finish" {
				m.scores = append(m.scores, total(m.rounds[len(m.rounds)-1]))
			}
		}
		for _, id := range order {
			all[id].compare(t, d, p, id)
		}
		for _, want := range []string{"save ", "finish ", "correct ", "drop ", "begin assessment.begun_already"} {
			if done[want] == 0 {
				t.Errorf("%q was never answered: %v", want, done)
			}
		}
	})
}

// follow does to the memory what an act did to the assessment.
func (m *memory) follow(act string, given map[string]string) {
	switch act {
	case "save":
		for k, v := range given {
			if m.draft[k] = v; v == "" {
				delete(m.draft, k)
			}
		}
	case "finish":
		m.rounds, m.working = append(m.rounds, maps.Clone(m.draft)), false
	case "correct":
		m.draft, m.working = maps.Clone(m.rounds[len(m.rounds)-1]), true
	case "drop":
		m.working = false
	}
}

// total is the score of PHQ-9: the sum, or nothing (-1) when an answer is missing.
func total(answers map[string]string) (sum float64) {
	for i := range 9 {
		n, err := strconv.Atoi(answers["phq9_"+strconv.Itoa(i+1)])
		if err != nil {
			return -1
		}
		sum += float64(n)
	}
	return sum
}

func (m *memory) compare(t *testing.T, d *db.DB, p persons.ID, id assessments.ID) {
	t.Helper()
	o, err := look(t, d, worldtest.Amina(), id)
	if len(m.rounds) == 0 && !m.working {
		refused(t, err, "assessment.not_found")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Rounds) != len(m.rounds) || o.Round != len(m.rounds) || o.Working != m.working || len(o.Scores) != len(m.scores) || o.Person != p {
		t.Fatalf("kept %+v with %d rounds, want %d, worked on %t", o.Assessment, len(o.Rounds), len(m.rounds), m.working)
	}
	for i, want := range m.rounds {
		if got := o.At(i + 1).Given(); !maps.Equal(got, want) {
			t.Errorf("round %d holds %v, want %v", i+1, got, want)
		}
		score := o.Scores[len(o.Scores)-1-i].Results[0].Value
		if (score == nil) != (m.scores[i] < 0) || score != nil && *score != m.scores[i] {
			t.Errorf("round %d scores %v, want %v", i+1, score, m.scores[i])
		}
	}
	if !m.working {
		return
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.TakeUp(ctx, tx, worldtest.Amina(), id) })
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		o, err := assessments.InHand(ctx, q, worldtest.Amina(), id)
		if err == nil && fmt.Sprint(o.Filling.Given()) != fmt.Sprint(m.draft) {
			t.Errorf("the draft holds %v, want %v", o.Filling.Given(), m.draft)
		}
		return err
	})
}
