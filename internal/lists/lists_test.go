// SPDX-License-Identifier: Apache-2.0

package lists_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/lists"
	"fera/internal/persons"
	"fera/internal/sheets"
	"fera/internal/words"
)

var today = dates.Partial{Year: 2030, Month: 3, Day: 5}

func row(number int, cells ...string) sheets.Row { return sheets.Row{Number: number, Cells: cells} }

func nothing(string) (lists.Column, bool) { return lists.Column{}, false }

// guessed returns what is guessed of the columns of some rows.
func guessed(rows ...sheets.Row) (heading int, targets []lists.Target) {
	heading, all := lists.Guess(rows, 0, nothing)
	for _, c := range all {
		targets = append(targets, c.Target)
	}
	return heading, targets
}

func TestColumnsAreKnownByTheirHeadings(t *testing.T) {
	for heading, want := range map[string]lists.Target{
		"Name": "name", "Name of Returnee": "name", "FULL NAME": "name", "Name (English)": "name_latin", "নাম": "name", "প্রত্যাগত কর্মীর নাম": "name",
		"নাম (বাংলা)": "name_bn", "Father's Name": "father_name", "পিতার নাম": "father_name", "Name of Mother": "mother_name", "স্বামী/স্ত্রীর নাম": "spouse_name",
		"Mobile No.": "phone", "মোবাইল নম্বর": "phone", "Contact Number": "phone", "Emergency contact": "phone_family", "NID No": "nid", "জাতীয় পরিচয়পত্র নম্বর": "nid",
		"Passport No": "passport", "D.O.B": "birth", "জন্ম তারিখ": "birth", "Age (years)": "age", "বয়স": "age", "Gender": "sex", "লিঙ্গ": "sex",
		"District": "district", "উপজেলা/থানা": "upazila", "Village": "home_text", "ঠিকানা": "home_text", "Country of Destination": "journey.country", "দেশ": "journey.country",
		"Date of Return": "journey.returned", "ফেরার তারিখ": "journey.returned", "Reason for return": "journey.reasons", "Remarks": "", "": "", "SL No": "", "Consent": "consent.register", "সম্মতি": "consent.register",
	} {
		if _, got := guessed(row(1, heading, "Name", "District"), row(2, "?", "A", "B")); got[0] != want {
			t.Errorf("%q is taken for %q, want %q", heading, got[0], want)
		}
	}
}

func TestColumnsAreKnownByTheirValues(t *testing.T) {
	heading, got := guessed(row(1, "a", "b", "c", "d", "e", "f", "g"),
		row(2, "01712345678", "1234567890", "BX1234567", "F", "1990-05-17", "Saudi Arabia", "Manikganj"),
		row(3, "+8801812345678", "19901234567890123", "A01234567", "পুরুষ", "17/05/1991", "KSA", "সিলেট"),
		row(4, "০১৯১২৩৪৫৬৭৮", "1234567890123", "EK7654321", "male", "1/1/1980", "মালয়েশিয়া", "Comilla"))
	if want := []lists.Target{"phone", "nid", "passport", "sex", "birth", "journey.country", "district"}; heading != 1 || !slices.Equal(got, want) {
		t.Errorf("row %d, %q, want %q", heading, got, want)
	}
}

func TestHeadingsAreFoundBelowATitle(t *testing.T) {
	heading, got := guessed(row(1, "List of returnees, March"), row(3, "SL", "নাম", "মোবাইল"), row(4, "1", "রহিমা", "01712345678"))
	if heading != 3 || !slices.Equal(got, []lists.Target{"", "name", "phone"}) {
		t.Errorf("row %d, %q", heading, got)
	}
	if at, all := lists.Guess(nil, 0, nothing); at != 0 || all != nil {
		t.Errorf("of no rows: %d %v", at, all)
	}
}

func TestWhatWasRememberedGoesFirst(t *testing.T) {
	_, all := lists.Guess([]sheets.Row{row(1, "Name", "Code"), row(2, "x", "y")}, 0, func(heading string) (lists.Column, bool) {
		return lists.Column{Target: map[string]lists.Target{"Code": "nid", "Name": ""}[heading]}, true
	})
	if all[0].Target != "" || all[1].Target != "nid" || all[1].Why != "remembered" {
		t.Errorf("%+v", all)
	}
}

