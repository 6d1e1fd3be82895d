// SPDX-License-Identifier: Apache-2.0

package table

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Kind is how a column is compared.
type Kind string

// The kinds. The first five can be asked for by hand.
const (
	Exact  Kind = "exact"
	Person Kind = "name"
	Text   Kind = "text"
	Number Kind = "number"
	Day    Kind = "date"

	Ignore  Kind = "ignore"
	ID      Kind = "id"
	Source  Kind = "source"
	Given   Kind = "given_name"
	Surname Kind = "surname"
	Kin     Kind = "relative" // a parent's or spouse's name
	Sex     Kind = "sex"
	Year    Kind = "year"
	Month   Kind = "month"
	DayOf   Kind = "day"
	Age     Kind = "age"
	Phone   Kind = "phone"
	NID     Kind = "nid"
	Paper   Kind = "paper"
	Email   Kind = "email"
	Place   Kind = "place"
	Address Kind = "address"
)

// headWords takes a heading apart: "dateOfBirth2" is date, of, birth.
func headWords(head string) []string {
	var b strings.Builder
	before := rune(0)
	for _, r := range head {
		switch {
		case unicode.IsUpper(r) && unicode.IsLower(before):
			b.WriteByte(' ')
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsLetter(r) || unicode.IsMark(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
		before = r
	}
	return strings.Fields(b.String())
}

// vocabulary is what words of headings mean, the first kind whose word stands there first: a father's name is of a relative,
// and a birth place is a place.
func vocabulary() []struct {
	kind  Kind
	words string
} {
	return []struct {
		kind  Kind
		words string
	}{
		{Kin, "father fathers mother mothers spouse husband wife parent guardian pita mata বাবা মা পিতা মাতা স্বামী স্ত্রী"},
		{Email, "email mail"},
		{Phone, "phone mobile tel telephone cell msisdn cellphone ফোন মোবাইল"},
		{Address, "address street road addr house ঠিকানা"},
		{Place, "village upazila upazilla thana district zila union division ward place suburb city town state postcode postal post zip " +
			"county region country province municipality locality parish গ্রাম উপজেলা জেলা ইউনিয়ন"},
		{Sex, "sex gender লিঙ্গ"},
		{Age, "age বয়স"},
		{Year, "year yob by"},
		{Month, "month bm"},
		{DayOf, "day bd"},
		{Day, "dob birthdate birthday birth date born জন্ম"},
		{NID, "nid voter"},
		{Paper, "passport ssn soc sec social national nin nhs nhi licence license registration card number no num uid id passports"},
		{Given, "given first forename fname firstname givenname middle christian prenom"},
		{Surname, "surname last lname lastname family familyname sname nom"},
		{Person, "name fullname নাম"},
		{Text, "occupation job profession title"},
	}
}

func ofHead(words []string) Kind {
	for _, v := range vocabulary() {
		for _, w := range strings.Fields(v.words) {
			if slices.Contains(words, w) {
				return v.kind
			}
		}
	}
	return ""
}

// looks is what the values of a column are like.
type looks struct {
	filled, distinct       int
	dates, mails, digits   float64 // shares of the filled values
	numbers                float64 // whole numbers of at most four digits
	low, high              int     // of those
	letters, words, length float64 // share of values that are letters alone; means
	commonest              float64 // share of the commonest value
}

func look(values []string) looks {
	l := looks{low: 1 << 30, high: -1}
	seen := map[string]int{}
	for _, v := range values {
		if v == "" {
			continue
		}
		l.filled++
		seen[v]++
		l.add(v)
	}
	l.distinct = len(seen)
	most := 0
	for _, n := range seen {
		most = max(most, n)
	}
	if l.filled > 0 {
		n := float64(l.filled)
		for _, share := range []*float64{&l.dates, &l.mails, &l.digits, &l.numbers, &l.letters, &l.words, &l.length} {
			*share /= n
		}
		l.commonest = float64(most) / n
	}
	return l
}

func (l *looks) add(v string) {
	if d, ok := readDate(v); ok && d.Day > 0 {
		l.dates++
	}
	if strings.Contains(v, "@") {
		l.mails++
	}
	digits, letters, others := 0, 0, 0
	for _, r := range v {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r) || unicode.IsMark(r) || strings.ContainsRune(" .'-", r):
			letters++
		default:
			others++
		}
	}
	if digits >= 5 && digits*10 >= 6*(digits+letters+others) || digits > 0 && digits == len(v) {
		l.digits++
	}
	if n, ok := small(v); ok {
		l.numbers++
		l.low, l.high = min(l.low, n), max(l.high, n)
	}
	if digits == 0 && others == 0 && letters > 0 {
		l.letters++
	}
	l.words += float64(len(strings.Fields(v)))
	l.length += float64(len([]rune(v)))
}

func small(v string) (n int, ok bool) {
	if len(v) > 4 || v == "" {
		return 0, false
	}
	for i := range len(v) {
		if v[i] < '0' || v[i] > '9' {
			return 0, false
		}
		n = n*10 + int(v[i]-'0')
	}
	return n, true
}

