// SPDX-License-Identifier: Apache-2.0

package xlsform_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"fera/internal/dates"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/xlsform"
)

// anything draws definitions that hold everything a definition can hold.
type anything struct{ n int }

func (g *anything) name(prefix string) string { g.n++; return fmt.Sprintf("%s%d", prefix, g.n) }

func texts(t *rapid.T, what string) instruments.Texts {
	word := rapid.SampledFrom([]string{"", "হ্যাঁ", "Yes, a little", "“quoted” & <b>", "=1+1", "two\nlines", "007"})
	all := instruments.Texts{}
	for _, lang := range []string{"bn", "en", "default"} {
		if w := word.Draw(t, what); w != "" {
			all[lang] = w
		}
	}
	return all
}

func maybe(t *rapid.T, what string, all ...string) string {
	return rapid.SampledFrom(append(all, "")).Draw(t, what)
}

func (g *anything) items(t *rapid.T, depth int, earlier *[]string) []instruments.Item {
	var all []instruments.Item
	kinds := []instruments.Kind{instruments.Text, instruments.Integer, instruments.Decimal, instruments.Date, instruments.Time, instruments.DateTime, instruments.SelectOne, instruments.SelectMany, instruments.Rank, instruments.Range,
		instruments.Acknowledge, instruments.Point, instruments.Barcode, instruments.Image, instruments.Audio, instruments.Video, instruments.File, instruments.Note, instruments.Calculate, instruments.Hidden,
		instruments.Start, instruments.End, instruments.Today, instruments.Username, instruments.Group, instruments.Repeat}
	for range rapid.IntRange(1, 5).Draw(t, "how many") {
		k := rapid.SampledFrom(kinds).Draw(t, "kind")
		if k.Holds() && depth == 0 {
			k = instruments.Text
		}
		i := instruments.Item{Name: g.name("q"), Kind: k, Label: texts(t, "label"), Hint: texts(t, "hint"), Guidance: texts(t, "guidance"), Relevant: maybe(t, "relevant", "true()", "1 = 1 and 'a' != \"b\""),
			Constraint: maybe(t, "constraint", ". != ''"), Required: maybe(t, "required", "true()", "1 = 1"), ReadOnly: maybe(t, "read only", "1 = 2"), Default: maybe(t, "default", "x", "today()"),
			Appearance: maybe(t, "appearance", "minimal", "w1 field-list"), ConstraintMessage: texts(t, "message"), RequiredMessage: texts(t, "needed"), Class: rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "class"), Polarity: maybe(t, "polarity", "higher_is_worse")}
		if len(*earlier) > 0 && rapid.Bool().Draw(t, "refers") {
			i.Relevant = "${" + rapid.SampledFrom(*earlier).Draw(t, "to") + "} = 'x'"
		}
		g.special(t, &i, depth, earlier)
		all = append(all, i)
	}
	return all
}

func (g *anything) special(t *rapid.T, i *instruments.Item, depth int, earlier *[]string) {
	switch {
	case i.Kind.Chooses():
		i.List, i.OrOther = "list_a", rapid.Bool().Draw(t, "other")
		i.Filter = maybe(t, "filter", "region = 'x'")
		if rapid.Bool().Draw(t, "scores") {
			i.Scores = map[string]*instruments.Score{"o1": scoreOf(2.5), "o2": nil}
		}
	case i.Kind == instruments.Range:
		i.Parameters = map[string]string{"start": "0", "end": "5", "step": "0.5"}
	case i.Kind == instruments.Calculate:
		i.Calculation = "1 + 1"
	case i.Kind.Holds():
		if i.Kind == instruments.Repeat {
			i.Count = maybe(t, "count", "3")
		}
		i.Items = g.items(t, depth-1, earlier)
		return
	}
	if rapid.Bool().Draw(t, "alert") {
		i.Alert = &instruments.Alert{When: ". = 'o1'", Level: instruments.Now, Message: texts(t, "alert message"), Steps: texts(t, "steps")}
	}
	if rapid.Bool().Draw(t, "media") {
		i.Media = map[string]instruments.Texts{"image": {"bn": "ছবি.png"}, "audio": {"en": "a.mp3"}}
	}
	if rapid.Bool().Draw(t, "codes") {
		i.Codes = map[string]string{"loinc": "44250-9"}
	}
	if depth == 2 {
		*earlier = append(*earlier, i.Name)
	}
}

