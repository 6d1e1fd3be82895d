// SPDX-License-Identifier: Apache-2.0

package web

import "fera/internal/access"

// Route is what a test may know of a line of the table of routes.
type Route struct {
	Path         string
	Perm         access.Permission
	Open         bool
	Page         bool
	Writes, Form bool // it has an act or step; it has the page of its form
}

// Routes is the table of routes.
func Routes() []Route {
	var all []Route
	for _, rt := range (&Server{}).routes() {
		all = append(all, Route{Path: rt.path, Perm: rt.perm, Open: rt.open, Page: rt.page != nil && rt.act == nil && rt.step == nil,
			Writes: rt.act != nil || rt.step != nil, Form: rt.page != nil})
	}
	return all
}
