// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/services"
)

// serviceOperations log what was given in a case and read it.
func serviceOperations() []operation {
	paged := []string{"limit", "cursor"}
	return []operation{
		{name: "list_services", method: http.MethodGet, path: "/services", need: access.ReadCases, params: paged, out: holds[page[serviceView]](), do: on(nil, showServices)},
		{name: "look_at_services", method: http.MethodGet, path: "/services/protected", need: access.ReadProtected, params: paged, out: holds[page[serviceView]](), do: on(nil, lookAtServices)},
		{name: "find_same", method: http.MethodGet, path: "/services/same", need: access.ReadCases, params: []string{"code"}, out: holds[page[paymentView]](), do: on(nil, showSame)},
		{name: "log_service", path: "/services", need: access.NoteCase, in: sent[newService](), out: holds[registered](), status: http.StatusCreated, do: logService,
			example: `{"code": "food", "quantity": 2, "remark": "at the airport"}`},
	}
}

// givenOperations are on one thing that was given.
func givenOperations() []operation {
	return []operation{
		{name: "pay_service", method: http.MethodPost, path: "/given/{id}/pay", need: access.WorkCase, keyed: true, in: sent[paying](), out: holds[handled](), writes: true, example: `{"receipt": "R-2041"}`,
			do: onGiven(func(c *call, id services.ID) error {
				return services.Pay(c.ctx, c.tx, c.who, services.Paying{Service: id, Receipt: c.body.(*paying).Receipt})
			})},
		{name: "undo_service", method: http.MethodPost, path: "/given/{id}/undo", need: access.NoteCase, keyed: true, in: sent[takingBack](), out: holds[handled](), writes: true, example: `{"why": "entered twice"}`,
			do: onGiven(func(c *call, id services.ID) error {
				return services.Undo(c.ctx, c.tx, c.who, services.Undoing{Service: id, Why: c.body.(*takingBack).Why})
			})},
		{name: "look_at_session_notes", method: http.MethodGet, path: "/given/{id}/notes", need: access.ReadProtected, out: holds[sessionNotes](), writes: true, do: lookAtSessionNotes},
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

func showServices(c *call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]services.Service, error) { return services.List(c.ctx, c.q, c.who, id, p) }, serviceOf)
}

func lookAtServices(c *call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]services.Service, error) { return services.Look(c.ctx, c.tx, c.who, id, p) }, serviceOf)
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

func showSame(c *call, id cases.ID) (any, error) {
	code, err := c.text("code")
	if err != nil {
		return nil, err
	}
	all, err := services.Same(c.ctx, c.q, c.who, id, code)
	return page[paymentView]{Items: each(all, func(p services.Payment) paymentView {
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

func logService(c *call) (answer, error) {
	id, err := pathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*newService)
	given, err := services.Log(c.ctx, c.tx, c.who, services.Giving{Operation: c.key, Case: id, Code: b.Code, On: b.On, Quantity: b.Quantity, Client: b.Client, Amount: b.Amount,
		Conditions: b.Conditions, Papers: b.Papers, Details: b.Details, Remark: b.Remark, Notes: b.Notes, Same: b.Same, Replaces: services.ID(b.Replaces)})
	return answer{status: http.StatusCreated, body: registered{string(given), prefix + "/cases/" + string(id) + "/services"}, replayed: replayed}, err
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
func onGiven(act func(*call, services.ID) error) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		id, err := pathID[services.ID](c, "id", "service.not_found")
		if err != nil {
			return answer{}, err
		}
		replayed, err := c.repeated(string(id))
		if err == nil && !replayed {
			err = act(c, id)
		}
		return answer{body: handled{string(id)}, replayed: replayed}, err
	}
}

// sessionNotes are the notes of a session, for who held it.
type sessionNotes struct {
	Text string `json:"text"`
}

func lookAtSessionNotes(c *call) (answer, error) {
	id, err := pathID[services.ID](c, "id", "service.not_found")
	if err != nil {
		return answer{}, err
	}
	text, err := services.Notes(c.ctx, c.tx, c.who, id)
	return answer{body: sessionNotes{text}}, err
}
