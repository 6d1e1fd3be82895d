// SPDX-License-Identifier: Apache-2.0

// Package casework is the part of the API that is about cases: working on one, its plan, what is
// given in it, stays in shelters, and the terms that cases are worked by.
package casework

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
)

// Operations are those of the rooms that work on cases.
func Operations() []op.Operation {
	return slices.Concat(caseListOperations(), ofCases(caseOperations()), ofCases(planOperations()), ofCases(serviceOperations()), ofCases(stayOperations()), shelterOperations(), givenOperations(), termOperations())
}

func caseListOperations() []op.Operation {
	paged := []string{"limit", "cursor"}
	return []op.Operation{
		{Name: "list_cases", Method: http.MethodGet, Path: "/cases", Need: access.ReadCases, Params: append([]string{"office", "worker", "status", "risk", "due_by", "idle_days"}, paged...),
			Out: op.Holds[op.Page[caseView]](), Do: listCases},
		{Name: "open_case", Method: http.MethodPost, Path: "/persons/{id}/cases", Need: access.OpenCase, Keyed: true, In: op.Sent[opening](), Out: op.Holds[op.Registered](), Status: http.StatusCreated,
			Writes: true, Do: openCase, Example: `{"programme": "reintegration", "origin": "referral", "why": "wants to begin anew"}`},
		{Name: "list_person_cases", Method: http.MethodGet, Path: "/persons/{id}/cases", Need: access.ReadCases, Out: op.Holds[op.Page[caseView]](), Do: personCases},
		{Name: "hand_over_cases", Method: http.MethodPost, Path: "/cases/hand-over", Need: access.AssignCase, Keyed: true, In: op.Sent[handingOver](), Out: op.Holds[op.Page[caseView]](), Writes: true, Do: handOver,
			Example: `{"cases": ["01900000-0000-7000-8000-000000000001"], "to": "01900000-0000-7000-8000-000000000003", "why": "she is on leave"}`},
		{Name: "read_my_day", Method: http.MethodGet, Path: "/my-day", Need: access.ReadCases, Out: op.Holds[myDay](), Do: readMyDay},
		{Name: "read_board", Method: http.MethodGet, Path: "/board", Need: access.ReadCases, Params: []string{"office", "idle_days"}, Out: op.Holds[op.Page[loadView]](), Do: readBoard},
		{Name: "list_waiting_approvals", Method: http.MethodGet, Path: "/approvals", Need: access.ApproveCase, Params: []string{"limit"}, Out: op.Holds[op.Page[approvalView]](), Do: waitingApprovals},
		{Name: "tick_task", Method: http.MethodPost, Path: "/tasks/{id}/done", Need: access.NoteCase, Keyed: true, Out: op.Holds[op.Handled](), Writes: true, Do: tickTask},
	}
}

