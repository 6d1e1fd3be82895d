// SPDX-License-Identifier: Apache-2.0

// Package sharing says what of a person may go to a provider with a referral: the least that the service needs, in two stages.
// What stands in the request lets a provider decide; who she is follows only when it agreed to serve her. It knows no database.
//
// Nothing of class 3 is ever taken from her file: what a provider has to know of it is typed for that provider alone.
package sharing

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"

	"fera/internal/names"

	"fera/internal/fault"
)

// Stage is when a provider sees a field.
type Stage string

// The stages.
const (
	Request  Stage = "request"  // as soon as it opens the referral
	Accepted Stage = "accepted" // when it has agreed to serve her
)

// Field is one thing that may be shared.
type Field struct {
	Code  string `json:"code"`
	Kind  string `json:"kind"` // how its value is written: a code, a date, a text
	Stage Stage  `json:"stage"`
	Typed bool   `json:"typed"` // written for this referral, not taken from the register
	Class int    `json:"class"` // 3 for what is protected
}

// book is the data that ship.
type book struct {
	Fields    []Field        `json:"fields"`
	Always    []string       `json:"always"`
	May       []string       `json:"may"`
	Needs     map[string]set `json:"needs"`
	Protected []string       `json:"protected"`
	Women     []string       `json:"women"`
}

type set struct {
	May []string `json:"may"`
}

//go:embed fields.json
var fieldsJSON []byte

var shipped = sync.OnceValue(func() (b book) {
	if err := json.Unmarshal(fieldsJSON, &b); err != nil {
		panic(err)
	}
	return b
})

// Fields returns all fields in the order in which they are shown.
func Fields() []Field { return slices.Clone(shipped().Fields) }

// FieldOf finds a field by its code.
func FieldOf(code string) (Field, bool) {
	b := shipped()
	at := slices.IndexFunc(b.Fields, func(f Field) bool { return f.Code == code })
	if at < 0 {
		return Field{}, false
	}
	return b.Fields[at], true
}

// Always returns the codes of what every referral shares: without it nobody can be served.
func Always() []string { return slices.Clone(shipped().Always) }

// For returns the fields that may be shared for a need, those that are always shared first among their stage.
func For(need string) (some []Field) {
	b := shipped()
	for _, f := range b.Fields {
		if slices.Contains(b.Always, f.Code) || slices.Contains(b.May, f.Code) || slices.Contains(b.Needs[need].May, f.Code) {
			some = append(some, f)
		}
	}
	return some
}

// Knows tells whether it is known what a need asks for.
func Knows(need string) bool {
	_, ok := shipped().Needs[need]
	return ok
}

// Protected tells whether it is class 3 that somebody was referred for a need.
func Protected(need string) bool { return slices.Contains(shipped().Protected, need) }

// AsksForWomen tells whether women are asked first whether they want to be served by women.
func AsksForWomen(need string) bool { return slices.Contains(shipped().Women, need) }

// LongestText is how many characters a typed field holds.
const LongestText = 1000

// Sheet holds the values that are shared, by the code of the field. A value is a code, a date or a text, whatever the kind of its
// field says; several are parted by commas. The sheet that was sent stays as it was.
type Sheet map[string]string

// Check refuses what may not be shared for a need, and typed texts that nobody could read.
func (s Sheet) Check(need string) *fault.Error {
	var faults []*fault.Error
	allowed := For(need)
	for code, value := range s {
		at := slices.IndexFunc(allowed, func(f Field) bool { return f.Code == code })
		if at < 0 {
			faults = append(faults, fault.New(fault.Invalid, "referral.not_for_this_need").On("share"))
			continue
		}
		clean, problem := names.CheckText(value, LongestText)
		if problem != "" {
			faults = append(faults, fault.New(fault.Invalid, problem).With("max", LongestText).On(code))
			continue
		}
		if s[code] = clean; clean == "" {
			delete(s, code)
		}
	}
	return fault.Join(faults...)
}

// Protected tells whether a sheet has something of class 3.
func (s Sheet) Protected() bool {
	for code := range s {
		if f, ok := FieldOf(code); ok && f.Class == 3 {
			return true
		}
	}
	return false
}

// At is what a provider sees of a sheet at a stage: at Accepted, all of it.
func (s Sheet) At(stage Stage) Sheet {
	some := Sheet{}
	for code, value := range s {
		if f, ok := FieldOf(code); ok && (stage == Accepted || f.Stage == Request) {
			some[code] = value
		}
	}
	return some
}

// Shown returns the fields of a sheet in the order in which they are shown.
func (s Sheet) Shown() (some []Field) {
	for _, f := range shipped().Fields {
		if s[f.Code] != "" {
			some = append(some, f)
		}
	}
	return some
}

// AgeBand says an age as a band of ten years, "25-34", or "65+"; nothing when it is not known. Under 18 is one band.
func AgeBand(age int) string {
	switch {
	case age < 0:
		return ""
	case age < 18:
		return "0-17"
	case age < 25:
		return "18-24"
	case age < 35:
		return "25-34"
	case age < 45:
		return "35-44"
	case age < 55:
		return "45-54"
	case age < 65:
		return "55-64"
	}
	return "65+"
}
