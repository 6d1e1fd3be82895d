// SPDX-License-Identifier: Apache-2.0

package phrases_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"fera/internal/activities"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory/listing"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/phrases"
	"fera/internal/programmes"
	"fera/internal/questionnaires"
	"fera/internal/referrals/course"
	"fera/internal/services"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// shipped is an indicator that ships.
func shipped(t *testing.T, code string) definitions.Indicator {
	t.Helper()
	all := definitions.Shipped()
	at := slices.IndexFunc(all, func(i definitions.Indicator) bool { return i.Code == code })
	if at < 0 {
		t.Fatalf("there is no indicator %q", code)
	}
	return all[at]
}

// in says figures in a language, over a database with the cast.
func in(t *testing.T, d *db.DB, lang words.Lang) (p *phrases.Phrases) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		p, err = phrases.New(t.Context(), q, words.In(lang))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestKeysAreSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		en, bn := in(t, d, words.English), in(t, d, words.Bangla)
		returns, services := shipped(t, "people_returned"), shipped(t, "services")
		for _, test := range []struct {
			of             definitions.Indicator
			dimension, key string
			en, bn         string
		}{
			{returns, "district", "3056", "Manikganj", "মানিকগঞ্জ"},
			{returns, "district", "30", "Dhaka Division", "ঢাকা বিভাগ"},
			{returns, "district", "3056 + 1004", "Manikganj + Barguna", "মানিকগঞ্জ + বরগুনা"},
			{returns, "district", "", "not known", "জানা নেই"},
			{returns, "month", "2029-03", "March 2029", "মার্চ ২০২৯"},
			{returns, "month", "2029-00", "2029, month not known", "২০২৯, মাস জানা নেই"},
			{returns, "quarter", "2029-Q1", "quarter 1 of 2029", "২০২৯ সালের ১ নম্বর প্রান্তিক"},
			{returns, "year", "2029", "2029", "২০২৯"},
			{returns, "day", "2029-03-04", "4 March 2029", "৪ মার্চ ২০২৯"},
			{returns, "age", "18-24", "18–24", "১৮–২৪"},
			{returns, "sex", "female + ", "women + not known", "নারী + জানা নেই"},
			{returns, "country", "SA", "Saudi Arabia", "সৌদি আরব"},
			{returns, "reason", "several", "several reasons", "একাধিক কারণ"},
			{returns, "organisation", worldtest.Bandhan, "x", ""},
			{returns, "organisation", "nobody", "an organisation that is not here", "এখানে নেই এমন সংগঠন"},
			{services, "kind", "counselling_basic", "Basic counselling", ""},
			{shipped(t, "people_helped"), "kind", "legal", "Legal aid", ""},
			{shipped(t, "cases_closed"), "kind", "lost_contact", "She could not be reached any more", ""},
			{shipped(t, "referrals_ended"), "kind", "serve", "served", "সেবা পেয়েছেন"},
		} {
			if got := en.Key(test.of, test.dimension, test.key); got != test.en {
				t.Errorf("%s %q: %q, want %q", test.dimension, test.key, got, test.en)
			}
			if got := bn.Key(test.of, test.dimension, test.key); test.bn != "" && got != test.bn {
				t.Errorf("%s %q: %q, want %q", test.dimension, test.key, got, test.bn)
			}
		}
	})
}

