// SPDX-License-Identifier: Apache-2.0

package shared_test

import (
	"strings"
	"testing"

	"fera/internal/referrals/sharing"
	"fera/internal/web/shared"
	"fera/internal/web/site"
	"fera/internal/words"
)

func full() sharing.Sheet {
	return sharing.Sheet{"sex": "female", "age_band": "25-34", "district": "3056", "language": "bn,ar", "papers": "passport,nonsense", "women_staff": "yes", "ask": "A course in sewing",
		"name": "রহিমা খাতুন / Rahima Khatun", "contact": "01712345678;husband;call,sms;10 to 12", "birth": "1991-04", "home": "305670", "country": "SA", "returned_on": "2030-02-11",
		"occupation": "9111", "schooling": "ssc", "health_note": "high blood pressure"}
}

// Every field of every kind is said in both languages, and none as the code by which it is kept.
func TestFieldsAreSaidInWords(t *testing.T) {
	for _, lang := range words.Languages() {
		r := &site.Request{S: words.In(lang)}
		sheet := full()
		for _, f := range sharing.Fields() {
			if sheet[f.Code] == "" {
				sheet[f.Code] = "typed"
			}
		}
		lines := shared.Fields(r, sheet)
		if len(lines) != len(sharing.Fields()) {
			t.Fatalf("%s: %d lines of %d fields", lang, len(lines), len(sharing.Fields()))
		}
		for i, f := range sharing.Fields() {
			l := lines[i]
			if l.Code != f.Code || l.Label == "" || strings.Contains(l.Label, ".") || l.Later != (f.Stage == sharing.Accepted) || l.Protected != (f.Class == 3) {
				t.Errorf("%s: line %d is %+v of %+v", lang, i, l, f)
			}
			if coded := f.Kind != "text" && f.Kind != "name" && f.Kind != "yes"; coded && (l.Value == sheet[f.Code] || l.Value == "") {
				t.Errorf("%s: %s is said as %q", lang, f.Code, l.Value)
			}
			for _, unsaid := range []string{"shared.", "person.", "⟦", "{"} {
				if strings.Contains(l.Label+l.Value+strings.Join(l.Warnings, ""), unsaid) {
					t.Errorf("%s: %s has no words: %+v", lang, f.Code, l)
				}
			}
		}
	}
}

// A number comes with whose it is and how it is safe; where there is none, the way leads through the office.
func TestAContactWarns(t *testing.T) {
	r := &site.Request{S: words.In(words.English)}
	of := func(value string) shared.Line { return shared.Fields(r, sharing.Sheet{"contact": value})[0] }
	l := of("01712345678;husband;call;10 to 12")
	said := strings.Join(l.Warnings, " ")
	for _, want := range []string{"the phone is the husband's.", "Use only: call.", "Only at this time: 10 to 12.", "Do not say to anybody else"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q lacks %q", said, want)
		}
	}
	if l.Value != "01712345678" || l.Dial != "01712345678" || !l.Later {
		t.Errorf("the number: %+v", l)
	}
	if l := of("…678;own;;"); l.Dial != "" || l.Value != "…678" {
		t.Errorf("masked: %+v", l)
	}
	if l := of("office"); l.Dial != "" || !strings.Contains(l.Value, "office") || len(l.Warnings) != 1 {
		t.Errorf("no number: %+v", l)
	}
	if l := of(";;;;;"); l.Dial != "" {
		t.Errorf("nonsense: %+v", l)
	}
}

// What another network sends may hold anything, and is said as it stands.
func TestWhatIsNotKnownIsSaidAsItStands(t *testing.T) {
	r := &site.Request{S: words.In(words.Bangla)}
	sheet := sharing.Sheet{"sex": "x", "age_band": "old", "district": "nowhere", "birth": "spring", "country": "??", "occupation": "none", "schooling": "much", "women_staff": "maybe", "unknown": "lost"}
	for _, l := range shared.Fields(r, sheet) {
		if l.Value != sheet[l.Code] {
			t.Errorf("%s: %q", l.Code, l.Value)
		}
	}
	if lines := shared.Fields(r, sheet); len(lines) != 8 {
		t.Errorf("%d lines", len(lines))
	}
}
