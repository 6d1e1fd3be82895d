// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
)

// rescored says how far old answers are scored by the version of the page, to who may want that.
func (v *questionnaireView) rescored(r *request, q db.Reader) error {
	v.Scores = v.May && v.Stands == assessments.InUse && len(v.Definition.Scales) > 0
	now, wanted, err := assessments.FindRescoring(r.Context(), q, r.Who, v.Ref)
	switch {
	case err != nil || !wanted:
		return err
	case now.EndedAt.IsZero() && v.Stands == assessments.Coming:
		v.Rescored = r.S.T("assessment.rescore_coming")
	case now.EndedAt.IsZero():
		v.Rescored = r.S.T("assessment.rescore_going", "count", now.Scored, "of", now.Scored+now.Left)
		v.Scores = false
	default:
		v.Rescored = r.S.T("assessment.rescore_done", "count", now.Scored, "when", dates.Near(r.S, now.EndedAt, r.Now))
	}
	return nil
}

func (s *Server) rescoreQuestionnaire(r *request, tx *db.Tx) (string, error) {
	r.Say("instrument_rescoring")
	_, err := assessments.RescoreAll(r.Context(), tx, r.Who, r.ref())
	return questionnairePath(r.ref()), err
}