func caseOperations() []op.Operation {
	paged := []string{"limit", "cursor"}
	return []op.Operation{
		{Name: "find_case", Method: http.MethodGet, Need: access.ReadCases, Do: on(nil, showCase)},
		{Name: "read_case_history", Method: http.MethodGet, Path: "/history", Need: access.ReadCases, Params: paged, Out: op.Holds[op.Page[caseEvent]](), Do: on(nil, caseHistory)},
		{Name: "take_case", Path: "/take", Need: access.WorkCase, In: op.Sent[versioned](), Do: on(takeCase, showCase), Example: `{"version": 1}`},
		{Name: "assign_case", Path: "/assign", Need: access.AssignCase, In: op.Sent[assigning](), Do: on(assignCase, showCase), Example: `{"version": 1, "to": "01900000-0000-7000-8000-000000000003"}`},
		{Name: "add_case_member", Path: "/members", Need: access.WorkCase, In: op.Sent[including](), Do: on(includeMember, showCase), Example: `{"relation": "01900000-0000-7000-8000-000000000004"}`},
		{Name: "list_tasks", Method: http.MethodGet, Path: "/tasks", Need: access.ReadCases, Out: op.Holds[op.Page[taskView]](), Do: on(nil, showTasks)},
		{Name: "add_task", Path: "/tasks", Need: access.NoteCase, In: op.Sent[newTask](), Out: op.Holds[op.Page[taskView]](), Status: http.StatusCreated, Do: on(addTask, showTasks),
			Example: `{"what": "ask the bank about the account", "due_on": "2026-12-01"}`},
		{Name: "list_notes", Method: http.MethodGet, Path: "/notes", Need: access.ReadCases, Params: paged, Out: op.Holds[op.Page[noteView]](), Do: on(nil, showNotes)},
		{Name: "look_at_notes", Method: http.MethodGet, Path: "/notes/protected", Need: access.ReadProtected, Params: paged, Out: op.Holds[op.Page[noteView]](), Do: on(nil, lookAtNotes)},
		{Name: "write_note", Path: "/notes", Need: access.NoteCase, In: op.Sent[newNote](), Status: http.StatusCreated, Do: on(writeNote, showCase), Example: `{"text": "she called, the shop has opened"}`},
		{Name: "rate_case", Path: "/rate", Need: access.WorkCase, In: op.Sent[rating](), Do: on(rateCase, showCase), Example: `{"version": 2, "risk": "high", "why": "debts, and threats at home"}`},
		{Name: "pause_case", Path: "/pause", Need: access.WorkCase, In: op.Sent[reasoned](), Do: on(pauseCase, showCase), Example: `{"version": 3, "why": "in hospital"}`},
		{Name: "resume_case", Path: "/resume", Need: access.WorkCase, In: op.Sent[versioned](), Do: on(resumeCase, showCase), Example: `{"version": 4}`},
		{Name: "close_case", Path: "/close", Need: access.CloseCase, In: op.Sent[closing](), Do: on(closeCase, showCase),
			Example: `{"version": 5, "code": "goals_reached", "duties": ["prepared", "last_review", "where_to_turn"], "why": "she earns her living"}`},
		{Name: "list_approvals", Method: http.MethodGet, Path: "/approvals", Need: access.ReadCases, Out: op.Holds[op.Page[approvalView]](), Do: on(nil, showApprovals)},
		{Name: "decide_approval", Path: "/approvals/{row}/decide", Need: access.ApproveCase, In: op.Sent[deciding](), Out: op.Holds[op.Page[approvalView]](), Do: on(decideApproval, showApprovals),
			Example: `{"yes": false, "why": "the quotation is missing"}`},
		{Name: "begin_aftercare", Path: "/aftercare", Need: access.CloseCase, In: op.Sent[versioned](), Do: on(beginAfterCare, showCase), Example: `{"version": 6}`},
		{Name: "end_aftercare", Path: "/aftercare/end", Need: access.CloseCase, In: op.Sent[versioned](), Do: on(endAfterCare, showCase), Example: `{"version": 7}`},
		{Name: "reopen_case", Path: "/reopen", Need: access.ReopenCase, In: op.Sent[reasoned](), Do: on(reopenCase, showCase), Example: `{"version": 8, "why": "the shop has failed"}`},
	}
}

// caseView is a case as a list shows it.
type caseView struct {
	ID           string    `json:"id"`
	Person       string    `json:"person"`
	Programme    string    `json:"programme"`
	Organisation string    `json:"organisation"`
	Office       string    `json:"office"`
	Worker       string    `json:"worker"`
	WorkerName   string    `json:"worker_name"`
	Status       string    `json:"status"`
	Origin       string    `json:"origin"`
	Risk         string    `json:"risk"`
	Openings     int       `json:"openings"`
	Closure      string    `json:"closure"`
	Paused       bool      `json:"paused"`
	DueFor       string    `json:"due_for"`
	DueOn        string    `json:"due_on,omitempty"`
	Late         bool      `json:"late"`
	OpenedAt     time.Time `json:"opened_at"`
	TouchedAt    time.Time `json:"touched_at"`
	ClosedAt     time.Time `json:"closed_at,omitzero"`
	Version      int       `json:"version"`
}

func caseOf(c *op.Call, k cases.Case) caseView {
	v := caseView{string(k.ID), string(k.Person), k.Programme, k.Organisation, k.Office, k.Worker, k.WorkerName, string(k.Status), k.Origin, string(k.Risk), k.Openings, k.Closure, k.Paused,
		k.DueFor, k.DueOn, k.Late(c.Today), k.OpenedAt, k.TouchedAt, k.ClosedAt, k.Version}
	if k.DueOn == cases.Never {
		v.DueOn = ""
	}
	return v
}

func casesOf(c *op.Call, all []cases.Case) []caseView {
	return op.Each(all, func(k cases.Case) caseView { return caseOf(c, k) })
}

// caseFile is a case with what may be done with it by who asks.
type caseFile struct {
	Case     caseView     `json:"case"`
	Possible []string     `json:"possible"`
	Members  []memberView `json:"members"`
	Pauses   []pauseView  `json:"pauses"`
}

