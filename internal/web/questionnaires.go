// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"fera/internal/web/people"
	"fera/internal/web/site"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/web/kit"
	"fera/internal/words"
	"fera/internal/xlsform"
)

// questionnaireRoutes are the pages of the room questionnaires: which there are, and what an administrator does with them.
func (s *Server) questionnaireRoutes() []route {
	const read, manage = access.ReadInstruments, access.ManageInstruments
	return []route{
		{path: "GET /questionnaires", perm: read, page: s.questionnaireList},
		{path: "GET /questionnaires/new", perm: manage, page: s.newQuestionnaire},
		{path: "POST /questionnaires", perm: manage, step: s.bringQuestionnaire, page: s.newQuestionnaire},
		{path: "GET /questionnaires/{name}/{version}", perm: read, page: s.questionnaire},
		{path: "GET /questionnaires/{name}/{version}/try", perm: read, page: s.tryQuestionnaire},
		{path: "POST /questionnaires/{name}/{version}/try", perm: read, step: s.doTryQuestionnaire, page: s.tryQuestionnaire},
		{path: "GET /questionnaires/{name}/{version}/paper", perm: read, page: s.questionnairePaper},
		{path: "GET /questionnaires/{name}/{version}/form.xlsx", perm: read, page: s.questionnaireWorkbook},
		{path: "POST /questionnaires/{name}/{version}/permit", perm: manage, act: s.permitQuestionnaire, page: s.questionnaire},
		{path: "POST /questionnaires/{name}/{version}/activate", perm: manage, act: s.activateQuestionnaire, page: s.questionnaire},
		{path: "POST /questionnaires/{name}/{version}/rescore", perm: manage, act: s.rescoreQuestionnaire, page: s.questionnaire},
		{path: "POST /questionnaires/{name}/{version}/retire", perm: manage, act: s.retireQuestionnaire, page: s.questionnaire},
	}
}

func questionnairePath(ref assessments.Ref, parts ...string) string {
	path := "/questionnaires/" + url.PathEscape(ref.Name) + "/" + url.PathEscape(ref.Version)
	for _, part := range parts {
		path += "/" + part
	}
	return path
}

func (r *request) ref() assessments.Ref {
	return assessments.Ref{Name: r.PathValue("name"), Version: r.PathValue("version")}
}

// standingTag says where a version stands.
func standingTag(s *words.Speaker, standing assessments.Standing) kit.Tag {
	tone := map[assessments.Standing]kit.Tone{assessments.InUse: kit.Good, assessments.Coming: kit.Accent, assessments.Pending: kit.Attention}[standing]
	return kit.Tag{Text: s.T("assessment.standing." + string(standing)), Tone: tone}
}

type questionnaireListView struct {
	kit.Frame
	Columns []kit.Column
	Rows    []kit.Row
	May     bool
}

func (s *Server) questionnaireList(r *request, q db.Reader) (templ.Component, error) {
	all, err := assessments.ListInstruments(r.Context(), q, r.Who)
	v := questionnaireListView{Frame: r.Frame(r.S.T("assessment.questionnaires")), May: r.Who.Holds(access.ManageInstruments)}
	v.Columns = []kit.Column{{Label: r.S.T("assessment.title")}, {Label: r.S.T("assessment.version")}, {Label: r.S.T("assessment.standing")}, {Label: r.S.T("assessment.brought_by")}}
	today := dates.Of(r.Now)
	for _, k := range all {
		by := r.S.T("assessment.ships")
		if !k.Shipped {
			by = joined(k.By, dates.Format(r.S, dates.Of(k.At)))
		}
		v.Rows = append(v.Rows, kit.Row{Href: questionnairePath(k.Ref), Cells: []templ.Component{kit.Text(r.text(k.Definition.Title)), kit.Text(r.S.Digits(k.Version)),
			kit.Pill(standingTag(r.S, k.Standing(today))), kit.Text(by)}})
	}
	return questionnaireListPage(v), err
}

// bringView is the form that a workbook is sent with, and the list of its problems.
type bringView struct {
	kit.Frame
	Problems kit.Problems
	Found    []problemSaid
	Brought  string // address of what was brought
	Refused  bool
}

