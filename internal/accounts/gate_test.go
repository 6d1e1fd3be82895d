// SPDX-License-Identifier: Apache-2.0

package accounts_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
)

func TestANewUserEnrolsAndSignsIn(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx, v := t.Context(), desk()
		if _, err := w.gate.Enrol(ctx, v, "farid", "ABCD-ABCD-ABCD-ABCD"); key(err) != "account.wrong_enrolment" {
			t.Errorf("Enrol with a wrong code: %v", err)
		}
		p, err := w.gate.Enrol(ctx, v, "Farid ", strings.ToLower(strings.ReplaceAll(w.code, "-", " ")))
		if err != nil || p.Stage != accounts.StagePassword {
			t.Fatalf("Enrol = %+v, %v", p, err)
		}
		if _, err := w.gate.SetPassword(ctx, p.Token, "short"); key(err) != "account.password_short" {
			t.Errorf("SetPassword short: %v", err)
		}
		p2, err := w.gate.SetPassword(ctx, p.Token, rightPassword)
		if err != nil || p2.Stage != accounts.StageFactor {
			t.Fatalf("SetPassword = %+v, %v", p2, err)
		}
		var s accounts.Seed
		if err := w.d.Read(ctx, func(q db.Reader) (err error) {
			s, err = w.gate.Seed(ctx, q, p2.Token)
			return err
		}); err != nil || !strings.Contains(s.URL, s.Secret) {
			t.Fatalf("Seed = %+v, %v", s, err)
		}
		if _, err := w.gate.ConfirmSeed(ctx, v, p2.Token, "000000"); key(err) != "account.wrong_code" {
			t.Errorf("ConfirmSeed with a wrong code: %v", err)
		}
		in, err := w.gate.ConfirmSeed(ctx, v, p2.Token, code(t, s.Secret, w.clock.Now()))
		if err != nil || in.Stage != accounts.StageIn || len(in.Codes) != 10 || in.Device == "" {
			t.Fatalf("ConfirmSeed = %+v, %v", in, err)
		}
		signed, err := w.signed(t, in.Token)
		if err != nil || signed.User.Login != "farid" || !signed.Actor.Grants[access.GrantRole].Everywhere || signed.Session.Device != "Chrome, Windows" {
			t.Errorf("BySession = %+v, %v", signed, err)
		}
		if _, err := w.gate.Enrol(ctx, v, "farid", w.code); key(err) != "account.wrong_enrolment" {
			t.Errorf("Enrol twice with one code: %v", err)
		}
		if _, err := w.gate.SetPassword(ctx, p.Token, rightPassword); key(err) != "account.start_again" {
			t.Errorf("SetPassword after all is done: %v", err)
		}
	})
}

func TestAnEnrolmentCodeEnds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.clock.Move(7*24*time.Hour + time.Second)
		if _, err := w.gate.Enrol(t.Context(), desk(), "farid", w.code); key(err) != "account.wrong_enrolment" {
			t.Errorf("Enrol after a week: %v", err)
		}
	})
}

func TestSignInNeedsBothFactors(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx, v := t.Context(), desk()
		w.equip(t, w.farid.ID)
		if _, err := w.gate.SignIn(ctx, v, "farid", "not this password"); key(err) != "account.wrong" {
			t.Errorf("SignIn with a wrong password: %v", err)
		}
		p, err := w.gate.SignIn(ctx, v, " FARID", rightPassword)
		if err != nil || p.Stage != accounts.StageCode {
			t.Fatalf("SignIn = %+v, %v", p, err)
		}
		if _, err := w.signed(t, p.Token); !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Errorf("the half-done token opens a session: %v", err)
		}
		now := w.clock.Now()
		for _, wrong := range []string{"", "123", code(t, seed, now.Add(-2*time.Minute)), code(t, seed, now.Add(2*time.Minute))} {
			if _, err := w.gate.Confirm(ctx, v, p.Token, wrong); key(err) != "account.wrong_code" {
				t.Errorf("Confirm(%q): %v", wrong, err)
			}
		}
		right := []rune(code(t, seed, now.Add(-20*time.Second)))
		for i := range right {
			right[i] += '০' - '0' // as a Bangla keyboard types it
		}
		in, err := w.gate.Confirm(ctx, v, p.Token, string(right[:3])+" "+string(right[3:]))
		if err != nil || in.Stage != accounts.StageIn {
			t.Fatalf("Confirm = %+v, %v", in, err)
		}
		if _, err := w.gate.Confirm(ctx, v, p.Token, code(t, seed, now.Add(30*time.Second))); key(err) != "account.start_again" {
			t.Errorf("Confirm a finished sign-in: %v", err)
		}
		if n := w.count(t, `SELECT count(*) FROM sign_in_attempts WHERE user_id = ? AND passed = TRUE`, w.farid.ID); n != 2 {
			t.Errorf("%d attempts passed, want 2", n)
		}
	})
}

