// SPDX-License-Identifier: Apache-2.0

// Package casework is the pages over many cases: what is on one's hands today, the
// list, the board of a supervisor, what waits to be decided, and handing over.
// The pages of one case are in casefile.
package casework

import (
	"strconv"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/programmes"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages over many cases.
func Routes(_ *site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /day", Perm: access.ReadCases, Page: dayPage},
		{Path: "GET /day/next", Perm: access.ReadCases, Page: nextOfDay},
		{Path: "GET /cases", Perm: access.ReadCases, Page: listPage},
		{Path: "GET /board", Perm: access.ReadCases, Page: boardPage},
		{Path: "GET /decisions", Perm: access.ApproveCase, Page: decisionsPage},
		{Path: "GET /cases/hand-over", Perm: access.AssignCase, Page: handOverPage},
		{Path: "POST /cases/hand-over", Perm: access.AssignCase, Act: handOver, Page: handOverPage},
	}
}

// Day says a day as people do when it is near: today, tomorrow, Sunday 30 November.
func Day(s *words.Speaker, day, today dates.Partial) string {
	switch {
	case day == today:
		return s.T("common.today")
	case day == today.Add(1):
		return s.T("common.tomorrow")
	case day == today.Add(-1):
		return s.T("common.yesterday")
	case today.Add(-7).SurelyBefore(day) && day.SurelyBefore(today.Add(7)):
		return s.T("date.weekday", "weekday", dates.Weekday(s, day), "day", day.Day, "month", s.T("month."+strconv.Itoa(day.Month)))
	}
	return dates.Format(s, day)
}

// Due says what is due next in a case and when; nothing where nothing is.
func Due(s *words.Speaker, c cases.Case, today dates.Partial) string {
	day, due := c.DueDay()
	switch {
	case c.Paused:
		return s.T("casework.stopped")
	case !due:
		return ""
	case c.Late(today):
		return s.T("casework.due_was", "what", s.T("casework.due."+c.DueFor), "day", Day(s, day, today))
	}
	return s.T("casework.due_by", "what", s.T("casework.due."+c.DueFor), "day", Day(s, day, today))
}

// Tags say where a case stands, how much danger there is, and that it is late.
func Tags(s *words.Speaker, c cases.Case, today dates.Partial) []kit.Tag {
	tags := []kit.Tag{{Text: s.T("case.status." + string(c.Status)), Tone: kit.Accent}}
	switch c.Risk {
	case cases.High, cases.Critical:
		tags = append(tags, kit.Tag{Text: s.T("case.risk." + string(c.Risk)), Tone: kit.Danger})
	case cases.Medium:
		tags = append(tags, kit.Tag{Text: s.T("case.risk.medium")})
	}
	if c.Live() && !c.Paused && c.Late(today) {
		tags = append(tags, kit.Tag{Text: s.T("case.late"), Tone: kit.Attention})
	}
	return tags
}

// path is the address of the file of a case.
func path(id cases.ID) string { return casehead.Path(id) }

// Colleague is somebody whom work may be given to, or who may be told of it.
type Colleague struct{ ID, Name, Login, Office string }

// Colleagues are the users of some ids, by name. Who works on what is no secret within a case.
func Colleagues(r *site.Request, q db.Reader, ids []string) (all []Colleague, err error) {
	for _, id := range ids {
		u, err := accounts.FindUser(r.Context(), q, access.System(access.ReadUsers), id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Colleague{u.ID, u.Name, u.Login, u.Office})
	}
	return all, nil
}

// Workers are the users who may work on cases of an office, as options; the visitor first.
func Workers(r *site.Request, q db.Reader, office string) (options []kit.Option, err error) {
	scopes, err := offices.Scopes(r.Context(), q, office)
	if err != nil {
		return nil, err
	}
	able, err := accounts.WhoHolds(r.Context(), q, access.WorkCase, scopes...)
	if err != nil {
		return nil, err
	}
	all, err := Colleagues(r, q, able)
	for _, c := range all {
		options = append(options, kit.Option{Value: c.ID, Label: c.Name})
	}
	return options, err
}

// names are the cards of the persons whose cases these are.
func names(r *site.Request, q db.Reader, all []cases.Case) (map[persons.ID]persons.Card, error) {
	wanted := make([]persons.ID, len(all))
	for i, c := range all {
		wanted[i] = c.Person
	}
	return persons.FindCards(r.Context(), q, r.Who, wanted)
}

// nameOf calls a person by her name, or says that her record is not the reader's to see.
func nameOf(s *words.Speaker, cards map[persons.ID]persons.Card, id persons.ID) string {
	c, ok := cards[id]
	if !ok {
		return s.T("case.person_unseen")
	}
	return people.Name(s, c.NameBn, c.NameLatin)
}

// worker says who has a case.
func worker(s *words.Speaker, c cases.Case) string {
	if c.Worker == "" {
		return s.T("casework.nobody")
	}
	return c.WorkerName
}

// idleDays is after how many days without anything done a case is looked at, as
// the programme that ships has it.
func idleDays(r *site.Request, q db.Reader) (int, error) {
	p, err := programmes.Find(r.Context(), q, "reintegration")
	return p.Untouched, err
}
