// SPDX-License-Identifier: Apache-2.0

package course

import (
	_ "embed"
	"encoding/json"
	"sync"

	"fera/internal/dates"
	"fera/internal/deadlines"
)

//go:embed terms.json
var termsJSON []byte

// Terms are how long there is for each step, and who is reminded when it is over.
type Terms struct {
	Urgencies    []Urgency        `json:"urgencies"`
	Accepted     deadlines.Term   `json:"accepted"`
	Waiting      deadlines.Term   `json:"waiting"`
	Appointed    deadlines.Term   `json:"appointed"` // after the day that was given
	Reopened     deadlines.Term   `json:"reopened"`
	Ask          deadlines.Term   `json:"ask"` // to ask her whether it was so
	Close        deadlines.Term   `json:"close"`
	Acknowledge  deadlines.Term   `json:"acknowledge"`
	Reminders    []deadlines.Rung `json:"reminders"`     // to receiver, sender or supervisor
	ExpiresAfter int              `json:"expires_after"` // working days after the day by which it was to be answered
	KeepBrought  int              `json:"keep_brought"`  // days for which what another network brought is kept after it ended
}

// Urgency is how soon a provider is to answer.
type Urgency struct {
	Code   string         `json:"code"`
	Answer deadlines.Term `json:"answer"`
}

var terms = sync.OnceValue(func() (t Terms) {
	if err := json.Unmarshal(termsJSON, &t); err != nil {
		panic(err)
	}
	return t
})

// Standard returns the terms that ship.
func Standard() Terms { return terms() }

// Urgent finds an urgency by its code.
func (t Terms) Urgent(code string) (Urgency, bool) {
	for _, u := range t.Urgencies {
		if u.Code == code {
			return u, true
		}
	}
	return Urgency{}, false
}

// Due is the last day for what comes next in a state that began on a day; meets is the day that was given to her. It is unknown
// where nothing is due.
func (t Terms) Due(c deadlines.Calendar, s State, at Moment) dates.Partial {
	term, from := deadlines.Term{}, at.Since
	switch s {
	case Sent, Received:
		u, _ := t.Urgent(at.Urgency)
		term, from = u.Answer, at.Sent
	case Accepted:
		term = t.Accepted
	case Waiting:
		term = t.Waiting
	case Appointed:
		term, from = t.Appointed, at.Meets
	case Reopened:
		term = t.Reopened
	case Served, Unserved:
		term = t.Ask
	case Confirmed, Declined, Expired:
		term = t.Close
	case Withdrawn:
		term = t.Acknowledge
	}
	if term.Count == 0 || from.IsZero() {
		return dates.Partial{}
	}
	return term.Due(c, from)
}

// Moment is since when a referral stands where it does, and what else its terms hang on.
type Moment struct {
	Since   dates.Partial
	Sent    dates.Partial
	Meets   dates.Partial
	Urgency string
}
