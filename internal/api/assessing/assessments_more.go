// SPDX-License-Identifier: Apache-2.0

package assessing

import (
	"context"
	"net/http"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/instruments"
)

// furtherOperations go on with what was begun, correct, throw away and compare; see to alerts; score old answers anew.
func furtherOperations() []op.Operation {
	const asks, reads, heeds = access.Administer, access.ReadPersons, access.HeedAlerts
	return []op.Operation{
		{Name: "list_offers", Method: http.MethodGet, Path: "/persons/{id}/questionnaires", Need: asks, Out: op.Holds[op.Page[offer]](), Do: listOffers},
		{Name: "read_draft", Method: http.MethodGet, Path: "/assessments/{id}/answers", Need: asks, Out: op.Holds[fillingState](), Do: readDraft},
		{Name: "take_up_assessment", Method: http.MethodPost, Path: "/assessments/{id}/take", Need: asks, Keyed: true, Out: op.Holds[fillingState](), Writes: true, Do: working(assessments.TakeUp)},
		{Name: "correct_assessment", Method: http.MethodPost, Path: "/assessments/{id}/correct", Need: asks, Keyed: true, Out: op.Holds[fillingState](), Writes: true, Do: working(assessments.Correct)},
		{Name: "drop_assessment", Method: http.MethodPost, Path: "/assessments/{id}/drop", Need: asks, Keyed: true, Out: op.Holds[op.Handled](), Writes: true, Do: dropAssessment},
		{Name: "rescore_assessment", Method: http.MethodPost, Path: "/assessments/{id}/rescore", Need: asks, Keyed: true, In: op.Holds[rescoredBy](), Out: op.Holds[answeredAssessment](), Writes: true, Do: rescoreAssessment,
			Example: `{"version": "2"}`},
		{Name: "compare_assessments", Method: http.MethodGet, Path: "/assessments/{id}/compare/{other}", Need: reads, Out: op.Holds[comparison](), Writes: true, Do: compareAssessments},
		{Name: "list_alerts", Method: http.MethodGet, Path: "/alerts", Need: heeds, Params: []string{"limit"}, Out: op.Holds[op.Page[raisedAlert]](), Do: listAlerts},
		{Name: "open_alert", Method: http.MethodPost, Path: "/alerts/{id}/open", Need: heeds, Out: op.Holds[openedAlert](), Writes: true, Do: openAlert},
		{Name: "heed_alert", Method: http.MethodPost, Path: "/alerts/{id}/heed", Need: heeds, Keyed: true, In: op.Holds[heeding](), Out: op.Holds[op.Handled](), Writes: true, Do: heedAlert,
			Example: `{"action": "telephoned; her sister is with her"}`},
		{Name: "rescore_all", Method: http.MethodPost, Path: "/questionnaires/{name}/{version}/rescore", Need: access.ManageInstruments, Out: op.Holds[rescoring](), Writes: true, Do: rescoreAll},
		{Name: "read_rescoring", Method: http.MethodGet, Path: "/questionnaires/{name}/{version}/rescore", Need: access.ManageInstruments, Out: op.Holds[rescoring](), Do: readRescoring},
	}
}

// offer is a questionnaire that may be begun with a person, or why not.
type offer struct {
	Questionnaire string `json:"questionnaire"`
	Version       string `json:"version"`
	TitleEn       string `json:"title_en"`
	TitleBn       string `json:"title_bn"`
	Protected     bool   `json:"protected"`
	Why           string `json:"refusal,omitempty"`
	Begun         string `json:"begun,omitempty"`
}

func listOffers(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	all, err := assessments.Offered(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: op.Page[offer]{Items: op.Each(all, func(o assessments.Offer) offer {
		made := offer{Questionnaire: o.Name, Version: o.Version, TitleEn: o.Definition.Title.In("en"), TitleBn: o.Definition.Title.In("bn"), Protected: o.Sensitive(), Begun: string(o.Begun)}
		if o.Why != nil {
			made.Why = o.Why.Key
		}
		return made
	})}}, err
}

func readDraft(c *op.Call) (op.Answer, error) {
	id, err := assessmentID(c)
	if err != nil {
		return op.Answer{}, err
	}
	o, err := assessments.InHand(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return op.Answer{}, err
	}
	return op.Answer{Body: stateOf(o)}, nil
}

// working does an act that puts an assessment in the caller's hands, and answers how far it is.
func working(act func(ctx context.Context, tx *db.Tx, who access.Actor, id assessments.ID) error) func(c *op.Call) (op.Answer, error) {
	return func(c *op.Call) (op.Answer, error) {
		id, err := assessmentID(c)
		if err != nil {
			return op.Answer{}, err
		}
		replayed, err := c.Repeated(string(id))
		if err == nil && !replayed {
			err = act(c.Ctx, c.Tx, c.Who, id)
		}
		if err != nil {
			return op.Answer{}, err
		}
		o, err := assessments.InHand(c.Ctx, c.Tx, c.Who, id)
		if err != nil {
			return op.Answer{}, err
		}
		return op.Answer{Body: stateOf(o), Replayed: replayed}, nil
	}
}

func dropAssessment(c *op.Call) (op.Answer, error) {
	id, err := assessmentID(c)
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Repeated(string(id))
	if err == nil && !replayed {
		err = assessments.Drop(c.Ctx, c.Tx, c.Who, id)
	}
	return op.Answer{Body: op.Handled{ID: string(id)}, Replayed: replayed}, err
}

// rescoredBy names the version to score by.
type rescoredBy struct {
	Version string `json:"version"`
}