func scoreOf(f float64) *instruments.Score { s := instruments.Score(f); return &s }

func (g *anything) definition(t *rapid.T) *instruments.Definition {
	d := &instruments.Definition{Name: "made_up", Version: "2026-01", Title: texts(t, "title"), Language: "bn", Status: rapid.SampledFrom([]instruments.Status{instruments.Draft, instruments.Pending, instruments.Retired}).Draw(t, "status"),
		Languages: []instruments.Language{{Code: "bn", Name: "Bangla", Origin: instruments.Ours, Note: "not looked at"}, {Code: "en", Name: "English", Origin: instruments.Published}, {Code: "default", Origin: instruments.Brought}},
		Source:    maybe(t, "source", "a book"), Licence: maybe(t, "licence", "free"), Caution: texts(t, "caution"), MinimumAge: rapid.SampledFrom([]int{0, 18}).Draw(t, "age"), Younger: maybe(t, "younger", "child"), OncePer: maybe(t, "once", "quarter"), Sorts: rapid.Bool().Draw(t, "sorts"),
		Class: rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "class"), Settings: map[string]string{"style": "pages"}}
	if rapid.Bool().Draw(t, "who") {
		d.Administers = []string{"caseworker", "supervisor"}
	}
	d.Lists = []instruments.List{{Name: "list_a", Options: []instruments.Option{
		{Name: "o1", Label: texts(t, "option"), Score: scoreOf(1), Columns: map[string]string{"region": "x", "Odd Column": "y"}}, {Name: "o2", Label: instruments.Texts{"en": "o2"}, Media: map[string]instruments.Texts{"image": {"en": "o2.png"}}}}}}
	var earlier []string
	d.Items = append([]instruments.Item{{Name: "first", Kind: instruments.SelectOne, List: "list_a", Label: instruments.Texts{"en": "First"}}, {Name: "second", Kind: instruments.Integer, Label: instruments.Texts{"en": "Second"}}}, g.items(t, 2, &earlier)...)
	low, high := 0.0, 7.0
	d.Scales = []instruments.Scale{
		{Name: "one", Label: texts(t, "scale"), Method: instruments.Sum, Missing: instruments.LeaveOut, MostMissing: 1, UnaskedLess: true, Highest: 20, Times: 0.5, Places: 2, Note: "a note",
			Parts: []instruments.Part{{Item: "first", Weight: 1.5}, {Item: "second", Weight: 1, From: &low, To: &high}},
			Cuts:  []instruments.Cut{{Name: "c", Label: texts(t, "cut"), From: dates.Partial{Year: 2026, Month: 1, Day: 2}, Until: dates.Partial{Year: 2027}, Spoken: "bn", Note: "n", Bands: []instruments.Band{{Name: "low", Label: texts(t, "band")}, {Name: "high", From: 2.25}}}}},
		{Name: "all", Method: instruments.Mean, Missing: instruments.Refuse, Highest: 20, Parts: []instruments.Part{{Scale: "one", Weight: 2}}},
	}
	return d
}

// A definition written as an XLSForm and read again says the same.
func TestNothingIsLostOnTheWayOutAndIn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := (&anything{}).definition(rt)
		f := xlsform.Parse(xlsform.Tables(d), "x")
		for _, p := range f.Definition.Check() {
			if p.Fault.Key == "instrument.list_missing" {
				rt.Errorf("%s: %s", p.Item, p.Fault)
			}
		}
		if len(d.Title) == 0 || d.Title["bn"] == "" { // the settings carry one title, in the form's own language
			d.Title = f.Definition.Title
		}
		if diff := cmp.Diff(d, f.Definition, cmpopts.EquateEmpty()); diff != "" {
			rt.Errorf("it is another (-before +after):\n%s", diff)
		}
	})
}

