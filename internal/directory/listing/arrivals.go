// SPDX-License-Identifier: Apache-2.0

package listing

import (
	"time"

	"fera/internal/dates"
	"fera/internal/fault"
)

// Arrival is what an exchange brings or takes: entries, organisations first, and whom one speaks to.
type Arrival struct {
	Entries []Arriving
	People  []Focal
}

// Arriving is one entry of an exchange.
type Arriving struct {
	ID        string
	Body      Body
	Confirmed dates.Partial // when its provider confirmed it, as the exchange says
	Changed   time.Time     // when it was changed last, on its way out
}

// Focal is somebody at a partner whom one speaks to. This is class 2: it is for those who sign in and may read the directory,
// and stands on no public page and in no open exchange.
type Focal struct {
	ID     string            `json:"-"`
	Entry  string            `json:"-"`
	Name   string            `json:"name"`
	Title  string            `json:"title,omitempty"` // what she is there
	Unit   string            `json:"unit,omitempty"`  // the department
	Email  string            `json:"email,omitempty"`
	Phones []Phone           `json:"phones,omitempty"`
	Kept   map[string]string `json:"kept,omitempty"`
	At     time.Time         `json:"-"`
}

// Check puts somebody into the form kept.
func (f *Focal) Check() *fault.Error {
	r := &Checker{}
	r.Line(&f.Name, LongestName, "name")
	if f.Name == "" && f.Title == "" && f.Unit == "" {
		r.Bad("fault.needed", "name")
	}
	r.Line(&f.Title, LongestName, "title")
	r.Line(&f.Unit, LongestName, "unit")
	r.Mail(&f.Email, "email")
	r.Phones(f.Phones, "phone")
	r.Kept(f.Kept)
	return r.Done()
}