func TestASignInBearsFewWrongCodes(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		p, err := w.gate.SignIn(t.Context(), desk(), "farid", rightPassword)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for range 6 {
			_, err := w.gate.Confirm(t.Context(), desk(), p.Token, "000000")
			got = key(err)
			w.clock.Move(20 * time.Second)
		}
		if got != "account.start_again" {
			t.Errorf("the sixth wrong code: %q, want account.start_again", got)
		}
	})
}

// An unknown login, a disabled user and one who never enrolled get the same
// answer as a wrong password, after the same work.
func TestUnknownLoginsCostAsMuch(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		off, _ := w.add(t, "off")
		w.add(t, "fresh")
		w.equip(t, off.ID)
		w.equip(t, w.farid.ID)
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			_, err := accounts.ChangeUser(t.Context(), tx, terminal(), accounts.UserChange{ID: off.ID, Version: 1, Name: "off", Office: w.office, Disabled: true})
			return err
		})
		for _, login := range []string{"farid", "nobody", "", "off", "fresh", strings.Repeat("x", 10_000)} {
			before := w.gate.Hashes()
			password := rightPassword
			if login == "farid" {
				password += "!"
			}
			if _, err := w.gate.SignIn(t.Context(), desk(), login, password); key(err) != "account.wrong" {
				t.Errorf("SignIn as %.10q: %v, want account.wrong", login, err)
			}
			if n := w.gate.Hashes() - before; n != 1 {
				t.Errorf("SignIn as %.10q hashed %d passwords, want 1", login, n)
			}
		}
	})
}

// together runs fn n times at once and returns how often it succeeded.
func together(n int, fn func(i int) error) (passed int) {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	for _, err := range errs {
		if err == nil {
			passed++
		}
	}
	return passed
}

func TestACodeCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		const tries = 4
		tokens := make([]string, tries)
		for i := range tokens {
			p, err := w.gate.SignIn(t.Context(), desk(), "farid", rightPassword)
			if err != nil {
				t.Fatal(err)
			}
			tokens[i] = p.Token
		}
		c := code(t, seed, w.clock.Now())
		passed := together(tries, func(i int) error {
			_, err := w.gate.Confirm(t.Context(), desk(), tokens[i], c)
			return err
		})
		if passed != 1 {
			t.Errorf("one code let %d in, want 1", passed)
		}
	})
}

func TestARecoveryCodeCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		in := w.signIn(t, desk(), "farid")
		s, err := w.signed(t, in.Token)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.gate.RenewCodes(t.Context(), desk(), s, "not this password"); key(err) != "account.wrong_password" {
			t.Errorf("RenewCodes with a wrong password: %v", err)
		}
		codes, err := w.gate.RenewCodes(t.Context(), desk(), s, rightPassword)
		if err != nil || len(codes) != 10 {
			t.Fatalf("RenewCodes = %v, %v", codes, err)
		}
		const tries = 4
		tokens := make([]string, tries)
		for i := range tokens {
			p, err := w.gate.SignIn(t.Context(), desk(), "farid", rightPassword)
			if err != nil {
				t.Fatal(err)
			}
			tokens[i] = p.Token
		}
		passed := together(tries, func(i int) error {
			_, err := w.gate.Confirm(t.Context(), desk(), tokens[i], strings.ToLower(codes[3]))
			return err
		})
		if passed != 1 {
			t.Errorf("one recovery code let %d in, want 1", passed)
		}
	})
}

// The attacker knows the login and guesses, from many networks and from the
// victim's own. The victim gets in on the device she used before.
func TestGuessingIsSlowedAndLocksNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		known := desk()
		known.Device = w.signIn(t, desk(), "farid").Device
		w.clock.Move(time.Minute)
		looked := 0
		for i := range 30 {
			_, err := w.gate.SignIn(t.Context(), desk(), "farid", fmt.Sprintf("guess number %d", i))
			switch key(err) {
			case "account.wrong":
				looked++
			case "account.too_often":
			default:
				t.Fatalf("guess %d: %v", i, err)
			}
			w.clock.Move(time.Second)
		}
		if looked > 10 {
			t.Errorf("%d of 30 guesses in 30 seconds were looked at, want at most 10", looked)
		}
		for i := range 40 {
			far := accounts.Visitor{Network: fmt.Sprintf("198.51.%d.0/24", i)}
			if _, err := w.gate.SignIn(t.Context(), far, "farid", "guess from afar"); key(err) != "account.wrong" {
				t.Fatalf("guess from afar: %v", err)
			}
		}
		if _, err := w.gate.SignIn(t.Context(), desk(), "farid", rightPassword); key(err) != "account.too_often" {
			t.Errorf("the right password from the attacker's network: %v, want account.too_often", err)
		}
		stolen := desk()
		stolen.Device = "made up"
		if _, err := w.gate.SignIn(t.Context(), stolen, "farid", rightPassword); key(err) != "account.too_often" {
			t.Errorf("with a device cookie that is not hers: %v, want account.too_often", err)
		}
		if p := w.signIn(t, known, "farid"); p.Device != known.Device {
			t.Errorf("the known device changed: %q", p.Device)
		}
		w.clock.Move(16 * time.Minute)
		if _, err := w.gate.SignIn(t.Context(), desk(), "farid", rightPassword); err != nil {
			t.Errorf("from the network when the wait is over: %v", err)
		}
	})
}

