// SPDX-License-Identifier: Apache-2.0

package projects

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/offices"
)

// Subject is what kind of thing counts for a project.
type Subject string

// What may count for a project.
const (
	Persons    Subject = "person"
	Cases      Subject = "case"
	Services   Subject = "service"
	Activities Subject = "activity"
)

// Subjects returns what may count for a project.
func Subjects() []Subject { return []Subject{Persons, Cases, Services, Activities} }

// Condition is a condition of SQL with its arguments.
type Condition struct {
	SQL  string
	Args []any
}

// Counts returns the condition that keeps those rows alone that count for a project, of subjects whose ids stand in column. Each
// is kept once, however many rows and rules let it in.
//
// A case counts when it is named, or when a rule of the project covers it. A person counts when she is named, or when a case of
// hers does; by the record of the register, so that who counts people asks package ties who is one. A service counts when it is
// named, or when it was given in a case that counts between the days from and to which the case does. An activity counts when
// it is named. What is named as not counting does not count, whatever lets it in.
func Counts(project ID, subject Subject, column string) Condition {
	id := string(project)
	named := `SELECT n.subject_id FROM project_counts n WHERE n.project_id = ? AND n.kind = '` + string(subject) + `' AND n.counts = TRUE`
	c := Condition{named, []any{id}}
	switch subject {
	case Cases:
		c = Condition{casesThatCount, []any{id, id}}
	case Persons:
		c = Condition{named + ` UNION SELECT k.person_id FROM cases k WHERE k.id IN (` + casesThatCount + `)
			AND NOT EXISTS (SELECT 1 FROM project_counts x WHERE x.project_id = ? AND x.kind = 'case' AND x.subject_id = k.id AND x.counts = FALSE)`, []any{id, id, id, id}}
	case Services:
		c = Condition{named + ` UNION ` + servicesOfCases, []any{id, id, id, id}}
	}
	return Condition{column + ` IN (` + c.SQL + `) AND NOT EXISTS (SELECT 1 FROM project_counts x WHERE x.project_id = ? AND x.kind = '` + string(subject) + `' AND x.subject_id = ` + column + ` AND x.counts = FALSE)`,
		append(c.Args, id)}
}

// byRule joins the cases to the rules that cover them.
const byRule = `FROM project_rules u JOIN cases k ON k.organisation_id = u.organisation_id AND k.opened_at >= u.from_at AND k.opened_at < u.until_at
	WHERE u.project_id = ? AND u.ended_at IS NULL AND (u.office_id = '' OR u.office_id = k.office_id) AND (u.programme = '' OR u.programme = k.programme)`

// casesThatCount are those named and those covered, before those are left out that are named as not counting.
const casesThatCount = `SELECT n.subject_id FROM project_counts n WHERE n.project_id = ? AND n.kind = 'case' AND n.counts = TRUE UNION SELECT k.id ` + byRule

// servicesOfCases are those given in a case while it counted.
const servicesOfCases = `SELECT s.id FROM services s JOIN (SELECT n.subject_id AS case_id, n.since AS since, n.until AS until FROM project_counts n WHERE n.project_id = ? AND n.kind = 'case' AND n.counts = TRUE
	UNION SELECT k.id AS case_id, u.from_on AS since, u.until_on AS until ` + byRule + `) w ON w.case_id = s.case_id
	WHERE s.state IN ('given', 'paid') AND s.given_on >= w.since AND (w.until = '' OR s.given_on <= w.until)
	AND NOT EXISTS (SELECT 1 FROM project_counts x WHERE x.project_id = ? AND x.kind = 'case' AND x.subject_id = s.case_id AND x.counts = FALSE)`

// Counting says that something counts for a project, or that it does not though a rule would let it in.
type Counting struct {
	Project ID
	Subject Subject
	ID      string
	Not     bool
	Since   dates.Partial // the first day of the project when unknown
	Until   dates.Partial // for a case: the last day on which services in it count; none when unknown
	Why     string
}

// Count enters what counts for a project. What is there already is said anew.
func Count(ctx context.Context, tx *db.Tx, who access.Actor, c Counting) error {
	p, err := managed(ctx, tx, who, c.Project)
	if err != nil {
		return err
	}
	if f := c.check(); f != nil {
		return f
	}
	if err := known(ctx, tx, c); err != nil {
		return err
	}
	return c.keep(ctx, tx, who, p, access.ManageProjects)
}

// Attaching says for which projects something counts that was entered in another room.
type Attaching struct {
	Act      access.Permission // under which it was entered, which that room has checked
	Subject  Subject
	ID       string
	Projects []ID // all that who sees and for which it counts from now on
}

