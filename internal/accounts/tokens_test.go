// SPDX-License-Identifier: Apache-2.0

package accounts_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
)

// addToken makes a key for amina as the terminal.
func (w world) addToken(t *testing.T, tok accounts.Token) (accounts.Token, string, error) {
	t.Helper()
	var made accounts.Token
	var text string
	err := w.try(t, func(tx *db.Tx) (err error) {
		made, text, err = accounts.AddToken(t.Context(), tx, terminal(), tok)
		return err
	})
	return made, text, err
}

func (w world) bearer(t *testing.T, text string) (a access.Actor, err error) {
	t.Helper()
	err = w.d.Read(t.Context(), func(q db.Reader) (err error) {
		a, err = accounts.ByToken(t.Context(), q, text)
		return err
	})
	return a, err
}

func TestATokenMayLessThanItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, _ := w.add(t, "amina")
		w.grant(t, amina.ID, access.Caseworker, "g:"+w.org)
		tok := accounts.Token{Owner: amina.ID, Name: "airport", Permissions: []access.Permission{access.RegisterPerson, access.ReadPersons}, EndsAt: w.clock.Now().Add(time.Hour)}
		_, text, err := w.addToken(t, tok)
		if err != nil {
			t.Fatal(err)
		}
		a, err := w.bearer(t, text)
		if err != nil || a.ID != amina.ID || a.Name != "amina (airport)" || a.Office != w.office || a.Organisation != w.org {
			t.Fatalf("ByToken = %+v, %v", a, err)
		}
		if diff := cmp.Diff([]access.Permission{access.ReadPersons, access.RegisterPerson}, slices.Sorted(maps.Keys(a.Grants))); diff != "" {
			t.Error(diff)
		}
		tok.Scope = "o:" + w.office
		_, narrow, err := w.addToken(t, tok)
		if err != nil {
			t.Fatal(err)
		}
		if a, _ := w.bearer(t, narrow); !cmp.Equal(a.Grants[access.ReadPersons], access.Reach{Scopes: []string{"o:" + w.office}}) {
			t.Errorf("narrowed to the office: %+v", a.Grants)
		}
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return accounts.RevokeRole(t.Context(), tx, terminal(), accounts.Held{User: amina.ID, Role: access.Caseworker, Scope: "g:" + w.org})
		})
		for _, text := range []string{text, narrow} {
			if a, err := w.bearer(t, text); err != nil || len(a.Grants) != 0 {
				t.Errorf("after the owner lost her role: %+v, %v", a.Grants, err)
			}
		}
	})
}

func TestTokensAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, _ := w.add(t, "amina")
		other := w.elsewhere(t)
		w.grant(t, amina.ID, access.Caseworker, "o:"+w.office)
		now := w.clock.Now()
		right := accounts.Token{Owner: amina.ID, Name: "airport", Permissions: []access.Permission{access.ReadPersons}, EndsAt: now.Add(365 * 24 * time.Hour)}
		for _, test := range []struct {
			want   string
			change func(*accounts.Token)
		}{
			{"account.user_not_found", func(t *accounts.Token) { t.Owner = "nobody" }},
			{"account.name_needed", func(t *accounts.Token) { t.Name = "" }},
			{"account.permissions_needed", func(t *accounts.Token) { t.Permissions = nil }},
			{"account.permission_not_hers", func(t *accounts.Token) { t.Permissions = []access.Permission{access.ErasePerson} }},
			{"account.permission_not_hers", func(t *accounts.Token) { t.Permissions = []access.Permission{access.OwnAccount} }},
			{"account.token_ends", func(t *accounts.Token) { t.EndsAt = now }},
			{"account.token_ends", func(t *accounts.Token) { t.EndsAt = now.Add(400 * 24 * time.Hour) }},
			{"account.token_ends", func(t *accounts.Token) { t.EndsAt = time.Time{} }},
			{"office.scope_unknown", func(t *accounts.Token) { t.Scope = "own" }},
			{"", func(t *accounts.Token) { t.Scope = "o:" + other.ID }}, // worth nothing there
		} {
			tok := right
			test.change(&tok)
			_, text, err := w.addToken(t, tok)
			if key(err) != test.want {
				t.Errorf("AddToken: %q, want %q", key(err), test.want)
			}
			if a, _ := w.bearer(t, text); len(a.Grants) != 0 {
				t.Errorf("a key outside the owner's reach may %v", a.Grants)
			}
		}
		if err := w.try(t, func(tx *db.Tx) error {
			_, _, err := accounts.AddToken(t.Context(), tx, w.actor(t, amina), right)
			return err
		}); key(err) != "account.user_not_found" {
			t.Errorf("AddToken by a caseworker: %v", err)
		}
	})
}

func TestATokenDies(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, _ := w.add(t, "amina")
		w.grant(t, amina.ID, access.Caseworker, "o:"+w.office)
		tok := accounts.Token{Owner: amina.ID, Name: "x", Permissions: []access.Permission{access.ReadPersons}, EndsAt: w.clock.Now().Add(time.Hour)}
		dead := func(what, text string) {
			t.Helper()
			if _, err := w.bearer(t, text); !errors.Is(err, accounts.ErrNotSignedIn) {
				t.Errorf("%s: %v, want ErrNotSignedIn", what, err)
			}
		}
		made, revoked, err := w.addToken(t, tok)
		if err != nil {
			t.Fatal(err)
		}
		_, text, err := w.addToken(t, tok)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []string{"", "fera_", "fera_" + made.ID + "_", "fera_" + made.ID + "_x", text + "x", text[5:], "Fera_" + text[5:], revoked[:len("fera_")+36] + text[len("fera_")+36:]} {
			dead("a wrong key", wrong)
		}
		revoke := func(who access.Actor) string {
			return key(w.try(t, func(tx *db.Tx) error { return accounts.RevokeToken(t.Context(), tx, who, made.ID) }))
		}
		if got := revoke(w.actor(t, amina)); got != "account.user_not_found" {
			t.Errorf("RevokeToken by one who may not: %q", got)
		}
		if got := revoke(terminal()); got != "" {
			t.Errorf("RevokeToken: %q", got)
		}
		if got := revoke(terminal()); got != "account.token_not_found" {
			t.Errorf("RevokeToken twice: %q", got)
		}
		dead("a revoked key", revoked)
		if _, err := w.bearer(t, text); err != nil {
			t.Fatal(err)
		}
		if err := w.d.Read(t.Context(), func(q db.Reader) error {
			list, err := accounts.Tokens(t.Context(), q, terminal(), amina.ID)
			if len(list) != 2 || len(list[0].Permissions) != 1 {
				t.Errorf("Tokens = %+v", list)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		change := func(disabled bool, version int) {
			dbtest.Write(t, w.d, func(tx *db.Tx) error {
				_, err := accounts.ChangeUser(t.Context(), tx, terminal(), accounts.UserChange{ID: amina.ID, Version: version, Name: "Amina", Office: w.office, Disabled: disabled})
				return err
			})
		}
		change(true, 1)
		dead("the key of a disabled owner", text)
		change(false, 2)
		w.clock.Move(time.Hour)
		dead("a key whose time is over", text)
	})
}
