// SPDX-License-Identifier: Apache-2.0

package sheltering

import (
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/shelters"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// stayView is a stay in words.
type stayView struct {
	ID      shelters.StayID
	Action  string
	Code    string
	State   kit.Tag
	Facts   []kit.Fact
	Acts    []kit.Option // what may be done
	Events  []kit.Event
	Plan    []kit.Fact
	Place   bool // where it is may be looked at
	Keeper  bool // shown to a keeper
	Version int
}

type staysView struct {
	kit.Frame
	Problems kit.Problems
	Head     casehead.Head
	Opened   bool
	MayAsk   bool
	Stays    []stayView
}

func caseID(r *site.Request) (cases.ID, error) {
	id, err := r.ID("id")
	return cases.ID(id), err
}

// protected finds the head of a case whose person's protected data the visitor sees; for others there is no such page.
func protected(r *site.Request, q db.Reader) (casehead.Head, error) {
	id, err := caseID(r)
	if err != nil {
		return casehead.Head{}, err
	}
	h, err := casehead.New(r, q, id, "stays")
	if err != nil {
		return h, err
	}
	ok, _, err := access.SeesProtected(r.Context(), q, r.Who, string(h.Case.Person))
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return h, err
}

func stays(r *site.Request, q db.Reader) (templ.Component, error) {
	h, err := protected(r, q)
	if err != nil {
		return nil, err
	}
	v, err := staysOf(r, q, h)
	return staysPage(v), err
}

func staysOf(r *site.Request, q db.Reader, h casehead.Head) (staysView, error) {
	v := staysView{Frame: r.Frame(r.S.T("common.details")), Problems: r.Problems, Head: h}
	v.QuickExit = true
	mine, err := access.Reaches(r.Context(), q, r.Who, access.PlaceInShelter, string(h.Case.Person))
	v.MayAsk = mine && h.Case.Live()
	return v, err
}

// lookAtStays shows the stays of a case, which enters the look.
func lookAtStays(r *site.Request, tx *db.Tx) (string, error) {
	h, err := protected(r, tx)
	if err != nil {
		return "", err
	}
	v, err := staysOf(r, tx, h)
	if err != nil {
		return "", err
	}
	all, err := shelters.LookAtStays(r.Context(), tx, r.Who, h.Case.ID)
	if err != nil {
		return "", err
	}
	v.Opened = true
	for _, s := range all {
		one, err := stayOf(r, tx, s, casehead.Path(h.Case.ID, "stays", "do"))
		if err != nil {
			return "", err
		}
		v.Stays = append(v.Stays, one)
	}
	r.Answer = staysPage(v)
	return "", nil
}

// stayOf says a stay in words, with what the visitor may do about it.
func stayOf(r *site.Request, q db.Reader, s shelters.Stay, action string) (stayView, error) {
	tone := map[shelters.State]kit.Tone{shelters.Asked: kit.Attention, shelters.Placed: kit.Accent, shelters.There: kit.Good, shelters.Away: kit.Attention}[s.State]
	v := stayView{ID: s.ID, Action: action, Code: s.Code(), State: kit.Tag{Text: r.S.T("shelter.state." + string(s.State)), Tone: tone}, Version: s.Version}
	whom, err := guestName(r, q, s)
	if err != nil {
		return v, err
	}
	nights := dates.Format(r.S, s.From)
	if !s.Until.IsZero() {
		nights = r.S.T("shelter.facts.nights_said", "from", nights, "until", dates.Format(r.S, s.Until))
	}
	back := ""
	if !s.BackOn.IsZero() {
		back = dates.Format(r.S, s.BackOn)
	}
	fact := func(key, value string) kit.Fact { return kit.Fact{Label: r.S.T("shelter." + key), Value: value} }
	v.Facts = people.Facts(fact("facts.client", whom), fact("facts.called", s.CalledAs), fact("facts.house", s.House), fact("facts.bed", r.S.Digits(s.Bed)), fact("facts.nights", nights),
		fact("facts.back", back), fact("facts.needs", s.Needs), fact("guest_from", s.Asker))
	_, possible, err := shelters.PossibleNow(r.Context(), q, r.Who, s.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return v, err
	}
	for _, a := range possible {
		v.Acts = append(v.Acts, kit.Option{Value: string(a), Label: r.S.T("shelter.act." + string(a))})
	}
	mine, err := access.Reaches(r.Context(), q, r.Who, access.PlaceInShelter, string(s.Person))
	v.Place = mine && s.House != "" && s.State != shelters.Left && s.State != shelters.Cancelled
	if s.Plan != nil {
		v.Plan = planOf(r, *s.Plan)
	}
	for _, e := range s.Events {
		v.Events = append(v.Events, eventOf(r, e))
	}
	return v, err
}

// guestName says whose stay it is: the relation and the name of a member of the case, or how old and of which sex.
func guestName(r *site.Request, q db.Reader, s shelters.Stay) (string, error) {
	said := whoIs(r.S, s.Hold)
	if s.Client == "" {
		return said, nil
	}
	members, err := cases.Members(r.Context(), q, r.Who, s.Case)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return said, nil
	}
	for _, m := range members {
		if m.ID == s.Client {
			return memberName(r, m), nil
		}
	}
	return said, err
}

