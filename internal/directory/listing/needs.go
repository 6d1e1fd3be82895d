// SPDX-License-Identifier: Apache-2.0

package listing

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

// Need is what somebody may be looking for, in words that she would use.
type Need struct {
	Code   string `json:"code"`
	Group  string `json:"group"`
	Bn     string `json:"bn"`
	En     string `json:"en"`
	Hidden bool   `json:"hidden,omitempty"` // where it is met is protected
	Public *bool  `json:"public,omitempty"` // false: not offered on the public page
}

// Name says the need in "bn" or "en".
func (n Need) Name(lang string) string { return Text{Bn: n.Bn, En: n.En}.In(lang) }

//go:embed data/needs.json
var needsText []byte

//go:embed data/papers.json
var papersText []byte

//go:embed data/intervals.json
var intervalsText []byte

var needs = sync.OnceValue(func() (all []Need) { must(needsText, &all); return all })

var papers = sync.OnceValue(func() (all map[string]Text) { must(papersText, &all); return all })

// Interval returns after how many days something is so: "organisation", "service" and "location" to be confirmed anew, "capacity" too old,
// "soon" before an entry is due and "escalate" after it, and "undo", within which a confirmation may be taken back.
func Interval(of string) int { return intervals()[of] }

var intervals = sync.OnceValue(func() (all map[string]int) { must(intervalsText, &all); return all })

// must reads a file that is part of the program; a test reads it too.
func must(text []byte, into any) {
	if err := json.Unmarshal(text, into); err != nil {
		panic(err)
	}
}

// Needs returns what somebody may be looking for, in the order in which it is offered.
func Needs() []Need { return slices.Clone(needs()) }

// NeedOf returns the need of a code.
func NeedOf(code string) (Need, bool) {
	i := slices.IndexFunc(needs(), func(n Need) bool { return n.Code == code })
	if i < 0 {
		return Need{}, false
	}
	return needs()[i], true
}

// Papers returns the papers that have a code, in the order of the codes.
func Papers() (codes []string) {
	for code := range papers() {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}
