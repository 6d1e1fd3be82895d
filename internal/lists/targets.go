// SPDX-License-Identifier: Apache-2.0

// Package lists reads lists of people as organisations keep them: what a column
// is about, whether its text is typed for an old font, and how a row becomes a
// registration. It knows no database and decides nothing: what it finds wrong
// with a row it says, and what it only guesses is for a person to confirm.
package lists

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"fera/internal/countries"
	"fera/internal/names"
	"fera/internal/numbers"
)

// Target is what a column can be about. Empty is a column that is left out.
type Target string

// Group is how targets are grouped where one is chosen.
type Group string

// The groups.
const (
	GroupWho       Group = "who"
	GroupNumbers   Group = "numbers"
	GroupHome      Group = "home"
	GroupJourney   Group = "journey"
	GroupConsent   Group = "consent"
	GroupProtected Group = "protected"
)

// Groups returns the groups in the order in which they are shown.
func Groups() []Group {
	return []Group{GroupWho, GroupNumbers, GroupHome, GroupJourney, GroupConsent, GroupProtected}
}

// known is one target with what columns about it are called.
type known struct {
	target   Target
	group    Group
	many     bool // several columns may be about it: their values are joined, or each is one
	headings []string
}

//go:embed headings.tsv
var headingsText string

// targets reads the list of targets: name, group, whether many, headings.
var targets = sync.OnceValue(func() (all []known) {
	for line := range strings.Lines(headingsText) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.Split(line, "\t")
		k := known{target: Target(part[0]), group: Group(part[1]), many: part[2] == "many"}
		for heading := range strings.SplitSeq(part[3], ";") {
			k.headings = append(k.headings, plain(heading))
		}
		all = append(all, k)
	}
	return all
})

// Targets returns what columns can be about, of one group, in order.
func Targets(g Group) (all []Target) {
	for _, k := range targets() {
		if k.group == g {
			all = append(all, k.target)
		}
	}
	return all
}

func (t Target) known() (known, bool) {
	i := slices.IndexFunc(targets(), func(k known) bool { return k.target == t })
	if i < 0 {
		return known{}, false
	}
	return targets()[i], true
}

// Protected reports whether the target holds class-3 data.
func (t Target) Protected() bool {
	k, _ := t.known()
	return k.group == GroupProtected
}

// words that say nothing of what a column is about.
var empty = regexp.MustCompile(`(?:^| )(?:the|of|no|number|returnee|beneficiary|migrant|worker|client|s|নং|নম্বর|নাম্বার|র|এর)(?: |$)`)

// plain is a heading without its case, its signs, and words that every heading has.
func plain(heading string) string {
	folded := strings.Join(strings.FieldsFunc(names.Fold(heading), func(r rune) bool { return strings.ContainsRune(" .,:;()[]/-_*#'\"’?।", r) }), " ")
	for {
		shorter := strings.Join(strings.Fields(empty.ReplaceAllString(folded, " ")), " ")
		if shorter == folded || shorter == "" {
			return folded
		}
		folded = shorter
	}
}

// byHeading guesses from its heading what a column is about.
func byHeading(heading string) Target {
	want := plain(heading)
	if want == "" {
		return ""
	}
	for _, k := range targets() {
		if slices.Contains(k.headings, want) {
			return k.target
		}
	}
	// "name (as in passport)": the longest that it begins with.
	best, found := 0, Target("")
	for _, k := range targets() {
		for _, h := range k.headings {
			if len(h) > best && strings.HasPrefix(want, h+" ") {
				best, found = len(h), k.target
			}
		}
	}
	return found
}

var (
	mobile   = regexp.MustCompile(`^(?:\+?880|0)?1[3-9]\d{8}$`)
	cardNo   = regexp.MustCompile(`^(?:\d{10}|\d{13}|\d{17})$`)
	passport = regexp.MustCompile(`^[A-Z]{1,2}\d{7,8}$`)
	birthday = regexp.MustCompile(`^(?:19[4-9]\d-\d\d-\d\d|\d{1,2}[-/.]\d{1,2}[-/.]19[4-9]\d)$`)
)

// byValues guesses from what it holds what a column is about. Most of its values
// must speak for it.
func byValues(values []string) Target {
	tests := []struct {
		target Target
		fits   func(string) bool
	}{
		{"phone", func(v string) bool { return mobile.MatchString(strings.NewReplacer(" ", "", "-", "").Replace(v)) }},
		{"nid", cardNo.MatchString},
		{"passport", func(v string) bool { return passport.MatchString(strings.ToUpper(v)) }},
		{"birth", birthday.MatchString},
		{"sex", func(v string) bool { _, ok := readSex(v); return ok }},
		{"journey.country", func(v string) bool { _, ok := countries.Said(v); return ok && len(v) > 2 }},
		{"district", func(v string) bool { return len(v) > 3 && isDistrict(v) }},
		{"name_bn", func(v string) bool {
			return names.Looks(v) == names.Bangla && len(strings.Fields(v)) > 1 && len(names.Keys(v)) > 1
		}},
	}
	for _, test := range tests {
		filled, fit := 0, 0
		for _, v := range values {
			if v = numbers.Digits(names.Clean(v)); v != "" {
				filled++
				if test.fits(v) {
					fit++
				}
			}
		}
		if filled >= 3 && fit*10 >= filled*9 {
			return test.target
		}
	}
	return ""
}
