// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fera/internal/cli"
)

func evaluate(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Run(t.Context(), append([]string{"link", "evaluate"}, args...), nil, &out, &errs)
	return code, out.String(), errs.String()
}

func TestEvaluateSaysHowWellRecordsWereFound(t *testing.T) {
	const sets = "../matching/table/testdata/"
	model := filepath.Join(t.TempDir(), "model.json")
	code, out, errs := evaluate(t, sets+"febrl1.csv.gz", "--truth", sets+"febrl1.truth.csv.gz", "--map", "state=exact,address_2=ignore", "--model", model)
	var got struct {
		True      int     `json:"pairs_true"`
		Found     int     `json:"found"`
		F1        float64 `json:"f1"`
		Precision float64 `json:"precision"`
		Recall    float64 `json:"recall"`
		Pairs     int     `json:"candidate_pairs"`
		Blocking  float64 `json:"blocking_recall"`
		Seconds   float64 `json:"seconds"`
		Peak      int64   `json:"peak_memory_bytes"`
	}
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	if got.True != 500 || got.F1 < 0.99 || got.Precision < 0.99 || got.Recall < 0.99 || got.Found < 495 || got.Pairs < 500 || got.Blocking < 0.99 ||
		got.Seconds <= 0 || got.Peak < 1<<20 {
		t.Errorf("evaluate = %+v", got)
	}
	if text, err := os.ReadFile(model); err != nil || !strings.Contains(string(text), `"format": 1`) {
		t.Errorf("the model: %v, %.100s", err, text)
	}
}

func TestEvaluateSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.csv", "id,name\n1,Karim\n2,Korim\n3,Rahim\n")
	truth := write("truth.csv", "id,cluster\n1,a\n2,a\n3,b\n")
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{filepath.Join(dir, "none.csv"), "--truth", truth}, 1, "none.csv"},
		{[]string{write("wide.csv", "id,name\n1,a,b\n"), "--truth", truth}, 1, "line 2 has 3 values"},
		{[]string{good, "--truth", truth, "--map", "nom=name"}, 2, "heading of the file"},
		{[]string{good, "--truth", write("other.csv", "id,cluster\n9,a\n")}, 1, "does not have"},
		{[]string{good}, 2, "--truth"},
	} {
		code, out, errs := evaluate(t, test.args...)
		if code != test.code || !strings.Contains(errs, test.want) || out != "" {
			t.Errorf("evaluate %q: exit %d, %q, want %d and %q", test.args, code, errs, test.code, test.want)
		}
	}
}
