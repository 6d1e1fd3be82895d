// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"slices"
	"time"

	"fera/internal/web/people"

	"github.com/a-h/templ"

	"fera/internal/audit"
	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/files"
	"fera/internal/occupations"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// personsRights says what the reader may do with a record.
type personsRights struct {
	Change, Reveal, Protect, Look, Glass, Print, Copy, Assign, Erase, Looks, Link, Ask, Calls, Heard bool
	Until                                                                                            time.Time // when the glass closes again
}

// personsRecord is all that the page of one person is made of.
type personsRecord struct {
	kit.Frame
	Person    persons.Person
	May       personsRights
	Today     dates.Partial
	Now       time.Time
	Offices   map[string]string // names by id
	History   []audit.Line      // the latest
	Documents []files.File
	Private   *persons.Protected // nil until opened
	Papers    []files.File       // class 3, once opened
	Fresh     bool               // registered just now
	Cases     templ.Component    // the line of her cases; nil for who sees none and opens none
}

func (v personsRecord) path(parts ...string) string { return personsPath(v.Person.ID, parts...) }

// personsPath is the address of a person's page or of one below it.
func personsPath(id persons.ID, parts ...string) string {
	path := "/persons/" + url.PathEscape(string(id))
	for _, part := range parts {
		path += "/" + part
	}
	return path
}

// header is the head of the record.
func (v personsRecord) header() kit.Header {
	p, s := v.Person, v.S
	h := kit.Header{NameBn: p.NameBn, NameEn: p.NameLatin, Facts: v.cardFacts()}
	if p.CallName != "" {
		h.Facts = append(h.Facts, s.T("person.field.call_name")+": "+p.CallName)
	}
	h.Safe, h.SafeTone = people.Safe(s, p)
	if p.DoNotContact {
		h.Pills = append(h.Pills, kit.Tag{Text: s.T("person.banned"), Tone: kit.Danger})
	}
	if v.May.Look && v.May.Until.IsZero() {
		h.Pills = append(h.Pills, kit.Tag{Text: s.T("person.on_caseload"), Tone: kit.Accent})
	}
	if p.Photo != "" && p.Agreed(persons.PurposePhoto) {
		h.Photo, h.PhotoAlt = v.path("photo.jpg"), s.T("person.photo_of")
	}
	if v.May.Change {
		h.Main = &kit.Action{Href: v.path("change"), Label: s.T("person.change"), Kind: kit.Primary}
	}
	h.More = v.acts()
	return h
}

// cardFacts are what everyone sees who sees that she is registered.
func (v personsRecord) cardFacts() []string {
	p, s := v.Person, v.S
	return []string{people.Age(s, p.Birth, v.Today), s.T("person.sex." + string(p.Sex)), people.Home(s, p.Place)}
}

// acts are what can be done beside the main act.
func (v personsRecord) acts() (acts []kit.Action) {
	add := func(may bool, path, key string, kind kit.Kind) {
		if may {
			acts = append(acts, kit.Action{Href: v.path(path), Label: v.S.T(key), Kind: kind})
		}
	}
	may := v.May
	add(may.Calls, "calls", "call.of_person", "")
	add(may.Calls, "messages", "message.to_her", "")
	add(may.Heard, "heard", "activity.heard", "")
	add(may.Ask, "questionnaires", "assessment.questionnaires", "")
	add(may.Change, "journeys/new", "person.journey_add", "")
	add(may.Change, "contacts/new", "person.contact_add", "")
	add(may.Change, "family/new", "person.family_add", "")
	add(may.Change, "papers/new", "person.paper_add", "")
	add(may.Change, "documents/new", "person.document_add", "")
	add(may.Change, "photo", "person.photo_change", "")
	add(may.Protect, "functioning", "person.functioning_ask", "")
	add(may.Print, "print", "person.print", "")
	add(may.Copy, "copy", "copy.page_title", "")
	add(may.Assign, "assign", "person.assign", "")
	add(true, "timeline", "timeline.title", "")
	add(true, "history", "person.history", "")
	add(may.Looks, "looks", "person.looks", "")
	add(may.Glass, "glass", "person.glass", "")
	add(may.Link, "merge", "link.merge", "")
	add(may.Erase, "erase", "person.erase", kit.Perilous)
	return acts
}

// next is what this record still lacks.
func (v personsRecord) next() (acts []kit.Action) {
	if !v.May.Change {
		return nil
	}
	add := func(lacking bool, path, key string) {
		if lacking {
			acts = append(acts, kit.Action{Href: v.path(path), Label: v.S.T(key), Kind: kit.Quiet})
		}
	}
	p := v.Person
	asked := slices.ContainsFunc(p.Contacts, func(c persons.Contact) bool { return c.Safety != "unasked" })
	add(len(p.Journeys) == 0, "journeys/new", "person.next_journey")
	add(len(p.Contacts) == 0, "contacts/new", "person.next_contact")
	if len(p.Contacts) > 0 && !asked {
		add(true, "contacts/"+p.Contacts[0].ID, "person.next_contact")
	}
	add(len(p.Relations) == 0, "family/new", "person.next_family")
	add(len(p.Identifiers) == 0, "papers/new", "person.next_papers")
	return acts
}

// personsDisputed are the values of one field, when there are several.
type personsDisputed struct {
	Field  persons.Field
	InUse  persons.Claim
	Others []persons.Claim
}

