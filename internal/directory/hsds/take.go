// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"fera/internal/dates"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Taken is what a package means to the directory, with where each entry stood, so that what is wrong with one can be said.
type Taken struct {
	listing.Arrival
	Notes []*fault.Error
	rows  map[string]*Row // by the id of the entry or person
}

// Say says of a fault of one entry in which file and row it lies.
func (t *Taken) Say(id string, f *fault.Error) *fault.Error {
	r := t.rows[id]
	if r == nil || f == nil {
		return f
	}
	return at("hsds.entry", r, f.Field).With("why", f.Key).Because(f)
}

// taking is a package on its way into the directory.
type taking struct {
	p     *Package
	out   *Taken
	by    map[string]map[string][]*Row // rows by their table and by the row that they belong to
	said  map[string]map[string]string // what our own attributes say of a row, by what they are about
	owner map[string]string            // the entry to which a row belongs, by its id
	terms map[string]*Row
}

// Take reads what a package means. It refuses one that is wrong; what it leaves out it notes.
func Take(p *Package, from string) (*Taken, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	k := &taking{p: p, out: &Taken{rows: map[string]*Row{}}, by: map[string]map[string][]*Row{}, said: map[string]map[string]string{}, owner: map[string]string{}, terms: map[string]*Row{}}
	k.sortRows()
	source := listing.Source{Text: from}
	for _, r := range p.Rows["organization"] {
		k.organisation(r, source)
	}
	for _, r := range p.Rows["location"] {
		k.location(r, source)
	}
	for _, r := range p.Rows["service"] {
		k.service(r, source)
	}
	k.rest()
	k.out.Notes = append(k.out.Notes, p.Notes...)
	for _, in := range k.out.Entries {
		if _, err := in.Body.Clone(); err != nil {
			return nil, err
		}
	}
	return k.out, nil
}

// parents are the columns that say to which row another belongs, the narrowest first.
func parents() []string {
	return []string{"service_at_location", "phone", "service", "location", "organization", "contact"}
}

// sortRows puts the rows that belong to others where they are found. Of several it belongs to, the first that is there has it.
func (k *taking) sortRows() {
	known := map[string]bool{}
	for object, rows := range k.p.Rows {
		for _, r := range rows {
			known[object+r.Values["id"]] = true
		}
	}
	for _, r := range k.p.Rows["taxonomy_term"] {
		k.terms[r.Values["id"]] = r
	}
	for _, t := range tables() {
		if slices.Contains([]string{"organization", "service", "location", "taxonomy", "taxonomy_term", "attribute", "metadata", "meta_table_description"}, t.object) {
			continue
		}
		k.by[t.object] = map[string][]*Row{}
		for _, r := range k.p.Rows[t.object] {
			found := false
			for _, up := range parents() {
				if id := r.Values[up+"_id"]; !found && id != "" && known[up+id] && t.column(up+"_id") != nil {
					k.by[t.object][up+id] = append(k.by[t.object][up+id], r)
					r.Values["\x00"] = up + "_id" // whose it is, see kept
					found = true
				}
			}
			if !found {
				k.out.Notes = append(k.out.Notes, at("hsds.nobodys", r, ""))
			}
		}
	}
	for _, r := range k.p.Rows["attribute"] {
		term := r.Values["taxonomy_term_id"]
		if about, ours := ourTerms()[term]; ours {
			k.say(r.Values["link_id"], about, r)
		} else if code, ours := ourNeeds()[term]; ours {
			k.say(r.Values["link_id"], "need:"+code, r)
		}
	}
}

func (k *taking) say(id, about string, r *Row) {
	if k.said[id] == nil {
		k.said[id] = map[string]string{}
	}
	if about == "text" {
		about = "text:" + r.Values["link_type"]
	}
	k.said[id][about] = r.Values["value"]
}

