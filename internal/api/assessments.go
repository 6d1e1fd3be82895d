// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/ids"
	"fera/internal/instruments"
)

// assessmentOperations ask questionnaires and read what they come to. What is protected is in lists only for who sees the
// person's protected data, and each time that it is read is in the trail.
func assessmentOperations() []operation {
	const asks, reads = access.Administer, access.ReadPersons
	return []operation{
		{name: "list_questionnaires", method: http.MethodGet, path: "/questionnaires", need: access.ReadInstruments, out: holds[page[questionnaire]](), do: listQuestionnaires},
		{name: "list_assessments", method: http.MethodGet, path: "/persons/{id}/assessments", need: reads, out: holds[page[assessment]](), do: listAssessments},
		{name: "begin_assessment", method: http.MethodPost, path: "/persons/{id}/assessments", need: asks, keyed: true, in: holds[beginning](), out: holds[registered](), status: http.StatusCreated,
			writes: true, do: beginAssessment, example: `{"questionnaire": "progress_check", "language": "bn"}`},
		{name: "read_scores", method: http.MethodGet, path: "/persons/{id}/scores/{name}", need: reads, out: holds[page[scoredAssessment]](), writes: true, do: readScores},
		{name: "read_assessment", method: http.MethodGet, path: "/assessments/{id}", need: reads, out: holds[answeredAssessment](), writes: true, do: readAssessment},
		{name: "save_answers", method: http.MethodPut, path: "/assessments/{id}/answers", need: asks, in: holds[answering](), out: holds[fillingState](), writes: true, do: saveAnswers,
			example: `{"answers": {"pc_income": "2", "pc_debt": "0"}}`},
		{name: "complete_assessment", method: http.MethodPost, path: "/assessments/{id}/complete", need: asks, in: holds[completing](), out: holds[answeredAssessment](), keyed: true, writes: true, do: completeAssessment,
			example: `{"reason": ""}`},
	}
}

// questionnaire is a version that the register knows.
type questionnaire struct {
	Name      string        `json:"name"`
	Version   string        `json:"version"`
	TitleEn   string        `json:"title_en"`
	TitleBn   string        `json:"title_bn"`
	Standing  string        `json:"standing"`
	Protected bool          `json:"protected"`
	Starts    dates.Partial `json:"starts,omitzero"`
	Ends      dates.Partial `json:"ends,omitzero"`
}

func listQuestionnaires(c *call) (answer, error) {
	all, err := assessments.ListInstruments(c.ctx, c.q, c.who)
	return answer{body: page[questionnaire]{Items: each(all, func(k assessments.Known) questionnaire {
		return questionnaire{k.Name, k.Version, k.Definition.Title.In("en"), k.Definition.Title.In("bn"), string(k.Standing(c.today)), k.Sensitive(), k.Starts, k.Ends}
	})}}, err
}

// assessment is one questionnaire asked of one person, without what was answered.
type assessment struct {
	ID            string    `json:"id"`
	Person        string    `json:"person"`
	Questionnaire string    `json:"questionnaire"`
	Version       string    `json:"version"`
	Status        string    `json:"status"`
	Protected     bool      `json:"protected"`
	Language      string    `json:"language"`
	Period        string    `json:"period,omitempty"`
	Round         int       `json:"round"`
	BeganAt       time.Time `json:"began_at"`
	CompletedAt   time.Time `json:"completed_at,omitzero"`
}

func assessmentOf(a assessments.Assessment) assessment {
	return assessment{string(a.ID), string(a.Person), a.Ref.Name, a.Ref.Version, string(a.Status), a.Protected, a.Language, a.Period, a.Round, a.BeganAt, a.CompletedAt}
}

// score is one scale as one version scored it.
type score struct {
	Scale    string   `json:"scale"`
	Version  string   `json:"version"`
	Round    int      `json:"round"`
	Value    *float64 `json:"value"`
	Lowest   float64  `json:"lowest"`
	Highest  float64  `json:"highest"`
	Answered int      `json:"answered"`
	Of       int      `json:"of"`
	Bands    []band   `json:"bands"`
}

// band is where a score falls by one set of bands.
type band struct {
	Cut  string `json:"cut"`
	Band string `json:"band"`
}

func scoresOf(all []assessments.Scored) (scores []score) {
	for _, s := range all {
		for _, r := range s.Results {
			scores = append(scores, score{r.Scale, s.Version, s.Round, r.Value, r.Lowest, r.Highest, r.Answered, r.Of, each(r.Verdicts, func(v instruments.Verdict) band { return band{v.Cut, v.Band} })})
		}
	}
	return scores
}

// scoredAssessment is an assessment with what it came to.
type scoredAssessment struct {
	Assessment assessment `json:"assessment"`
	Scores     []score    `json:"scores"`
}

// answeredAssessment is an assessment with what was answered.
type answeredAssessment struct {
	Assessment assessment        `json:"assessment"`
	Answers    map[string]string `json:"answers"`
	Scores     []score           `json:"scores"`
	Alerts     []alert           `json:"alerts"`
	Sorting    *sorting          `json:"sorting,omitempty"`
	Rounds     []round           `json:"rounds"`
}

