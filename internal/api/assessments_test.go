// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
)

// Another system begins a questionnaire, gives its answers, completes it and reads the scores.
func TestAssessments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := strings.TrimPrefix(w.register(), "/persons/")
		list := w.as("Amina", "GET", "/questionnaires", "").want(t, 200)
		if !strings.Contains(list.text, `"pending_permission"`) || !strings.Contains(list.text, `"phq9"`) {
			t.Errorf("questionnaires: %s", list.text)
		}
		begun := w.as("Amina", "POST", "/persons/"+her+"/assessments", `{"questionnaire": "progress_check", "language": "bn"}`).want(t, 201)
		at := strings.TrimPrefix(begun.Header.Get("Location"), "/api/v1")
		w.as("Amina", "POST", "/persons/"+her+"/assessments", `{"questionnaire": "progress_check"}`).wrong(t, 409, "assessment.begun_already")
		w.as("Amina", "POST", "/persons/"+her+"/assessments", `{"questionnaire": "srq20"}`).wrong(t, 409, "instrument.not_active")
		state := w.as("Amina", "PUT", at+"/answers", `{"answers": {"pc_income": "4", "pc_debt": "4", "pc_work": "4"}}`).want(t, 200)
		if !strings.Contains(state.text, `"pc_income":"4"`) {
			t.Errorf("kept: %s", state.text)
		}
		w.as("Amina", "PUT", at+"/answers", `{"answers": {"nothing": "1"}}`).wrong(t, 422, "instrument.no_such_question")
		w.as("Basil", "PUT", at+"/answers", `{"answers": {"pc_income": "0"}}`).wrong(t, 404, "assessment.not_found")
		w.as("Amina", "PUT", at+"/answers", `{"answers": {"pc_home": "2", "pc_services": "2", "pc_papers": "2", "pc_support": "0", "pc_belonging": "0", "pc_choice": "0"}}`).want(t, 200)
		done := w.as("Amina", "POST", at+"/complete", `{}`).want(t, 200)
		if !strings.Contains(done.text, `"value":0.5`) || !strings.Contains(done.text, `"status":"complete"`) {
			t.Errorf("complete: %s", done.text)
		}
		w.as("Amina", "POST", at+"/complete", `{}`).wrong(t, 409, "assessment.complete_already")
		for _, path := range []string{at, "/persons/" + her + "/assessments", "/persons/" + her + "/scores/progress_check"} {
			if got := w.as("Amina", "GET", path, "").want(t, 200); !strings.Contains(got.text, `"progress_check"`) {
				t.Errorf("%s: %s", path, got.text)
			}
			if w.as("Basil", "GET", path, "").StatusCode != 404 {
				t.Errorf("%s: Basil sees it", path)
			}
		}
	})
}
