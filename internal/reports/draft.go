// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/guidance"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/offices"
	"fera/internal/operations"
	"fera/internal/projects"
	"fera/internal/reports/content"
	"fera/internal/reports/counted"
	"fera/internal/reports/overlaps"
	"fera/internal/reports/templates"
	"fera/internal/simulated"
	"fera/internal/words"
)

// Beginning begins a report.
type Beginning struct {
	Operation string // id of the act; see package operations
	Project   projects.ID
	Kind      string
	Period    content.Period
	Audience  content.Audience // Outside when empty
}

func (b *Beginning) check(now time.Time) *fault.Error {
	var kind, audience, period *fault.Error
	if b.Audience == "" {
		b.Audience = content.Outside
	}
	if !slices.Contains(content.Kinds(), b.Kind) {
		kind = fault.New(fault.Invalid, "fault.bad_choice").On("kind")
	} else if !b.Period.Fits(b.Kind) {
		period = fault.New(fault.Invalid, "report.period_length").On("period")
	}
	if b.Audience != content.Inside && b.Audience != content.Outside {
		audience = fault.New(fault.Invalid, "fault.bad_choice").On("audience")
	}
	if today := dates.Of(now); b.Period.From > today.Year*100+today.Month {
		period = fault.New(fault.Invalid, "report.period_ahead").On("period")
	}
	return fault.Join(kind, audience, period)
}

// Begin begins a draft: its figures are counted at once.
func Begin(ctx context.Context, tx *db.Tx, who access.Actor, b Beginning) (ID, error) {
	if f := b.check(tx.Now()); f != nil {
		return "", f
	}
	r := Report{ID: ID(ids.New(tx.Now())), Issue: 1, Organisation: who.Organisation, Office: who.Office, Project: b.Project, Kind: b.Kind, Period: b.Period, Audience: b.Audience, State: Draft, Version: 1}
	if b.Project != "" {
		p, err := projects.Find(ctx, tx, who, b.Project)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			return "", fault.New(fault.Invalid, "fault.bad_choice").On("project")
		} else if err != nil {
			return "", err
		}
		r.Organisation, r.Office = p.Organisation, p.Office
	}
	if err := access.Check(tx, who, access.DraftReports, access.AtOffice(r.Office), access.OfOrganisation(r.Organisation)); err != nil {
		return "", err
	}
	if ids.IsApart(r.Office) || ids.IsApart(string(r.Project)) {
		return "", fault.New(fault.Forbidden, "access.not_allowed")
	}
	same, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	if earlier, err := operations.Once(ctx, tx, who, b.Operation, string(r.ID), same); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	made := templates.On(dates.Of(tx.Now()), b.Project != "", b.Kind)
	if len(made) == 0 {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("kind")
	}
	r.Template, r.TemplateAt = made[0].Code, made[0].Version
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(number), 0) + 1 FROM reports WHERE organisation_id = ?`, r.Organisation).Scan(&r.Number); err != nil {
		return "", fmt.Errorf("begin report: %w", err)
	}
	return r.ID, r.open(ctx, tx, who, "")
}

// open counts and keeps a new draft.
func (r *Report) open(ctx context.Context, tx *db.Tx, who access.Actor, why string) error {
	if err := r.count(ctx, tx, who); err != nil {
		return err
	}
	r.By, r.At = who.Name, tx.Now()
	n, err := tx.Exec(ctx, `INSERT INTO reports (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, string(r.ID), r.Number, r.Issue, string(r.Corrects),
		r.Organisation, r.Office, string(r.Project), r.Kind, r.Period.From, r.Period.To, r.Template, r.TemplateAt, string(r.Audience), string(r.State), r.Version, r.figures, r.Exact, r.Counted, r.By, r.At)
	if err != nil {
		return fmt.Errorf("begin report: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "report.corrected_already")
	}
	if err := access.Place(ctx, tx, string(r.ID), access.AtOffice(r.Office), access.OfOrganisation(r.Organisation)); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.DraftReports, audit.Entry{Subject: r.subject(), Reason: why, After: map[string]any{"number": r.Number, "issue": r.Issue, "kind": r.Kind,
		"project": string(r.Project), "period": r.Period.String(), "audience": string(r.Audience)}})
}

// count counts the figures as who may have them.
func (r *Report) count(ctx context.Context, q db.Reader, who access.Actor) error {
	r.Exact = counted.Sees(who, r.Organisation)
	all, err := r.fill(ctx, q, who, r.Exact)
	if err != nil {
		return err
	}
	text, err := json.Marshal(all)
	r.figures, r.Counted = string(text), q.Now()
	return err
}

