// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/seal"
)

// ForumID identifies a forum.
type ForumID string

// Forum is a standing group of returnees, or of people who stand by them.
type Forum struct {
	ID           ForumID       `json:"-"`
	Organisation string        `json:"-"`
	Office       string        `json:"-"`
	NameBn       string        `json:"name_bn"`
	NameEn       string        `json:"name_en"`
	Place        string        `json:"place"`
	Formed       dates.Partial `json:"formed"`
	Ended        dates.Partial `json:"ended,omitzero"`
	Version      int           `json:"-"`
	Members      int           `json:"-"` // now
}

// Name is what a forum is called in "bn" or "en", or in the only language there is.
func (f Forum) Name(lang string) string {
	if lang == "bn" && f.NameBn != "" || f.NameEn == "" {
		return f.NameBn
	}
	return f.NameEn
}

func (f *Forum) check(today dates.Partial) *fault.Error {
	var place, formed, ended, named *fault.Error
	if _, ok := geo.Find(f.Place); !ok {
		place = fault.New(fault.Invalid, "activity.place_needed").On("place")
	}
	if f.Formed.IsZero() || f.Formed.CheckPast(today) != nil {
		formed = fault.New(fault.Invalid, "activity.day").On("formed")
	}
	if !f.Ended.IsZero() && (f.Ended.CheckPast(today) != nil || f.Ended.SurelyBefore(f.Formed)) {
		ended = fault.New(fault.Invalid, "activity.until").On("ended")
	}
	bn, en := text(&f.NameBn, 0, 120, "name_bn"), text(&f.NameEn, 0, 120, "name_en")
	if f.NameBn == "" && f.NameEn == "" {
		named = fault.New(fault.Invalid, "fault.needed").On("name_bn")
	}
	return fault.Join(bn, en, named, place, formed, ended)
}

// FormForum enters a forum of who's office.
func FormForum(ctx context.Context, tx *db.Tx, who access.Actor, f Forum) (ForumID, error) {
	if err := access.Check(tx, who, access.LogActivity, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation), access.OnCaseload(who.ID)); err != nil {
		return "", err
	}
	f.ID, f.Organisation, f.Office, f.Version = ForumID(ids.Beside(who.Office, tx.Now())), who.Organisation, who.Office, 1
	if problem := f.check(dates.Of(tx.Now())); problem != nil {
		return "", problem
	}
	if _, err := tx.Exec(ctx, `INSERT INTO forums (id, organisation_id, office_id, name_bn, name_en, place, formed_on, ended_on, version, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(f.ID), f.Organisation, f.Office, f.NameBn, f.NameEn, f.Place, f.Formed.String(), f.Ended.String(), f.Version, who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("form forum: %w", err)
	}
	if err := access.Place(ctx, tx, string(f.ID), append(areas(f.Place), access.AtOffice(f.Office), access.OfOrganisation(f.Organisation), access.OnCaseload(who.ID))...); err != nil {
		return "", fmt.Errorf("form forum: %w", err)
	}
	return f.ID, audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: f.subject(), After: f})
}

// AlterForum says anew what a forum is called, where it meets, and that it ended.
func AlterForum(ctx context.Context, tx *db.Tx, who access.Actor, f Forum) error {
	before, err := forumOf(ctx, tx, who, f.ID)
	if err != nil {
		return err
	}
	if f.Version != before.Version {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	if problem := f.check(dates.Of(tx.Now())); problem != nil {
		return problem
	}
	if _, err := tx.Exec(ctx, `UPDATE forums SET name_bn = ?, name_en = ?, place = ?, formed_on = ?, ended_on = ?, version = version + 1, user_name = ?, at = ? WHERE id = ?`,
		f.NameBn, f.NameEn, f.Place, f.Formed.String(), f.Ended.String(), who.Name, tx.Now(), string(f.ID)); err != nil {
		return fmt.Errorf("alter forum: %w", err)
	}
	return audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: f.subject(), Before: before, After: f})
}

func (f Forum) subject() string { return "forum:" + string(f.ID) }

// forumOf finds a forum for an act of its office, and lets the transaction commit.
func forumOf(ctx context.Context, tx *db.Tx, who access.Actor, id ForumID) (Forum, error) {
	f, err := FindForum(ctx, tx, who, id)
	if err != nil {
		return f, err
	}
	return f, access.CheckOn(ctx, tx, who, access.LogActivity, string(id))
}

const forumColumns = `f.id, f.organisation_id, f.office_id, f.name_bn, f.name_en, f.place, f.formed_on, f.ended_on, f.version, (SELECT count(*) FROM forum_members m WHERE m.forum_id = f.id AND m.until_on = '')`

func scanForum(row interface{ Scan(...any) error }) (f Forum, err error) {
	err = row.Scan(&f.ID, &f.Organisation, &f.Office, &f.NameBn, &f.NameEn, &f.Place, &f.Formed, &f.Ended, &f.Version, &f.Members)
	return f, err
}

// FindForum returns a forum that who may see.
func FindForum(ctx context.Context, q db.Reader, who access.Actor, id ForumID) (Forum, error) {
	may, args := access.Where(who, access.ReadActivities, "f.id")
	f, err := scanForum(q.QueryRow(ctx, `SELECT `+forumColumns+` FROM forums f WHERE f.id = ? AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Forum{}, fault.New(fault.NotFound, "forum.not_found")
	}
	if err != nil {
		return Forum{}, fmt.Errorf("find forum: %w", err)
	}
	return f, nil
}

