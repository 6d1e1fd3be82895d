// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"slices"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/plans"
	"fera/internal/programmes"
	"fera/internal/services"
	"fera/internal/words"
)

// cases puts in her cases, the earliest first, each with all that was written, planned and given.
func (m *maker) cases() error {
	all, err := cases.Of(m.ctx, m.tx, m.who, m.her.ID)
	if err != nil {
		return err
	}
	slices.Reverse(all)
	for _, c := range all {
		for _, part := range []func(cases.Case) error{m.file, m.course, m.notes, m.tasks, m.decisions, m.plans, m.reviews, m.services, m.referrals, m.appointments, m.stays} {
			if err := part(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// of names a section of a case, with the case when there are several.
func (m *maker) of(c cases.Case, name string, entries []Entry) {
	m.titled(name, m.s.T("copy.of_case", "section", m.s.T("copy.section."+name), "day", dates.Format(m.s, dates.Of(c.OpenedAt))), entries)
}

func (m *maker) file(c cases.Case) error {
	p, err := programmes.Find(m.ctx, m.tx, c.Programme)
	if err != nil {
		return err
	}
	e := m.say("")
	e.fact("programme", c.Programme, m.either(p.NameBn, p.NameEn))
	e.fact("organisation", c.Organisation, m.organisation(c.Organisation))
	e.fact("office", c.Office, m.office(c.Office))
	e.code("status", "case.status", string(c.Status))
	e.code("risk", "case.risk", string(c.Risk))
	e.code("origin", "copy.origin", c.Origin)
	e.when("opened", c.OpenedAt)
	e.when("closed", c.ClosedAt)
	if c.Closure != "" {
		k, err := programmes.ClosureOf(m.ctx, m.tx, c.Programme, c.Closure)
		if err != nil {
			return err
		}
		e.fact("closure", k.Code, m.either(k.Bn, k.En))
	}
	pauses, err := cases.Pauses(m.ctx, m.tx, m.who, c.ID)
	if err != nil {
		return err
	}
	for _, p := range pauses {
		e.fact("paused", p.From.String(), m.s.T("copy.paused", "from", dates.Format(m.s, p.From), "until", dates.Format(m.s, p.Until), "why", p.Reason))
	}
	members, err := cases.Members(m.ctx, m.tx, m.who, c.ID)
	for _, f := range members {
		e.fact("member", f.Relation.Relation, m.word("person.kinship", f.Relation.Relation)+" "+f.Relation.Name)
	}
	m.of(c, "case", []Entry{e.Entry})
	return err
}

// either is the wording in the language of the copy.
func (m *maker) either(bn, en string) string {
	if m.s.Lang() == words.English {
		return en
	}
	return bn
}

// whole reads a list whose latest come first to its end, and turns it round.
func whole[T any](list func(cases.Part) ([]T, error), id func(T) string) (all []T, err error) {
	const most = 200
	for part := (cases.Part{Limit: most}); ; {
		some, err := list(part)
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(some) < most {
			slices.Reverse(all)
			return all, nil
		}
		part.Before = id(some[len(some)-1])
	}
}

func (m *maker) course(c cases.Case) error {
	all, err := whole(func(p cases.Part) ([]cases.Event, error) { return cases.History(m.ctx, m.tx, m.who, c.ID, p) }, func(e cases.Event) string { return e.ID })
	var entries []Entry
	for _, event := range all {
		e := m.say("")
		e.when("at", event.At)
		e.code("done", "copy.done", string(event.Act))
		e.plain("why", event.Why)
		entries = append(entries, e.Entry)
	}
	m.of(c, "case_history", entries)
	return err
}

func (m *maker) notes(c cases.Case) error {
	id := func(n cases.Note) string { return n.ID }
	all, err := whole(func(p cases.Part) ([]cases.Note, error) { return cases.Notes(m.ctx, m.tx, m.who, c.ID, p) }, id)
	if err != nil {
		return err
	}
	if m.asking.Protected {
		more, err := whole(func(p cases.Part) ([]cases.Note, error) { return cases.LookAtNotes(m.ctx, m.tx, m.who, c.ID, p) }, id)
		if err != nil {
			return err
		}
		all = append(all, more...)
	}
	slices.SortStableFunc(all, func(a, b cases.Note) int { return a.At.Compare(b.At) })
	var entries []Entry
	for _, n := range all {
		if slices.Contains(m.asking.LeaveOut, n.ID) {
			m.copy.LeftOut++
			continue
		}
		e := m.say(dates.Format(m.s, dates.Of(n.At)))
		e.plain("note", n.Text)
		e.yes("corrected", n.Replaced)
		entries = append(entries, e.Entry)
	}
	m.of(c, "case_notes", entries)
	return nil
}

func (m *maker) tasks(c cases.Case) error {
	all, err := cases.TasksOf(m.ctx, m.tx, m.who, c.ID)
	var entries []Entry
	for _, t := range all {
		e := m.say("")
		e.plain("task", t.What)
		e.date("due_on", t.DueOn)
		entries = append(entries, e.Entry)
	}
	m.of(c, "case_tasks", entries)
	return err
}

func (m *maker) decisions(c cases.Case) error {
	all, err := cases.Approvals(m.ctx, m.tx, m.who, c.ID)
	var entries []Entry
	for _, a := range all {
		e := m.say("")
		e.when("at", a.AskedAt)
		e.code("asked", "copy.approval", string(a.Kind))
		e.money("amount", a.Amount)
		e.plain("why", a.Why)
		e.code("decision", "copy.decision", string(a.Decision))
		for _, v := range a.Votes {
			e.plain("answer", v.Why)
		}
		entries = append(entries, e.Entry)
	}
	m.of(c, "case_decisions", entries)
	return err
}

// plans puts in the plan of a case: each version that there was, the latest first.
func (m *maker) plans(c cases.Case) error {
	read := func(number int) (plans.Plan, error) {
		if m.asking.Protected {
			return plans.Look(m.ctx, m.tx, m.who, c.ID, number)
		}
		return plans.Find(m.ctx, m.tx, m.who, c.ID, number)
	}
	newest, err := read(0)
	if none(err, "plan.not_found") {
		return nil
	}
	if err != nil {
		return err
	}
	for n := newest.Number; n > 0; n-- {
		p := newest
		if n != newest.Number {
			if p, err = read(n); err != nil {
				return err
			}
		}
		title := m.s.T("copy.plan_draft")
		if !p.AgreedAt.IsZero() {
			title = m.s.T("copy.plan_agreed", "number", n, "day", dates.Format(m.s, dates.Of(p.AgreedAt)))
		}
		m.titled("plan", title, m.goals(p))
	}
	return nil
}

func (m *maker) goals(p plans.Plan) (all []Entry) {
	for _, g := range p.Goals {
		e := m.say(g.Words)
		e.code("dimension", "copy.dimension", string(g.Dimension))
		e.code("level", "copy.level", string(g.Level))
		for _, s := range g.Steps {
			text := m.s.T("copy.step", "what", s.What, "who", m.word("copy.doer", s.Who), "by", dates.Format(m.s, s.By))
			if s.State.Outcome != "" {
				text += " · " + m.word("copy.outcome", s.State.Outcome)
			}
			if s.State.Why != "" {
				text += ": " + s.State.Why
			}
			e.fact("step", s.What, text)
		}
		all = append(all, e.Entry)
	}
	return all
}

func (m *maker) reviews(c cases.Case) error {
	all, err := plans.Reviews(m.ctx, m.tx, m.who, c.ID)
	var entries []Entry
	for _, r := range all {
		e := m.say("")
		e.date("due_on", r.DueOn)
		e.when("held_at", r.DoneAt)
		e.plain("found", r.Found)
		entries = append(entries, e.Entry)
	}
	m.of(c, "plan_reviews", entries)
	return err
}

func (m *maker) services(c cases.Case) error {
	id := func(s services.Service) string { return string(s.ID) }
	all, err := whole(func(p cases.Part) ([]services.Service, error) { return services.List(m.ctx, m.tx, m.who, c.ID, p) }, id)
	if err != nil {
		return err
	}
	if m.asking.Protected {
		more, err := whole(func(p cases.Part) ([]services.Service, error) { return services.Look(m.ctx, m.tx, m.who, c.ID, p) }, id)
		if err != nil {
			return err
		}
		all = append(all, more...)
	}
	slices.SortStableFunc(all, func(a, b services.Service) int { return a.At.Compare(b.At) })
	var entries []Entry
	for _, s := range all {
		e, err := m.service(s)
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	m.of(c, "services", entries)
	return nil
}

func (m *maker) service(s services.Service) (Entry, error) {
	k, err := services.FindKind(m.ctx, m.tx, s.Code, s.On)
	if err != nil {
		return Entry{}, err
	}
	e := m.say(m.either(k.NameBn, k.NameEn))
	e.date("on", s.On)
	if !k.Money && s.Quantity > 1 {
		e.count("quantity", s.Quantity)
	}
	e.money("amount", s.Amount)
	e.code("state", "copy.state", string(s.State))
	e.plain("remark", s.Remark)
	for _, f := range k.Fields {
		value := s.Details[f.Key]
		text := value
		for _, o := range f.Options {
			if o.Key == value {
				text = m.either(o.Bn, o.En)
			}
		}
		if f.Kind == "number" {
			text = m.s.Digits(value)
		}
		e.as(f.Key, m.either(f.Bn, f.En), value, text)
	}
	e.plain("receipt", s.Receipt)
	e.plain("why", s.Why)
	if s.HasNotes {
		e.fact("session_notes", "true", m.s.T("copy.session_notes"))
	}
	return e.Entry, nil
}
