// SPDX-License-Identifier: Apache-2.0

// Package outreach is the pages of what is done among people: activities with how many were there, and the forums that meet.
package outreach

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/projects"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of activities.
func Routes(s *site.Site) []site.Route {
	const read, log = access.ReadActivities, access.LogActivity
	return []site.Route{
		{Path: "GET /activities", Perm: read, Page: list},
		{Path: "GET /activities/new", Perm: log, Page: entry},
		{Path: "POST /activities/new", Perm: log, Page: entry, Act: enter},
		{Path: "GET /activity-kinds", Perm: access.SetActivityKinds, Page: kinds},
		{Path: "GET /activity-kinds/{code}", Perm: access.SetActivityKinds, Page: kindForm},
		{Path: "POST /activity-kinds/{code}", Perm: access.SetActivityKinds, Page: kindForm, Act: setKind},
		{Path: "GET /activities/{id}", Perm: read, Page: show},
		{Path: "GET /activities/{id}/correct", Perm: log, Page: correction},
		{Path: "POST /activities/{id}/correct", Perm: log, Page: correction, Act: correct},
		{Path: "GET /activities/{id}/undo", Perm: log, Page: undoing},
		{Path: "POST /activities/{id}/undo", Perm: log, Page: undoing, Act: undo},
		{Path: "GET /activities/{id}/names", Perm: log, Page: naming},
		{Path: "POST /activities/{id}/names", Perm: log, Page: naming, Act: addName},
		{Path: "POST /activities/{id}/names/{name}/strike", Perm: log, Act: strike},
		{Path: "GET /activities/{id}/photo", Perm: log, Page: photoForm},
		{Path: "POST /activities/{id}/photo", Perm: log, Page: photoForm, Step: addPhoto(s)},
		{Path: "GET /activities/{id}/photos/{file}", Perm: access.ReadPersons, Page: photo},
		{Path: "GET /persons/{id}/heard", Perm: access.ReadPersons, Page: heard},
		{Path: "POST /persons/{id}/heard", Perm: access.ChangePerson, Act: hear},
		{Path: "GET /forums", Perm: read, Page: forums},
		{Path: "GET /forums/new", Perm: log, Page: forumForm},
		{Path: "POST /forums/new", Perm: log, Page: forumForm, Act: formForum},
		{Path: "GET /forums/{id}", Perm: read, Page: forum},
		{Path: "GET /forums/{id}/change", Perm: log, Page: forumForm},
		{Path: "POST /forums/{id}/change", Perm: log, Page: forumForm, Act: alterForum},
		{Path: "GET /forums/{id}/members", Perm: log, Page: memberForm},
		{Path: "POST /forums/{id}/members", Perm: log, Page: memberForm, Act: join},
		{Path: "POST /forums/{id}/members/{member}/leave", Perm: log, Act: leave},
	}
}

// filterView is the form over a list.
type filterView struct {
	Kind, District, Upazila, Project, From, Until kit.Input
	Kinds, Districts, Upazilas, Projects          []kit.Option
}

type listView struct {
	kit.Frame
	Filter  filterView
	MayLog  bool
	MaySet  bool
	Said    string
	Sums    []kit.Fact
	Differs string
	Rows    []kit.Row
	Pages   kit.Pages
}

