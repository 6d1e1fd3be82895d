// SPDX-License-Identifier: Apache-2.0

// Package release says published tables to the world: in words, as JSON with a
// schema, and as CSV with its description. It is given issues, which have nothing
// in them that may not be shown, and adds no number of its own.
package release

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/sources"
	"fera/internal/programmes"
	"fera/internal/services"
	"fera/internal/words"
)

// Unknown stands for what is not known, where a code is needed.
const Unknown = "unknown"

// Namer says the codes of one table in words.
type Namer struct {
	Table     definitions.Table
	Indicator definitions.Indicator
	kinds     map[string][2]string // English, Bangla
}

// NamerOf reads what is needed to say a table of the catalogue in words.
func NamerOf(ctx context.Context, q db.Reader, code string) (n Namer, err error) {
	if n.Table, n.Indicator, err = indicators.TableOf(ctx, q, code); err != nil {
		return n, err
	}
	n.kinds = map[string][2]string{}
	m, _ := sources.Find(n.Indicator.Counts.Measure)
	switch m.Kinds {
	case "service":
		all, err := services.Catalogue(ctx, q, dates.Of(q.Now()))
		if err != nil {
			return n, fmt.Errorf("name kinds: %w", err)
		}
		for _, k := range all {
			n.kinds[k.Code] = [2]string{k.NameEn, k.NameBn}
		}
	case "closure":
		all, err := programmes.List(ctx, q)
		if err != nil {
			return n, fmt.Errorf("name kinds: %w", err)
		}
		reasons := programmes.Closures()
		for _, p := range all {
			reasons = append(reasons, p.Reasons()...)
		}
		for _, c := range reasons {
			n.kinds[c.Code] = [2]string{c.En, c.Bn}
		}
	}
	return n, nil
}

// Title is what a table is called.
func (n Namer) Title(lang words.Lang) string { return n.Indicator.Name(string(lang)) }

// WayName says by what the rows of a way are told apart.
func WayName(s *words.Speaker, way string) string {
	if way == "place" {
		return s.T("open.way.place")
	}
	return s.T("figure.dimension." + way)
}

// Codes says what is shown in one row or column.
func (n Namer) Codes(s *words.Speaker, way string, codes []string) string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = n.code(s, way, code)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names, " + ")
}

func (n Namer) code(s *words.Speaker, way, code string) string {
	if code == "" {
		return s.T("figure.unknown")
	}
	switch way {
	case "month":
		year, month, _ := strings.Cut(code, "-")
		y, _ := strconv.Atoi(year)
		if m, _ := strconv.Atoi(month); m > 0 {
			return dates.Format(s, dates.Partial{Year: y, Month: m})
		}
		return s.T("open.month_unknown", "year", s.Digits(year))
	case "place":
		if name := geo.Name(s.Lang(), code); name != "" {
			return name
		}
	case "country":
		if name := countries.Name(s.Lang(), code); name != "" {
			return name
		}
	case "age":
		return s.Digits(code)
	case "sex":
		return said(s, "person.sex.", code)
	case "reason":
		if code == "several" {
			return s.T("open.several_reasons")
		}
		return said(s, "person.reason.", code)
	case "kind":
		if names, ok := n.kinds[code]; ok {
			return names[map[words.Lang]int{words.English: 0, words.Bangla: 1}[s.Lang()]]
		}
	}
	return code
}

func said(s *words.Speaker, prefix, code string) string {
	if s.Has(prefix + code) {
		return s.T(prefix + code)
	}
	return code
}
