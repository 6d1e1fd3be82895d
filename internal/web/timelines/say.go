// SPDX-License-Identifier: Apache-2.0

package timelines

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/assessments"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/programmes"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/services"
	"fera/internal/timeline"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/referring"
	"fera/internal/web/shared"
	"fera/internal/web/site"
	"fera/internal/words"
)

// teller says entries in words.
type teller struct {
	ctx context.Context
	q   db.Reader
	s   *words.Speaker
	now time.Time
}

// tell fills the page with what happened.
func (v *view) tell(r *site.Request, q db.Reader, p timeline.Page) error {
	v.names = map[string]programmes.Programme{}
	for _, c := range v.Cases {
		if pr, err := programmes.Find(r.Context(), q, c.Programme); err == nil {
			v.names[c.Programme] = pr
		}
	}
	v.Next = p.Next
	t := teller{r.Context(), q, r.S, r.Now}
	for _, e := range p.Entries {
		said, err := t.say(e)
		if err != nil {
			return err
		}
		v.Events = append(v.Events, said)
	}
	return nil
}

// say says one entry. What happened in a case leads to the part of its file where it is kept.
func (t teller) say(e timeline.Entry) (kit.Event, error) {
	k := kit.Event{When: dates.Near(t.s, e.At, t.now), ISO: e.At.UTC().Format(time.RFC3339)}
	var err error
	switch of := e.Of.(type) {
	case persons.Journey:
		t.journey(&k, of)
	case persons.Origin:
		k.Title, k.Who, k.Tone = t.s.T("timeline.registered"), of.User, kit.Accent
	case persons.Consent:
		t.consent(&k, of)
	case audit.Line:
		t.merge(&k, of)
	case files.File:
		k.Title, k.Who = t.s.T("timeline.file", "title", of.Title), of.By
	case assessments.Listed:
		k.Title, k.Who, k.Href = t.s.T("timeline.answered", "title", of.Title.In(string(t.s.Lang()))), of.HandName, "/assessments/"+string(of.ID)
	case cases.Event:
		k.Href = casehead.Path(e.Case)
		t.course(&k, of)
	case plans.Happening:
		k.Href = casehead.Path(e.Case, "plan")
		t.plan(&k, of)
	case services.Service:
		k.Href = casehead.Path(e.Case, "services")
		err = t.service(&k, of)
	case referrals.Happening:
		k.Href = casehead.Path(e.Case, "referrals", string(of.Referral.ID))
		err = t.referral(&k, of)
	case cases.Note:
		k.Href = casehead.Path(e.Case)
		t.note(&k, of)
	case cases.Task:
		k.Title, k.Who, k.Href = t.s.T("timeline.done", "what", of.What), of.DoneBy, casehead.Path(e.Case)
	case appointments.Appointment:
		k.Title, k.Who, k.Href, k.Tone = t.s.T("timeline.appointment_"+string(of.State)), of.WithName, casehead.Path(e.Case, "appointments"), kit.Good
		if of.State == appointments.Missed {
			k.Tone = kit.Attention
		}
	default:
		err = fault.New(fault.Internal, "fault.internal").Because(fmt.Errorf("timeline: nobody says %T", e.Of))
	}
	if e.Protected {
		k.Tone, k.Body = kit.Attention, kit.Pill(kit.Tag{Text: t.s.T("timeline.private"), Tone: kit.Attention})
	}
	return k, err
}

// journey says a return, or a departure of who is still away.
func (t teller) journey(k *kit.Event, j persons.Journey) {
	key, day := "timeline.returned", j.Returned
	if day.IsZero() {
		key, day = "timeline.left", j.Departed
	}
	k.Tone = kit.Accent
	if k.When = dates.Format(t.s, day); day.IsZero() {
		k.When = t.s.T("timeline.day_unknown")
	}
	k.Title, k.Text = t.s.T(key, "journey", people.Journey(t.s, j)), people.Stay(t.s, j)
}

func (t teller) consent(k *kit.Event, c persons.Consent) {
	answer := "person.consent.no"
	if c.Given {
		answer = "person.consent.yes"
	}
	k.Title, k.Text, k.Who = t.s.T("timeline.consent", "purpose", t.s.T("person.purpose."+string(c.Purpose))), t.s.T(answer), c.AskedName
}

func (t teller) merge(k *kit.Event, l audit.Line) {
	k.Title, k.Text, k.Who = t.s.T("timeline.merged"), l.Reason, l.Name
	if l.Act == access.UnmergePersons {
		k.Title = t.s.T("timeline.unmerged")
	}
}

