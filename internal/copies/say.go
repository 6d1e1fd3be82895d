// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"fmt"
	"strings"
	"time"

	"fera/internal/dates"
)

// saying is an entry while it is put together. What is not known is not said.
type saying struct {
	m *maker
	Entry
}

func (m *maker) say(title string) *saying { return &saying{m, Entry{Title: title, Facts: []Fact{}}} }

// as says a value with its label and how it reads.
func (e *saying) as(name, label, value, text string) {
	if value != "" && text != "" {
		e.Facts = append(e.Facts, Fact{name, label, value, text})
	}
}

// fact says a value that reads otherwise than it is kept.
func (e *saying) fact(name, value, text string) {
	e.as(name, e.m.s.T("copy.fact."+name), value, text)
}

// plain says a text as it was written.
func (e *saying) plain(name, text string) { e.fact(name, text, text) }

// code says the word for a code, which the catalogue has below a key.
func (e *saying) code(name, key, value string) {
	if value != "" {
		e.fact(name, value, e.m.word(key, value))
	}
}

// codes says the words for several codes.
func (e *saying) codes(name, key string, values []string) {
	said := make([]string, len(values))
	for i, v := range values {
		said[i] = e.m.word(key, v)
	}
	e.fact(name, strings.Join(values, " "), strings.Join(said, ", "))
}

// word is the word for a code, or the code where the catalogue has none.
func (m *maker) word(key, value string) string {
	if m.s.Has(key + "." + value) {
		return m.s.T(key + "." + value)
	}
	return value
}

// date says a day as far as it is known.
func (e *saying) date(name string, day dates.Partial) {
	if !day.IsZero() {
		e.fact(name, day.String(), dates.Format(e.m.s, day))
	}
}

// when says a moment by its day.
func (e *saying) when(name string, at time.Time) {
	if !at.IsZero() {
		e.fact(name, at.UTC().Format(time.RFC3339), dates.Format(e.m.s, dates.Of(at)))
	}
}

// yes says that something is so, and nothing when it is not.
func (e *saying) yes(name string, so bool) {
	if so {
		e.fact(name, "true", e.m.s.T("common.yes"))
	}
}

// count says a number, and nothing for none.
func (e *saying) count(name string, n int) {
	if n != 0 {
		e.fact(name, fmt.Sprint(n), e.m.s.Number(n))
	}
}

// money says an amount in poisha, and nothing for none.
func (e *saying) money(name string, poisha int64) {
	if poisha == 0 {
		return
	}
	amount := e.m.s.Number(int(poisha / 100))
	if rest := poisha % 100; rest != 0 {
		amount += e.m.s.Digits(fmt.Sprintf(".%02d", rest))
	}
	e.fact(name, fmt.Sprintf("%d.%02d", poisha/100, poisha%100), e.m.s.T("copy.taka", "amount", amount))
}
