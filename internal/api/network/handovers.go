// SPDX-License-Identifier: Apache-2.0

package network

import (
	"net/http"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/handovers"
	"fera/internal/words"
)

// handing are the operations by which a whole case goes from one organisation to another.
func handing() []op.Operation {
	view, arrived := op.Holds[handoverView](), op.Holds[takeoverView]()
	all := []op.Operation{
		{Name: "list_handovers", Method: http.MethodGet, Path: "/cases/{id}/handovers", Out: op.Holds[op.Page[handoverView]](), Show: listHandovers},
		{Name: "offer_case", Path: "/cases/{id}/handovers", In: op.Sent[newHandover](), Status: http.StatusCreated, Own: true, Act: offerCase, Show: showOffered,
			Example: `{"version": 3, "to": "01900000-0000-7000-8000-00000000000b", "urgency": "weeks", "why": "she moves to your district", "parts": ["contact", "journeys"], "agreed": true, "method": "spoken", "language": "bn"}`},
		{Name: "find_handover", Method: http.MethodGet, Path: "/handovers/{id}", Show: findHandover},
		{Name: "act_on_handover", Path: "/handovers/{id}/act", In: op.Sent[handoverAct](), Act: actOnHandover, Show: findHandover, Example: `{"version": 1, "act": "withdraw", "why": "she stays here"}`},
		{Name: "offer_many_cases", Path: "/handovers/many", Need: access.CloseCase, In: op.Sent[manyCases](), Out: op.Holds[batchView](), Status: http.StatusCreated, Own: true, Act: offerMany, Show: showBatchMade,
			Example: `{"to": "01900000-0000-7000-8000-00000000000b", "urgency": "weeks", "why": "our office closes", "parts": ["contact"], "asked": [{"case": "01900000-0000-7000-8000-000000000001", "agreed": true, "method": "spoken", "language": "bn"}]}`},
		{Name: "find_batch", Method: http.MethodGet, Path: "/handovers/many/{id}", Need: access.CloseCase, Out: op.Holds[batchView](), Show: findBatch},
		{Name: "list_takeovers", Method: http.MethodGet, Path: "/takeovers", Need: access.WorkCase, Params: []string{"state", "limit", "cursor"}, Out: op.Holds[op.Page[takeoverView]](), Show: listTakeovers},
		{Name: "open_takeover", Path: "/takeovers/{id}/open", Need: access.WorkCase, Out: arrived, Unkeyed: true, Show: openTakeover},
		{Name: "act_on_takeover", Path: "/takeovers/{id}/act", Need: access.WorkCase, In: op.Sent[handoverAct](), Out: arrived, Act: actOnTakeover, Show: openTakeover, Example: `{"version": 2, "act": "take"}`},
	}
	for i := range all {
		o := &all[i]
		if o.Need == "" {
			o.Need = access.SendReferral
		}
		if o.Out.None() {
			o.Out = view
		}
	}
	return all
}

// handoverView is a hand-over as who offers it sees it, without what is of class 3.
type handoverView struct {
	ID         string          `json:"id"`
	Batch      string          `json:"batch,omitempty"`
	Case       string          `json:"case"`
	To         string          `json:"to"`
	Taker      string          `json:"taker,omitempty"`
	By         string          `json:"by"`
	Urgency    string          `json:"urgency"`
	State      string          `json:"state"`
	Why        string          `json:"why"`
	Parts      []string        `json:"parts"`
	DueOn      string          `json:"due_on,omitempty"`
	OfferedAt  time.Time       `json:"offered_at"`
	Since      time.Time       `json:"since"`
	ReceivedAt time.Time       `json:"received_at,omitzero"`
	DecidedAt  time.Time       `json:"decided_at,omitzero"`
	MeetsAt    time.Time       `json:"meets_at,omitzero"`
	Where      string          `json:"where,omitempty"`
	EndedAt    time.Time       `json:"ended_at,omitzero"`
	Possible   []string        `json:"possible"`
	Events     []handoverEvent `json:"events"`
	Version    int             `json:"version"`
}

