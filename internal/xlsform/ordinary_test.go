// SPDX-License-Identifier: Apache-2.0

package xlsform_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"fera/internal/dates"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/xlsform"
)

type row []any

// workbook makes a workbook as Excel keeps one: numbers, truths and days are cells of their kind.
func workbook(t *testing.T, sheets map[string][]row) []byte {
	t.Helper()
	f := excelize.NewFile()
	for _, name := range slices.Sorted(maps.Keys(sheets)) {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, r := range sheets[name] {
			for j, cell := range r {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err == nil && cell != nil {
					err = f.SetCellValue(name, at, cell)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ordinary is a form as organisations write them, how it is answered, and what it has to come to.
type ordinary struct {
	name             string
	survey           []row
	choices          []row
	settings         []row
	more             map[string][]row
	answers          map[string]string
	given            map[string]string // those that matter; "" is not given
	faults           string            // keys of questions with the keys of their faults
	problems, advice string            // what Check says, as substrings with | between; no refusals at all if empty
}

func (o ordinary) read(t *testing.T) *xlsform.Form {
	t.Helper()
	sheets := map[string][]row{"survey": o.survey}
	if o.choices != nil {
		sheets["choices"] = o.choices
	}
	if o.settings == nil {
		o.settings = []row{{"form_title", "form_id", "version", "default_language"}, {"A form", "a_form", 1, "English (en)"}}
	}
	sheets["settings"] = o.settings
	maps.Copy(sheets, o.more)
	book := workbook(t, sheets)
	f, err := xlsform.Read(bytes.NewReader(book), int64(len(book)), "a.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOrdinaryForms(t *testing.T) {
	day := time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC)
	yn := []row{{"list_name", "name", "label"}, {"yn", "yes", "Yes"}, {"yn", "no", "No"}}
	for _, o := range []ordinary{
		{name: "cells that are numbers, truths and days", survey: []row{{"type", "name", "label", "required", "default", "read_only"}, {"select_one s", "a", "A", true, 1}, {"integer", "n", "N", false, 3.0}, {"date", "d", "D", nil, day}, {"decimal", "x", "X", nil, 0.1}, {"text", "locked", "L", nil, "x", true}},
			choices: []row{{"list name", "name", "label"}, {"s", 1, "One"}, {"s", 2.0, "Two"}}, settings: []row{{"form_title", "form_id", "version"}, {"T", "t", 2024010203}},
			given: map[string]string{"a": "1", "n": "3", "d": "2024-05-06", "x": "0.1", "locked": "x"}},
		{name: "heads in any case, notes of people, empty rows and columns", survey: []row{{"Type", " Name ", "LABEL::English (en)", "label::বাংলা", "Hint::English (en)", "Comments", nil, "internal note"}, {"Text", "a", "A", "ক", "h", "ask Rina", nil, "?"}, {}, {"", " ", nil}, {nil, nil, nil, nil, nil, "only a remark"}, {"INTEGER", "b", "B", "খ", "h"}, {}, {}},
			more: map[string][]row{"Notes for us": {{"anything"}}}, answers: map[string]string{"a": "x", "b": "7"}, given: map[string]string{"a": "x", "b": "7"}, advice: "column_unknown"},
		{name: "groups written in all ways", survey: []row{{"type", "name", "label"}, {"begin_group", "g", "G"}, {"text", "a", "A"}, {"end_group"}, {"begin group", "h", "H"}, {"begin  group", "i", "I"}, {"text", "b", "B"}, {"end  group"}, {"end group"}, {"Begin Repeat", "r", "R"}, {"text", "c", "C"}, {"End Repeat", "r"}},
			answers: map[string]string{"a": "1", "b": "2", "r[1]/c": "3"}, given: map[string]string{"a": "1", "b": "2", "r[1]/c": "3"}},
		{name: "what is not relevant is blank, and comes back", survey: []row{{"type", "name", "label", "relevance", "calculation"}, {"select_one yn", "q", "Q"}, {"integer", "n", "N", "${q} = 'yes'"}, {"calculate", "double", nil, nil, "${n} * 2"}, {"calculate", "said", nil, nil, "if(${n} = '', 'nothing', ${n})"}},
			choices: yn, answers: map[string]string{"q": "no", "n": "4"}, given: map[string]string{"n": "", "double": "", "said": "nothing"}},
		{name: "constraints with messages, required with messages", survey: []row{{"type", "name", "label", "constraint", "constraint_message", "required", "required_message"}, {"integer", "age", "Age", ". >= 0 and . <= 120", "0 to 120", "yes"}, {"text", "phone", "Phone", "regex(., '^01[3-9][0-9]{8}$')", "eleven digits", "true()", "A number, please"}, {"date", "born", "Born", ". <= today()", "Not later than today"}},
			answers: map[string]string{"age": "130", "born": "2026-03-06"}, faults: "age answer_refused; phone answer_needed; born answer_refused"},
		{name: "choice filters by any column", survey: []row{{"type", "name", "label", "choice_filter"}, {"select_one division", "div", "D"}, {"select_one district", "dis", "D", "division=${div}"}, {"select_multiple upazila", "upa", "U", "district = ${dis} and (kind = 'rural' or kind = '')"}},
			choices: []row{{"list_name", "name", "label", "division", "district", "kind"}, {"division", 30, "Dhaka"}, {"division", 40, "Khulna"}, {"district", 26, "Dhaka", 30}, {"district", 47, "Khulna", 40}, {"upazila", "savar", "Savar", nil, 26, "rural"}, {"upazila", "mirpur", "Mirpur", nil, 26, "urban"}, {"upazila", "dohar", "Dohar", nil, 26}},
			answers: map[string]string{"div": "30", "dis": "26", "upa": "savar mirpur"}, faults: "upa not_offered", given: map[string]string{"dis": "26"}},
		{name: "an option of another branch is refused", survey: []row{{"type", "name", "label", "choice_filter"}, {"select_one a", "a", "A"}, {"select_one b", "b", "B", "selected(${a}, of)"}}, choices: []row{{"list_name", "name", "label", "of"}, {"a", "x", "X"}, {"a", "y", "Y"}, {"b", "p", "P", "x"}, {"b", "q", "Q", "y"}},
			answers: map[string]string{"a": "x", "b": "q"}, faults: "b not_offered"},
		{name: "an external list on its sheet", survey: []row{{"type", "name", "label", "choice_filter"}, {"select_one st", "st", "S"}, {"select_one_external city", "city", "C", "state=${st}"}}, choices: []row{{"list_name", "name", "label"}, {"st", "a", "A"}, {"st", "b", "B"}},
			more: map[string][]row{"external_choices": {{"list_name", "name", "label", "state"}, {"city", "p", "P", "a"}, {"city", "q", "Q", "b"}}}, answers: map[string]string{"st": "a", "city": "q"}, faults: "city not_offered"},
		{name: "or_other", survey: []row{{"type", "name", "label"}, {"select_multiple yn or_other", "q", "Q"}, {"select_one yn or_other", "p", "P"}}, choices: yn, answers: map[string]string{"q": "yes other", "q_other": "z", "p": "no", "p_other": "not asked"}, given: map[string]string{"q": "yes other", "q_other": "z", "p_other": ""}},
		{name: "repeats: count, sum, join, position, look-ups", survey: []row{{"type", "name", "label", "calculation", "repeat_count"}, {"integer", "n", "N"}, {"begin repeat", "child", "Child", nil, "${n}"}, {"text", "who", "Who"}, {"integer", "age", "Age"}, {"calculate", "nr", nil, "position(..)"}, {"calculate", "before", nil, "indexed-repeat(${who}, ${child}, position(..) - 1)"}, {"end repeat"},
			{"calculate", "many", nil, "count(${child})"}, {"calculate", "years", nil, "sum(${age})"}, {"calculate", "eldest", nil, "max(${age})"}, {"calculate", "names", nil, "join(', ', ${who})"}, {"calculate", "adults", nil, "count(${child}[age >= 18])"}, {"calculate", "second", nil, "indexed-repeat(${who}, ${child}, 2)"}, {"calculate", "third", nil, "${child}[position() = 3]/who"}, {"calculate", "first", nil, "${child}[1]/who"}},
			answers: map[string]string{"n": "3", "child[1]/who": "Ana", "child[1]/age": "30", "child[2]/who": "Bina", "child[2]/age": "4", "child[3]/who": "Chandra"},
			given:   map[string]string{"many": "3", "years": "34", "eldest": "30", "names": "Ana, Bina, Chandra", "adults": "1", "second": "Bina", "third": "Chandra", "first": "Ana", "child[3]/nr": "3", "child[3]/before": "Bina"}, advice: "many_values"},
		{name: "functions on choices", survey: []row{{"type", "name", "label", "calculation", "constraint"}, {"select_multiple s", "q", "Q", nil, "not(selected(., 'none') and count-selected(.) > 1)"}, {"calculate", "n", nil, "count-selected(${q})"}, {"calculate", "second", nil, "selected-at(${q}, 1)"}, {"calculate", "said", nil, "jr:choice-name(selected-at(${q}, 0), '${q}')"}, {"calculate", "has", nil, "selected(${q}, 'b')"}, {"select_multiple s", "e", "E"}, {"calculate", "en", nil, "count-selected(${e})"}, {"calculate", "eh", nil, "selected(${e}, 'a')"}, {"calculate", "label", nil, "instance('s')/root/item[name = 'b']/label"}},
			choices: []row{{"list_name", "name", "label"}, {"s", "a", "Apple"}, {"s", "b", "Bread"}, {"s", "none", "None"}}, answers: map[string]string{"q": "b none"}, faults: "q answer_refused", given: map[string]string{"n": "2", "second": "none", "said": "Bread", "has": "true", "en": "0", "eh": "false", "label": "Bread"}},
		{name: "days and moments", survey: []row{{"type", "name", "label", "calculation"}, {"date", "d", "D"}, {"dateTime", "m", "M"}, {"calculate", "age", nil, "int((today() - ${d}) div 365.25)"}, {"calculate", "due", nil, "date(decimal-date-time(${d}) + 30)"}, {"calculate", "due2", nil, "date(${d} + 30)"}, {"calculate", "said", nil, "format-date(${d}, '%e %b %Y')"}, {"calculate", "clock", nil, "format-date-time(${m}, '%H:%M')"}, {"calculate", "past", nil, "${m} < now()"}, {"calculate", "day", nil, "date(${m})"}, {"calculate", "since", nil, "today() - date('2026-03-01')"}, {"calculate", "none", nil, "format-date(${blank}, '%Y')"}, {"date", "blank", "B"}},
			answers: map[string]string{"d": "1990-12-31", "m": "2026-03-05T02:00"}, given: map[string]string{"age": "35", "due": "1991-01-30", "due2": "1991-01-30", "said": "31 Dec 1990", "clock": "02:00", "past": "true", "day": "2026-03-05", "since": "4", "none": ""}},
		{name: "texts and numbers", survey: []row{{"type", "name", "label", "calculation"}, {"text", "t", "T"}, {"decimal", "x", "X"}, {"calculate", "a", nil, "concat(${t}, '-', string-length(${t}), '-', ${x})"}, {"calculate", "b", nil, "substr(${t}, 1, 3)"}, {"calculate", "c", nil, "coalesce(${none}, ${t})"}, {"calculate", "d", nil, "round(${x} div 3, 2)"}, {"calculate", "e", nil, "if(${x} > 5 and contains(${t}, 'ell'), 'both', 'no')"}, {"calculate", "f", nil, "10 div 4"}, {"calculate", "g", nil, "10 div 5"}, {"calculate", "h", nil, "number('7') + 1"}, {"calculate", "i", nil, "boolean(${none})"}, {"calculate", "j", nil, "7 mod 4"}, {"calculate", "k", nil, "once(concat('id-', ${t}))"}, {"text", "none", "N"}, {"calculate", "l", nil, "${none} != 'x'"}, {"calculate", "m", nil, "${none} > 1"}, {"calculate", "o", nil, "true() or false()"}},
			answers: map[string]string{"t": "hello", "x": "7.5"}, given: map[string]string{"a": "hello-5-7.5", "b": "el", "c": "hello", "d": "2.5", "e": "both", "f": "2.5", "g": "2", "h": "8", "i": "false", "j": "3", "k": "id-", "l": "true", "m": "false", "o": "true"}},
		{name: "what telephones say of themselves", survey: []row{{"type", "name"}, {"start", "start"}, {"end", "end"}, {"today", "today"}, {"deviceid", "deviceid"}, {"username", "username"}, {"phonenumber", "phonenumber"}, {"simserial", "simserial"}, {"subscriberid", "subscriberid"}, {"email", "email"}, {"audit", "audit"}, {"start-geopoint", "where"}, {"hidden", "secret"}, {"text", "a"}},
			given: map[string]string{"today": "2026-03-05", "deviceid": "", "username": "rina"}, advice: "xlsform.device|xlsform.audit"},
		{name: "places, files, codes, ranks, ranges", survey: []row{{"type", "name", "label", "parameters", "appearance"}, {"geopoint", "p", "P", nil, "maps"}, {"geotrace", "l", "L"}, {"geoshape", "s", "S", nil, "placement-map"}, {"barcode", "b", "B"}, {"image", "i", "I", "max-pixels=1024", "signature"}, {"audio", "au", "A", "quality=normal"}, {"video", "v", "V"}, {"file", "f", "F"}, {"range", "r", "R", "start=1;end=5;step=0.5", "rating"}, {"rank yn", "k", "K"}, {"acknowledge", "ok", "OK?"}, {"trigger", "ok2", "OK?"}},
			choices: yn, answers: map[string]string{"p": "23.8 90.4 0 0", "l": "23.8 90.4; 23.9 90.5", "s": "0 0; 0 1; 1 1", "r": "2.25", "k": "yes", "ok": "OK"}, faults: "s no_shape; r outside_range; k rank_incomplete", given: map[string]string{"p": "23.8 90.4 0 0", "ok": "OK"}},
		{name: "pictures and sounds in columns", survey: []row{{"type", "name", "label", "media::image", "audio::English (en)", "video", "big-image"}, {"select_one s", "a", "A", "a.png", "a.mp3", "a.mp4", "a-big.png"}}, choices: []row{{"list_name", "name", "label", "image", "media::audio::English (en)"}, {"s", "x", "X", "x.png", "x.mp3"}, {"s", "y", nil, "y.png"}}, answers: map[string]string{"a": "y"}, given: map[string]string{"a": "y"}},
		{name: "paths, dots and labels with values", survey: []row{{"type", "name", "label", "relevant", "constraint", "default"}, {"text", "a", "A"}, {"begin group", "g", "G"}, {"text", "b", "Hello ${ a }, and ${a}", "../../a != ''", "string-length(.) < 5 and . != ../../a"}, {"text", "c", "C", "/data/g/b = 'x'", nil, "concat(${a}, '!')"}, {"text", "d", "D", nil, nil, "some-thing"}, {"end group"}},
			answers: map[string]string{"a": "x", "b": "x"}, faults: "b answer_refused", given: map[string]string{"c": "!", "d": "some-thing"}},
		{name: "quotation marks of word processors, line breaks in formulas", survey: []row{{"type", "name", "label", "relevant"}, {"select_one yn", "a", "A"}, {"text", "b", "B", "${a} = ‘yes’\n  or selected(${a},\u00a0”no”)"}}, choices: yn, answers: map[string]string{"a": "no", "b": "x"}, given: map[string]string{"b": "x"}},
		{name: "settings that other tools use, entities", survey: []row{{"type", "name", "label", "save_to"}, {"text", "a", "A", "name"}}, settings: []row{{"form_title", "form_id", "version", "default_language", "style", "instance_name", "allow_choice_duplicates", "namespaces", "submission_url"}, {"T", "t", "v1", "English (en)", "pages theme-grid", "concat('x', ${a})", "yes", "x=\"http://x\"", "https://example.org"}},
			more: map[string][]row{"entities": {{"list_name", "label"}, {"people", "${a}"}}}, answers: map[string]string{"a": "1"}, given: map[string]string{"a": "1"}, advice: "xlsform.entities"},
		{name: "choices that are there twice, allowed", survey: []row{{"type", "name", "label", "choice_filter"}, {"select_one yn", "k", "K"}, {"select_one t", "a", "A", "of=${k}"}}, choices: []row{{"list_name", "name", "label", "of"}, {"yn", "yes", "Yes"}, {"yn", "no", "No"}, {"t", "x", "X of yes", "yes"}, {"t", "x", "X of no", "no"}},
			settings: []row{{"form_id", "allow_choice_duplicates"}, {"t", "yes"}}, answers: map[string]string{"k": "no", "a": "x"}, given: map[string]string{"a": "x"}},
		{name: "a trigger works a calculation out when another changes", survey: []row{{"type", "name", "label", "calculation", "trigger"}, {"integer", "n", "N"}, {"calculate", "at", nil, "${n} + 1", "${n}"}, {"dateTime", "when", "W", "now()", "${n}"}}, answers: map[string]string{"n": "4"}, given: map[string]string{"n": "4", "at": "5"}},
		{name: "Kobo's own columns", survey: []row{{"type", "name", "label", "$kuid", "$autoname", "_isRepeat", "kobo--matrix_list", "select_from_list_name"}, {"select_one", "a", "A", "k1", "a", false, nil, "yn"}}, choices: []row{{"list_name", "name", "label", "$kuid"}, {"yn", "yes", "Yes", "x"}}, answers: map[string]string{"a": "yes"}, given: map[string]string{"a": "yes"}},

		{name: "an if for each district, one in the other", survey: []row{{"type", "name", "label", "calculation"}, {"integer", "n", "N"}, {"calculate", "said", nil, strings.Repeat("if(${n} > 1000, 'never', ", 100) + "'last'" + strings.Repeat(")", 100)}}, answers: map[string]string{"n": "4"}, given: map[string]string{"said": "last"}},
		{name: "labels in one language, choices without one", survey: []row{{"type", "name", "label::বাংলা"}, {"select_one yn", "a", "প্রশ্ন"}}, choices: yn, settings: []row{{"form_title"}, {"T"}}, answers: map[string]string{"a": "yes"}, given: map[string]string{"a": "yes"}},
		{name: "options from a file", survey: []row{{"type", "name", "label"}, {"select_one_from_file towns.csv", "a", "A"}}, problems: "survey:2 type xlsform.from_file"},
		{name: "pulldata", survey: []row{{"type", "name", "label", "calculation"}, {"text", "a", "A"}, {"calculate", "c", nil, "pulldata('x', 'y', 'z', ${a})"}}, problems: "survey:3 calculation expression.refused_pulldata"},
		{name: "external data", survey: []row{{"type", "name", "label"}, {"xml-external", "x"}, {"csv-external", "y"}, {"text", "a", "A"}}, problems: "survey:2 type xlsform.external|survey:3 type xlsform.external"},
		{name: "search in an appearance", survey: []row{{"type", "name", "label", "appearance"}, {"select_one yn", "a", "A", "search('towns')"}}, choices: yn, problems: "survey:2 appearance xlsform.search"},
		{name: "choices that are there twice, not allowed", survey: []row{{"type", "name", "label"}, {"select_one t", "a", "A"}}, choices: []row{{"list_name", "name", "label"}, {"t", "x", "X"}, {"t", "x", "Y"}}, problems: "choices:2 name instrument.option_twice"},
	} {
		t.Run(o.name, func(t *testing.T) { o.try(t) })
	}
}

func (o ordinary) try(t *testing.T) {
	form, found := o.read(t).Check()
	said := problems(t, found)
	for _, want := range strings.Split(o.advice, "|") {
		if !strings.Contains(said, want) {
			t.Errorf("no advice %s in %s", want, said)
		}
	}
	if o.problems != "" {
		for _, want := range strings.Split(o.problems, "|") {
			if !strings.Contains(said, want) {
				t.Errorf("no %s in %s", want, said)
			}
		}
		return
	}
	if form == nil || instruments.Refused(found) {
		t.Fatalf("refused: %s", said)
	}
	now := time.Date(2026, 3, 5, 4, 30, 0, 0, dates.Dhaka()) // yesterday in Greenwich
	a := form.Begin(nil, filling.Occasion{Began: now, Now: now, Language: "en", User: "rina", Seed: "s"})
	for _, key := range slices.Sorted(maps.Keys(o.answers)) {
		if _, _, inside := strings.Cut(key, "["); !inside {
			if err := a.Answer(key, o.answers[key]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := a.AnswerAll(o.answers); err != nil {
		t.Fatal(err)
	}
	given, got := a.Given(), map[string]string{}
	for key := range o.given {
		got[key] = given[key]
	}
	if diff := cmp.Diff(o.given, got); o.given != nil && diff != "" {
		t.Errorf("given (-want +got):\n%s", diff)
	}
	var faults []string
	for _, f := range a.Faults() {
		faults = append(faults, f.Key+" "+strings.TrimPrefix(f.Fault.Key, "instrument."))
	}
	if f := strings.Join(faults, "; "); f != o.faults {
		t.Errorf("faults %q, want %q", f, o.faults)
	}
}
