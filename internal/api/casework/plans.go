// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"math"
	"net/http"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/words"
)

// planOperations write, agree and follow the plan of a case.
func planOperations() []op.Operation {
	const goals = `"goals": [{"dimension": "economic", "level": "individual", "words": "I want a tailoring shop of my own",
 "steps": [{"what": "rent a room at the bazaar", "who": "returnee", "due_on": "2027-02-01"}, {"what": "ask for the grant", "who": "worker", "due_on": "2027-01-10", "service": "business_grant"}]}]`
	return []op.Operation{
		{Name: "find_plan", Method: http.MethodGet, Path: "/plan", Need: access.ReadCases, Params: []string{"number"}, Out: op.Holds[planView](), Do: on(nil, showPlan)},
		{Name: "look_at_plan", Method: http.MethodGet, Path: "/plan/protected", Need: access.ReadProtected, Params: []string{"number"}, Out: op.Holds[planView](), Do: on(nil, lookAtPlan)},
		{Name: "draw_plan", Method: http.MethodPut, Path: "/plan", Need: access.WorkCase, In: op.Sent[drawing](), Out: op.Holds[planView](), Field: dueOn, Do: on(drawPlan, showPlan), Example: `{"version": 0, ` + goals + `}`},
		{Name: "propose_plan", Path: "/plan/propose", Need: access.WorkCase, In: op.Sent[versioned](), Out: op.Holds[planView](), Do: on(proposePlan, showPlan), Example: `{"version": 1}`},
		{Name: "agree_plan", Path: "/plan/agree", Need: access.WorkCase, In: op.Sent[agreeing](), Out: op.Holds[planView](), Most: files.Largest*4/3 + 4096, Ready: readyToAgree, Do: on(agreePlan, showPlan),
			Example: `{"version": 1, "how": "paper", "file": "01900000-0000-7000-8000-000000000005"}`},
		{Name: "start_case", Path: "/start", Need: access.WorkCase, In: op.Sent[versioned](), Do: on(startCase, showCase), Example: `{"version": 3}`},
		{Name: "end_step", Path: "/plan/steps/{row}/end", Need: access.WorkCase, In: op.Sent[endingStep](), Out: op.Holds[planView](), Do: on(endStep, showPlan), Example: `{"dropped": true, "why": "the room was too dear"}`},
		{Name: "list_reviews", Method: http.MethodGet, Path: "/plan/reviews", Need: access.ReadCases, Out: op.Holds[op.Page[reviewView]](), Do: on(nil, showReviews)},
		{Name: "hold_review", Path: "/plan/reviews/{row}", Need: access.WorkCase, In: op.Sent[reviewing](), Out: op.Holds[op.Page[reviewView]](), Do: on(holdReview, showReviews), Example: `{"found": "the shop brings in 400 taka a day"}`},
	}
}

// planView is a plan as one of its versions has it.
type planView struct {
	ID       string     `json:"id"`
	Case     string     `json:"case"`
	Version  int        `json:"version"`
	Agreed   int        `json:"agreed"`
	Draft    int        `json:"draft"`
	Number   int        `json:"number"`
	Whole    bool       `json:"whole"` // goals of class 3 are among them
	By       string     `json:"by"`
	At       time.Time  `json:"at"`
	How      string     `json:"how,omitempty"`
	File     string     `json:"file,omitempty"`
	AgreedBy string     `json:"agreed_by,omitempty"`
	AgreedAt time.Time  `json:"agreed_at,omitzero"`
	Approval string     `json:"approval,omitempty"`
	Goals    []goalView `json:"goals"`
}

// goalView is something that she wants to reach.
type goalView struct {
	ID        string     `json:"id"`
	Dimension string     `json:"dimension"`
	Level     string     `json:"level"`
	Words     string     `json:"words"`
	Client    string     `json:"client,omitempty"`
	Protected bool       `json:"protected"`
	Steps     []stepView `json:"steps"`
}

