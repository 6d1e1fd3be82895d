// SPDX-License-Identifier: Apache-2.0

package handing

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/handovers"
	"fera/internal/programmes"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// givenView is a hand-over as who offers it sees it.
type givenView struct {
	kit.Frame
	Problems kit.Problems
	Head     casehead.Head
	At       string
	Tags     []kit.Tag
	To       string
	Facts    []kit.Fact
	Events   []kit.Event
	Acts     []handovers.Act
	Meet     meets
	Why      kit.Input
	Duties   kit.Input
	Choices  []kit.Option
	Version  int
}

func given(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	h, err := handovers.Find(r.Context(), q, r.Who, handovers.ID(id))
	if err != nil {
		return nil, err
	}
	head, err := casehead.New(r, q, h.Case, "handover")
	if err != nil {
		return nil, err
	}
	names, err := named(r, q)
	if err != nil {
		return nil, err
	}
	all, err := handovers.Events(r.Context(), q, r.Who, h.ID)
	if err != nil {
		return nil, err
	}
	s := r.S
	v := givenView{Frame: r.Frame(s.T("handing.title")), Problems: r.Problems, Head: head, At: "/handovers/" + id, Tags: state(s, h.State, h.Late(dates.Of(r.Now))), To: names.said(s, h.To), Events: events(r, all),
		Version: r.Version(h.Version), Meet: meetFields(r), Why: r.Input("why", s.T("handing.reason"), "")}
	v.QuickExit = true
	v.Facts = people.Facts(fact(s, "to", v.To), fact(s, "why", h.Why), fact(s, "due", due(s, h.DueOn)), fact(s, "taker", h.TakerName), fact(s, "meeting", meeting(s, h.MeetsAt, h.Where)),
		kit.Fact{Label: s.T("handing.parts"), Value: people.Said(s, "handing.part", plain(h.Consent.Parts))}, fact(s, "asked_by", h.Consent.By))
	may, err := access.Reaches(r.Context(), q, r.Who, access.SendReferral, string(h.Case))
	if err != nil || !may {
		return givenPage(v), err
	}
	v.Acts = handovers.Possible(h.State, handovers.Giver)
	err = v.duties(r, q, head.Case.Programme)
	return givenPage(v), err
}

// duties are what has to be done before the case is closed as transferred.
func (v *givenView) duties(r *site.Request, q db.Reader, programme string) error {
	p, err := programmes.Find(r.Context(), q, programme)
	if err != nil {
		return err
	}
	v.Duties = kit.Input{Name: "duties", Label: r.S.T("handing.duties"), Error: r.Problems.On("duties")}
	for _, k := range p.Reasons() {
		if k.Code != "transferred" {
			continue
		}
		for _, key := range k.Duties {
			d, said := p.Duty(key), ""
			if said = d.En; r.S.Lang() == "bn" {
				said = d.Bn
			}
			v.Choices = append(v.Choices, kit.Option{Value: key, Label: said, Chosen: r.Ticked("duties", key, false)})
		}
	}
	return nil
}

// can tells whether an act may be done now.
func (v givenView) can(a handovers.Act) bool { return slices.Contains(v.Acts, a) }

func giverActs(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	a := handovers.Acting{ID: handovers.ID(id), Version: r.Version(0), Why: r.PostFormValue("why"), Where: r.PostFormValue("where"), Duties: r.PostForm["duties"]}
	next := "/handovers/" + id
	switch handovers.Act(r.PathValue("act")) {
	case handovers.Withdraw:
		err = handovers.TakeBack(r.Context(), tx, r.Who, a)
	case handovers.Revoke:
		err = handovers.TakeBackConsent(r.Context(), tx, r.Who, a)
	case handovers.Meet:
		if a.At, err = moment(r); err == nil {
			err = handovers.Arrange(r.Context(), tx, r.Who, a)
		}
	case handovers.Finish:
		closed := false
		if closed, err = handovers.Conclude(r.Context(), tx, r.Who, a); err == nil && !closed {
			r.Say("handover_asked")
			return next, nil
		}
	default:
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	r.Say("handover_" + r.PathValue("act"))
	return next, err
}
