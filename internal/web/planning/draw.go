// SPDX-License-Identifier: Apache-2.0

package planning

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/plans"
	"fera/internal/services"
	"fera/internal/web/casehead"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// drawView is the form of a plan: all of its goals as they should be.
type drawView struct {
	sheet
	Version int
	Goals   []goalForm
	Sealed  bool // there is a plan, and who amends it may write goals of class 3: they are opened first
	Helps   helps
}

// helps are the answers that the form offers.
type helps struct {
	Dimensions, Levels, Clients, Who, Users, Kinds []kit.Option
}

// goalForm is a goal as it was typed.
type goalForm struct {
	ID, Dimension, Level, Words, Client string
	Protected                           bool
	Steps                               []stepForm
}

// stepForm is a step as it was typed.
type stepForm struct{ ID, What, Who, User, By, Service string }

// The most that a form is drawn with, whatever was sent.
const (
	mostGoals = 20
	mostSteps = 20
)

// typed reads the goals of a sent form, as they were typed.
func typed(form url.Values) (all []goalForm) {
	for i := 0; i <= mostGoals && form.Has(fmt.Sprintf("goals.%d.words", i)); i++ {
		at := fmt.Sprintf("goals.%d.", i)
		g := goalForm{ID: form.Get(at + "id"), Dimension: form.Get(at + "dimension"), Level: form.Get(at + "level"), Words: form.Get(at + "words"), Client: form.Get(at + "client"),
			Protected: form.Get(at+"protected") == "yes"}
		for j := 0; j <= mostSteps && form.Has(fmt.Sprintf("%ssteps.%d.what", at, j)); j++ {
			s := fmt.Sprintf("%ssteps.%d.", at, j)
			g.Steps = append(g.Steps, stepForm{ID: form.Get(s + "id"), What: form.Get(s + "what"), Who: form.Get(s + "who"), User: form.Get(s + "user"), By: form.Get(s + "by"), Service: form.Get(s + "service")})
		}
		all = append(all, g)
	}
	return all
}

// shown are goals as the form begins with them.
func shown(s *words.Speaker, goals []plans.Goal) (all []goalForm) {
	for _, g := range goals {
		f := goalForm{ID: g.ID, Dimension: string(g.Dimension), Level: string(g.Level), Words: g.Words, Client: g.Client, Protected: g.Protected}
		for _, st := range g.Steps {
			f.Steps = append(f.Steps, stepForm{ID: st.ID, What: st.What, Who: st.Who, User: st.User, By: dayTyped(s, st.By), Service: st.Service})
		}
		all = append(all, f)
	}
	return all
}

// dayTyped writes a day as people type it, in the digits of the reader.
func dayTyped(s *words.Speaker, d dates.Partial) string {
	if d.Precision() != dates.Day {
		return ""
	}
	return s.Digits(fmt.Sprintf("%d/%d/%d", d.Day, d.Month, d.Year))
}

// goals are what was typed as the plan wants it. Who does a step for the office is the caseworker, unless another was chosen.
func asGoals(all []goalForm) []plans.Goal {
	goals := make([]plans.Goal, len(all))
	for i, f := range all {
		g := plans.Goal{ID: f.ID, Dimension: plans.Dimension(f.Dimension), Level: plans.Level(f.Level), Words: f.Words, Client: f.Client, Protected: f.Protected}
		for _, s := range f.Steps {
			by, _ := dates.Parse(s.By) // what cannot be read is no day, and Draw says so at its place
			step := plans.Step{ID: s.ID, What: s.What, Who: s.Who, By: by, Service: s.Service}
			if s.Who == "worker" {
				step.User = s.User
			}
			g.Steps = append(g.Steps, step)
		}
		goals[i] = g
	}
	return goals
}

// blank is a goal that nothing is typed into yet.
func blank() goalForm { return goalForm{Steps: []stepForm{{Who: "returnee"}}} }

