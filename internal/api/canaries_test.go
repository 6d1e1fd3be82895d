// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// What is of class 3, in whichever room, is in no answer of any operation to who may not see it. The walk goes over the
// operations that the document describes, so that a new one is walked too.
func TestCanariesAreNowhere(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d)
		worldtest.Hire(t, d)
		l := worldtest.Live(t, d, clock, worldtest.Amina())
		var document struct {
			Paths map[string]map[string]any `json:"paths"`
		}
		if err := json.Unmarshal([]byte(w.as("", "GET", "/openapi.json", "").want(t, 200).text), &document); err != nil {
			t.Fatal(err)
		}
		ids := []string{string(l.Person), string(l.Case), string(l.Assessment), string(l.Paper), l.Approval, l.Task, string(l.Stay)}
		for _, s := range l.Services {
			ids = append(ids, string(s))
		}
		looked := w.as("Amina", "POST", fmt.Sprintf("/persons/%s/look", l.Person), "").text
		if !strings.Contains(looked, worldtest.Canary+"-account") {
			looked = w.as("Amina", "GET", fmt.Sprintf("/persons/%s/protected", l.Person), "").text
		}
		if !strings.Contains(looked, worldtest.Canary+"-account") {
			t.Errorf("the walk would find nothing: %.200s", looked)
		}
		walked := 0
		for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
			for method := range document.Paths[path] {
				for _, id := range ids {
					at := parameter.ReplaceAllString(path, id)
					for _, who := range []string{"Basil", "Chandra", "Dipu", "Esha", "Farid", "Gita", "Harun", "Ishrat", "Nobody"} {
						body := ""
						if method != "get" {
							body = "{}"
						}
						walked++
						r := w.as(who, strings.ToUpper(method), strings.TrimPrefix(at, "/api/v1"), body)
						if at := strings.Index(r.text, worldtest.Canary); at >= 0 {
							t.Errorf("%s %s as %s: %s", method, path, who, r.text[max(0, at-60):min(len(r.text), at+40)])
						}
					}
					if at == path {
						break
					}
				}
			}
		}
		if walked < 500 {
			t.Errorf("walked %d ways only", walked)
		}
		if strings.Contains(w.logs.String(), worldtest.Canary) {
			t.Error("the log holds a canary")
		}
	})
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)