// handoverEvent is one thing that was done with a hand-over.
type handoverEvent struct {
	Act   string    `json:"act"`
	State string    `json:"state"`
	Side  string    `json:"side"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Why   string    `json:"why,omitempty"`
}

func handoverEventOf(e handovers.Event) handoverEvent {
	return handoverEvent{string(e.Act), string(e.State), string(e.Side), e.By, e.At, e.Why}
}

func handoverOf(h handovers.Handover) handoverView {
	return handoverView{string(h.ID), h.Batch, string(h.Case), h.To, h.TakerName, h.By, h.Urgency, string(h.State), h.Why, plain(h.Consent.Parts), due(h.DueOn), h.OfferedAt, h.Since, h.ReceivedAt, h.DecidedAt, h.MeetsAt,
		h.Where, h.EndedAt, plain(handovers.Possible(h.State, handovers.Giver)), []handoverEvent{}, h.Version}
}

func listHandovers(c *op.Call) (any, error) {
	of, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return nil, err
	}
	all, err := handovers.List(c.Ctx, c.Q, c.Who, of)
	return op.Page[handoverView]{Items: op.Each(all, handoverOf)}, err
}

// newHandover offers a case.
type newHandover struct {
	Version  int      `json:"version"`
	To       string   `json:"to"`
	Urgency  string   `json:"urgency"`
	Why      string   `json:"why"`
	Summary  string   `json:"summary,omitempty"`
	Parts    []string `json:"parts,omitempty"`
	Files    []string `json:"files,omitempty"`
	Private  []string `json:"protected_files,omitempty"`
	Agreed   bool     `json:"agreed"`
	Method   string   `json:"method"`
	Language string   `json:"language"`
}

// Check wants the version of the case that was looked at.
func (b *newHandover) Check() *fault.Error { return op.Based(b.Version) }

func partsOf(codes []string) []handovers.Part {
	return op.Each(codes, func(s string) handovers.Part { return handovers.Part(s) })
}

func offerCase(c *op.Call) error {
	of, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return err
	}
	b := c.Body.(*newHandover)
	o := handovers.Offering{Operation: c.Key, Case: of, Version: b.Version, To: b.To, Urgency: b.Urgency, Why: b.Why, Summary: b.Summary, Parts: partsOf(b.Parts), Agreed: b.Agreed, Method: b.Method, Language: b.Language}
	for _, f := range b.Files {
		o.Files = append(o.Files, files.ID(f))
	}
	for _, f := range b.Private {
		o.Protected = append(o.Protected, files.ID(f))
	}
	id, err := handovers.Make(c.Ctx, c.Tx, c.Who, o)
	c.Made = "/handovers/" + string(id)
	return err
}

func showOffered(c *op.Call) (any, error) { return handoverShown(c, handovers.ID(c.MadeID())) }

func handoverShown(c *op.Call, id handovers.ID) (any, error) {
	h, err := handovers.Find(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return nil, err
	}
	events, err := handovers.Events(c.Ctx, c.Q, c.Who, id)
	v := handoverOf(h)
	v.Events = op.Each(events, handoverEventOf)
	return v, err
}

func handoverID(c *op.Call) (handovers.ID, error) {
	return op.PathID[handovers.ID](c, "id", "handover.not_found")
}

func findHandover(c *op.Call) (any, error) {
	id, err := handoverID(c)
	if err != nil {
		return nil, err
	}
	return handoverShown(c, id)
}

// handoverAct is an act on a hand-over.
type handoverAct struct {
	Version  int       `json:"version"`
	Act      string    `json:"act"`
	Why      string    `json:"why,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Where    string    `json:"where,omitempty"`
	Duties   []string  `json:"duties,omitempty"`
	Language string    `json:"language,omitempty"`
}

