// SPDX-License-Identifier: Apache-2.0

package instruments_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fera/internal/dates"
	"fera/internal/instruments"
	"fera/internal/words"
)

func score(f float64) *instruments.Score { s := instruments.Score(f); return &s }

// scored makes a definition of items that are answered 0 to 4, or with what has no score, and some scales.
func scored(items int, scales ...instruments.Scale) *instruments.Definition {
	d := &instruments.Definition{Name: "made_up", Version: "7", Title: instruments.Texts{"en": "Made up"}, Status: instruments.Draft,
		Languages: []instruments.Language{{Code: "en"}}, Scales: scales}
	list := instruments.List{Name: "often"}
	for i := range 5 {
		list.Options = append(list.Options, instruments.Option{Name: fmt.Sprintf("o%d", i), Label: instruments.Texts{"en": "x"}, Score: score(float64(i))})
	}
	list.Options = append(list.Options, instruments.Option{Name: "refused", Label: instruments.Texts{"en": "x"}})
	d.Lists = append(d.Lists, list)
	for i := range items {
		d.Items = append(d.Items, instruments.Item{Name: fmt.Sprintf("q%d", i+1), Kind: instruments.SelectOne, List: "often", Label: instruments.Texts{"en": "q"}})
	}
	return d
}

func parts(weights ...float64) (all []instruments.Part) {
	for i, w := range weights {
		all = append(all, instruments.Part{Item: fmt.Sprintf("q%d", i+1), Weight: w})
	}
	return all
}

// given answers q1, q2, … in turn; "-" was not asked.
func given(values ...string) instruments.Answers {
	return func(item string) instruments.Answer {
		var i int
		fmt.Sscanf(item, "q%d", &i)
		if i < 1 || i > len(values) {
			return instruments.Answer{Asked: true}
		}
		return instruments.Answer{Value: strings.Trim(values[i-1], "-"), Asked: values[i-1] != "-"}
	}
}

func today() instruments.Occasion {
	return instruments.Occasion{Day: dates.Partial{Year: 2026, Month: 3, Day: 5}, Language: "en"}
}

func TestScalesDoAsTheirPolicySays(t *testing.T) {
	scale := func(m instruments.Method, missing instruments.Missing, most int) instruments.Scale {
		return instruments.Scale{Name: "s", Method: m, Missing: missing, MostMissing: most, Parts: parts(1, 2, 1), Highest: 16}
	}
	const none = -1
	for _, c := range []struct {
		scale    instruments.Scale
		answers  []string
		want     float64
		answered int
		of       int
	}{
		{scale(instruments.Sum, instruments.Refuse, 0), []string{"o1", "o2", "o3"}, 8, 3, 3},
		{scale(instruments.Sum, instruments.Refuse, 0), []string{"o1", "", "o3"}, none, 2, 3},
		{scale(instruments.Sum, instruments.Refuse, 0), []string{"o1", "refused", "o3"}, none, 2, 3},
		{scale(instruments.Sum, instruments.LeaveOut, 0), []string{"o1", "refused", "o3"}, 4, 2, 3},
		{scale(instruments.Sum, instruments.LeaveOut, 1), []string{"", "refused", "o3"}, none, 1, 3},
		{scale(instruments.Sum, instruments.Renormalise, 0), []string{"o1", "refused", "o3"}, 8, 2, 3},
		{scale(instruments.Sum, instruments.Renormalise, 1), []string{"o1", "refused", ""}, none, 1, 3},
		{scale(instruments.Mean, instruments.LeaveOut, 0), []string{"o4", "o1", "refused"}, 2, 2, 3},
		{scale(instruments.Highest, instruments.LeaveOut, 0), []string{"o4", "o3", ""}, 6, 2, 3},
		{scale(instruments.Sum, instruments.LeaveOut, 0), []string{"", "refused", ""}, none, 0, 3},
		{scale(instruments.Sum, instruments.Refuse, 0), []string{"o0", "o0", "o0"}, 0, 3, 3},
		{scale(instruments.Sum, instruments.Refuse, 0), []string{"o1", "-", "o3"}, none, 2, 3},
	} {
		r := scored(3, c.scale).Score(given(c.answers...), today())[0]
		got := float64(none)
		if r.Value != nil {
			got = *r.Value
		}
		if got != c.want || r.Answered != c.answered || r.Of != c.of || (got == none) != (r.Why != "") {
			t.Errorf("%s %s %v = %v of %d/%d (%s), want %v of %d/%d", c.scale.Method, c.scale.Missing, c.answers, got, r.Answered, r.Of, r.Why, c.want, c.answered, c.of)
		}
	}
	unasked := scale(instruments.Sum, instruments.Refuse, 0)
	unasked.UnaskedLess = true
	if r := scored(3, unasked).Score(given("o1", "-", "o3"), today())[0]; r.Value == nil || *r.Value != 4 || r.Of != 2 {
		t.Errorf("with what was not asked left out: %v of %d, want 4 of 2", r.Value, r.Of)
	}
}