// sorting is how a first screening sorted, and why.
type sorting struct {
	Level      string     `json:"level"`
	Reasons    []sortedBy `json:"reasons"`
	Asked      int        `json:"asked"`
	Unanswered int        `json:"unanswered"`
}

// sortedBy is an answer by which a first screening sorted.
type sortedBy struct {
	Question string            `json:"question"`
	Level    string            `json:"level"`
	Message  instruments.Texts `json:"message"`
}

func sortingOf(f *filling.Filling) *sorting {
	s, sorts := f.Sorting()
	if !sorts {
		return nil
	}
	return &sorting{string(s.Level), each(s.Reasons, func(a filling.Alarm) sortedBy { return sortedBy{a.Key, string(a.Level), a.Message} }), s.Asked, s.Unanswered}
}

// alert is an answer that needs somebody.
type alert struct {
	Question string            `json:"question"`
	Level    string            `json:"level"`
	Message  instruments.Texts `json:"message"`
	Steps    instruments.Texts `json:"steps"`
	HeededAt time.Time         `json:"heeded_at,omitzero"`
}

func alertOf(l assessments.Alert) alert {
	return alert{l.Item, string(l.Level), l.Message, l.Steps, l.HeededAt}
}

func answeredOf(o assessments.Opened) answeredAssessment {
	return answeredAssessment{assessmentOf(o.Assessment), o.Filling.Given(), append([]score{}, scoresOf(o.Scores)...), each(o.Alerts, alertOf), sortingOf(o.Filling), roundsOf(o)}
}

func listAssessments(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	all, err := assessments.List(c.ctx, c.q, c.who, id)
	return answer{body: page[assessment]{Items: each(all, func(l assessments.Listed) assessment { return assessmentOf(l.Assessment) })}}, err
}

// beginning asks a questionnaire of a person.
type beginning struct {
	Questionnaire string `json:"questionnaire"`
	Language      string `json:"language,omitempty"`
}

func beginAssessment(c *call) (answer, error) {
	person, err := c.person()
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*beginning)
	id, err := assessments.Begin(c.ctx, c.tx, c.who, assessments.Beginning{Operation: c.key, Person: person, Name: b.Questionnaire, Language: b.Language})
	href := prefix + "/assessments/" + string(id)
	return answer{status: http.StatusCreated, body: registered{string(id), href}, location: href, replayed: replayed}, err
}

// assessment returns the id in the path. What is no id is no assessment.
func (c *call) assessment() (assessments.ID, error) {
	id := c.r.PathValue("id")
	if !ids.Valid(id) {
		return "", fault.New(fault.NotFound, "assessment.not_found")
	}
	return assessments.ID(id), nil
}

func readAssessment(c *call) (answer, error) {
	id, err := c.assessment()
	if err != nil {
		return answer{}, err
	}
	o, err := assessments.Look(c.ctx, c.tx, c.who, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: answeredOf(o)}, nil
}

func readScores(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	points, err := assessments.LookCourse(c.ctx, c.tx, c.who, id, c.r.PathValue("name"))
	return answer{body: page[scoredAssessment]{Items: each(points, func(p assessments.Point) scoredAssessment {
		return scoredAssessment{assessmentOf(p.Assessment), append([]score{}, scoresOf(p.Scores)...)}
	})}}, err
}

// answering gives answers, by question; a blank one takes an answer back.
type answering struct {
	Answers map[string]string `json:"answers"`
	Add     string            `json:"add,omitempty"`
	Remove  string            `json:"remove,omitempty"`
}

// fillingState is how far an assessment is, after answers were kept.
type fillingState struct {
	Answers map[string]string `json:"answers"`
	Missing []missing         `json:"missing"`
	Alerts  []alert           `json:"alerts"`
}

func stateOf(o assessments.Opened) fillingState {
	return fillingState{o.Filling.Given(), each(o.Filling.Faults(), func(f filling.Fault) missing { return missing{f.Key, f.Fault.Key} }), each(o.Alerts, alertOf)}
}

// missing is a question of which the answer is wrong, or needed.
type missing struct {
	Question string `json:"question"`
	Code     string `json:"code"`
}

func saveAnswers(c *call) (answer, error) {
	id, err := c.assessment()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*answering)
	o, err := assessments.Save(c.ctx, c.tx, c.who, assessments.Answering{ID: id, Answers: b.Answers, Add: b.Add, Remove: b.Remove})
	if err != nil {
		return answer{}, err
	}
	return answer{body: stateOf(o)}, nil
}

// completing says why, if it is a correction.
type completing struct {
	Reason string `json:"reason,omitempty"`
}

func completeAssessment(c *call) (answer, error) {
	id, err := c.assessment()
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.repeated(string(id))
	if err != nil {
		return answer{}, err
	}
	var o assessments.Opened
	if replayed {
		o, err = assessments.Look(c.ctx, c.tx, c.who, id)
	} else {
		o, err = assessments.Finish(c.ctx, c.tx, c.who, assessments.Completing{ID: id, Reason: c.body.(*completing).Reason})
	}
	if err != nil {
		return answer{}, err
	}
	return answer{body: answeredOf(o), replayed: replayed}, nil
}
