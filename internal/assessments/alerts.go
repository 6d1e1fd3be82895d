// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/ids"
	"fera/internal/instruments"
	"fera/internal/names"
	"fera/internal/persons"
)

// Alert is an answer that needs somebody. It is raised when the answer is given, whether or not the rest ever is, and stays
// open until somebody who is to be told says what was done.
type Alert struct {
	ID         string
	Assessment ID
	Person     persons.ID
	Item       string // key of the question
	Level      instruments.Level
	RaisedBy   string
	RaisedAt   time.Time
	HeededBy   string
	HeededAt   time.Time // zero while it is open

	Message instruments.Texts // why; like the rest below it is empty until the alert is opened
	Steps   instruments.Texts // what to do
	Done    string            // what was done

	protected bool
	sealed    []byte
}

// inside is what is sealed of an alert.
type inside struct {
	Message instruments.Texts `json:"message"`
	Steps   instruments.Texts `json:"steps"`
	Done    string            `json:"done,omitempty"`
}

const alertColumns = `l.id, l.assessment_id, l.person_id, l.item, l.level, l.sealed, l.raised_by, l.raised_at, l.heeded_by, l.heeded_at, a.protected`

func scanAlert(row interface{ Scan(...any) error }) (l Alert, err error) {
	err = row.Scan(&l.ID, &l.Assessment, &l.Person, &l.Item, &l.Level, &l.sealed, &l.RaisedBy, db.Time(&l.RaisedAt), &l.HeededBy, db.NullTime(&l.HeededAt), &l.protected)
	return l, err
}

func (l *Alert) open(ctx context.Context, q db.Reader) error {
	in, err := openJSON[inside](ctx, q, l.Person, alertPlace(l.ID), l.sealed)
	if err != nil {
		return fmt.Errorf("alert %s: %w", l.ID, err)
	}
	l.Message, l.Steps, l.Done = in.Message, in.Steps, in.Done
	return nil
}

// act is the permission under which the trail enters an act on an alert.
func (l Alert) act(plain, protected access.Permission) access.Permission {
	if l.protected {
		return protected
	}
	return plain
}

// watchers are the users to be told of alerts about a person.
func watchers(ctx context.Context, q db.Reader, person persons.ID) ([]string, error) {
	scopes, err := access.ScopesOf(ctx, q, string(person))
	if err != nil {
		return nil, err
	}
	return accounts.WhoHolds(ctx, q, access.HeedAlerts, scopes...)
}

// raise enters the alarms that were not raised before, and tells the supervisors: not who gives the answers, unless there is
// nobody else. It returns how many are new.
func raise(ctx context.Context, tx *db.Tx, who access.Actor, a Assessment, alarms []filling.Alarm) (raised int, err error) {
	have, err := alertsOf(ctx, tx, a)
	if err != nil {
		return 0, err
	}
	level := instruments.Soon
	for _, alarm := range alarms {
		if slices.ContainsFunc(have, func(l Alert) bool { return l.Item == alarm.Key }) {
			continue
		}
		id := ids.Nth(tx.Now(), raised+1)
		sealed, err := sealJSON(ctx, tx, a.Person, alertPlace(id), inside{Message: alarm.Message, Steps: alarm.Steps})
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO assessment_alerts (id, assessment_id, person_id, item, level, sealed, raised_by, raised_at, heeded_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')`,
			id, string(a.ID), string(a.Person), alarm.Key, string(alarm.Level), sealed, who.Name, tx.Now()); err != nil {
			return 0, err
		}
		if alarm.Level == instruments.Now {
			level = instruments.Now
		}
		raised++
	}
	if raised == 0 {
		return 0, nil
	}
	told, err := watchers(ctx, tx, a.Person)
	if err != nil {
		return 0, err
	}
	if others := slices.DeleteFunc(slices.Clone(told), func(user string) bool { return user == who.ID }); len(others) > 0 {
		told = others
	}
	if err := accounts.Tell(ctx, tx, told, "notice.alert_"+string(level), "person:"+string(a.Person)); err != nil {
		return 0, err
	}
	return raised, audit.Record(ctx, tx, who, a.act(), audit.Entry{Subject: a.subject(), Person: string(a.Person), Named: []string{"alert"}})
}