// And behaves the same: whatever is answered, in whatever order, both forms ask, reckon, refuse, score and warn alike.
func TestFormsBehaveTheSameOnTheWayOutAndIn(t *testing.T) {
	filled := 0
	rapid.Check(t, func(rt *rapid.T) {
		d := (&anything{}).definition(rt)
		before, _ := filling.New(d)
		after, problems := xlsform.Parse(xlsform.Tables(d), "x").Check()
		if (before == nil) != (after == nil) {
			rt.Fatalf("one can be used, the other cannot: %v", problems)
		}
		if before == nil {
			return
		}
		now := time.Date(2026, 3, 5, 14, 30, 0, 0, dates.Dhaka())
		on := filling.Occasion{Began: now, Now: now, Language: "bn", User: "amina", Seed: "s"}
		a, b := before.Begin(nil, on), after.Begin(nil, on)
		for range rapid.IntRange(0, 20).Draw(rt, "answers") {
			entries := a.Whole("bn").Entries
			e := entries[rapid.IntRange(0, len(entries)-1).Draw(rt, "which")]
			v := rapid.SampledFrom([]string{"", "x", "3", "৭", "o1", "o1 o2", "other", "2026-01-31", "10:30", "23.7 90.4"}).Draw(rt, "value")
			if x, y := a.Answer(e.Key, v), b.Answer(e.Key, v); (x == nil) != (y == nil) {
				rt.Fatalf("Answer(%s, %q): %v and %v", e.Key, v, x, y)
			}
			filled++
		}
		for what, pair := range map[string][2]any{"answers": {a.Answers(), b.Answers()}, "what counts": {a.Given(), b.Given()}, "faults": {keysOf(a), keysOf(b)},
			"scores": {a.Scores(), b.Scores()}, "alarms": {a.Alarms(), b.Alarms()}, "pages": {shape(a), shape(b)}} {
			if diff := cmp.Diff(pair[0], pair[1], cmpopts.EquateEmpty()); diff != "" {
				rt.Errorf("%s differ (-before +after):\n%s", what, diff)
			}
		}
	})
	if filled == 0 {
		t.Error("no form was filled in")
	}
}

func keysOf(a *filling.Filling) (all []string) {
	for _, f := range a.Faults() {
		all = append(all, f.Key+" "+f.Fault.Key+" "+f.Message["bn"])
	}
	return all
}

func shape(a *filling.Filling) (all []string) {
	for _, p := range a.Pages("bn") {
		all = append(all, "page "+p.Title)
		for _, e := range p.Entries {
			all = append(all, fmt.Sprint(e.Key, e.Label, e.Hint, e.Value, e.Required, e.ReadOnly, len(e.Options), e.Instance, e.MayAdd))
		}
	}
	return all
}

// What pyxform reads of a form that Fera wrote, it has to understand without knowing Fera: every column that is not
// XLSForm's begins with fera or stands on a sheet that does, or is one that a choice filter speaks of.
func TestOtherToolsFindNothingOfOursInTheirWay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		for _, table := range xlsform.Tables((&anything{}).definition(rt)) {
			if strings.HasPrefix(table.Sheet, "fera") {
				continue
			}
			for _, head := range table.Rows[0].Cells {
				name, _, _ := strings.Cut(strings.TrimPrefix(head, "media::"), "::")
				switch name {
				case "type", "name", "label", "hint", "guidance_hint", "relevant", "required", "required_message", "constraint", "constraint_message", "calculation", "choice_filter", "appearance", "parameters",
					"default", "read_only", "repeat_count", "trigger", "image", "audio", "list_name", "region", "Odd Column", "form_title", "form_id", "version", "default_language", "style":
				default:
					if !strings.HasPrefix(name, "fera_") {
						rt.Errorf("sheet %s has the column %s", table.Sheet, head)
					}
				}
			}
		}
	})
}

// Readers that stream, pyxform's among them, read no further than the sheet says it reaches.
func TestSheetsSayHowFarTheyReach(t *testing.T) {
	var b bytes.Buffer
	d := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|label", "text|a|A", "text|b|B")}, "x").Definition
	if err := xlsform.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if reach, err := file.GetSheetDimension("survey"); err != nil || reach != "A1:C3" {
		t.Errorf("the survey reaches %q, %v, want A1:C3", reach, err)
	}
}

