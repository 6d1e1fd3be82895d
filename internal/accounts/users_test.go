// SPDX-License-Identifier: Apache-2.0

package accounts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/offices"
	"fera/internal/words"
)

func TestOnlyTheFirstIsFirst(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		err := w.try(t, func(tx *db.Tx) error {
			_, _, err := accounts.FirstAdministrator(t.Context(), tx, terminal(), first("second"))
			return err
		})
		if key(err) != "account.not_first" {
			t.Errorf("FirstAdministrator again: %v, want account.not_first", err)
		}
		err = w.try(t, func(tx *db.Tx) error {
			_, _, err := accounts.FirstAdministrator(t.Context(), tx, access.Actor{ID: "x"}, first("x"))
			return err
		})
		if key(err) != "access.not_allowed" {
			t.Errorf("FirstAdministrator by a stranger: %v, want access.not_allowed", err)
		}
		held := w.roles(t, w.farid.ID)
		if len(held) != 1 || held[0].Role != access.Administrator || held[0].Scope != "all" {
			t.Errorf("Farid holds %v, want administrator of all", held)
		}
	})
}

func (w world) roles(t *testing.T, user string) (held []accounts.Held) {
	t.Helper()
	if err := w.d.Read(t.Context(), func(q db.Reader) (err error) {
		held, err = accounts.Roles(t.Context(), q, user)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return held
}

// actor is a user with what her roles allow.
func (w world) actor(t *testing.T, u accounts.User) access.Actor {
	t.Helper()
	a := access.Actor{ID: u.ID, Name: u.Name, Office: u.Office}
	for _, h := range w.roles(t, u.ID) {
		a.Grant(h.Role, h.Scope)
	}
	return a
}

func TestAddUserRefuses(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		other := w.elsewhere(t)
		w.add(t, "amina")
		local, _ := w.add(t, "local.admin")
		w.grant(t, local.ID, access.Administrator, "o:"+w.office)
		add := func(who access.Actor, a accounts.Addition) string {
			return key(w.try(t, func(tx *db.Tx) error {
				_, _, err := accounts.AddUser(t.Context(), tx, who, a)
				return err
			}))
		}
		right := accounts.Addition{Login: "basil", Name: "Basil", Office: w.office, Language: words.Bangla}
		elsewhere := right
		elsewhere.Office = other.ID
		if got := add(w.actor(t, local), elsewhere); got != "access.not_allowed" {
			t.Errorf("at another's office: %s", got)
		}
		for want, change := range map[string]func(*accounts.Addition){
			"account.login_taken":   func(a *accounts.Addition) { a.Login = " Amina " },
			"account.login_shape":   func(a *accounts.Addition) { a.Login = "a b" },
			"account.name_needed":   func(a *accounts.Addition) { a.Name = " " },
			"fault.bad_characters":  func(a *accounts.Addition) { a.Name = "a\x00" },
			"fault.too_long":        func(a *accounts.Addition) { a.Name = strings.Repeat("a", 201) },
			"fault.bad_choice":      func(a *accounts.Addition) { a.Language = "xx" },
			"account.office_needed": func(a *accounts.Addition) { a.Office = "none" },
		} {
			wrong := right
			change(&wrong)
			if got := add(terminal(), wrong); got != want {
				t.Errorf("AddUser = %q, want %s", got, want)
			}
		}
		if got := add(w.actor(t, local), right); got != "" {
			t.Errorf("at her own office: %s", got)
		}
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			_, err := offices.Alter(t.Context(), tx, terminal(), offices.Change{ID: other.ID, Version: 1, NameEn: "Sylhet", Kind: other.Kind, Place: other.Place, Closed: true})
			return err
		})
		elsewhere.Login = "new"
		if got := add(terminal(), elsewhere); got != "office.closed" {
			t.Errorf("at a closed office: %q", got)
		}
	})
}

