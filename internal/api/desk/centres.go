// SPDX-License-Identifier: Apache-2.0

// Package desk is the part of the API that is about who comes when: the queue at one-stop centres,
// and appointments.
package desk

import (
	"net/http"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/fault"
)

// Operations is the table.
func Operations() []op.Operation {
	return slices.Concat(centreOperations(), appointmentOperations())
}

// centreOperations are those of the queue at one-stop centres. No ticket names anybody.
func centreOperations() []op.Operation {
	serves := access.ServeQueue
	return []op.Operation{
		{Name: "list_centres", Method: http.MethodGet, Path: "/centres", Need: serves, Out: op.Holds[op.Page[centreView]](), Do: listCentres},
		{Name: "read_queue", Method: http.MethodGet, Path: "/centres/{id}/queue", Need: serves, Out: op.Holds[queueView](), Do: readQueue},
		{Name: "draw_ticket", Method: http.MethodPost, Path: "/centres/{id}/tickets", Need: serves, Keyed: true, In: op.Sent[newTicket](), Out: op.Holds[ticketView](), Status: http.StatusCreated, Writes: true, Do: drawTicket,
			Example: `{"need": "job", "language": "bn", "women": false, "first": true}`},
		{Name: "act_on_ticket", Method: http.MethodPost, Path: "/centres/{id}/tickets/{row}", Need: serves, In: op.Sent[ticketAct](), Out: op.Holds[ticketView](), Writes: true, Do: actOnTicket,
			Example: `{"version": 2, "do": "begin"}`},
		{Name: "call_next", Method: http.MethodPost, Path: "/centres/{id}/counters/{row}/next", Need: serves, In: op.Sent[nextCall](), Out: op.Holds[calledView](), Writes: true, Do: callNext,
			Example: `{"finish": true}`},
	}
}

// centreView is a centre with its counters.
type centreView struct {
	Office   string        `json:"office"`
	NameBn   string        `json:"name_bn"`
	NameEn   string        `json:"name_en"`
	Open     bool          `json:"open"`
	Counters []counterView `json:"counters"`
}

// counterView is a counter of a centre.
type counterView struct {
	ID           string   `json:"id"`
	Number       int      `json:"number"`
	Letter       string   `json:"letter"`
	NameBn       string   `json:"name_bn"`
	NameEn       string   `json:"name_en"`
	Organisation string   `json:"organisation"`
	Needs        []string `json:"needs"`
	Languages    []string `json:"languages"`
	Women        bool     `json:"women"`
	MayServe     bool     `json:"may_serve"`
}

// ticketView is a place in the queue.
type ticketView struct {
	ID        string    `json:"id"`
	Ticket    string    `json:"ticket"`
	Need      string    `json:"need"`
	Language  string    `json:"language"`
	Women     bool      `json:"women"`
	First     bool      `json:"first"`
	State     string    `json:"state"`
	Counter   string    `json:"counter,omitempty"`
	Only      string    `json:"only,omitempty"`
	Calls     int       `json:"calls"`
	ArrivedAt time.Time `json:"arrived_at"`
	Possible  []string  `json:"possible"`
	Wait      *waitView `json:"wait,omitempty"`
	Version   int       `json:"version"`
}

// waitView is how long somebody is likely to wait, and how that was reckoned.
type waitView struct {
	Known    bool   `json:"known"`
	Why      string `json:"why,omitempty"`
	Minutes  int    `json:"minutes"`
	Each     int    `json:"each"`
	Visits   int    `json:"visits"`
	Ahead    int    `json:"ahead"`
	Counters int    `json:"counters"`
}

// queueView is who came today.
type queueView struct {
	Tickets []ticketView `json:"tickets"`
}

func counterOf(k centres.Counter) counterView {
	return counterView{k.ID, k.Number, k.Letter, k.NameBn, k.NameEn, k.Organisation, append([]string{}, k.Needs...), append([]string{}, k.Languages...), k.Women, k.MayServe}
}

func ticketOf(t centres.Ticket) ticketView {
	v := ticketView{t.ID, t.Code(), t.Need, t.Language, t.Women, t.First, string(t.State), t.Counter, t.Only, t.Calls, t.ArrivedAt, []string{}, nil, t.Version}
	for _, a := range t.Possible() {
		v.Possible = append(v.Possible, string(a))
	}
	return v
}

