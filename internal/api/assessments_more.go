// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/instruments"
	keys "fera/internal/operations"
)

// furtherOperations go on with what was begun, correct, throw away and compare; see to alerts; score old answers anew.
func furtherOperations() []operation {
	const asks, reads, heeds = access.Administer, access.ReadPersons, access.HeedAlerts
	return []operation{
		{name: "list_offers", method: http.MethodGet, path: "/persons/{id}/questionnaires", need: asks, out: holds[page[offer]](), do: listOffers},
		{name: "read_draft", method: http.MethodGet, path: "/assessments/{id}/answers", need: asks, out: holds[fillingState](), do: readDraft},
		{name: "take_up_assessment", method: http.MethodPost, path: "/assessments/{id}/take", need: asks, keyed: true, out: holds[fillingState](), writes: true, do: working(assessments.TakeUp)},
		{name: "correct_assessment", method: http.MethodPost, path: "/assessments/{id}/correct", need: asks, keyed: true, out: holds[fillingState](), writes: true, do: working(assessments.Correct)},
		{name: "drop_assessment", method: http.MethodPost, path: "/assessments/{id}/drop", need: asks, keyed: true, out: holds[handled](), writes: true, do: dropAssessment},
		{name: "rescore_assessment", method: http.MethodPost, path: "/assessments/{id}/rescore", need: asks, keyed: true, in: holds[rescoredBy](), out: holds[answeredAssessment](), writes: true, do: rescoreAssessment,
			example: `{"version": "2"}`},
		{name: "compare_assessments", method: http.MethodGet, path: "/assessments/{id}/compare/{other}", need: reads, out: holds[comparison](), writes: true, do: compareAssessments},
		{name: "list_alerts", method: http.MethodGet, path: "/alerts", need: heeds, params: []string{"limit"}, out: holds[page[raisedAlert]](), do: listAlerts},
		{name: "open_alert", method: http.MethodPost, path: "/alerts/{id}/open", need: heeds, out: holds[openedAlert](), writes: true, do: openAlert},
		{name: "heed_alert", method: http.MethodPost, path: "/alerts/{id}/heed", need: heeds, keyed: true, in: holds[heeding](), out: holds[handled](), writes: true, do: heedAlert,
			example: `{"action": "telephoned; her sister is with her"}`},
		{name: "rescore_all", method: http.MethodPost, path: "/questionnaires/{name}/{version}/rescore", need: access.ManageInstruments, out: holds[rescoring](), writes: true, do: rescoreAll},
		{name: "read_rescoring", method: http.MethodGet, path: "/questionnaires/{name}/{version}/rescore", need: access.ManageInstruments, out: holds[rescoring](), do: readRescoring},
	}
}

// repeated reports whether who did this act under this key before, and otherwise enters it; on a subject that the act itself
// checks, in the same transaction.
func (c *call) repeated(subject string) (bool, error) {
	if c.key == "" {
		return false, nil
	}
	content, err := json.Marshal(map[string]any{"path": c.r.URL.Path, "body": c.body}, json.Deterministic(true))
	if err != nil {
		return false, err
	}
	earlier, err := keys.Once(c.ctx, c.tx, c.who, c.key, subject, content)
	if earlier != "" {
		c.tx.Allowed()
		c.tx.Recorded() // the trail has the act already
	}
	return earlier != "", err
}

