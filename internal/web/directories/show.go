// SPDX-License-Identifier: Apache-2.0

package directories

import (
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/agreements"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/web/kit"
	"fera/internal/web/listed"
	"fera/internal/web/site"
)

// person is somebody at a partner in words.
type person struct {
	ID, Name, What, Email string
	Phones                []listing.Phone
}

// agreement is one in words.
type agreement struct {
	ID, Title, Kind, Days, Terms string
	State                        kit.Tag
	Open                         bool
}

type showView struct {
	kit.Frame
	ID         string
	Title      string
	Of         kit.NavItem
	Pills      []kit.Tag
	Source     string
	Facts      []kit.Fact
	Services   []kit.Row
	Locations  []kit.Row
	Columns    []kit.Column
	People     []person
	Agreements []agreement
	Keeps      bool
	Manages    bool
	Main       []kit.Action
	Alert      string
	Conduct    string // how who offers it answers those who refer
}

// show is the page of one entry.
func show(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := entry(r, q)
	if err != nil {
		return nil, err
	}
	l, err := speaker(r, q)
	if err != nil {
		return nil, err
	}
	v := showView{Frame: r.Frame(r.S.T("directory.kind." + string(e.Kind()))), ID: e.ID, Title: l.Text(e.Name()), Pills: []kit.Tag{l.Age(e)}, Source: l.Source(e), Manages: r.Who.Holds(access.ManageDirectory)}
	if e.State != listing.Active {
		v.Pills = append(v.Pills, kit.Tag{Text: r.S.T("directory.state." + string(e.State)), Tone: kit.Attention})
	}
	if v.Keeps, err = directory.Keeps(r.Context(), q, r.Who, e); err != nil {
		return nil, err
	}
	v.acts(e)
	conduct, err := directory.Conducts(r.Context(), q, r.Who, []string{e.ID})
	if err != nil {
		return nil, err
	}
	if c, known := conduct[e.ID]; known {
		v.Conduct = l.Conduct(c)
	}
	if err := v.fill(r, q, l, e); err != nil {
		return nil, err
	}
	if r.Who.Holds(access.ReadDirectory) {
		if err := v.partner(r, q, l, e); err != nil {
			return nil, err
		}
	}
	return showPage(v), nil
}

func (v *showView) acts(e directory.Entry) {
	at := "/directory/" + e.ID
	add := func(href, key string, kind kit.Kind) {
		v.Main = append(v.Main, kit.Action{Href: href, Label: v.S.T(key), Kind: kind})
	}
	if v.Keeps && e.State != listing.Withdrawn {
		add(at+"/confirm", "directory.confirm", kit.Primary)
		add(at+"/change", "directory.change", kit.Quiet)
		if e.Service != nil {
			add(at+"/room", "directory.room", kit.Quiet)
		}
		if e.Organisation != nil {
			add("/directory/new?kind=service&of="+e.ID, "directory.new.service", kit.Quiet)
			add("/directory/new?kind=location&of="+e.ID, "directory.new.location", kit.Quiet)
		}
	}
	add(at+"/history", "directory.history", kit.Quiet)
}

// fill says what the entry says.
func (v *showView) fill(r *site.Request, q db.Reader, l listed.Speaker, e directory.Entry) error {
	if e.Owner != "" && e.Owner != e.ID {
		owner, err := directory.Several(r.Context(), q, []string{e.Owner})
		if err != nil {
			return err
		}
		if o, ok := owner[e.Owner]; ok {
			v.Of = kit.NavItem{Href: "/directory/" + o.ID, Label: l.Text(o.Name())}
		}
	}
	switch {
	case e.Organisation != nil:
		o := e.Organisation
		if o.Sector != "" {
			v.fact("directory.form.sector", r.S.T("office.sector."+o.Sector))
		}
		v.fact("directory.form.about", l.Text(o.About))
		v.phones(l, o.Phones)
		v.fact("directory.form.website", o.Website)
		v.fact("directory.form.email", o.Email)
		return v.has(r, q, l, e)
	case e.Location != nil:
		o := e.Location
		v.fact("directory.form.location_kind", r.S.T("directory.location_kind."+o.Kind))
		v.fact("directory.form.place", geo.Full(r.S.Lang(), o.Place))
		v.fact("directory.form.address", l.Text(o.Address))
		v.fact("directory.form.transport", l.Text(o.Transport))
		v.lines("directory.field.hours", l.Hours(o.Hours))
		v.phones(l, o.Phones)
		for _, a := range o.Access {
			v.fact("directory.field.access", l.Text(a.About))
		}
		v.fact("directory.field.languages", l.Languages(o.Languages))
		v.fact("directory.form.about", l.Text(o.About))
	default:
		return v.service(r, q, l, e)
	}
	return nil
}