// Every value that can be counted has words, in both languages: none is shown as its code.
func TestNoValueIsShownAsItsCode(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	values := map[string][]string{"return_reasons": choices.ReturnReasons(), "happened_abroad": choices.Happenings()}
	var given []services.Kind
	var done []activities.Kind
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		if given, err = services.Kinds(t.Context(), q, dates.Of(q.Now())); err != nil {
			return err
		}
		done, err = activities.Kinds(t.Context(), q, dates.Of(q.Now()))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, k := range given {
		values["services"] = append(values["services"], k.Code)
		values["people_helped"] = append(values["people_helped"], k.Category)
	}
	for _, k := range done {
		values["activities"] = append(values["activities"], k.Code)
	}
	for _, n := range listing.Needs() {
		values["referrals"] = append(values["referrals"], n.Code)
	}
	for _, c := range programmes.Closures() {
		values["cases_closed"] = append(values["cases_closed"], c.Code)
	}
	for _, q := range questionnaires.List() {
		values["assessments"] = append(values["assessments"], q.Name)
	}
	for _, a := range course.Reports() {
		values["referrals_ended"] = append(values["referrals_ended"], string(a))
	}
	values["referrals_ended"] = append(values["referrals_ended"], string(course.Confirmed), string(course.Declined), string(course.Withdrawn), string(course.Expired), string(course.Closed))
	for _, lang := range words.Languages() {
		p := in(t, d, lang)
		for code, kinds := range values {
			if len(kinds) < 4 {
				t.Errorf("%s has only %d kinds", code, len(kinds))
			}
			for _, k := range kinds {
				if said := p.Key(shipped(t, code), "kind", k); said == "" || said == k && strings.Contains(k, "_") || strings.Contains(said, "⟦") || lang == words.Bangla && said == k {
					t.Errorf("%s %s in %s is said %q", code, k, lang, said)
				}
			}
		}
		for dimension, keys := range map[string][]string{"sex": {"female", "male", "other"}, "disability": {"yes", "no"}, "ethnicity": {"bengali", "chakma", "marma", "tripura", "santal", "oraon", "garo", "other"}} {
			for _, k := range keys {
				if said := p.Key(shipped(t, "people_returned"), dimension, k); said == k {
					t.Errorf("%s %s in %s is said by its code", dimension, k, lang)
				}
			}
		}
		for _, i := range definitions.Shipped() {
			if how := p.How(i); strings.Contains(how, "_") || strings.Contains(how, "⟦") {
				t.Errorf("%s in %s: %s", i.Code, lang, how)
			}
		}
	}
}

func TestNumbersAreSaid(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	en, bn := in(t, d, words.English), in(t, d, words.Bangla)
	for _, test := range []struct {
		code   string
		n      indicators.Number
		worth  float64
		en, bn string
	}{
		{"people_returned", indicators.Number{N: 123456}, 123456, "1,23,456", "১,২৩,৪৫৬"},
		{"people_returned", indicators.Number{Hidden: true}, 0, "too few", "খুব কম"},
		{"goals_reached", indicators.Number{N: 1, Of: 3}, 100.0 / 3, "33% (1 of 3)", "৩৩% (৩-এর মধ্যে ১)"},
		{"money_paid", indicators.Number{N: 150_000_00}, 150000, "৳ 1,50,000", "৳ ১,৫০,০০০"},
		{"recruitment_cost", indicators.Number{N: 900000, Of: 3}, 300000, "৳ 3,00,000 (mean of 3)", "৳ ৩,০০,০০০ (৩টির গড়)"},
	} {
		i := shipped(t, test.code)
		if got := phrases.Worth(i, test.n); math.Abs(got-test.worth) > 1e-9 {
			t.Errorf("%s is worth %v, want %v", test.code, got, test.worth)
		}
		if got := en.Number(i, test.n); got != test.en {
			t.Errorf("%s: %q, want %q", test.code, got, test.en)
		}
		if got := bn.Number(i, test.n); got != test.bn {
			t.Errorf("%s: %q, want %q", test.code, got, test.bn)
		}
	}
	for said, of := range map[string]indicators.Number{"1 of 3": {N: 1, Of: 3}, "": {N: 1, Of: 3, Hidden: true}} {
		if got := en.Of(shipped(t, "goals_reached"), of); got != said {
			t.Errorf("of what it is a share: %q, want %q", got, said)
		}
	}
	if v := phrases.Worth(shipped(t, "goals_reached"), indicators.Number{}); !math.IsNaN(v) || en.Value(shipped(t, "goals_reached"), v) != "–" {
		t.Errorf("a share of nothing is %v", v)
	}
	for _, test := range []struct {
		from, to facts.Month
		want     string
	}{{202900, 202912, "2029"}, {202901, 202912, "2029"}, {202801, 202912, "2028 to 2029"}, {202903, 202903, "March 2029"}, {202811, 202902, "November 2028 to February 2029"}} {
		if got := en.Period(test.from, test.to); got != test.want {
			t.Errorf("from %d to %d: %q, want %q", test.from, test.to, got, test.want)
		}
	}
	if got := en.By([]string{"month", "sex"}) + en.By(nil) + bn.By([]string{"district"}); got != "by month and sexজেলা অনুযায়ী" {
		t.Errorf("by: %q", got)
	}
	if got := en.Note(indicators.Note{Key: "figure.note.overlap", Values: map[string]any{"n": int64(3), "dimension": "month"}}); !strings.Contains(got, "3 more than the whole") {
		t.Errorf("a note: %q", got)
	}
}
