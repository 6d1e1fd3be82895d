// SPDX-License-Identifier: Apache-2.0

package directories

import (
	"slices"
	"strconv"
	"strings"

	"fera/internal/directory/listing"
	"fera/internal/names"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// readBody reads the form of an entry over what it said before, so that what no form asks for stays.
func readBody(r *site.Request, b *listing.Body) error {
	switch {
	case b.Organisation != nil:
		o := b.Organisation
		o.Name, o.About, o.Sector = text(r, "name"), text(r, "about"), r.PostFormValue("sector")
		if r.PostForm.Has("partner") {
			o.Partner = r.PostFormValue("partner")
		}
		o.Phones, o.Website, o.Email = phoneList(r, o.Phones), r.PostFormValue("website"), r.PostFormValue("email")
		o.Source = listing.Source{Text: r.PostFormValue("source"), Date: r.PostFormValue("source_date")}
		return nil
	case b.Location != nil:
		return readLocation(r, b.Location)
	}
	return readService(r, b.Service)
}

func readLocation(r *site.Request, l *listing.Location) (err error) {
	l.Name, l.About, l.Kind, l.Transport = text(r, "name"), text(r, "about"), r.PostFormValue("location_kind"), text(r, "transport")
	if l.Address = text(r, "address"); r.PostFormValue("place_text") == "" && r.PostFormValue("place") == "" {
		l.Place = ""
	} else if l.Place, err = places.Read(r, "place"); err != nil {
		return err
	}
	l.Access, l.Languages = accessList(r, l.Access), languageList(r, l.Languages)
	l.Phones = phoneList(r, l.Phones)
	l.Source = listing.Source{Text: r.PostFormValue("source"), Date: r.PostFormValue("source_date")}
	l.Hours, err = hourList(r, l.Hours)
	return err
}

func readService(r *site.Request, s *listing.Service) (err error) {
	s.Name, s.About, s.Alert, s.How, s.Fee = text(r, "name"), text(r, "about"), text(r, "alert"), text(r, "how"), text(r, "fee")
	s.State, s.Staff, s.Hidden = listing.State(r.PostFormValue("state")), r.PostFormValue("staff"), r.PostFormValue("hidden") == "yes"
	s.Needs, s.Areas = slices.Clone(r.PostForm["needs"]), slices.Clone(r.PostForm["areas"])
	if r.PostFormValue("area_text") != "" || r.PostFormValue("area") != "" {
		area, err := places.Read(r, "area")
		if err != nil {
			return err
		}
		s.Areas = append(s.Areas, area)
	}
	s.For = listing.Eligibility{Text: text(r, "eligibility"), Sex: r.PostFormValue("sex"), MinAge: number(r.PostFormValue("min_age")), MaxAge: number(r.PostFormValue("max_age")), Returns: number(r.PostFormValue("returned_within"))}
	s.Papers, s.Languages = paperList(r, s.Papers), languageList(r, s.Languages)
	if s.Costs, err = costList(r, s.Costs); err != nil {
		return err
	}
	s.At = slices.DeleteFunc(s.At, func(o listing.Offer) bool { return !slices.Contains(r.PostForm["at"], o.Location) })
	for _, id := range r.PostForm["at"] {
		if !slices.ContainsFunc(s.At, func(o listing.Offer) bool { return o.Location == id }) {
			s.At = append(s.At, listing.Offer{Location: id})
		}
	}
	s.Phones, s.Website, s.Email, s.Every = phoneList(r, s.Phones), r.PostFormValue("website"), r.PostFormValue("email"), number(r.PostFormValue("every"))
	s.Source = listing.Source{Text: names.Clean(r.PostFormValue("source")), Date: r.PostFormValue("source_date")}
	s.Hours, err = hourList(r, s.Hours)
	return err
}

// phoneList reads telephones; what the form does not ask about one stays.
func phoneList(r *site.Request, before []listing.Phone) (all []listing.Phone) {
	for i := range 12 {
		p := listing.Phone{}
		if i < len(before) {
			p = before[i]
		}
		n := strconv.Itoa(i)
		number, about := strings.TrimSpace(r.PostFormValue("phone_"+n)), strings.TrimSpace(r.PostFormValue("phone_about_"+n))
		if number == "" {
			continue
		}
		p.Extension, p.Free = strings.TrimSpace(r.PostFormValue("phone_extension_"+n)), r.PostFormValue("phone_free_"+n) == "yes"
		if p.Number = number; about != p.About.In(string(r.S.Lang())) {
			setText(&p.About, about, string(r.S.Lang()))
		}
		all = append(all, p)
	}
	if len(before) > 12 {
		all = append(all, before[12:]...)
	}
	return all
}
