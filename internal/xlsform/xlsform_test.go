// SPDX-License-Identifier: Apache-2.0

package xlsform_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fera/internal/dates"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/words"
	"fera/internal/xlsform"
)

// sheet writes a table as lines of cells with | between them.
func sheet(name string, lines ...string) xlsform.Table {
	t := xlsform.Table{Sheet: name}
	for i, l := range lines {
		row := xlsform.Row{Number: i + 1}
		for cell := range strings.SplitSeq(l, "|") {
			row.Cells = append(row.Cells, strings.TrimSpace(strings.ReplaceAll(cell, "¦", "|")))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func settings() xlsform.Table {
	return sheet("settings", "form_title | form_id | version | default_language", "A form | a_form | 3 | English (en)")
}

// problems writes what Check found: where, which column, the key; advice in brackets.
func problems(t *testing.T, all []instruments.Problem) string {
	t.Helper()
	var out []string
	for _, p := range all {
		s := fmt.Sprintf("%s:%d %s %s", p.Sheet, p.Row, p.Column, p.Fault.Key)
		if p.Advice {
			s = "(" + s + ")"
		}
		out = append(out, s)
		for _, lang := range words.Languages() {
			if said := words.In(lang).Fault(p.Fault); regexp.MustCompile(`⟦|\{[a-z]+\}`).MatchString(said) {
				t.Errorf("%s in %s: %q", p.Fault.Key, lang, said)
			}
		}
	}
	return strings.Join(out, "; ")
}

func begin(t *testing.T, f *xlsform.Form) *filling.Filling {
	t.Helper()
	form, found := f.Check()
	if form == nil {
		t.Fatalf("Check: %s", problems(t, found))
	}
	now := time.Date(2026, 3, 5, 14, 30, 0, 0, dates.Dhaka())
	return form.Begin(nil, filling.Occasion{Began: now, Now: now, Language: "en", Seed: "s"})
}

func TestAFormInTwoLanguages(t *testing.T) {
	f := xlsform.Parse([]xlsform.Table{settings(),
		sheet("survey", "type | name | label::Bangla (bn) | label::English (en) | hint::English (en) | Relevance | required | constraint | constraint_message::English (en) | calculation | choice_filter | appearance | parameters | repeat_count | media::image::English (en)",
			"select_one district | home | জেলা | District || | yes |||| | minimal |||map.png",
			"select_multiple needs or_other | needs | প্রয়োজন | Needs | All that apply || TRUE",
			"Begin Group | money | আয় | Income || selected(${needs}, 'work') |",
			"integer | pay | বেতন | Pay ||| no | . >= 0 | Not below zero",
			"end group",
			"begin repeat | child | সন্তান | Child ||||||||||${count}",
			"text | child_name | নাম | Name of child",
			"end repeat",
			"calculate | yearly |||||||| ${pay} * 12",
			"range | mood | মন | Mood |||||||||start=0 end=10, step=2",
			"integer | count | কত | How many"),
		sheet("choices", "list name | name | label::Bangla (bn) | label::English (en) | division", "district | sylhet | সিলেট | Sylhet | s", "district | bhola | ভোলা | Bhola | b", "| | |", "needs | work | কাজ | Work", "needs | loan | ঋণ | Loan"),
	}, "file")
	d := f.Definition
	if d.Name != "a_form" || d.Version != "3" || d.Language != "en" || d.Title["en"] != "A form" {
		t.Errorf("head = %s %s %s %v", d.Name, d.Version, d.Language, d.Title)
	}
	want := []instruments.Language{{Code: "bn", Name: "Bangla", Origin: instruments.Brought}, {Code: "en", Name: "English", Origin: instruments.Brought}}
	if diff := cmp.Diff(want, d.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	home := instruments.Item{Name: "home", Kind: instruments.SelectOne, List: "district", Label: instruments.Texts{"bn": "জেলা", "en": "District"}, Required: "true()", Appearance: "minimal",
		Media: map[string]instruments.Texts{"image": {"en": "map.png"}}}
	if diff := cmp.Diff(home, d.Items[0], cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the first question (-want +got):\n%s", diff)
	}
	a := begin(t, f)
	for key, v := range map[string]string{"home": "sylhet", "needs": "work other", "needs_other": "a cow", "count": "2"} {
		if err := a.Answer(key, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.AnswerAll(map[string]string{"pay": "-5", "child[2]/child_name": "Mina", "mood": "4"}); err != nil {
		t.Fatal(err)
	}
	if got := a.Faults(); len(got) != 1 || got[0].Key != "pay" || got[0].Message["en"] != "Not below zero" {
		t.Errorf("faults = %+v, want that of the pay", got)
	}
	if got := a.Given(); got["yearly"] != "-60" || got["needs_other"] != "a cow" || got["child[2]/child_name"] != "Mina" {
		t.Errorf("given = %v", got)
	}
}

func TestEveryNameOfAColumnAndATypeIsKnown(t *testing.T) {
	for _, head := range []string{"relevant", "Relevant", "relevance", "bind::relevant", "bind:relevant", "RELEVANT "} {
		f := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|label|"+head, "text|a|A|1 = 2")}, "x")
		if got := f.Definition.Items[0].Relevant; got != "1 = 2" {
			t.Errorf("%s: relevant = %q", head, got)
		}
	}
	for _, head := range []string{"constraint_message", "constraint message", "Constraint Message", "constraining message", "bind::jr:constraintMsg", "jr:constraintMsg", "bind:jr:constraintMsg", "constraint_message::English (en)", "constraint_message:English (en)"} {
		f := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|label|"+head, "text|a|A|no")}, "x")
		if got := f.Definition.Items[0].ConstraintMessage["en"]; got != "no" {
			t.Errorf("%s: %q", head, got)
		}
	}
	for said, want := range map[string]instruments.Kind{"select_one l": instruments.SelectOne, "select one l": instruments.SelectOne, "select one from l": instruments.SelectOne, "select1 l": instruments.SelectOne,
		"add select one prompt using l": instruments.SelectOne, "select_multiple l": instruments.SelectMany, "select all that apply l": instruments.SelectMany, "select all that apply from l": instruments.SelectMany, "SELECT_ONE l": instruments.SelectOne,
		"rank l": instruments.Rank, "int": instruments.Integer, "Integer": instruments.Integer, "string": instruments.Text, "gps": instruments.Point, "location": instruments.Point, "photo": instruments.Image, "acknowledge": instruments.Acknowledge,
		"trigger": instruments.Acknowledge, "dateTime": instruments.DateTime, "add text prompt": instruments.Text, "q decimal": instruments.Decimal, "begin_group": instruments.Group, "begin  repeat": instruments.Repeat, "Begin Group": instruments.Group,
		"begin lgroup": instruments.Repeat, "start": instruments.Start, "end": instruments.End, "today": instruments.Today, "username": instruments.Username, "deviceid": instruments.Device, "audio": instruments.Audio, "file": instruments.File, "barcode": instruments.Barcode, "hidden": instruments.Hidden} {
		f := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|label", said+"|a|A"), sheet("choices", "list_name|name|label", "l|x|X")}, "x")
		if items := f.Definition.Items; len(items) != 1 || items[0].Kind != want || items[0].Kind.Chooses() && items[0].List != "l" {
			t.Errorf("%s: %+v, want %s", said, items, want)
		}
	}
	for _, head := range []string{"list_name", "list name", "List Name", "List_name"} {
		f := xlsform.Parse([]xlsform.Table{settings(), sheet("choices", head+"|value|caption", "l|x|X")}, "x")
		if len(f.Definition.Lists) != 1 || f.Definition.Lists[0].Options[0].Label["en"] != "X" {
			t.Errorf("%s: lists = %+v", head, f.Definition.Lists)
		}
	}
	for said, want := range map[string]string{"yes": "true()", "TRUE": "true()", "True": "true()", "true()": "true()", "no": "", "FALSE": "", "${a} = 1": "${a} = 1", "": ""} {
		f := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|label|required|readonly", "text|a|A|"+said+"|"+said)}, "x")
		if i := f.Definition.Items[0]; i.Required != want || i.ReadOnly != want {
			t.Errorf("required %q = %q, read_only = %q, want %q", said, i.Required, i.ReadOnly, want)
		}
	}
}

func TestWhatIsNotSupportedIsRefusedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ survey, want string }{
		{"select_one_from_file list.csv|a|A", "survey:2 type xlsform.from_file"},
		{"select multiple from file list.csv|a|A", "survey:2 type xlsform.from_file"},
		{"select_one_external l|a|A", "survey:2 type instrument.list_missing"},
		{"select_one ${people}|a|A", "survey:2 type instrument.offers_nothing"}, // there is no such repeat
		{"select_one|a|A", "survey:2 type xlsform.list_unnamed"},
		{"osm|a|A", "survey:2 type xlsform.external"},
		{"csv-external|a|A", "survey:2 type xlsform.external"},
		{"cascading_select l|a|A", "survey:2 type xlsform.cascading"},
		{"begin loop over l|a|A", "survey:2 type xlsform.loop"},
		{"background-audio|a|A", "survey:2 type xlsform.background_audio"},
		{"begin_kobomatrix m|a|A", "survey:2 type xlsform.type_unknown"},
		{"|a|A", "survey:2 type xlsform.type_missing"},
		{"text||A", "survey:2 name xlsform.name_missing"},
		{"text|a b|A", "survey:2 name instrument.name_invalid"},
		{"text|a|A¦text|a|B", "survey:3 name instrument.name_twice"},
		{"begin group|a|A", "survey:2 type xlsform.begin_unmatched"},
		{"end group", "survey:2 type xlsform.end_unmatched"},
		{"begin group|g|G¦text|a|A¦end repeat", "survey:4 type xlsform.end_unmatched; survey:2 type xlsform.begin_unmatched"},
		{"select_one none|a|A", "survey:2 type instrument.list_missing"},
		{"text|a|A|${b} = 1", "survey:2 relevant instrument.reference_unknown"},
		{"text|a|A¦text|b|B|pulldata('f', 'x', 'y', ${a}) = 1", "survey:3 relevant expression.refused_pulldata"},
		{"text|a|A|${b} = 1¦text|b|B|${a} = 1", "survey:2 relevant instrument.circle"},
		{"range|a|A||start", "survey:2 parameters xlsform.parameters"},
		{"text|a|Hello ${nobody}", "survey:2 label instrument.reference_unknown"},
	} {
		lines := append([]string{"type|name|label|relevant|parameters"}, strings.Split(c.survey, "¦")...)
		f := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", lines...)}, "x")
		form, found := f.Check()
		var refused []instruments.Problem
		for _, p := range found {
			if !p.Advice {
				refused = append(refused, p)
			}
		}
		// A group that does not end is reported again by nothing else.
		if got := problems(t, refused); form != nil || !(got == c.want || strings.HasPrefix(got, c.want+"; ") && strings.Contains(c.survey, "¦")) {
			t.Errorf("%s: %q, want %q", c.survey, got, c.want)
		}
	}
}

func TestAdviceSaysWhatDoesNotCount(t *testing.T) {
	f := xlsform.Parse([]xlsform.Table{sheet("survey", "type|name|label|save_to|$kuid|note", "deviceid||", "audit|audit|", "text|a|A|x|y|z", "|||", "begin group||G", "text|b|B", "end group", "||a remark"),
		sheet("entities", "list_name|label", "people|x"), sheet("settings", "public_key", "abc")}, "My form 2.xlsx")
	form, found := f.Check()
	if form == nil {
		t.Fatalf("Check: %s", problems(t, found))
	}
	got := problems(t, found)
	for _, want := range []string{"(survey:1 save_to xlsform.column_unknown)", "(survey:2 type xlsform.device)", "(survey:3 type xlsform.audit)", "(survey:6 name xlsform.group_unnamed)", "(survey:9 type xlsform.row_skipped)",
		"(entities:1  xlsform.entities)", "(settings:2 public_key xlsform.encrypted)", "(settings:2 form_id xlsform.form_id_missing)"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "kuid") || strings.Contains(got, "note") || f.Definition.Name != "my_form_2_xlsx" {
		t.Errorf("name %s, problems %s", f.Definition.Name, got)
	}
	if names := []string{f.Definition.Items[0].Name, f.Definition.Items[1].Name, f.Definition.Items[2].Name}; names[0] != "deviceid" || names[1] != "a" || names[2] != "group_6" {
		t.Errorf("items = %v", names)
	}
}

func TestColumnsThatAreThereTwice(t *testing.T) {
	for head, want := range map[string]string{"label|label": "survey:1 label xlsform.column_twice", "relevant|relevance": "survey:1 relevant xlsform.column_twice", "label|label::English (en)": "(survey:1 label xlsform.column_twice)"} {
		_, found := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|"+head, "note||1 = 1|1 = 1")}, "x").Check()
		if got := problems(t, found); !strings.Contains("; "+got+";", "; "+want+";") {
			t.Errorf("%s: %q, want %q", head, got, want)
		}
	}
}

func TestRowsThatAreDisabledAreNotThere(t *testing.T) {
	f := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|label|disabled", "text|a|A|yes", "text|b|B|no")}, "x")
	if n := len(f.Definition.Items); n != 1 || f.Definition.Items[0].Name != "b" {
		t.Errorf("items = %+v", f.Definition.Items)
	}
}

func TestAWorkbookIsReadAsItWasWritten(t *testing.T) {
	d := xlsform.Parse([]xlsform.Table{settings(), sheet("survey", "type|name|label::Bangla (bn)|label::English (en)|default", "date|born|জন্ম|Born|2001-02-03", "text|odd|=1+1|+8801712|007")}, "x").Definition
	var b bytes.Buffer
	if err := xlsform.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	f, err := xlsform.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), "x.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, f.Definition, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("read again it is another (-before +after):\n%s", diff)
	}
}

func TestFilesThatAreNoFormAreRefused(t *testing.T) {
	for name, text := range map[string]string{"text": "type,name\ntext,a\n", "empty": "", "damaged": "PK\x03\x04 and nothing more"} {
		if _, err := xlsform.Read(strings.NewReader(text), int64(len(text)), name); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if form, found := xlsform.Parse(nil, "x").Check(); form != nil && len(form.Definition().Items) > 0 || !strings.Contains(problems(t, found), "xlsform.survey_missing") {
		t.Errorf("no tables at all: %s", problems(t, found))
	}
}