// Check wants the version that was looked at.
func (b *handoverAct) Check() *fault.Error { return op.Based(b.Version) }

func (b *handoverAct) acting(id handovers.ID) handovers.Acting {
	return handovers.Acting{ID: id, Version: b.Version, Why: b.Why, At: b.At, Where: b.Where, Duties: b.Duties}
}

func unknownAct() error { return fault.New(fault.Invalid, "fault.bad_choice").On("act") }

func actOnHandover(c *op.Call) error {
	id, err := handoverID(c)
	if err != nil {
		return err
	}
	if _, err := handovers.Find(c.Ctx, c.Tx, c.Who, id); err != nil {
		return err
	}
	b := c.Body.(*handoverAct)
	switch handovers.Act(b.Act) {
	case handovers.Withdraw:
		return handovers.TakeBack(c.Ctx, c.Tx, c.Who, b.acting(id))
	case handovers.Revoke:
		return handovers.TakeBackConsent(c.Ctx, c.Tx, c.Who, b.acting(id))
	case handovers.Meet:
		return handovers.Arrange(c.Ctx, c.Tx, c.Who, b.acting(id))
	case handovers.Finish:
		_, err := handovers.Conclude(c.Ctx, c.Tx, c.Who, b.acting(id))
		return err
	}
	return unknownAct()
}

// manyCases offers many cases at once.
type manyCases struct {
	To      string      `json:"to"`
	Urgency string      `json:"urgency"`
	Why     string      `json:"why"`
	Parts   []string    `json:"parts,omitempty"`
	Asked   []askedCase `json:"asked"`
}

// askedCase is one of them, with what she said.
type askedCase struct {
	Case     string `json:"case"`
	Agreed   bool   `json:"agreed"`
	Method   string `json:"method,omitempty"`
	Language string `json:"language,omitempty"`
}

// batchView is how far many cases came.
type batchView struct {
	ID     string       `json:"id"`
	To     string       `json:"to"`
	By     string       `json:"by"`
	At     time.Time    `json:"at"`
	States []stateCount `json:"states"`
	Left   []leftCase   `json:"left"`
	Others int          `json:"others"`
}

// stateCount is how many stand where.
type stateCount struct {
	State string `json:"state"`
	Count int    `json:"count"`
}

// leftCase is a case that stayed behind.
type leftCase struct {
	Case string `json:"case"`
	Code string `json:"code"`
}

func offerMany(c *op.Call) error {
	b := c.Body.(*manyCases)
	m := handovers.Many{Operation: c.Key, To: b.To, Urgency: b.Urgency, Why: b.Why, Parts: partsOf(b.Parts)}
	for _, a := range b.Asked {
		m.Asked = append(m.Asked, handovers.Asked{Case: cases.ID(a.Case), Agreed: a.Agreed, Method: a.Method, Language: a.Language})
	}
	id, err := handovers.MakeMany(c.Ctx, c.Tx, c.Who, m)
	c.Made = "/handovers/many/" + id
	return err
}

func showBatchMade(c *op.Call) (any, error) { return batchShown(c, c.MadeID()) }

func findBatch(c *op.Call) (any, error) {
	id, err := op.PathID[string](c, "id", "handover.not_found")
	if err != nil {
		return nil, err
	}
	return batchShown(c, id)
}

func batchShown(c *op.Call, id string) (any, error) {
	b, err := handovers.FindBatch(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return nil, err
	}
	v := batchView{ID: b.ID, To: b.To, By: b.By, At: b.At, States: []stateCount{}, Others: b.Others, Left: op.Each(b.Left, func(l handovers.Left) leftCase { return leftCase{string(l.Case), l.Why} })}
	for _, s := range handovers.States() {
		if n := b.Count[s]; n > 0 {
			v.States = append(v.States, stateCount{string(s), n})
		}
	}
	return v, nil
}