// course says what was done to a case.
func (t teller) course(k *kit.Event, e cases.Event) {
	k.Who, k.Text, k.Tone = e.By, e.Why, kit.Accent
	key := "timeline.act." + string(e.Act)
	if !t.s.Has(key) {
		key = "timeline.act.other"
	}
	args := []any{"to", e.Detail["to"], "risk", ""}
	if risk := "case.risk." + e.Detail["risk"]; t.s.Has(risk) {
		args[3] = t.s.T(risk)
	}
	if e.Act == cases.Assess {
		k.Tone = map[string]kit.Tone{string(cases.High): kit.Danger, string(cases.Critical): kit.Danger}[e.Detail["risk"]]
	}
	k.Title = t.s.T(key, args...)
	for _, c := range programmes.Closures() {
		if e.Act == cases.Close && c.Code == e.Detail["code"] {
			k.Text = strings.TrimSpace(t.in(c.Bn, c.En) + ". " + e.Why)
		}
	}
}

// in is one of two texts, in the reader's language.
func (t teller) in(bangla, english string) string {
	if t.s.Lang() == words.Bangla {
		return bangla
	}
	return english
}

func (t teller) plan(k *kit.Event, h plans.Happening) {
	k.Who = h.By
	switch {
	case h.Review != nil:
		k.Text = h.Review.Found
		if k.Title = t.s.T("timeline.review_between"); h.Review.Months > 0 {
			k.Title = t.s.T("timeline.review", "count", h.Review.Months)
		}
	case h.Step != nil:
		k.Title, k.Text = t.s.T("timeline.step_"+h.Step.State.Outcome, "what", h.Step.What), h.Step.State.Why
	case h.Number == 1:
		k.Title, k.Tone = t.s.T("timeline.plan_agreed"), kit.Good
	default:
		k.Title, k.Tone = t.s.T("timeline.plan_amended", "number", h.Number), kit.Good
	}
}

// service says what was given, how much of it, and on which day, where that is not the day on which it was logged.
func (t teller) service(k *kit.Event, s services.Service) error {
	kind, err := services.FindKind(t.ctx, t.q, s.Code, s.On)
	if err != nil {
		return err
	}
	if dates.Of(s.At) != s.On {
		k.When = dates.Format(t.s, s.On)
	}
	k.Who, k.Tone = s.By, kit.Good
	k.Title = t.s.T("timeline.service_"+string(s.State), "what", t.in(kind.NameBn, kind.NameEn))
	var facts []string
	if s.Amount > 0 {
		facts = append(facts, t.taka(s.Amount))
	} else if s.Quantity > 1 {
		facts = append(facts, t.s.T("timeline.times", "count", s.Quantity))
	}
	for _, text := range []string{s.Remark, s.Why} {
		if text != "" {
			facts = append(facts, text)
		}
	}
	if s.State == services.Undone {
		k.Tone = kit.Plain
	}
	k.Text = strings.Join(facts, " · ")
	return nil
}

// referral says what was done with a referral, and of whom it was asked.
func (t teller) referral(k *kit.Event, h referrals.Happening) error {
	known, err := directory.Several(t.ctx, t.q, []string{h.Referral.Organisation})
	if err != nil {
		return err
	}
	provider := known[h.Referral.Organisation].Name().In(string(t.s.Lang()))
	if !strings.HasPrefix(h.ByName, "link:") {
		k.Who = h.ByName
	}
	k.Title = t.s.T("timeline.referral."+string(h.Act), "provider", provider, "need", shared.Need(t.s, h.Referral.Need))
	k.Text, k.Tone = referring.Why(t.s, h.Event), kit.Accent
	switch h.Act {
	case course.Confirm, course.Serve:
		k.Tone = kit.Good
	case course.Decline, course.Deny, course.Expire:
		k.Tone = kit.Attention
	}
	return nil
}

// taka says an amount of poisha.
func (t teller) taka(poisha int64) string {
	if poisha%100 == 0 {
		return people.Taka(t.s, poisha/100)
	}
	return t.s.T("timeline.taka", "amount", t.s.Digits(fmt.Sprintf("%d.%02d", poisha/100, poisha%100)))
}

func (t teller) note(k *kit.Event, n cases.Note) {
	k.Title, k.Text, k.Who = t.s.T("timeline.note"), n.Text, n.By
	switch {
	case n.Kind != cases.Plain && !n.Replaced:
		k.Title = t.s.T("timeline.note_"+string(n.Kind), "date", dates.Format(t.s, n.On), "who", n.Present)
	case n.Replaced:
		k.Title = t.s.T("timeline.note_replaced")
	case n.Replaces != "":
		k.Title = t.s.T("timeline.note_corrects")
	case n.Rating != cases.Unrated:
		k.Title = t.s.T("timeline.note_rating", "risk", t.s.T("case.risk."+string(n.Rating)))
	}
}
