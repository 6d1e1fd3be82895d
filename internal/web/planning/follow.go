// SPDX-License-Identifier: Apache-2.0

package planning

import (
	"cmp"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/web/casehead"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// agreeView is the page on which she agrees to the draft.
type agreeView struct {
	sheet
	Plan      plans.Plan
	How       string
	Witness   string
	Operation string
}

func (o room) agreeing(r *site.Request, q db.Reader) (templ.Component, error) {
	s, err := open(r, q)
	if err != nil {
		return nil, err
	}
	v := agreeView{sheet: s, How: r.Typed("how", "screen"), Witness: r.Typed("witness", ""), Operation: r.Typed("operation", ids.New(r.Now))}
	v.Plan, err = plans.Find(r.Context(), q, r.Who, v.Head.Case.ID, 0)
	if err == nil && (v.Plan.Draft == 0 || !v.May[cases.AgreePlan]) || fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, site.Elsewhere(v.path())
	}
	return agreePage(v), err
}

// agree keeps what she signed with her documents, and notes that she agreed. The picture is drawn anew before the transaction.
func (o room) agree(r *site.Request) (string, error) {
	a := plans.Agreement{Case: caseID(r), Version: r.Version(0), How: r.PostForm.Get("how"), Witness: r.PostForm.Get("witness")}
	u := files.Upload{Operation: r.PostForm.Get("operation"), Kind: files.Document, Protected: r.PostForm.Get("private") == "yes", Title: r.S.T("plan.signed_title", "when", dates.Format(r.S, dates.Of(r.Now)))}
	if a.How == "screen" || a.How == "paper" {
		sent, err := r.SentFile()
		if err != nil {
			return "", err
		}
		if len(sent) == 0 {
			return "", fault.New(fault.Invalid, "plan.sign_first").On("file")
		}
		if u.Content, err = files.Read(files.Document, sent); err != nil {
			return "", err
		}
	}
	err := o.site.DB.Write(r.Context(), func(tx *db.Tx) error {
		c, err := cases.Find(r.Context(), tx, r.Who, a.Case)
		if err != nil {
			return err
		}
		if u.Content.Type != "" {
			u.Person = string(c.Person)
			if a.File, err = persons.AddFile(r.Context(), tx, r.Who, u); err != nil {
				return err
			}
		}
		return plans.Agree(r.Context(), tx, r.Who, a)
	})
	if err != nil {
		return "", err
	}
	r.Say("plan_agreed")
	return casehead.Path(a.Case, "plan"), nil
}

// done ticks a step off.
func (o room) done(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("plan_step_done")
	return casehead.Path(caseID(r), "plan"), plans.End(r.Context(), tx, r.Who, plans.Ending{Case: caseID(r), Step: r.PathValue("step")})
}

// endView asks how a step or a goal ended. What it is about is said only if everybody who sees the plan may read it.
type endView struct {
	sheet
	About   string
	Goal    bool
	ID      string
	Outcome string
	Why     string
}

// about begins a page about a step or a goal: one of class 2, or one that only who sees class 3 may know of.
func about(r *site.Request, q db.Reader, find func(plans.Plan) string) (endView, error) {
	s, err := open(r, q)
	v := endView{sheet: s, Why: r.Typed("why", ""), Outcome: r.Typed("outcome", "")}
	if err != nil {
		return v, err
	}
	p, err := plans.Find(r.Context(), q, r.Who, v.Head.Case.ID, 0)
	if err == nil && p.Agreed > 0 && p.Number != p.Agreed {
		p, err = plans.Find(r.Context(), q, r.Who, v.Head.Case.ID, p.Agreed)
	}
	if err != nil {
		return v, err
	}
	if v.About = find(p); v.About == "" && !v.Writes {
		return v, fault.New(fault.NotFound, "fault.not_found")
	}
	return v, nil
}

func (o room) dropping(r *site.Request, q db.Reader) (templ.Component, error) {
	id := r.PathValue("step")
	v, err := about(r, q, func(p plans.Plan) string {
		for _, g := range p.Goals {
			if at := slices.IndexFunc(g.Steps, func(s plans.Step) bool { return s.ID == id }); at >= 0 {
				return g.Steps[at].What
			}
		}
		return ""
	})
	v.ID = id
	return endPage(v), err
}

func (o room) drop(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("plan_step_ended")
	e := plans.Ending{Case: caseID(r), Step: r.PathValue("step"), Dropped: r.PostForm.Get("outcome") != "done", Why: r.PostForm.Get("why")}
	return casehead.Path(caseID(r), "plan"), plans.End(r.Context(), tx, r.Who, e)
}