func waitOf(e centres.Estimate) *waitView {
	return &waitView{e.Known, e.Why, e.Minutes, e.Each, e.Visits, e.Ahead, e.Counters}
}

func listCentres(c *op.Call) (op.Answer, error) {
	all, err := centres.List(c.Ctx, c.Q, c.Who)
	if err != nil {
		return op.Answer{}, err
	}
	p := op.Page[centreView]{Items: []centreView{}}
	for _, at := range all {
		v := centreView{Office: at.Office.ID, NameBn: at.Office.NameBn, NameEn: at.Office.NameEn}
		if v.Open, err = at.Open(c.Ctx, c.Q, c.Q.Now()); err != nil {
			return op.Answer{}, err
		}
		counters, err := centres.Counters(c.Ctx, c.Q, c.Who, at.Office.ID)
		if err != nil {
			return op.Answer{}, err
		}
		v.Counters = op.Each(counters, counterOf)
		p.Items = append(p.Items, v)
	}
	return op.Answer{Body: p}, nil
}

func readQueue(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[string](c, "id", "centre.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	all, err := centres.Queue(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return op.Answer{}, err
	}
	waits, err := centres.Waits(c.Ctx, c.Q, c.Who, id)
	v := queueView{Tickets: op.Each(all, ticketOf)}
	for i := range v.Tickets {
		if e, is := waits[v.Tickets[i].ID]; is {
			v.Tickets[i].Wait = waitOf(e)
		}
	}
	return op.Answer{Body: v}, err
}

// newTicket is what is asked of somebody who comes.
type newTicket struct {
	Need     string `json:"need"`
	Language string `json:"language,omitempty"`
	Women    bool   `json:"women,omitzero"`
	First    bool   `json:"first,omitzero"`
	Case     string `json:"case,omitempty"`
}

func drawTicket(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[string](c, "id", "centre.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*newTicket)
	d := centres.Drawing{Operation: c.Key, Office: id, Need: b.Need, Language: b.Language, Women: b.Women, First: b.First, Case: cases.ID(b.Case)}
	if b.Case != "" {
		of, err := cases.Find(c.Ctx, c.Tx, c.Who, d.Case)
		if err != nil {
			return op.Answer{}, err
		}
		d.Person = of.Person
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	t, err := centres.Draw(c.Ctx, c.Tx, c.Who, d)
	if err != nil {
		return op.Answer{}, err
	}
	e, err := centres.Wait(c.Ctx, c.Tx, c.Who, t)
	v := ticketOf(t)
	v.Wait = waitOf(e)
	return op.Answer{Status: c.Op.Answers(), Body: v, Replayed: replayed}, err
}

// ticketAct is one act on a ticket; see possible of the ticket for their names.
type ticketAct struct {
	Version int    `json:"version"`
	Do      string `json:"do"`
	To      string `json:"to,omitempty"`
}

// Check implements op.Checked.
func (b *ticketAct) Check() *fault.Error { return op.Based(b.Version) }

func actOnTicket(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[string](c, "id", "centre.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	row, err := op.PathID[string](c, "row", "centre.ticket_not_found")
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*ticketAct)
	t, err := centres.Do(c.Ctx, c.Tx, c.Who, centres.Acting{Office: id, Ticket: row, Version: b.Version, Act: centres.Act(b.Do), To: b.To})
	return op.Answer{Body: ticketOf(t)}, err
}

// nextCall says whether who sits at the counter was served.
type nextCall struct {
	Finish bool `json:"finish,omitzero"`
}

// calledView is who was called, if anybody waits.
type calledView struct {
	Called bool        `json:"called"`
	Ticket *ticketView `json:"ticket,omitempty"`
}

func callNext(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[string](c, "id", "centre.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	row, err := op.PathID[string](c, "row", "centre.counter_not_found")
	if err != nil {
		return op.Answer{}, err
	}
	t, found, err := centres.Next(c.Ctx, c.Tx, c.Who, centres.Calling{Office: id, Counter: row, Finish: c.Body.(*nextCall).Finish})
	v := calledView{Called: found}
	if found {
		shown := ticketOf(t)
		v.Ticket = &shown
	}
	return op.Answer{Body: v}, err
}
