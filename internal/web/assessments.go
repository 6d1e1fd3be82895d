// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"slices"

	"fera/internal/web/people"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
)

// assessmentRoutes are the pages on which questionnaires are asked and read.
func (s *Server) assessmentRoutes() []route {
	const asks = access.Administer
	return []route{
		{path: "GET /persons/{id}/questionnaires", perm: access.ReadPersons, page: s.personAssessments},
		{path: "POST /persons/{id}/questionnaires", perm: asks, act: s.beginAssessment, page: s.personAssessments},
		{path: "GET /persons/{id}/questionnaires/{name}", perm: access.ReadPersons, page: s.assessmentCourse},
		{path: "POST /persons/{id}/questionnaires/{name}", perm: access.ReadPersons, act: s.lookAtCourse},
		{path: "GET /assessments/{id}", perm: access.ReadPersons, page: s.assessment},
		{path: "POST /assessments/{id}/look", perm: access.ReadPersons, act: s.lookAtAssessment},
		{path: "POST /assessments/{id}/compare", perm: access.ReadPersons, act: s.compareAssessments},
		{path: "POST /assessments/{id}/print", perm: access.ReadPersons, act: s.printAssessment},
		{path: "GET /assessments/{id}/fill", perm: asks, page: s.fillAssessment},
		{path: "POST /assessments/{id}/fill", perm: asks, act: s.doFillAssessment, page: s.fillAssessment},
		{path: "GET /assessments/{id}/finish", perm: asks, page: s.finishAssessment},
		{path: "POST /assessments/{id}/finish", perm: asks, act: s.doFinishAssessment, page: s.finishAssessment},
		{path: "POST /assessments/{id}/take", perm: asks, act: s.takeAssessment},
		{path: "POST /assessments/{id}/drop", perm: asks, act: s.dropAssessment},
		{path: "POST /assessments/{id}/correct", perm: asks, act: s.correctAssessment},
		{path: "POST /assessments/{id}/rescore", perm: asks, act: s.rescoreAssessment},
		{path: "GET /alerts", perm: access.HeedAlerts, page: s.alertList},
		{path: "POST /alerts/{id}/open", perm: access.HeedAlerts, act: s.openAlert},
		{path: "POST /alerts/{id}/heed", perm: access.HeedAlerts, act: s.heedAlert, page: s.alertList},
	}
}

func assessmentPath(id assessments.ID, parts ...string) string {
	path := "/assessments/" + url.PathEscape(string(id))
	for _, part := range parts {
		path += "/" + part
	}
	return path
}

func (r *request) assessmentID() assessments.ID { return assessments.ID(r.PathValue("id")) }

// assessmentsView is the page on which a questionnaire is chosen for a person.
type assessmentsView struct {
	kit.Frame
	Person   persons.Person
	Guide    guide.View
	Problems kit.Problems
	Working  []assessmentLine
	Done     []assessmentLine
	Offers   []assessmentOffer
	Courses  []kit.NavItem // questionnaires that were completed more than once
	MayAsk   bool
}

// assessmentLine is one assessment in a list.
type assessmentLine struct {
	assessments.Listed
	Title, When string
	Mine        bool
}

// assessmentOffer is a questionnaire that may be begun, or why not.
type assessmentOffer struct {
	Name, Title, Caution, Why string
	Sensitive                 bool
	Begun                     assessments.ID
	Languages                 []kit.Option
}

func (s *Server) personAssessments(r *request, q db.Reader) (templ.Component, error) {
	p, err := r.findPerson(q)
	if err != nil {
		return nil, err
	}
	v := assessmentsView{Frame: r.Frame(r.S.T("assessment.questionnaires")), Person: p, Problems: r.Problems}
	v.QuickExit = true
	if v.MayAsk, err = access.Reaches(r.Context(), q, r.Who, access.Administer, string(p.ID)); err != nil {
		return nil, err
	}
	all, err := assessments.List(r.Context(), q, r.Who, p.ID)
	if err != nil {
		return nil, err
	}
	times := map[string]int{}
	for _, l := range all {
		line := assessmentLine{Listed: l, Title: r.text(l.Title), When: dates.Near(r.S, l.BeganAt, r.Now), Mine: l.Hand == r.Who.ID && r.Now.Before(l.HandUntil)}
		if l.Working {
			v.Working = append(v.Working, line)
		}
		if l.Status != assessments.Complete {
			continue
		}
		v.Done = append(v.Done, line)
		if times[l.Ref.Name]++; times[l.Ref.Name] == 2 {
			v.Courses = append(v.Courses, kit.NavItem{Href: personsPath(p.ID, "questionnaires", url.PathEscape(l.Ref.Name)), Label: line.Title})
		}
	}
	if v.Guide, err = guide.For(r.Request, q, "questionnaire"); err != nil {
		return nil, err
	}
	v.Offers, err = r.offers(q, p.ID)
	return assessmentsPage(v), err
}

