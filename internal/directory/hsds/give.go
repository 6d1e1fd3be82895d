// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/words"
)

// What our own exchanges say where HSDS leaves the word open.
const (
	placeScheme = "BD place code" // of package geo; listing.Country for the whole country
	closedNote  = "closed"
	dayAndNight = "day and night"
	noAddress   = "-"
)

// details are what the directory says that HSDS has no column for; each is a term of a taxonomy of ours.
func details() []string {
	return []string{"text", "staff", "hidden", "sector", "source", "source_date", "for_sex", "returned_within_months", "paper", "free_call", "from_abroad", "open_on_holidays", "hours", "free_places", "waiting_days", "capacity_on"}
}

func termID(code string) string { return ids.Named("fera", "hsds", "detail", code) }
func needID(code string) string { return ids.Named("fera", "hsds", "need", code) }

var ourTerms = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, code := range details() {
		all[termID(code)] = code
	}
	return all
})

var ourNeeds = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, n := range listing.Needs() {
		all[needID(n.Code)] = n.Code
	}
	return all
})

// giving is entries on their way out.
type giving struct {
	p     *Package
	known map[string]bool // by table and id
}

// Give makes a package of entries. Whom one speaks to goes along only if people are handed over.
func Give(a listing.Arrival) *Package {
	g := &giving{newPackage(), map[string]bool{}}
	g.taxonomies()
	for _, e := range a.Entries {
		switch {
		case e.Body.Organisation != nil:
			g.organisation(e)
		case e.Body.Location != nil:
			g.location(e)
		case e.Body.Service != nil:
			g.service(e)
		}
		g.rows(e.Body.Rows, "metadata", "attribute", "taxonomy_term", "taxonomy")
	}
	for _, f := range a.People {
		v := g.begin("contact", f.ID, f.Kept)
		set(v, "name", f.Name, "title", f.Title, "department", f.Unit, "email", f.Email)
		for _, up := range []string{"organization", "service", "location"} {
			if g.known[up+f.Entry] {
				v[up+"_id"] = f.Entry
			}
		}
		g.phones(f.Phones, "contact", f.ID)
	}
	g.loose()
	return g.p
}

// begin makes a row with what was kept of an earlier exchange.
func (g *giving) begin(object, id string, kept map[string]string) map[string]string {
	v := map[string]string{}
	maps.Copy(v, kept)
	v["id"] = id
	if !g.known[object+id] {
		g.known[object+id] = true
		g.p.Rows[object] = append(g.p.Rows[object], &Row{Values: v})
	}
	return v
}

func set(v map[string]string, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v[pairs[i]] = pairs[i+1]
		}
	}
}

// say says a text in the column of a row, and in Bangla beside it if it has both languages.
func (g *giving) say(v map[string]string, object, column string, t listing.Text) {
	set(v, column, t.In("en"))
	if t.En != "" && t.Bn != "" {
		g.attribute(v["id"], object, column, "text", t.Bn)
	}
}

// name is said in English first; the other name is that in Bangla.
func (g *giving) name(v map[string]string, object string, t listing.Text) {
	set(v, "name", t.In("en"))
	if t.En == "" || t.Bn == "" {
		return
	}
	if v["alternate_name"] == "" {
		v["alternate_name"] = t.Bn
	} else {
		g.attribute(v["id"], object, "name", "text", t.Bn)
	}
}

func (g *giving) attribute(link, entity, about, detail, value string) {
	if value == "" {
		return
	}
	v := g.begin("attribute", ids.Named(link, about, detail), nil)
	set(v, "link_id", link, "link_entity", entity, "link_type", about, "taxonomy_term_id", termID(detail), "value", value)
}

func (g *giving) rows(all map[string][]map[string]string, objects ...string) {
	for _, o := range objects {
		for _, r := range all[o] {
			g.begin(o, r["id"], r)
		}
	}
}

func (g *giving) taxonomies() {
	needs, detail := ids.Named("fera", "hsds", "needs"), ids.Named("fera", "hsds", "details")
	for id, name := range map[string]string{needs: "Fera needs", detail: "Fera details"} {
		set(g.begin("taxonomy", id, nil), "name", name, "description", map[string]string{needs: "What people who come home look for.", detail: "What the directory says that HSDS has no column for."}[id], "version", "1")
	}
	for _, n := range listing.Needs() {
		set(g.begin("taxonomy_term", needID(n.Code), nil), "code", n.Code, "name", n.En, "description", n.Bn, "taxonomy", "Fera needs", "taxonomy_id", needs, "language", "en")
	}
	for _, code := range details() {
		set(g.begin("taxonomy_term", termID(code), nil), "code", code, "name", strings.ReplaceAll(code, "_", " "), "description", strings.ReplaceAll(code, "_", " "), "taxonomy", "Fera details", "taxonomy_id", detail, "language", "en")
	}
}

