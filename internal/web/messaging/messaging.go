// SPDX-License-Identifier: Apache-2.0

// Package messaging is the pages of messages: how they leave, for who looks after that, and what was sent to one person, for who
// works with her. There is no text and no number on them.
package messaging

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// Routes are the pages of messages.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /messages", Perm: access.ManageMessages, Page: overview},
		{Path: "POST /messages/again", Perm: access.ManageMessages, Act: allAgain},
		{Path: "POST /messages/{id}/again", Perm: access.ManageMessages, Act: again},
		{Path: "GET /persons/{id}/messages", Perm: access.ReadCalls, Page: ofPerson},
		{Path: "POST /persons/{id}/messages/{message}/again", Perm: access.LogCall, Act: againToPerson},
		{Path: "GET /cases/{id}/messages", Perm: access.ReadCalls, Page: ofCase},
		{Path: "POST /cases/{id}/messages/{message}/again", Perm: access.LogCall, Act: againOfCase},
	}
}

type overviewView struct {
	kit.Frame
	Gates  []gateView
	Oldest string
	Counts []kit.Row
	Failed []kit.Row
}

func overview(r *site.Request, q db.Reader) (templ.Component, error) {
	o, err := messages.Look(r.Context(), q, r.Who)
	if err != nil {
		return nil, err
	}
	s := r.S
	v := overviewView{Frame: r.Frame(s.T("message.title"))}
	for _, g := range o.Gates {
		v.Gates = append(v.Gates, gate(r, g))
	}
	if len(v.Gates) == 0 {
		v.Gates = []gateView{{Notice: kit.Notice{Tone: kit.Attention, Text: s.T("message.gateway_unset")}}}
	}
	if !o.Oldest.IsZero() {
		v.Oldest = s.T("message.oldest", "when", dates.Near(s, o.Oldest, r.Now))
	}
	for _, state := range messages.States() {
		if o.Counts[state] == 0 {
			continue
		}
		v.Counts = append(v.Counts, kit.Row{Cells: []templ.Component{kit.Text(s.T("message.state." + string(state))), kit.Text(s.Number(o.Counts[state]))}})
	}
	for _, i := range o.Failed {
		action := ""
		if i.MayRepeat {
			action = "/messages/" + string(i.ID) + "/again"
		}
		v.Failed = append(v.Failed, kit.Row{Cells: []templ.Component{kit.Text(s.T("message.kind." + i.Kind)), kit.Text(dates.Near(s, i.MadeAt, r.Now)), kit.Text(s.T("message.state." + string(i.State))),
			kit.Text(why(r, i)), repeat(s, action)}})
	}
	return overviewPage(v), nil
}

// gateView is a gateway, and how it fares.
type gateView struct {
	Notice kit.Notice
	Facts  []kit.Fact
}

// gate says by which gateway messages leave, and how it fares.
func gate(r *site.Request, g messages.Gate) gateView {
	s, n := r.S, kit.Notice{Tone: kit.Good}
	switch g.Name {
	case "none":
		return gateView{Notice: kit.Notice{Tone: kit.Attention, Text: s.T("message.gateway_none")}}
	case "kannel", "files", "mail":
		n.Text = s.T("message.gateway_" + g.Name)
	default:
		n.Text = s.T("message.gateway_kannel")
	}
	good, bad := s.T("message.never"), s.T("message.never")
	if !g.GoodAt.IsZero() {
		good = dates.Near(s, g.GoodAt, r.Now)
	}
	if !g.BadAt.IsZero() {
		bad = dates.Near(s, g.BadAt, r.Now)
		if g.Why != "" {
			bad += ": " + s.T(g.Why)
		}
	}
	if g.BadAt.After(g.GoodAt) {
		n.Tone = kit.Danger
	}
	return gateView{n, []kit.Fact{{Label: s.T("message.gateway_good"), Value: good}, {Label: s.T("message.gateway_bad"), Value: bad}}}
}

func why(r *site.Request, i messages.Item) string {
	if i.Why == "" {
		return ""
	}
	return r.S.T(i.Why)
}

func again(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	r.Say("message_again")
	return "/messages", messages.Repeat(r.Context(), tx, r.Who, messages.ID(id))
}