// stepView is something that is done to reach a goal.
type stepView struct {
	ID      string        `json:"id"`
	What    string        `json:"what"`
	Who     string        `json:"who"`
	User    string        `json:"user,omitempty"`
	DueOn   dates.Partial `json:"due_on"`
	Service string        `json:"service,omitempty"`
	Outcome string        `json:"outcome,omitempty"`
	Why     string        `json:"why,omitempty"`
	EndedAt time.Time     `json:"ended_at,omitzero"`
	EndedBy string        `json:"ended_by,omitempty"`
}

func casePlanOf(p plans.Plan) planView {
	return planView{string(p.ID), string(p.Case), p.Version, p.Agreed, p.Draft, p.Number, !p.Closed, p.By, p.At, p.How, p.File, p.AgreedBy, p.AgreedAt, p.Approval,
		op.Each(p.Goals, func(g plans.Goal) goalView {
			return goalView{g.ID, string(g.Dimension), string(g.Level), g.Words, g.Client, g.Protected, op.Each(g.Steps, func(s plans.Step) stepView {
				return stepView{s.ID, s.What, s.Who, s.User, s.By, s.Service, s.State.Outcome, s.State.Why, s.State.At, s.State.By}
			})}
		})}
}

func showPlan(c *op.Call, id cases.ID) (any, error) {
	n, err := c.Number("number", 0, 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	p, err := plans.Find(c.Ctx, c.Q, c.Who, id, n)
	return casePlanOf(p), err
}

func lookAtPlan(c *op.Call, id cases.ID) (any, error) {
	n, err := c.Number("number", 0, 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	p, err := plans.Look(c.Ctx, c.Tx, c.Who, id, n)
	return casePlanOf(p), err
}

// drawing is the draft of a plan, whole. The version is 0 for the first.
type drawing struct {
	Version int       `json:"version"`
	Goals   []newGoal `json:"goals"`
}

// Check implements op.Checked.
func (b *drawing) Check() *fault.Error {
	if b.Version == 0 {
		return nil
	}
	return op.Based(b.Version)
}

// newGoal is a goal as it should be. The identifiers of goals and steps that there are already are kept.
type newGoal struct {
	ID        string    `json:"id,omitempty"`
	Dimension string    `json:"dimension"`
	Level     string    `json:"level"`
	Words     string    `json:"words"`
	Client    string    `json:"client,omitempty"`
	Protected bool      `json:"protected,omitzero"`
	Steps     []newStep `json:"steps"`
}

// newStep is a step as it should be.
type newStep struct {
	ID      string        `json:"id,omitempty"`
	What    string        `json:"what"`
	Who     string        `json:"who"`
	User    string        `json:"user,omitempty"`
	DueOn   dates.Partial `json:"due_on"`
	Service string        `json:"service,omitempty"`
}

func drawPlan(c *op.Call, id cases.ID) error {
	b := c.Body.(*drawing)
	_, err := plans.Draw(c.Ctx, c.Tx, c.Who, plans.Drawing{Case: id, Version: b.Version, Goals: op.Each(b.Goals, func(g newGoal) plans.Goal {
		return plans.Goal{ID: g.ID, Dimension: plans.Dimension(g.Dimension), Level: plans.Level(g.Level), Words: g.Words, Client: g.Client, Protected: g.Protected,
			Steps: op.Each(g.Steps, func(s newStep) plans.Step {
				return plans.Step{ID: s.ID, What: s.What, Who: s.Who, User: s.User, By: s.DueOn, Service: s.Service}
			})}
	})})
	return err
}

func proposePlan(c *op.Call, id cases.ID) error {
	_, err := plans.Propose(c.Ctx, c.Tx, c.Who, id, c.Body.(*versioned).Version)
	return err
}

// agreeing says that she agreed to the draft: with a file of hers, or with a picture of what she signed, which becomes one.
type agreeing struct {
	Version int    `json:"version"`
	How     string `json:"how"`
	File    string `json:"file,omitempty"`
	Picture []byte `json:"picture,omitempty"`

	content files.Content
}

// Check implements op.Checked.
func (b *agreeing) Check() *fault.Error {
	wrong := op.Based(b.Version)
	if (b.File == "") == (len(b.Picture) == 0) {
		wrong = fault.Join(wrong, fault.New(fault.Invalid, "plan.signature_needed").On("file"))
	}
	return wrong
}

// readyToAgree reads the picture, which takes long, before the transaction.
func readyToAgree(c *op.Call) (err error) {
	b := c.Body.(*agreeing)
	if len(b.Picture) > 0 {
		b.content, err = files.Read(files.Document, b.Picture)
	}
	return err
}

func agreePlan(c *op.Call, id cases.ID) error {
	b := c.Body.(*agreeing)
	file := files.ID(b.File)
	if len(b.Picture) > 0 {
		var err error
		if file, err = keepSigned(c, id, b.content); err != nil {
			return err
		}
	}
	return plans.Agree(c.Ctx, c.Tx, c.Who, plans.Agreement{Case: id, Version: b.Version, How: b.How, File: file})
}

// keepSigned keeps the picture of a signed plan among her documents. It may show goals of class 3, and is of class 3 where
// there can be any.
func keepSigned(c *op.Call, id cases.ID, content files.Content) (files.ID, error) {
	k, err := cases.Find(c.Ctx, c.Tx, c.Who, id)
	if err != nil {
		return "", err
	}
	her, err := persons.Find(c.Ctx, c.Tx, c.Who, k.Person)
	if err != nil {
		return "", err
	}
	may, err := access.Reaches(c.Ctx, c.Tx, c.Who, access.ChangeProtected, string(k.Person))
	if err != nil {
		return "", err
	}
	title := words.In(words.Match(c.R.Header.Get("Accept-Language"))).T("api.signed_plan")
	return persons.AddFile(c.Ctx, c.Tx, c.Who, files.Upload{Person: string(k.Person), Kind: files.Document, Protected: may && her.Agreed(persons.PurposeProtected), Title: title, Content: content})
}

func startCase(c *op.Call, id cases.ID) error {
	return cases.Begun(c.Ctx, c.Tx, c.Who, id, c.Body.(*versioned).Version)
}

// endingStep says how a step ended.
type endingStep struct {
	Dropped bool   `json:"dropped,omitzero"`
	Why     string `json:"why,omitempty"`
}

func endStep(c *op.Call, id cases.ID) error {
	step, err := op.PathID[string](c, "row", "plan.step_not_found")
	if err != nil {
		return err
	}
	b := c.Body.(*endingStep)
	return plans.End(c.Ctx, c.Tx, c.Who, plans.Ending{Case: id, Step: step, Dropped: b.Dropped, Why: b.Why})
}

// reviewView is one look at how a plan goes.
type reviewView struct {
	ID     string        `json:"id"`
	Months int           `json:"months"`
	DueOn  dates.Partial `json:"due_on"`
	DoneAt time.Time     `json:"done_at,omitzero"`
	By     string        `json:"by"`
	Found  string        `json:"found,omitempty"`
}

func showReviews(c *op.Call, id cases.ID) (any, error) {
	all, err := plans.Reviews(c.Ctx, c.Q, c.Who, id)
	return op.Page[reviewView]{Items: op.Each(all, func(r plans.Review) reviewView {
		return reviewView{r.ID, r.Months, r.DueOn, r.DoneAt, r.By, r.Found}
	})}, err
}

// reviewing says what a review found, or to which day it is put off.
type reviewing struct {
	Found string        `json:"found"`
	Until dates.Partial `json:"until,omitzero"`
}

func holdReview(c *op.Call, id cases.ID) error {
	review, err := op.PathID[string](c, "row", "plan.review_not_found")
	if err != nil {
		return err
	}
	b := c.Body.(*reviewing)
	return plans.Hold(c.Ctx, c.Tx, c.Who, plans.Reviewing{Case: id, Review: review, Found: b.Found, Until: b.Until})
}

// dueOn names the day of a step as it lies in the body.
func dueOn(field string) string {
	if step, ok := strings.CutSuffix(field, ".by"); ok {
		return step + ".due_on"
	}
	return field
}
