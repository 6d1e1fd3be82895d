// SPDX-License-Identifier: Apache-2.0

// Package templates says what a report of a kind is made of: its sections, what is to be written in each, and which figures stand
// in it. Templates are data, each in versions that hold from a day on; a report says by which version it was made.
package templates

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"fera/internal/dates"
	"fera/internal/reports/content"
)

// Template is one version of what a kind of report is made of.
type Template struct {
	Code     string        `json:"code"`
	Version  int           `json:"version"`
	Starts   dates.Partial `json:"starts"`
	Projects bool          `json:"projects"` // it is about a project, and not about the whole
	Kinds    []string      `json:"kinds"`    // the kinds of reports that may be made of it
	Title    content.Words `json:"title"`
	Sections []Section     `json:"sections"`
}

// Section is a part that a report is to have.
type Section struct {
	Code    string        `json:"code"`
	Title   content.Words `json:"title"`
	Asks    content.Words `json:"asks"`            // what is to be written here
	Money   bool          `json:"money,omitempty"` // it is for those alone who may see the money
	Figures []Figure      `json:"figures,omitempty"`
}

// Figure is a figure that is to stand in a section.
type Figure struct {
	Is        Sort   `json:"is"`
	Indicator string `json:"indicator,omitempty"` // its code
	By        string `json:"by,omitempty"`        // by which it is told apart
}

// Sort is how a figure is counted.
type Sort string

// The sorts of figures. All but Indicator and Typed are of a project.
const (
	People     Sort = "people"     // who counts for the project
	Cases      Sort = "cases"      // opened, closed and open
	Services   Sort = "services"   // what was given, by kind
	Activities Sort = "activities" // what was done among people, by kind
	Results    Sort = "results"    // the chain, with baseline, target and what was published beside the records
	Money      Sort = "money"      // the budget against what was spent
	Indicator  Sort = "indicator"  // an indicator: of the project, or of the whole
	Typed      Sort = "typed"      // figures that were typed in, beside their parts
)

//go:embed templates.json
var shipped []byte

var parsed = sync.OnceValue(func() (all []Template) {
	if err := json.Unmarshal(shipped, &all); err != nil {
		panic(fmt.Errorf("templates that ship: %w", err)) // a programmer's mistake
	}
	return all
})

// Shipped returns all versions of the templates that ship.
func Shipped() []Template { return slices.Clone(parsed()) }

// On returns the templates as they are on a day, of projects or of the whole, for a kind of report.
func On(day dates.Partial, projects bool, kind string) (all []Template) {
	for _, t := range parsed() {
		if t.Projects != projects || !slices.Contains(t.Kinds, kind) || day.SurelyBefore(t.Starts) {
			continue
		}
		if i := slices.IndexFunc(all, func(o Template) bool { return o.Code == t.Code }); i >= 0 {
			if all[i].Version < t.Version {
				all[i] = t
			}
			continue
		}
		all = append(all, t)
	}
	return all
}

// Find returns one version of a template.
func Find(code string, version int) (Template, bool) {
	i := slices.IndexFunc(parsed(), func(t Template) bool { return t.Code == code && t.Version == version })
	if i < 0 {
		return Template{}, false
	}
	return parsed()[i], true
}