func memberName(r *site.Request, m cases.Member) string {
	said := r.S.T("person.kinship." + m.Relation.Relation)
	if m.Relation.Name != "" {
		said = m.Relation.Name + " (" + said + ")"
	}
	return said
}

func planOf(r *site.Request, p shelters.Plan) []kit.Fact {
	fact := func(key, value string) kit.Fact { return kit.Fact{Label: r.S.T("shelter.plan." + key), Value: value} }
	followUp := ""
	if !p.FollowUp.IsZero() {
		followUp = dates.Format(r.S, p.FollowUp)
	}
	return people.Facts(fact("to", r.S.T("shelter.plan.to."+p.To)), fact("where", p.Where), fact("with", p.With), fact("safe", r.S.T("shelter.plan.safe."+p.Safe)), fact("risks", p.Risks),
		fact("support", p.Support), fact("follow_up", followUp))
}

func eventOf(r *site.Request, e shelters.Event) kit.Event {
	v := kit.Event{When: dates.Near(r.S, e.At, r.Now), ISO: e.At.Format("2006-01-02T15:04:05Z07:00"), Title: r.S.T("shelter.did." + string(e.Act)), Who: e.By, Text: e.Why}
	if until := e.Detail["until"]; until != "" {
		v.Text = strings.TrimSpace(v.Text + " " + r.S.T("shelter.did_until", "until", people.Date(r.S, until)))
	}
	return v
}

// do is what a caseworker does about a stay: where it is, the plan on paper, the form of an act, and the act.
func do(r *site.Request, tx *db.Tx) (string, error) {
	h, err := protected(r, tx)
	if err != nil {
		return "", err
	}
	stay, back := shelters.StayID(r.PostFormValue("stay")), casehead.Path(h.Case.ID, "stays")
	switch r.PostFormValue("act") {
	case "place_seen":
		_, now, err := shelters.LookForStay(r.Context(), tx, r.Who, stay)
		if err != nil {
			return "", err
		}
		v := whereView{Frame: r.Frame(r.S.T("common.details")), Back: back, Where: now}
		v.QuickExit = true
		r.Answer = wherePage(v)
		return "", nil
	case "plan_paper":
		return "", paper(r, tx, h, stay)
	}
	if r.PostFormValue("sent") == "" {
		r.Answer, err = doForm(r, tx)
		return "", err
	}
	return back, perform(r, tx)
}

func doForm(r *site.Request, q db.Reader) (templ.Component, error) {
	h, err := protected(r, q)
	if err != nil {
		return nil, err
	}
	v, err := form(r, q, casehead.Path(h.Case.ID, "stays", "do"), casehead.Path(h.Case.ID, "stays"))
	return actPage(v), err
}

type whereView struct {
	kit.Frame
	Back  string
	Where shelters.Whereabouts
}

type paperView struct {
	kit.Frame
	Back    string
	Facts   []kit.Fact
	Printed string
}

// paper is the plan for leaving, to be printed: neither the address nor the name of the house stands on it, and no name of hers.
func paper(r *site.Request, tx *db.Tx, h casehead.Head, id shelters.StayID) error {
	all, err := shelters.LookAtStays(r.Context(), tx, r.Who, h.Case.ID)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.ID == id && s.Plan != nil {
			v := paperView{Frame: r.Frame(r.S.T("common.details")), Back: casehead.Path(h.Case.ID, "stays"), Facts: planOf(r, *s.Plan), Printed: dates.Format(r.S, dates.Of(r.Now))}
			r.Answer = paperPage(v)
			return nil
		}
	}
	return fault.New(fault.NotFound, "fault.not_found")
}

type askView struct {
	kit.Frame
	Problems        kit.Problems
	Head            casehead.Head
	Action, Back    string
	Guests          kit.Input
	GuestsAll       []kit.Option
	Division        kit.Input
	Divisions       []kit.Option
	From, Nights    kit.Input
	Called, Needs   kit.Input
	Sex             *kit.Input // where the record does not say it
	Sexes           []kit.Option
	Accessible, How kit.Input
	Hows            []kit.Option
}

