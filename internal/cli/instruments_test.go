// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fera/internal/xlsform"
)

// workbookOf writes an XLSForm with these rows of the survey.
func workbookOf(t *testing.T, rows ...string) string {
	t.Helper()
	survey := xlsform.Table{Sheet: "survey"}
	for i, r := range append([]string{"type|name|label|relevant"}, rows...) {
		survey.Rows = append(survey.Rows, xlsform.Row{Number: i + 1, Cells: strings.Split(r, "|")})
	}
	var b bytes.Buffer
	if err := xlsform.Write(&b, xlsform.Parse([]xlsform.Table{survey}, "made up").Definition); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "made up.xlsx")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestInstrumentCheckTellsWhatIsWrong(t *testing.T) {
	good := run(t, "instrument", "check", workbookOf(t, "integer|age|How old?|", "text|school|Which school?|${age} < 18"))
	if good.code != 0 || !strings.Contains(good.out, `made_up, version "", can be used: 2 questions`) {
		t.Errorf("a good one: %+v", good)
	}
	bad := workbookOf(t, "integer|age|How old?|", "text|school|Which school?|${agee} < 18")
	s := run(t, "instrument", "check", bad)
	if s.code != 8 || !strings.Contains(s.out, "survey, row 3, relevant (school): There is no item agee.") || !strings.Contains(s.errs, "cannot be used as it is: 1 to mend") {
		t.Errorf("a bad one: %+v", s)
	}
	if s := run(t, "instrument", "check", bad, "--language", "bn"); s.code != 8 || !strings.Contains(s.out, "agee নামে কিছু নেই।") {
		t.Errorf("in Bangla: %+v", s)
	}
	for path, code := range map[string]int{filepath.Join(t.TempDir(), "none.xlsx"): 2, t.TempDir(): 2, file(t, "x.xlsx", "type,name\n"): 1, file(t, "y.xlsx", "PK\x03\x04"): 1} {
		if s := run(t, "instrument", "check", path); s.code != code || s.errs == "" {
			t.Errorf("%s: %+v, want the code %d", path, s, code)
		}
	}
}

func TestInstrumentShowWritesWhatCheckReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phq9.xlsx")
	must(t, "instrument", "show", "phq9", "--xlsform", path)
	if out := must(t, "instrument", "check", path); !strings.Contains(out, "can be used: 9 questions, 2 languages, 2 scales") {
		t.Errorf("check: %s", out)
	}
	before, after := must(t, "instrument", "show", "phq9", "--json"), must(t, "instrument", "show", path, "--json")
	if before != after {
		t.Error("the workbook says something else than the definition")
	}
	for _, want := range []string{"phq9, version 1, active", "licence: Copyright Pfizer", "bn ours Our own translation", "alert, now, when . > 0", "severe from 20"} {
		if out := must(t, "instrument", "show", "phq9"); !strings.Contains(out, want) {
			t.Errorf("show phq9 says nothing of %q", want)
		}
	}
	if s := run(t, "instrument", "show", "nothing"); s.code != 2 || !strings.Contains(s.errs, "fera instrument list") {
		t.Errorf("show nothing: %+v", s)
	}
	if out := must(t, "instrument", "list"); !strings.Contains(out, "reintegration_sustainability") || !strings.Contains(out, "pending_permission") {
		t.Errorf("list: %s", out)
	}
}

func TestInstrumentScorePrintsJSON(t *testing.T) {
	type outcome struct {
		Complete bool
		Urgency  string
		Faults   []struct{ Key, Fault, Message string }
		Scores   []struct {
			Scale    string
			Value    *float64
			Verdicts []struct{ Cut, Band string }
		}
		Alerts []struct{ Key, Level string }
	}
	score := func(name, answers string, more ...string) (o outcome) {
		t.Helper()
		out := must(t, append([]string{"instrument", "score", name, "--answers", file(t, "answers.json", answers)}, more...)...)
		if err := json.Unmarshal([]byte(out), &o); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		return o
	}
	o := score("phq9", `{"phq9_1":2,"phq9_2":"2","phq9_3":2,"phq9_4":2,"phq9_5":2,"phq9_6":0,"phq9_7":0,"phq9_8":0,"phq9_9":1}`)
	if !o.Complete || o.Urgency != "now" || len(o.Alerts) != 1 || o.Alerts[0].Key != "phq9_9" || *o.Scores[0].Value != 11 || o.Scores[0].Verdicts[0].Band != "moderate" {
		t.Errorf("score = %+v", o)
	}
	o = score("vulnerability_judgement", `{"factors":[{"vj_level":"household","vj_factor":"livelihood"},{}],"vj_rating":"low"}`, "--language", "en", "--day", "2026-03-05")
	if o.Complete || len(o.Faults) != 9 || o.Faults[0].Key != "factors[1]/vj_direction" || o.Faults[0].Message != "An answer is needed here." {
		t.Errorf("score = %+v", o)
	}
	for _, c := range []struct{ answers, want string }{{`{"phq9_10": 1}`, `no question "phq9_10"`}, {`[1]`, "not a JSON object"}, {`{"phq9_1": 1, "phq9_1": 2}`, "not a JSON object"}, {`{"phq9_1": [1, 2]}`, "list of neither"}} {
		if s := run(t, "instrument", "score", "phq9", "--answers", file(t, "a.json", c.answers)); s.code != 2 || !strings.Contains(s.errs, c.want) {
			t.Errorf("%s: %+v, want %q", c.answers, s, c.want)
		}
	}
	if s := run(t, "instrument", "score", "phq9", "--answers", file(t, "a.json", "{}"), "--day", "soon"); s.code != 2 {
		t.Errorf("a day that is none: %+v", s)
	}
	if s := run(t, "instrument", "score", file(t, "d.json", `{"name":"x"}`), "--answers", file(t, "a.json", "{}")); s.code != 8 {
		t.Errorf("a definition that cannot be used: %+v", s)
	}
}

// A fresh register has nothing to score anew, and says so; what is not in use is refused.
func TestInstrumentRescore(t *testing.T) {
	dir := t.TempDir()
	must(t, "simulate", "--persons", "60", "--data", dir)
	if out := must(t, "instrument", "rescore", "progress_check", "--data", dir); !strings.Contains(out, "0 assessments were scored by version 1 of progress_check.") {
		t.Errorf("rescore: %s", out)
	}
	for name, version := range map[string]string{"srq20": "1", "nothing": "1", "progress_check": "9", "needs_assessment": ""} {
		if s := run(t, "instrument", "rescore", name, "--version", version, "--data", dir); s.code == 0 || s.errs == "" {
			t.Errorf("%s %s: %+v, want a refusal", name, version, s)
		}
	}
}
