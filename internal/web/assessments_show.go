// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"strconv"
	"strings"

	"fera/internal/web/site"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// resultView is a completed assessment: what it comes to, what that means and does not, and what was answered.
type resultView struct {
	kit.Frame
	ID       assessments.ID
	Person   persons.ID
	Title    string
	About    string // when, by whom, which version
	Caution  string
	Protect  bool
	Working  bool
	Alerts   []alertSaid
	Sorted   *sortedSaid // of a first screening
	Scores   []scoreSaid
	Older    []scoreSaid // by other versions, and of rounds before a correction
	Answers  []answerLine
	Rounds   []kit.Event
	Earlier  []kit.Option // assessments to compare with
	Rescore  string       // a version by which it may be scored anew
	Course   string       // address of the scores over time
	MayAsk   bool
	Wordings string // what is known of the wording that was asked
}

// scoreSaid is one score in words.
type scoreSaid struct {
	Label, Value, Range, Answered, Why, By string
	Bands                                  []bandSaid
}

type bandSaid struct{ Cut, Band, Note string }

// closedView is a protected assessment, or course, that has to be opened first.
type closedView struct {
	kit.Frame
	Title, Open, Back string
}

func (s *Server) assessment(r *request, q db.Reader) (templ.Component, error) {
	id := r.assessmentID()
	o, err := assessments.Find(r.Context(), q, r.Who, id)
	if f := fault.Of(err); f != nil && f.Key == "assessment.closed" {
		return closedPage(closedView{r.Frame(r.S.T("assessment.questionnaire")), r.S.T("assessment.questionnaire"), assessmentPath(id, "look"), "/persons"}), nil
	}
	if err != nil {
		return nil, err
	}
	if o.Round == 0 {
		return nil, site.Elsewhere(personsPath(o.Person, "questionnaires"))
	}
	v, err := r.result(q, o)
	return resultPage(v), err
}

func (s *Server) lookAtAssessment(r *request, tx *db.Tx) (string, error) {
	o, err := assessments.Look(r.Context(), tx, r.Who, r.assessmentID())
	if err != nil {
		return "", err
	}
	if o.Round == 0 {
		return personsPath(o.Person, "questionnaires"), nil
	}
	v, err := r.result(tx, o)
	r.Answer = resultPage(v)
	return "", err
}

// result says all that there is to say of an assessment.
func (r *request) result(q db.Reader, o assessments.Opened) (v resultView, err error) {
	s := r.S
	lang := readIn(o.Definition, string(s.Lang()))
	v = resultView{Frame: r.Frame(s.T("assessment.questionnaire")), ID: o.ID, Person: o.Person, Title: r.text(o.Definition.Title), Caution: r.text(o.Definition.Caution), Protect: o.Protected,
		Working: o.Working, Alerts: r.alertsSaid(o), Sorted: r.sorted(o.Filling), Answers: answersSaid(s, o.Filling, lang)}
	v.QuickExit = true
	v.About = s.T("assessment.about", "day", dates.Format(s, o.Day()), "name", o.By, "version", s.Digits(o.Ref.Version))
	for _, l := range o.Definition.Languages {
		if l.Code == o.Language {
			v.Wordings = s.T("assessment.asked_in", "language", r.languageName(l))
			if l.Origin == instruments.Ours {
				v.Wordings += " " + s.T("assessment.wording_ours")
			}
		}
	}
	for i, scored := range o.Scores {
		said := r.scores(o.Definition, scored)
		if i == 0 {
			v.Scores = said
			continue
		}
		v.Older = append(v.Older, said...)
	}
	if len(v.Older) == 0 {
		for i := range v.Scores {
			v.Scores[i].By = "" // there is nothing to tell it from
		}
	}
	if len(o.Rounds) > 1 {
		for i := len(o.Rounds) - 1; i >= 0; i-- {
			round := o.Rounds[i]
			title := s.T("assessment.round_first")
			if round.Number > 1 {
				title = s.T("assessment.round_corrected")
			}
			e := kit.Event{When: dates.Near(s, round.At, r.Now), ISO: round.At.UTC().Format("2006-01-02T15:04:05Z"), Who: round.By, Title: title, Text: round.Reason}
			if i > 0 {
				before := answersSaid(s, o.At(o.Rounds[i-1].Number), lang)
				e.Body = changesList(compared(s, before, answersSaid(s, o.At(round.Number), lang)))
			}
			v.Rounds = append(v.Rounds, e)
		}
	}
	if v.MayAsk, err = o.MayCorrect(r.Context(), q, r.Who); err != nil {
		return v, err
	}
	return v, r.beside(q, o, &v)
}

// readIn is the language in which a questionnaire is read by somebody who reads lang.
func readIn(d *instruments.Definition, lang string) string {
	for _, l := range d.Languages {
		if l.Code == lang {
			return lang
		}
	}
	return d.Language
}

