// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

type reportCard struct {
	ID      string
	State   string
	Version int
	Number  int
	Issue   int
}

type drafted struct {
	Report reportCard
	Stamp  *struct{ Hash string }
	Texts  []struct {
		Section string
		Text    int
	}
	Content struct {
		Sections []struct{ Code string }
	}
}

// Another system drafts a report, writes in it, issues it and takes it away; two who write at once are told apart.
func TestReportsByTheAPI(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		w := open(t, d)
		p := read[made](t, w.as("Mitu", "POST", "/projects", `{"code": "coming-home", "state": "running", "record": {"title_en": "Coming home", "title_bn": "ফেরা", "planned_from": "2029", "nationwide": true}}`).want(t, 201))
		begin := `{"project": "` + p.ID + `", "kind": "monthly", "period": "2030-02", "audience": "inside"}`
		w.as("Amina", "POST", "/reports", begin).wrong(t, 403, "access.not_allowed")
		w.as("Mitu", "POST", "/reports", strings.Replace(begin, "2030-02", "2030-13", 1)).wrong(t, 422, "report.bad_period")
		r := read[drafted](t, w.as("Parvin", "POST", "/reports", begin, "Idempotency-Key", "one").want(t, 201))
		if again := read[drafted](t, w.as("Parvin", "POST", "/reports", begin, "Idempotency-Key", "one").want(t, 201)); again.Report.ID != r.Report.ID {
			t.Errorf("sent twice: %s and %s", r.Report.ID, again.Report.ID)
		}
		at := "/reports/" + r.Report.ID
		w.as("Chandra", "GET", at, "").wrong(t, 404, "report.not_found")
		w.as("Mitu", "POST", at+"/sections/summary", `{"after": 0, "text_en": "What happened."}`).want(t, 200)
		w.as("Parvin", "POST", at+"/sections/summary", `{"after": 0, "text_en": "Over it."}`).wrong(t, 409, "fault.conflict")
		w.as("Parvin", "POST", at+"/sections/nowhere", `{"after": 0, "text_en": "x"}`).wrong(t, 404, "report.section_unknown")
		w.as("Parvin", "POST", at+"/lessons", `{"topic": "person.register", "text_en": "Water first.", "forward": true}`).want(t, 201)
		r = read[drafted](t, w.as("Parvin", "POST", at+"/refresh", "").want(t, 200))
		w.as("Mitu", "POST", at+"/issue", `{"version": 1}`).wrong(t, 403, "access.not_allowed")
		w.as("Parvin", "POST", at+"/issue", `{"version": 1}`).wrong(t, 409, "fault.conflict")
		version, err := json.Marshal(map[string]int{"version": r.Report.Version})
		if err != nil {
			t.Fatal(err)
		}
		r = read[drafted](t, w.as("Parvin", "POST", at+"/issue", string(version)).want(t, 200))
		if r.Report.State != "issued" || r.Stamp == nil || len(r.Texts) != 1 || r.Texts[0].Text != 1 {
			t.Errorf("issued: %+v", r)
		}
		var file struct{ Report json.RawMessage }
		if err := json.Unmarshal([]byte(w.as("Chandra", "GET", at+"/report.json", "").want(t, 200).text), &file); err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(file.Report); hex.EncodeToString(sum[:]) != r.Stamp.Hash {
			t.Errorf("the hash of the JSON is not that of the stamp")
		}
		if text := w.as("Chandra", "GET", at+"/report.pdf?lang=en", "").want(t, 200).text; !strings.HasPrefix(text, "%PDF-") {
			t.Errorf("no PDF: %.20q", text)
		}
		w.as("Chandra", "GET", at+"/report.csv?lang=xx", "").wrong(t, 422, "fault.bad_choice")
		next := read[drafted](t, w.as("Parvin", "POST", at+"/correct", `{"why": "late"}`).want(t, 201))
		if next.Report.Issue != 2 || next.Report.Number != r.Report.Number || next.Report.State != "draft" {
			t.Errorf("the corrected issue: %+v", next)
		}
		all := read[struct{ Items []reportCard }](t, w.as("Harun", "GET", "/reports?year=2030", "").want(t, 200))
		if len(all.Items) != 1 || all.Items[0].ID != r.Report.ID {
			t.Errorf("an observer lists %+v", all.Items)
		}
	})
}
