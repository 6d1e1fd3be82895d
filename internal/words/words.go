// SPDX-License-Identifier: Apache-2.0

// Package words speaks Bangla and English: it owns the catalogues of texts, plurals and numerals.
//
// A catalogue is a set of flat JSON files, catalogue/<language>/<area>.json. A text may hold
// placeholders such as {name}; a text that counts has one form for each plural of its language.
package words

import (
	"slices"
	"sync"

	"golang.org/x/text/language"
)

// Lang is a language that the program speaks, as its ISO 639-1 code.
type Lang string

// The languages. Bangla is what the program speaks when nobody has said otherwise.
const (
	Bangla  Lang = "bn"
	English Lang = "en"
)

var speakers = sync.OnceValue(func() map[Lang]*Speaker {
	all := make(map[Lang]*Speaker)
	for _, lang := range Languages() {
		all[lang] = newSpeaker(lang)
	}
	return all
})

// Languages lists every language that has a catalogue, the default first.
func Languages() []Lang { return []Lang{Bangla, English} }

// In returns the speaker of lang, or the Bangla one when lang is not spoken here.
func In(lang Lang) *Speaker {
	if s, ok := speakers()[lang]; ok {
		return s
	}
	return speakers()[Bangla]
}

// ParseLang reads a language code such as "bn", "en-GB" or "en_US"; false means it is not spoken here.
func ParseLang(code string) (Lang, bool) {
	tag, err := language.Parse(code)
	if err != nil {
		return Bangla, false
	}
	base, sure := tag.Base()
	lang := Lang(base.String())
	if sure == language.No || !slices.Contains(Languages(), lang) {
		return Bangla, false
	}
	return lang, true
}

// Match picks the language for a visitor from the Accept-Language header of the browser.
func Match(header string) Lang {
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return Bangla
	}
	for _, tag := range wanted {
		if lang, ok := ParseLang(tag.String()); ok {
			return lang
		}
	}
	return Bangla
}

// Keys lists every message key of a language in order.
func Keys(lang Lang) []string {
	s := In(lang)
	keys := make([]string, 0, len(s.messages))
	for key := range s.messages {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
