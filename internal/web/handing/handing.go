// SPDX-License-Identifier: Apache-2.0

// Package handing is the pages on which a whole case goes from one organisation to another: offered from its file, alone or with many
// others, taken at the other organisation, and closed here; and those on which somebody whom another network sent becomes a person
// and a case.
package handing

import (
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/handovers"
	"fera/internal/offices"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of the room.
func Routes(*site.Site) []site.Route {
	give, take := access.SendReferral, access.WorkCase
	return []site.Route{
		{Path: "GET /cases/{id}/handover", Perm: give, Page: ofCase},
		{Path: "POST /cases/{id}/handover", Perm: give, Act: offer, Page: ofCase},
		{Path: "GET /handovers/{id}", Perm: give, Page: given},
		{Path: "POST /handovers/{id}/{act}", Perm: give, Act: giverActs, Page: given},
		{Path: "GET /handing", Perm: access.CloseCase, Page: batches},
		{Path: "GET /handing/many", Perm: access.CloseCase, Page: many},
		{Path: "POST /handing/many", Perm: access.CloseCase, Act: offerMany, Page: many},
		{Path: "GET /handing/{id}", Perm: access.CloseCase, Page: batch},
		{Path: "GET /takeovers", Perm: take, Page: arrivals},
		{Path: "GET /takeovers/{id}", Perm: take, Page: cover},
		{Path: "POST /takeovers/{id}/{act}", Perm: take, Act: takerActs, Page: cover},
		{Path: "GET /intake/{id}", Perm: access.OpenCase, Page: intake},
		{Path: "POST /intake/{id}", Perm: access.OpenCase, Act: admit, Page: intake},
	}
}

// Told is where somebody looks at a hand-over of which a notice tells her: where it came, or where it was offered.
func Told(who access.Actor, notice, id string) string {
	came := slices.Contains([]string{"notice.handover_offered", "notice.handover_withdrawn", "notice.handover_due"}, notice)
	switch {
	case came && who.Holds(access.WorkCase):
		return "/takeovers/" + id
	case !came && notice != "notice.handover_meeting" && who.Holds(access.SendReferral):
		return "/handovers/" + id
	}
	return ""
}

// organisations says the names of organisations, which are no secret.
type organisations map[string]offices.Organisation

func named(r *site.Request, q db.Reader) (organisations, error) {
	all, err := offices.Organisations(r.Context(), q, access.System(access.ReadOffices))
	names := organisations{}
	for _, o := range all {
		names[o.ID] = o
	}
	return names, err
}

func (o organisations) said(s *words.Speaker, id string) string { return o[id].Name(string(s.Lang())) }

// due says the day by which whoever's turn it is has to act.
func due(s *words.Speaker, day string) string {
	d, err := dates.Parse(day)
	if day == cases.Never || err != nil {
		return ""
	}
	return dates.Format(s, d)
}

func state(s *words.Speaker, st handovers.State, late bool) []kit.Tag {
	tone := map[handovers.State]kit.Tone{handovers.Offered: kit.Accent, handovers.Received: kit.Accent, handovers.Taken: kit.Good, handovers.Done: kit.Good, handovers.Declined: kit.Attention,
		handovers.Expired: kit.Attention}[st]
	tags := []kit.Tag{{Text: s.T("handing.state." + string(st)), Tone: tone}}
	if late {
		tags = append(tags, kit.Tag{Text: s.T("case.late"), Tone: kit.Attention})
	}
	return tags
}

func parts(s *words.Speaker, all []handovers.Part) (said []string) {
	for _, p := range all {
		said = append(said, s.T("handing.part."+string(p)))
	}
	return said
}

func meeting(s *words.Speaker, at time.Time, where string) string {
	if at.IsZero() {
		return ""
	}
	said := dates.FormatTime(s, at)
	if where != "" {
		said += " · " + where
	}
	return said
}

func events(r *site.Request, all []handovers.Event) (list []kit.Event) {
	for _, e := range all {
		list = append(list, kit.Event{When: dates.Near(r.S, e.At, r.Now), ISO: e.At.Format(time.RFC3339), Title: r.S.T("handing.act." + string(e.Act)), Who: e.By, Text: e.Why})
	}
	slices.Reverse(list)
	return list
}

func fact(s *words.Speaker, key, value string) kit.Fact {
	return kit.Fact{Label: s.T("handing." + key), Value: value}
}

// request says the minimum: who it is about, as far as one may know before the case is taken.
func request(s *words.Speaker, q handovers.Request, district string) []kit.Fact {
	home, risk := "", ""
	if district != "" {
		home = geo.Name(s.Lang(), district)
	}
	if q.Risk != cases.Unrated {
		risk = s.T("case.risk." + string(q.Risk))
	}
	sex := ""
	if q.Sex != "" {
		sex = s.T("person.sex." + q.Sex)
	}
	return people.Facts(fact(s, "sex", sex), fact(s, "age", s.Digits(q.AgeBand)), fact(s, "home", home), fact(s, "risk", risk))
}

// moment reads the day and the time that were typed.
func moment(r *site.Request) (time.Time, error) {
	day, err := dates.Parse(r.PostFormValue("at"))
	if err != nil || day.Precision() != dates.Day {
		return time.Time{}, fault.New(fault.Invalid, "handover.day_ahead").On("at")
	}
	hour, err := time.Parse("15:04", r.PostFormValue("time"))
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "handing.time_needed").On("time")
	}
	return day.Start().Add(time.Duration(hour.Hour())*time.Hour + time.Duration(hour.Minute())*time.Minute), nil
}

// meets are the fields of a meeting.
type meets struct{ At, Time, Where kit.Input }

func meetFields(r *site.Request) meets {
	at, hour := r.Input("at", r.S.T("handing.meet_day"), ""), r.Input("time", r.S.T("handing.meet_time"), "")
	hour.Type, hour.Width = "time", kit.Short
	where := r.Input("where", r.S.T("handing.meet_where"), "")
	where.Optional, where.MaxLength = true, 300
	return meets{at, hour, where}
}

// options makes the options of a choice.
func options(s *words.Speaker, prefix string, codes []string) (all []kit.Option) {
	for _, c := range codes {
		all = append(all, kit.Option{Value: c, Label: s.T(prefix + c)})
	}
	return all
}