// Infer guesses the kind of each column that asked does not settle.
func Infer(t *Table, asked map[string]Kind) []Kind {
	kinds, all := make([]Kind, len(t.Heads)), make([]looks, len(t.Heads))
	for i, head := range t.Heads {
		all[i] = look(t.Columns[i])
		words := headWords(head)
		kinds[i] = fits(ofHead(words), all[i])
		if plain(head) == "source" && all[i].distinct == 2 {
			kinds[i] = Source
		}
	}
	if !slices.Contains(slices.Collect(maps.Values(asked)), ID) {
		kinds[idColumn(t, all)] = ID
	}
	threeParts(kinds, all)
	for i, head := range t.Heads {
		if k, ok := asked[head]; ok {
			kinds[i] = k
		}
		if kinds[i] != ID && all[i].distinct < 2 {
			kinds[i] = Ignore
		}
	}
	withoutAge(kinds)
	withoutSums(t, kinds, asked)
	return kinds
}

// fits takes a guess from the heading if the values bear it out, and otherwise guesses from the values.
func fits(guess Kind, l looks) Kind {
	switch guess {
	case Day:
		if l.dates >= 0.3 || l.numbers > 0.9 && l.low > 1800 {
			return Day
		}
	case Year, Month, DayOf, Age:
		if l.numbers >= 0.7 {
			return guess
		}
	case Email:
		if l.mails >= 0.5 {
			return Email
		}
	case Given, Surname, Person, Kin:
		if l.digits < 0.5 {
			return guess
		}
	case Sex:
		if l.distinct <= 12 {
			return Sex
		}
	case Phone, NID, Paper:
		if l.commonest < 0.5 && l.length >= 4 {
			return guess
		}
	case Address:
		if l.length <= 5 && l.digits > 0.5 {
			return Place // a house number says as much as a place
		}
		return guess
	case Place, Text:
		return guess
	}
	return ofValues(l)
}

func ofValues(l looks) Kind {
	spread := float64(l.distinct) / float64(max(l.filled, 1))
	switch {
	case l.mails >= 0.5:
		return Email
	case l.dates >= 0.7 && l.length >= 6:
		return Day
	case l.distinct <= 12 || spread < 0.002:
		return Exact
	case l.digits >= 0.7 && l.length >= 5 && spread > 0.05:
		return Paper
	case l.numbers >= 0.9 && l.length < 4:
		return Number
	case l.letters >= 0.7 && l.words <= 3.5:
		return Person
	case l.words < 1.3 && l.length >= 5 && spread > 0.3:
		return Paper
	}
	return Text
}

// idColumn is the column that names the row: by its heading if its values are all different, or else the first such.
func idColumn(t *Table, all []looks) int {
	for _, want := range []string{"row_id", "rec_id", "record_id", "id", "unique_id", "rowid", "recid", "identifier"} {
		for i, head := range t.Heads {
			if plain(head) == want && all[i].distinct == t.Rows() {
				return i
			}
		}
	}
	for i := range t.Heads {
		if all[i].distinct == t.Rows() {
			return i
		}
	}
	return 0
}

// threeParts finds a date that stands in three columns beside one another.
func threeParts(kinds []Kind, all []looks) {
	part := func(i int) Kind {
		l := all[i]
		switch {
		case kinds[i] == ID || l.numbers < 0.9 || l.distinct < 3:
			return ""
		case l.low >= 1850 && l.high <= 2100:
			return Year
		case l.low >= 1 && l.high <= 12 && l.distinct >= 6:
			return Month
		case l.low >= 1 && l.high > 12 && l.high <= 31:
			return DayOf
		}
		return ""
	}
	for i := 0; i+2 < len(kinds); i++ {
		three := []Kind{part(i), part(i + 1), part(i + 2)}
		if slices.Contains(three, Year) && slices.Contains(three, Month) && slices.Contains(three, DayOf) {
			copy(kinds[i:], three)
		}
	}
	for i, k := range kinds { // a month without its year is only a number
		if (k == Month || k == DayOf) && !slices.Contains(kinds, Year) {
			kinds[i] = Number
		}
	}
}

// withoutAge leaves out an age beside a date of birth, of which it says nothing more.
func withoutAge(kinds []Kind) {
	if slices.Contains(kinds, Day) || slices.Contains(kinds, Year) {
		for i, k := range kinds {
			if k == Age {
				kinds[i] = Ignore
			}
		}
	}
}

// withoutSums leaves out names that are put together from two other columns: compared as well, they would count twice.
func withoutSums(t *Table, kinds []Kind, asked map[string]Kind) {
	var columns []int
	for i, k := range kinds {
		if k == Given || k == Surname || k == Person {
			columns = append(columns, i)
		}
	}
	for _, i := range columns {
		others := slices.DeleteFunc(slices.Clone(columns), func(j int) bool { return j == i || kinds[j] == Ignore })
		if asked[t.Heads[i]] == "" && len(others) >= 2 && sumOf(t, i, others) {
			kinds[i] = Ignore
		}
	}
}

// sumOf tells whether a column mostly holds what two others hold together.
func sumOf(t *Table, column int, others []int) bool {
	filled, sums := 0, 0
	for row := range t.Rows() {
		v := strings.ToLower(t.Columns[column][row])
		if v == "" {
			continue
		}
		filled++
		parts := 0
		for _, j := range others {
			if p := strings.ToLower(t.Columns[j][row]); p != "" && len(p) < len(v) && strings.Contains(v, p) {
				parts++
			}
		}
		if parts >= 2 {
			sums++
		}
	}
	return filled > 0 && float64(sums) > 0.6*float64(filled)
}
