// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/countries"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/occupations"
	"fera/internal/persons"
	"fera/internal/web/kit"
)

// personSheet begins the view of a form about a person.
func (r *request) personSheet(q db.Reader, title string, now url.Values) (personsFormView, persons.Person, error) {
	p, err := r.findPerson(q)
	if err != nil {
		return personsFormView{}, p, err
	}
	v := personsFormView{Frame: r.Frame(r.S.T(title)), F: r.personsForm(now), ID: p.ID, Row: r.PathValue("row")}
	v.Protect, err = p.Reached(r.Context(), q, r.Who, access.ChangeProtected)
	return v, p, err
}

// changedVersion is what the form is sent with: the version that was read first,
// also when the form comes back.
func (f *personsForm) changedVersion(now int) int {
	if n := f.personVersion(); f.sent && n > 0 {
		return n
	}
	return now
}

func (s *Server) changePerson(r *request, q db.Reader) (templ.Component, error) {
	v, p, err := r.personSheet(q, "person.change_title", nil)
	if err != nil {
		return nil, err
	}
	wanted := persons.Field(r.FormValue("field"))
	v.Fields = personsShown(wanted)
	if len(v.Fields) == 0 || wanted.Protected() && !v.Protect {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	v.Was = r.personNow(p)
	if !v.F.sent {
		v.F.Values = v.Was
	}
	v.QuickExit = wanted.Protected()
	v.Version = p.Version // also when the form comes back: by then the visitor has been told what changed
	return personsChangePage(v), nil
}

// personsShown are the fields that a change form shows: one, or all that are not protected.
func personsShown(wanted persons.Field) []persons.Field {
	if wanted == "" {
		return slices.DeleteFunc(persons.Fields(), persons.Field.Protected)
	}
	return slices.DeleteFunc(persons.Fields(), func(f persons.Field) bool { return f != wanted })
}

// personNow are the values in use, as a form holds them.
func (r *request) personNow(p persons.Person) url.Values {
	now := url.Values{"source": {string(persons.OwnWord)}}
	for _, c := range p.Claims {
		switch {
		case !c.InUse || c.Field.Protected():
		case c.Field == persons.Home:
			fill(now, string(c.Field), personsPlace(r.S, c.Value))
		case c.Field == persons.Birth:
			now.Set(string(c.Field), r.S.Digits(personsTyped(c.Value)))
		default:
			now.Set(personsControl(c.Field), c.Value)
		}
	}
	return now
}

// personsTyped writes a stored date as people type it: 12/4/1991.
func personsTyped(stored string) string {
	parts := strings.Split(stored, "-")
	slices.Reverse(parts)
	for i := range parts {
		parts[i] = strings.TrimPrefix(parts[i], "0")
	}
	return strings.Join(parts, "/")
}

func (s *Server) doChangePerson(r *request, tx *db.Tx) (string, error) {
	p, err := r.findPerson(tx)
	if err != nil {
		return "", err
	}
	f := r.personsForm(nil)
	a := persons.Amendment{Person: p.ID, Version: p.Version, Source: persons.Source(f.Values.Get("source")), Reason: f.Values.Get("reason"), Values: f.changes(persons.Field(f.Values.Get("field")))}
	if f.personVersion() != p.Version && f.clashes(a.Values, r.personNow(p)) {
		return "", fault.New(fault.Conflict, "person.changed_meanwhile")
	}
	if err := f.err(); err != nil {
		return "", err
	}
	if len(a.Values) == 0 {
		r.Say("person_same")
		return personsPath(p.ID), nil
	}
	r.Say("person_saved")
	return personsPath(p.ID), persons.Change(r.Context(), tx, r.Who, a)
}

// changes are the fields that no longer hold what they held when the form was
// drawn; the one that was asked for counts also when it was only confirmed.
func (f *personsForm) changes(wanted persons.Field) map[persons.Field]string {
	changed := map[persons.Field]string{}
	for _, field := range personsShown(wanted) {
		was := f.Values.Get("was." + string(field))
		if field == persons.DoNotContact && was == "" {
			was = "no"
		}
		if value := f.field(field); value != was || wanted != "" {
			changed[field] = value
		}
	}
	return changed
}

// clashes reports whether somebody else changed one of these fields after the
// form was drawn. What others changed in other fields stands beside it.
func (f *personsForm) clashes(changed map[persons.Field]string, now url.Values) bool {
	for field := range changed {
		if now.Get(personsControl(field)) != f.Values.Get("was."+string(field)) {
			return true
		}
	}
	return false
}

func (s *Server) personValues(r *request, q db.Reader) (templ.Component, error) {
	sheet, p, err := r.personSheet(q, "person.values", nil)
	if err != nil {
		return nil, err
	}
	v := personsValuesView{personsFormView: sheet, Field: persons.Field(r.FormValue("field")), Now: r.Now}
	for _, c := range p.Claims {
		if c.Field == v.Field && !c.Field.Protected() {
			v.Claims = append(v.Claims, c)
			if c.InUse && !v.F.sent {
				v.F.Values.Set("claim", c.ID)
			}
		}
	}
	if len(v.Claims) == 0 {
		return nil, fault.New(fault.NotFound, "person.claim_not_found")
	}
	v.Version = v.F.changedVersion(p.Version)
	return personsValuesPage(v), nil
}

func (s *Server) doPersonValues(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	if err := f.err(); err != nil {
		return "", err
	}
	if f.Values.Get("claim") == "" {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("claim")
	}
	r.Say("person_saved")
	return personsPath(r.personID()), persons.Choose(r.Context(), tx, r.Who, persons.Choice{Person: r.personID(), Version: f.personVersion(), Claim: f.Values.Get("claim"), Reason: f.Values.Get("reason")})
}

func (s *Server) personJourney(r *request, q db.Reader) (templ.Component, error) {
	v, p, err := r.personSheet(q, "person.journey_change", nil)
	if err != nil {
		return nil, err
	}
	title := r.S.T("person.journey_add")
	if v.Row != "" {
		i := slices.IndexFunc(p.Journeys, func(j persons.Journey) bool { return j.ID == v.Row })
		if i < 0 {
			return nil, fault.New(fault.NotFound, "person.row_not_found")
		}
		title = r.S.T("person.journey_change")
		if !v.F.sent {
			v.F.Values = r.journeyNow(p.Journeys[i])
		}
		v.Version = v.F.changedVersion(p.Journeys[i].Version)
	}
	v.QuickExit = v.Protect
	return personsJourneyPage(v, title), nil
}

// journeyNow is a journey as a form holds it, without what is protected.
func (r *request) journeyNow(j persons.Journey) url.Values {
	now := url.Values{"city": {j.City}, "work": {j.Work}, "employer": {j.Employer}, "recruiter": {j.Recruiter}, "left_by": {j.LeftBy}, "paid_by": j.PaidBy, "port": {j.Port},
		"papers": j.Papers, "reasons": j.Reasons, "departed": {r.S.Digits(personsTyped(j.Departed.String()))}, "returned": {r.S.Digits(personsTyped(j.Returned.String()))}}
	if j.Cost > 0 {
		now.Set("cost", r.S.Digits(strconv.FormatInt(j.Cost, 10)))
	}
	fill(now, "country", kit.Suggestion{Code: j.Country, Label: countries.Name(r.S.Lang(), j.Country)})
	if j.Occupation != "" {
		fill(now, "occupation", kit.Suggestion{Code: j.Occupation, Label: occupations.Name(r.S.Lang(), j.Occupation)})
	}
	return now
}

func (s *Server) doPersonJourney(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	j := f.journey()
	if err := f.err(); err != nil {
		return "", err
	}
	r.Say("person_saved")
	if row := r.PathValue("row"); row != "" {
		j.ID, j.Version = row, f.personVersion()
		return personsPath(r.personID()), persons.ChangeJourney(r.Context(), tx, r.Who, r.personID(), j)
	}
	return personsPath(r.personID()), persons.AddJourney(r.Context(), tx, r.Who, r.personID(), j)
}

// journey reads the form of a stay abroad. Circumstances of which nothing was
// written stay as they are.
func (f *personsForm) journey() persons.Journey {
	get := func(name string) string { return strings.TrimSpace(f.Values.Get(name)) }
	j := persons.Journey{Country: f.settle("country"), City: get("city"), Occupation: f.settle("occupation"), Work: get("work"), Employer: get("employer"), Recruiter: get("recruiter"),
		LeftBy: get("left_by"), Cost: f.taka("cost"), PaidBy: f.Values["paid_by"], Departed: f.date("departed"), Returned: f.date("returned"), Port: get("port"),
		Papers: f.Values["papers"], Reasons: f.Values["reasons"]}
	c := persons.Circumstances{Happened: f.Values["happened"], Account: get("account"), Owed: f.taka("owed"), Debt: f.taka("debt")}
	if len(c.Happened) > 0 || c.Account != "" || c.Owed != 0 || c.Debt != 0 {
		j.Circumstances = &c
	}
	return j
}

func (s *Server) personFamily(r *request, q db.Reader) (templ.Component, error) {
	v, _, err := r.personSheet(q, "person.family_add", nil)
	return personsFamilyPage(v), err
}

func (s *Server) doPersonFamily(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	rel := persons.Relation{Relation: f.Values.Get("relation"), Name: f.Values.Get("name"), Sex: persons.Sex(f.Values.Get("sex")), Birth: f.date("birth"), LivesWith: f.yes("lives_with"), Depends: f.yes("depends")}
	if err := f.err(); err != nil {
		return "", err
	}
	r.Say("person_saved")
	return personsPath(r.personID()), persons.AddRelation(r.Context(), tx, r.Who, r.personID(), rel)
}

func (s *Server) personPaper(r *request, q db.Reader) (templ.Component, error) {
	v, _, err := r.personSheet(q, "person.paper_add", nil)
	return personsPaperPage(v), err
}

func (s *Server) doPersonPaper(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	i := persons.Identifier{Kind: f.Values.Get("kind"), Number: f.Values.Get("number"), Issued: f.date("issued"), Expires: f.date("expires"), Issuer: f.Values.Get("issuer"), Seen: f.yes("seen")}
	if err := f.err(); err != nil {
		return "", err
	}
	r.Say("person_saved")
	return personsPath(r.personID()), persons.AddIdentifier(r.Context(), tx, r.Who, r.personID(), i)
}

func (s *Server) personContact(r *request, q db.Reader) (templ.Component, error) {
	v, p, err := r.personSheet(q, "person.contact_change", url.Values{"kind": {"phone"}, "owner": {"own"}, "safety": {"unasked"}})
	if err != nil {
		return nil, err
	}
	if v.Row != "" {
		i := slices.IndexFunc(p.Contacts, func(c persons.Contact) bool { return c.ID == v.Row })
		if i < 0 {
			return nil, fault.New(fault.NotFound, "person.row_not_found")
		}
		c := p.Contacts[i]
		if !v.F.sent {
			v.F.Values = url.Values{"owner": {c.Owner}, "safety": {c.Safety}, "ways": c.Ways, "hours": {c.Hours}}
		}
		v.Version = v.F.changedVersion(c.Version)
	}
	return personsContactPage(v), nil
}

func (s *Server) doPersonContact(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	c := f.contact("")
	if err := f.err(); err != nil {
		return "", err
	}
	r.Say("person_saved")
	if row := r.PathValue("row"); row != "" {
		c.ID, c.Version = row, f.personVersion()
		return personsPath(r.personID()), persons.ChangeContact(r.Context(), tx, r.Who, r.personID(), c)
	}
	return personsPath(r.personID()), persons.AddContact(r.Context(), tx, r.Who, r.personID(), c)
}

func (s *Server) personConsent(r *request, q db.Reader) (templ.Component, error) {
	purpose := persons.Purpose(r.PathValue("purpose"))
	if !slices.Contains(persons.Purposes(), purpose) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	v, _, err := r.personSheet(q, "person.consents", url.Values{"consent_method": {"spoken"}})
	v.Asked = r.personAsked(purpose)
	return personsConsentPage(v), err
}

func (s *Server) doPersonConsent(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	purpose := persons.Purpose(r.PathValue("purpose"))
	c, answered := f.consent(purpose)
	if err := f.err(); err != nil {
		return "", err
	}
	if !answered {
		return "", fault.New(fault.Invalid, "fault.needed").On("consent_" + string(purpose))
	}
	r.Say("person_saved")
	return personsPath(r.personID()), persons.AnswerConsent(r.Context(), tx, r.Who, r.personID(), c)
}

func (s *Server) personFunctioning(r *request, q db.Reader) (templ.Component, error) {
	v, _, err := r.personSheet(q, "person.functioning", nil)
	if err == nil && !v.Protect {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	v.QuickExit = true
	return personsFunctioningPage(v), err
}

func (s *Server) doPersonFunctioning(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	var answers [6]int
	for i, q := range personsQuestions() {
		n, err := strconv.Atoi(f.Values.Get(q))
		if f.Values.Get(q) != "" && (err != nil || n < 1 || n > 4) {
			f.wrong(q, "fault.bad_choice")
		}
		answers[i] = n
	}
	if err := f.err(); err != nil {
		return "", err
	}
	if answers == [6]int{} {
		return "", fault.New(fault.Invalid, "fault.needed").On(personsQuestions()[0])
	}
	r.Say("person_saved")
	return personsPath(r.personID()), persons.RecordFunctioning(r.Context(), tx, r.Who, r.personID(), persons.Functioning{Vision: answers[0], Hearing: answers[1],
		Mobility: answers[2], Cognition: answers[3], SelfCare: answers[4], Communication: answers[5]})
}

func (s *Server) personEnd(r *request, q db.Reader) (templ.Component, error) {
	return s.personEnding(r, q, false)
}

func (s *Server) personRestore(r *request, q db.Reader) (templ.Component, error) {
	return s.personEnding(r, q, true)
}

func (s *Server) personEnding(r *request, q db.Reader, back bool) (templ.Component, error) {
	sheet, _, err := r.personSheet(q, "person.person", nil)
	if err != nil {
		return nil, err
	}
	v := personsEndView{personsFormView: sheet, List: r.FormValue("row"), Back: back}
	v.Row = r.FormValue("id")
	if !r.S.Has("person.row."+v.List) || !ids.Valid(v.Row) {
		return nil, fault.New(fault.NotFound, "person.row_not_found")
	}
	return personsEndPage(v), nil
}

func (s *Server) doPersonEnd(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	if err := f.err(); err != nil {
		return "", err
	}
	r.Say("person_ended")
	return personsPath(r.personID()), persons.End(r.Context(), tx, r.Who, f.ending(r.personID()))
}

func (s *Server) doPersonRestore(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	if err := f.err(); err != nil {
		return "", err
	}
	r.Say("person_restored")
	return personsPath(r.personID()), persons.Restore(r.Context(), tx, r.Who, f.ending(r.personID()))
}

func (f *personsForm) ending(id persons.ID) persons.Ending {
	return persons.Ending{Person: id, Row: persons.Row(f.Values.Get("row")), ID: f.Values.Get("id"), Reason: f.Values.Get("reason")}
}
