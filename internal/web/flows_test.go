// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/words"
)

// flowing has twelve referrals: six for papers, of which all were accepted and five confirmed, three for work, and three protected.
func (l *loop) flowing(t *testing.T) {
	t.Helper()
	answer := func(id referrals.ID, act course.Act) {
		l.clock.Move(24 * time.Hour)
		dbtest.Write(t, l.d, func(tx *db.Tx) error {
			return referrals.Answer(t.Context(), tx, l.users["lima"], referrals.Reply{ID: id, Act: act, Reason: "full"})
		})
	}
	for i := range 6 {
		id := l.refer(t, "documents", nil)
		answer(id, course.Accept)
		if i < 5 {
			answer(id, course.Serve)
			l.hears(t, id, course.Confirm)
		}
	}
	for range 3 {
		l.refer(t, "job", nil)
		answer(l.refer(t, "counselling", nil), course.Decline)
	}
}

// The overview shows how far referrals came, to those who plan; small numbers only to who may see all records, and none that can be
// worked out.
func TestTheOverviewOfReferrals(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return accounts.GrantRole(t.Context(), tx, terminal(), accounts.Held{User: l.users["keya"].ID, Role: access.ProgrammeManager, Scope: "all"})
		})
		wantIn(t, l.page(t, "omar", "/referrals/flow?from=2029-01&to=2029-02"), "Nothing was referred")
		l.flowing(t)
		l.keys = map[string]string{}
		page := l.page(t, "omar", "/referrals/flow")
		wantIn(t, page, "Sent: 14.", "Confirmed by the person: 5.", "fewer than 5", "not shown", "Papers and registration", "protected", "<svg", "nor those beside them")
		wantNotIn(t, "the overview", page, "Rahima", "ounselling</th>", "A job</th><td role=\"cell\" data-label=\"Sent\" class=\"number\">4")
		wantIn(t, l.page(t, "omar", "/"), `href="/referrals/flow"`)
		whole := l.page(t, "keya", "/referrals/flow?by=need")
		wantNotIn(t, "for who may see all records the overview", whole, "fewer than 5", "not shown")
		wantIn(t, whole, "5 (36%)")
		for _, query := range []string{"?by=district", "?by=organisation", "?by=month", "?need=protected", "?need=documents&district=3056", "?provider=" + l.users["lima"].ID, "?from=x&to=y&by=z&need=q&district=30", "?from=2030-01&to=2029-01"} {
			l.page(t, "omar", "/referrals/flow"+query)
		}
		wantIn(t, l.page(t, "keya", "/referrals/flow?need=protected"), "Sent: 4.")
		wantIn(t, l.page(t, "keya", "/referrals/flow?by=organisation"), "Bandhan")
		wantIn(t, l.page(t, "keya", "/referrals/flow?by=district&need=documents"), "Manikganj")
		l.speak(t, "omar", words.Bangla)
		wantIn(t, l.page(t, "omar", "/referrals/flow"), "পাঠানো: ১৪।", "৫-এর কম")
		for _, login := range []string{"lima", "amina", "esha", "farid", "dipu"} {
			if a := l.get(t, login, "/referrals/flow"); a.status != http.StatusNotFound {
				t.Errorf("%s sees the overview: %d", login, a.status)
			}
		}
		if strings.Contains(l.log.String(), "district=") {
			t.Error("the log holds what was asked")
		}
	})
}
