// SPDX-License-Identifier: Apache-2.0

package names

import "strings"

// maxKey bounds a key; no real name token comes near it.
const maxKey = 16

// skeleton collects the letters of a key.
type skeleton struct {
	key  []byte
	open bool // a vowel came since the last letter, so the next one is no double
}

// add appends a sound; a doubled consonant counts once.
func (k *skeleton) add(c byte) {
	n := len(k.key)
	if n >= maxKey || (n > 0 && k.key[n-1] == c && !k.open) {
		k.open = false
		return
	}
	k.key = append(k.key, c)
	k.open = false
}

// vowel notes a vowel: it is written at the start of a name only, all vowels
// alike, for Islam is Eslam and Yusuf is Usuf.
func (k *skeleton) vowel() {
	if len(k.key) == 0 {
		k.key = append(k.key, 'A')
	}
	k.open = true
}

// latinKey gives the key of one folded token in Latin letters.
func latinKey(token string) string {
	var k skeleton
	for i := 0; i < len(token); i++ {
		c, next := token[i], byte(0)
		if i+1 < len(token) {
			next = token[i+1]
		}
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'w':
			k.vowel()
		case 'h':
			if breathed(token, i) {
				k.add('H')
			}
		case 'p':
			if next == 'h' {
				k.add('F')
			} else {
				k.add('P')
			}
		case 'c':
			k.add(letterC(next))
		case 'x':
			k.add('K')
			k.add('S')
		default:
			if s := latinSound(c); s != 0 {
				k.add(s)
			}
		}
	}
	return string(k.key)
}

// breathed reports whether the h at i is a sound of its own, as in Rahman,
// Farhad and Azhar: not in kh, sh or bh, and not at the end of Mollah.
func breathed(token string, i int) bool {
	if i == 0 {
		return true
	}
	if strings.Trim(token[i:], "h") == "" {
		return false
	}
	switch token[i-1] {
	case 'a', 'e', 'i', 'o', 'u', 'y', 'w', 'l', 'm', 'n', 'r', 'z':
		return true
	}
	return false
}

func letterC(next byte) byte {
	switch next {
	case 'h', 'e', 'i', 'y':
		return 'S'
	}
	return 'K'
}

func latinSound(c byte) byte {
	switch c {
	case 'k', 'q':
		return 'K'
	case 'j', 'z':
		return 'J'
	case 'b', 'v':
		return 'B'
	case 'd', 'f', 'g', 'l', 'm', 'n', 'r', 's', 't':
		return c - 'a' + 'A'
	}
	return 0
}
