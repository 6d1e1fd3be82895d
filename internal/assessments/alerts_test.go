// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/assessments"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// hire writes users with their roles, so that there is somebody to tell.
func hire(t *testing.T, d *db.DB, held map[string]string, all ...access.Actor) {
	t.Helper()
	if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
		for _, a := range all {
			role, scope, _ := strings.Cut(held[a.Name], " ")
			for _, statement := range []struct {
				text string
				args []any
			}{
				{`INSERT INTO organisations (id, name_en, name_bn, kind, added_at, version) VALUES (?, 'x', 'x', 'ngo', ?, 1) ON CONFLICT DO NOTHING`, []any{a.Organisation, tx.Now()}},
				{`INSERT INTO offices (id, organisation_id, name_en, name_bn, kind, place_code, opened_at, version) VALUES (?, ?, 'x', 'x', 'branch', '30', ?, 1) ON CONFLICT DO NOTHING`, []any{a.Office, a.Organisation, tx.Now()}},
				{`INSERT INTO users (id, login, name, office_id, language, password, totp_step, enrolment, added_at, version) VALUES (?, ?, ?, ?, 'bn', '', 0, '', ?, 1)`,
					[]any{a.ID, strings.ToLower(a.Name), a.Name, a.Office, tx.Now()}},
				{`INSERT INTO user_roles (user_id, role, scope, granted_by, granted_at) VALUES (?, ?, ?, ?, ?)`, []any{a.ID, role, scope, a.ID, tx.Now()}},
			} {
				if _, err := tx.Exec(t.Context(), statement.text, statement.args...); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func notices(t *testing.T, d *db.DB, who access.Actor) (keys []string) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		all, err := accounts.Notices(ctx, q, who, 50)
		for _, n := range all {
			keys = append(keys, n.Key)
		}
		return err
	})
	return keys
}

func alerts(t *testing.T, d *db.DB, who access.Actor) (all []assessments.Alert) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
		all, err = assessments.ListAlerts(ctx, q, who, 50)
		return err
	})
	return all
}

// A thought of death tells the supervisor when it is answered, long before the questionnaire is complete, and once.
func TestAnAlertIsRaisedAtOnce(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		hire(t, d, map[string]string{"Chandra": "supervisor " + access.OfOrganisation(worldtest.Aparajita), "Basil": "supervisor " + access.AtOffice(worldtest.Barishal)}, chandra, worldtest.Basil())
		p := rahima(t, d)
		id := begin(t, d, amina, p, "phq9")
		if o := save(t, d, amina, id, phq9(3, 3, 3, 3, 3, 3, 3, 3)); len(o.Alerts) != 0 || len(notices(t, d, chandra)) != 0 {
			t.Errorf("alerts %+v before there is a reason", o.Alerts)
		}
		o := save(t, d, amina, id, map[string]string{"phq9_9": "1"})
		if len(o.Alerts) != 1 || o.Alerts[0].Level != instruments.Now || o.Alerts[0].Steps["bn"] == "" || !o.Heard {
			t.Fatalf("alerts %+v, want one with its steps", o.Alerts)
		}
		save(t, d, amina, id, map[string]string{"phq9_9": "0"})
		save(t, d, amina, id, map[string]string{"phq9_9": "3"})
		finish(t, d, amina, id, "")
		if got := notices(t, d, chandra); len(got) != 1 || got[0] != "notice.alert_now" {
			t.Errorf("told %v, want once", got)
		}
		if got := notices(t, d, worldtest.Basil()); len(got) != 0 {
			t.Errorf("another organisation's supervisor was told %v", got)
		}
		all := alerts(t, d, chandra)
		if len(all) != 1 || all[0].Person != p || all[0].RaisedBy != "Amina" || all[0].Message != nil {
			t.Fatalf("the supervisor's list: %+v", all)
		}
		var opened assessments.Alert
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			opened, err = assessments.OpenAlert(ctx, tx, chandra, all[0].ID)
			return err
		})
		if opened.Message["en"] == "" || opened.Steps["bn"] == "" {
			t.Errorf("opened %+v", opened)
		}
		_, err := look(t, d, chandra, id) // the reason is all that an alert opens
		refused(t, err, "assessment.not_found")
		heed := func(who access.Actor, done string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Heed(ctx, tx, who, all[0].ID, done) })
		}
		refused(t, heed(chandra, " "), "assessment.done_needed")
		refused(t, heed(amina, "called her sister"), "assessment.alert_not_found")
		clock.Move(time.Hour)
		if err := heed(chandra, "called her sister, who is with her now"); err != nil {
			t.Fatal(err)
		}
		refused(t, heed(chandra, "again"), "assessment.alert_heeded")
		o, err = look(t, d, amina, id)
		if err != nil || o.Alerts[0].Done != "called her sister, who is with her now" || o.Alerts[0].HeededBy != "Chandra" || o.Alerts[0].HeededAt.IsZero() {
			t.Errorf("heeded: %+v %v", o.Alerts, err)
		}
	})
}

