// SPDX-License-Identifier: Apache-2.0

package columns_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/exports/columns"
)

// hashtags are those of the core of HXL 1.1 that columns use.
func hashtags() []string {
	return []string{"#activity", "#adm1", "#adm2", "#adm3", "#adm4", "#beneficiary", "#cause", "#channel", "#contact", "#country", "#currency", "#date", "#description", "#loc", "#meta", "#org", "#output", "#reached", "#sector", "#service", "#severity", "#status", "#value"}
}

var tagShape = regexp.MustCompile(`^#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*$`)

func TestEveryColumnIsSaidAndTagged(t *testing.T) {
	for _, s := range columns.Sets() {
		if !slices.Contains(access.Permissions(), s.Need) {
			t.Errorf("%s needs %q, which there is not", s.Code, s.Need)
		}
		for _, f := range s.Filters {
			if !slices.Contains(columns.PartNames(), f) {
				t.Errorf("%s knows the filter %q, which there is not", s.Code, f)
			}
		}
		codes, tags := map[string]bool{}, map[string]string{}
		for _, c := range s.Columns {
			if codes[c.Code] || c.Code == "" || c.En == "" || c.Bn == "" || c.Bn == c.En {
				t.Errorf("%s: column %+v is twice there or not said in both languages", s.Code, c)
			}
			codes[c.Code] = true
			if c.Class != 1 && c.Class != 2 {
				t.Errorf("%s.%s is of class %d: nothing but 1 and 2 can leave", s.Code, c.Code, c.Class)
			}
			head, _, _ := strings.Cut(c.HXL, "+")
			if !tagShape.MatchString(c.HXL) || !slices.Contains(hashtags(), head) {
				t.Errorf("%s.%s has the tag %q", s.Code, c.Code, c.HXL)
			}
			if other := tags[c.HXL]; other != "" {
				t.Errorf("%s: %s and %s have the same tag %q", s.Code, other, c.Code, c.HXL)
			}
			tags[c.HXL] = c.Code
		}
	}
}

// What is protected has no column, by whatever name it goes in the register.
func TestNothingProtectedHasAColumn(t *testing.T) {
	for _, s := range columns.Sets() {
		for _, c := range s.Columns {
			for _, word := range []string{"ethnic", "disab", "functioning", "circumstance", "happened", "health", "tongue", "shelter", "note", "score", "violence", "trafficking"} {
				if strings.Contains(c.Code, word) || strings.Contains(strings.ToLower(c.En), word) {
					t.Errorf("%s has the column %q", s.Code, c.Code)
				}
			}
		}
	}
}

func TestWithoutAWishTheColumnsAreOfClass1(t *testing.T) {
	for _, s := range columns.Sets() {
		if some := s.Chosen(nil); columns.ClassOf(some) != 1 || len(some) < 5 {
			t.Errorf("%s: %d columns of class %d", s.Code, len(some), columns.ClassOf(some))
		}
	}
}