// No workbook may crash the reader or keep it busy, whatever stands in its cells.
func FuzzParse(f *testing.F) {
	f.Add("type|name|label\ntext|a|A", "list_name|name|label\nl|x|X", "form_id\nx", "name|method\ns|sum")
	f.Add("type|name|label|relevant|repeat_count\nbegin repeat|r|R||3\nselect_one l or_other|a|${a}|${r} = 1\nend repeat|||", "list_name|name\nl|x", "", "")
	f.Add("type::x|name|fera_weight_s\nrange|a|1 0..7", "", "default_language\nবাংলা (bn)", "name|lowest\ns|x")
	f.Fuzz(func(t *testing.T, survey, choices, settings, scales string) {
		form := xlsform.Parse([]xlsform.Table{sheet("survey", strings.Split(survey, "\n")...), sheet("choices", strings.Split(choices, "\n")...), sheet("settings", strings.Split(settings, "\n")...), sheet("fera_scales", strings.Split(scales, "\n")...)}, "x")
		made, _ := form.Check()
		if made == nil {
			return
		}
		a := begin(t, form)
		_ = a.Pages("bn")
		_ = a.Faults()
		_ = a.Scores()
		again := xlsform.Parse(xlsform.Tables(form.Definition), "x")
		if made, found := again.Check(); made == nil {
			t.Errorf("what was written is refused: %s", problems(t, found))
		}
	})
}

// Whatever bytes are uploaded, there is a form or an error.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	d := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|label|relevant", "select_one l|a|A|", "text|b|B|${a} = 'x'"), sheet("choices", "list_name|name|label", "l|x|X")}, "x").Definition
	if err := xlsform.Write(&b, d); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, text []byte) {
		form, err := xlsform.Read(bytes.NewReader(text), int64(len(text)), "x")
		if err == nil {
			_, _ = form.Check()
		}
	})
}

// Bangla in a Bijoy font is Latin letters to everybody else, and a formula that went wrong is nothing.
func TestCellsThatCannotBeReadAreRefused(t *testing.T) {
	file := excelize.NewFile()
	defer file.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(file.SetSheetName("Sheet1", "survey"))
	for i, row := range [][]any{{"type", "name", "label"}, {"text", "a", "Avgvi bvg"}, {"text", "b", nil}} {
		must(file.SetSheetRow("survey", fmt.Sprintf("A%d", i+1), &row))
	}
	style, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Family: "SutonnyMJ"}})
	must(err)
	must(file.SetCellStyle("survey", "C2", "C2", style))
	must(file.SetCellFormula("survey", "C3", "=1/0"))
	var b bytes.Buffer
	must(file.Write(&b))
	text := reckoned(t, b.Bytes())
	f, err := xlsform.Read(bytes.NewReader(text), int64(len(text)), "x")
	must(err)
	form, found := f.Check()
	got := problems(t, found)
	if form != nil || !strings.Contains(got, "survey:2  xlsform.bijoy") || !strings.Contains(got, "survey:3  xlsform.no_value") {
		t.Errorf("Check = %t, %s", form != nil, got)
	}
}

// reckoned gives the formula of a workbook the result that Excel would.
func reckoned(t *testing.T, workbook []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		w, err := out.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(regexp.MustCompile(`<c r="C3"[^>]*>.*?</c>`).ReplaceAll(text, []byte(`<c r="C3" t="e"><f>1/0</f><v>#DIV/0!</v></c>`))); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A workbook as Excel makes it: numbers that are numbers, yes that is a truth, texts in several fonts, columns nobody fills.
func TestAWorkbookOfExcel(t *testing.T) {
	file := excelize.NewFile()
	defer file.Close()
	for _, s := range []string{"survey", "choices", "settings", "Notes"} {
		if _, err := file.NewSheet(s); err != nil {
			t.Fatal(err)
		}
	}
	rows := map[string][][]any{
		"survey":   {{"type", "name", nil, "label", "required", "constraint"}, {"select_one level", "lev", nil, "Level", true, ". > 1"}, {}, {"integer", "n", nil, 12}},
		"choices":  {{"list_name", "name", "label"}, {"level", 1, "One"}, {"level", 2.0, "Two"}, {"level", 2.5, "More"}},
		"settings": {{"form_title", "form_id", "version"}, {"T", "f", 2026010203}},
		"Notes":    {{"type", "whatever"}},
	}
	for s, all := range rows {
		for i, row := range all {
			if err := file.SetSheetRow(s, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	f, err := xlsform.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), "x.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	d := f.Definition
	if d.Version != "2026010203" || d.Items[0].Required != "true()" || d.Items[1].Label["default"] != "12" || d.Lists[0].Options[1].Name != "2" || d.Lists[0].Options[2].Name != "2.5" {
		t.Errorf("read %+v, lists %+v", d.Items, d.Lists)
	}
	a := begin(t, f)
	if err := a.Answer("lev", "1"); err != nil || len(a.Faults()) != 1 {
		t.Errorf("level 1: %v, faults %v", err, a.Faults())
	}
}
