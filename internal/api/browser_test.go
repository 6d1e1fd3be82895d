// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"net/http/httptest"
	"testing"

	"fera/internal/browsertest"
	"fera/internal/db/dbtest"
)

func TestPageCanBeReadByAll(t *testing.T) {
	s := httptest.NewServer(open(t, dbtest.Open(t, dbtest.SQLite(t), nil)).h)
	t.Cleanup(s.Close)
	for lang, width := range map[string]int{"bn": 360, "en": 1280} {
		p := browsertest.Open(t, browsertest.Options{Width: width, Scripts: true, Lang: lang})
		p.Go(s.URL + "/api/v1/")
		if found := p.Axe(); found != "" {
			t.Errorf("%s at %d: %s", lang, width, found)
		}
		if wide := p.Overflow(); wide != "" {
			t.Errorf("%s at %d: wider than the window: %s", lang, width, wide)
		}
	}
}