// alertsOf opens the alerts of an assessment, the earliest first.
func alertsOf(ctx context.Context, q db.Reader, a Assessment) ([]Alert, error) {
	rows, err := q.Query(ctx, `SELECT `+alertColumns+` FROM assessment_alerts l JOIN assessments a ON a.id = l.assessment_id WHERE l.assessment_id = ? ORDER BY l.id`, string(a.ID))
	all, err := db.Collect(rows, err, scanAlert)
	for i := range all {
		if err := all[i].open(ctx, q); err != nil {
			return nil, err
		}
	}
	return all, err
}

// ListAlerts returns the alerts about persons over whom who is to be told: the open ones first, the most urgent of them
// first, then the latest. Why they were raised is not among it: that takes OpenAlert.
func ListAlerts(ctx context.Context, q db.Reader, who access.Actor, limit int) ([]Alert, error) {
	may, args := access.Where(who, access.HeedAlerts, "l.person_id")
	rows, err := q.Query(ctx, `SELECT `+alertColumns+` FROM assessment_alerts l JOIN assessments a ON a.id = l.assessment_id WHERE `+may+`
		ORDER BY CASE WHEN l.heeded_at IS NULL THEN 0 ELSE 1 END, CASE l.level WHEN 'now' THEN 0 ELSE 1 END, l.raised_at DESC, l.id LIMIT ?`, append(args, limit)...)
	all, err := db.Collect(rows, err, scanAlert)
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	return all, nil
}

func findAlert(ctx context.Context, tx *db.Tx, who access.Actor, id string) (Alert, error) {
	may, args := access.Where(who, access.HeedAlerts, "l.person_id")
	l, err := scanAlert(tx.QueryRow(ctx, `SELECT `+alertColumns+` FROM assessment_alerts l JOIN assessments a ON a.id = l.assessment_id WHERE l.id = ? AND `+may,
		append([]any{id}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Alert{}, fault.New(fault.NotFound, "assessment.alert_not_found")
	}
	if err != nil {
		return Alert{}, err
	}
	if err := access.CheckOn(ctx, tx, who, access.HeedAlerts, string(l.Person)); err != nil {
		return Alert{}, err
	}
	return l, l.open(ctx, tx)
}

// OpenAlert shows why an alert was raised and what to do, to who is to be told of it. That is a look, and in the trail.
func OpenAlert(ctx context.Context, tx *db.Tx, who access.Actor, id string) (Alert, error) {
	l, err := findAlert(ctx, tx, who, id)
	if err != nil {
		return Alert{}, err
	}
	return l, audit.Record(ctx, tx, who, l.act(access.HeedAlerts, access.ReadProtected), audit.Entry{Subject: "assessment:" + string(l.Assessment), Person: string(l.Person), Named: []string{"alert"}})
}

// Heed closes an alert with what was done.
func Heed(ctx context.Context, tx *db.Tx, who access.Actor, id, done string) error {
	l, err := findAlert(ctx, tx, who, id)
	if err != nil {
		return err
	}
	done, problem := names.CheckText(done, 1000)
	switch {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", 1000).On("done")
	case len([]rune(done)) < 3:
		return fault.New(fault.Invalid, "assessment.done_needed").On("done")
	case !l.HeededAt.IsZero():
		return fault.New(fault.Conflict, "assessment.alert_heeded").On("done")
	}
	sealed, err := sealJSON(ctx, tx, l.Person, alertPlace(id), inside{l.Message, l.Steps, done})
	if err != nil {
		return fmt.Errorf("heed alert: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE assessment_alerts SET sealed = ?, heeded_by = ?, heeded_at = ? WHERE id = ?`, sealed, who.Name, tx.Now(), id); err != nil {
		return fmt.Errorf("heed alert: %w", err)
	}
	return audit.Record(ctx, tx, who, l.act(access.HeedAlerts, access.ChangeProtected), audit.Entry{Subject: "assessment:" + string(l.Assessment), Person: string(l.Person), Named: []string{"alert_heeded"}})
}