func (g *giving) source(id, object string, s listing.Source) {
	g.attribute(id, object, "source", "source", s.Text)
	g.attribute(id, object, "source_date", "source_date", s.Date)
}

func (g *giving) organisation(e listing.Arriving) {
	o := e.Body.Organisation
	v := g.begin("organization", e.ID, o.Kept)
	g.name(v, "organization", o.Name)
	g.say(v, "organization", "description", o.About)
	set(v, "email", o.Email, "website", o.Website, "parent_organization_id", o.Parent)
	if v["description"] == "" {
		v["description"] = o.Name.In("en") // HSDS wants one
	}
	g.attribute(e.ID, "organization", "sector", "sector", o.Sector)
	g.source(e.ID, "organization", o.Source)
	g.phones(o.Phones, "organization", e.ID)
	g.rows(e.Body.Rows, "program", "funding", "organization_identifier")
}

func (g *giving) phones(all []listing.Phone, up, id string) {
	for i, p := range all {
		if p.ID == "" {
			p.ID = ids.Named(id, "phone", strconv.Itoa(i), p.Number)
		}
		v := g.begin("phone", p.ID, p.Kept)
		set(v, up+"_id", id, "number", p.Number, "type", p.Kind)
		if _, err := strconv.ParseFloat(p.Extension, 64); err == nil {
			v["extension"] = p.Extension
		}
		g.say(v, "phone", "description", p.About)
		if p.Free {
			g.attribute(p.ID, "phone", "free_call", "free_call", "yes")
		}
		if p.Abroad {
			g.attribute(p.ID, "phone", "from_abroad", "from_abroad", "yes")
		}
		g.languages(p.Languages, "phone", p.ID)
	}
}

func (g *giving) languages(all []listing.Language, up, id string) {
	for i, l := range all {
		if l.ID == "" {
			l.ID = ids.Named(id, "language", strconv.Itoa(i), l.Code+l.Name)
		}
		set(g.begin("language", l.ID, l.Kept), up+"_id", id, "code", l.Code, "name", l.Name, "note", l.Note)
	}
}

func (g *giving) location(e listing.Arriving) {
	l := e.Body.Location
	v := g.begin("location", e.ID, l.Kept)
	g.name(v, "location", l.Name)
	g.say(v, "location", "description", l.About)
	g.say(v, "location", "transportation", l.Transport)
	set(v, "location_type", l.Kind, "organization_id", l.Organisation)
	if l.Latitude != nil && l.Longitude != nil {
		set(v, "latitude", strconv.FormatFloat(*l.Latitude, 'f', -1, 64), "longitude", strconv.FormatFloat(*l.Longitude, 'f', -1, 64))
	}
	if l.Place != "" {
		set(v, "external_identifier", l.Place, "external_identifier_type", placeScheme)
	}
	for i, a := range l.Access {
		if a.ID == "" {
			a.ID = ids.Named(e.ID, "accessibility", strconv.Itoa(i))
		}
		row := g.begin("accessibility", a.ID, a.Kept)
		row["location_id"] = e.ID
		g.say(row, "accessibility", "description", a.About)
	}
	if rows := e.Body.Rows["address"]; len(rows) > 0 && oneAddress(rows) == l.Address.In("en") {
		g.rows(e.Body.Rows, "address")
	} else if !l.Address.Empty() {
		g.address(e.ID, l)
	}
	if l.Address.En != "" && l.Address.Bn != "" {
		g.attribute(e.ID, "location", "address", "text", l.Address.Bn)
	}
	g.source(e.ID, "location", l.Source)
	g.languages(l.Languages, "location", e.ID)
	g.phones(l.Phones, "location", e.ID)
	g.hours(l.Hours, "location", e.ID)
}

// address says an address as HSDS has it: the upazila for the city, the district for the region, the division for the state.
func (g *giving) address(id string, l *listing.Location) {
	v := g.begin("address", ids.Named(id, "address"), nil)
	set(v, "location_id", id, "address_1", l.Address.In("en"), "country", "BD", "address_type", "physical", "city", noAddress, "state_province", noAddress)
	for _, p := range geo.Path(l.Place) {
		column := map[geo.Kind]string{geo.Division: "state_province", geo.District: "region", geo.Upazila: "city", geo.Thana: "city"}[p.Kind]
		if column != "" {
			v[column] = p.Name(words.English)
		}
	}
}

