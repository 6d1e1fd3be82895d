// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"context"
	"math"

	asked "fera/internal/assessments"
	"fera/internal/db"
)

// assessments counts which questionnaires were completed, and what those of class 2 came to by their scales: a mean of class 3 could
// be shown to nobody. They stay sealed, as they are where they come from, and are told to who may read them one by one. Scores of different scales have nothing in common, so that an indicator of scores names one.
func assessments() Source {
	return Source{Of: OfPersons, Measures: []Measure{
		{Code: "assessed", Kinds: "instrument", Unit: "assessment", Mixed: true},
		{Code: "scored", Kinds: "scale", Unit: "assessment", Amount: "hundredth", Sealed: true},
	}, Events: func(ctx context.Context, q db.Reader, of []string) (all []Event, err error) {
		found, err := asked.CountedOf(ctx, q, of)
		for _, a := range found {
			e := Event{Measure: "assessed", Kind: a.Instrument, Hidden: a.Protected, Person: string(a.Person), Record: "assessment:" + string(a.ID), On: a.On, Events: 1}
			all = append(all, e)
			for _, s := range a.Scores {
				if s.Value != nil && !a.Protected {
					e.Measure, e.Kind, e.Hidden, e.Amount = "scored", a.Instrument+"."+s.Scale, true, int64(math.Round(100**s.Value))
					all = append(all, e)
				}
			}
		}
		return all, err
	}}
}
