// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/ids"
)

// The operations on a case have one shape. An act names its permission, its body and the function of the room that does it; it
// is answered with what it changed, as that is then. A reading is the same without the act. What is protected is read by a look,
// which is in the trail.

// on makes what an operation does to one case: the act, if there is one, and then what is shown.
func on(act func(*call, cases.ID) error, show func(*call, cases.ID) (any, error)) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		id, err := pathID[cases.ID](c, "id", "case.not_found")
		if err != nil {
			return answer{}, err
		}
		replayed := false
		if act != nil {
			if replayed, err = c.repeated(string(id)); err == nil && !replayed {
				err = act(c, id)
			}
			if err != nil {
				return answer{}, err
			}
		}
		body, err := show(c, id)
		if f := fault.Of(err); act != nil && f != nil && f.Key == "case.not_found" {
			// The act took the case out of the sight of who did it, as when it is handed over to another office.
			return answer{status: http.StatusNoContent, replayed: replayed}, nil
		}
		a := answer{status: c.op.answers(), body: body, replayed: replayed}
		if p, ok := body.(interface{ following() string }); ok {
			a.next = p.following()
		}
		return a, err
	}
}

// ofCases completes operations on one case: those that say no method are acts.
func ofCases(all []operation) []operation {
	for i := range all {
		o := &all[i]
		o.path = "/cases/{id}" + o.path
		if o.method == "" {
			o.method = http.MethodPost
		}
		if o.method != http.MethodGet {
			o.writes, o.keyed = true, true
		}
		if o.need == access.ReadProtected {
			o.writes = true // the look is in the trail
		}
		if o.out.none() {
			o.out = holds[caseFile]()
		}
	}
	return all
}

// pathID reads an identifier in the path. What is no identifier is nobody's.
func pathID[ID ~string](c *call, name, missing string) (ID, error) {
	id := c.r.PathValue(name)
	if !ids.Valid(id) {
		return "", fault.New(fault.NotFound, missing)
	}
	return ID(id), nil
}

// sent is the shape of a body whose texts go to a room as they are: one that holds what no engine can keep is refused.
func sent[T any]() shape { return sentAs(reflect.TypeFor[T]()) }

func sentAs(t reflect.Type) shape {
	return shape{of: t, decode: func(text []byte) (any, error) {
		v := reflect.New(t).Interface()
		if err := json.Unmarshal(text, v, json.RejectUnknownMembers(true)); err != nil {
			return nil, err
		}
		plain, err := json.Marshal(v)
		if err == nil && strings.Contains(string(plain), `\u0000`) {
			return nil, fault.New(fault.Invalid, "fault.bad_characters")
		}
		return v, err
	}}
}

// versioned is an act on a record as it was at a version.
type versioned struct {
	Version int `json:"version"`
}

func (b *versioned) check() *fault.Error { return based(b.Version) }

// reasoned is such an act for a reason.
type reasoned struct {
	Version int    `json:"version"`
	Why     string `json:"why"`
}

func (b *reasoned) check() *fault.Error { return based(b.Version) }

// text reads a text of the query.
func (c *call) text(name string) (string, error) {
	s := c.query[name]
	if len(s) > 100 || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On(name)
	}
	return s, nil
}

// day reads a day of the query; unknown when there is none.
func (c *call) day(name string) (dates.Partial, error) {
	text, given := c.query[name]
	if !given {
		return dates.Partial{}, nil
	}
	d, err := dates.Parse(text)
	if err != nil || d.Precision() != dates.Day {
		return dates.Partial{}, fault.New(fault.Invalid, "calendar.day_needed").On(name)
	}
	return d, nil
}

// number reads a number of the query.
func (c *call) number(name string, usual, least, most int) (int, error) {
	text, given := c.query[name]
	if !given {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fault.New(fault.Invalid, "fault.out_of_range").With("min", least).With("max", most).On(name)
	}
	return n, nil
}

// parts answers a part of a list of which the latest comes first. When the part is full, another may follow.
func parts[A, B any](c *call, list func(cases.Part) ([]A, error), view func(A) (string, B)) (page[B], error) {
	p := page[B]{Items: []B{}}
	limit, err := c.limit(50, 200)
	if err != nil {
		return p, err
	}
	before, err := c.cursor()
	if err != nil {
		return p, err
	}
	all, err := list(cases.Part{Before: before, Limit: limit})
	last := ""
	for _, a := range all {
		id, item := view(a)
		p.Items, last = append(p.Items, item), id
	}
	if len(all) == limit {
		p.Next = c.next(last)
	}
	return p, err
}

// following is the address of the next part.
func (p page[T]) following() string { return p.Next }
