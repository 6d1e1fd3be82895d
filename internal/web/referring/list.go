// SPDX-License-Identifier: Apache-2.0

package referring

import (
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/web/kit"
	"fera/internal/web/shared"
	"fera/internal/web/site"
)

// listView is the referrals of a case.
type listView struct {
	sheet
	Lines     []line
	Protected []line
	Opened    bool
	Next      string
	Stoppable bool // there is something that ends when she takes back her consent
}

// line is one referral of a list, in words.
type line struct {
	Href, Number, Need, Provider, Said, Turn string
	When                                     string
	Veiled                                   bool
	Tags                                     []kit.Tag
}

// perPage is how many referrals a page shows.
const perPage = 50

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := read(r, q)
	return listPage(v), err
}

func read(r *site.Request, q db.Reader) (v listView, err error) {
	if v.sheet, err = open(r, q); err != nil {
		return v, err
	}
	all, err := referrals.List(r.Context(), q, r.Who, v.Head.Case.ID, cases.Part{Before: r.URL.Query().Get("before"), Limit: perPage})
	if err != nil {
		return v, err
	}
	if len(all) == perPage {
		v.Next = v.path() + "?before=" + string(all[perPage-1].ID)
	}
	if v.Lines, err = v.lines(r, q, all); err != nil {
		return v, err
	}
	may, err := access.Reaches(r.Context(), q, r.Who, access.SendReferral, string(v.Head.Case.ID))
	if err != nil || !may {
		return v, err
	}
	whole, err := referrals.Outlines(r.Context(), q, r.Who, v.Head.Case.ID)
	for _, ref := range whole {
		v.Stoppable = v.Stoppable || ref.Standing().Refusal(course.Revoke, course.Sender) == nil || ref.State == course.Withdrawn && !ref.SentAt.IsZero()
	}
	return v, err
}

// lines says referrals as a list shows them.
func (v sheet) lines(r *site.Request, q db.Reader, all []referrals.Referral) (some []line, err error) {
	for _, ref := range all {
		l := line{Href: v.path(string(ref.ID)), Number: v.S.Digits(grouped(ref.Number)), Need: shared.Need(v.S, ref.Need), Turn: Turn(v.S, ref, v.Today), Veiled: ref.Veiled, Tags: Tags(v.S, ref, v.Today)}
		if ref.Organisation != "" {
			p, err := providerOf(r, q, ref, v.Say)
			if err != nil {
				return nil, err
			}
			l.Provider = strings.Trim(p.Name+": "+p.Service, ": ")
			l.Said, _ = Stands(v.S, ref, p.Name)
		} else {
			l.Said, _ = Stands(v.S, ref, "")
		}
		at := ref.SentAt
		if at.IsZero() {
			at = ref.DraftedAt
		}
		l.When = dates.Near(v.S, at, r.Now)
		some = append(some, l)
	}
	return some, nil
}

// look shows those of class 3 too, and enters that they were looked at.
func look(r *site.Request, tx *db.Tx) (string, error) {
	v, err := read(r, tx)
	if err != nil {
		return "", err
	}
	all, err := referrals.Look(r.Context(), tx, r.Who, v.Head.Case.ID, cases.Part{Limit: 200})
	if err != nil {
		return "", err
	}
	v.Protected, err = v.lines(r, tx, all)
	v.Opened = true
	r.Answer = listPage(v)
	return "", err
}

// stopView says what ends when she takes back her consent to all referrals, and afterwards who has seen that.
type stopView struct {
	sheet
	Going   []line // what would end
	Seen    []line // ended, and the provider said that it has seen that
	Unseen  []line
	Why     kit.Input
	Stopped bool
}

func stopping(r *site.Request, q db.Reader) (templ.Component, error) {
	v := stopView{}
	var err error
	if v.sheet, err = open(r, q); err != nil {
		return nil, err
	}
	may, err := access.Reaches(r.Context(), q, r.Who, access.SendReferral, string(v.Head.Case.ID))
	if err != nil {
		return nil, err
	}
	if !may {
		return nil, notFound()
	}
	all, err := referrals.Outlines(r.Context(), q, r.Who, v.Head.Case.ID)
	if err != nil {
		return nil, err
	}
	said, err := v.lines(r, q, all)
	if err != nil {
		return nil, err
	}
	for i, ref := range all {
		switch {
		case ref.Standing().Refusal(course.Revoke, course.Sender) == nil:
			v.Going = append(v.Going, said[i])
		case ref.State != course.Withdrawn || ref.SentAt.IsZero():
		case ref.Acknowledged.IsZero():
			v.Unseen = append(v.Unseen, said[i])
		default:
			v.Seen = append(v.Seen, said[i])
		}
	}
	v.Why = r.Input("why", r.S.T("referring.why"), "")
	v.Why.Optional, v.Why.Hint = true, r.S.T("referring.why_hers")
	return stopPage(v), nil
}

func stopAll(r *site.Request, tx *db.Tx) (string, error) {
	if _, err := referrals.RevokeAll(r.Context(), tx, r.Who, caseID(r), r.PostForm.Get("why")); err != nil {
		return "", err
	}
	r.Say("referral_stopped")
	return "/cases/" + string(caseID(r)) + "/referrals/stop", nil
}

// what is what a line is called by: what it is for, or that it is private.
func (v sheet) what(l line) string {
	if l.Need == "" {
		return v.S.T("referring.private")
	}
	return l.Need
}
