// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"fera/internal/db"
	"fera/internal/seal"
)

// stepLasts is how long one code of an authenticator app holds (RFC 6238).
const stepLasts = 30 * time.Second

// recoveryCodes is how many ways in there are without the second factor.
const recoveryCodes = 10

// newSeed returns the shared secret of a second factor, in base 32.
func newSeed() string {
	b := make([]byte, 20)
	rand.Read(b)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}

// stepOf returns the time step whose code was typed, one before or after now's
// included, and 0 when there is none.
func stepOf(seed, typed string, now time.Time) int64 {
	typed = normalCode(typed)
	current := now.Unix() / int64(stepLasts/time.Second)
	var found int64
	for step := current - 1; step <= current+1; step++ {
		code, err := hotp.GenerateCodeCustom(seed, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			found = step
		}
	}
	return found
}

// spendStep uses up a code of the second factor: each step counts once, and none
// before it counts afterwards, also when two come at the same moment.
func spendStep(ctx context.Context, tx *db.Tx, user string, sealed []byte, typed string) (bool, error) {
	if sealed == nil {
		return false, nil
	}
	seed, err := seal.Open(ctx, tx, seal.System, "users.totp:"+user, sealed)
	if err != nil {
		return false, err
	}
	step := stepOf(string(seed), typed, tx.Now())
	if step == 0 {
		return false, nil
	}
	n, err := tx.Exec(ctx, `UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?`, step, user, step)
	return n == 1, err
}

// spendRecovery uses up one of a user's recovery codes.
func spendRecovery(ctx context.Context, tx *db.Tx, user, typed string) (bool, error) {
	hash, err := codeHash(ctx, tx, user, typed)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND code = ? AND used_at IS NULL`, tx.Now(), user, hash)
	return n == 1, err
}

// renewRecovery gives a user fresh recovery codes instead of those she had.
func renewRecovery(ctx context.Context, tx *db.Tx, user string) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, user); err != nil {
		return nil, fmt.Errorf("renew recovery codes: %w", err)
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = newCode()
		hash, err := codeHash(ctx, tx, user, codes[i])
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO recovery_codes (user_id, code) VALUES (?, ?)`, user, hash); err != nil {
			return nil, fmt.Errorf("renew recovery codes: %w", err)
		}
	}
	return codes, nil
}

// codeAlphabet has no letter that is taken for a digit or for another letter.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode returns a code for a person to type: 16 characters, 80 random bits.
func newCode() string {
	b := make([]byte, 16)
	rand.Read(b)
	var text strings.Builder
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			text.WriteByte('-')
		}
		text.WriteByte(codeAlphabet[c%32])
	}
	return text.String()
}

// normalCode undoes what people do to a code they type: spaces, hyphens, small
// letters, Bangla digits, O for 0, I and L for 1.
func normalCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '০' <= r && r <= '৯':
			return r - '০' + '0'
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\t':
			return -1
		case 'a' <= r && r <= 'z':
			r += 'A' - 'a'
		}
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, typed)
}

// codeHash is what is kept of a code: a keyed hash, so that a copy of the
// database alone does not help a guesser.
func codeHash(ctx context.Context, q db.Reader, user, typed string) (string, error) {
	return seal.Blind(ctx, q, "code:"+user, normalCode(typed))
}
