// SPDX-License-Identifier: Apache-2.0

package site

import (
	"strings"

	"fera/internal/web/kit"
)

// rooms are those that the visitor may enter.
func (r *Request) rooms() (items []kit.NavItem) {
	for _, room := range r.site.Rooms {
		if r.Who.Holds(room.Perm) {
			items = append(items, kit.NavItem{Href: room.Href, Label: r.S.T(room.Key), Current: r.URL.Path == room.Href || strings.HasPrefix(r.URL.Path, room.Href+"/")})
		}
	}
	return items
}

// menu is what the visitor finds under her own name.
func (r *Request) menu() []kit.NavItem {
	return []kit.NavItem{{Href: "/account", Label: r.S.T("web.room.account")}, {Href: "/notices", Label: r.S.T("web.room.notices")}}
}
