// SPDX-License-Identifier: Apache-2.0

package words

import (
	"fmt"
	"strconv"
	"strings"

	"fera/internal/fault"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Speaker says things in one language. It may be used from many goroutines at once.
type Speaker struct {
	lang     Lang
	tag      language.Tag
	printer  *message.Printer
	messages map[string]text
}

func newSpeaker(lang Lang) *Speaker {
	tag := region(lang)
	return &Speaker{lang: lang, tag: tag, printer: message.NewPrinter(tag), messages: load(lang)}
}

// region adds where the language is spoken: English here groups digits by lakh and crore, as in India.
func region(lang Lang) language.Tag {
	if lang == English {
		return language.MustParse("en-IN")
	}
	return language.MustParse("bn-BD-u-nu-beng")
}

// Lang is the language that s speaks.
func (s *Speaker) Lang() Lang { return s.lang }

// Has tells whether s knows the key.
func (s *Speaker) Has(key string) bool {
	_, ok := s.messages[key]
	return ok
}

// T says the text of key. The args are names and values in turn: T("person.count", "count", 3).
//
// The value called count picks the plural. Whole numbers are said in the numerals of the
// language, grouped by lakh; everything else as it stands. A key that is not in the catalogue
// comes back between ⟦ and ⟧, and a placeholder without a value stays as it is, so both are seen.
func (s *Speaker) T(key string, args ...any) string {
	t, ok := s.messages[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	if t.forms == nil {
		return t.plain
	}
	return s.say(t, func(name string) (any, bool) {
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == name {
				return args[i+1], true
			}
		}
		return nil, false
	})
}

// Fault says what went wrong: the text of the fault's key with the fault's values.
func (s *Speaker) Fault(e *fault.Error) string {
	t, ok := s.messages[e.Key]
	if !ok {
		return "⟦" + e.Key + "⟧"
	}
	if t.forms == nil {
		return t.plain
	}
	return s.say(t, func(name string) (any, bool) {
		v, ok := e.Args[name]
		return v, ok
	})
}

// Number writes a whole number in the numerals of the language: 1,23,45,678 or ১,২৩,৪৫,৬৭৮.
func (s *Speaker) Number(n int) string { return s.integer(int64(n)) }

// Digits turns the digits 0-9 into those of the language and leaves everything else alone.
// It is for codes, years and telephone numbers, which are not grouped.
func (s *Speaker) Digits(text string) string {
	if s.lang != Bangla || !strings.ContainsAny(text, "0123456789") {
		return text
	}
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '০'
		}
		return r
	}, text)
}

func (s *Speaker) integer(n int64) string {
	if -1000 < n && n < 1000 { // too short to group, and most numbers on a page
		return s.Digits(strconv.FormatInt(n, 10))
	}
	return s.printer.Sprint(n)
}

func (s *Speaker) say(t text, value func(name string) (any, bool)) string {
	var b strings.Builder
	for _, p := range t.forms[s.form(t, value)] {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		if v, ok := value(p.name); ok {
			b.WriteString(s.value(v))
		} else {
			b.WriteString("{" + p.name + "}")
		}
	}
	return b.String()
}

// form picks the plural form of t that suits the value called count.
func (s *Speaker) form(t text, value func(name string) (any, bool)) string {
	if len(t.forms) == 1 {
		return other
	}
	v, _ := value("count")
	n, ok := whole(v)
	if !ok {
		return other
	}
	// Plural rules look at the last digits only, so a large number may be cut down.
	form := formNames()[plural.Cardinal.MatchPlural(s.tag, int(max(n, -n)%10_000_000), 0, 0, 0, 0)]
	if _, ok := t.forms[form]; !ok {
		return other
	}
	return form
}

func (s *Speaker) value(v any) string {
	if n, ok := whole(v); ok {
		return s.integer(n)
	}
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return s.Digits(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return fmt.Sprint(v)
}

func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case uint32:
		return int64(v), true
	}
	return 0, false
}

func formNames() map[plural.Form]string {
	return map[plural.Form]string{plural.Other: other, plural.One: "one", plural.Zero: "zero",
		plural.Two: "two", plural.Few: "few", plural.Many: "many"}
}
