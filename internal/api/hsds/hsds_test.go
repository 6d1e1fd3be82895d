// SPDX-License-Identifier: Apache-2.0

package hsds_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fera/internal/access"
	"fera/internal/api/hsds"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
)

func keeper() access.Actor {
	return access.System(access.ManageDirectory, access.ReadDirectory)
}

func get(t *testing.T, h http.Handler, path string) (int, http.Header, map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil && !strings.Contains(path, "ndjson") {
		t.Fatalf("%s: %v\n%s", path, err, w.Body)
	}
	return w.Code, w.Header(), body
}

func valid(t *testing.T, schema string, o any) {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("../../directory/hsds/testdata/published/schema/" + schema + ".json")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(o)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v\n%s", schema, err, text)
	}
}

func each(t *testing.T, fn func(t *testing.T, d *db.DB, h http.Handler, log *bytes.Buffer)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Write(t, d, func(tx *db.Tx) error { _, err := directory.Seed(t.Context(), tx, keeper()); return err })
		var log bytes.Buffer
		fn(t, d, hsds.New(d, slog.New(slog.NewTextHandler(&log, nil))), &log)
	})
}

// Every answer over the directory that ships is one by the published schemas.
func TestAnswersAreWhatThePublishedSchemasSay(t *testing.T) {
	each(t, func(t *testing.T, _ *db.DB, h http.Handler, _ *bytes.Buffer) {
		if status, _, root := get(t, h, "/hsds/v3/"); status != 200 || root["version"] != "3.0" || root["profile"] == "" || root["openapi_url"] == "" {
			t.Errorf("root: %d %v", status, root)
		}
		for path, schema := range map[string]string{"/services": "service", "/services?full=true": "service", "/services?minimal=true": "service", "/organizations": "organization", "/organizations?full=true": "organization",
			"/service_at_locations": "service_at_location", "/service_at_locations?full=true": "service_at_location", "/taxonomies": "taxonomy", "/taxonomy_terms": "taxonomy_term"} {
			seen := 0
			for page := 1; ; page++ {
				sep := "?"
				if strings.Contains(path, "?") {
					sep = "&"
				}
				_, _, body := get(t, h, "/hsds/v3"+path+sep+"per_page=9&page="+string(rune('0'+page)))
				contents := body["contents"].([]any)
				for _, o := range contents {
					valid(t, schema, o)
					if id := o.(map[string]any)["id"].(string); !strings.Contains(path, "?") {
						plain, _, _ := strings.Cut(path, "?")
						status, _, single := get(t, h, "/hsds/v3"+plain+"/"+id)
						if status != 200 || single["id"] != id {
							t.Errorf("%s/%s: %d", plain, id, status)
						}
						if valid(t, schema, single); schema == "service_at_location" { // the published description says both
							valid(t, "service", single)
						}
					}
				}
				if seen += len(contents); body["last_page"] == true || page == 9 {
					if total := int(body["total_items"].(float64)); seen != total || total == 0 {
						t.Errorf("%s: %d of %d", path, seen, total)
					}
					break
				}
			}
		}
	})
}

