// SPDX-License-Identifier: Apache-2.0

package referring

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// sendIt sends a draft as she agreed to it. What is wrong is said on the page of the draft; where that holds what is of class 3, its
// being shown again is a look.
func sendIt(s *site.Site) site.Step {
	return func(r *site.Request) (string, error) {
		id, err := referralID(r)
		if err != nil {
			return "", err
		}
		f := r.PostForm
		to, veiled := "", false
		err = s.DB.Write(r.Context(), func(tx *db.Tx) error {
			ref, err := here(r, tx, id)
			if err != nil {
				return err
			}
			to, veiled = path(ref), ref.Veiled
			return referrals.Send(r.Context(), tx, r.Who, referrals.Sending{ID: id, Version: r.Version(ref.Version), Agreed: f.Get("agreed") == "yes", Method: f.Get("method"), Language: f.Get("language")})
		})
		if err != nil && veiled && fault.KindOf(err) == fault.Invalid {
			r.Problems = kit.ProblemsOf(r.S, err)
			return "", s.DB.Write(r.Context(), func(tx *db.Tx) error { _, err := lookAt(r, tx); return err })
		}
		r.Say("referral_sent")
		return to, err
	}
}

// here is the outline of a referral of the case of the address.
func here(r *site.Request, q db.Reader, id referrals.ID) (referrals.Referral, error) {
	ref, err := referrals.Outline(r.Context(), q, r.Who, id)
	if err == nil && ref.Case != caseID(r) {
		err = notFound()
	}
	return ref, err
}

func path(ref referrals.Referral) string {
	return "/cases/" + string(ref.Case) + "/referrals/" + string(ref.ID)
}

// actView is the page of one act on a referral. It says nothing of what the referral is for.
type actView struct {
	oneView
	Act course.Act
}

// acting begins the page of an act that is possible now.
func acting(r *site.Request, q db.Reader, possible ...course.Act) (v actView, err error) {
	id, err := referralID(r)
	if err != nil {
		return v, err
	}
	ref, err := here(r, q, id)
	if err != nil {
		return v, err
	}
	if v.oneView, err = one(r, q, ref); err != nil {
		return v, err
	}
	if v.Act = course.Act(r.Typed("act", r.URL.Query().Get("act"))); len(possible) > 1 {
		v.Act = possible[0]
	}
	if !slices.Contains(v.Acts, v.Act) {
		if r.Method == "GET" && len(v.Acts) == 0 {
			return v, notFound()
		}
		if len(r.Problems) == 0 {
			return v, fault.New(fault.Conflict, "referral.not_now")
		}
	}
	return v, nil
}

func ending(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := acting(r, q)
	if err == nil && !slices.Contains([]course.Act{course.Withdraw, course.Revoke, course.Close}, v.Act) {
		err = notFound()
	}
	return endPage(v), err
}

func end(r *site.Request, tx *db.Tx) (string, error) {
	id, err := referralID(r)
	if err != nil {
		return "", err
	}
	ref, err := here(r, tx, id)
	if err != nil {
		return "", err
	}
	e := referrals.Ending{ID: id, Version: r.Version(ref.Version), Why: r.PostForm.Get("why")}
	switch course.Act(r.PostForm.Get("act")) {
	case course.Withdraw:
		r.Say("referral_withdrawn")
		return path(ref), referrals.Withdraw(r.Context(), tx, r.Who, e)
	case course.Revoke:
		r.Say("referral_revoked")
		return path(ref), referrals.Revoke(r.Context(), tx, r.Who, e)
	case course.Close:
		r.Say("referral_closed")
		return path(ref), referrals.Close(r.Context(), tx, r.Who, e)
	}
	return "", fault.New(fault.NotFound, "fault.not_found")
}

// why is the control for the reason of an end.
func (v actView) why() kit.Input {
	in := v.r.Input("why", v.S.T("referring.why"), "")
	in.Optional = v.Act != course.Withdraw || v.Ref.State == course.Drafted
	in.Rows = 3
	if v.Act == course.Revoke {
		in.Hint = v.S.T("referring.why_hers")
	}
	return in
}

func hearing(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := acting(r, q, course.Confirm, course.Deny)
	return hearPage(v), err
}

