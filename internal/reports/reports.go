// SPDX-License-Identifier: Apache-2.0

// Package reports keeps reports of projects and of the whole work of an organisation: drafts in which people write beside figures
// that are counted from the records, and issues that are never changed.
//
// What stands in a report is package content, what it is made of package templates, how its figures are counted package counted,
// how it is written out package papers. No names of people have a place in a report.
package reports

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/projects"
	"fera/internal/reports/content"
	"fera/internal/simulated"
)

// ID identifies a report.
type ID string

// State is where a report stands.
type State string

// The states. What was issued stays issued.
const (
	Draft  State = "draft"
	Issued State = "issued"
)

// States returns the states, in the order in which they are offered.
func States() []State { return []State{Draft, Issued} }

// Report is a report as it stands, without what it says.
type Report struct {
	ID           ID
	Number       int // that of the organisation's reports, the same for all issues of one
	Issue        int
	Corrects     ID // the issue before
	Organisation string
	Office       string
	Project      projects.ID // empty for a report of the whole
	Kind         string
	Period       content.Period
	Template     string
	TemplateAt   int // which version of the template
	Audience     content.Audience
	State        State
	Version      int // grows by one with each change
	Exact        bool
	Counted      time.Time
	By           string
	At           time.Time

	figures string // the sections with their figures, as last counted
}

// Stamp is with what a report was issued.
type Stamp struct {
	Hash     string // SHA-256 of what it says
	Position int64  // how long the sealed trail was when the figures were taken
	By       string
	At       time.Time
	Text     []byte // what it says, to the letter
}

func (r Report) subject() string { return "report:" + string(r.ID) }

func notFound() error { return fault.New(fault.NotFound, "report.not_found") }

const columns = `id, number, issue, corrects, organisation_id, office_id, project_id, kind, from_month, to_month, template, template_version, audience, state, version, figures, exact, counted_at, user_name, at`

func scan(row interface{ Scan(...any) error }) (r Report, err error) {
	err = row.Scan(&r.ID, &r.Number, &r.Issue, &r.Corrects, &r.Organisation, &r.Office, &r.Project, &r.Kind, &r.Period.From, &r.Period.To, &r.Template, &r.TemplateAt, &r.Audience, &r.State,
		&r.Version, &r.figures, &r.Exact, db.Time(&r.Counted), &r.By, db.Time(&r.At))
	return r, err
}

// seen keeps those reports alone that who may see: issued ones that she reaches, and drafts of her organisation if she drafts or issues.
func seen(who access.Actor) (string, []any) {
	may, args := access.Where(who, access.ReadReports, "reports.id")
	switch {
	case who.Grants[access.DraftReports].Everywhere:
		return may, args
	case who.Holds(access.DraftReports) || who.Holds(access.IssueReports):
		return may + ` AND (state = 'issued' OR organisation_id = ?)`, append(args, who.Organisation)
	}
	return may + ` AND state = 'issued'`, args
}

// Find returns a report that who may see.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Report, error) {
	may, args := seen(who)
	r, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM reports WHERE id = ? AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Report{}, notFound()
	}
	if err != nil {
		return Report{}, fmt.Errorf("find report: %w", err)
	}
	return r, nil
}

// Filter says which reports are wanted; empty values want all.
type Filter struct {
	Project projects.ID
	Kind    string
	State   State
	Year    int    // those about a month of it
	Before  string // the id of the last one of the page before
	Limit   int
}

// mostListed is how many reports a list has at most.
const mostListed = 100

// List returns the reports that who may see, the latest first.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) ([]Report, error) {
	may, args := seen(who)
	if f.Limit <= 0 || f.Limit > mostListed {
		f.Limit = mostListed
	}
	args = append(args, string(f.Project), string(f.Project), f.Kind, f.Kind, string(f.State), string(f.State), f.Year, f.Year*100+12, f.Year*100+1, f.Before, f.Before, f.Limit)
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM reports WHERE `+may+` AND (? = '' OR project_id = ?) AND (? = '' OR kind = ?) AND (? = '' OR state = ?)
		AND (? = 0 OR (from_month <= ? AND to_month >= ?)) AND (? = '' OR id < ?) ORDER BY id DESC LIMIT ?`, args...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	return all, nil
}

// Issues returns all issues of a report that who may see, the first first; one that is a draft is among them for who may see it.
func Issues(ctx context.Context, q db.Reader, who access.Actor, r Report) ([]Report, error) {
	may, args := seen(who)
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM reports WHERE organisation_id = ? AND number = ? AND `+may+` ORDER BY issue`, append([]any{r.Organisation, r.Number}, args...)...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list issues of report: %w", err)
	}
	return all, nil
}

// MayDraft tells whether who, who sees a report, may write in it, and MayIssue whether she may issue it.
func MayDraft(who access.Actor, r Report) bool {
	return who.Covers(access.DraftReports, access.AtOffice(r.Office), access.OfOrganisation(r.Organisation))
}

// MayIssue tells whether who, who sees a report, may issue it.
func MayIssue(who access.Actor, r Report) bool {
	return who.Covers(access.IssueReports, access.AtOffice(r.Office), access.OfOrganisation(r.Organisation))
}

// SeesMoney tells whether who may see the money in a report; in one of the whole there is none that is for a few alone.
func SeesMoney(ctx context.Context, q db.Reader, who access.Actor, r Report) (bool, error) {
	if r.Project == "" {
		return true, nil
	}
	p, err := projects.Find(ctx, q, who, r.Project)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return false, nil
	}
	return err == nil && projects.SeesMoney(who, p), err
}

// StampOf returns with what a report was issued; the zero Stamp for a draft.
func StampOf(ctx context.Context, q db.Reader, who access.Actor, id ID) (s Stamp, err error) {
	r, err := Find(ctx, q, who, id)
	if err != nil || r.State != Issued {
		return s, err
	}
	var text string
	if err = q.QueryRow(ctx, `SELECT content, hash, position, user_name, at FROM report_issues WHERE report_id = ?`, string(id)).Scan(&text, &s.Hash, &s.Position, &s.By, db.Time(&s.At)); err != nil {
		return s, fmt.Errorf("read issue of report: %w", err)
	}
	s.Text = []byte(text)
	return s, nil
}

// Read returns what a report says: as it was issued, or for a draft the figures as last counted with the texts as last written.
func Read(ctx context.Context, q db.Reader, who access.Actor, id ID) (Report, content.Content, error) {
	r, err := Find(ctx, q, who, id)
	if err != nil {
		return r, content.Content{}, err
	}
	if r.State == Issued {
		s, err := StampOf(ctx, q, who, id)
		if err != nil {
			return r, content.Content{}, err
		}
		c, err := content.Read(s.Text)
		if err == nil && !c.Simulated { // what was issued before its store said so is said to be so too
			c.Simulated, err = simulated.Is(ctx, q)
		}
		return r, c, err
	}
	c, err := r.compose(ctx, q, who)
	return r, c, err
}

// sections are the figures as last counted.
func (r Report) sections() (all []content.Section, err error) {
	if err := json.Unmarshal([]byte(r.figures), &all); err != nil {
		return nil, fmt.Errorf("read figures of report: %w", err)
	}
	return all, nil
}
