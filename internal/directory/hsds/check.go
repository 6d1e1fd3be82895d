// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fera/internal/fault"
	"fera/internal/ids"
)

var dayShape = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// check refuses a package in which a row is not what HSDS says, or a needed link leads nowhere. Other links that lead nowhere are
// common, also in the published example; they are told and kept as they are.
func (p *Package) check() error {
	var faults []*fault.Error
	known := map[string]bool{} // object and id
	for _, t := range tables() {
		for _, r := range p.Rows[t.object] {
			faults = append(faults, t.row(r)...)
			if id := t.object + r.Values["id"]; known[id] {
				faults = append(faults, at("hsds.twice", r, "id"))
			} else {
				known[id] = true
			}
			if len(faults) >= mostFaults {
				return fault.Join(faults[:mostFaults]...)
			}
		}
	}
	for _, t := range tables() {
		for _, c := range t.columns {
			for _, r := range p.Rows[t.object] {
				v := r.Values[c.name]
				if c.links == "" || v == "" || known[c.links+v] {
					continue
				}
				if c.needed && c.links != "taxonomy_term" {
					faults = append(faults, at("hsds.no_such_row", r, c.name))
				} else {
					p.Notes = append(p.Notes, at("hsds.leads_nowhere", r, c.name))
				}
			}
		}
	}
	if len(p.Rows["organization"])+len(p.Rows["service"])+len(p.Rows["location"]) == 0 && len(faults) == 0 {
		faults = append(faults, fault.New(fault.Invalid, "hsds.empty").On("file"))
	}
	if len(faults) > 0 {
		return fault.Join(faults[:min(len(faults), mostFaults)]...)
	}
	return nil
}

// row checks the values of one row, and writes identifiers in small letters.
func (t *table) row(r *Row) (faults []*fault.Error) {
	for _, c := range t.columns {
		v := r.Values[c.name]
		if v == "" {
			// The address of the directory may lack what no letter here carries.
			if c.needed && c.name != "postal_code" && !slices.Contains([]string{"previous_value", "replacement_value"}, c.name) {
				faults = append(faults, at("hsds.needed", r, c.name))
			}
			continue
		}
		if c.sort == uuid {
			v = strings.ToLower(v)
			r.Values[c.name] = v
		}
		if key := c.wrong(v); key != "" {
			faults = append(faults, at(key, r, c.name))
		}
	}
	return faults
}

// wrong is the key of what is wrong with a value, if something is.
func (c column) wrong(v string) string {
	switch c.sort {
	case uuid:
		if !ids.Valid(v) {
			return "hsds.uuid"
		}
	case number:
		if _, err := strconv.ParseFloat(v, 64); err != nil || strings.ContainsAny(v, "xXnNiI_") {
			return "hsds.number"
		}
	case date:
		if _, err := time.Parse(time.DateOnly, v); err != nil || !dayShape.MatchString(v) {
			return "hsds.date"
		}
	case uri:
		if strings.ContainsAny(v, " \t\n<>\"") || !strings.Contains(v, ":") {
			return "hsds.uri"
		}
	case email:
		if strings.Count(v, "@") != 1 || strings.ContainsAny(v, " \t\n<>\",;") || strings.HasPrefix(v, "@") || strings.HasSuffix(v, "@") {
			return "hsds.email"
		}
	}
	if len(c.is) > 0 && !slices.Contains(c.is, v) {
		return "hsds.choice"
	}
	return ""
}
