// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
)

// NoteKind says what a note is about, beside what it says.
type NoteKind string

// The kinds. A visit counts where one is asked for; what is protected is a plain note, for its kind would tell.
const (
	Plain      NoteKind = ""
	Visit      NoteKind = "visit"
	Conference NoteKind = "conference" // colleagues met about the case
)

// Note is something that somebody wrote down in a case.
type Note struct {
	ID        string
	Kind      NoteKind
	On        dates.Partial // day of the visit or the conference; today when unknown
	Present   string        // who was at the conference
	Mentions  []string      // users who are told that they were mentioned, not in which words
	Mentioned []string      // their names
	Protected bool          // class 3
	Replaces  string        // the note of which this is a correction
	Replaced  bool          // there is a correction of this one
	Text      string
	Rating    Risk // of a note that says why a case was rated so
	User      string
	By        string
	At        time.Time
}

// written is what is sealed of a note.
type written struct {
	Text      string        `json:"text"`
	Rating    Risk          `json:"rating,omitempty"`
	Kind      NoteKind      `json:"kind,omitempty"`
	On        dates.Partial `json:"on,omitzero"`
	Present   string        `json:"present,omitempty"`
	Mentioned []string      `json:"mentioned,omitempty"`
}

// mostNote is how many letters a note may have.
const mostNote = 10_000

// Write adds a note to a case, or corrects one of who's own: the earlier stays. What is protected is written only of who
// agreed to that, and leaves no trace for those who may not see it.
func Write(ctx context.Context, tx *db.Tx, who access.Actor, id ID, n Note) error {
	act := WriteNote
	if n.Protected {
		act = WriteProtected
	}
	c, err := Begin(ctx, tx, who, id, Acting{Act: act})
	if err != nil {
		return err
	}
	if err := n.check(dates.Of(tx.Now())); err != nil {
		return err
	}
	if err := c.mention(ctx, tx, who, &n); err != nil {
		return err
	}
	if n.Replaces != "" {
		if err := c.ownNote(ctx, tx, who, n); err != nil {
			return err
		}
	}
	n.Rating = Unrated
	if err := c.addNote(ctx, tx, who, n); err != nil {
		return wrap("write note", err)
	}
	if n.Kind == Visit && n.On.String() > c.VisitedOn {
		if _, err := tx.Exec(ctx, `UPDATE cases SET visited_on = ? WHERE id = ?`, n.On.String(), string(c.ID)); err != nil {
			return wrap("write note", err)
		}
	}
	if n.Protected {
		return nil
	}
	return Touch(ctx, tx, c.ID)
}

// check reads what was typed, and settles what the kind of the note asks for.
func (n *Note) check(today dates.Partial) error {
	if f := text(&n.Text, 1, mostNote, "text"); f != nil {
		return f
	}
	if f := text(&n.Present, 0, 500, "present"); f != nil {
		return f
	}
	if n.Protected || n.Kind != Visit && n.Kind != Conference {
		n.Kind, n.On, n.Present = Plain, dates.Partial{}, ""
		return nil
	}
	if n.Kind == Visit {
		n.Present = ""
	}
	if n.On.IsZero() {
		n.On = today
	}
	if n.On.Precision() != dates.Day || n.On.Check() != nil {
		return fault.New(fault.Invalid, "calendar.day_needed").On("on")
	}
	if err := n.On.CheckPast(today); err != nil {
		return fault.New(fault.Invalid, "date.in_future").On("on")
	}
	return nil
}

// mostMentioned is how many colleagues one note mentions.
const mostMentioned = 20