// beside finds what may be looked at beside an assessment: others of the same questionnaire, a newer version.
func (r *request) beside(q db.Reader, o assessments.Opened, v *resultView) error {
	all, err := assessments.List(r.Context(), q, r.Who, o.Person)
	if fault.KindOf(err) == fault.Invalid || err != nil {
		return err
	}
	for _, l := range all {
		if l.Ref.Name == o.Ref.Name && l.ID != o.ID && l.Status == assessments.Complete {
			v.Earlier = append(v.Earlier, kit.Option{Value: string(l.ID), Label: r.S.T("assessment.of_day", "day", dates.Format(r.S, l.Day()))})
		}
	}
	if len(v.Earlier) > 0 {
		v.Course = personsPath(o.Person, "questionnaires", url.PathEscape(o.Ref.Name))
	}
	if !r.Who.Holds(access.ReadInstruments) || !v.MayAsk || len(o.Scores) == 0 {
		return nil
	}
	known, err := assessments.ListInstruments(r.Context(), q, r.Who)
	for _, k := range known {
		if k.Name == o.Ref.Name && k.Standing(dates.Of(r.Now)) == assessments.InUse && !scoredBy(o, k.Version) {
			v.Rescore = k.Version
		}
	}
	return err
}

func scoredBy(o assessments.Opened, version string) bool {
	for _, s := range o.Scores {
		if s.Round == o.Round && s.Version == version {
			return true
		}
	}
	return false
}

// scores says the scores of one scoring.
func (r *request) scores(d *instruments.Definition, scored assessments.Scored) (all []scoreSaid) {
	s := r.S
	for _, one := range scored.Results {
		said := scoreSaid{Label: r.text(one.Label), Answered: s.T("assessment.answered_of", "answered", one.Answered, "of", one.Of), By: s.T("assessment.scored_by", "version", s.Digits(scored.Version), "round", scored.Round)}
		if said.Label == "" {
			said.Label = one.Scale
		}
		if one.Why != "" {
			said.Why = s.T(one.Why)
		}
		if one.Value != nil {
			places := placesOf(d, one.Scale)
			said.Value = s.Digits(strconv.FormatFloat(*one.Value, 'f', places, 64))
			said.Range = s.T("assessment.between", "lowest", s.Digits(number(one.Lowest)), "highest", s.Digits(number(one.Highest)))
		}
		for _, verdict := range one.Verdicts {
			band := bandSaid{Cut: r.text(verdict.CutLabel), Band: r.text(verdict.Label), Note: verdict.Published}
			if band.Band == "" {
				band.Band = verdict.Band
			}
			said.Bands = append(said.Bands, band)
		}
		all = append(all, said)
	}
	return all
}

// compareView is two assessments of one questionnaire side by side, the earlier on the left.
type compareView struct {
	kit.Frame
	Back, Title   string
	First, Second string // their days
	Versions      string // said when the versions differ
	Protect       bool
	Scores        []changeLine
	Answers       []changeLine
}

// changeLine is one thing then and now.
type changeLine struct {
	Label, Then, Now string
	Heading, Changed bool
}

func (s *Server) compareAssessments(r *request, tx *db.Tx) (string, error) {
	first, second, err := assessments.LookAtTwo(r.Context(), tx, r.Who, assessments.ID(r.PostForm.Get("with")), r.assessmentID())
	if err != nil {
		return "", err
	}
	lang := readIn(second.Definition, string(r.S.Lang()))
	v := compareView{Frame: r.Frame(r.S.T("assessment.compare")), Back: personsPath(first.Person, "questionnaires"), Title: r.text(second.Definition.Title), First: dates.Format(r.S, first.Day()),
		Second: dates.Format(r.S, second.Day()), Protect: first.Protected || second.Protected}
	v.QuickExit = true
	if v.First == v.Second { // twice on one day: the hour tells them apart
		v.First, v.Second = dates.Near(r.S, first.BeganAt, r.Now), dates.Near(r.S, second.BeganAt, r.Now)
	}
	if first.Ref.Version != second.Ref.Version {
		v.Versions = r.S.T("assessment.versions_differ", "first", r.S.Digits(first.Ref.Version), "second", r.S.Digits(second.Ref.Version))
	}
	v.Answers = compared(r.S, answersSaid(r.S, first.Filling, lang), answersSaid(r.S, second.Filling, lang))
	v.Scores = compared(r.S, append(r.sortedLine(first), r.scoreLines(first)...), append(r.sortedLine(second), r.scoreLines(second)...))
	r.Answer = comparePage(v)
	return "", nil
}

// scoreLines are the latest scores of an assessment as lines to compare.
func (r *request) scoreLines(o assessments.Opened) (all []answerLine) {
	if len(o.Scores) == 0 {
		return nil
	}
	for _, said := range r.scores(o.Definition, o.Scores[0]) {
		parts := []string{said.Value}
		for _, b := range said.Bands {
			parts = append(parts, b.Band)
		}
		if said.Value == "" {
			parts = []string{said.Why}
		}
		all = append(all, answerLine{Key: said.Label, Label: said.Label, Answer: strings.Join(parts, ", ")})
	}
	return all
}