func (o room) drawing(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := drawn(r, q)
	if err != nil {
		return nil, err
	}
	if r.PostForm.Has("goals.0.words") {
		v.Goals, v.Version = typed(r.PostForm), sentVersion(r)
	}
	p, err := plans.Find(r.Context(), q, r.Who, v.Head.Case.ID, 0)
	if v.Goals != nil && (err == nil || fault.KindOf(err) == fault.NotFound) {
		if slices.ContainsFunc(v.Problems, func(p kit.Problem) bool { return p.Field == "" }) {
			v.Version = p.Version // she has been told that it changed
		}
		return drawPage(v), nil
	}
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		v.Goals = []goalForm{blank()}
		return drawPage(v), nil
	case err != nil:
		return nil, err
	}
	v.Version, v.Sealed, v.Goals = p.Version, v.Writes, shown(r.S, p.Goals)
	return drawPage(v), nil
}

// drawn begins the form for who may write the plan as the case stands.
func drawn(r *site.Request, q db.Reader) (drawView, error) {
	s, err := open(r, q)
	v := drawView{sheet: s}
	if err != nil {
		return v, err
	}
	if !v.May[cases.DrawPlan] {
		return v, site.Elsewhere(v.path())
	}
	v.Helps = v.offer(r)
	v.Guide, err = guide.For(r, q, "case.plan")
	return v, err
}

// amend shows the form with all goals, also those of class 3, and enters that they were looked at.
func (o room) amend(r *site.Request, tx *db.Tx) (string, error) {
	v, err := drawn(r, tx)
	var away site.Elsewhere
	if errors.As(err, &away) {
		return string(away), nil
	}
	if err != nil {
		return "", err
	}
	p, err := plans.Look(r.Context(), tx, r.Who, v.Head.Case.ID, 0)
	if err != nil {
		return "", err
	}
	v.Version, v.Goals = p.Version, shown(r.S, p.Goals)
	r.Answer = drawPage(v)
	return "", nil
}

func sentVersion(r *site.Request) int {
	n, _ := strconv.Atoi(r.PostForm.Get("version"))
	return max(n, 0)
}

// draw keeps the plan; or draws the form with a goal or a step more or less, with all that was typed.
func (o room) draw(r *site.Request, tx *db.Tx) (string, error) {
	all, todo := typed(r.PostForm), r.PostForm.Get("go")
	if todo != "" && todo != "save" {
		v, err := drawn(r, tx)
		if err != nil {
			return "", err
		}
		v.Version, v.Goals = sentVersion(r), changed(all, todo)
		r.Answer = drawPage(v)
		return "", nil
	}
	goals := asGoals(all)
	if err := private(r, tx, goals); err != nil {
		return "", err
	}
	_, err := plans.Draw(r.Context(), tx, r.Who, plans.Drawing{Case: caseID(r), Version: sentVersion(r), Goals: goals})
	if err != nil {
		return "", err
	}
	r.Say("plan_drawn")
	return casehead.Path(caseID(r), "plan") + "?version=" + strconv.Itoa(draftOf(r, tx)), nil
}

// draftOf is the number of the draft, to show it after it was kept; 0 shows the plan.
func draftOf(r *site.Request, q db.Reader) int {
	p, err := plans.Find(r.Context(), q, r.Who, caseID(r), 0)
	if err != nil {
		return 0
	}
	return p.Draft
}

// private refuses a step towards a service of class 3 in a goal that everybody sees.
func private(r *site.Request, q db.Reader, goals []plans.Goal) error {
	kinds, err := services.Catalogue(r.Context(), q, dates.Of(r.Now))
	if err != nil {
		return err
	}
	var faults []*fault.Error
	for i, g := range goals {
		closed := g.Protected || g.Dimension == plans.Psychosocial && (g.Level == plans.Individual || g.Level == plans.Family)
		for j, s := range g.Steps {
			at := slices.IndexFunc(kinds, func(k services.Kind) bool { return k.Code == s.Service })
			switch field := fmt.Sprintf("goals.%d.steps.%d.service", i, j); {
			case s.Service != "" && at < 0:
				faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On(field))
			case at >= 0 && kinds[at].Class == 3 && !closed:
				faults = append(faults, fault.New(fault.Invalid, "plan.service_private").On(field))
			}
		}
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	return nil
}

