// SPDX-License-Identifier: Apache-2.0

package sheltering

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/shelters"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// actView is the form of one act on a stay. It says the code of the stay and nothing else of it.
type actView struct {
	kit.Frame
	Problems kit.Problems
	Action   string // where it is posted
	Back     string
	Act      shelters.Act
	Stay     shelters.StayID
	Version  int
	Code     string
	Bed      *kit.Input
	Beds     []kit.Option
	Day      *kit.Input
	Why      *kit.Input
	Plan     []kit.Input // of the texts of a plan
	To, Safe *kit.Input
	ToAll    []kit.Option
	SafeAll  []kit.Option
	FollowUp *kit.Input
}

// form reads the form of the act that was chosen. An act that is not possible is not found.
func form(r *site.Request, q db.Reader, action, back string) (actView, error) {
	act, stay := shelters.Act(r.PostFormValue("act")), shelters.StayID(r.PostFormValue("stay"))
	s, possible, err := shelters.PossibleNow(r.Context(), q, r.Who, stay)
	if err != nil {
		return actView{}, err
	}
	if !slices.Contains(possible, act) {
		return actView{}, fault.New(fault.Conflict, "shelter.not_now")
	}
	v := actView{Frame: r.Frame(r.S.T("shelter.act." + string(act))), Problems: r.Problems, Action: action, Back: back, Act: act, Stay: stay, Version: r.Version(s.Version), Code: s.Code()}
	v.QuickExit = true
	switch act {
	case shelters.Place, shelters.Move:
		v.askBed(r)
		err = v.freeBeds(r, q, s)
	case shelters.Extend, shelters.Leave:
		v.askDay(r, "shelter.field.day_"+string(act))
		v.askWhy(r, "shelter.field.why")
	case shelters.Gone, shelters.Undo, shelters.Cancel:
		v.askWhy(r, "shelter.field.why")
	case shelters.Discharge:
		v.askPlan(r)
	}
	return v, err
}

func (v *actView) askWhy(r *site.Request, label string) {
	in := r.Input("why", r.S.T(label), "")
	in.Rows = 3
	v.Why = &in
}

func (v *actView) askDay(r *site.Request, label string) {
	in := r.Input("day", r.S.T(label), "")
	in.Width, in.MaxLength = kit.Medium, 40
	v.Day = &in
}

func (v *actView) askBed(r *site.Request) {
	in := r.Input("bed", r.S.T("shelter.field.bed"), "")
	v.Bed = &in
	v.askWhy(r, "shelter.field.why_optional")
	v.Why.Optional = true
}

// freeBeds offers the beds that are free in the nights of a stay, in the shelters that the visitor runs.
func (v *actView) freeBeds(r *site.Request, q db.Reader, s shelters.Stay) error {
	all, err := shelters.List(r.Context(), q, r.Who)
	if err != nil {
		return err
	}
	from := s.From
	if today := dates.Of(r.Now); from.SurelyBefore(today) {
		from = today
	}
	for _, house := range all {
		if !house.Runs || !house.ClosedAt.IsZero() {
			continue
		}
		nights := house.Days
		for n := range 31 {
			if !s.Until.IsZero() && !from.Add(n).SurelyBefore(s.Until) {
				nights = max(n, 1)
				break
			}
		}
		b, err := shelters.ReadBoard(r.Context(), q, r.Who, shelters.Viewing{Shelter: house.ID, From: from, Days: nights})
		if err != nil {
			return err
		}
		for _, l := range b.Lines {
			if l.Bed.Unused || slices.ContainsFunc(l.Nights, func(h *shelters.Hold) bool { return h != nil && h.Ref != s.Ref }) || l.Bed.ID == s.In() {
				continue
			}
			label := house.Name + ": " + r.S.T("shelter.bed_name", "room", r.S.Digits(l.Room.Label), "bed", r.S.Digits(l.Bed.Label)) + " · " + r.S.T("shelter.serves."+string(l.Room.Serves))
			if l.Bed.Accessible {
				label += " · " + r.S.T("shelter.accessible")
			}
			v.Beds = append(v.Beds, kit.Option{Value: l.Bed.ID, Label: label})
		}
	}
	return nil
}

