// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"fera/internal/web/casefile"
	"fera/internal/web/people"
	"fera/internal/web/site"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/drafts"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/web/exporting"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// personRoutes are the pages of the room persons.
func (s *Server) personRoutes() []route {
	const read, change = access.ReadPersons, access.ChangePerson
	return []route{
		{path: "GET /persons", perm: read, page: s.listPersons},
		{path: "GET /persons/new", perm: access.RegisterPerson, page: s.newPerson},
		{path: "POST /persons", perm: access.RegisterPerson, step: s.registerPerson, page: s.newPerson},
		{path: "GET /persons/{id}", perm: read, page: s.person},
		{path: "GET /persons/{id}/change", perm: change, page: s.changePerson},
		{path: "POST /persons/{id}/change", perm: change, act: s.doChangePerson, page: s.changePerson},
		{path: "GET /persons/{id}/values", perm: change, page: s.personValues},
		{path: "POST /persons/{id}/values", perm: change, act: s.doPersonValues, page: s.personValues},
		{path: "GET /persons/{id}/journeys/new", perm: change, page: s.personJourney},
		{path: "POST /persons/{id}/journeys", perm: change, act: s.doPersonJourney, page: s.personJourney},
		{path: "GET /persons/{id}/journeys/{row}", perm: change, page: s.personJourney},
		{path: "POST /persons/{id}/journeys/{row}", perm: change, act: s.doPersonJourney, page: s.personJourney},
		{path: "GET /persons/{id}/family/new", perm: change, page: s.personFamily},
		{path: "POST /persons/{id}/family", perm: change, act: s.doPersonFamily, page: s.personFamily},
		{path: "GET /persons/{id}/papers/new", perm: change, page: s.personPaper},
		{path: "POST /persons/{id}/papers", perm: change, act: s.doPersonPaper, page: s.personPaper},
		{path: "GET /persons/{id}/contacts/new", perm: change, page: s.personContact},
		{path: "POST /persons/{id}/contacts", perm: change, act: s.doPersonContact, page: s.personContact},
		{path: "GET /persons/{id}/contacts/{row}", perm: change, page: s.personContact},
		{path: "POST /persons/{id}/contacts/{row}", perm: change, act: s.doPersonContact, page: s.personContact},
		{path: "GET /persons/{id}/consents/{purpose}", perm: change, page: s.personConsent},
		{path: "POST /persons/{id}/consents/{purpose}", perm: change, act: s.doPersonConsent, page: s.personConsent},
		{path: "GET /persons/{id}/functioning", perm: access.ChangeProtected, page: s.personFunctioning},
		{path: "POST /persons/{id}/functioning", perm: access.ChangeProtected, act: s.doPersonFunctioning, page: s.personFunctioning},
		{path: "GET /persons/{id}/end", perm: change, page: s.personEnd},
		{path: "POST /persons/{id}/end", perm: change, act: s.doPersonEnd, page: s.personEnd},
		{path: "GET /persons/{id}/restore", perm: change, page: s.personRestore},
		{path: "POST /persons/{id}/restore", perm: change, act: s.doPersonRestore, page: s.personRestore},
		{path: "GET /persons/{id}/photo", perm: change, page: s.personPhoto},
		{path: "POST /persons/{id}/photo", perm: change, step: s.doPersonPhoto, page: s.personPhoto},
		{path: "GET /persons/{id}/photo.jpg", perm: read, page: s.personPicture},
		{path: "GET /persons/{id}/documents/new", perm: change, page: s.personDocument},
		{path: "POST /persons/{id}/documents", perm: change, step: s.doPersonDocument, page: s.personDocument},
		{path: "GET /persons/{id}/documents/{file}", perm: read, page: s.personFile},
		{path: "POST /persons/{id}/documents/{file}", perm: access.ReadPersons, act: s.lookAtFile},
		{path: "POST /persons/{id}/reveal", perm: access.RevealNumbers, act: s.revealNumber},
		{path: "POST /persons/{id}/look", perm: read, act: s.lookAtPerson},
		{path: "GET /persons/{id}/glass", perm: access.BreakGlass, page: s.breakGlass},
		{path: "POST /persons/{id}/glass", perm: access.BreakGlass, act: s.doBreakGlass, page: s.breakGlass},
		{path: "GET /persons/{id}/assign", perm: access.AssignPerson, page: s.assignPerson},
		{path: "POST /persons/{id}/assign", perm: access.AssignPerson, act: s.doAssignPerson, page: s.assignPerson},
		{path: "GET /persons/{id}/erase", perm: access.ErasePerson, page: s.erasePerson},
		{path: "POST /persons/{id}/erase", perm: access.ErasePerson, act: s.doErasePerson, page: s.erasePerson},
		{path: "GET /persons/{id}/history", perm: read, page: s.personHistory},
		{path: "GET /persons/{id}/looks", perm: access.ReadLooks, page: s.personLooks},
		{path: "GET /persons/{id}/print", perm: access.PrintPerson, page: s.printPerson},
		{path: "POST /persons/{id}/print", perm: access.PrintPerson, act: s.doPrintPerson, page: s.printPerson},
		{path: "GET /persons/{id}/code.png", perm: access.PrintPerson, page: s.personCode},
		{path: "GET /glass", perm: access.ReviewGlass, page: s.glassList},
		{path: "POST /glass", perm: access.ReviewGlass, act: s.doReviewGlass, page: s.glassList},
		{path: "GET /places.html", perm: access.OwnAccount, page: suggest(personsPlaces)},
		{path: "GET /occupations.html", perm: access.OwnAccount, page: suggest(personsOccupations)},
		{path: "GET /countries.html", perm: access.OwnAccount, page: suggest(personsCountries)},
	}
}

