// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"maps"
	"slices"
	"strings"

	"fera/internal/indicators/definitions"
	"fera/internal/indicators/sources"
	"fera/internal/words"
)

// How says in words how an indicator is counted, for who wants to know and may not see the records.
func How(s *words.Speaker, i definitions.Indicator) string {
	return Explain(s, i, func(_, value string) string { return value })
}

// Explain says it as How does, with words for the values of dimensions and for kinds.
func Explain(s *words.Speaker, i definitions.Indicator, say func(dimension, value string) string) string {
	parts := []string{sentence(s, i.Counts, say)}
	if i.Of != nil {
		parts = append(parts, s.T("figure.how.share", "of", sentence(s, *i.Of, say)))
	}
	m, _ := sources.Find(i.Counts.Measure)
	if m.Class == 3 || m.Mixed {
		parts = append(parts, s.T("figure.how.protected"))
	}
	for _, standard := range i.Standards {
		key := "figure.how.standard"
		if standard.Partly {
			key = "figure.how.standard_partly"
		}
		parts = append(parts, s.T(key, "name", standard.Name, "code", standard.Code))
	}
	return strings.Join(parts, " ")
}

// sentence says what is counted, of what, and which of it.
func sentence(s *words.Speaker, p definitions.Part, say func(dimension, value string) string) string {
	m, _ := sources.Find(p.Measure)
	count := string(p.Count)
	if m.Stock {
		count = "stock"
	}
	text := s.T("figure.how."+count, "of", s.T("figure.measure."+p.Measure))
	if len(p.Kinds) > 0 {
		kinds := make([]string, len(p.Kinds))
		for n, k := range p.Kinds {
			kinds[n] = say("kind", k)
		}
		text += " " + s.T("figure.how.kinds", "kinds", strings.Join(kinds, ", "))
	}
	for _, dimension := range slices.Sorted(maps.Keys(p.Where)) {
		text += " " + s.T("figure.how.where", "dimension", s.T("figure.dimension."+dimension), "value", say(dimension, p.Where[dimension]))
	}
	return text
}
