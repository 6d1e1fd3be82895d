// SPDX-License-Identifier: Apache-2.0

package names

// banglaKey gives the key of one folded token in Bangla letters, the same key
// that latinKey gives its usual romanisations.
func banglaKey(token string) string {
	in := []rune(token)
	var k skeleton
	for i, r := range in {
		prev, next := at(in, i-1), at(in, i+1)
		switch {
		case r == hasanta:
			k.open = false
		case r == nukta || r == 'ঃ' || r == 'ঁ':
		case next == nukta:
			k.dotted(r)
		case r == 'ং' || r == 'ঙ':
			k.nasal(in, i)
		case r == 'ঋ' || r == 'ৃ':
			k.add('R')
			k.open = true
		case r == 'হ':
			if i == 0 || (sounded(in[i+1:]) && prev != hasanta) {
				k.add('H')
			}
			k.open = k.open || next != hasanta
		case prev == hasanta && mute(r, at(in, i-2)):
			k.open = next != hasanta
		case r == 'ঞ' && next != hasanta: // মিঞা, ভূঞা
			k.vowel()
		case banglaSound(r) != 0:
			k.conjunct(in, i)
			k.open = next != hasanta && (r != 'র' || next != 'র') // রর is written for a double r
		case banglaVowel(r):
			k.vowel()
		}
	}
	return string(k.key)
}

// conjunct adds a consonant, minding জ্ঞ, which is said as গ.
func (k *skeleton) conjunct(in []rune, i int) {
	if in[i] == 'জ' && at(in, i+1) == hasanta && at(in, i+2) == 'ঞ' {
		k.add('G')
		return
	}
	if in[i] == 'ঞ' && at(in, i-1) == hasanta && at(in, i-2) == 'জ' {
		return
	}
	k.add(banglaSound(in[i]))
}

// dotted adds ড়, ঢ় (r) or য় (a glide, no consonant).
func (k *skeleton) dotted(r rune) {
	if r == 'য' {
		k.vowel()
		return
	}
	k.add('R')
	k.open = true
}

// nasal adds ং or ঙ: "ng", but "n" before ক and খ as in Shankar.
func (k *skeleton) nasal(in []rune, i int) {
	next := at(in, i+1)
	if next == hasanta {
		next = at(in, i+2)
	}
	k.add('N')
	if next != 'ক' && next != 'খ' {
		k.add('G')
	}
}

// mute reports whether r, joined below before, is not said: the য-ফলা always,
// the ব-ফলা except where it is a real b (ম্ব, র্ব, ল্ব, ব্ব, হ্ব).
func mute(r, before rune) bool {
	switch r {
	case 'য':
		return before != 'র'
	case 'ব':
		return before != 'ম' && before != 'র' && before != 'ল' && before != 'ব' && before != 'হ'
	}
	return false
}

// sounded reports whether anything pronounced follows, so that the last হ of
// আব্দুল্লাহ is as silent as that of Abdulla.
func sounded(rest []rune) bool {
	for _, r := range rest {
		if banglaSound(r) != 0 || banglaVowel(r) {
			return true
		}
	}
	return false
}

func at(in []rune, i int) rune {
	if i < 0 || i >= len(in) {
		return 0
	}
	return in[i]
}

func banglaVowel(r rune) bool {
	return r >= 'অ' && r <= 'ঔ' || r >= 'া' && r <= 'ৌ' || r == '\u09D7'
}

func banglaSound(r rune) byte {
	switch r {
	case 'ক', 'খ':
		return 'K'
	case 'গ', 'ঘ':
		return 'G'
	case 'চ', 'ছ', 'শ', 'ষ', 'স':
		return 'S'
	case 'জ', 'ঝ', 'য':
		return 'J'
	case 'ট', 'ঠ', 'ত', 'থ', 'ৎ':
		return 'T'
	case 'ড', 'ঢ', 'দ', 'ধ':
		return 'D'
	case 'ঙ', 'ঞ', 'ণ', 'ন', 'ং':
		return 'N'
	case 'প':
		return 'P'
	case 'ফ':
		return 'F'
	case 'ব', 'ভ', 'ৱ':
		return 'B'
	case 'ম':
		return 'M'
	case 'র':
		return 'R'
	case 'ল':
		return 'L'
	case 'হ':
		return 'H'
	}
	return 0
}
