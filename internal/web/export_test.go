// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fera/internal/access"
	"fera/internal/web/site"
)

// Route is what a test may know of a line of the table of routes.
type Route struct {
	Path         string
	Perm         access.Permission
	Open         bool
	Secret       bool // who holds the address may use it
	Page         bool
	Writes, Form bool // it has an act or step; it has the page of its form
}

// Routes is the table of routes.
func Routes() []Route {
	var all []Route
	for _, rt := range routes(&site.Site{}) {
		writes := rt.Act != nil || rt.Step != nil
		all = append(all, Route{Path: rt.Path, Perm: rt.Perm, Open: rt.Open, Secret: rt.Secret, Page: rt.Page != nil && !writes, Writes: writes, Form: rt.Page != nil})
	}
	return all
}
