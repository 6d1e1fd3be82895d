// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"context"
	"fmt"
	"time"

	"fera/internal/db"
	"fera/internal/reports/content"
	"fera/internal/reports/overlaps"
)

// before are the reports for outside of the same project, or of the same whole, that were issued before this one.
func (r Report) before(ctx context.Context, q db.Reader) ([]overlaps.Report, error) {
	until := q.Now().Add(time.Hour)
	if r.State == Issued {
		if err := q.QueryRow(ctx, `SELECT at FROM report_issues WHERE report_id = ?`, string(r.ID)).Scan(db.Time(&until)); err != nil {
			return nil, fmt.Errorf("read issue of report: %w", err)
		}
	}
	rows, err := q.Query(ctx, `SELECT r.number, r.issue, i.content FROM reports r JOIN report_issues i ON i.report_id = r.id
		WHERE r.audience = ? AND r.project_id = ? AND (r.project_id <> '' OR r.organisation_id = ?) AND r.id <> ? AND i.at < ? ORDER BY i.at, r.id`,
		string(content.Outside), string(r.Project), r.Organisation, string(r.ID), until)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (o overlaps.Report, err error) {
		var text string
		if err = row.Scan(&o.Number, &o.Issue, &text); err != nil {
			return o, err
		}
		c, err := content.Read([]byte(text))
		o.Period, o.Sections = c.Period, c.Sections
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("read reports that were issued: %w", err)
	}
	return all, nil
}