// suggest answers a type-ahead.
func suggest(look func(*words.Speaker, string) []kit.Suggestion) page {
	return func(r *request, _ db.Reader) (templ.Component, error) {
		return kit.Suggestions(r.S, look(r.S, r.URL.Query().Get("q"))), nil
	}
}

// mostCounted is up to how many people a list counts.
const mostCounted = 1000

func (s *Server) listPersons(r *request, q db.Reader) (templ.Component, error) {
	f := r.personsForm(r.URL.Query())
	v := personsListView{Frame: r.Frame(r.S.T("person.people")), F: f, MayRegister: r.Who.Holds(access.RegisterPerson)}
	filter := persons.Filter{Query: f.Values.Get("q"), Place: f.settle("place"), After: persons.ID(f.Values.Get("after")), Typing: r.Header.Get("Fera-Fragment") != ""}
	if id := personsCode(filter.Query); id != "" {
		if c, err := persons.FindCard(r.Context(), q, r.Who, id); err == nil && c.ErasedAt.IsZero() {
			return nil, site.Elsewhere(personsPath(c.ID))
		}
	}
	v.Export = exporting.Link(r.Request, "persons", map[string]string{"place": filter.Place})
	found, err := persons.List(r.Context(), q, r.Who, filter)
	if err != nil {
		return nil, err
	}
	v.Cards, v.Searching = found.Cards, filter.Query != "" || filter.Place != "" || filter.After != ""
	for _, c := range found.Cards {
		v.Rows = append(v.Rows, r.personRow(c))
	}
	if v.Said, err = r.saidOf(q, filter, found); err != nil {
		return nil, err
	}
	if found.Next != "" {
		v.Pages = kit.Pages{Next: "/persons?" + personsNext(f.Values, found.Next), Said: r.S.T("person.said_shown", "shown", len(found.Cards))}
	}
	if filter.Typing {
		return personsFound(v), nil
	}
	return personsListPage(v), nil
}

// personsNext is the query of the next part of a list.
func personsNext(now url.Values, after persons.ID) string {
	next := url.Values{"after": {string(after)}}
	for _, name := range []string{"place", "place_text", "place_was"} {
		if v := now.Get(name); v != "" {
			next.Set(name, v)
		}
	}
	return next.Encode()
}

// personsCode reads the code of a card, as it is scanned or typed.
func personsCode(typed string) persons.ID {
	hex := strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	if len(hex) != 32 {
		return ""
	}
	id := hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:]
	if !ids.Valid(id) {
		return ""
	}
	return persons.ID(id)
}

func (r *request) personRow(c persons.Card) kit.Row {
	who := people.Age(r.S, c.Birth, dates.Of(r.Now)) + ", " + r.S.T("person.sex."+string(c.Sex))
	return kit.Row{Href: personsPath(c.ID), Cells: []templ.Component{personsListed(r.S, c), kit.Text(who), kit.Text(people.Home(r.S, c.Place)),
		kit.Text(dates.Format(r.S, dates.Of(c.RegisteredAt)))}}
}

