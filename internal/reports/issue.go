// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"context"
	"encoding/json"
	"fmt"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/operations"
	"fera/internal/projects"
	"fera/internal/reports/content"
)

// Issuing issues a report as it was read.
type Issuing struct {
	Report  ID
	Version int // that it was read at
}

// Issue issues a report. From then on it is never changed. What it says has to be what the records come to now: if they moved since
// the figures were counted, it is refused, so that nobody issues what she did not see.
func Issue(ctx context.Context, tx *db.Tx, who access.Actor, i Issuing) error {
	r, err := drafted(ctx, tx, who, i.Report, access.IssueReports)
	if err != nil {
		return err
	}
	if i.Version != r.Version {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	c, err := r.compose(ctx, tx, who)
	if err != nil {
		return err
	}
	if len(c.Sections) == 0 || c.Sections[0].Text.Empty() {
		return fault.New(fault.Invalid, "report.nothing_written")
	}
	now, err := r.fill(ctx, tx, who, r.Exact)
	if err != nil {
		return err
	}
	if text, err := json.Marshal(now); err != nil {
		return err
	} else if string(text) != r.figures {
		return fault.New(fault.Conflict, "report.figures_moved")
	}
	c.Counted = tx.Now()
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	var position int64
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(position), 0) FROM audit_entries WHERE position IS NOT NULL`).Scan(&position); err != nil {
		return fmt.Errorf("issue report: %w", err)
	}
	r.State, r.Counted = Issued, c.Counted
	if err := r.touch(ctx, tx); err != nil {
		return err
	}
	hash := content.Hash(text)
	if _, err := tx.Exec(ctx, `INSERT INTO report_issues (report_id, content, hash, position, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		string(r.ID), string(text), hash, position, who.ID, who.Name, tx.Now()); err != nil {
		return fmt.Errorf("issue report: %w", err)
	}
	return audit.Record(ctx, tx, who, access.IssueReports, audit.Entry{Subject: r.subject(), After: map[string]any{"number": r.Number, "issue": r.Issue, "hash": hash, "position": position}})
}

// Correcting begins a corrected issue of a report.
type Correcting struct {
	Operation string // id of the act; see package operations
	Report    ID
	Why       string
}

// Correct begins the next issue of a report that was issued, with the same texts and figures counted anew. The old issue stays.
func Correct(ctx context.Context, tx *db.Tx, who access.Actor, c Correcting) (ID, error) {
	old, err := Find(ctx, tx, who, c.Report)
	if err != nil {
		return "", err
	}
	if err := access.Check(tx, who, access.DraftReports, access.AtOffice(old.Office), access.OfOrganisation(old.Organisation)); err != nil {
		return "", err
	}
	if old.State != Issued {
		return "", fault.New(fault.Conflict, "report.not_issued")
	}
	if f := text(&c.Why, 500, "why"); f != nil {
		return "", f
	}
	if c.Why == "" {
		return "", fault.New(fault.Invalid, "fault.needed").On("why")
	}
	same, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	r := old
	r.ID, r.Issue, r.Corrects, r.State, r.Version = ID(ids.New(tx.Now())), old.Issue+1, old.ID, Draft, 1
	if earlier, err := operations.Once(ctx, tx, who, c.Operation, string(r.ID), same); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	if err := r.open(ctx, tx, who, c.Why); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO report_texts (report_id, section, number, text_bn, text_en, user_id, user_name, at)
		SELECT ?, t.section, 1, t.text_bn, t.text_en, t.user_id, t.user_name, t.at FROM report_texts t WHERE t.report_id = ?
		AND t.number = (SELECT max(n.number) FROM report_texts n WHERE n.report_id = t.report_id AND n.section = t.section)`, string(r.ID), string(old.ID)); err != nil {
		return "", fmt.Errorf("correct report: %w", err)
	}
	lessons, err := lessonsOf(ctx, tx, old.ID)
	if err != nil {
		return "", err
	}
	for _, l := range lessons {
		l.Report = r.ID
		if err := l.insert(ctx, tx, r.Organisation, ids.New(tx.Now())); err != nil {
			return "", err
		}
	}
	return r.ID, nil
}

// Revised returns which figures of a report are others now than they were issued, or than they were last counted while it is a draft,
// as far as who reads it may know. What an issued report says stays as it is.
func Revised(ctx context.Context, q db.Reader, who access.Actor, r Report) ([]content.Change, error) {
	was, err := r.sections()
	if err != nil {
		return nil, err
	}
	if r.State == Issued {
		s, err := StampOf(ctx, q, who, r.ID)
		if err != nil {
			return nil, err
		}
		c, err := content.Read(s.Text)
		if err != nil {
			return nil, err
		}
		was = c.Sections
	}
	if r.Project != "" {
		if _, err := projects.Find(ctx, q, who, r.Project); fault.KindOf(err) == fault.NotFound && err != nil {
			return nil, nil // who reads the report and not the project is told nothing more
		}
	}
	now, err := r.fill(ctx, q, who, r.Exact || r.State == Draft)
	if err != nil {
		return nil, err
	}
	return content.Changes(was, now), nil
}
