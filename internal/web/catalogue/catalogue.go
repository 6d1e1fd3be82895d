// SPDX-License-Identifier: Apache-2.0

// Package catalogue is the pages on which administrators say what can be given, and what has to be so before it is. Every change holds
// from a day on, and what held before stays.
package catalogue

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/services"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of the catalogue.
func Routes(_ *site.Site) []site.Route {
	const manage = access.ManageServices
	return []site.Route{
		{Path: "GET /services", Perm: manage, Page: list},
		{Path: "GET /services/new", Perm: manage, Page: beginning},
		{Path: "GET /services/{code}", Perm: manage, Page: kind},
		{Path: "GET /services/{code}/change", Perm: manage, Page: changing},
		{Path: "POST /services", Perm: manage, Act: set, Page: beginning},
		{Path: "POST /services/{code}", Perm: manage, Act: set, Page: changing},
	}
}

// listView is the catalogue.
type listView struct {
	kit.Frame
	Kinds []services.Kind
}

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v := listView{Frame: r.Frame(r.S.T("service.catalogue"))}
	var err error
	v.Kinds, err = services.Catalogue(r.Context(), q, dates.Of(r.Now))
	lang := string(r.S.Lang())
	slices.SortFunc(v.Kinds, func(a, b services.Kind) int {
		return cmp.Or(cmp.Compare(category(r.S, a.Category), category(r.S, b.Category)), cmp.Compare(a.Name(lang), b.Name(lang)))
	})
	return listPage(v), err
}

// category says a category in words, where it is one that ships.
func category(s *words.Speaker, code string) string {
	if key := "service.category." + code; s.Has(key) {
		return s.T(key)
	}
	return code
}

// unit says a unit in words, where it is one that ships.
func unit(s *words.Speaker, code string) string {
	if key := "service.unit." + code; s.Has(key) {
		return s.T(key, "count", 1)
	}
	return code
}

func (v listView) rows() (rows []kit.Row) {
	for _, k := range v.Kinds {
		tags := []kit.Tag{}
		if k.Class == 3 {
			tags = append(tags, kit.Tag{Text: v.S.T("service.class_private"), Tone: kit.Attention})
		}
		if k.Money {
			tags = append(tags, kit.Tag{Text: v.S.T("service.class_money"), Tone: kit.Accent})
		}
		if k.Ended {
			tags = append(tags, kit.Tag{Text: v.S.T("service.class_ended")})
		}
		rows = append(rows, kit.Row{Href: "/services/" + k.Code, Cells: []templ.Component{kit.Text(k.Name(string(v.S.Lang()))), kit.Text(category(v.S, k.Category)),
			kit.Text(v.S.T("plan.dimension." + k.Dimension)), kit.Text(unit(v.S, k.Unit)), kit.Pills(tags)}})
	}
	return rows
}

// kindView is one kind with its versions.
type kindView struct {
	kit.Frame
	services.Kind
	Versions []services.Version
}

func kind(r *site.Request, q db.Reader) (templ.Component, error) {
	v := kindView{Frame: r.Frame(r.S.T("service.catalogue"))}
	var err error
	if v.Versions, err = services.Versions(r.Context(), q, r.Who, r.PathValue("code")); err != nil {
		return nil, err
	}
	v.Kind, err = services.FindKind(r.Context(), q, r.PathValue("code"), dates.Of(r.Now))
	if fault.KindOf(err) == fault.Invalid && err != nil { // it begins on a later day
		v.Kind, err = v.Versions[0].Kind, nil
	}
	return kindPage(v), err
}

func (v kindView) facts() []kit.Fact {
	k := v.Kind
	facts := []kit.Fact{{Label: v.S.T("service.kind.name_bn"), Value: k.NameBn}, {Label: v.S.T("service.kind.name_en"), Value: k.NameEn}, {Label: v.S.T("service.kind.category"), Value: category(v.S, k.Category)},
		{Label: v.S.T("plan.dimension"), Value: v.S.T("plan.dimension." + k.Dimension)}, {Label: v.S.T("service.kind.unit"), Value: unit(v.S, k.Unit)},
		{Label: v.S.T("service.kind.class"), Value: v.S.T("service.kind.class." + strconv.Itoa(k.Class))}}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, kit.Fact{Label: v.S.T(key), Value: value})
		}
	}
	add("service.kind.cost", v.S.Digits(taka(k.Cost)))
	add("service.kind.provider", k.Provider)
	if k.Money {
		said := v.S.T("service.kind.same_ever")
		if k.SameDays > 0 {
			said = v.S.T("service.kind.same_for", "count", k.SameDays)
		}
		add("service.kind.same", said)
	}
	if k.Tell > 0 {
		add("service.kind.tell", v.S.T("service.kind.tell_every", "count", k.Tell))
	}
	return facts
}

func taka(poisha int64) string {
	if poisha == 0 {
		return ""
	}
	return services.WriteAmount(poisha, services.Taka)
}