// changed adds a goal or a step to what was typed, or takes one out.
func changed(all []goalForm, todo string) []goalForm {
	act, where, _ := strings.Cut(todo, ":")
	first, second, _ := strings.Cut(where, ".")
	i, _ := strconv.Atoi(first)
	j, _ := strconv.Atoi(second)
	known := i >= 0 && i < len(all)
	switch {
	case act == "add_goal" && len(all) < mostGoals:
		return append(all, blank())
	case act == "remove_goal" && known && len(all) > 1:
		return slices.Delete(all, i, i+1)
	case act == "add_step" && known && len(all[i].Steps) < mostSteps:
		all[i].Steps = append(all[i].Steps, stepForm{Who: "returnee"})
	case act == "remove_step" && known && j >= 0 && j < len(all[i].Steps) && len(all[i].Steps) > 1:
		all[i].Steps = slices.Delete(all[i].Steps, j, j+1)
	}
	return all
}

// offer are the answers that the form offers to its reader.
func (v sheet) offer(r *site.Request) helps {
	var h helps
	for _, d := range plans.Dimensions() {
		h.Dimensions = append(h.Dimensions, kit.Option{Value: string(d), Label: v.S.T("plan.dimension." + string(d)), Hint: ""})
	}
	for _, l := range plans.Levels() {
		h.Levels = append(h.Levels, kit.Option{Value: string(l), Label: v.S.T("plan.level." + string(l))})
	}
	h.Clients = []kit.Option{{Value: "", Label: v.S.T("plan.client_self")}}
	for id, name := range v.Clients {
		h.Clients = append(h.Clients, kit.Option{Value: id, Label: name})
	}
	slices.SortFunc(h.Clients[1:], byLabel)
	for _, w := range plans.Doers() {
		h.Who = append(h.Who, kit.Option{Value: w, Label: v.S.T("plan.who." + w)})
	}
	h.Users = []kit.Option{{Value: "", Label: v.S.T("plan.user_any")}}
	c := v.Head.Case
	if c.Worker != "" {
		h.Users = append(h.Users, kit.Option{Value: c.Worker, Label: c.WorkerName})
	}
	if r.Who.ID != c.Worker {
		h.Users = append(h.Users, kit.Option{Value: r.Who.ID, Label: r.Who.Name})
	}
	for code, name := range v.Kinds {
		h.Kinds = append(h.Kinds, kit.Option{Value: code, Label: name})
	}
	slices.SortFunc(h.Kinds, byLabel)
	h.Kinds = append([]kit.Option{{Value: "", Label: v.S.T("plan.service_none")}}, h.Kinds...)
	return h
}

func byLabel(a, b kit.Option) int { return strings.Compare(a.Label, b.Label) }

// input is a control of the form.
func (v drawView) input(name, key, now string) kit.Input {
	return kit.Input{Name: name, Label: v.S.T(key), Value: now, Error: v.Problems.On(name), MaxLength: 1000}
}

// hinted is input with the hint under its key.
func (v drawView) hinted(name, key, now string) kit.Input {
	in := v.input(name, key, now)
	in.Hint = v.S.T(key + "_hint")
	return in
}

// ticked is a yes or no of the form.
func (v drawView) ticked(name, key string, now bool) kit.Input {
	in := v.hinted(name, key, "")
	if now {
		in.Value = "yes"
	}
	return in
}

// with keeps an answer among those offered, also one that is not offered any more.
func with(options []kit.Option, now string) []kit.Option {
	if now == "" || slices.ContainsFunc(options, func(o kit.Option) bool { return o.Value == now }) {
		return options
	}
	return append(slices.Clone(options), kit.Option{Value: now, Label: now})
}
