// SPDX-License-Identifier: Apache-2.0

package questionnaires_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/questionnaires"
	"fera/internal/xlsform"
)

// update tells whether the files are to be written anew: make golden.
func update() bool { return os.Getenv("UPDATE_GOLDEN") != "" }

func find(t testing.TB, name string) *instruments.Definition {
	t.Helper()
	d, err := questionnaires.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func form(t testing.TB, d *instruments.Definition) *filling.Form {
	t.Helper()
	f, problems := filling.New(d)
	for _, p := range problems {
		if !p.Advice {
			t.Errorf("%s: %s %s: %s", d.Name, p.Item, p.Column, p.Fault)
		}
	}
	if f == nil {
		t.FailNow()
	}
	return f
}

func begin(t testing.TB, d *instruments.Definition, answers map[string]string) *filling.Filling {
	t.Helper()
	now := time.Date(2026, 3, 5, 14, 30, 0, 0, dates.Dhaka())
	a := form(t, d).Begin(nil, filling.Occasion{Began: now, Now: now, Language: "bn", Seed: "s"})
	if err := a.AnswerAll(answers); err != nil {
		t.Fatalf("%s: %v", d.Name, err)
	}
	return a
}

func TestEachSaysWhereItComesFrom(t *testing.T) {
	if n := len(questionnaires.List()); n != 16 {
		t.Errorf("%d questionnaires, want 16", n)
	}
	for _, d := range questionnaires.List() {
		form(t, d)
		if d.Source == "" || d.Licence == "" || d.Title["bn"] == "" || d.Title["en"] == "" || d.Class == 0 {
			t.Errorf("%s: source %q, licence %q, title %v, class %d", d.Name, d.Source, d.Licence, d.Title, d.Class)
		}
		for _, role := range d.Administers {
			if !slices.Contains(access.Roles(), access.Role(role)) {
				t.Errorf("%s may be administered by %q, which is no role", d.Name, role)
			}
		}
		if len(d.Items) == 0 && d.Status == instruments.Active {
			t.Errorf("%s is active and empty", d.Name)
		}
		for _, l := range d.Languages {
			if len(d.Items) > 0 && (l.Origin == "" || l.Origin == instruments.Ours && l.Note == "") {
				t.Errorf("%s: nobody says who worded the %s", d.Name, l.Name)
			}
			if l.Code == "bn" && l.Origin == instruments.Published {
				t.Errorf("%s: its Bangla is said to be published; none has been confirmed", d.Name)
			}
		}
	}
}

// What could not be confirmed, or whose owner has not agreed, is not there to be administered.
func TestNobodyIsAskedWhatIsNotCleared(t *testing.T) {
	for name, want := range map[string]instruments.Status{"srq20": instruments.Pending, "fies": instruments.Pending, "who5": instruments.Pending,
		"reintegration_sustainability": instruments.Pending} {
		if d := find(t, name); d.Status != want || d.May(30) == "" {
			t.Errorf("%s is %s, want %s", name, d.Status, want)
		}
	}
	for _, name := range []string{"who5", "reintegration_sustainability"} {
		if d := find(t, name); len(d.Items)+len(d.Scales)+len(d.Lists) != 0 {
			t.Errorf("%s has content, none of which is confirmed", name)
		}
	}
	if d := find(t, "reintegration_sustainability"); d.OncePer != "quarter" || d.MinimumAge != 18 || d.Younger != "child" {
		t.Errorf("the survey is %q, from %d, else %q", d.OncePer, d.MinimumAge, d.Younger)
	}
}

func TestEveryQuestionSpeaksBothLanguages(t *testing.T) {
	for _, d := range questionnaires.List() {
		_, problems := filling.New(d)
		for _, p := range problems {
			if p.Fault.Key == "instrument.translation_missing" || p.Fault.Key == "instrument.label_missing" || p.Fault.Key == "instrument.many_values" || p.Fault.Key == "instrument.name_alone" {
				t.Errorf("%s: %s %s: %s", d.Name, p.Item, p.Column, p.Fault)
			}
		}
		d.Walk(func(i *instruments.Item, _ []*instruments.Item) {
			if i.Alert != nil && (i.Alert.Message["bn"] == "" || i.Alert.Message["en"] == "" || i.Alert.Level == instruments.Now && (i.Alert.Steps["bn"] == "" || i.Alert.Steps["en"] == "")) {
				t.Errorf("%s: the alert of %s lacks its reason or its steps in a language", d.Name, i.Name)
			}
		})
	}
}

func TestFilesAreInTheirOneOrder(t *testing.T) {
	for _, d := range questionnaires.List() {
		name := "data/" + d.Name + ".json"
		want, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		if update() {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is written in another order: make golden", name)
		}
	}
}

func TestEachGoesOutAsXLSFormAndComesBack(t *testing.T) {
	for _, d := range questionnaires.List() {
		if len(d.Items) == 0 {
			continue
		}
		f := xlsform.Parse(xlsform.Tables(d), "x")
		if made, problems := f.Check(); made == nil {
			t.Errorf("%s: %v", d.Name, problems)
		}
		if diff := cmp.Diff(d, f.Definition, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s comes back as another (-before +after):\n%s", d.Name, diff)
		}
	}
}

// numbered answers an instrument's items in turn: "phq9_1", "phq9_2", …
func numbered(prefix string, values ...string) map[string]string {
	all := map[string]string{}
	for i, v := range values {
		all[fmt.Sprintf("%s%d", prefix, i+1)] = v
	}
	return all
}

// adding answers items, each at most so much, so that they add up to a total.
func adding(prefix string, items, most, total int) map[string]string {
	var values []string
	for range items {
		v := min(most, total)
		total -= v
		values = append(values, fmt.Sprint(v))
	}
	return numbered(prefix, values...)
}

// outcome writes a scale's score with its bands.
func outcome(t testing.TB, a *filling.Filling, scale string) string {
	t.Helper()
	for _, r := range a.Scores() {
		if r.Scale != scale {
			continue
		}
		if r.Value == nil {
			return fmt.Sprintf("none, %d of %d", r.Answered, r.Of)
		}
		s := fmt.Sprint(*r.Value)
		for _, v := range r.Verdicts {
			s += " " + v.Band
		}
		return s
	}
	t.Fatalf("no scale %s", scale)
	return ""
}

func TestPHQ9ScoresAsPublished(t *testing.T) {
	d := find(t, "phq9")
	for total, want := range map[int]string{0: "none no", 1: "minimal no", 4: "minimal no", 5: "mild no", 9: "mild no", 10: "moderate yes", 14: "moderate yes", 15: "moderately_severe yes", 19: "moderately_severe yes", 20: "severe yes", 27: "severe yes"} {
		if got := outcome(t, begin(t, d, adding("phq9_", 9, 3, total)), "total"); got != fmt.Sprintf("%d %s", total, want) {
			t.Errorf("PHQ-9 of %d: %s, want %s", total, got, want)
		}
	}
	for total, want := range map[int]string{1: "no no", 2: "no yes", 3: "yes yes", 6: "yes yes"} {
		if got := outcome(t, begin(t, d, adding("phq9_", 9, 3, total)), "phq2"); got != fmt.Sprintf("%d %s", total, want) {
			t.Errorf("PHQ-2 of %d: %s, want %s", total, got, want)
		}
	}
	missing := adding("phq9_", 9, 3, 20)
	missing["phq9_5"] = ""
	if got := outcome(t, begin(t, d, missing), "total"); got != "none, 8 of 9" {
		t.Errorf("with one missing: %s, want no score", got)
	}
}

func TestGAD7ScoresAsPublished(t *testing.T) {
	d := find(t, "gad7")
	for total, want := range map[int]string{0: "minimal no", 4: "minimal no", 5: "mild no", 8: "mild no", 9: "mild yes", 10: "moderate yes", 14: "moderate yes", 15: "severe yes", 21: "severe yes"} {
		if got := outcome(t, begin(t, d, adding("gad7_", 7, 3, total)), "total"); got != fmt.Sprintf("%d %s", total, want) {
			t.Errorf("GAD-7 of %d: %s, want %s", total, got, want)
		}
	}
}

func TestSRQ20ScoresAsPublished(t *testing.T) {
	d := find(t, "srq20")
	for total, want := range map[int]string{0: "below", 7: "below", 8: "at_or_above", 20: "at_or_above"} {
		var values []string
		for i := range 20 {
			values = append(values, map[bool]string{true: "yes", false: "no"}[i < total])
		}
		if got := outcome(t, begin(t, d, numbered("srq20_", values...)), "total"); got != fmt.Sprintf("%d %s", total, want) {
			t.Errorf("SRQ-20 of %d: %s, want %s", total, got, want)
		}
	}
}

// The two answers about ending one's life need somebody at once, whatever the total, and whatever else is answered.
func TestThoughtsOfDeathAlarmWhateverTheTotal(t *testing.T) {
	for _, c := range []struct {
		name, key, value string
		alarms           bool
	}{{"phq9", "phq9_9", "0", false}, {"phq9", "phq9_9", "1", true}, {"phq9", "phq9_9", "2", true}, {"phq9", "phq9_9", "3", true}, {"phq9", "phq9_8", "3", false},
		{"srq20", "srq20_17", "yes", true}, {"srq20", "srq20_17", "no", false}, {"srq20", "srq20_16", "yes", false}, {"intake_screening", "in_despair", "yes", true}} {
		a := begin(t, find(t, c.name), map[string]string{c.key: c.value})
		alarms := a.Alarms()
		if got := len(alarms) > 0; got != c.alarms {
			t.Errorf("%s %s = %s: alarms %v", c.name, c.key, c.value, alarms)
			continue
		}
		if c.alarms && (a.Urgency() != instruments.Now || alarms[0].Key != c.key || !strings.Contains(alarms[0].Steps["bn"], "একা রেখে যাবেন না")) {
			t.Errorf("%s %s = %s: %s, %+v; want it at once, with the steps", c.name, c.key, c.value, a.Urgency(), alarms[0])
		}
	}
}

func TestWashingtonGroupFindsDisabilityAtItsCutOff(t *testing.T) {
	d := find(t, "washington_group_short_set")
	keys := []string{"wg_vision", "wg_hearing", "wg_mobility", "wg_cognition", "wg_self_care", "wg_communication"}
	for _, c := range []struct{ answers, severest, two string }{
		{"1 1 1 1 1 1", "1 no no no", "1 no"}, {"2 1 1 1 1 1", "2 no yes no", "1 no"}, {"2 2 1 1 1 1", "2 no yes no", "2 yes"}, {"1 3 1 1 1 1", "3 yes yes no", "2 yes"}, {"1 1 1 1 1 4", "4 yes yes yes", "2 yes"},
		{"999 1 1 1 1 1", "1 no no no", "1 no"}, {"888 888 888 888 888 888", "none, 0 of 6", "1 no"}, {"999 1 1 3 1 1", "3 yes yes no", "2 yes"},
	} {
		answers := map[string]string{}
		for i, v := range strings.Fields(c.answers) {
			answers[keys[i]] = v
		}
		a := begin(t, d, answers)
		if got, two := outcome(t, a, "severest"), outcome(t, a, "two_some"); got != c.severest || two != c.two {
			t.Errorf("%s: %s and %s, want %s and %s (DIS3 DIS1 DIS4, and DIS2)", c.answers, got, two, c.severest, c.two)
		}
	}
}

func TestHouseholdHungerScoresAsPublished(t *testing.T) {
	d := find(t, "household_hunger_scale")
	if why := d.May(30); why != "" || !strings.Contains(d.FindItem("hhs_day").Label["en"], "a whole day and night") {
		t.Errorf("it cannot be asked: %q, or its third question is the second once more", why)
	}
	for _, c := range []struct{ food, sleep, day, want string }{
		{"no", "no", "no", "0 little_or_none"}, {"rarely", "no", "no", "1 little_or_none"}, {"sometimes", "no", "no", "1 little_or_none"}, {"often", "no", "no", "2 moderate"},
		{"often", "rarely", "no", "3 moderate"}, {"often", "often", "no", "4 severe"}, {"often", "often", "often", "6 severe"}, {"yes", "no", "no", "none, 2 of 3"}, {"", "no", "no", "none, 2 of 3"},
	} {
		answers := map[string]string{}
		for key, v := range map[string]string{"hhs_food": c.food, "hhs_sleep": c.sleep, "hhs_day": c.day} {
			switch v {
			case "no", "yes", "":
				answers[key] = v
			default:
				answers[key], answers[key+"_often"] = "yes", v
			}
		}
		if got := outcome(t, begin(t, d, answers), "total"); got != c.want {
			t.Errorf("%s, %s, %s: %s, want %s", c.food, c.sleep, c.day, got, c.want)
		}
	}
}

func TestReducedCopingStrategiesWeighAsPublished(t *testing.T) {
	d := find(t, "reduced_coping_strategies")
	for _, c := range []struct {
		days string
		want string
	}{
		{"0 0 0 0 0", "0 phase_1 plausible"}, {"1 0 1 1 0", "3 phase_1 plausible"}, {"0 1 1 1 0", "4 phase_2 plausible"}, {"7 4 0 0 1", "18 phase_2 plausible"}, {"7 4 1 0 1", "19 phase_3 plausible"},
		{"7 7 7 7 2", "41 phase_3 plausible"}, {"7 7 7 6 3", "43 phase_3 check"}, {"7 7 0 0 7", "42 phase_3 check"}, {"7 7 7 7 7", "56 phase_3 check"}, {"8 0 0 0 0", "none, 4 of 5"},
	} {
		answers := map[string]string{}
		for i, v := range strings.Fields(c.days) {
			answers["rcsi_"+[]string{"less_quality", "borrow", "fewer_meals", "smaller_meals", "adults_less"}[i]] = v
		}
		a := begin(t, d, answers)
		if got := outcome(t, a, "rcsi"); got != c.want {
			t.Errorf("%s days: %s, want %s", c.days, got, c.want)
		}
		if bad := strings.Contains(c.days, "8"); bad != (len(a.Faults()) > 0) {
			t.Errorf("%s days: faults %v", c.days, a.Faults())
		}
	}
}

func TestFIESCountsYes(t *testing.T) {
	d := find(t, "fies")
	keys := []string{"worried", "healthy", "few_kinds", "skipped", "ate_less", "ran_out", "hungry", "whole_day"}
	for _, c := range []struct{ answers, want string }{{"2 2 2 2 2 2 2 2", "0"}, {"1 1 1 2 2 2 2 2", "3"}, {"1 1 1 1 1 1 1 1", "8"}, {"1 1 8 2 2 2 2 2", "none, 7 of 8"}} {
		answers := map[string]string{}
		for i, v := range strings.Fields(c.answers) {
			answers["fies_"+keys[i]] = v
		}
		if got := outcome(t, begin(t, d, answers), "raw"); got != c.want {
			t.Errorf("%s: %s, want %s", c.answers, got, c.want)
		}
	}
}

// An answer of "not received" must not lower the satisfaction.
func TestSatisfactionIsAMeanOfWhatWasReceived(t *testing.T) {
	d := find(t, "service_satisfaction")
	answers := map[string]string{"sat_arrival": "5", "sat_counselling": "not_received", "sat_economic": "2", "sat_overall": "4"}
	a := begin(t, d, answers)
	r := a.Scores()[0]
	if r.Value == nil || math.Abs(*r.Value-11.0/3) > 1e-9 || r.Answered != 3 || r.Of != 6 {
		t.Errorf("mean %v of %d/%d, want 3.67 of 3/6", r.Value, r.Answered, r.Of)
	}
	if a.Urgency() != instruments.Routine {
		t.Errorf("urgency = %s", a.Urgency())
	}
	if a := begin(t, d, map[string]string{"sat_harm": "yes"}); a.Urgency() != instruments.Now {
		t.Error("harm by those who help raises no alarm")
	}
}

func TestIntakeSortsWithItsReasons(t *testing.T) {
	d := find(t, "intake_screening")
	for _, c := range []struct {
		answers map[string]string
		want    instruments.Level
		reasons int
	}{{nil, instruments.Routine, 0}, {map[string]string{"in_unsafe": "no", "in_wages": "unsure"}, instruments.Routine, 0}, {map[string]string{"in_wages": "yes"}, instruments.Soon, 1}, {map[string]string{"in_wages": "yes", "in_lender": "yes", "in_ill": "yes"}, instruments.Now, 3}} {
		a := begin(t, d, c.answers)
		if got := a.Alarms(); a.Urgency() != c.want || len(got) != c.reasons || c.reasons > 0 && got[0].Level != c.want {
			t.Errorf("%v: %s with %d reasons, want %s with %d", c.answers, a.Urgency(), len(got), c.want, c.reasons)
		}
	}
}

func TestForcedLabourHasElevenIndicatorsAndNoScore(t *testing.T) {
	d := find(t, "forced_labour_indicators")
	asked := 0
	d.Walk(func(i *instruments.Item, _ []*instruments.Item) {
		if i.Kind == instruments.SelectOne {
			asked++
		}
	})
	a := begin(t, d, map[string]string{"ilo_violence": "yes", "ilo_deception": "yes", "ilo_isolation": "unsure"})
	if asked != 11 || len(d.Scales) != 0 || a.Value("ilo_present").String() != "2" || a.Urgency() != instruments.Now || !a.Relevant("ilo_violence_told") || a.Relevant("ilo_isolation_told") {
		t.Errorf("%d indicators, %d scales, %s present, %s", asked, len(d.Scales), a.Value("ilo_present"), a.Urgency())
	}
}

func TestRecruitmentCostIsInMonthsOfPay(t *testing.T) {
	d := find(t, "recruitment_cost")
	a := begin(t, d, map[string]string{"rc_wage": "yes", "rc_cost": "৪৫০০০০", "rc_earned": "25000"})
	if got := a.Value("rc_months").String(); got != "18" || len(a.Faults()) != 0 {
		t.Errorf("months = %s, faults %v", got, a.Faults())
	}
	if a := begin(t, d, map[string]string{"rc_wage": "no"}); len(a.Faults()) != 0 || a.Relevant("rc_cost") {
		t.Errorf("somebody who worked for herself is asked for the cost: %v", a.Faults())
	}
}

func TestVulnerabilityIsJudgedWithReasons(t *testing.T) {
	a := begin(t, find(t, "vulnerability_judgement"), map[string]string{"factors[1]/vj_level": "household", "factors[1]/vj_factor": "age", "factors[1]/vj_direction": "risk", "factors[1]/vj_severity": "severe", "factors[1]/vj_evidence": "seen", "vj_rating": "high", "vj_reason": "because"})
	var got []string
	for _, f := range a.Faults() {
		got = append(got, f.Key+" "+f.Fault.Key)
	}
	if want := "factors[1]/vj_factor instrument.not_offered; vj_reason instrument.answer_refused"; strings.Join(got, "; ") != want || a.Urgency() != instruments.Soon || len(a.Scores()) != 0 {
		t.Errorf("faults %q, want %q; urgency %s", got, want, a.Urgency())
	}
}

func TestProgressIsEqualThirdsOfThree(t *testing.T) {
	d := find(t, "progress_check")
	all := []string{"pc_income", "pc_debt", "pc_work", "pc_home", "pc_services", "pc_papers", "pc_support", "pc_belonging", "pc_choice"}
	answers := func(values string) map[string]string {
		m := map[string]string{}
		for i, v := range strings.Fields(values) {
			m[all[i]] = v
		}
		return m
	}
	for _, c := range []struct{ values, economic, whole string }{
		{"0 0 0 0 0 0 0 0 0", "0 low", "0"}, {"4 4 4 4 4 4 4 4 4", "1 high", "1"}, {"1 1 2 2 2 2 4 4 4", "0.333333333333 low", "0.611111111111"}, {"2 1 2 2 2 2 2 2 2", "0.416666666667 middle", "0.472222222222"},
		{"none 4 4 0 0 0 0 0 0", "1 high", "0.333333333333"}, {"none none 4 0 0 0 0 0 0", "none, 1 of 3", "none, 2 of 3"},
	} {
		a := begin(t, d, answers(c.values))
		if e, w := outcome(t, a, "economic"), outcome(t, a, "all"); e != c.economic || w != c.whole {
			t.Errorf("%s: %s and %s, want %s and %s", c.values, e, w, c.economic, c.whole)
		}
	}
}

// Whatever is answered, each score stays within the range that it states, and no required question that was asked is hidden
// from whoever completes the form.
func TestAnyAnswersKeepTheRules(t *testing.T) {
	for _, d := range questionnaires.List() {
		if len(d.Items) == 0 {
			continue
		}
		f := form(t, d)
		now := time.Date(2026, 3, 5, 14, 30, 0, 0, dates.Dhaka())
		rapid.Check(t, func(rt *rapid.T) {
			a := f.Begin(nil, filling.Occasion{Began: now, Now: now, Language: "bn"})
			given := map[string]string{}
			for range rapid.IntRange(0, 25).Draw(rt, "answers") {
				entries := a.Whole("bn").Entries
				e := entries[rapid.IntRange(0, len(entries)-1).Draw(rt, "which")]
				if !e.Item.Kind.Asked() || e.ReadOnly {
					continue
				}
				v := rapid.SampledFrom([]string{"", "0", "3", "7", "৫", "-1", "nonsense"}).Draw(rt, "value")
				if len(e.Options) > 0 {
					v = rapid.SampledFrom(e.Options).Draw(rt, "option").Name
				}
				if err := a.Answer(e.Key, v); err != nil {
					rt.Fatalf("%s: Answer(%s, %s): %v", d.Name, e.Key, v, err)
				}
				given[e.Key] = a.Answers()[e.Key]
			}
			for _, r := range a.Scores() {
				if r.Value != nil && (*r.Value < r.Lowest-1e-9 || *r.Value > r.Highest+1e-9) {
					rt.Errorf("%s: %s is %v, outside of %v to %v", d.Name, r.Scale, *r.Value, r.Lowest, r.Highest)
				}
			}
			kept, missing := a.Answers(), map[string]bool{}
			for _, x := range a.Faults() {
				missing[x.Key] = x.Missing || missing[x.Key]
			}
			for _, e := range a.Whole("bn").Entries {
				if e.Required && e.Value == "" && !missing[e.Key] {
					rt.Errorf("%s: %s is required, asked and blank, and the form counts as complete", d.Name, e.Key)
				}
			}
			for key, v := range given {
				if kept[key] != v {
					rt.Errorf("%s: the answer %q to %s became %q", d.Name, v, key, kept[key])
				}
			}
		})
	}
}