func (v *showView) service(r *site.Request, q db.Reader, l listed.Speaker, e directory.Entry) error {
	s := e.Service
	v.Alert = l.Text(s.Alert)
	v.fact("directory.form.about", l.Text(s.About))
	v.fact("directory.column.needs", l.Needs(s.Needs))
	v.fact("directory.form.areas", l.Areas(s.Areas))
	v.lines("directory.field.for", l.For(s.For))
	v.fact("directory.field.how", l.Text(s.How))
	v.lines("directory.field.cost", l.Costs(s))
	v.lines("directory.field.papers", l.Papers(s.Papers))
	v.lines("directory.field.hours", l.Hours(s.Hours))
	v.phones(l, s.Phones)
	v.fact("directory.field.capacity", l.Capacity(s.Capacity))
	if s.Staff != "" {
		v.fact("directory.field.staff", r.S.T("directory.staff."+s.Staff))
	}
	v.fact("directory.field.languages", l.Languages(s.Languages))
	if s.Sheltered() {
		v.fact("directory.form.at", r.S.T("directory.sheltered"))
	}
	v.fact("directory.form.website", s.Website)
	v.fact("directory.form.email", s.Email)
	wanted := make([]string, len(s.At))
	for i, o := range s.At {
		wanted[i] = o.Location
	}
	there, err := directory.Several(r.Context(), q, wanted)
	if err != nil {
		return err
	}
	v.Columns = kit.Columns(r.S, "directory.column.location", "directory.form.place", "directory.field.capacity", "directory.column.age")
	for _, o := range s.At {
		loc, ok := there[o.Location]
		if !ok || loc.State == listing.Withdrawn {
			continue
		}
		v.Locations = append(v.Locations, kit.Row{Href: "/directory/" + loc.ID, Cells: []templ.Component{kit.Text(l.Text(loc.Name())), kit.Text(geo.Full(r.S.Lang(), loc.Location.Place)), kit.Text(l.Capacity(o.Capacity)), kit.Pill(l.Age(loc))}})
	}
	return nil
}

// has lists what an organisation offers and where.
func (v *showView) has(r *site.Request, q db.Reader, l listed.Speaker, e directory.Entry) error {
	v.Columns = kit.Columns(r.S, "directory.column.name", "directory.column.what", "directory.column.age")
	for kind, into := range map[listing.Kind]*[]kit.Row{listing.OfService: &v.Services, listing.OfLocation: &v.Locations} {
		some, err := directory.List(r.Context(), q, r.Who, directory.Filter{Kind: kind, Organisation: e.ID, Limit: 100})
		if err != nil {
			return err
		}
		for _, one := range some {
			what := ""
			if one.Service != nil {
				what = l.Needs(one.Service.Needs)
			} else {
				what = geo.Full(r.S.Lang(), one.Location.Place)
			}
			*into = append(*into, kit.Row{Href: "/directory/" + one.ID, Cells: []templ.Component{kit.Text(l.Text(one.Name())), kit.Text(what), kit.Pill(l.Age(one))}})
		}
	}
	return nil
}