// takeoverView is a hand-over as the organisation sees it that is asked.
type takeoverView struct {
	ID        string          `json:"id"`
	From      string          `json:"from"`
	Office    string          `json:"office"`
	By        string          `json:"by,omitempty"`
	Urgency   string          `json:"urgency"`
	State     string          `json:"state"`
	DueOn     string          `json:"due_on,omitempty"`
	OfferedAt time.Time       `json:"offered_at"`
	Since     time.Time       `json:"since"`
	MeetsAt   time.Time       `json:"meets_at,omitzero"`
	Where     string          `json:"where,omitempty"`
	Programme string          `json:"programme,omitempty"`
	District  string          `json:"district,omitempty"`
	Sex       string          `json:"sex,omitempty"`
	AgeBand   string          `json:"age_band,omitempty"`
	Risk      string          `json:"risk,omitempty"`
	Why       string          `json:"why,omitempty"`
	Parts     []string        `json:"parts"`
	Taker     string          `json:"taker,omitempty"`
	Person    string          `json:"person,omitempty"`
	Case      string          `json:"case,omitempty"`
	Possible  []string        `json:"possible"`
	Events    []handoverEvent `json:"events"`
	Version   int             `json:"version"`
}

func takeoverOf(a handovers.Arrival) takeoverView {
	return takeoverView{string(a.ID), a.From, a.FromOffice, a.By, a.Urgency, string(a.State), due(a.DueOn), a.OfferedAt, a.Since, a.MeetsAt, a.Where, a.Programme, a.District, a.Request.Sex, a.Request.AgeBand,
		string(a.Request.Risk), a.Why, plain(a.Parts), a.TakerName, string(a.Person), string(a.Case), plain(a.Acts), op.Each(a.Events, handoverEventOf), a.Version}
}

func listTakeovers(c *op.Call) (any, error) {
	state, err := c.Text("state")
	if err != nil {
		return nil, err
	}
	f := handovers.Filter{State: handovers.State(state)}
	if state != "" && !slices.Contains(handovers.States(), f.State) {
		return nil, fault.New(fault.Invalid, "fault.bad_choice").On("state")
	}
	if f.Limit, err = c.Limit(50, 200); err != nil {
		return nil, err
	}
	day, id, err := cursor(c, true)
	if err != nil {
		return nil, err
	}
	f.After = handovers.Cursor{DueOn: day, ID: handovers.ID(id)}
	found, err := handovers.Inbox(c.Ctx, c.Q, c.Who, f)
	p := op.Page[takeoverView]{Items: op.Each(found.Arrivals, takeoverOf)}
	if found.Next.ID != "" {
		p.Next = c.Next(found.Next.DueOn + " " + string(found.Next.ID))
	}
	return p, err
}

func openTakeover(c *op.Call) (any, error) {
	id, err := handoverID(c)
	if err != nil {
		return nil, err
	}
	a, err := handovers.LookAt(c.Ctx, c.Tx, c.Who, id)
	return takeoverOf(a), err
}

func actOnTakeover(c *op.Call) error {
	id, err := handoverID(c)
	if err != nil {
		return err
	}
	if _, err := handovers.Came(c.Ctx, c.Tx, c.Who, id); err != nil {
		return err
	}
	b := c.Body.(*handoverAct)
	switch handovers.Act(b.Act) {
	case handovers.Take:
		lang, ok := words.ParseLang(b.Language)
		if !ok {
			lang = words.Bangla
		}
		_, err := handovers.Accept(c.Ctx, c.Tx, c.Who, handovers.Taking{ID: id, Version: b.Version, Language: lang})
		return err
	case handovers.Decline:
		return handovers.Refuse(c.Ctx, c.Tx, c.Who, b.acting(id))
	case handovers.Meet:
		return handovers.Arrange(c.Ctx, c.Tx, c.Who, b.acting(id))
	}
	return unknownAct()
}
