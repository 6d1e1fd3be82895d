// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/indicators"
	sums "fera/internal/indicators/tables"
	"fera/internal/words"
)

// A map is gone through with the keys: from place to place, and into the one that is meant.
func TestAMapWorksByTheKeys(t *testing.T) {
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	r := openFigures(t, d)
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	p := r.enterAs(t, site.URL, "parvin", browsertest.Options{Width: 360, Height: 800, Scripts: false, Lang: "en"})
	p.Go(site.URL + "/figures/ask/people_returned?by=district&" + year2029)
	p.See("Manikganj")
	p.Eval(`(() => { document.querySelector('.map a').focus(); return '' })()`, nil)
	var on string
	for range 64 {
		p.Eval(`document.activeElement.getAttribute('aria-label') || ''`, &on)
		if strings.HasPrefix(on, "Manikganj:") {
			break
		}
		p.Press("Tab")
	}
	if on != "Manikganj: 18" {
		t.Fatalf("the keys come to %q", on)
	}
	p.Press("Enter")
	p.See("People who returned, by upazila")
	p.See("Saturia")
}

// Every page of figures fits a phone and a desk in both languages, and axe-core finds nothing wrong with it.
func TestFiguresToEverybody(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	r := openFigures(t, d)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		_, err := indicators.Enter(t.Context(), tx, terminal(), indicators.Typed{Indicator: "people_returned", From: dates.Partial{Year: 2029}, To: dates.Partial{Year: 2029}, Source: "the yearly report",
			Sum: sums.Sum{Whole: 31, Parts: []sums.PartOf{{Code: "female", N: 20}, {Code: "male", N: 8}}}})
		return err
	})
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	const of = "/figures/ask/people_returned"
	pages := map[string]map[string]string{
		"parvin": {"list": "/figures", "returns": "/figures/board/returns?" + year2029, "caseload": "/figures/board/caseload", "services": "/figures/board/services?" + year2029, "equity": "/figures/board/equity?place=3056&" + year2029,
			"map": of + "?by=district&" + year2029, "upazilas": of + "?by=upazila&place=30&" + year2029, "months": of + "?by=month&and=sex&" + year2029, "days": of + "?by=day&" + year2029, "wrong": of + "?from=2029-12&to=2029-01",
			"none": of + "?from=2020-01&to=2020-12", "records": of + "/records?" + year2029, "protected": "/figures/ask/happened_abroad/records?" + year2029},
		"mitu": {"returns": "/figures/board/returns?" + year2029, "refused": of + "?from=2029-03&to=2029-05&by=sex", "map": of + "?by=district&and=sex&" + year2029, "records": of + "/records?" + year2029},
	}
	for _, lang := range words.Languages() {
		for login := range pages {
			r.speak(t, login, lang)
		}
		for _, width := range []int{360, 1280} {
			for login, sights := range pages {
				p := r.enterAs(t, site.URL, login, browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
				for name, path := range sights {
					p.Go(site.URL + path)
					judge(t, p, fmt.Sprintf("figures-%s-%s-%s-%d", login, name, lang, width))
				}
			}
		}
	}
}