const perPage = 50

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v := listView{Frame: r.Frame(r.S.T("web.room.activities")), MayLog: r.Who.Holds(access.LogActivity), MaySet: r.Who.Holds(access.SetActivityKinds)}
	names, err := kindNames(r, q)
	if err != nil {
		return nil, err
	}
	f, err := v.Filter.read(r, q, names)
	if err != nil {
		return nil, err
	}
	total, err := activities.Sum(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	f.Before, f.Limit = r.URL.Query().Get("before"), perPage
	p, err := activities.List(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	for _, a := range p.Acts {
		v.Rows = append(v.Rows, row(r.S, names, a))
	}
	if p.Next != "" {
		asked := r.URL.Query()
		asked.Set("before", p.Next)
		v.Pages.Next = "/activities?" + asked.Encode()
	}
	v.Said = r.S.T("activity.count", "count", total.Entries)
	v.Sums, v.Differs = sums(r.S, total), differs(r.S, total.Typed, total.Beside)
	return listPage(v), nil
}

// kindNames says every kind there is.
func kindNames(r *site.Request, q db.Reader) (map[string]string, error) {
	all, err := activities.Kinds(r.Context(), q, dates.Of(r.Now))
	names := map[string]string{}
	for _, k := range all {
		names[k.Code] = k.Name(string(r.S.Lang()))
	}
	return names, err
}

// read reads what was asked for, and draws it again.
func (v *filterView) read(r *site.Request, q db.Reader, names map[string]string) (f activities.Filter, err error) {
	asked := r.URL.Query()
	input := func(name, label string) kit.Input {
		return kit.Input{Name: name, Label: r.S.T(label), Value: asked.Get(name), MaxLength: 200}
	}
	v.Kind, v.District, v.Upazila, v.Project = input("kind", "activity.kind"), input("district", "place.district"), input("upazila", "place.upazila"), input("project", "activity.project")
	v.From, v.Until = input("from", "activity.since"), input("until", "activity.until_day")
	for code, name := range names {
		v.Kinds = append(v.Kinds, kit.Option{Value: code, Label: name})
	}
	slices.SortFunc(v.Kinds, func(a, b kit.Option) int { return cmp.Compare(a.Label, b.Label) })
	for _, division := range geo.Children("") {
		for _, d := range geo.Children(division.Code) {
			v.Districts = append(v.Districts, kit.Option{Value: d.Code, Label: d.Name(r.S.Lang())})
		}
	}
	slices.SortFunc(v.Districts, func(a, b kit.Option) int { return cmp.Compare(a.Label, b.Label) })
	f.Kind, f.Place = pick(v.Kinds, v.Kind.Value), pick(v.Districts, v.District.Value)
	if f.Place != "" {
		for _, u := range geo.Children(f.Place) {
			v.Upazilas = append(v.Upazilas, kit.Option{Value: u.Code, Label: u.Name(r.S.Lang())})
		}
		f.Place = cmp.Or(pick(v.Upazilas, v.Upazila.Value), f.Place)
	}
	if v.Projects, err = projectOptions(r, q, ""); err != nil {
		return f, err
	}
	f.Project = projects.ID(pick(v.Projects, v.Project.Value))
	for in, day := range map[*kit.Input]*dates.Partial{&v.From: &f.From, &v.Until: &f.Until} {
		if in.Value != "" {
			if *day, err = dates.Parse(in.Value); err != nil {
				in.Error, err = r.S.T("date.unreadable"), nil
			}
		}
	}
	return f, nil
}

// pick is a value if it is one of those offered.
func pick(options []kit.Option, value string) string {
	if slices.ContainsFunc(options, func(o kit.Option) bool { return o.Value == value }) {
		return value
	}
	return ""
}

// projectOptions offers the projects that the visitor sees; those that ran on a day when one is given.
func projectOptions(r *site.Request, q db.Reader, on string) (all []kit.Option, err error) {
	if !r.Who.Holds(access.ReadProjects) {
		return nil, nil
	}
	some, err := projects.List(r.Context(), q, r.Who, projects.Filter{On: on})
	for _, p := range some {
		all = append(all, kit.Option{Value: string(p.ID), Label: p.Title(string(r.S.Lang()))})
	}
	return all, err
}

func row(s *words.Speaker, names map[string]string, a activities.Act) kit.Row {
	var tags []kit.Tag
	if d := a.Difference(); d != 0 {
		tags = append(tags, kit.Tag{Text: s.T("activity.differs_short", "count", abs(d)), Tone: kit.Attention})
	}
	if a.Estimate {
		tags = append(tags, kit.Tag{Text: s.T("activity.estimate")})
	}
	if a.Undone {
		tags = append(tags, kit.Tag{Text: s.T("activity.undone"), Tone: kit.Danger})
	}
	return kit.Row{Href: "/activities/" + string(a.ID), Cells: []templ.Component{kit.Text(cmp.Or(names[a.Kind], a.Kind)), kit.Text(days(s, a.Content)), kit.Text(where(s, a.Content)),
		kit.Text(reached(s, a)), kit.Pills(tags)}}
}

func abs(n int) int { return max(n, -n) }

// days says when it was.
func days(s *words.Speaker, c activities.Content) string {
	if c.Until.IsZero() || c.Until == c.From {
		return dates.Format(s, c.From)
	}
	return dates.Format(s, c.From) + " – " + dates.Format(s, c.Until)
}

func where(s *words.Speaker, c activities.Content) string {
	if c.Where == "" {
		return geo.Full(s.Lang(), c.Place)
	}
	return c.Where + ", " + geo.Full(s.Lang(), c.Place)
}

// reached says how many were there, or that nobody was counted.
func reached(s *words.Speaker, a activities.Act) string {
	if a.Reached == 0 && len(a.Cells) == 0 && !a.Named {
		return s.T("activity.not_counted")
	}
	return s.Number(a.Reached)
}

// sums say what activities come to.
func sums(s *words.Speaker, t activities.Totals) (all []kit.Fact) {
	add := func(key, value, note string) {
		all = append(all, kit.Fact{Label: s.T(key), Value: value, Note: note})
	}
	parts := activities.BySex(t.Cells)
	said := ""
	for _, sex := range activities.Sexes() {
		if parts[sex] > 0 {
			if said != "" {
				said += " + "
			}
			said += s.Number(parts[sex]) + " " + s.T("activity.sex."+sex)
		}
	}
	add("activity.sum_reached", s.Number(t.Reached), said)
	if t.Times != t.Entries {
		add("activity.sum_times", s.Number(t.Times), "")
	}
	if t.Households > 0 {
		add("activity.households", s.Number(t.Households), "")
	}
	if t.Estimated > 0 {
		add("activity.sum_estimated", s.Number(t.Estimated), s.T("activity.estimate_apart"))
	}
	for _, currency := range slices.Sorted(keys(t.Cost)) {
		add("activity.cost", money(s, t.Cost[currency], currency), "")
	}
	return all
}

func keys(m map[string]int64) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// differs says that what was typed in is not what the parts come to; nothing when it is.
func differs(s *words.Speaker, typed, parts int) string {
	if typed == parts {
		return ""
	}
	key := "activity.differs_more"
	if typed < parts {
		key = "activity.differs_less"
	}
	return s.T(key, "typed", typed, "parts", parts, "count", abs(typed-parts))
}

func money(s *words.Speaker, hundredths int64, currency string) string {
	text := s.Number(int(hundredths / 100))
	if rest := hundredths % 100; rest != 0 {
		text += "." + s.Digits(strconv.FormatInt(100+rest, 10)[1:])
	}
	return text + " " + currency
}

// found finds the activity that an address names.
func found(r *site.Request, q db.Reader) (activities.Act, error) {
	id, err := r.ID("id")
	if err != nil {
		return activities.Act{}, err
	}
	return activities.Find(r.Context(), q, r.Who, activities.ID(id))
}

func path(id activities.ID, rest string) string { return "/activities/" + string(id) + rest }

// chosen are the projects that were ticked.
func chosen(form url.Values) (all []projects.ID, err error) {
	for _, id := range form["projects"] {
		if !ids.Valid(id) {
			return nil, fault.New(fault.Invalid, "fault.bad_choice").On("projects")
		}
		all = append(all, projects.ID(id))
	}
	return all, nil
}
