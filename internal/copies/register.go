// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"slices"
	"strconv"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/occupations"
	"fera/internal/persons"
)

// register puts in what the register keeps.
func (m *maker) register() (err error) {
	if m.asking.Protected {
		if m.private, err = persons.Look(m.ctx, m.tx, m.who, m.her.ID); err != nil {
			return err
		}
	}
	m.add("person", m.values())
	m.add("values", m.others()...)
	if err := m.reach(); err != nil {
		return err
	}
	m.add("journeys", m.journeys()...)
	m.add("family", m.family()...)
	m.add("functioning", m.functioning()...)
	m.add("consents", m.consents()...)
	return m.files()
}

// values are those in use.
func (m *maker) values() Entry {
	e := m.say("")
	for _, f := range persons.Fields() {
		value := m.private.Values[f]
		if i := slices.IndexFunc(m.her.Claims, func(c persons.Claim) bool { return c.Field == f && c.InUse }); i >= 0 {
			value = m.her.Claims[i].Value
		}
		e.as(string(f), m.s.T("person.field."+string(f)), value, m.valueOf(f, value))
	}
	return e.Entry
}

// others are the values that were given for a field and are not in use.
func (m *maker) others() (all []Entry) {
	for _, c := range m.her.Claims {
		if c.InUse {
			continue
		}
		e := m.say("")
		e.as(string(c.Field), m.s.T("person.field."+string(c.Field)), c.Value, m.valueOf(c.Field, c.Value))
		e.code("source", "person.source", string(c.Source))
		e.when("at", c.At)
		all = append(all, e.Entry)
	}
	return all
}

func (m *maker) valueOf(f persons.Field, value string) string {
	switch f {
	case persons.SexField:
		return m.word("person.sex", value)
	case persons.Marital, persons.Schooling:
		return m.word("person."+string(f), value)
	case persons.PapersHome:
		return m.word("person.papers_home", value)
	case persons.DoNotContact:
		if m.s.Has("person.value_" + value) {
			return m.s.T("person.value_" + value)
		}
	case persons.Birth:
		if d, err := dates.Parse(value); err == nil {
			return dates.Format(m.s, d)
		}
	case persons.Home:
		if full := geo.Full(m.s.Lang(), value); full != "" {
			return full
		}
	}
	return value
}

// reach puts in her contacts and papers, with the numbers in full as far as who makes the copy may see them.
func (m *maker) reach() error {
	var contacts, papers []Entry
	for _, c := range m.her.Contacts {
		e := m.say("")
		e.code("contact_kind", "person.contact_kind", c.Kind)
		if err := m.number(e, persons.ContactRow, c.ID, c.Last); err != nil {
			return err
		}
		e.code("owner", "person.owner", c.Owner)
		e.code("safety", "person.safety", c.Safety)
		e.codes("ways", "person.way", c.Ways)
		e.plain("hours", c.Hours)
		contacts = append(contacts, e.Entry)
	}
	for _, i := range m.her.Identifiers {
		e := m.say("")
		e.code("paper_kind", "person.paper_kind", i.Kind)
		if err := m.number(e, persons.IdentifierRow, i.ID, i.Last); err != nil {
			return err
		}
		e.date("issued", i.Issued)
		e.date("expires", i.Expires)
		e.plain("issuer", i.Issuer)
		e.yes("seen", i.Seen)
		papers = append(papers, e.Entry)
	}
	m.add("contacts", contacts...)
	m.add("papers", papers...)
	return nil
}

// number says a number of hers: in full, or what may be shown of it.
func (m *maker) number(e *saying, row persons.Row, id, last string) error {
	n, err := persons.Reveal(m.ctx, m.tx, m.who, persons.RowOf{Person: m.her.ID, Row: row, ID: id})
	if fault.KindOf(err) == fault.Forbidden && err != nil || none(err, "person.row_not_found") {
		e.plain("number_end", last)
		return nil
	}
	e.plain("number", n)
	return err
}