func TestServicesAreChosen(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, h http.Handler, _ *bytes.Buffer) {
		total := func(query string) int {
			t.Helper()
			status, _, body := get(t, h, "/hsds/v3/services?"+query)
			if status != 200 {
				t.Fatalf("%s: %d", query, status)
			}
			return int(body["total_items"].(float64))
		}
		all := total("")
		_, _, terms := get(t, h, "/hsds/v3/taxonomy_terms?search=loan")
		loan := terms["contents"].([]any)[0].(map[string]any)
		if n := total("taxonomy_term_id=" + loan["id"].(string)); n != 1 {
			t.Errorf("%d give loans, want 1", n)
		}
		if n := total("taxonomy_id=" + loan["taxonomy_id"].(string)); n != all {
			t.Errorf("%d of the taxonomy of needs, want %d", n, all)
		}
		if n := total("search=prabash"); n != 1 {
			t.Errorf("%d by words, want 1", n)
		}
		for _, query := range []string{"taxonomy_term_id=x", "taxonomy_id=x", "organization_id=x", "modified_after=2999-01-01", "search=qqqq"} {
			if n := total(query); n != 0 {
				t.Errorf("%s: %d, want none", query, n)
			}
		}
		for _, query := range []string{"page=0", "page=x", "per_page=-1", "modified_after=yesterday", "page=99999999999"} {
			if status, _, _ := get(t, h, "/hsds/v3/services?"+query); status != 400 {
				t.Errorf("%s: %d, want 400", query, status)
			}
		}
		offered := func(query string) int {
			t.Helper()
			status, _, body := get(t, h, "/hsds/v3/service_at_locations?"+query)
			if status != 200 {
				t.Fatalf("%s: %d", query, status)
			}
			return int(body["total_items"].(float64))
		}
		_, _, terms = get(t, h, "/hsds/v3/taxonomy_terms?search=complaint")
		complaint := terms["contents"].([]any)[0].(map[string]any)["id"].(string)
		if n, m := offered(""), offered("taxonomy_term_id="+complaint); n < 70 || m < 60 || m >= n {
			t.Errorf("%d offers, %d of them for complaints", n, m)
		}
		if n := offered("search=complaint"); n == 0 || n != offered("taxonomy_term_id="+complaint+"&search=compl") {
			t.Errorf("%d offers by words", n)
		}
		for _, query := range []string{"postcode=1200", "proximity=1", "page=0"} {
			if status, _, _ := get(t, h, "/hsds/v3/service_at_locations?"+query); status != 400 {
				t.Errorf("offers, %s: %d, want 400", query, status)
			}
		}
		if status, _, _ := get(t, h, "/hsds/v3/service_at_locations/01900000-0000-7000-8000-00000000aaaa"); status != 404 {
			t.Errorf("an offer that is not there: %d", status)
		}
		// What is withdrawn is not to be had.
		var s directory.Entry
		dbtest.Write(t, d, func(tx *db.Tx) error {
			some, err := directory.List(t.Context(), tx, keeper(), directory.Filter{Kind: listing.OfService, Limit: 1})
			if err != nil {
				return err
			}
			s = some[0]
			_, err = directory.Withdraw(t.Context(), tx, keeper(), directory.Ending{ID: s.ID, Version: 1, Reason: "x"})
			return err
		})
		if status, _, _ := get(t, h, "/hsds/v3/services/"+s.ID); status != 404 || total("") != all-1 {
			t.Errorf("a withdrawn service: %d, and %d of %d are listed", status, total(""), all)
		}
	})
}

// Nothing is kept of who asked what, and whatever is asked, it is never our mistake.
func TestHostileQuestionsLeaveNoTrace(t *testing.T) {
	each(t, func(t *testing.T, _ *db.DB, h http.Handler, log *bytes.Buffer) {
		for _, path := range []string{"/services", "/organizations", "/taxonomies", "/taxonomy_terms", "/services/%00", "/services/canary", "/service_at_locations", "/service_at_locations/canary", "/locations/canary", "/nothing"} {
			for _, text := range []string{"canary", "\x00", "\xff", "' OR 1=1 --", strings.Repeat("ক", 3000), "%_", "-1"} {
				v := url.Values{}
				for _, name := range []string{"search", "taxonomy_term_id", "taxonomy_id", "organization_id", "format", "full"} {
					v.Set(name, text)
				}
				status, header, _ := get(t, h, "/hsds/v3"+path+"?"+v.Encode())
				if status >= 500 || header.Get("Set-Cookie") != "" {
					t.Errorf("%s with %.20q: %d\n%s", path, text, status, log)
				}
			}
		}
		if strings.Contains(log.String(), "canary") {
			t.Errorf("the log holds what was asked: %s", log)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", "/hsds/v3/services", nil))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST: %d", w.Code)
		}
	})
}
