// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/db/dbtest"
)

func TestPageCanBeReadByAll(t *testing.T) {
	s := httptest.NewServer(open(t, dbtest.Open(t, dbtest.SQLite(t), nil)).h)
	t.Cleanup(s.Close)
	for lang, width := range map[string]int{"bn": 360, "en": 1280} {
		p := browsertest.Open(t, browsertest.Options{Width: width, Scripts: true, Lang: lang, Patience: time.Minute}) // it holds all operations
		p.Go(s.URL + "/api/v1/#list_cases")                                                                           // which unfolds what the link leads into
		var open int
		p.Eval(`document.querySelectorAll("details[open]").length`, &open)
		if open != 1 {
			t.Errorf("%s: the link unfolds %d parts", lang, open)
		}
		p.Eval(`document.querySelectorAll("details").forEach((d, i) => d.open = i % 12 === 0)`, nil) // some of each kind
		if found := p.Axe(); found != "" {
			t.Errorf("%s at %d: %s", lang, width, found)
		}
		if wide := p.Overflow(); wide != "" {
			t.Errorf("%s at %d: wider than the window: %s", lang, width, wide)
		}
	}
}
