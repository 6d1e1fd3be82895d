// SPDX-License-Identifier: Apache-2.0

package pdf_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"fera/internal/pdf"
)

var filled = regexp.MustCompile(`(\S+) (\S+) (\S+) (\S+) re f`)

func float(t *testing.T, text string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A bar is as long beside the greatest as its amount is; none is drawn for nothing, and each says its name and its number.
func TestBarsAreAsLongAsTheirAmounts(t *testing.T) {
	p := write(t, "bn", func(d *pdf.Document) {
		d.Bars([]pdf.Bar{{Label: "নারী", Said: "৪০", Part: 40}, {Label: "পুরুষ", Said: "১০", Part: 10}, {Label: "অন্য", Said: "০"}})
	})
	page := p.pages(t)[0]
	bars := filled.FindAllStringSubmatch(page, -1)
	if len(bars) != 2 {
		t.Fatalf("%d bars are drawn, want 2", len(bars))
	}
	if long, short := float(t, bars[0][3]), float(t, bars[1][3]); long < 100 || long/short < 3.95 || long/short > 4.05 {
		t.Errorf("bars of 40 and 10 are %g and %g long", long, short)
	}
	text := strings.Join(said(t, page), " ")
	for _, want := range []string{"নারী", "৪০", "পুরুষ", "১০", "অন্য", "০"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	nothing := write(t, "bn", func(d *pdf.Document) { d.Bars([]pdf.Bar{{Label: "কিছু নেই", Said: "০"}}) })
	if filled.MatchString(nothing.pages(t)[0]) {
		t.Error("a bar is drawn where there is nothing")
	}
}

// Bars go on over as many pages as they need.
func TestBarsTurnThePage(t *testing.T) {
	p := write(t, "en", func(d *pdf.Document) {
		var all []pdf.Bar
		for i := range 120 {
			all = append(all, pdf.Bar{Label: "row " + strconv.Itoa(i), Said: strconv.Itoa(i), Part: float64(i)})
		}
		d.Bars(all)
		if d.Page() < 2 {
			t.Errorf("120 bars end on page %d", d.Page())
		}
	})
	if text := p.all(t); !strings.Contains(text, "row 0") || !strings.Contains(text, "row 119") {
		t.Error("bars are missing")
	}
}

// Numbers of a column that ends on the right end at the same place, whatever their length.
func TestNumbersEndOnTheRight(t *testing.T) {
	begin := func(number string, right bool) float64 {
		p := write(t, "en", func(d *pdf.Document) {
			d.Table(pdf.Table{Head: []string{"a", "b"}, Right: []bool{false, right}, Rows: [][]string{{"x", number}}})
		})
		return float(t, matrix.FindAllStringSubmatch(p.pages(t)[0], -1)[3][1]) // after both heads and the x
	}
	if one, two := begin("1", true), begin("1234567", true); two >= one-10 {
		t.Errorf("on the right, 1 begins at %g and 1234567 at %g", one, two)
	}
	if one, two := begin("1", false), begin("1234567", false); one != two {
		t.Errorf("on the left, 1 begins at %g and 1234567 at %g", one, two)
	}
}