// mention tells the colleagues whom a note mentions that somebody did, and of which case. Nobody is told who may not see the
// note: for one that is protected, nobody who has not the person on her caseload.
func (c Case) mention(ctx context.Context, tx *db.Tx, who access.Actor, n *Note) error {
	slices.Sort(n.Mentions)
	n.Mentions = slices.DeleteFunc(slices.Compact(n.Mentions), func(user string) bool { return user == who.ID })
	if len(n.Mentions) > mostMentioned {
		return fault.New(fault.Invalid, "fault.too_many").With("max", mostMentioned).On("mention")
	}
	able, err := Readers(ctx, tx, c, n.Protected)
	if err != nil {
		return err
	}
	n.Mentioned = nil
	for _, user := range n.Mentions {
		if !slices.Contains(able, user) {
			return fault.New(fault.Invalid, "case.mention_elsewhere").On("mention")
		}
		u, err := accounts.FindUser(ctx, tx, access.System(access.ReadUsers), user)
		if err != nil {
			return err
		}
		n.Mentioned = append(n.Mentioned, u.Name)
	}
	slices.Sort(n.Mentioned)
	return accounts.Tell(ctx, tx, n.Mentions, "notice.case_mention", c.subject())
}

// Readers are the users who may see the notes of a case: all, or those that are protected.
func Readers(ctx context.Context, q db.Reader, c Case, protected bool) ([]string, error) {
	able, err := accounts.WhoHolds(ctx, q, access.ReadCases, c.scopes()...)
	if err != nil {
		return nil, err
	}
	scopes, err := access.ScopesOf(ctx, q, string(c.Person))
	if err != nil {
		return nil, err
	}
	perm := access.ReadPersons // a case is seen by who sees the person too
	if protected {
		perm = access.ReadProtected
	}
	hers, err := accounts.WhoHolds(ctx, q, perm, scopes...)
	return slices.DeleteFunc(able, func(user string) bool { return !slices.Contains(hers, user) }), err
}

// Touch notes that something of class 2 was done for a case now. The rooms above call it within an act of theirs.
func Touch(ctx context.Context, tx *db.Tx, id ID) error {
	_, err := tx.Exec(ctx, `UPDATE cases SET touched_at = ? WHERE id = ?`, tx.Now(), string(id))
	return wrap("touch case", err)
}

// ownNote refuses a correction of what another wrote, or of a note of the other class.
func (c Case) ownNote(ctx context.Context, q db.Reader, who access.Actor, n Note) error {
	var own int
	err := q.QueryRow(ctx, `SELECT count(*) FROM case_notes WHERE case_id = ? AND id = ? AND user_id = ? AND protected = ?`, string(c.ID), n.Replaces, who.ID, n.Protected).Scan(&own)
	if err == nil && own == 0 {
		return fault.New(fault.NotFound, "case.note_not_found")
	}
	return err
}

// addNote keeps a note and enters it in the trail: one of class 3 as such, so that what hides those hides it.
func (c Case) addNote(ctx context.Context, tx *db.Tx, who access.Actor, n Note) error {
	act := access.NoteCase
	if n.Protected {
		if ok, err := c.agreed(ctx, tx, who); err != nil || !ok {
			return errors.Join(err, fault.New(fault.Invalid, "person.protected_consent_needed").On("text"))
		}
		act = access.ChangeProtected
	}
	n.ID = newID(tx)
	sealed, err := c.seal(ctx, tx, "case_notes:"+n.ID, written{n.Text, n.Rating, n.Kind, n.On, n.Present, n.Mentioned})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO case_notes (id, case_id, protected, replaces, sealed, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		n.ID, string(c.ID), n.Protected, n.Replaces, sealed, who.ID, who.Name, tx.Now()); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, act, audit.Entry{Subject: c.subject(), Person: string(c.Person), Named: []string{"note"}})
}

// agreed tells whether she agreed that protected things are written down about her.
func (c Case) agreed(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	p, err := persons.Find(ctx, q, who, c.Person)
	return err == nil && p.Agreed(persons.PurposeProtected), err
}

// Notes returns the notes of class 2 of a case that who may see, the latest first.
func Notes(ctx context.Context, q db.Reader, who access.Actor, id ID, part Part) ([]Note, error) {
	c, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	return c.notes(ctx, q, false, part)
}

