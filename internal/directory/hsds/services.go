// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"fera/internal/dates"
	"fera/internal/directory/listing"
)

func (k *taking) service(r *Row, source listing.Source) {
	rest := kept(r, "organization_id", "name", "description", "email", "application_process", "fees_description", "eligibility_description", "minimum_age", "maximum_age", "assured_date", "alert", "last_modified", "status")
	id, said := "service"+r.Values["id"], k.said[r.Values["id"]]
	s := &listing.Service{Organisation: r.Values["organization_id"], Name: k.name(r, rest), Email: r.Values["email"], Website: address(r, "url", rest), How: k.text(r, "application_process"), Fee: k.text(r, "fees_description"),
		Alert: k.text(r, "alert"), Staff: said["staff"], Hidden: said["hidden"] != "", Phones: k.phones(id), Languages: k.languages(id), Hours: k.hours(id, r), Source: k.source(r, source)}
	s.About = k.about(r, s.Name)
	s.For = listing.Eligibility{Text: k.text(r, "eligibility_description"), Sex: said["for_sex"], MinAge: whole(r.Values["minimum_age"]), MaxAge: whole(r.Values["maximum_age"]), Returns: whole(said["returned_within_months"])}
	switch s.State = listing.Active; r.Values["status"] {
	case "temporarily closed":
		s.State = listing.Paused
	case "inactive", "defunct":
		if s.State = listing.Inactive; r.Values["status"] == "defunct" {
			rest["status"] = "defunct"
		}
	}
	for about := range said {
		if code, is := strings.CutPrefix(about, "need:"); is {
			s.Needs = append(s.Needs, code)
		}
	}
	rows := k.rows(id, "funding")
	for _, a := range k.by["service_area"][id] {
		if a.Values["extent_type"] == placeScheme {
			s.Areas = append(s.Areas, a.Values["extent"])
			continue
		}
		if rows == nil {
			rows = map[string][]map[string]string{}
		}
		rows["service_area"] = append(rows["service_area"], raw(a))
	}
	k.more(s, id)
	s.Capacity = k.capacity(r)
	for _, o := range k.by["service_at_location"][id] {
		oid := "service_at_location" + o.Values["id"]
		s.At = append(s.At, listing.Offer{ID: o.Values["id"], Location: o.Values["location_id"], About: k.text(o, "description"), Phones: k.phones(oid), Hours: k.hours(oid, o), Capacity: k.capacity(o), Kept: kept(o, "location_id", "description")})
		k.people(oid, r.Values["id"])
		k.owner[o.Values["id"]] = r.Values["id"]
	}
	s.Kept = orNone(rest)
	k.people(id, r.Values["id"])
	confirmed, _ := dates.Parse(r.Values["assured_date"])
	k.enter(r, listing.Body{Service: s, Rows: rows}, confirmed)
}

// capacity reads how many more can be served and how long one waits, as our own exchanges say it; nothing without its day.
func (k *taking) capacity(r *Row) *listing.Capacity {
	said := k.said[r.Values["id"]]
	on, err := dates.Parse(said["capacity_on"])
	if err != nil || on.Precision() != dates.Day {
		return nil
	}
	c := listing.Capacity{On: on}
	for detail, into := range map[string]**int{"free_places": &c.Free, "waiting_days": &c.Wait} {
		if n, err := strconv.Atoi(said[detail]); err == nil {
			*into = &n
		}
	}
	if c.Free == nil && c.Wait == nil {
		return nil
	}
	return &c
}

// more reads the papers and the costs of a service.
func (k *taking) more(s *listing.Service, id string) {
	for _, d := range k.by["required_document"][id] {
		rest := kept(d, "document")
		p := listing.Paper{ID: d.Values["id"], Code: k.said[d.Values["id"]]["paper"], Text: k.text(d, "document"), URL: address(d, "uri", rest), Kept: orNone(rest)}
		if p.Code != "" && p.Text == (listing.Text{Bn: listing.Paper{Code: p.Code}.Name("bn"), En: listing.Paper{Code: p.Code}.Name("en")}) {
			p.Text = listing.Text{}
		}
		s.Papers = append(s.Papers, p)
	}
	for _, c := range k.by["cost_option"][id] {
		cost := listing.Cost{ID: c.Values["id"], For: k.text(c, "option"), Currency: c.Values["currency"], Note: k.text(c, "amount_description"), Kept: kept(c, "option", "currency", "amount", "amount_description", "service_id")}
		if f, err := strconv.ParseFloat(c.Values["amount"], 64); err == nil && math.Abs(f) < 1e12 {
			n := int64(math.Round(f * 100))
			cost.Amount = &n
		}
		s.Costs = append(s.Costs, cost)
	}
}

