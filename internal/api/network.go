// SPDX-License-Identifier: Apache-2.0

package api

import (
	"slices"

	"fera/internal/api/exporting"
	"fera/internal/api/network"
	"fera/internal/api/op"
	"fera/internal/api/reporting"
)

// networkOperations are those by which organisations ask one another for something, those on reports and those on lists taken away as
// files: packages network, reporting and exporting say what they do.
func networkOperations() []op.Operation {
	return op.Each(slices.Concat(network.Operations(), reporting.Operations(), exporting.Operations()), func(o network.Operation) op.Operation {
		line := op.Operation{Name: o.Name, Method: o.Method, Path: o.Path, Need: o.Need, Params: o.Params, Out: op.Shape{Of: o.Out}, Media: o.Media, Status: o.Status, Example: o.Example, Writes: o.Writes(), Do: networked(o)}
		line.Keyed = o.Writes() && o.Method != "GET" && !o.Unkeyed
		if o.In != nil {
			line.In, line.Ready = op.SentAs(o.In), checkBody
		}
		return line
	})
}

// checkBody applies the rules that a body of package network has of its own.
func checkBody(c *op.Call) error {
	if b, ok := c.Body.(network.Checked); ok {
		if wrong := b.Check(); wrong != nil {
			return wrong
		}
	}
	return nil
}

// networked does an operation of package network: the act once, and then what is shown.
func networked(o network.Operation) func(*op.Call) (op.Answer, error) {
	return func(c *op.Call) (op.Answer, error) {
		n := &network.Call{Ctx: c.Ctx, Who: c.Who, Q: c.Q, Tx: c.Tx, Operation: c.Key, Body: c.Body, Path: c.Path, Query: c.Query, Next: c.Next}
		replayed, err := false, error(nil)
		switch {
		case o.Act == nil:
		case o.Own:
			if replayed, err = c.Done(); err == nil {
				err = o.Act(n)
			}
		default:
			if replayed, err = c.Repeated(o.Name); err == nil && !replayed {
				err = o.Act(n)
			}
		}
		if err != nil {
			return op.Answer{}, err
		}
		body, err := o.Show(n)
		if err != nil {
			return op.Answer{}, err
		}
		a := op.Answer{Status: c.Op.Answers(), Body: body, Replayed: replayed}
		if file, is := body.([]byte); is {
			a.Body, a.File = nil, file
		}
		if n.Made != "" {
			a.Location = op.Prefix + n.Made
		}
		if p, ok := body.(interface{ Following() string }); ok {
			a.Next = p.Following()
		}
		return a, nil
	}
}