// LookAtNotes returns the notes of class 3, to who sees what is protected about the person. The look is in the trail.
func LookAtNotes(ctx context.Context, tx *db.Tx, who access.Actor, id ID, part Part) ([]Note, error) {
	c, err := Find(ctx, tx, who, id)
	if err != nil {
		return nil, err
	}
	if ok, _, err := access.SeesProtected(ctx, tx, who, string(c.Person)); err != nil || !ok {
		return nil, errors.Join(err, fault.New(fault.Forbidden, "person.protected_not_allowed"))
	}
	all, err := c.notes(ctx, tx, true, part)
	if err != nil {
		return nil, err
	}
	tx.Allowed()
	return all, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: c.subject(), Person: string(c.Person), Named: []string{"note"}})
}

func (c Case) notes(ctx context.Context, q db.Reader, protected bool, part Part) ([]Note, error) {
	type row struct {
		Note
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT n.id, n.protected, n.replaces, EXISTS (SELECT 1 FROM case_notes later WHERE later.case_id = n.case_id AND later.replaces = n.id),
		n.sealed, n.user_id, n.user_name, n.at FROM case_notes n WHERE n.case_id = ? AND n.protected = ? AND n.id < ? ORDER BY n.id DESC LIMIT ?`,
		string(c.ID), protected, part.before(), part.limit())
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (n row, err error) {
		err = r.Scan(&n.ID, &n.Protected, &n.Replaces, &n.Replaced, &n.sealed, &n.User, &n.By, db.Time(&n.At))
		return n, err
	})
	all := make([]Note, len(some))
	for i, n := range some {
		var w written
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: "case_notes:" + n.ID, Sealed: n.sealed}, &w); err != nil {
			return nil, fmt.Errorf("read notes: %w", err)
		}
		all[i] = n.Note
		all[i].Text, all[i].Rating, all[i].Kind, all[i].On, all[i].Present, all[i].Mentioned = w.Text, w.Rating, w.Kind, w.On, w.Present, w.Mentioned
	}
	return all, err
}

// Member is somebody of the family who is a client of the case too.
type Member struct {
	ID       string
	Relation persons.Relation // as the register has it
	At       time.Time
	By       string
}

// Include makes somebody of the person's family, as the register knows it, a client of the case: goals and services may be hers.
func Include(ctx context.Context, tx *db.Tx, who access.Actor, id ID, relation string) (string, error) {
	c, err := Begin(ctx, tx, who, id, Acting{Act: AddMember})
	if err != nil {
		return "", err
	}
	family, err := c.family(ctx, tx, who)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(family, func(r persons.Relation) bool { return r.ID == relation }) {
		return "", fault.New(fault.Invalid, "case.relation_unknown").On("relation")
	}
	have, err := Members(ctx, tx, who, id)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(have, func(m Member) bool { return m.Relation.ID == relation }) {
		return "", fault.New(fault.Conflict, "case.member_already").On("relation")
	}
	m := newID(tx)
	if _, err := tx.Exec(ctx, `INSERT INTO case_members (id, case_id, relation_id, user_name, at) VALUES (?, ?, ?, ?, ?)`, m, string(id), relation, who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("include member: %w", err)
	}
	return m, wrap("include member", c.keep(ctx, tx, who, change{act: AddMember, before: c}))
}

func (c Case) family(ctx context.Context, q db.Reader, who access.Actor) ([]persons.Relation, error) {
	p, err := persons.Find(ctx, q, who, c.Person)
	return p.Relations, err
}

// Members returns who of the family is a client of a case that who may see. Whom the register does not name any more is left out.
func Members(ctx context.Context, q db.Reader, who access.Actor, id ID) (all []Member, err error) {
	c, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	family, err := c.family(ctx, q, who)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT id, relation_id, user_name, at FROM case_members WHERE case_id = ? AND ended_at IS NULL ORDER BY id`, string(id))
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (m Member, err error) {
		err = r.Scan(&m.ID, &m.Relation.ID, &m.By, db.Time(&m.At))
		return m, err
	})
	for _, m := range some {
		if i := slices.IndexFunc(family, func(r persons.Relation) bool { return r.ID == m.Relation.ID }); i >= 0 {
			m.Relation = family[i]
			all = append(all, m)
		}
	}
	return all, err
}
