// SPDX-License-Identifier: Apache-2.0

// Package copies makes the copy of all that is kept about one person, which she may ask for: in words for her, on paper in
// Bangla or English, and with the codes beside the words for programs. It has no tables.
//
// A copy holds what is in those of her records that its maker sees. What is protected is in it only if she asks for that, and
// is handed over by who has her on the caseload. What is another's secret is not in it: which colleague wrote what, what is
// kept about others, the notes of sessions, which are the counsellor's, and notes that its maker leaves out because they tell of
// others; how many those are stands in it. That a copy was made, and each look that it took, is in the trail.
package copies

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/words"
)

// Asking is what a person asks for.
type Asking struct {
	Person    persons.ID
	Language  words.Lang
	Protected bool     // what is protected too
	Insists   bool     // she wants it although a paper may not be safe with her
	LeaveOut  []string // ids of the notes that tell of others
}

// Copy is all that is kept about a person.
type Copy struct {
	MadeAt       time.Time `json:"made_at"`
	Language     string    `json:"language"`
	Name         string    `json:"name"`
	Organisation string    `json:"organisation"`
	Office       string    `json:"office"`
	Protected    bool      `json:"protected"` // what is protected is in it
	LeftOut      int       `json:"left_out"`  // notes
	Sections     []Section `json:"sections"`
}

// Section is what is kept of one kind.
type Section struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Entries []Entry `json:"entries"`
}

// Entry is one of them.
type Entry struct {
	Title string `json:"title,omitempty"`
	Facts []Fact `json:"facts"`
}

// Fact is something that is kept: as it is kept, and in words.
type Fact struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Value string `json:"value"`
	Text  string `json:"text"`
}

// Unsafe tells whether a paper about a person may not be safe with her: she said so, or she is not to be contacted; and where she
// was not asked about papers, one of the ways to reach her is not safe, so that somebody near her may read it.
func Unsafe(p persons.Person) bool {
	said := p.PapersAtHome()
	return p.DoNotContact || said == "no" || said == "" && slices.ContainsFunc(p.Contacts, func(c persons.Contact) bool { return c.Safety == "unsafe" })
}

// May tells whether who may hand a person her copy, and whether with what is protected.
func May(ctx context.Context, q db.Reader, who access.Actor, id persons.ID) (plain, protected bool, err error) {
	records, err := persons.Records(ctx, q, who, access.CopyPerson, id)
	if err != nil || len(records) == 0 {
		return false, false, err
	}
	sees, until, err := persons.SeesProtected(ctx, q, who, id)
	return true, sees && until.IsZero(), err // who broke the glass sees for an emergency, not to hand it on
}

// Make makes the copy that a person asks for.
func Make(ctx context.Context, tx *db.Tx, who access.Actor, a Asking) (Copy, error) {
	her, err := a.Check(ctx, tx, who)
	if err != nil {
		return Copy{}, err
	}
	m := &maker{ctx: ctx, tx: tx, who: who, asking: a, s: words.In(a.Language), her: her, offices: map[string]string{}}
	m.copy = Copy{MadeAt: tx.Now(), Language: string(a.Language), Protected: a.Protected, Sections: []Section{}}
	m.copy.Name, m.copy.Office, m.copy.Organisation = m.nameOf(her), m.office(who.Office), m.organisation(who.Organisation)
	for _, room := range []func() error{m.register, m.assessments, m.cases, m.tickets, m.recipients} {
		if err := room(); err != nil {
			return Copy{}, fmt.Errorf("make copy: %w", err)
		}
	}
	return m.copy, m.record(her)
}

// Check refuses a copy that may not be made, or not by who asks, or that may not be safe. Else it returns whose it is.
func (a Asking) Check(ctx context.Context, tx *db.Tx, who access.Actor) (her persons.Person, err error) {
	if her, err = persons.Find(ctx, tx, who, a.Person); err != nil {
		return her, err
	}
	plain, protected, err := May(ctx, tx, who, a.Person)
	switch {
	case err != nil:
		return her, err
	case her.CardOnly || !plain:
		return her, fault.New(fault.Forbidden, "access.not_allowed")
	case !her.ErasedAt.IsZero():
		return her, fault.New(fault.Invalid, "person.erased")
	case !slices.Contains(words.Languages(), a.Language):
		return her, fault.New(fault.Invalid, "fault.bad_choice").On("language")
	case a.Protected && !protected:
		return her, fault.New(fault.Forbidden, "person.protected_not_allowed").On("protected")
	case Unsafe(her) && !a.Insists:
		return her, fault.New(fault.Invalid, "copy.not_safe").On("insists")
	}
	tx.Allowed()
	return her, nil
}

// record enters in the trail of each record that the copy was made, and whether she insisted.
func (m *maker) record(her persons.Person) error {
	of, err := persons.Records(m.ctx, m.tx, m.who, access.CopyPerson, her.ID)
	if err != nil {
		return err
	}
	after := map[string]any{"protected": m.asking.Protected}
	if Unsafe(her) {
		after["insists"] = true
	}
	for _, id := range of {
		entry := audit.Entry{Subject: "person:" + string(id), Person: string(id), After: after}
		if err := audit.Record(m.ctx, m.tx, m.who, access.CopyPerson, entry); err != nil {
			return err
		}
	}
	return nil
}

// maker makes one copy.
type maker struct {
	ctx     context.Context
	tx      *db.Tx
	who     access.Actor
	asking  Asking
	s       *words.Speaker
	her     persons.Person
	private persons.Protected
	copy    Copy
	offices map[string]string // names, by id
}

// add puts a section into the copy, if there is anything in it.
func (m *maker) add(name string, entries ...Entry) {
	m.titled(name, m.s.T("copy.section."+name), entries)
}

func (m *maker) titled(name, title string, entries []Entry) {
	entries = slices.DeleteFunc(entries, func(e Entry) bool { return len(e.Facts) == 0 && e.Title == "" })
	if len(entries) > 0 {
		m.copy.Sections = append(m.copy.Sections, Section{name, title, entries})
	}
}

func (m *maker) nameOf(p persons.Person) string {
	if m.s.Lang() == words.English && p.NameLatin != "" {
		return p.NameLatin
	}
	return p.Name()
}

// office is the name of an office, which anybody may know; nothing for one that there is no more.
func (m *maker) office(id string) string {
	name, known := m.offices[id]
	if !known {
		o, err := offices.Find(m.ctx, m.tx, access.System(access.ReadOffices), id)
		if err == nil {
			name = o.Name(string(m.s.Lang()))
		}
		m.offices[id] = name
	}
	return name
}

func (m *maker) organisation(id string) string {
	o, err := offices.FindOrganisation(m.ctx, m.tx, access.System(access.ReadOffices), id)
	if err != nil {
		return ""
	}
	return o.Name(string(m.s.Lang()))
}

// none tells whether an error says only that there is nothing of the kind.
func none(err error, key string) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Key == key
}