// saidOf says in words how many there are.
func (r *request) saidOf(q db.Reader, f persons.Filter, found persons.Page) (string, error) {
	n := len(found.Cards)
	said := r.S.T("person.found", "count", n)
	switch {
	case found.By == "place" && n > 0:
		places := personsPlaces(r.S, f.Query)
		return said + ". " + r.S.T("person.found_place", "place", places[0].Label), nil
	case f.Query != "" && n >= 50:
		said = r.S.T("person.found_many", "count", n)
	case f.Query == "" && f.Place == "":
		all, err := persons.Count(r.Context(), q, r.Who, mostCounted+1)
		if all > mostCounted {
			return r.S.T("person.more_than", "number", mostCounted), err
		}
		return r.S.T("person.count", "count", all), err
	case found.Next != "":
		said = r.S.T("person.more_than", "number", n)
	}
	if f.Place != "" {
		said = r.S.T("person.said_in", "said", said, "place", people.Home(r.S, f.Place))
	}
	return said, nil
}

func (s *Server) newPerson(r *request, q db.Reader) (templ.Component, error) {
	fields, err := r.draft(q, url.Values{"operation": {ids.New(r.Now)}, "source": {string(persons.OwnWord)}, "consent_method": {"spoken"},
		"identifiers.0.kind": {"nid"}, "contacts.0.kind": {"phone"}, "contacts.0.owner": {"own"}, "contacts.0.safety": {"unasked"}})
	if err != nil {
		return nil, err
	}
	v := r.newPersonView(r.personsForm(fields), nil)
	v.Guide, err = guide.For(r.Request, q, "person.register")
	return personsNewPage(v), err
}

// newPersonPage is the form, with those beside it whom she may be.
func (s *Server) newPersonPage(r *request, f *personsForm, found []linksLikely) templ.Component {
	return personsNewPage(r.newPersonView(f, found))
}

func (r *request) newPersonView(f *personsForm, found []linksLikely) personsNewView {
	v := personsNewView{Frame: r.Frame(r.S.T("person.register")), F: f, Operation: f.Values.Get("operation"), Likely: linksLikelyView{S: r.S, F: f, Found: found, Known: f.yes("network_told")}}
	for _, p := range persons.Purposes() {
		v.Asked = append(v.Asked, r.personAsked(p))
	}
	return v
}

// personAsked is a purpose with the words that are read out, in the language of the page.
func (r *request) personAsked(p persons.Purpose) personsAsked {
	return personsAsked{p, persons.ConsentText(persons.ConsentVersion(), p, r.S.Lang())}
}

func (s *Server) registerPerson(r *request) (string, error) {
	f := r.personsForm(nil)
	reg := f.registration()
	if err := errors.Join(f.err()); err != nil {
		return "", err
	}
	if err := reg.Ready(dates.Of(r.Now)); err != nil {
		return "", err
	}
	entry, settled, err := s.registering(r, f, reg)
	if err != nil || !settled {
		return "", err
	}
	var id persons.ID
	err = s.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		if id, err = s.Finder.Register(r.Context(), tx, r.Who, entry); err != nil {
			return err
		}
		return drafts.Drop(r.Context(), tx, r.Who, personDraft(reg.Operation))
	})
	r.Say("person_registered")
	return personsPath(id), err
}

// registration reads the short form.
func (f *personsForm) registration() persons.Registration {
	reg := persons.Registration{Operation: f.Values.Get("operation"), Source: persons.Source(f.Values.Get("source")), Age: strings.TrimSpace(f.Values.Get("age")), Values: map[persons.Field]string{}}
	for _, field := range []persons.Field{persons.NameBn, persons.NameLatin, persons.SexField, persons.Birth, persons.Home, persons.HomeText} {
		reg.Values[field] = f.field(field)
	}
	if f.yes("do_not_contact") {
		reg.Values[persons.DoNotContact] = "yes"
	}
	if strings.TrimSpace(f.Values.Get("contacts.0.number")) != "" {
		reg.Contacts = []persons.Contact{f.contact("contacts.0.")}
	}
	if number := strings.TrimSpace(f.Values.Get("identifiers.0.number")); number != "" {
		reg.Identifiers = []persons.Identifier{{Kind: f.Values.Get("identifiers.0.kind"), Number: number}}
	}
	for _, p := range persons.Purposes() {
		if c, answered := f.consent(p); answered {
			reg.Consents = append(reg.Consents, c)
		}
	}
	return reg
}

// personsFirstPapers are the papers that are asked for first: what somebody may have with her.
func personsFirstPapers() []string { return []string{"nid", "passport", "birth"} }

// contact reads the fields of a contact.
func (f *personsForm) contact(prefix string) persons.Contact {
	get := func(name string) string { return strings.TrimSpace(f.Values.Get(prefix + name)) }
	return persons.Contact{Kind: get("kind"), Number: get("number"), Owner: get("owner"), Safety: get("safety"), Ways: f.Values[prefix+"ways"], Hours: get("hours")}
}

