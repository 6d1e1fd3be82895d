// SPDX-License-Identifier: Apache-2.0

package accounts_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/offices"
)

// country is two organisations with two offices each, and all scopes there are.
type country struct {
	world
	offices []offices.Office
	scopes  []access.Scope
}

func (w world) country(t *testing.T) country {
	t.Helper()
	c := country{world: w, scopes: []access.Scope{"own", "all", "a:30", "a:3056", "a:3026"}}
	other := w.elsewhere(t)
	for _, org := range []string{w.org, w.org, other.Organisation} {
		var o offices.Office
		if err := w.try(t, func(tx *db.Tx) (err error) {
			o, err = offices.Add(t.Context(), tx, terminal(), offices.Opening{Organisation: org, NameEn: "office", Kind: offices.LocalOffice, Place: "3056"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		c.offices = append(c.offices, o)
	}
	c.offices = append(c.offices, other)
	for _, o := range c.offices {
		c.scopes = append(c.scopes, access.AtOffice(o.ID), access.OfOrganisation(o.Organisation))
	}
	slices.Sort(c.scopes)
	c.scopes = slices.Compact(c.scopes)
	return c
}

// Whatever an administrator of anything tries to grant to whom: what is granted
// reaches nowhere that she does not reach herself.
func TestNobodyGrantsBeyondHerReach(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		c := w.country(t)
		var users []accounts.User
		for i, o := range c.offices {
			u, _ := c.addAt(t, "user"+string(rune('a'+i)), o.ID)
			users = append(users, u)
		}
		granted := 0
		rapid.Check(t, func(rt *rapid.T) {
			who := access.Actor{ID: rapid.SampledFrom(users).Draw(rt, "granter").ID}
			who.Grant(access.Administrator, rapid.SampledFrom(c.scopes).Draw(rt, "where she administers"))
			h := accounts.Held{User: rapid.SampledFrom(users).Draw(rt, "grantee").ID, Role: rapid.SampledFrom(access.Roles()).Draw(rt, "role"), Scope: rapid.SampledFrom(c.scopes).Draw(rt, "scope")}
			err := c.try(t, func(tx *db.Tx) error {
				if err := accounts.GrantRole(t.Context(), tx, who, h); err != nil {
					return err
				}
				return accounts.RevokeRole(t.Context(), tx, who, h) // so that the next may try it too
			})
			if err != nil {
				if kind := fault.KindOf(err); kind == fault.Internal {
					rt.Fatalf("GrantRole: %v", err)
				}
				return
			}
			granted++
			if h.User == who.ID {
				rt.Fatalf("she granted %s to herself", h.Role)
			}
			c.within(rt, who, h)
		})
		if granted == 0 {
			t.Error("nothing was ever granted: the property says nothing")
		}
	})
}

// within fails unless a role held reaches only where who may grant.
func (c country) within(rt *rapid.T, who access.Actor, h accounts.Held) {
	grantee := access.Actor{ID: h.User}
	grantee.Grant(h.Role, h.Scope)
	for perm, reach := range grantee.Grants {
		if perm == access.OwnAccount {
			continue
		}
		if reach.Everywhere && !who.Grants[access.GrantRole].Everywhere {
			rt.Fatalf("%s now holds everywhere", perm)
		}
		for _, o := range c.offices {
			scopes := []access.Scope{access.AtOffice(o.ID), access.OfOrganisation(o.Organisation)}
			if grantee.Covers(perm, scopes...) && !who.Covers(access.GrantRole, scopes...) {
				rt.Fatalf("%s now holds at an office that the granter does not reach", perm)
			}
		}
		for _, area := range []access.Scope{"a:30", "a:3056", "a:305646", "a:40"} {
			if grantee.Covers(perm, area) && !who.Covers(access.GrantRole, area) {
				rt.Fatalf("%s now holds in %s, which the granter does not reach", perm, area)
			}
		}
	}
}

// A key never may what its owner may not, whatever it lists and wherever it is bound to.
func TestNoKeyExceedsItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		c := w.country(t)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			u, _ := c.addAt(t, fmt.Sprintf("owner%d", n), c.offices[0].ID)
			h := accounts.Held{User: u.ID, Role: rapid.SampledFrom(access.Roles()).Draw(rt, "role"), Scope: rapid.SampledFrom(c.scopes).Draw(rt, "scope")}
			c.grant(t, h.User, h.Role, h.Scope)
			owner := access.Actor{ID: u.ID, Office: u.Office, Organisation: c.offices[0].Organisation}
			owner.Grant(h.Role, h.Scope)
			scope := rapid.SampledFrom(append([]access.Scope{""}, c.scopes...)).Draw(rt, "bound to")
			listed := rapid.SliceOfNDistinct(rapid.SampledFrom(access.Permissions()), 1, 4, rapid.ID).Draw(rt, "listed")
			_, text, err := c.addToken(t, accounts.Token{Owner: u.ID, Name: "key", Permissions: listed, Scope: scope, EndsAt: c.clock.Now().Add(time.Hour)})
			if err != nil {
				return
			}
			a, err := c.bearer(t, text)
			if err != nil {
				rt.Fatal(err)
			}
			for perm, reach := range a.Grants {
				if !slices.Contains(listed, perm) || perm == access.OwnAccount {
					rt.Fatalf("the key may %s, which it does not list", perm)
				}
				if reach.Everywhere && !owner.Grants[perm].Everywhere {
					rt.Fatalf("the key may %s everywhere, its owner may not", perm)
				}
				for _, o := range c.offices {
					scopes := []access.Scope{access.AtOffice(o.ID), access.OfOrganisation(o.Organisation)}
					if a.Covers(perm, scopes...) && !owner.Covers(perm, scopes...) {
						rt.Fatalf("the key may %s where its owner may not", perm)
					}
				}
			}
		})
	})
}
