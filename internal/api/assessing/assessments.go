// SPDX-License-Identifier: Apache-2.0

// Package assessing is the part of the API by which questionnaires are asked of persons, scored,
// compared and corrected, and by which alerts are heeded.
package assessing

import (
	"net/http"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/filling"
	"fera/internal/instruments"
)

// Operations is the table.
func Operations() []op.Operation {
	return slices.Concat(assessmentOperations(), furtherOperations())
}

// assessmentOperations ask questionnaires and read what they come to. What is protected is in lists only for who sees the
// person's protected data, and each time that it is read is in the trail.
func assessmentOperations() []op.Operation {
	const asks, reads = access.Administer, access.ReadPersons
	return []op.Operation{
		{Name: "list_questionnaires", Method: http.MethodGet, Path: "/questionnaires", Need: access.ReadInstruments, Out: op.Holds[op.Page[questionnaire]](), Do: listQuestionnaires},
		{Name: "list_assessments", Method: http.MethodGet, Path: "/persons/{id}/assessments", Need: reads, Out: op.Holds[op.Page[assessment]](), Do: listAssessments},
		{Name: "begin_assessment", Method: http.MethodPost, Path: "/persons/{id}/assessments", Need: asks, Keyed: true, In: op.Holds[beginning](), Out: op.Holds[op.Registered](), Status: http.StatusCreated,
			Writes: true, Do: beginAssessment, Example: `{"questionnaire": "progress_check", "language": "bn"}`},
		{Name: "read_scores", Method: http.MethodGet, Path: "/persons/{id}/scores/{name}", Need: reads, Out: op.Holds[op.Page[scoredAssessment]](), Writes: true, Do: readScores},
		{Name: "read_assessment", Method: http.MethodGet, Path: "/assessments/{id}", Need: reads, Out: op.Holds[answeredAssessment](), Writes: true, Do: readAssessment},
		{Name: "save_answers", Method: http.MethodPut, Path: "/assessments/{id}/answers", Need: asks, In: op.Holds[answering](), Out: op.Holds[fillingState](), Writes: true, Do: saveAnswers,
			Example: `{"answers": {"pc_income": "2", "pc_debt": "0"}}`},
		{Name: "complete_assessment", Method: http.MethodPost, Path: "/assessments/{id}/complete", Need: asks, In: op.Holds[completing](), Out: op.Holds[answeredAssessment](), Keyed: true, Writes: true, Do: completeAssessment,
			Example: `{"reason": ""}`},
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

func listQuestionnaires(c *op.Call) (op.Answer, error) {
	all, err := assessments.ListInstruments(c.Ctx, c.Q, c.Who)
	return op.Answer{Body: op.Page[questionnaire]{Items: op.Each(all, func(k assessments.Known) questionnaire {
		return questionnaire{k.Name, k.Version, k.Definition.Title.In("en"), k.Definition.Title.In("bn"), string(k.Standing(c.Today)), k.Sensitive(), k.Starts, k.Ends}
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
			scores = append(scores, score{r.Scale, s.Version, s.Round, r.Value, r.Lowest, r.Highest, r.Answered, r.Of, op.Each(r.Verdicts, func(v instruments.Verdict) band { return band{v.Cut, v.Band} })})
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
	return &sorting{string(s.Level), op.Each(s.Reasons, func(a filling.Alarm) sortedBy { return sortedBy{a.Key, string(a.Level), a.Message} }), s.Asked, s.Unanswered}
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
	return answeredAssessment{assessmentOf(o.Assessment), o.Filling.Given(), append([]score{}, scoresOf(o.Scores)...), op.Each(o.Alerts, alertOf), sortingOf(o.Filling), roundsOf(o)}
}

func listAssessments(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	all, err := assessments.List(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: op.Page[assessment]{Items: op.Each(all, func(l assessments.Listed) assessment { return assessmentOf(l.Assessment) })}}, err
}

// beginning asks a questionnaire of a person.
type beginning struct {
	Questionnaire string `json:"questionnaire"`
	Language      string `json:"language,omitempty"`
}

func beginAssessment(c *op.Call) (op.Answer, error) {
	person, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*beginning)
	id, err := assessments.Begin(c.Ctx, c.Tx, c.Who, assessments.Beginning{Operation: c.Key, Person: person, Name: b.Questionnaire, Language: b.Language})
	href := op.Prefix + "/assessments/" + string(id)
	return op.Answer{Status: http.StatusCreated, Body: op.Registered{ID: string(id), Href: href}, Location: href, Replayed: replayed}, err
}

// assessmentID returns the id in the path. What is no id is no assessment.
func assessmentID(c *op.Call) (assessments.ID, error) {
	return op.PathID[assessments.ID](c, "id", "assessment.not_found")
}

func readAssessment(c *op.Call) (op.Answer, error) {
	id, err := assessmentID(c)
	if err != nil {
		return op.Answer{}, err
	}
	o, err := assessments.Look(c.Ctx, c.Tx, c.Who, id)
	if err != nil {
		return op.Answer{}, err
	}
	return op.Answer{Body: answeredOf(o)}, nil
}

func readScores(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	points, err := assessments.LookCourse(c.Ctx, c.Tx, c.Who, id, c.Path("name"))
	return op.Answer{Body: op.Page[scoredAssessment]{Items: op.Each(points, func(p assessments.Point) scoredAssessment {
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
	return fillingState{o.Filling.Given(), op.Each(o.Filling.Faults(), func(f filling.Fault) missing { return missing{f.Key, f.Fault.Key} }), op.Each(o.Alerts, alertOf)}
}

// missing is a question of which the answer is wrong, or needed.
type missing struct {
	Question string `json:"question"`
	Code     string `json:"code"`
}

func saveAnswers(c *op.Call) (op.Answer, error) {
	id, err := assessmentID(c)
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*answering)
	o, err := assessments.Save(c.Ctx, c.Tx, c.Who, assessments.Answering{ID: id, Answers: b.Answers, Add: b.Add, Remove: b.Remove})
	if err != nil {
		return op.Answer{}, err
	}
	return op.Answer{Body: stateOf(o)}, nil
}

// completing says why, if it is a correction.
type completing struct {
	Reason string `json:"reason,omitempty"`
}

func completeAssessment(c *op.Call) (op.Answer, error) {
	id, err := assessmentID(c)
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Repeated(string(id))
	if err != nil {
		return op.Answer{}, err
	}
	var o assessments.Opened
	if replayed {
		o, err = assessments.Look(c.Ctx, c.Tx, c.Who, id)
	} else {
		o, err = assessments.Finish(c.Ctx, c.Tx, c.Who, assessments.Completing{ID: id, Reason: c.Body.(*completing).Reason})
	}
	if err != nil {
		return op.Answer{}, err
	}
	return op.Answer{Body: answeredOf(o), Replayed: replayed}, nil
}
