// SPDX-License-Identifier: Apache-2.0

package referring

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/referrals"
	"fera/internal/referrals/sharing"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/shared"
	"fera/internal/web/site"
)

// wish is what is looked for, as the form has it.
type wish struct {
	Need   string
	Place  string
	Women  string // yes, no, or not asked
	Free   bool
	Papers []string
	Asked  bool   // about the papers
	From   string // the referral after which another provider is looked for
}

// wished reads the form.
func wished(r *site.Request) wish {
	f := r.PostForm
	w := wish{Need: f.Get("need"), Women: f.Get("women"), Free: f.Get("free") == "yes", Papers: slices.Clone(f["papers"]), Asked: f.Get("asked") == "yes", From: f.Get("from")}
	if w.Women != "yes" && w.Women != "no" {
		w.Women = ""
	}
	return w
}

// hidden is the wish as the forms below carry it on.
func (w wish) hidden() (all [][2]string) {
	all = [][2]string{{"need", w.Need}, {"women", w.Women}, {"from", w.From}, {"asked", yes(w.Asked)}, {"free", yes(w.Free)}}
	for _, p := range w.Papers {
		all = append(all, [2]string{"papers", p})
	}
	return all
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// seekView asks what she needs, and shows who offers it.
type seekView struct {
	sheet
	Wish    wish
	Shelves []shelf
	Place   kit.Input
	Sought  bool
	Found   []found
	AskHer  bool // whether she wants to be served by women, before anything else
	Papers  []kit.Option
}

// found is a service that fits, in words.
type found struct {
	Name, By, Where, Near, How, Alert, Room, Staff, Source string
	Hours, Costs, For, Has, Missing, Other, Answers        []string
	Languages                                              string
	Tags                                                   []kit.Tag
	Hidden                                                 bool // where it is is protected
	Service, Location                                      string
}

func seeking(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := begin(r, q)
	return seekPage(v), err
}

// begin begins the page on which is said what she needs.
func begin(r *site.Request, q db.Reader) (v seekView, err error) {
	if v.sheet, err = open(r, q); err != nil {
		return v, err
	}
	if !v.refers() {
		return v, notFound()
	}
	her := v.Head.Person
	v.Wish, v.Shelves = wished(r), v.needs()
	v.Place = places.Lookup(r, "place", r.S.T("referring.place"), her.Place)
	v.Place.Hint = r.S.T("referring.place_hint")
	return v, nil
}

// seek looks who offers what she needs. Nothing is written, and nothing of it stands in an address.
func seek(s *site.Site) site.Step {
	return func(r *site.Request) (string, error) {
		return "", s.DB.Read(r.Context(), func(q db.Reader) error {
			v, err := begin(r, q)
			if err != nil {
				return err
			}
			if v.Wish.Place, err = places.Read(r, "place"); err != nil {
				return err
			}
			if err := v.look(r, q); err != nil {
				return err
			}
			r.Answer = matchPage(v)
			return nil
		})
	}
}

// look fills in who offers what is looked for.
func (v *seekView) look(r *site.Request, q db.Reader) error {
	if _, ok := listing.NeedOf(v.Wish.Need); !ok || !sharing.Knows(v.Wish.Need) || !v.may(v.Wish.Need) {
		return fault.New(fault.Invalid, "referral.need_unknown").On("need")
	}
	her := v.Head.Person
	wanted := near.Wanted{Conduct: true, Need: v.Wish.Need, Place: v.Wish.Place, Women: v.Wish.Women == "yes", Free: v.Wish.Free, Limit: 20}
	if her.Sex == "female" || her.Sex == "male" {
		wanted.Sex = string(her.Sex)
	}
	if least, most := her.Birth.Age(v.Today); least >= 0 && least == most {
		wanted.Age = least
	}
	for _, j := range her.Journeys {
		if !j.Returned.IsZero() && (wanted.Returned.IsZero() || wanted.Returned.String() < j.Returned.String()) {
			wanted.Returned = j.Returned
		}
	}
	if v.Wish.Asked {
		wanted.Papers = append([]string{}, v.Wish.Papers...)
	}
	v.Sought, v.AskHer = true, sharing.AsksForWomen(v.Wish.Need) && her.Sex == "female" && v.Wish.Women == ""
	if v.AskHer {
		return nil
	}
	all, err := directory.Seek(r.Context(), q, wanted)
	if err != nil {
		return err
	}
	for _, m := range all {
		v.Found = append(v.Found, v.match(r, m))
	}
	v.askedPapers(all)
	return nil
}

// askedPapers are those that any of the services asks for, with those ticked that she has.
func (v *seekView) askedPapers(all []directory.Match) {
	for _, m := range all {
		for _, p := range m.Service.Service.Papers {
			if p.Code != "" && !slices.ContainsFunc(v.Papers, func(o kit.Option) bool { return o.Value == p.Code }) {
				v.Papers = append(v.Papers, kit.Option{Value: p.Code, Label: listing.Paper{Code: p.Code}.Name(string(v.S.Lang())), Chosen: slices.Contains(v.Wish.Papers, p.Code)})
			}
		}
	}
}

// match says a service in words.
func (v seekView) match(r *site.Request, m directory.Match) found {
	l, s := v.Say, m.Service.Service
	f := found{Name: l.Text(s.Name), By: l.Text(m.Organisation.Name()), Where: l.Where(m), How: l.Text(s.How), Alert: l.Text(s.Alert), Room: l.Capacity(m.Capacity()), Costs: l.Costs(s), For: l.For(s.For),
		Hours: l.Hours(m.Hours()), Languages: l.Languages(s.Languages), Source: l.Source(m.Service), Hidden: s.Sheltered(), Service: m.Service.ID, Near: v.S.T("referring.near." + string(m.Near))}
	if m.Location != nil {
		f.Location = m.Location.ID
	}
	if s.Staff != "" {
		f.Staff = v.S.T("directory.staff." + s.Staff)
	}
	if h := m.Hours(); h.Known() {
		tag := kit.Tag{Text: v.S.T("referring.closed_now")}
		if h.Open(r.Now.In(dates.Dhaka()), l.Calendar) {
			tag = kit.Tag{Text: v.S.T("referring.open_now"), Tone: kit.Good}
		}
		f.Tags = append(f.Tags, tag)
	}
	f.Tags = append(f.Tags, l.Age(m.Service))
	if c := m.Conduct; c != nil {
		if c.Days != nil {
			f.Answers = append(f.Answers, v.S.T("referring.answers_days", "count", *c.Days))
		}
		if c.Silent() {
			f.Answers = append(f.Answers, v.S.T("referring.answers_silent", "count", c.Unanswered))
		}
	}
	key := "referring.by_paper"
	if m.Organisation.Organisation != nil && m.Organisation.Organisation.Partner != "" {
		key = "referring.by_account"
	}
	f.Tags = append(f.Tags, kit.Tag{Text: v.S.T(key)})
	for _, p := range s.Papers {
		name := p.Name(string(v.S.Lang()))
		switch {
		case p.Code == "" || !v.Wish.Asked:
			f.Other = append(f.Other, name)
		case slices.Contains(v.Wish.Papers, p.Code):
			f.Has = append(f.Has, name)
		default:
			f.Missing = append(f.Missing, name)
		}
	}
	return f
}

// again looks for another provider for what a referral was for that came to nothing.
func again(r *site.Request, tx *db.Tx) (string, error) {
	id, err := referralID(r)
	if err != nil {
		return "", err
	}
	old, err := referrals.LookAt(r.Context(), tx, r.Who, id)
	if err != nil {
		return "", err
	}
	if old.Case != caseID(r) {
		return "", notFound()
	}
	v, err := begin(r, tx)
	if err != nil {
		return "", err
	}
	v.Wish = wish{Need: old.Need, Place: v.Head.Person.Place, Women: old.Sheet["women_staff"], Papers: old.Papers, Asked: len(old.Papers)+len(old.Missing) > 0, From: string(id)}
	v.Place = kit.Input{Name: "place", Label: v.Place.Label, Hint: v.Place.Hint, MaxLength: v.Place.MaxLength}
	if v.Wish.Place != "" {
		v.Place.Code, v.Place.Value = v.Wish.Place, geo.Full(v.S.Lang(), v.Wish.Place)
	}
	if err := v.look(r, tx); err != nil {
		return "", err
	}
	r.Answer = matchPage(v)
	return "", nil
}

// title says what is looked for.
func (v seekView) title() string {
	return v.S.T("referring.for_need", "need", shared.Need(v.S, v.Wish.Need))
}

// known says what of her was taken into account.
func (v seekView) known() string {
	return v.S.T("referring.known", "facts", joined(v.Head.Facts))
}

// papersOnly are the papers that she has, as a form carries them on.
func papersOnly(w wish) [][2]string {
	return wish{Papers: w.Papers, Asked: w.Asked}.hidden()
}

// lines is one text as several, or none.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
