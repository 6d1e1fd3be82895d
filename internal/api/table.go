// SPDX-License-Identifier: Apache-2.0

package api

import (
	"slices"

	"fera/internal/api/assessing"
	"fera/internal/api/calling"
	"fera/internal/api/casework"
	"fera/internal/api/codes"
	"fera/internal/api/copying"
	"fera/internal/api/dashboards"
	"fera/internal/api/desk"
	"fera/internal/api/exporting"
	"fera/internal/api/figures"
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
		codes.Operations(),
		casework.Operations(),
		copying.Operations(),
		calling.Operations(),
		figures.Operations(), dashboards.Operations(),
		messaging.Operations(),
		network.Operations(), reporting.Operations(), exporting.Operations(),
		desk.Operations(),
		outreach.Operations(),
		hooking.Operations(hooks.Rules{Private: o.HookPrivate}),
		exporting.Files(),
	)
}
