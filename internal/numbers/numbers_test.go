// SPDX-License-Identifier: Apache-2.0

package numbers_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fera/internal/fault"
	"fera/internal/numbers"
)

type reading struct {
	normal   string
	warnings string
}

func check(t *testing.T, read func(string) (numbers.Number, error), cases map[string]reading) {
	t.Helper()
	for typed, want := range cases {
		n, err := read(typed)
		if err != nil {
			t.Errorf("%q: %v", typed, err)
			continue
		}
		got := reading{n.Normal, strings.ReplaceAll(strings.Join(n.Warnings, " "), "number.", "")}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(reading{})); diff != "" {
			t.Errorf("%q:\n%s", typed, diff)
		}
	}
}

func home(typed string) (numbers.Number, error) { return numbers.Phone(typed, "") }

func TestPhonesComeToOneForm(t *testing.T) {
	check(t, home, map[string]reading{
		"০১৭১২-৩৪৫৬৭৮":       {"+8801712345678", ""},
		"০১৭১২ ৩৪৫ ৬৭৮":      {"+8801712345678", ""},
		"+88 01712 345678":   {"+8801712345678", ""},
		"8801712345678":      {"+8801712345678", ""},
		"+8801712345678":     {"+8801712345678", ""},
		"008801712345678":    {"+8801712345678", ""},
		"0１712345678":        {"+8801712345678", ""},
		"(+880) 1712-345678": {"+8801712345678", ""},
		"1712345678":         {"+8801712345678", "phone_zero_missing"},
		"01312345678":        {"+8801312345678", ""},
		"01912345678":        {"+8801912345678", ""},
		"01212345678":        {"+8801212345678", "phone_prefix_unknown"},
		"0171234567":         {"+880171234567", "phone_length"},
		"017123456789":       {"+88017123456789", "phone_length"},
		"01712345678 (bhai)": {"+8801712345678", "phone_letters"},
		"02-55667788":        {"+880255667788", "phone_not_mobile"},
		"999":                {"999", "phone_short_code"},
		"১৬১৩৫":              {"16135", "phone_short_code"},
		"+966 50 123 4567":   {"+966501234567", ""},
		"00966501234567":     {"+966501234567", ""},
		"+60 12-345 6789":    {"+60123456789", ""},
		"+39 312 345 6789":   {"+393123456789", ""},
		"+999 123456789":     {"+999123456789", "phone_unreadable"},
		"+966 50 123":        {"+96650123", "phone_length"},
	})
}

func TestPhonesOfAnotherCountryNeedNoPrefixThere(t *testing.T) {
	n, err := numbers.Phone("050 123 4567", "SA")
	if err != nil || n.Normal != "+966501234567" || n.Country != "SA" || !n.Mobile {
		t.Errorf("got %+v, %v", n, err)
	}
}

func TestOnlyMobilesCanGetMessages(t *testing.T) {
	for typed, want := range map[string]bool{
		"01712345678": true, "01212345678": false, "0171234567": false, "02-55667788": false, "999": false, "+966501234567": true,
	} {
		if n, err := home(typed); err != nil || n.Mobile != want {
			t.Errorf("Phone(%q).Mobile = %v, %v, want %v", typed, n.Mobile, err, want)
		}
	}
}

func TestIdentityNumbersComeToOneForm(t *testing.T) {
	check(t, numbers.NID, map[string]reading{
		"1979 0912166 100145": {"0912166100145", ""},
		"0912166100145":       {"0912166100145", ""},
		"০৯১২১৬৬১০০১৪৫":       {"0912166100145", ""},
		"123 456 7890":        {"1234567890", ""},
		"20150912166100145":   {"20150912166100145", "nid_looks_like_birth_number"},
		"1979091216600145":    {"1979091216600145", "nid_looks_like_birth_number"},
		"18790912166100145":   {"0912166100145", "year_implausible"},
		"0212166100145":       {"0212166100145", "district_unknown"},
		"0972166100145":       {"0972166100145", "place_kind_unknown"},
		"12345":               {"12345", "nid_length"},
		"BX-0123":             {"BX0123", "not_only_digits"},
	})
}

func TestBirthRegistrationsComeToOneForm(t *testing.T) {
	check(t, numbers.BirthRegistration, map[string]reading{
		"1979 09 1 21 66 100145": {"19790912166100145", ""},
		"1979091216600145":       {"19790912166000145", "birth_padded"},
		"২০১৫০৯১২১৬৬১০০১৪৫": {"20150912166100145", ""},
		"00790912166100145": {"00790912166100145", "year_implausible"},
		"0912166100145":     {"0912166100145", "birth_looks_like_nid"},
		"123456":            {"123456", "birth_length"},
	})
}

func TestPassportsOnlyWarn(t *testing.T) {
	check(t, numbers.Passport, map[string]reading{
		"a 01234567": {"A01234567", ""},
		"BX0123456":  {"BX0123456", ""},
		"বক্স":       {"বক্স", "passport_form"},
		"A1234567":   {"A1234567", "passport_form"},
		"ABC123456":  {"ABC123456", "passport_form"},
		"012345678":  {"012345678", "passport_form"},
		"A0123456O":  {"A0123456O", "passport_form"},
	})
}