func TestEveryLineSaysWhatItGave(t *testing.T) {
	d := scored(4, instruments.Scale{Name: "s", Method: instruments.Sum, Missing: instruments.LeaveOut, Highest: 30,
		Parts: append(parts(2, 1, 1), instruments.Part{Item: "q4", Weight: 1, From: new(float64), To: new(float64)})})
	one := 1.0
	got := d.Score(given("o1", "refused", "", "o3"), today())[0].Lines
	want := []instruments.Line{{Part: "q1", Answer: "o1", Score: &one, Weight: 2, Gave: 2}, {Part: "q2", Answer: "refused", Weight: 1, Why: "unscored"},
		{Part: "q3", Weight: 1, Why: "unanswered"}, {Part: "q4", Answer: "o3", Weight: 1, Why: "outside"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
}

func TestOneItemMayScoreItsOptionsOtherwise(t *testing.T) {
	d := scored(1, instruments.Scale{Name: "s", Method: instruments.Sum, Missing: instruments.Refuse, Parts: parts(1), Highest: 4})
	d.Items[0].Scores = map[string]*instruments.Score{"o0": score(4), "o4": nil}
	for answer, want := range map[string]string{"o0": "4", "o1": "1", "o4": "none"} {
		got := "none"
		if r := d.Score(given(answer), today())[0]; r.Value != nil {
			got = fmt.Sprint(*r.Value)
		}
		if got != want {
			t.Errorf("%s scores %s, want %s", answer, got, want)
		}
	}
}

func TestBandsHoldForTheirTimeAndLanguage(t *testing.T) {
	day := func(y int) dates.Partial { return dates.Partial{Year: y, Month: 1, Day: 1} }
	bands := func(from float64) []instruments.Band {
		return []instruments.Band{{Name: "low", From: 0}, {Name: "high", From: from}}
	}
	s := instruments.Scale{Name: "s", Method: instruments.Mean, Missing: instruments.LeaveOut, Parts: parts(1, 1), Highest: 4, Cuts: []instruments.Cut{
		{Name: "old", Until: day(2025), Bands: bands(1)}, {Name: "new", From: day(2025).Add(1), Bands: bands(2)}, {Name: "bangla", Spoken: "bn", Bands: bands(3)}}}
	d := scored(2, s)
	say := func(on instruments.Occasion, answers ...string) string {
		var all []string
		for _, v := range d.Score(given(answers...), on)[0].Verdicts {
			all = append(all, v.Cut+" "+v.Band)
		}
		return strings.Join(all, ", ")
	}
	for _, c := range []struct {
		on      instruments.Occasion
		answers []string
		want    string
	}{
		{today(), []string{"o2", "o2"}, "new high"}, {today(), []string{"o1", "o2"}, "new low"},
		{instruments.Occasion{Day: day(2024), Language: "en"}, []string{"o1", "o1"}, "old high"},
		{instruments.Occasion{Day: day(2025), Language: "en"}, []string{"o1", "o1"}, "old high"},
		{instruments.Occasion{Day: day(2025).Add(1), Language: "en"}, []string{"o1", "o1"}, "new low"},
		{instruments.Occasion{Day: today().Day, Language: "bn"}, []string{"o3", "o3"}, "new high, bangla high"},
	} {
		if got := say(c.on, c.answers...); got != c.want {
			t.Errorf("%v on %s in %s: %q, want %q", c.answers, c.on.Day, c.on.Language, got, c.want)
		}
	}
}

func TestScalesAreComposedOfOthers(t *testing.T) {
	half := func(name string, p []instruments.Part) instruments.Scale {
		return instruments.Scale{Name: name, Method: instruments.Mean, Times: 0.25, Missing: instruments.Refuse, Parts: p, Highest: 1}
	}
	d := scored(3, half("a", parts(1, 1)), half("b", parts(0, 0, 1)[2:]), instruments.Scale{Name: "both", Method: instruments.Mean, Missing: instruments.Refuse, Highest: 1,
		Parts: []instruments.Part{{Scale: "a", Weight: 1}, {Scale: "b", Weight: 3}}})
	r := d.Score(given("o4", "o2", "o1"), today())
	if got := *r[2].Value; got != (0.75+3*0.25)/4 {
		t.Errorf("composed: %v, want 0.375", got)
	}
	if r := d.Score(given("o4", "", "o1"), today())[2]; r.Value != nil {
		t.Errorf("composed of one that has no score: %v, want none", *r.Value)
	}
}

func TestAScoreIsWithinItsRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0.1, 5), 1, 6).Draw(t, "weights")
		s := instruments.Scale{Name: "s", Parts: parts(weights...), Method: rapid.SampledFrom([]instruments.Method{instruments.Sum, instruments.Mean, instruments.Highest}).Draw(t, "method"),
			Missing: rapid.SampledFrom([]instruments.Missing{instruments.Refuse, instruments.LeaveOut, instruments.Renormalise}).Draw(t, "missing"), Times: rapid.Float64Range(0.1, 4).Draw(t, "times")}
		for _, w := range weights {
			switch s.Method {
			case instruments.Sum:
				s.Highest += 4 * w * s.Times
			case instruments.Mean:
				s.Highest = 4 * s.Times
			default:
				s.Highest = max(s.Highest, 4*w*s.Times)
			}
		}
		d := scored(len(weights), s)
		if problems := d.Check(); instruments.Refused(problems) {
			t.Fatalf("Check: %v", problems[0].Fault)
		}
		answers := make([]string, len(weights))
		for i := range answers {
			answers[i] = rapid.SampledFrom([]string{"o0", "o1", "o2", "o3", "o4", "refused", "", "-", "nonsense"}).Draw(t, "answer")
		}
		r := d.Score(given(answers...), today())[0]
		if r.Value != nil && (*r.Value < s.Lowest-1e-9 || *r.Value > s.Highest+1e-9) {
			t.Errorf("%v scores %v, outside %v to %v", answers, *r.Value, s.Lowest, s.Highest)
		}
	})
}

