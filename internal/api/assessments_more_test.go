// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/questionnaires"
	"fera/internal/worldtest"
)

// complete asks the progress check of somebody, answers every question the same, and completes it.
func (w *world) complete(t *testing.T, her, answer string) string {
	t.Helper()
	begun := w.as("Amina", "POST", "/persons/"+her+"/assessments", `{"questionnaire": "progress_check", "language": "bn"}`).want(t, 201)
	at := strings.TrimPrefix(begun.Header.Get("Location"), "/api/v1")
	var given []string
	for _, name := range []string{"income", "debt", "work", "home", "services", "papers", "support", "belonging", "choice"} {
		given = append(given, `"pc_`+name+`": "`+answer+`"`)
	}
	w.as("Amina", "PUT", at+"/answers", `{"answers": {`+strings.Join(given, ", ")+`}}`).want(t, 200)
	w.as("Amina", "POST", at+"/complete", `{}`).want(t, 200)
	return at
}

// Another system goes on with what was begun, corrects with a reason, throws away, and compares two times.
func TestGoingOnCorrectingAndComparing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := strings.TrimPrefix(w.register(), "/persons/")
		offers := w.as("Amina", "GET", "/persons/"+her+"/questionnaires", "").want(t, 200)
		if !strings.Contains(offers.text, `"progress_check"`) || strings.Contains(offers.text, `"srq20"`) {
			t.Errorf("offers: %s", offers.text)
		}
		first := w.complete(t, her, "1")
		w.as("Amina", "GET", first+"/answers", "").wrong(t, 409, "assessment.complete_already")
		w.as("Basil", "POST", first+"/correct", "").wrong(t, 404, "assessment.not_found")
		taken := w.as("Amina", "POST", first+"/correct", "", "Idempotency-Key", "c1").want(t, 200)
		if !strings.Contains(taken.text, `"pc_income":"1"`) {
			t.Errorf("the correction begins with %s", taken.text)
		}
		if again := w.as("Amina", "POST", first+"/correct", "", "Idempotency-Key", "c1").want(t, 200); !strings.Contains(again.text, `"pc_income":"1"`) {
			t.Errorf("repeated: %s", again.text)
		}
		w.as("Amina", "POST", first+"/correct", "").wrong(t, 409, "assessment.begun_already")
		w.as("Amina", "POST", first+"/drop", "", "Idempotency-Key", "d1").want(t, 200)
		w.as("Amina", "POST", first+"/drop", "", "Idempotency-Key", "d1").want(t, 200)
		w.as("Amina", "POST", first+"/correct", "").want(t, 200)
		w.as("Amina", "POST", first+"/take", "").want(t, 200)
		w.as("Amina", "PUT", first+"/answers", `{"answers": {"pc_income": "4"}}`).want(t, 200)
		if draft := w.as("Amina", "GET", first+"/answers", "").want(t, 200); !strings.Contains(draft.text, `"pc_income":"4"`) {
			t.Errorf("the draft: %s", draft.text)
		}
		w.as("Amina", "POST", first+"/complete", `{}`).wrong(t, 422, "assessment.reason_needed")
		done := w.as("Amina", "POST", first+"/complete", `{"reason": "she said so later"}`, "Idempotency-Key", "f1").want(t, 200)
		if !strings.Contains(done.text, `"round":2`) || !strings.Contains(done.text, `"she said so later"`) {
			t.Errorf("corrected: %s", done.text)
		}
		w.as("Amina", "POST", first+"/complete", `{"reason": "she said so later"}`, "Idempotency-Key", "f1").want(t, 200)
		w.as("Amina", "POST", first+"/complete", `{"reason": "another"}`, "Idempotency-Key", "f1").wrong(t, 409, "operation.reused")
		other := strings.TrimPrefix(first, "/assessments/")
		for _, with := range []string{"01900000-0000-7000-8000-000000000009", "nonsense"} {
			w.as("Amina", "GET", first+"/compare/"+with, "").wrong(t, 404, "assessment.not_found")
		}
		w.as("Basil", "GET", first+"/compare/"+other, "").wrong(t, 404, "assessment.not_found")
		both := w.as("Amina", "GET", first+"/compare/"+other, "").want(t, 200)
		if !strings.Contains(both.text, `"changed":[]`) || !strings.Contains(both.text, `"same_versions":true`) {
			t.Errorf("compared with itself: %s", both.text)
		}
	})
}

