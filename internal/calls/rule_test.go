// SPDX-License-Identifier: Apache-2.0

package calls_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"fera/internal/calls"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/persons"
)

func dhaka(hour, minute int) time.Time {
	return time.Date(2030, 3, 5, hour, minute, 0, 0, dates.Dhaka()) // a Tuesday
}

func TestMay(t *testing.T) {
	safe := persons.Contact{ID: "c", Kind: "phone", Owner: "own", Safety: "safe", Ways: []string{"call", "sms"}}
	with := func(change func(*persons.Contact)) persons.Contact { c := safe; change(&c); return c }
	morning := calls.Hours{Contact: "c", From: 10 * 60, To: 12 * 60}
	for name, c := range map[string]struct {
		contact persons.Contact
		at      time.Time
		asking  calls.Asking
		why     string // empty: yes
	}{
		"safe":                     {safe, dhaka(11, 0), calls.Asking{Way: "call", Agreed: true}, ""},
		"ended":                    {safe, dhaka(11, 0), calls.Asking{Way: "call", Agreed: true, Ended: true}, "call.no.ended"},
		"do not contact":           {safe, dhaka(11, 0), calls.Asking{Way: "call", Agreed: true, Banned: true}, "call.no.banned"},
		"refused":                  {safe, dhaka(11, 0), calls.Asking{Way: "call", Refused: true}, "call.no.refused"},
		"not asked to agree":       {safe, dhaka(11, 0), calls.Asking{Way: "call"}, "call.no.unasked"},
		"unsafe":                   {with(func(c *persons.Contact) { c.Safety = "unsafe" }), dhaka(11, 0), calls.Asking{Way: "call", Agreed: true}, "call.no.unsafe"},
		"safety not asked":         {with(func(c *persons.Contact) { c.Safety = "unasked" }), dhaka(11, 0), calls.Asking{Way: "call", Agreed: true}, "call.no.unasked"},
		"a way she did not name":   {safe, dhaka(11, 0), calls.Asking{Way: "visit", Agreed: true}, "call.no.way"},
		"the husband's, carefully": {with(func(c *persons.Contact) { c.Safety, c.Owner = "careful", "husband" }), dhaka(11, 0), calls.Asking{Way: "call", Agreed: true}, "call.no.owner"},
		"a sister's, carefully":    {with(func(c *persons.Contact) { c.Safety, c.Owner = "careful", "sibling" }), dhaka(11, 0), calls.Asking{Way: "call", Agreed: true}, ""},
		"careful, no ways named":   {with(func(c *persons.Contact) { c.Safety, c.Ways = "careful", nil }), dhaka(11, 0), calls.Asking{Way: "sms", Agreed: true}, "call.no.way_unasked"},
		"home, no ways named":      {with(func(c *persons.Contact) { c.Ways = nil }), dhaka(11, 0), calls.Asking{Way: "visit", Agreed: true}, "call.no.way_unasked"},
		"the first minute":         {safe, dhaka(10, 0), calls.Asking{Way: "call", Agreed: true, Hours: morning}, ""},
		"a minute early":           {safe, dhaka(9, 59), calls.Asking{Way: "call", Agreed: true, Hours: morning}, "call.no.hours"},
		"when it is too late":      {safe, dhaka(12, 0), calls.Asking{Way: "call", Agreed: true, Hours: morning}, "call.no.hours"},
		"on the wrong day":         {safe, dhaka(11, 0), calls.Asking{Way: "call", Agreed: true, Hours: calls.Hours{Contact: "c", Days: []string{"fri"}, From: 0, To: 24 * 60}}, "call.no.hours"},
		"on the right day in Dhaka, a day later than in London": {safe, dhaka(0, 30), calls.Asking{Way: "call", Agreed: true,
			Hours: calls.Hours{Contact: "c", Days: []string{"tue"}, From: 0, To: 60}}, ""},
	} {
		v := calls.May(c.contact, c.at.UTC(), c.asking)
		if v.OK != (c.why == "") || v.Why != c.why {
			t.Errorf("%s: May = %t %q, want %q", name, v.OK, v.Why, c.why)
		}
	}
}

// Whatever is asked: what may be done was said to be safe, was agreed to, and is among the ways that were named.
func TestMayNeverSaysYesToWhatSheDidNotSay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := persons.Contact{ID: "c", Kind: rapid.SampledFrom(choices.ContactKinds()).Draw(rt, "kind"), Owner: rapid.SampledFrom(choices.ContactOwners()).Draw(rt, "owner"),
			Safety: rapid.SampledFrom(append(choices.Safeties(), "", "other")).Draw(rt, "safety"), Ways: rapid.SliceOfDistinct(rapid.SampledFrom(choices.ContactWays()), rapid.ID).Draw(rt, "ways")}
		a := calls.Asking{Way: rapid.SampledFrom(calls.Ways()).Draw(rt, "way"), Banned: rapid.Bool().Draw(rt, "banned"), Refused: rapid.Bool().Draw(rt, "refused"),
			Agreed: rapid.Bool().Draw(rt, "agreed"), Ended: rapid.Bool().Draw(rt, "ended")}
		v := calls.May(c, dhaka(rapid.IntRange(0, 23).Draw(rt, "hour"), 0), a)
		named := len(c.Ways) == 0
		for _, w := range c.Ways {
			named = named || w == a.Way
		}
		if v.OK && (a.Banned || a.Refused || a.Ended || !a.Agreed || !named || c.Safety != "safe" && c.Safety != "careful") {
			rt.Errorf("May(%+v, %+v) says yes", c, a)
		}
		if v.OK == (v.Why != "") {
			rt.Errorf("May(%+v, %+v) = %+v: neither yes nor a reason", c, a, v)
		}
	})
}

func TestMaySend(t *testing.T) {
	agreed := []persons.Consent{{Purpose: persons.PurposeContact, Given: true}}
	husband := persons.Contact{ID: "h", Kind: "phone", Owner: "husband", Safety: "unsafe"}
	own := persons.Contact{ID: "o", Kind: "phone", Owner: "own", Safety: "safe", Ways: []string{"sms"}}
	p := persons.Person{Contacts: []persons.Contact{husband, own}, Consents: agreed}
	if c, v := calls.MaySend(p, "sms", nil, dhaka(11, 0)); !v.OK || c.ID != "o" {
		t.Errorf("a message goes to %q, %+v; want her own", c.ID, v)
	}
	if _, v := calls.MaySend(p, "call", nil, dhaka(11, 0)); v.OK {
		t.Error("a call is allowed, and no contact is safe for it")
	}
	if _, v := calls.MaySend(p, "sms", map[string]calls.Hours{"o": {Contact: "o", From: 60, To: 120}}, dhaka(11, 0)); v.OK {
		t.Error("a message goes outside the hours")
	}
	for said, want := range map[string]bool{"yes": true, "no": false, "": false} {
		p.Claims = nil
		if said != "" {
			p.Claims = []persons.Claim{{Field: persons.PapersHome, Value: said, InUse: true}}
		}
		if _, v := calls.MaySend(p, calls.Paper, nil, dhaka(11, 0)); v.OK != want || v.OK != (p.MayCarry() == nil) {
			t.Errorf("paper at home, %q: %+v, want %t", said, v, want)
		}
	}
	if _, v := calls.MaySend(persons.Person{}, "sms", nil, dhaka(11, 0)); v.OK || v.Why == "" {
		t.Errorf("somebody without contacts: %+v", v)
	}
}
