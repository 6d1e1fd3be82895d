// SPDX-License-Identifier: Apache-2.0

package accounts_test

import (
	"strings"
	"testing"

	"fera/internal/accounts"
	"fera/internal/db"
)

func TestPasswordsAreLongAndUncommon(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		user, _ := w.add(t, "amina.khatun@example.org")
		for password, want := range map[string]string{
			"elevenchars":                  "account.password_short",
			"তেরোটি অক্ষর":                 "",
			"twelve chars":                 "",
			strings.Repeat("ab cd ef", 25): "",
			strings.Repeat("ক", 201):       "fault.too_long",
			"aaaaaaaaaaaaaaaa":             "account.password_common",
			"abcabcabcabcabc":              "account.password_common",
			"Bangladesh1971!!":             "account.password_common",
			"PASSWORDpassword":             "account.password_common",
			"qwertyuiop12":                 "account.password_common",
			"123456789012":                 "account.password_common",
			"987654321098":                 "account.password_common",
			"আমি তোমাকে ভালোবাসি": "account.password_common",
			"my Amina.Khatun 2030":              "account.password_holds_login",
			"nul\x00nul nul nul":                "fault.bad_characters",
			"bad \xff utf-8 text":               "fault.bad_characters",
			"no kind of character is asked for": "",
		} {
			err := w.try(t, func(tx *db.Tx) error {
				return accounts.Equip(t.Context(), tx, terminal(), user.ID, accounts.Credentials{Password: password})
			})
			if key(err) != want {
				t.Errorf("password %.30q: %q, want %q", password, key(err), want)
			}
		}
	})
}

// Two passwords that differ only at the end are two, and two ways to type one
// Bangla letter are one.
func TestNothingOfAPasswordIsCut(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		long := strings.Repeat("mati o manush ", 14)
		equip := func(password string) {
			t.Helper()
			if err := w.try(t, func(tx *db.Tx) error {
				return accounts.Equip(t.Context(), tx, terminal(), w.farid.ID, accounts.Credentials{Password: password, Seed: seed})
			}); err != nil {
				t.Fatal(err)
			}
		}
		equip(long + "a")
		if _, err := w.gate.SignIn(t.Context(), desk(), "farid", long+"b"); key(err) != "account.wrong" {
			t.Errorf("the password with another last letter: %v", err)
		}
		if _, err := w.gate.SignIn(t.Context(), desk(), "farid", long+"a"); err != nil {
			t.Errorf("the whole password: %v", err)
		}
		equip("সময\u09BC হলে ফির\u09CBব")
		if _, err := w.gate.SignIn(t.Context(), desk(), "farid", "সম\u09DF হলে ফির\u09C7\u09BEব"); err != nil {
			t.Errorf("the password from another keyboard: %v", err)
		}
	})
}
