// SPDX-License-Identifier: Apache-2.0

package accounts_test

import (
	"errors"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/words"
)

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		in := w.signIn(t, desk(), "farid")
		open := func() bool {
			_, err := w.signed(t, in.Token)
			if err != nil && !errors.Is(err, accounts.ErrNotSignedIn) {
				t.Fatal(err)
			}
			return err == nil
		}
		w.clock.Move(29 * time.Minute)
		s, err := w.signed(t, in.Token)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.gate.Seen(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		w.clock.Move(29 * time.Minute)
		if !open() {
			t.Error("a session in use ended before its time")
		}
		w.clock.Move(2 * time.Minute)
		if open() {
			t.Error("a session without use for 31 minutes is still open")
		}
		w.clock.Move(time.Minute)
		in = w.signIn(t, desk(), "farid")
		for range 24 {
			w.clock.Move(29 * time.Minute)
			if s, err := w.signed(t, in.Token); err != nil {
				t.Fatal(err)
			} else if err := w.gate.Seen(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		w.clock.Move(25 * time.Minute)
		if open() {
			t.Error("a session is open after twelve hours")
		}
		if err := w.gate.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.count(t, `SELECT count(*) FROM sessions`); n != 0 {
			t.Errorf("%d sessions left after the sweep", n)
		}
	})
}

func TestSeenWritesOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		in := w.signIn(t, desk(), "farid")
		seen := func() time.Time {
			s, err := w.signed(t, in.Token)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.gate.Seen(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			s, _ = w.signed(t, in.Token)
			return s.Session.SeenAt
		}
		w.clock.Move(59 * time.Second)
		if got := seen(); got != dbtest.Noon {
			t.Errorf("seen after 59 seconds: %v", got)
		}
		w.clock.Move(time.Second)
		if got := seen(); got != dbtest.Noon.Add(time.Minute) {
			t.Errorf("seen after a minute: %v", got)
		}
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		var tokens []string
		for range 3 {
			tokens = append(tokens, w.signIn(t, desk(), "farid").Token)
			w.clock.Move(time.Minute)
		}
		s, err := w.signed(t, tokens[0])
		if err != nil {
			t.Fatal(err)
		}
		var list []accounts.Session
		if err := w.d.Read(t.Context(), func(q db.Reader) (err error) {
			list, err = w.gate.Sessions(t.Context(), q, s.Actor)
			return err
		}); err != nil || len(list) != 3 {
			t.Fatalf("Sessions = %+v, %v, want 3", list, err)
		}
		stranger := access.Actor{ID: "stranger"}
		end := func(who access.Actor, id string) string {
			return key(w.try(t, func(tx *db.Tx) error { return w.gate.EndSession(t.Context(), tx, who, id) }))
		}
		if got := end(stranger, list[0].ID); got != "account.session_not_found" {
			t.Errorf("EndSession by a stranger: %q", got)
		}
		if got := end(s.Actor, list[0].ID); got != "" {
			t.Errorf("EndSession: %q", got)
		}
		if _, err := w.signed(t, tokens[2]); !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Errorf("the ended session: %v", err)
		}
		all := func(who access.Actor) string {
			return key(w.try(t, func(tx *db.Tx) error {
				return w.gate.EndSessions(t.Context(), tx, who, w.farid.ID, s.Session.ID)
			}))
		}
		if got := all(stranger); got != "account.user_not_found" {
			t.Errorf("EndSessions by a stranger: %q", got)
		}
		if got := all(s.Actor); got != "" {
			t.Errorf("EndSessions: %q", got)
		}
		if _, err := w.signed(t, tokens[1]); !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Errorf("the other session: %v", err)
		}
		if _, err := w.signed(t, tokens[0]); err != nil {
			t.Errorf("this session: %v", err)
		}
	})
}

func TestDisablingEndsEverything(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, _ := w.add(t, "amina")
		w.equip(t, amina.ID)
		in := w.signIn(t, desk(), "amina")
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			_, err := accounts.ChangeUser(t.Context(), tx, terminal(), accounts.UserChange{ID: amina.ID, Version: 1, Name: "Amina", Office: w.office, Disabled: true})
			return err
		})
		if _, err := w.signed(t, in.Token); !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Errorf("the session of a disabled user: %v", err)
		}
	})
}

func TestRightsTakenAwayAreGoneAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, _ := w.add(t, "amina")
		w.equip(t, amina.ID)
		w.grant(t, amina.ID, access.Caseworker, "o:"+w.office)
		in := w.signIn(t, desk(), "amina")
		if s, _ := w.signed(t, in.Token); !s.Actor.Covers(access.ReadPersons, "o:"+w.office) {
			t.Fatal("a caseworker may not read persons")
		}
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return accounts.RevokeRole(t.Context(), tx, terminal(), accounts.Held{User: amina.ID, Role: access.Caseworker, Scope: "o:" + w.office})
		})
		s, err := w.signed(t, in.Token)
		if err != nil || s.Actor.Holds(access.ReadPersons) || !s.Actor.Holds(access.OwnAccount) {
			t.Errorf("after the role was revoked: %+v, %v", s.Actor.Grants, err)
		}
	})
}

func TestChangingThePasswordEndsOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		other := w.signIn(t, desk(), "farid")
		w.clock.Move(time.Minute)
		in := w.signIn(t, desk(), "farid")
		s, err := w.signed(t, in.Token)
		if err != nil {
			t.Fatal(err)
		}
		const fresh = "ekta notun lomba kotha"
		for old, want := range map[string]string{"wrong one here": "account.wrong_password", "": "account.wrong_password"} {
			if err := w.gate.ChangePassword(t.Context(), desk(), s, old, fresh); key(err) != want {
				t.Errorf("ChangePassword knowing %q: %v", old, err)
			}
		}
		if err := w.gate.ChangePassword(t.Context(), desk(), s, rightPassword, "farid farid farid"); key(err) != "account.password_holds_login" {
			t.Errorf("ChangePassword to one with the login: %v", err)
		}
		if err := w.gate.ChangePassword(t.Context(), desk(), s, rightPassword, fresh); err != nil {
			t.Fatal(err)
		}
		if _, err := w.signed(t, other.Token); !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Errorf("the other session: %v", err)
		}
		if _, err := w.signed(t, in.Token); err != nil {
			t.Errorf("this session: %v", err)
		}
		if _, err := w.gate.SignIn(t.Context(), desk(), "farid", fresh); err != nil {
			t.Errorf("SignIn with the new password: %v", err)
		}
	})
}

func TestAnotherSecondFactorReplacesTheFirst(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		in := w.signIn(t, desk(), "farid")
		s, err := w.signed(t, in.Token)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.gate.RenewFactor(t.Context(), desk(), s, rightPassword)
		if err != nil || p.Stage != accounts.StageFactor {
			t.Fatalf("RenewFactor = %+v, %v", p, err)
		}
		var fresh accounts.Seed
		if err := w.d.Read(t.Context(), func(q db.Reader) (err error) {
			fresh, err = w.gate.Seed(t.Context(), q, p.Token)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		again, err := w.gate.ConfirmSeed(t.Context(), desk(), p.Token, code(t, fresh.Secret, w.clock.Now()))
		if err != nil || again.Stage != accounts.StageIn {
			t.Fatalf("ConfirmSeed = %+v, %v", again, err)
		}
		if _, err := w.signed(t, in.Token); !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Errorf("the session before: %v", err)
		}
		w.clock.Move(time.Minute)
		p, err = w.gate.SignIn(t.Context(), desk(), "farid", rightPassword)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.gate.Confirm(t.Context(), desk(), p.Token, code(t, seed, w.clock.Now())); key(err) != "account.wrong_code" {
			t.Errorf("the first second factor: %v", err)
		}
		if _, err := w.gate.Confirm(t.Context(), desk(), p.Token, code(t, fresh.Secret, w.clock.Now())); err != nil {
			t.Errorf("the new second factor: %v", err)
		}
	})
}

func TestLanguageIsKeptForTheUser(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		in := w.signIn(t, desk(), "farid")
		s, _ := w.signed(t, in.Token)
		choose := func(lang words.Lang) string {
			return key(w.try(t, func(tx *db.Tx) error { return accounts.ChooseLanguage(t.Context(), tx, s.Actor, lang) }))
		}
		if got := choose("fr"); got != "fault.bad_choice" {
			t.Errorf("ChooseLanguage(fr): %q", got)
		}
		if got := choose(words.English); got != "" {
			t.Errorf("ChooseLanguage(en): %q", got)
		}
		if s, _ = w.signed(t, in.Token); s.User.Language != words.English {
			t.Errorf("language = %q", s.User.Language)
		}
	})
}
