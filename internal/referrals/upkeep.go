// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/referrals/course"
)

// atOnce is how many referrals one transaction of upkeep changes.
const atOnce = 200

// Work reminds those whose turn it is, tells others of the silence, and ends what nobody answered. It returns how many referrals it
// did something about. Reminders that were missed while the program stood still are not sent one after another.
func Work(ctx context.Context, d *db.DB) (n int, err error) {
	for {
		some := 0
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+columns+` FROM referrals r WHERE r.alarm_at <= ? ORDER BY r.alarm_at LIMIT ?`, tx.Now(), atOnce)
			all, err := db.Collect(rows, err, scan)
			if err != nil {
				return err
			}
			some = len(all)
			for _, r := range all {
				if err := r.remind(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		n += some
		if err != nil {
			return n, err
		}
		if some < atOnce {
			break
		}
	}
	discarded, err := discardBrought(ctx, d)
	return n + discarded, err
}

// remind tells whom the present alarm is for, and sets the next.
func (r Referral) remind(ctx context.Context, tx *db.Tx) error {
	if err := r.open(ctx, tx); err != nil {
		return err
	}
	to := r.alarmTo
	if r.State.Theirs() && r.DueOn < dates.Of(tx.Now()).String() {
		r.Silent = true
	}
	if to == expiry {
		who := access.System(access.SendReferral)
		if err := r.keep(ctx, tx, who, done{act: course.Expire, side: course.System}); err != nil {
			return err
		}
		if err := r.endPasses(ctx, tx, answering); err != nil {
			return err
		}
		return r.tellSenders(ctx, tx, "notice.referral_expired")
	}
	if err := r.reckon(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE referrals SET silent = ?, alarm_to = ?, alarm_at = ? WHERE id = ?`, r.Silent, r.alarmTo, orNull(r.alarmAt), string(r.ID)); err != nil {
		return fmt.Errorf("remind of referral: %w", err)
	}
	switch to {
	case "receiver":
		return r.tellReceivers(ctx, tx, "notice.referral_due")
	case "sender":
		key := "notice.referral_silent"
		if !r.State.Theirs() && r.State != course.Withdrawn {
			key = "notice.referral_turn"
		}
		return r.tellSenders(ctx, tx, key)
	}
	return r.tellSupervisors(ctx, tx)
}

// tellSupervisors tells those who give out the cases of the office.
func (r Referral) tellSupervisors(ctx context.Context, tx *db.Tx) error {
	if r.Outside() {
		return nil
	}
	users, err := accounts.WhoHolds(ctx, tx, access.AssignCase, access.AtOffice(r.FromOffice), access.OfOrganisation(r.From))
	if err != nil {
		return err
	}
	return accounts.Tell(ctx, tx, users, "notice.referral_stuck", r.subject())
}

// Conduct is how a provider answers what it is asked.
type Conduct struct {
	Organisation string  // its entry in the directory
	Days         float64 // that the middle one of its decisions took since the referral was sent; of those of this year, and in its first half of the last too
	Answered     int
	Unanswered   int // that are overdue now
}

// Conducts reckons how providers answer, for the directory. Nobody is named in it.
func Conducts(ctx context.Context, q db.Reader) ([]Conduct, error) {
	today := dates.Of(q.Now())
	from := today.Add(-182).String()[:4]
	type line struct {
		organisation string
		counted2
	}
	rows, err := q.Query(ctx, `SELECT named, days, sum(n) FROM referral_flows WHERE part = ? AND step IN ('agreed', 'declined') AND period >= ? GROUP BY named, days
		HAVING sum(n) > 0 ORDER BY named, days`, daysProvider, from)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (l line, err error) {
		return l, row.Scan(&l.organisation, &l.days, &l.n)
	})
	if err != nil {
		return nil, err
	}
	var some []Conduct
	at := map[string]int{}
	of := func(id string) *Conduct {
		if _, ok := at[id]; !ok {
			at[id], some = len(some), append(some, Conduct{Organisation: id})
		}
		return &some[at[id]]
	}
	days := map[string][]counted2{}
	for _, l := range all {
		of(l.organisation).Answered += l.n
		days[l.organisation] = append(days[l.organisation], l.counted2)
	}
	for id, d := range days {
		of(id).Days = median(d, of(id).Answered)
	}
	rows, err = q.Query(ctx, `SELECT to_organisation, count(*) FROM referrals WHERE silent = ? AND state IN ('sent', 'received', 'accepted', 'waiting', 'appointed', 'reopened') AND `+
		access.Real("id")+` GROUP BY to_organisation ORDER BY to_organisation`, true)
	type silent struct {
		organisation string
		n            int
	}
	quiet, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s silent, err error) {
		return s, row.Scan(&s.organisation, &s.n)
	})
	for _, s := range quiet {
		of(s.organisation).Unanswered = s.n
	}
	return some, err
}

// Forget takes out of the referrals of a person who was erased whatever she could be known by; what is under way ends, and its provider
// is told. What stays is what the totals need.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM referrals r WHERE r.person_id = ? ORDER BY r.id`, string(person))
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return fmt.Errorf("forget referrals: %w", err)
	}
	for _, r := range all {
		if err := r.forget(ctx, tx); err != nil {
			return fmt.Errorf("forget referral: %w", err)
		}
	}
	return nil
}

func (r Referral) forget(ctx context.Context, tx *db.Tx) error {
	before := r
	if r.State.Open() {
		r.State, r.EndedAt, r.Acknowledged = course.Withdrawn, tx.Now(), tx.Now()
		if err := r.tellReceivers(ctx, tx, "notice.referral_withdrawn"); err != nil {
			return err
		}
	}
	if err := flow(ctx, tx, before, r); err != nil {
		return err
	}
	return r.blank(ctx, tx)
}

// blank takes out of a referral whatever somebody could be known by; how far it came stays.
func (r Referral) blank(ctx context.Context, tx *db.Tx) error {
	for _, statement := range []string{
		`DELETE FROM referral_passes WHERE referral_id = ?`,
		`DELETE FROM referral_letters WHERE referral_id = ?`,
		`DELETE FROM referral_answers WHERE referral_id = ?`,
		`UPDATE referral_events SET user_id = '', user_name = '', sealed = NULL WHERE referral_id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, string(r.ID)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE referrals SET state = ?, sealed = NULL, user_id = '', user_name = '', due_on = ?, alarm_at = NULL, ended_at = ?, acknowledged_at = ?, version = version + 1 WHERE id = ?`,
		string(r.State), cases.Never, orNull(r.EndedAt), orNull(r.Acknowledged), string(r.ID))
	return err
}