// When there is nobody to tell, that is said, and a supervisor who asks herself is told herself.
func TestAnAlertSaysWhetherAnybodyHears(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		bring(t, d, household("1", 1), dayOf(clock, 0))
		id := begin(t, d, amina, p, "household")
		o := save(t, d, amina, id, map[string]string{"worry": "b", "why": "please help"})
		if len(o.Alerts) != 1 || o.Alerts[0].Level != instruments.Soon || o.Heard {
			t.Errorf("alerts %+v, heard %t: want one that nobody hears", o.Alerts, o.Heard)
		}
		chandra := worldtest.Chandra()
		hire(t, d, map[string]string{"Chandra": "supervisor " + access.OfOrganisation(worldtest.Aparajita)}, chandra)
		id = begin(t, d, chandra, rahima(t, d), "household")
		save(t, d, chandra, id, map[string]string{"worry": "b", "why": "please help"})
		if got := notices(t, d, chandra); len(got) != 1 || got[0] != "notice.alert_soon" {
			t.Errorf("told %v", got)
		}
	})
}

// The trail tells each look at what is protected and each act, by names and never by values, and nothing in the open.
func TestTheTrail(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		clock.Move(time.Second)
		id := begin(t, d, amina, p, "phq9")
		clock.Move(time.Second)
		save(t, d, amina, id, phq9(3, 3, 3, 3, 3, 3, 3, 3, 0))
		clock.Move(time.Second)
		finish(t, d, amina, id, "")
		clock.Move(time.Second)
		look(t, d, amina, id)
		clock.Move(time.Second)
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Correct(ctx, tx, amina, id) })
		clock.Move(time.Second)
		save(t, d, amina, id, map[string]string{"phq9_2": "1"})
		clock.Move(time.Second)
		finish(t, d, amina, id, "Zqreason")
		clock.Move(time.Second)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.LookCourse(ctx, tx, amina, p, "phq9")
			return err
		})
		clock.Move(time.Second)
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			lines, err := audit.List(ctx, q, audit.Filter{Person: string(p), Limit: 50})
			var got []string
			for i := len(lines) - 1; i >= 0; i-- {
				got = append(got, fmt.Sprint(lines[i].Act, lines[i].Fields))
			}
			want := []string{"person.change_protected[assessment phq9]", "person.change_protected[assessment_complete phq9]", "person.read_protected[assessment phq9]",
				"person.read_protected[assessment phq9]", "person.change_protected[assessment_corrected phq9 phq9_2]", "person.read_protected[assessment phq9]"}
			if fmt.Sprint(got[1:]) != fmt.Sprint(want) {
				t.Errorf("the trail:\n%s\nwant\n%s", strings.Join(got[1:], "\n"), strings.Join(want, "\n"))
			}
			return err
		})
	})
}

// Whoever sees a person but not class 3 sees the same whether she was asked something protected or not.
func TestProtectedLeavesNoSign(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		with, without := rahima(t, d), rahima(t, d)
		for _, p := range []persons.ID{with, without} {
			id := begin(t, d, amina, p, "progress_check")
			save(t, d, amina, id, check("2"))
			finish(t, d, amina, id, "")
		}
		secret := begin(t, d, amina, with, "phq9")
		save(t, d, amina, secret, phq9(3, 3, 3, 3, 3, 3, 3, 3, 3))
		finish(t, d, amina, secret, "")
		begin(t, d, amina, with, "gad7")
		for _, who := range []access.Actor{worldtest.Chandra(), worldtest.Esha(), worldtest.Basil(), worldtest.Farid(), worldtest.Dipu()} {
			shown := func(p persons.ID) string {
				var b strings.Builder
				d.Read(t.Context(), func(q db.Reader) error {
					all, err := assessments.List(t.Context(), q, who, p)
					for _, l := range all {
						fmt.Fprintln(&b, l.Ref, l.Status, l.Round)
					}
					fmt.Fprintln(&b, err)
					offers, err := assessments.Offered(t.Context(), q, who, p)
					for _, o := range offers {
						fmt.Fprintln(&b, o.Ref, key(fault2(o.Why)))
					}
					fmt.Fprintln(&b, err)
					history, err := persons.History(t.Context(), q, who, p, audit.Filter{Limit: 50})
					for _, l := range history {
						fmt.Fprintln(&b, l.Act, l.Fields)
					}
					fmt.Fprintln(&b, err)
					_, err = assessments.Course(t.Context(), q, who, p, "phq9")
					fmt.Fprintln(&b, err)
					return nil
				})
				lines := strings.Split(b.String(), "\n")
				slices.Sort(lines)
				return strings.Join(lines, "\n")
			}
			if x, y := shown(with), shown(without); x != y || strings.Contains(x, "gad7") {
				t.Errorf("%s sees with class 3\n%s\nand without\n%s", who.Name, x, y)
			}
			_, err := look(t, d, who, secret)
			refused(t, err, "assessment.not_found")
		}
	})
}

func fault2(f *fault.Error) error {
	if f == nil {
		return nil
	}
	return f
}