func (v *actView) askPlan(r *site.Request) {
	choice := func(name string, values []string) (*kit.Input, []kit.Option) {
		in := r.Input(name, r.S.T("shelter.plan."+name), "")
		var options []kit.Option
		for _, value := range values {
			options = append(options, kit.Option{Value: value, Label: r.S.T("shelter.plan." + name + "." + value)})
		}
		return &in, options
	}
	v.To, v.ToAll = choice("to", shelters.Destinations())
	v.Safe, v.SafeAll = choice("safe", shelters.Safeties())
	for _, name := range []string{"where", "with", "risks", "support"} {
		in := r.Input(name, r.S.T("shelter.plan."+name), "")
		in.Rows, in.MaxLength, in.Optional = 2, 2000, name == "with" || name == "support"
		v.Plan = append(v.Plan, in)
	}
	in := r.Input("follow_up", r.S.T("shelter.plan.follow_up"), "")
	in.Width, in.MaxLength = kit.Medium, 40
	v.FollowUp = &in
}

// perform does the act that was chosen on a stay.
func perform(r *site.Request, tx *db.Tx) error {
	a := shelters.Acting{Stay: shelters.StayID(r.PostFormValue("stay")), Version: r.Version(0)}
	to, err := day(r, "day")
	if err != nil {
		return err
	}
	because := shelters.Reasoned{Acting: a, Why: r.PostFormValue("why"), Day: to}
	in := shelters.Placing{Acting: a, Bed: r.PostFormValue("bed"), Why: r.PostFormValue("why")}
	r.Say("stay_done")
	switch ctx := r.Context(); shelters.Act(r.PostFormValue("act")) {
	case shelters.Take:
		return shelters.FindBed(ctx, tx, r.Who, a)
	case shelters.Place:
		return shelters.PutIn(ctx, tx, r.Who, in)
	case shelters.Arrive:
		return shelters.Admit(ctx, tx, r.Who, a)
	case shelters.Extend:
		return shelters.Prolong(ctx, tx, r.Who, because)
	case shelters.Move:
		return shelters.Rehouse(ctx, tx, r.Who, in)
	case shelters.Leave:
		return shelters.GoAway(ctx, tx, r.Who, because)
	case shelters.Return:
		return shelters.ComeBack(ctx, tx, r.Who, a)
	case shelters.Gone:
		return shelters.NoteGone(ctx, tx, r.Who, because)
	case shelters.Undo:
		return shelters.TakeOut(ctx, tx, r.Who, because)
	case shelters.Cancel:
		return shelters.CallOff(ctx, tx, r.Who, because)
	case shelters.Discharge:
		return discharge(r, tx, a)
	}
	return fault.New(fault.Invalid, "fault.bad_choice").On("act")
}

func discharge(r *site.Request, tx *db.Tx, a shelters.Acting) error {
	followUp, err := day(r, "follow_up")
	if err != nil {
		return err
	}
	get := r.PostFormValue
	return shelters.SeeOff(r.Context(), tx, r.Who, shelters.Discharging{Acting: a, Language: r.S.Lang(),
		Plan: shelters.Plan{To: get("to"), Where: get("where"), With: get("with"), Safe: get("safe"), Risks: get("risks"), Support: get("support"), FollowUp: followUp}})
}

type guestView struct {
	kit.Frame
	In   shelters.ID
	Stay stayView
}

// guest shows a stay to a keeper, which enters the look; or the form of an act; or does the act.
func guest(r *site.Request, tx *db.Tx) (string, error) {
	id, err := shelterID(r)
	if err != nil {
		return "", err
	}
	switch {
	case r.PostFormValue("act") == "":
		s, err := shelters.LookAtGuest(r.Context(), tx, r.Who, id, r.PostFormValue("ref"))
		if err != nil {
			return "", err
		}
		v := guestView{Frame: r.Frame(r.S.T("common.details")), In: id}
		v.QuickExit = true
		v.Stay, err = stayOf(r, tx, s, at(id, "guest"))
		v.Stay.Keeper = true
		r.Answer = guestPage(v)
		return "", err
	case r.PostFormValue("sent") == "":
		r.Answer, err = guestForm(r, tx)
		return "", err
	}
	return at(id), perform(r, tx)
}

func guestForm(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := shelterID(r)
	if err != nil {
		return nil, err
	}
	if r.PostFormValue("act") == "" {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	v, err := form(r, q, at(id, "guest"), at(id))
	return actPage(v), err
}