func TestUsersAreSeenByThoseWhoWorkAbove(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		other := w.elsewhere(t)
		amina, _ := w.add(t, "amina")
		basil, _ := w.addAt(t, "basil", other.ID)
		w.grant(t, amina.ID, access.Supervisor, "g:"+w.org)
		who := w.actor(t, amina)
		err := w.d.Read(t.Context(), func(q db.Reader) error {
			if _, err := accounts.FindUser(t.Context(), q, who, basil.ID); key(err) != "account.user_not_found" {
				t.Errorf("FindUser elsewhere: %v", err)
			}
			for filter, want := range map[accounts.UserFilter][]string{
				{}: {"amina", "farid"}, {Login: "FA"}: {"farid"}, {After: "amina"}: {"farid"}, {Limit: 1}: {"amina"}, {Office: other.ID}: nil,
			} {
				list, err := accounts.ListUsers(t.Context(), q, who, filter)
				var got []string
				for _, u := range list {
					got = append(got, u.Login)
				}
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("ListUsers(%+v): %v %s", filter, err, diff)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestChangeUserMovesAndDisables(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		other := w.elsewhere(t)
		amina, _ := w.add(t, "amina")
		change := func(who access.Actor, c accounts.UserChange) string {
			return key(w.try(t, func(tx *db.Tx) error {
				_, err := accounts.ChangeUser(t.Context(), tx, who, c)
				return err
			}))
		}
		local, _ := w.add(t, "local.admin")
		w.grant(t, local.ID, access.Administrator, "o:"+w.office)
		here, farid := w.actor(t, local), w.actor(t, w.farid)
		c := accounts.UserChange{ID: amina.ID, Version: 1, Name: "Amina B", Office: other.ID}
		if got := change(here, c); got != "access.not_allowed" {
			t.Errorf("move beyond one's reach: %q", got)
		}
		if got := change(here, accounts.UserChange{ID: w.farid.ID, Version: 1, Name: "Farid", Office: w.office, Disabled: true}); got != "account.beyond_you" {
			t.Errorf("disable one who may do more: %q", got)
		}
		if got := change(farid, accounts.UserChange{ID: w.farid.ID, Version: 1, Name: "Farid", Office: w.office, Disabled: true}); got != "account.not_yourself" {
			t.Errorf("disable oneself: %q", got)
		}
		if got := change(farid, c); got != "" {
			t.Fatalf("move: %q", got)
		}
		if got := change(farid, c); got != "fault.conflict" {
			t.Errorf("at the old version: %q", got)
		}
		if got := change(here, accounts.UserChange{ID: amina.ID, Version: 2, Name: "x", Office: other.ID}); got != "account.user_not_found" {
			t.Errorf("after she moved away: %q", got)
		}
	})
}

func TestGrantsStayInsideTheGrantersReach(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		other := w.elsewhere(t)
		amina, _ := w.add(t, "amina")
		basil, _ := w.addAt(t, "basil", other.ID)
		local, _ := w.add(t, "local.admin")
		w.grant(t, local.ID, access.Administrator, "g:"+w.org)
		who := w.actor(t, local)
		for _, test := range []struct {
			user  string
			role  access.Role
			scope access.Scope
			want  string
		}{
			{amina.ID, access.Caseworker, "own", ""},
			{amina.ID, access.Caseworker, "own", "account.role_held"},
			{amina.ID, access.Caseworker, "o:" + w.office, ""},
			{amina.ID, access.Supervisor, "g:" + w.org, ""},
			{amina.ID, access.Supervisor, "all", "account.beyond_you"},
			{amina.ID, access.Supervisor, "a:30", "account.beyond_you"},
			{amina.ID, access.Supervisor, "o:" + other.ID, "account.beyond_you"},
			{amina.ID, access.Supervisor, "g:" + other.Organisation, "account.beyond_you"},
			{amina.ID, access.Supervisor, "o:none", "office.scope_unknown"},
			{amina.ID, access.Supervisor, "", "office.scope_unknown"},
			{amina.ID, "queen", "own", "fault.bad_choice"},
			{local.ID, access.Caseworker, "own", "account.not_yourself"},
			{basil.ID, access.Caseworker, "own", "account.user_not_found"},
		} {
			err := w.try(t, func(tx *db.Tx) error {
				return accounts.GrantRole(t.Context(), tx, who, accounts.Held{User: test.user, Role: test.role, Scope: test.scope})
			})
			if key(err) != test.want {
				t.Errorf("GrantRole %s at %s: %q, want %q", test.role, test.scope, key(err), test.want)
			}
		}
		revoke := func(who access.Actor, h accounts.Held) string {
			return key(w.try(t, func(tx *db.Tx) error { return accounts.RevokeRole(t.Context(), tx, who, h) }))
		}
		held := accounts.Held{User: amina.ID, Role: access.Supervisor, Scope: "g:" + w.org}
		if got := revoke(who, accounts.Held{User: local.ID, Role: access.Administrator, Scope: "g:" + w.org}); got != "account.not_yourself" {
			t.Errorf("RevokeRole from oneself: %q", got)
		}
		if got := revoke(who, held); got != "" {
			t.Errorf("RevokeRole: %q", got)
		}
		if got := revoke(who, held); got != "fault.conflict" {
			t.Errorf("RevokeRole twice: %q", got)
		}
	})
}