func allAgain(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("messages_again")
	_, err := messages.RepeatAll(r.Context(), tx, r.Who)
	return "/messages", err
}

type listView struct {
	kit.Frame
	Name   string
	Back   string
	Head   casehead.Head // of a case
	Events []kit.Event
}

func ofPerson(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	of, err := persons.Records(r.Context(), q, r.Who, access.ReadCalls, persons.ID(id))
	if err == nil && len(of) == 0 {
		err = fault.New(fault.NotFound, "person.not_found")
	}
	if err != nil {
		return nil, err
	}
	p, err := persons.FindCard(r.Context(), q, r.Who, persons.ID(id))
	if err != nil {
		return nil, err
	}
	all, err := messages.OfPerson(r.Context(), q, r.Who, p.ID)
	v := listView{Frame: r.Frame(r.S.T("message.to_her")), Name: people.Name(r.S, p.NameBn, p.NameLatin), Back: "/persons/" + id}
	v.QuickExit = true
	v.Events, _ = events(r, all, "/persons/"+id), err
	return personPage(v), err
}

func ofCase(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v := listView{Frame: r.Frame(r.S.T("message.to_her"))}
	v.QuickExit = true
	if v.Head, err = casehead.New(r, q, cases.ID(id), "messages"); err != nil {
		return nil, err
	}
	may, err := people.Reaches(r, q, access.ReadCalls, v.Head.Case.Person)
	if err == nil && !may {
		err = fault.New(fault.NotFound, "case.not_found")
	}
	if err != nil {
		return nil, err
	}
	all, err := messages.OfCase(r.Context(), q, r.Who, cases.ID(id))
	v.Events = events(r, all, "/cases/"+id)
	return casePage(v), err
}

// events are messages as entries of a timeline: what, when, how far, by whose telephone, and what was answered.
func events(r *site.Request, all []messages.Item, at string) (list []kit.Event) {
	s := r.S
	for _, i := range all {
		tags := []kit.Tag{{Text: s.T("message.state." + string(i.State)), Tone: tone(i.State)}}
		if i.Owner != "" {
			tags = append(tags, kit.Tag{Text: s.T("message.left_by", "whose", s.T("person.owner."+i.Owner))})
		}
		v := entry{Tags: tags, Why: why(r, i)}
		if i.State == messages.Waiting && i.Due.After(r.Now) {
			v.Why = dates.Near(s, i.Due, r.Now)
		}
		if i.Answer != "" {
			v.Answer = s.T("message.answer."+string(i.Answer)) + " · " + s.T("message.answer_by."+i.AnswerBy) + " · " + dates.Near(s, i.AnswerAt, r.Now)
			v.Words = i.Words
		}
		if i.MayRepeat && slices.Contains([]messages.State{messages.Held, messages.Failed, messages.Undelivered}, i.State) {
			v.Again = at + "/messages/" + string(i.ID) + "/again"
		}
		when := i.MadeAt
		if !i.LeftAt.IsZero() {
			when = i.LeftAt
		}
		list = append(list, kit.Event{Title: s.T("message.kind." + i.Kind), When: dates.Near(s, when, r.Now), ISO: when.Format(time.RFC3339), Who: by(i), Body: body(s, v)})
	}
	return list
}

// by is who sent it; of the program itself nothing is said.
func by(i messages.Item) string {
	if i.By == messages.Program().Name {
		return ""
	}
	return i.By
}

// entry is one message in words.
type entry struct {
	Tags   []kit.Tag
	Why    string
	Answer string
	Words  string
	Again  string // action that sends it again
}

func tone(state messages.State) kit.Tone {
	switch state {
	case messages.Held, messages.Failed, messages.Undelivered:
		return kit.Attention
	case messages.Delivered:
		return kit.Good
	}
	return kit.Plain
}

func againToPerson(r *site.Request, tx *db.Tx) (string, error) {
	return repeated(r, tx, "/persons/")
}

func againOfCase(r *site.Request, tx *db.Tx) (string, error) {
	return repeated(r, tx, "/cases/")
}

func repeated(r *site.Request, tx *db.Tx, above string) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	message, err := r.ID("message")
	if err != nil {
		return "", err
	}
	r.Say("message_again")
	return above + id + "/messages", messages.Repeat(r.Context(), tx, r.Who, messages.ID(message))
}
