// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"

	"fera/internal/api/dashboards"
	"fera/internal/api/op"
)

// dashboardOperations are those that answer several figures at once: package dashboards says what they show.
func dashboardOperations() []op.Operation {
	return op.Each(dashboards.Operations(), func(o dashboards.Operation) op.Operation {
		return op.Operation{Name: o.Name, Method: http.MethodGet, Path: o.Path, Need: o.Need, Params: o.Params, Out: op.Shape{Of: o.Out}, Do: func(c *op.Call) (op.Answer, error) {
			body, err := o.Show(&dashboards.Call{Ctx: c.Ctx, Who: c.Who, Q: c.Q, Path: c.Path, Query: c.Query})
			return op.Answer{Body: body}, err
		}}
	})
}
