// SPDX-License-Identifier: Apache-2.0

package api

import (
	"slices"

	"fera/internal/api/op"
	"fera/internal/hooks"
)

// operations is the table of everything that the API does.
func operations(o Options) []op.Operation {
	return slices.Concat(
		personOperations(), rowOperations(), importOperations(), linkOperations(o.Finder),
		assessmentOperations(), furtherOperations(),
		listOperations(),
		caseworkOperations(),
		copyOperations(),
		callOperations(),
		figureOperations(), dashboardOperations(),
		messageOperations(),
		networkOperations(),
		centreOperations(), appointmentOperations(),
		projectOperations(), activityOperations(),
		hookOperations(hooks.Rules{Private: o.HookPrivate}),
		exportOperations(),
	)
}