// handled names what an act was done to.
type handled struct {
	ID string `json:"id"`
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

func listOffers(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	all, err := assessments.Offered(c.ctx, c.q, c.who, id)
	return answer{body: page[offer]{Items: each(all, func(o assessments.Offer) offer {
		made := offer{Questionnaire: o.Name, Version: o.Version, TitleEn: o.Definition.Title.In("en"), TitleBn: o.Definition.Title.In("bn"), Protected: o.Sensitive(), Begun: string(o.Begun)}
		if o.Why != nil {
			made.Why = o.Why.Key
		}
		return made
	})}}, err
}

func readDraft(c *call) (answer, error) {
	id, err := c.assessment()
	if err != nil {
		return answer{}, err
	}
	o, err := assessments.InHand(c.ctx, c.q, c.who, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: stateOf(o)}, nil
}

// working does an act that puts an assessment in the caller's hands, and answers how far it is.
func working(act func(ctx context.Context, tx *db.Tx, who access.Actor, id assessments.ID) error) func(c *call) (answer, error) {
	return func(c *call) (answer, error) {
		id, err := c.assessment()
		if err != nil {
			return answer{}, err
		}
		replayed, err := c.repeated(string(id))
		if err == nil && !replayed {
			err = act(c.ctx, c.tx, c.who, id)
		}
		if err != nil {
			return answer{}, err
		}
		o, err := assessments.InHand(c.ctx, c.tx, c.who, id)
		if err != nil {
			return answer{}, err
		}
		return answer{body: stateOf(o), replayed: replayed}, nil
	}
}

func dropAssessment(c *call) (answer, error) {
	id, err := c.assessment()
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.repeated(string(id))
	if err == nil && !replayed {
		err = assessments.Drop(c.ctx, c.tx, c.who, id)
	}
	return answer{body: handled{string(id)}, replayed: replayed}, err
}

// rescoredBy names the version to score by.
type rescoredBy struct {
	Version string `json:"version"`
}

func rescoreAssessment(c *call) (answer, error) {
	id, err := c.assessment()
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.repeated(string(id))
	if err == nil && !replayed {
		err = assessments.Rescore(c.ctx, c.tx, c.who, id, c.body.(*rescoredBy).Version)
	}
	if err != nil {
		return answer{}, err
	}
	o, err := assessments.Look(c.ctx, c.tx, c.who, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: answeredOf(o), replayed: replayed}, nil
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
	return each(o.Rounds, func(r assessments.Round) round { return round{r.Number, r.By, r.At, r.Reason, o.At(r.Number).Given()} })
}

// comparison is two assessments of one questionnaire, the earlier first.
type comparison struct {
	First        answeredAssessment `json:"first"`
	Second       answeredAssessment `json:"second"`
	Changed      []string           `json:"changed"`
	SameVersions bool               `json:"same_versions"`
}

func compareAssessments(c *call) (answer, error) {
	id, err := c.assessment()
	if err != nil {
		return answer{}, err
	}
	first, second, err := assessments.LookAtTwo(c.ctx, c.tx, c.who, id, assessments.ID(c.r.PathValue("other")))
	if err != nil {
		return answer{}, err
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
	return answer{body: comparison{answeredOf(first), answeredOf(second), changed, first.Ref.Version == second.Ref.Version}}, nil
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

func listAlerts(c *call) (answer, error) {
	limit, err := c.limit(100, 500)
	if err != nil {
		return answer{}, err
	}
	all, err := assessments.ListAlerts(c.ctx, c.q, c.who, limit)
	return answer{body: page[raisedAlert]{Items: each(all, raisedOf)}}, err
}

// alert returns the id in the path. What is no id is no alert.
func (c *call) alert() (string, error) {
	if id := c.r.PathValue("id"); ids.Valid(id) {
		return id, nil
	}
	return "", fault.New(fault.NotFound, "assessment.alert_not_found")
}

func openAlert(c *call) (answer, error) {
	id, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	l, err := assessments.OpenAlert(c.ctx, c.tx, c.who, id)
	return answer{body: openedAlert{raisedOf(l), l.Message, l.Steps, l.Done}}, err
}

// heeding says what was done.
type heeding struct {
	Done string `json:"action"`
}

func heedAlert(c *call) (answer, error) {
	id, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.repeated(id)
	if err == nil && !replayed {
		err = assessments.Heed(c.ctx, c.tx, c.who, id, c.body.(*heeding).Done)
	}
	return answer{body: handled{id}, replayed: replayed}, err
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

func (c *call) ref() assessments.Ref {
	return assessments.Ref{Name: c.r.PathValue("name"), Version: c.r.PathValue("version")}
}

func rescoreAll(c *call) (answer, error) {
	if _, err := assessments.RescoreAll(c.ctx, c.tx, c.who, c.ref()); err != nil {
		return answer{}, err
	}
	c.q = c.tx
	return readRescoring(c)
}

func readRescoring(c *call) (answer, error) {
	r, wanted, err := assessments.FindRescoring(c.ctx, c.q, c.who, c.ref())
	return answer{body: rescoring{wanted, r.AskedBy, r.AskedAt, r.Scored, r.Left, r.EndedAt}}, err
}