// events are the versions, the latest first.
func (v kindView) events() (all []kit.Event) {
	for _, old := range v.Versions {
		e := kit.Event{When: v.S.T("service.shipped"), Title: old.Name(string(v.S.Lang()))}
		if !old.From.IsZero() {
			e.When, e.ISO, e.Who = v.S.T("service.from_day", "when", dates.Format(v.S, old.From)), old.From.String(), old.By
		}
		if old.Ended {
			e.Text = v.S.T("service.class_ended")
		} else {
			e.Text = v.S.T("service.version_asks", "conditions", len(old.Conditions), "papers", len(old.Papers), "fields", len(old.Fields))
		}
		all = append(all, e)
	}
	return all
}

// formView is the form of a kind.
type formView struct {
	kit.Frame
	Problems   kit.Problems
	Code       string // of the one that is changed; empty for a new one
	Values     url.Values
	Conditions int // rows that are drawn
	Papers     int
	Fields     int
}

func beginning(r *site.Request, _ db.Reader) (templ.Component, error) {
	return formPage(form(r, services.Kind{Class: 2, Dimension: "economic"})), nil
}

func changing(r *site.Request, q db.Reader) (templ.Component, error) {
	all, err := services.Versions(r.Context(), q, r.Who, r.PathValue("code"))
	if err != nil {
		return nil, err
	}
	v := form(r, all[0].Kind)
	v.Code = all[0].Code
	return formPage(v), nil
}

// form begins the form with a kind as it is, or with what was typed.
func form(r *site.Request, k services.Kind) formView {
	v := formView{Frame: r.Frame(r.S.T("service.catalogue")), Problems: r.Problems, Values: r.PostForm, Code: r.PathValue("code")}
	if r.Method != "POST" {
		v.Values = valuesOf(r.S, k, dates.Of(r.Now))
	}
	v.Conditions, v.Papers, v.Fields = rows(v.Values, "conditions"), rows(v.Values, "papers"), rows(v.Values, "fields")
	return v
}

// mostRows is how many rows of a list a form has at most.
const mostRows = 40

// rows is how many rows of a list were filled in, and some more to fill in.
func rows(f url.Values, list string) (n int) {
	for n < mostRows && f.Has(fmt.Sprintf("%s.%d.key", list, n)) {
		n++
	}
	if f.Get("go") == "add_"+list || n == 0 {
		n++
	}
	return min(n, mostRows)
}

// valuesOf are those that a form about a kind begins with.
func valuesOf(s *words.Speaker, k services.Kind, from dates.Partial) url.Values {
	f := url.Values{"code": {k.Code}, "name_bn": {k.NameBn}, "name_en": {k.NameEn}, "category": {k.Category}, "dimension": {k.Dimension}, "unit": {k.Unit}, "class": {strconv.Itoa(k.Class)},
		"provider": {k.Provider}, "unit_cost": {s.Digits(taka(k.Cost))}, "same_days": {s.Digits(strconv.Itoa(k.SameDays))}, "tell_months": {s.Digits(strconv.Itoa(k.Tell))},
		"from": {s.Digits(fmt.Sprintf("%d/%d/%d", from.Day, from.Month, from.Year))}}
	for name, yes := range map[string]bool{"notes": k.Notes, "money": k.Money, "ended": k.Ended} {
		if yes {
			f.Set(name, "yes")
		}
	}
	put := func(list string, i int, c services.Condition) {
		at := fmt.Sprintf("%s.%d.", list, i)
		f.Set(at+"key", c.Key)
		f.Set(at+"bn", c.Bn)
		f.Set(at+"en", c.En)
	}
	for i, c := range k.Conditions {
		put("conditions", i, c)
	}
	for i, c := range k.Papers {
		put("papers", i, c)
	}
	for i, field := range k.Fields {
		put("fields", i, field.Condition)
		at := fmt.Sprintf("fields.%d.", i)
		f.Set(at+"kind", field.Kind)
		var lines []string
		for _, o := range field.Options {
			lines = append(lines, o.Key+" | "+o.Bn+" | "+o.En)
		}
		f.Set(at+"options", strings.Join(lines, "\n"))
		if field.Needed {
			f.Set(at+"needed", "yes")
		}
	}
	return f
}

// set keeps a kind from a day on; or draws the form with a row more, with all that was typed.
func set(r *site.Request, tx *db.Tx) (string, error) {
	code := r.PathValue("code")
	if todo := r.PostForm.Get("go"); strings.HasPrefix(todo, "add_") {
		r.Answer = formPage(form(r, services.Kind{}))
		return "", nil
	}
	k, from, err := read(r.PostForm)
	if err != nil {
		return "", err
	}
	if code != "" {
		k.Code = code
		if _, err := services.Versions(r.Context(), tx, r.Who, code); err != nil {
			return "", err
		}
	} else if known, err := services.Versions(r.Context(), tx, r.Who, k.Code); err == nil && len(known) > 0 {
		return "", fault.New(fault.Conflict, "service.code_taken").On("code")
	}
	r.Say("service_kind_set")
	return "/services/" + url.PathEscape(k.Code), services.SetKind(r.Context(), tx, r.Who, k, from)
}