// fill counts the figures. What of a report for outside would tell of too few, beside those that were issued before, is left out.
func (r Report) fill(ctx context.Context, q db.Reader, who access.Actor, exact bool) ([]content.Section, error) {
	t, known := templates.Find(r.Template, r.TemplateAt)
	if !known {
		return nil, fmt.Errorf("there is no version %d of the template %s", r.TemplateAt, r.Template)
	}
	a := counted.Asking{Who: who, Organisation: r.Organisation, Period: r.Period, Audience: r.Audience, Exact: exact}
	if r.Project != "" {
		p, err := projects.Find(ctx, q, who, r.Project)
		if err != nil {
			return nil, err
		}
		a.Project = &p
	}
	all, err := counted.Fill(ctx, q, a, t)
	if err != nil || r.Audience != content.Outside {
		return all, err
	}
	before, err := r.before(ctx, q)
	overlaps.Cover(overlaps.Report{Number: r.Number, Issue: r.Issue, Period: r.Period, Sections: all}, before, r.Audience.Floor())
	return all, err
}

// drafted finds a draft for an act of who may write in it, and lets the transaction commit.
func drafted(ctx context.Context, tx *db.Tx, who access.Actor, id ID, act access.Permission) (Report, error) {
	r, err := Find(ctx, tx, who, id)
	if err != nil {
		return r, err
	}
	if err := access.Check(tx, who, act, access.AtOffice(r.Office), access.OfOrganisation(r.Organisation)); err != nil {
		return r, err
	}
	if r.State != Draft {
		return r, fault.New(fault.Conflict, "report.issued_already")
	}
	return r, nil
}