func TestTextTypedForBijoyIsShownConverted(t *testing.T) {
	_, all := lists.Guess([]sheets.Row{row(1, "Name", "Phone"), row(2, "†gvt iwng", "01712345678"), row(3, "iwngv LvZzb", "01812345678")}, 0, nothing)
	if !all[0].Bijoy || len(all[0].Plain) != 2 || all[0].Plain[1] != "রহিমা খাতুন" || all[1].Bijoy {
		t.Errorf("%+v", all)
	}
}

// plan is a plan for the headings given as "target", all of it consented.
func plan(targets ...lists.Target) lists.Plan {
	p := lists.Plan{Heading: 1, Basis: lists.Basis{Purposes: []persons.Purpose{persons.PurposeRegister, persons.PurposeProtected}, Method: "signed", On: "2030-02-01",
		Statement: "Each signed a form at the airport desk."}}
	for _, target := range targets {
		p.Columns = append(p.Columns, lists.Column{Heading: "c:" + string(target), Target: target})
	}
	return p
}

func made(t *testing.T, p lists.Plan, r sheets.Row) (persons.Registration, []lists.Trouble) {
	t.Helper()
	if err := p.Check(today); err != nil {
		t.Fatalf("plan: %v", err)
	}
	reg, troubles := lists.Maker{Operation: "x:", Source: "Airport desk", Plan: p, Today: today}.Make(r)
	for _, trouble := range troubles {
		for _, lang := range words.Languages() {
			if said := words.In(lang).Fault(trouble.Fault()); strings.ContainsAny(said, "⟦{") {
				t.Errorf("%s: %s", lang, said)
			}
		}
	}
	return reg, troubles
}

func TestARowBecomesARegistration(t *testing.T) {
	p := plan("name", "sex", "birth", "father_name", "phone", "phone_family", "nid", "passport", "district", "upazila", "home_text", "journey.country", "journey.returned",
		"journey.work", "journey.cost", "marital", "journey.owed", "ethnicity", "")
	reg, troubles := made(t, p, row(7, "রহিমা খাতুন", "মহিলা", "17/5/1991", "আব্দুল করিম", "01712345678, 01812345678", "01912345678", "1234567890", "BX1234567", "Manikganj", "Saturia", "পূর্বপাড়া",
		"KSA", "2029-12-01", "housemaid", "৳ ১,৫০,০০০", "Married", "20000", "Santal", "ignored"))
	if troubles != nil {
		t.Fatalf("troubles: %+v", troubles)
	}
	want := map[persons.Field]string{persons.NameBn: "রহিমা খাতুন", persons.SexField: "female", persons.Birth: "1991-05-17", persons.FatherName: "আব্দুল করিম", persons.Home: "305670",
		persons.HomeText: "পূর্বপাড়া", persons.Marital: "married", persons.Ethnicity: "Santal"}
	if !reflect.DeepEqual(reg.Values, want) {
		t.Errorf("values = %v", reg.Values)
	}
	if len(reg.Contacts) != 3 || reg.Contacts[1].Number != "+8801812345678" || reg.Contacts[2].Owner != "relative" || reg.Contacts[0].Safety != "unasked" {
		t.Errorf("contacts = %+v", reg.Contacts)
	}
	if len(reg.Identifiers) != 2 || reg.Identifiers[1].Kind != "passport" || reg.Operation != "x:7" {
		t.Errorf("identifiers = %+v, operation %s", reg.Identifiers, reg.Operation)
	}
	if j := reg.Journeys; len(j) != 1 || j[0].Country != "SA" || j[0].Returned.String() != "2029-12-01" || j[0].Cost != 150000 || j[0].Work != "housemaid" || j[0].Circumstances.Owed != 20000 {
		t.Errorf("journeys = %+v", j)
	}
	if len(reg.Consents) != 2 || reg.Consents[0].TextVersion != persons.Elsewhere || reg.Consents[0].AskedName != "Airport desk" || reg.Consents[0].At.Format("2006-01-02") != "2030-01-31" {
		t.Errorf("consents = %+v, want midnight in Dhaka", reg.Consents)
	}
}