func whole(text string) int {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f) > 10_000 {
		return 0
	}
	return int(f)
}

// rest puts attributes and metadata of others with the entry that they are about; what is about nothing here is noted and left out.
func (k *taking) rest() {
	entries := map[string]*listing.Body{}
	for i := range k.out.Entries {
		entries[k.out.Entries[i].ID] = &k.out.Entries[i].Body
	}
	keep := func(object, id string, r *Row) bool {
		b := entries[k.owner[id]]
		if b == nil {
			k.out.Notes = append(k.out.Notes, at("hsds.nobodys", r, ""))
			return false
		}
		if b.Rows == nil {
			b.Rows = map[string][]map[string]string{}
		}
		if !slices.ContainsFunc(b.Rows[object], func(have map[string]string) bool { return have["id"] == r.Values["id"] }) {
			b.Rows[object] = append(b.Rows[object], raw(r))
		}
		return true
	}
	for _, r := range k.p.Rows["metadata"] {
		keep("metadata", r.Values["resource_id"], r)
	}
	for _, r := range k.p.Rows["attribute"] {
		term := r.Values["taxonomy_term_id"]
		if ourTerms()[term] != "" || ourNeeds()[term] != "" || !keep("attribute", r.Values["link_id"], r) {
			continue
		}
		if t := k.terms[term]; t != nil {
			keep("taxonomy_term", r.Values["link_id"], t)
			for _, x := range k.p.Rows["taxonomy"] {
				if x.Values["id"] == t.Values["taxonomy_id"] {
					keep("taxonomy", r.Values["link_id"], x)
				}
			}
		}
	}
	for _, r := range k.p.Rows["meta_table_description"] {
		k.out.Notes = append(k.out.Notes, at("hsds.nobodys", r, ""))
	}
}

// hours reads the schedules of a row. Those that say more than days and times, or a period with them, are kept as they came.
func (k *taking) hours(id string, of *Row) (h listing.Hours) {
	for _, r := range k.by["schedule"][id] {
		v := r.Values
		s, plain := span(r)
		from, err := dates.Parse(v["valid_from"])
		to, err2 := dates.Parse(v["valid_to"])
		switch bounded := v["valid_from"] != "" && v["valid_to"] != "" && err == nil && err2 == nil; {
		case !plain && !(bounded && v["notes"] == closedNote):
			h.Rows = append(h.Rows, raw(r))
		case bounded:
			name := k.text(r, "description")
			i := slices.IndexFunc(h.Periods, func(p listing.Period) bool { return p.From == from && p.To == to && p.Name == name })
			if i < 0 {
				h.Periods = append(h.Periods, listing.Period{From: from, To: to, Name: name})
				i = len(h.Periods) - 1
			}
			if plain {
				h.Periods[i].Weekly = append(h.Periods[i].Weekly, s)
			}
		case v["valid_from"] != "" || v["valid_to"] != "" || v["description"] != "" && v["description"] != dayAndNight:
			h.Rows = append(h.Rows, raw(r))
		case s.Opens == "00:00" && s.Closes == "23:59" && len(s.Days) == 7:
			h.Always = true
		default:
			h.Weekly = append(h.Weekly, s)
		}
	}
	said := k.said[of.Values["id"]]
	h.Holidays = said["open_on_holidays"] != ""
	if said["hours"] != "" {
		h.Note.En = said["hours"]
	}
	h.Note.Bn = said["text:hours"]
	return h
}

// span reads a schedule that says nothing but days of the week and times.
func span(r *Row) (s listing.Span, plain bool) {
	v := r.Values
	for _, name := range []string{"dtstart", "until", "count", "byweekno", "bymonthday", "byyearday", "schedule_link", "attending_type", "notes"} {
		if v[name] != "" {
			return s, false
		}
	}
	if v["freq"] != "WEEKLY" || v["interval"] != "" && v["interval"] != "1" || v["byday"] == "" || v["timezone"] != "" && v["timezone"] != "6" {
		return s, false
	}
	for day := range strings.SplitSeq(v["byday"], ",") {
		day = strings.TrimSpace(day)
		if !slices.Contains(listing.Week(), day) {
			return s, false
		}
		s.Days = append(s.Days, day)
	}
	opens, err := listing.ClockTime(strings.TrimSuffix(v["opens_at"], ":00+06:00"))
	closes, err2 := listing.ClockTime(v["closes_at"])
	if err != nil || err2 != nil || closes <= opens {
		return s, false
	}
	s.ID, s.Opens, s.Closes = v["id"], opens, closes
	s.Kept = kept(r, "freq", "interval", "wkst", "byday", "opens_at", "closes_at", "timezone", "valid_from", "valid_to", "description")
	return s, true
}