func TestScalesThatCannotWorkAreRefused(t *testing.T) {
	good := func() instruments.Scale {
		return instruments.Scale{Name: "s", Method: instruments.Sum, Missing: instruments.Refuse, Parts: parts(1), Highest: 4,
			Cuts: []instruments.Cut{{Name: "c", Bands: []instruments.Band{{Name: "low"}, {Name: "high", From: 2}}}}}
	}
	if problems := scored(1, good()).Check(); instruments.Refused(problems) {
		t.Fatalf("a good one: %v", problems[0].Fault)
	}
	for _, c := range []struct {
		want string
		mar  func(d *instruments.Definition, s *instruments.Scale)
	}{
		{"missing_unsaid", func(_ *instruments.Definition, s *instruments.Scale) { s.Missing = "" }},
		{"method_unknown", func(_ *instruments.Definition, s *instruments.Scale) { s.Method = "median" }},
		{"scale_empty", func(_ *instruments.Definition, s *instruments.Scale) { s.Parts = nil }},
		{"scale_range", func(_ *instruments.Definition, s *instruments.Scale) { s.Highest = 0 }},
		{"scale_beyond", func(_ *instruments.Definition, s *instruments.Scale) { s.Highest = 3 }},
		{"weight_invalid", func(_ *instruments.Definition, s *instruments.Scale) { s.Parts[0].Weight = 0 }},
		{"part_missing", func(_ *instruments.Definition, s *instruments.Scale) { s.Parts[0].Item = "q9" }},
		{"part_missing", func(_ *instruments.Definition, s *instruments.Scale) {
			s.Parts[0] = instruments.Part{Scale: "later", Weight: 1}
		}},
		{"part_repeated", func(d *instruments.Definition, _ *instruments.Scale) {
			d.Items = []instruments.Item{{Name: "r", Kind: instruments.Repeat, Items: d.Items}}
		}},
		{"part_unscored", func(d *instruments.Definition, _ *instruments.Scale) {
			for i := range d.Lists[0].Options {
				d.Lists[0].Options[i].Score = nil
			}
		}},
		{"cut_empty", func(_ *instruments.Definition, s *instruments.Scale) { s.Cuts[0].Bands = nil }},
		{"bands_gap", func(_ *instruments.Definition, s *instruments.Scale) { s.Cuts[0].Bands[0].From = 1 }},
		{"bands_gap", func(_ *instruments.Definition, s *instruments.Scale) { s.Cuts[0].Bands[1].From = 0 }},
		{"cut_backwards", func(_ *instruments.Definition, s *instruments.Scale) {
			s.Cuts[0].From, s.Cuts[0].Until = dates.Partial{Year: 2026}, dates.Partial{Year: 2025}
		}},
		{"class_unknown", func(d *instruments.Definition, _ *instruments.Scale) { d.Class = 1 }},
		{"source_missing", func(d *instruments.Definition, _ *instruments.Scale) { d.Status = instruments.Active }},
		{"status_unknown", func(d *instruments.Definition, _ *instruments.Scale) { d.Status = "ready" }},
		{"score_of_nothing", func(d *instruments.Definition, _ *instruments.Scale) {
			d.Items[0].Scores = map[string]*instruments.Score{"o9": score(1)}
		}},
		{"list_twice", func(d *instruments.Definition, _ *instruments.Scale) { d.Lists = append(d.Lists, d.Lists[0]) }},
		{"level_unknown", func(d *instruments.Definition, _ *instruments.Scale) {
			d.Items[0].Alert = &instruments.Alert{When: "true()", Level: "later"}
		}},
	} {
		s := good()
		d := scored(1)
		c.mar(d, &s)
		d.Scales = append(d.Scales, s)
		var got []string
		for _, p := range d.Check() {
			if !p.Advice {
				got = append(got, strings.TrimPrefix(p.Fault.Key, "instrument."))
			}
			for _, lang := range words.Languages() {
				if said := words.In(lang).Fault(p.Fault); strings.ContainsAny(said, "⟦{") {
					t.Errorf("%s in %s: %s", p.Fault.Key, lang, said)
				}
			}
		}
		if !slices.Contains(got, c.want) {
			t.Errorf("Check = %v, want %s", got, c.want)
		}
	}
}

