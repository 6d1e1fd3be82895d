// SPDX-License-Identifier: Apache-2.0

package iati_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/iati"
	"fera/internal/projects"
)

func day(text string) dates.Partial {
	d, err := dates.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// whole is a project that has something of every element that can be written.
func whole() iati.Activity {
	p := projects.Project{Code: "coming-home", State: projects.Running, At: time.Date(2030, 3, 5, 12, 0, 0, 0, time.UTC), Record: projects.Record{
		TitleEn: "Coming home & staying", TitleBn: "ফিরে আসা", TextEn: "What it does <for> people.", TextBn: "কী করে",
		PlannedFrom: day("2029-01-01"), PlannedTo: day("2031-12"), Started: day("2029-02-01"), Ended: day("2031"),
		Places: []string{"3056", "305670"}, Identifiers: []projects.Identifier{{Kind: "A1", Value: "BD1"}, {Kind: "A9", Value: "LM.1"}},
		Reporter: projects.Partner{NameEn: "Shetu", NameBn: "সেতু", Ref: "XI-SIMULATED-SHETU", Type: "22"},
		Partners: []projects.Partner{{NameEn: "A fund", Role: projects.Funding, Type: "60", Ref: "XI-IATI-1"}, {NameBn: "বন্ধন", Role: projects.Implementing, Type: "24"},
			{NameEn: "Shetu", Role: projects.Accountable}, {NameEn: "Bridge", Role: projects.Extending}},
		Sectors: []projects.Sector{{Code: "15190", Percent: 60}, {Code: "16070", Percent: 40}}, Gender: 2,
		Results: []projects.Result{{Code: "G", Level: projects.Goal, TitleEn: "At home for good"},
			{Code: "O", Level: projects.Outcome, TitleEn: "Work", TitleBn: "কাজ", Indicators: []projects.Measured{
				{Indicator: "persons_reached", Unit: "number", Baseline: &projects.Figure{From: day("2028"), Says: "before"},
					Targets:   []projects.Figure{{From: day("2029-01-01"), Until: day("2029-12-31"), Place: "305646", Value: 500000}, {From: day("2030"), Value: 700000}},
					Published: []projects.Figure{{From: day("2029-01-01"), Until: day("2029-12-31"), Value: 562500, Says: "door to door"}}},
				{Indicator: "share_at_work", TitleEn: "Share at work", TitleBn: "কাজে আছেন", Unit: "percent", Falls: true, Targets: []projects.Figure{{From: day("2029"), Value: 7050}}}}}},
		Documents: []projects.Document{{TitleEn: "Agreement", Href: "https://example.org/a.pdf?x=1&y=2", Format: "application/pdf", Category: "A09", Language: "en", On: day("2029-01")}, {TitleBn: "পাতা", Href: "https://example.org"}},
	}}
	return iati.Activity{Project: p,
		Entries: []projects.Entry{
			{ID: "1", Kind: projects.Budget, Line: "1", Currency: "USD", Amount: 1_000_050, On: day("2030-01-01"), Until: day("2030-12-31")},
			{ID: "2", Kind: projects.Budget, Line: "1", Currency: "USD", Amount: 100_000, On: day("2029-01-01"), Until: day("2029-12-31")},
			{ID: "3", Kind: projects.Budget, Line: "2", Currency: "USD", Amount: 50_001, On: day("2029-01-01"), Until: day("2029-12-31")},
			{ID: "4", Kind: projects.Committed, Currency: "USD", Amount: 20_000_000, On: day("2029-01-01"), Partner: "A fund"},
			{ID: "5", Kind: projects.Received, Currency: "USD", Amount: 10_000_000, On: day("2029-01-05"), Partner: "A fund"},
			{ID: "6", Kind: projects.Spent, Currency: "BDT", Amount: 777, On: day("2029-02-05"), Says: "rent"},
			{ID: "7", Kind: projects.Spent, Currency: "BDT", Amount: 123456, On: day("2029-02-05"), Reversed: true},
			{ID: "8", Kind: projects.Spent, Currency: "BDT", Amount: -123456, On: day("2029-02-05"), Reverses: "7"},
			{ID: "9", Kind: projects.Disbursed, Currency: "USD", Amount: 5, On: day("2029-02-05"), Partner: "somebody else"},
		},
		Actuals: []iati.Actual{{Indicator: "persons_reached", Figure: projects.Figure{From: day("2029-01-01"), Until: day("2029-12-31"), Place: "3056", Value: 562300, Says: "counted"}, Parts: map[string]string{"sex": "female"}}},
	}
}

func write(t *testing.T, a iati.Activity) string {
	t.Helper()
	var b bytes.Buffer
	if err := iati.Write(&b, a, time.Date(2030, 3, 6, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// valid runs the published schema over a text. Without xmllint the test is skipped, or fails where it is asked for.
func valid(t *testing.T, text string) error {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("REQUIRE_XMLLINT") != "" {
			t.Fatal("xmllint is not there, and REQUIRE_XMLLINT is set")
		}
		t.Skip("xmllint is not there")
	}
	path := filepath.Join(t.TempDir(), "activity.xml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), program, "--nonet", "--noout", "--schema", "testdata/schema/iati-activities-schema.xsd", path).CombinedOutput()
	if err != nil {
		t.Logf("%s", said)
	}
	return err
}

func TestWhatIsWrittenIsValid(t *testing.T) {
	least := whole()
	least.Entries, least.Actuals = nil, nil
	least.Project.Record = projects.Record{TitleBn: "ফেরা", Reporter: projects.Partner{NameBn: "সেতু", Ref: "XI-SIMULATED-SHETU"}, PlannedFrom: day("2029"), Nationwide: true,
		Partners: []projects.Partner{{NameBn: "সেতু", Role: projects.Implementing}}}
	for name, a := range map[string]iati.Activity{"whole": whole(), "least": least} {
		if err := valid(t, write(t, a)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The schema finds what is not as it should be, so the test above says something.
func TestTheSchemaCatches(t *testing.T) {
	good := write(t, whole())
	for name, bad := range map[string]string{
		"no identifier":   strings.Replace(good, "<iati-identifier>XI-SIMULATED-SHETU-coming-home</iati-identifier>", "", 1),
		"not a number":    strings.Replace(good, ">200000.00<", ">many<", 1),
		"not a day":       strings.Replace(good, `iso-date="2029-02-01"`, `iso-date="soon"`, 1),
		"another element": strings.Replace(good, "<activity-scope", "<scope/><activity-scope", 1),
	} {
		if bad == good {
			t.Errorf("%s: nothing was changed", name)
		}
		if err := valid(t, bad); err == nil {
			t.Errorf("%s is found valid", name)
		}
	}
}

func TestWriteSaysWhatTheRecordSays(t *testing.T) {
	got := write(t, whole())
	for _, want := range []string{
		`<iati-identifier>XI-SIMULATED-SHETU-coming-home</iati-identifier>`,
		`<narrative xml:lang="bn">ফিরে আসা</narrative>`,
		`Coming home &amp; staying`,
		`<sector vocabulary="1" code="15190" percentage="60"></sector>`,
		`<policy-marker vocabulary="1" code="1" significance="2"></policy-marker>`,
		`<other-identifier ref="LM.1" type="A9"></other-identifier>`,
		`<activity-date iso-date="2031-12-31" type="3"></activity-date>`,
		`<activity-scope code="6"></activity-scope>`,
		`<value currency="USD" value-date="2029-01-01">1500.01</value>`,
		`<value currency="USD" value-date="2029-01-01">200000.00</value>`,
		`<target value="5000">`,
		`<actual value="5625">`,
		`As published, not counted from records. door to door`,
		`<dimension name="sex" value="female"></dimension>`,
		`<target value="70.50">`,
		`<location ref="BD-305646">`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %s", want)
		}
	}
	if strings.Contains(got, "1234.56") {
		t.Error("it says what was taken back")
	}
	if t.Failed() {
		t.Log(got)
	}
}

// The scope follows from the places.
func TestScopeFollowsFromThePlaces(t *testing.T) {
	for want, places := range map[string][]string{"4": nil, "5": {"3056", "6090"}, "6": {"30"}, "7": {"3056"}, "8": {"305670"}} {
		a := whole()
		a.Project.Places = places
		if got := write(t, a); !strings.Contains(got, `<activity-scope code="`+want+`">`) {
			t.Errorf("%v: not %s", places, want)
		}
	}
}

func TestNobodyIsMadeUp(t *testing.T) {
	for field, change := range map[string]func(*projects.Project){
		"reporter.ref": func(p *projects.Project) { p.Reporter = projects.Partner{} },
		"partners":     func(p *projects.Project) { p.Partners = nil },
	} {
		a := whole()
		change(&a.Project)
		if err := iati.Write(&bytes.Buffer{}, a, time.Now()); fault.KindOf(err) != fault.Invalid || fault.Of(err).Field != field {
			t.Errorf("without %s: %v", field, err)
		}
	}
}
