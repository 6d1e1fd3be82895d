// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"fera/internal/fault"
)

// readJSON reads objects of HSDS: one, a list, a page of an answer, or tables by the names of their files.
func readJSON(text []byte) (*Package, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil || !utf8.Valid(text) {
		return nil, fault.New(fault.Invalid, "hsds.json").Because(err).On("file")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "hsds.json").On("file")
	}
	p := newPackage()
	n := &nested{p: p, known: map[string]*Row{}}
	switch root := root.(type) {
	case []any:
		return p, n.all(objectOf(root), root, "", nil)
	case map[string]any:
		if contents, ok := root["contents"].([]any); ok {
			return p, n.all(objectOf(contents), contents, "/contents", nil)
		}
		if root["id"] != nil {
			return p, n.one(objectOf([]any{root}), root, "/", nil)
		}
		for _, name := range slices.Sorted(maps.Keys(root)) {
			t := byFile(name)
			rows, ok := root[name].([]any)
			if t == nil || !ok {
				p.Notes = append(p.Notes, at("hsds.unknown_file", &Row{File: short(name)}, ""))
				continue
			}
			if err := n.all(t, rows, "/"+name, nil); err != nil {
				return nil, err
			}
		}
		return p, nil
	}
	return nil, fault.New(fault.Invalid, "hsds.json").On("file")
}

func byFile(name string) *table {
	for _, t := range tables() {
		if t.file == name || t.file == name+".csv" || t.object == name {
			return t
		}
	}
	return nil
}

// objectOf guesses what the objects of a list are: services say a status, service_at_locations two others, locations their type.
func objectOf(list []any) *table {
	for _, one := range list {
		if o, ok := one.(map[string]any); ok {
			switch {
			case o["location_type"] != nil:
				return tableOf("location")
			case o["status"] != nil:
				return tableOf("service")
			case o["service_id"] != nil && (o["location_id"] != nil || o["location"] != nil):
				return tableOf("service_at_location")
			}
		}
	}
	return tableOf("organization")
}

// nested takes objects within objects apart.
type nested struct {
	p     *Package
	known map[string]*Row // by object and id: the same object may stand in several places
	rows  int
}

func (n *nested) all(t *table, list []any, where string, up *parent) error {
	for i, one := range list {
		o, ok := one.(map[string]any)
		place := fmt.Sprintf("%s/%d", where, i)
		if !ok {
			return at("hsds.object", &Row{File: place}, "")
		}
		if err := n.one(t, o, place, up); err != nil {
			return err
		}
	}
	return nil
}

// parent is the object in which another stands.
type parent struct {
	t     *table
	row   *Row
	depth int
}

func (n *nested) one(t *table, o map[string]any, where string, up *parent) error {
	row := &Row{File: where, Number: 1, Values: map[string]string{}}
	here := &parent{t: t, row: row, depth: 1}
	if n.rows++; n.rows > mostRows || up != nil && up.depth >= mostDepth {
		return at("hsds.rows", row, "").With("max", mostRows)
	}
	if up != nil {
		here.depth = up.depth + 1
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		v := o[name]
		_, list := v.([]any)
		if _, object := v.(map[string]any); v == nil || (list || object) && byMember(name) != nil {
			continue // see within
		}
		if t.column(name) == nil {
			n.p.Notes = append(n.p.Notes, at("hsds.unknown_column", row, short(name)))
			continue
		}
		said, ok := scalar(v)
		if !ok || len(said) > mostCell {
			return at("hsds.scalar", row, name)
		}
		if said = strings.TrimSpace(said); said != "" {
			row.Values[name] = said
		}
	}
	n.link(t, row, up)
	if err := n.within(o, where, here); err != nil {
		return err
	}
	if old := n.known[t.object+row.Values["id"]]; old != nil && row.Values["id"] != "" {
		for name, v := range row.Values {
			if old.Values[name] == "" {
				old.Values[name] = v
			}
		}
		return nil
	}
	n.known[t.object+row.Values["id"]] = row
	n.p.Rows[t.object] = append(n.p.Rows[t.object], row)
	return nil
}

// within reads the objects that stand in an object.
func (n *nested) within(o map[string]any, where string, here *parent) error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		t := byMember(name)
		if t == nil {
			continue
		}
		var err error
		switch v := o[name].(type) {
		case []any:
			err = n.all(t, v, strings.TrimSuffix(where, "/")+"/"+name, here)
		case map[string]any:
			err = n.one(t, v, strings.TrimSuffix(where, "/")+"/"+name, here)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// link says in a row in which other it stood, or in the other which row stands in it.
func (n *nested) link(t *table, row *Row, up *parent) {
	if up == nil {
		return
	}
	own, id := up.t.object+"_id", up.row.Values["id"]
	switch {
	case t.object == "attribute":
		put(row, "link_id", id)
		put(row, "link_entity", up.t.object)
	case t.object == "metadata":
		put(row, "resource_id", id)
		put(row, "resource_type", up.t.object)
	case t.column(own) != nil:
		put(row, own, id)
	case up.t.column(t.object+"_id") != nil:
		put(up.row, t.object+"_id", row.Values["id"])
	}
}

func put(row *Row, name, value string) {
	if row.Values[name] == "" && value != "" {
		row.Values[name] = value
	}
}

// byMember is the table whose rows stand under a name in JSON.
func byMember(name string) *table {
	for _, t := range tables() {
		if t.member == name || t.object == name && name == "program" {
			return t
		}
	}
	return nil
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}
