// SPDX-License-Identifier: Apache-2.0

package outreach

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/projects"
	"fera/internal/services"
	"fera/internal/web/fields"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// entry is the form of a new activity. It begins like another one when that is asked for: the next village is mostly in the same union.
func entry(r *site.Request, q db.Reader) (templ.Component, error) {
	today := dates.Of(r.Now)
	c := activities.Content{Kind: cmp.Or(r.URL.Query().Get("kind"), "door_to_door"), From: today, Team: r.Who.Name, Forum: activities.ForumID(r.URL.Query().Get("forum"))}
	var of []projects.ID
	if like := r.URL.Query().Get("like"); ids.Valid(like) {
		if a, err := activities.Find(r.Context(), q, r.Who, activities.ID(like)); err == nil {
			c = activities.Content{Kind: a.Kind, Way: a.Way, From: a.From, Place: a.Place, Team: a.Team, Topic: a.Topic, Forum: a.Forum}
			if of, err = projects.Of(r.Context(), q, projects.Activities, like); err != nil {
				return nil, err
			}
		}
	}
	f := fields.New(r, r.S.T("activity.new"), "/activities/new", "/activities")
	return form(r, q, f, c, of)
}

// form fills a form with what is said of an activity.
func form(r *site.Request, q db.Reader, f *fields.Form, c activities.Content, of []projects.ID) (templ.Component, error) {
	kinds, err := activities.Kinds(r.Context(), q, dates.Of(r.Now))
	if err != nil {
		return nil, err
	}
	var offered []kit.Option
	for _, k := range kinds {
		if !k.Ended || k.Code == c.Kind {
			offered = append(offered, kit.Option{Value: k.Code, Label: k.Name(string(r.S.Lang()))})
		}
		if k.Code == c.Kind && c.Way == "" {
			c.Way = k.Way
		}
	}
	f.Put(kit.Select(r.S, f.In("kind", "activity.kind", c.Kind), offered))
	f.Put(kit.Choice(r.S, f.In("way", "activity.way", string(c.Way)), wayOptions(f)))
	f.Place("place", "activity.place", c.Place)
	f.Text("where", "activity.where", c.Where)
	f.Date("from", "activity.day_label", c.From, false)
	f.Number("households", "activity.households", number(r, c.Households))
	if !c.Named {
		counts(r, f, c)
	}
	if err := details(r, q, f, c, of); err != nil {
		return nil, err
	}
	return fields.Page(f), nil
}

func wayOptions(f *fields.Form) (all []kit.Option) {
	for _, w := range activities.Ways() {
		all = append(all, kit.Option{Value: string(w), Label: f.S.T("activity.way." + string(w)), Hint: f.S.T("activity.way_hint." + string(w))})
	}
	return all
}

func number(r *site.Request, n int) string {
	if n == 0 {
		return ""
	}
	return r.S.Digits(strconv.Itoa(n))
}

// counts asks how many were there: by sex alone, and in finer parts where these are known.
func counts(r *site.Request, f *fields.Form, c activities.Content) {
	f.Group(r.S.T("activity.people"), r.S.T("activity.people_hint"))
	var finer []activities.Cell
	coarse := map[string]int{}
	for _, cell := range c.Cells {
		if cell.Age == activities.Unknown && cell.Disability == activities.Unknown {
			coarse[cell.Sex] = cell.People
		} else {
			finer = append(finer, cell)
		}
	}
	for _, sex := range activities.Sexes() {
		f.Number("people."+sex, "activity.sex."+sex, number(r, coarse[sex]))
	}
	n := len(finer)
	if r.Method == "POST" {
		for n = 0; n < mostRows && r.PostForm.Has(fmt.Sprintf("cells.%d.people", n)); {
			n++
		}
		if r.PostForm.Get("go") == "more" {
			n += 3
		}
	}
	if n > 0 {
		f.Group(r.S.T("activity.finer"), r.S.T("activity.finer_hint"))
	}
	for i := range n {
		var cell activities.Cell
		if i < len(finer) {
			cell = finer[i]
		}
		at := fmt.Sprintf("cells.%d.", i)
		f.Select(at+"sex", "activity.sex", cell.Sex, "activity.sex.", activities.Sexes()...)
		f.Select(at+"age", "activity.age", cell.Age, "activity.age.", activities.Ages()...)
		f.Select(at+"disability", "activity.disability", cell.Disability, "activity.disability.", activities.Disabilities()...)
		f.Number(at+"people", "activity.number", number(r, cell.People))
	}
	f.More = r.S.T("activity.finer_add")
}