// Forums returns the forums that who may see, those that meet first, then by when they were formed.
func Forums(ctx context.Context, q db.Reader, who access.Actor) ([]Forum, error) {
	may, args := access.Where(who, access.ReadActivities, "f.id")
	rows, err := q.Query(ctx, `SELECT `+forumColumns+` FROM forums f WHERE `+may+` ORDER BY CASE WHEN f.ended_on = '' THEN 0 ELSE 1 END, f.formed_on, f.id LIMIT 500`, args...)
	all, err := db.Collect(rows, err, scanForum)
	if err != nil {
		return nil, fmt.Errorf("list forums: %w", err)
	}
	return all, nil
}

// Duty is what somebody is in a forum.
type Duty string

// The duties.
const (
	Chair     Duty = "chair"
	Secretary Duty = "secretary"
	Treasurer Duty = "treasurer"
	Member    Duty = "member"
	Adviser   Duty = "adviser"
)

// Duties returns the duties, in the order in which they are offered.
func Duties() []Duty { return []Duty{Member, Chair, Secretary, Treasurer, Adviser} }

// Membership is somebody's place in a forum.
type Membership struct {
	ID     string
	Person persons.ID // in the register; empty for one who is not
	Name   string     // empty for one in the register, and for one who was erased
	Sex    string
	Duty   Duty
	From   dates.Partial
	Until  dates.Partial // unknown while she is a member
	By     string
	At     time.Time

	sealed []byte
}

// seesMembers tells whether who, who sees a forum, may know who is in it.
func (f Forum) seesMembers(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	return access.Reaches(ctx, q, who, access.ReadPersons, string(f.ID))
}

// Join enters a member of a forum.
func Join(ctx context.Context, tx *db.Tx, who access.Actor, id ForumID, m Membership) error {
	f, err := forumOf(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if sees, err := f.seesMembers(ctx, tx, who); err != nil || !sees {
		return errors.Join(err, fault.New(fault.Forbidden, "access.not_allowed"))
	}
	today := dates.Of(tx.Now())
	if m.From.IsZero() {
		m.From = today
	}
	if m.From.CheckPast(today) != nil {
		return fault.New(fault.Invalid, "activity.day").On("from")
	}
	if !slices.Contains(Duties(), m.Duty) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("duty")
	}
	p := Attendee{Person: m.Person, Name: m.Name, Sex: m.Sex}
	if err := p.ready(ctx, tx, who, Act{Content: Content{From: today}}); err != nil {
		return err
	}
	m.ID, m.Person, m.Sex = ids.New(tx.Now()), p.Person, p.Sex
	if err := m.insert(ctx, tx, who, f, p.Name); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: f.subject(), Person: string(m.Person), Named: []string{"member"}})
}

func (m Membership) insert(ctx context.Context, tx *db.Tx, who access.Actor, f Forum, name string) error {
	var person any
	if m.Person != "" {
		person = string(m.Person)
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM forum_members WHERE forum_id = ? AND person_id = ? AND until_on = ''`, string(f.ID), person).Scan(&n); err != nil {
			return fmt.Errorf("join forum: %w", err)
		}
		if n > 0 {
			return fault.New(fault.Conflict, "forum.member_already").On("person")
		}
	} else {
		if err := seal.NewKey(ctx, tx, f.Organisation, string(f.ID)); err != nil {
			return fmt.Errorf("join forum: %w", err)
		}
		var err error
		if m.sealed, err = seal.Seal(ctx, tx, string(f.ID), "forum_members:"+m.ID, []byte(name)); err != nil {
			return fmt.Errorf("join forum: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO forum_members (id, forum_id, person_id, sealed, sex, role, from_on, until_on, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?)`,
		m.ID, string(f.ID), person, m.sealed, m.Sex, string(m.Duty), m.From.String(), who.Name, tx.Now()); err != nil {
		return fmt.Errorf("join forum: %w", err)
	}
	return nil
}

// Leave ends a membership. It stays on record.
func Leave(ctx context.Context, tx *db.Tx, who access.Actor, id ForumID, membership string) error {
	f, err := forumOf(ctx, tx, who, id)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE forum_members SET until_on = ? WHERE id = ? AND forum_id = ? AND until_on = ''`, dates.Of(tx.Now()).String(), membership, string(id))
	if err != nil {
		return fmt.Errorf("leave forum: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "forum.member_unknown")
	}
	return audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: f.subject(), Named: []string{"member"}})
}

// Members returns who is and was in a forum, to who may know, those who left last. Others are told nobody.
func Members(ctx context.Context, q db.Reader, who access.Actor, id ForumID) ([]Membership, error) {
	f, err := FindForum(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	if sees, err := f.seesMembers(ctx, q, who); err != nil || !sees {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT id, COALESCE(person_id, ''), sealed, sex, role, from_on, until_on, user_name, at FROM forum_members WHERE forum_id = ?
		ORDER BY CASE WHEN until_on = '' THEN 0 ELSE 1 END, from_on, id`, string(id))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (m Membership, err error) {
		err = r.Scan(&m.ID, &m.Person, &m.sealed, &m.Sex, &m.Duty, &m.From, &m.Until, &m.By, db.Time(&m.At))
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	for i, m := range all {
		if m.sealed == nil {
			continue
		}
		name, err := seal.Open(ctx, q, string(id), "forum_members:"+m.ID, m.sealed)
		if err != nil {
			return nil, fmt.Errorf("list members: %w", err)
		}
		all[i].Name = string(name)
	}
	return all, nil
}