// compared puts two lists of answers side by side, in the order of the second; what only the first has comes last.
func compared(s *words.Speaker, first, second []answerLine) (all []changeLine) {
	then := map[string]answerLine{}
	for _, l := range first {
		then[l.Key] = l
	}
	blank := func(answer string, there bool) string {
		switch {
		case !there:
			return s.T("assessment.not_asked")
		case answer == "":
			return s.T("assessment.unanswered")
		}
		return answer
	}
	for _, l := range second {
		before, there := then[l.Key]
		delete(then, l.Key)
		all = append(all, changeLine{Label: l.Label, Heading: l.Heading, Then: blank(before.Answer, there), Now: blank(l.Answer, true), Changed: !l.Heading && before.Answer != l.Answer})
	}
	for _, l := range first {
		if _, left := then[l.Key]; left && !l.Heading {
			all = append(all, changeLine{Label: l.Label, Then: blank(l.Answer, true), Now: blank("", false), Changed: true})
		}
	}
	return all
}

// courseView is the scores of a person by one questionnaire over time.
type courseView struct {
	kit.Frame
	Title    string
	Back     string
	Protect  bool
	Versions string
	Plots    []plotted
	Given    []kit.Row // between the first and the last
}

func (s *Server) assessmentCourse(r *request, q db.Reader) (templ.Component, error) {
	points, err := assessments.Course(r.Context(), q, r.Who, r.personID(), r.PathValue("name"))
	if f := fault.Of(err); f != nil && f.Key == "assessment.closed" {
		return closedPage(closedView{r.Frame(r.S.T("assessment.course")), r.S.T("assessment.course"), personsPath(r.personID(), "questionnaires", url.PathEscape(r.PathValue("name"))),
			personsPath(r.personID(), "questionnaires")}), nil
	}
	if err != nil {
		return nil, err
	}
	v, err := r.course(q, points)
	return coursePage(v), err
}

func (s *Server) lookAtCourse(r *request, tx *db.Tx) (string, error) {
	points, err := assessments.LookCourse(r.Context(), tx, r.Who, r.personID(), r.PathValue("name"))
	if err != nil {
		return "", err
	}
	v, err := r.course(tx, points)
	r.Answer = coursePage(v)
	return "", err
}

func (r *request) course(q db.Reader, points []assessments.Point) (v courseView, err error) {
	by := commonVersion(points)
	ref := points[len(points)-1].Ref
	if by != "" {
		ref.Version = by
	}
	k, err := assessments.FindInstrument(r.Context(), q, r.Who, ref)
	if err != nil {
		return v, err
	}
	v = courseView{Frame: r.Frame(r.S.T("assessment.course")), Title: r.text(k.Definition.Title), Back: personsPath(r.personID(), "questionnaires")}
	v.QuickExit = true
	versions := map[string]bool{}
	for _, p := range points {
		v.Protect, versions[p.Ref.Version] = v.Protect || p.Protected, true
	}
	switch {
	case len(versions) > 1 && by != "":
		v.Versions = r.S.T("assessment.versions_one", "version", r.S.Digits(by))
	case len(versions) > 1:
		v.Versions = r.S.T("assessment.versions_mixed")
	}
	marks, given, err := r.between(q, points)
	if err != nil {
		return v, err
	}
	v.Given = given
	for i := range k.Definition.Scales {
		p := r.plot(k.Definition.Scales[i], points, by)
		p.Marks = marks
		v.Plots = append(v.Plots, p)
	}
	return v, nil
}

// paperView is a questionnaire on paper, filled or blank, in Bangla unless it has no Bangla.
type paperView struct {
	kit.Frame
	Title, About, Caution, Back string
	Protect                     bool
	Sorted                      *sortedSaid
	Answers                     []answerLine
	Scores                      []scoreSaid
	Blank                       []askedEntry
}

func (s *Server) printAssessment(r *request, tx *db.Tx) (string, error) {
	o, err := assessments.Look(r.Context(), tx, r.Who, r.assessmentID())
	if err != nil {
		return "", err
	}
	if o.Round == 0 {
		return "", fault.New(fault.Conflict, "assessment.not_complete")
	}
	back := r.S
	r.S = words.In(words.Bangla)
	defer func() { r.S = back }()
	v := paperView{Frame: r.Frame(r.S.T("assessment.questionnaire")), Title: r.text(o.Definition.Title), Caution: r.text(o.Definition.Caution), Back: assessmentPath(o.ID), Protect: o.Protected,
		About: r.S.T("assessment.about", "day", dates.Format(r.S, o.Day()), "name", o.By, "version", r.S.Digits(o.Ref.Version))}
	v.QuickExit = true
	v.Sorted = r.sorted(o.Filling)
	v.Answers = answersSaid(r.S, o.Filling, readIn(o.Definition, string(words.Bangla)))
	if len(o.Scores) > 0 {
		v.Scores = r.scores(o.Definition, o.Scores[0])
	}
	r.Answer = paperPage(v)
	return "", nil
}
