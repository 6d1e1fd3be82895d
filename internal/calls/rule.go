// SPDX-License-Identifier: Apache-2.0

// Package calls keeps every call, visit and message with a person or about her, and the rule that says whether one may be
// made: May, a pure function of what she said about a contact, of the time in Dhaka and of what somebody wants to do.
//
// Pages, the API, printing and messages ask the same function, so that none of them does what another refuses. What is tried
// against it is refused and entered in the trail, without what it was about; a supervisor may do it all the same, for a reason.
//
// Calls are class 2. What they were about is sealed under her key, and so is the word that she chose to be known by.
package calls

import (
	"slices"
	"strings"
	"time"

	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/persons"
)

// The ways in which somebody may be reached that are no contact's: by post, and by paper given into her own hand.
const (
	Letter = "letter"
	Paper  = "paper"
)

// Ways returns the ways in which somebody is reached.
func Ways() []string { return append(choices.ContactWays(), Letter) }

// Asking is what somebody wants to do, and what the person said about being contacted at all.
type Asking struct {
	Way     string // see Ways
	Banned  bool   // nobody is to get in touch with her
	Refused bool   // she did not agree to be contacted
	Agreed  bool   // she did
	Ended   bool   // the contact is no longer in use
	Hours   Hours  // when the contact may be used, as far as that was settled
}

// Verdict says whether something may be done, and what to mind.
type Verdict struct {
	OK    bool
	Why   string         // key of the reason against it
	With  map[string]any // values of Why
	Mind  []string       // keys of what to mind all the same
	Hours Hours
}

// NeverOverride tells whether not even a supervisor may go on: there is nothing to call.
func (v Verdict) NeverOverride() bool {
	return v.Why == "call.no.ended" || v.Why == "call.no.contact"
}

// Hours are the times of a week at which a contact may be used.
type Hours struct {
	Contact  string
	Days     []string // see Days; all when empty
	From, To int      // minutes since midnight in Dhaka; To is the first at which it is too late
}

// Days returns the days of the week, beginning as a week begins in Bangladesh.
func Days() []string { return []string{"sat", "sun", "mon", "tue", "wed", "thu", "fri"} }

// Set tells whether anything was settled.
func (h Hours) Set() bool { return h.To > 0 }

// hold tells whether a moment lies in the hours.
func (h Hours) hold(at time.Time) bool {
	at = at.In(dates.Dhaka())
	day := strings.ToLower(at.Weekday().String()[:3])
	minute := at.Hour()*60 + at.Minute()
	return (len(h.Days) == 0 || slices.Contains(h.Days, day)) && minute >= h.From && minute < h.To
}

// May tells whether a contact may be used now for what is asked. What is not known to be safe is not. The gravest reason
// against it comes first.
func May(c persons.Contact, at time.Time, a Asking) Verdict {
	no := func(why string) Verdict { return Verdict{Why: "call.no." + why, Hours: a.Hours} }
	switch {
	case a.Ended:
		return no("ended")
	case a.Banned:
		return no("banned")
	case a.Refused:
		return no("refused")
	case c.Safety == "unsafe":
		return no("unsafe")
	case c.Safety != "safe" && c.Safety != "careful", !a.Agreed:
		return no("unasked")
	case c.Safety == "careful" && slices.Contains([]string{"husband", "wife", "in_law"}, c.Owner) && a.Way != "visit":
		return no("owner")
	case len(c.Ways) > 0 && !slices.Contains(c.Ways, a.Way):
		return no("way")
	case len(c.Ways) == 0 && (c.Safety == "careful" && a.Way != "call" || a.Way == "visit" || a.Way == Letter):
		return no("way_unasked")
	case a.Hours.Set() && !a.Hours.hold(at):
		return no("hours")
	}
	return Verdict{OK: true, Mind: mind(c, a), Hours: a.Hours}
}

// mind is what to think of in a contact that may be made.
func mind(c persons.Contact, a Asking) (keys []string) {
	if c.Safety == "careful" {
		keys = append(keys, "call.mind.careful")
	}
	if c.Owner != "own" {
		keys = append(keys, "call.mind.other_phone")
	}
	if c.Hours != "" && !a.Hours.Set() {
		keys = append(keys, "call.mind.hours")
	}
	if a.Way == "sms" || a.Way == "voice_message" {
		keys = append(keys, "call.mind.neutral")
	}
	return keys
}

// asking is what may be said of a person before any contact of hers is looked at.
func asking(p persons.Person, way string) Asking {
	a := Asking{Way: way, Banned: p.DoNotContact, Agreed: p.Agreed(persons.PurposeContact)}
	a.Refused = slices.ContainsFunc(p.Consents, func(c persons.Consent) bool {
		return c.Purpose == persons.PurposeContact && c.EndedAt.IsZero() && !c.Given
	})
	return a
}

// MaySend tells whether something of a kind may be sent to a person now, and by which of her contacts: a message or a call by
// the first that is safe for it, paper that she carries home if she said that it is safe there. Whatever prints or sends asks it
// before it does, with the hours that HoursOf returns.
func MaySend(p persons.Person, kind string, hours map[string]Hours, at time.Time) (persons.Contact, Verdict) {
	a := asking(p, kind)
	if kind == Paper {
		return persons.Contact{}, mayHand(p)
	}
	best, which := Verdict{Why: "call.no.contact"}, persons.Contact{}
	for _, c := range p.Contacts {
		if !carries(c, kind) {
			continue
		}
		a.Hours = hours[c.ID]
		v := May(c, at, a)
		if v.OK {
			return c, v
		}
		if which.ID == "" {
			best, which = v, c
		}
	}
	if which.ID == "" && a.Banned {
		best.Why = "call.no.banned"
	}
	return which, best
}

// mayHand tells whether paper may be made out for somebody to carry home: as persons.MayCarry says.
func mayHand(p persons.Person) Verdict {
	switch p.PapersAtHome() {
	case "no":
		return Verdict{Why: "call.no.paper"}
	case "":
		return Verdict{Why: "call.no.paper_unasked"}
	}
	return Verdict{OK: true, Mind: []string{"call.mind.paper"}}
}

// carries tells whether a kind of contact can be used in a way at all.
func carries(c persons.Contact, way string) bool {
	switch c.Kind {
	case "email":
		return way == Letter
	case "neighbour":
		return way == "visit" || way == "call"
	}
	return true
}
