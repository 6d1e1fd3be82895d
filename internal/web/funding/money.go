// SPDX-License-Identifier: Apache-2.0

package funding

import (
	"cmp"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/programmes"
	"fera/internal/projects"
	"fera/internal/services"
	"fera/internal/web/fields"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

type bookView struct {
	kit.Frame
	ID     projects.ID
	Name   string
	May    bool
	Totals []kit.Row
	Lines  []kit.Row
}

func book(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := found(r, q)
	if err != nil {
		return nil, err
	}
	all, err := projects.Money(r.Context(), q, r.Who, p.ID)
	if err != nil {
		return nil, err
	}
	lang := string(r.S.Lang())
	v := bookView{Frame: r.Frame(r.S.T("project.money")), ID: p.ID, Name: p.Title(lang), May: projects.Manages(r.Who, p)}
	line := func(code string) string {
		for _, l := range p.Lines {
			if l.Code == code {
				return code + " " + l.Name(lang)
			}
		}
		return code
	}
	for _, t := range projects.Totals(all) {
		row := kit.Row{Cells: []templ.Component{kit.Text(cmp.Or(line(t.Line), r.S.T("project.line_none"))), kit.Text(t.Currency)}}
		for _, k := range projects.Kinds() {
			row.Cells = append(row.Cells, kit.Text(value(r.S, t.Sums[k])))
		}
		v.Totals = append(v.Totals, row)
	}
	for i := len(all) - 1; i >= 0; i-- {
		e := all[i]
		when := dates.Format(r.S, e.On)
		if !e.Until.IsZero() {
			when += " – " + dates.Format(r.S, e.Until)
		}
		row := kit.Row{Cells: []templ.Component{kit.Text(r.S.T("project.kind." + string(e.Kind))), kit.Text(when), kit.Text(value(r.S, e.Amount) + " " + e.Currency), kit.Text(line(e.Line)), kit.Text(e.Partner), kit.Text(e.Says),
			kit.Text(e.By + ", " + dates.Near(r.S, e.At, r.Now))}}
		switch {
		case e.Reverses != "" || e.Reversed:
			row.Tone = kit.Attention
		case v.May:
			row.Href = path(p.ID, "/money/"+e.ID+"/reverse")
		}
		v.Lines = append(v.Lines, row)
	}
	return bookPage(v), nil
}

func entering(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := managed(r, q)
	if err != nil {
		return nil, err
	}
	f := fields.New(r, r.S.T("project.enter"), path(p.ID, "/money/new"), path(p.ID, "/money"))
	f.Lead = r.S.T("project.enter_lead")
	var kinds []string
	for _, k := range projects.Kinds() {
		kinds = append(kinds, string(k))
	}
	f.Select("kind", "project.kind", string(projects.Spent), "project.kind.", kinds...)
	if len(p.Lines) > 0 {
		in := f.In("line", "project.line", "")
		in.Optional = true
		var lines []kit.Option
		for _, l := range p.Lines {
			lines = append(lines, kit.Option{Value: l.Code, Label: l.Code + " " + l.Name(string(r.S.Lang()))})
		}
		f.Put(kit.Select(r.S, in, lines))
	}
	amount := f.In("amount", "project.amount_label", "")
	amount.InputMode, amount.Width = "decimal", kit.Short
	f.Put(kit.Field(r.S, amount))
	currency := f.In("currency", "project.currency_label", services.Taka)
	currency.Width, currency.MaxLength = kit.Short, 3
	f.Put(kit.Field(r.S, currency))
	f.Date("on", "project.on", dates.Of(r.Now), false)
	f.Date("until", "project.until", dates.Partial{}, true)
	f.Text("partner", "project.other_side", "")
	f.Area("says", "project.says", "", 2)
	return fields.Page(f), nil
}

// managed finds the project that an address names, for who may change it.
func managed(r *site.Request, q db.Reader) (projects.Project, error) {
	p, err := found(r, q)
	if err == nil && !projects.Manages(r.Who, p) {
		err = fault.New(fault.Forbidden, "access.not_allowed")
	}
	return p, err
}

func enter(r *site.Request, tx *db.Tx) (string, error) {
	p, err := found(r, tx)
	if err != nil {
		return "", err
	}
	e := projects.Entering{Project: p.ID, Kind: projects.Kind(r.PostForm.Get("kind")), Line: r.PostForm.Get("line"), Currency: r.PostForm.Get("currency"), Partner: r.PostForm.Get("partner"), Says: r.PostForm.Get("says")}
	var faults []*fault.Error
	if e.Amount, err = services.ReadAmount(r.PostForm.Get("amount"), services.Taka); err != nil {
		faults = append(faults, fault.New(fault.Invalid, "service.amount_form").On("amount"))
	}
	for name, day := range map[string]*dates.Partial{"on": &e.On, "until": &e.Until} {
		if text := r.PostForm.Get(name); text != "" {
			if *day, err = dates.Parse(text); err != nil {
				faults = append(faults, fault.New(fault.Invalid, "date.unreadable").On(name))
			}
		}
	}
	if f := fault.Join(faults...); f != nil {
		return "", f
	}
	r.Say("project_entered")
	_, err = projects.Enter(r.Context(), tx, r.Who, e)
	return path(p.ID, "/money"), err
}

func reversing(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := managed(r, q)
	if err != nil {
		return nil, err
	}
	f := fields.New(r, r.S.T("project.reverse"), path(p.ID, "/money/"+r.PathValue("entry")+"/reverse"), path(p.ID, "/money"))
	f.Lead, f.Verb, f.Kind = r.S.T("project.reverse_lead"), r.S.T("project.reverse"), kit.Perilous
	f.Why()
	return fields.Page(f), nil
}

func reverse(r *site.Request, tx *db.Tx) (string, error) {
	p, err := found(r, tx)
	if err != nil {
		return "", err
	}
	entry, err := r.ID("entry")
	if err != nil {
		return "", err
	}
	r.Say("project_reversed")
	return path(p.ID, "/money"), projects.Reverse(r.Context(), tx, r.Who, projects.Reversal{Project: p.ID, Entry: entry, Why: r.PostForm.Get("why")})
}

func ruling(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := managed(r, q)
	if err != nil {
		return nil, err
	}
	bodies, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	f := fields.New(r, r.S.T("project.rule_new"), path(p.ID, "/rules/new"), path(p.ID, ""))
	f.Lead = r.S.T("project.rule_lead")
	var offices []kit.Option
	mine := map[string]bool{p.Organisation: true}
	for _, one := range p.Partners {
		mine[one.Organisation] = one.Organisation != ""
	}
	for _, o := range bodies.List {
		if mine[o.Organisation] {
			offices = append(offices, kit.Option{Value: o.ID, Label: bodies.Said(access.AtOffice(o.ID))})
		}
	}
	in := f.In("office", "project.rule_office", "")
	in.Optional = true
	f.Put(kit.Select(r.S, in, offices))
	all, err := programmes.List(r.Context(), q)
	if err != nil {
		return nil, err
	}
	var some []kit.Option
	for _, one := range all {
		label := one.NameEn
		if r.S.Lang() == words.Bangla {
			label = one.NameBn
		}
		some = append(some, kit.Option{Value: one.Code, Label: label})
	}
	in = f.In("programme", "project.rule_programme", "")
	in.Optional = true
	f.Put(kit.Select(r.S, in, some))
	f.Date("from", "project.rule_from", p.Begins().Earliest(), false)
	f.Date("until", "project.rule_until", last(p), false)
	return fields.Page(f), nil
}

func last(p projects.Project) dates.Partial {
	if p.Ends().IsZero() {
		return dates.Partial{}
	}
	return p.Ends().Latest()
}

func addRule(r *site.Request, tx *db.Tx) (string, error) {
	p, err := found(r, tx)
	if err != nil {
		return "", err
	}
	rule := projects.Rule{Office: r.PostForm.Get("office"), Programme: r.PostForm.Get("programme")}
	if rule.Office != "" {
		bodies, err := places.New(r, tx)
		if err != nil {
			return "", err
		}
		for _, o := range bodies.List {
			if o.ID == rule.Office {
				rule.Organisation = o.Organisation
			}
		}
	}
	for name, day := range map[string]*dates.Partial{"from": &rule.From, "until": &rule.Until} {
		if *day, err = dates.Parse(r.PostForm.Get(name)); err != nil {
			return "", fault.New(fault.Invalid, "date.unreadable").On(name)
		}
	}
	r.Say("project_rule")
	_, err = projects.AddRule(r.Context(), tx, r.Who, p.ID, rule)
	return path(p.ID, ""), err
}

func endRule(r *site.Request, tx *db.Tx) (string, error) {
	p, err := found(r, tx)
	if err != nil {
		return "", err
	}
	rule, err := r.ID("rule")
	if err != nil {
		return "", err
	}
	r.Say("project_rule_ended")
	return path(p.ID, ""), projects.EndRule(r.Context(), tx, r.Who, p.ID, rule)
}

func counting(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := managed(r, q)
	if err != nil {
		return nil, err
	}
	f := fields.New(r, r.S.T("project.count_new"), path(p.ID, "/counts/new"), path(p.ID, ""))
	f.Lead = r.S.T("project.count_lead")
	var subjects []string
	for _, one := range projects.Subjects() {
		subjects = append(subjects, string(one))
	}
	f.Select("subject", "project.subject", string(projects.Cases), "project.subject.", subjects...)
	f.Line("id", "project.subject_id", "")
	f.Check("not", "project.count_not", false)
	f.Date("since", "project.count_since", dates.Partial{}, true)
	f.Date("until", "project.count_until", dates.Partial{}, true)
	f.Text("why", "field.why", "")
	return fields.Page(f), nil
}

func count(r *site.Request, tx *db.Tx) (string, error) {
	p, err := found(r, tx)
	if err != nil {
		return "", err
	}
	id := r.PostForm.Get("id")
	id = id[max(0, len(id)-36):] // of an address that was pasted, what identifies
	c := projects.Counting{Project: p.ID, Subject: projects.Subject(r.PostForm.Get("subject")), ID: id, Not: r.PostForm.Get("not") == "yes", Why: r.PostForm.Get("why")}
	for name, day := range map[string]*dates.Partial{"since": &c.Since, "until": &c.Until} {
		if text := r.PostForm.Get(name); text != "" {
			if *day, err = dates.Parse(text); err != nil {
				return "", fault.New(fault.Invalid, "date.unreadable").On(name)
			}
		}
	}
	r.Say("project_counted")
	return path(p.ID, ""), projects.Count(r.Context(), tx, r.Who, c)
}
