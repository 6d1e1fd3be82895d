// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/fault"
)

// centreOperations are those of the queue at one-stop centres. No ticket names anybody.
func centreOperations() []operation {
	serves := access.ServeQueue
	return []operation{
		{name: "list_centres", method: http.MethodGet, path: "/centres", need: serves, out: holds[page[centreView]](), do: listCentres},
		{name: "read_queue", method: http.MethodGet, path: "/centres/{id}/queue", need: serves, out: holds[queueView](), do: readQueue},
		{name: "draw_ticket", method: http.MethodPost, path: "/centres/{id}/tickets", need: serves, keyed: true, in: sent[newTicket](), out: holds[ticketView](), status: http.StatusCreated, writes: true, do: drawTicket,
			example: `{"need": "job", "language": "bn", "women": false, "first": true}`},
		{name: "act_on_ticket", method: http.MethodPost, path: "/centres/{id}/tickets/{row}", need: serves, in: sent[ticketAct](), out: holds[ticketView](), writes: true, do: actOnTicket,
			example: `{"version": 2, "do": "begin"}`},
		{name: "call_next", method: http.MethodPost, path: "/centres/{id}/counters/{row}/next", need: serves, in: sent[nextCall](), out: holds[calledView](), writes: true, do: callNext,
			example: `{"finish": true}`},
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

func listCentres(c *call) (answer, error) {
	all, err := centres.List(c.ctx, c.q, c.who)
	if err != nil {
		return answer{}, err
	}
	p := page[centreView]{Items: []centreView{}}
	for _, at := range all {
		v := centreView{Office: at.Office.ID, NameBn: at.Office.NameBn, NameEn: at.Office.NameEn}
		if v.Open, err = at.Open(c.ctx, c.q, c.q.Now()); err != nil {
			return answer{}, err
		}
		counters, err := centres.Counters(c.ctx, c.q, c.who, at.Office.ID)
		if err != nil {
			return answer{}, err
		}
		v.Counters = each(counters, counterOf)
		p.Items = append(p.Items, v)
	}
	return answer{body: p}, nil
}

func readQueue(c *call) (answer, error) {
	id, err := pathID[string](c, "id", "centre.not_found")
	if err != nil {
		return answer{}, err
	}
	all, err := centres.Queue(c.ctx, c.q, c.who, id)
	if err != nil {
		return answer{}, err
	}
	waits, err := centres.Waits(c.ctx, c.q, c.who, id)
	v := queueView{Tickets: each(all, ticketOf)}
	for i := range v.Tickets {
		if e, is := waits[v.Tickets[i].ID]; is {
			v.Tickets[i].Wait = waitOf(e)
		}
	}
	return answer{body: v}, err
}

// newTicket is what is asked of somebody who comes.
type newTicket struct {
	Need     string `json:"need"`
	Language string `json:"language,omitempty"`
	Women    bool   `json:"women,omitzero"`
	First    bool   `json:"first,omitzero"`
	Case     string `json:"case,omitempty"`
}

func drawTicket(c *call) (answer, error) {
	id, err := pathID[string](c, "id", "centre.not_found")
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*newTicket)
	d := centres.Drawing{Operation: c.key, Office: id, Need: b.Need, Language: b.Language, Women: b.Women, First: b.First, Case: cases.ID(b.Case)}
	if b.Case != "" {
		of, err := cases.Find(c.ctx, c.tx, c.who, d.Case)
		if err != nil {
			return answer{}, err
		}
		d.Person = of.Person
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	t, err := centres.Draw(c.ctx, c.tx, c.who, d)
	if err != nil {
		return answer{}, err
	}
	e, err := centres.Wait(c.ctx, c.tx, c.who, t)
	v := ticketOf(t)
	v.Wait = waitOf(e)
	return answer{status: c.op.answers(), body: v, replayed: replayed}, err
}

// ticketAct is one act on a ticket; see possible of the ticket for their names.
type ticketAct struct {
	Version int    `json:"version"`
	Do      string `json:"do"`
	To      string `json:"to,omitempty"`
}

func (b *ticketAct) check() *fault.Error { return based(b.Version) }

func actOnTicket(c *call) (answer, error) {
	id, err := pathID[string](c, "id", "centre.not_found")
	if err != nil {
		return answer{}, err
	}
	row, err := pathID[string](c, "row", "centre.ticket_not_found")
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*ticketAct)
	t, err := centres.Do(c.ctx, c.tx, c.who, centres.Acting{Office: id, Ticket: row, Version: b.Version, Act: centres.Act(b.Do), To: b.To})
	return answer{body: ticketOf(t)}, err
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

func callNext(c *call) (answer, error) {
	id, err := pathID[string](c, "id", "centre.not_found")
	if err != nil {
		return answer{}, err
	}
	row, err := pathID[string](c, "row", "centre.counter_not_found")
	if err != nil {
		return answer{}, err
	}
	t, found, err := centres.Next(c.ctx, c.tx, c.who, centres.Calling{Office: id, Counter: row, Finish: c.body.(*nextCall).Finish})
	v := calledView{Called: found}
	if found {
		shown := ticketOf(t)
		v.Ticket = &shown
	}
	return answer{body: v}, err
}