// problemSaid is one problem of a workbook with its place.
type problemSaid struct {
	Place, Text string
	Advice      bool
}

func (s *Server) newQuestionnaire(r *request, _ db.Reader) (templ.Component, error) {
	return bringPage(bringView{Frame: r.Frame(r.S.T("assessment.bring")), Problems: r.Problems}), nil
}

// bringQuestionnaire reads a workbook. What has to be mended is listed and nothing is kept; what may stay is listed beside.
func (s *Server) bringQuestionnaire(r *request) (string, error) {
	sent, err := r.SentFile()
	if err != nil {
		return "", err
	}
	if len(sent) == 0 {
		return "", fault.New(fault.Invalid, "file.needed").On("file")
	}
	name := "questionnaire"
	if header := r.MultipartForm.File["file"]; len(header) > 0 {
		name = strings.TrimSuffix(header[0].Filename, ".xlsx")
	}
	form, err := xlsform.Read(bytes.NewReader(sent), int64(len(sent)), name)
	if f := fault.Of(err); f != nil {
		return "", f.On("file")
	}
	if err != nil {
		return "", err
	}
	_, problems := form.Check()
	v := bringView{Frame: r.Frame(r.S.T("assessment.bring")), Refused: instruments.Refused(problems), Found: r.problemsSaid(problems)}
	if v.Refused {
		r.Answer = bringPage(v)
		return "", nil
	}
	var ref assessments.Ref
	if err := s.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		ref, err = assessments.Bring(r.Context(), tx, r.Who, form.Definition)
		return err
	}); err != nil {
		return "", err
	}
	if v.Brought = questionnairePath(ref); len(v.Found) > 0 {
		r.Answer = bringPage(v)
		return "", nil
	}
	r.Say("instrument_brought")
	return v.Brought, nil
}

func (r *request) problemsSaid(all []instruments.Problem) (said []problemSaid) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b instruments.Problem) int { // what has to be mended first, then as the workbook goes
		return cmp.Or(boolOrder(a.Advice, b.Advice), cmp.Compare(b.Sheet, a.Sheet), cmp.Compare(a.Row, b.Row))
	})
	for _, p := range all {
		place := joined(p.Item, p.Column)
		if p.Sheet != "" {
			place = r.S.T("assessment.place", "sheet", p.Sheet, "row", p.Row)
			if p.Row == 0 {
				place = p.Sheet
			}
			place = joined(place, p.Column)
		}
		said = append(said, problemSaid{place, r.S.Fault(p.Fault), p.Advice})
	}
	return said
}

// questionnaireView is one version of a questionnaire.
type questionnaireView struct {
	kit.Frame
	assessments.Known
	Problems kit.Problems
	Title    string
	Tag      kit.Tag
	Stands   assessments.Standing
	Facts    []kit.Fact
	Caution  string
	Advice   []problemSaid
	May      bool
	Today    string
	Rescored string // how far old answers are scored by this version
	Scores   bool   // it may be wanted that they are
}

func (s *Server) questionnaire(r *request, q db.Reader) (templ.Component, error) {
	k, err := assessments.FindInstrument(r.Context(), q, r.Who, r.ref())
	if err != nil {
		return nil, err
	}
	today := dates.Of(r.Now)
	v := questionnaireView{Frame: r.Frame(r.S.T("assessment.questionnaire")), Known: k, Problems: r.Problems, Title: r.text(k.Definition.Title), Stands: k.Standing(today),
		Caution: r.text(k.Definition.Caution), May: r.Who.Grants[access.ManageInstruments].Everywhere, Today: dates.Format(r.S, today)}
	v.Tag = standingTag(r.S, v.Stands)
	v.Facts = r.questionnaireFacts(k)
	if err := v.rescored(r, q); err != nil {
		return nil, err
	}
	if !k.Shipped {
		_, problems := filling.New(k.Definition)
		v.Advice = r.problemsSaid(problems)
	}
	return questionnairePage(v), nil
}

