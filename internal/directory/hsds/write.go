// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteZip writes a package as a zip archive of tables with their datapackage.json.
func (p *Package) WriteZip(to io.Writer) error {
	z := zip.NewWriter(to)
	paper, err := json.MarshalIndent(describe(), "", "  ")
	if err != nil {
		return err
	}
	w, err := z.Create("datapackage.json")
	if err != nil {
		return err
	}
	if _, err := w.Write(append(paper, '\n')); err != nil {
		return err
	}
	for _, t := range tables() {
		if w, err = z.Create(t.file); err != nil {
			return err
		}
		if err := p.writeTable(w, t); err != nil {
			return fmt.Errorf("write %s: %w", t.file, err)
		}
	}
	return z.Close()
}

func (p *Package) writeTable(to io.Writer, t *table) error {
	w := csv.NewWriter(to)
	head := make([]string, len(t.columns))
	for i, c := range t.columns {
		head[i] = c.name
	}
	if err := w.Write(head); err != nil {
		return err
	}
	cells := make([]string, len(head))
	for _, r := range p.Rows[t.object] {
		for i, name := range head {
			cells[i] = r.Values[name]
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// describe is the description of the tables, as tabular data packages have it.
func describe() any {
	type field struct {
		Name        string         `json:"name"`
		Type        string         `json:"type"`
		Format      string         `json:"format,omitempty"`
		Constraints map[string]any `json:"constraints,omitempty"`
	}
	type resource struct {
		Name    string         `json:"name"`
		Path    string         `json:"path"`
		Profile string         `json:"profile"`
		Schema  map[string]any `json:"schema"`
	}
	var all []resource
	for _, t := range tables() {
		var fields []field
		for _, c := range t.columns {
			f := field{Name: c.name, Type: "string", Constraints: map[string]any{"required": c.needed && c.name != "postal_code", "unique": c.name == "id"}}
			switch c.sort {
			case uuid, uri, email:
				f.Format = string(c.sort)
			case number:
				f.Type = "number"
			case date:
				f.Type = "date"
			case moment:
				f.Type, f.Format = "datetime", "any"
			}
			if len(c.is) > 0 {
				f.Constraints["enum"] = c.is
			}
			fields = append(fields, f)
		}
		all = append(all, resource{strings.TrimSuffix(t.file, ".csv"), t.file, "tabular-data-resource", map[string]any{"primaryKey": "id", "fields": fields}})
	}
	return map[string]any{"name": "fera-directory", "profile": "tabular-data-package", "title": "Human Services Data Specification 3.0", "resources": all}
}

// Tree makes objects out of rows as JSON has them: what belongs to a row stands in it. A Tree is made once for a package.
type Tree struct {
	p    *Package
	rows map[string]map[string]any // by table and id
	by   map[string][]*Row         // by table, parent's table and parent's id
}

// NewTree puts the rows of a package in order to be told.
func NewTree(p *Package) *Tree {
	t := &Tree{p: p, rows: map[string]map[string]any{}, by: map[string][]*Row{}}
	for _, tb := range tables() {
		for _, r := range p.Rows[tb.object] {
			t.rows[tb.object+r.Values["id"]] = tb.values(r)
		}
	}
	for _, tb := range tables() {
		for _, r := range p.Rows[tb.object] {
			link := ""
			switch tb.object {
			case "attribute":
				link = r.Values["link_id"]
			case "metadata":
				link = r.Values["resource_id"]
			default:
				for _, up := range parents() {
					if id := r.Values[up+"_id"]; link == "" && t.rows[up+id] != nil && tb.column(up+"_id") != nil {
						link = up + id
					}
				}
			}
			t.by[tb.object+"\x00"+link] = append(t.by[tb.object+"\x00"+link], r)
		}
	}
	return t
}

// values are those of a row as JSON has them.
func (t *table) values(r *Row) map[string]any {
	v := map[string]any{}
	for _, c := range t.columns {
		said := r.Values[c.name]
		switch {
		case said == "" && (!c.needed || c.links != ""):
		case c.sort == number:
			v[c.name] = json.Number(said)
		default:
			v[c.name] = said
		}
	}
	return v
}

// Flat is an object with its own values alone; nil if there is none.
func (t *Tree) Flat(object, id string) map[string]any { return t.rows[object+id] }

// Full is an object with all that belongs to it; nil if there is none.
func (t *Tree) Full(object, id string) map[string]any {
	flat := t.rows[object+id]
	if flat == nil {
		return nil
	}
	full := map[string]any{}
	for name, v := range flat {
		full[name] = v
	}
	for _, child := range within()[object] {
		if list := t.children(child, object, id); len(list) > 0 {
			full[tableOf(child).member] = list
		}
	}
	one := func(child, column string) {
		if own, _ := flat[column].(string); own != "" {
			if o := t.Full(child, own); o != nil {
				full[child] = o
			}
		}
	}
	switch object {
	case "service":
		if own, _ := flat["organization_id"].(string); t.rows["organization"+own] != nil {
			full["organization"] = t.Flat("organization", own)
		}
		one("program", "program_id")
	case "service_at_location":
		one("location", "location_id")
	case "attribute":
		one("taxonomy_term", "taxonomy_term_id")
	}
	return full
}

func (t *Tree) children(child, object, id string) (list []any) {
	link := object + id
	if child == "attribute" || child == "metadata" {
		link = id
	}
	for _, r := range t.by[child+"\x00"+link] {
		list = append(list, t.Full(child, r.Values["id"]))
	}
	return list
}

// IDs are the identifiers of all objects of a kind, in order.
func (t *Tree) IDs(object string) (all []string) {
	for _, r := range t.p.Rows[object] {
		all = append(all, r.Values["id"])
	}
	return all
}

// within are the objects that stand as lists in another.
func within() map[string][]string {
	all := map[string][]string{
		"organization":        {"funding", "contact", "phone", "program", "organization_identifier"},
		"service":             {"phone", "schedule", "service_area", "service_at_location", "language", "funding", "cost_option", "required_document", "contact"},
		"location":            {"language", "address", "contact", "accessibility", "phone", "schedule"},
		"service_at_location": {"contact", "phone", "schedule"},
		"contact":             {"phone"},
		"phone":               {"language"},
	}
	for _, object := range []string{"organization", "service", "location", "service_at_location", "contact", "phone", "program", "funding", "organization_identifier", "schedule", "service_area", "language", "cost_option", "required_document", "address", "accessibility"} {
		all[object] = append(slices.Clone(all[object]), "attribute", "metadata")
	}
	return all
}

// WriteJSON writes a package as JSON: services with all that belongs to them, and the organisations and locations that no service names.
func (p *Package) WriteJSON(to io.Writer) error {
	t := NewTree(p)
	whole := map[string][]any{"services": {}, "organizations": {}, "locations": {}}
	for _, object := range []string{"organization", "location", "service"} {
		for _, id := range t.IDs(object) {
			whole[object+"s"] = append(whole[object+"s"], t.Full(object, id))
		}
	}
	e := json.NewEncoder(to)
	e.SetIndent("", " ")
	return e.Encode(whole)
}