// disputed finds the fields with values that differ.
func personsDisputes(claims []persons.Claim) (all []personsDisputed) {
	for _, f := range persons.Fields() {
		d := personsDisputed{Field: f}
		for _, c := range claims {
			switch {
			case c.Field != f || f.Protected():
			case c.InUse:
				d.InUse = c
			default:
				d.Others = append(d.Others, c)
			}
		}
		d.Others = slices.DeleteFunc(d.Others, func(c persons.Claim) bool { return c.Value == d.InUse.Value })
		if len(d.Others) > 0 {
			all = append(all, d)
		}
	}
	return all
}

// facts are the fields beside the header, with their sources, and what else is known of them.
func (v personsRecord) facts() (facts []kit.Fact) {
	usual := v.usual()
	disputes := personsDisputes(v.Person.Claims)
	for _, c := range v.Person.Claims {
		at := slices.IndexFunc(disputes, func(d personsDisputed) bool { return d.Field == c.Field })
		switch {
		case !c.InUse || c.Field.Protected() || c.Field == persons.DoNotContact && c.Value != "yes":
			continue
		case at >= 0:
			facts = append(facts, kit.Fact{Label: v.S.T("person.field." + string(c.Field)), Body: personsDispute(v, disputes[at])})
		case c.Source == usual && slices.Contains([]persons.Field{persons.NameBn, persons.NameLatin, persons.CallName, persons.SexField, persons.Home}, c.Field):
			continue // the head of the record says it
		default:
			f := kit.Fact{Label: v.S.T("person.field." + string(c.Field)), Value: people.Value(v.S, c.Field, c.Value)}
			if c.Source != usual {
				f.Note = v.S.T("person.source." + string(c.Source))
			}
			facts = append(facts, f)
		}
	}
	order := personsLabels(persons.Fields())
	rank := map[string]int{}
	for i, f := range order {
		rank[v.S.T("person.field."+f)] = i
	}
	slices.SortStableFunc(facts, func(a, b kit.Fact) int { return rank[a.Label] - rank[b.Label] })
	return facts
}

// usual is the source of most values, which is said once.
func (v personsRecord) usual() (most persons.Source) {
	seen := map[persons.Source]int{}
	for _, c := range v.Person.Claims {
		if c.InUse {
			seen[c.Source]++
		}
	}
	for _, s := range persons.Sources() {
		if seen[s] > seen[most] {
			most = s
		}
	}
	return most
}

// journeyFacts are the lines of one journey.
func (v personsRecord) journeyFacts(j persons.Journey) []kit.Fact {
	s := v.S
	line := func(key, value string) kit.Fact { return kit.Fact{Label: s.T("person.journey." + key), Value: value} }
	said := func(key, prefix string, values []string) kit.Fact {
		return line(key, people.Said(s, prefix, values))
	}
	one := func(key, prefix, value string) kit.Fact {
		if value == "" {
			return kit.Fact{}
		}
		return line(key, s.T(prefix+"."+value))
	}
	occupation := ""
	if j.Work != "" {
		occupation = occupations.Name(s.Lang(), j.Occupation)
	}
	return people.Facts(
		line("occupation", occupation), line("employer", j.Employer), line("recruiter", j.Recruiter),
		one("left_by", "person.left_by", j.LeftBy), line("cost", people.Taka(s, j.Cost)), said("paid_by", "person.paid_by", j.PaidBy),
		one("port", "person.port", j.Port), said("papers", "person.held", j.Papers), said("reasons", "person.reason", j.Reasons))
}

// circumstances are the protected lines of one journey.
func personsCircumstances(s *words.Speaker, c persons.Circumstances) []kit.Fact {
	line := func(key, value string) kit.Fact { return kit.Fact{Label: s.T("person.journey." + key), Value: value} }
	return people.Facts(line("happened", people.Said(s, "person.happened", c.Happened)), line("account", c.Account),
		line("owed", people.Taka(s, c.Owed)), line("debt", people.Taka(s, c.Debt)))
}

// relation is one member of the family in words.
func (v personsRecord) relation(r persons.Relation) (facts []string) {
	s := v.S
	if !r.Birth.IsZero() {
		facts = append(facts, people.Age(s, r.Birth, v.Today))
	}
	if r.LivesWith {
		facts = append(facts, s.T("person.kin_here"))
	}
	if r.Depends {
		facts = append(facts, s.T("person.kin_dependant"))
	}
	return facts
}

// paper is what is said of an identifier beside its number.
func (v personsRecord) paper(i persons.Identifier) (said []string) {
	s := v.S
	if i.Seen {
		said = append(said, s.T("person.paper_seen"))
	} else {
		said = append(said, s.T("person.paper_unseen"))
	}
	if i.Issuer != "" {
		said = append(said, i.Issuer)
	}
	if !i.Expires.IsZero() {
		said = append(said, s.T("person.paper_expires", "date", dates.Format(s, i.Expires)))
	}
	for _, w := range i.Warnings {
		said = append(said, s.T(w))
	}
	return said
}

// answer is the present answer to a purpose.
func (v personsRecord) answer(p persons.Purpose) (c persons.Consent, asked bool) {
	for _, c := range v.Person.Consents {
		if c.Purpose == p && c.EndedAt.IsZero() {
			return c, true
		}
	}
	return persons.Consent{}, false
}

func (v personsRecord) near(t time.Time) string { return dates.Near(v.S, t, v.Now) }

// journeyTitle is used where a journey is named by its id.
func (v personsRecord) journeyTitle(id string) string {
	for _, j := range v.Person.Journeys {
		if j.ID == id {
			return countries.Name(v.S.Lang(), j.Country)
		}
	}
	return ""
}