func (o room) ending(r *site.Request, q db.Reader) (templ.Component, error) {
	id := r.PathValue("goal")
	v, err := about(r, q, func(p plans.Plan) string {
		if at := slices.IndexFunc(p.Goals, func(g plans.Goal) bool { return g.ID == id }); at >= 0 {
			return p.Goals[at].Words
		}
		return ""
	})
	v.ID, v.Goal = id, true
	return endPage(v), err
}

func (o room) end(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("plan_goal_ended")
	e := plans.Reaching{Case: caseID(r), Goal: r.PathValue("goal"), Outcome: r.PostForm.Get("outcome"), Why: r.PostForm.Get("why")}
	return casehead.Path(caseID(r), "plan"), plans.EndGoal(r.Context(), tx, r.Who, e)
}

// reviewView is the page on which a review is held, or put off.
type reviewView struct {
	sheet
	Review plans.Review
	After  plans.Review // the one that comes then; without an id when there is none
	Found  string
	Until  string
	Next   string
}

func (o room) reviewing(r *site.Request, q db.Reader) (templ.Component, error) {
	s, err := open(r, q)
	if err != nil {
		return nil, err
	}
	v := reviewView{sheet: s, Found: r.Typed("found", ""), Until: r.Typed("until", ""), Next: r.Typed("next", "")}
	if !v.May[cases.Review] {
		return nil, site.Elsewhere(v.path())
	}
	all, err := plans.Reviews(r.Context(), q, r.Who, v.Head.Case.ID)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p plans.Review) bool { return !p.DoneAt.IsZero() })
	slices.SortStableFunc(all, func(a, b plans.Review) int { return cmp.Compare(a.DueOn.String(), b.DueOn.String()) })
	wanted := r.Typed("review", "")
	at := max(0, slices.IndexFunc(all, func(p plans.Review) bool { return p.ID == wanted }))
	if len(all) == 0 {
		return nil, site.Elsewhere(v.path())
	}
	v.Review = all[at]
	if at+1 < len(all) {
		v.After = all[at+1]
	}
	v.Guide, err = guide.For(r, q, "case.review")
	return reviewPage(v), err
}

// review notes what was found, or puts the review off; a day that cannot be read is said at its place.
func (o room) review(r *site.Request, tx *db.Tx) (string, error) {
	a := plans.Reviewing{Case: caseID(r), Review: r.PostForm.Get("review"), Found: r.PostForm.Get("found")}
	field, say, into := "next", "plan_reviewed", &a.Next
	if r.PostForm.Get("go") == "put_off" {
		field, say, into = "until", "plan_put_off", &a.Until
	}
	text := r.PostForm.Get(field)
	if text == "" && field == "until" {
		return "", fault.New(fault.Invalid, "plan.review_later").On(field)
	}
	if text != "" {
		day, err := dates.Parse(text)
		if err != nil {
			return "", fault.New(fault.Invalid, "date.unreadable").On(field)
		}
		*into = day
	}
	r.Say(say)
	return casehead.Path(caseID(r), "plan"), plans.Hold(r.Context(), tx, r.Who, a)
}

// reviewName says which review it is.
func reviewName(s *words.Speaker, r plans.Review) string {
	if r.Months == 0 {
		return s.T("plan.review_between")
	}
	return s.T("plan.review_after", "count", r.Months)
}

// hows are the ways in which she may agree.
func (v agreeView) hows() (all []kit.Option) {
	for _, how := range []string{"screen", "paper", "spoken"} {
		all = append(all, kit.Option{Value: how, Label: v.S.T("plan.how." + how), Hint: v.S.T("plan.how." + how + "_hint")})
	}
	return all
}

// about says what is to end, if everybody who sees the plan may read it.
func (v endView) about() string {
	switch {
	case v.About != "":
		return v.About
	case v.Goal:
		return v.S.T("plan.about_goal")
	}
	return v.S.T("plan.about_step")
}

func (v endView) action() string {
	if v.Goal {
		return v.path("goals", v.ID)
	}
	return v.path("steps", v.ID)
}

// ends are the ways in which a step or a goal may end.
func (v endView) ends() (all []kit.Option) {
	if !v.Goal {
		return []kit.Option{{Value: "done", Label: v.S.T("plan.step.done")}, {Value: "dropped", Label: v.S.T("plan.step.dropped")}}
	}
	for _, o := range plans.Outcomes() {
		all = append(all, kit.Option{Value: o, Label: v.S.T("plan.outcome." + o)})
	}
	return all
}
