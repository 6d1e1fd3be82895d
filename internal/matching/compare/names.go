// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"math/bits"

	"fera/internal/names"
)

// Likeness says how two single words are alike, the greater the closer.
type Likeness uint8

// The likenesses of words. Sounding is a different spelling of the same sound, Near a slip of the pen.
const (
	Unlike Likeness = iota
	Similar
	Sounding
	Near
	Equal
)

// Word is one part of a name, ready to be compared.
type Word struct {
	Text string // folded
	Key  string // its sound, the same in both scripts
	ID   int    // for whoever counts how common it is

	script  names.Script
	letters uint64 // which letters it has, a bit for each
	size    int    // characters
}

// WordOf makes a word of one of names.Tokens.
func WordOf(token string) Word {
	w := Word{Text: token, Key: names.Sound(token), script: names.Looks(token)}
	for _, r := range token {
		w.letters |= 1 << (r & 63)
		w.size++
	}
	return w
}

// far tells quickly of most words that they are nothing alike: letters that the other lacks have no partner.
func far(a, b *Word) bool {
	lost, missed := bits.OnesCount64(a.letters&^b.letters), bits.OnesCount64(b.letters&^a.letters)
	partners := float64(min(a.size-lost, b.size-missed))
	return partners/float64(a.size)+partners/float64(b.size) < 1.1 // Jaro below 0.7
}

// Name is a name taken apart: titles are gone, and the order is kept but does not count.
type Name struct {
	Words []Word
	Whole string // the words with spaces between
}

// NameOf takes a name apart. Nothing is left of a text without letters.
func NameOf(s string) Name {
	var n Name
	for _, t := range names.Tokens(s) {
		n.Words = append(n.Words, WordOf(t))
		if n.Whole != "" {
			n.Whole += " "
		}
		n.Whole += t
	}
	return n
}

// Words compares two words. Words of different scripts can only sound alike.
func Words(a, b *Word) Likeness {
	if a.Text == b.Text {
		return Equal
	}
	sound := a.Key == b.Key && a.Key != ""
	if a.script != b.script {
		if sound {
			return Sounding
		}
		return Unlike
	}
	if !sound && far(a, b) {
		return Unlike
	}
	s := Similarity(a.Text, b.Text)
	switch {
	case s >= 0.92 || min(len(a.Text), len(b.Text)) >= 4 && s >= 0.6 && Edits(a.Text, b.Text) <= 1:
		return Near
	case sound && len(a.Key) >= 2:
		return Sounding
	case s >= 0.85 || sound:
		return Similar
	case s >= 0.7 && min(len(a.Text), len(b.Text)) >= 7 && Edits(a.Text, b.Text) <= 2:
		return Similar
	}
	return Unlike
}

// NameLevel says how two names are alike.
type NameLevel uint8

// The levels of names, the best first. Parted names share a word while each has another that the other lacks, which brothers do.
const (
	NameMissing NameLevel = iota
	NameEqual
	NameNear
	NameSounding
	NameShorter
	NameParted
	NameDifferent
	NameCrossed
)

// MostWords is how many words of a name are looked at.
const MostWords = 8

// Names compares two names word by word, whatever the order, each word used once. The words that were found on both sides are
// given to agreed, the one of a first, if it is not nil.
func Names(a, b *Name, agreed func(x, y *Word)) NameLevel {
	turned := len(a.Words) > len(b.Words) || len(a.Words) == len(b.Words) && a.Whole > b.Whole
	if turned {
		a, b = b, a
	}
	if len(a.Words) > 0 && a.Whole == b.Whole && agreed == nil {
		return NameEqual
	}
	level, partner := Align(len(a.Words), len(b.Words), func(i, j int) Likeness { return Words(&a.Words[i], &b.Words[j]) })
	if agreed != nil {
		for i, j := range partner[:min(len(a.Words), MostWords)] {
			switch {
			case j >= 0 && turned:
				agreed(&b.Words[j], &a.Words[i])
			case j >= 0:
				agreed(&a.Words[i], &b.Words[j])
			}
		}
	}
	if level > NameSounding && len(a.Words) < len(b.Words) && Grown(a.Words, b.Words) {
		return NameSounding
	}
	return level
}

// Align gives the level of two names of so many words, the shorter first, and the partners of the words of the first, -1 for none. like compares
// two words.
func Align(n, m int, like func(i, j int) Likeness) (level NameLevel, partner [MostWords]int8) {
	n, m = min(n, MostWords), min(m, MostWords)
	if n == 0 || m == 0 {
		return NameMissing, partner
	}
	paired, worst := pair(n, m, like, &partner)
	switch {
	case paired == 0:
		return NameDifferent, partner
	case paired < n:
		return NameParted, partner
	case n < m:
		return NameShorter, partner
	case worst == Equal:
		return NameEqual, partner
	case worst == Near:
		return NameNear, partner
	}
	return NameSounding, partner
}

// pair gives each word its partner, the closest first.
func pair(n, m int, like func(i, j int) Likeness, partner *[MostWords]int8) (paired int, worst Likeness) {
	var used [MostWords]bool
	var grades [MostWords][MostWords]Likeness
	for i := range n {
		partner[i] = -1
		for j := range m {
			grades[i][j] = like(i, j)
		}
	}
	for want := Equal; want > Unlike; want-- {
		for i := range n {
			for j := range m {
				if partner[i] < 0 && !used[j] && grades[i][j] == want {
					partner[i], used[j], worst = int8(j), true, want
					paired++
				}
			}
		}
	}
	return paired, worst
}

// Grown tells whether one name is another with two words written as one: Nurjahan, Nur Jahan.
func Grown(a, b []Word) bool {
	joined := func(words []Word) (s string, size int) {
		for i := range words {
			s += words[i].Text
			size += words[i].size
		}
		return s, size
	}
	x, n := joined(a)
	y, m := joined(b)
	return max(n, m)-min(n, m) <= 2 && Similarity(x, y) >= 0.92
}