// Who is to be told of alerts lists them, opens why, and says once what was done.
func TestAlertsOfTheAPI(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := strings.TrimPrefix(w.register(), "/persons/")
		begun := w.as("Amina", "POST", "/persons/"+her+"/assessments", `{"questionnaire": "phq9"}`)
		if begun.StatusCode != 201 {
			begun.wrong(t, 422, "person.protected_consent_needed")
			w.as("Amina", "POST", "/persons/"+her+"/consents", `{"purpose": "protected", "given": true, "method": "spoken"}`).want(t, 201)
			begun = w.as("Amina", "POST", "/persons/"+her+"/assessments", `{"questionnaire": "phq9"}`).want(t, 201)
		}
		at := strings.TrimPrefix(begun.Header.Get("Location"), "/api/v1")
		w.as("Amina", "PUT", at+"/answers", `{"answers": {"phq9_9": "2"}}`).want(t, 200)
		list := w.as("Chandra", "GET", "/alerts", "").want(t, 200)
		if !strings.Contains(list.text, `"level":"now"`) || strings.Contains(list.text, "harm") || strings.Contains(list.text, "phq9") {
			t.Errorf("the list: %s", list.text)
		}
		id := list.text[strings.Index(list.text, `"id":"`)+6:][:36]
		if got := w.as("Amina", "GET", "/alerts", ""); got.StatusCode != 403 && got.StatusCode != 404 {
			t.Errorf("a caseworker lists alerts: %d", got.StatusCode)
		}
		opened := w.as("Chandra", "POST", "/alerts/"+id+"/open", "").want(t, 200)
		if !strings.Contains(opened.text, "harm") {
			t.Errorf("opened: %s", opened.text)
		}
		w.as("Chandra", "POST", "/alerts/"+id+"/heed", `{"action": ""}`).wrong(t, 422, "assessment.done_needed")
		w.as("Chandra", "POST", "/alerts/"+id+"/heed", `{"action": "her sister is with her"}`, "Idempotency-Key", "h").want(t, 200)
		w.as("Chandra", "POST", "/alerts/"+id+"/heed", `{"action": "her sister is with her"}`, "Idempotency-Key", "h").want(t, 200)
		w.as("Chandra", "POST", "/alerts/"+id+"/heed", `{"action": "again"}`).wrong(t, 409, "assessment.alert_heeded")
		if list := w.as("Chandra", "GET", "/alerts", "").want(t, 200); !strings.Contains(list.text, `"heeded_by":"Chandra"`) {
			t.Errorf("afterwards: %s", list.text)
		}
	})
}

// An administrator wants old answers scored by a version in use, and reads how far that is.
func TestOldAnswersAreScoredAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := strings.TrimPrefix(w.register(), "/persons/")
		at := w.complete(t, her, "1")
		shipped, err := questionnaires.Find("progress_check")
		if err != nil {
			t.Fatal(err)
		}
		newer := *shipped
		newer.Version = "7"
		dbtest.Write(t, d, func(tx *db.Tx) error {
			ref, err := assessments.Bring(t.Context(), tx, worldtest.Farid(), &newer)
			if err != nil {
				return err
			}
			return assessments.Activate(t.Context(), tx, worldtest.Farid(), assessments.Activation{Ref: ref})
		})
		path := "/questionnaires/progress_check/7/rescore"
		if got := w.as("Amina", "POST", path, ""); got.StatusCode != 403 {
			t.Errorf("a caseworker wants it: %d", got.StatusCode)
		}
		if got := w.as("Farid", "POST", path, "").want(t, 200); !strings.Contains(got.text, `"left":1`) {
			t.Errorf("wanted: %s", got.text)
		}
		if _, err := assessments.Work(t.Context(), d, "a server", nil); err != nil {
			t.Fatal(err)
		}
		if got := w.as("Farid", "GET", path, "").want(t, 200); !strings.Contains(got.text, `"scored":1`) || !strings.Contains(got.text, `"finished_at"`) {
			t.Errorf("done: %s", got.text)
		}
		if got := w.as("Amina", "GET", at, "").want(t, 200); !strings.Contains(got.text, `"version":"7"`) || !strings.Contains(got.text, `"version":"1"`) {
			t.Errorf("scores: %s", got.text)
		}
		w.as("Farid", "POST", "/questionnaires/progress_check/1/rescore", "").wrong(t, 409, "instrument.not_active")
	})
}
