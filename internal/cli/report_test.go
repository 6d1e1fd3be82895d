// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// publishedYear asks a demonstration for the annual report of the year that was published: each number comes out of its records, beside
// what was published.
func publishedYear(t *testing.T, dir string) {
	t.Helper()
	year := []string{"report", "annual", "--project", "manikganj-women", "--period", "2022-12..2023-12", "--data", dir}
	out := must(t, year...)
	for _, line := range []string{
		`Women who had basic counselling +– +– +76 +76 +agrees`, `Women who had health assistance +– +– +29 +29 +agrees`, `Women who stayed in a safe shelter +– +– +33 +33 +agrees`,
		`Women who were met at the airport +– +– +7 +7 +agrees`, `Women who had legal assistance +– +– +6 +6 +agrees`, `Union-level orientations held +– +– +120 +120 +agrees`,
		`People reached by door-to-door orientation +– +– +5,625 +5,623 +differs by 2: more was published`, `Door-to-door orientation +\d+ +[\d,]+ +5,623 +3,764 +1,859 +0 +5,625`,
		`! Door-to-door orientation: 5,625 was typed in, the parts come to 5,623\. The difference is 2`, `Women and girls +76`,
	} {
		if !regexp.MustCompile(line).MatchString(out) {
			t.Errorf("no line %s in:\n%s", line, out)
		}
	}
	if out := must(t, append(year, "--lang", "bn")...); !strings.Contains(out, "৫,৬২৩") || !strings.Contains(out, "২ অমিল") {
		t.Errorf("in Bangla:\n%s", out)
	}
	if out := must(t, append(year, "--audience", "outside")...); regexp.MustCompile(`legal assistance +– +– +6 +6`).MatchString(out) {
		t.Errorf("for outside it tells of six who were given legal help:\n%s", out)
	}
	file := filepath.Join(t.TempDir(), "report.pdf")
	must(t, append(year, "--format", "pdf", "--out", file)...)
	if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), "%PDF-") {
		t.Errorf("the PDF: %v", err)
	}
	if out := must(t, "report", "annual", "--period", "2026", "--data", dir); !strings.Contains(out, "All organisations") {
		t.Errorf("of the whole:\n%s", out)
	}
	if out := must(t, "report", "list", "--data", dir); out != "" {
		t.Errorf("what was printed was kept: %s", out)
	}
	for want, args := range map[string][]string{"Write a year, a quarter": {"annual", "--period", "soon"}, "A monthly report is about one month": {"monthly", "--period", "2023"}, "There is no project nowhere": {"monthly", "--period", "2023-01", "--project", "nowhere"}} {
		if s := run(t, append(append([]string{"report"}, args...), "--data", dir)...); s.code == 0 || !strings.Contains(s.errs, want) {
			t.Errorf("%v: %d, %s", args, s.code, s.errs)
		}
	}
}
