// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"net/http"

	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/fault"
)

// The operations on a case have one shape. An act names its permission, its body and the function of the room that does it; it
// is answered with what it changed, as that is then. A reading is the same without the act. What is protected is read by a look,
// which is in the trail.

// on makes what an operation does to one case: the act, if there is one, and then what is shown.
func on(act func(*op.Call, cases.ID) error, show func(*op.Call, cases.ID) (any, error)) func(*op.Call) (op.Answer, error) {
	return func(c *op.Call) (op.Answer, error) {
		id, err := op.PathID[cases.ID](c, "id", "case.not_found")
		if err != nil {
			return op.Answer{}, err
		}
		replayed := false
		if act != nil {
			if replayed, err = c.Repeated(string(id)); err == nil && !replayed {
				err = act(c, id)
			}
			if err != nil {
				return op.Answer{}, err
			}
		}
		body, err := show(c, id)
		if f := fault.Of(err); act != nil && f != nil && f.Key == "case.not_found" {
			// The act took the case out of the sight of who did it, as when it is handed over to another office.
			return op.Answer{Status: http.StatusNoContent, Replayed: replayed}, nil
		}
		a := op.Answer{Status: c.Op.Answers(), Body: body, Replayed: replayed}
		if p, ok := body.(interface{ Following() string }); ok {
			a.Next = p.Following()
		}
		return a, err
	}
}

// ofCases completes operations on one case: those that say no method are acts.
func ofCases(all []op.Operation) []op.Operation {
	for i := range all {
		o := &all[i]
		o.Path = "/cases/{id}" + o.Path
		if o.Out.None() {
			o.Out = op.Holds[caseFile]()
		}
	}
	return op.Acts(all)
}

// versioned is an act on a record as it was at a version.
type versioned struct {
	Version int `json:"version"`
}

// Check implements op.Checked.
func (b *versioned) Check() *fault.Error { return op.Based(b.Version) }

// reasoned is such an act for a reason.
type reasoned struct {
	Version int    `json:"version"`
	Why     string `json:"why"`
}

// Check implements op.Checked.
func (b *reasoned) Check() *fault.Error { return op.Based(b.Version) }

// parts answers a part of a list of which the latest comes first. When the part is full, another may follow.
func parts[A, B any](c *op.Call, list func(cases.Part) ([]A, error), view func(A) (string, B)) (op.Page[B], error) {
	p := op.Page[B]{Items: []B{}}
	limit, err := c.Limit(50, 200)
	if err != nil {
		return p, err
	}
	before, err := c.Cursor()
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
		p.Next = c.Next(last)
	}
	return p, err
}
