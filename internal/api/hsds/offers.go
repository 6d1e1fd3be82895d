// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"net/http"
	"strings"

	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/hsds"
	"fera/internal/directory/near"
	"fera/internal/fault"
	"fera/internal/ids"
)

// offers answers a page of services at locations: those that are offered now. Where one is by its postcode or by how near it is to a
// point is not known here, so who asks for that is told so and not answered with everything.
func offers(_ *server, r *http.Request, q db.Reader) (any, error) {
	number, size, err := asked(r)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"postcode", "proximity"} {
		if r.URL.Query().Get(name) != "" {
			return nil, fault.New(fault.Invalid, "fault.bad_choice").On(name)
		}
	}
	f, none, err := chosen(r)
	if err != nil {
		return nil, err
	}
	if none {
		return paged(nil, 0, number, size), nil
	}
	f.Limit, f.Skip = size, (number-1)*size
	page, total, err := directory.Offers(r.Context(), q, f)
	if err != nil {
		return nil, err
	}
	wanted := make([]string, len(page))
	for i, o := range page {
		wanted[i] = o.Service
	}
	tree, err := treeOf(r, q, wanted)
	if err != nil {
		return nil, err
	}
	var contents []map[string]any
	for _, o := range page {
		contents = append(contents, told(tree, o, yes(r, "full")))
	}
	return paged(contents, total, number, size), nil
}

// treeOf are services with all that belongs to them.
func treeOf(r *http.Request, q db.Reader, services []string) (*hsds.Tree, error) {
	there, err := directory.Several(r.Context(), q, services)
	if err != nil {
		return nil, err
	}
	var entries []directory.Entry
	for _, e := range there {
		entries = append(entries, e)
	}
	out, err := directory.Leave(r.Context(), q, entries)
	if err != nil {
		return nil, err
	}
	return hsds.NewTree(hsds.Give(out)), nil
}

// told is an offer with its location. It has the name and the status of its service too: the published description of the API gives
// the schema of a service for a single one and that of a service_at_location for a list, and it is one by both.
func told(tree *hsds.Tree, o near.Offer, full bool) map[string]any {
	said := map[string]any{}
	whole := tree.Full("service_at_location", o.ID)
	for name, v := range whole {
		said[name] = v
	}
	if l, _ := whole["location_id"].(string); !full && l != "" {
		said["location"] = tree.Flat("location", l)
	}
	for _, name := range []string{"name", "status"} {
		said[name] = tree.Flat("service", o.Service)[name]
	}
	return said
}

// offer answers one.
func offer(_ *server, r *http.Request, q db.Reader) (any, error) {
	gone := fault.New(fault.NotFound, "directory.not_found")
	id := strings.ToLower(r.PathValue("id"))
	if !ids.Valid(id) {
		return nil, gone
	}
	service, err := near.ServiceOf(r.Context(), q, id)
	if err != nil {
		return nil, err
	}
	if service == "" {
		return nil, gone
	}
	tree, err := treeOf(r, q, []string{service})
	if err != nil {
		return nil, err
	}
	if tree.Flat("service_at_location", id) == nil || tree.Flat("service", service) == nil {
		return nil, gone
	}
	return told(tree, near.Offer{ID: id, Service: service}, true), nil
}
