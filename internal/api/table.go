// SPDX-License-Identifier: Apache-2.0

package api

import (
	"slices"

	"fera/internal/api/assessing"
	"fera/internal/api/calling"
	"fera/internal/api/casework"
	"fera/internal/api/dashboards"
	"fera/internal/api/desk"
	"fera/internal/api/exporting"
	"fera/internal/api/hooking"
	"fera/internal/api/messaging"
	"fera/internal/api/network"
	"fera/internal/api/op"
	"fera/internal/api/outreach"
	"fera/internal/api/register"
	"fera/internal/api/reporting"
	"fera/internal/hooks"
)

// operations is the table of everything that the API does.
func operations(o Options) []op.Operation {
	return slices.Concat(
		register.Operations(o.Finder),
		assessing.Operations(),
		listOperations(),
		casework.Operations(),
		copyOperations(),
		calling.Operations(),
		figureOperations(), dashboards.Operations(),
		messaging.Operations(),
		network.Operations(), reporting.Operations(), exporting.Operations(),
		desk.Operations(),
		outreach.Operations(),
		hooking.Operations(hooks.Rules{Private: o.HookPrivate}),
		exporting.Files(),
	)
}