func (m *maker) journeys() (all []Entry) {
	for _, j := range m.her.Journeys {
		e := m.say(countries.Name(m.s.Lang(), j.Country))
		e.plain("city", j.City)
		e.fact("occupation", j.Occupation, occupations.Name(m.s.Lang(), j.Occupation))
		e.plain("work", j.Work)
		e.plain("employer", j.Employer)
		e.plain("recruiter", j.Recruiter)
		e.code("left_by", "person.left_by", j.LeftBy)
		e.money("cost", j.Cost*100)
		e.codes("paid_by", "person.paid_by", j.PaidBy)
		e.date("departed", j.Departed)
		e.date("returned", j.Returned)
		e.code("port", "person.port", j.Port)
		e.codes("held", "person.held", j.Papers)
		e.codes("reasons", "person.reason", j.Reasons)
		if c, told := m.private.Circumstances[j.ID]; told {
			e.codes("happened", "person.happened", c.Happened)
			e.plain("account", c.Account)
			e.money("owed", c.Owed*100)
			e.money("debt", c.Debt*100)
		}
		all = append(all, e.Entry)
	}
	return all
}

func (m *maker) family() (all []Entry) {
	for _, r := range m.her.Relations {
		e := m.say("")
		e.code("relation", "person.kinship", r.Relation)
		e.plain("name", r.Name)
		if r.Sex != persons.Unsaid {
			e.code("sex", "person.sex", string(r.Sex))
		}
		e.date("birth", r.Birth)
		e.yes("lives_with", r.LivesWith)
		e.yes("depends", r.Depends)
		all = append(all, e.Entry)
	}
	return all
}

func (m *maker) functioning() (all []Entry) {
	names := []string{"vision", "hearing", "mobility", "cognition", "self_care", "communication"}
	for _, f := range m.private.Functioning {
		e := m.say(dates.Format(m.s, dates.Of(f.At)))
		for i, answer := range f.Domains() {
			if answer > 0 {
				e.as(names[i], m.s.T("person.wg."+names[i]), strconv.Itoa(answer), m.s.T("person.wg."+strconv.Itoa(answer)))
			}
		}
		all = append(all, e.Entry)
	}
	return all
}

func (m *maker) consents() (all []Entry) {
	for _, c := range m.her.Consents {
		e := m.say("")
		e.code("purpose", "person.purpose", string(c.Purpose))
		answer := "no"
		if c.Given {
			answer = "yes"
		}
		e.fact("given", answer, m.s.T("person.consent_said_"+answer))
		e.code("method", "person.method", c.Method)
		e.when("at", c.At)
		all = append(all, e.Entry)
	}
	return all
}

// files puts in which documents and photographs there are; their contents are given beside the copy.
func (m *maker) files() error {
	all, err := persons.Files(m.ctx, m.tx, m.who, m.her.ID, false)
	if err != nil {
		return err
	}
	if m.asking.Protected {
		more, err := persons.Files(m.ctx, m.tx, m.who, m.her.ID, true)
		if err != nil {
			return err
		}
		all = append(all, more...)
	}
	var entries []Entry
	for _, f := range all {
		e := m.say("")
		e.code("file_kind", "copy.file", string(f.Kind))
		e.plain("title", f.Title)
		e.when("at", f.At)
		entries = append(entries, e.Entry)
	}
	m.add("files", entries...)
	return nil
}

// recipients puts in who was told what: the offices that registered her, and those whose people looked at what is closed.
func (m *maker) recipients() error {
	var recorded, looked []Entry
	for _, o := range m.her.Recorded {
		e := m.say("")
		e.fact("organisation", o.Organisation, m.organisation(o.Organisation))
		e.fact("office", o.Office, m.office(o.Office))
		e.when("at", o.At)
		recorded = append(recorded, e.Entry)
	}
	m.add("registrations", recorded...)
	if !m.who.Holds(access.ReadLooks) {
		return nil
	}
	lines, err := persons.Looks(m.ctx, m.tx, m.who, m.her.ID)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil
	}
	if err != nil {
		return err
	}
	slices.SortStableFunc(lines, func(a, b audit.Line) int { return a.At.Compare(b.At) })
	for _, l := range lines {
		if l.Act != access.RevealNumbers && !m.asking.Protected {
			continue // that there is anything protected is protected
		}
		if l.At.Equal(m.tx.Now()) {
			continue // what this copy took to make
		}
		e := m.say("")
		e.when("at", l.At)
		e.code("look", "copy.look", string(l.Act))
		e.fact("office", l.Office, m.office(l.Office))
		looked = append(looked, e.Entry)
	}
	m.add("looks", looked...)
	return nil
}
