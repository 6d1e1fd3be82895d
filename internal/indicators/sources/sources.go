// SPDX-License-Identifier: Apache-2.0

// Package sources says what there is to count in each room. A room that is to be
// counted is one file here with a Source, and one line in All.
package sources

import (
	"context"

	"fera/internal/dates"
	"fera/internal/db"
)

// Measure is what can be counted.
type Measure struct {
	Code   string
	Kinds  string // what its kinds are: "service", "reason"; empty when it has none
	Unit   string // what is counted: person, return, case, service; see the catalogue
	Amount string // what its amounts are: "poisha"; empty when it has none
	Stock  bool   // what there is at a time and not what happened: events come and go
	Class  int    // 3 when that there is such an event is of class 3 for all its kinds
	Mixed  bool   // of class 3 for some of its kinds
	Sealed bool   // of class 2, but sealed wherever it stands: only totals answer, and only to who may read questionnaires
}

// Event is one thing that is counted, in the words of the records. What is empty
// is not known. Country, reason, place, sex and age are those of the person unless
// the event has its own.
type Event struct {
	Measure string
	Kind    string
	Hidden  bool          // that there is such an event is of class 3
	Subject string        // what it is counted under when it hangs on no person
	Person  string        // the record of the register on which it hangs
	Record  string        // what it is about, as in the trail: "case:<id>"
	On      dates.Partial // when
	Org     string        // whose work it is; the organisation that registered her when empty
	Place   string
	Country string
	Reason  string
	Sex     string
	Age     string // a band, see facts.AgeBands
	Events  int64
	Amount  int64
}

// Source reads what there is to count.
type Source struct {
	Measures []Measure
	// Of is the first word of the subjects of the trail that this source counts by:
	// "person" for all that hangs on people, else "activity" and the like.
	Of string
	// Events reads the events of some subjects: the identifiers of records of the
	// register, or of whatever Of names.
	Events func(ctx context.Context, q db.Reader, of []string) ([]Event, error)
	// Next returns the identifiers after one, in order, for counting anew; nothing
	// for what hangs on people.
	Next func(ctx context.Context, q db.Reader, after string, most int) ([]string, error)
}

// OfPersons is what Of is for all that hangs on people.
const OfPersons = "person"

// All returns the sources.
func All() []Source {
	return []Source{persons(), cases(), services(), assessments(), referrals(), activities()}
}

// Measures returns all that can be counted.
func Measures() (all []Measure) {
	for _, s := range All() {
		all = append(all, s.Measures...)
	}
	return all
}

// Find returns a measure by its code.
func Find(code string) (Measure, bool) {
	for _, m := range Measures() {
		if m.Code == code {
			return m, true
		}
	}
	return Measure{}, false
}

// OnPersons tells of a measure whether what it counts hangs on people.
func OnPersons(code string) bool {
	for _, s := range All() {
		for _, m := range s.Measures {
			if m.Code == code {
				return s.Of == OfPersons
			}
		}
	}
	return false
}

func anyOf(ids []string) []any {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return args
}