func (r *request) offers(q db.Reader, person persons.ID) (offers []assessmentOffer, err error) {
	all, err := assessments.Offered(r.Context(), q, r.Who, person)
	for _, o := range all {
		offer := assessmentOffer{Name: o.Name, Title: r.text(o.Definition.Title), Caution: r.text(o.Definition.Caution), Sensitive: o.Sensitive(), Begun: o.Begun}
		if o.Why != nil {
			offer.Why = r.S.Fault(o.Why)
		}
		for _, l := range o.Definition.Languages {
			offer.Languages = append(offer.Languages, kit.Option{Value: l.Code, Label: r.languageName(l)})
		}
		slices.SortStableFunc(offer.Languages, func(a, b kit.Option) int {
			return boolOrder(a.Value != string(r.S.Lang()), b.Value != string(r.S.Lang()))
		})
		offers = append(offers, offer)
	}
	slices.SortStableFunc(offers, func(a, b assessmentOffer) int { return boolOrder(a.Why != "", b.Why != "") })
	return offers, err
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// text says a text of a questionnaire in the reader's language, or in another if it must.
func (r *request) text(t instruments.Texts) string { return t.In(string(r.S.Lang())) }

func (r *request) languageName(l instruments.Language) string {
	if key := "language." + l.Code; r.S.Has(key) {
		return r.S.T(key)
	}
	if l.Name != "" {
		return l.Name
	}
	return l.Code
}

func (s *Server) beginAssessment(r *request, tx *db.Tx) (string, error) {
	lang := r.PostForm.Get("asked_in")
	if lang == "" {
		lang = string(r.S.Lang())
	}
	id, err := assessments.Begin(r.Context(), tx, r.Who, assessments.Beginning{Person: r.personID(), Name: r.PostForm.Get("instrument"), Language: lang})
	return assessmentPath(id, "fill"), err
}

func (s *Server) takeAssessment(r *request, tx *db.Tx) (string, error) {
	return assessmentPath(r.assessmentID(), "fill"), assessments.TakeUp(r.Context(), tx, r.Who, r.assessmentID())
}

func (s *Server) correctAssessment(r *request, tx *db.Tx) (string, error) {
	return assessmentPath(r.assessmentID(), "fill"), assessments.Correct(r.Context(), tx, r.Who, r.assessmentID())
}

// dropAssessment throws a draft away. Without scripts and with them it asks first: the page with the question is its answer.
func (s *Server) dropAssessment(r *request, tx *db.Tx) (string, error) {
	id := r.assessmentID()
	if r.PostForm.Get("sure") != "yes" {
		c := kit.Confirmation{Question: r.S.T("assessment.drop_sure"), Text: r.S.T("assessment.drop_text"), Action: assessmentPath(id, "drop"), Yes: r.S.T("assessment.drop"),
			NoHref: assessmentPath(id, "fill"), Danger: true}
		r.Answer = assessmentDropPage(r.Frame(r.S.T("assessment.questionnaire")), c, r.PostForm.Get("person"))
		return "", nil
	}
	r.Say("assessment_dropped")
	next := "/persons"
	if p := r.PostForm.Get("person"); p != "" {
		next = personsPath(persons.ID(p), "questionnaires")
	}
	return next, assessments.Drop(r.Context(), tx, r.Who, id)
}

func (s *Server) rescoreAssessment(r *request, tx *db.Tx) (string, error) {
	if err := assessments.Rescore(r.Context(), tx, r.Who, r.assessmentID(), r.PostForm.Get("by")); err != nil {
		return "", err
	}
	r.Say("assessment_scored")
	return s.lookAtAssessment(r, tx)
}

// alertsView is the list of answers that need somebody.
type alertsView struct {
	kit.Frame
	Problems kit.Problems
	Alerts   []alertLine
	Opened   *assessments.Alert
	At       string // the alert whose form came back
}

type alertLine struct {
	assessments.Alert
	When, Heeded, Who, About string
}

func (s *Server) alertList(r *request, q db.Reader) (templ.Component, error) {
	v, err := r.alerts(q)
	return alertsPage(v), err
}

func (r *request) alerts(q db.Reader) (alertsView, error) {
	v := alertsView{Frame: r.Frame(r.S.T("assessment.alerts")), Problems: r.Problems, At: r.PathValue("id")}
	v.QuickExit = true
	all, err := assessments.ListAlerts(r.Context(), q, r.Who, 100)
	for _, l := range all {
		line := alertLine{Alert: l, When: dates.Near(r.S, l.RaisedAt, r.Now)}
		if !l.HeededAt.IsZero() {
			line.Heeded = r.S.T("assessment.alert_heeded_by", "name", l.HeededBy, "when", dates.Near(r.S, l.HeededAt, r.Now))
		}
		if c, err := persons.FindCard(r.Context(), q, r.Who, l.Person); err == nil {
			line.Who = people.Name(r.S, c.NameBn, c.NameLatin)
		} else if fault.KindOf(err) != fault.NotFound {
			return v, err
		}
		v.Alerts = append(v.Alerts, line)
	}
	return v, err
}

// openAlert shows why an alert was raised, and enters that it was looked at.
func (s *Server) openAlert(r *request, tx *db.Tx) (string, error) {
	opened, err := assessments.OpenAlert(r.Context(), tx, r.Who, r.PathValue("id"))
	if err != nil {
		return "", err
	}
	v, err := r.alerts(tx)
	v.Opened = &opened
	r.Answer = alertsPage(v)
	return "", err
}

func (s *Server) heedAlert(r *request, tx *db.Tx) (string, error) {
	r.Say("alert_heeded")
	return "/alerts", assessments.Heed(r.Context(), tx, r.Who, r.PathValue("id"), r.PostForm.Get("done"))
}

// atAlert is what is wrong with the form of one alert of the list.
func atAlert(v alertsView, l alertLine) string {
	if v.At != l.ID {
		return ""
	}
	return v.Problems.On("done")
}
