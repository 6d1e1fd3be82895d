// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/db/dbtest"
	"fera/internal/words"
)

// The open figures fit a phone and a desk in both languages without a script, and axe-core finds nothing wrong with them.
func TestOpenFiguresToEverybody(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	s := newSite(t, d, clock, siteOptions())
	year := clock.Now().Year() - 1
	fillFigures(t, d, many(rand.New(rand.NewPCG(4, 4)), year))
	s.publishFigures(t, year)
	site := httptest.NewServer(s.handler)
	t.Cleanup(site.Close)
	for lang, root := range map[words.Lang]string{words.Bangla: "/open", words.English: "/open/en"} {
		for _, width := range []int{360, 1280} {
			for name, rest := range map[string]string{"list": "", "about": "/about", "table": fmt.Sprintf("/tables/returned/%d", year)} {
				p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
				p.Go(site.URL + root + rest)
				judge(t, p, fmt.Sprintf("open-%s-%s-%d", name, lang, width))
			}
		}
	}
	bare := browsertest.Open(t, browsertest.Options{Width: 360, Height: 800, Scripts: false, Lang: "en"})
	bare.Go(site.URL + "/open/en")
	bare.Click(fmt.Sprint(year))
	bare.See("What is put together, and why")
}

// So do the pages on which lists are taken away as files.
func TestExportPagesToEverybody(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	r := openRoom(t, d)
	r.rahima(t)
	const form = "/exports/new"
	asked := r.must(t, "chandra", form+"?set=persons", form, url.Values{"set": {"persons"}, "format": {"csv"}, "columns": {"sex", "name_bn"}, "purpose": {"বসন্তে বাড়ি বাড়ি দেখা"}, "recipient": {"সিলেট দপ্তর"}})
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	for _, lang := range words.Languages() {
		r.speak(t, "chandra", lang)
		for _, width := range []int{360, 1280} {
			p := r.enterAs(t, site.URL, "chandra", browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
			for name, path := range map[string]string{"list": "/exports", "choose": form, "persons": form + "?set=persons&place=3056", "cases": form + "?set=cases&risk=high", "asked": asked} {
				p.Go(site.URL + path)
				judge(t, p, fmt.Sprintf("export-%s-%s-%d", name, lang, width))
			}
		}
	}
}
