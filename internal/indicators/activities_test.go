// SPDX-License-Identifier: Apache-2.0

package indicators_test

import (
	"testing"

	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/indicators"
	"fera/internal/indicators/counting"
	"fera/internal/worldtest"
)

// Activities hang on no person: what a tally says is counted each time, and what is undone is not.
func TestActivitiesAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		c := activities.Content{Kind: "door_to_door", Way: activities.Tally, From: dates.Partial{Year: 2030, Month: 2, Day: 1}, Place: "305670", Where: "পূর্বপাড়া", Households: 40, Team: "Dipu",
			Cells: []activities.Cell{{Sex: "female", People: 100}, {Sex: "male", Age: "18_24", Disability: "no", People: 31}, {People: 4}}}
		var ids []activities.ID
		for range 2 {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				id, err := activities.Log(t.Context(), tx, worldtest.Dipu(), activities.Logging{Content: c})
				ids = append(ids, id)
				return err
			})
		}
		follow(t, d)
		agrees(t, d, "after two villages")
		question := indicators.Question{Indicator: "persons_reached", From: 203001, To: 203012, By: []string{"sex"}}
		reached := must(t, d, kamal(), question)
		if reached.Whole.N != 270 || reached.Unit != "reached" {
			t.Errorf("reached: %+v", reached)
		}
		wantCells(t, "reached by sex", reached.Cells, map[string]int64{"female": 200, "male": 62, "": 8})
		question.By = []string{"age"}
		wantCells(t, "reached by age", must(t, d, kamal(), question).Cells, map[string]int64{"18-24": 62, "": 208})
		if visited := must(t, d, kamal(), indicators.Question{Indicator: "households_visited", From: 203001, To: 203012}); visited.Whole.N != 80 {
			t.Errorf("households: %+v", visited.Whole)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return activities.Undo(t.Context(), tx, worldtest.Dipu(), ids[0], "entered twice")
		})
		follow(t, d)
		agrees(t, d, "after one was undone")
		if reached = must(t, d, kamal(), question); reached.Whole.N != 135 {
			t.Errorf("after one was undone: %+v", reached.Whole)
		}
		if err := counting.Rebuild(t.Context(), d, nil); err != nil {
			t.Fatal(err)
		}
		agrees(t, d, "after counting anew")
	})
}