func (g *giving) service(e listing.Arriving) {
	s := e.Body.Service
	v := g.begin("service", e.ID, s.Kept)
	g.name(v, "service", s.Name)
	for column, t := range map[string]listing.Text{"description": s.About, "application_process": s.How, "fees_description": s.Fee, "eligibility_description": s.For.Text, "alert": s.Alert} {
		g.say(v, "service", column, t)
	}
	set(v, "organization_id", s.Organisation, "email", s.Email, "url", s.Website, "assured_date", e.Confirmed.String())
	if v["status"] == "" || s.State != listing.Inactive {
		v["status"] = map[listing.State]string{listing.Active: "active", listing.Paused: "temporarily closed", listing.Inactive: "inactive"}[s.State]
	}
	if !e.Changed.IsZero() {
		v["last_modified"] = e.Changed.UTC().Format(time.RFC3339)
	}
	set(v, "minimum_age", positive(s.For.MinAge), "maximum_age", positive(s.For.MaxAge))
	for _, code := range s.Needs {
		set(g.begin("attribute", ids.Named(e.ID, "need", code), nil), "link_id", e.ID, "link_entity", "service", "link_type", "need", "taxonomy_term_id", needID(code), "value", code)
	}
	g.attribute(e.ID, "service", "staff", "staff", s.Staff)
	g.attribute(e.ID, "service", "for_sex", "for_sex", s.For.Sex)
	g.attribute(e.ID, "service", "returned_within_months", "returned_within_months", positive(s.For.Returns))
	if s.Hidden {
		g.attribute(e.ID, "service", "hidden", "hidden", "yes")
	}
	g.source(e.ID, "service", s.Source)
	g.phones(s.Phones, "service", e.ID)
	g.languages(s.Languages, "service", e.ID)
	g.hours(s.Hours, "service", e.ID)
	g.rows(e.Body.Rows, "funding", "service_area")
	g.capacity(e.ID, "service", s.Capacity)
	g.areas(e.ID, s)
	g.papers(e.ID, s)
	for _, o := range s.At {
		row := g.begin("service_at_location", o.ID, o.Kept)
		set(row, "service_id", e.ID, "location_id", o.Location)
		g.say(row, "service_at_location", "description", o.About)
		g.phones(o.Phones, "service_at_location", o.ID)
		g.hours(o.Hours, "service_at_location", o.ID)
		g.capacity(o.ID, "service_at_location", o.Capacity)
	}
}

// capacity says how many more can be served and how long one waits, as of a day. HSDS 3.0 has no column for it but a text.
func (g *giving) capacity(id, object string, c *listing.Capacity) {
	if c == nil {
		return
	}
	for detail, n := range map[string]*int{"free_places": c.Free, "waiting_days": c.Wait} {
		if n != nil {
			g.attribute(id, object, detail, detail, strconv.Itoa(*n))
		}
	}
	g.attribute(id, object, "capacity_on", "capacity_on", c.On.String())
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (g *giving) areas(id string, s *listing.Service) {
	for _, code := range s.Areas {
		name := geo.Full(words.English, code)
		if code == listing.Country {
			name = "Bangladesh"
		}
		set(g.begin("service_area", ids.Named(id, "area", code), nil), "service_id", id, "name", name, "extent", code, "extent_type", placeScheme)
	}
}

func (g *giving) papers(id string, s *listing.Service) {
	for i, p := range s.Papers {
		if p.ID == "" {
			p.ID = ids.Named(id, "paper", strconv.Itoa(i))
		}
		v := g.begin("required_document", p.ID, p.Kept)
		set(v, "service_id", id, "uri", p.URL)
		if p.Code == "" || !p.Text.Empty() {
			g.say(v, "required_document", "document", p.Text)
		} else {
			g.say(v, "required_document", "document", listing.Text{Bn: p.Name("bn"), En: p.Name("en")})
		}
		g.attribute(p.ID, "required_document", "paper", "paper", p.Code)
	}
	for i, c := range s.Costs {
		if c.ID == "" {
			c.ID = ids.Named(id, "cost", strconv.Itoa(i))
		}
		v := g.begin("cost_option", c.ID, c.Kept)
		set(v, "service_id", id, "currency", c.Currency)
		g.say(v, "cost_option", "option", c.For)
		g.say(v, "cost_option", "amount_description", c.Note)
		if c.Amount != nil {
			v["amount"] = strconv.FormatFloat(float64(*c.Amount)/100, 'f', -1, 64)
		}
	}
}

// loose takes out links to people who do not go along.
func (g *giving) loose() {
	for _, r := range g.p.Rows["phone"] {
		if id := r.Values["contact_id"]; id != "" && !g.known["contact"+id] {
			delete(r.Values, "contact_id")
		}
	}
	for _, t := range tables() {
		slices.SortStableFunc(g.p.Rows[t.object], func(a, b *Row) int { return strings.Compare(a.Values["id"], b.Values["id"]) })
	}
}

// NeedOfTerm is the need for which a term of our taxonomy stands; empty for other terms.
func NeedOfTerm(id string) string { return ourNeeds()[id] }

// NeedsID is the taxonomy of ours whose terms are needs.
func NeedsID() string { return ids.Named("fera", "hsds", "needs") }
