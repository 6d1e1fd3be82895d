// SPDX-License-Identifier: Apache-2.0

package api

import (
	"slices"

	"fera/internal/api/exporting"
	"fera/internal/api/network"
	"fera/internal/api/reporting"
)

// networkOperations are those by which organisations ask one another for something, those on reports and those on lists taken away as
// files: packages network, reporting and exporting say what they do.
func networkOperations() []operation {
	return each(slices.Concat(network.Operations(), reporting.Operations(), exporting.Operations()), func(o network.Operation) operation {
		line := operation{name: o.Name, method: o.Method, path: o.Path, need: o.Need, params: o.Params, out: shape{of: o.Out}, media: o.Media, status: o.Status, example: o.Example, writes: o.Writes(), do: networked(o)}
		line.keyed = o.Writes() && o.Method != "GET" && !o.Unkeyed
		if o.In != nil {
			line.in, line.ready = sentAs(o.In), checkBody
		}
		return line
	})
}

// checkBody applies the rules that a body of package network has of its own.
func checkBody(c *call) error {
	if b, ok := c.body.(network.Checked); ok {
		if wrong := b.Check(); wrong != nil {
			return wrong
		}
	}
	return nil
}

// networked does an operation of package network: the act once, and then what is shown.
func networked(o network.Operation) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		n := &network.Call{Ctx: c.ctx, Who: c.who, Q: c.q, Tx: c.tx, Operation: c.key, Body: c.body, Path: c.r.PathValue, Query: c.query, Next: c.next}
		replayed, err := false, error(nil)
		switch {
		case o.Act == nil:
		case o.Own:
			if replayed, err = c.done(); err == nil {
				err = o.Act(n)
			}
		default:
			if replayed, err = c.repeated(o.Name); err == nil && !replayed {
				err = o.Act(n)
			}
		}
		if err != nil {
			return answer{}, err
		}
		body, err := o.Show(n)
		if err != nil {
			return answer{}, err
		}
		a := answer{status: c.op.answers(), body: body, replayed: replayed}
		if file, is := body.([]byte); is {
			a.body, a.file = nil, file
		}
		if n.Made != "" {
			a.location = prefix + n.Made
		}
		if p, ok := body.(interface{ Following() string }); ok {
			a.next = p.Following()
		}
		return a, nil
	}
}
