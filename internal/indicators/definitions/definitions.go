// SPDX-License-Identifier: Apache-2.0

// Package definitions says what an indicator is: what is counted, of what, told
// apart by what, and which standard it speaks for. Those that ship are here as
// data, and so is the catalogue of tables that may be published. It counts nothing.
package definitions

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"fera/internal/dates"
	"fera/internal/fault"
)

// Count says how a measure is counted.
type Count string

// The ways to count.
const (
	People Count = "people" // each person once between the first and the last month
	Events Count = "events" // each time
	Amount Count = "amount" // the amounts added up
	Mean   Count = "mean"   // the amounts divided by how many there are
)

// Part is what is counted.
type Part struct {
	Count   Count             `json:"count"`
	Measure string            `json:"measure"`
	Kinds   []string          `json:"kinds,omitempty"` // those of its kinds that are counted; all when empty
	Where   map[string]string `json:"where,omitempty"` // only those, by dimension
}

// Standard is a standard for which an indicator speaks.
type Standard struct {
	Name string `json:"name"` // "IOM SRF", "GCM", "SDG"
	Code string `json:"code"`
	// Partly says that it counts a part of what the standard asks for, or something
	// near it. None of these is an official figure of the body that keeps the standard.
	Partly bool `json:"partly,omitempty"`
}

// Indicator is one version of an indicator. A later one holds from its day on.
type Indicator struct {
	Code      string        `json:"code"`
	Starts    dates.Partial `json:"starts"`
	NameEn    string        `json:"name_en"`
	NameBn    string        `json:"name_bn"`
	Counts    Part          `json:"counts"`
	Of        *Part         `json:"of,omitempty"` // of which it is a share
	By        []string      `json:"by"`           // dimensions that make sense for it
	Standards []Standard    `json:"standards,omitempty"`
	Owner     string        `json:"owner"` // who answers for it: an organisation's or a desk's name
	Ended     bool          `json:"ended,omitempty"`
}

// Name is what an indicator is called in a language.
func (i Indicator) Name(lang string) string {
	if lang == "bn" {
		return i.NameBn
	}
	return i.NameEn
}

// Dimensions returns all by which an indicator may be told apart.
func Dimensions() []string {
	return []string{"day", "month", "quarter", "year", "division", "district", "upazila", "sex", "age", "country", "reason", "kind", "organisation", "disability", "ethnicity"}
}

// Period tells of a dimension that it is one of time.
func Period(dimension string) bool {
	return slices.Contains([]string{"day", "month", "quarter", "year"}, dimension)
}

// Protected tells of a dimension that it is of class 3.
func Protected(dimension string) bool { return dimension == "disability" || dimension == "ethnicity" }

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// Check refuses an indicator that cannot be counted. It is given what can be.
func (i *Indicator) Check(measures map[string]bool) *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if !codeShape.MatchString(i.Code) {
		bad("figure.bad_code", "code")
	}
	if i.Starts.Precision() != dates.Day {
		bad("fault.needed", "starts")
	}
	for field, text := range map[string]string{"name_en": i.NameEn, "name_bn": i.NameBn, "owner": i.Owner} {
		if text = strings.TrimSpace(text); text == "" || len(text) > 400 {
			bad("fault.needed", field)
		}
	}
	faults = append(faults, i.Counts.check("counts", measures))
	if i.Of != nil {
		faults = append(faults, i.Of.check("of", measures))
		if i.Counts.Count == Mean || i.Of.Count == Mean {
			bad("figure.mean_of", "of")
		}
	}
	for _, d := range i.By {
		if !slices.Contains(Dimensions(), d) {
			bad("fault.bad_choice", "by")
		}
	}
	return fault.Join(faults...)
}

func (p *Part) check(field string, measures map[string]bool) *fault.Error {
	kinds, known := measures[p.Measure]
	switch {
	case !known, !slices.Contains([]Count{People, Events, Amount, Mean}, p.Count):
		return fault.New(fault.Invalid, "fault.bad_choice").On(field)
	case len(p.Kinds) > 0 && !kinds:
		return fault.New(fault.Invalid, "figure.no_kinds").On(field)
	case p.Count == People && len(p.Kinds) > 1:
		return fault.New(fault.Invalid, "figure.people_of_kinds").On(field)
	}
	for d := range p.Where {
		if !slices.Contains(Dimensions(), d) || Period(d) || d == "kind" {
			return fault.New(fault.Invalid, "fault.bad_choice").On(field)
		}
	}
	return nil
}

//go:embed indicators.json
var shipped []byte

//go:embed catalogue.json
var catalogue []byte

// Table is a table that may be published: one indicator, told apart in some ways by sex.
type Table struct {
	Code      string   `json:"code"`
	Indicator string   `json:"indicator"`
	Ways      []string `json:"ways"`
}

// Shipped returns the indicators that ship.
func Shipped() []Indicator { return slices.Clone(parsed().indicators) }

// Catalogue returns the tables that may be published.
func Catalogue() []Table { return slices.Clone(parsed().tables) }

type data struct {
	indicators []Indicator
	tables     []Table
}

// parsed is what ships, read once.
var parsed = sync.OnceValue(func() (d data) {
	for _, f := range []struct {
		text []byte
		to   any
	}{{shipped, &d.indicators}, {catalogue, &d.tables}} {
		if err := json.Unmarshal(f.text, f.to); err != nil {
			panic(fmt.Errorf("indicators that ship: %w", err)) // a programmer's mistake
		}
	}
	return d
})