func TestManyGuessesAtOnceDoNotSlipThrough(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		var mu sync.Mutex
		looked := 0
		together(20, func(i int) error {
			_, err := w.gate.SignIn(t.Context(), desk(), "farid", fmt.Sprintf("guess number %d", i))
			mu.Lock()
			defer mu.Unlock()
			if key(err) == "account.wrong" {
				looked++
			}
			return err
		})
		if looked == 0 || looked > 6 {
			t.Errorf("%d of 20 guesses at once were looked at, want 1 to 6", looked)
		}
	})
}

func TestANetworkThatGuessesManyLoginsIsSlowed(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		slowed := false
		for i := range 60 {
			_, err := w.gate.SignIn(t.Context(), desk(), fmt.Sprintf("login%d", i), "spring2030 spring2030")
			slowed = slowed || key(err) == "account.too_often"
		}
		if !slowed {
			t.Error("60 logins were tried from one network, and it was never slowed")
		}
	})
}

func TestSignInsStandInTheTrail(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.equip(t, w.farid.ID)
		w.gate.SignIn(t.Context(), desk(), "farid", "a secret that is wrong")
		w.gate.SignIn(t.Context(), desk(), "typed-by-mistake-secret", rightPassword)
		w.signIn(t, desk(), "farid")
		if err := w.d.Read(t.Context(), func(q db.Reader) error {
			for act, want := range map[access.Permission]int{"account.sign_in": 1, "account.sign_in_failed": 2} {
				lines, err := audit.List(t.Context(), q, audit.Filter{Act: act})
				if err != nil || len(lines) != want {
					t.Errorf("%s stands %d times in the trail, %v, want %d", act, len(lines), err, want)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n := w.count(t, `SELECT count(*) FROM sign_in_attempts WHERE login = 'typed-by-mistake-secret' OR login = 'farid'`); n != 0 {
			t.Error("a login was kept as it was typed")
		}
	})
}

func TestWithoutSecondFactorIsOnlyForDemonstrations(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return accounts.Equip(t.Context(), tx, terminal(), w.farid.ID, accounts.Credentials{Password: rightPassword})
		})
		if p, err := w.gate.SignIn(t.Context(), desk(), "farid", rightPassword); err != nil || p.Stage != accounts.StageFactor {
			t.Errorf("SignIn without a second factor: %+v, %v, want it to be set up", p, err)
		}
		loose := accounts.NewGate(w.d, accounts.Settings{WithoutSecondFactor: true})
		if p, err := loose.SignIn(t.Context(), desk(), "farid", rightPassword); err != nil || p.Stage != accounts.StageIn {
			t.Errorf("SignIn in a demonstration: %+v, %v", p, err)
		}
	})
}

func TestResetMakesTheUserEnrolAgain(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, _ := w.add(t, "amina")
		w.equip(t, amina.ID)
		in := w.signIn(t, desk(), "amina")
		reset := func(who access.Actor, user string) (c string, err error) {
			err = w.try(t, func(tx *db.Tx) (err error) {
				_, c, err = accounts.Reset(t.Context(), tx, who, user)
				return err
			})
			return c, err
		}
		local, _ := w.add(t, "local.admin")
		w.grant(t, local.ID, access.Administrator, "o:"+w.office)
		if _, err := reset(w.actor(t, local), w.farid.ID); key(err) != "account.beyond_you" {
			t.Errorf("Reset of one who may do more: %v", err)
		}
		if _, err := reset(w.actor(t, local), local.ID); key(err) != "account.not_yourself" {
			t.Errorf("Reset of oneself: %v", err)
		}
		c, err := reset(w.actor(t, local), amina.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.signed(t, in.Token); !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Errorf("the old session still opens: %v", err)
		}
		if _, err := w.gate.SignIn(t.Context(), desk(), "amina", rightPassword); key(err) != "account.wrong" {
			t.Errorf("the old password still opens: %v", err)
		}
		if p, err := w.gate.Enrol(t.Context(), desk(), "amina", c); err != nil || p.Stage != accounts.StagePassword {
			t.Errorf("Enrol with the new code: %+v, %v", p, err)
		}
	})
}