// touch makes the next version of a draft, unless somebody else did meanwhile.
func (r *Report) touch(ctx context.Context, tx *db.Tx) error {
	n, err := tx.Exec(ctx, `UPDATE reports SET version = version + 1, state = ?, figures = ?, exact = ?, counted_at = ? WHERE id = ? AND version = ?`,
		string(r.State), r.figures, r.Exact, r.Counted, string(r.ID), r.Version)
	if err != nil {
		return fmt.Errorf("change report: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	r.Version++
	return nil
}

// Refresh counts the figures of a draft anew, and returns what changed.
func Refresh(ctx context.Context, tx *db.Tx, who access.Actor, id ID) ([]content.Change, error) {
	r, err := drafted(ctx, tx, who, id, access.DraftReports)
	if err != nil {
		return nil, err
	}
	before, err := r.sections()
	if err != nil {
		return nil, err
	}
	if err := r.count(ctx, tx, who); err != nil {
		return nil, err
	}
	if err := r.touch(ctx, tx); err != nil {
		return nil, err
	}
	after, err := r.sections()
	if err != nil {
		return nil, err
	}
	changes := content.Changes(before, after)
	return changes, audit.Record(ctx, tx, who, access.DraftReports, audit.Entry{Subject: r.subject(), After: map[string]any{"refreshed": true, "changed": len(changes)}})
}

// Writing is what a section is to say from now on.
type Writing struct {
	Report         ID
	Section        string
	After          int // number of the text it was written over; 0 for none
	TextBn, TextEn string
}

// longestText is how many letters a section may have in a language.
const longestText = 20_000

// Write makes a new version of the text of a section. The version before it stays.
func Write(ctx context.Context, tx *db.Tx, who access.Actor, w Writing) (int, error) {
	r, err := drafted(ctx, tx, who, w.Report, access.DraftReports)
	if err != nil {
		return 0, err
	}
	t, _ := templates.Find(r.Template, r.TemplateAt)
	if !slices.ContainsFunc(t.Sections, func(s templates.Section) bool { return s.Code == w.Section }) {
		return 0, fault.New(fault.NotFound, "report.section_unknown")
	}
	if f := fault.Join(text(&w.TextBn, longestText, "text_bn"), text(&w.TextEn, longestText, "text_en")); f != nil {
		return 0, f
	}
	last := 0
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(number), 0) FROM report_texts WHERE report_id = ? AND section = ?`, string(r.ID), w.Section).Scan(&last); err != nil {
		return 0, fmt.Errorf("write report: %w", err)
	}
	if last != w.After {
		return 0, fault.New(fault.Conflict, "fault.conflict")
	}
	n, err := tx.Exec(ctx, `INSERT INTO report_texts (report_id, section, number, text_bn, text_en, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(r.ID), w.Section, last+1, w.TextBn, w.TextEn, who.ID, who.Name, tx.Now())
	if err != nil {
		return 0, fmt.Errorf("write report: %w", err)
	}
	if n == 0 {
		return 0, fault.New(fault.Conflict, "fault.conflict")
	}
	if err := r.touch(ctx, tx); err != nil {
		return 0, err
	}
	return last + 1, audit.Record(ctx, tx, who, access.DraftReports, audit.Entry{Subject: r.subject(), After: map[string]any{"section": w.Section, "text": last + 1}})
}

func text(s *string, most int, field string) *fault.Error {
	clean, problem := names.CheckText(*s, most)
	if *s = clean; problem != "" {
		return fault.New(fault.Invalid, problem).With("max", most).On(field)
	}
	return nil
}

// Text is what a section said at a time.
type Text struct {
	Section string
	Number  int
	Said    content.Words
	By      string
	At      time.Time
}

// Texts returns what was written in the sections of a report, each version, the latest first.
func Texts(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Text, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	return texts(ctx, q, id)
}

func texts(ctx context.Context, q db.Reader, id ID) ([]Text, error) {
	rows, err := q.Query(ctx, `SELECT section, number, text_bn, text_en, user_name, at FROM report_texts WHERE report_id = ? ORDER BY section, number DESC`, string(id))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (t Text, err error) {
		err = r.Scan(&t.Section, &t.Number, &t.Said.Bn, &t.Said.En, &t.By, db.Time(&t.At))
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("read texts of report: %w", err)
	}
	return all, nil
}

// compose puts a draft together.
func (r Report) compose(ctx context.Context, q db.Reader, who access.Actor) (content.Content, error) {
	t, _ := templates.Find(r.Template, r.TemplateAt)
	c := content.Content{Template: r.Template, Version: r.TemplateAt, Kind: r.Kind, Title: t.Title, Period: r.Period, Audience: r.Audience, Counted: r.Counted, Exact: r.Exact}
	if err := r.name(ctx, q, who, &c); err != nil {
		return c, err
	}
	var err error
	if c.Simulated, err = simulated.Is(ctx, q); err != nil {
		return c, err
	}
	if c.Sections, err = r.sections(); err != nil {
		return c, err
	}
	written, err := texts(ctx, q, r.ID)
	if err != nil {
		return c, err
	}
	for i := range c.Sections {
		s := &c.Sections[i]
		if at := slices.IndexFunc(written, func(t Text) bool { return t.Section == s.Code }); at >= 0 {
			s.Text = written[at].Said
		}
	}
	lessons, err := lessonsOf(ctx, q, r.ID)
	for _, l := range lessons {
		c.Lessons = append(c.Lessons, content.Lesson{Topic: l.Topic, About: Topic(l.Topic), Text: l.Said})
	}
	return c, err
}

// name says whose report it is and what it is about.
func (r Report) name(ctx context.Context, q db.Reader, who access.Actor, c *content.Content) error {
	owner, err := offices.FindOrganisation(ctx, q, access.System(access.ReadOffices), r.Organisation)
	if err != nil && !(fault.KindOf(err) == fault.NotFound) {
		return err
	}
	c.Owner = content.Words{Bn: owner.NameBn, En: owner.NameEn}
	if c.About = c.Owner; r.Organisation == "" {
		c.About = content.Words{Bn: words.In(words.Bangla).T("report.everybody"), En: words.In(words.English).T("report.everybody")}
	}
	if r.Project == "" {
		return nil
	}
	p, err := projects.Find(ctx, q, who, r.Project)
	c.Project, c.About = p.Code, content.Words{Bn: p.Title("bn"), En: p.Title("en")}
	return err
}

// Topic is what a step of the work is called that a lesson is about.
func Topic(code string) content.Words {
	bn, en := guidance.Named(code, "bn"), guidance.Named(code, "en")
	return content.Words{Bn: bn, En: en}
}

// Wanted says which report is to be made without keeping it.
type Wanted struct {
	Project  projects.ID
	Kind     string
	Period   content.Period
	Audience content.Audience
}

// Make counts a report for who may draft everywhere, such as whoever has the key file, and keeps nothing of it. Of the whole work nobody is
// told exactly what is protected, so that an exact report of it is one for inside.
func Make(ctx context.Context, q db.Reader, who access.Actor, w Wanted) (content.Content, error) {
	if !who.Grants[access.DraftReports].Everywhere {
		return content.Content{}, notFound()
	}
	if !slices.Contains(content.Kinds(), w.Kind) || !w.Period.Fits(w.Kind) {
		return content.Content{}, fault.New(fault.Invalid, "report.period_length").On("period")
	}
	if w.Project == "" && w.Audience == content.Exact {
		w.Audience = content.Inside
	}
	made := templates.On(dates.Of(q.Now()), w.Project != "", w.Kind)
	if len(made) == 0 {
		return content.Content{}, errors.New("there is no template")
	}
	r := Report{Project: w.Project, Kind: w.Kind, Period: w.Period, Audience: w.Audience, Template: made[0].Code, TemplateAt: made[0].Version, Counted: q.Now(), Exact: w.Audience != content.Outside}
	all, err := r.fill(ctx, q, who, r.Exact)
	if err != nil {
		return content.Content{}, err
	}
	if r.Project != "" {
		p, err := projects.Find(ctx, q, who, r.Project)
		if err != nil {
			return content.Content{}, err
		}
		r.Organisation = p.Organisation
	}
	c := content.Content{Template: r.Template, Version: r.TemplateAt, Kind: r.Kind, Title: made[0].Title, Period: r.Period, Audience: r.Audience, Counted: r.Counted, Exact: r.Exact, Sections: all}
	if c.Simulated, err = simulated.Is(ctx, q); err != nil {
		return content.Content{}, err
	}
	return c, r.name(ctx, q, who, &c)
}
