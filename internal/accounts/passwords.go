// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"bufio"
	"crypto/rand"
	"crypto/subtle"
	_ "embed" // the list of common passwords
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"fera/internal/fault"
)

// The rules for passwords: long, not common, not the login. Nothing is cut and
// no kind of character is asked for.
const (
	shortestPassword = 12
	longestPassword  = 200
)

// The work of one hash: 19 MiB, two passes, one lane, as OWASP advises.
const (
	hashMemory = 19 << 10 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashLength = 32
)

//go:embed common_passwords.txt
var commonText string

// common is the set of passwords that guessers try first.
var common = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for lines := bufio.NewScanner(strings.NewReader(commonText)); lines.Scan(); {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			set[strings.ToLower(norm.NFC.String(line))] = true
		}
	}
	return set
})

// normalPassword makes the same password of what different keyboards send for it.
func normalPassword(typed string) string { return norm.NFC.String(typed) }

func checkPassword(password, login string) *fault.Error {
	password = normalPassword(password)
	length := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return fault.New(fault.Invalid, "fault.bad_characters").On("password")
	case length < shortestPassword:
		return fault.New(fault.Invalid, "account.password_short").With("min", shortestPassword).On("password")
	case length > longestPassword:
		return fault.New(fault.Invalid, "fault.too_long").With("max", longestPassword).On("password")
	case holdsLogin(password, login):
		return fault.New(fault.Invalid, "account.password_holds_login").On("password")
	case isCommon(password):
		return fault.New(fault.Invalid, "account.password_common").On("password")
	}
	return nil
}

func holdsLogin(password, login string) bool {
	name, _, _ := strings.Cut(strings.ToLower(login), "@")
	return name != "" && strings.Contains(strings.ToLower(password), name)
}

// isCommon finds a common password also when digits and signs stand around it,
// it is written twice, or it is one short piece over and over.
func isCommon(password string) bool {
	folded := strings.ToLower(password)
	core := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	return common()[folded] || core == "" && run(folded) || common()[piece(folded)] || common()[piece(core)] || utf8.RuneCountInString(piece(folded)) < 4
}

// piece returns what s is a repetition of: s itself when of nothing shorter.
func piece(s string) string {
	runes := []rune(s)
	for n := 1; n <= len(runes)/2; n++ {
		if len(runes)%n == 0 && strings.Repeat(string(runes[:n]), len(runes)/n) == s {
			return string(runes[:n])
		}
	}
	return s
}

// run tells digits that only count up or down, such as 123456789012.
func run(s string) bool {
	runes := []rune(s)
	for _, step := range []rune{1, 9} {
		same := true
		for i := 1; i < len(runes); i++ {
			same = same && (runes[i]-'0') == ((runes[i-1]-'0')+step)%10
		}
		if same {
			return true
		}
	}
	return false
}

// hashPassword hashes a password under a fresh salt. It takes 19 MiB, so all
// that visitors can cause goes through a Gate, which lets a few at a time.
func hashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(normalPassword(password)), salt, hashPasses, hashMemory, hashLanes, hashLength)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// matchesHash reports whether hash was made of the password.
func matchesHash(password, hash string) bool {
	var version, memory, passes, lanes int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil || version != argon2.Version {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || err2 != nil || len(key) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(normalPassword(password)), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1
}
