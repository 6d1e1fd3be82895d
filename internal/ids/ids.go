// SPDX-License-Identifier: Apache-2.0

// Package ids makes record identifiers: UUIDv7, so they sort by creation time
// and a field device can mint them while offline.
package ids

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// New returns a fresh identifier for an instant.
func New(now time.Time) string {
	var b [16]byte
	rand.Read(b[6:])
	return form(b, now)
}

// Nth returns a fresh identifier that sorts after those of the same instant with
// a smaller n, for rows that are made together and have an order. It counts to
// 4095; what is made after that has no order.
func Nth(now time.Time, n int) string {
	var b [16]byte
	rand.Read(b[6:])
	n = min(n, 0xfff)
	b[6], b[7] = byte(n>>8), byte(n)
	return form(b, now)
}

// Least is what sorts before all identifiers of an instant and of later ones, and after those of earlier ones.
func Least(now time.Time) string { return form([16]byte{}, now)[:13] }

func form(b [16]byte, now time.Time) string {
	ms := now.UnixMilli()
	for i := 5; i >= 0; i-- {
		b[i] = byte(ms)
		ms >>= 8
	}
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Named returns the identifier of something that has no other: the same names always give the same one.
func Named(names ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	s := hex.EncodeToString(sum[:16])
	return s[:8] + "-" + s[8:12] + "-8" + s[13:16] + "-a" + s[17:20] + "-" + s[20:]
}

// Valid reports whether s has the shape of an identifier: 36 characters, lower-case
// hexadecimal digits with hyphens at the places of a UUID.
func Valid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (c == '-') {
			return false
		}
		if !hyphen && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// apart is how the identifiers begin of whatever belongs to practice. No instant before the year 10000 has it.
const apart = "ff"

// FirstApart sorts after every identifier of a record that counts, and before those that are apart: a query that
// keeps what counts compares with it.
const FirstApart = apart

// Apart returns a fresh identifier for something made up, for practice. Wherever it turns up, it says so itself.
func Apart(now time.Time) string { return apart + New(now)[len(apart):] }

// IsApart reports whether an identifier is that of something made up.
func IsApart(id string) bool { return len(id) > len(apart) && id[:len(apart)] == apart }

// Beside returns a fresh identifier that is apart if the other one is.
func Beside(other string, now time.Time) string {
	if IsApart(other) {
		return Apart(now)
	}
	return New(now)
}