// Attach lets what who entered in another room count for the projects given, and for no other that she sees. What it counts for
// beside these stays.
func Attach(ctx context.Context, tx *db.Tx, who access.Actor, a Attaching) error {
	now, err := Of(ctx, tx, a.Subject, a.ID)
	if err != nil {
		return err
	}
	for _, one := range a.Projects {
		if slices.Contains(now, one) {
			continue
		}
		p, err := Find(ctx, tx, who, one)
		if err != nil {
			return fault.New(fault.Invalid, "fault.bad_choice").On("projects")
		}
		if err := (Counting{Subject: a.Subject, ID: a.ID}).keep(ctx, tx, who, p, a.Act); err != nil {
			return err
		}
	}
	for _, one := range now {
		if slices.Contains(a.Projects, one) {
			continue
		}
		p, err := Find(ctx, tx, who, one)
		if err != nil && fault.KindOf(err) == fault.NotFound {
			continue
		} else if err != nil {
			return err
		}
		if err := (Counting{Subject: a.Subject, ID: a.ID, Not: true}).keep(ctx, tx, who, p, a.Act); err != nil {
			return err
		}
	}
	return nil
}

// Detach lets something count for no project any more, because it was undone.
func Detach(ctx context.Context, tx *db.Tx, who access.Actor, a Attaching) error {
	now, err := Of(ctx, tx, a.Subject, a.ID)
	if err != nil {
		return err
	}
	for _, one := range now {
		p, err := found(scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM projects WHERE id = ?`, string(one))))
		if err != nil {
			return err
		}
		if err := (Counting{Subject: a.Subject, ID: a.ID, Not: true}).keep(ctx, tx, who, p, a.Act); err != nil {
			return err
		}
	}
	return nil
}

func (c *Counting) check() *fault.Error {
	var subject, since, until *fault.Error
	if !slices.Contains(Subjects(), c.Subject) {
		subject = fault.New(fault.Invalid, "fault.bad_choice").On("subject")
	}
	if !c.Since.IsZero() && (c.Since.Precision() != dates.Day || c.Since.Check() != nil) {
		since = fault.New(fault.Invalid, "date.unreadable").On("since")
	}
	if !c.Until.IsZero() && (c.Until.Precision() != dates.Day || c.Until.Check() != nil || c.Until.SurelyBefore(c.Since)) {
		until = fault.New(fault.Invalid, "project.ends_before").On("until")
	}
	return fault.Join(subject, since, until, text(&c.Why, 0, 500, "why"))
}

// known refuses an id of which there is nothing, or only in practice.
func known(ctx context.Context, q db.Reader, c Counting) error {
	var n int
	query := map[Subject]string{Persons: `SELECT count(*) FROM persons WHERE id = ?`, Cases: `SELECT count(*) FROM cases WHERE id = ?`, Services: `SELECT count(*) FROM services WHERE id = ?`}[c.Subject]
	if query != "" {
		if err := q.QueryRow(ctx, query, c.ID).Scan(&n); err != nil {
			return fmt.Errorf("count: %w", err)
		}
	}
	if (query != "" && n == 0) || ids.IsApart(c.ID) != ids.IsApart(string(c.Project)) || !ids.Valid(c.ID) {
		return fault.New(fault.Invalid, "project.subject_unknown").On("id")
	}
	return nil
}

// keep enters the row under the act by which it came.
func (c Counting) keep(ctx context.Context, tx *db.Tx, who access.Actor, p Project, act access.Permission) error {
	if c.Since.IsZero() {
		c.Since = p.Begins().Earliest()
	}
	if _, err := tx.Exec(ctx, `INSERT INTO project_counts (project_id, kind, subject_id, counts, since, until, why, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (project_id, kind, subject_id) DO UPDATE SET counts = excluded.counts, since = excluded.since, until = excluded.until, why = excluded.why, user_id = excluded.user_id,
		user_name = excluded.user_name, at = excluded.at`, string(p.ID), string(c.Subject), c.ID, !c.Not, c.Since.String(), c.Until.String(), c.Why, who.ID, who.Name, tx.Now()); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return audit.Record(ctx, tx, who, act, audit.Entry{Subject: p.subject(), After: map[string]any{"counts": !c.Not, "what": string(c.Subject) + ":" + c.ID, "since": c.Since, "until": c.Until}, Reason: c.Why})
}

// Of returns the projects for which something is named, whoever asks. It is for rooms that keep figures.
func Of(ctx context.Context, q db.Reader, subject Subject, id string) ([]ID, error) {
	rows, err := q.Query(ctx, `SELECT project_id FROM project_counts WHERE kind = ? AND subject_id = ? AND counts = TRUE ORDER BY project_id`, string(subject), id)
	return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (id ID, err error) { err = r.Scan(&id); return id, err })
}

// Rule lets cases count without being named.
type Rule struct {
	ID           string
	Organisation string // whose cases; who's own when empty
	Office       string // that has them now; any when empty
	Programme    string // any when empty
	From, Until  dates.Partial
	By           string
	At           time.Time
	EndedBy      string
	EndedAt      time.Time
}

// AddRule adds a rule to a project: all cases of an organisation, an office or a programme that were opened between two days
// count, and what was given in them between these days.
func AddRule(ctx context.Context, tx *db.Tx, who access.Actor, project ID, r Rule) (string, error) {
	p, err := managed(ctx, tx, who, project)
	if err != nil {
		return "", err
	}
	if r.Organisation == "" {
		r.Organisation = p.Organisation
	}
	if err := r.check(ctx, tx, p); err != nil {
		return "", err
	}
	r.ID = ids.Beside(string(p.ID), tx.Now())
	if _, err := tx.Exec(ctx, `INSERT INTO project_rules (id, project_id, organisation_id, office_id, programme, from_on, until_on, from_at, until_at, user_id, user_name, at, ended_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')`, r.ID, string(p.ID), r.Organisation, r.Office, r.Programme, r.From.String(), r.Until.String(), r.From.Start(), r.Until.End(), who.ID, who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("add rule: %w", err)
	}
	return r.ID, audit.Record(ctx, tx, who, access.ManageProjects, audit.Entry{Subject: p.subject(), After: map[string]any{"rule": map[string]any{
		"organisation": r.Organisation, "office": r.Office, "programme": r.Programme, "from": r.From, "until": r.Until}}})
}

func (r Rule) check(ctx context.Context, q db.Reader, p Project) error {
	mine := r.Organisation == p.Organisation || slices.ContainsFunc(p.Partners, func(one Partner) bool { return one.Organisation == r.Organisation })
	if !mine {
		return fault.New(fault.Invalid, "project.rule_partner").On("organisation")
	}
	if r.Office != "" {
		o, err := offices.Find(ctx, q, access.System(access.ReadOffices), r.Office)
		if err != nil || o.Organisation != r.Organisation {
			return fault.New(fault.Invalid, "fault.bad_choice").On("office")
		}
	}
	var from, until *fault.Error
	if r.From.Precision() != dates.Day || r.From.Check() != nil {
		from = fault.New(fault.Invalid, "date.unreadable").On("from")
	}
	if r.Until.Precision() != dates.Day || r.Until.Check() != nil || r.Until.SurelyBefore(r.From) {
		until = fault.New(fault.Invalid, "project.ends_before").On("until")
	}
	if f := fault.Join(from, until); f != nil {
		return f
	}
	return nil
}

// EndRule takes a rule back, as if it had not been.
func EndRule(ctx context.Context, tx *db.Tx, who access.Actor, project ID, rule string) error {
	p, err := managed(ctx, tx, who, project)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE project_rules SET ended_by = ?, ended_at = ? WHERE id = ? AND project_id = ? AND ended_at IS NULL`, who.Name, tx.Now(), rule, string(p.ID))
	if err != nil {
		return fmt.Errorf("end rule: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "project.rule_unknown")
	}
	return audit.Record(ctx, tx, who, access.ManageProjects, audit.Entry{Subject: p.subject(), Before: map[string]string{"rule": rule}})
}

// Rules returns the rules of a project, those that ended too, the earliest first.
func Rules(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Rule, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT id, organisation_id, office_id, programme, from_on, until_on, user_name, at, ended_by, ended_at FROM project_rules WHERE project_id = ? ORDER BY id`, string(id))
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (r Rule, err error) {
		err = row.Scan(&r.ID, &r.Organisation, &r.Office, &r.Programme, &r.From, &r.Until, &r.By, db.Time(&r.At), &r.EndedBy, db.NullTime(&r.EndedAt))
		return r, err
	})
}

// Tally returns how many persons, cases, services and activities count for a project that who may see. People are counted, not
// their records in the register.
func Tally(ctx context.Context, q db.Reader, who access.Actor, id ID) (map[Subject]int, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	tally := map[Subject]int{}
	for subject, count := range map[Subject]struct{ query, column string }{
		Persons:  {`SELECT count(DISTINCT COALESCE(t.person_id, p.id)) FROM persons p LEFT JOIN ties t ON t.record_id = p.id WHERE `, "p.id"},
		Cases:    {`SELECT count(*) FROM cases c WHERE `, "c.id"},
		Services: {`SELECT count(*) FROM services g WHERE g.state IN ('given', 'paid') AND `, "g.id"},
		// what counts as an activity is known by its id alone: activities stands above this package
		Activities: {`SELECT count(*) FROM project_counts a WHERE a.kind = 'activity' AND a.project_id = ? AND `, "a.subject_id"},
	} {
		c := Counts(id, subject, count.column)
		args := c.Args
		if subject == Activities {
			args = append([]any{string(id)}, args...)
		}
		n := 0
		if err := q.QueryRow(ctx, count.query+c.SQL, args...).Scan(&n); err != nil {
			return nil, fmt.Errorf("tally: %w", err)
		}
		tally[subject] = n
	}
	return tally, nil
}