// consent reads the answer to one purpose.
func (f *personsForm) consent(p persons.Purpose) (c persons.Consent, answered bool) {
	name := "consent_" + string(p)
	answer := f.Values.Get(name)
	if answer != "" && answer != "yes" && answer != "no" {
		f.wrong(name, "fault.bad_choice")
	}
	return persons.Consent{Purpose: p, Given: answer == "yes", Method: f.Values.Get("consent_method"), Language: f.Values.Get("consent_language"),
		TextVersion: f.Values.Get("consent_version")}, answer != ""
}

// personID is the person that the address names.
func (r *request) personID() persons.ID { return persons.ID(r.PathValue("id")) }

// findPerson returns the person whom the page is about, unless she was erased.
func (r *request) findPerson(q db.Reader) (persons.Person, error) {
	p, err := persons.Find(r.Context(), q, r.Who, r.personID())
	if err == nil && !p.ErasedAt.IsZero() {
		return p, fault.New(fault.NotFound, "person.erased")
	}
	return p, err
}

// personRights says what the visitor may do with a record.
func (r *request) personRights(q db.Reader, c persons.Card) (may personsRights, err error) {
	for perm, right := range map[access.Permission]*bool{access.ChangePerson: &may.Change, access.RevealNumbers: &may.Reveal, access.ChangeProtected: &may.Protect,
		access.BreakGlass: &may.Glass, access.PrintPerson: &may.Print, access.CopyPerson: &may.Copy, access.AssignPerson: &may.Assign, access.ErasePerson: &may.Erase, access.ReadLooks: &may.Looks,
		access.ReviewMatches: &may.Link, access.ReadAssessments: &may.Ask, access.ReadCalls: &may.Calls} {
		if *right, err = c.Reached(r.Context(), q, r.Who, perm); err != nil {
			return may, err
		}
	}
	may.Look, may.Until, err = persons.SeesProtected(r.Context(), q, r.Who, c.ID)
	may.Glass = may.Glass && !may.Look
	may.Heard = may.Change && r.Who.Holds(access.ReadActivities)
	return may, err
}

func (s *Server) person(r *request, q db.Reader) (templ.Component, error) {
	v, err := r.personRecord(r.Context(), q)
	if err != nil {
		return nil, err
	}
	if v.Person.CardOnly {
		return personsAreaPage(v), nil
	}
	v.Fresh = r.Said("person_registered")
	if r.Said("person_ended") {
		v.Notice.Link = &kit.NavItem{Href: v.path("history"), Label: r.S.T("person.undo")}
	}
	return personsPage(v), nil
}

// personRecord reads all that the page of a person shows.
func (r *request) personRecord(ctx context.Context, q db.Reader) (v personsRecord, err error) {
	if v.Person, err = r.findPerson(q); err != nil {
		return v, err
	}
	id := v.Person.ID
	if v.Person.CardOnly {
		v.Frame, v.Now, v.Today = r.Frame(r.S.T("person.person")), r.Now, dates.Of(r.Now)
		v.Offices = map[string]string{}
		return v, nil
	}
	v.Frame, v.Now, v.Today = r.Frame(r.S.T("person.person")), r.Now, dates.Of(r.Now)
	if v.May, err = r.personRights(q, v.Person.Card); err != nil {
		return v, err
	}
	if v.History, err = persons.History(ctx, q, r.Who, id, audit.Filter{Before: "", Limit: 5}); err != nil {
		return v, err
	}
	if v.Documents, err = persons.Files(ctx, q, r.Who, id, false); err != nil {
		return v, err
	}
	v.Documents = documentsOf(v.Documents)
	v.Offices = map[string]string{}
	for _, o := range v.Person.Recorded {
		office, err := offices.Find(ctx, q, access.System(access.ReadOffices), o.Office)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return v, err
		}
		v.Offices[o.Office] = office.Name(string(r.S.Lang()))
	}
	v.Cases, err = casefile.Of(r.Request, q, v.Person)
	return v, err
}

// documentsOf leaves the photograph out, which the head of the record shows.
func documentsOf(all []files.File) (documents []files.File) {
	for _, f := range all {
		if f.Kind == files.Document {
			documents = append(documents, f)
		}
	}
	return documents
}

// personVersion is the version that the form was drawn from.
func (f *personsForm) personVersion() int {
	n, err := strconv.Atoi(f.Values.Get("version"))
	if err != nil || n < 1 {
		return -1 // fits no record, so that the act is refused as out of date
	}
	return n
}
