// SPDX-License-Identifier: Apache-2.0

package site

import (
	"strings"

	"fera/internal/access"
	"fera/internal/web/kit"
)

// rooms are those that the visitor may enter.
func (r *Request) rooms() (items []kit.NavItem) {
	for _, room := range r.site.Rooms {
		if n := len(items); n > 0 && items[n-1].Href == room.Href {
			continue // she has it by another right
		}
		if r.Who.Holds(room.Perm) && (!room.Whole || r.Who.Grants[room.Perm].Everywhere) {
			items = append(items, kit.NavItem{Href: room.Href, Label: r.S.T(room.Key), Current: r.URL.Path == room.Href || strings.HasPrefix(r.URL.Path, room.Href+"/")})
		}
	}
	// Of rooms one within the other, the inner one is where she is.
	for i := range items {
		for _, other := range items {
			if other.Current && strings.HasPrefix(other.Href, items[i].Href+"/") {
				items[i].Current = false
			}
		}
	}
	return items
}

// menu is what the visitor finds under her own name.
func (r *Request) menu() []kit.NavItem {
	items := []kit.NavItem{{Href: "/account", Label: r.S.T("web.room.account")}, {Href: "/notices", Label: r.S.T("web.room.notices")}}
	switch {
	case r.Who.Practises():
		items = append(items, kit.NavItem{Href: "/practice", Label: r.S.T("practice.leave_menu")})
	case r.Who.Holds(access.Practise):
		items = append(items, kit.NavItem{Href: "/practice", Label: r.S.T("practice.menu")})
	}
	return items
}