func TestWhoHoldsNamesThoseToTell(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, _ := w.add(t, "amina")
		chandra, _ := w.add(t, "chandra")
		esha, _ := w.add(t, "esha")
		gone, _ := w.add(t, "gone")
		w.grant(t, amina.ID, access.Caseworker, "o:"+w.office)
		w.grant(t, chandra.ID, access.Supervisor, "o:"+w.office)
		w.grant(t, chandra.ID, access.Supervisor, "a:30")
		w.grant(t, esha.ID, access.DataProtectionOfficer, "all")
		w.grant(t, gone.ID, access.Supervisor, "o:"+w.office)
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			_, err := accounts.ChangeUser(t.Context(), tx, terminal(), accounts.UserChange{ID: gone.ID, Version: 1, Name: "gone", Office: w.office, Disabled: true})
			return err
		})
		err := w.d.Read(t.Context(), func(q db.Reader) error {
			for scope, want := range map[access.Scope][]string{
				"o:" + w.office: {chandra.ID, esha.ID}, "o:other": {esha.ID}, "a:302614": {esha.ID}, "a:40": {esha.ID},
			} {
				slices.Sort(want)
				got, err := accounts.WhoHolds(t.Context(), q, access.ReviewGlass, scope)
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("WhoHolds at %s: %v %s", scope, err, diff)
				}
			}
			want := []string{chandra.ID, esha.ID} // who works for an area sees the card of its people
			slices.Sort(want)
			got, err := accounts.WhoHolds(t.Context(), q, access.ReadCards, "a:302614")
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("WhoHolds in an area: %v %s", err, diff)
			}
			got, err = accounts.WhoHolds(t.Context(), q, access.ReadProtected, "u:"+amina.ID)
			if diff := cmp.Diff([]string{amina.ID}, got); diff != "" || err != nil {
				t.Errorf("WhoHolds her caseload: %v %s", err, diff)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestNoticesAreReadOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, _ := w.add(t, "amina")
		w.grant(t, amina.ID, access.Caseworker, "own")
		w.equip(t, amina.ID)
		p := w.signIn(t, desk(), "amina")
		s, err := w.signed(t, p.Token)
		if err != nil || s.Unread != 1 {
			t.Fatalf("unread = %d, %v, want 1", s.Unread, err)
		}
		dbtest.Write(t, w.d, func(tx *db.Tx) error { return accounts.MarkRead(t.Context(), tx, s.Actor) })
		if s, _ = w.signed(t, p.Token); s.Unread != 0 {
			t.Errorf("unread after reading = %d", s.Unread)
		}
		if err := w.d.Read(t.Context(), func(q db.Reader) error {
			list, err := accounts.Notices(t.Context(), q, s.Actor, 10)
			if len(list) != 1 || list[0].Key != "notice.role_granted" || !list[0].Read {
				t.Errorf("Notices = %+v", list)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