// kept are the values of a row that none of the columns named reads.
func kept(r *Row, read ...string) map[string]string {
	rest := map[string]string{}
	for name, v := range r.Values {
		if name != "id" && name != "\x00" && name != r.Values["\x00"] && !slices.Contains(read, name) {
			rest[name] = v
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return rest
}

// text is a value, in the language that its letters are of, and in Bangla as our own attribute says it.
func (k *taking) text(r *Row, name string) (t listing.Text) {
	v := r.Values[name]
	if script := names.Looks(v); script == names.Bangla {
		t.Bn = v
	} else {
		t.En = v
	}
	if bn := k.said[r.Values["id"]]["text:"+name]; bn != "" {
		t.Bn = bn
	}
	return t
}

// name is the name of a row; another name in the other script is the same name.
func (k *taking) name(r *Row, rest map[string]string) listing.Text {
	t, other := k.text(r, "name"), r.Values["alternate_name"]
	switch script := names.Looks(other); {
	case script == names.Bangla && t.Bn == "":
		t.Bn = other
		delete(rest, "alternate_name")
	case script == names.Latin && t.En == "":
		t.En = other
		delete(rest, "alternate_name")
	}
	return t
}

func (k *taking) enter(r *Row, b listing.Body, confirmed dates.Partial) {
	id := r.Values["id"]
	k.out.rows[id], k.owner[id] = r, id
	k.out.Entries = append(k.out.Entries, listing.Arriving{ID: id, Body: b, Confirmed: confirmed})
}

// address is a web address that browsers open; others are kept as they are.
func address(r *Row, name string, rest map[string]string) string {
	v := r.Values[name]
	if strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") {
		delete(rest, name)
		return v
	}
	return ""
}

func (k *taking) about(r *Row, name listing.Text) listing.Text {
	t := k.text(r, "description")
	if t == name || t == (listing.Text{En: name.En}) || t == (listing.Text{Bn: name.Bn}) {
		return listing.Text{} // HSDS wants one, see give
	}
	return t
}

func (k *taking) organisation(r *Row, source listing.Source) {
	rest := kept(r, "name", "description", "email")
	id, said := "organization"+r.Values["id"], k.said[r.Values["id"]]
	o := &listing.Organisation{Name: k.name(r, rest), Email: r.Values["email"], Website: address(r, "website", rest), Sector: said["sector"], Phones: k.phones(id), Source: k.source(r, source)}
	o.About = k.about(r, o.Name)
	if slices.ContainsFunc(k.p.Rows["organization"], func(x *Row) bool { return x.Values["id"] == r.Values["parent_organization_id"] }) {
		o.Parent = r.Values["parent_organization_id"]
		delete(rest, "parent_organization_id")
	}
	o.Kept = orNone(rest)
	k.people(id, r.Values["id"])
	k.enter(r, listing.Body{Organisation: o, Rows: k.rows(id, "program", "funding", "organization_identifier")}, dates.Partial{})
}

func (k *taking) source(r *Row, source listing.Source) listing.Source {
	said := k.said[r.Values["id"]]
	if said["source"] != "" || said["source_date"] != "" {
		return listing.Source{Text: said["source"], Date: said["source_date"]}
	}
	return source
}

func orNone(rest map[string]string) map[string]string {
	if len(rest) == 0 {
		return nil
	}
	return rest
}

// rows are those of an entry that the directory keeps and does not read.
func (k *taking) rows(id string, objects ...string) map[string][]map[string]string {
	all := map[string][]map[string]string{}
	for _, o := range objects {
		for _, r := range k.by[o][id] {
			all[o] = append(all[o], raw(r))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

func raw(r *Row) map[string]string {
	v := maps.Clone(r.Values)
	delete(v, "\x00")
	return v
}

func (k *taking) phones(id string) (all []listing.Phone) {
	for _, r := range k.by["phone"][id] {
		said := k.said[r.Values["id"]]
		p := listing.Phone{ID: r.Values["id"], Number: strings.Trim(r.Values["number"], `" `), Extension: r.Values["extension"], Kind: r.Values["type"], About: k.text(r, "description"),
			Free: said["free_call"] != "", Abroad: said["from_abroad"] != "", Languages: k.languages("phone" + r.Values["id"]), Kept: kept(r, "number", "extension", "type", "description")}
		all = append(all, p)
	}
	return all
}

func (k *taking) languages(id string) (all []listing.Language) {
	for _, r := range k.by["language"][id] {
		all = append(all, listing.Language{ID: r.Values["id"], Code: r.Values["code"], Name: r.Values["name"], Note: r.Values["note"], Kept: kept(r, "code", "name", "note")})
	}
	return all
}

// people are class 2: whom one speaks to goes where the public does not look.
func (k *taking) people(id, entry string) {
	for _, r := range k.by["contact"][id] {
		k.out.rows[r.Values["id"]] = r
		k.out.People = append(k.out.People, listing.Focal{ID: r.Values["id"], Entry: entry, Name: r.Values["name"], Title: r.Values["title"], Unit: r.Values["department"], Email: r.Values["email"],
			Phones: k.phones("contact" + r.Values["id"]), Kept: kept(r, "name", "title", "department", "email")})
	}
}

func (k *taking) location(r *Row, source listing.Source) {
	rest := kept(r, "name", "description", "transportation", "location_type", "latitude", "longitude")
	id := "location" + r.Values["id"]
	l := &listing.Location{Name: k.name(r, rest), Kind: r.Values["location_type"], Transport: k.text(r, "transportation"), Languages: k.languages(id), Phones: k.phones(id), Hours: k.hours(id, r), Source: k.source(r, source)}
	for _, other := range []string{"alternate_name", "description", "external_identifier", "id"} {
		if l.Name.Empty() {
			l.Name = listing.Text{En: cut(r.Values[other], listing.LongestName)}
		}
	}
	l.About = k.about(r, l.Name)
	if slices.ContainsFunc(k.p.Rows["organization"], func(x *Row) bool { return x.Values["id"] == r.Values["organization_id"] }) {
		l.Organisation = r.Values["organization_id"]
		delete(rest, "organization_id")
	}
	if r.Values["external_identifier_type"] == placeScheme {
		l.Place = r.Values["external_identifier"]
		delete(rest, "external_identifier")
		delete(rest, "external_identifier_type")
	}
	lat, err := strconv.ParseFloat(r.Values["latitude"], 64)
	lon, err2 := strconv.ParseFloat(r.Values["longitude"], 64)
	if err == nil && err2 == nil {
		l.Latitude, l.Longitude = &lat, &lon
		if _, _, ok := l.Point(); !ok {
			k.out.Notes = append(k.out.Notes, at("hsds.no_point", r, "latitude"))
		}
	}
	for _, a := range k.by["accessibility"][id] {
		l.Access = append(l.Access, listing.Access{ID: a.Values["id"], About: k.text(a, "description"), Kept: kept(a, "description")})
	}
	rows := k.rows(id, "address")
	if rows != nil {
		l.Address = listing.Text{En: oneAddress(rows["address"])}
		if bn := k.said[r.Values["id"]]["text:address"]; bn != "" {
			l.Address.Bn = bn
		}
	}
	l.Kept = orNone(rest)
	k.people(id, r.Values["id"])
	k.enter(r, listing.Body{Location: l, Rows: rows}, dates.Partial{})
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// oneAddress is the first address in one text.
func oneAddress(rows []map[string]string) string {
	var parts []string
	ours := rows[0]["id"] == ids.Named(rows[0]["location_id"], "address") // its city is said by the code of the place
	for _, name := range []string{"address_1", "address_2", "city"} {
		if v := rows[0][name]; v != "" && v != noAddress && !(ours && name == "city") {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, ", ")
}
