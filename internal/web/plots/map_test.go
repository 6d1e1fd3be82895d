// SPDX-License-Identifier: Apache-2.0

package plots_test

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"fera/internal/outlines"
	"fera/internal/web/plots"
)

func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func count(t *testing.T, what, page, part string, want int) {
	t.Helper()
	if n := strings.Count(page, part); n != want {
		t.Errorf("%s: %q is there %d times, want %d", what, part, n, want)
	}
}

// Each place of a map is a link that says its name and its number; none, too few and a shade are told apart.
func TestAMapIsLinks(t *testing.T) {
	s, _ := outlines.Districts("")
	m := plots.Map{Said: "all", Sheet: s, Places: map[string]plots.Spot{}, Key: []plots.Shaded{{Label: "none"}, {Label: "1–4", Shade: 1}, {Label: "too few", Few: true}}, Apart: "2 elsewhere", Thanks: "whose borders"}
	for i, a := range s.Areas {
		m.Places[a.Code] = plots.Spot{Said: a.Code + ": 1", Href: "/x?place=" + a.Code, Shade: i % 6, Few: i == 1}
	}
	page := rendered(t, m.Draw())
	count(t, "places", page, "<a href=\"/x?place=", 64)
	count(t, "names for who does not see it", page, `aria-label="3026: 1"`, 1)
	count(t, "names under the pointer", page, "<title>3026: 1</title>", 1)
	count(t, "areas", page, `fill-rule="evenodd"`, 64)
	count(t, "hatched, and what that means", page, `class="veil"`, 1)
	count(t, "a hatched place", page, `class="area veil"`, 1)
	count(t, "the darkest", page, `class="area c5"`, 10)
	count(t, "borders of divisions", page, `class="borders"`, 1)
	count(t, "what is not on it", page, "2 elsewhere", 1)
	count(t, "thanks", page, "whose borders", 1)
}

// Columns stand on one another and on the ground, as high as their amounts.
func TestColumnsStandOnTheGround(t *testing.T) {
	c := plots.Columns{Said: "all", Top: "6", Columns: []plots.Column{{Label: "a", Said: "a: 6", Parts: []float64{4, 2}}, {Label: "b", Said: "b: 3", Parts: []float64{3, 0}}, {Label: "c", Said: "c: 0", Parts: []float64{0, math.NaN()}},
		{Label: "d", Said: "few", Hidden: true}, {Label: "e", Said: "e: 6", Hidden: true, Undivided: 6}}}
	page := rendered(t, c.Draw())
	rect := regexp.MustCompile(`<rect class="(\w+)" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"`)
	var got []string
	for _, m := range rect.FindAllStringSubmatch(page, -1) {
		got = append(got, m[1]+" "+m[2]+"+"+m[3])
	}
	want := "c5 84+136, c3 16+68, c5 118+102, veil 169+51, veil 16+204"
	if strings.Join(got, ", ") != want {
		t.Errorf("the columns: %s, want %s", strings.Join(got, ", "), want)
	}
	count(t, "what each says", page, "<title>", 5)
	if empty := rendered(t, plots.Columns{}.Draw()); strings.Contains(empty, "NaN") || strings.Contains(empty, "Inf") {
		t.Errorf("no columns: %s", empty)
	}
}

// A whole is as wide as any other, and its parts are what part of it they are.
func TestSharesFillTheirRow(t *testing.T) {
	page := rendered(t, plots.Shares{Said: "all", Rows: []plots.ShareRow{{Label: "a", Said: "4", Parts: []float64{3, 1}}, {Label: "b", Said: "0", Parts: []float64{0, 0}}, {Label: "c", Said: "9", Undivided: true}}}.Draw())
	for _, part := range []string{`<rect class="c5" x="10" y="34" width="465"`, `<rect class="c3" x="475" y="34" width="155"`, `<rect class="veil" x="10" y="158" width="620"`} {
		count(t, "shares", page, part, 1)
	}
	count(t, "strips", page, "<rect", 3)
	legend := rendered(t, plots.Legend{Labels: []string{"women", "men"}, Few: "too few"}.Draw())
	count(t, "the legend", legend, "<li>", 3)
	count(t, "hatched", legend, `class="veil"`, 1)
}