func TestOtherPapersAreTakenAsTheyAre(t *testing.T) {
	check(t, numbers.TravelPermit, map[string]reading{"tp/riyadh/২০২৫-17": {"TPRIYADH202517", ""}})
	check(t, numbers.ClearanceCard, map[string]reading{"bm 12.34": {"BM1234", ""}})
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	for typed, want := range map[string]string{
		"": "number.needed", " - ": "number.needed", "123\x00": "fault.bad_characters", strings.Repeat("1", 61): "fault.too_long",
	} {
		for _, read := range []func(string) (numbers.Number, error){home, numbers.NID, numbers.BirthRegistration, numbers.Passport, numbers.TravelPermit, numbers.ClearanceCard} {
			_, err := read(typed)
			if f := fault.Of(err); f == nil || f.Key != want {
				t.Errorf("%q: %v, want %s", typed, err, want)
			}
		}
	}
	for typed, want := range map[string]string{"Karim": "number.needed", "01712345678 / 01812345678": "number.phone_too_long"} {
		if f := fault.Of(second(home(typed))); f == nil || f.Key != want {
			t.Errorf("%q: %v, want %s", typed, f, want)
		}
	}
}

func second(_ numbers.Number, err error) error { return err }

func TestYearsInsideNumbersAreCompared(t *testing.T) {
	n, err := numbers.NID("19790912166100145")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		born, now int
		want      []string
	}{
		{1979, 2026, nil}, {0, 2026, nil}, {1985, 2026, []string{"number.year_differs"}},
		{1979, 1970, []string{"number.year_implausible"}},
	} {
		if diff := cmp.Diff(c.want, n.Against(c.born, c.now)); diff != "" {
			t.Errorf("born %d in %d:\n%s", c.born, c.now, diff)
		}
	}
}

func TestMasksShowAtMostHalf(t *testing.T) {
	for normal, want := range map[string]string{
		"0912166104321": "•••• 4321", "+8801712345678": "•••• 5678", "16135": "•••• 35", "1": "••••", "": "••••",
	} {
		if got := numbers.Mask(normal); got != want {
			t.Errorf("Mask(%q) = %q, want %q", normal, got, want)
		}
	}
}

func TestPhonesAreShownAsPeopleReadThem(t *testing.T) {
	for normal, want := range map[string]string{
		"+8801712345678": "01712-345678", "+966501234567": "+966 50 123 4567", "999": "999",
	} {
		if got := numbers.ShowPhone(normal); got != want {
			t.Errorf("ShowPhone(%q) = %q, want %q", normal, got, want)
		}
	}
}

func TestEveryBangladeshiMobileSurvivesItsWritings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		national := rapid.StringMatching(`1[3-9][0-9]{8}`).Draw(t, "national")
		for _, typed := range []string{"0" + national, "+880" + national, "880" + national, "0" + national[:4] + "-" + national[4:], "+88 0" + national} {
			n, err := home(typed)
			if err != nil || n.Normal != "+880"+national || !n.Mobile || len(n.Warnings) > 0 {
				t.Fatalf("%q: %+v, %v", typed, n, err)
			}
		}
	})
}

func TestEveryMessageIsWrittenInBothLanguages(t *testing.T) {
	used := map[string]bool{}
	for _, file := range []string{"numbers.go", "papers.go", "phones.go"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range regexp.MustCompile(`"(number\.[a-z_]+)"`).FindAllStringSubmatch(string(src), -1) {
			used[key[1]] = true
		}
	}
	for _, lang := range []string{"bn", "en"} {
		b, err := os.ReadFile("../words/catalogue/" + lang + "/number.json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(b, &texts); err != nil {
			t.Fatal(err)
		}
		for key := range used {
			if texts[key] == "" {
				t.Errorf("%s has no %s", lang, key)
			}
		}
	}
}

func FuzzReadingNeverBreaks(f *testing.F) {
	for _, s := range []string{"০১৭১২-৩৪৫৬৭৮", "+", "00", "+880", "19790912166100145", "A01234567", "\xff", "ext 5;x=1"} {
		f.Add(s, "BD")
	}
	f.Fuzz(func(t *testing.T, typed, country string) {
		abroad := func(s string) (numbers.Number, error) { return numbers.Phone(s, country) }
		for _, read := range []func(string) (numbers.Number, error){abroad, numbers.NID, numbers.BirthRegistration, numbers.Passport, numbers.TravelPermit} {
			n, err := read(typed)
			if err != nil {
				continue
			}
			if n.Normal == "" || !utf8.ValidString(n.Normal) || !utf8.ValidString(n.Typed) {
				t.Errorf("%q read as %+v", typed, n)
			}
			if n.Kind != numbers.KindPhone {
				continue
			}
			if numbers.ShowPhone(n.Normal) == "" || !strings.HasSuffix(n.Normal, n.Last) {
				t.Errorf("%q shown as %q", typed, numbers.ShowPhone(n.Normal))
			}
		}
	})
}