func hear(r *site.Request, tx *db.Tx) (string, error) {
	id, err := referralID(r)
	if err != nil {
		return "", err
	}
	ref, err := here(r, tx, id)
	if err != nil {
		return "", err
	}
	f := r.PostForm
	h := referrals.Hearing{ID: id, Version: r.Version(ref.Version), Act: course.Act(f.Get("answer")), Way: f.Get("way"), Words: f.Get("words")}
	if !slices.Contains([]course.Act{course.Confirm, course.Deny, course.Try}, h.Act) {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("answer")
	}
	r.Say("referral_" + string(h.Act))
	return path(ref), referrals.Hear(r.Context(), tx, r.Who, h)
}

// answers are what she may have said, for what the provider reported.
func (v actView) answers() (all []kit.Option) {
	about := "served"
	if v.Ref.State == course.Unserved {
		about = "unserved"
	}
	for _, a := range []course.Act{course.Confirm, course.Deny} {
		all = append(all, kit.Option{Value: string(a), Label: v.S.T("referring.hear." + about + "." + string(a))})
	}
	return append(all, kit.Option{Value: string(course.Try), Label: v.S.T("referring.hear.try")})
}

func (v actView) ways() (all []kit.Option) {
	for _, way := range referrals.HearingWays() {
		all = append(all, kit.Option{Value: way, Label: v.S.T("referring.way." + way)})
	}
	return all
}

// linkView shows a link, once.
type linkView struct {
	oneView
	Purpose referrals.Purpose
	Address string
	Ends    string
	Code    code
}

// link makes a link for the provider, or for her where that is safe.
func link(r *site.Request, tx *db.Tx) (string, error) {
	id, err := referralID(r)
	if err != nil {
		return "", err
	}
	ref, err := here(r, tx, id)
	if err != nil {
		return "", err
	}
	v := linkView{Purpose: referrals.Purpose(r.PostForm.Get("purpose"))}
	if v.oneView, err = one(r, tx, ref); err != nil {
		return "", err
	}
	if v.Purpose == referrals.ToConfirm {
		why, err := herLink(r, tx, v.sheet)
		if err != nil {
			return "", err
		}
		if why != "" {
			return "", fault.New(fault.Forbidden, "referring.no_link")
		}
	}
	secret, ends, err := referrals.Issue(r.Context(), tx, r.Who, id, v.Purpose)
	if err != nil {
		return "", err
	}
	v.Address, v.Ends = r.Origin()+"/r/"+secret, dates.FormatTime(r.S, ends)
	v.Code, err = codeOf(v.Address)
	r.Answer = linkPage(v)
	return "", err
}

// whose leads from a referral alone to its page in the case, for a notice that names no more.
func whose(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := referralID(r)
	if err != nil {
		return nil, err
	}
	ref, err := referrals.Outline(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	return nil, site.Elsewhere(path(ref))
}

// Notice is where a notice about a referral leads who sent it; nothing for one that is about something else, or for the provider.
func Notice(subject, key string) string {
	hers := []string{"notice.referral_answered", "notice.referral_denied", "notice.referral_silent", "notice.referral_turn", "notice.referral_stuck", "notice.referral_expired"}
	if id, ok := strings.CutPrefix(subject, "referral:"); ok && slices.Contains(hers, key) {
		return "/referrals/" + id
	}
	return ""
}

// confirmation asks before a referral ends, and says what happens then.
func (v actView) confirmation() kit.Confirmation {
	key := "referring.end." + string(v.Act)
	if v.Ref.State == course.Drafted {
		key = "referring.end.drop"
	}
	return kit.Confirmation{Question: v.S.T(key), Text: v.title() + ". " + v.S.T(key+"_text"), Action: v.path(string(v.Ref.ID), "end"), Yes: v.S.T(key + "_yes"), NoHref: v.path(string(v.Ref.ID)), Danger: v.Act != course.Close, Version: v.r.Version(v.Ref.Version)}
}

// words is the control for what she said.
func (v actView) words() kit.Input {
	in := v.in("words", "")
	in.Optional, in.Rows, in.MaxLength = true, 3, 1000
	return in
}