// mostRows is how many finer parts a form has at most.
const mostRows = 72

// details asks for the rest, which may be left out.
func details(r *site.Request, q db.Reader, f *fields.Form, c activities.Content, of []projects.ID) error {
	f.Fold(r.S.T("activity.sheet"), r.S.T("activity.sheet_hint"), c.Typed != nil)
	typed := ""
	if c.Typed != nil {
		typed = r.S.Digits(strconv.Itoa(*c.Typed))
	}
	f.Number("typed", "activity.typed", typed)
	f.Text("typed_says", "activity.typed_says", c.TypedSays)
	f.Group(r.S.T("activity.projects"), "")
	if err := countsFor(r, q, f, of); err != nil {
		return err
	}
	f.Fold(r.S.T("activity.more"), "", c.Topic != "" || c.Cost > 0 || c.Remark != "" || c.Forum != "" || !c.Until.IsZero())
	f.Text("topic", "activity.topic", c.Topic)
	f.Text("team", "activity.team", c.Team)
	f.Date("until", "activity.last_day", c.Until, true)
	f.Number("times", "activity.times_label", number(r, c.Times))
	all, err := activities.Forums(r.Context(), q, r.Who)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		in := f.In("forum", "activity.forum", string(c.Forum))
		in.Optional = true
		options := []kit.Option{}
		for _, one := range all {
			options = append(options, kit.Option{Value: string(one.ID), Label: one.Name(string(r.S.Lang()))})
		}
		f.Put(kit.Select(r.S, in, options))
	}
	f.Number("cost", "activity.cost_taka", amount(r, c))
	f.Area("remark", "activity.remark", c.Remark, 3)
	if f.Version == 0 {
		f.Check("named", "activity.named", c.Named)
	}
	return nil
}

// countsFor offers the projects that are not over, and those that it counts for already.
func countsFor(r *site.Request, q db.Reader, f *fields.Form, of []projects.ID) error {
	if !r.Who.Holds(access.ReadProjects) {
		return nil
	}
	all, err := projects.List(r.Context(), q, r.Who, projects.Filter{})
	var offered []kit.Option
	for _, p := range all {
		mine := slices.Contains(of, p.ID)
		if mine || p.State == projects.Running || p.State == projects.Planned {
			offered = append(offered, kit.Option{Value: string(p.ID), Label: p.Title(string(r.S.Lang())), Chosen: r.Ticked("projects", string(p.ID), mine)})
		}
	}
	in := f.In("projects", "activity.projects_all", "")
	in.Optional = true
	if len(offered) > 0 {
		f.Put(kit.Checks(r.S, in, offered))
	} else {
		f.Put(kit.Text(r.S.T("activity.projects_none")))
	}
	return err
}

func amount(r *site.Request, c activities.Content) string {
	if c.Cost == 0 {
		return ""
	}
	return r.S.Digits(services.WriteAmount(c.Cost, services.Taka))
}