// partner says whom one speaks to and what was agreed. Agreements are for those who keep the whole directory.
func (v *showView) partner(r *site.Request, q db.Reader, l listed.Speaker, e directory.Entry) error {
	people, err := directory.Focals(r.Context(), q, r.Who, e.ID)
	if err != nil {
		return err
	}
	for _, f := range people {
		what := strings.Join(filled(f.Title, f.Unit), ", ")
		v.People = append(v.People, person{f.ID, f.Name, what, f.Email, f.Phones})
	}
	if !v.Manages || e.Organisation == nil {
		return nil
	}
	all, err := agreements.List(r.Context(), q, r.Who, e.ID)
	for _, a := range all {
		one := agreement{ID: a.ID, Title: a.Title, Kind: r.S.T("directory.agreement." + a.Kind), Terms: a.Terms, Open: a.EndedAt.IsZero(), State: kit.Tag{Text: r.S.T("directory.agreement.over")}}
		one.Days = r.S.T("directory.agreement.signed", "date", l.Day(a.SignedOn))
		if !a.EndsOn.IsZero() {
			one.Days += " " + r.S.T("directory.agreement.ends", "date", l.Day(a.EndsOn))
		}
		if a.InForce(dates.Of(q.Now())) {
			one.State = kit.Tag{Text: r.S.T("directory.agreement.in_force"), Tone: kit.Good}
		}
		v.Agreements = append(v.Agreements, one)
	}
	return err
}

func filled(all ...string) (some []string) {
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return some
}

func (v *showView) fact(key, value string) {
	if value != "" {
		v.Facts = append(v.Facts, kit.Fact{Label: v.S.T(key), Value: value})
	}
}

func (v *showView) lines(key string, values []string) {
	if len(values) > 0 {
		v.Facts = append(v.Facts, kit.Fact{Label: v.S.T(key), Body: lineList(values)})
	}
}

func (v *showView) phones(l listed.Speaker, all []listing.Phone) {
	var said []string
	for _, p := range all {
		said = append(said, strings.TrimSpace(l.S.Digits(p.Number)+" "+l.Phone(p)))
	}
	v.lines("directory.form.phones", said)
}

// past is a version in words.
type past struct {
	Number       int
	Event        kit.Event
	MayBringBack bool
}

type historyView struct {
	kit.Frame
	ID, Title string
	Version   int
	Past      []past
	Confirmed []kit.Event
}

// history is how an entry was, who changed it and who said that it is right.
func history(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := entry(r, q)
	if err != nil {
		return nil, err
	}
	v := historyView{Frame: r.Frame(r.S.T("directory.history")), ID: e.ID, Title: e.Name().In(string(r.S.Lang())), Version: e.Version}
	keeps, err := directory.Keeps(r.Context(), q, r.Who, e)
	if err != nil {
		return nil, err
	}
	all, err := directory.History(r.Context(), q, r.Who, e.ID, 100)
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		v.Past = append(v.Past, past{h.Number, kit.Event{When: dates.FormatTime(r.S, h.At), ISO: h.At.UTC().Format("2006-01-02T15:04:05Z"), Title: r.S.T("directory.act."+h.Act) + ": " + h.Name().In(string(r.S.Lang())), Who: h.By, Text: h.Reason},
			keeps && h.Number != e.Version && h.State != listing.Withdrawn})
	}
	said, err := directory.Confirmations(r.Context(), q, r.Who, e.ID, 50)
	for _, c := range said {
		one := kit.Event{When: dates.Format(r.S, c.On), ISO: c.On.String(), Title: r.S.T("directory.way." + c.Way), Who: c.User, Text: strings.Join(filled(c.By, c.Note), ": ")}
		if !c.UndoneAt.IsZero() {
			one.Text = strings.Join(filled(one.Text, r.S.T("directory.taken_back", "who", c.UndoneBy, "when", dates.FormatTime(r.S, c.UndoneAt))), ". ")
		}
		v.Confirmed = append(v.Confirmed, one)
	}
	return historyPage(v), err
}