// memberView is somebody of the family who is a client too.
type memberView struct {
	ID       string    `json:"id"`
	Relation string    `json:"relation"`
	Name     string    `json:"name"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// pauseView is a time during which the clock stood still.
type pauseView struct {
	From  dates.Partial `json:"from"`
	Until dates.Partial `json:"until,omitzero"`
	Why   string        `json:"why"`
}

func showCase(c *op.Call, id cases.ID) (any, error) {
	k, err := cases.Find(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return nil, err
	}
	f := caseFile{Case: caseOf(c, k)}
	possible, err := cases.PossibleNow(c.Ctx, c.Q, c.Who, k)
	if err != nil {
		return nil, err
	}
	f.Possible = op.Each(possible, func(a cases.Act) string { return string(a) })
	members, err := cases.Members(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return nil, err
	}
	f.Members = op.Each(members, func(m cases.Member) memberView {
		return memberView{m.ID, m.Relation.Relation, m.Relation.Name, m.By, m.At}
	})
	pauses, err := cases.Pauses(c.Ctx, c.Q, c.Who, id)
	f.Pauses = op.Each(pauses, func(p deadlines.Pause) pauseView { return pauseView{p.From, p.Until, p.Reason} })
	return f, err
}

func listCases(c *op.Call) (op.Answer, error) {
	var f cases.Filter
	for name, into := range map[string]*string{"office": &f.Office, "worker": &f.Worker, "status": (*string)(&f.Status), "risk": (*string)(&f.Risk)} {
		text, err := c.Text(name)
		if err != nil {
			return op.Answer{}, err
		}
		*into = text
	}
	if f.Status != "" && !slices.Contains(cases.Statuses(), f.Status) {
		return op.Answer{}, fault.New(fault.Invalid, "fault.bad_choice").On("status")
	}
	if !slices.Contains([]cases.Risk{cases.Unrated, cases.Low, cases.Medium, cases.High, cases.Critical}, f.Risk) {
		return op.Answer{}, fault.New(fault.Invalid, "fault.bad_choice").On("risk")
	}
	var err error
	if f.DueBy, err = c.Day("due_by"); err != nil {
		return op.Answer{}, err
	}
	if idle, err := c.Number("idle_days", 0, 1, 3660); err != nil {
		return op.Answer{}, err
	} else if idle > 0 {
		f.Idle = c.Q.Now().AddDate(0, 0, -idle)
	}
	if f.Limit, err = c.Limit(50, 200); err != nil {
		return op.Answer{}, err
	}
	if f.After, err = placeInList(c); err != nil {
		return op.Answer{}, err
	}
	found, err := cases.List(c.Ctx, c.Q, c.Who, f)
	next := ""
	if found.Next.ID != "" {
		next = c.Next(found.Next.DueOn + " " + string(found.Next.ID))
	}
	return op.Answer{Body: op.Page[caseView]{Items: casesOf(c, found.Cases), Next: next}, Next: next}, err
}

// placeInList reads a cursor of the list of cases: the day and the case after which it goes on.
func placeInList(c *op.Call) (at cases.Cursor, err error) {
	text, given := c.Query["cursor"]
	if !given {
		return at, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	day, id, whole := strings.Cut(string(plain), " ")
	due, wrong := dates.Parse(day)
	if err != nil || wrong != nil && day != cases.Never || !whole || !ids.Valid(id) || day != cases.Never && due.Precision() != dates.Day {
		return at, fault.New(fault.Invalid, "api.cursor").On("cursor")
	}
	return cases.Cursor{DueOn: day, ID: cases.ID(id)}, nil
}

func personCases(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	if _, err := persons.FindCard(c.Ctx, c.Q, c.Who, id); err != nil {
		return op.Answer{}, err
	}
	all, err := cases.Of(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: op.Page[caseView]{Items: casesOf(c, all)}}, err
}

// opening opens a case.
type opening struct {
	Programme string `json:"programme"`
	Origin    string `json:"origin"`
	Why       string `json:"why,omitempty"`
}

func openCase(c *op.Call) (op.Answer, error) {
	person, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*opening)
	id, err := cases.Open(c.Ctx, c.Tx, c.Who, cases.Opening{Operation: c.Key, Person: person, Programme: b.Programme, Origin: b.Origin, Why: b.Why})
	href := op.Prefix + "/cases/" + string(id)
	return op.Answer{Status: http.StatusCreated, Body: op.Registered{ID: string(id), Href: href}, Location: href, Replayed: replayed}, err
}

// handingOver gives cases to a caseworker.
type handingOver struct {
	Cases  []string `json:"cases"`
	To     string   `json:"to"`
	Office string   `json:"office,omitempty"`
	Why    string   `json:"why,omitempty"`
}

func handOver(c *op.Call) (op.Answer, error) {
	b := c.Body.(*handingOver)
	some := make([]cases.ID, len(b.Cases))
	for i, id := range b.Cases {
		if some[i] = cases.ID(id); !ids.Valid(id) {
			return op.Answer{}, fault.New(fault.NotFound, "case.not_found")
		}
	}
	replayed, err := c.Repeated("cases")
	if err == nil && !replayed {
		err = cases.HandOver(c.Ctx, c.Tx, c.Who, cases.HandingOver{Cases: some, To: b.To, Office: b.Office, Why: b.Why})
	}
	if err != nil {
		return op.Answer{}, err
	}
	p := op.Page[caseView]{Items: []caseView{}}
	for _, id := range some {
		k, err := cases.Find(c.Ctx, c.Tx, c.Who, id)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue // it has left her sight
		}
		if err != nil {
			return op.Answer{}, err
		}
		p.Items = append(p.Items, caseOf(c, k))
	}
	return op.Answer{Body: p, Replayed: replayed}, nil
}