// read reads a form. What cannot be read is said at its place.
func read(r *site.Request) (c activities.Content, err error) {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	whole := func(name string) int {
		n, ok := fields.Whole(r.PostForm.Get(name))
		if !ok {
			bad("fault.bad_number", name)
		}
		return n
	}
	day := func(name string) (d dates.Partial) {
		if text := r.PostForm.Get(name); text != "" {
			if d, err = dates.Parse(text); err != nil {
				bad("date.unreadable", name)
			}
		}
		return d
	}
	c = activities.Content{Kind: r.PostForm.Get("kind"), Way: activities.Way(r.PostForm.Get("way")), From: day("from"), Until: day("until"), Where: r.PostForm.Get("where"), Topic: r.PostForm.Get("topic"),
		Team: r.PostForm.Get("team"), Forum: activities.ForumID(r.PostForm.Get("forum")), Times: whole("times"), Households: whole("households"), Named: r.PostForm.Get("named") == "yes",
		TypedSays: r.PostForm.Get("typed_says"), Remark: r.PostForm.Get("remark")}
	if c.Place, err = places.Read(r, "place"); err != nil {
		bad("activity.place_needed", "place")
	}
	for _, sex := range activities.Sexes() {
		c.Cells = append(c.Cells, activities.Cell{Sex: sex, People: whole("people." + sex)})
	}
	for i := range mostRows {
		at := fmt.Sprintf("cells.%d.", i)
		if n := whole(at + "people"); n > 0 {
			c.Cells = append(c.Cells, activities.Cell{Sex: r.PostForm.Get(at + "sex"), Age: r.PostForm.Get(at + "age"), Disability: r.PostForm.Get(at + "disability"), People: n})
		}
	}
	c.Cells = slices.DeleteFunc(c.Cells, func(cell activities.Cell) bool { return cell.People == 0 })
	if r.PostForm.Get("typed") != "" {
		n := whole("typed")
		c.Typed = &n
	}
	if c.Cost, err = services.ReadAmount(r.PostForm.Get("cost"), services.Taka); err != nil {
		bad("service.amount_form", "cost")
	}
	if f := fault.Join(faults...); f != nil {
		return c, f
	}
	return c, nil
}

// again draws a form with more rows when that was asked for.
func again(r *site.Request, q db.Reader, page site.Page) (bool, error) {
	if r.PostForm.Get("go") != "more" {
		return false, nil
	}
	var err error
	r.Answer, err = page(r, q)
	return true, err
}

func enter(r *site.Request, tx *db.Tx) (string, error) {
	if drawn, err := again(r, tx, entry); drawn || err != nil {
		return "", err
	}
	c, err := read(r)
	if err != nil {
		return "", err
	}
	of, err := chosen(r.PostForm)
	if err != nil {
		return "", err
	}
	r.Say("activity_entered")
	id, err := activities.Log(r.Context(), tx, r.Who, activities.Logging{Content: c, Projects: of})
	return path(id, ""), err
}

func correction(r *site.Request, q db.Reader) (templ.Component, error) {
	a, err := found(r, q)
	if err != nil {
		return nil, err
	}
	if !activities.MayChange(r.Who, a) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	of, err := projects.Of(r.Context(), q, projects.Activities, string(a.ID))
	if err != nil {
		return nil, err
	}
	f := fields.New(r, r.S.T("activity.correct"), path(a.ID, "/correct"), path(a.ID, ""))
	f.Lead, f.Version = r.S.T("activity.correct_lead"), r.Version(a.Version)
	f.Why()
	return form(r, q, f, a.Content, of)
}

func correct(r *site.Request, tx *db.Tx) (string, error) {
	if drawn, err := again(r, tx, correction); drawn || err != nil {
		return "", err
	}
	a, err := found(r, tx)
	if err != nil {
		return "", err
	}
	c, err := read(r)
	if err != nil {
		return "", err
	}
	of, err := chosen(r.PostForm)
	if err != nil {
		return "", err
	}
	c.Named = a.Named
	if a.Named {
		c.Cells = nil
	}
	c.Currency = a.Currency
	r.Say("activity_corrected")
	_, err = activities.Correct(r.Context(), tx, r.Who, activities.Correction{Activity: a.ID, Version: r.Version(0), Projects: of, Content: c, Why: r.PostForm.Get("why")})
	return path(a.ID, ""), err
}

func undoing(r *site.Request, q db.Reader) (templ.Component, error) {
	a, err := found(r, q)
	if err != nil {
		return nil, err
	}
	if !activities.MayChange(r.Who, a) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	f := fields.New(r, r.S.T("activity.undo"), path(a.ID, "/undo"), path(a.ID, ""))
	f.Lead, f.Verb, f.Kind = r.S.T("activity.undo_lead"), r.S.T("activity.undo"), kit.Perilous
	f.Why()
	return fields.Page(f), nil
}

func undo(r *site.Request, tx *db.Tx) (string, error) {
	a, err := found(r, tx)
	if err != nil {
		return "", err
	}
	r.Say("activity_undone")
	return path(a.ID, ""), activities.Undo(r.Context(), tx, r.Who, a.ID, r.PostForm.Get("why"))
}
