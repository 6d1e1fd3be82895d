// SPDX-License-Identifier: Apache-2.0

package services

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/programmes"
)

// Due is somebody who is to be told how a matter of hers stands. What matter, is class 3 and not here.
type Due struct {
	Case    cases.ID
	Service ID
	On      dates.Partial
}

// ToTell returns whom who has to tell how a matter stands, the most pressing first: those of cases that who has herself, and of whom who
// sees what is protected. It says nothing of what the matter is.
func ToTell(ctx context.Context, q db.Reader, who access.Actor, limit int) ([]Due, error) {
	may, args := access.Where(who, access.ReadCases, "c.id")
	protected, more := access.Where(who, access.ReadProtected, "c.person_id")
	args = append(append(append([]any{cases.Never, who.ID}, args...), more...), limit)
	rows, err := q.Query(ctx, `SELECT k.case_id, k.service_id, k.due_on FROM service_clocks k JOIN cases c ON c.id = k.case_id
		WHERE k.ended_at IS NULL AND k.due_on < ? AND c.worker_id = ? AND c.ended_at IS NULL AND c.paused = FALSE AND `+may+` AND `+protected+`
		ORDER BY k.due_on, k.service_id LIMIT ?`, args...)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (d Due, err error) {
		err = r.Scan(&d.Case, &d.Service, &d.On)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("list whom to tell: %w", err)
	}
	return all, nil
}

// Upkeep is the work on promises to tell that comes again and again. The zero Upkeep has done nothing yet.
type Upkeep struct{ basis string }

// Work reckons all promises anew when the calendar, a programme, a pause or the day is another than the last time, and then sends the
// reminders that are due.
func (u *Upkeep) Work(ctx context.Context, d *db.DB) error {
	basis := ""
	if err := d.Read(ctx, func(q db.Reader) (err error) { basis, err = basisOf(ctx, q); return err }); err != nil {
		return fmt.Errorf("read basis of promises: %w", err)
	}
	if basis != u.basis {
		if err := reckonAll(ctx, d); err != nil {
			return fmt.Errorf("reckon promises: %w", err)
		}
		u.basis = basis
	}
	_, err := remindAll(ctx, d)
	return err
}

// basisOf names all by which promises are reckoned beside themselves. What is counted is entered and ended, never changed, so that the
// numbers tell.
func basisOf(ctx context.Context, q db.Reader) (string, error) {
	var days, ended, set, going, pauses, over int
	err := q.QueryRow(ctx, `SELECT (SELECT count(*) FROM calendar_days), (SELECT count(*) FROM calendar_days WHERE ended_at IS NOT NULL), (SELECT count(*) FROM programmes),
		(SELECT count(*) FROM service_clocks k JOIN cases c ON c.id = k.case_id WHERE k.ended_at IS NULL AND c.ended_at IS NULL),
		(SELECT count(*) FROM case_pauses p JOIN service_clocks k ON k.case_id = p.case_id WHERE k.ended_at IS NULL),
		(SELECT count(*) FROM case_pauses p JOIN service_clocks k ON k.case_id = p.case_id WHERE k.ended_at IS NULL AND p.ends <> '')`).
		Scan(&days, &ended, &set, &going, &pauses, &over)
	return fmt.Sprintf("%s %d %d %d %d %d %d", dates.Of(q.Now()), days, ended, set, going, pauses, over), err
}

// atOnce is how many promises one transaction of upkeep changes.
const atOnce = 200

// reckonAll reckons all promises that hold, and writes those that came out otherwise than before.
func reckonAll(ctx context.Context, d *db.DB) error {
	for after := ""; ; {
		n, last := 0, after
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+clockColumns+` FROM service_clocks k WHERE k.ended_at IS NULL AND k.service_id > ? ORDER BY k.service_id LIMIT ?`, after, atOnce)
			all, err := db.Collect(rows, err, scanClock)
			if err != nil {
				return err
			}
			n = len(all)
			for _, k := range all {
				was := k
				if err := k.reckon(ctx, tx); err != nil {
					return err
				}
				if k.dueOn != was.dueOn { // else a reminder that is due by now would be passed over
					if err := k.write(ctx, tx); err != nil {
						return err
					}
				}
			}
			if n > 0 {
				last = string(all[n-1].service)
			}
			return nil
		})
		if after = last; err != nil || n < atOnce {
			return err
		}
	}
}

// remindAll tells those who are to be reminded by now that somebody is to be told: the caseworker, or those who give cases out. The notice
// names the case and nothing of what the matter is. It returns of how many somebody was reminded.
func remindAll(ctx context.Context, d *db.DB) (n int, err error) {
	for {
		some := 0
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+clockColumns+` FROM service_clocks k WHERE k.alarm_at <= ? ORDER BY k.alarm_at LIMIT ?`, tx.Now(), atOnce)
			all, err := db.Collect(rows, err, scanClock)
			if err != nil {
				return err
			}
			some = len(all)
			for _, k := range all {
				if err := k.remind(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		n += some
		if err != nil || some < atOnce {
			if err != nil {
				err = fmt.Errorf("remind of promises: %w", err)
			}
			return n, err
		}
	}
}

func (k clock) remind(ctx context.Context, tx *db.Tx) error {
	var worker, office, organisation string
	err := tx.QueryRow(ctx, `SELECT worker_id, office_id, organisation_id FROM cases WHERE id = ?`, string(k.of)).Scan(&worker, &office, &organisation)
	if err != nil {
		return err
	}
	told := []string{worker}
	if k.alarmTo == programmes.ToSupervisor || worker == "" {
		scopes := []access.Scope{access.AtOffice(office), access.OfOrganisation(organisation)}
		if worker != "" {
			scopes = append(scopes, access.OnCaseload(worker))
		}
		if told, err = accounts.WhoHolds(ctx, tx, access.AssignCase, scopes...); err != nil {
			return err
		}
	}
	key := "notice.case_due"
	if k.dueOn < dates.Of(tx.Now()).String() {
		key = "notice.case_late"
	}
	if err := accounts.Tell(ctx, tx, told, key, "case:"+string(k.of)); err != nil {
		return err
	}
	return k.write(ctx, tx)
}
