// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/services"
)

// serviceOperations log what was given in a case and read it.
func serviceOperations() []op.Operation {
	paged := []string{"limit", "cursor"}
	return []op.Operation{
		{Name: "list_services", Method: http.MethodGet, Path: "/services", Need: access.ReadCases, Params: paged, Out: op.Holds[op.Page[serviceView]](), Do: on(nil, showServices)},
		{Name: "look_at_services", Method: http.MethodGet, Path: "/services/protected", Need: access.ReadProtected, Params: paged, Out: op.Holds[op.Page[serviceView]](), Do: on(nil, lookAtServices)},
		{Name: "find_same", Method: http.MethodGet, Path: "/services/same", Need: access.ReadCases, Params: []string{"code"}, Out: op.Holds[op.Page[paymentView]](), Do: on(nil, showSame)},
		{Name: "log_service", Path: "/services", Need: access.NoteCase, In: op.Sent[newService](), Out: op.Holds[op.Registered](), Status: http.StatusCreated, Field: inPoisha, Do: logService,
			Example: `{"code": "food", "quantity": 2, "remark": "at the airport"}`},
	}
}

// givenOperations are on one thing that was given.
func givenOperations() []op.Operation {
	return []op.Operation{
		{Name: "pay_service", Method: http.MethodPost, Path: "/given/{id}/pay", Need: access.WorkCase, Keyed: true, In: op.Sent[paying](), Out: op.Holds[op.Handled](), Writes: true, Example: `{"receipt": "R-2041"}`,
			Do: onGiven(func(c *op.Call, id services.ID) error {
				return services.Pay(c.Ctx, c.Tx, c.Who, services.Paying{Service: id, Receipt: c.Body.(*paying).Receipt})
			})},
		{Name: "undo_service", Method: http.MethodPost, Path: "/given/{id}/undo", Need: access.NoteCase, Keyed: true, In: op.Sent[takingBack](), Out: op.Holds[op.Handled](), Writes: true, Example: `{"why": "entered twice"}`,
			Do: onGiven(func(c *op.Call, id services.ID) error {
				return services.Undo(c.Ctx, c.Tx, c.Who, services.Undoing{Service: id, Why: c.Body.(*takingBack).Why})
			})},
		{Name: "look_at_session_notes", Method: http.MethodGet, Path: "/given/{id}/notes", Need: access.ReadProtected, Out: op.Holds[sessionNotes](), Writes: true, Do: lookAtSessionNotes},
	}
}

// serviceView is something given, or money that was asked for.
type serviceView struct {
	ID        string            `json:"id"`
	Case      string            `json:"case"`
	Code      string            `json:"code"`
	Protected bool              `json:"protected"`
	State     string            `json:"state"`
	On        dates.Partial     `json:"on"`
	Client    string            `json:"client,omitempty"`
	Quantity  int               `json:"quantity"`
	Amount    int64             `json:"amount_poisha"`
	Approval  string            `json:"approval,omitempty"`
	Same      int               `json:"same"`
	Office    string            `json:"office"`
	By        string            `json:"by"`
	At        time.Time         `json:"at"`
	Replaces  string            `json:"replaces,omitempty"`
	EndedBy   string            `json:"ended_by,omitempty"`
	EndedAt   time.Time         `json:"ended_at,omitzero"`
	HasNotes  bool              `json:"has_notes"`
	Remark    string            `json:"remark,omitempty"`
	Details   map[string]string `json:"details"`
	Receipt   string            `json:"receipt,omitempty"`
	Why       string            `json:"why,omitempty"`
}

func serviceOf(s services.Service) (string, serviceView) {
	return string(s.ID), serviceView{string(s.ID), string(s.Case), s.Code, s.Protected, string(s.State), s.On, s.Client, s.Quantity, s.Amount, s.Approval, s.Same, s.Office, s.By, s.At,
		string(s.Replaces), s.EndedBy, s.EndedAt, s.HasNotes, s.Remark, s.Details, s.Receipt, s.Why}
}

func showServices(c *op.Call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]services.Service, error) { return services.List(c.Ctx, c.Q, c.Who, id, p) }, serviceOf)
}

func lookAtServices(c *op.Call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]services.Service, error) { return services.Look(c.Ctx, c.Tx, c.Who, id, p) }, serviceOf)
}

// paymentView is money of the same kind that was paid or asked for before.
type paymentView struct {
	Service   string        `json:"service"`
	Household bool          `json:"household"`
	State     string        `json:"state"`
	On        dates.Partial `json:"on"`
	Amount    int64         `json:"amount_poisha"`
	Office    string        `json:"office"`
}

func showSame(c *op.Call, id cases.ID) (any, error) {
	code, err := c.Text("code")
	if err != nil {
		return nil, err
	}
	all, err := services.Same(c.Ctx, c.Q, c.Who, id, code)
	return op.Page[paymentView]{Items: op.Each(all, func(p services.Payment) paymentView {
		return paymentView{string(p.Service), p.Household, string(p.State), p.On, p.Amount, p.Office}
	})}, err
}

// newService logs a service that was given, or asks for money.
type newService struct {
	Code       string            `json:"code"`
	On         dates.Partial     `json:"on,omitzero"`
	Quantity   int               `json:"quantity,omitzero"`
	Client     string            `json:"client,omitempty"`
	Amount     int64             `json:"amount_poisha,omitzero"`
	Conditions []string          `json:"conditions,omitempty"`
	Papers     []string          `json:"papers,omitempty"`
	Details    map[string]string `json:"details,omitempty"`
	Remark     string            `json:"remark,omitempty"`
	Notes      string            `json:"notes,omitempty"`
	Same       int               `json:"same,omitzero"`
	Replaces   string            `json:"replaces,omitempty"`
}

func logService(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*newService)
	given, err := services.Log(c.Ctx, c.Tx, c.Who, services.Giving{Operation: c.Key, Case: id, Code: b.Code, On: b.On, Quantity: b.Quantity, Client: b.Client, Amount: b.Amount,
		Conditions: b.Conditions, Papers: b.Papers, Details: b.Details, Remark: b.Remark, Notes: b.Notes, Same: b.Same, Replaces: services.ID(b.Replaces)})
	return op.Answer{Status: http.StatusCreated, Body: op.Registered{ID: string(given), Href: op.Prefix + "/cases/" + string(id) + "/services"}, Replayed: replayed}, err
}

// paying says that money was handed over.
type paying struct {
	Receipt string `json:"receipt"`
}

// takingBack takes back what was logged.
type takingBack struct {
	Why string `json:"why"`
}

// onGiven makes what an operation does to one thing that was given.
func onGiven(act func(*op.Call, services.ID) error) func(*op.Call) (op.Answer, error) {
	return func(c *op.Call) (op.Answer, error) {
		id, err := op.PathID[services.ID](c, "id", "service.not_found")
		if err != nil {
			return op.Answer{}, err
		}
		replayed, err := c.Repeated(string(id))
		if err == nil && !replayed {
			err = act(c, id)
		}
		return op.Answer{Body: op.Handled{ID: string(id)}, Replayed: replayed}, err
	}
}

// sessionNotes are the notes of a session, for who held it.
type sessionNotes struct {
	Text string `json:"text"`
}

func lookAtSessionNotes(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[services.ID](c, "id", "service.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	text, err := services.Notes(c.Ctx, c.Tx, c.Who, id)
	return op.Answer{Body: sessionNotes{text}}, err
}

// inPoisha names an amount as it lies in the body.
func inPoisha(field string) string {
	if field == "amount" {
		return "amount_poisha"
	}
	return field
}
