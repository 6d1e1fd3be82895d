// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
)

// caseworkOperations are those of the rooms that work on cases.
func caseworkOperations() []operation {
	return slices.Concat(caseListOperations(), ofCases(caseOperations()), ofCases(planOperations()), ofCases(serviceOperations()), givenOperations(), termOperations())
}

func caseListOperations() []operation {
	paged := []string{"limit", "cursor"}
	return []operation{
		{name: "list_cases", method: http.MethodGet, path: "/cases", need: access.ReadCases, params: append([]string{"office", "worker", "status", "risk", "due_by", "idle_days"}, paged...),
			out: holds[page[caseView]](), do: listCases},
		{name: "open_case", method: http.MethodPost, path: "/persons/{id}/cases", need: access.OpenCase, keyed: true, in: sent[opening](), out: holds[registered](), status: http.StatusCreated,
			writes: true, do: openCase, example: `{"programme": "reintegration", "origin": "referral", "why": "wants to begin anew"}`},
		{name: "list_person_cases", method: http.MethodGet, path: "/persons/{id}/cases", need: access.ReadCases, out: holds[page[caseView]](), do: personCases},
		{name: "hand_over_cases", method: http.MethodPost, path: "/cases/hand-over", need: access.AssignCase, keyed: true, in: sent[handingOver](), out: holds[page[caseView]](), writes: true, do: handOver,
			example: `{"cases": ["01900000-0000-7000-8000-000000000001"], "to": "01900000-0000-7000-8000-000000000003", "why": "she is on leave"}`},
		{name: "read_my_day", method: http.MethodGet, path: "/my-day", need: access.ReadCases, out: holds[myDay](), do: readMyDay},
		{name: "read_board", method: http.MethodGet, path: "/board", need: access.ReadCases, params: []string{"office", "idle_days"}, out: holds[page[loadView]](), do: readBoard},
		{name: "list_waiting_approvals", method: http.MethodGet, path: "/approvals", need: access.ApproveCase, params: []string{"limit"}, out: holds[page[approvalView]](), do: waitingApprovals},
		{name: "tick_task", method: http.MethodPost, path: "/tasks/{id}/done", need: access.NoteCase, keyed: true, out: holds[handled](), writes: true, do: tickTask},
	}
}