// questionnaireFacts say where a questionnaire comes from and how it may be used.
func (r *request) questionnaireFacts(k assessments.Known) []kit.Fact {
	s, d := r.S, k.Definition
	line := func(key, value string) kit.Fact { return kit.Fact{Label: s.T("assessment.fact." + key), Value: value} }
	var who, languages []string
	for _, role := range d.Administers {
		who = append(who, s.T("access.role."+role))
	}
	for _, l := range d.Languages {
		said := r.languageName(l)
		if l.Origin != "" && l.Origin != instruments.Brought {
			said += " (" + s.T("assessment.origin."+string(l.Origin)) + ")"
		}
		languages = append(languages, said)
	}
	age, once, class := "", "", s.T("assessment.class_plain")
	if d.MinimumAge > 0 {
		age = s.T("assessment.age_from", "age", d.MinimumAge)
	}
	if d.OncePer != "" {
		once = s.T("assessment.once_per." + d.OncePer)
	}
	if k.Sensitive() {
		class = s.T("assessment.class_protected")
	}
	sorts := ""
	if d.Sorts {
		sorts = s.T("assessment.sorts_text")
	}
	stands := ""
	if !k.Starts.IsZero() {
		stands = s.T("assessment.from_day", "day", dates.Format(s, k.Starts))
	}
	if !k.Ends.IsZero() {
		stands = joined(stands, s.T("assessment.until_day", "day", dates.Format(s, k.Ends)))
	}
	return people.Facts(line("name", k.Name), line("version", s.Digits(k.Version)), line("in_use", stands), line("source", d.Source), line("licence", d.Licence), line("permitted", k.Permitted),
		line("languages", strings.Join(languages, ", ")), line("administers", strings.Join(who, ", ")), line("age", age), line("once", once), line("sorts", sorts), line("class", class))
}

// tryView is a questionnaire that is tried: nothing of it is kept.
type tryView struct {
	kit.Frame
	Ref      assessments.Ref
	Title    string
	Asked    string
	Options  []kit.Option // languages
	Entries  []askedEntry
	Alerts   []alertSaid
	Sorted   *sortedSaid
	Scores   []scoreSaid
	Wrong    kit.Problems
	Answered bool
	Free     bool
}

func (s *Server) tryQuestionnaire(r *request, q db.Reader) (templ.Component, error) {
	k, err := assessments.FindInstrument(r.Context(), q, r.Who, r.ref())
	if err != nil {
		return nil, err
	}
	v, err := r.try(k, nil)
	return tryPage(v), err
}

// doTryQuestionnaire works out what was typed, and forgets it.
func (s *Server) doTryQuestionnaire(r *request) (string, error) {
	var k assessments.Known
	if err := s.DB.Read(r.Context(), func(q db.Reader) (err error) {
		k, err = assessments.FindInstrument(r.Context(), q, r.Who, r.ref())
		return err
	}); err != nil {
		return "", err
	}
	v, err := r.try(k, r.answering().Answers)
	r.Answer = tryPage(v)
	return "", err
}

