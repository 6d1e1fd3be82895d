// SPDX-License-Identifier: Apache-2.0

package outreach

import (
	"cmp"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/geo"
	"fera/internal/persons"
	"fera/internal/projects"
	"fera/internal/web/fields"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// nameLine is one who was there.
type nameLine struct {
	ID, Name, Said, Href string
}

type showView struct {
	kit.Frame
	ID       activities.ID
	Title    string
	Lead     string
	Pills    []kit.Tag
	Honest   string // how it was entered
	Differs  string
	Facts    []kit.Fact
	Parts    []kit.Row
	May      bool // correct and undo
	MayLog   bool
	Named    bool
	SeesAll  bool // names and pictures
	Names    []nameLine
	Photos   []string
	Came     string
	Projects []kit.NavItem
	Events   []kit.Event
}

func show(r *site.Request, q db.Reader) (templ.Component, error) {
	a, err := found(r, q)
	if err != nil {
		return nil, err
	}
	names, err := kindNames(r, q)
	if err != nil {
		return nil, err
	}
	v := showView{Frame: r.Frame(r.S.T("activity.one")), ID: a.ID, Title: cmp.Or(names[a.Kind], a.Kind), Lead: days(r.S, a.Content) + " · " + where(r.S, a.Content), Honest: r.S.T("activity.honest." + string(a.Way)),
		May: activities.MayChange(r.Who, a), MayLog: r.Who.Holds(access.LogActivity), Named: a.Named, SeesAll: activities.SeesNames(r.Who, a)}
	if a.Typed != nil {
		v.Differs = differs(r.S, *a.Typed, a.Reached)
	}
	v.pills(a)
	if err := v.facts(r, q, a); err != nil {
		return nil, err
	}
	v.parts(a)
	for _, part := range []func(r *site.Request, q db.Reader, a activities.Act) error{v.names, v.photos, v.counted, v.history} {
		if err := part(r, q, a); err != nil {
			return nil, err
		}
	}
	return showPage(v), nil
}

func (v *showView) pills(a activities.Act) {
	v.Pills = append(v.Pills, kit.Tag{Text: v.S.T("activity.way." + string(a.Way))})
	if a.Estimate {
		v.Pills = append(v.Pills, kit.Tag{Text: v.S.T("activity.estimate"), Tone: kit.Attention})
	}
	if a.Undone {
		v.Pills = append(v.Pills, kit.Tag{Text: v.S.T("activity.undone"), Tone: kit.Danger})
	}
}

func (v *showView) facts(r *site.Request, q db.Reader, a activities.Act) error {
	add := func(key, value, note string) {
		if value != "" {
			v.Facts = append(v.Facts, kit.Fact{Label: v.S.T(key), Value: value, Note: note})
		}
	}
	add("activity.reached", reached(v.S, a), "")
	if a.Typed != nil {
		add("activity.typed", v.S.Number(*a.Typed), a.TypedSays)
	}
	if a.Households > 0 {
		add("activity.households", v.S.Number(a.Households), "")
	}
	if a.Times > 1 {
		add("activity.times_label", v.S.Number(a.Times), "")
	}
	add("activity.topic", a.Topic, "")
	add("activity.team", a.Team, "")
	if a.Cost > 0 {
		add("activity.cost", money(v.S, a.Cost, a.Currency), "")
	}
	add("activity.remark", a.Remark, "")
	if a.Forum != "" {
		if f, err := activities.FindForum(r.Context(), q, r.Who, a.Forum); err == nil {
			add("activity.forum", f.Name(string(v.S.Lang())), "")
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	came, err := activities.CameLater(r.Context(), q, r.Who, a.ID)
	add("activity.came", v.S.Number(came), v.S.T("activity.came_note"))
	return err
}

// parts are the cells, and their sum.
func (v *showView) parts(a activities.Act) {
	for _, c := range a.Cells {
		v.Parts = append(v.Parts, kit.Row{Cells: []templ.Component{kit.Text(v.S.T("activity.sex." + c.Sex)), kit.Text(v.S.T("activity.age." + c.Age)), kit.Text(v.S.T("activity.disability." + c.Disability)), kit.Text(v.S.Number(c.People))}})
	}
	if len(a.Cells) > 1 {
		v.Parts = append(v.Parts, kit.Row{Cells: []templ.Component{kit.Text(v.S.T("activity.sum")), nil, nil, kit.Text(v.S.Number(a.Reached))}})
	}
}

func (v *showView) names(r *site.Request, q db.Reader, a activities.Act) error {
	if !a.Named || !v.SeesAll {
		return nil
	}
	all, err := activities.Names(r.Context(), q, r.Who, a.ID)
	if err != nil {
		return err
	}
	var known []persons.ID
	for _, p := range all {
		if p.Person != "" {
			known = append(known, p.Person)
		}
	}
	cards, err := persons.FindCards(r.Context(), q, r.Who, known)
	for _, p := range all {
		line := nameLine{ID: p.ID, Name: p.Name, Said: v.S.T("activity.sex."+p.Sex) + " · " + v.S.T("activity.age."+p.Age)}
		if c, ok := cards[p.Person]; ok {
			line.Name, line.Href = people.Name(v.S, c.NameBn, c.NameLatin), "/persons/"+string(p.Person)
		}
		if line.Name == "" {
			line.Name = v.S.T("activity.name_hidden")
		}
		v.Names = append(v.Names, line)
	}
	return err
}

func (v *showView) photos(r *site.Request, q db.Reader, a activities.Act) error {
	all, err := activities.Photos(r.Context(), q, r.Who, a.ID)
	for _, f := range all {
		v.Photos = append(v.Photos, path(a.ID, "/photos/"+string(f.ID)))
	}
	return err
}

// counted are the projects that it counts for, those that the visitor sees.
func (v *showView) counted(r *site.Request, q db.Reader, a activities.Act) error {
	of, err := projects.Of(r.Context(), q, projects.Activities, string(a.ID))
	if err != nil {
		return err
	}
	for _, id := range of {
		p, err := projects.Find(r.Context(), q, r.Who, id)
		if err == nil {
			v.Projects = append(v.Projects, kit.NavItem{Href: "/projects/" + string(id), Label: p.Title(string(v.S.Lang()))})
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	return nil
}

func (v *showView) history(r *site.Request, q db.Reader, a activities.Act) error {
	all, err := activities.Versions(r.Context(), q, r.Who, a.ID)
	for _, old := range all {
		e := kit.Event{When: dates.Near(v.S, old.At, r.Now), ISO: old.At.Format("2006-01-02T15:04:05Z07:00"), Title: v.S.T("activity.version", "number", old.Number), Who: old.By, Text: old.Why}
		if old.Undone {
			e.Title, e.Tone = v.S.T("activity.undone"), kit.Danger
		}
		n := 0
		for _, c := range old.Content.Cells {
			n += c.People
		}
		if !old.Content.Named && old.Number < a.Version {
			e.Body = kit.Text(v.S.T("activity.version_said", "count", n, "place", geo.Full(v.S.Lang(), old.Content.Place)))
		}
		v.Events = append(v.Events, e)
	}
	return err
}

// naming is the form for one name.
func naming(r *site.Request, q db.Reader) (templ.Component, error) {
	a, err := found(r, q)
	if err != nil {
		return nil, err
	}
	if !activities.MayChange(r.Who, a) || !activities.SeesNames(r.Who, a) || !a.Named {
		return nil, fault.New(fault.NotFound, "activity.not_found")
	}
	f := fields.New(r, r.S.T("activity.name_add"), path(a.ID, "/names"), path(a.ID, ""))
	f.Lead, f.Verb = r.S.T("activity.name_lead"), r.S.T("activity.name_add")
	who(r, f)
	f.Select("age", "activity.age", "", "activity.age.", activities.Ages()...)
	f.Select("disability", "activity.disability", "", "activity.disability.", activities.Disabilities()...)
	return fields.Page(f), nil
}

// who asks for a person of the register by the number of her page, or for a name.
func who(r *site.Request, f *fields.Form) {
	in := f.In("person", "activity.person", r.URL.Query().Get("person"))
	in.Optional = true
	f.Put(kit.Field(r.S, in))
	f.Text("name", "activity.name", "")
	f.Select("sex", "activity.sex", "", "activity.sex.", activities.Sexes()...)
}

// personTyped is the person whom the visitor named by the address of her page, or by her id.
func personTyped(r *site.Request) persons.ID {
	text := r.PostForm.Get("person")
	for i := range text { // the last 36 letters of what was pasted
		if len(text)-i == 36 {
			text = text[i:]
			break
		}
	}
	return persons.ID(text)
}

func addName(r *site.Request, tx *db.Tx) (string, error) {
	a, err := found(r, tx)
	if err != nil {
		return "", err
	}
	r.Say("activity_named")
	one := activities.Attendee{Person: personTyped(r), Name: r.PostForm.Get("name"), Sex: r.PostForm.Get("sex"), Age: r.PostForm.Get("age"), Disability: r.PostForm.Get("disability")}
	return path(a.ID, ""), activities.AddNames(r.Context(), tx, r.Who, activities.Naming{Activity: a.ID, People: []activities.Attendee{one}})
}

func strike(r *site.Request, tx *db.Tx) (string, error) {
	a, err := found(r, tx)
	if err != nil {
		return "", err
	}
	name, err := r.ID("name")
	if err != nil {
		return "", err
	}
	r.Say("activity_struck")
	return path(a.ID, ""), activities.StrikeName(r.Context(), tx, r.Who, a.ID, name)
}

func photoForm(r *site.Request, q db.Reader) (templ.Component, error) {
	a, err := found(r, q)
	if err != nil {
		return nil, err
	}
	if !activities.MayChange(r.Who, a) || !activities.SeesNames(r.Who, a) {
		return nil, fault.New(fault.NotFound, "activity.not_found")
	}
	f := fields.New(r, r.S.T("activity.photo_add"), path(a.ID, "/photo"), path(a.ID, ""))
	f.Upload, f.Verb = true, r.S.T("activity.photo_add")
	in := f.In("file", "activity.photo", "")
	in.Type = "file"
	f.Put(kit.Field(r.S, in))
	f.Check("agreed", "activity.photo_agree", false)
	return fields.Page(f), nil
}

// addPhoto looks at the picture before the transaction, since that takes time.
func addPhoto(s *site.Site) site.Step {
	return func(r *site.Request) (string, error) {
		id, err := r.ID("id")
		if err != nil {
			return "", err
		}
		sent, err := r.SentFile()
		if err != nil {
			return "", err
		}
		content, err := files.Read(files.Photo, sent)
		if err != nil {
			return "", err
		}
		r.Say("activity_photo")
		return path(activities.ID(id), ""), s.DB.Write(r.Context(), func(tx *db.Tx) error {
			_, err := activities.AddPhoto(r.Context(), tx, r.Who, activities.Picture{Activity: activities.ID(id), Agreed: r.PostForm.Get("agreed") == "yes", Content: content})
			return err
		})
	}
}

// photo sends a picture of the activity that the address names, and no other file.
func photo(r *site.Request, q db.Reader) (templ.Component, error) {
	a, err := found(r, q)
	if err != nil {
		return nil, err
	}
	f, body, err := files.OpenPlain(r.Context(), q, r.Who, files.ID(r.PathValue("file")))
	if err == nil && (f.Person != string(a.ID) || !activities.SeesNames(r.Who, a)) {
		err = fault.New(fault.NotFound, "file.not_found")
	}
	if err != nil {
		return nil, err
	}
	return site.File{Kind: f.Type, Body: body}, nil
}