func caseOperations() []operation {
	paged := []string{"limit", "cursor"}
	return []operation{
		{name: "find_case", method: http.MethodGet, need: access.ReadCases, do: on(nil, showCase)},
		{name: "read_case_history", method: http.MethodGet, path: "/history", need: access.ReadCases, params: paged, out: holds[page[caseEvent]](), do: on(nil, caseHistory)},
		{name: "take_case", path: "/take", need: access.WorkCase, in: sent[versioned](), do: on(takeCase, showCase), example: `{"version": 1}`},
		{name: "assign_case", path: "/assign", need: access.AssignCase, in: sent[assigning](), do: on(assignCase, showCase), example: `{"version": 1, "to": "01900000-0000-7000-8000-000000000003"}`},
		{name: "add_case_member", path: "/members", need: access.WorkCase, in: sent[including](), do: on(includeMember, showCase), example: `{"relation": "01900000-0000-7000-8000-000000000004"}`},
		{name: "list_tasks", method: http.MethodGet, path: "/tasks", need: access.ReadCases, out: holds[page[taskView]](), do: on(nil, showTasks)},
		{name: "add_task", path: "/tasks", need: access.NoteCase, in: sent[newTask](), out: holds[page[taskView]](), status: http.StatusCreated, do: on(addTask, showTasks),
			example: `{"what": "ask the bank about the account", "due_on": "2026-12-01"}`},
		{name: "list_notes", method: http.MethodGet, path: "/notes", need: access.ReadCases, params: paged, out: holds[page[noteView]](), do: on(nil, showNotes)},
		{name: "look_at_notes", method: http.MethodGet, path: "/notes/protected", need: access.ReadProtected, params: paged, out: holds[page[noteView]](), do: on(nil, lookAtNotes)},
		{name: "write_note", path: "/notes", need: access.NoteCase, in: sent[newNote](), status: http.StatusCreated, do: on(writeNote, showCase), example: `{"text": "she called, the shop has opened"}`},
		{name: "rate_case", path: "/rate", need: access.WorkCase, in: sent[rating](), do: on(rateCase, showCase), example: `{"version": 2, "risk": "high", "why": "debts, and threats at home"}`},
		{name: "pause_case", path: "/pause", need: access.WorkCase, in: sent[reasoned](), do: on(pauseCase, showCase), example: `{"version": 3, "why": "in hospital"}`},
		{name: "resume_case", path: "/resume", need: access.WorkCase, in: sent[versioned](), do: on(resumeCase, showCase), example: `{"version": 4}`},
		{name: "close_case", path: "/close", need: access.CloseCase, in: sent[closing](), do: on(closeCase, showCase),
			example: `{"version": 5, "code": "goals_reached", "duties": ["prepared", "last_review", "where_to_turn"], "why": "she earns her living"}`},
		{name: "list_approvals", method: http.MethodGet, path: "/approvals", need: access.ReadCases, out: holds[page[approvalView]](), do: on(nil, showApprovals)},
		{name: "decide_approval", path: "/approvals/{row}/decide", need: access.ApproveCase, in: sent[deciding](), out: holds[page[approvalView]](), do: on(decideApproval, showApprovals),
			example: `{"yes": false, "why": "the quotation is missing"}`},
		{name: "begin_aftercare", path: "/aftercare", need: access.CloseCase, in: sent[versioned](), do: on(beginAfterCare, showCase), example: `{"version": 6}`},
		{name: "end_aftercare", path: "/aftercare/end", need: access.CloseCase, in: sent[versioned](), do: on(endAfterCare, showCase), example: `{"version": 7}`},
		{name: "reopen_case", path: "/reopen", need: access.ReopenCase, in: sent[reasoned](), do: on(reopenCase, showCase), example: `{"version": 8, "why": "the shop has failed"}`},
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

func (c *call) caseOf(k cases.Case) caseView {
	v := caseView{string(k.ID), string(k.Person), k.Programme, k.Organisation, k.Office, k.Worker, k.WorkerName, string(k.Status), k.Origin, string(k.Risk), k.Openings, k.Closure, k.Paused,
		k.DueFor, k.DueOn, k.Late(c.today), k.OpenedAt, k.TouchedAt, k.ClosedAt, k.Version}
	if k.DueOn == cases.Never {
		v.DueOn = ""
	}
	return v
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

func showCase(c *call, id cases.ID) (any, error) {
	k, err := cases.Find(c.ctx, c.q, c.who, id)
	if err != nil {
		return nil, err
	}
	f := caseFile{Case: c.caseOf(k)}
	possible, err := cases.PossibleNow(c.ctx, c.q, c.who, k)
	if err != nil {
		return nil, err
	}
	f.Possible = each(possible, func(a cases.Act) string { return string(a) })
	members, err := cases.Members(c.ctx, c.q, c.who, id)
	if err != nil {
		return nil, err
	}
	f.Members = each(members, func(m cases.Member) memberView {
		return memberView{m.ID, m.Relation.Relation, m.Relation.Name, m.By, m.At}
	})
	pauses, err := cases.Pauses(c.ctx, c.q, c.who, id)
	f.Pauses = each(pauses, func(p deadlines.Pause) pauseView { return pauseView{p.From, p.Until, p.Reason} })
	return f, err
}

func listCases(c *call) (answer, error) {
	var f cases.Filter
	for name, into := range map[string]*string{"office": &f.Office, "worker": &f.Worker, "status": (*string)(&f.Status), "risk": (*string)(&f.Risk)} {
		text, err := c.text(name)
		if err != nil {
			return answer{}, err
		}
		*into = text
	}
	if f.Status != "" && !slices.Contains(cases.Statuses(), f.Status) {
		return answer{}, fault.New(fault.Invalid, "fault.bad_choice").On("status")
	}
	if !slices.Contains([]cases.Risk{cases.Unrated, cases.Low, cases.Medium, cases.High, cases.Critical}, f.Risk) {
		return answer{}, fault.New(fault.Invalid, "fault.bad_choice").On("risk")
	}
	var err error
	if f.DueBy, err = c.day("due_by"); err != nil {
		return answer{}, err
	}
	if idle, err := c.number("idle_days", 0, 1, 3660); err != nil {
		return answer{}, err
	} else if idle > 0 {
		f.Idle = c.q.Now().AddDate(0, 0, -idle)
	}
	if f.Limit, err = c.limit(50, 200); err != nil {
		return answer{}, err
	}
	if f.After, err = c.placeInList(); err != nil {
		return answer{}, err
	}
	found, err := cases.List(c.ctx, c.q, c.who, f)
	next := ""
	if found.Next.ID != "" {
		next = c.next(found.Next.DueOn + " " + string(found.Next.ID))
	}
	return answer{body: page[caseView]{each(found.Cases, c.caseOf), next}, next: next}, err
}

// placeInList reads a cursor of the list of cases: the day and the case after which it goes on.
func (c *call) placeInList() (at cases.Cursor, err error) {
	text, given := c.query["cursor"]
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

func personCases(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	if _, err := persons.FindCard(c.ctx, c.q, c.who, id); err != nil {
		return answer{}, err
	}
	all, err := cases.Of(c.ctx, c.q, c.who, id)
	return answer{body: page[caseView]{Items: each(all, c.caseOf)}}, err
}

// opening opens a case.
type opening struct {
	Programme string `json:"programme"`
	Origin    string `json:"origin"`
	Why       string `json:"why,omitempty"`
}

func openCase(c *call) (answer, error) {
	person, err := c.person()
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*opening)
	id, err := cases.Open(c.ctx, c.tx, c.who, cases.Opening{Operation: c.key, Person: person, Programme: b.Programme, Origin: b.Origin, Why: b.Why})
	href := prefix + "/cases/" + string(id)
	return answer{status: http.StatusCreated, body: registered{string(id), href}, location: href, replayed: replayed}, err
}

// handingOver gives cases to a caseworker.
type handingOver struct {
	Cases  []string `json:"cases"`
	To     string   `json:"to"`
	Office string   `json:"office,omitempty"`
	Why    string   `json:"why,omitempty"`
}

func handOver(c *call) (answer, error) {
	b := c.body.(*handingOver)
	some := make([]cases.ID, len(b.Cases))
	for i, id := range b.Cases {
		if some[i] = cases.ID(id); !ids.Valid(id) {
			return answer{}, fault.New(fault.NotFound, "case.not_found")
		}
	}
	replayed, err := c.repeated("cases")
	if err == nil && !replayed {
		err = cases.HandOver(c.ctx, c.tx, c.who, cases.HandingOver{Cases: some, To: b.To, Office: b.Office, Why: b.Why})
	}
	if err != nil {
		return answer{}, err
	}
	p := page[caseView]{Items: []caseView{}}
	for _, id := range some {
		k, err := cases.Find(c.ctx, c.tx, c.who, id)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue // it has left her sight
		}
		if err != nil {
			return answer{}, err
		}
		p.Items = append(p.Items, c.caseOf(k))
	}
	return answer{body: p, replayed: replayed}, nil
}
