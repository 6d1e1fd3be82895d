// SPDX-License-Identifier: Apache-2.0

// Package columns says what can be taken away as a file: which lists there are, and
// of each the columns, their class, their words in both languages and their HXL
// tags. It is data. There is no column of class 3, and none can be made here.
package columns

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"fera/internal/access"
)

// Column is one column of a list.
type Column struct {
	Code   string `json:"code"`
	En     string `json:"en"`
	Bn     string `json:"bn"`
	Class  int    `json:"class"`            // 1: said of somebody without saying who she is; 2: only after a second person approved
	HXL    string `json:"hxl"`              // tag of the Humanitarian Exchange Language, version 1.1; empty for none
	Number bool   `json:"number,omitempty"` // its values are numbers to be reckoned with
}

// Name is what a column is called in a language.
func (c Column) Name(lang string) string {
	if lang == "bn" {
		return c.Bn
	}
	return c.En
}

// Set is one list that can be taken away.
type Set struct {
	Code    string            `json:"code"`
	Need    access.Permission `json:"need"`    // to see the list
	Filters []string          `json:"filters"` // which parts of a filter it knows
	Columns []Column          `json:"columns"`
}

// Filter says which rows are wanted; what is empty wants all.
type Filter struct {
	Place     string `json:"place,omitempty"`
	Office    string `json:"office,omitempty"`
	Worker    string `json:"worker,omitempty"`
	Status    string `json:"status,omitempty"`
	Risk      string `json:"risk,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Programme string `json:"programme,omitempty"`
	Project   string `json:"project,omitempty"`
	From      string `json:"from,omitempty"`  // a day, as 2029-03-05
	Until     string `json:"until,omitempty"` // the last day
}

// Parts are the parts of the filter by name, to be read or filled in.
func (f *Filter) Parts() map[string]*string {
	return map[string]*string{"place": &f.Place, "office": &f.Office, "worker": &f.Worker, "status": &f.Status, "risk": &f.Risk, "kind": &f.Kind, "programme": &f.Programme,
		"project": &f.Project, "from": &f.From, "until": &f.Until}
}

// PartNames are the names of the parts, in the order in which they are asked for.
func PartNames() []string {
	return []string{"place", "office", "worker", "status", "risk", "kind", "programme", "project", "from", "until"}
}

//go:embed columns.json
var text []byte

var sets = sync.OnceValue(func() (all []Set) {
	if err := json.Unmarshal(text, &all); err != nil {
		panic(fmt.Errorf("columns of exports: %w", err)) // a programmer's mistake
	}
	return all
})

// Sets returns the lists that can be taken away.
func Sets() []Set { return slices.Clone(sets()) }

// Find returns a list by its code.
func Find(code string) (Set, bool) {
	for _, s := range sets() {
		if s.Code == code {
			return s, true
		}
	}
	return Set{}, false
}

// Knows tells whether a list knows a part of a filter.
func (s Set) Knows(part string) bool { return slices.Contains(s.Filters, part) }

// Chosen returns the columns with the codes given, in the order of the list; all of class 1 when none is given.
func (s Set) Chosen(codes []string) (some []Column) {
	for _, c := range s.Columns {
		if slices.Contains(codes, c.Code) || len(codes) == 0 && c.Class == 1 {
			some = append(some, c)
		}
	}
	return some
}

// ClassOf is the highest class among columns.
func ClassOf(some []Column) int {
	class := 1
	for _, c := range some {
		class = max(class, c.Class)
	}
	return class
}
