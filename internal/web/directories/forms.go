// SPDX-License-Identifier: Apache-2.0

package directories

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/numbers"
	"fera/internal/offices"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// as is how an item of a form is drawn.
type as int

const (
	asField as = iota
	asArea
	asSelect
	asChoice
	asChecks
	asCheck
	asPlace
	asDate
	asHidden
)

// item is one control of a form.
type item struct {
	As      as
	In      kit.Input
	Options []kit.Option
}

type group struct {
	Title, Hint string
	Items       []item
}

// formView is any form of the room.
type formView struct {
	kit.Frame
	Problems kit.Problems
	Lead     string
	Action   string
	Version  int
	Groups   []group
	Verb     string
	Kind     kit.Kind
	Back     string
}

// form builds a form from what an entry says now.
type form struct {
	r *site.Request
	v *formView
}

func begin(r *site.Request, title, action, backTo string) form {
	return form{r, &formView{Frame: r.Frame(r.S.T(title)), Problems: r.Problems, Action: action, Verb: r.S.T("directory.save"), Kind: kit.Primary, Back: backTo}}
}

func (f form) group(key string) {
	f.v.Groups = append(f.v.Groups, group{Title: f.r.S.T("directory.group." + key)})
}

func (f form) put(how as, in kit.Input, options ...kit.Option) {
	last := &f.v.Groups[len(f.v.Groups)-1]
	last.Items = append(last.Items, item{how, in, options})
}

func (f form) input(name, label, now string) kit.Input {
	return f.r.Input(name, f.r.S.T("directory.form."+label), now)
}

// both asks for a text in both languages.
func (f form) both(name string, t listing.Text, how as) {
	for _, lang := range []string{"bn", "en"} {
		in := f.input(name+"_"+lang, name, map[string]string{"bn": t.Bn, "en": t.En}[lang])
		in.Label += " (" + f.r.S.T("directory.in."+lang) + ")"
		in.Lang, in.MaxLength, in.Rows = lang, listing.LongestText, 3
		f.put(how, in)
	}
}

func (f form) choose(name, key, now string, values ...string) {
	in := f.input(name, name, now)
	var options []kit.Option
	for _, v := range values {
		options = append(options, kit.Option{Value: v, Label: f.r.S.T(key + v)})
	}
	f.put(asSelect, in, options...)
}

func (f form) tick(name string, now bool) {
	in := kit.Input{Name: name, Label: f.r.S.T("directory.form." + name)}
	if f.r.Ticked(name, "yes", now) {
		in.Value = "yes"
	}
	f.put(asCheck, in)
}

func (f form) checks(name string, options []kit.Option, chosen []string) {
	in := kit.Input{Name: name, Label: f.r.S.T("directory.form." + name), Error: f.r.Problems.On(name)}
	for i := range options {
		options[i].Chosen = f.r.Ticked(name, options[i].Value, slices.Contains(chosen, options[i].Value))
	}
	f.put(asChecks, in, options...)
}