// herself stands for the person of the case among the guests of the form.
const herself = "her"

func asking(r *site.Request, q db.Reader) (templ.Component, error) {
	h, err := protected(r, q)
	if err != nil {
		return nil, err
	}
	v := askView{Frame: r.Frame(r.S.T("common.details")), Problems: r.Problems, Head: h, Action: casehead.Path(h.Case.ID, "stays", "ask"), Back: casehead.Path(h.Case.ID, "stays")}
	v.QuickExit = true
	members, err := cases.Members(r.Context(), q, r.Who, h.Case.ID)
	if err != nil {
		return nil, err
	}
	v.Guests = r.Input("guests", r.S.T("shelter.ask_who"), "")
	v.GuestsAll = []kit.Option{{Value: herself, Label: r.S.T("shelter.ask_her"), Chosen: r.Ticked("guests", herself, true)}}
	for _, m := range members {
		v.GuestsAll = append(v.GuestsAll, kit.Option{Value: m.ID, Label: memberName(r, m), Chosen: r.Ticked("guests", m.ID, false)})
	}
	v.Division, v.Divisions = r.Input("division", r.S.T("shelter.ask_division"), ""), divisions(r)
	v.Division.Hint = r.S.T("shelter.ask_division_hint")
	v.From = r.Input("from", r.S.T("shelter.ask_from"), dates.Of(r.Now).String())
	v.From.Width, v.From.MaxLength = kit.Medium, 40
	v.Nights = r.Input("nights", r.S.T("shelter.ask_nights"), "")
	v.Nights.Hint, v.Nights.Width, v.Nights.InputMode, v.Nights.Optional = r.S.T("shelter.ask_nights_hint"), kit.Short, "numeric", true
	v.Called = r.Input("called_as", r.S.T("shelter.ask_called"), "")
	v.Called.Hint, v.Called.MaxLength, v.Called.Optional = r.S.T("shelter.ask_called_hint"), 60, true
	v.Needs = r.Input("needs", r.S.T("shelter.ask_needs"), "")
	v.Needs.Hint, v.Needs.MaxLength, v.Needs.Optional = r.S.T("shelter.ask_needs_hint"), 2000, true
	v.Accessible = kit.Input{Name: "accessible", Label: r.S.T("shelter.ask_accessible"), Value: r.Typed("accessible", "")}
	v.How = r.Input("how", r.S.T("shelter.ask_how"), "take")
	for _, how := range []string{"take", "leave"} {
		v.Hows = append(v.Hows, kit.Option{Value: how, Label: r.S.T("shelter.ask_how." + how), Hint: r.S.T("shelter.ask_how." + how + "_hint")})
	}
	if h.Person.Sex == persons.Unsaid || h.Person.Sex == "" {
		sex := r.Input("sex", r.S.T("shelter.sex_field"), "")
		v.Sex = &sex
		for _, s := range []persons.Sex{persons.Female, persons.Male, persons.Other} {
			v.Sexes = append(v.Sexes, kit.Option{Value: string(s), Label: r.S.T("person.sex." + string(s))})
		}
	}
	return askPage(v), nil
}

func ask(r *site.Request, tx *db.Tx) (string, error) {
	h, err := protected(r, tx)
	if err != nil {
		return "", err
	}
	a := shelters.Asking{Case: h.Case.ID, Division: r.PostFormValue("division"), Needs: r.PostFormValue("needs")}
	if a.From, err = day(r, "from"); err != nil {
		return "", err
	}
	if a.Nights, err = whole(r, "nights", 0); err != nil {
		return "", err
	}
	for _, client := range r.PostForm["guests"] {
		g := shelters.Guest{Client: client, Accessible: r.PostFormValue("accessible") == "yes"}
		if client == herself {
			g.Client, g.CalledAs, g.Sex = "", r.PostFormValue("called_as"), persons.Sex(r.PostFormValue("sex"))
		}
		a.Guests = append(a.Guests, g)
	}
	made, err := shelters.Ask(r.Context(), tx, r.Who, a)
	if err != nil {
		return "", err
	}
	back := casehead.Path(h.Case.ID, "stays")
	if r.PostFormValue("how") != "take" {
		r.Say("stay_asked")
		return back, nil
	}
	r.Say("stay_taken")
	return back, shelters.FindBed(r.Context(), tx, r.Who, shelters.Acting{Stay: made[0]})
}
