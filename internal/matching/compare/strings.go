// SPDX-License-Identifier: Apache-2.0

// Package compare says how alike two values are: texts, names, dates, numbers and places.
//
// It knows neither records nor weights. Every function is symmetric, allocates nothing for short ASCII texts, and takes
// texts that names.Fold has been through.
package compare

import "math/bits"

// longest is how many characters of a text are looked at; a word of the machine holds one bit for each.
const longest = 64

// Similarity is the Jaro–Winkler similarity of two texts, from 0 to 1.
func Similarity(a, b string) float64 {
	if a == b {
		return 1
	}
	if a > b {
		a, b = b, a // which letters are paired depends on who is first
	}
	if ascii(a) && ascii(b) {
		return winkler(jaroASCII(a, b), prefix(a, b))
	}
	x, y := runes(a), runes(b)
	return winkler(jaro(x, y), prefix(x, y))
}

// winkler lifts a similarity for a common beginning, the part of a name that is misspelt least.
func winkler(j float64, common int) float64 {
	if j < 0.7 {
		return j
	}
	return j + float64(common)*0.1*(1-j)
}

// text is what two texts of one kind can be compared by.
type text interface{ ~string | ~[]rune }

func prefix[T text](a, b T) int {
	x, y, n := a, b, 0
	for n < 4 && n < len(x) && n < len(y) && at(x, n) == at(y, n) {
		n++
	}
	return n
}

func at[T text](s T, i int) rune {
	switch s := any(s).(type) {
	case string:
		return rune(s[i])
	case []rune:
		return s[i]
	}
	return 0
}

// jaroASCII keeps the places of each letter of b as bits, so that a letter of a finds its partner in one step.
func jaroASCII(a, b string) float64 {
	var places [128]uint64
	for i := range len(b) {
		places[b[i]] |= 1 << i
	}
	window := max(len(a), len(b))/2 - 1
	var inA, inB uint64
	for i := range len(a) {
		free := places[a[i]] & span(i-window, i+window, len(b)) &^ inB
		if free != 0 {
			inB |= free & -free
			inA |= 1 << i
		}
	}
	return jaroOf(a, b, inA, inB)
}

func jaro(a, b []rune) float64 {
	window := max(len(a), len(b))/2 - 1
	var inA, inB uint64
	for i, r := range a {
		for j := max(0, i-window); j <= min(len(b)-1, i+window); j++ {
			if b[j] == r && inB&(1<<j) == 0 {
				inB |= 1 << j
				inA |= 1 << i
				break
			}
		}
	}
	return jaroOf(a, b, inA, inB)
}

// span has the bits from one place to another, within a text of n characters.
func span(from, to, n int) uint64 {
	from, to = max(from, 0), min(to, n-1)
	if from > to {
		return 0
	}
	return (^uint64(0) >> (63 - (to - from))) << from
}

// jaroOf gives the similarity of two texts of which the marked characters are paired.
func jaroOf[T text](a, b T, inA, inB uint64) float64 {
	paired := bits.OnesCount64(inA)
	if paired == 0 {
		return 0
	}
	crossed := 0
	for x, y := inA, inB; x != 0; x, y = x&(x-1), y&(y-1) {
		if at(a, bits.TrailingZeros64(x)) != at(b, bits.TrailingZeros64(y)) {
			crossed++
		}
	}
	m := float64(paired)
	return (m/float64(len(a)) + m/float64(len(b)) + (m-float64(crossed)/2)/m) / 3
}

// Edits is the number of insertions, deletions, exchanges and swaps of neighbours that lead from one text to the other.
func Edits(a, b string) int {
	if a == b {
		return 0
	}
	if !ascii(a) || !ascii(b) {
		return edits(runes(a), runes(b))
	}
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	return editsASCII(a, b)
}

// editsASCII is Hyyrö's bit-parallel form: a column of the table of distances is two words of bits, the rises and the falls.
func editsASCII(a, b string) int {
	var places [128]uint64
	for i := range len(a) {
		places[a[i]] |= 1 << i
	}
	rises, falls, same, before := ^uint64(0), uint64(0), uint64(0), uint64(0)
	last := uint64(1) << (len(a) - 1)
	distance := len(a)
	for i := range len(b) {
		here := places[b[i]]
		swapped := ((^same & here) << 1) & before
		same = (((here & rises) + rises) ^ rises) | here | falls | swapped
		up, down := falls|^(same|rises), same&rises
		if up&last != 0 {
			distance++
		}
		if down&last != 0 {
			distance--
		}
		up, down = up<<1|1, down<<1
		rises, falls, before = down|^(same|up), up&same, here
	}
	return distance
}

func edits(a, b []rune) int {
	var rows [3][longest + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, higher := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], higher[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}

// ascii tells whether the fast way is open: one byte is one character, and a word has a bit for each.
func ascii(s string) bool {
	if len(s) > longest {
		return false
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func runes(s string) []rune {
	r := []rune(s)
	return r[:min(len(r), longest)]
}