func rescoreAssessment(c *op.Call) (op.Answer, error) {
	id, err := assessmentID(c)
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Repeated(string(id))
	if err == nil && !replayed {
		err = assessments.Rescore(c.Ctx, c.Tx, c.Who, id, c.Body.(*rescoredBy).Version)
	}
	if err != nil {
		return op.Answer{}, err
	}
	o, err := assessments.Look(c.Ctx, c.Tx, c.Who, id)
	if err != nil {
		return op.Answer{}, err
	}
	return op.Answer{Body: answeredOf(o), Replayed: replayed}, nil
}

// round is one set of answers that was completed; those after the first are corrections.
type round struct {
	Number  int               `json:"number"`
	By      string            `json:"by"`
	At      time.Time         `json:"at"`
	Reason  string            `json:"reason,omitempty"`
	Answers map[string]string `json:"answers"`
}

func roundsOf(o assessments.Opened) []round {
	return op.Each(o.Rounds, func(r assessments.Round) round { return round{r.Number, r.By, r.At, r.Reason, o.At(r.Number).Given()} })
}

// comparison is two assessments of one questionnaire, the earlier first.
type comparison struct {
	First        answeredAssessment `json:"first"`
	Second       answeredAssessment `json:"second"`
	Changed      []string           `json:"changed"`
	SameVersions bool               `json:"same_versions"`
}

func compareAssessments(c *op.Call) (op.Answer, error) {
	id, err := assessmentID(c)
	if err != nil {
		return op.Answer{}, err
	}
	first, second, err := assessments.LookAtTwo(c.Ctx, c.Tx, c.Who, id, assessments.ID(c.Path("other")))
	if err != nil {
		return op.Answer{}, err
	}
	then, now, changed := first.Filling.Given(), second.Filling.Given(), []string{}
	for key := range now {
		if then[key] != now[key] {
			changed = append(changed, key)
		}
	}
	for key := range then {
		if _, still := now[key]; !still {
			changed = append(changed, key)
		}
	}
	slices.Sort(changed)
	return op.Answer{Body: comparison{answeredOf(first), answeredOf(second), changed, first.Ref.Version == second.Ref.Version}}, nil
}

// raisedAlert is an answer that needs somebody, without why.
type raisedAlert struct {
	ID         string    `json:"id"`
	Assessment string    `json:"assessment"`
	Person     string    `json:"person"`
	Level      string    `json:"level"`
	RaisedBy   string    `json:"raised_by"`
	RaisedAt   time.Time `json:"raised_at"`
	HeededBy   string    `json:"heeded_by,omitempty"`
	HeededAt   time.Time `json:"heeded_at,omitzero"`
}

func raisedOf(l assessments.Alert) raisedAlert {
	return raisedAlert{l.ID, string(l.Assessment), string(l.Person), string(l.Level), l.RaisedBy, l.RaisedAt, l.HeededBy, l.HeededAt}
}

// openedAlert is an alert with why it was raised, what to do, and what was done.
type openedAlert struct {
	Alert   raisedAlert       `json:"alert"`
	Message instruments.Texts `json:"message"`
	Steps   instruments.Texts `json:"steps"`
	Done    string            `json:"action,omitempty"`
}

func listAlerts(c *op.Call) (op.Answer, error) {
	limit, err := c.Limit(100, 500)
	if err != nil {
		return op.Answer{}, err
	}
	all, err := assessments.ListAlerts(c.Ctx, c.Q, c.Who, limit)
	return op.Answer{Body: op.Page[raisedAlert]{Items: op.Each(all, raisedOf)}}, err
}

// alertID returns the id in the path. What is no id is no alert.
func alertID(c *op.Call) (string, error) {
	return op.PathID[string](c, "id", "assessment.alert_not_found")
}

func openAlert(c *op.Call) (op.Answer, error) {
	id, err := alertID(c)
	if err != nil {
		return op.Answer{}, err
	}
	l, err := assessments.OpenAlert(c.Ctx, c.Tx, c.Who, id)
	return op.Answer{Body: openedAlert{raisedOf(l), l.Message, l.Steps, l.Done}}, err
}

// heeding says what was done.
type heeding struct {
	Done string `json:"action"`
}

func heedAlert(c *op.Call) (op.Answer, error) {
	id, err := alertID(c)
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Repeated(id)
	if err == nil && !replayed {
		err = assessments.Heed(c.Ctx, c.Tx, c.Who, id, c.Body.(*heeding).Done)
	}
	return op.Answer{Body: op.Handled{ID: id}, Replayed: replayed}, err
}

// rescoring is how far old answers are scored by a version.
type rescoring struct {
	Wanted  bool      `json:"wanted"`
	AskedBy string    `json:"asked_by,omitempty"`
	AskedAt time.Time `json:"asked_at,omitzero"`
	Scored  int       `json:"scored"`
	Left    int       `json:"left"`
	EndedAt time.Time `json:"finished_at,omitzero"`
}

func refOf(c *op.Call) assessments.Ref {
	return assessments.Ref{Name: c.Path("name"), Version: c.Path("version")}
}

func rescoreAll(c *op.Call) (op.Answer, error) {
	if _, err := assessments.RescoreAll(c.Ctx, c.Tx, c.Who, refOf(c)); err != nil {
		return op.Answer{}, err
	}
	c.Q = c.Tx
	return readRescoring(c)
}

func readRescoring(c *op.Call) (op.Answer, error) {
	r, wanted, err := assessments.FindRescoring(c.Ctx, c.Q, c.Who, refOf(c))
	return op.Answer{Body: rescoring{wanted, r.AskedBy, r.AskedAt, r.Scored, r.Left, r.EndedAt}}, err
}
