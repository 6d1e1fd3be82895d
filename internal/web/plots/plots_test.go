// SPDX-License-Identifier: Apache-2.0

package plots_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fera/internal/web/plots"
)

func drawn(t rapid.TB, c plots.Course) string {
	t.Helper()
	var b strings.Builder
	if err := c.Draw().Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var numbers = regexp.MustCompile(`(?:cx|cy|x|y|y1|y2|height)="(-?[\d.]+)"`)

// Whatever the values, the picture is sound XML, nothing lies outside of it, and each value is said.
func TestDraw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := plots.Course{Said: "from <1> to 2", Lowest: 0, Highest: rapid.Float64Range(1, 30).Draw(rt, "highest"), Ends: [2]string{"0", "top"}}
		at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range rapid.IntRange(1, 9).Draw(rt, "points") {
			at = at.AddDate(0, 0, rapid.IntRange(0, 400).Draw(rt, "days"))
			c.Points = append(c.Points, plots.Point{At: at, Value: rapid.Float64Range(0, c.Highest).Draw(rt, "value"), Said: "said" + strconv.Itoa(i), Day: "day", Kind: rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "kind")})
		}
		for i := range rapid.IntRange(0, 5).Draw(rt, "bands") {
			c.Bands = append(c.Bands, plots.Band{From: c.Highest * float64(i) / 5, Label: "band"})
		}
		text := drawn(rt, c)
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				rt.Fatalf("%v\n%s", err, text)
			}
		}
		for _, m := range numbers.FindAllStringSubmatch(text, -1) {
			if n, _ := strconv.ParseFloat(m[1], 64); n < 0 || n > 640 {
				rt.Errorf("%s lies outside", m[0])
			}
		}
		if got := strings.Count(text, "<circle"); got != len(c.Points) || strings.Count(text, ">said") != len(c.Points) {
			rt.Errorf("%d dots for %d points", got, len(c.Points))
		}
	})
}

// What happened stands where it happened, inside the picture; signs that would cover one another are left out.
func TestMarks(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2030, 1, day, 0, 0, 0, 0, time.UTC) }
	c := plots.Course{Highest: 4, Points: []plots.Point{{At: at(1), Value: 1}, {At: at(101), Value: 3}},
		Marks: []plots.Mark{{At: at(-400), Sign: "one"}, {At: at(50), Sign: "two"}, {At: at(50), Sign: "three"}, {At: at(90), Sign: "four"}}}
	text := drawn(t, c)
	if n := strings.Count(text, `class="mark"`); n != 4 {
		t.Errorf("%d marks, want 4", n)
	}
	if strings.Contains(text, "three") || !strings.Contains(text, "two") || !strings.Contains(text, "four") {
		t.Error("signs lie on one another, or one is missing")
	}
	last := 0.0
	for _, m := range regexp.MustCompile(`d="M([\d.]+) [\d.]+ l-6`).FindAllStringSubmatch(text, -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		if x < last || x > 640 {
			t.Errorf("a mark at %v after one at %v", x, last)
		}
		last = x
	}
}

// Points that are measured differently are not joined.
func TestKindsAreNotJoined(t *testing.T) {
	at := func(n int) time.Time { return time.Date(2030, time.Month(n), 1, 0, 0, 0, 0, time.UTC) }
	c := plots.Course{Highest: 4, Points: []plots.Point{{At: at(1), Value: 1, Kind: "1"}, {At: at(2), Value: 2, Kind: "1"}, {At: at(3), Value: 3, Kind: "2"}, {At: at(4), Value: 1, Kind: "2"}}}
	if n := strings.Count(drawn(t, c), `class="line"`); n != 2 {
		t.Errorf("%d lines, want 2", n)
	}
}

// A higher value lies higher, and later lies further right.
func TestHigherIsHigher(t *testing.T) {
	at := func(n int) time.Time { return time.Date(2030, time.Month(n), 1, 0, 0, 0, 0, time.UTC) }
	text := drawn(t, plots.Course{Highest: 4, Points: []plots.Point{{At: at(1), Value: 1}, {At: at(2), Value: 3}}})
	m := regexp.MustCompile(`cx="([\d.]+)" cy="([\d.]+)"`).FindAllStringSubmatch(text, -1)
	x := func(i int) float64 { f, _ := strconv.ParseFloat(m[i][1], 64); return f }
	y := func(i int) float64 { f, _ := strconv.ParseFloat(m[i][2], 64); return f }
	if len(m) != 2 || x(0) >= x(1) || y(0) <= y(1) {
		t.Errorf("dots at %v", m)
	}
}

// Whatever the amounts, no bar leaves the picture, none is longer than the one that it is part of, and each label is there.
func TestBars(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := plots.Bars{Said: "a < b"}
		for i := range rapid.IntRange(1, 9).Draw(rt, "bars") {
			bar := plots.Bar{Label: "label" + strconv.Itoa(i), Said: "said" + strconv.Itoa(i)}
			for left := rapid.Float64Range(0, 1e6).Draw(rt, "whole"); len(bar.Parts) < rapid.IntRange(0, 3).Draw(rt, "parts"); left *= rapid.Float64Range(0, 1).Draw(rt, "part") {
				bar.Parts = append(bar.Parts, left)
			}
			b.Bars = append(b.Bars, bar)
		}
		var text strings.Builder
		if err := b.Draw().Render(context.Background(), &text); err != nil {
			rt.Fatal(err)
		}
		for d := xml.NewDecoder(strings.NewReader(text.String())); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				rt.Fatal(err)
			}
		}
		for i := range b.Bars {
			if !strings.Contains(text.String(), "label"+strconv.Itoa(i)) || !strings.Contains(text.String(), "said"+strconv.Itoa(i)) {
				rt.Fatalf("bar %d is not there", i)
			}
		}
		last, y := 0.0, ""
		for _, m := range regexp.MustCompile(`<rect[^>]* y="([\d.]+)" width="([\d.]+)"`).FindAllStringSubmatch(text.String(), -1) {
			w, _ := strconv.ParseFloat(m[2], 64)
			if w > 620 || m[1] == y && w > last {
				rt.Fatalf("a bar of %v within one of %v", w, last)
			}
			last, y = w, m[1]
		}
	})
}
