// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"

	"fera/internal/api/dashboards"
)

// dashboardOperations are those that answer several figures at once: package dashboards says what they show.
func dashboardOperations() []operation {
	return each(dashboards.Operations(), func(o dashboards.Operation) operation {
		return operation{name: o.Name, method: http.MethodGet, path: o.Path, need: o.Need, params: o.Params, out: shape{of: o.Out}, do: func(c *call) (answer, error) {
			body, err := o.Show(&dashboards.Call{Ctx: c.ctx, Who: c.who, Q: c.q, Path: c.r.PathValue, Query: c.query})
			return answer{body: body}, err
		}}
	})
}
