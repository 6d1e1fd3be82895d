// SPDX-License-Identifier: Apache-2.0

package names_test

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"fera/internal/names"
)

func TestBijoyTextBecomesBangla(t *testing.T) {
	for typed, want := range map[string]string{
		"evsjv‡`k":        "বাংলাদেশ",
		"Avwg":            "আমি",
		"‡gvt iwng":       "মোঃ রহিম",
		"‡gvt Avãyj Kwig": "মোঃ আব্দুল করিম",
		"dv‡Zgv †eMg":     "ফাতেমা বেগম",
		"wgR©v":           "মির্জা",
		"PµeZ©x":          "চক্রবর্তী",
		"ˆmq` Avng`":      "সৈয়দ আহমদ",
		"†gŠmygx":         "মৌসুমী",
		"Bmjvg":           "ইসলাম",
		"†nv‡mb":          "হোসেন",
		"bvwmi DwÏb":      "নাসির উদ্দিন",
		"kÖx wek¦vm":      "শ্রী বিশ্বাস",
		"gwjøK":           "মল্লিক",
		"PÆMÖvg":          "চট্টগ্রাম",
		"Kzwgjøv":         "কুমিল্লা",
		"ïf":              "শুভ",
		"mÜ¨v":            "সন্ধ্যা",
		"Avwk¦b":          "আশ্বিন",
		"PuvcvBbeveMÄ":    "চাঁপাইনবাবগঞ্জ",
		"w`bvRcyi":        "দিনাজপুর",
		"¯^cb":            "স্বপন",
		"\u0087gvt":       "মোঃ",
		"রহিম (iwng)":     "রহিম (রহিম)",
	} {
		if got := names.FromBijoy(typed); got != norm.NFC.String(want) {
			t.Errorf("FromBijoy(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestBijoyIsToldFromLatinAndBangla(t *testing.T) {
	for _, s := range []string{"evsjv‡`k", "Avwg", "‡gvt iwng", "†gŠmygx", "wgR©v"} {
		if !names.IsBijoy(s) {
			t.Errorf("IsBijoy(%q) = false", s)
		}
	}
	for _, v := range variants(t) {
		for _, s := range append(v.variants, v.canonical, v.bangla) {
			if names.IsBijoy(s) {
				t.Errorf("IsBijoy(%q) = true", s)
			}
		}
	}
	for _, s := range []string{"", "José Müller", "MacDonald", "Van Dyke", "Rajiv Dev Varma", "St. Martin's", "Łukasz", "नाम"} {
		if names.IsBijoy(s) {
			t.Errorf("IsBijoy(%q) = true", s)
		}
	}
}

func FuzzFromBijoyGivesValidText(f *testing.F) {
	for _, s := range []string{"evsjv‡`k", "‡©vw¨", "\x87\xff", "©", "wwww"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := names.FromBijoy(s)
		if !utf8.ValidString(got) {
			t.Errorf("FromBijoy(%q) is not UTF-8: %q", s, got)
		}
		if !norm.NFC.IsNormalString(got) {
			t.Errorf("FromBijoy(%q) is not NFC: %q", s, got)
		}
	})
}