func TestDefinitionsKeepTheirJSON(t *testing.T) {
	d := scored(2, instruments.Scale{Name: "s", Method: instruments.Sum, Missing: instruments.Refuse, Parts: parts(1, 1), Highest: 8})
	d.Items[0].Scores = map[string]*instruments.Score{"o1": nil}
	text, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := instruments.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, again); diff != "" {
		t.Errorf("read again it is another (-before +after):\n%s", diff)
	}
	for _, bad := range []string{`{`, `{"nam": "x"}`, `{"name": "x", "name": "y"}`} {
		if _, err := instruments.Decode([]byte(bad)); err == nil {
			t.Errorf("Decode(%s) succeeded", bad)
		}
	}
}

func TestOnlyActiveOnesMayBeAdministered(t *testing.T) {
	d := instruments.Definition{MinimumAge: 18, OncePer: "quarter"}
	for _, c := range []struct {
		status instruments.Status
		age    int
		want   string
	}{{instruments.Draft, 30, "instrument.not_active"}, {instruments.Pending, 30, "instrument.not_active"}, {instruments.Retired, 30, "instrument.not_active"},
		{instruments.Active, 17, "instrument.too_young"}, {instruments.Active, 18, ""}, {instruments.Active, -1, ""}} {
		d.Status = c.status
		if got := d.May(c.age); got != c.want {
			t.Errorf("May at %d when %s: %q, want %q", c.age, c.status, got, c.want)
		}
	}
	for month, want := range map[int]string{1: "2026-Q1", 3: "2026-Q1", 4: "2026-Q2", 12: "2026-Q4"} {
		if got := d.Period(dates.Partial{Year: 2026, Month: month, Day: 1}); got != want {
			t.Errorf("Period of month %d: %q, want %q", month, got, want)
		}
	}
}