func TestWhatIsWrongIsSaidOfItsColumn(t *testing.T) {
	tests := []struct {
		name   string
		plan   lists.Plan
		cells  []string
		column int
		key    string
	}{
		{"no name", plan("name", "phone"), []string{"", "01712345678"}, -1, "person.name_needed"},
		{"phone of letters", plan("name", "phone"), []string{"Karim", "none given"}, 1, "number.needed"},
		{"no address", plan("name", "email"), []string{"Karim", "nobody"}, 1, "person.email_form"},
		{"no such month", plan("name", "birth"), []string{"Karim", "1990-13-01"}, 1, "date.no_such_month"},
		{"not yet born", plan("name", "birth"), []string{"Karim", "2031"}, 1, "person.birth_implausible"},
		{"too old", plan("name", "age"), []string{"Karim", "130"}, 1, "person.age_implausible"},
		{"sex", plan("name", "sex"), []string{"Karim", "perhaps"}, 1, "import.sex_unknown"},
		{"answer", plan("name", "marital"), []string{"Karim", "complicated"}, 1, "import.answer_unknown"},
		{"country", plan("name", "journey.country"), []string{"Karim", "Atlantis"}, 1, "person.country_unknown"},
		{"no country", plan("name", "journey.work"), []string{"Karim", "mason"}, -1, "import.country_needed"},
		{"amount", plan("name", "journey.country", "journey.cost"), []string{"Karim", "SA", "much"}, 2, "import.amount_unreadable"},
		{"back before she left", plan("name", "journey.country", "journey.departed", "journey.returned"), []string{"Karim", "SA", "2020", "2019"}, 3, "person.returned_before_departed"},
		{"code of a place", plan("name", "home"), []string{"Karim", "999999"}, 1, "person.place_unknown"},
		{"long name", plan("name"), []string{strings.Repeat("x", 201)}, 0, "fault.too_long"},
		{"more cells than columns", plan("name"), []string{"Karim", "lost"}, -1, "import.more_cells"},
		{"did not agree", plan("name", "consent.register"), []string{"Karim", "no"}, 1, "person.consent_needed"},
		{"was not asked", plan("name", "consent.register"), []string{"Karim", ""}, 1, "person.consent_needed"},
		{"agreed in no known way", plan("name", "consent.register"), []string{"Karim", "perhaps"}, 1, "import.yes_or_no"},
		{"protected without consent", plan("name", "ethnicity", "consent.protected"), []string{"Karim", "Santal", ""}, -1, "person.protected_consent_needed"},
	}
	for _, test := range tests {
		_, troubles := made(t, test.plan, row(2, test.cells...))
		i := slices.IndexFunc(troubles, func(found lists.Trouble) bool { return found.Key == test.key })
		if i < 0 || troubles[i].Column != test.column {
			t.Errorf("%s: %+v, want %s in column %d", test.name, troubles, test.key, test.column)
		}
	}
}

func TestDoubtsOfTheFileAreTroubles(t *testing.T) {
	p := plan("name", "nid", "")
	r := row(2, "iwngv", "19901234567890100", "5")
	r.Notes = []sheets.Note{{Column: 0, Doubt: sheets.BijoyFont}, {Column: 1, Doubt: sheets.DigitsLost}, {Column: 2, Doubt: sheets.NoValue}}
	_, troubles := made(t, p, r)
	if len(troubles) != 2 || troubles[0].Key != "import.bijoy_unconfirmed" || troubles[1].Key != "sheet.doubt.digits_lost" {
		t.Errorf("%+v, want nothing of a column that is left out", troubles)
	}
	p.Columns[0].Bijoy, r.Notes = true, r.Notes[:1]
	r.Cells[1] = "1234567890"
	if reg, troubles := made(t, p, r); troubles != nil || reg.Values[persons.NameBn] != "রহিমা" {
		t.Errorf("confirmed: %+v %+v", reg.Values, troubles)
	}
}

func TestPlacesThatAreNotSureStayInWords(t *testing.T) {
	for _, test := range []struct {
		district, upazila string
		code, text        string
	}{
		{"Manikganj", "Saturia", "305670", ""},
		{"মানিকগঞ্জ জেলা", "সাটুরিয়া উপজেলা", "305670", ""},
		{"Manikganj", "Nowhere", "3056", "Nowhere"},
		{"Nowhere", "Saturia", "", "Saturia, Nowhere"},
		{"", "Saturia", "305670", ""},
	} {
		reg, troubles := made(t, plan("name", "district", "upazila"), row(2, "Karim", test.district, test.upazila))
		if troubles != nil || reg.Values[persons.Home] != test.code || reg.Values[persons.HomeText] != test.text {
			t.Errorf("%s, %s: %q %q %v, want %q %q", test.upazila, test.district, reg.Values[persons.Home], reg.Values[persons.HomeText], troubles, test.code, test.text)
		}
	}
}

func TestAPlanWithoutConsentIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*lists.Plan)
		field string
		key   string
	}{
		"no purpose":            {func(p *lists.Plan) { p.Basis.Purposes = nil }, "purposes", "import.consent_needed"},
		"no method":             {func(p *lists.Plan) { p.Basis.Method = "" }, "method", "import.consent_method_needed"},
		"unknown method":        {func(p *lists.Plan) { p.Basis.Method = "telepathy" }, "method", "fault.bad_choice"},
		"no day":                {func(p *lists.Plan) { p.Basis.On = "" }, "on", "import.consent_day_needed"},
		"a month is no day":     {func(p *lists.Plan) { p.Basis.On = "2030-01" }, "on", "import.consent_day_needed"},
		"tomorrow":              {func(p *lists.Plan) { p.Basis.On = "2030-03-06" }, "on", "person.date_ahead"},
		"no statement":          {func(p *lists.Plan) { p.Basis.Statement = "yes" }, "statement", "import.statement_needed"},
		"protected":             {func(p *lists.Plan) { p.Columns[1].Target, p.Basis.Purposes = "ethnicity", p.Basis.Purposes[:1] }, "purposes", "import.protected_consent_needed"},
		"no name":               {func(p *lists.Plan) { p.Columns[0].Target = "" }, "columns", "import.name_column_needed"},
		"twice":                 {func(p *lists.Plan) { p.Columns[1].Target = "name_bn"; p.Columns[0].Target = "name_bn" }, "columns.0", "import.column_twice"},
		"about nothing known":   {func(p *lists.Plan) { p.Columns[1].Target = "colour" }, "columns.1", "fault.bad_choice"},
		"known in no known way": {func(p *lists.Plan) { p.Known = "rumour" }, "known", "fault.bad_choice"},
	} {
		p := plan("name", "sex")
		test.spoil(&p)
		f := fault.Of(p.Check(today))
		if f == nil || f.Field != test.field || f.Key != test.key {
			t.Errorf("%s: %v, want %s on %s", name, f, test.key, test.field)
		}
	}
	p := plan("name", "consent.register", "consent.on", "consent.method")
	p.Basis = lists.Basis{Statement: "The columns say so, for each of them."}
	if err := p.Check(today); err != nil {
		t.Errorf("all of it in columns: %v", err)
	}
}

func TestColumnsCanBeSaidInWords(t *testing.T) {
	p := plan("", "")
	p.Columns[0].Heading, p.Columns[1].Heading = "Name = full", "নাম"
	if err := p.Parse([]string{"name = full=name", "নাম=name_bn+bijoy"}); err != nil || p.Columns[0].Target != "name" || p.Columns[1].Target != "name_bn" || !p.Columns[1].Bijoy {
		t.Errorf("%+v %v", p.Columns, err)
	}
	for said, want := range map[string]string{"nonsense": "import.map_form", "other=name": "import.no_such_column", "নাম=colour": "import.no_such_target"} {
		if f := fault.Of(p.Parse([]string{said})); f == nil || f.Key != want {
			t.Errorf("%s: %v, want %s", said, f, want)
		}
	}
}

func TestEachTargetHasItsWords(t *testing.T) {
	n := 0
	for _, g := range lists.Groups() {
		for _, target := range lists.Targets(g) {
			n++
			for _, lang := range words.Languages() {
				if s := words.In(lang); strings.Contains(target.Label(s)+s.T("import.group."+string(g)), "⟦") {
					t.Errorf("%s has no words in %s", target, lang)
				}
			}
		}
	}
	if n < 45 {
		t.Errorf("%d targets in all groups", n)
	}
}

// Whatever stands in the cells, a row ends in a registration or in sentences.
func FuzzRowsNeverBreakTheReader(f *testing.F) {
	f.Add("রহিমা", "1990-05-17", "01712345678/01812345678", "KSA", "Manikganj")
	f.Add("=1+1", "33010", "8.8E+12", "\x00", "iwngv")
	f.Fuzz(func(t *testing.T, a, b, c, d, e string) {
		p := plan("name", "birth", "phone", "journey.country", "district", "upazila", "journey.cost", "nid", "journey.reasons", "age")
		p.Columns[0].Bijoy = len(e)%2 == 0
		_, troubles := made(t, p, row(2, a, b, c, d, e, a, b, c, d, e))
		for _, trouble := range troubles {
			if trouble.Column >= len(p.Columns) || trouble.Key == "fault.internal" {
				t.Errorf("%+v", trouble)
			}
		}
	})
}
