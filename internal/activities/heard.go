// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/persons"
)

// Hear enters that a person who came for help says that she heard of it at an activity.
func Hear(ctx context.Context, tx *db.Tx, who access.Actor, person persons.ID, activity ID) error {
	a, err := Find(ctx, tx, who, activity)
	if err != nil {
		return err
	}
	record, _, err := persons.Through(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	if a.Undone {
		return fault.New(fault.Conflict, "activity.undone_already")
	}
	c, err := persons.FindCard(ctx, tx, who, person)
	if err != nil {
		return err
	}
	if dates.Of(c.RegisteredAt).SurelyBefore(a.From) {
		return fault.New(fault.Invalid, "activity.heard_before").On("activity")
	}
	if _, err := tx.Exec(ctx, `INSERT INTO activity_heard (person_id, activity_id, office_id, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(record), string(a.ID), who.Office, who.ID, who.Name, tx.Now()); err != nil {
		return fmt.Errorf("enter where she heard: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, audit.Entry{Subject: a.subject(), Person: string(record), Named: []string{"heard"}})
}

// Unhear takes that back.
func Unhear(ctx context.Context, tx *db.Tx, who access.Actor, person persons.ID, activity ID) error {
	record, _, err := persons.Through(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM activity_heard WHERE activity_id = ? AND (person_id = ? OR person_id IN (SELECT o.record_id FROM ties t JOIN ties o ON o.person_id = t.person_id WHERE t.record_id = ?))`,
		string(activity), string(record), string(record))
	if err != nil {
		return fmt.Errorf("take back where she heard: %w", err)
	}
	if n == 0 {
		return notFound()
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, audit.Entry{Subject: "activity:" + string(activity), Person: string(record), Named: []string{"heard"}})
}

// CameLater returns how many people came for help and said that they heard of it at an activity. It tells nobody who they are.
func CameLater(ctx context.Context, q db.Reader, who access.Actor, id ID) (n int, err error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return 0, err
	}
	err = q.QueryRow(ctx, `SELECT count(DISTINCT COALESCE(t.person_id, h.person_id)) FROM activity_heard h LEFT JOIN ties t ON t.record_id = h.person_id WHERE h.activity_id = ?`, string(id)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count who came: %w", err)
	}
	return n, nil
}

// Heard is where a person heard of help.
type Heard struct {
	Act
	HeardBy string // who entered it
	HeardAt time.Time
}

// HeardOf returns the activities at which a person heard of help, those that who may see.
func HeardOf(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) ([]Heard, error) {
	records, err := persons.Records(ctx, q, who, access.ReadPersons, person)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fault.New(fault.NotFound, "person.not_found")
	}
	may, args := access.Where(who, access.ReadActivities, "a.id")
	for _, r := range records {
		args = append(args, string(r))
	}
	rows, err := q.Query(ctx, `SELECT `+columns+`, h.user_name, h.at FROM activity_heard h JOIN activities a ON a.id = h.activity_id WHERE `+may+` AND h.person_id IN `+db.In(len(records))+` ORDER BY a.from_on DESC, a.id`, args...)
	return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (h Heard, err error) {
		h.Act, err = scan(more{r, []any{&h.HeardBy, db.Time(&h.HeardAt)}})
		return h, err
	})
}

// more scans the columns of an activity and further ones.
type more struct {
	row  interface{ Scan(...any) error }
	rest []any
}

// Scan implements the scanner of a row.
func (m more) Scan(dest ...any) error { return m.row.Scan(append(dest, m.rest...)...) }

// Near returns the activities of the last two years in a person's upazila that she may have heard of help at, the latest first.
func Near(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) ([]Act, error) {
	c, err := persons.FindCard(ctx, q, who, person)
	if err != nil {
		return nil, err
	}
	around := ""
	for _, p := range geo.Path(c.Place) {
		if p.Kind == geo.Upazila || p.Kind == geo.Thana {
			around = p.Code
		}
	}
	if around == "" {
		around = c.Place
	}
	page, err := List(ctx, q, who, Filter{Place: around, From: dates.Of(q.Now()).Add(-730), Limit: 50})
	return page.Acts, err
}
