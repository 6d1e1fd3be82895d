// SPDX-License-Identifier: Apache-2.0

package outreach

import (
	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/persons"
	"fera/internal/web/fields"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

type forumsView struct {
	kit.Frame
	MayLog bool
	Rows   []kit.Row
}

func forums(r *site.Request, q db.Reader) (templ.Component, error) {
	v := forumsView{Frame: r.Frame(r.S.T("forum.title")), MayLog: r.Who.Holds(access.LogActivity)}
	all, err := activities.Forums(r.Context(), q, r.Who)
	for _, f := range all {
		state := r.S.T("forum.meets")
		if !f.Ended.IsZero() {
			state = r.S.T("forum.ended_on", "when", dates.Format(r.S, f.Ended))
		}
		v.Rows = append(v.Rows, kit.Row{Href: "/forums/" + string(f.ID), Cells: []templ.Component{kit.Text(f.Name(string(r.S.Lang()))), kit.Text(geo.Full(r.S.Lang(), f.Place)),
			kit.Text(r.S.Number(f.Members)), kit.Text(state)}})
	}
	return forumsPage(v), err
}

// memberLine is one who is or was in a forum.
type memberLine struct {
	ID, Name, Href, Said string
	Left                 bool
}

type forumView struct {
	kit.Frame
	ID      activities.ForumID
	Title   string
	Facts   []kit.Fact
	May     bool
	Sees    bool
	Members []memberLine
	Met     []kit.Row
}

func forumFound(r *site.Request, q db.Reader) (activities.Forum, error) {
	id, err := r.ID("id")
	if err != nil {
		return activities.Forum{}, err
	}
	return activities.FindForum(r.Context(), q, r.Who, activities.ForumID(id))
}

func forum(r *site.Request, q db.Reader) (templ.Component, error) {
	f, err := forumFound(r, q)
	if err != nil {
		return nil, err
	}
	v := forumView{Frame: r.Frame(r.S.T("forum.one")), ID: f.ID, Title: f.Name(string(r.S.Lang()))}
	may, err := access.Reaches(r.Context(), q, r.Who, access.LogActivity, string(f.ID))
	if err != nil {
		return nil, err
	}
	sees, err := access.Reaches(r.Context(), q, r.Who, access.ReadPersons, string(f.ID))
	if err != nil {
		return nil, err
	}
	v.May, v.Sees = may, sees
	v.Facts = []kit.Fact{{Label: r.S.T("activity.place"), Value: geo.Full(r.S.Lang(), f.Place)}, {Label: r.S.T("forum.formed"), Value: dates.Format(r.S, f.Formed)}, {Label: r.S.T("forum.members_now"), Value: r.S.Number(f.Members)}}
	if !f.Ended.IsZero() {
		v.Facts = append(v.Facts, kit.Fact{Label: r.S.T("forum.ended"), Value: dates.Format(r.S, f.Ended)})
	}
	if err := v.members(r, q, f); err != nil {
		return nil, err
	}
	names, err := kindNames(r, q)
	if err != nil {
		return nil, err
	}
	met, err := activities.List(r.Context(), q, r.Who, activities.Filter{Forum: f.ID, Limit: 100})
	for _, a := range met.Acts {
		v.Met = append(v.Met, row(r.S, names, a))
	}
	return forumPage(v), err
}

func (v *forumView) members(r *site.Request, q db.Reader, f activities.Forum) error {
	all, err := activities.Members(r.Context(), q, r.Who, f.ID)
	if err != nil {
		return err
	}
	var known []persons.ID
	for _, m := range all {
		if m.Person != "" {
			known = append(known, m.Person)
		}
	}
	cards, err := persons.FindCards(r.Context(), q, r.Who, known)
	for _, m := range all {
		line := memberLine{ID: m.ID, Name: m.Name, Said: r.S.T("forum.duty."+string(m.Duty)) + " · " + r.S.T("forum.since", "when", dates.Format(r.S, m.From)), Left: !m.Until.IsZero()}
		if line.Left {
			line.Said += " · " + r.S.T("forum.left_on", "when", dates.Format(r.S, m.Until))
		}
		if c, ok := cards[m.Person]; ok {
			line.Name, line.Href = people.Name(r.S, c.NameBn, c.NameLatin), "/persons/"+string(m.Person)
		}
		if line.Name == "" {
			line.Name = r.S.T("activity.name_hidden")
		}
		v.Members = append(v.Members, line)
	}
	return err
}

// forumForm is the form of a new forum, or of the one that the address names.
func forumForm(r *site.Request, q db.Reader) (templ.Component, error) {
	now, action, back := activities.Forum{Formed: dates.Of(r.Now)}, "/forums/new", "/forums"
	title := r.S.T("forum.new")
	if r.PathValue("id") != "" {
		var err error
		if now, err = forumFound(r, q); err != nil {
			return nil, err
		}
		back = "/forums/" + string(now.ID)
		action, title = back+"/change", r.S.T("forum.change")
	}
	f := fields.New(r, title, action, back)
	f.Version = r.Version(now.Version)
	f.Text("name_bn", "forum.name_bn", now.NameBn)
	f.Text("name_en", "forum.name_en", now.NameEn)
	f.Place("place", "activity.place", now.Place)
	f.Date("formed", "forum.formed", now.Formed, false)
	if now.ID != "" {
		f.Date("ended", "forum.ended", now.Ended, true)
	}
	return fields.Page(f), nil
}

func readForum(r *site.Request) (f activities.Forum, err error) {
	f = activities.Forum{NameBn: r.PostForm.Get("name_bn"), NameEn: r.PostForm.Get("name_en"), Version: r.Version(0)}
	var bad []error
	if f.Place, err = places.Read(r, "place"); err != nil {
		bad = append(bad, fault.New(fault.Invalid, "activity.place_needed").On("place"))
	}
	for name, day := range map[string]*dates.Partial{"formed": &f.Formed, "ended": &f.Ended} {
		if text := r.PostForm.Get(name); text != "" {
			if *day, err = dates.Parse(text); err != nil {
				bad = append(bad, fault.New(fault.Invalid, "date.unreadable").On(name))
			}
		}
	}
	if len(bad) > 0 {
		return f, bad[0]
	}
	return f, nil
}

func formForum(r *site.Request, tx *db.Tx) (string, error) {
	f, err := readForum(r)
	if err != nil {
		return "", err
	}
	r.Say("forum_formed")
	id, err := activities.FormForum(r.Context(), tx, r.Who, f)
	return "/forums/" + string(id), err
}

func alterForum(r *site.Request, tx *db.Tx) (string, error) {
	now, err := forumFound(r, tx)
	if err != nil {
		return "", err
	}
	f, err := readForum(r)
	if err != nil {
		return "", err
	}
	f.ID = now.ID
	r.Say("forum_changed")
	return "/forums/" + string(f.ID), activities.AlterForum(r.Context(), tx, r.Who, f)
}

func memberForm(r *site.Request, q db.Reader) (templ.Component, error) {
	now, err := forumFound(r, q)
	if err != nil {
		return nil, err
	}
	back := "/forums/" + string(now.ID)
	f := fields.New(r, r.S.T("forum.member_add"), back+"/members", back)
	f.Lead, f.Verb = r.S.T("activity.name_lead"), r.S.T("forum.member_add")
	who(r, f)
	var duties []string
	for _, d := range activities.Duties() {
		duties = append(duties, string(d))
	}
	f.Select("duty", "forum.duty", string(activities.Member), "forum.duty.", duties...)
	f.Date("from", "forum.member_from", dates.Of(r.Now), false)
	return fields.Page(f), nil
}

func join(r *site.Request, tx *db.Tx) (string, error) {
	f, err := forumFound(r, tx)
	if err != nil {
		return "", err
	}
	m := activities.Membership{Person: personTyped(r), Name: r.PostForm.Get("name"), Sex: r.PostForm.Get("sex"), Duty: activities.Duty(r.PostForm.Get("duty"))}
	if m.From, err = dates.Parse(r.PostForm.Get("from")); err != nil {
		return "", fault.New(fault.Invalid, "date.unreadable").On("from")
	}
	r.Say("forum_joined")
	return "/forums/" + string(f.ID), activities.Join(r.Context(), tx, r.Who, f.ID, m)
}

func leave(r *site.Request, tx *db.Tx) (string, error) {
	f, err := forumFound(r, tx)
	if err != nil {
		return "", err
	}
	member, err := r.ID("member")
	if err != nil {
		return "", err
	}
	r.Say("forum_left")
	return "/forums/" + string(f.ID), activities.Leave(r.Context(), tx, r.Who, f.ID, member)
}