// whole shows a number, or nothing for zero.
func whole(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func itoa(n int) string { return strconv.Itoa(n) }

// number reads a number in either numerals; -1 for what is none.
func number(text string) int {
	text = strings.TrimSpace(numbers.Digits(text))
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func text(r *site.Request, name string) listing.Text {
	return listing.Text{Bn: r.PostFormValue(name + "_bn"), En: r.PostFormValue(name + "_en")}
}

// phoneRows asks for telephones, with one line more than there are.
func (f form) phoneRows(all []listing.Phone) {
	for i := range min(len(all)+2, 12) {
		p := listing.Phone{}
		if i < len(all) {
			p = all[i]
		}
		n := strconv.Itoa(i)
		in := f.r.Input("phone_"+n, f.r.S.T("directory.form.phone_number", "n", i+1), p.Number)
		in.Type, in.Width, in.Error = "tel", kit.Medium, f.r.Problems.On("phones."+n)
		f.put(asField, in)
		f.put(asField, f.r.Input("phone_about_"+n, f.r.S.T("directory.form.phone_about", "n", i+1), p.About.In(string(f.r.S.Lang()))))
		more := f.r.Input("phone_extension_"+n, f.r.S.T("directory.form.phone_extension", "n", i+1), p.Extension)
		more.Width, more.InputMode = kit.Short, "numeric"
		f.put(asField, more)
		free := kit.Input{Name: "phone_free_" + n, Label: f.r.S.T("directory.form.phone_free", "n", i+1)}
		if f.r.Ticked(free.Name, "yes", p.Free) {
			free.Value = "yes"
		}
		f.put(asCheck, free)
	}
}

func setText(t *listing.Text, said, lang string) {
	if lang == "en" {
		t.En = said
	} else {
		t.Bn = said
	}
}

// newForm is the form of an entry that is not there yet.
func newForm(r *site.Request, q db.Reader) (templ.Component, error) {
	b, err := blank(r)
	if err != nil {
		return nil, err
	}
	to := "/directory"
	if of := b.Belongs(""); of != "" {
		to += "/" + of
	}
	f := begin(r, "directory.new."+string(b.Kind()), "/directory/new", to)
	f.group("about")
	f.put(asHidden, kit.Input{Name: "kind", Value: string(b.Kind())})
	f.put(asHidden, kit.Input{Name: "of", Value: b.Belongs("")})
	return formPage(*f.v), f.body(q, b)
}

// blank is an entry of the kind and organisation that were asked for.
func blank(r *site.Request) (b listing.Body, err error) {
	of := r.FormValue("of")
	if of != "" && !ids.Valid(of) {
		return b, fault.New(fault.NotFound, "directory.not_found")
	}
	switch listing.Kind(r.FormValue("kind")) {
	case listing.OfOrganisation:
		b.Organisation = &listing.Organisation{}
	case listing.OfService:
		b.Service = &listing.Service{Organisation: of, State: listing.Active, Areas: []string{listing.Country}}
	case listing.OfLocation:
		b.Location = &listing.Location{Organisation: of, Kind: "physical"}
	default:
		return b, fault.New(fault.NotFound, "directory.not_found")
	}
	return b, nil
}

func add(r *site.Request, tx *db.Tx) (string, error) {
	b, err := blank(r)
	if err != nil {
		return "", err
	}
	if err := readBody(r, &b); err != nil {
		return "", err
	}
	r.Say("saved")
	e, err := directory.Add(r.Context(), tx, r.Who, directory.Addition{Body: b})
	return "/directory/" + e.ID, err
}

func changeForm(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := entry(r, q)
	if err != nil {
		return nil, err
	}
	f := begin(r, "directory.change", back(r)+"/change", back(r))
	f.v.Lead, f.v.Version = e.Name().In(string(r.S.Lang())), r.Version(e.Version)
	f.group("about")
	if err := f.body(q, e.Body); err != nil {
		return nil, err
	}
	f.group("why")
	f.put(asField, f.input("reason", "reason", ""))
	return formPage(*f.v), nil
}

func change(r *site.Request, tx *db.Tx) (string, error) {
	e, err := entry(r, tx)
	if err != nil {
		return "", err
	}
	b, err := e.Body.Clone()
	if err != nil {
		return "", err
	}
	if err := readBody(r, &b); err != nil {
		return "", err
	}
	r.Say("saved")
	_, err = directory.Alter(r.Context(), tx, r.Who, directory.Change{ID: e.ID, Version: r.Version(0), Body: b, Reason: r.PostFormValue("reason")})
	return back(r), err
}

// body asks for what an entry says.
func (f form) body(q db.Reader, b listing.Body) error {
	f.both("name", b.Name(), asField)
	switch {
	case b.Organisation != nil:
		return f.organisation(q, b.Organisation)
	case b.Location != nil:
		f.location(b.Location)
		return nil
	}
	return f.service(q, b.Service)
}

func (f form) organisation(q db.Reader, o *listing.Organisation) error {
	f.both("about", o.About, asArea)
	f.choose("sector", "office.sector.", o.Sector, listing.Sectors()...)
	if f.r.Who.Holds(access.ManageDirectory) {
		all, err := offices.Organisations(f.r.Context(), q, access.System(access.ReadOffices))
		if err != nil {
			return err
		}
		var options []kit.Option
		for _, one := range all {
			options = append(options, kit.Option{Value: one.ID, Label: one.Name(string(f.r.S.Lang()))})
		}
		in := f.input("partner", "partner", o.Partner)
		in.Hint = f.r.S.T("directory.partner_hint")
		f.put(asSelect, in, options...)
	}
	f.group("reach")
	f.phoneRows(o.Phones)
	f.put(asField, f.input("website", "website", o.Website))
	f.put(asField, f.input("email", "email", o.Email))
	f.source(o.Source)
	return nil
}

func (f form) source(s listing.Source) {
	f.group("source")
	f.put(asField, f.input("source", "source", s.Text))
	f.put(asField, f.input("source_date", "source_date", s.Date))
}

func (f form) location(l *listing.Location) {
	f.choose("location_kind", "directory.location_kind.", l.Kind, listing.LocationKinds()...)
	f.put(asPlace, places.Lookup(f.r, "place", f.r.S.T("directory.form.place"), l.Place))
	f.both("address", l.Address, asField)
	f.both("transport", l.Transport, asField)
	f.both("about", l.About, asArea)
	f.accessRows(l.Access)
	f.group("reach")
	f.spoken(l.Languages)
	f.phoneRows(l.Phones)
	f.hourRows(l.Hours)
	f.source(l.Source)
}

func (f form) service(q db.Reader, s *listing.Service) error {
	f.both("about", s.About, asArea)
	f.choose("state", "directory.state.", string(s.State), string(listing.Active), string(listing.Paused), string(listing.Inactive))
	f.both("alert", s.Alert, asField)
	f.group("needs")
	var options []kit.Option
	for _, n := range listing.Needs() {
		options = append(options, kit.Option{Value: n.Code, Label: n.Name(string(f.r.S.Lang()))})
	}
	f.checks("needs", options, s.Needs)
	f.tick("hidden", s.Hidden)
	f.group("for")
	areas := []kit.Option{{Value: listing.Country, Label: f.r.S.T("directory.whole_country")}}
	for _, code := range s.Areas {
		if code != listing.Country {
			areas = append(areas, kit.Option{Value: code, Label: geo.Full(f.r.S.Lang(), code)})
		}
	}
	f.checks("areas", areas, s.Areas)
	f.put(asPlace, places.Lookup(f.r, "area", f.r.S.T("directory.form.area"), ""))
	f.both("eligibility", s.For.Text, asField)
	f.choose("sex", "directory.for.", s.For.Sex, "female", "male")
	f.short("min_age", s.For.MinAge)
	f.short("max_age", s.For.MaxAge)
	f.short("returned_within", s.For.Returns)
	f.group("how")
	f.both("how", s.How, asArea)
	f.both("fee", s.Fee, asField)
	options = nil
	var chosen []string
	for _, code := range listing.Papers() {
		options = append(options, kit.Option{Value: code, Label: listing.Paper{Code: code}.Name(string(f.r.S.Lang()))})
	}
	for _, p := range s.Papers {
		chosen = append(chosen, p.Code)
	}
	f.checks("papers", options, chosen)
	f.otherPapers(s.Papers)
	f.choose("staff", "directory.staff.", s.Staff, "women", "men", "both")
	f.spoken(s.Languages)
	f.costRows(s.Costs)
	if err := f.where(q, s); err != nil {
		return err
	}
	f.group("reach")
	f.phoneRows(s.Phones)
	f.put(asField, f.input("website", "website", s.Website))
	f.put(asField, f.input("email", "email", s.Email))
	f.hourRows(s.Hours)
	f.source(s.Source)
	f.short("every", s.Every)
	return nil
}

func (f form) short(name string, n int) {
	in := f.input(name, name, whole(n))
	in.Width, in.InputMode = kit.Short, "numeric"
	f.put(asField, in)
}

// where offers the locations of the organisation.
func (f form) where(q db.Reader, s *listing.Service) error {
	f.group("at")
	all, err := directory.List(f.r.Context(), q, f.r.Who, directory.Filter{Kind: listing.OfLocation, Organisation: s.Organisation, Limit: 500})
	if err != nil {
		return err
	}
	var options []kit.Option
	for _, l := range all {
		options = append(options, kit.Option{Value: l.ID, Label: l.Name().In(string(f.r.S.Lang()))})
	}
	var chosen []string
	for _, o := range s.At {
		chosen = append(chosen, o.Location)
	}
	f.v.Groups[len(f.v.Groups)-1].Hint = f.r.S.T("directory.at_hint")
	f.checks("at", options, chosen)
	return nil
}