// read reads a kind, and from which day it holds. What cannot be read is said at its place.
func read(f url.Values) (k services.Kind, from dates.Partial, err error) {
	k = services.Kind{Code: strings.TrimSpace(f.Get("code")), NameBn: f.Get("name_bn"), NameEn: f.Get("name_en"), Category: f.Get("category"), Dimension: f.Get("dimension"), Unit: f.Get("unit"),
		Provider: strings.TrimSpace(f.Get("provider")), Notes: f.Get("notes") == "yes", Money: f.Get("money") == "yes", Ended: f.Get("ended") == "yes"}
	var faults []*fault.Error
	whole := func(name string) int {
		n, err := services.ReadAmount(f.Get(name), "JPY") // whole units, in either digits
		if err != nil || n > 1_000_000 {
			faults = append(faults, fault.New(fault.Invalid, "fault.bad_number").On(name))
		}
		return int(n)
	}
	k.Class, k.SameDays, k.Tell = whole("class"), whole("same_days"), whole("tell_months")
	if k.Cost, err = services.ReadAmount(f.Get("unit_cost"), services.Taka); err != nil {
		faults = append(faults, fault.New(fault.Invalid, "service.amount_form").On("unit_cost"))
	}
	if from, err = dates.Parse(f.Get("from")); err != nil {
		faults = append(faults, fault.New(fault.Invalid, "date.unreadable").On("from"))
	}
	k.Conditions, k.Papers = conditions(f, "conditions"), conditions(f, "papers")
	for i := range mostRows {
		at := fmt.Sprintf("fields.%d.", i)
		c := condition(f, at)
		if c == (services.Condition{}) {
			continue
		}
		k.Fields = append(k.Fields, services.Field{Condition: c, Kind: f.Get(at + "kind"), Needed: f.Get(at+"needed") == "yes", Options: options(f.Get(at + "options"))})
	}
	if joined := fault.Join(faults...); joined != nil {
		return k, from, joined
	}
	return k, from, nil
}

func condition(f url.Values, at string) services.Condition {
	return services.Condition{Key: strings.TrimSpace(f.Get(at + "key")), Bn: strings.TrimSpace(f.Get(at + "bn")), En: strings.TrimSpace(f.Get(at + "en"))}
}

// conditions are the rows of a list that were filled in.
func conditions(f url.Values, list string) (all []services.Condition) {
	for i := range mostRows {
		if c := condition(f, fmt.Sprintf("%s.%d.", list, i)); c != (services.Condition{}) {
			all = append(all, c)
		}
	}
	return all
}

// options reads answers, one on a line: mark | Bangla | English.
func options(text string) (all []services.Condition) {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		key, rest, _ := strings.Cut(line, "|")
		bn, en, _ := strings.Cut(rest, "|")
		all = append(all, services.Condition{Key: strings.TrimSpace(key), Bn: strings.TrimSpace(bn), En: strings.TrimSpace(en)})
	}
	return all
}

// in is a control of the form.
func (v formView) in(name, key string) kit.Input {
	in := kit.Input{Name: name, Label: v.S.T(key), Value: v.Values.Get(name), Error: v.Problems.On(name), MaxLength: 120}
	if hint := key + "_hint"; v.S.Has(hint) {
		in.Hint = v.S.T(hint)
	}
	return in
}

// free is in, for what may be left out.
func (v formView) free(name, key string) kit.Input {
	in := v.in(name, key)
	in.Optional = true
	return in
}

// short is in, for a number.
func (v formView) short(name, key string) kit.Input {
	in := v.in(name, key)
	in.InputMode, in.Width, in.MaxLength = "numeric", kit.Short, 12
	return in
}

func (v formView) dimensions() (all []kit.Option) {
	for _, d := range []string{"economic", "social", "psychosocial"} {
		all = append(all, kit.Option{Value: d, Label: v.S.T("plan.dimension." + d)})
	}
	return all
}

func (v formView) classes() []kit.Option {
	return []kit.Option{{Value: "2", Label: v.S.T("service.kind.class.2")}, {Value: "3", Label: v.S.T("service.kind.class.3")}}
}

func (v formView) kinds() (all []kit.Option) {
	for _, k := range []string{"text", "number", "date", "choice"} {
		all = append(all, kit.Option{Value: k, Label: v.S.T("service.field." + k)})
	}
	return all
}

func (v formView) action() string {
	if v.Code == "" {
		return "/services"
	}
	return "/services/" + url.PathEscape(v.Code)
}

// long is in, for some lines.
func (v formView) long(name, key string) kit.Input {
	in := v.free(name, key)
	in.MaxLength = 4000
	return in
}

func (v formView) title() string {
	if v.Code == "" {
		return v.S.T("service.kind_new")
	}
	return v.S.T("service.kind_change")
}