// try fills a form in for the page alone.
func (r *request) try(k assessments.Known, answers map[string]string) (v tryView, err error) {
	lang := readIn(k.Definition, string(r.S.Lang()))
	if asked := r.FormValue("lang"); asked != "" {
		lang = readIn(k.Definition, asked)
	}
	form, problems := filling.New(k.Definition)
	if form == nil {
		return v, problems[0].Fault
	}
	f := form.Begin(answers, filling.Occasion{Began: r.Now.In(dates.Dhaka()), Now: r.Now.In(dates.Dhaka()), Language: lang, User: r.Who.Name, Seed: "try"})
	if todo, key, _ := strings.Cut(r.PostForm.Get("go"), ":"); todo == "add" {
		if err := f.Add(key); err != nil {
			return v, err
		}
	} else if todo == "remove" {
		if err := f.Remove(key); err != nil {
			return v, err
		}
	}
	o := assessments.Opened{Assessment: assessments.Assessment{Language: lang, Ref: k.Ref}, Definition: k.Definition, Filling: f}
	v = tryView{Frame: r.Frame(r.S.T("assessment.try")), Ref: k.Ref, Title: r.text(k.Definition.Title), Asked: lang, Answered: r.Method == http.MethodPost}
	for _, l := range k.Definition.Languages {
		v.Options = append(v.Options, kit.Option{Value: l.Code, Label: r.languageName(l)})
	}
	for _, e := range f.Whole(lang).Entries {
		asked := r.asked(e, o)
		asked.Top = true
		if e.Fault != nil && v.Answered {
			asked.Error = r.faultSaid(*e.Fault, o)
			v.Wrong = append(v.Wrong, kit.Problem{Field: asked.Name, Text: asked.Said + ": " + asked.Error})
		}
		v.Entries = append(v.Entries, asked)
	}
	v.Free = allFree(v.Entries)
	for _, a := range f.Alarms() {
		v.Alerts = append(v.Alerts, alertSaid{Message: r.text(a.Message), Steps: stepsOf(r.text(a.Steps)), Told: r.S.T("assessment.try_alert")})
	}
	if v.Answered {
		v.Sorted = r.sorted(f)
		v.Scores = r.scores(k.Definition, assessments.Scored{Version: k.Version, Round: 1, Results: f.Scores()})
	}
	return v, nil
}

// questionnairePaper is the blank form, in Bangla.
func (s *Server) questionnairePaper(r *request, q db.Reader) (templ.Component, error) {
	k, err := assessments.FindInstrument(r.Context(), q, r.Who, r.ref())
	if err != nil {
		return nil, err
	}
	form, problems := filling.New(k.Definition)
	if form == nil {
		return nil, problems[0].Fault
	}
	r.S = words.In(words.Bangla)
	lang := readIn(k.Definition, string(words.Bangla))
	o := assessments.Opened{Assessment: assessments.Assessment{Language: lang}}
	v := paperView{Frame: r.Frame(r.S.T("assessment.questionnaire")), Title: r.text(k.Definition.Title), Caution: r.text(k.Definition.Caution), Back: questionnairePath(k.Ref),
		About: r.S.T("assessment.version_of", "version", r.S.Digits(k.Version))}
	for _, sheet := range form.Paper(lang) {
		asked := r.asked(sheet.Entry, o)
		switch when := sheet.When; {
		case when != nil && when.Question != "":
			asked.Hint = strings.TrimSpace(asked.Hint + " " + r.S.T("assessment.paper_if", "question", filling.Plain(when.Question), "answer", filling.Plain(when.Answer)))
		case when != nil:
			asked.Hint = strings.TrimSpace(asked.Hint + " " + r.S.T("assessment.paper_formula", "formula", when.Formula))
		}
		v.Blank = append(v.Blank, asked)
	}
	return paperPage(v), nil
}

// questionnaireWorkbook is the questionnaire as an XLSForm.
func (s *Server) questionnaireWorkbook(r *request, q db.Reader) (templ.Component, error) {
	k, err := assessments.FindInstrument(r.Context(), q, r.Who, r.ref())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = xlsform.Write(&b, k.Definition)
	return site.Download{File: site.File{Kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Body: b.Bytes()}, Name: "questionnaire.xlsx"}, err
}

func (s *Server) permitQuestionnaire(r *request, tx *db.Tx) (string, error) {
	r.Say("instrument_permitted")
	return questionnairePath(r.ref()), assessments.Permit(r.Context(), tx, r.Who, r.ref(), r.PostForm.Get("said"))
}

func (s *Server) activateQuestionnaire(r *request, tx *db.Tx) (string, error) {
	from, err := dates.Parse(r.PostForm.Get("from"))
	if err != nil {
		return "", fault.New(fault.Invalid, "instrument.from_past").On("from")
	}
	r.Say("instrument_activated")
	return questionnairePath(r.ref()), assessments.Activate(r.Context(), tx, r.Who, assessments.Activation{Ref: r.ref(), From: from})
}

func (s *Server) retireQuestionnaire(r *request, tx *db.Tx) (string, error) {
	r.Say("instrument_retired")
	return questionnairePath(r.ref()), assessments.Retire(r.Context(), tx, r.Who, r.ref(), r.PostForm.Get("reason"))
}
